# `hero check 07/9` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # EX4: features from papers
#
# The lecture's last exercise: read a paper on transformers, and add one feature. Here are four that you
# will meet in real models: where a position comes from (two ways), a simpler norm, a better
# feed-forward. Each stands alone. Pick one, or do all.
#
#                        the GPT of this lesson         GPT-like models of today
#     positions          a table that is learned        q and k are rotated (RoPE)
#     normalization      LayerNorm                      RMSNorm
#     feed-forward       relu(x W1) W2                  (silu(x W) * (x V)) W2
#
# What will go wrong: nothing crashes. A rotation with a wrong pair, a wrong frequency or a wrong sign still
# gives numbers of the right shape and even the right length, and the model still trains, a bit worse. And
# weights that were trained with one convention are worth nothing with the other. So hold on to the small
# examples below, which you can check by hand.

# %%
import torch
import torch.nn.functional as F

# %% [markdown]
# ## Sinusoidal positions
#
# The paper "Attention Is All You Need" learns no table of positions. It writes down waves: the width
# $C$ is used up in pairs, pair $i$ being columns $2i$ and $2i+1$, and each pair is the hand of a clock, that
# turns more slowly from pair to pair:
#
# $$PE(t, 2i) = \sin\frac{t}{\text{base}^{2i/C}} \qquad PE(t, 2i+1) = \cos\frac{t}{\text{base}^{2i/C}}
# \qquad \text{base} = 10000$$
#
# By hand, with $C = 4$ and base $= 100$: pair 0 is divided by $100^0 = 1$, pair 1 by $100^{2/4} = 10$.
# Position 2 is
#
#     [ sin 2, cos 2, sin 0.2, cos 0.2 ]  =  [ 0.909, -0.416, 0.199, 0.980 ]
#
# The first hand goes round in six positions, the last one (with 10000) hardly moves in a thousand.


# %%
def sinusoidal_positions(T, n_embd, base=10000.0):
    """The table of positions of the original transformer.

    Args:
        T: number of positions, int >= 1; the first is 0.
        n_embd: width, an even int >= 2. Pair i is columns 2i and 2i + 1, i = 0 ... n_embd / 2 - 1.
        base: what the frequencies are powers of, a float > 0.

    Returns:
        float32 (T, n_embd), interleaved: column 2i is sin(t / base ** (2i / n_embd)), column 2i + 1 the
        cos of the same angle; worked out in float64, rounded at the end.

    Raises:
        ValueError: n_embd is odd.

    Example:
        >>> sinusoidal_positions(3, 4, base=100.0)[2]
        tensor([ 0.9093, -0.4161,  0.1987,  0.9801])

    Source: "Attention Is All You Need" (Vaswani et al., 2017), section 3.5.
    """
    # TODO 07.sinusoidal_positions: your code here (stuck? `hero hint 07.sinusoidal_positions`)
    raise NotImplementedError("07.sinusoidal_positions")


# %% [markdown]
# ## Rotary positions
#
# Attention compares q with k. So why add the position to x and hope that it survives two matrices?
# Rotate q and k themselves. Cut a head's vector into pairs of **neighbors**, $(x_0, x_1), (x_2, x_3),
# \dots$: points in planes. At position $p$, pair $i$ is turned counterclockwise by the angle
#
# $$\alpha_i = p \cdot \theta^{-2i/hs} \qquad i = 0 \dots hs/2 - 1$$
#
# $$(a, b) \;\mapsto\; (a\cos\alpha - b\sin\alpha,\;\; a\sin\alpha + b\cos\alpha)$$
#
# By hand, hs $= 4$, $\theta = 100$: at position 1 the angles are 1 and 0.1, at position 3 they are 3 and
# 0.3. The vector [1, 0, 1, 0] at position 1 becomes
#
#     [ cos 1, sin 1, cos 0.1, sin 0.1 ]  =  [ 0.540, 0.841, 0.995, 0.0998 ]
#
# Beware of the other convention: Hugging Face's LLaMA and GPT-NeoX pair $x_0$ with $x_{hs/2}$ (halves).
# Both are right, each for its own weights. Here it is neighbors, as in the paper.
#
# First the angles.


# %%
def rotary_angles(positions, hs, theta=10000.0):
    """By how much each pair of features is turned at each position.

    Args:
        positions: int64 (T,), any integers in any order: they need not begin at 0.
        hs: head size, an even int >= 2.
        theta: what the frequencies are powers of, a float > 0.

    Returns:
        float64 (T, hs // 2), radians, without a graph: [t, i] is positions[t] * theta ** (-2i / hs).
            To compute them in float32 first is near enough.

    Raises:
        ValueError: hs is odd.

    Example:
        >>> rotary_angles(torch.tensor([1, 3]), 4, theta=100.0)
        tensor([[1.0000, 0.1000],
                [3.0000, 0.3000]], dtype=torch.float64)

    Source: "RoFormer" (Su et al., 2021), section 3.2.2 and equation 15.
    """
    # TODO 07.rotary_angles: your code here (stuck? `hero hint 07.rotary_angles`)
    raise NotImplementedError("07.rotary_angles")


