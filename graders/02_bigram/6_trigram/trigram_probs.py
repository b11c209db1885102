"""02.trigram_probs: normalize the cube."""

import torch

from graders.authoring import exercise

probs = exercise("trigram_probs", title="normalize the cube")


@probs.cases
def _(rng):
    for vocab, high, alpha in [(3, 6, 1), (4, 9, 0.1), (5, 3, 2.5), (2, 40, 1e-3), (6, 2, 10)]:
        N = rng.integers(0, high, vocab, vocab, vocab)
        N[0, 1] = 0  # a context never seen
        N[1, 0, 1] = 3 * high
        yield dict(N=N.int(), alpha=alpha)
    yield dict(N=torch.zeros(3, 3, 3, dtype=torch.int32), alpha=0.5)
    N = rng.integers(0, 60, 27, 27, 27) * (rng.uniform(0, 1, 27, 27, 1) < 0.6)
    yield dict(N=N.int(), alpha=1.0)
    # the edges of what the docstring promises
    N = rng.integers(0, 4, 3, 3, 3).int()
    N[1, 2] = 0
    for alpha in (1e-6, 1e6):
        yield dict(N=N, alpha=alpha)


@probs.oracle
def _(N, alpha):
    P = N.double() + alpha
    return (P / torch.einsum("abc->ab", P)[:, :, None]).float()


@probs.check("plain numbers", cases=lambda rng: [dict(N=rng.integers(0, 4, 2, 2, 2), alpha=0.5)])
def _(m, N, alpha):
    """Counts have no gradient, and what is computed from them has none."""
    P = m.trigram_probs(N.int(), alpha)
    return [P, P.requires_grad]


probs.hint("Which of the three dimensions is the next character?")
probs.hint("First the fake counts, to every cell; then divide by the sum over the last dimension.")
probs.hint("P = N.float() + alpha; return P / P.sum(2, keepdim=True)")

probs.misconception(
    "You summed over the first dimension. The numbers for the *next* character, the last dimension, "
    "must sum to 1: sum(2).",
    name="first_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
probs.misconception(
    "You summed over dimension 1, the younger character of the context. In a matrix that was right; in "
    "the cube the next character is dimension 2.",
    name="middle_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(1, keepdim=True)",
)
probs.misconception(
    "keepdim=True is missing. The sums have the shape (V, V), broadcasting aligns it on the right, and "
    "element [a, b, c] is divided by the sum of context b, c.",
    name="no_keepdim",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(2)",
)
probs.misconception(
    "The sum runs over both the younger and the next character. Each context a, b has a "
    "distribution of its own.",
    name="last_two",
    replace="P.sum(2, keepdim=True)",
    by="P.sum((1, 2), keepdim=True)",
)
probs.misconception(
    "The whole cube was divided by its total: that is how likely the three characters are together, "
    "not the third given the first two.",
    name="total",
    replace="P.sum(2, keepdim=True)",
    by="P.sum()",
)
probs.misconception(
    "alpha is not used. Contexts never seen give 0 / 0, and what was never counted is impossible.",
    name="no_smoothing",
    replace="N.float() + alpha",
    by="N.float()",
)
probs.misconception(
    "You always add 1. How many fake counts there are is alpha's to say.",
    name="always_one",
    replace="N.float() + alpha",
    by="N.float() + 1",
)
probs.misconception(
    "alpha became a whole number (as int32 does to it): 0.1 is 0 then. Turn the counts into floats first.",
    name="whole_alpha",
    replace="N.float() + alpha",
    by="(N + int(alpha)).float()",
)


@probs.misconception(
    "You normalized first and smoothed afterwards: rows no longer sum to 1, and an unseen context "
    "was 0 / 0 already. Add alpha to the counts, then divide."
)
def smoothed_after(N, alpha):
    P = N.float()
    return P / P.sum(2, keepdim=True) + alpha


@probs.misconception(
    "You normalized, added alpha and normalized again. By then alpha weighs as much as the whole row, "
    "however many counts it had. Add alpha to the counts."
)
def normalized_twice(N, alpha):
    P = N.float()
    P = P / P.sum(2, keepdim=True).clamp(min=1) + alpha
    return P / P.sum(2, keepdim=True)


@probs.misconception(
    "alpha is missing below the line: it was added to the counts, but the row was divided by the sum "
    "without it, so it sums to more than 1."
)
def alpha_on_top_only(N, alpha):
    P = N.float()
    return (P + alpha) / P.sum(2, keepdim=True)


@probs.misconception(
    "The row's sum grew by alpha only once. Every one of its cells got alpha, so the sum grows by "
    "vocab_size * alpha."
)
def alpha_once_below(N, alpha):
    P = N.float()
    return (P + alpha) / (P.sum(2, keepdim=True) + alpha)


@probs.misconception(
    "alpha was divided by the number of characters. It is the fake count of *each* cell."
)
def alpha_shared(N, alpha):
    P = N.float() + alpha / N.shape[2]
    return P / P.sum(2, keepdim=True)


@probs.misconception(
    "Only the empty cells got alpha. All cells get it, or a count of 1 and a count of 0 would come "
    "out the same (or the wrong way round)."
)
def only_zeros(N, alpha):
    P = N.float()
    P = torch.where(P == 0, torch.as_tensor(float(alpha)), P)
    return P / P.sum(2, keepdim=True)


@probs.misconception(
    "That is a softmax of the counts. They are counts already, not logits: no exp, just divide."
)
def softmaxed(N, alpha):
    return (N.float() + alpha).softmax(2)


probs.misconception(
    "The result is float64. float32 is asked for.",
    name="float64",
    replace="N.float() + alpha",
    by="N.double() + alpha",
)
probs.misconception(
    "The division dropped everything behind the point (`//`).",
    name="whole_division",
    replace="return P / P",
    by="return P // P",
)
probs.misconception(
    "The caller's counts were changed: `+=` works in place. Make floats first, N.float() + alpha.",
    name="in_place",
    replace="P = N.float() + alpha",
    by="P = N.float() + alpha\n    N += 1",
)


@probs.misconception(
    "You normalized before alpha came in: a context never seen was 0 / 0 by then, and stays nan. Add "
    "alpha to the counts, then divide, once."
)
def nan_before_alpha(N, alpha):
    P = N.float()
    P = P / P.sum(2, keepdim=True) + alpha
    return P / P.sum(2, keepdim=True)


probs.variant(
    "alpha and V alpha",
    name="formula",
    replace="    P = N.float() + alpha\n    return P / P.sum(2, keepdim=True)",
    by="    total = N.sum(-1).unsqueeze(-1) + N.shape[-1] * alpha\n"
    "    return ((N + alpha) / total).to(torch.float32)",
)
probs.variant(
    "in float64, then float32",
    name="double_first",
    replace="return P / P.sum(2, keepdim=True)",
    by="P = N.double() + alpha\n    P /= P.sum(dim=2, keepdims=True)\n    return P.float()",
)
probs.variant(
    "as a table of contexts",
    name="table",
    replace="return P / P.sum(2, keepdim=True)",
    by="flat = P.view(-1, N.shape[2])\n    return F.normalize(flat, p=1, dim=1).view_as(P)",
)

probs.equivalent(
    "N.float()  ->  N", "int32 plus a float is float32, and int32 divided by int32 too"
)
