# `hero check 09/4` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # The optimizer: AdamW, its groups, and the clip
#
# Plain gradient descent moves every weight by lr times its gradient. But in a transformer gradients differ a
# thousandfold from weight to weight: one rate is too hot for some and too cold for others. **Adam** divides
# each weight's step by the usual size of its own gradient. It keeps two running averages for each weight,
# of the gradient and of its square:
#
# $$m \leftarrow \beta_1 m + (1 - \beta_1)\, g \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2$$
#
# Both begin at zero, and so are too small at first. With β₁ = 0.9 and a gradient that is always 1, m is 0.1,
# then 0.19, then 0.271: exactly 1 - 0.9ᵗ. Divided by that they are right from the first step on (t = 1):
#
# $$\hat m = \frac{m}{1 - \beta_1^t} \qquad \hat v = \frac{v}{1 - \beta_2^t} \qquad
#   p \leftarrow p - \text{lr} \left( \frac{\hat m}{\sqrt{\hat v} + \epsilon} + \lambda\, p \right)$$
#
# The last term is the **W**: weight decay, *decoupled*. It pulls every weight a little towards zero, and goes
# around the averages, not through them. One step by hand: p = 2, g = 3, t = 1, lr = 0.1, λ = 0.5, ε = 0:
#
#     m = 0.1 · 3 = 0.3     m̂ = 0.3 / 0.1  = 3          step: 3 / √9 = 1, whatever the size of g
#     v = 0.05 · 9 = 0.45   v̂ = 0.45 / 0.05 = 9         p = 2 - 0.1 · (1 + 0.5 · 2) = 1.8
#
# What will go wrong: t from 0 (a division by zero); ε inside the root; the decay added to g, so that it
# gets divided by √v̂ too (that was the old Adam); one m for all parameters.

# %%
import torch
from torch import nn

# %% [markdown]
# ## One step for one tensor


# %%
def adamw_update(p, grad, m, v, t, lr, betas, eps, weight_decay):
    """One step of AdamW for one tensor.

    Args:
        p: the parameter, float of any shape.
        grad: its gradient, like p.
        m, v: the averages of the gradient and of its square after the step before, like p; zeros at first.
        t: number of this step, an int counted from 1.
        lr: the learning rate.
        betas: (beta1, beta2), for m and v; both at least 0 and below 1.
        eps: added to the root of the corrected v, outside of the root.
        weight_decay: lambda; p is pulled by lr * weight_decay times the p that came in.

    Returns:
        (p, m, v) after the step: new tensors. m and v are not corrected: the corrected ones serve this
        step only. The arguments stay as they are.

    Example:
        >>> p, zero = torch.tensor(2.0), torch.tensor(0.0)
        >>> p, m, v = adamw_update(p, torch.tensor(3.0), zero, zero, 1, 0.1, (0.9, 0.95), 0.0, 0.5)
        >>> [round(x.item(), 4) for x in (p, m, v)]
        [1.8, 0.3, 0.45]

    Source: "Decoupled Weight Decay Regularization" (Loshchilov and Hutter, 2019), algorithm 2.
    """
    # TODO 09.adamw_update: your code here (stuck? `hero hint 09.adamw_update`)
    raise NotImplementedError("09.adamw_update")


# %% [markdown]
# ## Many parameters
#
# Each has averages of its own. In `state` they are found by the parameter itself (tensors are compared by
# identity when they are keys of a dict). A parameter without a gradient is passed over: no decay, no aging,
# and its t does not go on either.


