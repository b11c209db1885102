"""09.our_name: their names, our names."""

from graders.authoring import exercise

name = exercise("our_name", title="their names, our names")

NAMES = [
    *("wte.weight", "wpe.weight", "ln_f.weight", "ln_f.bias", "h.0.ln_1.bias", "h.3.ln_2.weight"),
    *(
        "h.0.attn.c_attn.weight",
        "h.10.attn.c_attn.bias",
        "h.11.attn.c_proj.bias",
        "h.7.mlp.c_fc.bias",
    ),
    *("h.0.attn.bias", "h.11.attn.bias", "h.2.attn.masked_bias", "h.5.mlp.c_proj.weight"),
]


@name.cases
def _(rng):
    for theirs in rng.shuffled(NAMES):
        yield dict(name=theirs)
        yield dict(name="transformer." + theirs)
    yield dict(name="lm_head.weight")


@name.oracle
def _(name):
    pieces = name.split(".")
    if pieces[0] == "lm_head":
        return name
    if "attn" in pieces and pieces[-2] == "attn":
        return None
    return ".".join(["transformer", *[piece for piece in pieces if piece != "transformer"]])


name.hint("Three kinds of names: two kinds of buffers, one head, and all the others.")
name.hint(
    'The mask ends in ".attn.bias"; c_attn\'s bias ends in "attn.bias", too, without that dot.'
)
name.hint(
    'if name.endswith((".attn.bias", ".attn.masked_bias")): return None. Then lm_head.weight and what '
    'begins with "transformer." as they are; the rest with "transformer." in front.'
)


@name.misconception(
    """The mask is called h.0.attn.bias, c_attn's bias h.0.attn.c_attn.bias: both end in "attn.bias". Only
    the first is a buffer: look for ".attn.bias" with the dot in front."""
)
def without_the_dot(name):
    if name.endswith(("attn.bias", "masked_bias")):
        return None
    return name if name.startswith(("transformer.", "lm_head")) else "transformer." + name


@name.misconception(
    """The causal masks are kept as if they were weights. Names that end in .attn.bias or .attn.masked_bias
    are buffers: None."""
)
def buffers_kept(name):
    return name if name.startswith(("transformer.", "lm_head")) else "transformer." + name


@name.misconception("masked_bias is a buffer as well: None, as for .attn.bias.")
def masked_bias_kept(name):
    if name.endswith(".attn.bias"):
        return None
    return name if name.startswith(("transformer.", "lm_head")) else "transformer." + name


@name.misconception(
    """A name that has "transformer." in front already gets it twice. Checkpoints come with and without."""
)
def prefix_twice(name):
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    return name if name == "lm_head.weight" else "transformer." + name


@name.misconception("lm_head does not live in the transformer: lm_head.weight stays as it is.")
def head_inside(name):
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    return name if name.startswith("transformer.") else "transformer." + name


@name.misconception(
    """All biases were dropped. Only the mask is called bias without being one: .attn.bias and
    .attn.masked_bias."""
)
def all_biases_dropped(name):
    if name.endswith("bias"):
        return None
    return name if name.startswith(("transformer.", "lm_head")) else "transformer." + name


name.misconception(
    """The biases of attention's layers were dropped with the masks. Only `.attn.bias` and
    `.attn.masked_bias` are masks; `.attn.c_attn.bias` is trained.""",
    name="every_bias",
    replace='name.endswith((".attn.bias", ".attn.masked_bias"))',
    by='".attn." in name and name.endswith("bias")',
)


@name.variant("prefix off, prefix on")
def off_and_on(name):
    name = name.removeprefix("transformer.")
    if name.split(".")[2:] in (["attn", "bias"], ["attn", "masked_bias"]):
        return None
    return name if name.startswith("lm_head.") else f"transformer.{name}"
