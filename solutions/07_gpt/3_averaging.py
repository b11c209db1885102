# %% [markdown]
# # Averaging the past, three ways
#
# The MLP saw a window of fixed size. A GPT wants more: each position should use *everything* before
# it, whether that is one character or two hundred. The simplest way to squeeze a past of any length
# into one vector is its average. We lose the order, and everyone counts the same; but positions
# talk to each other, and that is the step this part takes. Attention is the same with better weights.
#
# Three characters with two numbers each, and what each position then knows:
#
#     x           average of the past, itself included
#     [2 7]       [2.0 7.0]     only itself
#     [6 4]       [4.0 5.5]     (2 + 6) / 2, (7 + 4) / 2
#     [6 5]       [4.7 5.3]     all three
#
# The same, as a table of weights: row t says how much position t takes of each position.
#
#              from 0    1    2
#     to 0     [ 1     .    .  ]       rows sum to 1;
#        1     [ 1/2  1/2   .  ]       dots are the future, which does not exist yet
#        2     [ 1/3  1/3  1/3 ]       when the next character is to be guessed
#
# You compute this with a loop, then with one matrix product, then with softmax, and the third way
# is the one that can learn.
#
# What will go wrong: the future leaks in (the model is then asked to guess what it has seen), or
# rows that do not sum to 1.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F

from data import picture

# %% [markdown]
# ## First way: a loop
#
# Slow, and impossible to misread. It is the truth that the other two are compared with.


# %%
def average_loop(x):
    """Each position becomes the average of itself and all positions before it.

    Args:
        x: float (B, T, C): B sequences of T vectors, B, T and C >= 1.

    Returns:
        float (B, T, C), dtype of x; [b, t] is the mean of x[b, 0], ..., x[b, t].

    Example:
        >>> average_loop(torch.tensor([[[2.0], [6.0], [4.0]]]))
        tensor([[[2.],
                 [4.],
                 [4.]]])

    Source: lecture "Let's build GPT", averaging the past with for loops.
    """
    ### BEGIN SOLUTION
    rows = [x[:, : t + 1].mean(dim=1) for t in range(x.shape[1])]
    return torch.stack(rows, dim=1)
    ### END SOLUTION


# %% [markdown]
# ## Second way: one matrix product
#
# A matrix product is a weighted sum: row t of `wei @ x` adds up the rows of x, each times its weight in
# row t of `wei`. So put the table above into a matrix. `torch.tril` keeps the lower triangle of a
# matrix of ones; dividing each row by its sum makes the sums an average. And (T, T) @ (B, T, C)
# works: torch uses the same table for every sequence of the batch.


# %%
def average_matmul(x):
    """The averages of `average_loop`, by a table of weights and one matrix product.

    All positions at once: a longer text takes no more operations on x.

    Args:
        x: float (B, T, C), B, T and C >= 1.

    Returns:
        float (B, T, C), dtype of x; [b, t] is the mean of x[b, 0], ..., x[b, t].

    Example:
        >>> average_matmul(torch.tensor([[[2.0], [6.0], [4.0]]]))
        tensor([[[2.],
                 [4.],
                 [4.]]])

    Source: lecture "Let's build GPT", matrix multiplication as weighted aggregation.
    """
    ### BEGIN SOLUTION
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T, dtype=x.dtype))
    wei = wei / wei.sum(dim=1, keepdim=True)
    return wei @ x
    ### END SOLUTION


# %% [markdown]
# ## Third way: masked softmax, and the step to choosing
#
# Softmax also makes rows that sum to 1. Start from a table of scores, write minus infinity wherever
# the future is (`scores.masked_fill(future, -torch.inf)`, where the table `future` holds True there), and
# take softmax of each row: exp(-inf) is 0, and the rest shares out 1. If all scores
# are 0, everyone in the past gets the same, and we have the average again. For row 1 of three:
#
#     scores    [0     0     -inf]   ->   exp   [1  1  0]   ->   [0.5   0.5   0]
#     scores    [1.1   0     -inf]   ->   exp   [3  1  0]   ->   [0.75  0.25  0]
#
# The second line is new: a score of 1.1 made position 0 three times as important. **The average was
# only what you get when nobody has an opinion.** Let the scores come from the characters
# themselves, and positions choose whom to listen to. That is attention: where the scores come from is
# the whole of part 5.


# %%
def choose(scores, x):
    """Each position's weighted average of itself and its past: masked softmax, then the sum.

    Args:
        scores: float (T, T), the same for all sequences, or (B, T, T), one table for each. Row t
            belongs to the position that gathers; column s to the one it gathers from. Finite.
        x: float (B, T, C), dtype of scores.

    Returns:
        float (B, T, C): [b, t] is the sum over s <= t of share[t, s] * x[b, s], where the shares
        of row t are the softmax of its scores at 0, ..., t. Scores of the future have no effect.

    Example:
        >>> x = torch.tensor([[[2.0], [6.0]]])
        >>> choose(torch.zeros(2, 2), x)
        tensor([[[2.],
                 [4.]]])

    Source: lecture "Let's build GPT", version 3: adding softmax.
    """
    ### BEGIN SOLUTION
    T = x.shape[1]
    future = torch.tril(torch.ones(T, T)) == 0
    wei = F.softmax(scores.masked_fill(future, float("-inf")), dim=-1)
    return wei @ x
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# The three ways side by side on random numbers. Then two tables of shares, read off with your own
# `choose`: hand it the identity matrix as x, and what arrives is how much of whom.


# %%
def plot_shares(tables, path):
    """Tables of shares (T, T) by title, side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots(1, len(tables))
    for ax, (title, table) in zip(axes, tables.items(), strict=True):
        ax.imshow(table, cmap="Blues", vmin=0, vmax=1)
        for t, s in table.nonzero().tolist():
            share = table[t, s].item()
            color = "white" if share > 0.6 else "black"
            ax.text(s, t, f"{share:.2f}", ha="center", va="center", color=color, fontsize=7)
        ax.set(title=title, xlabel="from position", ylabel="to position")
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="The past, averaged three ways; then chosen from.")
    parser.add_argument("--length", type=int, default=8, help="positions in the picture")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 1 <= args.length <= 24:
        parser.error("--length: from 1 to 24, or the numbers in the picture cannot be read")

    g = torch.Generator().manual_seed(1337)
    T = args.length
    x = torch.randn(4, T, 2, generator=g)
    loop, matmul = average_loop(x), average_matmul(x)
    softmax = choose(torch.zeros(T, T), x)
    for name, other in [("matmul ", matmul), ("softmax", softmax)]:
        print(f"loop and {name}: at most {(loop - other).abs().max():.0e} apart")
    scores = torch.randn(T, T, generator=g) * 1.5
    eye = torch.eye(T)[None]
    tables = {
        "all scores 0: the average": choose(torch.zeros(T, T), eye)[0],
        "scores that differ: a choice": choose(scores, eye)[0],
    }
    path = picture("07_gpt/averaging.png")
    plot_shares(tables, path)
    print(f"{path}: each row sums to 1, and the future is empty.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all three of the part.")
