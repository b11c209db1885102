"""09.restore: as if nothing had happened, and a second time too."""

from graders.authoring import exercise

from .part import held, made, runs, shown, trained

ex = exercise("restore", title="going on from a checkpoint", points=2, pure=False)


@ex.cases
def _(rng):
    yield from runs(rng)


def kept_of(start, seed, lr, tokens, before):
    """The checkpoint of a run that is gone: what goes on must come out of it."""
    run = made(start, seed, lr)
    trained(run, tokens, before)
    return held(run, before)


@ex.scenario
def _(m, start, seed, lr, tokens, before, after):
    """Into fresh objects, into those that have trained on, and what is left of the checkpoint."""
    checkpoint = kept_of(start, seed, lr, tokens, before)
    fresh = made({name: t + 1 for name, t in start.items()}, seed + 1, 2 * lr)
    trained(fresh, tokens, 1)
    seen = {"step": m.restore(checkpoint, *fresh), "losses": trained(fresh, tokens, after)}
    seen["afterwards"] = shown(held(fresh, 0))
    seen["step, again"] = m.restore(checkpoint, *fresh)
    seen["losses, again"] = trained(fresh, tokens, after)
    seen["the checkpoint"] = shown(checkpoint)
    return seen


@ex.oracle
def _(start, seed, lr, tokens, before, after):
    """Never interrupted."""
    run = made(start, seed, lr)
    trained(run, tokens, before)
    kept = shown(held(run, before))
    losses = trained(run, tokens, after)
    return {
        "step": before,
        "losses": losses,
        "afterwards": shown(held(run, 0)),
        "step, again": before,
        "losses, again": losses,
        "the checkpoint": kept,
    }


ex.hint(
    "Four things to put back, and a number to return. Which of them might go on sharing tensors "
    "with the checkpoint?"
)
ex.hint(
    "model.load_state_dict copies into the model. optimizer.load_state_dict may keep your tensors: "
    "give it a deep copy."
)
ex.hint("generator.set_state(checkpoint['generator']); loader.position = checkpoint['position'].")

ex.misconception(
    "The optimizer holds the checkpoint's own tensors (optimizer.load_state_dict makes no copy), and "
    "training went on in them: whoever restores a second time finds averages of later. Give it a deep copy.",
    name="aliased",
    replace="    checkpoint = copy.deepcopy(checkpoint)\n",
    by="",
)
ex.misconception(
    "The optimizer was not restored: its averages and its learning rate are those of before.",
    name="no_optimizer",
    replace='    optimizer.load_state_dict(checkpoint["optimizer"])\n',
    by="",
)
ex.misconception(
    "The optimizer's averages were emptied, not restored: AdamW begins again, and the loss jumps.",
    name="empty_optimizer",
    replace='optimizer.load_state_dict(checkpoint["optimizer"])',
    by='optimizer.load_state_dict({"state": {}, "param_groups": checkpoint["optimizer"]["param_groups"]})',
)
ex.misconception(
    "The weights were not restored.",
    name="no_model",
    replace='    model.load_state_dict(checkpoint["model"])\n',
    by="",
)
ex.misconception(
    "The loader goes on where it happened to stand: set loader.position.",
    name="no_position",
    replace='    loader.position = checkpoint["position"]\n',
    by="",
)
ex.misconception(
    "The given generator's dice are not restored: generator.set_state(...). (torch.set_rng_state is "
    "about others.)",
    name="no_dice",
    replace='    generator.set_state(checkpoint["generator"])\n',
    by="",
)
ex.misconception(
    "One step too many: the number of steps done is the number of the next one, counted from 0.",
    name="next_step",
    replace='return checkpoint["step"]',
    by='return checkpoint["step"] + 1',
)
ex.misconception(
    "The step is not returned: the training loop must know where to go on.",
    name="no_return",
    replace='    return checkpoint["step"]',
    by='    checkpoint["step"]',
)

ex.variant(
    "only the optimizer copied",
    name="copy_optimizer",
    source="""
    def restore(checkpoint, model, optimizer, loader, generator):
        with torch.no_grad():
            for name, t in model.state_dict().items():
                t.copy_(checkpoint["model"][name])
        optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
        setattr(loader, "position", checkpoint["position"])
        generator.set_state(checkpoint["generator"])
        return checkpoint["step"]
""",
)
