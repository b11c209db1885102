# `hero check 07/6` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Several heads at once
#
# One head can follow one kind of hint: "two places back", or "the last vowel". Language needs many at the
# same time. So let several small heads look in parallel, each with its own query, key and value, lay
# what they found side by side, and let one more matrix mix it:
#
# $$\text{out} = [\,h_0 \mid h_1 \mid \dots\,]\; W^\top + b$$
#
# First as a list of heads, as one would say it. Then all of them in one tensor, as a GPU likes it. The
# numbers are the same. Only the shape changes:
#
#     (B, T, C)  --cut C into nh pieces-->  (B, T, nh, hs)  --heads to the front-->  (B, nh, T, hs)
#
#     one position, C = 4, two heads:    [ 1  2 | 3  4 ]     head 0 gets 1 2, head 1 gets 3 4
#
# What will go wrong: `view(B, nh, T, hs)` has the right shape *without* the transpose, and no error. It cuts
# along time: head 0 gets all features of the first positions, head 1 those of the later ones. And each
# head scales by its own size, $1/\sqrt{hs}$, not by the width of the whole model.

# %%
import torch
import torch.nn.functional as F

# %% [markdown]
# ## A list of heads


# %%
def multi_head(x, heads, w_proj, b_proj, tril):
    """Multi-head causal self-attention, as a list of heads.

    Args:
        x: float (B, T, n_embd), 1 <= T <= block_size.
        heads: a list of nh tuples (w_key, w_query, w_value), each float (head_size, n_embd), used as
            nn.Linear uses its weight: key = x @ w_key.T.
        w_proj: float (n_out, nh * head_size), the output projection, as in nn.Linear.
        b_proj: float (n_out,).
        tril: float (block_size, block_size), ones on and below the diagonal, else zeros.

    Returns:
        float (B, T, n_out): the heads' outputs side by side, the first head first, then projected. Each head
        softmaxes q @ k^T / sqrt(head_size) over the positions up to and including each position's own.

    Example:
        >>> one = torch.eye(2)
        >>> multi_head(torch.tensor([[[1.0, 2.0]]]), [(one, one, one)], one, torch.zeros(2), torch.ones(1, 1))
        tensor([[[1., 2.]]])

    Source: "Attention Is All You Need" (Vaswani et al., 2017), section 3.2.2.
    """
    # TODO 07.multi_head: your code here (stuck? `hero hint 07.multi_head`)
    raise NotImplementedError("07.multi_head")


# %% [markdown]
# ## Cut into heads, and glue together again


# %%
def split_heads(x, n_head):
    """Cuts the last dimension into heads and moves the heads before time.

    Args:
        x: (B, T, C), any dtype, contiguous or not; C is a multiple of n_head.
        n_head: number of heads, int.

    Returns:
        (B, n_head, T, C // n_head): head h holds features h * hs up to (h + 1) * hs of every position.
        Gradients flow to x.

    Example:
        >>> split_heads(torch.tensor([[[1, 2, 3, 4], [5, 6, 7, 8]]]), 2)
        tensor([[[[1, 2],
                  [5, 6]],
        <BLANKLINE>
                 [[3, 4],
                  [7, 8]]]])
    """
    # TODO 07.split_heads: your code here (stuck? `hero hint 07.split_heads`)
    raise NotImplementedError("07.split_heads")


# %%
def merge_heads(y):
    """Undoes split_heads: lays the heads of each position side by side.

    Args:
        y: (B, n_head, T, hs), any dtype, contiguous or not.

    Returns:
        (B, T, n_head * hs). Gradients flow to y.

    Example:
        >>> merge_heads(torch.tensor([[[[1, 2], [5, 6]], [[3, 4], [7, 8]]]]))
        tensor([[[1, 2, 3, 4],
                 [5, 6, 7, 8]]])
    """
    # TODO 07.merge_heads: your code here (stuck? `hero hint 07.merge_heads`)
    raise NotImplementedError("07.merge_heads")


# %% [markdown]
# ## EX1: all heads in one tensor
#
# Stack the heads' weights on top of each other, and one matrix product makes the keys of all heads.
# The lecture leaves this as its first exercise.


