"""E01, who learns from zeros and from equal neurons; E02, folding a BatchNorm away."""

import torch

from graders.authoring import Tol, exercise

# -- who_learns ----------------------------------------------------------------------------------

learns = exercise("who_learns", title="E01: all zeros, who learns?", points=2, pure=False)
learns.hint("Which tensor tells, after a backward pass, whether a parameter would be moved?")
learns.hint(
    "torch.autograd.grad(loss, tensors, allow_unused=True) gives the gradients without touching .grad; "
    "None stands for a parameter that the loss does not use."
)
learns.hint("Keep the name if grad is not None and (grad != 0).any().")


@learns.cases
def _(rng):
    """A layer of each kind; `zero` names the parameters that are all zero."""
    sizes = dict(d=3, h=4, v=5, n=6)
    for zero in [
        ("W1", "b1", "W2", "b2"),
        ("W2", "b2"),
        ("W1", "b1"),
        (),
        ("b1", "b2"),
        ("W1", "b1", "W2"),
    ]:
        d, h, v, n = sizes.values()
        params = {
            "W1": rng.normal(d, h),
            "b1": rng.normal(h),
            "W2": rng.normal(h, v),
            "b2": rng.normal(v),
            "spare": rng.normal(2),
        }
        params = {k: torch.zeros_like(p) if k in zero else p for k, p in params.items()}
        yield dict(params=params, x=rng.normal(n, d), y=rng.integers(0, v, n))


def network_loss(params, x, y):
    """A tanh layer, a linear layer, cross-entropy; "spare" is not used."""
    h = torch.tanh(x @ params["W1"] + params["b1"])
    return torch.nn.functional.cross_entropy(h @ params["W2"] + params["b2"], y)


def leaves(params):
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


@learns.scenario
def _(m, params, x, y):
    params = leaves(params)
    told = m.who_learns(params, lambda p: network_loss(p, x, y))
    return [list(told), [p.detach().clone() for p in params.values()]]


@learns.check("old gradients")
def _(m, params, x, y):
    """Gradients from before the call must not count."""
    params = leaves(params)
    for p in params.values():
        p.grad = torch.ones_like(p)
    return list(m.who_learns(params, lambda p: network_loss(p, x, y)))


@learns.check("twice in a row")
def _(m, params, x, y):
    """What the first call left behind must not count in the second."""
    params = leaves(params)
    m.who_learns(params, lambda p: sum(t.sum() for t in p.values()))
    return list(m.who_learns(params, lambda p: network_loss(p, x, y)))


def tiny_cases(rng):
    yield dict(scale=1e-30, order=rng.shuffled("abcd"))
    yield dict(scale=-3.0, order=rng.shuffled("abcd"))


@learns.check("small, opposite and single gradients", cases=tiny_cases)
def _(m, scale, order):
    """Not zero, however small; a sum that cancels is no zero; one element is enough."""
    params = {k: torch.ones(3, dtype=torch.float64).requires_grad_() for k in order}
    signs = torch.tensor([1.0, -1.0, 0.0], dtype=torch.float64)
    only = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)

    def loss_fn(p):
        return scale * ((p["a"] * signs).sum() + (p["b"] * only).sum() + 0 * p["c"].sum())

    return list(m.who_learns(params, loss_fn))


@learns.check("the names of the dict", cases=tiny_cases)
def _(m, scale, order):
    """Any names, any number of parameters, in the order of the dict."""
    params = {f"layer.{k}": torch.ones(2, dtype=torch.float64).requires_grad_() for k in order}
    told = m.who_learns(params, lambda p: scale * p["layer.d"].sum() * p["layer.b"].sum())
    return [
        list(told),
        list(
            m.who_learns(dict(list(params.items())[:1]), lambda p: sum(t.sum() for t in p.values()))
        ),
    ]


