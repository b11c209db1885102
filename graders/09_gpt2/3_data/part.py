"""Folders, shards and a loader that is played with plain lists: what the exercises on data share."""

import io
import os
import tempfile

import numpy as np
import torch

from graders.authoring import instead


def folder():
    """A folder that is gone after the `with` block, where a confined process may write."""
    return tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR"))


def written(shards, where):
    """Shards given as lists, as files; their paths."""
    paths = []
    for i, tokens in enumerate(shards):
        paths.append(os.path.join(where, f"given_{i}.npy"))
        np.save(paths[-1], np.array(tokens, dtype=np.uint16))
    return paths


def as_npy(tokens):
    """The bytes of a shard's file."""
    file = io.BytesIO()
    np.save(file, np.array(tokens, dtype=np.uint16))
    return file.getvalue()


def batch(out):
    """(x, y) as plain data."""
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        return instead(out, "a pair (x, y)")
    return list(out)


def played(shards, B, T, rank, world, count, shard=0, position=0):
    """`count` batches of a loader, and where it is after each, with lists only."""
    told, one = [], B * T
    for _ in range(count):
        while len(shards[shard]) - position < world * one + 1:
            shard, position = (shard + 1) % len(shards), 0
        rows = [shards[shard][position + rank * one + b * T :][: T + 1] for b in range(B)]
        x, y = torch.tensor([r[:-1] for r in rows]), torch.tensor([r[1:] for r in rows])
        position += world * one
        told.append({"batch": [x, y], "state": {"shard": shard, "position": position}})
    return told


# B, T, world, tokens in each shard, batches: the second fits exactly, and the third lacks one token for
# a second step; there are shards too short for any, the first and the last among them
SETTINGS = [
    (2, 3, 2, [40, 25, 24, 13], 12),
    (1, 4, 3, [12, 25, 37, 5], 9),
    (3, 2, 1, [19], 8),
    (2, 1, 4, [9, 17, 16, 8], 9),
    (3, 4, 1, [61, 30], 8),
]


def lists(rng, lengths):
    """Tokens for shards of these lengths; some need all 16 bits."""
    return [rng.integers(0, 65_536, n).tolist() for n in lengths]
