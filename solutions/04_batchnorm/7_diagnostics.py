# %% [markdown]
# # Four plots that tell a healthy network from a sick one
#
# A loss curve says *that* a network trains badly. These plots say *where*. A doctor does not ask only how
# you feel; this is the thermometer, the pulse, and what they should read:
#
#     1  activations    histogram of each tanh layer's output     std near 0.65, few at the ends
#     2  gradients      histogram of d loss / d output            the same width in every layer
#     3  grad : data    std of a weight's gradient / of itself    the same size in every layer
#     4  update : data  std of one step / of the weight, log10    about -3, in every layer
#
# The patient is a tall network: five tanh layers, one after the other. What a factor that is a little off
# does in one layer, it does five times here.
#
# What will go wrong: measuring the last layer only; measuring after the gradients were cleared; and the
# classic, a plot so far from what it should be that one takes the axis for broken.

# %%
import argparse
import math
import random
import sys
from string import ascii_lowercase

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The patient, given
#
# `gain` multiplies every hidden weight: 5/3 is right for tanh (part 2). With `batchnorm`, each layer is
# normalized as in part 3.


# %%
class Patient:
    """An embedding, `depth` tanh layers, and logits; keeps the tanh outputs of the last forward pass."""

    def __init__(self, gain, batchnorm, generator, depth=5, n_hidden=100, n_embd=10, block_size=3):
        def normal(*shape):
            return torch.randn(shape, generator=generator)

        widths = [n_embd * block_size] + [n_hidden] * depth
        self.C = normal(27, n_embd)
        self.weights = [gain * normal(widths[i], n_hidden) / widths[i] ** 0.5 for i in range(depth)]
        self.biases = [torch.zeros(n_hidden) for _ in self.weights]
        self.head = 0.1 * normal(n_hidden, 27) / n_hidden**0.5
        self.batchnorm = batchnorm
        self.outs = []
        for p in self.parameters():
            p.requires_grad_()

    def parameters(self):
        """The table, the weights, the biases, the output layer."""
        return [self.C, *self.weights, *self.biases, self.head]

    def __call__(self, X):
        """Logits (N, 27); `outs` then holds the output of each tanh layer, (N, n_hidden)."""
        x, self.outs = self.C[X].flatten(1), []
        for W, b in zip(self.weights, self.biases, strict=True):
            hpreact = x @ W
            if self.batchnorm:
                hpreact = F.batch_norm(hpreact, None, None, training=True)
            x = torch.tanh(hpreact + b)
            self.outs.append(x)
        return x @ self.head


# %% [markdown]
# ## Activations
#
# Three numbers for each layer: mean, standard deviation, and how many of the outputs are *saturated*, at
# the flat ends of tanh where no gradient comes through. Both extremes are bad: a layer that shrinks to 0
# is nearly linear, one that sits at the ends hardly learns.
#
#     gain 0.5     ......|||||......      std shrinks from layer to layer
#     gain 5/3     |.|||||||||||||.|      stays, from layer 2 on
#     gain 3       |||...........|||      40 to 50 % beyond -0.97 and 0.97


# %%
def activation_stats(h, threshold=0.97):
    """Mean, standard deviation and percentage of saturated outputs of one layer.

    Args:
        h: outputs of tanh, float (N, n_hidden), at least two numbers. It may require a gradient.
        threshold: an output counts as saturated if its absolute value is above this.

    Returns:
        (mean, std, percent), three Python floats over all N * n_hidden numbers: std with Bessel's
        correction (torch's own default), percent from 0 to 100.

    Example:
        >>> mean, std, percent = activation_stats(torch.tensor([[1.0, -1.0], [0.0, 0.0]]))
        >>> mean, round(std, 4), percent
        (0.0, 0.8165, 50.0)

    Source: lecture "BatchNorm", from 1:26:51.
    """
    ### BEGIN SOLUTION
    percent = (h.abs() > threshold).double().mean() * 100
    return h.mean().item(), h.std().item(), percent.item()
    ### END SOLUTION


# %% [markdown]
# ## Histograms
#
# A picture of a distribution: cut the range from the smallest to the largest number into equal bins, count
# how many fall into each, and scale the counts so that the *area* is 1. Then layers with different numbers
# of neurons can be drawn in one plot.
#
#     density = count / (number of values * width of a bin)
#
# A number on the edge of two bins belongs to the right one; only the last bin includes its right
# edge, where the largest number lies.