# %%
def batched_heads(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    """multi_head without a loop over heads: same weights, same outputs.

    More heads take no more operations on x and on what comes of it.

    Args:
        x: float (B, T, n_embd), 1 <= T <= block_size.
        w_key, w_query, w_value: float (n_head * head_size, n_embd) each: the heads' weights,
            stacked, the first head on top. n_head * head_size may differ from n_embd.
        w_proj: float (n_out, n_head * head_size).
        b_proj: float (n_out,).
        tril: float (block_size, block_size), ones on and below the diagonal, else zeros.
        n_head: number of heads, int.

    Returns:
        float (B, T, n_out), equal to multi_head(x, heads, w_proj, b_proj, tril).

    Example:
        >>> one = torch.eye(2)
        >>> x, tril = torch.tensor([[[1.0, 2.0]]]), torch.ones(1, 1)
        >>> batched_heads(x, one, one, one, one, torch.zeros(2), tril, 2)
        tensor([[[1., 2.]]])

    Source: EX1 of the lecture "Let's build GPT: from scratch, in code, spelled out".
    """
    # TODO 07.batched_heads: your code here (stuck? `hero hint 07.batched_heads`)
    raise NotImplementedError("07.batched_heads")


# %% [markdown]
# ## Why the square root
#
# A dot product of hs terms of variance 1 has variance hs. Run this part (`hero run 07/6`): it measures the
# variance of the scores, unscaled, scaled by the head's size and by the model's width, and checks that your
# two versions agree.


# %%
def score_variances(sizes, n_embd=384, n=20000, seed=0):
    """For each head size: the variance of q·k unscaled, over sqrt(hs), and over sqrt(n_embd)."""
    g = torch.Generator().manual_seed(seed)
    rows = []
    for hs in sizes:
        q, k = torch.randn(n, hs, generator=g), torch.randn(n, hs, generator=g)
        variance = (q * k).sum(1).var().item()
        rows.append((hs, variance, variance / hs, variance / n_embd))
    return rows


def plot_variances(rows, path):
    """Draws the three curves over the head size."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 4))
    labels = ["unscaled", "divided by sqrt(head size)", "divided by sqrt(n_embd)"]
    for i, label in enumerate(labels, 1):
        ax.loglog([r[0] for r in rows], [r[i] for r in rows], "o-", label=label)
    ax.set_xlabel("head size")
    ax.set_ylabel("variance of the scores")
    ax.legend()
    fig.savefig(path, dpi=100, bbox_inches="tight")
    plt.close(fig)


def main():
    import argparse
    import sys

    from data import picture

    parser = argparse.ArgumentParser(description="Compare both versions; measure the scores.")
    parser.add_argument("--heads", type=int, default=4, help="number of heads, 1 or more")
    n_head = parser.parse_args([] if "ipykernel" in sys.modules else None).heads
    if n_head < 1:
        parser.error("--heads must be at least 1")
    g = torch.Generator().manual_seed(0)
    x, tril = torch.randn(2, 6, 12, generator=g), torch.tril(torch.ones(8, 8))
    heads = [tuple(torch.randn(5, 12, generator=g) for _ in range(3)) for _ in range(n_head)]
    w_proj, b_proj = torch.randn(12, 5 * n_head, generator=g), torch.randn(12, generator=g)
    stacked = [torch.cat(ws) for ws in zip(*heads, strict=True)]
    a = multi_head(x, heads, w_proj, b_proj, tril)
    b = batched_heads(x, *stacked, w_proj, b_proj, tril, n_head)
    print(f"{n_head} heads, list against one tensor: largest difference {(a - b).abs().max():.1e}")
    rows = score_variances([4, 16, 64, 256])
    print("head size   variance of q.k   / sqrt(head size)   / sqrt(n_embd=384)")
    for hs, raw, right, wrong in rows:
        print(f"{hs:9}   {raw:15.2f}   {right:17.2f}   {wrong:18.3f}")
    path = picture("07_gpt/score_variance.png")
    plot_variances(rows, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
