"""What is told of a wrong solution that no bank knows: the feature that makes it wrong, none beside it."""

from __future__ import annotations

import pytest

from graders.authoring import Alternative
from graders.core.diagnose import name_it
from graders.core.judge import PartJudge
from graders.core.patience import alternative_outcomes
from graders.core.trying import parts, read
from tests.unlisted.test_unlisted import HERE, REGISTRY

TOLD = {
    "08_tokenizer_contrast.py": {
        "the first colour again after four": "wrong in the 6 where `len(tokens)` is more than 4.",
        "empty tokens are left out before counting": "where `tokens` has an empty element.",
        "dict of tokens": "where `tokens` has an element twice.",
        "ascii only": "where `tokens` has an element with a character beyond ASCII.",
    },
    "07_gpt_contrast.py": {
        "int theta": "wrong in the 2 where `theta` is not a whole number.",
        "negative positions to 0": "wrong in the one where `positions` holds a negative number.",
    },
    "09_gpt2_contrast.py": {
        "q.t matmul with vector": "wrong in the one where `x` is empty.",
        "x clamped to 127": "wrong in the one that is shown: what is special about it?",
    },
    "10_assistant_contrast.py": {
        "in place on logps": "Right in 9 of 11 cases: what is special about the one that is shown?",
    },
    "01_micrograd_contrast.py": {
        "stops at two layers": "wrong in the 3 where `len(nouts)` is more than 3.",
        "relu is always tanh unless linear": "wrong in the 2 where `activation` is 'linear'.",
    },
}


@pytest.mark.parametrize("seed", [1, 2611])
@pytest.mark.parametrize("file", TOLD)
def test_what_is_told_is_why(file: str, seed: int) -> None:
    for ref, solutions in parts(read(HERE / file, REGISTRY), REGISTRY):
        judge = PartJudge(REGISTRY.load(ref), seed)
        for solution in solutions:
            words = TOLD[file].get(solution.place.split(" ", 1)[1])
            if words is None:
                continue
            exercise = judge.part.exercises[solution.exercise]
            judge.expect(exercise)
            alone = Alternative(solution.place, "", None, (), solution.source)
            came = alternative_outcomes(judge, exercise, alone, 5.0)
            said = name_it(judge, exercise, came, judge.results(exercise, came))
            assert said.endswith(words), f"{solution.place}: {said}"
