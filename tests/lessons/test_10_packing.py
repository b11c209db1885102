"""Packing of lesson 10: the given GPT gives packed documents the logits that they get alone."""

from __future__ import annotations

import random
import runpy
import types
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

PART = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant" / "3_packing.py"


@pytest.fixture(scope="module")
def part() -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(PART), run_name="part"))


def documents(seed: int, n: int, longest: int) -> list[list[int]]:
    dice = random.Random(seed)
    return [[dice.randrange(17) for _ in range(dice.randint(1, longest))] for _ in range(n)]


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_packed_is_alone(part: types.SimpleNamespace, seed: int, training: bool) -> None:
    torch.manual_seed(seed)
    model = part.GPT(17, 20, n_embd=8, n_head=2, n_layer=2).double().train(training)
    docs = documents(seed, 12, 9)
    found = part.packed_logits(model, docs, 20, 3)
    for doc, logits in zip(docs, found, strict=True):
        torch.testing.assert_close(logits, model(torch.tensor([doc]))[0])
    for change in (lambda i, p, m: model(i, p), lambda i, p, m: model(i, None, m)):
        other = part.packed_logits(change, docs, 20, 3)
        assert not all(torch.allclose(a, b, atol=1e-3) for a, b in zip(other, found, strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_the_loss_of_packed_rows_is_that_of_the_documents(
    part: types.SimpleNamespace, seed: int
) -> None:
    torch.manual_seed(seed)
    model = part.GPT(17, 20, n_embd=8, n_head=2, n_layer=2).double()
    docs = documents(seed, 12, 9)
    rows = part.pack([len(doc) for doc in docs], 20)
    ids, who = part.fill_rows(docs, rows, 20, 3)
    targets = part.packed_targets(ids, who, torch.ones_like(ids, dtype=torch.bool))
    positions, mask = part.restart_positions(who)[:, :-1], part.packed_mask(who)[:, :-1, :-1]
    logits = model(ids[:, :-1], positions, mask)
    packed = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    whole = [torch.tensor(doc) for doc in docs if len(doc) > 1]
    alone = sum(F.cross_entropy(model(d[None, :-1])[0], d[1:], reduction="sum") for d in whole)
    torch.testing.assert_close(packed, alone)


@pytest.mark.parametrize("seed", range(20))
def test_rows_hold_every_document_once_and_none_is_too_full(
    part: types.SimpleNamespace, seed: int
) -> None:
    dice = random.Random(seed)
    lengths = [dice.randint(1, 30) for _ in range(dice.randint(1, 60))]
    rows = part.pack(lengths, 30)
    assert sorted(d for row in rows for d in row) == list(range(len(lengths)))
    assert all(sum(lengths[d] for d in row) <= 30 for row in rows)
    _, who = part.fill_rows([[7] * n for n in lengths], rows, 30, 0)
    share = part.padding_shares(lengths, 30)[0]
    assert abs(share - (who == -1).double().mean().item()) < 1e-12
    cu, longest = part.cu_seqlens(who)
    assert cu.diff().tolist() == [lengths[d] for row in rows for d in row]
    assert longest == max(lengths)
