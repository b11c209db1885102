# `hero check 02/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Shortcuts: the same, faster and safer
#
# The network of part 4 does two things the long way. It makes one-hot vectors only to multiply them away
# (E04 of the lecture), and it takes an exp only to take its logarithm (E05). This part removes both.
#
#     xs ──▶ one-hot ──▶ @ W ──▶ exp ──▶ / sum ──▶ pick ──▶ log ──▶ -mean
#     └───── W[xs] ─────────┘   └────────── F.cross_entropy ───────────┘
#
# What will go wrong: giving probabilities to a function that wants logits. It runs, the number it
# returns falls, and nobody tells you that the model gets worse. (The run at the end shows it.)

# %%
import argparse
import sys
import time

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## Given: the long way


# %%
def loss_by_hand(logits, ys):
    """exp, normalize, pick, log, mean: as in part 4, without the maximum subtracted."""
    counts = logits.exp()
    probs = counts / counts.sum(1, keepdim=True)
    return -probs[torch.arange(ys.shape[0]), ys].log().mean()


def make_pairs(words):
    """(xs, ys, size): all bigrams as indices, and how many characters there are."""
    stoi = {ch: i for i, ch in enumerate("." + "".join(sorted(set("".join(words)))))}
    ids = torch.tensor([stoi[ch] for ch in "." + ".".join(words) + "."])
    return ids[:-1], ids[1:], len(stoi)


# %% [markdown]
# ## E04: index the rows
#
# A one-hot row times W is one row of W; all the other products are with zero. So just take the row.
# Indexing does it for many at once, and gradients flow through it: a row that was taken three times
# gets three gradients, added.
#
#     one_hot(xs) @ W   27 * 27 multiplications for each example
#     W[xs]             none
#
# It is also more honest: 0 * inf is NaN, so in a matrix product a single bad row spoils all the others.


# %%
def row_logits(xs, W):
    """The rows of W at the indices xs.

    Args:
        xs: int64 of any shape (...), 0 <= xs < vocab_size.
        W: weights, float (vocab_size, n_out). Rows that xs does not name have no influence, even if
            there is inf or NaN in them.

    Returns:
        Float (..., n_out), dtype of W. Gradients flow back to W, and add up for repeated indices.

    Example:
        >>> row_logits(torch.tensor([1, 1, 0]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([[3., 4.],
                [3., 4.],
                [1., 2.]])

    Source: lecture, E04.
    """
    # TODO 02.row_logits: your code here (stuck? `hero hint 02.row_logits`)
    raise NotImplementedError("02.row_logits")


# %% [markdown]
# ## Log-softmax
#
# The loss needs log-probabilities. Taking softmax first loses them: exp(-800) is 0.0, and log(0.0) is
# -inf, though the true answer, about -800, is an ordinary number. Patches like log(p + 1e-9) only hide
# this: everything very unlikely then costs the same 20.7, and the slope is gone just where there is
# most to learn. On paper the exp cancels:
#
#     log(exp(a) / sum(exp)) = a - log(sum(exp))
#
# What is left, the log of a sum of exps, is safe once you take out the largest number m of each row:
#
#     log(sum(exp(a))) = m + log(sum(exp(a - m)))


# %%
def log_softmax(logits):
    """The logarithm of softmax, row by row, for logits of any size.

    Args:
        logits: float (n, vocab_size), values up to +-1e4, float32 or float64. Stays as it is.

    Returns:
        Float of the same shape and dtype, everywhere finite: natural logarithms, so exp of them
        sums to 1 in each row. Gradients flow back to the logits.

    Example:
        >>> log_softmax(torch.tensor([[0.0, 0.0], [1000.0, 0.0]]))
        tensor([[-6.9315e-01, -6.9315e-01],
                [ 0.0000e+00, -1.0000e+03]])
    """
    # TODO 02.log_softmax: your code here (stuck? `hero hint 02.log_softmax`)
    raise NotImplementedError("02.log_softmax")


# %% [markdown]
# ## E05: cross-entropy
#
# `F.cross_entropy(logits, ys)` is all of it in one call: softmax, log, pick, minus, mean. Why it is
# preferred:
#
# 1. **Numbers.** It works with log-probabilities as above, so it stays finite where the long way says
#    inf or NaN.
# 2. **Time and memory.** Fewer steps that each read and write an (n, 27) tensor, less to keep for the
#    backward pass.
# 3. **Backward.** Its gradient is simple, (softmax - one-hot) / n, instead of a chain through exp and log.
#
# Write it with your own `log_softmax` or call torch's; both are right. Mind what it wants: *logits*.


