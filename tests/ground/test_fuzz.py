"""Whatever a child sends: it is read, or refused, and nothing else happens."""

from __future__ import annotations

import contextlib
import itertools
import json
import struct
import time
import tracemalloc
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from graders.ground import limits
from graders.ground.machine import MachineError
from graders.ground.outcomes import MAX_FRAMES, MAX_NAME, MAX_NAMES, TEXTS, clean
from graders.ground.pending import Pending
from graders.ground.result import RunResult, ScenarioError, sentence
from graders.ground.shown import lines_of, shown_text
from graders.ground.wire import MAGIC, Unsupported, WireError, decode, encode
from tests.ground.fuzz import (
    answered,
    described,
    framed,
    fuzzed,
    listed,
    names,
    outcomes,
    sendable,
    texts,
    values,
)

ENOUGH = 1.0  # CPU seconds for one message of a few hundred bytes: hundreds of times what it takes


def visible(text: str) -> bool:
    """Whether a text is safe on a terminal and in a file."""
    text.encode("utf-8")
    return all(c.isprintable() or c in "\n\t" for c in text)


# -- the wire ---------------------------------------------------------------------------------------


def weight(value: Any) -> int:
    """About how many bytes a value takes."""
    if isinstance(value, torch.Tensor):
        return value.untyped_storage().nbytes() + 8
    if isinstance(value, (np.ndarray, np.generic)):
        return int(value.nbytes) + 8
    if isinstance(value, dict):
        return 8 + sum(weight(k) + weight(v) for k, v in value.items())
    if isinstance(value, (list, tuple, set)):
        return 8 + sum(map(weight, value))
    if isinstance(value, Unsupported):
        return 8 + len(value.type_name)
    if isinstance(value, (str, bytes)):
        return 8 + len(value)
    return 8 + (value.bit_length() // 8 if isinstance(value, int) else 0)


def read(message: bytes) -> None:
    """Decodes: a value no heavier than the message may make it, or WireError; and soon."""
    began = time.process_time()
    try:
        value = decode(message)
    except WireError:
        return
    finally:
        assert time.process_time() - began < ENOUGH
    assert weight(value) <= 8 * len(message) + 64
    with contextlib.suppress(WireError):
        encode(value)


@fuzzed(250, sendable)
def test_what_is_sent_arrives(value: Any) -> None:
    message = encode(value)
    came = decode(message)
    assert described(came) == described(value)
    assert described(decode(encode(came))) == described(value)


@fuzzed(200, values)
def test_what_cannot_be_sent_is_refused_or_named(value: Any) -> None:
    try:
        message = encode(value)
    except WireError:
        return
    read(message)


@fuzzed(300, st.binary(max_size=120), st.binary(max_size=20))
def test_any_bytes(header: bytes, buffers: bytes) -> None:
    read(header + buffers)
    read(MAGIC + struct.pack("<I", len(header)) + header + buffers)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-2, 2**45)
    | st.floats()
    | st.sampled_from(["float64", "bool", "<f8", "|b1", "O", "inf", "0x1p+99999", "-0x" + "f" * 99])
    | texts
)
keys = st.sampled_from([*"ifsbcTAgltSdDun", "shape", "order", "grad", "__class__"])
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)


