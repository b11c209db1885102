"""What the strict level costs for each child, measured beside the level for one's own code in one run.

    python tests/benchmarks/wall.py [--rounds 100] [--json]

A round runs the same small file once in each level, in an order drawn anew; quoted is the median of the
differences. The exit code is 1 if that is more than the 15 ms that are promised.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time

from graders.ground.worker import Worker

PROMISE = 15.0  # milliseconds
REQUEST = {
    "source": "def f():\n    return 1\n",
    "path": "part.py",
    "name": "part",
    "standins": {},
    "scenarios": [],
    "forbid": [],
    "runs": [
        {"exercise": "f", "check": "one", "target": "f", "pure": False, "cases": [[{}, 0]]},
    ],
}  # fmt: skip


def took(worker: Worker) -> float:
    """Milliseconds from asking to the answer, the child's end included."""
    began = time.perf_counter()
    result = worker.submit(dict(REQUEST)).collect({})
    if not result.outcomes:
        raise SystemExit(f"no answer came back: {result}")
    return 1000 * (time.perf_counter() - began)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    times: dict[str, list[float]] = {"own": [], "strict": []}
    with Worker() as own, Worker(strict=True) as strict:
        workers = {"own": own, "strict": strict}
        for number in range(asked.rounds + 3):
            for name in random.sample(sorted(workers), 2):
                milliseconds = took(workers[name])
                if number >= 3:  # the first ones warm up
                    times[name].append(milliseconds)
    medians = {name: round(statistics.median(found), 1) for name, found in times.items()}
    more = statistics.median(b - a for a, b in zip(times["own"], times["strict"], strict=True))
    medians["more"] = round(more, 1)
    if asked.json:
        print(json.dumps(medians))
    else:
        print(f"own {medians['own']} ms, strict {medians['strict']} ms, {medians['more']} ms more")
    return int(more > PROMISE)


if __name__ == "__main__":
    raise SystemExit(main())
