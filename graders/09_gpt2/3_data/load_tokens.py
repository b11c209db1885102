"""09.load_tokens: from 16 bits on disk to an index."""

import os

import torch

from graders.authoring import exercise, instead

from .part import as_npy, folder, lists

load = exercise("load_tokens", title="16 bits on disk, 64 in use", points=1, pure=False)


@load.cases
def _(rng):
    # the scenario writes bytes, and does not know which numbers they are
    for n in (1, 7, 30):
        tokens = lists(rng, [n])[0]
        yield dict(tokens=tokens, file=as_npy(tokens))
    tokens = [0, 32_767, 32_768, 50_256, 65_535]
    yield dict(tokens=tokens, file=as_npy(tokens))


@load.scenario
def _(m, file):
    with folder() as where:
        path = os.path.join(where, "shard.npy")
        with open(path, "wb") as stream:
            stream.write(file)
        out = m.load_tokens(path)
        if not isinstance(out, torch.Tensor):
            return instead(out, "a tensor")
        told = {"tokens": out.clone()}
        table = torch.arange(2**16)
        told["as an index"] = table[out] if out.dtype == torch.int64 else "not int64"
        return told


@load.oracle
def _(tokens, file):
    return {"tokens": torch.tensor(tokens), "as an index": torch.tensor(tokens)}


load.hint("numpy reads it; numpy also changes the type; torch takes it over.")
load.hint("torch.from_numpy(np.load(path).astype(np.int64))")

load.misconception(
    """The tensor is still uint16, with which torch can neither index nor compute much: .astype(np.int64)
    first.""",
    name="uint16",
    replace=".astype(np.int64)",
    by="",
)
load.misconception(
    """Ids from 32,768 on are negative: the 16 bits were read as if they had a sign.""",
    name="signed",
    replace=".astype(np.int64)",
    by=".astype(np.int16).astype(np.int64)",
)
load.misconception(
    """The tensor is int32: half as large, but the type of an index in torch is int64.""",
    name="int32",
    replace="np.int64",
    by="np.int32",
)
load.misconception(
    """These are floats, which cannot be an index (torch.Tensor(...) makes them): int64 is asked for.""",
    name="float",
    replace="np.int64",
    by="np.float32",
)
load.variant(
    "through torch's own types",
    name="torch",
    replace="torch.from_numpy(np.load(path).astype(np.int64))",
    by="torch.tensor(np.load(path).tolist())",
)
load.variant(
    "long()",
    name="long",
    replace="torch.from_numpy(np.load(path).astype(np.int64))",
    by="torch.tensor(np.load(path).astype(np.int32)).long()",
)
