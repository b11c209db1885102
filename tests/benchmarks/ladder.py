"""Does every stage of lesson 10's pipeline help, whatever the seed? And is the reward hacked, and cured?

    python tests/benchmarks/ladder.py [--seeds 20] [--first 0]

Runs 10_assistant/12_pipeline (under a minute a seed on one core) and prints a table, a row for each seed. A band is a
promise of the lesson's text; the exit code is 1 if one does not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import runpy
from collections.abc import Callable
from pathlib import Path

LESSON = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant"
Row = dict[str, float]

BANDS: dict[str, Callable[[Row], bool]] = {
    "the base model answers no chat": lambda r: r["base"] == 0,
    "SFT answers in form (97 %), and is often wrong": lambda r: (
        r["form"] >= 0.97 and 0.5 <= r["SFT"] <= 0.9
    ),
    "DPO beats SFT": lambda r: r["DPO"] >= r["SFT"] + 0.05,
    "GRPO beats SFT by far, and DPO": lambda r: r["GRPO"] >= max(0.95, r["DPO"] - 0.01),
    "GRPO's KL is bounded": lambda r: 0 < r["KL"] < 3,
}


def pipeline(seed: int) -> Row:
    """One seed's figures."""
    part = runpy.run_path(str(LESSON / "12_pipeline.py"), run_name="part")
    with contextlib.redirect_stdout(io.StringIO()):
        figures = part["ladder"](seed, part["SIZES"])[0]
    return {
        "base": figures["base"]["accuracy"],
        "SFT": figures["SFT"]["accuracy"],
        "form": figures["SFT"]["format"],
        "sampled": figures["SFT"]["reward"],
        "DPO": figures["DPO"]["accuracy"],
        "GRPO": figures["GRPO"]["accuracy"],
        "GRPO sampled": figures["GRPO"]["reward"],
        "KL": figures["GRPO"]["kl"],
    }


def main() -> int:
    """The table, then the bands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    args = parser.parse_args()
    rows: list[Row] = []
    for seed in range(args.first, args.first + args.seeds):
        rows.append(pipeline(seed))
        if len(rows) == 1:
            print("seed " + " ".join(f"{name:>12}" for name in rows[0]))
        print(f"{seed:4} " + " ".join(f"{x:12.3f}" for x in rows[-1].values()), flush=True)
    print("worst " + " ".join(f"{min(r[n] for r in rows):12.3f}" for n in rows[0])[1:])
    failed = 0
    for name, holds in BANDS.items():
        out = [args.first + i for i, row in enumerate(rows) if not holds(row)]
        failed += bool(out)
        print(f"{name}: " + (f"NOT for seeds {out}" if out else "holds"))
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main())
