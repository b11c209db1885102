"""``hero doctor``: what is here, what is missing, in plain words."""

from __future__ import annotations

import contextlib
import importlib.util
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console

from graders.front.render import console

NEEDED = ("torch", "numpy", "matplotlib", "pytest", "rich", "typer", "watchfiles")
OPTIONAL = {
    "pytest-xdist": "pytest -n 2",
    "jupytext": "notebooks",
    "nbgrader": "handing out and grading notebooks",
    "hypothesis": "the workbook's own tests",
}


def examine() -> int:
    """Prints the findings; 0 if the workbook can run here."""
    out = console()
    missing = []
    out.print(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    if sys.version_info < (3, 11):  # noqa: UP036  (a doctor must also see the old)
        out.print("  too old: the workbook needs Python 3.11 or newer.")
        missing.append("Python 3.11")
    for name in NEEDED:
        try:
            out.print(f"{name} {version(name)}")
        except PackageNotFoundError:
            out.print(f"{name} is missing: pip install {name}")
            missing.append(name)
    for name, use in OPTIONAL.items():
        try:
            out.print(f"{name} {version(name)} (optional: {use})")
        except PackageNotFoundError:
            out.print(f"{name} is not installed (optional: {use})")
    if importlib.util.find_spec("torch"):
        _torch(out)
        _confined(out)
    out.print("All is there." if not missing else f"Missing: {', '.join(missing)}.")
    return 1 if missing else 0


def _confined(out: Console) -> None:
    """The layers that hold code which is graded in the strict level, and which of them hold here."""
    from graders.core.registry import ROOT
    from graders.ground import exposure, limits, sandbox

    can = sandbox.capabilities()
    reachable = exposure.exposed(ROOT / "solutions")
    memory = limits.MEMORY // 2**30
    layers = (
        ("namespaces", can["namespaces"], "an empty root of its own; nothing it does outlives it"),
        ("processes", can["processes"], "none but its own: it starts, ends and watches no other"),
        ("network", can["network"], "none, nor services of this machine"),
        (
            "system calls",
            can["processes"],
            "only those that are listed, for what Python and torch need",
        ),
        ("files written", can["files"], "only in a folder that is thrown away"),
        ("files read", can["files"], "only Python, its packages and the system's"),
        ("solutions", can["files"] and reachable is None, "out of its reach"),
        ("memory", sys.platform == "linux", f"at most {memory} GB beside what torch takes"),
    )
    out.print("Other people's code is graded in the strict level; of its layers, on this machine:")
    for name, held, what in layers:
        out.print(f"  {'holds' if held else 'OPEN':6} {name:14} {what}", highlight=False)
    if not all(can.values()):
        out.print(
            "Not all hold: fine for your own code; for grading other people's, use Linux 5.13 or newer."
        )
        if all(held for name, held in can.items() if name != "namespaces"):
            out.print(
                f"Namespaces are missing{_why_no_namespaces()}. --strict=best-effort does without."
            )
    elif reachable is not None:
        out.print(
            f"It lies in {reachable}, where Python's packages are: move the workbook elsewhere."
        )
    else:
        out.print("All hold: hero grade and hero check --strict may run here.")


def _why_no_namespaces() -> str:
    """What in the system's settings keeps users from having namespaces, as far as that can be seen."""
    for name, off, cure in (
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
        ("kernel/unprivileged_userns_clone", "0", "1"),
        ("user/max_user_namespaces", "0", "10000"),
    ):
        with contextlib.suppress(OSError):
            if Path("/proc/sys", name).read_text().strip() == off:
                setting = name.replace("/", ".")
                return f": {setting} is {off} here (whoever runs the system may say sysctl {setting}={cure})"
    if Path("/.dockerenv").exists():
        return ": Docker's own filter refuses them (docker run --security-opt seccomp=unconfined)"
    return ""


def _torch(out: Console) -> None:
    import torch

    from graders.core.judge import gpu_reason

    reason = gpu_reason()
    if reason:
        out.print(f"GPU-marked checks will be skipped: {reason}.")
    else:
        out.print(f"GPU: {torch.cuda.get_device_name(0)}; GPU-marked checks will run.")
