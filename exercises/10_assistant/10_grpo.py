# `hero check 10/10` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # GRPO: the group is the teacher
#
# A sum is right or wrong, a program passes its tests or not: for such tasks nobody has to judge, a function
# can. Let the model write *several* answers to the same question, see which are right, and make those more
# probable than their sisters. That is group relative policy optimisation (Shao et al. 2024,
# "DeepSeekMath"), the method that taught DeepSeek-R1 to reason. It is PPO without the value model: what PPO
# learns to predict, the reward one could expect here, GRPO measures. It is the group's mean.
#
#     7+8=   ->   15.  reward 1        mean of the group 0.25: the first answer
#                 14.         0        was better than expected,
#                 5.          0        the other three worse
#                 151         0
#
# Words of this part: the **policy** is the model in training, the **reference** a frozen copy of it from
# before; a **rollout** is a batch of answers that the policy wrote; **log-probabilities** are natural
# logarithms of the probabilities that a model gave to the tokens that stand there.
#
# What will go wrong: the clip holds on one side only; the KL penalty rewards distance; a mean over all
# tokens where a mean of means is asked; and 0 times infinity, which is not 0.

# %%
import argparse
import copy
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, picture, progress

# %% [markdown]
# ## How much better than its sisters?
#
# With G answers to each question, and the rewards $r_1 \ldots r_G$ of one group, every token of answer i
# gets the same **advantage**
#
# $$A_i = \frac{r_i - \mathrm{mean}(r)}{\mathrm{std}(r) + \epsilon}$$
#
# The group above: mean 0.25, std 0.5 (with n - 1, so sqrt((0.75² + 3 · 0.25²) / 3)), advantages 1.5
# and three times -0.5. And a group in which *all* are right? Nothing to compare, all zeros: it teaches
# nothing. The same holds where all are wrong, so questions must be neither too easy nor too hard.
#
# All answers lie in one batch, the G answers to question 0 first, then those to question 1. Never normalise
# over the whole batch: then a wrong answer to an easy question would look better than it is.


# %%
def group_advantages(rewards, group_size, eps=1e-4):
    """Each reward against those of its own group.

    Args:
        rewards: float (N,), N >= 1: the first group_size belong to prompt 0, the next to prompt 1, ...
        group_size: G, answers to each prompt, int >= 1.
        eps: added to the standard deviation, float > 0.

    Returns:
        float (N,), dtype of rewards: (r - mean) / (std + eps) with mean and std of the group that r is in;
        std divides by G - 1. Groups of one get zeros, and so do, up to rounding, groups whose rewards are
        all equal.

    Raises:
        ValueError: N is no multiple of group_size.

    Example:
        >>> group_advantages(torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]), 4)
        tensor([ 1.4997, -0.4999, -0.4999, -0.4999,  0.0000,  0.0000,  0.0000,  0.0000])

    Source: DeepSeekMath (Shao et al. 2024), section 4.1.2.
    """
    # TODO 10.group_advantages: your code here (stuck? `hero hint 10.group_advantages`)
    raise NotImplementedError("10.group_advantages")


# %% [markdown]
# ## How far from home?
#
# Whoever only chases reward forgets how to speak. So each token also pays for the distance from the
# reference, the KL divergence. Summing over the whole vocabulary is dear; of the one token that was drawn,
# with d = log reference - log policy, one can estimate it:
#
# $$k_3 = e^{d} - d - 1$$
#
# On average (over tokens drawn from the policy) that is the KL divergence of policy from reference, since
# $e^d$ is 1 on average; and unlike the plain estimate $-d$ it is never negative. With a probability of 0.5
# where the reference says 0.25: d = log 0.5 = -0.693, and k3 = 0.5 + 0.693 - 1 = 0.193. The other way
# round, with policy and reference exchanged, it would be 2 - 0.693 - 1 = 0.307: the order matters.


# %%
def k3(logps, ref_logps):
    """The KL penalty of each token, not yet averaged.

    Args:
        logps: float, any shape: the policy's log-probabilities of the tokens.
        ref_logps: float, the same shape: the reference's. They are constants, no gradient flows into them.

    Returns:
        float, the same shape and dtype, with graph: exp(ref_logps - logps) - (ref_logps - logps) - 1.

    Example:
        >>> k3(torch.tensor([-0.5, -2.0]), torch.tensor([-0.5, -1.0]))
        tensor([0.0000, 0.7183])

    Source: J. Schulman, "Approximating KL divergence" (2020); DeepSeekMath, equation 4.
    """
    # TODO 10.k3: your code here (stuck? `hero hint 10.k3`)
    raise NotImplementedError("10.k3")


