# `hero check 05/7` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Beyond: softmax, layernorm, GELU, attention, convolution
#
# The lecture ends here; the chain rule does not. These are the layers of lessons 06 to 09, and with
# them you could train a GPT without autograd. Stretch exercises: no later lesson needs them.
#
# Nothing new is required. Rule 1: the gradient has the shape of its tensor. Rule 2: copied forward,
# summed backward, and the other way round. Rule 3: used twice, the gradients add up.
#
# One thing changes: tensors now come with any number of leading dimensions, `(C,)`, `(T, C)`,
# `(B, T, C)`, `(B, nh, T, T)`. Count dimensions from the end (`-1`), and use `.transpose(-2, -1)`
# instead of `.T`. As in every part, the arguments stay as they are: make new tensors.

# %%
import argparse
import math
import sys

import torch
import torch.nn.functional as F

from data import picture

# %% [markdown]
# ## Softmax on its own
#
# In part 5 the loss came along and nearly everything canceled. Inside attention, softmax stands
# alone and any gradient may arrive. Each probability depends on *every* logit of its row:
#
#     d p[i] / d x[j]  =  p[i] * (1 - p[i])   if i = j     the diagonal: up with its own logit
#                         -p[i] * p[j]        otherwise    the rest: down when another one rises
#
# Multiply by the upstream gradient, sum over i, and the two lines become one expression without any
# matrix.


# %%
def softmax_backward(dprobs, probs):
    """dlogits, where probs = F.softmax(logits, dim=-1).

    Args:
        dprobs: gradient of the loss with respect to probs, float (..., C).
        probs: probabilities, sum to 1 over the last dimension, float (..., C).

    Returns:
        dlogits, float (..., C).

    Example:
        >>> softmax_backward(torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5]))
        tensor([ 0.2500, -0.2500])
    """
    # TODO 05.softmax_backward: your code here (stuck? `hero hint 05.softmax_backward`)
    raise NotImplementedError("05.softmax_backward")


# %% [markdown]
# ## Layer normalization
#
# The same idea as batchnorm, turned by 90 degrees: mean and variance of each *row*, over the last
# dimension. Two differences will bite you: the variance is the biased one (divided by C), and
# `gain` varies along the very dimension that you normalize, so it belongs inside the sums.


# %%
def layernorm_backward(dout, x, gain, eps=1e-5):
    """All three gradients of layer normalization over the last dimension.

    Forward: mean = x.mean(-1, keepdim=True)
             var = x.var(-1, keepdim=True, unbiased=False)    # divides by C
             out = gain * (x - mean) / (var + eps)**0.5 + bias

    Args:
        dout: gradient of the loss with respect to out, float (..., C).
        x: float (..., C), one or more leading dimensions (never none).
        gain: float (C,).
        eps: added to the variance, inside the root.

    Returns:
        (dx, dgain, dbias): float (..., C), (C,), (C,).

    Example:
        >>> x, gain = torch.tensor([[1.0, 3.0]]), torch.ones(2)
        >>> dx, dgain, dbias = layernorm_backward(torch.tensor([[1.0, 0.0]]), x, gain, eps=3.0)
        >>> dx, dgain, dbias
        (tensor([[ 0.1875, -0.1875]]), tensor([-0.5000,  0.0000]), tensor([1., 0.]))

    Source: Ba, Kiros, Hinton, "Layer Normalization" (2016), equations 3 and 4 (forward).
    """
    # TODO 05.layernorm_backward: your code here (stuck? `hero hint 05.layernorm_backward`)
    raise NotImplementedError("05.layernorm_backward")


# %% [markdown]
# ## GELU
#
# The activation of GPT-2: x times (nearly) the probability that a normal random number lies below
# x. GPT-2 uses an approximation with tanh, and so does this exercise. A product, then a chain:
# keep `u` and `tanh(u)` in variables and it stays readable.


