# %% [markdown]
# # Batch normalization: not hoped for, but made
#
# In part 1 you computed how large the weights must be so that the numbers in each layer stay in
# shape. It holds at the start, and training soon undoes it. The idea of batch normalization (2015)
# is almost cheeky: if you want every neuron to have mean 0 and variance 1, then *make* it so, in
# the middle of the network. It is a differentiable formula like any other.
#
#     hprebn    neuron →              from each column           hpreact
#     example   3   10   -1           subtract its mean,         1.2  -1.2  -0.7
#        ↓      1   20   -1   ────►   divide by its std;  ────► -1.2   0.0  -0.7
#               2   30    1           times gain, plus bias      0.0   1.2   1.4
#
# It works so well that very deep networks became trainable. The price: an example's result now
# depends on **the other examples in its batch**. That is where the mistakes come from. What is a
# batch of one? What happens after training? Which variance? You answer each of these in an
# exercise.
#
# What will go wrong: the loss falls with nearly every mistake one can make here. That is why your
# functions are tried with tiny batches and an absurd eps: there, mistakes are large.

# %%
import argparse
import random
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from data import load_names, picture, progress

# %% [markdown]
# ## Mean and variance of a batch
#
# One neuron is one column; its statistics go down the batch, dimension 0. And there are two
# variances. Both add up the squared differences from the mean, and divide by n, or by one less:
#
#     x = 1, 3       mean 2       squared differences 1 + 1
#     biased,   correction 0:  2 / 2 = 1       the spread of these n numbers
#     unbiased, correction 1:  2 / 1 = 2       a guess at the spread of all the numbers they come from
#
# A sample lies closer to its own mean than to the true one, so the first is too small on average,
# by exactly (n - 1) / n. The `- 1` that repairs it is **Bessel's correction**.


# %%
def batch_stats(x, correction):
    """Mean and variance of each column, over the batch.

    Args:
        x: activations, float (n, n_hidden), n >= 2.
        correction: 0 or 1; the sum of squared differences is divided by n - correction.

    Returns:
        (mean, var), each float (n_hidden,), dtype of x. The mean always divides by n. Gradients
        flow through both.

    Example:
        >>> batch_stats(torch.tensor([[1.0, 5.0], [3.0, 5.0]]), correction=1)
        (tensor([2., 5.]), tensor([2., 0.]))
    """
    ### BEGIN SOLUTION
    mean = x.mean(0)
    var = ((x - mean) ** 2).sum(0) / (len(x) - correction)
    return mean, var
    ### END SOLUTION


# %% [markdown]
# ## The forward pass, in training
#
#                      x - mean
#     y  =  gain * ────────────────  +  bias
#                   sqrt(var + eps)
#
# eps keeps a column whose numbers are all equal from dividing by zero; it stands **inside** the
# root. With mean 0 and variance 1 forever, a tanh neuron could never choose to be sharp or to lean
# to one side: gain and bias, one of each per neuron, let it learn that. They begin at 1 and 0.
#
# mean and var are functions of x. Gradients flow through them, and must: never detach them.


# %%
def batchnorm(x, gain, bias, eps=1e-5, correction=0):
    """Batch normalization with the statistics of the batch itself, as in training.

    Args:
        x: activations before normalization, float (n, n_hidden), n >= 2.
        gain: float (n_hidden,).
        bias: float (n_hidden,).
        eps: added to the variance, inside the root, a float.
        correction: which variance to divide by, as in batch_stats: 0 is torch's choice, 1 the lecture's.

    Returns:
        float (n, n_hidden), dtype of x. Gradients flow to x (also through mean and variance), gain
        and bias.

    Example:
        >>> x = torch.tensor([[1.0], [3.0]])
        >>> batchnorm(x, torch.tensor([10.0]), torch.tensor([5.0]), eps=3.0)
        tensor([[ 0.],
                [10.]])

    Source: Ioffe and Szegedy (2015), algorithm 1; lecture "BatchNorm", from 40:40.
    """
    ### BEGIN SOLUTION
    mean, var = batch_stats(x, correction)
    return gain * (x - mean) / (var + eps).sqrt() + bias
    ### END SOLUTION