# %%
def histogram(t, bins):
    """The density of the numbers in a tensor, bin by bin.

    Args:
        t: float32 or float64, any shape, not all numbers equal. It may require a gradient.
        bins: how many bins of equal width between the smallest and the largest number. A bin is far wider
            than the steps in which floats of this size go (at 100 million these are 8 for float32).

    Returns:
        (centers, density): float tensors (bins,) of the dtype of t, without gradient: the middle of each
        bin, and its density. The sum of density times the width of a bin is 1.

    Example:
        >>> histogram(torch.tensor([0.0, 1.0, 1.0, 4.0]), bins=2)
        (tensor([1., 3.]), tensor([0.3750, 0.1250]))
    """
    ### BEGIN SOLUTION
    counts, edges = torch.histogram(t.detach().flatten(), bins=bins, density=True)
    return (edges[:-1] + edges[1:]) / 2, counts
    ### END SOLUTION


# %% [markdown]
# ## Gradients at the outputs
#
# What arrives at each layer from above? PyTorch keeps gradients of *leaves* only (the parameters), and
# lets go of all others on the way. `torch.autograd.grad(loss, outs)` asks for them, and writes into no
# `.grad`; but it frees the graph, unless you tell it to keep it.
#
# If they shrink from the last layer to the first, the first layers learn too slowly; if they grow, everything
# explodes.


# %%
def output_gradients(loss, outs):
    """The gradient of the loss with respect to each layer's output.

    Args:
        loss: a tensor with no dimensions, computed from outs.
        outs: list of tensors, not leaves, each on the way to the loss.

    Returns:
        A list of tensors, one for each of outs, of its shape and dtype: d loss / d out. The graph
        survives: `loss.backward()` still works afterwards, and the `.grad` of the parameters is
        as it was before the call.

    Example:
        >>> x = torch.tensor([2.0], requires_grad=True)
        >>> out = 3 * x
        >>> output_gradients((out**2).sum(), [out])
        [tensor([12.])]
    """
    ### BEGIN SOLUTION
    return list(torch.autograd.grad(loss, outs, retain_graph=True))
    ### END SOLUTION


# %% [markdown]
# ## grad : data
#
# A gradient of 0.01 is a lot for a weight of 0.001, and nothing for a weight of 10. So compare it with the
# weight's own size. Layers whose ratio is far larger than the others' will be the first to break.


# %%
def grad_data_ratio(p):
    """How large a parameter's gradient is, compared with the parameter.

    Args:
        p: a parameter, float tensor with at least two elements, not all equal, whose .grad has been
            filled.

    Returns:
        std(p.grad) / std(p), a Python float.

    Example:
        >>> p = torch.tensor([1.0, 3.0], requires_grad=True)
        >>> p.grad = torch.tensor([0.0, 0.5])
        >>> grad_data_ratio(p)
        0.25
    """
    ### BEGIN SOLUTION
    return (p.grad.std() / p.detach().std()).item()
    ### END SOLUTION


# %% [markdown]
# ## update : data
#
# The gradient is not what moves a weight; the *update*, lr times the gradient, is. On a log scale, because it
# differs by powers of ten:
#
#     log10( std(lr * grad) / std(data) )          -3: each step changes a weight by a thousandth
#
# Rule of thumb: about -3, and -2.5 is fine. At -5 training takes forever; at -1 the weights are thrown
# about. Watch it over the steps of a training, for all weight matrices, the embedding table among
# them (biases and gains, which start at 0 or 1, are left out).


# %%
def update_data_ratios(parameters, lr):
    """log10 of the size of the coming update over the size of the data, for each weight matrix.

    Args:
        parameters: list of float tensors whose .grad has been filled. Only those with exactly two
            dimensions count; for all others there is nothing in the result. Those that count have
            elements that are not all equal, and so have their gradients.
        lr: learning rate of plain gradient descent, a float > 0.

    Returns:
        A list of Python floats, in the order of parameters.

    Example:
        >>> W, b = torch.tensor([[1.0, 3.0]]), torch.tensor([5.0])
        >>> W.grad, b.grad = torch.tensor([[0.0, 0.2]]), torch.tensor([1.0])
        >>> [round(ratio, 4) for ratio in update_data_ratios([W, b], lr=0.1)]
        [-2.0]

    Source: lecture "BatchNorm", from 1:39:55.
    """
    ### BEGIN SOLUTION
    return [
        ((lr * p.grad).std() / p.detach().std()).log10().item() for p in parameters if p.ndim == 2
    ]
    ### END SOLUTION


