"""`hero notebook`: where notebooks go, and that nobody's work is lost."""

import builtins
import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tests.notebook.small import REF, ROOT, small_workbook

OTHER = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture
def hero(tmp_path, monkeypatch):
    small_workbook(tmp_path, REF)
    monkeypatch.chdir(tmp_path)

    def run(*args):
        from graders.front.cli import app

        done = CliRunner().invoke(app, list(args))
        return done.exit_code, done.stdout, done.stderr

    return run


def test_a_lesson_goes_to_notebooks(hero, tmp_path):
    code, out, _ = hero("notebook", "02")
    assert code == 0
    folder = tmp_path / "notebooks/02_bigram"
    assert {p.name for p in folder.iterdir()} == {"0_lesson.ipynb", "1_counts.ipynb"}
    assert all(str(p.relative_to(tmp_path)) in out for p in folder.iterdir())
    assert json.loads((folder / "1_counts.ipynb").read_text())["nbformat"] == 4


def test_a_part_goes_where_it_is_told_to(hero, tmp_path):
    assert hero("notebook", "02/1", "--to", "else where")[0] == 0
    assert (tmp_path / "else where/02_bigram/1_counts.ipynb").is_file()
    assert not (tmp_path / "notebooks").exists()


def test_for_colab_the_first_cell_fetches_the_workbook(hero, tmp_path):
    address = "https://example.org/me/work.git"
    assert hero("notebook", "02/1", "--colab", "--repo", address)[0] == 0
    book = json.loads((tmp_path / "notebooks/02_bigram/1_counts.ipynb").read_text())
    (first,) = [c for c in book["cells"] if c["id"] == "02-1-setup"]
    source = "".join(first["source"])
    assert f'WORKBOOK = "{address}"' in source
    assert source.endswith('part("02/1")')


def test_work_is_never_overwritten(hero, tmp_path):
    hero("notebook", "02")
    assert hero("notebook", "02")[0] == 0  # untouched: nothing to lose
    mine = tmp_path / "notebooks/02_bigram/1_counts.ipynb"
    mine.write_bytes(OTHER)
    opening = tmp_path / "notebooks/02_bigram/0_lesson.ipynb"
    opening.unlink()
    code, out, err = hero("notebook", "02")
    assert code == 2 and not out and err.count("\n") == 1 and "--force" in err
    assert mine.read_bytes() == OTHER and not opening.exists()
    code, out, _ = hero("notebook", "02", "--force")
    assert code == 0 and ".hero/backup" in out
    (kept,) = (tmp_path / ".hero/backup/02_bigram").iterdir()
    assert kept.read_bytes() == OTHER and kept.suffix == ".ipynb"
    assert mine.read_bytes() != OTHER


def test_what_cannot_be_written_is_one_sentence(hero, tmp_path):
    (tmp_path / "notebooks/02_bigram/1_counts.ipynb").mkdir(parents=True)
    code, _, err = hero("notebook", "02")
    assert code == 2 and err.count("\n") == 1 and "1_counts.ipynb" in err
    (tmp_path / "file").write_text("")
    code, _, err = hero("notebook", "02", "--to", "file")
    assert code == 2 and err.count("\n") == 1


def test_without_jupytext_it_says_what_to_install(hero, monkeypatch):
    there = builtins.__import__

    def missing(name, *args, **kwargs):
        if name.partition(".")[0] == "jupytext":
            raise ModuleNotFoundError(f"No module named {name!r}", name="jupytext")
        return there(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", missing)
    monkeypatch.setattr("graders.notebook.cells.import_module", lambda name: missing(name))
    code, _, err = hero("notebook", "02")
    assert code == 2 and err.count("\n") == 1
    assert "jupytext" in err and "pip install -e '.[notebooks]'" in err


def test_importing_the_calls_imports_no_torch():
    code = "import sys, graders.notebook; print('torch' in sys.modules, 'IPython' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.stdout == "False False\n", done.stderr


def test_outside_of_a_notebook_the_calls_say_so(capsys):
    from graders.notebook import check

    check("02.bigrams")
    assert "in a terminal, `hero check`" in capsys.readouterr().out