learns.misconception(
    "You looked at the *parameters*: those that are not zero. What decides is the gradient. With all zeros "
    "b2 is zero too, and it learns.",
    name="nonzero_parameters",
    source="""
def who_learns(params, loss_fn):
    loss_fn(params)
    return [name for name, p in params.items() if bool((p != 0).any())]
""",
)
learns.misconception(
    "Every parameter whose gradient *exists* is on your list. A gradient that is there and all zero "
    "moves nothing.",
    name="grad_exists",
    replace=" and bool((grad != 0).any())",
    by="",
)
learns.misconception(
    "The list holds those that do *not* learn.",
    name="inverted",
    source="""
def who_learns(params, loss_fn):
    grads = torch.autograd.grad(loss_fn(params), list(params.values()), allow_unused=True)
    return [n for n, g in zip(params, grads, strict=True) if g is None or not bool((g != 0).any())]
""",
)
learns.misconception(
    "Only parameters whose gradient is nonzero in *every* element are on the list. One element is enough.",
    name="all_for_any",
    replace="(grad != 0).any()",
    by="(grad != 0).all()",
)
learns.misconception(
    "You added up the gradient. Its elements may cancel: +1 and -1 both move their weights. Ask "
    "whether any is "
    "not zero.",
    name="sum_of_gradient",
    replace="bool((grad != 0).any())",
    by="abs(grad.sum().item()) > 1e-14",
)
learns.misconception(
    "Only positive elements were counted. A negative gradient moves a weight just as well.",
    name="positive_only",
    replace="(grad != 0).any()",
    by="(grad > 0).any()",
)
learns.misconception(
    "A threshold (1e-8, or allclose) calls small gradients zero. A small one still learns; exact "
    "zeros are what "
    "you are after.",
    name="threshold",
    replace="(grad != 0).any()",
    by="(grad.abs() > 1e-8).any()",
)
learns.misconception(
    "The loss does not use every parameter, and torch refuses to give a gradient for one that is not used: "
    "allow_unused=True, and expect None.",
    name="unused_refused",
    replace=", allow_unused=True)",
    by=")",
)
learns.misconception(
    "None is the gradient of a parameter that the loss does not use. It does not learn: check for "
    "None first.",
    name="none_not_expected",
    replace="grad is not None and bool((grad != 0).any())",
    by="bool((grad != 0).any())",
)
learns.misconception(
    "backward() adds to what is in .grad already: the gradients of an earlier call count here. Clear them "
    "first, or use torch.autograd.grad.",
    name="old_gradients_count",
    source="""
def who_learns(params, loss_fn):
    loss_fn(params).backward()
    return [n for n, p in params.items() if p.grad is not None and bool((p.grad != 0).any())]
""",
)
learns.misconception(
    "You took a step and looked what had changed, but left the step in: the parameters are not what "
    "they were. "
    "Look at gradients only.",
    name="takes_a_step",
    source="""
def who_learns(params, loss_fn):
    grads = torch.autograd.grad(loss_fn(params), list(params.values()), allow_unused=True)
    found = []
    for (name, p), grad in zip(params.items(), grads, strict=True):
        if grad is not None and bool((grad != 0).any()):
            p.data -= 0.1 * grad
            found.append(name)
    return found
""",
)
learns.misconception(
    "That is the lesson's answer for all-zero weights, written down. The function has to find it "
    "out, for any "
    "parameters and any loss.",
    name="always_b2",
    source="""
def who_learns(params, loss_fn):
    return ["b2"]
""",
)
learns.misconception(
    "The names are sorted. Keep the order of params.",
    name="sorted_names",
    replace="for name, grad in zip(params, grads, strict=True)",
    by="for name, grad in sorted(zip(params, grads, strict=True), key=lambda pair: pair[0])",
)
learns.misconception(
    "A dict of name to True or False came back. A list of the names that learn is wanted.",
    name="dict_of_flags",
    source="""
def who_learns(params, loss_fn):
    grads = torch.autograd.grad(loss_fn(params), list(params.values()), allow_unused=True)
    return [(n, g is not None and bool((g != 0).any())) for n, g in zip(params, grads, strict=True)]
""",
)
learns.variant(
    "backward, after clearing",
    name="backward",
    source="""
def who_learns(params, loss_fn):
    for p in params.values():
        p.grad = None
    loss_fn(params).backward()
    return [n for n, p in params.items() if p.grad is not None and p.grad.count_nonzero() > 0]
""",
)
learns.variant(
    "on copies, with a step",
    name="copies",
    source="""
def who_learns(params, loss_fn):
    copies = {n: p.detach().clone().requires_grad_() for n, p in params.items()}
    loss_fn(copies).backward()
    moved = ()
    for name, p in copies.items():
        if p.grad is not None and p.grad.abs().max() > 0:
            moved += (name,)
    return moved
""",
)

# -- unigram_loss --------------------------------------------------------------------------------

