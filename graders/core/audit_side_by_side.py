"""Audits many parts in several processes at once, each with a judge and a fork server of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

from graders.core.judge import Judge
from graders.core.registry import PartRef, Registry
from graders.errors import UserError

if TYPE_CHECKING:
    from graders.core.audit import Audit

AT_MOST = 8  # processes: each holds torch and all seeds' cases of a part
Chosen = list[tuple[PartRef, list[str]]]
Act = Callable[["Audit", Registry, Judge, PartRef, list[str]], None]
_mine: tuple[Registry, Judge] | None = None  # of this process, if it is one of those


def how_many() -> int:
    """The processes that this machine has room for; 1 where none can be forked."""
    if "fork" not in multiprocessing.get_all_start_methods():
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(AT_MOST, cores or 1)


def audit_parts(
    registry: Registry, chosen: Chosen, made: Callable[[], Audit], act: Act, processes: int
) -> Iterator[Audit]:
    """What ``act`` finds in each part, in order.

    Args:
        made: makes the Audit that a part's findings are written into.

    Raises:
        UserError: a process was lost, to lack of memory, say.
    """
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(processes, context, _start, (registry.root,)) as pool:
        futures = [pool.submit(_audit, made(), act, ref, names) for ref, names in chosen]
        try:
            for future in futures:
                yield future.result()
        except BrokenProcessPool:
            raise UserError(
                "one of the processes that audit was ended from outside; for want of memory, perhaps: "
                "`--processes 1` needs least."
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _start(root: Path) -> None:
    global _mine
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked hears of it, and ends us
    registry = Registry(root)
    _mine = registry, Judge(registry)


def _audit(found: Audit, act: Act, ref: PartRef, names: list[str]) -> Audit:
    assert _mine is not None
    act(found, *_mine, ref, names)
    return found
