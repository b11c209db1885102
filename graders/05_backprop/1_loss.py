"""From the loss back to the logits: the eight atoms of cross-entropy."""

import torch

from graders.authoring import exercise, part

part(forbid=("autograd",))

SHAPES = [(1, 5), (4, 3), (2, 7), (6, 11)]


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


# -- logprobs ----------------------------------------------------------------------------------

logprobs = exercise("logprobs_backward", title="dlogprobs: the loss picks n numbers")
logprobs.hint("How many numbers of logprobs does the loss look at? What about all the others?")
logprobs.hint(
    "Nudge one picked number by 0.01: a mean over n examples moves by 0.01 / n, "
    "and there is a minus sign in front."
)
logprobs.hint(
    "Start from torch.zeros_like(logprobs), and write -1 / n at [torch.arange(n), Yb]: "
    "pairs (row i, column Yb[i])."
)


@logprobs.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(logprobs=rng.normal(n, v, mean=-2), Yb=rng.integers(0, v, n))
    yield dict(logprobs=rng.normal(5, 4, mean=-2), Yb=torch.full((5,), rng.integer(0, 4)))
    yield dict(logprobs=columns_first(rng.normal(3, 8)), Yb=rng.integers(0, 8, 3))
    yield dict(logprobs=rng.normal(3, 4, dtype=torch.float32), Yb=rng.integers(0, 4, 3))


@logprobs.oracle
def _(logprobs, Yb):
    x = leaf(logprobs)
    loss = -x[torch.arange(len(Yb)), Yb].mean()
    return gradient(x, loss, 1.0, logprobs)


