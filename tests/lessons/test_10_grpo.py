"""GRPO against what it is derived from: the KL divergence, and the plain policy gradient."""

from __future__ import annotations

import runpy
import types
from pathlib import Path

import pytest
import torch

PART = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant" / "10_grpo.py"


@pytest.fixture(scope="module")
def part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(PART), run_name="part"))


def test_k3_is_the_divergence_on_average(part: types.SimpleNamespace) -> None:
    """The mean over all tokens, each as often as the policy draws it, is exact."""
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 5, 7, generator=g, dtype=torch.float64) * 2
    policy, reference = (torch.distributions.Categorical(logits=x) for x in logits)
    mean = (policy.probs * part.k3(policy.logits, reference.logits)).sum(-1)
    assert torch.allclose(mean, torch.distributions.kl_divergence(policy, reference))


def test_the_first_step_is_the_policy_gradient(part: types.SimpleNamespace) -> None:
    """At ratio 1 the gradient is that of -A log p, averaged per answer, then over answers."""
    g = torch.Generator().manual_seed(1)
    logps = torch.randn(4, 6, generator=g, dtype=torch.float64).requires_grad_()
    mask = torch.rand(4, 6, generator=g) < 0.6
    mask[:, 0] = True
    A = part.group_advantages(torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=torch.float64), 2)
    part.grpo_loss(logps, logps, logps, A, mask, beta=0.0).backward()
    wanted = -A[:, None] * mask / mask.sum(1, keepdim=True) / 4
    assert torch.allclose(logps.grad, wanted, rtol=1e-6)


def test_grpo_and_average_agree(part: types.SimpleNamespace) -> None:
    g = torch.Generator().manual_seed(2)
    logps, old, ref = torch.randn(3, 3, 5, generator=g, dtype=torch.float64)
    mask = torch.tensor([[1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]).bool()
    A = torch.tensor([1.0, -2.0, -0.5], dtype=torch.float64)[:, None]
    ratio = (logps - old).exp()
    losses = 0.3 * part.k3(logps, ref) - torch.min(ratio * A, ratio.clip(0.8, 1.2) * A)
    found = part.grpo_loss(logps, old, ref, A[:, 0], mask, beta=0.3)
    assert torch.allclose(found, part.average(losses, mask, "answer"))


def test_the_task_and_its_judge(part: types.SimpleNamespace) -> None:
    sums = [(7, 8), (0, 0), (9, 9)]
    ids = part.encode(["7+8=15.", "0+0=0._", "9+9=81."])
    assert part.right(ids, sums).tolist() == [1.0, 1.0, 0.0]
    torch.manual_seed(0)
    ids, mask = part.answers(part.GPT(), sums, torch.Generator().manual_seed(0))
    assert not mask[:, :4].any() and mask[:, 4].all()
    assert ((ids == part.PAD) | mask | (torch.arange(7) < 4)).all()
