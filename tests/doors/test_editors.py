"""The files that editors read: plain JSON, the README's own commands, and tests that an explorer can show."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.front.small import FILE, PROBS, environment, solve

ROOT = Path(__file__).resolve().parents[2]
CPU = "--extra-index-url https://download.pytorch.org/whl/cpu"


def read(path):
    """A file that some editors read with comments, kept without."""
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def test_a_container_installs_as_the_readme_says():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    notebooks = (ROOT / "docs/notebooks.md").read_text(encoding="utf-8")
    container = read(".devcontainer/devcontainer.json")
    assert container["image"].startswith("mcr.microsoft.com/devcontainers/python:3.11")
    venv, install = container["postCreateCommand"].split(" && ")
    assert f"{venv} && .venv/bin/pip install -c constraints.txt -e . && .venv/bin/hero" in readme
    assert CPU in readme  # what is put behind `install` where there is no GPU
    plain = install.replace(f" {CPU}", "")
    assert plain in notebooks  # the same with the notebooks' extra
    assert shlex.split(plain)[-1] == ".[notebooks]"
    for opened in container["customizations"]["codespaces"]["openFiles"]:
        assert (ROOT / opened).is_file()
    there = read(".vscode/extensions.json")["recommendations"]
    assert container["customizations"]["vscode"]["extensions"] == there


def test_vs_code_finds_the_exercises():
    settings = read(".vscode/settings.json")
    assert settings["python.testing.pytestEnabled"] is True
    assert settings["python.testing.pytestArgs"] == ["exercises"]
    assert settings["python.defaultInterpreterPath"] == "${workspaceFolder}/.venv/bin/python"


@pytest.fixture
def checkout(small):
    (small / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return small


WATCH = """
import json, pytest

def pytest_sessionfinish(session):
    items = [(i.nodeid, isinstance(i.parent, pytest.Class), i.location[1] + 1) for i in session.items]
    print("ITEMS", json.dumps(items))

def pytest_runtest_logreport(report):
    if report.when == "call":
        print("REPORT", json.dumps([report.nodeid, report.outcome, report.longreprtext]))
"""


def run_pytest(checkout, *words):
    """What an editor's plugin sees of a run: (items, reports)."""
    (checkout / "watching").mkdir(exist_ok=True)
    (checkout / "watching/editor.py").write_text(WATCH)
    env = environment()
    env["PYTHONPATH"] += f"{os.pathsep}{checkout / 'watching'}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "editor", "-s", f"--rootdir={checkout}", *words],
        cwd=checkout, env=env, capture_output=True, text=True, encoding="utf-8",
    )  # fmt: skip
    found = re.findall(r"(ITEMS|REPORT) (\[.*\])", done.stdout)
    items = [json.loads(text) for kind, text in found if kind == "ITEMS"]
    return done.returncode, items[0], [json.loads(text) for kind, text in found if kind == "REPORT"]


def test_an_explorer_shows_an_exercise_and_runs_it(checkout):
    solve(checkout / FILE, PROBS, "    return dlogprobs * probs")
    id_ = f"{FILE}::probs_backward::values"
    code, items, reports = run_pytest(
        checkout, f"{checkout}/{id_}"
    )  # as VS Code runs one: by full path
    ((found, is_class, line),) = items
    assert (code, found) == (1, id_)
    assert is_class  # its tree has a level between a file and a test only where pytest has a class
    assert "TODO 05.probs_backward" in (checkout / FILE).read_text().splitlines()[line - 1]
    ((found, outcome, text),) = reports
    assert (found, outcome) == (id_, "failed")
    assert text.startswith("05.probs_backward: wrong values")
    assert (
        "1 / x" in text and "--seed" in text
    )  # the diagnosis too, where an editor shows a failure