unigram = exercise("unigram_loss", title="E01: where zeros end")
unigram.hint("torch.bincount counts; divide by the number of answers.")
unigram.hint(
    "log(0) is -inf, and 0 * -inf is NaN. Characters that never occur add nothing: leave them out."
)
unigram.hint(
    "p = torch.bincount(Y).double() / len(Y); p = p[p > 0]; return -(p * p.log()).sum().item()"
)


@unigram.cases
def _(rng):
    for n, v in [(1, 4), (7, 3), (30, 5), (200, 27)]:
        yield dict(Y=rng.integers(0, v, n), vocab_size=v)
    yield dict(Y=torch.tensor([3, 3, 1, 3]), vocab_size=6)
    yield dict(Y=torch.arange(5), vocab_size=5)
    yield dict(Y=torch.arange(5), vocab_size=50)
    yield dict(Y=torch.full((9,), 2), vocab_size=4)


# the sum has at most 50 terms, each at most 0.37; in float32 they round by 4e-8 each, 2e-6 in all
unigram.tolerance(Tol(rtol=1e-6, atol=2e-6))


@unigram.misconception(
    "log(0) is -inf, and 0 * -inf is NaN: characters that never occur must be left out. 0 * log 0 "
    "counts as 0."
)
def nan_for_zero(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -(p * p.log()).sum().item()


@unigram.misconception(
    "That is ln(vocab_size), the loss *before* training, when all characters seem as likely. "
    "Afterwards b2 knows "
    "how frequent each one is."
)
def uniform(Y, vocab_size):
    return float(torch.tensor(float(vocab_size)).log())


@unigram.misconception(
    "That is the logarithm of the number of characters that occur. They are not equally frequent: weigh "
    "each with its share."
)
def log_of_occurring(Y, vocab_size):
    return float(torch.tensor(float(len(Y.unique()))).log())


@unigram.misconception("The minus is missing: an entropy is never negative.")
def negative(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    p = p[p > 0]
    return (p * p.log()).sum().item()


@unigram.misconception(
    "The logarithms were averaged over the characters. A frequent character counts more often: weigh each "
    "with its share, sum p * log p."
)
def mean_over_characters(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -p[p > 0].log().mean().item()


@unigram.misconception(
    "p * log p was averaged over the characters. The shares are the weights already: sum."
)
def mean_of_products(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -(p * p.clamp(min=1e-300).log()).mean().item()


@unigram.misconception(
    "These are bits (base 2). The loss is measured with the natural logarithm, in nats."
)
def bits(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    p = p[p > 0]
    return -(p * p.log2()).sum().item()


@unigram.misconception(
    "One was added to each count. That is a smoothed model; the smallest loss on these answers "
    "belongs to their "
    "own shares."
)
def smoothed(Y, vocab_size):
    counts = torch.bincount(Y, minlength=vocab_size).double()
    q = (counts + 1) / (counts + 1).sum()
    return -(counts / len(Y) * q.log()).sum().item()


@unigram.misconception("The counts were not divided by their sum: shares add up to 1.")
def raw_counts(Y, vocab_size):
    n = torch.bincount(Y, minlength=vocab_size).double()
    n = n[n > 0]
    return -(n * n.log()).sum().item()


@unigram.misconception(
    "Divided by vocab_size where the number of answers belongs: the share of c is its count / N."
)
def over_vocab(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / vocab_size
    p = p[p > 0]
    return -(p * p.log()).sum().item()


@unigram.misconception(
    "That is minus the logarithm of the most frequent character's share: the loss if it always came."
)
def of_the_most_frequent(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -p.max().log().item()


@unigram.variant("answer by answer")
def answer_by_answer(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).float() / Y.numel()
    return float(-p[Y].log().mean())


@unigram.variant("cross-entropy of the logarithms")
def cross_entropy(Y, vocab_size):
    logits = torch.bincount(Y, minlength=vocab_size).double().log()
    return torch.nn.functional.cross_entropy(logits.expand(len(Y), -1), Y).item()


@unigram.variant("plain Python")
def plain(Y, vocab_size):
    total = 0.0
    for c in range(vocab_size):
        share = (c == Y).double().mean().item()
        if share:
            total -= share * torch.tensor(share, dtype=torch.float64).log().item()
    return total


# -- distinct_neurons ----------------------------------------------------------------------------

distinct = exercise("distinct_neurons", title="E01: equal neurons stay equal")
distinct.hint("torch.unique has an argument dim. Which one holds the neurons?")
distinct.hint("torch.unique(W, dim=1) keeps one of each column.")
distinct.hint("return torch.unique(W.detach(), dim=1).shape[1]")


@distinct.cases
def _(rng):
    for fan_in, kinds, n in [(3, 2, 5), (4, 4, 4), (1, 3, 7), (5, 1, 6), (2, 6, 6)]:
        columns = rng.normal(fan_in, kinds)
        picked = list(range(kinds)) + [rng.integer(0, kinds) for _ in range(n - kinds)]
        yield dict(W=columns[:, rng.shuffled(picked)])
    # equal rows, but no equal columns; columns that differ in one place only, by very little
    yield dict(W=torch.tensor([[1.0, 2.0], [1.0, 2.0], [1.0, 2.0]]))
    yield dict(W=torch.tensor([[1.0, 1.0, 1.0], [2.0, 2.0 + 2e-7, 2.0], [3.0, 3.0, 3.0]]))
    # the same numbers in another order, the same sum, the same length
    yield dict(W=torch.tensor([[1.0, 2.0, -1.0], [2.0, 1.0, 4.0]]))
    yield dict(W=torch.tensor([[5.0, 3.0, 0.0], [0.0, 4.0, 5.0]]))
    # opposite columns are different ones
    yield dict(W=torch.tensor([[1.0, -1.0, 1.0], [2.0, -2.0, 2.0]]))
    # different in the last place only
    yield dict(W=torch.tensor([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0], [4.0, 5.0]]))
    # equal, but not side by side
    yield dict(W=torch.tensor([[1.0, 5.0, 1.0, 5.0], [0.0, 2.0, 0.0, 2.0]]))
    yield dict(W=torch.zeros(3, 8))
    yield dict(W=rng.normal(6, 1))


@distinct.check("an int", cases=None)
def _(m, W):
    count = m.distinct_neurons(W)
    return [type(count) is int, count]


@distinct.check("weights that learn")
def _(m, W):
    """W1 of a network in training requires a gradient."""
    W = W.requires_grad_()
    return [m.distinct_neurons(W), W.requires_grad]


@distinct.misconception("You counted different *rows*. A neuron is a column of W: dimension 1.")
def rows(W):
    return torch.unique(W, dim=0).shape[0]


@distinct.misconception(
    "You counted different numbers in all of W. A neuron is a whole column: torch.unique(W, dim=1)."
)
def numbers(W):
    return len(torch.unique(W))


@distinct.misconception("That is the number of neurons, equal or not.")
def all_neurons(W):
    return W.shape[1]


@distinct.misconception(
    "torch.unique(W, dim=1) has a column for each kind; you counted its rows, shape[0]."
)
def wrong_axis_counted(W):
    return torch.unique(W, dim=1).shape[0]


@distinct.misconception(
    "You compared sums of columns. Different columns may have the same sum: compare all elements."
)
def sums(W):
    return len(torch.unique(W.double().sum(0)))


@distinct.misconception(
    "You compared lengths (norms) of columns. (1, 2) and (2, 1) are as long, but two neurons."
)
def norms(W):
    return len(torch.unique((W.double() ** 2).sum(0)))


@distinct.misconception(
    "You compared neighbors only: equal columns need not lie side by side. Sort first, or use torch.unique "
    "(not unique_consecutive)."
)
def neighbors(W):
    return torch.unique_consecutive(W, dim=1).shape[1]


@distinct.misconception(
    "Columns that nearly agree were counted as one. While training they drift apart; only exactly "
    "equal ones stay "
    "equal forever."
)
def rounded(W):
    return torch.unique((W * 1000).round(), dim=1).shape[1]


@distinct.misconception(
    "That is the rank. Two different columns may be multiples of each other and still are two neurons."
)
def rank(W):
    return int(torch.linalg.matrix_rank(W.detach()))


@distinct.misconception(
    "You sorted the elements of each column first: (1, 2) and (2, 1) became the same neuron."
)
def as_sets(W):
    return torch.unique(W.sort(0).values, dim=1).shape[1]


@distinct.misconception("The different columns themselves came back. How many are there?")
def the_columns(W):
    return torch.unique(W, dim=1)


@distinct.misconception(
    "You compared absolute values. A neuron and its opposite are two neurons: one goes up where the "
    "other goes down."
)
def absolute(W):
    return torch.unique(W.abs(), dim=1).shape[1]


@distinct.variant("a set of tuples")
def tuples(W):
    return len({tuple(column) for column in W.t().tolist()})


@distinct.variant("pairwise")
def pairwise(W):
    same = (W.unsqueeze(2) == W.unsqueeze(1)).all(0)  # (n, n)
    return sum(not bool(same[j, :j].any()) for j in range(W.shape[1]))


# -- fold_batchnorm ------------------------------------------------------------------------------

fold = exercise("fold_batchnorm", title="E02: fold BatchNorm into Linear", points=2)
fold.hint(
    "Insert h = x @ W + b into y = gamma * (h - mean) / sqrt(var + eps) + beta, and sort by x."
)
fold.hint(
    "With s = gamma / sqrt(var + eps), one number for each output: y[j] = s[j] * (x @ W)[j] + ... "
    "Which axis of W "
    "is j?"
)
fold.hint(
    "s = gamma / torch.sqrt(running_var + eps); return W * s, (b - running_mean) * s + beta; b may be None."
)


@fold.cases
def _(rng):
    shapes = [(3, 5, 1e-5), (4, 4, 0.5), (1, 3, 0.5), (5, 1, 2.0), (2, 6, 0.1)]
    for i, (fan_in, fan_out, eps) in enumerate(shapes):
        yield dict(
            W=rng.normal(fan_in, fan_out),
            b=None if i == 2 else rng.normal(fan_out),
            gamma=rng.normal(fan_out, mean=-0.5),
            beta=rng.normal(fan_out),
            running_mean=rng.normal(fan_out, mean=1.0),
            running_var=rng.uniform(0.1, 4.0, fan_out),
            eps=eps,
        )
    yield dict(
        W=rng.normal(3, 3),
        b=None,
        gamma=rng.normal(3),
        beta=rng.normal(3),
        running_mean=rng.normal(3),
        running_var=torch.zeros(3, dtype=torch.float64),  # a dead neuron: only eps keeps it finite
        eps=0.25,
    )
    yield dict(
        W=rng.normal(8, 6, dtype=torch.float32),
        b=rng.normal(6, dtype=torch.float32),
        gamma=rng.normal(6, dtype=torch.float32),
        beta=rng.normal(6, dtype=torch.float32),
        running_mean=rng.normal(6, dtype=torch.float32),
        running_var=rng.uniform(0.5, 2.0, 6, dtype=torch.float32),
        eps=1e-5,
    )


@fold.check("the same outputs")
def _(m, W, b, gamma, beta, running_mean, running_var, eps):
    """What it is for: one layer does what two did."""
    W2, b2 = m.fold_batchnorm(W, b, gamma, beta, running_mean, running_var, eps)
    x = torch.linspace(-2, 3, 4 * W.shape[0], dtype=W.dtype).view(4, W.shape[0])
    return x @ W2 + b2


@fold.oracle("the same outputs")
def _(W, b, gamma, beta, running_mean, running_var, eps):
    x = torch.linspace(-2, 3, 4 * W.shape[0], dtype=W.dtype).view(4, W.shape[0])
    h = x @ W if b is None else x @ W + b
    return torch.nn.functional.batch_norm(
        h, running_mean, running_var, gamma, beta, False, 0.1, eps
    )


@fold.check("a pair")
def _(m, W, b, gamma, beta, running_mean, running_var, eps):
    made = m.fold_batchnorm(W, b, gamma, beta, running_mean, running_var, eps)
    return [len(made), [list(t.shape) for t in made], [str(t.dtype) for t in made]]


@fold.check("new tensors")
def _(m, W, b, gamma, beta, running_mean, running_var, eps):
    """Changing the result must not change the layers it came from."""
    W2, b2 = m.fold_batchnorm(W, b, gamma, beta, running_mean, running_var, eps)
    before = [t.clone() for t in (W, gamma, beta, running_mean, running_var)]
    W2.detach().add_(1)
    b2.detach().add_(1)
    after = [W, gamma, beta, running_mean, running_var]
    return [bool(torch.equal(p, q)) for p, q in zip(before, after, strict=True)]


fold.misconception(
    "eps stands outside the root. It is added to the variance: sqrt(var + eps).",
    name="eps_outside",
    replace="torch.sqrt(running_var + eps)",
    by="(torch.sqrt(running_var) + eps)",
)
fold.misconception(
    "eps is missing: with a small variance the folded layer is not what the two layers were.",
    name="no_eps",
    replace="running_var + eps",
    by="running_var",
)
fold.misconception(
    "eps is 1e-5 whatever the argument says.",
    name="own_eps",
    replace="running_var + eps",
    by="running_var + 1e-5",
)
fold.misconception(
    "The root is missing: divide by the standard deviation, not by the variance.",
    name="variance_for_std",
    replace="torch.sqrt(running_var + eps)",
    by="(running_var + eps)",
)
fold.misconception(
    "You multiplied by the standard deviation. BatchNorm divides by it.",
    name="times_std",
    replace="gamma / torch",
    by="gamma * torch",
)
fold.misconception(
    "gamma is missing: the gain is part of the line.",
    name="no_gamma",
    replace="scale = gamma /",
    by="scale = 1 /",
)
fold.misconception(
    "beta is missing in the bias: BatchNorm adds it at the very end, and so must the folded layer.",
    name="no_beta",
    replace=" * scale + beta",
    by=" * scale",
)
fold.misconception(
    "beta was scaled too. It is added after everything: (b - mean) * s + beta.",
    name="beta_scaled",
    replace="(bias - running_mean) * scale + beta",
    by="(bias - running_mean + beta) * scale",
)
fold.misconception(
    "The old bias was added unscaled. It goes through the BatchNorm like the rest of h: (b - mean) * "
    "s + beta.",
    name="bias_unscaled",
    replace="(bias - running_mean) * scale + beta",
    by="bias - running_mean * scale + beta",
)
fold.misconception(
    "The old bias was dropped. BatchNorm subtracts the *running* mean, which does contain it, so it "
    "cancels only "
    "if you add it here.",
    name="bias_dropped",
    replace="(bias - running_mean)",
    by="(-running_mean)",
)
fold.misconception(
    "The mean was not scaled: (b - mean) * s, the division comes after the subtraction.",
    name="mean_unscaled",
    replace="(bias - running_mean) * scale + beta",
    by="bias * scale - running_mean + beta",
)
fold.misconception(
    "The mean has the wrong sign: BatchNorm subtracts it.",
    name="mean_added",
    replace="bias - running_mean",
    by="bias + running_mean",
)
fold.misconception(
    "The mean was forgotten: BatchNorm subtracts it before it divides.",
    name="mean_forgotten",
    replace="(bias - running_mean)",
    by="(bias + 0 * running_mean)",
)
fold.misconception(
    "You scaled the *rows* of W. Each output j has its own gamma[j] and var[j], and the outputs are "
    "the columns.",
    name="rows_scaled",
    replace="return W * scale,",
    by="return W * scale[:, None],",
)
fold.misconception(
    "W is not scaled: only the bias knows of the BatchNorm.",
    name="weight_as_it_is",
    replace="return W * scale,",
    by="return W.clone(),",
)
fold.misconception(
    "The weight is transposed, as in nn.Linear. Here the layer computes x @ W + b, with W (fan_in, "
    "fan_out).",
    name="transposed",
    replace="return W * scale,",
    by="return (W * scale).T,",
)
fold.misconception(
    "`*=` changes the caller's W: the network would have its BatchNorm twice from now on. Make new "
    "tensors.",
    name="in_place",
    replace="return W * scale,",
    by="W *= scale\n    return W,",
)
fold.misconception(
    "b may be None: a Linear before a BatchNorm often has no bias. Treat it as zero.",
    name="none_not_expected",
    replace="bias = 0.0 if b is None else b",
    by="bias = b",
)
fold.misconception(
    "Without a bias in the Linear you gave the folded layer none. It needs one: beta - mean * s.",
    name="no_bias_no_bias",
    replace="return W * scale, (bias - running_mean) * scale + beta",
    by="if b is None:\n        return W * scale, torch.zeros_like(beta)\n"
    "    return W * scale, (bias - running_mean) * scale + beta",
)
fold.variant(
    "the sorted formula",
    name="sorted_formula",
    source="""
def fold_batchnorm(W, b, gamma, beta, running_mean, running_var, eps):
    inv = torch.rsqrt(running_var + eps) * gamma
    shift = beta - running_mean * inv
    return W @ torch.diag(inv), shift if b is None else shift + b * inv
""",
)
fold.variant(
    "by probing the two layers with unit vectors",
    name="probing",
    source="""
def fold_batchnorm(W, b, gamma, beta, running_mean, running_var, eps):
    def both(x):
        h = x @ W + (torch.zeros_like(beta) if b is None else b)
        return gamma * (h - running_mean) / (running_var + eps) ** 0.5 + beta

    b2 = both(torch.zeros(1, W.shape[0], dtype=W.dtype))[0]
    return both(torch.eye(W.shape[0], dtype=W.dtype)) - b2, b2
""",
)
