# `hero check 10/8` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # The policy gradient: learning from a number
#
# Finetuning needs somebody who writes the answer down. Here the model writes an answer itself, something
# gives a number to it, and what went well is made more probable. In this trade's words:
#
# - the **policy** is the model that writes; the **reference** is a copy from before, which never changes;
# - a **rollout** is what it wrote: ids, int64 (B, T), prompt and response. `mask`, bool (B, T), is True
#   where the token *itself* was written by the policy (its end token included). Prompts, padding, and what
#   a tool put in between are False;
# - the **advantage** says how much better than expected an answer was: reward minus a baseline.
#
# What will go wrong: the mask is off by one, or a baseline is missing, and every answer is praised.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, picture, progress

# %% [markdown]
# ## How probable was what it wrote?
#
# Logits at position t are about token t + 1. So there are T - 1 of them: nobody predicted the first token.
#
#     ids      [ 2   +   3   =   5  end ]      mask   [ .  .  .  .  x  x ]
#     logps        0   1   2   3   4           mask[:, 1:]  .  .  .  x  x
#
# A rollout drawn with temperature 0.7 was written by softmax(logits / 0.7). So the log-probabilities are
# taken with 0.7 as well, or they are another policy's. (log_softmax is the log of softmax, without
# overflow.)


# %%
def token_logprobs(logits, ids, temperature=1.0):
    """log p(ids[:, t + 1] | ids[:, : t + 1]) for each t.

    Args:
        logits: float (B, T, V) for ids, may be far apart (1e4); position t is about token t + 1.
        ids: int64 (B, T), T >= 1.
        temperature: float > 0, which the tokens were drawn with.

    Returns:
        float (B, T - 1), dtype of logits, with its graph: entry t is that of ids[:, t + 1] in
        log_softmax(logits[:, t] / temperature). Finite where a token's logit is 1e4 below the best one's.

    Example:
        >>> logits = torch.tensor([[[0.0, 0.0], [0.0, 2.0], [9.0, 9.0]]])
        >>> token_logprobs(logits, torch.tensor([[0, 1, 0]]))
        tensor([[-0.6931, -2.1269]])
    """
    # TODO 10.token_logprobs: your code here (stuck? `hero hint 10.token_logprobs`)
    raise NotImplementedError("10.token_logprobs")


# %% [markdown]
# The response's log-probability is the sum of its tokens' (probabilities multiply); sometimes the mean is
# wanted. `mask` is one longer than `logps`: they meet in `mask[:, 1:]`.


# %%
def over_response(values, mask, mean=False):
    """For each row the sum, or the mean, over the response tokens.

    Args:
        values: float (B, T - 1): entry t belongs to token t + 1, as in token_logprobs. Where it is not the
            response's, inf and nan do not matter; the response's own show in their row's result.
        mask: bool (B, T): True where the token itself is the response's. mask[:, 0] has no entry in values.
        mean: whether to divide by how many response tokens the row has (of those that have an entry).

    Returns:
        float (B,), dtype of values, with its graph. A row without response tokens gets 0, as sum and as mean.

    Example:
        >>> mask = torch.tensor([[False, False, True, True]])
        >>> over_response(torch.tensor([[5.0, -1.0, -2.0]]), mask)
        tensor([-3.])
        >>> over_response(torch.tensor([[5.0, -1.0, -2.0]]), mask, mean=True)
        tensor([-1.5000])
    """
    # TODO 10.over_response: your code here (stuck? `hero hint 10.over_response`)
    raise NotImplementedError("10.over_response")


# %% [markdown]
# ## How undecided is it?
#
# The entropy $H = -\sum_v p_v \log p_v$ is log V for a policy that knows nothing and 0 for one that is
# sure. It falls in training; at 0 nothing new is tried, and nothing more is learned. Watch it. A trap: a
# forbidden token has logit -inf, so $p = 0$, $\log p = -\infty$, and 0 times inf is nan. It contributes 0.


