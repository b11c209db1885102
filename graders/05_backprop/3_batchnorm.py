"""Batch normalization, atom by atom: nine gradients."""

import torch

from graders.authoring import exercise, part

part(forbid=("autograd",))

SIZES = [(1, 4), (2, 3), (5, 2), (4, 7), (3, 3)]  # n, n_hidden
TWO_OR_MORE = SIZES[1:]  # the variance divides by n - 1


def leaf(x):
    """A float64 copy that torch records: the oracles are computed in double precision."""
    return x.detach().double().clone().requires_grad_()


def gradient(x, output, upstream, like):
    """d (output * upstream).sum() / dx, in the dtype of ``like``."""
    (output * upstream).sum().backward()
    return x.grad.to(like.dtype)


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()


# -- bngain ------------------------------------------------------------------------------------

bngain = exercise("bngain_backward", title="dbngain: the gain")
bngain.hint("bngain is (1, n_hidden). How often is each of its numbers used?")
bngain.hint("Local derivative bnraw, times the upstream gradient; then sum over the copies.")
bngain.hint("(dhpreact * bnraw).sum(0, keepdim=True)")


@bngain.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dhpreact=rng.normal(n, hidden), bnraw=rng.normal(n, hidden, mean=0.3))
    yield dict(dhpreact=columns_first(rng.normal(4, 3)), bnraw=columns_first(rng.normal(4, 3)))
    f32 = dict(dtype=torch.float32)
    yield dict(dhpreact=rng.normal(4, 3, **f32), bnraw=rng.normal(4, 3, **f32))


@bngain.oracle
def _(dhpreact, bnraw):
    x = leaf(torch.zeros(1, bnraw.shape[1]))
    return gradient(x, x * bnraw.double(), dhpreact, dhpreact)


@bngain.misconception(
    "The sum over the batch is missing: one gain serves all n examples, and bngain is (1, "
    "n_hidden)."
)
def unsummed(dhpreact, bnraw):
    return dhpreact * bnraw


@bngain.misconception(
    "Right numbers in the wrong shape: bngain is (1, n_hidden), so sum with keepdim=True."
)
def no_keepdim(dhpreact, bnraw):
    return (dhpreact * bnraw).sum(0)


@bngain.misconception(
    "You summed over the neurons (dimension 1). The gain was copied down the batch, dimension 0, "
    "and each neuron keeps its own."
)
def wrong_dimension(dhpreact, bnraw):
    return (dhpreact * bnraw).sum(1, keepdim=True)


@bngain.misconception("A mean instead of a sum: the copies of the gain each count in full.")
def mean(dhpreact, bnraw):
    return (dhpreact * bnraw).mean(0, keepdim=True)


@bngain.misconception(
    "That is the gradient of the bias. The gain is multiplied by bnraw, so its local derivative is "
    "bnraw, not 1."
)
def bias_for_gain(dhpreact, bnraw):
    return dhpreact.sum(0, keepdim=True)


@bngain.misconception("The upstream gradient dhpreact is missing: you only summed bnraw.")
def upstream_ignored(dhpreact, bnraw):
    return bnraw.sum(0, keepdim=True)


@bngain.misconception(
    "You summed both factors and then multiplied. Each example's bnraw belongs to its own "
    "gradient: multiply first, then sum."
)
def sum_first(dhpreact, bnraw):
    return dhpreact.sum(0, keepdim=True) * bnraw.sum(0, keepdim=True)


@bngain.variant("einsum")
def einsum(dhpreact, bnraw):
    return torch.einsum("nh,nh->h", dhpreact, bnraw).unsqueeze(0)


@bngain.variant("the diagonal of a matrix product")
def diagonal(dhpreact, bnraw):
    return torch.diagonal(dhpreact.T @ bnraw).view(1, -1)


# -- bnbias ------------------------------------------------------------------------------------

