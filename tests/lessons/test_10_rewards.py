"""10/7 to 10/9: reward model, policy gradient, PPO, held against sums over all that can be drawn."""

from __future__ import annotations

import itertools
import runpy
import sys
import types
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

LESSON = Path(__file__).resolve().parents[2] / "solutions" / "10_assistant"
V, PROMPT, LENGTH = 3, 2, 2  # so small that all 9 answers can be listed


def load(part: str) -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(LESSON / f"{part}.py"), run_name="part"))


@pytest.fixture(scope="module")
def reward() -> types.SimpleNamespace:
    return load("7_reward")


@pytest.fixture(scope="module")
def policy() -> types.SimpleNamespace:
    return load("8_policy")


@pytest.fixture(scope="module")
def ppo() -> types.SimpleNamespace:
    return load("9_ppo")


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def all_answers() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """ids and mask of every answer to one prompt, and a reward for each."""
    answers = list(itertools.product(range(V), repeat=LENGTH))
    ids = torch.tensor([[0, 1, *answer] for answer in answers])
    mask = (torch.arange(PROMPT + LENGTH) >= PROMPT).expand(ids.shape)
    return ids, mask, normal(len(answers), seed=1) + 5


def test_the_pairwise_loss_is_a_binary_cross_entropy(reward: types.SimpleNamespace) -> None:
    a, b = normal(6), normal(6, seed=1)
    ours = reward.pairwise_loss(a, b)
    torch.testing.assert_close(ours, F.binary_cross_entropy_with_logits(a - b, torch.ones_like(a)))
    torch.testing.assert_close(reward.ranked_loss([x for x in torch.stack([a, b], 1)]), ours)


def test_the_reward_of_a_text_does_not_depend_on_its_padding(reward: types.SimpleNamespace) -> None:
    torch.manual_seed(0)
    model = reward.RewardModel(reward.Body(9, 12), 32, reward.PAD)
    ids = reward.words(5, torch.Generator().manual_seed(0))
    alone = [model(row[row != reward.PAD][None]) for row in ids]
    for more in (0, 3):
        torch.testing.assert_close(
            model(F.pad(ids, (0, more), value=reward.PAD)), torch.cat(alone), atol=1e-5, rtol=1e-5
        )


def test_a_rewards_zero_is_where_it_was_put(reward: types.SimpleNamespace) -> None:
    torch.manual_seed(0)
    model = reward.RewardModel(reward.Body(9, 8), 32, reward.PAD)
    g = torch.Generator().manual_seed(0)
    ids, others = reward.words(7, g), reward.words(4, g)
    apart = model(others)[0] - model(others)[1]
    reward.center_rewards(model, ids)
    assert abs(model(ids).mean().item()) < 1e-5
    torch.testing.assert_close(model(others)[0] - model(others)[1], apart)


def test_entropy_and_kl_are_those_of_torch(policy: types.SimpleNamespace) -> None:
    a, b = normal(4, 5), normal(4, 5, seed=1)
    p, q = (torch.distributions.Categorical(logits=x) for x in (a, b))
    torch.testing.assert_close(policy.entropy(a), p.entropy())
    torch.testing.assert_close(policy.exact_kl(a, b), torch.distributions.kl_divergence(p, q))


def test_k1_and_k3_are_kl_on_average_and_k2_is_not(policy: types.SimpleNamespace) -> None:
    a, b = normal(6), normal(6, seed=1)
    logp, logq = a.log_softmax(0), b.log_softmax(0)
    kl = policy.exact_kl(a, b)
    k1, k2, k3 = ((logp.exp() * k).sum() for k in policy.kl_estimates(logp, logq))
    torch.testing.assert_close(k1, kl)
    torch.testing.assert_close(k3, kl)
    assert abs(k2 - kl) > 0.01
    assert (policy.kl_estimates(logp, logq)[2] >= 0).all()


@pytest.mark.parametrize("baseline", [0.0, 4.2])
def test_reinforce_is_the_gradient_of_the_mean_reward(
    policy: types.SimpleNamespace, baseline: float
) -> None:
    """Every answer, as often as it is drawn; any baseline leaves the sum as it is."""
    ids, mask, rewards = all_answers()
    table = normal(V, V, seed=2).requires_grad_()

    def probabilities() -> torch.Tensor:
        return policy.over_response(policy.token_logprobs(table[ids], ids), mask).exp()

    p = probabilities()
    torch.testing.assert_close(p.sum().item(), 1.0)
    (wanted,) = torch.autograd.grad((p * rewards).sum(), table)
    logps = policy.token_logprobs(table[ids], ids)
    weights = probabilities().detach() * len(ids)  # the loss is a mean over rows
    loss = policy.reinforce_loss(logps, mask, weights * (rewards - baseline))
    (found,) = torch.autograd.grad(-loss, table)
    torch.testing.assert_close(found, wanted)