# %%
def entropy(logits):
    """The entropy of softmax(logits), in nats.

    Args:
        logits: float (..., V), any number of dimensions before the last; may be far apart (1e4); some may be
            -inf (at least one of each V is not): such tokens have probability 0 and contribute 0.

    Returns:
        float (...), dtype of logits, with its graph; gradients are finite, and 0 at logits of -inf.

    Example:
        >>> entropy(torch.tensor([[0.0, 0.0, -torch.inf, 0.0], [9.0, -9999.0, 0.0, 0.0]]))  # log 3
        tensor([1.0986, 0.0025])
    """
    # TODO 10.entropy: your code here (stuck? `hero hint 10.entropy`)
    raise NotImplementedError("10.entropy")


# %% [markdown]
# ## How far has it gone?
#
# A policy that follows the reward only will find every weakness of the reward model, and forget how to
# write. So its distance from the reference is measured, and charged for:
#
# $$\mathrm{KL}(\text{policy} \,\|\, \text{ref}) = \sum_v p_v\, (\log p_v - \log q_v)$$
#
# with $p$ the policy and $q$ the reference. The order matters: with p = (0.9, 0.1) and q = (0.5, 0.5) it is
# 0.37, the other way round 0.51.


# %%
def exact_kl(logits, ref_logits):
    """KL(policy || reference) at each position, over the whole vocabulary.

    Args:
        logits: the policy's, float (..., V), may be far apart (1e4); some may be -inf (at least one of each V
            is not): these contribute 0.
        ref_logits: the reference's, float (..., V), finite. A constant: no gradient flows into it.

    Returns:
        float (...), dtype of logits, with the policy's graph; never nan.

    Example:
        >>> exact_kl(torch.tensor([0.9, 0.1]).log(), torch.tensor([0.5, 0.5]).log())
        tensor(0.3681)
    """
    # TODO 10.exact_kl: your code here (stuck? `hero hint 10.exact_kl`)
    raise NotImplementedError("10.exact_kl")


# %% [markdown]
# That needs all logits of both models. From the tokens that were drawn KL can be *estimated*. J. Schulman
# compares three ways; $\ell = \log p - \log q$ is that of the drawn token:
#
# $$k_1 = \ell, \qquad k_2 = \ell^2 / 2, \qquad k_3 = e^{-\ell} - 1 + \ell$$
#
# Over tokens of the policy the mean of $k_1$ is exactly KL, but it varies a lot, and is often negative.
# $k_2$ varies less and is never negative, but its mean is another. $k_3$ has both virtues: the mean of
# $e^{-\ell} = q/p$ is 1, so $e^{-\ell} - 1$ adds nothing on average; and $k_3$ is never below 0.


# %%
def kl_estimates(logps, ref_logps):
    """Three estimates of KL(policy || reference), from the log-probabilities of drawn tokens.

    Args:
        logps: the policy's, float of any shape.
        ref_logps: the reference's, for the same tokens, same shape. A constant: no gradient flows into it.

    Returns:
        (k1, k2, k3): three tensors of the shape of logps, with the policy's graph.

    Example:
        >>> kl_estimates(torch.tensor([-1.0]), torch.tensor([-3.0]))
        (tensor([2.]), tensor([2.]), tensor([1.1353]))

    Source: J. Schulman, "Approximating KL divergence" (2020).
    """
    # TODO 10.kl_estimates: your code here (stuck? `hero hint 10.kl_estimates`)
    raise NotImplementedError("10.kl_estimates")


# %% [markdown]
# ## REINFORCE
#
# How does the *mean reward* change with the parameters? The reward does not know them, and drawing tokens
# has no derivative. But probabilities have one: since $\nabla p = p\,\nabla \log p$,
#
# $$\nabla\, \mathbb{E}[r] = \mathbb{E}\,[\, r \,\nabla \log p(\text{response})\, ]$$
#
# which can be had from rollouts. As a loss (whose value means nothing; only its gradient does):
#
# $$-\frac{1}{B} \sum_b A_b \sum_{t\,\in\,\text{response}} \log p_{b,t}$$
#
# A is the reward itself, or better the advantage, and always a *constant*.