# %% [markdown]
# ## What is kept for later
#
# After training you want to ask about a single context, and there is no batch whose mean could be
# taken. So training keeps *running* statistics on the side: each step moves them a little toward
# the statistics of its batch.
#
#     running = (1 - momentum) * running + momentum * batch's           momentum 0.1: a tenth is new
#
# This is torch's convention; elsewhere (in optimizers, say) momentum is the *old*
# share. It is bookkeeping, not learning: no gradient flows there. And torch stores the **unbiased**
# variance here, the guess at all data, although it divides by the biased one in the forward pass.


# %%
def update_running(running_mean, running_var, x, momentum=0.1):
    """The running statistics after one more batch, as torch keeps them.

    Args:
        running_mean: float (n_hidden,); left as it is.
        running_var: float (n_hidden,); left as it is.
        x: activations before normalization, float (n, n_hidden), n >= 2; perhaps part of a graph.
        momentum: the share of the new batch, a float in [0, 1].

    Returns:
        (running_mean, running_var), new tensors, float (n_hidden,) each, without gradient
        (requires_grad is False). The batch's variance is the unbiased one (correction 1).

    Example:
        >>> x = torch.tensor([[1.0], [3.0]])
        >>> update_running(torch.tensor([0.0]), torch.tensor([1.0]), x, momentum=0.5)
        (tensor([1.]), tensor([1.5000]))

    Source: torch.nn.BatchNorm1d; lecture "BatchNorm", from 40:40 (there 0.999 and 0.001).
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        mean, var = batch_stats(x, correction=1)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        new_var = (1 - momentum) * running_var + momentum * var
    return new_mean, new_var
    ### END SOLUTION


# %% [markdown]
# ## Which one is it? Ask the layer
#
# Two variances, used in two places: four possible layers. The documentation of a library may tell,
# or may be wrong; an experiment cannot be. Send a small batch through: of what comes out, the
# *biased* variance is 1 if the layer divided by the biased one, and (n - 1) / n if by the other.
# And what it stored, you can recover: before and after are known, and so is momentum.
#
#     layer                   divides by     stores
#     torch.nn.BatchNorm1d    ?              ?
#     the lecture's           ?              ?


# %%
class LectureNorm:
    """The lecture's layer: Bessel's correction in both places. In training mode only."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.running_var = torch.ones(dim)

    def __call__(self, x):
        mean, var = x.mean(0), x.var(0)  # torch's var has correction=1 unless told
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var.detach()
        return (x - mean) / (var + self.eps).sqrt()


def which_corrections(norm, x):
    """Finds out by experiment which variance a layer divides by, and which it stores.

    Args:
        norm: a layer in training mode, like LectureNorm or torch.nn.BatchNorm1d: norm(x) returns
            x normalized with the batch's statistics (gain 1, bias 0), and norm.running_var,
            (n_hidden,), moves toward the batch's variance by the share norm.momentum. Whether it
            is a new tensor then, or the old one with new numbers, is the layer's own affair. It may
            have been used before, so running_var need not be 1 (it is below 100). norm.eps is 1e-5
            or less, norm.momentum 0.01 or more. What state the layer is left in is up to you.
        x: a batch for it, float (n, n_hidden), without gradient; n from 2 to 8, the numbers in each
            column have a standard deviation of about 1 or more.

    Returns:
        (divides, stores), two ints: 0 for the biased variance, 1 for the unbiased.

    Example:
        >>> which_corrections(LectureNorm(3), torch.randn(4, 3))
        (1, 1)
    """
    ### BEGIN SOLUTION
    before = norm.running_var.clone()  # a layer may update its own in place
    y = norm(x)
    stored = (norm.running_var - (1 - norm.momentum) * before) / norm.momentum

    candidates = [x.var(0, correction=c) for c in (0, 1)]
    outputs = [(x - x.mean(0)) / (var + norm.eps).sqrt() for var in candidates]
    divides = min((0, 1), key=lambda c: (outputs[c] - y).abs().sum().item())
    stores = min((0, 1), key=lambda c: (candidates[c] - stored).abs().sum().item())
    return divides, stores
    ### END SOLUTION


# %% [markdown]
# ## Eval mode
#
# The same formula with statistics that are fixed. Now each example is answered alone, whatever else
# is in the batch, a batch of one included; and nothing is updated.


