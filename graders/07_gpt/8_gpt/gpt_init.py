"""07.gpt_init: small weights, zero biases."""

import math

import torch
from torch import nn

from graders.authoring import Tol, exercise

init = exercise("gpt_init", target="init_weights", title="small weights, zero biases", pure=False)


@init.cases
def _(rng):
    """Many numbers each, so that mean, spread and shape of the distribution are known well."""
    for kind, sizes in [
        ("Linear", (300, 500)),
        ("Linear", (500, 250)),
        ("Linear without bias", (400, 300)),
        ("Embedding", (300, 400)),
    ]:
        yield dict(kind=kind, sizes=sizes, seed=rng.seed())


def summary(w):
    """Mean, standard deviation, and the shape: what a normal distribution has near its middle and far out.

    Of 100,000 numbers the largest lies beyond 3.8 standard deviations, but for once in a million.
    """
    std = w.std().item()
    z = w / std if std > 0 else torch.zeros_like(w)
    return {
        "mean": w.mean().item(),
        "std": std,
        "within one std": (z.abs() < 1).double().mean().item(),
        "mean of (w / std)**4": (z**4).mean().item(),
        "largest, in std (3.8 if more)": min(3.8, z.abs().max().item()),
        "different numbers, of all": len(w.unique()) / w.numel(),
    }


@init.scenario
def _(m, kind, sizes, seed):
    torch.default_generator.manual_seed(seed)
    if kind == "Embedding":
        layer = nn.Embedding(*sizes)
    else:
        layer = nn.Linear(*sizes, bias=kind == "Linear")
    with torch.no_grad():
        for p in layer.parameters():
            p.fill_(3.0)
    before = list(layer.parameters())
    m.init_weights(layer)
    told = {"weight": summary(layer.weight.detach().double())}
    if kind == "Linear":
        told["bias"] = layer.bias.detach()
    after = list(layer.parameters())
    told["the same parameters"] = [a is b for a, b in zip(before, after, strict=False)]
    twin = nn.Embedding(*sizes) if kind == "Embedding" else nn.Linear(*sizes)
    m.init_weights(twin)
    told["the next layer gets the same numbers"] = torch.equal(twin.weight, layer.weight)
    told["shapes"] = [list(p.shape) for p in after]
    told["learning"] = [p.requires_grad and p.is_leaf for p in after]
    return told


# 100,000 numbers or more: their standard deviation is known to 0.25 %, their mean to 0.00007, the share
# within one std to 0.0015, their fourth power to 0.5 %. What is allowed here is five times that and more.
init.tolerance(Tol(rtol=0.025, atol=5e-4))


@init.oracle
def _(kind, sizes, seed):
    weight = {"mean": 0.0, "std": 0.02, "within one std": math.erf(0.5**0.5)}
    weight |= {"mean of (w / std)**4": 3.0, "largest, in std (3.8 if more)": 3.8}
    weight["different numbers, of all"] = 1.0  # in float32, one in 200 comes twice
    shapes = [list(sizes if kind == "Embedding" else sizes[::-1])]
    told = {"weight": weight, "the next layer gets the same numbers": False}
    if kind == "Linear":
        told["bias"] = torch.zeros(sizes[1])
        shapes.append([sizes[1]])
    both = [True] * len(shapes)
    return told | {"the same parameters": both, "shapes": shapes, "learning": both}


def many_small(rng):
    for kind in ("Linear", "Embedding"):
        yield dict(kind=kind, sizes=(4, 3), seeds=[rng.seed(), rng.seed()])


@init.check("number by number", cases=many_small, tol=Tol(rtol=0.0, atol=0.3))
def _(m, kind, sizes, seeds):
    """A layer of 12 numbers, 400 times: drawn one by one, their mean and their spread are off by chance.

    Whose numbers are spread evenly over the distribution, or are scaled to fit it, is more exact than that.
    """
    layer = getattr(nn, kind)(*sizes)

    def drawn(seed, times):
        torch.default_generator.manual_seed(seed)
        found = []
        for _ in range(times):
            m.init_weights(layer)
            found.append(layer.weight.detach().double().flatten() / 0.02)
        return torch.stack(found)

    w, again, other = drawn(seeds[0], 400), drawn(seeds[0], 20), drawn(seeds[1], 20)
    n = w.shape[1]
    return {
        "spread of the means, for chance 1": (w.mean(1).std() * n**0.5).item(),
        "spread of the variances, for chance 1": (w.var(1).std() * ((n - 1) / 2) ** 0.5).item(),
        "the same seed gives the same numbers": torch.equal(w[:20], again),
        "another seed gives the same numbers": torch.equal(w[:20], other),
    }


