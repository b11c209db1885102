# %% [markdown]
# # PPO: more than one step from the same rollouts
#
# REINFORCE draws rollouts, takes one step, and throws them away: after the step they are another policy's.
# But rollouts are the dear part. PPO (proximal policy optimization) takes several steps from them, and is
# careful to stay near the policy that wrote them. InstructGPT was trained so.
#
# As before: ids int64 (B, T); `mask` bool (B, T), True where the token itself is the policy's; `logps`
# float (B, T - 1), entry t about token t + 1, so that everything of that shape goes with `mask[:, 1:]`.
# **Old** log-probabilities are those of the policy that wrote, noted at the rollout; they never change.
#
# What will go wrong: old log-probabilities are computed anew at each step, and the ratio is always 1; the
# clip is right for good answers and wrong for bad ones; the reward lands on the padding.

# %%
import argparse
import sys

import torch
from torch import nn

from data import DataError, picture, progress

# %% [markdown]
# ## The ratio
#
# How much more probable is a token now than when it was drawn? $\rho = p_{now} / p_{old} = e^{\log p_{now}
# - \log p_{old}}$: 1 before the first step, 1.5 if 0.2 has become 0.3.


# %%
def ratios(logps, old_logps):
    """For each token how much more probable it is now than it was at the rollout.

    Args:
        logps: float of any shape, log-probabilities of the policy that is trained.
        old_logps: same shape, of the policy that wrote. A constant: no gradient flows into it.

    Returns:
        float of that shape, exp(logps - old_logps), with the graph of logps.

    Example:
        >>> ratios(torch.tensor([-1.0, -2.0]), torch.tensor([-1.0, -4.0]))
        tensor([1.0000, 7.3891])
    """
    ### BEGIN SOLUTION
    return (logps - old_logps.detach()).exp()
    ### END SOLUTION


# %% [markdown]
# ## The clip
#
# With $\rho A$ as the goal, the gradient at $\rho = 1$ is REINFORCE's. Further steps would go on and on:
# what was good becomes ten times as probable, on the word of one rollout. So there is a limit, 0.2 say:
# beyond 1.2 a good token ($A > 0$) earns nothing more; below 0.8 a bad one ($A < 0$) costs nothing less.
#
# $$L = -\,\mathrm{mean}\;\min\big(\rho A,\; \mathrm{clip}(\rho,\, 1 - \epsilon,\, 1 + \epsilon)\, A\big)$$
#
# The min decides. Four cases, with $\epsilon = 0.2$:
#
# | | $A = 2$ | $A = -2$ |
# |---|---|---|
# | $\rho = 1.5$ | min(3, 2.4) = 2.4, clipped: no gradient | min(-3, -2.4) = -3: gradient, it must come down |
# | $\rho = 0.5$ | min(1, 1.6) = 1: gradient, it must come up | min(-1, -1.6) = -1.6, clipped: no gradient |
#
# What went too far in the *right* direction is left alone; what went in the wrong one is corrected, from
# however far. A clip without the min would leave that alone too.


