"""The chat format of lesson 10: what is rendered reads back, and nothing can be smuggled in."""

from __future__ import annotations

import runpy
import types
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

PART = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant" / "1_chat.py"
NAMES = ["<|bos|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|pad|>"]
CONTENTS = st.lists(st.sampled_from(NAMES) | st.characters(codec="utf-8"), max_size=6).map("".join)


@pytest.fixture(scope="module")
def part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(PART), run_name="part"))


def talk(contents: list[str], system: bool) -> list[dict[str, str]]:
    roles = ["system"] * system + ["user", "assistant"] * len(contents)
    return [{"role": role, "content": c} for role, c in zip(roles, contents, strict=False)]


@settings(max_examples=60, deadline=None)
@given(contents=st.lists(CONTENTS, max_size=7), system=st.booleans())
def test_what_is_rendered_reads_back(
    part: types.SimpleNamespace, contents: list[str], system: bool
) -> None:
    messages = talk(contents, system)
    ids = part.render_chat(messages)
    special = [i for i in ids if i > 255]
    assert special[0] == part.BOS and special.count(part.BOS) == 1
    assert len(special) == 1 + 2 * len(messages)  # whatever the texts say
    mask, answers = part.assistant_mask(torch.tensor([ids]))[0].tolist(), []
    left = [i for i, own in zip(ids, mask, strict=True) if own]
    while left:
        stop = left.index(part.END) + 1
        answers.append(part.parse_reply(left[:stop]))
        left = left[stop:]
    said = [(m["content"], True) for m in messages if m["role"] == "assistant"]
    assert answers == said


@settings(max_examples=60, deadline=None)
@given(
    contents=st.lists(CONTENTS, min_size=1, max_size=9),
    system=st.booleans(),
    spare=st.integers(-3, 60),
)
def test_what_is_kept_fits_and_is_the_most(
    part: types.SimpleNamespace, contents: list[str], system: bool, spare: int
) -> None:
    messages = talk(contents, system)
    if messages[-1]["role"] != "user":
        return
    least = len(part.generation_prompt([*messages[:system], messages[-1]]))
    if spare < 0:
        with pytest.raises(ValueError):
            part.fit_context(messages, least + spare)
        return
    kept = part.fit_context(messages, least + spare)
    assert len(part.generation_prompt(kept)) <= least + spare
    gone = len(messages) - len(kept)
    assert gone % 2 == 0 and kept == messages[:system] + messages[system + gone :]
    if gone:
        more = messages[:system] + messages[system + gone - 2 :]
        assert len(part.generation_prompt(more)) > least + spare