# %%
def gelu_backward(dout, x):
    """dx, where out is the tanh approximation of GELU, as in GPT-2.

    Forward: u = (2 / pi)**0.5 * (x + 0.044715 * x**3)
             out = 0.5 * x * (1 + tanh(u))

    Args:
        dout: gradient of the loss with respect to out, float, any shape.
        x: float, same shape, values up to +-1e4.

    Returns:
        dx, float, same shape: the exact derivative of this approximation, not of the exact GELU.

    Example:
        >>> gelu_backward(torch.tensor([2.0, 2.0, 2.0]), torch.tensor([0.0, 100.0, -100.0]))
        tensor([1., 2., 0.])

    Source: Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2.
    """
    # TODO 05.gelu_backward: your code here (stuck? `hero hint 05.gelu_backward`)
    raise NotImplementedError("05.gelu_backward")


# %% [markdown]
# ## Attention
#
# Two matrix products with a softmax between them. You get the attention weights `att` of the
# forward pass, in which everything that lies in the future is zero already; through a weight of
# zero nothing flows back, so the mask needs no line of its own. Backward, from the end:
#
#     q ──┐                                            v ──┐
#         ├─ q @ kᵀ / sqrt(head_size) ── mask ── softmax ──┴─ att @ v ── out
#     k ──┘


# %%
def attention_backward(dout, q, k, v, att):
    """Gradients of scaled dot-product attention with respect to q, k and v.

    Forward: scores = q @ k.transpose(-2, -1) / head_size**0.5, then -inf in the future
             att = F.softmax(scores, dim=-1)
             out = att @ v

    Args:
        dout: gradient of the loss with respect to out, float (..., T, value_size).
        q: queries, float (..., T, head_size), any number of leading dimensions, also none.
        k: keys, float (..., T, head_size).
        v: values, float (..., T, value_size); value_size may differ from head_size.
        att: attention weights of the forward pass, float (..., T, T), rows sum to 1.

    Returns:
        (dq, dk, dv), each with the shape of q, k, v.

    Example:
        >>> q = k = torch.zeros(2, 1)
        >>> v, att = torch.tensor([[2.0], [4.0]]), torch.tensor([[1.0, 0.0], [0.5, 0.5]])
        >>> dq, dk, dv = attention_backward(torch.tensor([[1.0], [10.0]]), q, k, v, att)
        >>> dv
        tensor([[6.],
                [5.]])
        >>> q, k = torch.ones(2, 4), torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]])
        >>> attention_backward(torch.tensor([[1.0], [10.0]]), q, k, v, att)[0]  # dq
        tensor([[ 0.0000,  0.0000,  0.0000,  0.0000],
                [-2.5000,  2.5000,  0.0000,  0.0000]])

    Source: Vaswani et al., "Attention Is All You Need" (2017), equation 1 for the forward pass.
    """
    # TODO 05.attention_backward: your code here (stuck? `hero hint 05.attention_backward`)
    raise NotImplementedError("05.attention_backward")


# %% [markdown]
# ## Convolution
#
# A convolution slides one linear layer along the time axis. For a kernel of three:
#
#     out[t] = x[t] * w[0] + x[t + 1] * w[1] + x[t + 2] * w[2]
#
#     x     0   1   2   3   4          x[2] is used by out[0] with w[2],
#           └───┼───┤   │   │                          out[1] with w[1],
#               └───┼───┤   │                          out[2] with w[0]: three times, add up.
#                   └───┼───┘
#     out       0   1   2
#
# Go through the kernel one k at a time: for a fixed k, a convolution is one matrix product between
# a shifted piece of x and `weight[:, :, k]`, and you know its gradients. Write this one yourself;
# `torch.nn.grad` counts as autograd here.


# %%
def conv1d_backward(dout, x, weight):
    """All three gradients of a 1-D convolution with stride 1 and no padding.

    Forward: out = F.conv1d(x, weight, bias), that is
             out[b, o, t] = bias[o] + sum over i and k of x[b, i, t + k] * weight[o, i, k]

    Args:
        dout: gradient of the loss with respect to out, float (B, C_out, T - K + 1).
        x: float (B, C_in, T).
        weight: float (C_out, C_in, K), K <= T.

    Returns:
        (dx, dweight, dbias): float (B, C_in, T), (C_out, C_in, K), (C_out,).

    Example:
        >>> x, weight = torch.tensor([[[1.0, 2.0, 3.0]]]), torch.tensor([[[5.0, 7.0]]])
        >>> dx, dweight, dbias = conv1d_backward(torch.tensor([[[1.0, 10.0]]]), x, weight)
        >>> dx, dweight, dbias
        (tensor([[[ 5., 57., 70.]]]), tensor([[[21., 32.]]]), tensor([11.]))
    """
    # TODO 05.conv1d_backward: your code here (stuck? `hero hint 05.conv1d_backward`)
    raise NotImplementedError("05.conv1d_backward")


