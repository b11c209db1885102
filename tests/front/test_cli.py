"""The commands as a person runs them."""

import json
import os
import shutil

from tests.front.small import FILE, solve


def sentence(error):
    """Asserts that an error is one sentence, not a traceback."""
    assert error.startswith("hero: ")
    assert "Traceback" not in error
    assert error.count("\n") == 1
    return error


def test_check(small, hero):
    solve(small / FILE)
    code, out, _ = hero("check")
    assert code == 1
    assert "05.probs_backward: right." in out
    assert "05.logprobs_backward: still a TODO" in out
    assert "1 right, 7 still to do; 1 of 8 points." in out
    assert json.loads((small / ".hero/state.json").read_text())["done"] == ["05.probs_backward"]
    assert "1/8" in hero("list")[1]
    code, out, _ = hero("check", "1_loss.py::probs_backward", cwd=small / "exercises/05_backprop")
    assert code == 0
    assert "1 right; 1 of 1 points." in out


def test_check_as_json(small, program):
    solve(small / FILE, by="    return dlogprobs * probs")
    code, out, error = program("check", "5", "--json", "--seed", "7")
    assert (code, error) == (1, "")
    document = json.loads(out)
    assert (document["points"], document["max_points"]) == (0, 8)
    (lesson,) = document["lessons"]
    assert lesson["lesson"] == "05_backprop"
    found = {e["id"]: e for e in lesson["exercises"]}
    assert len(found) == 8
    wrong = found["05.probs_backward"]
    assert wrong["status"] == "failed"
    assert {c["name"]: c["status"] for c in wrong["checks"]} == {
        "values": "failed",
        "inputs": "passed",
        "no_autograd": "passed",
    }
    assert wrong["diagnosis"]
    assert found["05.logits_backward"]["status"] == "todo"


def test_the_references_pass_from_another_folder(small, hero):
    shutil.copytree(small / "solutions", small / "handed in")
    code, out, _ = hero("check", "--from", "handed in")
    assert code == 0
    assert "8 right; 8 of 8 points." in out
    assert not (small / ".hero").exists()  # not the learner's own progress


def test_bad_input_is_one_sentence(small, hero):
    for args, words in [
        (("check", "nonsense"), "is not an exercise"),
        (("check", "06"), "there is no lesson"),
        (("hint", "05.probs_backwards"), "Did you mean 05.probs_backward?"),
        (("reset", "05"), "names several"),
        (("run", "05/9"), "its parts are 1_loss"),
        (("check", "--from", "nowhere"), "there is no folder nowhere"),
    ]:
        code, out, error = hero(*args)
        assert code == 2, args
        assert out == ""
        assert words in sentence(error)
    os.rename(small / "exercises", small / "elsewhere")
    code, _, error = hero("check")
    assert code == 2
    assert "there is no folder exercises" in sentence(error)


def test_questions_need_an_answer(small, hero):
    before = (small / FILE).read_text()
    for name in ("reset", "solution"):
        for answer in ("", "n\n"):
            code, out, error = hero(name, "05.probs_backward", stdin=answer)
            assert (code, error) == (1, "")
            assert "Nothing was" in out
    assert (small / FILE).read_text() == before
    code, out, _ = hero("reset", "05.probs_backward", stdin="y\n")
    assert code == 0
    assert ".hero/backup/05_backprop/1_loss." in out
    code, out, _ = hero("solution", "05.logprobs_backward", "--yes")
    assert code == 0
    assert "dlogprobs[torch.arange(n), Yb] = -1 / n" in out  # brackets are no markup


def test_a_corrupt_progress_file(small, hero):
    (small / ".hero").mkdir()
    (small / ".hero/state.json").write_text("{")
    code, out, error = hero("hint", "05.probs_backward")
    assert code == 0
    assert out.startswith("Hint 1 of 3: ")
    assert "kept as .hero/state.corrupt.json" in sentence(error)


def test_a_terminal_that_knows_no_check_mark(small, program):
    code, out, error = program("check", "05.probs_backward", PYTHONIOENCODING="ascii")
    assert (code, error) == (1, "")
    assert "05.probs_backward: still a TODO" in out


def test_one_screen_for_programs(small, program):
    code, out, _ = program(HERO_WATCH_ONCE="1")
    assert code == 0
    assert "Welcome!" in out
    assert f"Current exercise: {FILE}:" in out
    assert "\x1b" not in out


def test_audit_of_a_part_and_of_one_exercise(small, hero):
    code, out, _ = hero("audit", "05/1", "--seeds", "1", "--seed", "3", "--threads", "2", "--json")
    found = json.loads(out)
    assert (found["seeds"], found["threads"], found["exercises"]) == ([3], 2, 8)
    assert found["named"] == found["misconceptions"] > 8
    assert "verdicts" not in found
    command = ["audit", "05.probs_backward", "--seeds", "2", "--json", "--verdicts"]
    code, out, _ = hero(*command)
    found = json.loads(out)
    assert (code, found["exercises"], found["holes"]) == (0, 1, [])
    told = found["verdicts"]["05.probs_backward/upstream_ignored"]
    assert told == ["values; upstream_ignored named"]


def test_audit_of_what_is_not_there(small, hero):
    code, _, error = hero("audit", "05", "--only", "tanh")
    assert code == 2
    assert "no exercise here is called 'tanh'" in sentence(error.splitlines()[-1] + "\n")
    code, _, error = hero("audit", "05/7x")
    assert code == 2
    assert "no part '7x'" in sentence(error)
