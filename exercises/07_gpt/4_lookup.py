# `hero check 07/4` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Attention is a lookup
#
# A Python dictionary answers questions. You hand it a *query*; it compares the query with every *key*;
# where the two are equal, it hands you the *value*:
#
#     number = {"a": 10, "k": 20, " ": 30}
#     number["k"]                              # 20
#
# All or nothing, and that is the trouble: a lookup that is slightly wrong cannot be made slightly
# better. So soften it. Queries and keys become vectors, and "equal" becomes a **score**, their dot
# product: large when they point the same way, 0 when they have nothing to do with each other, negative
# when they disagree. Softmax turns the scores into shares, and every value is handed over, in its
# share.
#
#     four features of a letter:  vowel, consonant, blank, capital
#
#     query   "I look for a vowel"    [ 2  0  0  0 ]
#
#              key              dot product   / sqrt(4)    exp    share     value
#     "a"   [ 1  0  0  0 ]           2            1        2.72   0.665       10
#     "k"   [ 0  1  0  0 ]           0            0        1.00   0.245       20
#     " "   [-1  0  1  0 ]          -2           -1        0.37   0.090       30
#                                                                  ─────────────
#     answer: 0.665 * 10 + 0.245 * 20 + 0.090 * 30 =                         14.2
#
# Now ask ten times as loudly, with the query [20 0 0 0]: the scores are 10, 0, -10, the shares 0.99995,
# 0.00005 and 0.000000002, the answer 10.0005. **A dictionary is what attention becomes when one score
# is far ahead of all others. The plain average of part 3 is what it becomes when all scores are
# equal.** Everything between the two can be reached by gradient descent, a little at a time. That is
# the whole idea.
#
# What will go wrong: scores that grow with the number of features, so that softmax shouts from the
# first step on. A mask put on the shares, where it is too late. And shares of the wrong thing: each
# *query* has exactly one answer, so it is each query's shares that sum to 1.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F

from data import picture

# %% [markdown]
# ## Compare: why divide by the square root?
#
# A dot product is a sum, one term for each of the d features. With numbers of ordinary size (mean 0,
# variance 1) each term has variance 1, and variances of independent terms add up: the sum has variance
# d. Its typical size is therefore $\sqrt d$: 2 for 4 features, 16 for 256. Softmax sees those 16 as a
# strong opinion, although nothing has been learned yet. Divide by $\sqrt d$, and the scores have the
# size of one feature again, however many there are.
#
# Not by d: that would make the scores of 256 features tiny (1/16), and everyone an average. And not by
# the width of the model or by the number of keys: neither is the number of terms that were added.
#
# All queries at once: row t of the table belongs to query t, column s to key s.
#
#                    k^T (d, T_k)
#                     │  │  │  │
#     q (T_q, d)   ──[ .  .  .  . ]     one row for each query,
#                  ──[ .  .  .  . ]     one column for each key


# %%
def compare(q, k):
    """The score of each key for each query: the dot product over the square root of its number of terms.

    Args:
        q: queries, float (..., T_q, d).
        k: keys, float (..., T_k, d), dtype of q. The dots are any number of dimensions, none, (B,) or
            (B, n_head), the same in q and k.

    Returns:
        float (..., T_q, T_k): [..., t, s] is q[..., t] · k[..., s] / sqrt(d).

    Example:
        >>> q = torch.tensor([[2.0, 0.0, 0.0, 0.0]])
        >>> k = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [-1.0, 0.0, 1.0, 0.0]])
        >>> compare(q, k)
        tensor([[ 1.,  0., -1.]])

    Source: "Attention Is All You Need" (Vaswani et al., 2017), section 3.2.1 and its footnote; lecture
    "Let's build GPT", note 6: scaled self-attention.
    """
    # TODO 07.compare: your code here (stuck? `hero hint 07.compare`)
    raise NotImplementedError("07.compare")


# %% [markdown]
# ## The lookup itself, and who may look where
#
# Scores, softmax, mix. One thing is added: a **mask**, a table of True and False, "may query t look at
# key s?". You met it in part 3 as the lower triangle, but nothing says that it must be a triangle.
#
# A hidden key must get a share of exactly 0, and the others must still share out the whole 1. Both come
# for free if its score is minus infinity *before* softmax, as exp(-inf) = 0. Numbers that merely look
# hopeless won't do: 0 is a perfectly good score (look at the "k" above), and so is -100 beside -120.
# Afterwards it is too late: if softmax has given 0.6 to the future and you cross that out, only 0.4 is
# left to be shared.