# %%
def ppo_loss(logps, old_logps, advantages, mask, clip):
    """Minus the clipped goal, averaged over all response tokens of the batch.

    Args:
        logps: float (B, T - 1), of the policy that is trained.
        old_logps: float (B, T - 1), of the policy that wrote: a constant.
        advantages: float (B, T - 1), one for each token: a constant.
        mask: bool (B, T): True where the token itself is the response's. Entries of the others do not
            matter, even if they are inf or nan.
        clip: epsilon, a float >= 0; 0.2 is usual, and a huge one clips nothing.

    Returns:
        float (), dtype of logps, with the graph of logps: one mean over all response tokens of the whole
        batch (a row without any adds nothing, neither above nor below). Without a response token anywhere
        it is 0 (and backward() still goes through).

    Example:
        >>> mask = torch.tensor([[False, True, True]])
        >>> logps = torch.tensor([[1.5, 0.5]]).log()
        >>> ppo_loss(logps, torch.zeros(1, 2), torch.tensor([[2.0, 2.0]]), mask, 0.2)  # -(2.4 + 1) / 2
        tensor(-1.7000)

    Source: Schulman et al. 2017 (PPO), equation 7.
    """
    ### BEGIN SOLUTION
    own = mask[:, 1:]
    ratio = ratios(logps[own], old_logps[own])
    A = advantages[own].detach()
    goal = torch.min(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    return -goal.sum() / max(1, len(goal))
    ### END SOLUTION


# %% [markdown]
# How busy is the clip? If no ratio ever leaves the interval, the steps are tiny, or the old
# log-probabilities are not old. If most do, the rollouts are used up.


# %%
def clip_fraction(logps, old_logps, mask, clip):
    """The share of response tokens whose ratio is outside [1 - clip, 1 + clip], whatever their advantage.

    Args:
        logps, old_logps, mask, clip: as in ppo_loss.

    Returns:
        A Python float from 0 to 1; 0.0 if there is no response token.

    Example:
        >>> mask = torch.tensor([[False, True, True, True, True]])
        >>> clip_fraction(torch.tensor([[1.5, 0.5, 1.1, 1.0]]).log(), torch.zeros(1, 4), mask, 0.2)
        0.5
    """
    ### BEGIN SOLUTION
    own = mask[:, 1:]
    outside = (ratios(logps[own], old_logps[own]) - 1).abs() > clip
    return outside.sum().item() / max(1, len(outside))
    ### END SOLUTION


# %% [markdown]
# ## A reward for each token
#
# The reward model speaks once, at the end. The distance to the reference is charged at every token: by
# $k_1$, the log-probability minus the reference's, times $\beta$. With $\beta = 0.1$ and a reward of 2:
#
#     token        prompt   7     5    end   pad
#     logp - ref            0.5  -0.2  0.1
#     reward         0    -0.05  0.02  1.99   0          1.99 is 2 - 0.01
#
# The 2 belongs to the last token of the *response*; on the padding behind it, nobody would see it.


# %%
def kl_rewards(logps, ref_logps, mask, rewards, beta):
    """A reward for each token: the price of leaving the reference, and at the end what the answer earned.

    Args:
        logps: float (B, T - 1), of the policy that wrote; ref_logps: float (B, T - 1), of the reference.
        mask: bool (B, T): True where the token itself is the response's. Entries of the others do not
            matter, even if they are inf or nan.
        rewards: float (B,), one for each answer.
        beta: the price, a float >= 0.

    Returns:
        float (B, T - 1), dtype of logps, without a graph: -beta * (logps - ref_logps) at response tokens, 0
        elsewhere; and the row's reward added at its *last* response token. A row without response tokens
        is all 0: its reward is dropped.

    Example:
        >>> mask = torch.tensor([[False, True, True, False]])
        >>> logps, ref = torch.tensor([[-1.0, -2.0, -9.0]]), torch.tensor([[-3.0, -1.0, -1.0]])
        >>> kl_rewards(logps, ref, mask, torch.tensor([5.0]), 0.1)
        tensor([[-0.2000,  5.1000,  0.0000]])

    Source: Ouyang et al. 2022 (InstructGPT), equation 2; token by token as in Ziegler et al. 2019.
    """
    ### BEGIN SOLUTION
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    places = torch.arange(own.shape[1])
    last = own & (places == torch.where(own, places, -1).amax(1, keepdim=True))
    return torch.where(last, out + rewards.detach()[:, None], out)
    ### END SOLUTION


# %% [markdown]
# ## Who deserves it? (a stretch)
#
# A second model, the critic, guesses at each token what is still to come: its value $V_t$. If the guess
# rises from one token to the next, the token was good: $\delta_t = r_t + \gamma V_{t+1} - V_t$. One
# $\delta$ trusts the critic alone; the sum of all to the end trusts the rewards alone, and is noisy. GAE
# (generalized advantage estimation) stands between, with weights that fade:
#
# $$A_t = \delta_t + \gamma\lambda\, A_{t+1}, \qquad \text{from the last token back}$$
#
# Behind the last token nothing comes: $V = 0$, $A = 0$. Unless the answer was merely *cut off*, by a limit
# on its length: then the critic's guess of what would have come stands there.


# %%
def gae(rewards, values, mask, gamma, lam, bootstrap=None):
    """Advantages of all response tokens, and what the critic should have said.

    Args:
        rewards: float (B, T - 1), entry t what token t + 1 earned, as in kl_rewards.
        values: float (B, T - 1), entry t what the critic expected before token t + 1 was written.
        mask: bool (B, T): True where the token itself is the response's. Only these are steps: what stands
            between two of them (a tool's output) is skipped, as if they were neighbours. Entries of the
            others do not matter, even if they are nan.
        gamma, lam: floats from 0 to 1.
        bootstrap: float (B,), the value behind each row's last response token: 0 for an answer that ended,
            the critic's guess for one that was cut off. None: all 0.

    Returns:
        (advantages, returns): float (B, T - 1) each, dtype of values, without a graph; returns are
        advantages + values. Both are 0 where the token is not the response's. The work grows with T.

    Example:
        >>> mask = torch.tensor([[False, True, True, False]])
        >>> rewards, values = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[0.2, 0.6, 7.0]])
        >>> gae(rewards, values, mask, 1.0, 0.5)  # 0.4 behind 0.4 + 0.5 * 0.4
        (tensor([[0.6000, 0.4000, 0.0000]]), tensor([[0.8000, 1.0000, 0.0000]]))

    Source: Schulman et al. 2015 (GAE), equation 16.
    """
    ### BEGIN SOLUTION
    own, values = mask[:, 1:], values.detach()
    advantages = torch.zeros_like(values)
    A = torch.zeros_like(values[:, :1]).squeeze(1)  # of the next response token
    V = A if bootstrap is None else bootstrap.detach()
    for t in reversed(range(own.shape[1])):
        here = own[:, t]
        delta = rewards[:, t].detach() + gamma * V - values[:, t]
        A = torch.where(here, delta + gamma * lam * A, A)
        V = torch.where(here, values[:, t], V)
        advantages[:, t] = torch.where(here, A, 0.0)
    return advantages, torch.where(own, advantages + values, 0.0)
    ### END SOLUTION


# %%
def value_loss(values, old_values, returns, mask, clip=None):
    """Half the squared distance of the critic's values from the returns, averaged over response tokens.

    Args:
        values: float (B, T - 1), of the critic that is trained.
        old_values: float (B, T - 1), what it said at the rollout: a constant.
        returns: float (B, T - 1), as in gae: a constant.
        mask: bool (B, T). Entries of tokens that are not the response's do not matter, even if they are nan.
        clip: None, or a float > 0: then a token's loss is the *larger* of two, that of its value and that of
            its value held within old_value - clip and old_value + clip. (The clip of PPO's
            implementations: as with the policy, what moved too far in the right direction is left alone.)

    Returns:
        float (), with the graph of values: one mean over all response tokens of the batch, 0 if there is
        none.

    Example:
        >>> mask, zero = torch.tensor([[False, True]]), torch.tensor([[0.0]])
        >>> value_loss(torch.tensor([[1.0]]), zero, torch.tensor([[3.0]]), mask)
        tensor(2.)
        >>> value_loss(torch.tensor([[1.0]]), zero, torch.tensor([[3.0]]), mask, clip=0.5)
        tensor(3.1250)
    """
    ### BEGIN SOLUTION
    own = mask[:, 1:]
    v, old, target = values[own], old_values[own].detach(), returns[own].detach()
    loss = (v - target) ** 2
    if clip is not None:
        held = old + (v - old).clamp(-clip, clip)
        loss = torch.max(loss, (held - target) ** 2)
    return 0.5 * loss.sum() / max(1, len(loss))
    ### END SOLUTION


# %% [markdown]
# ## One size for all
#
# Advantages come in any size; the step should not depend on it. So they are whitened: mean 0 and standard
# deviation 1, over the *response tokens* of the batch. Padding is not a token of advantage 0: it is not
# there.


# %%
def whiten(advantages, mask):
    """Advantages with mean 0 and standard deviation 1 over all response tokens of the batch.

    Args:
        advantages: float (B, T - 1). Entries of tokens that are not the response's do not matter, even if
            nan.
        mask: bool (B, T): True where the token itself is the response's.

    Returns:
        float (B, T - 1), dtype of advantages, without a graph: (A - mean) / (std + 1e-8) at response
    tokens, with std taken with n - 1; 0 elsewhere. All 0 if there are fewer than two response tokens.

    Example:
        >>> whiten(torch.tensor([[9.0, 1.0, 2.0, 3.0]]), torch.tensor([[True, False, True, True, True]]))
        tensor([[ 0., -1.,  0.,  1.]])
    """
    ### BEGIN SOLUTION
    own, out = mask[:, 1:], torch.zeros_like(advantages, requires_grad=False)
    A = advantages.detach()[own]
    if len(A) > 1:
        out[own] = (A - A.mean()) / (A.std() + 1e-8)
    return out
    ### END SOLUTION


# %% [markdown]
# ## The steps
#
# Several times through all rollouts (epochs), each time in another order, a few rows a step (minibatches).
# The old log-probabilities go with their rows. `token_logprobs`, given, is that of part 8.


# %%
def token_logprobs(logits, ids):
    """log p(ids[:, t + 1] | ids[:, : t + 1]): float (B, T, V), int64 (B, T) -> float (B, T - 1)."""
    return logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)


