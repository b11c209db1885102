"""04.fold_batchnorm: E02: fold BatchNorm into Linear."""

import torch

from graders.authoring import exercise

fold = exercise("fold_batchnorm", title="E02: fold BatchNorm into Linear", points=2)


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
