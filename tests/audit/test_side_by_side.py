"""Parts that are audited in several processes at once give what they give one after the other."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graders.core.audit import Audit
from graders.core.audit_side_by_side import audit_parts
from graders.core.registry import Registry
from graders.errors import UserError

ROOT = Path(__file__).resolve().parents[2]


def audited(processes: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "graders.front.cli", "audit", "06/1", "05/1", "--seeds", "1"]
    run = subprocess.run(
        [*command, "--json", "--verdicts", "--processes", str(processes)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return {key: value for key, value in json.loads(run.stdout).items() if key != "seconds"}


def test_the_same_is_found() -> None:
    assert audited(2) == audited(1)


def _is_lost(*_: Any) -> None:
    import os

    os._exit(1)


def test_a_process_that_is_lost_is_said() -> None:
    registry = Registry(ROOT)
    chosen = [(ref, registry.exercise_names(ref)) for ref in registry.parts("06_wavenet")[:2]]
    with pytest.raises(UserError, match="ended from outside"):
        list(audit_parts(registry, chosen, Audit, _is_lost, 2))