# %%
def cross_entropy(logits, ys):
    """The average negative log-likelihood of the targets, from logits.

    Args:
        logits: float (n, vocab_size), values up to +-1e4, float32 or float64.
        ys: int64 (n,), 0 <= ys[i] < vocab_size; n >= 1.

    Returns:
        A tensor with no dimensions, dtype of logits, always finite: the mean over the examples.
        Gradients flow back to the logits.

    Example:
        >>> cross_entropy(torch.tensor([[0.0, 0.0], [0.0, 1000.0]]), torch.tensor([0, 0]))
        tensor(500.3466)

    Source: lecture, E05.
    """
    # TODO 02.cross_entropy: your code here (stuck? `hero hint 02.cross_entropy`)
    raise NotImplementedError("02.cross_entropy")


# %% [markdown]
# ## Run it
#
# First the cost of one forward and backward pass over all names, the long way and the short: time, and what
# has to be kept in memory for the backward pass. (The clock is a restless judge; the memory is exact.)
# Then numbers: the target's logit lies ever further below the others, and the loss should rise in a straight
# line. Last the bug of the beginning: two trainings, one of which gave the loss probabilities. Between 0
# and 1, they hardly differ from each other once they are taken for logits; so the only way down is to bet
# everything on the letter that follows most often, and the true loss falls at first and then rises.


# %%
def seconds(function, repeats=3):
    """The best time of a few runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def megabytes(function):
    """How much a forward pass keeps for the backward pass."""
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss = function()  # as long as it lives, so does what it kept
    del loss
    return sum(kept.values()) / 1e6


def train(xs, ys, size, what, steps=100, lr=50.0):
    """Gradient descent on cross_entropy(what(logits), ys); the true loss before each step."""
    W = torch.zeros((size, size), requires_grad=True)
    losses = []
    with progress(steps, "training") as bar:
        for _ in range(steps):
            logits = row_logits(xs, W)
            losses.append(cross_entropy(logits.detach(), ys).item())
            W.grad = None
            cross_entropy(what(logits), ys).backward()
            W.data -= lr * W.grad
            bar.update(loss=losses[-1])
    return losses


def plot_losses(gaps, by_hand, yours, trainings, path):
    """Left: the loss when the target's logit lies `gap` below the others. Right: two trainings."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(gaps, yours, linewidth=5, color="lightblue", label="cross_entropy")
    left.plot(gaps, by_hand, color="black", label="exp, normalize, log")
    left.set(xlabel="how far the target's logit lies below the others", ylabel="loss")
    left.set_title("the long way ends where exp underflows")
    left.legend()
    for (label, losses), style in zip(trainings.items(), ("-", "--"), strict=True):
        right.plot(losses, style, label=f"{label}: {losses[-1]:.3f}")
    right.set(xlabel="step", ylabel="loss", title="cross_entropy was given ...")
    right.legend()
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Compares the long way with the short one.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--full", action="store_true", help="train on all names, 500 steps")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)

    xs, ys, size = make_pairs(load_names(args.data))
    g = torch.Generator().manual_seed(2147483647)
    W = torch.randn((size, size), generator=g).requires_grad_()
    ways = {
        "one-hot, by hand": lambda: loss_by_hand(F.one_hot(xs, size).float() @ W, ys),
        "rows, by hand": lambda: loss_by_hand(row_logits(xs, W), ys),
        "rows, cross_entropy": lambda: cross_entropy(row_logits(xs, W), ys),
        "rows, F.cross_entropy": lambda: F.cross_entropy(row_logits(xs, W), ys),
    }
    print(f"{len(xs):,} examples{'loss':>16} {'time':>9} {'memory':>9}")
    for label, way in ways.items():
        took, memory = seconds(lambda way=way: way().backward()), megabytes(way)
        print(f"{label:<22} {way().item():>9.6f} {1000 * took:>6.0f} ms {memory:>6.0f} MB")

    print(f"\n{'gap':>6} {'by hand':>10} {'yours':>10}")
    gaps = list(range(0, 201, 5))
    rows = []
    for gap in gaps:
        logits, target = torch.tensor([[-float(gap), 0.0, 0.0]]), torch.tensor([0])
        hand, own = loss_by_hand(logits, target).item(), cross_entropy(logits, target).item()
        rows.append((hand, own))
        if gap % 50 == 0:
            print(f"{gap:>6} {hand:>10.4f} {own:>10.4f}")

    if not args.full:  # the pairs are in order: every tenth is a fair sample
        xs, ys = xs[::10], ys[::10]
    steps = 500 if args.full else 100
    print(f"\ntwo trainings on {len(xs):,} examples:")
    trainings = {
        "logits": train(xs, ys, size, lambda logits: logits, steps),
        "probabilities": train(xs, ys, size, lambda logits: F.softmax(logits, 1), steps),
    }
    for label, losses in trainings.items():
        print(f"cross_entropy was given {label:<14} {losses[-1]:.4f}")
    path = picture("02_bigram/cross_entropy.png")
    plot_losses(gaps, *zip(*rows, strict=True), trainings, path)
    print(f"\n{path}: where does the black line end, and why there?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the table comes when all of this part are there.")
    except DataError as error:
        sys.exit(str(error))