@init.oracle("number by number")
def _(kind, sizes, seeds):
    """By chance the spreads are off by 0.035 and 0.045, and hardly ever by six times that."""
    spreads = ("spread of the means, for chance 1", "spread of the variances, for chance 1")
    same = {"the same seed gives the same numbers": True}
    return dict.fromkeys(spreads, 1.0) | same | {"another seed gives the same numbers": False}


@init.check(
    "other modules", cases=lambda rng: iter([dict(x=rng.normal(2, 3, dtype=torch.float32))])
)
def _(m, x):
    """LayerNorm and containers stay as they are; apply comes by for those inside."""
    norm, box = nn.LayerNorm(3), nn.Sequential(nn.Linear(3, 2), nn.Embedding(2, 3))
    with torch.no_grad():
        for p in [*norm.parameters(), *box.parameters()]:
            p.fill_(0.75)
    for module in (norm, box, nn.ReLU(), nn.Dropout(0.5)):
        m.init_weights(module)
    kept = [p.detach().clone() for p in [*norm.parameters(), *box.parameters()]]
    works = norm(x).detach()
    m.init_weights(box[0])
    bias = box[0].bias.detach()
    return {"LayerNorm and what is inside a container": kept, "works": works, "a Linear": bias}


def first_losses(rng):
    for vocab_size, tied in [(65, False), (300, True)]:
        idx = rng.integers(0, vocab_size, 8, 33)
        yield dict(vocab_size=vocab_size, tied=tied, idx=idx, seed=rng.seed())


@init.check("the first loss", cases=first_losses, tol=Tol(rtol=0.02))
def _(m, vocab_size, tied, idx, seed):
    torch.default_generator.manual_seed(seed)
    sizes = dict(block_size=32, n_embd=48, n_head=4, n_layer=2, dropout=0.0)
    model = m.GPT(m.GPTConfig(vocab_size, tied=tied, **sizes))
    with torch.no_grad():
        return model(idx[:, :-1], idx[:, 1:])[1].double()


@init.oracle("the first loss")
def _(vocab_size, **case):
    return torch.tensor(math.log(vocab_size), dtype=torch.float64)


init.hint(
    "isinstance(module, nn.Linear) tells what kind of module it is. Which kinds have a weight to fill?"
)
init.hint(
    "nn.init.normal_(tensor, mean=..., std=...) and nn.init.zeros_(tensor) fill a tensor in place."
)
init.hint("""A Linear made with bias=False has module.bias None: ask first. An Embedding has no bias at
    all, so the bias belongs under the question for Linear alone.""")

