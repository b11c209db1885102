"""hero doctor says which layers hold other people's code on this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from graders.front import doctor
from graders.ground import exposure, sandbox

LAYERS = (
    "namespaces",
    "processes",
    "network",
    "system calls",
    "files written",
    "files read",
    "solutions",
    "memory",
)


@pytest.mark.parametrize(
    ("apart", "processes", "files", "open_"),
    [
        (True, True, True, set()),
        (False, True, True, {"namespaces"}),
        (True, True, False, {"files written", "files read", "solutions"}),
        (True, False, True, {"processes", "network", "system calls"}),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_each_layer_is_named(
    apart: bool,
    processes: bool,
    files: bool,
    open_: set[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    can = {"namespaces": apart, "processes": processes, "network": processes, "files": files}
    monkeypatch.setattr(sandbox, "capabilities", lambda: can)
    monkeypatch.setattr(exposure, "exposed", lambda path: None)
    doctor.examine()
    said = capsys.readouterr().out
    found = {line[9:23].strip(): line[:8].strip() for line in said.splitlines()}
    for layer in LAYERS:
        assert found[layer] == ("OPEN" if layer in open_ else "holds")
    assert ("All hold" in said) == (not open_)
    assert ("use Linux 5.13 or newer" in said) == bool(open_)
    assert ("--strict=best-effort does without" in " ".join(said.split())) == (not apart)


def test_solutions_where_submissions_may_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(exposure, "exposed", lambda path: Path("/usr"))
    doctor.examine()
    said = capsys.readouterr().out
    assert "It lies in /usr" in said and "All hold" not in said