# %%
def attention(q, k, v, mask=None):
    """The soft lookup: for each query the values, mixed in the shares that softmax makes of its scores.

    Args:
        q: queries, float (..., T_q, d).
        k: keys, float (..., T_k, d).
        v: values, float (..., T_k, d_v), one for each key; d_v may differ from d. The dots are any number of
            dimensions, the same in q, k and v, and so is the dtype.
        mask: bool, of any shape that broadcasts to (..., T_q, T_k): (T_q, T_k), or (B, 1, T_k), say. True
            where the query may look at the key. None: every query may look at every key. Each query
            has at least one key to look at; whoever calls sees to that, nothing need be checked.

    Returns:
        float (..., T_q, d_v), dtype of q. Hidden keys take no part at all, however large their score; the
        shares of the others sum to 1 for each query. Right for scores of any finite size, 1000 or -1000.

    Example:
        >>> q = torch.tensor([[2.0, 0.0, 0.0, 0.0]])
        >>> k = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [-1.0, 0.0, 1.0, 0.0]])
        >>> v = torch.tensor([[10.0], [20.0], [30.0]])
        >>> attention(q, k, v)
        tensor([[14.2479]])
        >>> attention(q, k, v, mask=torch.tensor([[False, False, True]]))  # nobody else to listen to
        tensor([[30.]])

    Source: "Attention Is All You Need" (Vaswani et al., 2017), equation 1.
    """
    # TODO 07.attention: your code here (stuck? `hero hint 07.attention`)
    raise NotImplementedError("07.attention")


# %% [markdown]
# ## Three readers, three masks
#
# - A **decoder** writes: each position guesses what comes next, and must not see it. Its mask is causal.
# - An **encoder** reads: the text is all there, and everyone may look at everyone. It has no mask.
# - Unless texts of different lengths lie in one batch, filled up with padding. Nobody should listen to
#   padding.
#
# The causal mask has a catch that shows only later. When a GPT writes, it keeps the keys and values of
# what it has read (a *cache*) and computes queries for the new positions alone. Then there are fewer
# queries than keys, and the queries are the **last** of the positions. Four keys, and only the last two
# positions ask:
#
#                  keys     0  1  2  3
#     position 2 (row 0)  [ 1  1  1  . ]         1: may look (True)
#     position 3 (row 1)  [ 1  1  1  1 ]         .: may not (False)
#
# The triangle has moved right by T_k - T_q = 2. Whoever starts it in the upper left corner as ever lets
# position 2 see key 0 alone: no error, and a model that forgets its text as soon as the cache is on.


# %%
def causal_mask(T_q, T_k):
    """Who may look at whom when the queries are the last T_q of T_k positions.

    Args:
        T_q: number of queries, int, 1 <= T_q <= T_k.
        T_k: number of keys, int. Key s stands at position s, query t at position T_k - T_q + t.

    Returns:
        bool (T_q, T_k): [t, s] is True if key s stands at the position of query t or before it.

    Example:
        >>> causal_mask(2, 4)
        tensor([[ True,  True,  True, False],
                [ True,  True,  True,  True]])

    Source: lecture "Let's build GPT", note 4: encoder and decoder blocks; the shift is what a cache needs.
    """
    # TODO 07.causal_mask: your code here (stuck? `hero hint 07.causal_mask`)
    raise NotImplementedError("07.causal_mask")


# %% [markdown]
# Padding: each sequence has a length, and keys from there on are not real. It is the *keys* that are
# hidden, from every query alike, so one row per sequence is enough, and broadcasting copies it to all
# queries: that is what the 1 in (B, 1, T) is for. (Queries that stand on padding get an answer, too;
# nobody reads it.) Both masks together are `causal_mask(T, T) & padding_mask(lengths, T)`, of shape (B,
# T, T).


# %%
def padding_mask(lengths, T):
    """Which keys are real, in a batch of sequences that were filled up at the end to the same length.

    Args:
        lengths: int64 (B,): how many positions of each sequence are real; each 1 <= length <= T.
        T: the common length, int; the longest sequence may be shorter.

    Returns:
        bool (B, 1, T): [b, 0, s] is True if position s of sequence b is real, that is s < lengths[b].

    Example:
        >>> padding_mask(torch.tensor([3, 1]), 3)
        tensor([[[ True,  True,  True]],
        <BLANKLINE>
                [[ True, False, False]]])
    """
    # TODO 07.padding_mask: your code here (stuck? `hero hint 07.padding_mask`)
    raise NotImplementedError("07.padding_mask")


