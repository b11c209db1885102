"""09.init_weights: 0.02, and less where the stream adds up."""

import math

import torch

from graders.authoring import exercise, parameters

from .part import shapes

init = exercise(
    "init_weights",
    target="GPT.init_weights",
    title="the first numbers",
    points=2,
    pure=False,
)


@init.cases
def _(rng):
    # so many numbers that a spread is known to one percent
    for n_layer, n_head, vocab_size, block_size in [(2, 4, 211, 113), (8, 2, 127, 131)]:
        yield dict(
            config=dict(
                block_size=block_size,
                vocab_size=vocab_size,
                n_layer=n_layer,
                n_head=n_head,
                n_embd=rng.choice([104, 108, 112, 116]),
            ),
            seed=rng.seed(),
        )


def spread(p):
    """The root mean square of a tensor, rounded to an eighth of an octave (nine percent), in units of 0.02.

    Every spread that can be right, and every one that is usually wrong, lies in the middle of a step, and a
    step's half is four standard errors or more. With it the share of numbers beyond two of these, rounded
    to 0.05 (0.05 for a normal distribution, 0 for a uniform one), and the mean, in tenths of the spread.
    """
    rms = p.square().mean().sqrt().item()
    if rms == 0:
        return "all zero"
    octaves = round(8 * math.log2(rms / 0.02)) / 8
    beyond = (p.abs() > 2 * rms).double().mean().item()
    mean = round(10 * p.mean().item() / rms) / 10
    return {
        "std / 0.02": round(2**octaves, 3),
        "beyond 2 std": round(20 * beyond) / 20,
        "mean / std": mean + 0.0,
    }


def described(model, asked):
    """Each parameter; of all matrices together the shape of their distribution: 3.0 for normal numbers.

    They are 300,000 or more, so that their fourth power is known to 0.009.
    """
    seen, numbers = {}, []
    for name, p in parameters(model, asked).items():
        p = p.detach()
        if p.dim() == 2:
            seen[name] = spread(p)
            numbers.append((p / p.square().mean().sqrt()).flatten())
        else:
            seen[name] = {"not 0": int((p != 0).sum()), "not 1": int((p != 1).sum())}
    shape = (torch.cat(numbers) ** 4).mean().item()
    return seen | {
        "matrices, mean of (w / std)**4": round(shape, 1) if shape == shape else "no number"
    }


@init.scenario
def _(m, config, seed):
    """A model's numbers after they were all drawn anew, from something else."""
    model = m.GPT(m.GPTConfig(**config))
    with torch.no_grad():
        for p in model.parameters():
            p.fill_(0.7)
    model.init_weights(torch.Generator().manual_seed(seed))
    return described(model, shapes(**config))


@init.oracle
def _(config, seed):
    L, C = config["n_layer"], config["n_embd"]
    plain = {"beyond 2 std": 0.05, "mean / std": 0.0}
    wide, small = {"std / 0.02": 1.0} | plain, {"std / 0.02": round((2 * L) ** -0.5, 3)} | plain
    seen = {"transformer.wte.weight": wide, "transformer.wpe.weight": wide}
    for i in range(L):
        at = f"transformer.h.{i}."
        for name, n in [
            ("attn.c_attn", 3 * C),
            ("mlp.c_fc", 4 * C),
            ("attn.c_proj", C),
            ("mlp.c_proj", C),
        ]:
            seen[f"{at}{name}.weight"] = small if "c_proj" in name else wide
            seen[f"{at}{name}.bias"] = {"not 0": 0, "not 1": n}
        for name in ("ln_1", "ln_2"):
            seen[f"{at}{name}.weight"] = {"not 0": C, "not 1": 0}
            seen[f"{at}{name}.bias"] = {"not 0": 0, "not 1": C}
    seen["transformer.ln_f.weight"] = {"not 0": C, "not 1": 0}
    seen["transformer.ln_f.bias"] = {"not 0": 0, "not 1": C}
    return seen | {"matrices, mean of (w / std)**4": 3.0}


@init.check("same parameters")
def _(m, config, seed):
    model = m.GPT(m.GPTConfig(**config | {"n_layer": 1}))
    before = list(model.parameters())
    answer = model.init_weights(torch.Generator().manual_seed(seed))
    after = list(model.parameters())
    return {
        "the same objects": [p is q for p, q in zip(before, after, strict=True)],
        "requires_grad": all(p.requires_grad and p.is_leaf for p in after),
        "tied": model.lm_head.weight is model.transformer.wte.weight,
        "returns": answer,
    }


@init.check("generator")
def _(m, config, seed):
    """The same seed gives the same numbers; two draws differ; torch's own generator is not touched."""

    def numbers(model):
        return torch.cat([p.detach().flatten() for p in model.parameters()])

    model = m.GPT(m.GPTConfig(**config | {"n_layer": 1}))
    g = torch.Generator().manual_seed(seed)
    own = torch.get_rng_state()
    model.init_weights(g)
    first = numbers(model)
    model.init_weights(g)
    second = numbers(model)
    untouched = bool(torch.equal(own, torch.get_rng_state()))
    model.init_weights(g.manual_seed(seed))
    again = numbers(model)
    torch.default_generator.manual_seed(seed)
    model.init_weights()
    third = numbers(model)
    torch.default_generator.manual_seed(seed)
    model.init_weights(None)
    fourth = numbers(model)
    model.init_weights()
    return {
        "without one, drawn twice, equal": bool(torch.equal(fourth, numbers(model))),
        "drawn twice, equal": bool(torch.equal(first, second)),
        "same seed, equal": bool(torch.equal(first, again)),
        "torch's own generator untouched": untouched,
        "without one, torch's own": bool(torch.equal(third, fourth)),
    }


