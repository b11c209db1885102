"""For every test of the workbook itself: says in one sentence what they need beside the workbook."""

import importlib.util
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
NEEDED = ("hypothesis", "psutil", "xdist")


def pytest_sessionstart(session: pytest.Session) -> None:
    # pytest reads this file for `pytest 05` too: a learner needs none of it
    paths = [Path(arg.split("::")[0]).resolve() for arg in session.config.args]
    if not any(path == HERE or HERE in path.parents or path in HERE.parents for path in paths):
        return
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise pytest.UsageError(
            f"the workbook's own tests need {', '.join(missing)}: pip install -e '.[dev]'. "
            "Your exercises are checked by `pytest exercises`, without it."
        )
