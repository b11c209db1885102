"""A small workbook of its own for each test: the first part of lesson 05."""

import shutil
import subprocess

import pytest
from typer.testing import CliRunner

from graders.core.registry import Registry
from graders.core.stubs import stub_of
from graders.front import words, workbook
from tests.front.small import FILE, REF, ROOT, command, environment


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A checkout with one part, eight stubs; the test runs inside it."""
    for wing in ("graders", "solutions"):
        (tmp_path / wing / REF.lesson).mkdir(parents=True)
    shutil.copy(ROOT / "solutions" / REF.file, tmp_path / "solutions" / REF.file)
    shutil.copytree(ROOT / "graders" / REF.folder, tmp_path / "graders" / REF.folder)
    shutil.copy(ROOT / "graders/authoring.py", tmp_path / "graders")
    shutil.copy(ROOT / "graders/05_backprop/lesson.toml", tmp_path / "graders" / REF.lesson)
    path = tmp_path / FILE
    path.parent.mkdir(parents=True)
    path.write_text(stub_of(Registry(tmp_path).load(REF)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(words, "command", lambda: "hero")  # as in an activated environment
    for name in ("HERO_WATCH_ONCE", "HERO_WATCH_LOG", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def hero(small, monkeypatch):
    """Runs the command here, in the small checkout; (exit code, stdout, stderr)."""

    def run(*args, stdin="", cwd=small):
        from graders.front.cli import app

        monkeypatch.chdir(cwd)
        monkeypatch.setattr(workbook, "installed", lambda: small)
        done = CliRunner().invoke(app, list(args), input=stdin)
        return done.exit_code, done.stdout, done.stderr

    return run


@pytest.fixture
def program(small):
    """Runs the command as a program of its own; (exit code, stdout, stderr)."""

    def run(*args, **env):
        done = subprocess.run(
            command(*args),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=small,
            env={**environment(), **env},
            timeout=60,
        )
        return done.returncode, done.stdout, done.stderr

    return run