bnbias = exercise("bnbias_backward", title="dbnbias: the bias")
bnbias.hint("The same as b2 in part 2, up to one detail: look at the shape.")
bnbias.hint("A bias is copied into each row: sum over the rows.")
bnbias.hint("dhpreact.sum(0, keepdim=True)")


@bnbias.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dhpreact=rng.normal(n, hidden, mean=0.3))
    yield dict(dhpreact=columns_first(rng.normal(4, 3, std=1e3)))
    yield dict(dhpreact=rng.normal(4, 3, dtype=torch.float32))


@bnbias.oracle
def _(dhpreact):
    x = leaf(torch.zeros(1, dhpreact.shape[1]))
    return gradient(x, torch.zeros_like(dhpreact) + x, dhpreact, dhpreact)


@bnbias.misconception(
    "Right numbers in the wrong shape: unlike b2, bnbias is (1, n_hidden). Sum with keepdim=True."
)
def no_keepdim(dhpreact):
    return dhpreact.sum(0)


@bnbias.misconception("A mean instead of a sum: the loss's 1 / n is inside dhpreact already.")
def mean(dhpreact):
    return dhpreact.mean(0, keepdim=True)


@bnbias.misconception(
    "You summed over the neurons (dimension 1). The bias was copied down the batch, dimension 0."
)
def wrong_dimension(dhpreact):
    return dhpreact.sum(1, keepdim=True)


@bnbias.misconception(
    "The sum over the batch is missing: one bias serves all n examples, and bnbias is (1, "
    "n_hidden)."
)
def unsummed(dhpreact):
    return dhpreact.clone()


@bnbias.misconception(
    "You counted the copies (n ones) and left out the upstream gradient dhpreact."
)
def upstream_ignored(dhpreact):
    return torch.ones_like(dhpreact).sum(0, keepdim=True)


@bnbias.variant("a product with ones")
def ones(dhpreact):
    return torch.ones(1, len(dhpreact), dtype=dhpreact.dtype) @ dhpreact


@bnbias.variant("einsum")
def einsum(dhpreact):
    return torch.einsum("nh->h", dhpreact)[None]


# -- bnraw -------------------------------------------------------------------------------------

bnraw = exercise("bnraw_backward", title="dbnraw: through gain and bias")
bnraw.hint("hpreact = bngain * bnraw + bnbias: what is the derivative with respect to bnraw?")
bnraw.hint("bngain, copied into each row; times the upstream gradient. Is anything summed?")
bnraw.hint("dhpreact * bngain, shape (n, n_hidden): bnraw was not copied, so nothing is summed.")


@bnraw.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dhpreact=rng.normal(n, hidden), bngain=rng.normal(1, hidden, mean=1))
    yield dict(dhpreact=columns_first(rng.normal(4, 3)), bngain=rng.normal(1, 3, mean=-2))
    f32 = dict(dtype=torch.float32)
    yield dict(dhpreact=rng.normal(4, 3, **f32), bngain=rng.normal(1, 3, **f32))


@bnraw.oracle
def _(dhpreact, bngain):
    x = leaf(torch.zeros_like(dhpreact))
    return gradient(x, bngain.double() * x, dhpreact, dhpreact)


@bnraw.misconception(
    "The gain is missing: bnraw is multiplied by bngain, and the gradient is, too."
)
def gain_ignored(dhpreact, bngain):
    return dhpreact.clone()


@bnraw.misconception("The upstream gradient is missing: bngain is only the local derivative.")
def upstream_ignored(dhpreact, bngain):
    return bngain.expand_as(dhpreact)


@bnraw.misconception(
    "You summed over the batch. bnraw is (n, n_hidden) and was not copied: each element keeps its "
    "own gradient."
)
def summed(dhpreact, bngain):
    return (dhpreact * bngain).sum(0, keepdim=True)


@bnraw.misconception(
    "You divided by the gain. That would undo the forward pass; the derivative of bngain * "
    "bnraw is bngain."
)
def divided(dhpreact, bngain):
    return dhpreact / bngain


