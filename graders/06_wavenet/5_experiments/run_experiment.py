"""06.run_experiment: one call, one row."""

import math

import torch

from graders.authoring import exercise, number

from .part import SIZES, a_split, flags, numbers, small_model, state

run = exercise("run_experiment", title="one call, one row", points=2, pure=False)


@run.cases
def _(rng):
    # once, dev is the larger of the two
    for (v, groups, d, h, _), steps, n in zip(SIZES, (4, 7, 5, 1), (9, 9, 9, 40), strict=True):
        T = math.prod(groups)
        yield dict(
            name=rng.choice(["flat", "a tree", "with the bug", "larger"]),
            shape=(v, groups, d, h),
            seed=rng.seed(),
            train=a_split(rng, 25, v, T),
            dev=a_split(rng, n, v, T),
            steps=steps,
        )


@run.scenario
def _(m, name, shape, seed, train, dev, steps):
    model = small_model(m, *shape, seed)
    g = torch.Generator().manual_seed(seed)
    splits = {"train": train, "dev": dev, "test": None}  # whoever looks at test gets None
    told = []
    row = m.run_experiment(name, model, splits, steps, g, told.append)
    if isinstance(row, dict):
        row = {
            key: numbers(value) if key == "losses" else number(value) for key, value in row.items()
        }
    drawn = torch.randint(0, 10**6, (2,), generator=g)
    return {
        "row": row,
        "on_step was told": numbers(told),
        "state": state(model),
        "then drawn": drawn,
        "splits": sorted(splits),
    }


@run.check("without on_step")
def _(m, name, shape, seed, train, dev, steps):
    """on_step left out; a dict without a test split is enough."""
    model = small_model(m, *shape, seed)
    g = torch.Generator().manual_seed(seed)
    row = m.run_experiment(name, model, {"dev": dev, "train": train}, steps, g)
    keys = sorted(row) if isinstance(row, dict) else row
    return {"keys of the row": keys, "training flags afterwards": flags(model)}


run.hint("Train first, or measure first? On which split is each of the two numbers measured?")
run.hint(
    "losses = train(model, X, Y, steps, g, on_step=on_step) with the train split; then evaluate "
    "on the train split, and on the dev split."
)
run.hint(
    'Return {"name": name, "parameters": sum(p.numel() for p in model.parameters()), '
    '"steps": steps, "train": ..., "dev": ..., "losses": losses}. Leave "test" alone.'
)