def ppo_steps(policy, rollout, optimizer, clip, epochs, batch_size, g):
    """Several steps of the policy from one batch of rollouts.

    Args:
        policy: int64 (b, T) -> logits (b, T, V), read once a step, with the minibatch's rows; changed in
            place; its mode is left as it is.
        rollout: a dict with ids int64 (B, T), mask bool (B, T), old_logps float (B, T - 1), noted when the
            rollouts were drawn, and advantages float (B, T - 1), not to be whitened again. Not changed.
        optimizer: holds the policy's parameters; has zero_grad() and step(). Gradients from before a step
            do not count in it.
        clip: as in ppo_loss.
        epochs: how many times through the rollouts, int >= 0.
        batch_size: rows in a minibatch, int >= 1; the last of an epoch may have fewer.
        g: torch.Generator. Each epoch draws torch.randperm(B, generator=g), and nothing else is drawn; its
            minibatches are that order, cut into pieces of batch_size.

    Returns:
        A list with (loss, fraction) for each step, as a tuple or a list of two Python floats: ppo_loss and
        clip_fraction before it. Each minibatch is a step, also one without a response token.
    """
    ### BEGIN SOLUTION
    told = []
    for _ in range(epochs):
        for rows in torch.randperm(len(rollout["ids"]), generator=g).split(batch_size):
            ids, mask, old, A = (
                rollout[k][rows] for k in ("ids", "mask", "old_logps", "advantages")
            )
            logps = token_logprobs(policy(ids), ids)
            loss = ppo_loss(logps, old, A, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
    return told
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Given: a policy that is a table, which writes eight letters; "ab" earns 1, "ba" costs 1. Each round draws
# 32 rollouts and takes 8 epochs from them, with a large learning rate. `hero run 10/9` does so with the
# clip and without, for three seeds each.
#
# ![Reward and KL by round, with and without the clip](pictures/ppo.png)
#
# Without the clip a few lucky rollouts decide everything: KL reaches 8 log 5 = 12.9, the policy writes one
# word only, and whether that is a good one is chance. What it no longer writes, it no longer learns about.
#
# **Break it**: in `ppo_steps`, use `logps.detach()` for `old`. Every ratio is 1, nothing is ever outside
# the clip, and one colour of the picture covers the other: with clip and without is the same.


# %%
VOCAB = "abcde"


class Table(nn.Module):
    """int64 (B, T) -> logits (B, T, V): a row of the table for each token, and nothing else is looked at."""

    def __init__(self, vocab_size):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(vocab_size, vocab_size))

    def forward(self, ids):
        return self.table[ids]


