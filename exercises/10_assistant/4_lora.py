# `hero check 10/4` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # LoRA: finetune a model with few numbers
#
# Finetuning changes *all* weights of a model. For each task you keep a whole new model, and while you train
# it, Adam keeps two more numbers for each weight. LoRA (Hu et al. 2021) asks: must the change be that big?
# It freezes the weight $W_0$ (d_out, d_in) of a layer, and learns a change that is the product of two thin
# matrices:
#
# $$h = W_0 x + \frac{\alpha}{r}\, B A x \qquad A: (r, d_{in}),\quad B: (d_{out}, r) \quad \text{(eq. 3)}$$
#
# With $d_{in} = d_{out} = 1000$ and rank $r = 4$ that is 8,000 numbers instead of a million. The adapter
# ($A$ and $B$ of all layers) is a small file, and many of them share one base.
#
# What will go wrong: $\alpha$ is used and $1/r$ forgotten, which nobody sees while both are 8; the merged
# weight forgets the scale; $B$ starts at random, so that the "finetuned" model is a broken one at step 0;
# both start at zero, and nothing ever moves.

# %%
import argparse
import copy
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The start is the base
#
# The change must be zero at first, so that training begins where pretraining ended. One of the two matrices
# has to be zero, then. Not both: the gradient of $B$ is $\frac{\alpha}{r}\, dh\,(Ax)^T$ and the gradient of
# $A$ is $\frac{\alpha}{r}\, B^T dh\, x^T$. If both are zero, both gradients are, forever. With
# $A$ random and $B$ zero the first step moves $B$ only, and from the second on both learn.


# %%
def lora_init(d_in, d_out, r, g):
    """The matrices of a fresh adapter for a layer d_in -> d_out.

    Args:
        d_in, d_out, r: ints >= 1; r is the rank.
        g: torch.Generator. One torch.randn(r, d_in, generator=g) is drawn, and nothing else.

    Returns:
        (A, B), float32 and without gradient, in memory of their own: A (r, d_in) is that draw divided by
        sqrt(d_in), so that A x is about as large as an entry of x; B (d_out, r) is zero.

    Example:
        >>> A, B = lora_init(100, 3, 2, torch.Generator().manual_seed(0))
        >>> A.shape, B.tolist()
        (torch.Size([2, 100]), [[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]])

    Source: Hu et al. 2021, section 4.1 (A Gaussian, B zero; the standard deviation is ours).
    """
    # TODO 10.lora_init: your code here (stuck? `hero hint 10.lora_init`)
    raise NotImplementedError("10.lora_init")


# %% [markdown]
# ## Forward
#
# Brackets decide what it costs. $(BA)x$ first builds a matrix as large as $W_0$; $B(Ax)$ goes through $r$
# numbers a row. Why $\alpha / r$? $BAx$ is a sum of $r$ terms; divided by $r$, it stays about as large when
# you try another rank, and the learning rate needs no new search. $\alpha$ is a fixed number, say 16.


# %%
def lora_forward(x, weight, bias, A, B, alpha):
    """A linear layer with its low-rank change: x W^T + bias + (alpha / r) (x A^T) B^T.

    Args:
        x: float (..., d_in), any leading dimensions, also none.
        weight: float (d_out, d_in), as in nn.Linear (torch's linear layer, which computes x W^T + b).
        bias: float (d_out,), or None.
        A: float (r, d_in).
        B: float (d_out, r).
        alpha: a number; the change is multiplied by alpha / r.

    Returns:
        float (..., d_out), dtype of x. Gradients flow to every tensor that asks for them. No tensor as large
        as weight is made on the way (for an x of few rows).

    Example:
        >>> one = torch.ones(1, 2)  # W = [[1, 1]], r = 2: x W^T = 3, A x = (3, 4), B A x = 7
        >>> lora_forward(torch.tensor([1.0, 2.0]), one, None, torch.tensor([[1.0, 1], [2, 1]]), one, 4)
        tensor([17.])

    Source: Hu et al. 2021, equation 3.
    """
    # TODO 10.lora_forward: your code here (stuck? `hero hint 10.lora_forward`)
    raise NotImplementedError("10.lora_forward")


