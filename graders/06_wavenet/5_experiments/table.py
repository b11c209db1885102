"""06.table: the table of runs."""

import itertools

from graders.authoring import exercise

table = exercise("table", title="the table of runs")


def a_row(rng, name, dev=None):
    return {
        "name": name,
        "parameters": rng.integer(1_000, 2_000_000),
        "steps": rng.integer(1_000, 300_000),
        "train": rng.number(1.5, 3.3),
        "dev": rng.number(1.5, 3.3) if dev is None else dev,
    }


@table.cases
def _(rng):
    # fixed losses: the changes rounded and the rounded losses' changes differ, both signs occur
    devs = [2.1049, 2.0271, 2.0284, 2.0216, 1.9927]
    names = ["3 letters", "8 letters", "a tree, with the bug", "a tree", "a larger tree"]
    yield dict(rows=[a_row(rng, n, d) for n, d in zip(names, devs, strict=True)])
    rows = [a_row(rng, f"run {i}") for i in rng.shuffled(range(4))]
    yield dict(rows=rows)
    yield dict(rows=[a_row(rng, "alone")])
    yield dict(rows=[])
    # 0 is a loss like any other, and a loss beyond 1,000 has no comma
    far = {"name": "by heart", "parameters": 1_234, "steps": 1_000, "train": 0.0, "dev": 0.0}
    yield dict(rows=[far, {**far, "name": "gone", "train": 1234.5, "dev": 2345.25}])
    small = {"name": "small", "parameters": 97, "steps": 5, "train": 3.0, "dev": 3.25}
    yield dict(rows=[{**small, "losses": [3.5, 3.0]}, {**small, "name": "same", "dev": 3.25}])


table.hint("Two fixed lines, then one per row. Which cell needs to know the row above?")
table.hint(
    "Format codes do the work: {:,} puts commas, {:.3f} rounds to three decimals, {:+.3f} shows "
    "the sign as well."
)
table.hint(
    'Each line is "| " + " | ".join(cells) + " |", the change being "" at first and '
    "f\"{row['dev'] - before:+.3f}\" later; join the lines with newlines."
)


