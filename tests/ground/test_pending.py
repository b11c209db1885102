"""The parent's ear: whatever a child says, only what is due is taken, and nothing raises."""

from __future__ import annotations

import struct
import time
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.ground import limits
from graders.ground.machine import MachineError
from graders.ground.outcomes import NAMELESS, clean
from graders.ground.pending import Pending
from graders.ground.result import ENDS, RunResult, ScenarioError, sentence
from graders.ground.wire import encode

quick = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
plain = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary()
)
odd = st.sampled_from(
    [torch.ones(2), torch.tensor(True), torch.ones(0), np.ones(3), np.float32(1), {1}, (1, 2)]
)
values = st.recursive(
    plain | odd,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Ear(Pending):
    def kill(self) -> None:
        pass


def ear() -> Ear:
    runs = [
        {"exercise": "a", "check": "values", "cases": [[{}, 0]]},
        {"exercise": "b", "check": "values", "cases": [[{}, 0], [{}, 1]]},
    ]
    return Ear("/nonexistent", {"path": "x.py", "runs": runs, "standins": {"c": {}}})


def frame(value: Any) -> bytes:
    message = encode(value)
    return struct.pack("<I", len(message)) + message


GOOD = {"value": encode(1), "changed": [], "guard": [], "used": [], "printed": ""}
TALK = [
    {"ready": True},
    {"loaded": True, "printed": ""},
    {"start": ["a", "values"]},
    {"done": ["a", "values"], "outcomes": [GOOD]},
    {"start": ["b", "values"]},
    {"done": ["b", "values"], "outcomes": [GOOD, {"raised": "E", "message": "m"}]},
    {"end": True},
]


def test_frames_in_pieces() -> None:
    raw = b"".join(map(frame, TALK))
    for step in (1, 7, len(raw)):
        listener = ear()
        for at in range(0, len(raw), step):
            listener.feed(raw[at : at + step])
        assert listener.ended and not listener.result.died
        assert listener.result.outcomes["a", "values"][0]["value"] == encode(1)
        assert listener.result.outcomes["b", "values"][1]["raised"] == "E"


@pytest.mark.parametrize("dropped", range(len(TALK) - 1))
def test_a_frame_that_is_not_due_ends_it(dropped: int) -> None:
    listener = ear()
    for number, value in enumerate(TALK):
        if number != dropped:
            listener.feed(frame(value))
    assert listener.result.died == "garbage"


@pytest.mark.parametrize("repeated", range(len(TALK) - 1))
def test_a_frame_comes_once(repeated: int) -> None:
    listener = ear()
    for value in [*TALK[: repeated + 1], TALK[repeated]]:
        listener.feed(frame(value))
    assert listener.result.died == "garbage"


def test_nothing_is_heard_after_the_end() -> None:
    listener = ear()
    for value in TALK:
        listener.feed(frame(value))
    listener.feed(frame({"load": {"raised": "E"}}) + b"garbage" * 100)
    assert listener.result.load is None and not listener.result.died


@quick
@given(st.binary(max_size=200), st.integers(0, len(TALK)))
def test_any_bytes_may_come(noise: bytes, after: int) -> None:
    listener = ear()
    for value in TALK[:after]:
        listener.feed(frame(value))
    listener.feed(noise)
    listener.feed(struct.pack("<I", limits.MAX_FRAME + 1))
    assert listener.result.died in ("", "garbage")


@quick
@given(values, st.sampled_from(["ready", "unready", "load", "loaded", "start", "done", "outcomes"]))
def test_any_value_may_come(value: Any, key: str) -> None:
    for before in range(4):
        listener = ear()
        for known in TALK[:before]:
            listener.feed(frame(known))
        listener.feed(frame({key: value}) if key != "outcomes" else frame(value))
        listener.feed(frame({"done": ["a", "values"], "outcomes": value}))
        listener.feed(frame({"done": ["a", "values"], "outcomes": [{"raised": value}]}))


fields = st.sampled_from(
    ["raised", "message", "missing", "unsendable", "printed", "changed"]
    + ["guard", "used", "todo", "syntax", "frames", "value"]
)


@quick
@given(st.dictionaries(fields, values))
def test_outcomes_are_made_safe(outcome: dict[str, Any]) -> None:
    try:
        made = clean(outcome)
    except ValueError:
        return
    for name in ("raised", "message", "missing", "unsendable", "printed"):
        text = made.get(name, "")
        assert type(text) is str and "\x1b" not in text
        text.encode("utf-8")
    for name in ("changed", "guard", "used"):
        assert all(type(item) is str for item in made[name])
    assert all(type(line) is int and type(name) is str for line, name in made["frames"])


@pytest.mark.parametrize("value", [torch.ones(3), np.ones(3), "ready", [1], None, {"end": [1]}])
def test_a_frame_that_is_no_dict_of_ours(value: Any) -> None:
    for before in range(len(TALK)):
        listener = ear()
        for known in TALK[:before]:
            listener.feed(frame(known))
        listener.feed(frame(value))
        assert listener.result.died == "garbage"


@pytest.mark.parametrize(
    "field",
    [
        {"raised": torch.ones(2)},
        {"message": ["a"]},
        {"printed": 7},
        {"changed": torch.ones(2)},
        {"changed": "x"},
        {"guard": [torch.ones(2)]},
        {"used": {"c": 1}},
        {"frames": [[1]]},
        {"frames": [[1.0, "f"]]},
        {"frames": [[True, "f"]]},
        {"frames": [[-1, "f"]]},
        {"frames": [[2**31, "f"]]},
        {"frames": [[1, None]]},
        {"value": "text"},
        {"value": None},
        {"unsendable": None},
    ],
)
def test_fields_of_odd_types_are_refused(field: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        clean(GOOD | field)
    with pytest.raises(ValueError):
        clean({"todo": True, "printed": ""})  # neither a value nor a reason


def test_an_exception_has_a_name() -> None:
    for name in ("", " ", "\n"):
        assert clean({"raised": name, "message": "m"})["raised"] == NAMELESS


def test_only_stand_ins_that_were_sent_can_have_been_called() -> None:
    assert clean(GOOD | {"used": ["c", "nobody", "a"]}, {"c"})["used"] == ["c"]


def test_as_many_outcomes_as_cases() -> None:
    for outcomes in ([], [GOOD] * 2, [GOOD] * 1000):
        listener = ear()
        for known in TALK[:3]:
            listener.feed(frame(known))
        listener.feed(frame({"done": ["a", "values"], "outcomes": outcomes}))
        assert listener.result.died == "garbage"


@pytest.mark.parametrize("by", ["MAX_EXERCISE", "MAX_EXERCISE_NODES"])
def test_an_exercise_may_answer_so_much(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It alone bears the consequences."""
    monkeypatch.setattr(limits, by, 100)
    large = {"value": encode([0] * 200)}
    listener = ear()
    for known in TALK[:3]:
        listener.feed(frame(known))
    listener.feed(frame({"done": ["a", "values"], "outcomes": [large]}))
    for known in TALK[4:]:
        listener.feed(frame(known))
    assert listener.ended and not listener.result.died
    assert "too large" in listener.result.outcomes["a", "values"][0]["unsendable"]
    assert listener.result.outcomes["b", "values"][0]["value"] == encode(1)


def test_all_together_may_answer_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ANSWERS", 300)
    listener = ear()
    for known in TALK:
        listener.feed(frame(known))
    assert listener.result.died == "answers"


def test_listening_has_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LISTEN_SECONDS", 0.0)
    listener = ear()
    listener.feed(frame(TALK[0]))
    assert listener.result.died == "answers"


def test_the_worst_message_takes_no_time() -> None:
    """Large texts in every field: what is not kept is not looked at."""
    text = "\x1b" * 4_000_000
    glutton = {"raised": text, "message": text, "printed": text, "changed": [text]}
    raw = frame({"done": ["a", "values"], "outcomes": [glutton]})
    listener = ear()
    for known in TALK[:3]:
        listener.feed(frame(known))
    began = time.process_time()
    listener.feed(raw)
    assert time.process_time() - began < 1
    (outcome,) = listener.result.outcomes["a", "values"]
    assert sum(map(len, (outcome["raised"], outcome["message"], outcome["printed"]))) < 10_000


# -- before any submitted code has run ------------------------------------------------------------


class Silent(Ear):
    """Collects what was fed; nothing runs."""

    def __init__(self, *frames: Any) -> None:
        super().__init__("/nonexistent", {"path": "x.py", "runs": []})
        for value in frames:
            self.feed(frame(value))

    def pump(self, allowances: Any) -> None:
        self.conclude(71)


def test_what_goes_wrong_before_is_not_the_learners_doing() -> None:
    with pytest.raises(MachineError, match="no files left"):
        Silent({"unready": ["machine", "no files left"], "end": True}).collect({})
    with pytest.raises(ScenarioError, match="NameError: torhc"):
        Silent({"unready": ["graders", "NameError: torhc"], "end": True}).collect({})
    with pytest.raises(MachineError, match="before it could begin"):
        Silent().collect({})


def test_submitted_code_cannot_blame_the_machine() -> None:
    """It would end the grading of everybody else too."""
    blame = {"unready": ["machine", "no files left"], "end": True}
    result = Silent({"ready": True}, blame).collect({})
    assert result.died == "garbage"
    result = Silent({"ready": True}).collect({})
    assert result.died == "exit"


def test_every_end_has_its_sentence() -> None:
    for died in ENDS:
        said = sentence(RunResult(died=died, detail="3"))
        assert said.endswith((".", "?")) and "{" not in said
    assert sentence(RunResult()) == ""
    assert "64 MB" in sentence(RunResult(died="signal", detail="SIGXFSZ"))