# %% [markdown]
# As a layer (given): it wraps an nn.Linear, whose parameters it freezes. An nn.Parameter is a tensor that a
# module shows to optimizers; frozen means requires_grad=False: no gradient, no step. `merged` says whether
# the change already sits in the weight (further down).


# %%
class LoRALinear(nn.Module):
    """An nn.Linear, frozen, with an adapter: x (..., d_in) -> (..., d_out)."""

    def __init__(self, base, r, alpha, g):
        super().__init__()
        self.base, self.r, self.alpha, self.merged = base.requires_grad_(False), r, alpha, False
        A, B = lora_init(base.in_features, base.out_features, r, g)
        self.A, self.B = nn.Parameter(A.to(base.weight)), nn.Parameter(B.to(base.weight))

    def forward(self, x):
        if self.merged:
            return self.base(x)
        return lora_forward(x, self.base.weight, self.base.bias, self.A, self.B, self.alpha)


# %% [markdown]
# ## Into a model
#
# Which layers get an adapter? The paper takes the queries and values of attention; today often every linear
# layer. You choose by name. Everything else of the model is frozen too: embeddings, norms, the head.
#
# `model.named_modules()` yields ("", model), ("blocks.0", ...), ("blocks.0.query", ...). The parent of
# "blocks.0.query" is model.get_submodule("blocks.0"), that of "head" is get_submodule(""), the model itself;
# setattr(parent, "query", layer) puts a layer there. Do not change a model while you walk through it.


# %%
def apply_lora(model, names, r, alpha, g):
    """Gives chosen linear layers of a model an adapter, and freezes the rest.

    Args:
        model: an nn.Module, changed in place; holds no LoRALinear yet, and no layer at two places.
        names: a list (or tuple) of str. Every nn.Linear whose name, or the part of it behind the last dot,
            is one of these is replaced by LoRALinear(that layer, r, alpha, g); other modules never are.
        r, alpha: as in lora_forward.
        g: torch.Generator, used for the layers in the order of model.named_modules().

    Returns:
        The full names of the replaced layers, a list of str in that order. Afterwards only the A and B of
        the LoRALinears require a gradient; no value of the model has changed, and each LoRALinear is in the
        mode (training or not) of the layer that it replaced.

    Raises:
        ValueError: no layer has such a name. The model is then as it was.

    Example:
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2))
        >>> apply_lora(model, ["2"], 1, 4, torch.Generator())
        ['2']
    """
    # TODO 10.apply_lora: your code here (stuck? `hero hint 10.apply_lora`)
    raise NotImplementedError("10.apply_lora")


# %% [markdown]
# ## A step
#
# Training is as always, but only with what requires a gradient. The base takes part in the forward pass and
# in the way back (gradients pass *through* it to the adapters below), and stays as it is: not a bit of it
# changes.


# %%
def lora_step(model, inputs, targets, lr):
    """One step of plain gradient descent on the parameters that require a gradient.

    Args:
        model: inputs -> logits (B, T, V); its trained parameters are changed in place, nothing else of it.
        inputs: int64 (B, T).
        targets: int64 (B, T), ids, or -100 where nothing counts; at least one counts.
        lr: the learning rate: p becomes p - lr * (gradient of the loss).

    Returns:
        (loss, trained): the mean cross-entropy before the step over the targets that count, a Python float;
        and how many numbers were trained, an int. This batch's gradients are left in p.grad of the trained
        parameters; what was there before does not count. p.grad of the frozen ones is not touched. A trained
        parameter that the loss does not use stays as it is.
    """
    # TODO 10.lora_step: your code here (stuck? `hero hint 10.lora_step`)
    raise NotImplementedError("10.lora_step")


# %% [markdown]
# ## The adapter as a file
#
# What was learned are the A and B: of a model of 100 MB perhaps 1 MB. `state` here is a dict from names to
# tensors, as torch.save and safetensors write it.


