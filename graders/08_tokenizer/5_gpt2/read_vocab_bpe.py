"""08.read_vocab_bpe: the merges of GPT-2's file."""

from graders.authoring import exercise

from .part import PROSE, learned, random_text, seen

ex = exercise("read_vocab_bpe", title="reading vocab.bpe")


@ex.cases
def _(rng):
    yield dict(text="#version: 0.2\n\u0120 t\n\u0120t he\n# #\n")
    yield dict(text="#version: 0.2\n")
    yield dict(text="#version: 0.2")
    for version in ("", " ", "h i"):  # it says what it likes
        yield dict(text=version + "\nh e\n# #\n")
    yield dict(text="#version: 0.3 - of another kind\n## #\n#version :\n#version: 0.2\nh e")
    yield dict(
        text='no version\n\u00e2 \u0122\n\u010a \u010a\n\' s\n\\ n\n" "\n\u00c2 \u0142\n\u0143 \u0100\n'
    )
    for text, count in ((PROSE, 60), (random_text(rng, 80), 20)):
        pairs = learned(text, count)
        end = rng.choice(["\n", ""])
        yield dict(
            text="\n".join(["#version: 0.2", *(f"{seen(a)} {seen(b)}" for a, b in pairs)]) + end
        )


@ex.oracle
def _(text):
    table, pairs = seen(range(256)), []
    _, *lines = text.split("\n")
    for line in lines[: len(lines) - (lines[-1:] == [""])]:
        pairs.append(tuple(bytes(map(table.index, half)) for half in line.split(" ")))
    return pairs


ex.hint("Cut the text at line breaks. Which of the lines is no merge, and which one may be empty?")
ex.hint(
    "Leave the first line out by its place, not by its #. Each other line has two halves: split(' ')."
)
ex.hint(
    "for line in text.split('\\n')[1:]: if line: left, right = line.split(' '); append "
    "(visible_to_bytes(left), "
    "visible_to_bytes(right))"
)

ex.misconception(
    "All lines that begin with # were skipped as comments. Only the first line is no merge: `# #` is one.",
    name="comments",
    replace="if line:",
    by='if line and not line.startswith("#"):',
)
ex.misconception(
    "All lines that begin with #version were skipped. Only the first line is the version, whatever it says.",
    name="by_word",
    edits=[
        ('.split("\\n")[1:]', '.split("\\n")'),
        ("if line:", 'if line and not line.startswith("#version"):'),
    ],
)
ex.misconception(
    "The first line was read as a merge. It is the version of the file.",
    name="version_too",
    replace="[1:]",
    by="",
)
ex.misconception(
    "The last merge is missing. Not every file ends with a line break: drop an empty last line only.",
    name="last_line",
    replace="[1:]",
    by="[1:-1]",
)
ex.misconception(
    "The halves are the characters of the file. They stand for bytes: visible_to_bytes(left).",
    name="strings",
    replace="(visible_to_bytes(left), visible_to_bytes(right))",
    by="(left, right)",
)
ex.misconception(
    "The halves were encoded as UTF-8. These characters are GPT-2's names of bytes: visible_to_bytes(left).",
    name="utf8",
    replace="(visible_to_bytes(left), visible_to_bytes(right))",
    by='(left.encode("utf-8"), right.encode("utf-8"))',
)
ex.misconception(
    "The halves stand in the wrong order: left first.",
    name="swapped",
    replace="(visible_to_bytes(left), visible_to_bytes(right))",
    by="(visible_to_bytes(right), visible_to_bytes(left))",
)
ex.misconception(
    "The two halves were joined. Keep them apart, (left, right): which they are is what a merge says.",
    name="joined",
    replace="(visible_to_bytes(left), visible_to_bytes(right))",
    by="visible_to_bytes(left + right)",
)
ex.misconception(
    "The empty end of the file, after its last line break, was read as a merge.",
    name="empty_line",
    replace="if line:",
    by="if True:",
)

ex.misconception(
    "The first line is the version, also where it is empty. Here it was passed over, and the first merge was "
    "left out in its place: drop the first line before anything else.",
    name="strips_first",
    replace='text.split("\\n")[1:]',
    by='text.strip("\\n").split("\\n")[1:]',
)

ex.variant(
    "splitlines",
    name="splitlines",
    source="""
def read_vocab_bpe(text):
    lines = text.rstrip("\\n").splitlines()[1:]
    return [tuple(visible_to_bytes(half) for half in line.split()) for line in lines]
""",
)