# %% [markdown]
# Then the rotation. Angles are the same for all examples and all heads; only position and pair matter.


# %%
def rotary(x, positions, theta=10000.0):
    """Turns each pair of neighbors (0, 1), (2, 3), ... counterclockwise, by the angle of its position.

    Args:
        x: float32 or float64 (B, nh, T, hs), hs even: queries or keys, contiguous or not; not changed.
        positions: int64 (T,), the position of each of the T vectors; any integers.
        theta: as in rotary_angles.

    Returns:
        (B, nh, T, hs), dtype of x: with angle a = rotary_angles(positions, hs, theta)[t, i], features
        2i and 2i + 1 of position t are
            x[2i] * cos(a) - x[2i + 1] * sin(a)   and   x[2i] * sin(a) + x[2i + 1] * cos(a).

    Raises:
        ValueError: hs is odd.

    Example:
        >>> rotary(torch.tensor([[[[1.0, 0.0, 1.0, 0.0]]]]), torch.tensor([1]), theta=100.0)
        tensor([[[[0.5403, 0.8415, 0.9950, 0.0998]]]])

    Source: "RoFormer" (Su et al., 2021), equations 15 and 34.
    """
    # TODO 07.rotary: your code here (stuck? `hero hint 07.rotary`)
    raise NotImplementedError("07.rotary")


# %% [markdown]
# ## Attention that knows distances
#
# Turn q by $p$ and k by $s$, and their dot product depends on $p - s$ only: turning both by the same angle
# changes no angle between them. So "three places back" means the same at the beginning of a text and at its
# end, without a table that has a last row. The values are what is handed over, not what is compared: they
# stay as they are.


# %%
def rotary_attention(q, k, v, positions, theta=10000.0):
    """Causal attention whose queries and keys are rotated.

    Args:
        q, k: float (B, nh, T, hs), hs even, not rotated yet.
        v: float (B, nh, T, hv); hv may differ from hs.
        positions: int64 (T,), of queries and keys alike.
        theta: as in rotary_angles.

    Returns:
        float (B, nh, T, hv): softmax(rotated q @ rotated k^T / sqrt(hs)) @ v, where row t sees the rows
        0 ... t, whatever their positions.

    Example:
        >>> one = torch.ones(1, 1, 2, 2)
        >>> v = torch.tensor([[[[0.0], [1.0]]]])
        >>> rotary_attention(one, one, v, torch.tensor([5, 8])).flatten()
        tensor([0.0000, 0.9434])
    """
    # TODO 07.rotary_attention: your code here (stuck? `hero hint 07.rotary_attention`)
    raise NotImplementedError("07.rotary_attention")


# %% [markdown]
# In the example all vectors are [1, 1]. The second row compares itself with itself (score 2 / sqrt 2)
# and with the row three positions before (2 cos 3 / sqrt 2): a share of 0.9434 for itself.
#
# ## RMSNorm
#
# LayerNorm subtracts the mean, divides by the standard deviation, scales and shifts. Zhang and Sennrich asked
# which of it is needed, and kept the division and the scale:
#
# $$y = \frac{x}{\sqrt{\operatorname{mean}(x^2) + \epsilon}} \cdot g$$
#
# By hand: [3, 4] has the mean square (9 + 16) / 2 = 12.5 and the root mean square 3.536: it becomes
# [0.849, 1.131]. No mean is subtracted, no shift is added, and eps stands *inside* the root.


# %%
def rms_norm(x, gain, eps=1e-5):
    """Each vector divided by its root mean square, times a gain.

    Args:
        x: float (..., C), any number of leading dimensions, also none; not changed.
        gain: float (C,), dtype of x: one factor for each feature.
        eps: is added to the mean square, inside the root.

    Returns:
        (..., C), dtype of x. A vector of zeros stays a vector of zeros.

    Example:
        >>> rms_norm(torch.tensor([3.0, 4.0]), torch.tensor([1.0, 10.0]))
        tensor([ 0.8485, 11.3137])

    Source: "Root Mean Square Layer Normalization" (Zhang and Sennrich, 2019), equation 4; eps as in LLaMA.
    """
    # TODO 07.rms_norm: your code here (stuck? `hero hint 07.rms_norm`)
    raise NotImplementedError("07.rms_norm")


# %% [markdown]
# ## SwiGLU
#
# A feed-forward layer with a gate: one product says *what*, another says *how much of it*, and they are
# multiplied. The gate goes through silu, also called swish: $\text{silu}(z) = z \cdot \text{sigmoid}(z)$.
#
# $$\text{SwiGLU}(x) = (\text{silu}(x W) * (x V))\, W_2$$
#
# By hand, all of them numbers, $x = 1, W = 2, V = 3, W_2 = 0.5$: silu(2) = 2 · 0.8808 = 1.7616, times 3
# is 5.2848, times 0.5 is 2.6424.
#
# Three matrices for two: to have as many parameters as before, the hidden width shrinks from $4C$ to
# $\tfrac{8}{3} C$. Shazeer's paper has no theory why it helps: "We attribute their success, as all else,
# to divine benevolence."