init.legal("the generator drawn from once more", "The order of the draws is up to you")

init.hint("Go through self.named_parameters(): the name tells which of the four kinds it is.")
init.hint(
    "LayerNorm: weight 1, bias 0. Other biases: 0. Names that end in c_proj.weight: the small one. The rest: "
    "0.02."
)
init.hint(
    "nn.init.normal_(p, 0.0, std, generator) draws in place; std is 0.02, or 0.02 / math.sqrt(2 * n_layer)."
)

SMALL = "0.02 / math.sqrt(2 * self.config.n_layer)"

init.misconception(
    """All matrices have the spread 0.02. The c_proj of each branch is added to the stream, 2 n_layer times
    in all: they start smaller, by 1 / sqrt(2 n_layer).""",
    name="all_equal",
    replace=SMALL,
    by="0.02",
)
init.misconception(
    """The residual projections are smaller by 1 / sqrt(n_layer). Each layer adds to the stream twice,
    attention and MLP: 1 / sqrt(2 n_layer).""",
    name="one_branch",
    replace=SMALL,
    by="0.02 / math.sqrt(self.config.n_layer)",
)
init.misconception(
    """The spreads are right, but these are sums of uniform numbers, not normal ones: they thin out earlier.
    Use normal_ with the generator.""",
    name="sums_of_uniforms",
    replace="nn.init.normal_(p, 0.0, 0.02, generator)",
    by="p.copy_((torch.rand(4, *p.shape, generator=generator).sum(0) - 2) * 0.02 * 3**0.5)",
)
init.misconception(
    """The residual projections are divided by 2 n_layer. Spreads of independent numbers add up like roots:
    divide by sqrt(2 n_layer).""",
    name="no_root",
    replace=SMALL,
    by="0.02 / (2 * self.config.n_layer)",
)
init.misconception(
    """Only attention's c_proj starts smaller. The MLP's is added to the stream as well.""",
    name="attention_only",
    replace='name.endswith("c_proj.weight")',
    by='name.endswith("attn.c_proj.weight")',
)
init.misconception(
    """Only the MLP's c_proj starts smaller. Attention's is added to the stream as well.""",
    name="mlp_only",
    replace='name.endswith("c_proj.weight")',
    by='name.endswith("mlp.c_proj.weight")',
)
init.misconception(
    """The LayerNorms' weights were drawn at random, around 0, like the matrices. A LayerNorm starts by only
    normalizing: weight 1.""",
    name="norm_random",
    replace='if ".ln_" in name:',
    by='if ".ln_" in name and name.endswith("bias"):',
)
init.misconception(
    """The LayerNorms' weights are 0: whatever enters a branch, nothing comes out. They start at 1.""",
    name="norm_zero",
    replace='1.0 if name.endswith("weight") else 0.0',
    by="0.0",
)
init.misconception(
    """The biases are random. They start at 0.""",
    name="biases_random",
    replace="nn.init.zeros_(p)",
    by="nn.init.normal_(p, 0.0, 0.02, generator)",
)
init.misconception(
    """The generator is not used: random numbers come from torch's own. Pass generator to each draw.""",
    name="generator_ignored",
    edits=[
        (SMALL + ", generator", SMALL),
        ("nn.init.normal_(p, 0.0, 0.02, generator)", "nn.init.normal_(p, 0.0, 0.02)"),
    ],
)
init.misconception(
    """The spread is 0.02² here: normal_ takes the standard deviation, not the variance.""",
    name="variance",
    edits=[
        (SMALL, "0.02**2 / math.sqrt(2 * self.config.n_layer)"),
        ("nn.init.normal_(p, 0.0, 0.02, generator)", "nn.init.normal_(p, 0.0, 0.02**2, generator)"),
    ],
)
init.misconception(
    """The numbers are uniform, not normal.""",
    name="uniform",
    edits=[
        (
            "nn.init.normal_(p, 0.0, " + SMALL + ", generator)",
            "p.data.uniform_(-1, 1, generator=generator).mul_(3**0.5 * " + SMALL + ")",
        ),
        (
            "nn.init.normal_(p, 0.0, 0.02, generator)",
            "p.data.uniform_(-1, 1, generator=generator).mul_(3**0.5 * 0.02)",
        ),
    ],
)
init.variant(
    "layer by layer",
    name="by_layers",
    source="""
    def init_weights(self, generator=None):
        t, small = self.transformer, 0.02 * (2 * self.config.n_layer) ** -0.5
        with torch.no_grad():
            for layer in self.modules():
                if isinstance(layer, nn.LayerNorm):
                    layer.weight.fill_(1.0)
                    layer.bias.zero_()
                elif isinstance(layer, nn.Linear) and layer is not self.lm_head:
                    layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator) * 0.02)
                    layer.bias.zero_()
            for table in (t.wpe.weight, t.wte.weight):
                table.normal_(std=0.02, generator=generator)
            for block in t.h:
                for layer in (block.attn.c_proj, block.mlp.c_proj):
                    layer.weight.normal_(0, small, generator=generator)
    """,
)