@table.misconception(
    "The change lacks its sign: a + in front of a loss that grew is the first thing one looks for. "
    "Format it with :+.3f."
)
def no_sign(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, r in enumerate(rows):
        change = f"{r['dev'] - rows[i - 1]['dev']:.3f}" if i else ""
        lines.append(
            f"| {r['name']} | {r['parameters']:,} | {r['steps']:,} | {r['train']:.3f} "
            f"| {r['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


table.misconception(
    "The change is measured against the first row. Each row changed one thing from the row above "
    "it: compare with that.",
    name="against_the_first",
    replace="        before = row",
    by="        before = before if len(lines) > 3 else row",
)
table.misconception(
    "A loss of 0.0 above was taken for no row above: `if before` is False for 0. Ask `before is None`.",
    name="zero_above",
    replace='"" if before is None',
    by='"" if not before',
)
table.misconception(
    "The losses have commas too. Only the integers get them; losses have three decimals and nothing else.",
    name="losses_with_commas",
    edits=[
        ("{row['train']:.3f}", "{row['train']:,.3f}"),
        ("{row['dev']:.3f}", "{row['dev']:,.3f}"),
    ],
)
table.misconception(
    "The change has the wrong sign: it is this row's dev minus the one above, negative when it got "
    "better.",
    name="wrong_sign",
    replace="{row['dev'] - before:+.3f}",
    by="{before - row['dev']:+.3f}",
)
table.misconception(
    "The change was computed from rounded losses: subtract first, then round.",
    name="rounded_first",
    replace="{row['dev'] - before:+.3f}",
    by="{round(row['dev'], 3) - round(before, 3):+.3f}",
)
table.misconception(
    "The change is that of the train loss. What counts is dev, names the model has not seen.",
    name="train_change",
    edits=[
        ("{row['dev'] - before:+.3f}", "{row['train'] - before:+.3f}"),
        ('before = row["dev"]', 'before = row["train"]'),
    ],
)
table.misconception(
    "The first row has nothing to be compared with: its change is empty.",
    name="first_is_zero",
    replace='"" if before is None',
    by='"+0.000" if before is None',
)
table.misconception(
    "The rows were sorted by their loss. The order is the story, one change after the other: keep "
    "it.",
    name="sorted",
    replace="    for row in rows:",
    by='    for row in sorted(rows, key=lambda row: row["dev"]):',
)
table.misconception(
    "Integers without commas: 22397 is hard to read, {:,} makes it 22,397.",
    name="no_commas",
    edits=[
        ("{row['parameters']:,}", "{row['parameters']}"),
        ("{row['steps']:,}", "{row['steps']}"),
    ],
)
table.misconception(
    "Losses have three decimals here, {:.3f}.",
    name="four_decimals",
    edits=[("{row['train']:.3f}", "{row['train']:.4f}"), ("{row['dev']:.3f}", "{row['dev']:.4f}")],
)
table.misconception(
    "train and dev stand in each other's column.",
    name="columns_swapped",
    edits=[
        (
            "f\"{row['train']:.3f}\",\n            f\"{row['dev']:.3f}\"",
            "f\"{row['dev']:.3f}\",\n            f\"{row['train']:.3f}\"",
        ),
    ],
)
table.misconception(
    "The line |---|---| under the header is missing: without it, Markdown shows no table.",
    name="no_rule",
    replace=', "|---|---|---|---|---|---|"]',
    by="]",
)
table.misconception(
    "The first row was compared with the last one: rows[-1] is the end of the list. It has nothing "
    "above it, so its change is empty.",
    name="wraps",
    replace="    before = None\n",
    by='    before = rows[-1]["dev"] if rows else None\n',
)
table.misconception(
    "Without a change the cell has two spaces, `|  |`: each cell has one before and one after it, "
    "the empty one, too.",
    name="one_space",
    replace='"| " + " | ".join(cells) + " |"',
    by='("| " + " | ".join(cells) + " |").replace("|  |", "| |")',
)
table.misconception(
    "The line under the header has no spaces: |---|---|---|---|---|---|.",
    name="wide_rule",
    replace='"|---|---|---|---|---|---|"',
    by='"| --- | --- | --- | --- | --- | --- |"',
)
table.misconception(
    "The first row's change is a dash. It is to be empty.",
    name="dash",
    replace='"" if before is None',
    by='"-" if before is None',
)
table.misconception(
    "`round(x, 3)` drops zeros at the end: 3.250 becomes 3.25. {:.3f} always shows three decimals.",
    name="zeros_dropped",
    edits=[
        ("f\"{row['train']:.3f}\"", "str(round(row['train'], 3))"),
        ("f\"{row['dev']:.3f}\"", "str(round(row['dev'], 3))"),
    ],
)
table.misconception(
    "The change is dev minus train of the same row. It is dev minus the dev of the row above.",
    name="dev_minus_train",
    replace="{row['dev'] - before:+.3f}",
    by="{row['dev'] - row['train']:+.3f}",
)
table.misconception(
    "Only the parameters have commas. The steps are an integer, too: {:,}.",
    name="steps_without_commas",
    replace="{row['steps']:,}",
    by="{row['steps']}",
)
table.misconception(
    "The text ends with a newline; lines are joined by newlines, none comes after the last.",
    name="newline_at_the_end",
    replace='return "\\n".join(lines)',
    by='return "\\n".join(lines) + "\\n"',
)
table.misconception(
    "You returned the list of lines. Join them: a str.",
    name="a_list",
    replace='return "\\n".join(lines)',
    by="return lines",
)
table.misconception(
    "The table was printed, not returned.",
    name="printed",
    replace='return "\\n".join(lines)',
    by='print("\\n".join(lines))',
)


@table.variant("one f-string per row")
def f_strings(rows):
    text = "| run | parameters | steps | train | dev | change |\n|---|---|---|---|---|---|"
    for i, r in enumerate(rows):
        change = "{:+.3f}".format(r["dev"] - rows[i - 1]["dev"]) if i > 0 else ""
        text += f"\n| {r['name']} | {r['parameters']:,d} | {r['steps']:,d} | {r['train']:.3f} | "
        text += f"{r['dev']:.3f} | {change} |"
    return text


@table.variant("zip with the rows above")
def zipped(rows):
    changes = [""] + [f"{b['dev'] - a['dev']:+.3f}" for a, b in itertools.pairwise(rows)]
    lines = [["run", "parameters", "steps", "train", "dev", "change"]]
    for r, change in zip(rows, changes, strict=False):
        whole = [format(r[key], ",") for key in ("parameters", "steps")]
        lines.append([r["name"], *whole, *[format(r[k], ".3f") for k in ("train", "dev")], change])
    text = ["| " + " | ".join(cells) + " |" for cells in lines]
    text.insert(1, "|" + "---|" * 6)
    return "\n".join(text)