# %%
def batchnorm_eval(x, running_mean, running_var, gain, bias, eps=1e-5):
    """Batch normalization with stored statistics, as after training.

    Args:
        x: activations before normalization, float (n, n_hidden), n >= 1.
        running_mean: float (n_hidden,).
        running_var: float (n_hidden,), the variance to use, as it is.
        gain: float (n_hidden,).
        bias: float (n_hidden,).
        eps: added to the variance, inside the root, a float.

    Returns:
        float (n, n_hidden), dtype of x. Gradients flow to x, gain and bias.

    Example:
        >>> one = torch.tensor([1.0])
        >>> batchnorm_eval(torch.tensor([[7.0]]), one, 3 * one, 10 * one, 5 * one, eps=1.0)
        tensor([[35.]])
    """
    ### BEGIN SOLUTION
    return gain * (x - running_mean) / (running_var + eps).sqrt() + bias
    ### END SOLUTION


# %% [markdown]
# ## The bias that does nothing
#
# Before BatchNorm came, the hidden layer was `embcat @ W1 + b1`. With it, `b1` adds the same number
# to a whole column, the column's mean grows by that number, and the mean is subtracted. Whatever
# `b1` is, the result is the same: so its gradient must be zero. Do not believe it, measure it. A
# bias before BatchNorm is not wrong, only useless; from here on it is left out, and BatchNorm's own
# bias takes its place.


# %%
def bias_gradient(function, x, b1, dout):
    """The gradient that reaches a bias which is added to x before `function`.

    That is d loss / d b1 for loss = sum(function(x + b1) * dout), computed by autograd.

    Args:
        function: differentiable, from (n, n_hidden) to (n, n_hidden): tanh, or a batchnorm. Tensors
            of its own may require gradients; what becomes of their .grad is up to you.
        x: what the bias is added to, float (n, n_hidden).
        b1: the bias, float (n_hidden,), without gradient; left as it is.
        dout: the gradient that arrives at function's result, float (n, n_hidden).

    Returns:
        float (n_hidden,), dtype of b1.

    Example:
        >>> x, b1, dout = torch.zeros(2, 3), torch.ones(3), torch.ones(2, 3)
        >>> bias_gradient(lambda z: z**2, x, b1, dout)
        tensor([4., 4., 4.])
    """
    ### BEGIN SOLUTION
    b1 = b1.detach().clone().requires_grad_()
    loss = (function(x + b1) * dout).sum()
    loss.backward()
    return b1.grad
    ### END SOLUTION


# %% [markdown]
# ## The network
#
# Lesson 03's, with BatchNorm between the matrix and tanh. It has a switch. In training mode it uses
# the batch and moves the running statistics; in eval mode it uses those and leaves them alone.
# Forgotten switches are the most frequent mistake with this layer, in all of deep learning.


# %%
def make_params(vocab_size, g, block_size=3, n_embd=10, n_hidden=200, w1_std=None):
    """All that the network knows, as a namespace. The std of W1 is w1_std, or as part 1 wants it."""
    fan_in = block_size * n_embd
    return SimpleNamespace(
        C=torch.randn(vocab_size, n_embd, generator=g),
        W1=torch.randn(fan_in, n_hidden, generator=g) * (w1_std or 5 / 3 / fan_in**0.5),
        bngain=torch.ones(n_hidden),
        bnbias=torch.zeros(n_hidden),
        W2=torch.randn(n_hidden, vocab_size, generator=g) * 0.01,
        # zeros; drawn all the same, so that the lecture's seed gives the lecture's batches
        b2=torch.randn(vocab_size, generator=g) * 0,
        running_mean=torch.zeros(n_hidden),
        running_var=torch.ones(n_hidden),
    )


def learned(p):
    """The tensors that learn. The running statistics are not among them."""
    return [p.C, p.W1, p.bngain, p.bnbias, p.W2, p.b2]


def mlp_forward(p, Xb, training, momentum=0.1, eps=1e-5):
    """The logits of the MLP with BatchNorm, in training or in eval mode.

    embcat (the embeddings C[Xb] of each context side by side) @ W1, batch normalization, tanh, @ W2 + b2.

    Args:
        p: a namespace with C (vocab_size, n_embd), W1 (block_size * n_embd, n_hidden), bngain, bnbias,
            running_mean, running_var (n_hidden,) each, W2 (n_hidden, vocab_size), b2 (vocab_size,).
        Xb: contexts, int64 (n, block_size); n >= 2 in training mode, n >= 1 in eval mode.
        training: True: normalize as batchnorm does (correction 0), and replace p.running_mean and
            p.running_var by what update_running returns. False: normalize as batchnorm_eval does with
            p's running statistics, and change nothing.
        momentum: for update_running.
        eps: for batchnorm and batchnorm_eval.

    Returns:
        logits, float (n, vocab_size). Apart from the running statistics, p stays as it is.

    Example:
        >>> p = make_params(27, torch.Generator().manual_seed(1))
        >>> logits = mlp_forward(p, torch.randint(27, (4, 3)), training=True)
        >>> logits.shape, p.running_mean.abs().sum() > 0
        (torch.Size([4, 27]), tensor(True))
    """
    ### BEGIN SOLUTION
    hprebn = p.C[Xb].view(len(Xb), -1) @ p.W1  # (n, n_hidden)
    if training:
        hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps)
        p.running_mean, p.running_var = update_running(
            p.running_mean, p.running_var, hprebn, momentum
        )
    else:
        hpreact = batchnorm_eval(hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)
    return torch.tanh(hpreact) @ p.W2 + p.b2
    ### END SOLUTION