@torch.no_grad()
def draw_rollouts(policy, reference, g, B=32, n=8, beta=0.02):
    """B rollouts: the dict that ppo_steps wants, their mean reward, their mean k1 for a whole answer."""
    ids = torch.randint(0, len(VOCAB), (B, 1), generator=g)
    for _ in range(n):
        probs = policy(ids)[:, -1].softmax(-1)
        ids = torch.cat([ids, probs.multinomial(1, generator=g)], dim=1)
    mask = (torch.arange(n + 1) > 0).expand(B, n + 1)
    a, b = ids[:, :-1], ids[:, 1:]
    earned = (((a == 0) & (b == 1)).sum(1) - ((a == 1) & (b == 0)).sum(1)).float()
    old, ref = (token_logprobs(m(ids), ids) for m in (policy, reference))
    rewards = kl_rewards(old, ref, mask, earned, beta)
    to_come = rewards.flip(1).cumsum(1).flip(1)  # without a critic: all that follows
    advantages = whiten(to_come - to_come.mean(0), mask)
    found = dict(ids=ids, mask=mask, old_logps=old, advantages=advantages)
    return found, earned.mean().item(), (old - ref).sum(1).mean().item()


def train(clip, rounds, seed, bar):
    g, policy, reference = torch.Generator().manual_seed(seed), Table(5), Table(5)
    optimizer, curve = torch.optim.Adam(policy.parameters(), lr=0.3), []
    for _ in range(rounds):
        rollout, reward, kl = draw_rollouts(policy, reference, g)
        told = ppo_steps(policy, rollout, optimizer, clip, 8, 8, g)
        fraction = sum(fraction for _, fraction in told) / len(told)
        curve.append((reward, kl, fraction))
        bar.update(reward=reward, KL=kl)
    return torch.tensor(curve)