# %%
def reinforce_loss(logps, mask, advantages):
    """Minus the advantage times the log-probability of the response, averaged over the rows.

    Args:
        logps: float (B, T - 1), as in token_logprobs. Those outside the response do not matter.
        mask: bool (B, T): True where the token itself is the response's.
        advantages: float (B,), one for each row. A constant: no gradient flows into it.

    Returns:
        float (), dtype of logps, with its graph. Tokens are *summed* in each row, and the rows averaged:
        a row without response contributes 0 and is counted in B.

    Example:
        >>> mask = torch.tensor([[False, True, True], [False, True, False]])
        >>> logps = torch.tensor([[-1.0, -2.0], [-0.5, -9.0]])
        >>> reinforce_loss(logps, mask, torch.tensor([1.0, -2.0]))  # (3 - 1) / 2
        tensor(1.)

    Source: Williams 1992 (REINFORCE).
    """
    # TODO 10.reinforce_loss: your code here (stuck? `hero hint 10.reinforce_loss`)
    raise NotImplementedError("10.reinforce_loss")


# %% [markdown]
# ## A baseline
#
# Rewards of 9, 10 and 11: all three answers are made more probable, the last one hardly more than the
# first. It works on average, but a single step is mostly noise. Subtract 10, and the steps are -1, 0 and 1.
# Any baseline may be subtracted that does not depend on the answer: $\mathbb{E}[b\,\nabla\log p] =
# b\,\nabla\sum p = b\,\nabla 1 = 0$. A good one: answer each prompt K times, and compare each with the mean
# of the *others*.


# %%
def leave_one_out(rewards):
    """Each reward minus the mean of the other rewards of the same prompt.

    Args:
        rewards: float (P, K): K answers to each of P prompts. It may have a graph.

    Returns:
        advantages, float (P, K), dtype of rewards: constants, without a graph.

    Raises:
        ValueError: K is less than 2: there are no others.

    Example:
        >>> leave_one_out(torch.tensor([[1.0, 0.0, 0.5]]))
        tensor([[ 0.7500, -0.7500,  0.0000]])

    Source: Kool et al. 2019, "Buy 4 REINFORCE samples, get a baseline for free!" (RLOO).
    """
    # TODO 10.leave_one_out: your code here (stuck? `hero hint 10.leave_one_out`)
    raise NotImplementedError("10.leave_one_out")


# %% [markdown]
# With one answer per prompt, take a running mean of *earlier* rewards: the batch's own come in afterwards.


# %%
def running_baseline(baseline, rewards, momentum):
    """Advantages against a running mean, and the next running mean.

    Args:
        baseline: what was usual so far, a Python float.
        rewards: float (B,), of this batch. It may have a graph.
        momentum: float from 0 to 1, the weight of what was.

    Returns:
        (advantages, new): advantages float (B,) without a graph, rewards minus the baseline that was
        handed in; new a Python float, momentum * baseline + (1 - momentum) * the mean of rewards.

    Example:
        >>> running_baseline(1.0, torch.tensor([2.0, 4.0]), 0.75)
        (tensor([1., 3.]), 1.5)
    """
    # TODO 10.running_baseline: your code here (stuck? `hero hint 10.running_baseline`)
    raise NotImplementedError("10.running_baseline")


# %%
def reinforce_step(policy, ids, mask, advantages, optimizer, temperature=1.0):
    """One step of the policy on one batch of rollouts.

    Args:
        policy: int64 (B, T) -> logits (B, T, V), read once, in the mode that it is in; changed in place.
        ids: int64 (B, T); mask: bool (B, T); the rollouts.
        advantages: float (B,), a constant.
        optimizer: holds the policy's parameters; has zero_grad() and step(). Gradients from before must not
            count; the batch's stay in p.grad.
        temperature: the one that the rollouts were drawn with.

    Returns:
        reinforce_loss of the batch before the step, a Python float.
    """
    # TODO 10.reinforce_step: your code here (stuck? `hero hint 10.reinforce_step`)
    raise NotImplementedError("10.reinforce_step")


# %% [markdown]
# ## Run it
#
# Given: a policy that is a table (the logits of the next letter, for each last letter), and a reward: 10
# for any answer, 1 more for each "ab" in it, 1 less for each "ba". `hero run 10/8` measures, at the very
# start, how much single gradients differ from their mean, and then trains with and without a baseline.
#
# ![Mean reward by step, for three baselines](pictures/policy.png)
#
# **Break it**: in `reward_of`, let the answer be worth 100 instead of 10. Without a baseline the policy
# grows sure of something arbitrary. Leave-one-out does not notice: the same curve, 90 higher.


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
def rollouts(policy, prompts, n, g):
    """n tokens drawn behind each prompt: ids, int64 (B, P + n), and their mask, bool."""
    ids = prompts
    for _ in range(n):
        probs = policy(ids)[:, -1].softmax(-1)  # (B, V)
        ids = torch.cat([ids, probs.multinomial(1, generator=g)], dim=1)
    return ids, (torch.arange(ids.shape[1]) >= prompts.shape[1]).expand(ids.shape)


