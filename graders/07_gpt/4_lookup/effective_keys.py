"""07.effective_keys: the exponential of the entropy."""

import torch

from graders.authoring import exercise

effective_keys = exercise("effective_keys", title="how many keys a query looks at")


@effective_keys.cases
def _(rng):
    yield dict(shares=torch.tensor([[0.5, 0.5, 0.0], [0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]).double())
    for shape in [(2, 3, 5), (4, 6), (7,), (2, 3, 4, 2), (3, 1)]:
        yield dict(shares=rng.normal(*shape, std=1.5).softmax(-1))
    yield dict(shares=rng.normal(3, 5, dtype=torch.float32).softmax(-1))
    scores = rng.normal(5, 5).masked_fill(torch.ones(5, 5).triu(1).bool(), float("-inf"))
    yield dict(shares=scores.softmax(-1))  # causal: zeros
    yield dict(
        shares=rng.normal(4, 2, 6).mul(30).softmax(-1).transpose(0, 1)
    )  # nearly a dictionary
    yield dict(shares=torch.full((2, 8), 0.125).double())
    yield dict(shares=torch.tensor([[0.0, 0.0, 1.0], [1e-300, 0.3, 0.7]]).double())


@effective_keys.oracle
def _(shares):
    # with the part of each row that is not zero
    rows = [row[row > 0] for row in shares.double().reshape(-1, shares.shape[-1])]
    numbers = [1 / (row**row).prod() for row in rows]
    return torch.stack(numbers).view(shares.shape[:-1]).to(shares.dtype)


effective_keys.hint("First the entropy of each row; what does a computer say to 0 * log(0)?")
effective_keys.hint(
    "torch.xlogy(p, p) is p * log(p), and 0 where p is 0. Sum over the last dimension."
)
effective_keys.hint("(-torch.xlogy(shares, shares).sum(-1)).exp()")


def wrong(message, name, by, replace="(-torch.xlogy(shares, shares).sum(-1)).exp()"):
    effective_keys.misconception(message, name=name, replace=replace, by=by)


wrong(
    """0 * log(0) is nan: any row with a hidden key is lost. A share of 0 adds 0: torch.xlogy knows
    that.""",
    "nan_at_zero",
    "(-(shares * shares.log()).sum(-1)).exp()",
)
wrong(
    """This is the entropy itself, in nats: 0 for a dictionary. Its exponential is the number of keys.""",
    "entropy_only",
    "-torch.xlogy(shares, shares).sum(-1)",
)
wrong(
    """The logarithm has base 2, the exponential base e. Take both of the same base: exp goes with ln.""",
    "base_two",
    "(-torch.xlogy(shares, shares).sum(-1) / 0.6931471805599453).exp()",
)
wrong(
    """The minus sign is missing: logarithms of shares are negative, and one over the number of keys
    comes out.""",
    "sign",
    "torch.xlogy(shares, shares).sum(-1).exp()",
)
wrong(
    """One number for all queries together. Each row has its own: sum over the last dimension only.""",
    "all_rows",
    "(-torch.xlogy(shares, shares).sum()).exp()",
)
wrong(
    """The mean over the keys is taken instead of the sum. Entropy is a mean already, weighted by the
    shares themselves: sum p * ln p.""",
    "mean_for_sum",
    "(-torch.xlogy(shares, shares).mean(-1)).exp()",
)
wrong(
    """1 / sum of p squared is another measure of the same thing. It agrees when all looked at get the
    same, and else is smaller. The exponential of the entropy is asked for.""",
    "squares",
    "1 / shares.square().sum(-1)",
)
wrong(
    """This counts the shares above 0. A share of 0.001 is not a whole key: the entropy weighs it.""",
    "counts",
    "(shares > 0).sum(-1).to(shares.dtype)",
)
wrong(
    """The logarithm is of p plus a small number, which moves every share, not only the zeros. A share
    of 0 adds exactly 0.""",
    "small_number",
    "(-(shares * (shares + 1e-4).log()).sum(-1)).exp()",
)
wrong(
    """This is 1 over the largest share, which knows nothing of how the rest is shared out. Use the
    whole row: the entropy.""",
    "largest_only",
    "1 / shares.max(-1).values",
)


effective_keys.misconception(
    """A small number was added inside the logarithm against log 0. It moves every answer; 0 log 0 is
    0, and torch.xlogy knows it.""",
    name="plus_small",
    source="""
def effective_keys(shares):
    return (-(shares * (shares + 1e-3).log()).sum(-1)).exp()
""",
)


@effective_keys.variant("where the share is 0, the logarithm of 1")
def where(shares):
    logs = torch.where(shares > 0, shares, 1.0).log()
    return torch.exp(-torch.einsum("...s,...s->...", shares, logs))


@effective_keys.variant("torch's own entropy")
def special(shares):
    return torch.special.entr(shares).sum(dim=-1).exp()