# %% [markdown]
# ## The loss
#
# A rollout is expensive, so it is used for several steps. From the second step on the policy is no longer
# the one that wrote the answers; the **ratio** $\rho_t = e^{\log\pi(y_t) - \log\pi_{old}(y_t)}$, one for
# *each token*, says how much more probable the token has become since. With $\mathrm{clip}$ keeping $\rho$
# between $1 - \epsilon$ and $1 + \epsilon$, GRPO minimises
#
# $$-\frac1B\sum_{i=1}^{B}\frac1{|y_i|}\sum_{t}
# \Big[\min\big(\rho_t A_i,\ \mathrm{clip}(\rho_t)\,A_i\big) - \beta\, k_3\Big]$$
#
# The min lets the clip hold on both sides, but only where it stops us from going *further*. With a clip of
# 0.2:
#
#     A = +1   ratio 1.5 ->  1.2   enough, no gradient      ratio 0.5 ->  0.5   go on, gradient
#     A = -1   ratio 0.5 -> -0.8   enough, no gradient      ratio 1.5 -> -1.5   go on, gradient
#
# One mean for each answer, then one over the answers: in a long answer each token weighs little. Questions
# and padding do not count, neither above nor below the fraction bar. And what stands there may be anything.
# If a ratio overflows there, multiplying by a mask of 0 gives 0 · inf = nan. So mask the log-probabilities
# *before* `exp`.


