# `hero check 07/7` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # The block: gather, think, repeat
#
# Attention lets positions *gather*: everyone collects what it needs from the others. Then each position
# has to *think* about what it got, on its own. The two together are a **block**, and a GPT is the same
# block 6, 12 or 96 times over, each with weights of its own.
#
# Stacked naively, 24 such layers do not learn: on the way up the signal dies, and on the way down the
# gradient does. Two simple things cure that, and they go around each of the two layers:
#
#     x ──┬──────────────────────────► + ──┬──────────────────────────► + ──►  to the next block
#         │                            ▲   │                            ▲
#         └─► norm ─► attention ───────┘   └─► norm ─► feed-forward ────┘
#             (before) (gathers)               (before)  (thinks)
#
# - The **residual** connection: the layer's result is *added* to what came in. The upper line is a
# highway, called the residual stream: nothing stands on it, so the gradient drives back all the way
# at full speed.
# - The **norm** stands on the side road: whatever size the stream has grown to, the layer sees numbers
# of size 1.
#
# What will go wrong: a norm *on* the highway (that is post-norm, the paper's first version, which needs a
# careful warm-up to train at all); a residual that starts behind the norm; a second residual that starts
# where the first did, so that what attention found never gets into the stream.

# %%
import argparse
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from data import picture

# %% [markdown]
# ## LayerNorm
#
# BatchNorm (lesson 04) asked, for each *feature*: how large is it among the examples of the batch?
# LayerNorm asks, for each *position*: how large are its features among each other? Same formula, other
# direction:
#
#                     features                       One position, four features:
#                   f0   f1   f2   f3                [ 2  4  6  8 ]     mean 5
#     position 0  [  2    4    6    8 ] ──► norm     [-3 -1  1  3 ]     minus the mean
#     position 1  [  .    .    .    . ] ──► norm     variance (9 + 1 + 1 + 9) / 4 = 5
#                                                    with eps = 4:  divide by root of 5 + 4 = 3
#                                                    [-1 -1/3 1/3 1]    then times gain, plus bias
#
# (A real eps is 1e-5; with 4 one sees where it goes.) No position needs another one for that, so there
# are no running statistics, no batch that must be large, and no difference between training and eval.
#
# What will go wrong: the variance is the *biased* one, divided by C and not by C - 1. eps stands
# inside the root. And mean and variance belong to the graph: detached, the numbers are right and the
# gradient is not.


# %%
def layer_norm(x, gain, bias, eps=1e-5):
    """Each vector of x (its last dimension) normalized, then times gain, plus bias.

    Args:
        x: float (..., C): any number of dimensions in front, none included; C >= 1.
        gain, bias: float (C,), dtype of x.
        eps: added to the variance, inside the root; float.

    Returns:
        float (..., C), dtype of x: gain * (x - mean) / sqrt(var + eps) + bias, where mean and var are
        those of each vector, and var is the biased one (divided by C). Gradients flow to gain and bias,
        and to x, through mean and var as well.

    Example:
        >>> x = torch.tensor([[2.0, 4.0, 6.0, 8.0]])
        >>> layer_norm(x, torch.tensor([1.0, 1.0, 1.0, 3.0]), torch.tensor([0.0, 0.0, 0.0, 10.0]), eps=4.0)
        tensor([[-1.0000, -0.3333,  0.3333, 13.0000]])

    Source: "Layer Normalization" (Ba et al., 2016), equation 4; torch.nn.functional.layer_norm.
    """
    # TODO 07.layer_norm: your code here (stuck? `hero hint 07.layer_norm`)
    raise NotImplementedError("07.layer_norm")


class LayerNorm(nn.Module):
    """Your layer_norm with a gain and a bias that learn (given)."""

    def __init__(self, n_embd):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(n_embd))
        self.bias = nn.Parameter(torch.zeros(n_embd))

    def forward(self, x):
        return layer_norm(x, self.gain, self.bias)


# %% [markdown]
# ## Dropout
#
# While training, throw away each number with probability p. The net cannot rely on any single one, and
# learns to say things more than once; it memorizes less. When it is used, nothing is thrown away.
#
# Then there is more to add up than in training: with p = 0.25 a sum of 8 has had 6 terms on average, and
# suddenly has all 8. So what is kept in training is scaled *up* by 1/(1 - p) = 4/3: 6 · 4/3 = 8. In eval
# mode nothing needs to be done at all, which is why it is done this way round.
#
#     p = 0.25, eight ones
#     training:   1.33  1.33  0     1.33  1.33  1.33  0     1.33     sum 8 (on average)
#     eval:       1     1     1     1     1     1     1     1        sum 8
#
# What will go wrong: `F.dropout(x, p)` knows nothing of `model.eval()`. Its `training` is True unless you
# say otherwise, and nanoGPT had to be fixed for that. And p = 1: dividing by 1 - p = 0 is no good.