init.misconception(
    """The biases keep what they had: zeros for every Linear's bias.""",
    name="bias_left",
    replace="        nn.init.zeros_(module.bias)",
    by="        pass",
)
init.misconception(
    """The biases got random numbers, like the weights. They begin at zero.""",
    name="bias_random",
    replace="nn.init.zeros_(module.bias)",
    by="nn.init.normal_(module.bias, mean=0.0, std=0.02)",
)
init.misconception(
    """The Embedding is left as torch makes it, with standard deviation 1, fifty times too loud: tables
    get 0.02 like the matrices.""",
    name="embedding_left",
    replace="isinstance(module, (nn.Linear, nn.Embedding))",
    by="isinstance(module, nn.Linear)",
)
init.misconception(
    """Only the Embedding's weights are drawn; every Linear's are, too.""",
    name="linear_left",
    replace="isinstance(module, (nn.Linear, nn.Embedding))",
    by="isinstance(module, nn.Embedding)",
)
init.misconception(
    """A Linear made with bias=False has None there, which cannot be filled. Ask whether module.bias is
    None.""",
    name="none_filled",
    replace=" and module.bias is not None",
    by="",
)
init.misconception(
    """0.02 is the standard deviation, not the variance: sqrt(0.02) is seven times as much.""",
    name="variance",
    replace="std=0.02",
    by="std=0.02**0.5",
)
init.misconception(
    """The weights are uniform between -0.02 and 0.02. A normal distribution with standard deviation
    0.02 is asked for.""",
    name="uniform",
    replace="nn.init.normal_(module.weight, mean=0.0, std=0.02)",
    by="nn.init.uniform_(module.weight, -0.02, 0.02)",
)
init.misconception(
    """The weights have mean 0.02: the spread is what should be 0.02, around 0. (In normal_ the mean comes
    first.)""",
    name="mean",
    replace="mean=0.0, std=0.02",
    by="mean=0.02, std=1.0",
)
init.misconception(
    """The spread is right, but these are sums of uniform numbers, not normal ones: they thin out earlier. Use
    nn.init.normal_, or torch.randn.""",
    name="sums_of_uniforms",
    replace="nn.init.normal_(module.weight, mean=0.0, std=0.02)",
    by="module.weight.data = (torch.rand(4, *module.weight.shape).sum(0) - 2) * 0.02 * 3**0.5",
)
init.misconception(
    """Each layer's numbers fit the distribution too well: they are quantiles of it, or were scaled to fit.
    Drawn one by one, the 12 numbers of a small layer have a mean and a spread that are off, by chance.""",
    name="quantiles",
    replace="nn.init.normal_(module.weight, mean=0.0, std=0.02)",
    by="n = module.weight.numel()\n"
    "        z = torch.special.ndtri((torch.randperm(n) + 0.5) / n)\n"
    "        module.weight.data = 0.02 * z.view(module.weight.shape)",
)
init.misconception(
    """Large numbers were cut off: a normal distribution has a few weights beyond any bound.""",
    name="clamped",
    replace="nn.init.normal_(module.weight, mean=0.0, std=0.02)",
    by="module.weight.data = torch.randn(module.weight.shape).clamp(-2.5, 2.5) * 0.02",
)
init.misconception(
    """The scale depends on the layer's size (as Kaiming's and Xavier's do). Here it is 0.02 for every
    layer.""",
    name="kaiming",
    replace="nn.init.normal_(module.weight, mean=0.0, std=0.02)",
    by="nn.init.normal_(module.weight, std=module.weight.shape[1] ** -0.5)",
)
init.misconception(
    """Nothing that learns was changed: `normal`-like functions return a new tensor, which is lost
    unless it is copied into the parameter. Use nn.init.normal_, with the underscore, on module.weight
    itself.""",
    name="not_in_place",
    source="""
    def init_weights(module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            weight = torch.randn_like(module.weight) * 0.02
        if isinstance(module, nn.Linear) and module.bias is not None:
            bias = torch.zeros_like(module.bias)
    """,
)
init.misconception(
    """The modules inside were filled as well. apply calls the function for each of them by itself: look
    only at the one you got.""",
    name="walks",
    source="""
    def init_weights(module):
        for part in module.modules():
            if isinstance(part, (nn.Linear, nn.Embedding)):
                nn.init.normal_(part.weight, mean=0.0, std=0.02)
            if isinstance(part, nn.Linear) and part.bias is not None:
                nn.init.zeros_(part.bias)
    """,
)
init.misconception(
    """Everything that has a weight was filled, LayerNorm too: its gain must begin at 1, or it makes all
    signals tiny. Only Linear and Embedding are asked for.""",
    name="layernorm_too",
    source="""
    def init_weights(module):
        if getattr(module, "weight", None) is not None:
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)
    """,
)
init.variant(
    "through .data",
    name="data",
    source="""
    def init_weights(module):
        if type(module) in (nn.Linear, nn.Embedding):
            module.weight.data.normal_(0.0, 0.02)
        if isinstance(module, nn.Linear) and isinstance(module.bias, torch.Tensor):
            module.bias.data[:] = 0
    """,
)
init.variant(
    "copied in, without gradients",
    name="copied",
    source="""
    @torch.no_grad()
    def init_weights(module):
        if isinstance(module, nn.Linear):
            module.weight.copy_(0.02 * torch.randn(module.weight.shape))
            if module.bias is not None:
                module.bias.fill_(0.0)
        elif isinstance(module, nn.Embedding):
            module.weight.copy_(0.02 * torch.randn(module.weight.shape))
    """,
)

init.equivalent(
    "nn.init.normal_(module.weight, mean=0.0, std=0.02)  ->  nn.init.normal_(module.weight, std=0.02)",
    "0 is torch's default",
)
