"""Every lesson, graded as a grader: no hole over many seeds. One test per lesson, so that -n 2 helps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shares import share

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(p.name for p in (ROOT / "graders").glob("[0-9][0-9]_*"))[share("HERO_AUDIT_SHARE")]
SEEDS = os.environ.get("HERO_AUDIT_SEEDS", "3")  # `hero audit` itself tries 20


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_hole(lesson: str) -> None:
    command = [
        sys.executable,
        "-m",
        "graders.front.cli",
        "audit",
        lesson,
        "--json",
        "--processes",
        "1",
    ]
    run = subprocess.run(
        [*command, "--seeds", SEEDS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    found = json.loads(run.stdout)
    assert found["holes"] == []
    assert run.returncode == 0
    assert found["exercises"] > 0
    assert found["rejected"] == found["named"] == found["misconceptions"] > 0
    assert found["accepted"] == found["variants"] > 0