# %%
def dropout(x, p, training, generator=None):
    """Each number dropped with probability p while training, the others scaled up; in eval mode, x.

    Args:
        x: float of any shape.
        p: probability to be dropped, float, 0 <= p <= 1.
        training: True in training mode, False in eval mode.
        generator: torch.Generator to draw from, or None for torch's own.

    Returns:
        float, shape and dtype of x. In training mode a number is kept where torch.rand(x.shape,
        generator=generator) >= p (one draw, torch's default dtype), and is then x / (1 - p); elsewhere it
        is 0. With p = 1 everything is 0, and so is the gradient. With p = 0 it is x, and whether anything
        is drawn is up to you. In eval mode it is x, for every p, and nothing is drawn. Gradients flow to x.

    Example:
        >>> torch.rand(4, generator=torch.Generator().manual_seed(1))
        tensor([0.7576, 0.2793, 0.4031, 0.7347])
        >>> dropout(torch.ones(4), 0.4, True, torch.Generator().manual_seed(1))
        tensor([1.6667, 0.0000, 1.6667, 1.6667])
        >>> dropout(torch.ones(4), 0.4, False)
        tensor([1., 1., 1., 1.])

    Source: "Dropout" (Srivastava et al., 2014), section 10 ("inverted"); torch.nn.functional.dropout.
    """
    # TODO 07.dropout: your code here (stuck? `hero hint 07.dropout`)
    raise NotImplementedError("07.dropout")


# %% [markdown]
# ## Feed-forward: each position thinks
#
# Two linear layers with a ReLU between. The inner one is four times as wide: room to think. It works on
# the last dimension alone, so every position is treated the same way, and none hears of another.
# Without the ReLU the two matrices would be one, and nothing would be gained.
#
#     (B, T, C)  ── expand ──►  (B, T, 4C)  ── relu ── shrink ──►  (B, T, C)  ── dropout ──►
#
# (The paper and the lecture have ReLU here; GPT-2 will have GELU.)


# %%
class FeedForward(nn.Module):
    """What a position does with what it has gathered. One exercise: both methods.

    Attributes:
        expand: nn.Linear(n_embd, 4 * n_embd), with bias.
        shrink: nn.Linear(4 * n_embd, n_embd), with bias.

    Example:
        >>> feed = FeedForward(n_embd=2)
        >>> feed(torch.randn(3, 5, 2)).shape
        torch.Size([3, 5, 2])

    Source: "Attention Is All You Need" (Vaswani et al., 2017), equation 2; lecture "Let's build GPT".
    """

    def __init__(self, n_embd, p=0.0):
        """Makes the two layers.

        Args:
            n_embd: size of the vectors, int.
            p: probability of dropout, float. Keep it under any name.
        """
        super().__init__()
        # TODO 07.feed_forward: your code here (stuck? `hero hint 07.feed_forward`)
        raise NotImplementedError("07.feed_forward")

    def forward(self, x):
        """Expand, ReLU, shrink; and dropout last.

        Args:
            x: float (B, T, n_embd).

        Returns:
            float (B, T, n_embd). In training mode (self.training, which nn.Module keeps for you) the
            result has gone through dropout with p; by your function or torch's, as you like. In eval
            mode nothing is dropped.
        """
        # TODO 07.feed_forward: your code here (stuck? `hero hint 07.feed_forward`)
        raise NotImplementedError("07.feed_forward")


# %% [markdown]
# ## The residual, with its norm
#
# One line, and the most valuable of deep learning. Its derivative says why: of x + f(x) it is 1 +
# f'(x). However small f' is, the 1 is there. 24 layers multiply 24 numbers near 1, not 24 numbers near
# 0.


# %%
def residual(x, norm, layer):
    """What comes in, plus what the layer makes of its normalized copy ("pre-norm").

    Args:
        x: float (B, T, C); not changed.
        norm: a callable, (B, T, C) -> (B, T, C); called once.
        layer: a callable, (B, T, C) -> (B, T, C); called once.

    Returns:
        float (B, T, C).

    Example:
        >>> residual(torch.tensor([1.0, 5.0]), lambda x: x - 3, lambda x: 10 * x)
        tensor([-19.,  25.])

    Source: "Deep Residual Learning" (He et al., 2015); norm before the layer: GPT-2 (2019), section 2.3.
    """
    # TODO 07.residual: your code here (stuck? `hero hint 07.residual`)
    raise NotImplementedError("07.residual")


# %% [markdown]
# ## The block
#
# Attention first, then feed-forward; each has a LayerNorm of its own, and the second works on what the
# first has made. Attention is given, from parts 5 and 6: the three lines in the middle of
# `MultiHead.forward` are yours, in torch's own fast version.


