"""What both ends of the wire agree upon: its limits, its types, and what cannot travel."""

from __future__ import annotations

import re
from dataclasses import dataclass

import torch

from graders.ground.limits import MAX_NODES, MAX_STRUCTURE

MAGIC = b"HW1"
MAX_DEPTH = 60
MAX_INT_BITS = 8192
SAFE = 2**53  # a whole number below it is the same in every JSON
NODE_BYTES = MAX_STRUCTURE // MAX_NODES
TENSOR_NODES = 10  # a tensor takes as long to make, and to look at, as ten numbers
NAMELESS = "nameless thing"
MAX_EQUAL_HASHES = 32  # members of one set or dict that only look alike to a hash table

DTYPES: dict[str, tuple[torch.dtype, int]] = {
    "float64": (torch.float64, 8),
    "float32": (torch.float32, 4),
    "float16": (torch.float16, 2),
    "bfloat16": (torch.bfloat16, 2),
    "int64": (torch.int64, 8),
    "int32": (torch.int32, 4),
    "int16": (torch.int16, 2),
    "int8": (torch.int8, 1),
    "uint8": (torch.uint8, 1),
    "uint16": (torch.uint16, 2),
    "bool": (torch.bool, 1),
    "complex64": (torch.complex64, 8),
    "complex128": (torch.complex128, 16),
}
DTYPE_NAMES = {dtype: name for name, (dtype, _) in DTYPES.items()}
ARRAY_KINDS = "biufc"
ARRAY_DTYPE = re.compile(r"[<>|=]?[biufc]\d{1,2}")
PYTORCH_DTYPES = {str(d): d for d in vars(torch).values() if isinstance(d, torch.dtype)}


class WireError(Exception):
    """The bytes are not a message, or the value is too large to send."""


@dataclass(frozen=True, eq=False)
class Unsupported:
    """Stands for a value that is not plain data; only the name of its type travels."""

    type_name: str