def reward_of(ids):  # int64 (B, T) -> float (B,)
    a, b = ids[:, :-1], ids[:, 1:]
    return 10.0 + ((a == 0) & (b == 1)).sum(1) - ((a == 1) & (b == 0)).sum(1).float()


def batch(policy, g, K=4, P=8, n=8):
    """Rollouts of K answers to each of P one-letter prompts, and their rewards."""
    prompts = torch.randint(0, len(VOCAB), (P, 1), generator=g).repeat_interleave(K, 0)
    ids, mask = rollouts(policy, prompts, n, g)
    return ids, mask, reward_of(ids)


def advantages_of(name, rewards, usual):
    """Advantages by one of three baselines, and the next running mean."""
    if name == "running mean":
        return running_baseline(usual, rewards, 0.9)
    return rewards if name == "none" else leave_one_out(rewards.view(-1, 4)).view(-1), usual


def noise(name, g, times=200):
    """How far single gradients lie from their mean, and how long their mean is."""
    policy, found = Table(len(VOCAB)), []
    for _ in range(times):
        ids, mask, rewards = batch(policy, g)
        A = advantages_of(name, rewards, 10.0)[0]
        policy.zero_grad()
        reinforce_loss(token_logprobs(policy(ids), ids), mask, A).backward()
        found.append(policy.table.grad.flatten())
    return torch.stack(found).var(0).sum().sqrt(), torch.stack(found).mean(0).norm()


def train(name, steps, bar):
    g, policy = torch.Generator().manual_seed(1), Table(len(VOCAB))
    optimizer, usual, curve = torch.optim.SGD(policy.parameters(), lr=0.1), 10.0, []
    for _ in range(steps):
        ids, mask, rewards = batch(policy, g)
        advantages, usual = advantages_of(name, rewards, usual)
        reinforce_step(policy, ids, mask, advantages, optimizer)
        curve.append(rewards.mean().item())
        bar.update(reward=curve[-1])
    return policy, curve


def main():
    parser = argparse.ArgumentParser(description="REINFORCE with and without a baseline.")
    parser.add_argument("--steps", type=int, default=300)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 20:
        parser.error("--steps is at least 20")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes, g = figure.subplots(), torch.Generator().manual_seed(0)
    names = ("none", "running mean", "leave one out")
    signal = noise("leave one out", g)[1]  # of all the same on average, but best measured here
    for name in names:
        spread = noise(name, g)[0] / signal
        print(f"baseline {name}: one gradient's noise is {spread:.1f} times the signal")
    with progress(len(names) * args.steps, "REINFORCE") as bar:
        for name in names:
            policy, curve = train(name, args.steps, bar)
            smooth = torch.tensor(curve).unfold(0, 20, 1).mean(1)  # over 20 steps
            style = {"leave one out": "--"}.get(name, "-")  # it lies on the running mean
            axes.plot(range(20, args.steps + 1), smooth.tolist(), style, label=name)
            H = entropy(policy.table.detach())
            print(
                f"{name:14} reward {smooth[-1]:.2f}, entropy after a {H[0]:.2f}, after c {H[2]:.2f}"
            )
    axes.set(xlabel="step", ylabel="mean reward, over 20 steps")
    axes.legend(title="baseline")
    path = picture("10_assistant/policy.png")
    figure.savefig(path, dpi=80)
    p, q = policy.table.detach()[2], torch.zeros(len(VOCAB))  # after c, now and at the start
    logp, logq = p.log_softmax(0), q.log_softmax(0)
    print(
        f"look at {path}\nafter c, KL to the start is {exact_kl(p, q):.4f}; the mean under the policy of"
    )
    for k, values in zip(("k1", "k2", "k3"), kl_estimates(logp, logq), strict=True):
        mean = (logp.exp() * values).sum()
        spread = (logp.exp() * (values - mean) ** 2).sum().sqrt()
        print(f"  {k} is {mean:.4f}, give or take {spread:.2f}")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
