"""09.convert: Conv1D weights, turned round."""

import torch

from graders.authoring import Raises, exercise

from .part import checkpoint, ours

convert = exercise("convert", title="their layout, our layout", points=2)


@convert.cases
def _(rng):
    # with and without prefix, head, masks; widths 1, odd and even; another precision
    for C, n_layer, prefix, head, masks, dtype in [
        (6, 2, "", False, True, torch.float64),
        (3, 1, "transformer.", True, True, torch.float64),
        (1, 3, "transformer.", False, False, torch.float32),
        (5, 1, "", True, False, torch.float16),
        (2, 1, "", False, False, torch.bfloat16),
    ]:
        theirs = checkpoint(rng, 4, 7, n_layer, C, prefix, dtype)
        if head:
            theirs["lm_head.weight"] = theirs[prefix + "wte.weight"].clone()
        if masks:
            theirs[prefix + "h.0.attn.bias"] = torch.ones(1, 1, 4, 4).tril()
            theirs[prefix + "h.0.attn.masked_bias"] = torch.tensor(-1e4)
        names = rng.shuffled(theirs)
        yield dict(state_dict={name: theirs[name] for name in names})


@convert.oracle
def _(state_dict):
    plain = {name.removeprefix("transformer."): t for name, t in state_dict.items()}
    return ours({n: t for n, t in plain.items() if "lm_head" not in n and "attn.bias" not in n
                 and "masked" not in n} | {n: t for n, t in plain.items() if "c_attn.bias" in n})  # fmt: skip


@convert.check("memory")
def _(m, state_dict):
    """Contiguous, and of their own: what is written into one changes nothing else."""
    made = m.convert(state_dict)
    contiguous = {name: tensor.is_contiguous() for name, tensor in made.items()}
    for tensor in state_dict.values():
        tensor.zero_()
    kept = {name: tensor.clone() for name, tensor in made.items()}
    made["lm_head.weight"].zero_()
    return {
        "contiguous": contiguous,
        "when theirs are zeros": kept,
        "the table when the head is zeros": made["transformer.wte.weight"],
    }


def untied(rng):
    # by a thousandth, and by a billionth
    for prefix, apart in (("", 1e-3), ("transformer.", 1e-9)):
        theirs = checkpoint(rng, 2, 5, 1, 3, prefix)
        theirs["lm_head.weight"] = theirs[prefix + "wte.weight"].clone()
        theirs["lm_head.weight"][4, 2] += apart
        yield dict(state_dict=theirs)


@convert.check("another head", cases=untied)
def _(m, state_dict):
    return m.convert(state_dict)


@convert.oracle("another head")
def _(state_dict):
    return Raises("ValueError")


convert.hint("Loop over the items; our_name says what to do with the name, and what to leave out.")
convert.hint(
    "Whose weights are transposed? Names that end in c_attn.weight, c_proj.weight or c_fc.weight. t() is "
    "only a view: a contiguous clone has memory of its own."
)
convert.hint(
    "tensor.t().contiguous().clone() for those, tensor.clone() for others; then lm_head.weight: a clone "
    "of the table, or compared with it by torch.equal."
)

ENDS = '("c_attn.weight", "c_proj.weight", "c_fc.weight")'

convert.misconception(
    """Nothing is transposed. Their Conv1D keeps (in, out), nn.Linear (out, in).""",
    name="no_transpose",
    replace="            tensor = tensor.t()\n",
    by="            pass\n",
)
convert.misconception(
    """attn.c_proj is not transposed. It is square, so no shape complains, and every number is in the wrong
    place.""",
    name="square_forgotten",
    replace=ENDS,
    by='("c_attn.weight", "mlp.c_proj.weight", "c_fc.weight")',
)
convert.misconception(
    """Every matrix is transposed, the tables too. wte and wpe are (rows, n_embd) on both sides: only the
    four Conv1D of each block differ.""",
    name="tables_too",
    replace="if name.endswith(" + ENDS + "):",
    by="if tensor.dim() == 2:",
)
convert.misconception(
    """Only attention's matrices are transposed. The MLP's two are Conv1D as well.""",
    name="attention_only",
    replace=ENDS,
    by='("c_attn.weight", "attn.c_proj.weight")',
)
convert.misconception(
    """The new tensors share memory with the checkpoint's (t() and contiguous() need not copy). Clone.""",
    name="aliased",
    replace="tensor.detach().clone(memory_format=torch.contiguous_format)",
    by="tensor.contiguous()",
)
convert.misconception(
    """A transposed clone keeps the transposed strides: it is not contiguous. Use contiguous().""",
    name="not_contiguous",
    replace="tensor.detach().clone(memory_format=torch.contiguous_format)",
    by="tensor.clone()",
)
convert.misconception(
    """lm_head.weight is missing when the checkpoint has none. Put wte's numbers there.""",
    name="no_head",
    replace='ours.setdefault("lm_head.weight", table.clone())',
    by='ours.get("lm_head.weight", table)',
)
convert.misconception(
    """lm_head.weight and wte.weight of the result are one tensor: a clone was asked for.""",
    name="head_aliased",
    replace='ours.setdefault("lm_head.weight", table.clone())',
    by='ours.setdefault("lm_head.weight", table)',
)
convert.misconception(
    """A checkpoint with another head than its table was taken. Our two are tied, so its head would be lost
    silently: raise ValueError.""",
    name="another_head",
    replace='raise ValueError("lm_head.weight differs from wte.weight, and ours are one table")',
    by='ours["lm_head.weight"] = table.clone()',
)
convert.variant(
    "by torch.empty and copy_",
    name="copied",
    source="""
    def convert(state_dict):
        found = {}
        for theirs, tensor in state_dict.items():
            name = our_name(theirs)
            if name:
                turn = tensor.dim() == 2 and ".h." in name
                source = tensor.T if turn else tensor
                found[name] = torch.empty(source.shape, dtype=tensor.dtype)
                found[name].copy_(source)
        table = found["transformer.wte.weight"]
        head = found.pop("lm_head.weight", None)
        if head is not None and (head != table).any():
            raise ValueError("untied")
        return {"lm_head.weight": table.clone(), **found}
    """,
)

convert.equivalent(
    "tensor.detach()  ->  tensor",
    "what a checkpoint holds has no graph",
)
