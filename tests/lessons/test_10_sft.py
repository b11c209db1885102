"""Finetuning of lesson 10 against torch: one big batch, F.cross_entropy, and rows alone."""

from __future__ import annotations

import copy
import math
import runpy
import types
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

PART = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant" / "2_sft.py"


@pytest.fixture(scope="module")
def part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(PART), run_name="part"))


def small(part: types.SimpleNamespace, seed: int) -> torch.nn.Module:
    torch.manual_seed(seed)
    return part.GPT(23, 12, n_embd=8, n_head=2, n_layer=2).double()


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("seed", range(3))
def test_a_row_in_a_batch_is_what_it_is_alone(
    part: types.SimpleNamespace, side: str, seed: int
) -> None:
    model = small(part, seed)
    g = torch.Generator().manual_seed(seed)
    rows = [torch.randint(0, 23, (n,), generator=g).tolist() for n in (4, 9, 1, 12)]
    ids, real, positions = part.pad_batch(rows, 5, side)
    together = model(ids, real, positions)
    for b, row in enumerate(rows):
        alone = model(torch.tensor([row]))[0]
        torch.testing.assert_close(together[b][real[b]], alone)
    if side == "left":  # and without either of the two it is not
        for given in ({"real": real}, {"positions": positions}, {}):
            assert not torch.allclose(model(ids, **given)[2, -1], together[2, -1], atol=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_pieces_are_as_good_as_the_whole(part: types.SimpleNamespace, seed: int) -> None:
    model = small(part, seed)
    g = torch.Generator().manual_seed(seed)
    ids = torch.randint(0, 23, (7, 10), generator=g)
    mask = torch.rand(7, 10, generator=g) < torch.linspace(0.1, 0.9, 7)[:, None]
    mask[3] = False
    inputs, targets = part.shifted_targets(ids, mask)
    whole = copy.deepcopy(model)
    wanted = F.cross_entropy(whole(inputs).transpose(1, 2), targets)
    wanted.backward()
    pieces = [(inputs[i:j], targets[i:j]) for i, j in [(0, 3), (3, 4), (4, 7)]]
    assert math.isclose(part.accumulate(model, pieces), wanted.item(), rel_tol=1e-12)
    for p, q in zip(model.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(p.grad, q.grad)
    assert math.isclose(part.perplexity(model, pieces), math.exp(wanted.item()), rel_tol=1e-12)
    optimizer = torch.optim.AdamW(whole.parameters(), 0.01)
    torch.nn.utils.clip_grad_norm_(whole.parameters(), 0.1)
    optimizer.step()
    part.sft_step(model, pieces, torch.optim.AdamW(model.parameters(), 0.01), 0.1)
    for p, q in zip(model.parameters(), whole.parameters(), strict=True):
        torch.testing.assert_close(p, q)


def test_nothing_counts(part: types.SimpleNamespace) -> None:
    logits = torch.randn(2, 3, 5, requires_grad=True)
    loss = part.sft_loss(logits, torch.full((2, 3), -100))
    loss.backward()
    assert loss.item() == 0 and torch.equal(logits.grad, torch.zeros_like(logits))
