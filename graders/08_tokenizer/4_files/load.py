"""08.load: read it back, and believe nothing."""

import pathlib

from graders.authoring import Raises, exercise

from .part import GPT2, MERGES, PATTERNS, SPECIALS, VERSION, a_path, learned, random_text, written

ex = exercise("load", title="reading it back", points=2)

GOOD = (VERSION, '" +"', "1", '"<|end|>" 300', "2", "104 105", "256 33")


def broken():
    """Lines that save could not have written; each wrong in one way."""
    yield ("workbook tokenizer 2", *GOOD[1:])
    yield (VERSION + " ", *GOOD[1:])
    yield GOOD[1:]
    yield (VERSION, " +", *GOOD[2:])  # no JSON
    yield (VERSION, "[1]", *GOOD[2:])  # no string
    yield (VERSION, GOOD[1], "one", *GOOD[3:])
    yield (VERSION, GOOD[1], "2", *GOOD[3:])
    yield (VERSION, GOOD[1], "+1", *GOOD[3:])  # numbers that int() takes and str() does not make
    yield (*GOOD[:3], '"<|end|>" 3_00', *GOOD[4:])
    yield (*GOOD[:3], '"<|end|>"  300', *GOOD[4:])
    yield (*GOOD[:-1], "256 033")
    yield (VERSION, GOOD[1], "0", *GOOD[3:])
    yield (*GOOD[:3], '"<|end|>"', *GOOD[4:])
    yield (*GOOD[:3], "<|end|> 300", *GOOD[4:])
    yield (*GOOD[:3], "[1] 300", *GOOD[4:])
    yield (*GOOD[:3], '"<|end|>" x', *GOOD[4:])
    yield (*GOOD[:2], "2", GOOD[3], '"<|end|>" 301', *GOOD[4:])  # twice
    yield (*GOOD[:4], "3", *GOOD[5:])
    yield (*GOOD[:4], "1", *GOOD[5:])
    yield GOOD[:-1]
    yield GOOD[:4]
    yield GOOD[:2]
    yield (*GOOD, "97 98")
    yield (*GOOD, "")
    yield (*GOOD[:-1], "256")
    yield (*GOOD[:-1], "256 33 7")
    yield (*GOOD[:-1], "256 b")
    yield (*GOOD[:-1], "257 33")  # itself
    yield (*GOOD[:-1], "33 258")
    yield (*GOOD[:-1], "-1 33")
    yield (*GOOD[:-1], "33 -1")
    yield (*GOOD[:-1], "104 105")  # twice
    yield ("Workbook Tokenizer 1", *GOOD[1:])
    yield (*GOOD[:-1], "-0 33")
    yield (*GOOD[:-1], "256 33\r")
    yield (VERSION, '"\\u00E9"', *GOOD[2:])  # json writes small letters
    yield tuple(line + "\r" for line in GOOD)
    yield ("\f".join(GOOD),)


@ex.cases
def _(rng):
    for pattern, merges, special in (
        (r"\S+|\s", MERGES[1], SPECIALS[1]),
        (PATTERNS[1], MERGES[0], SPECIALS[0]),
        (PATTERNS[2], MERGES[2], SPECIALS[2]),
        (PATTERNS[3], MERGES[2], {"<|z|>": 9000, "<|a|>": 8000}),
        (GPT2, learned(random_text(rng, 90), 20), SPECIALS[2]),
        ("\ud800+", MERGES[1], {"\udfff": 300}),  # half a character is escaped like any other
    ):
        lines = written(pattern, merges, special)
        yield dict(content=("\n".join(lines) + "\n").encode(), right=[pattern, merges, special])
    zeros = (VERSION, '"."', "0", "2", "0 0", "256 0")  # byte 0 is a byte
    right = [".", {(0, 0): 256, (256, 0): 257}, {}]
    yield dict(content=("\n".join(zeros) + "\n").encode(), right=right)
    for lines in broken():
        yield dict(content=("\n".join(lines) + "\n").encode(), right=None)
    yield dict(content=b"", right=None)
    yield dict(content=VERSION.encode(), right=None)
    yield dict(content=("\n".join(GOOD)).encode(), right=None)  # the last line break is missing
    yield dict(content=("\n".join(GOOD) + "\n").replace("<|end|>", "\u00e9").encode(), right=None)
    yield dict(content=b"\xff\xfe" + "\n".join(GOOD).encode(), right=None)


@ex.scenario
def _(m, content, right):
    plain = len(content) % 2  # sometimes a str, sometimes a Path, and not the same
    with a_path("own" if plain else "other") as path:
        with open(path, "wb") as file:
            file.write(content)
        try:
            pattern, merges, special = m.load(path if plain else pathlib.Path(path))
        except (
            ValueError
        ) as error:  # those of json and of decoding are of its kind, and right as well
            raise ValueError(str(error)) from None
        return {"pattern": pattern, "merges": list(merges.items()), "special tokens": special}


@ex.check("no such file")
def _(m, content, right):
    with a_path() as path:
        try:
            m.load(path)
        except OSError as error:
            return type(error).__name__
        except ValueError:
            return "ValueError"