def places(tree: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything inside a JSON value."""
    found = [at]
    if not isinstance(tree, (dict, list)):
        return found
    for key, item in tree.items() if isinstance(tree, dict) else enumerate(tree):
        found += places(item, (*at, key))
    return found


def planted(tree: Any, at: tuple[Any, ...], new: Any) -> Any:
    """The tree with something else at a path."""
    if not at:
        return new
    tree[at[0]] = planted(tree[at[0]], at[1:], new)
    return tree


@fuzzed(300, values, st.data())
def test_messages_with_something_else_in_them(value: Any, data: Any) -> None:
    try:
        message = encode(value)
    except WireError:
        return
    (length,) = struct.unpack("<I", message[3:7])
    tree, buffers = json.loads(message[7 : 7 + length]), message[7 + length :]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.sampled_from(places(tree)))
        tree = planted(tree, at, data.draw(trees))
    cut = data.draw(st.integers(-2, len(buffers)))
    buffers = buffers + b"\x01" * -cut if cut < 0 else buffers[: len(buffers) - cut]
    header = json.dumps(tree).encode()
    read(MAGIC + struct.pack("<I", len(header)) + header + buffers)


@fuzzed(60, trees, st.integers(1, 400), keys)
def test_no_message_takes_more_memory_than_it_may(tree: Any, times: int, key: str) -> None:
    header = json.dumps({key: [tree] * times}).encode()
    message = MAGIC + struct.pack("<I", len(header)) + header
    tracemalloc.start()
    try:
        with contextlib.suppress(WireError):
            decode(message)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * len(message) + 200_000


# -- an outcome ---------------------------------------------------------------------------------------


@fuzzed(400, outcomes | values, st.sets(names, max_size=2))
def test_an_outcome_is_made_safe_or_refused(outcome: Any, standins: set[str]) -> None:
    try:
        made = clean(outcome, standins)
    except ValueError:
        return
    assert clean(made, standins) == made
    for name, limit in TEXTS.items():
        assert visible(made.get(name, "")) and len(made.get(name, "")) <= limit
    for name in ("changed", "guard", "used"):
        assert len(made[name]) <= MAX_NAMES
        assert all(visible(item) and len(item) <= MAX_NAME for item in made[name])
    assert set(made["used"]) <= set(map(shown_text, standins))
    assert len(made["frames"]) <= MAX_FRAMES
    assert all(type(line) is int and line >= 0 and visible(n) for line, n in made["frames"])
    assert {"value", "raised", "unsendable"} & made.keys()
    assert isinstance(made.get("value", b""), bytes)


# -- a child's talk ---------------------------------------------------------------------------------

RUNS = [
    {"exercise": "first", "check": "values", "cases": [[{}, 0]]},
    {"exercise": "first", "check": "inputs", "cases": [[{}, 0]]},
    {"exercise": "second", "check": "values", "cases": [[{}, 0], [{}, 1]]},
]
REQUEST = {"path": "x.py", "runs": RUNS, "standins": {"third": {}}}


class Ear(Pending):
    """A child that is none: what it says and prints is given, and how it ends."""

    def __init__(self, said: list[bytes], printed: list[bytes] = (), status: int = 0) -> None:  # type: ignore[assignment]
        super().__init__("/nonexistent", REQUEST)
        self.said, self.prints, self.status = said, printed, status

    def pump(self, allowances: Any) -> None:
        for data in self.said:
            self.feed(data)
        for data in self.prints:
            self.note_output(data)
        self.conclude(self.status)

    def kill(self) -> None:
        pass

    def heard(self) -> tuple[Any, ...]:
        """All that was understood."""
        for data in self.said:
            self.feed(data)
        result = self.result
        return (
            self.ready, self.ended, self.fault, self.current, result.died, result.loaded,
            result.load, result.outcomes, self.printed,
        )  # fmt: skip


def talk() -> list[Any]:
    """What an honest child says."""
    good = {**answered(1), "printed": "", "changed": [], "guard": [], "used": []}
    made: list[Any] = [{"ready": True}, {"loaded": True, "printed": ""}]
    for run in RUNS:
        label = [run["exercise"], run["check"]]
        made += [{"start": label}, {"done": label, "outcomes": [good] * len(run["cases"])}]
    return [*made, {"end": True}]


labels = st.tuples(names, st.sampled_from(["values", "inputs", ""])).map(list)
frames = (
    st.fixed_dictionaries({"start": labels | values})
    | st.fixed_dictionaries({"done": labels, "outcomes": st.lists(outcomes, max_size=3) | values})
    | st.fixed_dictionaries({"load": outcomes | values}, optional={"end": st.booleans()})
    | st.fixed_dictionaries({"loaded": st.just(True), "printed": texts | values})
    | st.fixed_dictionaries({"unready": listed | values}, optional={"end": st.just(True)})
    | st.sampled_from([{"ready": True}, {"end": True}, {"end": [1]}, {}])
    | values
)


@st.composite
def talks(draw: Any) -> bytes:
    """An honest talk with a few things in it that are not."""
    said = talk()
    for number, label in enumerate(said):
        if isinstance(label, dict) and "done" in label and draw(st.booleans()):
            count = len(label["outcomes"])
            told = draw(st.lists(outcomes, min_size=count, max_size=count))
            said[number] = {"done": label["done"], "outcomes": told}
    raw = [framed(value) for value in said]
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(raw) - 1))
        act = draw(st.sampled_from(["drop", "twice", "another", "bytes", "cut", "flip"]))
        if act == "drop":
            raw[at] = b""
        elif act == "twice":
            raw[at] *= 2
        elif act == "another":
            raw[at] = framed(draw(frames))
        elif act == "bytes":
            raw[at] += draw(st.binary(max_size=20))
        elif act == "cut":
            raw[at] = raw[at][: draw(st.integers(0, len(raw[at])))]
        elif raw[at]:
            flipped = bytearray(raw[at])
            flipped[draw(st.integers(0, len(flipped) - 1))] ^= 1 << draw(st.integers(0, 7))
            raw[at] = bytes(flipped)
    return b"".join(raw)


def in_pieces(raw: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({cut % (len(raw) + 1) for cut in cuts} | {0, len(raw)})
    return [raw[a:b] for a, b in itertools.pairwise(ends)]


cuts = st.lists(st.integers(0, 2**16), max_size=8)


@fuzzed(250, talks(), cuts)
def test_a_talk_is_the_same_in_pieces(raw: bytes, cuts: list[int]) -> None:
    whole = Ear([raw]).heard()
    assert Ear(in_pieces(raw, cuts)).heard() == whole
    ready, ended, fault, _, died, *_ = whole
    assert died in ("", "garbage") and type(ended) is bool
    assert fault is None or (not ready and visible(fault[1]))


prints = st.lists(
    st.binary(max_size=30)
    | st.sampled_from(
        [
            b"Fatal Python error: ",
            b'File "x.py", line 3 in f\n',
            b'File "x.py", line 99999 in \xff\n',
        ]
    ),
    max_size=4,
)
statuses = st.sampled_from([0, 1, 70, 71, 255, -9, -11, -25, -6, -64, -99]) | st.integers()


@fuzzed(250, talks(), cuts, prints, statuses)
def test_every_talk_ends_in_a_result(
    raw: bytes, cuts: list[int], printed: list[bytes], status: int
) -> None:
    ear = Ear(in_pieces(raw, cuts), printed, status)
    try:
        result: RunResult = ear.collect({})
    except (MachineError, ScenarioError) as error:
        assert not ear.ready and visible(str(error)) and len(str(error)) < 1500
        return
    assert ear.ready
    assert visible(result.printed) and len(result.printed) <= limits.KEPT_OUTPUT
    assert all(type(line) is int and visible(name) for line, name in result.frames)
    said = sentence(result)
    assert visible(said) and bool(said) == bool(result.died)
    assert result.died or (ear.ended and (result.load is not None or not ear.labels))


# -- texts --------------------------------------------------------------------------------------------


@fuzzed(400, texts | st.text(st.characters(), max_size=80), st.integers(0, 60))
def test_texts_can_be_shown(text: str, limit: int) -> None:
    shown = shown_text(text, limit)
    assert visible(shown) and len(shown) <= limit
    assert shown_text(shown, limit) == shown
    assert "".join(lines_of(text, keepends=True)) == text
