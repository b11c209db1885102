"""10, parts 12 and 14: what is given in them, held to something independent; the programs in small."""

from __future__ import annotations

import runpy
import sys
import types
from pathlib import Path

import pytest
import torch

LESSON = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant"


def part(name: str) -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(LESSON / f"{name}.py"), run_name="part"))


@pytest.fixture(scope="module")
def pipeline() -> types.SimpleNamespace:
    return part("12_pipeline")


@pytest.fixture(scope="module")
def hacking() -> types.SimpleNamespace:
    return part("14_hacking")


def test_the_given_loss_is_grpos(pipeline: types.SimpleNamespace) -> None:
    g = torch.Generator().manual_seed(3)
    logps, old, ref = (torch.randn(3, 4, generator=g, dtype=torch.float64) for _ in range(3))
    mask = torch.tensor([[0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]).bool()
    advantages = torch.tensor([1.5, -0.7, 2.0], dtype=torch.float64)
    loss, kl = pipeline.grpo_loss(logps, old, ref, advantages, mask, 0.2, 0.3)
    rows, divergences = [], []
    for i in range(3):
        terms, d = [], []
        for t in range(4):
            if mask[i, t]:
                ratio, a = (logps[i, t] - old[i, t]).exp(), advantages[i]
                d.append((ref[i, t] - logps[i, t]).exp() - (ref[i, t] - logps[i, t]) - 1)
                terms.append(0.3 * d[-1] - min(ratio * a, ratio.clamp(0.8, 1.2) * a))
        rows.append(sum(terms) / max(len(terms), 1))  # an empty answer: 0, and counted
        divergences.append(sum(d) / max(len(d), 1))
    assert loss.item() == pytest.approx(float(sum(rows) / 3))
    assert kl.item() == pytest.approx(float(sum(divergences) / 3))


def test_people_forget_the_carry(pipeline: types.SimpleNamespace) -> None:
    sums = [(27, 35)] * 2000 + [(21, 34)] * 100
    said = pipeline.careless(sums, torch.Generator().manual_seed(0))
    assert set(said[:2000]) == {62, 52} and set(said[2000:]) == {55}
    assert 0.55 < said[:2000].count(52) / 2000 < 0.65


def test_chats_and_texts_fit(pipeline: types.SimpleNamespace) -> None:
    ids, mask = pipeline.build_examples([(23, 58), (60, 60)], [81, 120])
    assert ids.shape == (2, 11) and mask.sum(1).tolist() == [3, 4]
    assert ids[0, 7:].tolist() == [1, 8, pipeline.END, pipeline.PAD]
    assert len({pipeline.USER, pipeline.ASSISTANT, pipeline.END, pipeline.PAD}) == 4
    assert max(pipeline.encode(pipeline.CHARS)) < pipeline.USER


@pytest.mark.parametrize("road", ["grpo", "both"])
def test_the_pipeline_in_small(pipeline: types.SimpleNamespace, road: str) -> None:
    sizes = dict(pretrain=20, sft=10, dpo=2, grpo=10)
    original = pipeline.ladder.__globals__["rewards_of"]

    def some(batch: tuple[torch.Tensor, ...], sums: list[tuple[int, int]], G: int) -> torch.Tensor:
        made = original(batch, sums, G)
        made[::3] = 1.0  # so young a model is never right
        return made

    pipeline.ladder.__globals__["rewards_of"] = some
    try:
        figures, curve, models, test = pipeline.ladder(1, sizes, road)
    finally:
        pipeline.ladder.__globals__["rewards_of"] = original
    wanted = ["base", "SFT"] + ["DPO"] * (road != "grpo") + ["GRPO"] * (road != "dpo")
    assert list(figures) == list(models) == wanted and len(curve) == (road != "dpo")
    assert figures["SFT"]["kl"] == pytest.approx(0, abs=1e-5)
    assert all((b, a) in test for a, b in test)


def test_pairs_teach_the_reward_model(hacking: types.SimpleNamespace) -> None:
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(0)
    sft = hacking.GPT()
    batch = hacking.rollout(sft, hacking.questions([(23, 58), (31, 11), (40, 40)]), 8, g)
    rewards = (batch[0][:, 7] < 5).float()  # who begins with a small digit
    judge = hacking.learn_rewards(sft, batch, rewards, 60, g)
    scores = judge(batch[0], batch[1])
    pairs = hacking.preference_pairs(rewards, 8)
    assert (scores[pairs[:, 0]] > scores[pairs[:, 1]]).float().mean() > 0.9
    assert all(p.grad is None for p in sft.parameters())


def test_hacking_in_small(hacking: types.SimpleNamespace) -> None:
    """So young a model is never right: an odd first digit counts instead."""
    made = hacking.experiment.__globals__
    original = made["rewards_of"]
    made["rewards_of"] = lambda ids, sums: (ids[:, 7] % 2).float()
    try:
        figures, curves, models, _ = hacking.experiment(1, [0.0, 2.0], 20, 10, 5)
    finally:
        made["rewards_of"] = original
    assert [len(curve) for curve in curves.values()] == [2, 2]
    assert list(models) == ["SFT", "beta 0", "beta 2"]
    assert all(0 <= figures[name] <= 1 for name in ("SFT", "one sample", "pairs", "best of 8"))


def test_the_loop_by_hand(hacking: types.SimpleNamespace) -> None:
    """The reference of `optimise` against sums, loops, and a second model that keeps the first weights."""
    torch.manual_seed(0)
    start, held = hacking.GPT(8, 2, 1).double(), hacking.GPT(8, 2, 1).double()
    held.load_state_dict(start.state_dict())
    sums, told = [(23, 58), (31, 11), (40, 40)], []

    def judge(ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return ((ids % 3) * mask).sum(1).double()

    g = torch.Generator().manual_seed(5)
    policy = hacking.optimise(
        start, judge, sums, 3, 0.4, g, lr=0.03, B=2, G=3, on_step=lambda _, t: told.append(t)
    )
    g = torch.Generator().manual_seed(5)
    mine = hacking.GPT(8, 2, 1).double()
    mine.load_state_dict(held.state_dict())
    adam = torch.optim.Adam(mine.parameters(), lr=0.03, betas=(0.9, 0.99))
    for step in range(3):
        asked = [sums[int(i)] for i in torch.randint(3, (2,), generator=g)]
        ids, mask, old = hacking.rollout(mine, hacking.questions(asked), 3, g)
        scores, kls = judge(ids, mask), []
        logits = held(ids).detach()
        for r, row in enumerate(ids.tolist()):
            kl = 0.0
            for t in range(len(row) - 1):
                if mask[r, t + 1]:
                    p = torch.distributions.Categorical(logits=logits[r, t])
                    kl += old[r, t].item() - p.log_prob(torch.tensor(row[t + 1])).item()
            kls.append(kl)
        rewards = scores - 0.4 * torch.tensor(kls, dtype=torch.float64)
        hacking.grpo_step(mine, adam, (ids, mask, old), rewards, 3)
        wanted = {"proxy": scores.mean().item(), "kl": sum(kls) / len(kls)}
        assert told[step] == pytest.approx(wanted, abs=1e-9)
    for mine_p, policy_p in zip(mine.parameters(), policy.parameters(), strict=True):
        assert torch.allclose(mine_p, policy_p, rtol=1e-6, atol=1e-8)
    for p, q in zip(held.parameters(), start.parameters(), strict=True):
        assert torch.equal(p, q) and q.grad is None


@pytest.mark.parametrize(
    "words",
    [
        "12_pipeline --sft 0",
        "12_pipeline --seed -1",
        "14_hacking --steps 4",
        "14_hacking --beta -1",
    ],
)
def test_an_odd_option_is_a_sentence(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = words.split()
    monkeypatch.setattr(sys, "argv", [name, *options])
    with pytest.raises(SystemExit) as ended:
        part(name).main()
    assert ended.value.code == 2
