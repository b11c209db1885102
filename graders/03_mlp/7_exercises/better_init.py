"""03.better_init: E02: start close to ln(vocab_size)."""

import math

import torch
import torch.nn.functional as F

from graders.authoring import exercise

better = exercise("better_init", title="E02: start close to ln(vocab_size)")


def sizes(rng):
    """Settings, and examples to judge the first loss by: any contexts, any answers."""
    for v, t, d, hidden in [
        (27, 3, 10, 200), (40, 2, 5, 64), (27, 8, 4, 100), (65, 1, 3, 30), (27, 3, 10, 500),
    ]:  # fmt: skip
        yield dict(
            sizes=dict(vocab_size=v, block_size=t, n_embd=d, n_hidden=hidden + rng.integer(0, 10)),
            X=rng.integers(0, v, 500, t), Y=rng.integers(0, v, 500), seed=rng.seed(),
        )  # fmt: skip


def shape_of(sizes):
    """The shapes by name."""
    v, d, hidden = sizes["vocab_size"], sizes["n_embd"], sizes["n_hidden"]
    shapes = {"C": (v, d), "W1": (sizes["block_size"] * d, hidden), "b1": (hidden,)}
    return shapes | {"W2": (hidden, v), "b2": (v,)}


def well_started(case, got):
    """Shapes, a band for the loss, no two neurons alike, draws that can be repeated."""
    if not isinstance(got, dict) or not isinstance(got["first"], dict):
        return "expected a dict of five parameters"
    first, shapes = got["first"], shape_of(case["sizes"])
    found = {k: tuple(p.shape) for k, p in first.items()}
    if found != shapes:
        return f"the names and shapes are not those of plain_init: got {found}"
    dtypes = sorted({str(p.dtype) for p in first.values()})
    if dtypes != ["torch.float32"]:
        return f"the parameters are not float32: got {dtypes}"
    if set(got["requires_grad"].values()) != {True}:
        return "not every parameter has requires_grad=True"
    leaves = {k: p.detach().requires_grad_() for k, p in first.items()}
    h = torch.tanh(leaves["C"][case["X"]].flatten(1) @ leaves["W1"] + leaves["b1"])
    loss = F.cross_entropy(h @ leaves["W2"] + leaves["b2"], case["Y"])
    loss.backward()
    for key, leaf in leaves.items():
        if got["is_leaf"][key] is not True or not near(got["gradients"][key], leaf.grad):
            return "not every parameter is a leaf, so its .grad would stay None"
    uniform = math.log(case["sizes"]["vocab_size"])
    if not abs(loss.item() - uniform) <= 0.1:
        return f"the first loss is {loss.item()}, a uniform guess costs {uniform:.4f}"
    if not (h.abs() < 0.99).any(dim=0).all():
        return "a neuron is at 1 or -1 for every context: no gradient comes through it"
    if len(torch.unique(first["W1"], dim=1)[0]) != case["sizes"]["n_hidden"]:
        return "neurons of the hidden layer start as the same function and stay it"
    if len(torch.unique(first["C"], dim=0)) != case["sizes"]["vocab_size"]:
        return "characters start with the same embedding"
    if not all(same(first[k], got["same seed"][k]) for k in shapes):
        return "the same generator seed gives other parameters the second time"
    if any(same(first[k], got["another seed"][k]) for k in ("C", "W1")):
        return "the generator's seed makes no difference"
    if any(same(first[k], got["second call"][k]) for k in ("C", "W1")):
        return "a second call with the same generator gives the same parameters again"
    if got["tensors of their own"] is not True:
        return "two parameters share memory"
    return None


def near(got, want):
    return isinstance(got, torch.Tensor) and torch.allclose(got, want, rtol=1e-3, atol=1e-7)


def same(a, b):
    return isinstance(b, torch.Tensor) and torch.equal(a, b)


@better.check("a good start", cases=sizes, judge=well_started)
def _(m, sizes, X, Y, seed):
    """The parameters of several calls, as they are: whether they are good is judged elsewhere."""

    def make(seed, outside):
        torch.rand(outside)  # where the global generator stands must not matter, and its seed stays
        return m.better_init(**sizes, generator=torch.Generator().manual_seed(seed))

    params, again, other = make(seed, 1), make(seed, 2), make(seed + 1, 3)
    g = torch.Generator().manual_seed(seed)
    m.better_init(**sizes, generator=g)
    further = m.better_init(**sizes, generator=g)
    first = {k: p.detach().clone() for k, p in params.items()}
    gradients = {}
    if first.keys() == {"C", "W1", "b1", "W2", "b2"}:
        h = torch.tanh(params["C"][X].flatten(1) @ params["W1"] + params["b1"])
        loss = F.cross_entropy(h @ params["W2"] + params["b2"], Y)
        if loss.requires_grad:
            loss.backward()
        gradients = {k: p.grad for k, p in params.items()}
    return {
        "first": first,
        "requires_grad": {k: p.requires_grad for k, p in params.items()},
        "is_leaf": {k: p.is_leaf for k, p in params.items()},
        "gradients": gradients,
        "same seed": {k: p.detach() for k, p in again.items()},
        "another seed": {k: other[k].detach() for k in ("C", "W1")},
        "second call": {k: further[k].detach() for k in ("C", "W1")},
        "tensors of their own": len({p.data_ptr() for p in params.values()}) == len(params),
    }


better.legal("the generator drawn from once more", "How you get there is up to you")

better.hint("Which parameters make the logits large? What must they be like at the start?")
better.hint("The logits are h @ W2 + b2, with h between -1 and 1: make W2 small, and b2 zero.")
better.hint(
    "plain_init, then under torch.no_grad(): W2 *= 0.01, b2 *= 0; and for the hidden layer W1 *= "
    "(5/3) / sqrt(block_size * n_embd)."
)