# %% [markdown]
# ## How many keys does a query look at?
#
# Shares like 0.5, 0.5, 0, 0 look at two keys; a quarter each looks at four; 1, 0, 0, 0 is a dictionary.
# For what lies between there is a measure that agrees with all three: the exponential of the
# **entropy**,
#
# $$n = e^{H}, \qquad H = -\sum_s p_s \ln p_s$$
#
# By hand, for 0.5, 0.25, 0.25: H = 0.5 · 0.693 + 2 · 0.25 · 1.386 = 1.040, and n = 2.83: nearly three
# keys. With it one can see at a glance whether a softmax is saturated: n is then close to 1.
#
# What will go wrong: a hidden key has p = 0, and 0 · ln 0 is `nan` for a computer. Nothing times
# anything is nothing here: that term is 0.


# %%
def effective_keys(shares):
    """How many keys each query looks at: the exponential of the entropy of its shares.

    Args:
        shares: float (..., T_k), not negative, summing to 1 over the last dimension; often some are 0.

    Returns:
        float (...), dtype of shares: exp(-sum of p * ln p) of each row, between 1 and T_k. A share of 0 adds
        exactly 0 to the sum. Only to look at: nobody takes its gradient.

    Example:
        >>> effective_keys(torch.tensor([[0.5, 0.5, 0.0], [0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]))
        tensor([2.0000, 2.8284, 1.0000])
    """
    # TODO 07.effective_keys: your code here (stuck? `hero hint 07.effective_keys`)
    raise NotImplementedError("07.effective_keys")


# %% [markdown]
# ## Stretch: look up in someone else's notes
#
# Nothing in the lookup says that queries and keys come from the same text. In *self*-attention they do.
# In **cross-attention** the queries come from x, what is being written, and keys and values from a
# memory, what is being read: the French sentence, while the English one is written. The memory has a
# length and a width of its own. It is all there already, so it needs no causal mask.


# %%
def cross_attention(x, memory, w_query, w_key, w_value, mask=None):
    """One head of cross-attention: x asks, the memory answers.

    Args:
        x: float (B, T, n_embd): the positions that ask.
        memory: float (B, S, n_memory): the positions that are looked at.
        w_query: float (head_size, n_embd), used as nn.Linear uses its weight: x @ w_query.T.
        w_key: float (head_size, n_memory).
        w_value: float (n_out, n_memory).
        mask: bool that broadcasts to (B, T, S), True where x may look at the memory (padding, say), at
            least one for each t; None: everywhere.

    Returns:
        float (B, T, n_out): the memory's values, mixed by attention as above.

    Example:
        >>> one = torch.eye(2)
        >>> x, memory = torch.zeros(1, 1, 2), torch.tensor([[[1.0, 2.0], [3.0, 6.0]]])
        >>> cross_attention(x, memory, one, one, one)  # a query of zeros: the plain average
        tensor([[[2., 4.]]])

    Source: "Attention Is All You Need" (Vaswani et al., 2017), section 3.2.3; lecture
    "Let's build GPT", note 5: self-attention and cross-attention.
    """
    # TODO 07.cross_attention: your code here (stuck? `hero hint 07.cross_attention`)
    raise NotImplementedError("07.cross_attention")


# %% [markdown]
# ## Run it
#
# First the table at the top, asked more and more loudly: watch the average turn into a dictionary. Then
# how many of 32 keys a query looks at *before anything is learned*, with and without the square root,
# and what slope the softmax has left: once one key has everything, no small change of a score changes
# that, so no gradient gets through, and what is wrong stays wrong.
#
# The picture shows right attention beside five popular wrong versions, with the sum of each row. None of
# them raises an error. Learn to recognize them by sight.


# %%
def saturation(d, scaled, n=200, T=32, seed=0):
    """Random queries and keys of d features: (keys looked at, how much the shares can still move).

    The second is the sum of p * (1 - p), the slopes of the softmax: how much each share moves when its own
    score does. A dictionary has 0, an average of T keys 1 - 1/T.
    """
    g = torch.Generator().manual_seed(seed)
    q, k = torch.randn(n, 1, d, generator=g), torch.randn(n, T, d, generator=g)
    if not scaled:
        q = q * d**0.5  # undoes what compare divides by
    shares = attention(q, k, torch.eye(T).expand(n, T, T))[:, 0]  # (n, T)
    slopes = (shares * (1 - shares)).sum(-1)
    return effective_keys(shares).mean().item(), slopes.mean().item()


