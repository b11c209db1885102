"""Every wrong solution that no grader lists is rejected, every right one accepted.

``python tests/unlisted/try_solutions.py FILE...`` does the same for any file, and counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import torch

from graders.core.judge import PartJudge
from graders.core.loaded import PartRef
from graders.core.registry import Registry
from graders.core.trying import Solution, Tried, parts, read, try_one
from tests.shares import share

HERE = Path(__file__).parent
SEED = int(os.environ.get("HERO_UNLISTED_SEED", "1"))
SHARE = share("HERO_UNLISTED_SHARE")  # "0/6" to "5/6": every sixth part only
REGISTRY = Registry()
FILES = sorted(HERE.glob("[0-9]*.py"))


@cache
def listed() -> dict[PartRef, list[Solution]]:
    return dict(parts([s for file in FILES for s in read(file, REGISTRY)], REGISTRY))


def chosen() -> list[PartRef]:
    """The parts that are tried: all, or a share of them."""
    return [*listed()][SHARE]


@pytest.mark.filterwarnings("ignore::UserWarning")  # some mistakes make torch warn
@pytest.mark.parametrize("ref", chosen(), ids=lambda ref: ref.file)
def test_the_verdict_is_right(ref: PartRef) -> None:
    torch.set_num_threads(1)
    judge, tried = PartJudge(REGISTRY.load(ref), SEED), Tried()
    for solution in listed()[ref]:
        try_one(judge, solution, tried, names=False, seconds=5.0)
    assert not tried.off, "\n".join(tried.off)


def command(*args: object) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, str(HERE / "try_solutions.py"), *map(str, args)]
    return subprocess.run(program, capture_output=True, text=True, cwd=HERE.parents[1])


def test_the_command_tells_surprises(tmp_path: Path) -> None:
    file = tmp_path / "05_more.py"
    file.write_text(
        '@wrong("h_backward", "no transpose")\ndef _(dlogits, W2):\n    return dlogits * 0\n\n\n'
        '@wrong("h_backward", "is right")\ndef _(dlogits, W2):\n    return dlogits @ W2.T\n\n\n'
        '@right("h_backward")\ndef _(dlogits, W2):\n    return dlogits\n'
    )
    done = command(file, "--json", "--seed", 3)
    said = json.loads(done.stdout)
    assert done.returncode == 1 and len(said["off"]) == 2
    assert (said["wrong"], said["rejected"], said["right"], said["accepted"]) == (2, 1, 1, 0)
    assert said["off"][0].startswith("05.h_backward, 05_more.py:7 is right: wrong, but accepted")
    assert "1 rejected" in command(file).stdout


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("more.py", "", "must be called after its lesson"),
        ("05_x.py", "def f(:", "cannot be read as Python"),
        ("05_x.py", '@wrong("nothing")\ndef _(): ...', "there is no exercise 'nothing'"),
        ("05_x.py", "@other\ndef _(): ...", "needs one decorator"),
        ("99_x.py", "", "there is no lesson"),
    ],
)
def test_a_file_of_another_form_is_one_sentence(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    done = command(tmp_path / name)
    assert done.returncode == 2 and said in done.stderr and done.stderr.count("\n") == 1