# %% [markdown]
# ## The visit
#
# Six patients: the healthy one; a tanh whose 5/3 was forgotten; a gain too small, and too large; the small
# gain again but with BatchNorm; and one whose only illness is a learning rate that is too low. Each has
# its panel in each of the four pictures.
#
# How to read them (without BatchNorm, layer 1 has the widest outputs: what goes into it are embeddings,
# which start as N(0, 1), not outputs of a tanh):
#
# - **gain 1:** the 5/3 forgotten. tanh squeezes a little in each layer, std 0.63 in the first, 0.32 in
#   the fifth. In five layers that is a cold; after fifty it would be below 0.1.
# - **gain 0.5:** activations shrink to a spike at 0, layer by layer. On the way back the gradients shrink
#   likewise, from the last layer to the first.
# - **gain 3:** activations pile up at -1 and 1. The gradients grow on their way down.
# - **gain 0.5 with BatchNorm:** activations and gradients look healthy: BatchNorm repairs what the
#   weights spoil. Only the ratios tell. The weights are small, so the same step is a larger share of
#   them: lr is too high.
# - **learning rate too low:** the first three plots are perfect. Only update:data shows it, at -5.
#
# In update:data the output layer stands above the others in all panels: it was scaled down at the
# start, and grows for a while.


# %%
def make_panels(Figure, count, sharey=False):
    """A figure with up to three panels in a row; and the list of them."""
    columns = min(3, count)
    lines = math.ceil(count / columns)
    figure = Figure(figsize=(3.3 * columns, 3 * lines), layout="constrained")
    return figure, figure.subplots(lines, columns, squeeze=False, sharey=sharey).flatten()


def plot_histograms(rows, xlabel, caption, path, limits=None):
    """One panel for each patient; in it one curve for each layer.

    rows: {label: [tensor, ...]}, for each patient one tensor per layer; caption(tensor) is for the legend.
    limits: ((left, right), (bottom, top)) for all panels; without, a log scale that shows the tails.
    """
    from matplotlib.figure import Figure

    figure, panels = make_panels(Figure, len(rows))
    for axes, (label, tensors) in zip(panels, rows.items(), strict=True):
        for i, t in enumerate(tensors, 1):
            centers, density = histogram(t, 30)
            on = density >= 0 if limits else density > 0  # a log scale has no place for empty bins
            axes.plot(centers[on], density[on], label=f"{i}: {caption(t)}", linewidth=1)
        axes.set_title(label, fontsize=12)
        axes.set_xlabel(xlabel)
        if limits:
            axes.set(xlim=limits[0], ylim=limits[1])
        else:
            axes.set_yscale("log")
        axes.tick_params(which="both", left=False, labelleft=False)
        axes.locator_params(axis="x", nbins=3)
        axes.legend(
            fontsize=9, frameon=False, handlelength=1, loc="best" if limits else "upper left"
        )
    figure.suptitle(f"{xlabel}, layer by layer")
    figure.supylabel("density" if limits else "density, log scale")
    figure.savefig(path, dpi=90)


def plot_updates(rows, path):
    """One panel for each patient; in it one curve for each weight, over the steps, and the line at -3."""
    from matplotlib.figure import Figure

    figure, panels = make_panels(Figure, len(rows), sharey=True)
    for axes, (label, steps) in zip(panels, rows.items(), strict=True):
        curves = list(zip(*steps, strict=True))
        for i, curve in enumerate(curves):
            name = {0: "table", len(curves) - 1: "output"}.get(i, f"layer {i}")
            axes.plot(curve, label=name, linewidth=0.7)
        axes.axhline(-3, color="black", linestyle="--", linewidth=0.8)
        axes.set_title(label, fontsize=12)
        axes.set_xlabel("step")
    figure.suptitle("update : data, step by step")
    panels[0].set_ylabel("log10 update : data")
    panels[0].legend(fontsize=8, ncol=3, loc="lower center")
    figure.savefig(path, dpi=90)


def build_dataset(words, block_size=3):
    """Contexts (N, block_size) and answers (N,)."""
    X, Y = [], []
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = 0 if c == "." else ord(c) - 96
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return torch.tensor(X), torch.tensor(Y)