def six_maps(T=8, d=64, seed=3):
    """Tables of shares (T, T), right and wrong, by title; all through your own attention."""
    g = torch.Generator().manual_seed(seed)
    q, k = torch.randn(T, d, generator=g), torch.randn(T, d, generator=g)
    eye, mask = torch.eye(T), causal_mask(T, T)
    return {
        "right\nrows sum to 1, the future is empty": attention(q, k, eye, mask),
        "not scaled\none winner takes the whole row": attention(q * d**0.5, k, eye, mask),
        "masked after softmax\nthe first rows are pale": attention(q, k, eye) * mask,
        "hidden with 0, not -inf\nthe future gets a share": torch.softmax(
            compare(q, k) * mask, dim=-1
        ),
        "softmax over queries\ncolumns sum to 1, not rows": attention(k, q, eye, mask.T).T,
        "mask off by one\nshares beyond the steps": attention(
            q, k, eye, causal_mask(T, T + 1)[:, :T]
        ),
    }


def plot_maps(maps, path):
    """Six tables of shares; grey steps mark where the future begins, numbers the sums of the rows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 7))
    figure.subplots_adjust(left=0.06, right=0.95, bottom=0.07, top=0.91, wspace=0.32, hspace=0.36)
    for i, (title, shares) in enumerate(maps.items()):
        axes, T = figure.add_subplot(2, 3, i + 1), len(shares)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        edges = [(t + 0.5, y) for t in range(T) for y in (t - 0.5, t + 0.5)]
        axes.plot(*zip(*edges, strict=True), color="gray", linewidth=1.5)
        for t, total in enumerate(shares.sum(-1).tolist()):
            color = "C1" if abs(total - 1) > 0.005 else "gray"
            axes.text(T - 0.3, t, f"{total:.2f}", va="center", fontsize=9, color=color)
        axes.text(T - 0.3, T - 0.1, "sum", va="center", fontsize=9, color="gray")
        name, looks = title.split("\n")
        axes.set_title(name, loc="left", pad=20, weight="bold", color="C1" if i else "C2")
        axes.text(-0.5, -0.75, looks, fontsize=10)
        axes.set(xticks=range(T), yticks=range(T), xlim=(-0.5, T - 0.5), ylim=(T - 0.5, -0.5))
        axes.set(xlabel="key: who is looked at" if i > 2 else "")
        axes.set(ylabel="query: who is looking" if i % 3 == 0 else "")
    figure.savefig(path, dpi=80, pil_kwargs={"optimize": True})


def main():
    parser = argparse.ArgumentParser(
        description="From average to dictionary; right and wrong maps."
    )
    parser.add_argument("--length", type=int, default=8, help="positions in the picture")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 3 <= args.length <= 16:
        parser.error("--length: from 3 to 16, or the picture cannot be read")

    query = torch.tensor([[2.0, 0, 0, 0]])
    keys = torch.tensor([[1.0, 0, 0, 0], [0, 1, 0, 0], [-1, 0, 1, 0]])
    values = torch.tensor([[10.0], [20.0], [30.0]])
    print("the query [2 0 0 0], asked more and more loudly:")
    print("  times   share of a     k    blank   keys looked at   answer")
    for times in (0, 0.5, 1, 3, 10):
        shares = attention(times * query, keys, torch.eye(3))
        row = "  ".join(f"{share:6.3f}" for share in shares[0].tolist())
        n, answer = effective_keys(shares).item(), attention(times * query, keys, values).item()
        print(f"  {times:5}      {row}   {n:14.2f}   {answer:6.2f}")

    print(
        "\nrandom queries and 32 random keys, nothing learned: how many are looked at, and the slope left"
    )
    print("  features   scaled: keys  slope      not scaled: keys  slope")
    for d in (1, 4, 16, 64, 256, 1024):
        numbers = saturation(d, True) + saturation(d, False)
        print("  {:8}   {:12.1f}  {:5.2f}      {:16.1f}  {:5.2f}".format(d, *numbers))

    path = picture("07_gpt/wrong_maps.png")
    plot_maps(six_maps(args.length), path)
    print(f"\n{path}: one right, five wrong, and no error anywhere.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs the first five of the part.")
