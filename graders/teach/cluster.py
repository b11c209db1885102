"""Grades on a Dask cluster: one task is one submission, and any worker can take it.

A task carries the submission's bytes and brings back plain JSON, both as ``bytes``: what came from a
learner is data for Dask, never an object that a pickle makes. On a worker, a grading process beside
it (``graders.teach.grader``) does the work, as it does on one machine; it outlives the task, so torch
is imported once. What a submission can kill is that process, and twice is enough to leave it to a
person. A worker that dies takes nothing along: the scheduler gives its tasks to another one, until
its own `allowed-failures` says that this is no chance.

The scheduler and the workers import this module, so it imports little.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any

from graders.core.registry import ROOT
from graders.errors import UserError
from graders.teach.batch import Job
from graders.teach.grader import Grader

PATIENCE = 5  # seconds for a scheduler to answer
COUNTED = 10.0  # seconds for which a count of the workers is good enough
KEPT = 4  # idle grading processes on a worker; there are more where two classes are graded at once


class Cluster:
    """The runner for a cluster. Raises UserError where no scheduler answers at the address."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise UserError(
                "grading on a cluster needs Dask, which is not installed here: pip install -e '.[cluster]'"
            ) from None
        for name in ("distributed", "distributed.client", "distributed.core"):
            logging.getLogger(name).setLevel(
                logging.CRITICAL
            )  # what goes wrong is said in a sentence
        self.address = address
        try:
            self.client = Client(address, timeout=PATIENCE, name="hero-grade")
        except Exception as error:
            raise UserError(
                f"no Dask scheduler answers at {address} ({_first_line(error)}). `dask scheduler` says its "
                "address when it starts, such as tcp://10.0.0.5:8786."
            ) from None
        self._counted = (0.0, 0)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *exc: object) -> None:
        self.client.close(timeout=5)

    def threads(self) -> int:
        """How many submissions the workers take at once, now or a moment ago."""
        when, count = self._counted
        if not count or time.monotonic() - when > COUNTED:
            count = sum(self.client.nthreads().values())
            self._counted = (time.monotonic(), count)
        return count

    def run(self, setup: Mapping[str, Any], jobs: Sequence[Job]) -> Iterator[tuple[Job, Any]]:
        """Grades; yields as ``batch.Runner`` says. Raises UserError where the cluster cannot."""
        from distributed import as_completed
        from distributed.comm import CommClosedError

        first = json.dumps(dict(setup) | {"confined": not setup["trusted"]}).encode()
        run = f"hero-{blake2b(first, digest_size=4).hexdigest()}-{time.time_ns():x}"
        flying: dict[Any, Job] = {}
        left = enumerate(jobs)
        warnings.filterwarnings("ignore", message="Sending large graph")  # a notebook of some MB
        try:
            # made by a task, and not scattered: a worker that dies with it is no loss
            start = self.client.submit(bytes, first, key=f"setup-{run}")
            done = as_completed()
            while True:
                # not all at once: what is in flight is in the scheduler's memory
                for number, job in islice(left, max(0, 16 + 3 * self.threads() - len(flying))):
                    key = (run, number)
                    line = json.dumps(job.line()).encode()
                    flying[key] = job
                    done.add(self.client.submit(grade_there, start, line, key=key, retries=0))
                if not flying:
                    break
                future = next(done)
                yield flying.pop(future.key), _result(future)
                future.release()
            self.client.run(put_away, first, wait=False, on_error="ignore")
        except (CommClosedError, OSError) as error:
            raise UserError(
                f"the scheduler at {self.address} is gone ({_first_line(error)}). What is graded is kept: "
                "the same command goes on when it is back."
            ) from None


def _result(future: Any) -> Any:
    """The result that a finished task brought; None where it killed one worker after the other."""
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    try:
        found = json.loads(future.result())
    except KilledWorker:
        return None
    except CancelledError:
        raise OSError("it forgot its tasks") from None
    except OSError:
        raise
    except Exception as error:
        raise UserError(
            f"the cluster's workers cannot grade ({type(error).__name__}: {_first_line(error)}). Each needs "
            "the workbook and Dask as they are here: see docs/teach.md, More than one machine."
        ) from None
    if "fatal" in found:
        raise UserError(f"the worker at {found['where']}: {found['fatal']}")
    return found["result"]


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")[:200]


# What follows runs on a worker.

_idle: list[tuple[bytes, Grader]] = []  # each with the setup that it was started with
_lock = threading.Lock()


def grade_there(setup: bytes, line: bytes) -> bytes:
    """Grades one submission: {"result": ...}, or {"fatal": why this worker cannot, "where": it}."""
    from distributed import get_worker

    try:
        found = _graded(setup, line)
    except UserError as error:
        found = {"fatal": str(error), "where": get_worker().address}
    except Exception:  # never out of here: Dask would send it as a pickle
        logging.getLogger(__name__).exception("a submission could not be graded")
        found = {"result": None}
    return json.dumps(found).encode()


def _graded(setup: bytes, line: bytes) -> dict[str, Any]:
    (grader,) = _take(setup, 1) or [Grader(json.loads(setup) | {"root": str(ROOT)})]
    try:
        return {"result": grader.grade(json.loads(line))}
    finally:
        with _lock:
            _idle.append((setup, grader))
            spare = _idle[:-KEPT]
            del _idle[:-KEPT]
        for _, other in spare:
            other.end()


def put_away(setup: bytes) -> None:
    """Ends the grading processes that are idle after a run."""
    for grader in _take(setup):
        # the worker's loop, which runs this, waits for nothing
        threading.Thread(target=grader.end, daemon=True).start()


def _take(setup: bytes, most: int = 10**6) -> list[Grader]:
    """Takes idle grading processes that were started with a setup."""
    with _lock:
        found = [pair for pair in _idle if pair[0] == setup][:most]
        for pair in found:
            _idle.remove(pair)
    return [grader for _, grader in found]
