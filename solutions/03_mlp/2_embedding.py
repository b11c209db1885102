# %% [markdown]
# # Embeddings, and why a view is free
#
# A character is an index, and indices mean nothing: 5 ("e") is not between 4 ("d") and 6 ("f") in
# any way that matters. So each of the 27 characters gets a row of its own in a table `C`, a few
# numbers that training may move, until characters that behave alike lie close together.
#
#         X (N, 3)           C (27, 2)                   emb (N, 3, 2)
#       0  0  5         0 [ 0.3 -1.1]         [ 0.3 -1.1] [ 0.3 -1.1] [ 2.0  0.4]
#       0  5 13         5 [ 2.0  0.4]    ->   [ 0.3 -1.1] [ 2.0  0.4] [-0.7  0.9]
#                      13 [-0.7  0.9]
#
# The hidden layer wants one row of numbers per example, so the three embeddings are laid end to
# end: (N, 3, 2) becomes (N, 6). There is a way that copies everything, and one that costs nothing.
#
# What will go wrong: a row where a column was meant, `cat` over the wrong dimension, and code
# that works for a context of three only.

# %%
import argparse
import string
import sys
import time

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture

# %% [markdown]
# ## Lookup, the long way
#
# Lesson 02 fed one-hot vectors into a matrix. A one-hot row times C: all rows of C are multiplied
# by zero, but one, and that one comes out. So an embedding is nothing new; it is a linear layer
# whose input happens to be one-hot.
#
# ![One-hot times C: five rows of C are multiplied by 0, and row 3 by 1](pictures/lookup.png)
#
# What will go wrong: `F.one_hot` returns int64, and a product needs two matrices of the same dtype.


# %%
def embed_by_matmul(C, X):
    """One-hot vectors, and their product with C.

    Args:
        C: embeddings, float (vocab_size, n_embd), float32 or float64.
        X: character indices, int64 (N, block_size).

    Returns:
        (xenc, emb): xenc (N, block_size, vocab_size), the one-hot vectors in the dtype of C;
        emb = xenc @ C, (N, block_size, n_embd): a product, in which every row of C takes part (by 0 * inf,
        which is NaN, one that holds inf spoils them all).

    Example:
        >>> C = torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
        >>> xenc, emb = embed_by_matmul(C, torch.tensor([[2, 0]]))
        >>> xenc
        tensor([[[0., 0., 1.],
                 [1., 0., 0.]]])
        >>> emb
        tensor([[[4., 5.],
                 [0., 1.]]])

    Source: lecture "MLP", implementing the embedding lookup table.
    """
    ### BEGIN SOLUTION
    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)  # (N, block_size, vocab_size)
    return xenc, xenc @ C
    ### END SOLUTION


# %% [markdown]
# ## Lookup, the short way
#
# Multiplying by zeros is a waste. torch can index with a tensor of any shape: `C[X]` holds, in the
# place of each index, the row of C with that index. The gradient comes out the same, too: a row
# that was looked up four times gets four gradients, added.


# %%
def embed(C, X):
    """The row of C for each index in X; what embed_by_matmul gives, without the product.

    Args:
        C: embeddings, float (vocab_size, n_embd); gradients must reach it. Rows that X does not name have no
            influence, even if there is inf or NaN in them (0 * inf, in the product, is NaN).
        X: character indices, int64, of any shape: (N, block_size), (N,), ...

    Returns:
        emb, shape of X plus (n_embd,): (N, block_size, n_embd) for X (N, block_size).

    Example:
        >>> C = torch.tensor([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
        >>> embed(C, torch.tensor([[2, 0], [1, 1]])).shape
        torch.Size([2, 2, 2])

    Source: lecture "MLP", implementing the embedding lookup table.
    """
    ### BEGIN SOLUTION
    return C[X]
    ### END SOLUTION


# %% [markdown]
# ## End to end, with cat
#
# `torch.unbind(emb, 1)` takes a tensor apart along dimension 1: a tuple with one (N, n_embd) for
# each place in the context. `torch.cat(pieces, 1)` lays them side by side again. It works for any
# block_size, and copies every number.
#
#       (N, 3, 2)  --unbind-->  (N, 2) (N, 2) (N, 2)  --cat-->  (N, 6)