@logprobs.misconception(
    "The right places, but 1 / n is missing: the loss is the mean over the n examples of the "
    "batch, so each example only counts 1 / n."
)
def no_mean(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[torch.arange(len(Yb)), Yb] = -1.0
    return d


@logprobs.misconception(
    "The sign is wrong: the loss is *minus* the mean, so a higher log-probability lowers it and "
    "the gradient is negative."
)
def sign(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[torch.arange(len(Yb)), Yb] = 1.0 / len(Yb)
    return d


@logprobs.misconception(
    "`[:, Yb]` takes these columns in *every* row. You want one place per row, the pairs "
    "(i, Yb[i]): index with `[torch.arange(n), Yb]`."
)
def every_row(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[:, Yb] = -1.0 / len(Yb)
    return d


@logprobs.misconception(
    "You divided by the number of all elements, n * vocab_size. The mean is taken over the n "
    "picked numbers, so only n counts."
)
def per_element(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[torch.arange(len(Yb)), Yb] = -1.0 / logprobs.numel()
    return d


@logprobs.misconception(
    "Every number got a gradient. The loss looks at one number per row; nudging another changes "
    "nothing, so its gradient is 0."
)
def everywhere(logprobs, Yb):
    return torch.full_like(logprobs, -1.0 / len(Yb))


@logprobs.misconception(
    "The values are right but the dtype is not: torch.zeros(n, v) is float32 whatever the input. "
    "Use torch.zeros_like(logprobs)."
)
def always_float32(logprobs, Yb):
    d = torch.zeros(logprobs.shape)
    d[torch.arange(len(Yb)), Yb] = -1.0 / len(Yb)
    return d


@logprobs.misconception(
    "You put the log-probabilities themselves there, as if the derivative of x were x. The loss is "
    "linear in them: the slope is the constant -1 / n."
)
def value_for_slope(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    i = torch.arange(len(Yb))
    d[i, Yb] = -logprobs[i, Yb] / len(Yb)
    return d


@logprobs.misconception(
    "That is the formula for dlogits, all of cross-entropy at once: probabilities minus one-hot. "
    "Here you are one step from the loss, and no softmax lies between."
)
def already_dlogits(logprobs, Yb):
    d = logprobs.exp()
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@logprobs.misconception(
    "You asked autograd. Here you compute by hand what it would: while the checks run nothing is "
    "recorded, so there is nothing to call backward() on."
)
def autograd(logprobs, Yb):
    x = logprobs.detach().clone().requires_grad_()
    loss = -x[torch.arange(len(Yb)), Yb].mean()
    loss.backward()
    return x.grad


@logprobs.variant("one-hot")
def one_hot(logprobs, Yb):
    n, v = logprobs.shape
    return -torch.nn.functional.one_hot(Yb, v).to(logprobs.dtype) / n


@logprobs.variant("scatter")
def scatter(logprobs, Yb):
    return torch.zeros_like(logprobs).scatter_(1, Yb[:, None], -1.0 / Yb.shape[0])


@logprobs.variant("a loop over lists")
def loop(logprobs, Yb):
    n, v = logprobs.shape
    rows = [[-1 / n if j == y else 0.0 for j in range(v)] for y in Yb.tolist()]
    return torch.tensor(rows, dtype=logprobs.dtype)


# -- probs -------------------------------------------------------------------------------------

probs = exercise("probs_backward", title="dprobs: through the logarithm")
probs.hint("What is the derivative of log(x)? And what has to be multiplied to it?")
probs.hint("Chain rule: local derivative 1 / probs, times the upstream gradient dlogprobs.")
probs.hint("dlogprobs / probs, element by element. Nothing is summed: both are (n, vocab_size).")


@probs.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dlogprobs=rng.normal(n, v), probs=rng.normal(n, v, std=2).softmax(1))
    # nearly impossible characters: an eps added to probs shows here
    yield dict(dlogprobs=rng.normal(3, 4), probs=rng.normal(3, 4, std=6).softmax(1))
    yield dict(dlogprobs=columns_first(rng.normal(3, 5)), probs=rng.normal(3, 5).softmax(1))
    f32 = dict(dtype=torch.float32)
    yield dict(dlogprobs=rng.normal(4, 6, **f32), probs=rng.normal(4, 6, **f32).softmax(1))


@probs.oracle
def _(dlogprobs, probs):
    x = leaf(probs)
    return gradient(x, x.log(), dlogprobs, probs)


@probs.misconception(
    "1 / probs is the local derivative; the upstream gradient dlogprobs is missing. The chain rule "
    "multiplies the two."
)
def upstream_ignored(dlogprobs, probs):
    return 1 / probs


@probs.misconception(
    "You multiplied by probs. That is how the gradient passes an exp; the derivative of log(x) is "
    "1 / x."
)
def exp_for_log(dlogprobs, probs):
    return dlogprobs * probs


@probs.misconception(
    "You multiplied by the logarithm itself. The chain rule needs its *derivative*, 1 / probs."
)
def function_for_derivative(dlogprobs, probs):
    return dlogprobs * probs.log()


@probs.misconception(
    "You divided by log(probs). The derivative of log(x) is 1 / x, with x the probability."
)
def divided_by_log(dlogprobs, probs):
    return dlogprobs / probs.log()


@probs.misconception(
    "You added a small number to the denominator. There is none in the forward pass, so the "
    "gradient of exactly that forward pass has none either."
)
def with_eps(dlogprobs, probs):
    return dlogprobs / (probs + 1e-8)


@probs.misconception(
    "You divided by n once more. The mean was taken in the loss, and its 1 / n is already inside "
    "dlogprobs."
)
def mean_again(dlogprobs, probs):
    return dlogprobs / probs / probs.shape[0]


@probs.misconception("The sign is flipped: log rises, its derivative 1 / probs is positive.")
def flipped(dlogprobs, probs):
    return -dlogprobs / probs


@probs.variant("a power")
def power(dlogprobs, probs):
    return probs.pow(-1).mul(dlogprobs)


@probs.variant("through the logarithm")
def via_log(dlogprobs, probs):
    return dlogprobs * torch.exp(-torch.log(probs))


# -- counts_sum_inv ----------------------------------------------------------------------------

counts_sum_inv = exercise("counts_sum_inv_backward", title="dcounts_sum_inv: a broadcast product")
counts_sum_inv.hint("counts_sum_inv is (n, 1). Which shape does your result have?")
counts_sum_inv.hint(
    "Each number was copied along its row and multiplied by counts. A copy forward is a sum "
    "backward, along the same dimension."
)
counts_sum_inv.hint("Multiply dprobs by counts first, then .sum(1, keepdim=True).")


@counts_sum_inv.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dprobs=rng.normal(n, v), counts=rng.uniform(0.01, 3, n, v))
    yield dict(
        dprobs=columns_first(rng.normal(3, 5)), counts=columns_first(rng.uniform(0, 1, 3, 5))
    )
    yield dict(dprobs=rng.normal(4, 4), counts=rng.uniform(0, 2, 4, 4))
    f32 = dict(dtype=torch.float32)
    yield dict(dprobs=rng.normal(3, 6, **f32), counts=rng.uniform(0, 1, 3, 6, **f32))


@counts_sum_inv.oracle
def _(dprobs, counts):
    x = leaf(torch.ones(len(counts), 1))
    return gradient(x, counts.double() * x, dprobs, counts)


@counts_sum_inv.misconception(
    "The sum is missing: counts_sum_inv is (n, 1), and each of its numbers was used in a whole "
    "row. Add up what the row sends back."
)
def no_sum(dprobs, counts):
    return dprobs * counts


@counts_sum_inv.misconception(
    "You summed over the batch (dimension 0). The (n, 1) tensor was copied along each row, "
    "dimension 1, and that is where the gradient is summed."
)
def wrong_dimension(dprobs, counts):
    return (dprobs * counts).sum(0, keepdim=True)


@counts_sum_inv.misconception(
    "The numbers are right, the shape is not: without keepdim=True the sum is (n,), and the next "
    "product would silently broadcast it the wrong way."
)
def no_keepdim(dprobs, counts):
    return (dprobs * counts).sum(1)


@counts_sum_inv.misconception(
    "A mean instead of a sum: the copies were not averaged, each of them changes the loss in full."
)
def mean(dprobs, counts):
    return (dprobs * counts).mean(1, keepdim=True)


@counts_sum_inv.misconception(
    "The local derivative is missing: probs = counts * counts_sum_inv, so nudging counts_sum_inv "
    "moves probs by counts, not by 1."
)
def counts_ignored(dprobs, counts):
    return dprobs.sum(1, keepdim=True)


@counts_sum_inv.misconception(
    "The upstream gradient dprobs is missing: you only summed the local derivatives."
)
def upstream_ignored(dprobs, counts):
    return counts.sum(1, keepdim=True)


@counts_sum_inv.misconception(
    "You summed both factors and then multiplied. The products belong together place by place: "
    "multiply first, sum afterward."
)
def sum_first(dprobs, counts):
    return dprobs.sum(1, keepdim=True) * counts.sum(1, keepdim=True)


@counts_sum_inv.variant("einsum")
def einsum(dprobs, counts):
    return torch.einsum("nv,nv->n", dprobs, counts).unsqueeze(1)


@counts_sum_inv.variant("the diagonal of a matrix product")
def diagonal(dprobs, counts):
    return torch.diagonal(dprobs @ counts.T)[:, None]


@counts_sum_inv.variant("batched row times column")
def batched(dprobs, counts):
    return torch.bmm(dprobs[:, None, :], counts[:, :, None]).view(-1, 1)


# -- counts_sum --------------------------------------------------------------------------------

counts_sum = exercise("counts_sum_backward", title="dcounts_sum: one over the sum")
counts_sum.hint("The power rule with p = -1: which factor, which new exponent?")
counts_sum.hint("d x**-1 / dx = -x**-2, and the upstream gradient multiplies it.")
counts_sum.hint("-dcounts_sum_inv * counts_sum**-2")


@counts_sum.cases
def _(rng):
    for n in (1, 2, 5, 9):
        yield dict(dcounts_sum_inv=rng.normal(n, 1), counts_sum=rng.uniform(1, 9, n, 1))
    yield dict(dcounts_sum_inv=rng.normal(3, 1, std=100), counts_sum=rng.uniform(0.1, 1, 3, 1))
    f32 = dict(dtype=torch.float32)
    yield dict(dcounts_sum_inv=rng.normal(4, 1, **f32), counts_sum=rng.uniform(1, 9, 4, 1, **f32))


@counts_sum.oracle
def _(dcounts_sum_inv, counts_sum):
    x = leaf(counts_sum)
    return gradient(x, x**-1, dcounts_sum_inv, counts_sum)


@counts_sum.misconception(
    "The sign is missing: the power rule multiplies by the exponent, here -1. A larger sum makes "
    "its inverse smaller."
)
def sign(dcounts_sum_inv, counts_sum):
    return dcounts_sum_inv * counts_sum**-2


@counts_sum.misconception(
    "The exponent did not change: the power rule takes x**-1 to -1 * x**-2, one lower."
)
def same_exponent(dcounts_sum_inv, counts_sum):
    return -dcounts_sum_inv * counts_sum**-1


@counts_sum.misconception(
    "1 / x is the derivative of log(x). Here the forward pass *is* x**-1, and its derivative is "
    "-x**-2."
)
def logarithm(dcounts_sum_inv, counts_sum):
    return dcounts_sum_inv / counts_sum


@counts_sum.misconception(
    "That is the local derivative alone; multiply by the upstream gradient dcounts_sum_inv."
)
def upstream_ignored(dcounts_sum_inv, counts_sum):
    return -(counts_sum**-2)


@counts_sum.misconception(
    "The exponent moved the wrong way, to +2 (or you multiplied where dividing was due): from -1 "
    "one lower is -2."
)
def plus_two(dcounts_sum_inv, counts_sum):
    return -dcounts_sum_inv * counts_sum**2


@counts_sum.misconception(
    "The bracket binds the wrong way: you squared the upstream gradient too. Only counts_sum is "
    "raised to a power."
)
def upstream_squared(dcounts_sum_inv, counts_sum):
    return -((dcounts_sum_inv / counts_sum) ** 2)


@counts_sum.variant("the inverse, squared")
def squared_inverse(dcounts_sum_inv, counts_sum):
    inverse = counts_sum.reciprocal()
    return -(inverse * inverse) * dcounts_sum_inv


@counts_sum.variant("a division")
def division(dcounts_sum_inv, counts_sum):
    return torch.neg(dcounts_sum_inv).div(counts_sum.square())


# -- counts ------------------------------------------------------------------------------------

counts = exercise("counts_backward", title="dcounts: two branches meet")
counts.hint("In which two lines of the forward pass does counts stand on the right-hand side?")
counts.hint(
    "Through probs: dprobs * counts_sum_inv. Through the sum: every count has derivative 1, so it "
    "gets its row's dcounts_sum unchanged. Then combine the branches."
)
counts.hint("Add them; (n, vocab_size) + (n, 1) broadcasts along the row, just as you want.")


@counts.cases
def _(rng):
    def case(n, v, **dtype):
        return dict(
            dprobs=rng.normal(n, v, **dtype),
            counts_sum_inv=rng.uniform(0.05, 2, n, 1, **dtype),
            dcounts_sum=rng.normal(n, 1, **dtype),
        )

    for n, v in [*SHAPES, (3, 3)]:
        yield case(n, v)
    yield {**case(4, 6), "dprobs": columns_first(rng.normal(4, 6))}
    yield case(3, 4, dtype=torch.float32)


@counts.oracle
def _(dprobs, counts_sum_inv, dcounts_sum):
    x = leaf(torch.ones_like(dprobs))
    through_probs = x * counts_sum_inv.double() * dprobs
    through_sum = x.sum(1, keepdim=True) * dcounts_sum
    return gradient(x, through_probs.sum() + through_sum.sum(), 1.0, dprobs)


@counts.misconception(
    "The second branch is missing: counts also goes into counts_sum, and what comes back from "
    "there (dcounts_sum) must be added."
)
def first_only(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv


@counts.misconception(
    "The second branch replaced the first. A tensor used twice gets the *sum* of what both uses "
    "send back: keep dprobs * counts_sum_inv and add to it."
)
def second_only(dprobs, counts_sum_inv, dcounts_sum):
    return dcounts_sum.expand_as(dprobs)


@counts.misconception(
    "The branches must be added, you multiplied them. Multiplying is for links in one chain; two "
    "separate ways from counts to the loss add up."
)
def multiplied(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv * dcounts_sum


@counts.misconception(
    "You subtracted the second branch. Gradients of two uses add; the minus of 1 / sum is inside "
    "dcounts_sum already."
)
def subtracted(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv - dcounts_sum


@counts.misconception(
    "You shared dcounts_sum among the row's elements. In a sum each term has derivative 1, so each "
    "gets all of it: a copy, not a share."
)
def shared(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv + dcounts_sum / dprobs.shape[1]


@counts.misconception(
    "The upstream gradient dprobs is missing in the first branch: it is dprobs * counts_sum_inv."
)
def first_upstream_ignored(dprobs, counts_sum_inv, dcounts_sum):
    return counts_sum_inv.expand_as(dprobs) + dcounts_sum


@counts.misconception(
    "In the second branch you added 1, the local derivative, without its upstream gradient "
    "dcounts_sum."
)
def second_upstream_ignored(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv + torch.ones_like(dprobs)


@counts.misconception(
    "Both branches were multiplied by counts_sum_inv. It belongs to the product only; the sum "
    "passes dcounts_sum on as it is."
)
def factor_on_both(dprobs, counts_sum_inv, dcounts_sum):
    return (dprobs + dcounts_sum) * counts_sum_inv


@counts.misconception(
    "You summed the first branch over the row. Each count only enters its own probability there; "
    "dprobs * counts_sum_inv stays (n, vocab_size)."
)
def first_summed(dprobs, counts_sum_inv, dcounts_sum):
    return (dprobs * counts_sum_inv).sum(1, keepdim=True) + dcounts_sum


@counts.misconception(
    "The result is right, but dprobs was changed on the way: `*=` works in place, on the caller's "
    "tensor. Make a new one."
)
def in_place(dprobs, counts_sum_inv, dcounts_sum):
    dprobs *= counts_sum_inv
    dprobs += dcounts_sum
    return dprobs


@counts.variant("ones times the sum's gradient")
def ones(dprobs, counts_sum_inv, dcounts_sum):
    dcounts = counts_sum_inv * dprobs
    dcounts += torch.ones_like(dprobs) * dcounts_sum
    return dcounts


@counts.variant("addcmul")
def addcmul(dprobs, counts_sum_inv, dcounts_sum):
    return torch.addcmul(dcounts_sum, dprobs, counts_sum_inv)


@counts.variant("row by row")
def rows(dprobs, counts_sum_inv, dcounts_sum):
    n = range(len(dprobs))
    return torch.stack([dprobs[i] * counts_sum_inv[i] + dcounts_sum[i] for i in n])


# -- norm_logits -------------------------------------------------------------------------------

norm_logits = exercise("norm_logits_backward", title="dnorm_logits: through the exponential")
norm_logits.hint("Which function is its own derivative?")
norm_logits.hint("exp(norm_logits) has been computed in the forward pass: what is it called?")
norm_logits.hint("dcounts * counts")


@norm_logits.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dcounts=rng.normal(n, v), counts=(-rng.uniform(0, 4, n, v)).exp())
    yield dict(dcounts=columns_first(rng.normal(3, 5)), counts=rng.uniform(0, 1, 3, 5))
    # far below the maximum exp underflows to 0, and nothing comes back
    yield dict(
        dcounts=rng.normal(2, 3, std=50), counts=torch.tensor([[1.0, 0, 0], [0, 1, 0.5]]).double()
    )
    f32 = dict(dtype=torch.float32)
    yield dict(dcounts=rng.normal(4, 3, **f32), counts=rng.uniform(0, 1, 4, 3, **f32))


@norm_logits.oracle
def _(dcounts, counts):
    x = leaf(counts.double().log())
    if torch.isinf(x).any():  # where exp underflowed, any very negative number will do
        x = leaf(x.clamp(min=-800.0))
    return gradient(x, x.exp(), dcounts, counts)


@norm_logits.misconception(
    "`counts` already is exp(norm_logits); you took the exponential a second time."
)
def exp_twice(dcounts, counts):
    return dcounts * counts.exp()


@norm_logits.misconception(
    "The upstream gradient dcounts is missing: counts is only the local derivative."
)
def upstream_ignored(dcounts, counts):
    return counts.clone()


@norm_logits.misconception(
    "You divided by counts. That is how the gradient passes a logarithm; the derivative of exp is "
    "exp itself, so multiply."
)
def log_for_exp(dcounts, counts):
    return dcounts / counts


@norm_logits.misconception(
    "You passed the gradient through unchanged. Only a plain sum or copy does that; exp has the "
    "local derivative counts."
)
def unchanged(dcounts, counts):
    return dcounts.clone()


@norm_logits.misconception(
    "You multiplied by log(counts), which is norm_logits. The derivative of exp(x) is exp(x), and "
    "that is counts."
)
def input_for_output(dcounts, counts):
    return dcounts * counts.log()


@norm_logits.variant("einsum")
def einsum(dcounts, counts):
    return torch.einsum("nv,nv->nv", dcounts, counts)


@norm_logits.variant("there and back")
def there_and_back(dcounts, counts):
    return dcounts.mul(counts.log().exp())


# -- logit_maxes -------------------------------------------------------------------------------

logit_maxes = exercise("logit_maxes_backward", title="dlogit_maxes: a broadcast difference")
logit_maxes.hint("logit_maxes is (n, 1) and is subtracted from each number of its row.")
logit_maxes.hint("Local derivative -1, and a copy along the row forward: a sum along it backward.")
logit_maxes.hint("-dnorm_logits.sum(1, keepdim=True)")


@logit_maxes.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(dnorm_logits=rng.normal(n, v, mean=0.5))
    yield dict(dnorm_logits=columns_first(rng.normal(4, 6)))
    yield dict(dnorm_logits=rng.normal(3, 3, std=1e3))
    yield dict(dnorm_logits=rng.normal(3, 5, dtype=torch.float32))


@logit_maxes.oracle
def _(dnorm_logits):
    x = leaf(torch.zeros(len(dnorm_logits), 1))
    return gradient(x, torch.zeros_like(dnorm_logits) - x, dnorm_logits, dnorm_logits)


@logit_maxes.misconception(
    "The minus sign is missing: the maxima are *subtracted*, so their local derivative is -1."
)
def sign(dnorm_logits):
    return dnorm_logits.sum(1, keepdim=True)


@logit_maxes.misconception(
    "The sum is missing: each maximum was subtracted from a whole row, so add up what the row "
    "sends back, to shape (n, 1)."
)
def no_sum(dnorm_logits):
    return -dnorm_logits


@logit_maxes.misconception(
    "You summed over the batch (dimension 0); each maximum was copied along its own row, which is "
    "dimension 1."
)
def wrong_dimension(dnorm_logits):
    return -dnorm_logits.sum(0, keepdim=True)


@logit_maxes.misconception(
    "Right numbers in the wrong shape: logit_maxes is (n, 1), so sum with keepdim=True."
)
def no_keepdim(dnorm_logits):
    return -dnorm_logits.sum(1)


@logit_maxes.misconception("A mean instead of a sum: each copy of the maximum counts in full.")
def mean(dnorm_logits):
    return -dnorm_logits.mean(1, keepdim=True)


@logit_maxes.misconception(
    "Zero is what comes out after a softmax, where shifting a row changes nothing. This function "
    "must be right for any upstream gradient."
)
def zero(dnorm_logits):
    return torch.zeros_like(dnorm_logits[:, :1])


@logit_maxes.misconception(
    "You counted copies, one -1 for each column, and left out the upstream gradient dnorm_logits."
)
def upstream_ignored(dnorm_logits):
    return -torch.ones_like(dnorm_logits).sum(1, keepdim=True)


@logit_maxes.variant("a matrix product with ones")
def ones(dnorm_logits):
    return dnorm_logits @ -torch.ones(dnorm_logits.shape[1], 1, dtype=dnorm_logits.dtype)


@logit_maxes.variant("column by column")
def columns(dnorm_logits):
    total = torch.zeros_like(dnorm_logits[:, :1])
    for column in dnorm_logits.unbind(1):
        total -= column[:, None]
    return total


# -- logits ------------------------------------------------------------------------------------

logits = exercise("logits_backward", title="dlogits: and where the maximum sat")
logits.hint("In which two lines of the forward pass does logits stand on the right-hand side?")
logits.hint(
    "Through norm_logits the gradient passes unchanged. Through the maximum, row i's dlogit_maxes "
    "goes to one place only: column max_indices[i]."
)
logits.hint(
    "Clone dnorm_logits, then add dlogit_maxes.squeeze(1) at [torch.arange(n), max_indices]. Or "
    "multiply dlogit_maxes by a one-hot matrix and add."
)


@logits.cases
def _(rng):
    def case(n, v, **dtype):
        return dict(
            dnorm_logits=rng.normal(n, v, **dtype),
            dlogit_maxes=rng.normal(n, 1, **dtype),
            max_indices=rng.integers(0, v, n),
        )

    for n, v in SHAPES:
        yield case(n, v)
    yield {**case(5, 3), "max_indices": torch.full((5,), rng.integer(0, 3))}
    yield {**case(4, 6), "dnorm_logits": columns_first(rng.normal(4, 6))}
    yield case(3, 4, dtype=torch.float32)


@logits.oracle
def _(dnorm_logits, dlogit_maxes, max_indices):
    x = leaf(torch.zeros_like(dnorm_logits))
    maxes = x[torch.arange(len(max_indices)), max_indices].unsqueeze(1)
    return gradient(x, (x * dnorm_logits).sum() + (maxes * dlogit_maxes).sum(), 1.0, dnorm_logits)


@logits.misconception(
    "The branch through the maximum is missing: logits is used a second time in "
    "logit_maxes = logits.max(1), and dlogit_maxes comes back from there."
)
def first_only(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits.clone()


@logits.misconception(
    "The first branch is missing: through norm_logits = logits - logit_maxes, dnorm_logits passes "
    "unchanged. Add it."
)
def second_only(dnorm_logits, dlogit_maxes, max_indices):
    hot = torch.nn.functional.one_hot(max_indices, dnorm_logits.shape[1])
    return hot * dlogit_maxes


@logits.misconception(
    "At the maxima you assigned (=) where you should add (+=): the first branch is lost there."
)
def assigned(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(max_indices)), max_indices] = dlogit_maxes.squeeze(1)
    return d


@logits.misconception(
    "You added dlogit_maxes to the whole row. A maximum depends on one number of the row only; the "
    "others do not change it, so they get nothing."
)
def whole_row(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits + dlogit_maxes


@logits.misconception(
    "`[:, max_indices]` takes these columns in *every* row. You want one place per row: "
    "`[torch.arange(n), max_indices]`."
)
def every_row(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[:, max_indices] += dlogit_maxes
    return d


@logits.misconception(
    "Picking n places gives shape (n,), but dlogit_maxes is (n, 1): the two broadcast to (n, n). "
    "Bring them to the same shape, with dlogit_maxes.squeeze(1)."
)
def shapes_clash(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(max_indices)), max_indices] += dlogit_maxes
    return d


@logits.misconception(
    "You looked for the maximum in the gradient. What matters is where the maximum of the *logits* "
    "sat in the forward pass, and that is given: max_indices."
)
def maximum_of_gradient(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(d)), d.max(1).indices] += dlogit_maxes.squeeze(1)
    return d


@logits.misconception(
    "You subtracted at the maximum. The minus of logits - logit_maxes is inside dlogit_maxes "
    "already; the branches add up."
)
def subtracted(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(max_indices)), max_indices] -= dlogit_maxes.squeeze(1)
    return d


@logits.misconception(
    "You added 1 at the maximum: that is the local derivative. Multiply it by the upstream "
    "gradient dlogit_maxes."
)
def upstream_ignored(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits + torch.nn.functional.one_hot(max_indices, dnorm_logits.shape[1])


@logits.misconception(
    "The result is right, but you changed dnorm_logits itself: `d = dnorm_logits` is a second name "
    "for the same tensor. Take dnorm_logits.clone()."
)
def in_place(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits
    d[torch.arange(len(max_indices)), max_indices] += dlogit_maxes.squeeze(1)
    return d


@logits.variant("one-hot")
def one_hot(dnorm_logits, dlogit_maxes, max_indices):
    hot = torch.nn.functional.one_hot(max_indices, num_classes=dnorm_logits.shape[1])
    return hot * dlogit_maxes + dnorm_logits


@logits.variant("scatter_add")
def scatter_add(dnorm_logits, dlogit_maxes, max_indices):
    return torch.scatter_add(dnorm_logits, 1, max_indices[:, None], dlogit_maxes)


@logits.variant("a loop")
def loop(dnorm_logits, dlogit_maxes, max_indices):
    d = torch.zeros_like(dnorm_logits)
    for i, j in enumerate(max_indices.tolist()):
        d[i, j] = dlogit_maxes[i, 0]
    return d + dnorm_logits
