"""Does every stage of lesson 10's pipeline help, whatever the seed? And is the reward hacked, and cured?

    python tests/benchmarks/ladder.py [--seeds 20] [--first 0] [--hack]

Runs 10_assistant/12_pipeline, or 14_hacking with --hack (under a minute a seed on one core), and prints a
row for each seed. A band is a promise of the lesson's text; the exit code is 1 if one does not hold.
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

LADDER: dict[str, Callable[[Row], bool]] = {
    "the base model answers no chat": lambda r: r["base"] == 0,
    "SFT answers in form (97 %), and is often wrong": lambda r: (
        r["form"] >= 0.97 and 0.5 <= r["SFT"] <= 0.9
    ),
    "DPO beats SFT": lambda r: r["DPO"] >= r["SFT"] + 0.05,
    "GRPO beats SFT by far, and DPO": lambda r: r["GRPO"] >= max(0.95, r["DPO"] - 0.01),
    "GRPO's KL is bounded": lambda r: 0 < r["KL"] < 3,
}
HACK: dict[str, Callable[[Row], bool]] = {
    "the reward model orders 75 % of unseen pairs": lambda r: r["pairs"] >= 0.75,
    "the best of 8 by its score beats one sample": lambda r: r["best of 8"] > r["sampled"] + 0.02,
    "without KL the proxy rises": lambda r: r["hacked proxy"] > r["proxy"] + 1,
    "and the truth falls below 25 %": lambda r: r["hacked"] < 0.25 < r["SFT"],
    "with KL the truth rises": lambda r: r["cured"] > r["SFT"] + 0.02,
    "and KL stays small": lambda r: r["cured KL"] < 3 < r["hacked KL"],
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


def hack(seed: int) -> Row:
    """One seed's figures: at the start, without KL, with KL."""
    part = runpy.run_path(str(LESSON / "14_hacking.py"), run_name="part")
    with contextlib.redirect_stdout(io.StringIO()):
        figures, curves, _, _ = part["experiment"](seed, [0.0, 2.0])
    (_, proxy, _, _), (_, high, far, low) = curves[0.0][0], curves[0.0][-1]
    (_, cured_proxy, near, right) = curves[2.0][-1]
    return {
        "SFT": figures["SFT"],
        "sampled": figures["one sample"],
        "pairs": figures["pairs"],
        "best of 8": figures["best of 8"],
        "proxy": proxy,
        "hacked proxy": high,
        "hacked": low,
        "hacked KL": far,
        "cured proxy": cured_proxy,
        "cured": right,
        "cured KL": near,
    }


def main() -> int:
    """The table, then the bands."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hack", action="store_true", help="14_hacking in place of 12_pipeline")
    args = parser.parse_args()
    one_seed, bands = (hack, HACK) if args.hack else (pipeline, LADDER)
    rows: list[Row] = []
    for seed in range(args.first, args.first + args.seeds):
        rows.append(one_seed(seed))
        if len(rows) == 1:
            print("seed " + " ".join(f"{name:>12}" for name in rows[0]))
        print(f"{seed:4} " + " ".join(f"{x:12.3f}" for x in rows[-1].values()), flush=True)
    print("worst " + " ".join(f"{min(r[n] for r in rows):12.3f}" for n in rows[0])[1:])
    failed = 0
    for name, holds in bands.items():
        out = [args.first + i for i, row in enumerate(rows) if not holds(row)]
        failed += bool(out)
        print(f"{name}: " + (f"NOT for seeds {out}" if out else "holds"))
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main())