# %%
def concat_by_cat(emb):
    """The embeddings of each context end to end, by torch.unbind and torch.cat.

    It is cat that lays them side by side here, no view and no reshape: these have their turn below.

    Args:
        emb: (N, block_size, n_embd), of any dtype, block_size >= 1; it need not be contiguous.

    Returns:
        (N, block_size * n_embd), dtype of emb: in each row the first character's numbers, then the
        second's, and so on.

    Example:
        >>> concat_by_cat(torch.tensor([[[1, 2], [3, 4], [5, 6]]]))
        tensor([[1, 2, 3, 4, 5, 6]])

    Source: lecture "MLP", implementing the hidden layer.
    """
    ### BEGIN SOLUTION
    return torch.cat(torch.unbind(emb, 1), 1)
    ### END SOLUTION


# %% [markdown]
# ## What a tensor is made of
#
# Memory has one dimension. Behind every tensor lies a *storage*, one long row of numbers, and the
# tensor itself is only a way of reading it: a shape, an offset (where the first element lies),
# and for each dimension a *stride*, how far to jump in the storage for one step along it.
#
#       storage   0 1 2 3 4 5 6 7 8 9 10 11
#
#       shape (2, 3, 2), strides (6, 2, 1)    element [i, j, k] lies at 6 i + 2 j + k
#       shape (2, 6),    strides (6, 1)       element [i, m]    lies at 6 i + m
#
# The last dimension runs fastest: a fresh tensor ("contiguous") has the stride 1 there, and each
# other stride is the product of all sizes to its right.


# %%
def contiguous_strides(shape):
    """The strides of a fresh, contiguous tensor of this shape.

    Args:
        shape: a tuple of ints >= 1, of any length >= 1.

    Returns:
        A tuple of ints, one for each dimension: how many elements of the storage to jump
        for one step along it.

    Example:
        >>> contiguous_strides((2, 3, 2))
        (6, 2, 1)
    """
    ### BEGIN SOLUTION
    strides, jump = [], 1
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)
    ### END SOLUTION


# %% [markdown]
# A transpose moves nothing either: it swaps two strides. Slices change the offset. Every read
# is the same small sum.


# %%
def read_element(storage, offset, strides, index):
    """The element of a tensor at an index, read from its storage.

    Args:
        storage: a list of numbers, all that lies in memory.
        offset: where in the storage the tensor's first element lies, an int.
        strides: a tuple of ints, one for each dimension; any order, 0 is possible.
        index: a tuple of ints >= 0, of the same length.

    Returns:
        One number of the storage.

    Example:
        >>> storage = [10, 11, 12, 13, 14, 15]        # a (2, 3) tensor, row by row
        >>> read_element(storage, 0, (3, 1), (1, 2))
        15
        >>> read_element(storage, 0, (1, 3), (2, 1))  # its transpose
        15
        >>> read_element(storage, 3, (1,), (1,))      # its second row
        14
    """
    ### BEGIN SOLUTION
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]
    ### END SOLUTION


# %% [markdown]
# ## End to end, for free
#
# Compare the two lines of strides above: [i, j, k] of the first and [i, 2 j + k] of the second lie
# at the same place. The embeddings of one context already lie end to end in memory! So `view` has
# nothing to do but write down another shape. No number is copied, however large N is.
#
# What will go wrong: a number like 32 or 6 instead of the sizes of `emb`. One size may be -1:
# torch computes it from the others.


# %%
def concat_by_view(emb):
    """The embeddings of each context end to end, sharing memory with emb.

    Args:
        emb: (N, block_size, n_embd), of any dtype, contiguous, all three sizes >= 1.

    Returns:
        (N, block_size * n_embd), equal to concat_by_cat(emb), in the same storage as
        emb: nothing is copied.

    Example:
        >>> emb = torch.tensor([[[1, 2], [3, 4], [5, 6]]])
        >>> concat_by_view(emb)
        tensor([[1, 2, 3, 4, 5, 6]])
        >>> concat_by_view(emb).data_ptr() == emb.data_ptr()
        True

    Source: lecture "MLP", storage and views; ezyang's blog, "PyTorch internals".
    """
    ### BEGIN SOLUTION
    return emb.view(emb.shape[0], -1)
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# The two lookups agree and one is much faster; so with the two ways to lay end to end. The picture
# shows one storage under two shapes: each cell says where in memory it lies.


