# %% [markdown]
# # The same model, as a network
#
# Counting has an end: with ten characters of context there are more rows than names. So now the same
# model again, found in another way, which will go on to work: start with random numbers,
# measure the loss, go downhill. Every network of this workbook, GPT included, is trained like this.
#
#     xs ──▶ one-hot ──▶ @ W ──▶ logits ──▶ softmax ──▶ probs ──▶ pick ys, -log, mean ──▶ loss
#     (n,)   (n, 27)    (27, 27) (n, 27)                (n, 27)                            one number
#                        ▲                                                                   │
#                        └──────────────────── W.data -= lr * W.grad ────────────────────────┘
#
# It is the simplest network there is: one layer, no bias, no nonlinearity. And since the
# counting model is the best of all bigram models, you know in advance where training must end: 2.454.
#
# What will go wrong: one-hot vectors left as integers, a softmax that overflows, gradients that pile
# up from step to step, a step uphill.

# %%
import argparse
import functools
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## Given: the vocabulary


# %%
def vocabulary(words):
    """(stoi, itos): characters to indices and back; '.' is 0."""
    itos = dict(enumerate("." + "".join(sorted(set("".join(words))))))
    return {ch: i for i, ch in itos.items()}, itos


# %% [markdown]
# ## Examples: input and target
#
# A training set of pairs: given the character `xs[i]`, the next one is `ys[i]`. The name emma
# makes five examples:
#
#     xs:  .  e  m  m  a
#     ys:  e  m  m  a  .


# %%
def make_pairs(words, stoi):
    """All bigrams of the words as two tensors of indices.

    Args:
        words: list of at least one string, without '.'; an empty one is an example too, '.' after '.'.
        stoi: dict from character to index; '.' marks beginning and end.

    Returns:
        (xs, ys): int64 tensors (n,), where n counts the bigrams of all words; ys[i] is what
        follows xs[i]. Words in their order, bigrams in their order.

    Example:
        >>> make_pairs(["a", "ab"], {".": 0, "a": 1, "b": 2})
        (tensor([0, 1, 0, 1, 2]), tensor([1, 0, 1, 2, 0]))
    """
    ### BEGIN SOLUTION
    xs, ys = [], []
    for word in words:
        ids = [stoi[ch] for ch in "." + word + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)
    ### END SOLUTION


# %% [markdown]
# ## One-hot
#
# A network multiplies its inputs by weights. The *index* 13 must not go in as the number 13: m is not
# thirteen times as much as a. So each character gets a vector of its own, with a single 1:
#
#     2  →  [0. 0. 1. 0. 0.]
#
# `F.one_hot` makes it, with two traps. Without `num_classes` the width is the largest index that
# happens to be there plus one. And it returns int64, while weights are float32.


# %%
def one_hot(xs, num_classes):
    """A row with a single 1 for each index.

    Args:
        xs: int64 (n,), each 0 <= xs[i] < num_classes.
        num_classes: the width, an int.

    Returns:
        float32 (n, num_classes); element [i, xs[i]] is 1, all others are 0.

    Example:
        >>> one_hot(torch.tensor([2, 0]), 4)
        tensor([[0., 0., 1., 0.],
                [1., 0., 0., 0.]])
    """
    ### BEGIN SOLUTION
    return F.one_hot(xs, num_classes=num_classes).float()
    ### END SOLUTION


# %% [markdown]
# ## The layer: logits
#
# One matrix product is the whole network. A one-hot row times W picks out a row of W, so row i of W plays
# the part that row i of the count matrix played. But its numbers may be anything, also negative. Read
# them as *logarithms of counts*; they are called logits.


# %%
def bigram_logits(xs, W):
    """What the network says about each possible next character.

    Args:
        xs: int64 (n,), indices of characters.
        W: weights, float32 (vocab_size, n_out). In this lesson n_out is vocab_size too, but your
            function needs no such thing.

    Returns:
        float32 (n, n_out): the one-hot rows of xs, times W. Gradients flow back to W.

    Example:
        >>> bigram_logits(torch.tensor([1, 1]), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor([[3., 4.],
                [3., 4.]])
    """
    ### BEGIN SOLUTION
    return one_hot(xs, W.shape[0]) @ W
    ### END SOLUTION


# %% [markdown]
# ## Softmax
#
# From logits to probabilities: `exp` makes "counts" of them, all positive, and then rows are normalized as in
# part 2:
#
#     logits ── exp ──▶ counts ── / row sum ──▶ probs
#
# `exp(1000)` is inf, and inf / inf is NaN. Cure: subtract each row's maximum first. Numerator and
# denominator shrink by the same factor, so the result is the same, and the largest exp is exactly 1.


