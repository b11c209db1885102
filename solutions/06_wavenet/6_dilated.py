# %% [markdown]
# # Causal dilated convolutions: the tree at every position at once
#
# The tree looks at eight characters and predicts the ninth. For the name "emilia" that makes seven
# predictions, so seven windows, seven trees:
#
#     window 1   . . . . . . . .   -> e
#     window 2   . . . . . . . e   -> m
#     window 3   . . . . . . e m   -> i           neighbors share 7 of their 8 characters
#     ...
#
# Look at what the trees compute. The window that ends at position t merges t - 1 with t, t - 3 with
# t - 2, and so on. The window that ends at t + 2 merges t + 1 with t + 2, and then t - 1 with t,
# once more: three of its four pairs have been there before. Compute each merged pair once and keep
# it, and the tree becomes a *convolution*: the same small function slid along the whole name.
#
#     level 3   dilation 4    o   o   o   o   o   o   o   o   o   o      o_t from t - 4 and t
#     level 2   dilation 2    o   o   o   o   o   o   o   o   o   o      o_t from t - 2 and t
#     level 1   dilation 1    o   o   o   o   o   o   o   o   o   o      o_t from t - 1 and t
#     characters              .   .   .   .   .   .   .   e   m   i
#
# *Dilated*: at the second level the neighbor of a pair is the pair two places back, not one.
# *Causal*: only back, never forward. Same weights, same outputs, and, on a long sequence, less work.
# This is WaveNet.
#
# What will go wrong: one place too far, and the network reads the answer it should guess. Its loss
# becomes wonderful, its samples nonsense. Or the dilation is 1, 2, 3 instead of 1, 2, 4. So
# everything here is held against the tree, number by number.

# %%
import argparse
import itertools
import random
import sys
import time

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The tree, given
#
# Stripped to what matters here: each level is a pair (W, b), and a node is
# `tanh([left, right] @ W + b)`. (A trained BatchNorm in eval mode is a multiplication and an
# addition, so it can be folded into W and b, as you did in lesson 04. That is why it is not needed
# here.)


# %%
def tree(x, levels):
    """The hierarchical model on one window: (B, 2**L, C) -> (B, width of the last level).

    levels is a list of L pairs (W, b): W float (2 * C_in, C_out), b float (C_out,).
    """
    for W, b in levels:
        pairs = torch.cat([x[:, 0::2], x[:, 1::2]], dim=-1)  # (B, T // 2, 2 * C_in)
        x = torch.tanh(pairs @ W + b)  # (B, T // 2, C_out)
    return x[:, 0]


# %% [markdown]
# ## All windows
#
# First the honest way, as a yardstick: cut out every window. From T positions come T - size + 1.
#
#     a b c d e, size 3   ->   a b c,  b c d,  c d e


# %%
def windows(x, size):
    """All windows of `size` consecutive positions, from first to last.

    Args:
        x: float (B, T, C).
        size: length of a window, 1 <= size <= T.

    Returns:
        float (B, T - size + 1, size, C): at [b, i] stands x[b, i : i + size].

    Example:
        >>> windows(torch.tensor([[[1], [2], [3], [4]]]), 3).squeeze(-1)
        tensor([[[1, 2, 3],
                 [2, 3, 4]]])
    """
    ### BEGIN SOLUTION
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)
    ### END SOLUTION


# %% [markdown]
# ## The tree everywhere
#
# And the tree on each of them. The tree does not care whether its B examples are different names or
# different windows of one name: windows are just more examples.


# %%
def tree_everywhere(x, levels):
    """The tree applied to every window of 2**L positions, where L = len(levels).

    Args:
        x: float (B, T, C), B >= 1, T >= 2**L.
        levels: list of L >= 1 pairs (W, b), as in `tree`.

    Returns:
        float (B, T - 2**L + 1, C_out), C_out being the width of the last level: at [b, i] stands
        what `tree` returns for x[b, i : i + 2**L].

    Example:
        >>> levels = [(torch.ones(2, 1), torch.zeros(1))]
        >>> tree_everywhere(torch.tensor([[[0.1], [0.2], [0.3]]]), levels)
        tensor([[[0.2913],
                 [0.4621]]])
    """
    ### BEGIN SOLUTION
    cut = windows(x, 2 ** len(levels))  # (B, N, size, C)
    B, N, size, C = cut.shape
    return tree(cut.reshape(B * N, size, C), levels).view(B, N, -1)
    ### END SOLUTION


