"""09.write_shards: files of equal size, documents cut across them."""

import os

import numpy as np

from graders.authoring import exercise, instead

from .part import folder

shards = exercise("write_shards", title="shards", points=2, pure=False)

# lengths of the documents, size of a shard
SETTINGS_HERE = [
    ([4, 7, 3, 4], 6),
    ([5, 0, 25, 1], 8),
    ([3, 3, 6], 6),
    ([2, 1], 10),
    ([], 4),
    ([0, 0], 4),
    ([3, 2], 1),
    ([9], 3),
    ([5, 20], 2),  # more than ten shards
]


@shards.cases
def _(rng):
    for lengths, size in SETTINGS_HERE:
        yield dict(documents=[rng.integers(0, 65_536, n).tolist() for n in lengths], size=size)


@shards.scenario
def _(m, documents, size):
    """A generator of documents that looks into the folder whenever the next one is asked for."""
    there = []
    with folder() as where:

        def stream():
            for ids in documents:
                there.append(len(os.listdir(where)))
                yield np.array(ids, dtype=np.uint16)
            there.append(len(os.listdir(where)))

        paths = m.write_shards(stream(), size, where)
        if not isinstance(paths, (list, tuple)):
            return instead(paths, "a list of paths")
        return {
            "files in the folder": sorted(os.listdir(where)),
            "returned": [os.path.relpath(os.fspath(path), where) for path in paths],
            "shards": [np.load(os.path.join(where, n)) for n in sorted(os.listdir(where))],
            "files there when a document is asked for": there,
        }


@shards.oracle
def _(documents, size):
    flat, there, seen = [i for ids in documents for i in ids], [0], 0
    for ids in documents:
        seen += len(ids)
        there.append(seen // size)
    pieces = [flat[at : at + size] for at in range(0, len(flat), size)]
    names = [f"shard_{i:04d}.npy" for i in range(len(pieces))]
    return {
        "files in the folder": names,
        "returned": names,
        "shards": [np.array(piece, dtype=np.uint16) for piece in pieces],
        "files there when a document is asked for": there,
    }


def small(rng):
    for lengths, size in [([4, 0, 9], 3), ([2], 5), ([], 2)]:
        yield dict(documents=[rng.integers(0, 65_536, n).tolist() for n in lengths], size=size)


@shards.check("a list of documents", cases=small)
def _(m, documents, size):
    """No generator this time; and the documents afterwards."""
    given = [np.array(ids, dtype=np.uint16) for ids in documents]
    with folder() as where:
        m.write_shards(given, size, where)
        found = [np.load(os.path.join(where, n)) for n in sorted(os.listdir(where))]
    return {"shards": found, "the documents afterwards": given}


@shards.oracle("a list of documents")
def _(documents, size):
    flat = np.array([i for ids in documents for i in ids], dtype=np.uint16)
    return {
        "shards": [flat[at : at + size] for at in range(0, len(flat), size)],
        "the documents afterwards": [np.array(ids, dtype=np.uint16) for ids in documents],
    }


shards.hint(
    "Keep one shard in the making, and how much of it is filled. A document fills it, perhaps twice."
)
shards.hint(
    "while len(document): take = min(len(document), shard_size - filled), and save when it is full."
)
shards.hint(
    "After the loop: if filled, save only shard[:filled]. A full last shard is saved already."
)

shards.misconception(
    """The last shard is written in full: behind its tokens stands what the buffer held, and the model
    would learn it. Save shard[:filled].""",
    name="last_in_full",
    replace="save(shard[:filled])",
    by="shard[filled:] = 0\n        save(shard)",
)
shards.misconception(
    """The rest is lost: what does not fill a shard is never written.""",
    name="rest_lost",
    replace="    if filled:\n        save(shard[:filled])\n",
    by="",
)
shards.misconception(
    """There is an empty last shard where the tokens fill the ones before exactly (or where there are no
    tokens).""",
    name="empty_last",
    replace="    if filled:\n        save(shard[:filled])\n",
    by="    save(shard[:filled])\n",
)
shards.misconception(
    """What does not fit into a shard is dropped: the document goes on in the next one.""",
    name="cut_off",
    replace="document, filled = document[take:], filled + take",
    by="document, filled = document[take:] if take + filled < shard_size else (), filled + take",
)
shards.misconception(
    """No document is cut: each one that does not fit begins a new shard. Shards are to be equally long.""",
    name="never_cut",
    source="""
    def write_shards(documents, shard_size, folder):
        rows, row = [], []
        for document in documents:
            if row and len(row) + len(document) > shard_size:
                rows.append(row)
                row = []
            row = row + list(document)
        if row:
            rows.append(row)
        paths = []
        for i, row in enumerate(rows):
            paths.append(os.path.join(folder, f"shard_{i:04d}.npy"))
            np.save(paths[-1], np.array(row, dtype=np.uint16))
        return paths
    """,
)
shards.misconception(
    """All documents are gathered before the first shard is written. Ten billion tokens do not fit into
    memory: write a shard as soon as it is full.""",
    name="all_in_memory",
    replace="for document in documents:",
    by="for document in list(documents):",
)
shards.misconception(
    """A document longer than a shard fills one, and its rest is lost or comes too late: it may take
    several. A `while`, not an `if`.""",
    name="two_at_most",
    replace="while len(document):",
    by="for _ in range(2):",
)
shards.misconception(
    """The shards are numbered from 1: the first is shard_0000.npy.""",
    name="from_one",
    replace="{len(paths):04d}",
    by="{len(paths) + 1:04d}",
)
shards.misconception(
    """Tokens are written as int16: ids from 32,768 on come back negative.""",
    name="int16",
    replace="np.save(paths[-1], tokens)",
    by="np.save(paths[-1], tokens.astype(np.int16))",
)
shards.variant(
    "a list as buffer",
    name="list",
    source="""
    def write_shards(documents, shard_size, folder):
        buffer, paths = [], []
        for document in documents:
            buffer.extend(document.tolist())
            while len(buffer) >= shard_size:
                paths.append(f"{folder}/shard_{len(paths):04d}.npy")
                np.save(paths[-1], np.array(buffer[:shard_size], dtype=np.uint16))
                del buffer[:shard_size]
        if buffer:
            paths.append(f"{folder}/shard_{len(paths):04d}.npy")
            np.save(paths[-1], np.array(buffer, dtype=np.uint16))
        return paths
    """,
)