# %%
def grpo_loss(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    """GRPO's loss of one batch of answers.

    Args:
        logps: float (B, T): the policy's log-probabilities of the tokens; the gradient flows here only.
        old_logps: float (B, T): those of the policy that wrote the answers. Constants.
        ref_logps: float (B, T): those of the reference. Constants.
        advantages: float (B,): one for each answer. Constants.
        mask: bool (B, T): True where the token was written by the policy (the mask of the *predicted*
            tokens, so mask[:, 1:] of the ids' mask). Elsewhere all three log-probabilities may be any
            finite numbers, thousands apart: neither loss nor gradient depends on them.
        clip: ratios are clipped to 1 - clip ... 1 + clip, float.
        beta: weight of the penalty k3, float; 0 switches it off.

    Returns:
        float () with graph, dtype of logps: minus the mean over the answers of the mean over their tokens
        of min(ratio A, clipped ratio A) - beta k3. An answer without tokens (mask all False) adds 0, and is
        counted among the B answers; a batch of only such answers gives 0, with a graph too, whose gradient
        is zeros.

    Example:
        >>> half, quarter = torch.tensor([[0.5]]).log(), torch.tensor([[0.25]]).log()
        >>> here = torch.tensor([[True]])  # twice as probable as before, and good: clipped to 1.2
        >>> grpo_loss(half, quarter, half, torch.tensor([1.5]), here)
        tensor(-1.8000)

    Source: DeepSeekMath (Shao et al. 2024), equations 3 and 4.
    """
    # TODO 10.grpo_loss: your code here (stuck? `hero hint 10.grpo_loss`)
    raise NotImplementedError("10.grpo_loss")


# %% [markdown]
# ## A step, which is several
#
# *Given: what a model says about the tokens of a text.* The logits at position t speak of the token at t +
# 1, hence one column less.


# %%
def token_logps(model, ids):
    """ids, int64 (B, T) -> float (B, T - 1): entry t is log p(ids[:, t + 1] | ids[:, : t + 1])."""
    logps = F.log_softmax(model(ids)[:, :-1], dim=-1)  # (B, T - 1, V)
    return logps.gather(2, ids[:, 1:, None])[..., 0]


# %% [markdown]
# Two things stand still while the policy moves: the reference, from the beginning of training, and the
# *old* log-probabilities, from the beginning of this rollout. If you compute the old ones anew for every
# epoch, each ratio is 1, nothing is ever clipped, and no error tells you.


# %%
def grpo_step(
    policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04
):
    """Learns from one rollout, `epochs` times from the whole batch.

    Args:
        policy: ids (B, T) -> logits (B, T, V), a module. Its parameters are changed by the optimizer;
            each of its modules stays in the mode that it is in.
        reference: the same, frozen: its parameters, their gradients and requires_grad, and its mode stay.
        ids: int64 (B, T), T >= 2: prompts and the answers that the policy, as it comes, wrote to them;
            padding on the right.
        mask: bool (B, T): True where the token itself was written by the policy.
        rewards: float (B,), G = group_size answers to each prompt one after the other.
        group_size: int >= 1; B is a multiple of it.
        optimizer: holds the policy's parameters. Gradients from before must not count.
        epochs: steps to make with this rollout, int >= 1: each is one loss of the whole batch (grpo_loss,
            with `clip` and `beta`), one backward, one optimizer.step(). Old log-probabilities are those
            before the first of them.
        clip, beta: as in grpo_loss; eps of group_advantages is its default.

    Returns:
        A list of `epochs` Python floats, the loss before each step. The last gradients stay in p.grad.
    """
    # TODO 10.grpo_step: your code here (stuck? `hero hint 10.grpo_step`)
    raise NotImplementedError("10.grpo_step")


# %% [markdown]
# ## Three ways to take the mean (stretch)
#
# The mean of means has a side effect. A wrong answer of 100 tokens is punished with 1/100 for each of them,
# a wrong one of 10 tokens with 1/10: if you must be wrong, be long. Two cures:
#
# - **token** (DAPO, Yu et al. 2025): one mean over all tokens of the batch; every token weighs the same.
# - **constant** (Dr. GRPO, Liu et al. 2025): divide each answer's sum by one constant, the longest length
#   allowed, whatever lengths there are; then the mean over the answers. (Dr. GRPO also drops the division
#   by the standard deviation, which blows up questions that are nearly all right or nearly all wrong.)


# %%
def average(losses, mask, how, max_tokens=None):
    """One number from the losses of all tokens.

    Args:
        losses: float (B, T), all finite.
        mask: bool (B, T): which tokens count; rows may have none.
        how: "answer" (GRPO): the mean over each row's tokens, then over the B rows, where a row without
            tokens adds 0 and is counted; "token" (DAPO): one mean over all tokens that count, 0 if none
            does; "constant" (Dr. GRPO): each row's sum divided by max_tokens, then the mean over the B
            rows.
        max_tokens: int >= 1, for "constant" only.

    Returns:
        float () with graph, dtype of losses; with graph even where no token counts.

    Raises:
        ValueError: `how` is none of the three.

    Example:
        >>> losses, mask = torch.tensor([[1.0, 1.0, 4.0], [3.0, 9.0, 9.0]]), torch.ones(2, 3).bool()
        >>> mask[1, 1:] = False
        >>> [average(losses, mask, how, 6).item() for how in ("answer", "token", "constant")]
        [2.5, 2.25, 0.75]
    """
    # TODO 10.average: your code here (stuck? `hero hint 10.average`)
    raise NotImplementedError("10.average")


# %% [markdown]
# ## Run it
#
# `hero run 10/10`: a small GPT reads sums such as `7+8=15.`, but half of the results that it reads are
# guessed: like the web, more or less. So it *knows* the right answer, and says it less than half of the
# time. Then GRPO, with nothing but 1 for right and 0 for wrong. From then on no right answer is ever shown
# to it. Watch the second curve too: the better it gets, the fewer groups have anything to teach.
#
# *Given: the model, how it answers, and who judges.* The answer ends with `.`; what comes after it is
# padding `_`.

# %%
CHARS = "0123456789+=._"  # a digit's id is the digit
END, PAD = CHARS.index("."), CHARS.index("_")
SUMS = [(a, b) for a in range(10) for b in range(10)]


def encode(texts):
    return torch.tensor([[CHARS.index(c) for c in text] for text in texts])


class GPT(nn.Module):
    """ids, int64 (B, T) with T <= 8 -> logits (B, T, 14)."""

    def __init__(self, n_embd=48, n_head=4, n_layer=2):
        super().__init__()
        self.token, self.position = nn.Embedding(len(CHARS), n_embd), nn.Embedding(8, n_embd)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        block = nn.TransformerEncoderLayer(n_embd, n_head, 4 * n_embd, **options)
        self.blocks = nn.TransformerEncoder(block, n_layer, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, len(CHARS))

    def forward(self, ids):
        T = ids.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)  # True: must not be seen
        x = self.token(ids) + self.position(torch.arange(T))
        return self.head(self.norm(self.blocks(x, mask=future)))


@torch.no_grad()
def answers(model, sums, g, n=3):
    """One sampled answer of at most n tokens to each sum: ids (B, 4 + n) and their mask."""
    ids = encode([f"{a}+{b}=" for a, b in sums])
    mask, done = torch.zeros(ids.shape, dtype=torch.bool), torch.zeros(len(ids), dtype=torch.bool)
    for _ in range(n):
        probs = model(ids)[:, -1].softmax(dim=-1)
        new = torch.multinomial(probs, 1, generator=g)[:, 0].masked_fill(done, PAD)
        ids = torch.cat([ids, new[:, None]], dim=1)
        mask = torch.cat([mask, ~done[:, None]], dim=1)  # the end token counts, padding does not
        done = done | (new == END)
    return ids, mask