# %%
def swiglu(x, w, v, w2):
    """A feed-forward layer with a swish gate, without biases.

    Args:
        x: float (..., C), any number of leading dimensions.
        w: float (C, H), makes the gate: silu is applied to x @ w, and to nothing else.
        v: float (C, H), makes what is gated.
        w2: float (H, C_out).

    Returns:
        float (..., C_out): (silu(x @ w) * (x @ v)) @ w2.

    Example:
        >>> swiglu(*[torch.tensor([[number]]) for number in (1.0, 2.0, 3.0, 0.5)])
        tensor([[2.6424]])

    Source: "GLU Variants Improve Transformer" (Shazeer, 2020), equation 6.
    """
    # TODO 07.swiglu: your code here (stuck? `hero hint 07.swiglu`)
    raise NotImplementedError("07.swiglu")


# %% [markdown]
# ## Run it
#
# `hero run 07/9` draws your table of waves, the hands of the rotary clock, and what both are good for:
# how well two positions match, by their distance. The three curves on the right begin at positions 0, 100 and
# 1000, and lie on top of each other: only the distance counts. So does the gray one: for vectors of
# ones, both kinds of positions give the mean of the cosines of distance times frequency.


# %%
def scores_by_distance(start, distances, hs, theta):
    """The score of a query at start + d with a key at start, both vectors of ones, for each d."""
    ones = torch.ones(1, 1, len(distances), hs, dtype=torch.float64)
    q = rotary(ones, distances + start, theta)
    k = rotary(ones, torch.full_like(distances, start), theta)
    return (q * k).sum(-1)[0, 0] / hs


def draw(T, width, base, path):
    """The table, the angles, the match by distance."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.2), layout="constrained")
    table_axes, angle_axes, score_axes = figure.subplots(1, 3)
    table = sinusoidal_positions(T, width, base)
    image = table_axes.imshow(table, aspect="auto", cmap="RdBu", vmin=-1, vmax=1)
    figure.colorbar(image, ax=table_axes)
    table_axes.set(xlabel="column", ylabel="position", title="sinusoidal: what is added to x")
    positions = torch.arange(T)
    angles = rotary_angles(positions, width, base)
    for i in sorted({0, width // 16, width // 8, width // 4}):
        turned = torch.remainder(angles[:, i], 2 * torch.pi)
        angle_axes.plot(positions, turned, ".-", markersize=3, linewidth=0.5, label=f"pair {i}")
    angle_axes.set(
        xlabel="position", ylabel="angle (radians, in one turn)", title="rotary: the hands"
    )
    angle_axes.legend(loc="upper right")
    distances = torch.arange(200)
    for start, style in [(0, "-"), (100, "--"), (1000, ":")]:
        scores = scores_by_distance(start, distances, width, base)
        score_axes.plot(distances, scores, style, linewidth=2, label=f"rotary, key at {start}")
    table = sinusoidal_positions(200, width, base)
    match = table @ table[0] / (width / 2)
    score_axes.plot(
        distances, match, color="0.6", linewidth=6, alpha=0.5, label="sinusoidal", zorder=0
    )
    score_axes.set(xlabel="distance", ylabel="match (1: same place)", title="match by distance")
    score_axes.legend()
    figure.savefig(path, dpi=100)


def main():
    import argparse
    import sys

    from data import picture

    parser = argparse.ArgumentParser(description="Draws positions as waves and as rotations.")
    parser.add_argument("--width", type=int, default=64, help="n_embd, or the head size; even")
    parser.add_argument("--base", type=float, default=10000.0, help="base, or theta")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.width < 2 or args.width % 2 or not 0 < args.base < float("inf"):
        parser.error("--width is an even number from 2 on, --base is a number above 0")
    for start in (0, 100, 1000):
        near, far = scores_by_distance(start, torch.tensor([3, 30]), args.width, args.base).tolist()
        print(f"key at {start:4}: match 3 places on {near:.6f}, 30 places on {far:.6f}")
    g = torch.Generator().manual_seed(0)
    x = torch.randn(4, 64, generator=g) * 3 + 1
    y = rms_norm(x, torch.ones(64))
    before, after = x.square().mean().sqrt(), y.square().mean().sqrt()
    print(
        f"rms_norm: root mean square {before:.2f} -> {after:.2f}, mean {x.mean():.2f} -> {y.mean():.2f}"
    )
    w, v, w2 = (torch.randn(*size, generator=g) / 8 for size in [(64, 170), (64, 170), (170, 64)])
    print(f"swiglu: {tuple(y.shape)} -> {tuple(swiglu(y, w, v, w2).shape)}, ", end="")
    print(f"{3 * 64 * 170:,} parameters; relu with width 4 * 64 has {2 * 64 * 256:,}")
    path = picture("07_gpt/paper_positions.png")
    draw(100, args.width, args.base, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
