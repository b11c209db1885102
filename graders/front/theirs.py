"""What lies in exercises/ beside the parts, and pytest would execute in its own process.

There it would be neither confined nor limited: a conftest.py, a test module, a package's ``__init__.py``, and
whatever a configuration file names. None of it is needed to check exercises, so none of it is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SETTINGS = (
    *("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"),
    *("tox.ini", "setup.cfg", "pyproject.toml"),
)


def below(path: Path, folder: Path) -> bool:
    """Whether a path lies in a folder, as it is written or as its links lead."""
    try:
        return path.absolute().is_relative_to(folder) or path.resolve().is_relative_to(folder)
    except (OSError, RuntimeError):
        return True  # a link that leads nowhere is nobody's test


def keep_conftests_out(config: pytest.Config, theirs: Callable[[Path], bool]) -> None:
    """Loads an empty module in the place of each conftest.py that is ``theirs``, now and later."""
    manager: Any = config.pluginmanager
    load = getattr(manager, "_importconftest", None)
    if load is None:  # this pytest has it otherwise: then none at all
        config.known_args_namespace.noconftest = True
        return

    def load_ours(path: Any, *args: Any, **named: Any) -> Any:
        if theirs(Path(path)):
            return ModuleType("conftest")
        return load(path, *args, **named)

    manager._importconftest = load_ours


def refuse_settings(folders: Iterable[Path], exercises: Path) -> None:
    """Raises UsageError where a folder below exercises/, or one above it there, configures pytest."""
    for folder in folders:
        for at in (folder, *folder.parents):
            if not at.is_relative_to(exercises):
                break
            for name in SETTINGS:
                if (at / name).exists() or (at / name).is_symlink():
                    raise pytest.UsageError(
                        f"{at / name} would configure pytest, and can make it execute anything: remove it. "
                        "(`hero check` does not read it; other people's files are for `hero check --strict`.)"
                    )