# %% [markdown]
# ## Look at it
#
# Everything against torch, in float64, and a picture of GELU with its derivative as your function
# computes it. Look left of about -0.75: the derivative is negative there. Unlike tanh or relu, GELU
# falls before it rises.


# %%
def compare(name, backward, arguments, output, inputs):
    """One row: your gradients against torch's, for the loss (output * dout).sum()."""
    dout = arguments[0]
    (output * dout).sum().backward()  # the judge of the table
    try:
        with torch.no_grad():
            yours = backward(*(a.detach() for a in arguments))
    except NotImplementedError:
        print(f"{name:<10} still a TODO")
        return
    yours = yours if isinstance(yours, tuple) else (yours,)
    furthest = max((y - x.grad).abs().max().item() for y, x in zip(yours, inputs, strict=True))
    verdict = "close: yes" if furthest < 1e-9 else "close: NO"
    print(f"{name:<10} {verdict:<12} off by at most {furthest:.1e}")


def plot_gelu(x, out, dx, path):
    """GELU and its derivative."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.axhline(0, color="gray", linewidth=0.8)
    axes.plot(x, out, label="GELU")
    axes.plot(x, dx, label="derivative, yours")
    axes.set(xlabel="x", ylabel="GELU(x), and its slope", ylim=(-0.5, 3))
    axes.set_title("GELU falls before it rises")
    axes.legend()
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description="Your gradients of five layers against torch's.")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 0 <= args.seed < 2**63:
        parser.error("--seed: from 0 on, below 2**63")
    g = torch.Generator().manual_seed(args.seed)

    def random(*shape):
        return torch.randn(shape, generator=g, dtype=torch.float64).requires_grad_()

    B, nh, T, head_size, C = 2, 3, 5, 4, 7
    logits = random(B, T, C)
    probs = F.softmax(logits, dim=-1)
    compare("softmax", softmax_backward, (random(B, T, C).detach(), probs), probs, [logits])

    x, gain, bias = random(B, T, C), random(C), random(C)
    out = F.layer_norm(x, (C,), gain, bias)
    arguments = (random(B, T, C).detach(), x, gain)
    compare("layernorm", layernorm_backward, arguments, out, [x, gain, bias])

    x = random(B, T, C)
    out = F.gelu(x, approximate="tanh")
    compare("gelu", gelu_backward, (random(B, T, C).detach(), x), out, [x])

    q, k, v = (random(B, nh, T, head_size) for _ in range(3))
    future = torch.ones(T, T, dtype=torch.bool).triu(1)
    scores = q @ k.transpose(-2, -1) / head_size**0.5
    att = F.softmax(scores.masked_fill(future, -math.inf), dim=-1)
    arguments = (random(B, nh, T, head_size).detach(), q, k, v, att)
    compare("attention", attention_backward, arguments, att @ v, [q, k, v])

    x, weight, bias = random(B, 3, 8), random(4, 3, 2), random(4)
    out = F.conv1d(x, weight, bias)
    arguments = (random(B, 4, 7).detach(), x, weight)
    compare("conv1d", conv1d_backward, arguments, out, [x, weight, bias])

    x = torch.linspace(-4, 3, 200)
    try:
        dx = gelu_backward(torch.ones_like(x), x)
    except NotImplementedError:
        return
    path = picture("05_backprop/gelu.png")
    plot_gelu(x, F.gelu(x, approximate="tanh"), dx, path)
    print(f"\n{path}: the derivative dips below 0 and rises above 1 before it settles.")


if __name__ == "__main__":
    main()