# %%
def softmax(logits):
    """Each row of logits as probabilities, for logits of any size.

    Args:
        logits: float (n, vocab_size), values up to +-1e4, float32 or float64. Stays as it is.

    Returns:
        Float of the same shape and dtype; rows sum to 1. Gradients flow back to the logits.

    Example:
        >>> softmax(torch.tensor([[0.0, 0.0], [1000.0, 0.0]]))
        tensor([[0.5000, 0.5000],
                [1.0000, 0.0000]])
    """
    ### BEGIN SOLUTION
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    return counts / counts.sum(1, keepdim=True)
    ### END SOLUTION


# %% [markdown]
# ## The loss
#
# The average negative log-likelihood of part 3: from each row take the probability of the character that
# really came, `probs[torch.arange(n), ys]`. Not `probs[:, ys]`: that takes n columns from *every* row.
#
# This time the loss must remain a tensor. `.item()` would turn it into a plain number that no longer knows
# where it came from, and there would be nothing to call `backward()` on.


# %%
def nll_loss(probs, ys):
    """The average negative log-likelihood of the targets.

    Args:
        probs: float (n, vocab_size), rows sum to 1.
        ys: int64 (n,), the characters that really came; n >= 1.

    Returns:
        A tensor with no dimensions, of the dtype of probs. Gradients flow back to probs.

    Example:
        >>> nll_loss(torch.tensor([[0.5, 0.5], [0.75, 0.25]]), torch.tensor([1, 0]))
        tensor(0.4904)
    """
    ### BEGIN SOLUTION
    n = ys.shape[0]
    return -probs[torch.arange(n), ys].log().mean()
    ### END SOLUTION


# %% [markdown]
# ## One step downhill
#
# `loss.backward()` puts the gradient into `W.grad`, or rather *adds* it to what is there. So
# clear it first: `W.grad = None`. Then move W a little against the gradient, in place:
#
#     clear  →  backward  →  W.data += -lr * W.grad
#
# `W = W - lr * W.grad` would only give the name W, inside your function, to a new tensor.


# %%
def gradient_step(W, loss, lr):
    """One step of gradient descent on W.

    Args:
        W: a float tensor with requires_grad=True, changed in place. W.grad may be None, or hold the
            gradient of an earlier step, which must not count again.
        loss: a tensor with no dimensions, computed from W; `backward()` has not been called on it.
        lr: learning rate, a float >= 0.

    Returns:
        None. Afterwards W still is a leaf that requires a gradient; what its `.grad` holds is up to you.

    Example:
        >>> W = torch.tensor([3.0], requires_grad=True)
        >>> gradient_step(W, (W**2).sum(), lr=0.1)  # the gradient is 6
        >>> W
        tensor([2.4000], requires_grad=True)
    """
    ### BEGIN SOLUTION
    W.grad = None
    loss.backward()
    W.data += -lr * W.grad
    ### END SOLUTION


# %% [markdown]
# ## The loop
#
# Forward, backward, update, again and again. The forward pass is handed over as a function, so
# that the same loop can train anything: `loss_fn(W)` computes the loss for the weights *as they are now*.
# Call it anew for each step; a loss computed once knows only the old weights.


