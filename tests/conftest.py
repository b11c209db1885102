"""For every test of the workbook itself: says in one sentence what they need beside the workbook."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
# and first of all what looks through every object of its process, while those are few
LONGEST = (
    "hostile/test_no_autograd",
    "teach/test_cycle",
    "teach/test_hostile",
    "tests/audit",
    "teach/",
    "tests/unlisted",
)
APART = ("tests/audit/", "tests/unlisted/")
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


def _weight(item: pytest.Item) -> int:
    """Where a test stands: the lower, the earlier."""
    path = item.path.as_posix()
    for place, name in enumerate(LONGEST):
        if name in path:
            return place
    return len(LONGEST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first: of two processes none is left alone with it at the end."""
    items.sort(key=_weight)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One process has all tests of a file, which share what is made once for them; but see APART."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return nodeid if nodeid.startswith(APART) else nodeid.split("::")[0]

    return ByFile(config, log)