def visit(patient, X, Y, steps, lr, generator, label):
    """Trains; returns the losses, update:data at each step, and what the first step shows.

    That is a list of four: the outputs of the layers, the gradients that arrive there, grad:data of
    each weight, and the weights' gradients divided by the std of the weight.
    """
    losses, ratios, first = [], [], []
    piece = max(1, steps // 20)
    with progress(steps // piece, label) as bar:
        for step in range(steps):
            ix = torch.randint(0, X.shape[0], (32,), generator=generator)
            loss = F.cross_entropy(patient(X[ix]), Y[ix])
            if step == 0:
                first = [g.detach() for g in output_gradients(loss, patient.outs)]
                first = [patient.outs, first]
            for p in patient.parameters():
                p.grad = None
            loss.backward()
            if step == 0:
                first.append([grad_data_ratio(W) for W in [*patient.weights, patient.head]])
                first.append([W.grad / W.detach().std() for W in patient.weights])
            ratios.append(update_data_ratios(patient.parameters(), lr))
            for p in patient.parameters():
                p.data -= lr * p.grad
            losses.append(loss.item())
            if step % piece == piece - 1:
                bar.update(loss=sum(losses[-piece:]) / piece)
    return losses, ratios, first


def main():
    parser = argparse.ArgumentParser(description="Activations, gradients, grad:data, update:data.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--steps", type=int, default=1_000)
    parser.add_argument("--gain", type=float, help="a patient of your own")
    parser.add_argument("--full", action="store_true", help="10,000 steps for each")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 10_000 if args.full else args.steps
    names = load_names(args.data)
    if steps < 1 or len(names) < 100 or not set("".join(names)) <= set(ascii_lowercase):
        parser.error("this takes at least 1 step, and 100 names or more, of the letters a to z")
    if args.gain is not None and not 0.01 <= args.gain <= 100:
        parser.error("a gain lies between 0.01 and 100")

    random.Random(42).shuffle(names)
    X, Y = build_dataset(names)
    patients = {
        "healthy: gain 5/3": (5 / 3, False, 0.1),
        "gain 1, no 5/3": (1.0, False, 0.1),
        "gain 0.5": (0.5, False, 0.1),
        "gain 3": (3.0, False, 0.1),
        "gain 0.5, BatchNorm": (0.5, True, 0.1),
        "lr 0.001": (5 / 3, False, 0.001),
    }
    if args.gain is not None:
        patients = {"healthy: gain 5/3": (5 / 3, False, 0.1)}
        patients[f"gain {args.gain:g}"] = (args.gain, False, 0.1)

    outs, grads, weights, updates = {}, {}, {}, {}
    for label, (gain, batchnorm, lr) in patients.items():
        g = torch.Generator().manual_seed(2147483647)
        patient = Patient(gain, batchnorm, g)
        losses, updates[label], found = visit(patient, X, Y, steps, lr, g, label)
        outs[label], grads[label], ratios, weights[label] = found
        print("  layer     mean     std   saturated   grad std   grad : data")
        layers = zip(outs[label], grads[label], ratios[:-1], strict=True)
        for i, (h, d, ratio) in enumerate(layers, 1):
            mean, std, percent = activation_stats(h)
            line = f"  {i:>5} {mean:>8.3f} {std:>7.3f} {percent:>9.1f} %"
            print(f"{line} {d.std():>10.2e} {ratio:>13.2e}")
        last = [math.fsum(u) / len(u) for u in zip(*updates[label][-50:], strict=True)]
        print(f"  update : data at the end: {'  '.join(f'{u:.1f}' for u in last)}")
        tail = losses[-max(1, steps // 5) :]
        print(f"  loss of the last steps {sum(tail) / len(tail):.4f}\n")

    def outputs(h):
        _, std, percent = activation_stats(h)
        return f"std {std:.2f}, {percent:.0f} %"

    path = picture("04_batchnorm/activations.png")
    plot_histograms(outs, "tanh output", outputs, path, limits=((-1, 1), (0, 5)))
    print(f"{path}: shrunk to a spike, or piled up at -1 and 1?")
    path = picture("04_batchnorm/output_gradients.png")
    plot_histograms(grads, "gradient at the output", lambda d: f"std {d.std():.0e}", path)
    print(f"{path}: is layer 1 as wide as layer 5?")
    path = picture("04_batchnorm/grad_data.png")
    plot_histograms(weights, "gradient of W / std of W", lambda d: f"{d.std():.0e}", path)
    print(f"{path}: grad:data stands in the legends; which weights move most?")
    path = picture("04_batchnorm/updates.png")
    plot_updates(updates, path)
    print(f"{path}: which patient would you have recognized from the loss alone?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: the visit ends here.")
    except DataError as error:
        sys.exit(str(error))