# %% [markdown]
# ## Calibration
#
# There is another way to get statistics for eval mode: when training is over, send the *whole*
# training set through once, and take mean and variance of that. It is exact for the final weights,
# but a second stage that somebody has to remember; the running statistics come for free. Compare
# the two below: they should nearly agree.


# %%
def calibrate(p, X):
    """Mean and variance of what goes into BatchNorm, over a whole training set.

    Args:
        p: a namespace as for mlp_forward; left as it is. Its tensors may require gradients.
        X: all contexts, int64 (N, block_size), N >= 2.

    Returns:
        (mean, var) of hprebn = embcat @ W1, each float (n_hidden,), without gradient (requires_grad is
        False); var is the unbiased variance over all N examples at once.

    Example:
        >>> p = SimpleNamespace(C=torch.tensor([[1.0], [3.0]]), W1=torch.tensor([[1.0], [10.0]]))
        >>> calibrate(p, torch.tensor([[0, 0], [1, 0]]))
        (tensor([12.]), tensor([2.]))

    Source: lecture "BatchNorm", from 40:40.
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        hprebn = p.C[X].view(len(X), -1) @ p.W1
        return batch_stats(hprebn, correction=1)
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# The experiments of this part, with your functions, and three pictures: training with and without
# BatchNorm, from a good initialization and from a bad one; running statistics beside calibrated
# ones; the gradient that arrives at the embeddings, for weights of any size.
#
# At full length (200,000 steps, lr 0.1, then 0.01 from half on; on one CPU thread some five minutes)
# on the lecture's names:
#
#     hero run 04/2 -- --full --data lecture
#
# | network | published dev loss | ours, the lecture's seed | seed 42 | seed 1 |
# |---|---|---|---|---|
# | without BatchNorm | 2.107 | 2.106 | 2.108 | 2.103 |
# | with BatchNorm | 2.105 | 2.105 | 2.109 | 2.110 |
#
# As good, not better: for one hidden layer, part 1 had solved the problem by hand, and in a short
# run the noise of the batches even costs a little. In the picture you see what BatchNorm is for: it
# does not care how large W1 is at the start. Part 4 goes deep, and there it counts.
#
# The running statistics of a long run with batches of 32 want a small momentum (0.001 here, as in
# the lecture): with 0.1 they forget all but the last few dozen batches, and jitter. The second
# picture shows it.


# %%
RUNS = [
    # name, std of W1 (None: as it should be), with BatchNorm, published dev loss
    ("W1 far too small", 0.001, False, None),
    ("W1 far too small, with BatchNorm", 0.001, True, None),
    ("W1 scaled", None, False, 2.107),
    ("W1 scaled, with BatchNorm", None, True, 2.105),
]


def plain_forward(p, Xb):
    """The logits of the same network without BatchNorm; bnbias is its bias."""
    return torch.tanh(p.C[Xb].view(len(Xb), -1) @ p.W1 + p.bnbias) @ p.W2 + p.b2


def make_splits(names, stoi, block_size=3):
    """80 % of the shuffled names for training, 10 % for dev, 10 % for test, as pairs (X, Y)."""
    names = list(names)
    random.Random(42).shuffle(names)
    cuts = [0, int(0.8 * len(names)), int(0.9 * len(names)), len(names)]
    splits = {}
    for split, i, j in zip(("train", "dev", "test"), cuts, cuts[1:], strict=False):
        X, Y = [], []
        for name in names[i:j]:
            context = [0] * block_size
            for ix in [stoi[c] for c in name] + [0]:
                X.append(context)
                Y.append(ix)
                context = context[1:] + [ix]
        splits[split] = (torch.tensor(X), torch.tensor(Y))
    return splits


def train(p, X, Y, steps, g, use_batchnorm, momentum, description):
    """Gradient descent, lr 0.1 and from half on 0.01, on batches of 32; the loss of each step."""
    losses, running, piece = [], None, max(1, steps // 100)
    for tensor in learned(p):
        tensor.requires_grad_()
    with progress(steps // piece, description) as bar:
        for step in range(steps):
            ix = torch.randint(0, len(X), (32,), generator=g)
            if use_batchnorm:
                logits = mlp_forward(p, X[ix], training=True, momentum=momentum)
            else:
                logits = plain_forward(p, X[ix])
            loss = F.cross_entropy(logits, Y[ix])
            for tensor in learned(p):
                tensor.grad = None
            loss.backward()
            with torch.no_grad():
                for tensor in learned(p):
                    if tensor.grad is not None:  # without BatchNorm, bngain is idle
                        tensor -= (0.1 if step < steps / 2 else 0.01) * tensor.grad
            losses.append(loss.item())
            running = losses[-1] if running is None else 0.99 * running + 0.01 * losses[-1]
            if (step + 1) % piece == 0 and (step + 1) // piece <= steps // piece:
                bar.update(loss=running)
    return losses


def plot_losses(runs, path):
    """Means of the losses of each run, (name, losses)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name, losses in runs:
        window = max(1, len(losses) // 60)
        starts = range(0, len(losses) - window + 1, window)
        means = [sum(losses[i : i + window]) / window for i in starts]
        axes.plot(starts, means, "--" if "with" in name else "-", label=name)
    axes.set(xlabel="step", ylabel="loss, smoothed", ylim=(2.0, 3.0))
    axes.legend()
    figure.savefig(path, dpi=90)


def plot_running(p, X, momentums, path, g, steps=1500):
    """Left: a running mean with fixed weights, for several momentums. Right: running and calibrated std."""
    from matplotlib.figure import Figure

    mean, var = calibrate(p, X)
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    tracked = {momentum: (torch.zeros_like(mean), torch.ones_like(var)) for momentum in momentums}
    traces = {momentum: [] for momentum in momentums}
    for _ in range(steps):
        ix = torch.randint(0, len(X), (32,), generator=g)
        with torch.no_grad():
            hprebn = p.C[X[ix]].view(32, -1) @ p.W1
        for momentum in momentums:
            tracked[momentum] = update_running(*tracked[momentum], hprebn, momentum)
            traces[momentum].append(tracked[momentum][0][0].item())
    for momentum, trace in traces.items():
        left.plot(trace, label=f"momentum {momentum}", linewidth=1)
    left.axhline(mean[0].item(), color="black", linestyle=":", label="calibrated")
    left.set(xlabel="batch", ylabel="running mean", title="one neuron, weights fixed")
    left.legend()
    for momentum, (_, running_var) in tracked.items():
        right.plot(var.sqrt(), running_var.sqrt(), ".", label=f"momentum {momentum}")
    right.axline((1, 1), slope=1, color="black", linestyle=":", label="equal")
    right.set(
        xlabel="calibrated std",
        ylabel="running std",
        title=f"every neuron, after {steps:,} batches",
    )
    right.legend()
    figure.savefig(path, dpi=80)


def gradient_at_embeddings(p, Xb, Yb, scale, use_batchnorm):
    """The std of d loss / d C when W1 is multiplied by `scale`."""
    C = p.C.detach().clone().requires_grad_()
    hprebn = C[Xb].view(len(Xb), -1) @ (p.W1.detach() * scale)
    if use_batchnorm:
        hprebn = batchnorm(hprebn, p.bngain.detach(), p.bnbias.detach())
    F.cross_entropy(torch.tanh(hprebn) @ p.W2.detach(), Yb).backward()
    return C.grad.std().item()


def plot_gradients(p, Xb, Yb, path):
    """The gradient that arrives at the embeddings over the scale of W1, with and without BatchNorm."""
    from matplotlib.figure import Figure

    scales = [10 ** (i / 8 - 2) for i in range(33)]
    figure = Figure(figsize=(6.5, 4), layout="constrained")
    axes = figure.subplots()
    for use_batchnorm, style in ((False, "-"), (True, "--")):
        stds = [gradient_at_embeddings(p, Xb, Yb, scale, use_batchnorm) for scale in scales]
        axes.plot(scales, stds, style, label="with BatchNorm" if use_batchnorm else "without")
    axes.set(
        xscale="log", yscale="log", xlabel="W1 is multiplied by", ylabel="std of the gradient of C"
    )
    axes.legend()
    figure.savefig(path, dpi=90)


def show(what, function):
    """Runs one section of main; one that needs a TODO says so and is left out."""
    print(f"\n-- {what}")
    try:
        function()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this section comes later.")


def main():
    parser = argparse.ArgumentParser(description="Batch normalization, taken apart and trained.")
    parser.add_argument("--steps", type=int, default=5_000, help="steps per training")
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=2147483647, help="(the lecture's)")
    args = parser.parse_args()
    steps = 200_000 if args.full else args.steps
    momentum = 0.001 if args.full else 0.01

    names = load_names(args.data)
    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    splits = make_splits(names, stoi)
    X, Y = splits["train"]
    g = torch.Generator().manual_seed(args.seed)
    p = make_params(len(stoi), g)

    def corrections():
        x = torch.randn(4, 100, generator=g)
        words = ("biased", "unbiased")
        for norm in (torch.nn.BatchNorm1d(100), LectureNorm(100)):
            divides, stores = which_corrections(norm, x)
            print(
                f"{type(norm).__name__:<12} divides by the {words[divides]}, stores the {words[stores]}"
            )

    def useless_bias():
        x, dout, b1 = (torch.randn(*size, generator=g) for size in [(32, 200), (32, 200), (200,)])
        through = {"tanh": torch.tanh, "batchnorm": lambda z: batchnorm(z, p.bngain, p.bnbias)}
        for name, function in through.items():
            largest = bias_gradient(function, x, b1, dout).abs().max()
            print(f"through {name:<10} the gradient of b1 is at most {largest:.1e}")

    def company():
        ix = torch.randint(0, len(X), (5, 31), generator=g)
        with torch.no_grad():
            for training in (True, False):
                kept = SimpleNamespace(**vars(p))
                logits = [
                    mlp_forward(kept, torch.cat([X[:1], X[others]]), training)[0] for others in ix
                ]
                spread = torch.stack(logits).std(0).mean()
                print(f"{'training' if training else 'eval':<9} mode: in five batches, one name's "
                      f"logits differ by {spread:.1e}")  # fmt: skip

    def gradients():
        path = picture("04_batchnorm/embedding_gradients.png")
        plot_gradients(p, X[:256], Y[:256], path)
        print(f"{path}: with BatchNorm, the size of W1 does not matter.")

    def training():
        chosen = [run for run in RUNS if run[3] or not args.full]
        runs, lines = [], []
        for name, w1_std, use_batchnorm, published in chosen:
            g = torch.Generator().manual_seed(args.seed)
            q = make_params(len(stoi), g, w1_std=w1_std)
            losses = train(q, X, Y, steps, g, use_batchnorm, momentum, name)
            runs.append((name, losses))
            Xd, Yd = splits["dev"]
            with torch.no_grad():
                logits = mlp_forward(q, Xd, False) if use_batchnorm else plain_forward(q, Xd)
            dev = F.cross_entropy(logits, Yd).item()
            lines.append(f"{name:<33} {published or '':>9} {dev:>7.3f}")
        print(f"\ndev loss                          published    ours   ({steps:,} steps)")
        print("\n".join(lines))
        path = picture("04_batchnorm/with_and_without.png")
        plot_losses(runs, path)
        print(f"{path}: without BatchNorm, the small W1 costs dearly; with it (dashed), nothing.")
        print(
            "  (In a short run it may even win: its gradients are larger, so it learns faster at first.)"
        )

        running = q.running_mean, q.running_var
        for what, stats in (("running", running), ("calibrated", calibrate(q, X))):
            q.running_mean, q.running_var = stats
            with torch.no_grad():
                dev = F.cross_entropy(mlp_forward(q, Xd, training=False), Yd).item()
            print(f"dev loss of the last with {what:<10} statistics: {dev:.4f}")
        path = picture("04_batchnorm/running.png")
        plot_running(q, X, (0.1, 0.01, 0.001), path, g)
        print(f"{path}: a large momentum jitters, a small one takes its time.")

    show("which variance?", corrections)
    show("the bias before BatchNorm", useless_bias)
    show("who is in the batch?", company)
    show("the gradient at the embeddings", gradients)
    show("training", training)


if __name__ == "__main__":
    main()