# %%
class AdamW:
    """An optimizer for groups of parameters: [{"params": [...], "weight_decay": ...}, ...].

    state[p] is (t, m, v) after the last step of p; a p that never had a step is not in it, nor is anything
    else.
    """

    def __init__(self, groups, lr, betas=(0.9, 0.95), eps=1e-8):
        self.groups, self.lr, self.betas, self.eps = groups, lr, betas, eps
        self.state = {}

    def zero_grad(self):
        """Forgets all gradients."""
        for group in self.groups:
            for p in group["params"]:
                p.grad = None

    def step(self):
        """Takes one step with every parameter whose grad is not None, in place.

        Uses adamw_update with the parameter's own t (1 at its first step), m and v, with self.lr, self.betas
        and self.eps as they are now, and with its group's weight_decay. Keeps (t, m, v) in self.state[p].
        A parameter whose grad is None stays exactly as it is, state included. The parameters stay the same
        tensors, p.grad stays, and autograd records nothing.

        Example:
            >>> p = nn.Parameter(torch.tensor([2.0, 2.0]))
            >>> p.grad = torch.tensor([3.0, -0.001])
            >>> AdamW([{"params": [p], "weight_decay": 0.5}], lr=0.1).step()
            >>> p.data
            tensor([1.8000, 2.0000])
        """
        # TODO 09.adamw_step: your code here (stuck? `hero hint 09.adamw_step`)
        raise NotImplementedError("09.adamw_step")


# %% [markdown]
# ## Who decays
#
# Decay keeps matrices from relying on a few huge weights. A bias or the gain of a LayerNorm has no such
# problem: pulled to zero it only loses what it is for. The rule is short: **two dimensions or more decay, the
# others do not.** For GPT-2 124M (with its vocabulary padded to 50,304) that is
#
#     50 tensors that decay    124,354,560 parameters
#     98 that do not               121,344
#
# Mind the tied weight: the token table is the output layer, too. It has two names and is *one* tensor; in two
# places of a list it would take two steps at a time.


# %%
def decay_groups(model, weight_decay):
    """The parameters of a model in two groups, for AdamW.

    Args:
        model: an nn.Module, on any device (also "meta").
        weight_decay: a float.

    Returns:
        [{"params": a list, "weight_decay": weight_decay}, {"params": a list, "weight_decay": 0.0}]: first all
        parameters with two dimensions or more, then the others, in the order of model.parameters().
        A parameter with requires_grad=False is in neither; one that has several names is there once.

    Example:
        >>> first, second = decay_groups(nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3)), 0.1)
        >>> [tuple(p.shape) for p in first["params"]], [tuple(p.shape) for p in second["params"]]
        ([(3, 4)], [(3,), (3,), (3,)])

    Source: lecture "Let's reproduce GPT-2 (124M)", chapter on weight decay.
    """
    # TODO 09.decay_groups: your code here (stuck? `hero hint 09.decay_groups`)
    raise NotImplementedError("09.decay_groups")


# %% [markdown]
# ## The clip
#
# Once in a while a batch is so strange that its gradient is huge, and one step undoes a hundred. So: lay all
# gradients end to end. They are one vector. If it is longer than `max_norm`, shorten it.
#
#     gradients   (3, 0)  and  (4)     global norm = sqrt(9 + 0 + 16) = 5
#     max_norm 1: factor 1/5           (0.6, 0) and (0.8): same direction, length 1
#
# One factor for all of them. A factor for each tensor would change the direction, and so would cutting off
# each number. And a short gradient is left alone: it is never made longer.


# %%
def clip_global_norm(params, max_norm):
    """Shortens the gradient to max_norm if it is longer; in place.

    Args:
        params: parameters, a list or any other iterable, a generator for instance. Their grads, of any
            shapes, are changed in place; one that is None is passed over.
        max_norm: the largest length, a float > 0.

    Returns:
        The global norm *before* clipping, a tensor () without a graph: the root of the sum of the squares
        of all numbers in all grads; zero if there is none. The grads have one dtype, and the norm has it
        too.

    Where the norm is larger than max_norm, each grad is multiplied by max_norm / (norm + 1e-6); where it is
    smaller, they stay as they are. (Within 1e-6 of max_norm either will do.)

    Example:
        >>> a, b = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(1))
        >>> a.grad, b.grad = torch.tensor([3.0, 0.0]), torch.tensor([4.0])
        >>> clip_global_norm([a, b], 1.0), a.grad, b.grad
        (tensor(5.), tensor([0.6000, 0.0000]), tensor([0.8000]))

    Source: "On the difficulty of training recurrent neural networks" (Pascanu et al., 2013), algorithm 1.
    """
    # TODO 09.clip_global_norm: your code here (stuck? `hero hint 09.clip_global_norm`)
    raise NotImplementedError("09.clip_global_norm")