# %%
def train(W, loss_fn, steps, lr):
    """Gradient descent, a number of steps, with `gradient_step`.

    Args:
        W: a float tensor with requires_grad=True, changed in place.
        loss_fn: a function; loss_fn(W) returns the loss, a tensor with no dimensions.
        steps: how many steps, an int >= 0.
        lr: learning rate, a float >= 0.

    Returns:
        A list of floats: the loss before each step, `steps` of them. What `W.grad` holds afterwards is up
        to you.

    Example:
        >>> W = torch.tensor([1.0], requires_grad=True)
        >>> train(W, lambda W: (W**2).sum(), steps=3, lr=0.25)  # W is 1, 0.5, 0.25
        [1.0, 0.25, 0.0625]
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        loss = loss_fn(W)
        losses.append(loss.item())
        gradient_step(W, loss, lr)
    return losses
    ### END SOLUTION


# %% [markdown]
# ## Regularization is smoothing
#
# What happens if all of W is 0? All logits are equal, so the model is uniform, as if each count had been
# drowned in fake ones. So a term in the loss that pulls W toward 0 does what alpha did in part 3:
#
#     loss = nll + strength * mean(W**2)
#
# Two forces on each weight, the data and a spring toward 0. A stronger spring is a smoother model.


# %%
def regularized_loss(W, xs, ys, strength):
    """The loss of the network plus a penalty for large weights.

    Args:
        W: weights, float32 (vocab_size, vocab_size), from -20 to 20: no exp overflows.
        xs, ys: int64 (n,), inputs and targets; n >= 1.
        strength: a float >= 0, the weight of the penalty.

    Returns:
        A float32 tensor with no dimensions: the average negative log-likelihood of ys, plus
        strength times the *mean* of the squared weights. Gradients of both terms flow back to W.

    Example:
        >>> W = torch.tensor([[2.0, 2.0], [0.0, 0.0]])
        >>> regularized_loss(W, torch.tensor([0]), torch.tensor([1]), 0.5)  # log 2 + 0.5 * 2
        tensor(1.6931)
    """
    ### BEGIN SOLUTION
    nll = nll_loss(softmax(bigram_logits(xs, W)), ys)
    return nll + strength * (W**2).mean()
    ### END SOLUTION


# %% [markdown]
# ## Run it on the names
#
# By default on 2,000 names, so that a step takes a blink; `--full` takes all names and 2,000 steps
# (some minutes). On the lecture's names that ends at 2.4546, where counting gives 2.4540, and counting
# with 1 added everywhere 2.4546. The network comes near from above and never gets below: a
# probability of exactly 0 would need a weight of minus infinity. The picture: what the network learned,
# softmax(W), beside the normalized counts. They were found in quite different ways.


# %%
def counting_probs(xs, ys, size, alpha=0.0):
    """The counting model, float32 (size, size)."""
    N = torch.bincount(xs * size + ys, minlength=size * size).view(size, size) + alpha
    return (N / N.sum(1, keepdim=True).clamp(min=1)).float()


def plot_training(losses, goal, probs, counted, itos, path):
    """The loss curve, and the two models side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 4.6), layout="constrained")
    curve, left, right = figure.subplots(1, 3)
    curve.plot(losses, label="network")
    curve.set_ylim(goal - 0.05, goal + 0.6)
    curve.axhline(goal, color="black", linestyle="--", linewidth=1, label=f"counting, {goal:.4f}")
    curve.set(xlabel="step", ylabel="loss", title="trained to the loss of counting")
    curve.legend()
    chars = list(itos.values())
    for ax, image, title in ((left, probs, "softmax(W)"), (right, counted, "normalized counts")):
        ax.imshow(image, cmap="Blues", vmin=0, vmax=0.5)
        ax.set_xticks(range(len(chars)), chars, fontsize=7)
        ax.set_yticks(range(len(chars)), chars, fontsize=7)
        ax.set(title=title, xlabel="second character", ylabel="first character")
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Trains the bigram network.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--names", type=int, default=2_000, help="how many names, at random")
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--lr", type=float, default=50.0, help="the learning rate; it is large")
    parser.add_argument("--strength", type=float, default=0.0, help="of the penalty on weights")
    parser.add_argument("--full", action="store_true", help="all names, 2,000 steps")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.names < 1 or args.steps < 1:
        parser.error("--names and --steps: at least 1")
    if not (args.lr >= 0 and args.strength >= 0):
        parser.error("--lr and --strength: at least 0")

    words = load_names(args.data)
    stoi, itos = vocabulary(words)
    if not args.full:
        words = random.Random(42).sample(words, min(args.names, len(words)))
    steps = 2_000 if args.full else args.steps
    xs, ys = make_pairs(words, stoi)
    size = len(stoi)
    counted = counting_probs(xs, ys, size)
    smoothed = counting_probs(xs, ys, size, alpha=1.0)
    goal, goal_plus_1 = (-P[xs, ys].double().log().mean().item() for P in (counted, smoothed))
    print(f"{len(words):,} names, {len(xs):,} examples, {size * size} weights")

    g = torch.Generator().manual_seed(2147483647)
    start = torch.randn((size, size), generator=g)
    W = start.clone().requires_grad_()
    losses, piece = [], max(1, steps // 100)
    with progress(steps // piece, "training") as bar:
        for _ in range(steps // piece):
            loss = functools.partial(regularized_loss, xs=xs, ys=ys, strength=args.strength)
            losses += train(W, loss, piece, lr=args.lr)
            bar.update(loss=losses[-1])
    print(
        f"loss of the network {losses[-1]:.4f}, of counting {goal:.4f}, of counts + 1 {goal_plus_1:.4f}"
    )

    if not args.full:
        print("\nstrength  nll after 200 steps  largest probability in the row of q")
        q = stoi.get("q", 1)
        for strength in (0.0, 0.01, 0.1, 1.0):
            V = start.clone().requires_grad_()
            train(V, lambda V, s=strength: regularized_loss(V, xs, ys, s), 200, lr=30.0)
            nll = nll_loss(softmax(bigram_logits(xs, V)), ys).item()
            top = softmax(V.detach())[q].max().item()
            print(f"{strength:>8}  {nll:>19.4f}  {top:>35.4f}")

    path = picture("02_bigram/network.png")
    plot_training(losses, goal, softmax(W.detach()), counted, itos, path)
    print(f"\n{path}: the same table, once counted and once learned.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: training starts when all of this part are there.")
    except DataError as error:
        sys.exit(str(error))