def main():
    parser = argparse.ArgumentParser(description="PPO with and without its clip.")
    parser.add_argument("--rounds", type=int, default=30, help="of 32 rollouts and 32 steps each")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.rounds < 1:
        parser.error("--rounds is at least 1")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.8), layout="constrained")
    both = figure.subplots(1, 2)
    with progress(6 * args.rounds, "PPO") as bar:
        for clip, label, color in [(0.2, "clip 0.2", "#0072B2"), (1e6, "no clip", "#D55E00")]:
            curves = torch.stack([train(clip, args.rounds, seed, bar) for seed in range(3)])
            for i, axes in enumerate(both):
                for j, curve in enumerate(curves[..., i].tolist()):
                    axes.plot(
                        range(args.rounds),
                        curve,
                        color=color,
                        label=None if j else label,
                        ls="-" if clip < 1 else "--",
                    )
            rewards = ", ".join(f"{reward:.2f}" for reward in curves[:, -1, 0])
            print(
                f"{label}: rewards at the end {rewards}; KL {curves[:, -1, 1].mean():.1f}", end="; "
            )
            print(f"outside the clip were {curves[..., 2].mean():.0%} of the tokens")
    both[0].set(xlabel="round", ylabel="mean reward", title="reward")
    both[1].set(xlabel="round", ylabel="KL of an answer, k1", title="distance from the reference")
    both[0].legend()
    path = picture("10_assistant/ppo.png")
    figure.savefig(path, dpi=80)
    print(f"look at {path}")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
