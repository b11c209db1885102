"""10.lora_init: A random, B zero."""

import torch

from graders.authoring import exercise, instead

init = exercise("lora_init", title="the start is the base", pure=False)


@init.cases
def _(rng):
    for d_in, d_out, r in [(9, 4, 3), (4, 9, 2), (1, 5, 2), (6, 1, 1), (50, 3, 4), (1, 1, 1)]:
        yield dict(d_in=d_in, d_out=d_out, r=r, seed=rng.seed())


@init.scenario
def _(m, d_in, d_out, r, seed):
    g = torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)  # it is not at its beginning any more
    made = m.lora_init(d_in, d_out, r, g)
    then = torch.rand(2, generator=g)
    if not isinstance(made, (tuple, list)) or len(made) != 2:
        return instead(made, "a pair (A, B)")
    A, B = made
    plain = [isinstance(t, torch.Tensor) and not t.requires_grad for t in made]
    found = {"A": A, "B": B, "without gradient": plain, "then drawn": then}
    if isinstance(B, torch.Tensor) and B.is_floating_point() and not B.requires_grad:
        found["B"] = kept = B.clone()
        B.add_(torch.arange(B.numel()).view(B.shape))  # every entry has a place of its own
        found["B can be written to"] = B - kept
    return found


@init.oracle
def _(d_in, d_out, r, seed):
    g = torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)
    A = torch.empty(r, d_in).copy_(torch.randn(r, d_in, generator=g)) / d_in**0.5
    B = torch.zeros(d_out, r)
    return {
        "A": A,
        "B": B,
        "without gradient": [True, True],
        "then drawn": torch.rand(2, generator=g),
        "B can be written to": torch.arange(B.numel(), dtype=torch.float32).view(B.shape),
    }


init.hint("B A x has to be zero for every x, and still one of the two must be able to learn.")
init.hint("A is drawn with the shape (r, d_in) and divided by the root of d_in; B is torch.zeros.")
init.hint("return torch.randn(r, d_in, generator=g) / d_in**0.5, torch.zeros(d_out, r)")


@init.misconception(
    "A and B are both zero. The gradient of each is a product with the other, so neither ever moves: "
    "draw A at random."
)
def both_zero(d_in, d_out, r, g):
    torch.randn(r, d_in, generator=g)
    return torch.zeros(r, d_in), torch.zeros(d_out, r)


@init.misconception(
    "B is not zero: the model is changed at random before the first step. With B = 0 training begins at the "
    "base."
)
def both_random(d_in, d_out, r, g):
    A = torch.randn(r, d_in, generator=g) * d_in**-0.5
    return A, torch.randn(d_out, r, generator=g) * r**-0.5


@init.misconception(
    "A is zero and B random. That would train, too; here, as in the paper, A is the random one and B zero."
)
def roles_swapped(d_in, d_out, r, g):
    return torch.zeros(r, d_in), torch.randn(d_out, r, generator=g) * r**-0.5


@init.misconception(
    "A was not divided by sqrt(d_in): A x, a sum of d_in terms, grows with the width of the layer."
)
def not_scaled(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g), torch.zeros(d_out, r)


@init.misconception("A was divided by d_in. The standard deviation is 1 / sqrt(d_in).")
def divided_by_d_in(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) / d_in, torch.zeros(d_out, r)


@init.misconception(
    "A was divided by sqrt(r). Each entry of A x sums d_in terms, so it is sqrt(d_in) that matters."
)
def divided_by_root_r(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) / r**0.5, torch.zeros(d_out, r)


@init.misconception("A is uniform. Agreed is a normal distribution: torch.randn.")
def uniform(d_in, d_out, r, g):
    return (2 * torch.rand(r, d_in, generator=g) - 1) * d_in**-0.5, torch.zeros(d_out, r)


@init.misconception(
    "The shapes are turned round: A is (r, d_in), it takes d_in numbers to r; B is (d_out, r)."
)
def turned_round(d_in, d_out, r, g):
    return torch.randn(d_in, r, generator=g) * d_in**-0.5, torch.zeros(r, d_out)


@init.misconception(
    "A was drawn from torch's global generator, so that no start can be repeated: generator=g."
)
def global_generator(d_in, d_out, r, g):
    return torch.randn(r, d_in) * d_in**-0.5, torch.zeros(d_out, r)


@init.misconception(
    "B was drawn, too, and multiplied by zero: the generator has moved on further than agreed."
)
def drawn_and_zeroed(d_in, d_out, r, g):
    A = torch.randn(r, d_in, generator=g) * d_in**-0.5
    return A, 0 * torch.randn(d_out, r, generator=g)


@init.misconception(
    "The matrices require a gradient already. Plain tensors are asked for: the layer makes parameters of "
    "them."
)
def with_gradient(d_in, d_out, r, g):
    A = torch.randn(r, d_in, generator=g) * d_in**-0.5
    return A.requires_grad_(), torch.zeros(d_out, r).requires_grad_()


@init.misconception(
    "B is one zero that was expanded: all its entries share one place in memory and cannot learn apart."
)
def expanded(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) * d_in**-0.5, torch.zeros(1, 1).expand(d_out, r)


@init.variant("zeros like something else, math in another order")
def other(d_in, d_out, r, g):
    A = torch.randn((r, d_in), generator=g)
    A /= d_in**0.5
    return A, A.new_zeros((d_out, r))
