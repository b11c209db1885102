"""09.load_into: all of it, or nothing."""

import torch

from graders.authoring import exercise

from .part import checkpoint, fresh, plain_gpt, ready, theirs_of

load = exercise("load_into", title="all of it, or nothing", points=2, pure=False)

# block_size, vocab_size, n_layer, n_head, C
SIZES = [(5, 9, 2, 3, 6), (4, 7, 1, 1, 3), (6, 5, 3, 5, 5), (1, 4, 1, 2, 8)]


@load.cases
def _(rng):
    for i, (block_size, vocab_size, n_layer, n_head, C) in enumerate(SIZES):
        dtype = torch.float32 if i == 3 else torch.float64
        theirs = checkpoint(rng, block_size, vocab_size, n_layer, C, "", dtype)
        idx = rng.integers(0, vocab_size, 3, block_size)
        yield dict(**ready(theirs), n_head=n_head, idx=idx, seed=rng.seed())


@load.scenario
def _(m, weights, sizes, n_head, idx, seed):
    """What the loaded model says."""
    model = fresh(m, weights, sizes, n_head, seed)
    m.load_into(model, weights)
    return model(idx)


@load.oracle
def _(weights, sizes, n_head, idx, seed):
    return plain_gpt(idx, theirs_of(weights), n_head)


@load.check("parameters")
def _(m, weights, sizes, n_head, idx, seed):
    """The same objects, tied, on their own memory, learning as before; the weights as they were."""
    model = fresh(m, weights, sizes, n_head, seed)
    model.transformer.wpe.weight.requires_grad_(False)
    before = dict(model.named_parameters())
    kept = {name: tensor.clone() for name, tensor in weights.items()}
    answer = m.load_into(model, weights)
    after = dict(model.named_parameters())
    found = {
        "the same objects": {name: p is before.get(name) for name, p in after.items()},
        "tied": model.lm_head.weight is model.transformer.wte.weight,
        "requires_grad": {name: p.requires_grad for name, p in after.items()},
        "leaves": all(p.is_leaf for p in after.values()),
        "autograd is still on": torch.is_grad_enabled(),
        "returns": answer,
    }
    numbers = {name: p.detach().clone() for name, p in after.items()}
    for p in after.values():
        p.data.add_(1.0)
    found["weights as they were"] = {n: bool(torch.equal(kept[n], weights[n])) for n in kept}
    found["weights afterwards"] = weights
    found["numbers"] = numbers
    return found


@load.check("another precision")
def _(m, weights, sizes, n_head, idx, seed):
    model = fresh(m, weights, sizes, n_head, seed).double()
    m.load_into(model, {name: tensor.half() for name, tensor in weights.items()})
    return {name: p.detach() for name, p in model.named_parameters()}


def broken(rng):
    for block_size, vocab_size, n_layer, n_head, C in SIZES[:3]:
        theirs = checkpoint(rng, block_size, vocab_size, n_layer, C)
        names = sorted(ready(theirs)["weights"])
        last = f"transformer.h.{n_layer}.ln_1.bias"
        faults = [
            ("missing", "transformer.h.0.mlp.c_proj.bias"),
            ("missing", "lm_head.weight"),
            ("missing", names[rng.integer(1, len(names))]),
            ("too many", last),
            ("too many", "transformer.h.0.attn.bias"),
            ("shape", "transformer.ln_f.weight"),
            ("shape", "transformer.wpe.weight"),
            ("one row", "transformer.h.0.attn.c_proj.bias"),
        ]
        for fault, name in faults if C == 6 else faults[::2]:
            yield dict(**ready(theirs), n_head=n_head, fault=fault, name=name, seed=rng.seed())


@load.check("what does not fit", cases=broken)
def _(m, weights, sizes, n_head, fault, name, seed):
    """Which exception comes, and whether the model is as it was then."""
    model = fresh(m, weights, sizes, n_head, seed)
    if fault == "missing":
        del weights[name]
    elif fault == "too many":
        weights[name] = torch.zeros(2)
    elif fault == "one row":
        weights[name] = weights[name][None]  # (1, C) could be broadcast
    else:
        weights[name] = torch.cat([weights[name], weights[name]])
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    try:
        m.load_into(model, weights)
        came = "nothing"
    except (KeyError, ValueError) as error:
        came = type(error).__name__
    after = dict(model.named_parameters())
    return {"raised": came, "as it was": all(torch.equal(before[n], after[n]) for n in before)}


