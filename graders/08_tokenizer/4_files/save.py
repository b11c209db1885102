"""08.save: a small format of lines."""

import pathlib

from graders.authoring import exercise

from .part import GPT2, MERGES, PATTERNS, SPECIALS, a_path, learned, random_text, written

ex = exercise("save", title="writing it down")


@ex.cases
def _(rng):
    for pattern, merges, special in (
        (r"\S+|\s", MERGES[1], SPECIALS[1]),
        (PATTERNS[1], MERGES[0], SPECIALS[0]),
        (PATTERNS[2], MERGES[2], SPECIALS[2]),
        (PATTERNS[3], MERGES[2], {"<|z|>": 9000, "<|a|>": 8000}),
    ):
        yield dict(pattern=pattern, merges=merges, special=special)
    merges = learned(random_text(rng, 90), rng.integer(9, 20))
    yield dict(pattern=GPT2, merges=merges, special=dict(rng.shuffled(SPECIALS[2].items())))


@ex.scenario
def _(m, pattern, merges, special):
    with a_path() as path, a_path("other") as other:
        with open(path, "w") as file:
            file.write("something older and longer\n" * 99)
        kept = dict(merges), dict(special)
        m.save(path, pattern, merges, special)
        with open(path, "rb") as file:
            content = file.read()
        m.save(pathlib.Path(other), pattern, merges, special)
        with open(other, "rb") as file:
            again = file.read()
    unchanged = (merges, special) == kept
    return {"file": content, "file, from a Path": again, "arguments unchanged": unchanged}


@ex.oracle
def _(pattern, merges, special):
    text = "".join(line + "\n" for line in written(pattern, merges, special))
    content = text.encode()
    return {"file": content, "file, from a Path": content, "arguments unchanged": True}


ex.hint(
    "Collect the lines in a list, in the order of the format; the numbers of lines come before them."
)
ex.hint(
    "json.dumps(pattern), and f'{json.dumps(token)} {idx}' for each special token; of a merge only the two "
    "halves. Does the last line end with a line break?"
)
ex.hint(
    "lines = [VERSION, json.dumps(pattern), str(len(special_tokens)), ...]; "
    "Path(path).write_bytes(('\\n'.join(lines) + "
    "'\\n').encode('ascii'))"
)

ex.misconception(
    "The pattern stands there as it is. One with a line break in it would be two lines: json.dumps(pattern).",
    name="raw_pattern",
    replace="json.dumps(pattern), str",
    by="pattern, str",
)
ex.misconception(
    "repr is not JSON: it has single quotes, and leaves é as it is. json.dumps writes one line of ASCII.",
    name="repr",
    edits=[("json.dumps(pattern)", "ascii(pattern)"), ("json.dumps(token)", "ascii(token)")],
)
ex.misconception(
    "Special tokens stand there as they are. One with a space or line break could not be read back: "
    "json.dumps(token).",
    name="raw_special",
    replace="{json.dumps(token)}",
    by="{token}",
)
ex.misconception(
    "Characters outside ASCII are in the file. json.dumps escapes them unless it is told not to.",
    name="unicode",
    edits=[
        ("json.dumps(pattern)", "json.dumps(pattern, ensure_ascii=False)"),
        ("json.dumps(token)", "json.dumps(token, ensure_ascii=False)"),
        ('.encode("ascii")', '.encode("utf-8")'),
    ],
)
ex.misconception(
    "The last line has no line break. Every line ends with one, so that a file that was cut off is noticed.",
    name="no_last_break",
    replace=' + "\\n").encode',
    by=").encode",
)
ex.misconception(
    "The new ids were written too. They count up from 256 in the order of the lines: only the halves "
    "stand there.",
    name="new_ids",
    replace='f"{left} {right}" for left, right in merges',
    by='f"{left} {right} {idx}" for (left, right), idx in merges.items()',
)
ex.misconception(
    "The merges were sorted by their halves. Their order is what they are: the line says the new id.",
    name="sorted",
    replace="for left, right in merges]",
    by="for left, right in sorted(merges)]",
)
ex.misconception(
    "The special tokens were sorted. The order of the dict is asked for.",
    name="sorted_special",
    replace="in special_tokens.items()]",
    by="in sorted(special_tokens.items())]",
)
ex.misconception(
    "The number of merges is missing. Without it nobody notices that some are gone.",
    name="no_count",
    replace="    lines.append(str(len(merges)))\n",
    by="",
)
ex.misconception(
    "Added to the end of a file that was there already. It is to be replaced.",
    name="appended",
    replace='Path(path).write_bytes(("\\n".join(lines) + "\\n").encode("ascii"))',
    by='open(path, "a").write("\\n".join(lines) + "\\n")',
)
ex.misconception(
    "The id stands before the special token. The format has the JSON string first, then the id.",
    name="id_first",
    replace="{json.dumps(token)} {idx}",
    by="{idx} {json.dumps(token)}",
)

ex.variant(
    "print into the file",
    name="printed",
    source="""
def save(path, pattern, merges, special_tokens):
    with open(path, "w", encoding="ascii", newline="\\n") as file:
        print("workbook tokenizer 1", json.dumps(pattern), len(special_tokens), sep="\\n", file=file)
        for token, idx in special_tokens.items():
            print(json.dumps(token), idx, file=file)
        print(len(merges), file=file)
        for pair in merges:
            print(*pair, file=file)
""",
)
