"""Optimizers without torch's compiler: the same steps, a thousand modules fewer."""

import subprocess
import sys

STEPS = """
import sys
import torch
{lean}
torch.manual_seed(1)
start = torch.randn(4, 3)
for make in (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop):
    weight = start.clone().requires_grad_()
    optimizer = make([{{"params": [weight]}}], lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5)
    for _ in range(3):
        optimizer.zero_grad()
        (weight.sin() * start).sum().backward()
        optimizer.step(lambda: weight.sum())
        schedule.step()
    optimizer.load_state_dict(optimizer.state_dict())
    print(weight.flatten().tolist(), weight.requires_grad, torch.is_grad_enabled())
print("compiler:", "torch._dynamo" in sys.modules)
"""
LEAN = "from graders.ground.lean import lean_optimizers; lean_optimizers(); lean_optimizers()"


def _printed(lean: str) -> list[str]:
    code = STEPS.format(lean=lean)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_same_numbers_without_the_compiler():
    plain, lean = _printed(""), _printed(LEAN)
    assert plain[:-1] == lean[:-1] and len(lean) == 5
    assert (plain[-1], lean[-1]) == ("compiler: True", "compiler: False")