run.misconception(
    "Both numbers are those of the train split: measure dev on the dev split.",
    name="dev_is_train",
    replace='"dev": evaluate(model, *splits["dev"])',
    by='"dev": evaluate(model, *splits["train"])',
)
run.misconception(
    "train and dev are swapped in the row.",
    name="swapped",
    edits=[
        ('"train": evaluate(model, *splits["train"])', '"train": evaluate(model, *splits["dev"])'),
        ('"dev": evaluate(model, *splits["dev"])', '"dev": evaluate(model, *splits["train"])'),
    ],
)
run.misconception(
    "You trained on the dev split: then its loss says nothing about new names. Train on train "
    "only.",
    name="trains_on_dev",
    replace='losses = train(model, *splits["train"], steps',
    by='losses = train(model, *splits["dev"], steps',
)
run.misconception(
    "The test split was used. It stays untouched until the very end: the row has train and dev.",
    name="test_for_dev",
    replace='"dev": evaluate(model, *splits["dev"])',
    by='"dev": evaluate(model, *splits["test"])',
)
run.misconception(
    '"parameters" counts the tensors. Count the numbers in them: p.numel().',
    name="tensors",
    replace="sum(p.numel() for p in model.parameters())",
    by="len(model.parameters())",
)
run.misconception(
    "The model was measured before it was trained.",
    name="measured_first",
    edits=[
        (
            "    losses = train(",
            '    before = [evaluate(model, *splits[s]) for s in ("train", "dev")]\n    losses = train(',
        ),
        ('evaluate(model, *splits["train"]),', "before[0],"),
        ('evaluate(model, *splits["dev"]),', "before[1],"),
    ],
)
run.misconception(
    "The train loss is the last batch's: 32 names, in training mode. Evaluate the whole split, as "
    "for dev, or the two cannot be compared.",
    name="last_batch",
    replace='"train": evaluate(model, *splits["train"])',
    by='"train": losses[-1]',
)
run.misconception(
    "The train loss is the mean over the training run, most of which is long past. Evaluate the "
    "split after training.",
    name="mean_of_run",
    replace='"train": evaluate(model, *splits["train"])',
    by='"train": sum(losses) / len(losses)',
)
run.misconception(
    "on_step was not passed on: pass it to train, or the progress bar stands still.",
    name="on_step_dropped",
    replace=", g, on_step=on_step)",
    by=", g)",
)
run.misconception(
    "on_step was passed in the place of batch_size: name it, on_step=on_step.",
    name="by_position",
    replace="g, on_step=on_step)",
    by="g, on_step)",
)
run.misconception(
    "The generator that was handed in is not used: each run then draws its own batches, and "
    "cannot be repeated from its seed.",
    name="own_generator",
    replace="steps, g, on_step=on_step)",
    by="steps, torch.Generator().manual_seed(42), on_step=on_step)",
)
run.misconception(
    "The dict of splits was changed. It belongs to whoever called, who needs the test split at the "
    "very end: leave it alone.",
    name="drops_test",
    replace="    losses = train(",
    by='    splits.pop("test", None)\n    losses = train(',
)
run.misconception(
    "The row has more than was asked for. Whoever reads many rows relies on their keys.",
    name="more_keys",
    replace='        "steps": steps,\n',
    by='        "steps": steps,\n        "test": None,\n',
)
run.misconception(
    "The losses are called train_loss and dev_loss in your row; the names are train and dev.",
    name="other_keys",
    edits=[
        ('"train": evaluate', '"train_loss": evaluate'),
        ('"dev": evaluate', '"dev_loss": evaluate'),
    ],
)
run.misconception(
    "Another batch size was used. Leave it out, train has its own: what is measured the same way "
    "can be compared.",
    name="own_batch_size",
    replace=", g, on_step=on_step)",
    by=", g, batch_size=64, on_step=on_step)",
)
run.misconception(
    "The generator was seeded anew: whoever handed it in chose where it stands. Use it as it is.",
    name="seeds_g",
    replace="    losses = train(",
    by="    g.manual_seed(42)\n    losses = train(",
)
run.misconception(
    "on_step was called for each loss once more: train has told it already.",
    name="told_twice",
    replace="    return {",
    by="    for loss in losses:\n        on_step(loss)\n    return {",
)
run.misconception(
    "The dev loss was measured in training mode: it depends on the other examples in the batch. "
    "evaluate switches to eval mode, and back.",
    name="dev_in_training_mode",
    replace='"dev": evaluate(model, *splits["dev"])',
    by='"dev": F.cross_entropy(model(splits["dev"][0]), splits["dev"][1]).item()',
)
run.misconception(
    "The model was trained twice, which is twice as long as the row says.",
    name="trained_twice",
    replace="    losses = train(",
    by='    train(model, *splits["train"], steps, g, on_step=on_step)\n    losses = train(',
)
run.misconception(
    "The losses of the run are missing from the row: the plot needs them.",
    name="no_losses",
    replace='        "losses": losses,\n',
    by="",
)
run.misconception(
    '"steps" was turned into text. Keep the number, an int: printing it is work for the table.',
    name="steps_as_text",
    replace='"steps": steps,',
    by='"steps": f"{steps:,}",',
)
run.misconception(
    "The losses were rounded. Round when you print, not when you measure.",
    name="rounded",
    edits=[
        (f'evaluate(model, *splits["{split}"])', f'round(evaluate(model, *splits["{split}"]), 3)')
        for split in ("train", "dev")
    ],
)
run.misconception(
    "You returned a tuple. A row is a dict, so that everybody can see which number is which.",
    name="a_tuple",
    replace='    return {\n        "name"',
    by='    return name, losses[-1]\n    return {\n        "name"',
)

run.variant(
    "step by step",
    name="step_by_step",
    source="""def run_experiment(name, model, splits, steps, g, on_step=lambda loss: None):
    X, Y = splits["train"]
    row = {"steps": steps, "name": name}
    row["losses"] = train(model=model, X=X, Y=Y, steps=steps, g=g, on_step=on_step)
    row["parameters"] = 0
    for p in model.parameters():
        row["parameters"] += p.nelement()
    for split in ("dev", "train"):
        row[split] = evaluate(model, splits[split][0], splits[split][1], chunk=1000)
    return row
""",
)
run.variant(
    "dict()",
    name="dict_call",
    source="""def run_experiment(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = list(train(model, splits["train"][0], splits["train"][1], steps, g, 32, on_step))
    measured = {split: evaluate(model, *splits[split]) for split in ["train", "dev"]}
    count = sum(p.shape.numel() for p in model.parameters())
    return dict(name=name, parameters=count, steps=steps, losses=losses, **measured)
""",
)
