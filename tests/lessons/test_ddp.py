"""09/7, for real: two gloo processes under torchrun train to the weights of one with twice the batch."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed

ROOT = Path(__file__).resolve().parents[2]
PART = ROOT / "solutions" / "09_gpt2" / "7_parallel.py"


@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch without torch.distributed")
def test_two_processes_are_one_with_twice_the_batch(tmp_path: Path) -> None:
    out = tmp_path / "results.pt"
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    environment.pop("RANK", None)
    ran = subprocess.run(
        [*command, str(PART), "--out", str(out)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,  # seconds of it suffice where the machine is free
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    results = torch.load(out)
    part = runpy.run_path(str(PART), run_name="part")
    weights, losses = part["alone"](2)
    start = part["new_model"](0).state_dict()
    assert part["farthest"](weights, start) > 0.1  # it has learned something
    assert losses[-1] < 0.8 * losses[0]
    for name in ("by hand", "torch's DDP"):
        # 60 steps of AdamW in float32, which turns the last bits of a tiny gradient into visible ones
        assert part["farthest"](weights, results[name]["weights"]) < 1e-3, name
        torch.testing.assert_close(results[name]["world"], losses, rtol=1e-4, atol=1e-4)
    # a rank's own loss is another number than the mean
    assert max(abs(a - b) for a, b in zip(results["by hand"]["own"], losses, strict=True)) > 0.01
    # one voice: each line that rank 0 writes is there once
    assert ran.stdout.count("step 20: loss") == 1