@bnraw.misconception(
    "The result is right, but dhpreact was changed on the way: `*=` works in place, on the "
    "caller's tensor."
)
def in_place(dhpreact, bngain):
    dhpreact *= bngain
    return dhpreact


@bnraw.variant("a diagonal matrix")
def diagonal(dhpreact, bngain):
    return dhpreact @ torch.diag(bngain[0])


@bnraw.variant("einsum")
def einsum(dhpreact, bngain):
    return torch.einsum("nh,h->nh", dhpreact, bngain.squeeze(0))


# -- bnvar_inv ---------------------------------------------------------------------------------

bnvar_inv = exercise("bnvar_inv_backward", title="dbnvar_inv: the scale")
bnvar_inv.hint("bnraw = bndiff * bnvar_inv: the same kind of product as bngain * bnraw.")
bnvar_inv.hint("bnvar_inv is (1, n_hidden), copied into each row: sum over the rows.")
bnvar_inv.hint("(dbnraw * bndiff).sum(0, keepdim=True)")


@bnvar_inv.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dbnraw=rng.normal(n, hidden), bndiff=rng.normal(n, hidden, mean=0.2))
    yield dict(dbnraw=columns_first(rng.normal(4, 3)), bndiff=columns_first(rng.normal(4, 3)))
    f32 = dict(dtype=torch.float32)
    yield dict(dbnraw=rng.normal(4, 3, **f32), bndiff=rng.normal(4, 3, **f32))


@bnvar_inv.oracle
def _(dbnraw, bndiff):
    x = leaf(torch.ones(1, bndiff.shape[1]))
    return gradient(x, bndiff.double() * x, dbnraw, dbnraw)


@bnvar_inv.misconception(
    "The sum over the batch is missing: one scale serves all n examples, and bnvar_inv is "
    "(1, n_hidden)."
)
def unsummed(dbnraw, bndiff):
    return dbnraw * bndiff


@bnvar_inv.misconception(
    "Right numbers in the wrong shape: bnvar_inv is (1, n_hidden), so sum with keepdim=True."
)
def no_keepdim(dbnraw, bndiff):
    return (dbnraw * bndiff).sum(0)


@bnvar_inv.misconception(
    "You summed over the neurons (dimension 1). The scale was copied down the batch, dimension 0."
)
def wrong_dimension(dbnraw, bndiff):
    return (dbnraw * bndiff).sum(1, keepdim=True)


@bnvar_inv.misconception("A mean instead of a sum: the copies of the scale each count in full.")
def mean(dbnraw, bndiff):
    return (dbnraw * bndiff).mean(0, keepdim=True)


@bnvar_inv.misconception(
    "The local derivative is missing: bnraw = bndiff * bnvar_inv, so nudging bnvar_inv moves bnraw "
    "by bndiff."
)
def bndiff_ignored(dbnraw, bndiff):
    return dbnraw.sum(0, keepdim=True)


@bnvar_inv.misconception("The upstream gradient dbnraw is missing: you only summed bndiff.")
def upstream_ignored(dbnraw, bndiff):
    return bndiff.sum(0, keepdim=True)


@bnvar_inv.variant("einsum")
def einsum(dbnraw, bndiff):
    return torch.einsum("nh,nh->h", dbnraw, bndiff)[None, :]


@bnvar_inv.variant("row by row")
def rows(dbnraw, bndiff):
    return sum(dbnraw[i : i + 1] * bndiff[i : i + 1] for i in range(len(bndiff)))


# -- bnvar -------------------------------------------------------------------------------------

bnvar = exercise("bnvar_backward", title="dbnvar: one over the square root")
bnvar.hint("The power rule with p = -0.5: which factor, which new exponent?")
bnvar.hint("-0.5 * (bnvar + eps)**-1.5 is the local derivative; eps stays inside.")
bnvar.hint("-0.5 * (bnvar + eps)**-1.5 * dbnvar_inv")