# %% [markdown]
# ## Run it
#
# The groups of GPT-2 124M, counted without a byte of its memory (on torch's "meta" device tensors have shapes
# and no numbers); your AdamW beside torch's; and a picture of what the correction is for: with a gradient
# that is always the same, how long are the first steps, in units of lr?


# %%
class Skeleton(nn.Module):
    """The parameters of a GPT-2, in their order, without a forward pass."""

    def __init__(self, vocab_size=50_304, block_size=1024, n_layer=12, n_embd=768):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        for i in range(n_layer):
            self.add_module(f"ln_1_{i}", nn.LayerNorm(n_embd))
            self.add_module(f"c_attn_{i}", nn.Linear(n_embd, 3 * n_embd))
            self.add_module(f"c_proj_{i}", nn.Linear(n_embd, n_embd))
            self.add_module(f"ln_2_{i}", nn.LayerNorm(n_embd))
            self.add_module(f"c_fc_{i}", nn.Linear(n_embd, 4 * n_embd))
            self.add_module(f"mlp_proj_{i}", nn.Linear(4 * n_embd, n_embd))
        self.ln_f = nn.LayerNorm(n_embd)
        self.lm_head = nn.Linear(n_embd, vocab_size, bias=False)
        self.lm_head.weight = self.wte.weight  # tied: one tensor, two names


def first_steps(steps, betas):
    """Lengths of the first steps in units of lr, with the correction and without (t very large)."""
    sizes = []
    for corrected in (True, False):
        p, m, v = torch.zeros(()), torch.zeros(()), torch.zeros(())
        rows = []
        for t in range(1, steps + 1):
            before = p
            count = t if corrected else 10**9
            p, m, v = adamw_update(p, torch.ones(()), m, v, count, 1.0, betas, 0.0, 0.0)
            rows.append((before - p).item())
        sizes.append(rows)
    return sizes


def plot_steps(curves, path):
    """Draws the lengths of the first steps."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    for label, sizes in curves.items():
        axes.plot(range(1, len(sizes) + 1), sizes, label=label)
    axes.set(xlabel="step", ylabel="length of the step / lr")
    axes.set_title("A gradient that never changes: the first steps of Adam")
    axes.legend()
    figure.savefig(path, dpi=80)


def main():
    import argparse
    import sys

    from data import picture

    parser = argparse.ArgumentParser(description="Count the groups, compare with torch, draw.")
    parser.add_argument("--steps", type=int, default=100, help="steps in the picture")
    steps = parser.parse_args([] if "ipykernel" in sys.modules else None).steps
    if steps < 2:
        parser.error("--steps must be at least 2")
    with torch.device("meta"):
        groups = decay_groups(Skeleton(), 0.1)
    for group in groups:
        count = sum(p.numel() for p in group["params"])
        tensors = len(group["params"])
        print(f"weight decay {group['weight_decay']}: {tensors} tensors, {count:,} parameters")

    g = torch.Generator().manual_seed(0)
    x, y = torch.randn(64, 5, generator=g), torch.randn(64, 3, generator=g)
    models = [nn.Linear(5, 3), nn.Linear(5, 3)]
    models[1].load_state_dict(models[0].state_dict())
    mine = AdamW(decay_groups(models[0], 0.1), lr=0.01)
    torchs = torch.optim.AdamW(decay_groups(models[1], 0.1), lr=0.01, betas=(0.9, 0.95), eps=1e-8)
    for _ in range(200):
        for model, optimizer in zip(models, (mine, torchs), strict=True):
            optimizer.zero_grad()
            ((model(x) - y) ** 2).mean().backward()
            clip_global_norm(model.parameters(), 0.5)
            optimizer.step()
    apart = (models[0].weight - models[1].weight).abs().max()
    print(f"200 steps of yours and of torch's: weights are {apart:.1e} apart")

    curves = {}
    for betas in ((0.9, 0.95), (0.9, 0.999)):
        corrected, raw = first_steps(steps, betas)
        curves[f"betas {betas}, corrected"] = corrected
        curves[f"betas {betas}, not corrected"] = raw
        print(f"betas {betas}: the first step is {corrected[0]:.2f} lr; not corrected {raw[0]:.2f}")
    path = picture("09_gpt2/first_steps.png")
    plot_steps(curves, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
