"""The commands as a person runs them."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time

import pytest

from tests.front.small import FILE, command, environment, solve


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
    words = ["audit", "05.probs_backward", "--seeds", "2", "--json", "--verdicts"]
    code, out, _ = hero(*words)
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


def test_version_and_help(hero):
    code, out, _ = hero("--version")
    assert code == 0
    assert out.startswith("hero ")
    code, out, _ = hero("-h")
    assert code == 0
    assert "solution" in out
    for words in ("derive", "audit", "author"):  # for those who write lessons
        assert f" {words} " not in out
    assert "derive" in hero("author", "--help")[1]


def test_derive_refuses_where_work_is(small, hero):
    solve(small / FILE)
    mine = (small / FILE).read_text()
    for words in (("derive",), ("author", "derive", "05")):
        code, out, error = hero(*words)
        assert (code, out) == (2, "")
        assert "1_loss.py holds work" in sentence(error)
        assert (small / FILE).read_text() == mine
    code, out, _ = hero("author", "derive", "--force")
    assert code == 0
    (kept,) = (small / ".hero/backup").glob("derive.*/05_backprop/1_loss.py")
    assert kept.read_text() == mine
    assert f"kept in {kept.parent.parent.relative_to(small)}" in out


def test_what_is_wrong_with_a_file_is_said_once(small, hero):
    (small / FILE).write_text("def (\x1b[31m")
    code, out, _ = hero("check")
    assert code == 1
    assert out.count("is not valid Python") == 1
    assert f"✗ {FILE}: line 1 is not valid Python" in out
    assert "\x1b" not in out
    os.rename(small / FILE, (small / FILE).with_name("1_los.py"))
    (small / FILE).with_name("2_more.py").write_text("")
    code, out, error = hero("check")
    assert code == 1
    assert out.count("there is no file") == 1
    assert error.count("1_los.py") == 1
    assert "Is it meant to be 1_loss.py, which is missing?" in error
    assert "2_more.py is no part of the lesson, and is not checked.\n" in error


def test_a_module_of_ones_own_can_be_imported_and_is_no_stray(small, hero):
    (small / FILE).with_name("mine.py").write_text("def divide(a, b):\n    return a / b\n")
    solve(small / FILE, by="    import mine\n\n    return mine.divide(dlogprobs, probs)")
    code, out, error = hero("check", "05.probs_backward")
    assert (code, error) == (0, "")
    assert "05.probs_backward: right." in out


def test_a_copy_that_is_not_whole(small, hero):
    os.rename(small / "solutions", small / "elsewhere")
    for words in (("check",), ("list",), ("run", "05/1"), ("reset", "05.probs_backward", "-y")):
        code, out, error = hero(*words, cwd=small / "exercises")
        assert (code, out) == (2, "")
        assert "is not a whole copy of the workbook: solutions/ is missing" in sentence(error)


@pytest.mark.skipif(sys.platform == "win32", reason="signals and descriptors of POSIX")
def test_closed_streams_a_folder_that_is_gone_and_a_full_disk(small):
    def run(line):
        full = f"{line.replace('hero', shlex.join(command()))}; echo code $? >&3"
        done = subprocess.run(
            ["bash", "-c", f"exec 3>&1; {full}"], capture_output=True, text=True, env=environment()
        )
        return done.stdout, done.stderr

    assert run("hero list 05 >&-") == ("code 0\n", "")
    assert run("hero list 05 <&- >/dev/null") == ("code 0\n", "")
    assert run("hero list 05 >/dev/full") == ("code 2\n", "hero: No space left on device\n")
    assert run("hero list 05 2>&- | head -1 >/dev/null")[1] == ""
    out, error = run("mkdir gone; cd gone; rmdir ../gone; hero list 05")
    assert out == "code 2\n"
    assert "the folder you are in is gone" in sentence(error)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_check_that_is_ended_leaves_nothing(small, name):
    solve(small / FILE, by="    while True:\n        pass")
    temporary = small / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        command("check"), cwd=small, env={**environment(), "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        end = time.monotonic() + 30
        while not list(temporary.iterdir()):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(getattr(signal, name))
        assert process.wait(10) == 128 + getattr(signal, name)
        assert list(temporary.iterdir()) == []
    finally:
        process.kill()
        process.wait()


def test_hints_and_lists_need_no_torch(small):
    for words in (["hint", "05.probs_backward"], ["list"], ["reset", "-y", "05.probs_backward"]):
        code = (
            f"import sys; sys.argv = ['hero', *{words!r}]\nfrom graders.front.cli import app\n"
            "try:\n    app()\nexcept SystemExit as end:\n    assert not end.code\n"
            "sys.exit('torch' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-P", "-c", code], cwd=small, env=environment())
        assert done.returncode == 0, words