def right(ids, sums):
    """The reward: 1 for the right result and "." behind it, else 0. float (B,)."""
    wanted = encode([f"{a}+{b}={a + b}.".ljust(7, "_") for a, b in sums])
    return (ids == wanted).all(dim=1).float()


def read_the_web(model, steps, g):
    """Supervised: sums of which half have a result that is guessed."""
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3, weight_decay=0.0)
    a, b, guess = torch.randint(0, 10, (3, steps, 128), generator=g)
    guess = guess + torch.randint(0, 10, guess.shape, generator=g)
    c = torch.where(torch.rand(guess.shape, generator=g) < 0.5, guess, a + b)
    with progress(steps, "reading") as bar:
        for i in range(steps):
            rows = zip(a[i].tolist(), b[i].tolist(), c[i].tolist(), strict=True)
            ids = encode([f"{x}+{y}={z}.".ljust(7, "_") for x, y, z in rows])
            targets = ids[:, 1:].masked_fill(ids[:, 1:] == PAD, -100)  # -100: does not count
            loss = F.cross_entropy(model(ids)[:, :-1].flatten(0, 1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.update(loss=loss.item())


def what_equal_rewards_teach(policy, ids, mask, rewards, group_size):
    """Prints the size of the gradient (without KL) for the rewards as they are, and for all 1."""
    for said, r in [("rewards as they came", rewards), ("everybody gets 1", rewards * 0 + 1)]:
        logps = token_logps(policy, ids)
        advantages = group_advantages(r, group_size)
        loss = grpo_loss(logps, logps, logps, advantages, mask[:, 1:], beta=0.0)
        grads = torch.autograd.grad(loss, list(policy.parameters()))
        size = sum(grad.square().sum() for grad in grads) ** 0.5
        print(f"{said:>22}: the gradient has length {size:.4f}")


def plot(curve, path):
    from matplotlib.figure import Figure

    steps, accuracy, agreed = zip(*curve, strict=True)
    figure = Figure(figsize=(6.6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, accuracy, label="answers that are right")
    axes.plot(steps, agreed, "--", label="groups with equal rewards: nothing to learn")
    axes.set(xlabel="rollouts learned from", ylabel="share", ylim=(0, 1.02))
    axes.set_title("GRPO: from knowing to saying")
    figure.legend(loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="GRPO on sums, with a reward that is checked.")
    parser.add_argument("--steps", type=int, default=150, help="rollouts to learn from")
    parser.add_argument("--group", type=int, default=8, help="answers to each sum")
    parser.add_argument("--beta", type=float, default=0.04, help="weight of the KL penalty")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1 or args.group < 1 or args.beta < 0:
        parser.error("--steps and --group are at least 1, --beta is not negative")
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(0)
    policy, curve = GPT(), []
    read_the_web(policy, 400, g)
    reference = copy.deepcopy(policy).requires_grad_(False)
    optimizer = torch.optim.AdamW(policy.parameters(), 3e-4, weight_decay=0.0)
    with progress(args.steps, "GRPO") as bar:
        for step in range(args.steps):
            picked = (
                torch.randint(0, 100, (24,), generator=g).repeat_interleave(args.group).tolist()
            )
            sums = [SUMS[i] for i in picked]
            ids, mask = answers(policy, sums, g)
            rewards = right(ids, sums)
            if step == 0:
                what_equal_rewards_teach(policy, ids, mask, rewards, args.group)
            share = rewards.view(-1, args.group).mean(dim=1)
            agreed = ((share == 0) | (share == 1)).float().mean().item()
            curve.append((step, rewards.mean().item(), agreed))
            grpo_step(policy, reference, ids, mask, rewards, args.group, optimizer, beta=args.beta)
            bar.update(right=curve[-1][1])
    every = SUMS * 10  # each sum ten times
    before, after = (
        right(answers(m, every, g)[0], every).mean().item() for m in (reference, policy)
    )
    print(f"right answers before: {before:.1%}, after {args.steps} rollouts: {after:.1%}")
    print(f"in the last rollout {curve[-1][2]:.0%} of the groups had nothing to teach")
    path = picture("10_assistant/grpo.png")
    plot(curve, path)
    print(f"look at {path}")


# %% [markdown]
# **Break it.** `hero run 10/10 -- --group 1`: no sisters, no advantage, and the accuracy stays where it
# was. Or `-- --beta 2`: the reference pulls so hard that half of the answers are still wrong in the end.

# %%
if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
