"""hero run: the reference stands in for what is unsolved; what fails is a sentence and a code."""

import ast
import os

import pytest

from graders.front.cards import pictures
from graders.front.part_program import unsolved, without_excuses
from graders.front.running import environment
from tests.front.small import FILE, FIRST, PROBS, ROOT, solve


def test_the_reference_stands_in_and_is_named(small, program):
    solve(small / FILE)
    code, out, error = program("run", "05/1")
    assert (code, error) == (0, "")
    line = out.splitlines()[1]
    assert line.endswith("are still a TODO: the reference stands in here.")
    assert "05.logprobs_backward, " in line
    assert "05.probs_backward" not in line  # which is the learner's own
    assert len(out.splitlines()) > 3


def test_without_an_id_it_runs_the_last_part_solved(small, program):
    code, out, error = program("run")
    assert (code, out) == (2, "")
    assert error.startswith("hero: no part is solved yet. `hero run 01/1`")
    (small / FILE).write_text((small / FILE.replace("exercises", "solutions")).read_text())
    assert program("check")[0] == 0
    code, out, error = program("run")
    assert (code, error) == (0, "")
    assert out.startswith(f"-- {FILE}\n")
    assert "stands in" not in out


def test_a_mistake_is_shown_in_the_learners_own_lines(small, program):
    (small / "exercises/05_backprop/mine.py").write_text("def half(x):\n    return x / nothing\n")
    solve(small / FILE, FIRST, "    import mine\n    return mine.half(logprobs)")
    code, _, error = program("run", "05/1")
    assert code == 1
    assert "Traceback" not in error
    assert f"{FILE} ended early:" in error
    assert "in logprobs_backward:  return mine.half(logprobs)" in error
    assert "mine.py, line 2, in half:  return x / nothing" in error
    assert "NameError: name 'nothing' is not defined" in error
    assert "`hero check 05/1` says which" in error


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("raise NotImplementedError('05.probs_backward')", "05.probs_backward is still a TODO"),
        ("from data import load_names\nload_names('lecture-that-is-not')", "There is no file"),
        ("def (", "is not valid Python"),
        ("print('\\x1b[2J')\nraise ValueError('\\x1b[2J')", "ValueError: \\x1b[2J"),
    ],
)
def test_what_goes_wrong_is_one_sentence(small, program, code, words):
    (small / FILE).write_text(f"if __name__ == '__main__':\n    pass\n{code}\n")
    ended, _, error = program("run", "05/1")
    assert ended == 1
    assert words in error
    assert "Traceback" not in error


def test_options_go_to_the_program(small, program):
    (small / FILE).write_text(
        "import sys\nprint(sys.argv[1:], __name__)  # __main__\nsys.exit(3)\n"
    )
    code, out, _ = program("run", "05/1", "--steps", "7")
    assert code == 3
    assert "['--steps', '7'] __main__" in out
    code, out, _ = program("run", "--help")
    assert code == 0
    assert "own program" in out


def test_what_counts_as_unsolved():
    tree = ast.parse(
        "def f():\n    raise NotImplementedError('05.f')\n"
        "class A:\n    def g(self):\n        x = 1\n        raise NotImplementedError('05.g')\n"
        "def h():\n    raise NotImplementedError('mine')\n"
    )
    owned = {"05.f": ["f"], "05.g": ["A.g"], "05.h": ["h"], "05.i": ["i"]}
    assert unsolved(tree, owned) == ["05.f", "05.g"]


def test_an_excuse_is_taken_out():
    tree = ast.parse(
        "if __name__ == '__main__':\n    try:\n        main()\n"
        "    except NotImplementedError as todo:\n        print(todo)\n"
    )
    without_excuses(tree)
    assert ast.unparse(tree) == "if __name__ == '__main__':\n    main()"


def test_one_thread_unless_more_is_asked_for(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    assert environment(ROOT, [])["OMP_NUM_THREADS"] == "1"
    assert environment(ROOT, [], 2)["OMP_NUM_THREADS"] == str(min(2, os.cpu_count() or 1))
    assert "OMP_NUM_THREADS" not in environment(ROOT, ["--full"], 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    assert environment(ROOT, [])["OMP_NUM_THREADS"] == "4"


def test_the_pictures_of_a_part():
    source = (ROOT / "solutions/03_mlp/5_learning_rate.py").read_text(encoding="utf-8")
    assert pictures(source) == ["out/03_mlp/sweep.png", "out/03_mlp/decay.png"]
    assert PROBS not in source
