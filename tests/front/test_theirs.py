"""`pytest exercises`: what lies beside the parts is not executed."""

import os
import subprocess
import sys

import pytest

from tests.front.small import FILE, environment

INI = """[pytest]
addopts = -p graders.front.pytest_plugin --import-mode=importlib -q
"""


@pytest.fixture
def grades(small):
    """Runs pytest in the small checkout; (exit code, what it printed, whether something was executed)."""
    (small / "pytest.ini").write_text(INI)
    mark = small / "executed"
    shout = f"open({str(mark)!r}, 'w').close()\n"

    def run(*beside, asked="exercises/05_backprop"):
        for name in beside:
            (small / "exercises" / name).write_text(shout)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pytest", asked],
            capture_output=True,
            text=True,
            cwd=small,
            env=environment(),
            timeout=120,
        )
        return done.returncode, done.stdout + done.stderr, mark.exists()

    return run


def test_nothing_beside_the_parts_is_executed(grades):
    lesson = "05_backprop/"
    names = ["conftest.py", lesson + "conftest.py", lesson + "test_evil.py", lesson + "__init__.py"]
    code, said, executed = grades(*names, "__init__.py", "test_evil.py")
    assert not executed, said
    assert (code == 1 and "05.probs_backward" in said.replace("::", ".")) or "TODO" in said, said


@pytest.mark.parametrize("name", ["pytest.ini", "setup.cfg", "pyproject.toml"])
def test_settings_of_pytest_are_refused(small, name, monkeypatch):
    """By an id pytest finds our own settings, and we find theirs."""
    from graders.front import theirs

    at = small / "exercises" / "05_backprop"
    theirs.refuse_settings([at, small / FILE], small / "exercises")
    (small / name).write_text("")  # our own, above
    theirs.refuse_settings([at], small / "exercises")
    os.symlink("nowhere", at / name)
    with pytest.raises(pytest.UsageError, match="would configure pytest"):
        theirs.refuse_settings([small / FILE], small / "exercises")