better.misconception(
    "Nothing was scaled: logits of size 10 make a network that is sure of itself, at random.",
    name="plain",
    source="""def better_init(vocab_size, block_size, n_embd, n_hidden, generator):
    return plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
""",
)
better.misconception(
    "You scaled the first layer only. h is between -1 and 1 in any case; the logits are large because "
    "W2 is.",
    name="first_layer_only",
    edits=[
        ('        params["W2"] *= 0.01  # logits close to 0\n', ""),
        ('        params["b2"] *= 0\n', ""),
    ],
)
better.misconception(
    "W2 is small now, but b2 still is a random number of size 1 for each character, and costs about 0.5: "
    "make it zero.",
    name="b2_left",
    replace='        params["b2"] *= 0\n',
    by="",
)
better.misconception(
    "b2 is zero, but W2 still has size 1, and the logits are sums of n_hidden such terms: scale W2.",
    name="w2_left",
    replace='        params["W2"] *= 0.01  # logits close to 0\n',
    by="",
)
better.misconception(
    "All zeros: the first loss is perfect, and all neurons are the same function for ever, since they "
    "get the same gradient. Keep C and W1 random.",
    name="all_zero",
    replace='        params["W1"] *= (5 / 3) / (block_size * n_embd) ** 0.5  # keeps tanh away from +-1\n',
    by="        for p in params.values():\n            p *= 0\n",
)
better.misconception(
    "The embeddings are all the same, so every context looks alike: keep C random.",
    name="c_zero",
    replace='        params["b1"] *= 0.01\n',
    by='        params["b1"] *= 0.01\n        params["C"].fill_(0.1)\n',
)
better.misconception(
    "A tenth of W2 is not small enough where many neurons add up: logits should be close to zero. "
    "Try 0.01.",
    name="a_tenth",
    replace='params["W2"] *= 0.01',
    by='params["W2"] *= 0.1',
)
better.misconception(
    "The scaled tensors are results, not leaves: their .grad would stay None. Scale under "
    "torch.no_grad(), in place, or call requires_grad_() last.",
    name="not_leaves",
    replace="    return params",
    by="    return {k: p * 1.0 for k, p in params.items()}",
)
better.misconception(
    "What the generator that was passed in would draw next does not count: the draws ignore it, or it is "
    "seeded anew. The seed is the caller's to choose.",
    name="other_generator",
    replace="n_hidden, generator)\n    with",
    by="n_hidden, torch.Generator().manual_seed(42))\n    with",
)
better.misconception(
    "The generator was not used: the draws come from torch's global one, and nobody could repeat your "
    "start.",
    name="global_generator",
    replace="n_hidden, generator)\n    with",
    by="n_hidden, None)\n    with",
)
better.misconception(
    "You set the generator back to its seed, or made one with its seed: every network starts the same. Only "
    "draw from it.",
    name="rewound",
    replace="    params = plain_init",
    by="    generator.manual_seed(generator.initial_seed())\n    params = plain_init",
)
better.misconception(
    "W1 is the same number everywhere: all neurons are one function, and get the same gradient for ever. "
    "Keep it random.",
    name="w1_constant",
    replace='        params["W1"] *= (5 / 3) / (block_size * n_embd) ** 0.5  # keeps tanh away from +-1\n',
    by='        params["W1"].fill_(0.1)\n',
)
better.misconception(
    "The first loss is good, but the hidden layer is stuck: with such large inputs every tanh is 1 or -1, "
    "and no gradient comes through it. Scale W1 by (5/3) / sqrt(block_size * n_embd).",
    name="stuck",
    edits=[
        (
            'params["W1"] *= (5 / 3) / (block_size * n_embd) ** 0.5  # keeps tanh away from +-1',
            'params["W1"] *= 1e3',
        ),
        ('params["W2"] *= 0.01  # logits close to 0', 'params["W2"] *= 0'),
    ],
)
better.misconception(
    "The parameters are frozen: call requires_grad_() on each, last of all.",
    name="frozen",
    replace="    return params",
    by="    return {k: p.detach() for k, p in params.items()}",
)
better.misconception(
    "The sizes are fixed: take them from the arguments.",
    name="fixed_sizes",
    replace="plain_init(vocab_size, block_size, n_embd, n_hidden, generator)",
    by="plain_init(27, 3, 10, 200, generator)",
)

better.variant(
    "W2 exactly zero",
    name="zero_w2",
    replace='params["W2"] *= 0.01',
    by='params["W2"] *= 0',
)
better.variant(
    "the last layer alone",
    name="last_layer",
    replace='        params["W1"] *= (5 / 3) / (block_size * n_embd) ** 0.5  # keeps tanh away from +-1\n',
    by="",
)
better.variant(
    "from scratch, other scales and order",
    name="from_scratch",
    source="""def better_init(vocab_size, block_size, n_embd, n_hidden, generator):
    fan_in = block_size * n_embd
    W2 = (torch.rand(n_hidden, vocab_size, generator=generator) - 0.5) * 0.02
    W1 = torch.randn(fan_in, n_hidden, generator=generator) / fan_in**0.5
    C = torch.empty(vocab_size, n_embd).normal_(generator=generator)
    params = {"W1": W1, "W2": W2, "C": C, "b1": torch.zeros(n_hidden), "b2": torch.zeros(vocab_size)}
    return {k: p.requires_grad_() for k, p in params.items()}
""",
)

better.equivalent(
    "...", "how you get there is up to you: the first loss, the shapes and the draws are judged"
)