def test_leave_one_out_is_right_on_average(policy: types.SimpleNamespace) -> None:
    """All pairs of answers, as often as they are drawn: the same gradient as with the rewards alone."""
    ids, mask, rewards = all_answers()
    table = normal(V, V, seed=2).requires_grad_()
    logps = policy.over_response(policy.token_logprobs(table[ids], ids), mask)
    p = logps.exp().detach()
    (wanted,) = torch.autograd.grad((logps.exp() * rewards).sum(), table, retain_graph=True)
    total = torch.zeros((), dtype=torch.float64)
    for i, j in itertools.product(range(len(ids)), repeat=2):
        advantages = policy.leave_one_out(rewards[[i, j]][None])[0]
        total = total + p[i] * p[j] * (advantages * logps[[i, j]]).mean()
    (found,) = torch.autograd.grad(total, table)
    torch.testing.assert_close(found, wanted)


def test_the_first_step_of_ppo_is_reinforce(ppo: types.SimpleNamespace) -> None:
    """Where every ratio is 1, the gradient is that of the advantage times the log-probability."""
    ids, mask, rewards = all_answers()
    table = normal(V, V, seed=2).requires_grad_()
    logps = ppo.token_logprobs(table[ids], ids)
    A = (rewards - rewards.mean())[:, None].expand(logps.shape)
    (found,) = torch.autograd.grad(
        ppo.ppo_loss(logps, logps, A, mask, 0.2), table, retain_graph=True
    )
    own = mask[:, 1:]
    (wanted,) = torch.autograd.grad(-(A * logps)[own].mean(), table)
    torch.testing.assert_close(found, wanted)


def test_the_gradient_of_ppo_is_zero_exactly_where_it_went_too_far(
    ppo: types.SimpleNamespace,
) -> None:
    mask = torch.tensor([[False, True, True, True, True]])
    logps = torch.tensor([[1.5, 0.5, 1.5, 0.5]]).double().log().requires_grad_()
    A = torch.tensor([[2.0, 2.0, -2.0, -2.0]]).double()
    loss = ppo.ppo_loss(logps, torch.zeros(1, 4).double(), A, mask, 0.2)
    (grad,) = torch.autograd.grad(loss, logps)
    torch.testing.assert_close(loss.item(), -(2.4 + 1 - 3 - 1.6) / 4)
    assert (grad != 0).tolist() == [[False, True, True, False]]


def test_gae_between_one_step_and_all_of_them(ppo: types.SimpleNamespace) -> None:
    rewards, values, cut = normal(2, 5), normal(2, 5, seed=1), normal(2, seed=2)
    mask = torch.ones(2, 6, dtype=torch.bool)
    ahead = torch.cat([values[:, 1:], cut[:, None]], 1)
    one = rewards + 0.9 * ahead - values
    torch.testing.assert_close(ppo.gae(rewards, values, mask, 0.9, 0.0, cut)[0], one)
    powers = 0.9 ** torch.arange(6).double()
    both = torch.cat([rewards, cut[:, None]], 1)
    whole = torch.stack([(both[:, t:] * powers[: 6 - t]).sum(1) for t in range(5)], 1)
    advantages, returns = ppo.gae(rewards, values, mask, 0.9, 1.0, cut)
    torch.testing.assert_close(returns, whole)
    torch.testing.assert_close(advantages, whole - values)


def test_gae_does_not_see_what_a_tool_wrote(ppo: types.SimpleNamespace) -> None:
    rewards, values = normal(1, 4), normal(1, 4, seed=1)
    mask = torch.tensor([[False, True, True, True, True]])
    wide = torch.tensor([[False, False, True, True, False, False, True, True, False]])
    places = wide[0, 1:].nonzero().flatten()
    spread = torch.full((2, 1, 8), torch.nan, dtype=torch.float64)
    spread[0, 0, places], spread[1, 0, places] = rewards[0], values[0]
    found = ppo.gae(spread[0], spread[1], wide, 0.9, 0.7)
    for ours, theirs in zip(found, ppo.gae(rewards, values, mask, 0.9, 0.7), strict=True):
        torch.testing.assert_close(ours[0, places], theirs[0])


def test_the_prices_of_an_answer_add_up_to_its_log_ratio(ppo: types.SimpleNamespace) -> None:
    mask = torch.tensor([[False, False, True, True, True, False]])
    logps, ref = normal(1, 5), normal(1, 5, seed=1)
    paid = ppo.kl_rewards(logps, ref, mask, torch.tensor([3.0]).double(), 0.4)
    own = mask[:, 1:]
    torch.testing.assert_close(paid.sum(), 3 - 0.4 * (logps - ref)[own].sum())


@pytest.mark.parametrize(
    "words", ["7_reward --steps 0", "8_policy --steps 5", "9_ppo --rounds 0", "9_ppo --rounds x"]
)
def test_an_odd_option_is_a_sentence(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    part, option, value = words.split()
    monkeypatch.setattr(sys, "argv", [part, option, value])
    with pytest.raises(SystemExit) as ended:
        load(part).main()
    assert ended.value.code == 2
    assert option in capsys.readouterr().err.splitlines()[-1]
