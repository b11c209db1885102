"""``hero doctor``: what is here, what is missing, in plain words."""

from __future__ import annotations

import importlib.util
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

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
        from graders.ground.sandbox import capabilities

        can = capabilities()
        words = {
            "processes": "start other processes",
            "network": "use the network",
            "files": "write outside its own folder",
        }
        free = [words[name] for name, held in can.items() if not held]
        if free:
            out.print(
                f"Checked code could {', '.join(free)} on this system: fine for your own code; "
                "for grading other people's, use Linux."
            )
        else:
            out.print("Checked code is confined: no processes, no network, no files elsewhere.")
    out.print("All is there." if not missing else f"Missing: {', '.join(missing)}.")
    return 1 if missing else 0


def _torch(out: object) -> None:
    import torch

    from graders.core.judge import gpu_reason

    reason = gpu_reason()
    said = out.print  # type: ignore[attr-defined]
    if reason:
        said(f"GPU-marked checks will be skipped: {reason}.")
    else:
        said(f"GPU: {torch.cuda.get_device_name(0)}; GPU-marked checks will run.")
