"""Installs a fetched workbook into an environment that is somebody else's, Colab's say; run as a script.

What is there already stays as it is, torch above all: a hosted machine's own fits its GPU, and a running
kernel has packages loaded that must not change under it. The pins of constraints.txt hold for what is new.
Needs nothing but the standard library, and can be read by a Python that is too old, so that it can say so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OLDEST = (3, 11)


def pins(constraints: str) -> str:
    """The lines of constraints.txt that pin a package which is not here yet."""
    return "".join(
        line
        for line in constraints.splitlines(keepends=True)
        if "==" in line and not is_here(line.partition("==")[0])
    )


def is_here(package: str) -> bool:
    """Whether a package is installed."""
    try:
        return bool(version(package.strip()))
    except PackageNotFoundError:
        return False


def why(said: str) -> str:
    """The line of pip's output that tells what went wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    return (errors or lines[-1:] or ["pip said nothing"])[-1]


def main() -> None:
    """Exits with one sentence where it cannot be done."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"The workbook needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and this machine has "
            f"{sys.version_info[0]}.{sys.version_info[1]}."
        )
    with tempfile.TemporaryDirectory() as folder:
        new = Path(folder) / "constraints.txt"
        new.write_text(
            pins((ROOT / "constraints.txt").read_text(encoding="utf-8")), encoding="utf-8"
        )
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "-q", "-c", str(new), "-e", str(ROOT)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
    if done.returncode:
        sys.exit(f"The workbook could not be installed: {why(done.stdout)}")


if __name__ == "__main__":
    main()