# %%
def lora_state(model):
    """What belongs into an adapter's file: the A and B of every LoRALinear, and nothing else.

    Args:
        model: an nn.Module with LoRALinears (also none, or itself one); not changed.

    Returns:
        A dict from the names of model.named_parameters(), such as "blocks.0.query.A", to tensors, in that
        order: copies in memory of their own, without gradient. A and B count whether they require a gradient
        or not; parameters of other modules never do, whatever they are called.

    Example:
        >>> layer = LoRALinear(nn.Linear(5, 2), 1, 4, torch.Generator())
        >>> [(name, tuple(t.shape)) for name, t in lora_state(nn.ModuleDict({"query": layer})).items()]
        [('query.A', (1, 5)), ('query.B', (2, 1))]
    """
    # TODO 10.lora_state: your code here (stuck? `hero hint 10.lora_state`)
    raise NotImplementedError("10.lora_state")


# %% [markdown]
# ## Merge
#
# $W_0 x + \frac{\alpha}{r} BAx = (W_0 + \frac{\alpha}{r} BA)\,x$: for use, the change can be added to the
# weight once. Then the adapter costs no time at all. And it can be taken out again, to put in another one.


# %%
def lora_merge(layer):
    """Adds the change to the weight, in place: base.weight becomes W0 + (alpha / r) B A.

    Args:
        layer: a LoRALinear. If it is merged already, nothing happens (else the change would be in twice).

    Returns:
        None. layer.base.weight is the same nn.Parameter with new values, still frozen; layer.merged is True;
        A, B and the bias are as before. The layer computes what it computed, to rounding.
    """
    # TODO 10.lora_merge: your code here (stuck? `hero hint 10.lora_merge`)
    raise NotImplementedError("10.lora_merge")


# %%
def lora_unmerge(layer):
    """Takes the change out of the weight again, in place: the opposite of lora_merge.

    Args:
        layer: a LoRALinear. If it is not merged, nothing happens. A and B are those it was merged with.

    Returns:
        None. layer.base.weight is the same nn.Parameter with W0's values again, to rounding; layer.merged is
        False; A, B and the bias are as before.
    """
    # TODO 10.lora_unmerge: your code here (stuck? `hero hint 10.lora_unmerge`)
    raise NotImplementedError("10.lora_unmerge")


# %% [markdown]
# ## Run it
#
# `hero run 10/4` trains a tiny GPT on names, then finetunes it on a second language: the same names written
# backwards. Once with all its weights, and with LoRA of ranks 1, 2, 4, ...: how low does the loss come, with
# how many trained numbers? Then it merges, and counts the bytes.
#
# ![Loss on the second task against trained numbers](pictures/lora.png)
#
# **Break it.** Let `lora_init` return a zero A as well, and run it again: the loss of every rank stays at
# the base's, to the last digit.