@ex.oracle
def _(content, right):
    if right is None:
        return Raises("ValueError")
    pattern, merges, special = right
    return {"pattern": pattern, "merges": list(merges.items()), "special tokens": special}


ex.hint(
    "Read the lines, take them apart as the format says, and count: which lines must be there? Then the "
    "short way to be "
    "sure: what would save write for what you have read?"
)
ex.hint(
    "line.rsplit(' ', 1) cuts off the id, json.loads reads the string before it. IndexError, TypeError "
    "and the like are a "
    "wrong file too: catch them and raise ValueError."
)
ex.hint(
    "Read with errors caught; check for each merge 0 <= left < idx and 0 <= right < idx; then build the "
    "lines anew as in save, "
    "compare them with those of the file, and raise ValueError if they differ or a string is no str."
)

AGAIN = "if again != lines or not all(isinstance(text, str) for text in (pattern, *special)):"
ex.misconception(
    "The version was not looked at. Another version may mean something else by the same lines: ValueError.",
    name="any_version",
    edits=[("if lines[0] != VERSION:", "if False:"), ("again = [VERSION,", "again = [lines[0],")],
)
ex.misconception(
    "A file with lines missing, or with more than the numbers say, was read without a word. Compare the "
    "numbers with the "
    "lines that are there.",
    name="numbers_unchecked",
    replace=AGAIN,
    by="if not isinstance(pattern, str):",
)
ex.misconception(
    "A merge of ids that are not there yet was accepted: decoding would fail much later. Both halves "
    "must be older than "
    "the new id, and none is negative.",
    name="any_halves",
    replace="if not (0 <= left < idx and 0 <= right < idx):",
    by="if False:",
)
ex.misconception(
    "A merge that uses its own id was accepted. Both halves must be *below* the new id.",
    name="own_id",
    replace="(0 <= left < idx and 0 <= right < idx)",
    by="(0 <= left <= idx and 0 <= right <= idx)",
)
ex.misconception(
    "Only the left half was looked at: the right one must be older than the new id too.",
    name="left_only",
    replace=" and 0 <= right < idx",
    by="",
)
ex.misconception(
    "A broken line ended in another exception than ValueError (IndexError or TypeError). Whoever "
    "loads a file should have to catch one kind only.",
    name="other_errors",
    replace="(IndexError, TypeError, UnicodeDecodeError, json.JSONDecodeError)",
    by="ZeroDivisionError",
)
ex.misconception(
    "Merges were numbered from 0, or 257, on. The first line makes 256.",
    name="from_257",
    edits=[("enumerate(lines[4 + count : -1], 256)", "enumerate(lines[4 + count : -1], 257)")],
)
ex.misconception(
    "The strings were not read as JSON: the quotes and escapes are still there. json.loads is the "
    "inverse of json.dumps.",
    name="not_json",
    edits=[
        ("json.loads(lines[1])", "lines[1]"),
        ("json.loads(token)", "token"),
        ("json.dumps(pattern)", "pattern"),
        ("{json.dumps(token)}", "{token}"),
    ],
)
ex.misconception(
    "A special token with spaces was cut at the first of them. The id stands behind the *last* space: "
    "rsplit(' ', 1).",
    name="first_space",
    replace='line.rsplit(" ", 1)',
    by='line.split(" ", 1)',
)
ex.misconception(
    "The merges came back the wrong way round: {(left, right): new id} is asked for.",
    name="turned",
    replace="return pattern, merges, special",
    by="return pattern, {idx: pair for pair, idx in merges.items()}, special",
)
ex.misconception(
    "A missing file became a ValueError. That is not a wrong file: let the FileNotFoundError come.",
    name="missing_file",
    replace="    content = Path(path).read_bytes()\n",
    by="    content = Path(path).read_bytes() if Path(path).exists() else b''\n",
)

ex.variant(
    "everything is checked on the way",
    name="on_the_way",
    source="""
def load(path):
    data = Path(path).read_bytes()
    bad = ValueError("this is no tokenizer of ours")
    if not data.isascii() or not data.endswith(b"\\n"):
        raise bad
    rest = iter(data.decode().split("\\n")[:-1])
    def line():
        for text in rest:
            return text
        raise bad
    def string(text):
        value = json.loads(text)
        if not isinstance(value, str) or json.dumps(value) != text:
            raise bad
        return value
    def number(text):
        if str(int(text)) != text:
            raise bad
        return int(text)
    if line() != VERSION:
        raise bad
    pattern, special, merges = string(line()), {}, {}
    for _ in range(number(line())):
        token, space, idx = line().rpartition(" ")
        if string(token) in special:
            raise bad
        special[string(token)] = number(idx)
    for new in range(256, 256 + number(line())):
        pair = tuple(number(half) for half in line().split(" "))
        if len(pair) != 2 or pair in merges or min(pair) < 0 or max(pair) >= new:
            raise bad
        merges[pair] = new
    if next(rest, None) is not None:
        raise bad
    return pattern, merges, special
""",
)

ex.equivalent(
    "if lines[0] != VERSION: ...  ->  (left out)",
    "what save would write is compared with the whole at the end",
)

ex.equivalent(
    "raise ValueError(f'the first line of {path} is not {VERSION!r}')  ->  (left out)",
    "what save would write is compared with the whole at the end",
)
