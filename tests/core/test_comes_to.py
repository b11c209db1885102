"""What may be lent is what was seen to run, not what a text might mean."""

from __future__ import annotations

import pytest

from graders.core.judge import Judge


@pytest.mark.parametrize(
    "part, name, comes, never",
    [
        # the scenario names it, only to forbid it
        ("01/5", "tanh_from_exp", {"exp"}, {"tanh"}),
        # the scenario finds it by a text
        ("01/1", "measured_order", {"forward_difference", "central_difference"}, set()),
        # a layer that is called would do the merging
        ("10/4", "lora_merge", {"lora_init"}, {"lora_forward"}),
        ("10/4", "lora_unmerge", {"lora_init"}, {"lora_forward", "lora_merge"}),
    ],
)
def test_what_runs(part: str, name: str, comes: set[str], never: set[str]) -> None:
    judge = Judge(seed=5)
    ((ref, _),) = judge.registry.select([part])
    one = judge.part(ref)
    found = one.comes_to(one.part.exercises[name])
    assert comes <= found and not never & found and name in found
    judge.close()