# %% [markdown]
# ## One causal dilated convolution
#
# Now the other way. Slide one node along the whole sequence: at every position t it sees x at t and
# x at t - dilation, further back in time. The first positions have nobody there: zeros stand in, so
# that as many positions come out as went in.
#
#     dilation 2:    x       x0  x1  x2  x3  x4
#                    left     0   0  x0  x1  x2       the sequence, moved to the right
#                    right   x0  x1  x2  x3  x4
#                    out_t = [left_t, right_t] @ W + b


# %%
def dilated_conv(x, W, b, dilation):
    """A causal convolution with two taps, `dilation` positions apart. No nonlinearity.

    out[:, t] = concatenation of x[:, t - dilation] and x[:, t], in this order, times W, plus b.
    Where t - dilation < 0, zeros stand for x[:, t - dilation].

    Args:
        x: float (B, T, C_in).
        W: float (2 * C_in, C_out); its first C_in rows belong to the earlier position.
        b: float (C_out,).
        dilation: how far back the earlier position is, an int >= 1; it may be T or more.

    Returns:
        float (B, T, C_out).

    Example:
        >>> x = torch.tensor([[[1.0], [2.0], [3.0], [4.0]]])
        >>> dilated_conv(x, torch.tensor([[10.0], [1.0]]), torch.zeros(1), dilation=2).flatten()
        tensor([ 1.,  2., 13., 24.])

    Source: van den Oord et al. 2016, "WaveNet", section 2.1 and figure 3; lecture "WaveNet", from 47:44.
    """
    ### BEGIN SOLUTION
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]  # (B, T, C_in)
    return torch.cat([left, x], dim=-1) @ W + b
    ### END SOLUTION


# %% [markdown]
# ## The stack
#
# A pair at level 2 merges two pairs of level 1 that do not overlap: they lie 2 apart. At level 3
# the groups of four lie 4 apart. So the dilation doubles: 1, 2, 4, ... From position 7 on (with
# three levels) each output is what the tree says for the window that ends there. Before
# that the window would begin before the sequence does.


# %%
def wavenet(x, levels):
    """The levels of the tree as dilated convolutions, each followed by tanh.

    Args:
        x: float (B, T, C).
        levels: list of L >= 1 pairs (W, b), as in `tree`; the first has dilation 1, and each
            further level twice that of the one before.

    Returns:
        float (B, T, C_out). From position 2**L - 1 on it equals tree_everywhere(x, levels).

    Example:
        >>> levels = [(torch.ones(2, 1), torch.zeros(1))]
        >>> wavenet(torch.tensor([[[0.1], [0.2], [0.3]]]), levels)
        tensor([[[0.0997],
                 [0.2913],
                 [0.4621]]])

    Source: van den Oord et al. 2016, figure 3.
    """
    ### BEGIN SOLUTION
    dilation = 1
    for W, b in levels:
        x = torch.tanh(dilated_conv(x, W, b, dilation))
        dilation *= 2
    return x
    ### END SOLUTION


# %% [markdown]
# ## How far back does it see?
#
# One layer with dilation d sees d positions further back than what it is fed with. The paper takes
# 1, 2, 4, ..., 512 and then begins again with 1. Done three times, that is thirty layers that see
# 3,070 samples of sound: a fifth of a second, at 16,000 samples a second.


# %%
def receptive_field(dilations):
    """How many positions an output depends on, itself included.

    Args:
        dilations: the dilations of a stack of convolutions with two taps each, a list of ints.

    Returns:
        An int; 1 for an empty list.

    Example:
        >>> receptive_field([1, 2, 4])
        8
    """
    ### BEGIN SOLUTION
    return 1 + sum(dilations)
    ### END SOLUTION


# %% [markdown]
# ## How much less work?
#
# Count nodes, one matrix product each. A tree over 2**L characters has 2**(L-1) + ... + 2 + 1 of
# them, for every window. The convolution has one per level and position. For sound, where L = 10,
# that is 1,023 against 10. A short sequence has few windows, so there the trees are cheaper: with
# three levels, up to 12 positions.


