# %% [markdown]
# # Ten billion tokens, read in order
#
# Shakespeare fits into memory. FineWeb-Edu's sample, on which the lecture trains, has ten billion tokens:
# the text is encoded *once*, and written to disk as **shards**, files of equal size. While training, one
# shard is in memory at a time.
#
#     documents     |EOT a a a|EOT b b b b b b|EOT c c|EOT d d d|
#     shards of 6   [EOT a a a EOT b] [b b b b b EOT] [c c EOT d d d]
#
# Three decisions, all of them simple:
#
# - **`<|endoftext|>` stands before each document.** It tells the model: forget what was before, something new
#   begins. So when it is to write, one begins with that token, and it knows what to do.
# - **uint16.** GPT-2 has 50,257 tokens; the largest number in 16 bits is 65,535. Half the disk of int32. But
#   torch cannot index with uint16: on the way into the model the numbers become int64.
# - **Documents are cut** where a shard is full. Nothing is padded, nothing is lost.
#
# What will go wrong: a tokenizer with 100,000 tokens, whose ids silently wrap around to 16 bits (65,536
# becomes 0); a last shard that is full of zeros; EOT behind each document instead of before it.

# %%
import os

import numpy as np
import torch

# %% [markdown]
# ## One document


# %%
def document_tokens(text, encode, eot):
    """The tokens of one document, ready for a shard.

    Args:
        text: a str, maybe empty.
        encode: a callable, str -> list of ints.
        eot: the id of <|endoftext|>, an int.

    Returns:
        np.uint16 (1 + number of tokens,): eot, then the tokens of the text.

    Raises:
        ValueError: if an id does not fit into 16 bits, that is, is not in 0..65535 (eot too).

    Example:
        >>> document_tokens("abc", lambda text: [ord(c) for c in text], 50256).tolist()
        [50256, 97, 98, 99]

    Source: lecture "Let's reproduce GPT-2 (124M)", chapter on FineWeb.
    """
    ### BEGIN SOLUTION
    ids = [eot, *encode(text)]  # Python's ints: even int64 would be too small for some
    if min(ids) < 0 or max(ids) > 65_535:
        raise ValueError(f"token ids from {min(ids)} to {max(ids)} do not fit into 16 bits")
    return np.array(ids, dtype=np.uint16)
    ### END SOLUTION


# %% [markdown]
# ## Shards
#
# The documents come one after the other from a generator, since all of them together do not fit into memory.
# So a shard is written as soon as it is full, before the next document is asked for.


# %%
def write_shards(documents, shard_size, folder):
    """Writes documents, one behind the other, to files of equal size.

    Args:
        documents: an iterable (maybe a generator) of np.uint16 arrays (n,) of any lengths, maybe 0. One may
            be longer than several shards. They are different arrays, and stay as they are.
        shard_size: tokens per shard, an int >= 1.
        folder: a folder that exists, a str.

    Returns:
        The paths of the shards in order, a list of str: shard_0000.npy, shard_0001.npy, ... in the folder,
        each written by np.save. All hold exactly shard_size tokens, np.uint16 (shard_size,), but the last,
        which holds what is left and is never empty. No tokens, no shards.

    A shard is written as soon as it is full, before another document is asked for.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     paths = write_shards([np.array([1, 2, 3, 4], dtype=np.uint16)], 3, folder)
        ...     [np.load(path).tolist() for path in paths]
        [[1, 2, 3], [4]]
    """
    ### BEGIN SOLUTION
    paths, shard, filled = [], np.empty(shard_size, dtype=np.uint16), 0

    def save(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], tokens)

    for document in documents:
        while len(document):
            take = min(len(document), shard_size - filled)
            shard[filled : filled + take] = document[:take]
            document, filled = document[take:], filled + take
            if filled == shard_size:
                save(shard)
                filled = 0
    if filled:
        save(shard[:filled])
    return paths
    ### END SOLUTION


# %%
def load_tokens(path):
    """One shard, ready to be used as an index.

    Args:
        path: a .npy file with np.uint16 (n,), a str.

    Returns:
        int64 (n,), a tensor. Ids of 32,768 and more are what they were.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     load_tokens(write_shards([np.array([7, 50256], dtype=np.uint16)], 9, folder)[0])
        tensor([    7, 50256])
    """
    ### BEGIN SOLUTION
    return torch.from_numpy(np.load(path).astype(np.int64))
    ### END SOLUTION


# %% [markdown]
# ## Batches, for several processes at once
#
# Eight GPUs are eight processes, each with the same program. Each must see *other* tokens. So one **step**
# reads world · B · T tokens in a row, and process number `rank` takes the piece of B · T that is its own:
#
#     position                                     position + world·B·T
#        |  rank 0: B·T  |  rank 1: B·T  |  rank 2: B·T  |
#        x = 0 1 2 3 4 5  6 7 8 9 10 11  12 13 14 15 16 17
#        y = 1 2 3 4 5 6  7 8 9 10 11 12 13 14 15 16 17 18  <- one token more than the step is long
#
# `position` is where the *step* begins. It is the same number in all processes, so all go on to the next
# shard at the same time, and one of them can save it for all. (If each has a position of its own and looks
# whether *it* still has enough, the last rank changes shards one step before the others.)
#
# Before each batch: while the rest of the shard is too short for a **whole step and the one token more**,
# that is, while position + world·B·T + 1 > number of tokens, go on to the beginning of the next shard; after
# the last comes the first. A shard that is too short altogether is passed over this way. With 13 tokens, B·T
# = 4 and world 3: 0 + 12 + 1 ≤ 13, one step fits exactly.


