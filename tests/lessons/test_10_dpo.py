"""DPO against its derivation: the policy that it is made for makes the loss smallest."""

from __future__ import annotations

import runpy
import types
from pathlib import Path

import pytest
import torch

PART = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant" / "11_dpo.py"


@pytest.fixture(scope="module")
def part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(PART), run_name="part"))


def test_the_best_policy_has_the_reward_that_made_the_preferences(
    part: types.SimpleNamespace,
) -> None:
    """Equations 4 to 7: pairs preferred by Bradley-Terry with a known reward lead back to it."""
    g = torch.Generator().manual_seed(0)
    beta, n = 0.7, 5
    reward, ref_logits = torch.randn(2, n, generator=g, dtype=torch.float64)
    ref = ref_logits.log_softmax(0)
    best = (ref + reward / beta).log_softmax(0)
    i, j = torch.triu_indices(n, n, 1)
    wins = torch.sigmoid(reward[i] - reward[j])

    def loss(logps: torch.Tensor) -> torch.Tensor:
        """Each pair in both orders, as often as people would have said so."""
        total = torch.zeros((), dtype=torch.float64)
        for k in range(len(i)):
            a, b = i[k : k + 1], j[k : k + 1]
            total = total + wins[k] * part.dpo_loss(logps[a], logps[b], ref[a], ref[b], beta)
            total = total + (1 - wins[k]) * part.dpo_loss(logps[b], logps[a], ref[b], ref[a], beta)
        return total

    at_best = best.clone().requires_grad_()
    loss(at_best).backward()
    assert at_best.grad is not None and at_best.grad.abs().max() < 1e-12
    nearby = (best + 0.1 * torch.randn(n, generator=g, dtype=torch.float64)).log_softmax(0)
    assert loss(nearby) > loss(best)


def test_an_answer_is_as_probable_as_its_tokens(part: types.SimpleNamespace) -> None:
    """All answers of two tokens together have probability one."""
    torch.manual_seed(0)
    model, V = part.GPT().double(), len(part.CHARS)
    answers = torch.cartesian_prod(torch.tensor([3]), torch.arange(V), torch.arange(V))
    mask = torch.tensor([False, True, True]).expand(len(answers), 3)
    with torch.no_grad():
        logps = part.answer_logps(model(answers), answers, mask)
    assert torch.allclose(logps.exp().sum(), torch.ones((), dtype=torch.float64))


def test_pairs_begin_alike_and_chosen_has_more_vowels(part: types.SimpleNamespace) -> None:
    torch.manual_seed(0)
    pairs = part.make_pairs(part.GPT(), 20, torch.Generator().manual_seed(0))
    assert torch.equal(pairs["chosen"][:, 0], pairs["rejected"][:, 0])
    assert (part.vowels(pairs["chosen"]) > part.vowels(pairs["rejected"])).all()
    assert not pairs["chosen_mask"][:, 0].any()