@load.oracle("what does not fit")
def _(weights, sizes, n_head, fault, name, seed):
    kind = "KeyError" if fault in ("missing", "too many") else "ValueError"
    return {"raised": kind, "as it was": True}


load.hint("model.state_dict() has all names and tensors that the model wants: two sets to compare.")
load.hint("First one loop that only looks (names, then shapes) and raises; then one that copies.")
load.hint(
    "own = model.state_dict(); KeyError if own.keys() != weights.keys(); ValueError if a shape differs; then "
    "own[name].copy_(weights[name]) under torch.no_grad()."
)

COPY = "            p.copy_(weights[name])"
NAMES = "own.keys() ^ weights.keys()"

load.misconception(
    """A missing name was let through: part of the model stays random. Raise KeyError.""",
    name="missing_ignored",
    edits=[
        (NAMES, "weights.keys() - own.keys()"),
        ("    for name, p in own.items():\n        if p.shape",
         "    own = {name: own[name] for name in weights}\n"
         "    for name, p in own.items():\n        if p.shape"),
    ],
)  # fmt: skip
load.misconception(
    """A name that the model does not have was let through: then it is the checkpoint of another model. Raise
    KeyError.""",
    name="extra_ignored",
    replace=NAMES,
    by="own.keys() - weights.keys()",
)
load.misconception(
    """The shapes were not looked at. copy_ broadcasts: a (1, C) goes into a (C,) without a word, and what
    does not fit breaks off in the middle. Ask first, and raise ValueError.""",
    name="no_shapes",
    replace="if p.shape != weights[name].shape:",
    by="if False:",
)
load.misconception(
    """Copying began before everything was looked at: after the error half of the model is another one. Two
    loops: look, then copy.""",
    name="half_loaded",
    source="""
    def load_into(model, weights):
        own = model.state_dict()
        if own.keys() != weights.keys():
            raise KeyError("names")
        for name, p in own.items():
            if p.shape != weights[name].shape:
                raise ValueError(name)
            p.copy_(weights[name])
    """,
)
load.misconception(
    """The checkpoint's own tensors were put into the model (`.data = ...`): they share memory, and training
    one changes the other. Copy the numbers.""",
    name="aliased",
    edits=[
        ("for name, p in own.items():\n" + COPY, "for name, p in model.named_parameters():\n"
         "            p.data = weights[name].to(p.dtype)"),
    ],
)  # fmt: skip
load.misconception(
    """The model got new Parameters. An optimizer that holds the old ones trains nobody, and the tie is cut:
    copy the numbers into those that are there.""",
    name="new_parameters",
    edits=[
        ("for name, p in own.items():\n" + COPY, "for name, p in own.items():\n"
         "            at, _, last = name.rpartition('.')\n"
         "            setattr(model.get_submodule(at), last,"
         " nn.Parameter(weights[name].to(p.dtype).clone()))"),
    ],
)  # fmt: skip
load.variant(
    "parameters by name",
    name="by_parameter",
    source="""
    @torch.no_grad()
    def load_into(model, weights):
        own = dict(model.named_parameters(remove_duplicate=False))
        for name in [*own, *weights]:
            if name not in own or name not in weights:
                raise KeyError(name)
        if any(p.size() != weights[name].size() for name, p in own.items()):
            raise ValueError("shape")
        for name in weights:
            own[name][...] = weights[name]
    """,
)
load.variant(
    "torch's own, after looking",
    name="load_state_dict",
    source="""
    def load_into(model, weights):
        own = model.state_dict()
        if set(own) != set(weights):
            raise KeyError("names")
        if [t.shape for t in own.values()] != [weights[n].shape for n in own]:
            raise ValueError("shapes")
        model.load_state_dict(weights)
    """,
)

load.equivalent(
    "own.keys()  ->  own", "one of two views of keys is enough: the other may be the dict"
)
load.equivalent(
    "weights.keys()  ->  weights", "one of two views of keys is enough: the other may be the dict"
)
