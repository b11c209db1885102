"""09.make_checkpoint: all that the next step looks at, as a copy."""

from graders.authoring import exercise, instead

from .part import held, made, runs, shown, trained

ex = exercise("make_checkpoint", title="what belongs into a checkpoint", points=2)


@ex.cases
def _(rng):
    yield from runs(rng)


@ex.scenario
def _(m, start, seed, lr, tokens, before, after):
    """A checkpoint, looked at once training has gone on."""
    run = made(start, seed, lr)
    trained(run, tokens, before)
    checkpoint = m.make_checkpoint(*run, before)
    if not isinstance(checkpoint, dict):
        return instead(checkpoint, "a dict")
    if set(checkpoint) != {"model", "optimizer", "position", "generator", "step"}:
        return {"keys": sorted(map(str, checkpoint))}
    if not isinstance(checkpoint["optimizer"], dict) or "state" not in checkpoint["optimizer"]:
        return {"optimizer": instead(checkpoint["optimizer"], "the optimizer's state dict", False)}
    losses = trained(run, tokens, after)
    return {"checkpoint": shown(checkpoint), "losses afterwards": losses}


@ex.oracle
def _(start, seed, lr, tokens, before, after):
    run = made(start, seed, lr)
    trained(run, tokens, before)
    kept = shown(held(run, before))
    return {"checkpoint": kept, "losses afterwards": trained(run, tokens, after)}


ex.hint(
    "state_dict() hands out the very tensors that go on training. What makes a copy of a whole dict?"
)
ex.hint(
    "copy.deepcopy for the two state dicts; loader.position and step are numbers; "
    "generator.get_state()."
)
ex.hint(
    '{"model": copy.deepcopy(model.state_dict()), "optimizer": '
    "copy.deepcopy(optimizer.state_dict()), ...}"
)

ex.misconception(
    "The model's state dict was kept as it is: these are the tensors of the model, and training goes on "
    "in them. "
    "copy.deepcopy.",
    name="model_aliased",
    replace="copy.deepcopy(model.state_dict())",
    by="model.state_dict()",
)
ex.misconception(
    "Neither state dict was copied deeply. dict(...) and .copy() make a new dict around the same "
    "tensors, and training "
    "goes on in these: copy.deepcopy.",
    name="model_shallow",
    replace='copy.deepcopy(model.state_dict()),\n        "optimizer": copy.deepcopy(optimizer.state_dict())',
    by='dict(model.state_dict()),\n        "optimizer": copy.copy(optimizer.state_dict())',
)
ex.misconception(
    "The optimizer's state dict was kept as it is: its averages go on moving with the training. "
    "copy.deepcopy.",
    name="optimizer_aliased",
    replace="copy.deepcopy(optimizer.state_dict())",
    by="optimizer.state_dict()",
)
ex.misconception(
    "The optimizer's averages are not in it: AdamW would begin again with averages of nothing, and the "
    "loss jumps. Keep its "
    "whole state dict.",
    name="no_averages",
    replace="copy.deepcopy(optimizer.state_dict())",
    by='{"state": {}, "param_groups": copy.deepcopy(optimizer.state_dict()["param_groups"])}',
)
ex.misconception(
    "The seed was kept. It says where the dice began, not how often they were thrown: get_state().",
    name="seed_only",
    replace="generator.get_state()",
    by="torch.Generator().manual_seed(generator.initial_seed()).get_state()",
)
ex.misconception(
    "This is the state of torch's global dice, not of the generator that was given: generator.get_state().",
    name="global_dice",
    replace="generator.get_state()",
    by="torch.get_rng_state()",
)
ex.misconception(
    "The loader would begin at the front of its text again: keep loader.position.",
    name="position_zero",
    replace="loader.position",
    by="0",
)
ex.misconception(
    "The dice were thrown (or the loader was asked) while the checkpoint was made: looking changed the run.",
    name="throws",
    replace="    return {\n",
    by="    torch.rand(1, generator=generator)\n    return {\n",
)

ex.variant(
    "clones, one by one",
    name="clones",
    source="""
    def make_checkpoint(model, optimizer, loader, generator, step):
        import io
        weights = {name: t.detach().clone() for name, t in model.state_dict().items()}
        file = io.BytesIO()
        torch.save(optimizer.state_dict(), file)
        file.seek(0)
        return dict(
            step=step, model=weights, optimizer=torch.load(file), position=int(loader.position),
            generator=generator.get_state().clone(),
        )
""",
)
