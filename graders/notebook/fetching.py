"""The first cell of a notebook that brings its workbook along: for Colab, where there is none."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from graders.errors import UserError

ADDRESS = re.compile(r"(?:https?|ssh|git|file)://\S+|\w[\w.-]*@[\w.-]+:\S+")
SSH = re.compile(r"git@([\w.-]+):(.+)")  # a machine that is lent has no key of yours
CELL = """\
# Run this cell first: Shift+Enter. Where the workbook is missing, as in Colab, it is fetched and
# installed, which takes a minute or two, once on each machine.
import importlib.util
import os
import subprocess
import sys

WORKBOOK = {address}


def _order(*words):
    \"\"\"Runs a program. Where that fails, this cell ends with what the program said.\"\"\"
    quiet = {{**os.environ, "GIT_TERMINAL_PROMPT": "0"}}
    out, both = subprocess.PIPE, subprocess.STDOUT
    done = subprocess.run(words, stdout=out, stderr=both, text=True, env=quiet)
    if done.returncode:
        raise RuntimeError(done.stdout.strip() or f"{{words[0]}} failed")


if importlib.util.find_spec("graders") is None:
    if not os.path.isdir("workbook"):
        _order("git", "clone", "--quiet", "--depth", "1", WORKBOOK, "workbook")
    _order(sys.executable, "workbook/graders/notebook/hosted.py")
    importlib.invalidate_caches()
    sys.path.insert(0, os.path.abspath("workbook"))

from graders.notebook import check, hint, part, solution

part("{part}")"""


def setup_cell(part: str, address: str) -> str:
    """The cell's source.

    Args:
        part: "02/1".
        address: what git can clone.
    """
    return CELL.format(part=part, address=json.dumps(address))


def address_of(root: Path, given: str | None = None) -> str:
    """Where others can fetch a workbook: what is given, else where this clone came from.

    Raises:
        UserError: there is no such address.
    """
    if given is not None:
        if not ADDRESS.fullmatch(given):
            raise UserError(
                f"{given!r} is no address that git can clone, such as https://example.org/me/workbook."
            )
        return given
    try:
        done = subprocess.run(
            ["git", "-C", str(root), "remote", "get-url", "origin"], capture_output=True, text=True
        )
        found = done.stdout.strip() if done.returncode == 0 else ""
    except OSError:  # no git
        found = ""
    found = SSH.sub(r"https://\1/\2", found)
    if not found.startswith(("https://", "http://")):
        raise UserError(
            "this workbook was not cloned from an address that Colab could reach: say with --repo where it "
            "is to be fetched from."
        )
    return found