# %%
def count_nodes(T, L):
    """Nodes that are computed by tree_everywhere and by wavenet.

    Args:
        T: length of the sequence, T >= 2**L.
        L: number of levels, L >= 1.

    Returns:
        A tuple of two ints: the nodes of all trees (one tree for each window of 2**L
        positions), and the nodes of the convolutions (every level at all T positions).

    Example:
        >>> count_nodes(T=15, L=3)
        (56, 45)
        >>> count_nodes(T=16_000, L=10)
        (15321471, 160000)
    """
    ### BEGIN SOLUTION
    return (T - 2**L + 1) * (2**L - 1), T * L
    ### END SOLUTION


# %% [markdown]
# ## It is an ordinary convolution
#
# `torch.nn.Conv1d` does the same, fast, on a GPU if there is one. It only keeps its weights in
# another order: (C_out, C_in, taps), the earliest tap first, and its input as (B, C, T).


# %%
def conv1d_weight(W):
    """The weight of a two-tap convolution, in the layout of torch.nn.Conv1d.

    Args:
        W: float (2 * C_in, C_out), as in dilated_conv.

    Returns:
        float (C_out, C_in, 2), such that for x (B, T, C_in)
        F.conv1d(F.pad(x.transpose(1, 2), (dilation, 0)), conv1d_weight(W), b, dilation=dilation)
        is dilated_conv(x, W, b, dilation), transposed to (B, C_out, T).

    Example:
        >>> conv1d_weight(torch.tensor([[1.0], [2.0], [3.0], [4.0]]))
        tensor([[[1., 3.],
                 [2., 4.]]])
    """
    ### BEGIN SOLUTION
    return W.view(2, W.shape[0] // 2, W.shape[1]).permute(2, 1, 0)
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# The convolution reads whole names, so it can also be *trained* on whole names: every position is
# an example, and one pass makes all its predictions. After that, both ways of computing the same
# network are compared: the largest difference, the nodes, the time.
#
# 2,000 steps, six seconds, end at a dev loss of 2.14. `--full` takes the widths of the lecture's
# large tree and reaches 2.02 after 8,000 steps. More steps do not help: after 40,000 the loss on
# the training names is 1.71, that on the dev names 2.04, up again. It has begun to learn names by
# heart.


# %%
def init(vocab_size, n_embd, n_hidden, L, g):
    """Table C, L levels (W, b), and an output layer (V, c)."""
    widths = [n_embd] + [n_hidden] * L
    levels = [
        (torch.randn(2 * i, j, generator=g) * (5 / 3) / (2 * i) ** 0.5, torch.zeros(j))
        for i, j in itertools.pairwise(widths)
    ]
    C = torch.randn(vocab_size, n_embd, generator=g)
    V = torch.randn(n_hidden, vocab_size, generator=g) * 0.1 / n_hidden**0.5
    c = torch.zeros(vocab_size)
    tensors = [C, V, c, *[t for level in levels for t in level]]
    for t in tensors:
        t.requires_grad_()
    return C, levels, (V, c), tensors


def batch_of_names(names, stoi, L):
    """Inputs (B, T): size dots, then the name; targets (B, T): what comes next, -100 for none."""
    size, longest = 2**L, max(map(len, names))
    X = torch.zeros(len(names), size + longest, dtype=torch.int64)
    Y = torch.full_like(X, -100)
    for i, name in enumerate(names):
        ids = torch.tensor([stoi[c] for c in name])
        X[i, size : size + len(ids)] = ids
        Y[i, size - 1 : size - 1 + len(ids)] = ids
        Y[i, size - 1 + len(ids)] = 0
    return X, Y


def plot_convolutions(levels, T, path):
    """Every node of the stack over T positions; what the last output depends on in color."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    axes = figure.subplots()
    ones, dilation, edges = torch.eye(T)[None], 1, []
    for _ in range(levels):
        # taps of 1: position t of the output then shows which positions of the input it saw
        seen = dilated_conv(ones, torch.cat([torch.eye(T)] * 2), torch.zeros(T), dilation)[0]
        edges.append([(i, t) for t in range(T) for i in range(T) if seen[t, i] != 0])
        dilation *= 2
    used = {(levels, T - 1)}
    for level in range(levels, 0, -1):
        for i, t in edges[level - 1]:
            on = (level, t) in used
            if on:
                used.add((level - 1, i))
            axes.plot(
                [i, t], [level - 1, level], color="C1" if on else "0.85", zorder=2 if on else 1
            )
    for level in range(levels + 1):
        colors = ["C1" if (level, t) in used else "0.75" for t in range(T)]
        axes.scatter(range(T), [level] * T, s=60, c=colors, zorder=3)
    labels = ["characters"] + [f"dilation {2**level}" for level in range(levels)]
    axes.set_yticks(range(levels + 1), labels)
    axes.set_xticks([])
    axes.set_xlabel("position, from left to right")
    axes.set_title("in color: what the last output depends on")
    for side in axes.spines.values():
        side.set_visible(False)
    figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description="A WaveNet over whole names, against the tree.")
    parser.add_argument("--steps", type=int, default=2_000)
    parser.add_argument("--full", action="store_true", help="24 and 128 channels, 8,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps, n_embd, n_hidden = (8_000, 24, 128) if args.full else (args.steps, 10, 68)
    L = 3
    names = load_names(args.data)
    if steps < 1 or len(names) < 100:
        parser.error("this takes at least 1 step, and 100 names or more")
    random.Random(42).shuffle(names)
    itos = ["."] + sorted(set("".join(names)))
    stoi = {c: ix for ix, c in enumerate(itos)}
    cuts = int(0.8 * len(names)), int(0.9 * len(names))
    g = torch.Generator().manual_seed(42)
    C, levels, (V, c), tensors = init(len(itos), n_embd, n_hidden, L, g)
    reach = receptive_field([2**level for level in range(L)])
    print(f"{sum(t.numel() for t in tensors):,} parameters, each output sees {reach} characters")

    optimizer = torch.optim.Adam(tensors, lr=3e-3)
    running, piece, chosen = 3.3, max(1, steps // 200), random.Random(42)
    with progress(max(1, steps // piece), "training") as bar:
        for step in range(steps):
            if step == steps // 2:
                optimizer.param_groups[0]["lr"] = 3e-4
            X, Y = batch_of_names(chosen.sample(names[: cuts[0]], 32), stoi, L)
            logits = wavenet(C[X], levels) @ V + c  # (B, T, vocab_size)
            loss = F.cross_entropy(logits.flatten(0, 1), Y.flatten(), ignore_index=-100)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += 0.01 * (loss.item() - running)
            if (step + 1) % piece == 0:
                bar.update(loss=running)

    X, Y = batch_of_names(names[cuts[0] : cuts[1]], stoi, L)
    first = 2**L - 1  # from here on the windows are whole
    with torch.no_grad():
        x, T = C[X], X.shape[1]
        began = time.perf_counter()
        slow = tree_everywhere(x, levels)
        middle = time.perf_counter()
        fast = wavenet(x, levels)[:, first:]
        ended = time.perf_counter()
        logits = fast @ V + c
        loss = F.cross_entropy(logits.flatten(0, 1), Y[:, first:].flatten(), ignore_index=-100)
        W, b = levels[1]
        torchs = F.conv1d(F.pad(fast.mT, (2, 0)), conv1d_weight(W), b, dilation=2)
        mine = dilated_conv(fast, W, b, 2).mT
    trees, nodes = count_nodes(T, L)
    print(f"\ndev loss {loss.item():.3f}, all positions of {len(X):,} names in one pass")
    print(f"    trees        {trees:>5,} nodes per name   {middle - began:.3f} s")
    print(f"    convolutions {nodes:>5,} nodes per name   {ended - middle:.3f} s")
    print(f"    largest difference {(slow - fast).abs().max().item():.1e}")
    print(f"    to torch's conv1d  {(torchs - mine).abs().max().item():.1e}")
    path = picture("06_wavenet/dilated.png")
    plot_convolutions(L, 16, path)
    print(f"{path}: the tree is still there, in color, among all the others.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all seven of the part.")
    except DataError as error:
        sys.exit(str(error))