# %%
class GPT(nn.Module):
    """ids, int64 (B, T) -> logits (B, T, vocab_size); every linear layer has a name."""

    def __init__(self, vocab_size, block_size, width=48, layers=2):
        super().__init__()
        self.token, self.position = nn.Embedding(vocab_size, width), nn.Embedding(block_size, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocab_size)

    def forward(self, ids):
        x = self.token(ids) + self.position(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class Block(nn.Module):
    def __init__(self, width, heads=4):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        h = self.norm1(x)
        q, k, v = (
            layer(h).unflatten(2, (self.heads, -1)).transpose(1, 2)  # (B, heads, T, size)
            for layer in (self.query, self.key, self.value)
        )
        h = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(h.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


def as_batch(names, T):
    """Names as inputs and targets, int64 (n, T): 0 is the end, a..z are 1..26, -100 behind the end."""
    ids, targets = torch.zeros(len(names), T, dtype=torch.int64), torch.full((len(names), T), -100)
    for i, name in enumerate(names):
        word = torch.tensor([ord(c) - 96 for c in name] + [0])
        ids[i, 1 : len(word)], targets[i, : len(word)] = word[:-1], word
    return ids, targets


def train(model, data, steps, lr, bar):
    """Adam (lesson 04, part 9) on everything that requires a gradient."""
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr)
    g = torch.Generator().manual_seed(1)
    for _ in range(steps):
        ix = torch.randint(0, len(data[0]), (32,), generator=g)
        optimizer.zero_grad()
        loss = loss_of(model, [part[ix] for part in data])
        loss.backward()
        optimizer.step()
        bar.update(loss=loss.item())


def loss_of(model, data):
    return F.cross_entropy(model(data[0]).flatten(0, 1), data[1].flatten(), ignore_index=-100)


def draw(points, full, base):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot(*zip(*[p[1:] for p in points], strict=True), "o-", label="LoRA, by rank")
    for r, n, loss in points:
        axes.annotate(f"r = {r}", (n, loss), xytext=(4, 7), textcoords="offset points")
    axes.plot(*full, "s", label="all weights")
    axes.axhline(base, color="gray", ls=":", label="before finetuning")
    axes.set(xscale="log", xlabel="trained numbers", ylabel="loss on unseen names, backwards")
    places = [n for _, n, _ in points] + [full[0]]
    axes.set_xticks(places, [f"{n:,}" for n in places])
    axes.minorticks_off()
    axes.legend(loc="center right")
    path = picture("10_assistant/lora.png")
    figure.savefig(path, dpi=90)
    print(f"look at {path}")


def main():
    parser = argparse.ArgumentParser(description="LoRA against finetuning everything.")
    parser.add_argument("--steps", type=int, default=200, help="of each finetuning")
    parser.add_argument("--alpha", type=float, default=16.0)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1 or args.alpha <= 0:
        parser.error("--steps is at least 1, and --alpha is positive")
    torch.manual_seed(0)
    names = [n for n in load_names() if n.isascii() and n.isalpha() and n.islower() and len(n) < 16]
    old, new = as_batch(names[:4000], 16), as_batch([n[::-1] for n in names[:4000]], 16)
    unseen = as_batch([n[::-1] for n in names[4000:5000]], 16)
    base, g = GPT(27, 16), torch.Generator().manual_seed(0)
    linear = ["query", "key", "value", "out", "up", "down"]
    tiny = GPT(27, 16, width=4, layers=1)  # a TODO shows before the training
    apply_lora(tiny, linear, 1, args.alpha, g)
    lora_step(tiny, *as_batch(["emma"], 16), 0.1)
    lora_state(tiny), lora_merge(tiny.blocks[0].up), lora_unmerge(tiny.blocks[0].up)
    with progress(800, "pretraining on names") as bar:
        train(base, old, 800, 2e-3, bar)
    points, total = [], sum(p.numel() for p in base.parameters())
    with torch.no_grad():
        before = loss_of(base, unseen).item()
    print(f"names backwards cost the base {before:.3f}; it has {total:,} numbers")
    for r in (None, 1, 2, 4, 8):
        model = copy.deepcopy(base)
        if r:
            apply_lora(model, linear, r, args.alpha, g)
        trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
        with progress(args.steps, f"LoRA r = {r}" if r else "all weights") as bar:
            train(model, new, args.steps, 4e-3 if r else 1e-3, bar)
        with torch.no_grad():
            loss = loss_of(model, unseen).item()
        if r is None:
            full = (trained, loss)
            print(f"all weights: {trained:7,} trained ({4 * trained:,} bytes) -> {loss:.3f}")
            continue
        points.append((r, trained, loss))
        size = sum(4 * t.numel() for t in lora_state(model).values())
        print(f"LoRA r = {r:2}: {trained:7,} trained ({size:,} bytes) -> {loss:.3f}")
    with torch.no_grad():
        said = model(unseen[0])
        for layer in [m for m in model.modules() if isinstance(m, LoRALinear)]:
            lora_merge(layer)
        far = (model(unseen[0]) - said).abs().max().item()
    print(f"merged, the logits differ by {far:.0e} at most: the adapter costs no time any more")
    draw(points, full, before)


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
