# `hero check 04/4` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # A network with BatchNorm, and its switch
#
# Now BatchNorm goes into the network of lesson 03, between the matrix and tanh, and the network gets a
# **switch**. In training mode it uses the batch, and moves the running statistics; in eval mode it uses
# those, and leaves them alone:
#
#     Xb ─► embcat ─► @ W1 ─►  BatchNorm  ─► tanh ─► @ W2 + b2 ─► logits
#                                  │
#                  training: mean and var of this batch        a context's logits depend on its company
#                  eval:     running_mean, running_var         a context's logits are its own
#
# What will go wrong: the switch itself. Forgotten switches are the most frequent mistake with this
# layer, in all of deep learning. Nothing crashes; the predictions only get worse, and depend on who else
# was asked.

# %%
import argparse
import random
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## Batch normalization, given
#
# The functions of part 3.


# %%
def batch_stats(x, correction):
    """Mean and variance of each column of x (n, n_hidden); the variance divides by n - correction."""
    return x.mean(0), x.var(0, correction=correction)


def batchnorm(x, gain, bias, eps=1e-5, correction=0):
    """gain * (x - mean) / sqrt(var + eps) + bias, with the batch's own statistics."""
    mean, var = batch_stats(x, correction)
    return gain * (x - mean) / (var + eps).sqrt() + bias


def update_running(running_mean, running_var, x, momentum=0.1):
    """The running statistics after one more batch: new tensors, the share `momentum` is new."""
    with torch.no_grad():
        mean, var = batch_stats(x, correction=1)
        new_mean = (1 - momentum) * running_mean + momentum * mean
        return new_mean, (1 - momentum) * running_var + momentum * var


def batchnorm_eval(x, running_mean, running_var, gain, bias, eps=1e-5):
    """gain * (x - running_mean) / sqrt(running_var + eps) + bias."""
    return gain * (x - running_mean) / (running_var + eps).sqrt() + bias


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
    # TODO 04.bias_gradient: your code here (stuck? `hero hint 04.bias_gradient`)
    raise NotImplementedError("04.bias_gradient")


# %% [markdown]
# ## The network
#
# One forward pass, two modes. What a mode may change is as important as what it returns.


# %%
def make_params(vocab_size, g, block_size=3, n_embd=10, n_hidden=200, w1_std=None):
    """All that the network knows, as a namespace. The std of W1 is w1_std, or as part 2 wants it."""
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
    # TODO 04.mlp_forward: your code here (stuck? `hero hint 04.mlp_forward`)
    raise NotImplementedError("04.mlp_forward")


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
    # TODO 04.calibrate: your code here (stuck? `hero hint 04.calibrate`)
    raise NotImplementedError("04.calibrate")


# %% [markdown]
# ## Run it
#
# The experiments of this part, with your functions, and two pictures: training with and without
# BatchNorm, from a good initialization and from a bad one; running statistics beside calibrated ones.
#
# At full length (200,000 steps, lr 0.1, then 0.01 from half on; on one CPU thread some five minutes)
# on the lecture's names:
#
#     hero run 04/4 -- --full --data lecture
#
# | network | published dev loss | ours, the lecture's seed | seed 42 | seed 1 |
# |---|---|---|---|---|
# | without BatchNorm | 2.107 | 2.106 | 2.108 | 2.103 |
# | with BatchNorm | 2.105 | 2.105 | 2.109 | 2.110 |
#
# As good, not better: for one hidden layer, part 2 had solved the problem by hand, and in a short
# run the noise of the batches even costs a little. In the picture you see what BatchNorm is for: it
# does not care how large W1 is at the start. Part 6 goes deep, and there it counts.
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


def train(p, X, Y, steps, g, use_batchnorm, momentum, description, batch=32):
    """Gradient descent, lr 0.1 and from half on 0.01, on batches of `batch`; the loss of each step."""
    losses, running, piece = [], None, max(1, steps // 100)
    for tensor in learned(p):
        tensor.requires_grad_()
    with progress(steps // piece, description) as bar:
        for step in range(steps):
            ix = torch.randint(0, len(X), (batch,), generator=g)
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
    axes.set_title("training from a good and from a bad start")
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


def show(what, function):
    """Runs one section of main; one that needs a TODO says so and is left out."""
    print(f"\n-- {what}")
    try:
        function()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this section comes later.")


def main():
    parser = argparse.ArgumentParser(description="The network with BatchNorm, trained.")
    parser.add_argument("--steps", type=int, default=5_000, help="steps per training")
    parser.add_argument("--batch", type=int, default=32, help="examples in a step, at least 2")
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=2147483647, help="(the lecture's)")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 200_000 if args.full else args.steps
    momentum = 0.001 if args.full else 0.01
    names = load_names(args.data)
    if steps < 1 or args.seed not in range(2**63) or len(names) < 100:
        parser.error("this takes at least 1 step, a seed from 0 on and 100 names or more")
    if args.batch < 2:
        parser.error("--batch: at least 2, since one example has no variance")

    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    splits = make_splits(names, stoi)
    X, Y = splits["train"]
    g = torch.Generator().manual_seed(args.seed)
    p = make_params(len(stoi), g)

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

    def training():
        chosen = [run for run in RUNS if run[3] or not args.full]
        runs, lines = [], []
        for name, w1_std, use_batchnorm, published in chosen:
            g = torch.Generator().manual_seed(args.seed)
            q = make_params(len(stoi), g, w1_std=w1_std)
            losses = train(q, X, Y, steps, g, use_batchnorm, momentum, name, args.batch)
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
        print(f"{path}: dashed is with BatchNorm. What does a W1 that is too small cost, and whom?")

        running = q.running_mean, q.running_var
        for what, stats in (("running", running), ("calibrated", calibrate(q, X))):
            q.running_mean, q.running_var = stats
            with torch.no_grad():
                dev = F.cross_entropy(mlp_forward(q, Xd, training=False), Yd).item()
            print(f"dev loss of the last with {what:<10} statistics: {dev:.4f}")
        path = picture("04_batchnorm/running.png")
        plot_running(q, X, (0.1, 0.01, 0.001), path, g)
        print(f"{path}: a large momentum jitters, a small one takes its time.")

    show("the bias before BatchNorm", useless_bias)
    show("who is in the batch?", company)
    show("training", training)


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(str(error))