# %%
class ShardLoader:
    """Batches from shards, in order, round and round.

    Attributes: B, T, rank, world; paths; shard (the number of the current one), tokens (its content,
    int64), position (where the next step begins in it).
    """

    def __init__(self, paths, B, T, rank=0, world=1):
        lengths = [np.load(path, mmap_mode="r").shape[0] for path in paths]
        if max(lengths, default=0) < B * T * world + 1:
            raise ValueError(f"no shard has {B * T * world + 1} tokens, which one step takes")
        self.paths, self.B, self.T, self.rank, self.world = list(paths), B, T, rank, world
        self.open(0)

    def open(self, shard, position=0):
        """Makes a shard the current one."""
        self.shard, self.position = shard, position
        self.tokens = load_tokens(self.paths[shard])

    def next_batch(self):
        """The next batch of this process.

        First, while position + world * B * T + 1 is more than there are tokens in the shard: goes on to the
        beginning of the next one (self.open), after the last to the first. Then reads this rank's
        piece. At last moves position on by world * B * T; whether that is the end is looked at by the next
        call.

        Returns:
            (x, y), int64 (B, T) each: the tokens from position + rank * B * T on, row after row, and to each
            the token that follows it.

        Example:
            >>> import tempfile
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     paths = write_shards([np.arange(13, dtype=np.uint16)], 13, folder)
            ...     ShardLoader(paths, B=2, T=2, rank=1, world=3).next_batch()
            (tensor([[4, 5],
                    [6, 7]]), tensor([[5, 6],
                    [7, 8]]))
        """
        ### BEGIN SOLUTION
        one = self.B * self.T
        step = self.world * one
        while self.position + step + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        start = self.position + self.rank * one
        piece = self.tokens[start : start + one + 1]
        self.position += step
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)
        ### END SOLUTION

    def reset(self):
        """Back to the beginning of the first shard, for an evaluation that is to see the same each time.

        Example:
            loader.reset(); loader.next_batch()    # the very first batch again
        """
        ### BEGIN SOLUTION
        self.open(0)
        ### END SOLUTION

    # A run of days is interrupted some day. Who goes on from a checkpoint must not begin at the first shard
    # again: the model would see those tokens twice, and never the last ones.

    def state_dict(self):
        """Where the loader is, to be saved with a checkpoint.

        Returns:
            {"shard": number of the current shard, "position": where the next step begins in it}, ints. The
            same in all ranks; a later next_batch does not change it.
        """
        ### BEGIN SOLUTION
        return {"shard": self.shard, "position": self.position}
        ### END SOLUTION

    def load_state_dict(self, state):
        """Goes to where a loader was when it gave this state: the same shard, the same place in it.

        With the same B, T, rank and world the next batches are those that came there.

        Args:
            state: what state_dict of a loader of the same shards gave, perhaps one with another B, T or
                world, or another rank; stays as it is.
        """
        ### BEGIN SOLUTION
        self.open(state["shard"], state["position"])
        ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Speeches of Shakespeare as documents, GPT-2's tokens, shards of 50,000; then three processes (played by
# three loaders) read the first of them. The picture shows who reads what: no gap and no overlap, but for a
# rest at the end of the shard that is too short for a whole step.


# %%
def plot_ranks(reads, length, path):
    """A row for each step, a bar for each rank."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.subplots()
    for rank, rows in enumerate(reads):
        steps, starts, widths = zip(*rows, strict=True)
        axes.barh(steps, widths, left=starts, height=0.9, label=f"rank {rank}")
    axes.axvline(length, color="black", linewidth=1)
    axes.set(xlabel="place in the shard (the line is its end)", ylabel="step")
    axes.set_title("Who reads which tokens of the first shard")
    axes.invert_yaxis()
    axes.legend(loc="lower left")
    figure.savefig(path, dpi=80)


def main():
    import argparse
    import sys
    import tempfile

    from data import gpt2_encoding, load_shakespeare, picture

    parser = argparse.ArgumentParser(description="Write shards of Shakespeare, and read them.")
    parser.add_argument("--world", type=int, default=3, help="number of processes")
    world = parser.parse_args([] if "ipykernel" in sys.modules else None).world
    if not 1 <= world <= 8:
        parser.error("--world must be from 1 to 8")
    encoding = gpt2_encoding()
    speeches = load_shakespeare().split("\n\n")
    B, T, size = 4, 512, 50_000
    with tempfile.TemporaryDirectory() as folder:
        documents = (
            document_tokens(speech, encoding.encode_ordinary, encoding.eot_token)
            for speech in speeches
        )
        paths = write_shards(documents, size, folder)
        lengths = [len(np.load(path)) for path in paths]
        print(f"{len(speeches):,} documents, {sum(lengths):,} tokens; shards of {lengths}")
        loaders = [ShardLoader(paths, B, T, rank, world) for rank in range(world)]
        print("the first tokens:", repr(encoding.decode(loaders[0].tokens[:24].tolist())))
        reads, step = [[] for _ in loaders], 0
        while True:
            for loader, rows in zip(loaders, reads, strict=True):
                x, y = loader.next_batch()
                begin = loader.position - B * T * (world - loader.rank)
                rows.append((step, begin, x.numel()))
            if loaders[0].shard:
                break
            step += 1
        print(f"{step} steps of {world} x {B} x {T} tokens fit into the first shard")
        path = picture("09_gpt2/ranks.png")
        plot_ranks([rows[:-1] for rows in reads], size, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