# %%
def plot_views(emb, embcat, path):
    """Two grids: emb with one block per context, embcat with one row; cells say where they lie."""
    from matplotlib.figure import Figure

    N, block_size, n_embd = emb.shape
    figure = Figure(figsize=(8, 2.9), layout="constrained")
    axes = figure.subplots(1, N + 1, width_ratios=[*[n_embd] * N, block_size * n_embd])
    for i in range(N):
        axes[i].set_title(f"emb[{i}]  {tuple(emb[i].shape)}", fontsize=9)
        axes[i].set_xlabel("k")
        draw(axes[i], emb[i], emb.numel())
    axes[0].set_ylabel("j")
    axes[N].set_title(f"embcat  {tuple(embcat.shape)}: the same storage", fontsize=9)
    axes[N].set(xlabel="m = 2 j + k", ylabel="i")
    draw(axes[N], embcat, emb.numel())
    figure.savefig(path, dpi=110)


def draw(axes, table, largest):
    """One grid of numbers on shades."""
    axes.imshow(table, cmap="YlGnBu", vmin=0, vmax=1.6 * largest)
    axes.set_xticks([])
    axes.set_yticks([])
    for i, row in enumerate(table.tolist()):
        for j, number in enumerate(row):
            axes.text(j, i, int(number), ha="center", va="center", fontsize=9)


def contexts(names):
    """All contexts of three characters that the names give, int64 (N, 3)."""
    rows = []
    for name in names:
        ids = [0, 0, 0] + [ord(c) - 96 for c in name]
        rows += [ids[i : i + 3] for i in range(len(name) + 1)]
    return torch.tensor(rows)


def seconds(function, *arguments, times=20):
    """The shortest of some runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        function(*arguments)
        found.append(time.perf_counter() - start)
    return min(found)


def main():
    parser = argparse.ArgumentParser(description="Lookups, storage and views.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--n", type=int, default=5_000, help="how many contexts")
    parser.add_argument("--full", action="store_true", help="the contexts of all names")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.n < 1:
        parser.error("--n: at least 1")

    C = torch.randn(27, 10, generator=torch.Generator().manual_seed(2147483647))
    names = load_names(args.data)
    if not set("".join(names)) <= set(string.ascii_lowercase) or len(names) < 10:
        parser.error("--data: at least 10 names, of the letters a to z only")
    X = contexts(names)
    X = X if args.full else X[: args.n]
    emb = embed(C, X)
    same = torch.equal(embed_by_matmul(C, X)[1], emb)
    print(f"{len(X):,} contexts; one-hot @ C is C[X]: {'yes' if same else 'NO'}")
    same = torch.equal(concat_by_cat(emb), concat_by_view(emb))
    print(f"cat and view agree: {'yes' if same else 'NO'}\n")
    for label, function, arguments in (
        ("one-hot @ C", embed_by_matmul, (C, X)),
        ("C[X]", embed, (C, X)),
        ("unbind and cat", concat_by_cat, (emb,)),
        ("view", concat_by_view, (emb,)),
    ):
        print(f"{label:<15} {1e6 * seconds(function, *arguments):>12,.1f} microseconds")

    cells = torch.arange(2 * 3 * 2).view(2, 3, 2)
    print(f"\nshape {tuple(cells.shape)}: strides {contiguous_strides(tuple(cells.shape))}")
    where = [2 * [0] for _ in range(3)]
    for j in range(3):
        for k in range(2):
            place = read_element(list(range(12)), 0, contiguous_strides((2, 3, 2)), (1, j, k))
            where[j][k] = place
    print(f"context 1 lies at {where}: one stretch of memory, already end to end")
    path = picture("03_mlp/views.png")
    plot_views(cells, concat_by_view(cells), path)
    print(f"{path}: two shapes, one storage.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: this part runs when all six are there.")
    except DataError as error:
        sys.exit(str(error))