@bnvar.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dbnvar_inv=rng.normal(1, hidden + n), bnvar=rng.uniform(0.05, 3, 1, hidden + n))
    yield dict(dbnvar_inv=rng.normal(1, 4), bnvar=rng.uniform(0, 2, 1, 4), eps=0.5)
    yield dict(dbnvar_inv=rng.normal(1, 3), bnvar=torch.zeros(1, 3).double(), eps=1e-2)
    f32 = dict(dtype=torch.float32)
    yield dict(dbnvar_inv=rng.normal(1, 3, **f32), bnvar=rng.uniform(0.1, 3, 1, 3, **f32))


@bnvar.oracle
def _(dbnvar_inv, bnvar, eps=1e-5):
    x = leaf(bnvar)
    return gradient(x, (x + eps) ** -0.5, dbnvar_inv, bnvar)


@bnvar.misconception(
    "eps is missing: the forward pass takes (bnvar + eps)**-0.5, so eps is inside the power in the "
    "derivative too."
)
def no_eps(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * bnvar**-1.5 * dbnvar_inv


@bnvar.misconception("You wrote 1e-5 into the formula: use the argument eps, which may be another.")
def fixed_eps(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + 1e-5) ** -1.5 * dbnvar_inv


@bnvar.misconception(
    "eps stands outside the power. It is added to the variance first: (bnvar + eps)**-1.5."
)
def eps_outside(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar**-1.5 + eps) * dbnvar_inv


@bnvar.misconception(
    "The exponent did not change: the power rule takes it one lower, from -0.5 to -1.5."
)
def same_exponent(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + eps) ** -0.5 * dbnvar_inv


@bnvar.misconception(
    "The exponent is +0.5: from -0.5 the power rule goes one *lower*, to -1.5, not one higher."
)
def exponent_up(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + eps) ** 0.5 * dbnvar_inv


@bnvar.misconception("The sign is missing: the power rule multiplies by the exponent, -0.5.")
def sign(dbnvar_inv, bnvar, eps=1e-5):
    return 0.5 * (bnvar + eps) ** -1.5 * dbnvar_inv


@bnvar.misconception("The factor 0.5 is missing: the power rule multiplies by the exponent, -0.5.")
def no_half(dbnvar_inv, bnvar, eps=1e-5):
    return -((bnvar + eps) ** -1.5) * dbnvar_inv


@bnvar.misconception("The upstream gradient dbnvar_inv is missing: that is the local derivative.")
def upstream_ignored(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + eps) ** -1.5


@bnvar.misconception(
    "That is the derivative of the square root, 0.5 * x**-0.5. The forward pass has one *over* the "
    "root."
)
def root(dbnvar_inv, bnvar, eps=1e-5):
    return 0.5 * (bnvar + eps) ** -0.5 * dbnvar_inv


@bnvar.variant("the cube of one over the standard deviation")
def cube(dbnvar_inv, bnvar, eps=1e-5):
    inverse = torch.rsqrt(bnvar + eps)
    return dbnvar_inv * inverse * inverse * inverse / -2


@bnvar.variant("with roots")
def roots(dbnvar_inv, bnvar, eps=1e-5):
    var = bnvar + eps
    return -dbnvar_inv / (2 * var * torch.sqrt(var))


# -- bndiff2 -----------------------------------------------------------------------------------

bndiff2 = exercise("bndiff2_backward", title="dbndiff2: the variance's sum")
bndiff2.hint("bnvar is (1, n_hidden), bndiff2 is (n, n_hidden). What is the opposite of a sum?")
bndiff2.hint("Each row gets a copy of dbnvar, times the factor that stands before the sum.")
bndiff2.hint("dbnvar / (n - 1) * torch.ones_like(bndiff2), where n = bndiff2.shape[0]")


@bndiff2.cases
def _(rng):
    for n, hidden in TWO_OR_MORE:
        yield dict(dbnvar=rng.normal(1, hidden), bndiff2=rng.normal(n, hidden) ** 2)
    yield dict(dbnvar=rng.normal(1, 3), bndiff2=columns_first(rng.normal(4, 3) ** 2))
    f32 = dict(dtype=torch.float32)
    yield dict(dbnvar=rng.normal(1, 3, **f32), bndiff2=rng.normal(5, 3, **f32) ** 2)


@bndiff2.oracle
def _(dbnvar, bndiff2):
    x = leaf(bndiff2)
    return gradient(x, x.sum(0, keepdim=True) / (len(x) - 1), dbnvar, bndiff2)


@bndiff2.misconception(
    "You divided by n. This variance divides by n - 1 (Bessel's correction), so its gradient does, "
    "too."
)
def no_bessel(dbnvar, bndiff2):
    return dbnvar / len(bndiff2) * torch.ones_like(bndiff2)


@bndiff2.misconception(
    "The shape is (1, n_hidden): a sum forward is a copy backward. Every row of bndiff2 needs its "
    "own copy."
)
def not_copied(dbnvar, bndiff2):
    return dbnvar / (len(bndiff2) - 1)


@bndiff2.misconception("The factor is missing: the sum is multiplied by 1 / (n - 1).")
def no_factor(dbnvar, bndiff2):
    return dbnvar * torch.ones_like(bndiff2)


@bndiff2.misconception(
    "You multiplied by bndiff2. In a sum the local derivative is 1 for each term, whatever its "
    "value."
)
def times_value(dbnvar, bndiff2):
    return dbnvar * bndiff2 / (len(bndiff2) - 1)


@bndiff2.misconception(
    "The upstream gradient dbnvar is missing: 1 / (n - 1) is only the local one."
)
def upstream_ignored(dbnvar, bndiff2):
    return torch.ones_like(bndiff2) / (len(bndiff2) - 1)


@bndiff2.misconception(
    "You took n from the wrong dimension: n is the number of examples, bndiff2.shape[0]."
)
def wrong_n(dbnvar, bndiff2):
    return dbnvar / max(bndiff2.shape[1] - 1, 1) * torch.ones_like(bndiff2)


@bndiff2.variant("expanded, without memory of its own")
def expanded(dbnvar, bndiff2):
    return (dbnvar / (bndiff2.size(0) - 1)).expand_as(bndiff2)


@bndiff2.variant("repeated")
def repeated(dbnvar, bndiff2):
    n = len(bndiff2)
    return (1.0 / (n - 1) * dbnvar).repeat(n, 1)


# -- bndiff ------------------------------------------------------------------------------------

bndiff = exercise("bndiff_backward", title="dbndiff: two branches meet again")
bndiff.hint("In which two lines of the forward pass does bndiff stand on the right-hand side?")
bndiff.hint(
    "Through bnraw: dbnraw * bnvar_inv. Through the square: d x**2 / dx = 2 x, times dbndiff2."
)
bndiff.hint("dbnraw * bnvar_inv + 2 * bndiff * dbndiff2")


@bndiff.cases
def _(rng):
    def case(n, hidden, **dtype):
        return dict(
            dbnraw=rng.normal(n, hidden, **dtype),
            bnvar_inv=rng.uniform(0.3, 3, 1, hidden, **dtype),
            dbndiff2=rng.normal(n, hidden, **dtype),
            bndiff=rng.normal(n, hidden, **dtype),
        )

    for n, hidden in SIZES:
        yield case(n, hidden)
    yield {name: x if len(x) == 1 else columns_first(x) for name, x in case(4, 6).items()}
    yield case(3, 4, dtype=torch.float32)


@bndiff.oracle
def _(dbnraw, bnvar_inv, dbndiff2, bndiff):
    x = leaf(bndiff)
    output = (x * bnvar_inv.double() * dbnraw).sum() + (x**2 * dbndiff2).sum()
    return gradient(x, output, 1.0, bndiff)


@bndiff.misconception(
    "The second branch is missing: bndiff is squared on the way to the variance, and that path "
    "sends 2 * bndiff * dbndiff2."
)
def first_only(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv


@bndiff.misconception(
    "The second branch replaced the first. bndiff is used twice, so what both uses send back adds "
    "up: dbnraw * bnvar_inv is still needed."
)
def second_only(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return 2 * bndiff * dbndiff2


@bndiff.misconception("The 2 is missing: the derivative of bndiff**2 is 2 * bndiff.")
def no_two(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + bndiff * dbndiff2


@bndiff.misconception(
    "In the second branch bndiff itself is missing: the derivative of x**2 is 2 x, not 2."
)
def two_alone(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + 2 * dbndiff2


@bndiff.misconception(
    "You multiplied by bndiff**2, the function; the chain rule needs its derivative, 2 * bndiff."
)
def squared(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + bndiff**2 * dbndiff2


@bndiff.misconception(
    "The second branch lacks its upstream gradient dbndiff2: 2 * bndiff is only the local one."
)
def second_upstream_ignored(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + 2 * bndiff


@bndiff.misconception("The first branch lacks bnvar_inv: bnraw = bndiff * bnvar_inv, a product.")
def no_scale(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw + 2 * bndiff * dbndiff2


@bndiff.misconception("You subtracted the second branch: gradients of two uses add up.")
def subtracted(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv - 2 * bndiff * dbndiff2


@bndiff.variant("addcmul")
def addcmul(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return torch.addcmul(dbnraw * bnvar_inv, bndiff, dbndiff2, value=2)


@bndiff.variant("in two steps")
def two_steps(dbnraw, bnvar_inv, dbndiff2, bndiff):
    dbndiff = bnvar_inv * dbnraw
    dbndiff += bndiff * dbndiff2 + dbndiff2 * bndiff
    return dbndiff


# -- bnmeani -----------------------------------------------------------------------------------

bnmeani = exercise("bnmeani_backward", title="dbnmeani: the mean")
bnmeani.hint("bnmeani is (1, n_hidden), subtracted from each row: have you seen that in part 1?")
bnmeani.hint("Local derivative -1; copied into n rows, so sum over the rows.")
bnmeani.hint("-dbndiff.sum(0, keepdim=True)")


@bnmeani.cases
def _(rng):
    for n, hidden in SIZES:
        yield dict(dbndiff=rng.normal(n, hidden, mean=0.3))
    yield dict(dbndiff=columns_first(rng.normal(4, 3, std=1e3)))
    yield dict(dbndiff=rng.normal(4, 3, dtype=torch.float32))


@bnmeani.oracle
def _(dbndiff):
    x = leaf(torch.zeros(1, dbndiff.shape[1]))
    return gradient(x, torch.zeros_like(dbndiff) - x, dbndiff, dbndiff)


@bnmeani.misconception("The minus sign is missing: the mean is *subtracted* from hprebn.")
def sign(dbndiff):
    return dbndiff.sum(0, keepdim=True)


@bnmeani.misconception(
    "A mean instead of a sum. The 1 / n belongs to the next step, from bnmeani back to hprebn; "
    "here n copies add up."
)
def mean(dbndiff):
    return -dbndiff.mean(0, keepdim=True)


@bnmeani.misconception(
    "The sum over the batch is missing: one mean was subtracted from all n rows."
)
def unsummed(dbndiff):
    return -dbndiff


@bnmeani.misconception(
    "Right numbers in the wrong shape: bnmeani is (1, n_hidden), so sum with keepdim=True."
)
def no_keepdim(dbndiff):
    return -dbndiff.sum(0)


@bnmeani.misconception(
    "You summed over the neurons (dimension 1). The mean was copied down the batch, dimension 0."
)
def wrong_dimension(dbndiff):
    return -dbndiff.sum(1, keepdim=True)


@bnmeani.misconception(
    "Zero is not it: dbndiff does not sum to zero over the batch, only bndiff does."
)
def zero(dbndiff):
    return torch.zeros_like(dbndiff[:1])


@bnmeani.variant("a product with ones")
def ones(dbndiff):
    return -torch.ones(1, len(dbndiff), dtype=dbndiff.dtype).matmul(dbndiff)


@bnmeani.variant("einsum")
def einsum(dbndiff):
    return torch.einsum("nh->h", -dbndiff).reshape(1, -1)


# -- hprebn ------------------------------------------------------------------------------------

hprebn = exercise("hprebn_backward", title="dhprebn: out of batchnorm")
hprebn.hint("In which two lines of the forward pass does hprebn stand on the right-hand side?")
hprebn.hint(
    "Through bndiff the gradient passes unchanged. Through the mean, every example has a share of "
    "1 / n in it, and gets dbnmeani / n."
)
hprebn.hint("dbndiff + dbnmeani / n, where n = dbndiff.shape[0]; the (1, H) broadcasts by itself.")


@hprebn.cases
def _(rng):
    def case(n, hidden, **dtype):
        dbndiff = rng.normal(n, hidden, **dtype)
        return dict(dbndiff=dbndiff, dbnmeani=rng.normal(1, hidden, std=2, **dtype))

    for n, hidden in SIZES:
        yield case(n, hidden)
    yield {**case(4, 3), "dbndiff": columns_first(rng.normal(4, 3))}
    yield case(5, 3, dtype=torch.float32)


@hprebn.oracle
def _(dbndiff, dbnmeani):
    x = leaf(torch.zeros_like(dbndiff))
    output = (x * dbndiff).sum() + (x.sum(0, keepdim=True) / len(x) * dbnmeani).sum()
    return gradient(x, output, 1.0, dbndiff)


@hprebn.misconception(
    "The path through the mean is missing: hprebn also makes bnmeani, and dbnmeani / n comes back "
    "to every example."
)
def first_only(dbndiff, dbnmeani):
    return dbndiff.clone()


@hprebn.misconception(
    "The path through the mean replaced the direct one: hprebn is used twice, so the two add up."
)
def second_only(dbndiff, dbnmeani):
    return dbnmeani.expand_as(dbndiff) / len(dbndiff)


@hprebn.misconception(
    "The 1 / n is missing: a single example moves the mean by only 1 / n of its own change."
)
def no_share(dbndiff, dbnmeani):
    return dbndiff + dbnmeani


@hprebn.misconception(
    "You divided by n - 1. Bessel's correction belongs to the variance; the mean divides by n."
)
def bessel(dbndiff, dbnmeani):
    return dbndiff + dbnmeani / (len(dbndiff) - 1)


@hprebn.misconception(
    "You subtracted the mean's path. The minus of hprebn - bnmeani is inside dbnmeani already."
)
def subtracted(dbndiff, dbnmeani):
    return dbndiff - dbnmeani / len(dbndiff)


@hprebn.misconception(
    "You took n from the wrong dimension: n is the number of examples, dbndiff.shape[0]."
)
def wrong_n(dbndiff, dbnmeani):
    return dbndiff + dbnmeani / dbndiff.shape[1]


@hprebn.misconception(
    "The upstream gradient dbnmeani is missing: 1 / n is only the local derivative of the mean."
)
def upstream_ignored(dbndiff, dbnmeani):
    return dbndiff + torch.ones_like(dbndiff) / len(dbndiff)


@hprebn.misconception(
    "The result is right, but dbndiff was changed on the way: `+=` works in place, on the caller's "
    "tensor."
)
def in_place(dbndiff, dbnmeani):
    dbndiff += dbnmeani / len(dbndiff)
    return dbndiff


@hprebn.variant("ones")
def ones(dbndiff, dbnmeani):
    return dbndiff + 1.0 / dbndiff.size(0) * (torch.ones_like(dbndiff) * dbnmeani)


@hprebn.variant("row by row")
def rows(dbndiff, dbnmeani):
    share = dbnmeani[0] / len(dbndiff)
    return torch.stack([row + share for row in dbndiff])