# %%
class MultiHead(nn.Module):
    """Causal self-attention with n_head heads, all in one tensor, projected (given)."""

    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.n_head, self.p = n_head, p
        self.key = nn.Linear(n_embd, n_embd, bias=False)
        self.query = nn.Linear(n_embd, n_embd, bias=False)
        self.value = nn.Linear(n_embd, n_embd, bias=False)
        self.proj = nn.Linear(n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        split = (B, T, self.n_head, C // self.n_head)
        q, k, v = (f(x).view(split).transpose(1, 2) for f in (self.query, self.key, self.value))
        out = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, nh, T, hs)
        out = self.proj(out.transpose(1, 2).reshape(B, T, C))
        return dropout(out, self.p, self.training)


class Block(nn.Module):
    """A transformer block: gather, then think; pre-norm. One exercise: both methods.

    Attributes, under these names, so that weights can be found:
        ln1: LayerNorm(n_embd), before attention.
        heads: MultiHead(n_embd, n_head, p).
        ln2: LayerNorm(n_embd), before feed-forward.
        feed: FeedForward(n_embd, p).

    Example:
        >>> block = Block(n_embd=12, n_head=3)
        >>> block(torch.randn(2, 5, 12)).shape
        torch.Size([2, 5, 12])
        >>> sum(p.numel() for p in block.parameters())
        1848

    Source: lecture "Let's build GPT", transformer blocks; GPT-2 (Radford et al., 2019), section 2.3.
    """

    def __init__(self, n_embd, n_head, p=0.0):
        """Makes the four of them.

        Args:
            n_embd: size of the vectors, int, a multiple of n_head.
            n_head: number of heads, int.
            p: probability of dropout, float, in both layers.
        """
        super().__init__()
        # TODO 07.block: your code here (stuck? `hero hint 07.block`)
        raise NotImplementedError("07.block")

    def forward(self, x):
        """x, plus what attention finds, plus what feed-forward makes of that; see the drawing at the top.

        Args:
            x: float (B, T, n_embd), not changed.

        Returns:
            float (B, T, n_embd).
        """
        # TODO 07.block: your code here (stuck? `hero hint 07.block`)
        raise NotImplementedError("07.block")


# %% [markdown]
# ## Run it
#
# 24 blocks, fresh from the constructor, in four versions: with both cures, without the norm, without the
# residual, without either. How large is the signal on its way up, and how large the gradient on its
# way down? All is yours but the stacking. Each line tells a story:
#
# - neither: the gradient shrinks by a factor of ten and more in each block that it goes through.
#   Whatever the loss says, the first blocks never hear of it;
# - no residual: the norm keeps the signal in size, but each block replaces what the one before has said;
# - no norm: the residual keeps the gradient, but the stream grows faster and faster;
# - both: nothing much happens. That is what one wants.


# %%
def run_deep(blocks, x, upstream, with_norm, with_residual):
    """The size (root mean square) of the signal behind each block, and of its gradient there."""

    def step(x, norm, layer):
        norm = norm if with_norm else nn.Identity()
        return residual(x, norm, layer) if with_residual else layer(norm(x))

    states = [x.clone().requires_grad_()]
    for block in blocks:
        x = step(step(states[-1], block.ln1, block.heads), block.ln2, block.feed)
        x.retain_grad()
        states.append(x)
    (states[-1] * upstream).sum().backward()

    def size(t):  # in float64: the squares of what is left of a gradient may be 0 in float32
        return t.detach().double().square().mean().sqrt().item()

    return [size(x) for x in states], [size(x.grad) for x in states]


def plot_depth(runs, path):
    """Signal and gradient over the depth, a line for each version."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, (signal, gradient) in runs.items():
        left.semilogy(signal, label=name)
        right.semilogy(gradient, label=name)
    left.set(title="the signal on its way up", xlabel="behind block", ylabel="root mean square")
    right.set(title="the gradient on its way down", xlabel="behind block")
    right.legend(loc="lower right")
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(
        description="Signal and gradient through a deep stack of blocks."
    )
    parser.add_argument("--blocks", type=int, default=24)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 2 <= args.blocks <= 200 or args.seed not in range(2**63):
        parser.error("--blocks: from 2 to 200, and a seed of 0 or more")

    torch.manual_seed(args.seed)
    blocks = [Block(64, 4).eval() for _ in range(args.blocks)]
    x, upstream = torch.randn(2, 4, 32, 64)
    versions = {
        "both": (True, True),
        "no norm": (False, True),
        "no residual": (True, False),
        "neither": (False, False),
    }
    runs = {name: run_deep(blocks, x, upstream, *how) for name, how in versions.items()}
    print(f"{args.blocks} blocks         signal: first       last     gradient: last      first")
    for name, (signal, gradient) in runs.items():
        ends = signal[0], signal[-1], gradient[-1], gradient[0]
        print("  {:14}   {:13.2g} {:10.2g}   {:14.2g} {:10.2g}".format(name, *ends))
    path = picture("07_gpt/depth.png")
    plot_depth(runs, path)
    print(f"{path}: which of the lines would you like to train?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all five of the part.")
