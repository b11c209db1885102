"""The verdict on one outcome."""

from __future__ import annotations

import torch

from graders.authoring import Check
from graders.core.verdict import judge_case
from graders.ground import wire


def test_a_judge_is_given_the_right_form_only() -> None:
    def band(case: object, got: object, want: object) -> str | None:
        return None if got.shape == want.shape and got.mean() < 1 else "too large"  # type: ignore[attr-defined]

    check = Check("band", judge=band)
    want = {"value": wire.encode(torch.zeros(2))}

    def verdict(value: object) -> tuple[str, str]:
        return judge_case(check, {}, {"value": wire.encode(value)}, want)[:2]

    assert verdict(torch.zeros(2)) == ("passed", "")
    assert verdict(torch.ones(2) * 3) == ("failed", "too large")
    assert verdict("text")[0] == "failed" and "wrong type" in verdict("text")[1]
    alone = Check("band", judge=lambda case, got: None if got.mean() < 1 else "too large")
    assert not alone.asks_reference and check.asks_reference and Check("values").asks_reference
    assert judge_case(alone, {}, want, {"value": wire.encode(None)}).status == "passed"
    said = judge_case(alone, {}, {"value": wire.encode("text")}, {"value": wire.encode(None)})
    assert said[0] == "failed" and "of the wrong form" in said[1]
    assert judge_case(check, {}, {"value": b"nonsense"}, want)[0] == "error"
    assert judge_case(check, {}, {}, want)[0] == "error"
