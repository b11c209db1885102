# %% [markdown]
# # Reward hacking, on purpose, and the cure
#
# Part 12 could check every answer. Mostly nobody can: there is a *reward model*, learned from which of two
# answers people liked better. It is a proxy, good where its pairs were. RL goes where they were not: it
# looks for whatever scores high, and finds the model's mistakes. The proxy rises, and what it stood for
# falls.
#
# Here the truth is known (sums can be checked), so you can watch. The SFT model adds, and often forgets
# the carry. A reward model learns from pairs of its answers, and orders 9 of 10 unseen pairs rightly.
# Then:
#
#     best of 8           the reward model only chooses     more answers are right
#     RL, no KL           100 steps                        hardly any: it says what scores high
#     RL, KL in reward    the same 100 steps               more than ever

# %%
import argparse
import copy
import itertools
import random
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, picture, progress

CHARS = "0123456789+"  # a digit's id is the digit
USER, ASSISTANT, END, PAD = range(len(CHARS), len(CHARS) + 4)
VOCAB = len(CHARS) + 4


class Block(nn.Module):  # the small GPT of part 12, given
    def __init__(self, C, heads):
        super().__init__()
        self.heads, self.ln1, self.ln2 = heads, nn.LayerNorm(C), nn.LayerNorm(C)
        self.qkv, self.proj = nn.Linear(C, 3 * C), nn.Linear(C, C)
        self.up, self.down = nn.Linear(C, 4 * C), nn.Linear(4 * C, C)

    def forward(self, x):
        B, T, C = x.shape
        qkv = self.qkv(self.ln1(x)).view(B, T, 3, self.heads, C // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, heads, T, C / heads) each
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(B, T, C))
        return x + self.down(F.gelu(self.up(self.ln2(x))))


class GPT(nn.Module):
    """ids, int64 (B, T) with T <= 16 -> logits (B, T, VOCAB)."""

    def __init__(self, width=32, heads=4, layers=2):
        super().__init__()
        self.token, self.position = nn.Embedding(VOCAB, width), nn.Embedding(16, width)
        self.blocks = nn.Sequential(*(Block(width, heads) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, VOCAB)
        for p in self.parameters():
            if p.ndim == 2:
                nn.init.normal_(p, std=0.5 * p.shape[1] ** -0.5)

    def hidden(self, ids):
        return self.norm(self.blocks(self.token(ids) + self.position.weight[: ids.shape[1]]))

    def forward(self, ids):
        return self.head(self.hidden(ids))


class RewardModel(nn.Module):
    """A copy of the SFT model with a number at its end: read at the mask's last token."""

    def __init__(self, sft):
        super().__init__()
        self.body, self.score = copy.deepcopy(sft), nn.Linear(sft.head.in_features, 1)

    def forward(self, ids, mask):
        last = (mask * torch.arange(ids.shape[1])).argmax(1)
        return self.score(self.body.hidden(ids)[torch.arange(len(ids)), last]).squeeze(1)


def token_logps(model, ids, temperature=1.0):
    """(B, T - 1): entry t is log p(ids[:, t + 1] | ids[:, : t + 1]), at this temperature."""
    logp = (model(ids[:, :-1]) / temperature).log_softmax(-1)
    return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)


# %% [markdown]
# ## Given: chats, rollouts, GRPO, as in part 12
#
# A row is `USER 2 3 + 5 8 ASSISTANT 1 8 END PAD`: 23 + 58 = 81, written backwards.


# %%
def questions(sums):
    """int64 (n, 7)."""
    rows = [[CHARS.index(c) for c in f"{a}+{b}"] for a, b in sums]
    return torch.tensor([[USER, *row, ASSISTANT] for row in rows])


def verify(response, a, b):
    """1.0 if the ids are exactly the digits of a + b backwards and END, then anything; else 0.0."""
    wanted = [*(int(c) for c in str(a + b)[::-1]), END]
    return float(response[: len(wanted)] == wanted)


def rewards_of(ids, sums):
    """float (rows,): the truth, for equally many rows to each sum."""
    G = len(ids) // len(sums)
    return torch.tensor([verify(r[7:], *sums[i // G]) for i, r in enumerate(ids.tolist())])


@torch.no_grad()
def rollout(policy, prompts, G, g, n=4):
    """(ids, mask, logps): G answers to each prompt at temperature 1; logps are 0 outside the mask."""
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids, dtype=torch.bool), torch.ones(len(ids), 1).bool()
    for _ in range(n):
        drawn = torch.multinomial(policy(ids)[:, -1].softmax(-1), 1, generator=g)
        ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
        mask, alive = torch.cat([mask, alive], dim=1), alive & (drawn != END)
    return ids, mask, token_logps(policy, ids).masked_fill(~mask[:, 1:], 0.0)


def truth(model, sums):
    """The share of sums that it gets right, greedily."""
    ids = questions(sums)
    with torch.no_grad():
        for _ in range(4):
            ids = torch.cat([ids, model(ids)[:, -1:].argmax(-1)], dim=1)
    return rewards_of(ids, sums).mean().item()


def grpo_step(policy, optimizer, batch, rewards, G, epochs=2, clip=0.2):
    """Passes over one rollout; all of KL is in the rewards."""
    ids, mask, old = batch
    r = rewards.view(-1, G)
    A = ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + 1e-4)).view(-1, 1)
    m = mask[:, 1:].to(r.dtype)
    for _ in range(epochs):
        ratio = (token_logps(policy, ids) - old).exp()
        gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        loss = -((gain * m).sum(1) / m.sum(1)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %% [markdown]
# ## Pairs
#
# The reward model learns from pairs. Only answers to the *same* prompt are compared: otherwise it learns
# which prompts are easy. Equal rewards say nothing.


# %%
def preference_pairs(rewards, G):
    """Which answers are preferred to which, within each group of G rows.

    Args:
        rewards: float (B * G,), the rows of a rollout: G answers to each prompt; any numbers, negative too.
        G: int >= 1.

    Returns:
        int64 (n, 2), rows of the rollout: (chosen, rejected) for *every* two rows of one group of which
    the first has the greater reward, sorted by chosen, then by rejected; (0, 2) if there are none.

    Example:
        >>> preference_pairs(torch.tensor([0.0, 1.0, 0.0, 1.0, 1.0, 1.0]), 3)
        tensor([[1, 0],
                [1, 2]])
    """
    ### BEGIN SOLUTION
    grouped = rewards.view(-1, G)
    group, i, j = (grouped[:, :, None] > grouped[:, None, :]).nonzero().T
    return torch.stack([group * G + i, group * G + j], dim=1)
    ### END SOLUTION


# %% [markdown]
# ## The price of leaving
#
# The reward model knows only answers like the reference's. So answers that the reference would hardly give
# must cost something. For a whole answer $y$,
#
# $$R(x, y) = r(x, y) - \beta \sum_t \big(\log \pi(y_t) - \log \pi_{ref}(y_t)\big)$$
#
# "57." to every question is drawn with probability 1 by the hacked policy, with $10^{-6}$ by the
# reference: that costs $14 \beta$. The sum can be negative for one answer; on average it is KL.


# %%
def penalised(scores, logps, reference, mask, beta):
    """The scores, less what the answers cost in KL.

    Args:
        scores: float (rows,), of the reward model.
        logps, reference: float (rows, T - 1), dtype of scores: log-probabilities of the policy that drew the
            rows and of the reference, entry t about the token at t + 1. Anything, even -inf or nan, may stand
            where the mask is False.
        mask: bool (rows, T), True for tokens that the policy wrote. A row may have none: it keeps its score.
        beta: a number >= 0.

    Returns:
        float (rows,), without graph: score - beta * sum of (logps - reference) over the row's own tokens.

    Source: Ouyang et al. (2022), equation 2; Ziegler et al. (2019).

    Example:
        >>> mask = torch.tensor([[False, True, True]])
        >>> logps, reference = torch.tensor([[-1.0, 0.0]]), torch.tensor([[-4.0, -1.0]])
        >>> penalised(torch.tensor([2.0]), logps, reference, mask, 0.5)
        tensor([0.])
    """
    ### BEGIN SOLUTION
    moved = (logps - reference).masked_fill(~mask[:, 1:], 0.0)
    return (scores - beta * moved.sum(1)).detach()
    ### END SOLUTION


# %% [markdown]
# ## The loop
#
# Three models that are easily one by accident: the SFT model (needed again: you will start from it twice),
# the reference, and the policy. If the reference follows the policy, KL is always 0, and nothing holds.


# %%
def optimise(
    start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=lambda policy, told: None
):
    """RL against a reward model.

    Args:
        start: the SFT model, a module; its weights, their gradients and requires_grad stay as they are.
        judge: (ids, mask) -> scores, float (rows,); not changed, no gradient is left in it.
        sums: a list of (a, b), the training prompts.
        steps: int >= 0. Each: torch.randint(len(sums), (B,), generator=g) picks the sums; rollout of their
            questions by the policy, G answers each, with g; the scores, penalised with beta against the
            reference, the model as it was at the start; grpo_step on these rewards. Nothing else is drawn.
        lr: of the one torch.optim.Adam(..., lr=lr, betas=(0.9, 0.99)) that makes all steps.
        on_step: called after each step with the policy and {"proxy": the mean score, "kl": the mean over rows
            of the sum of logps - reference over the row's own tokens}, Python floats, of the step's rollout.

    Returns:
        The policy: another module than start, whose parameters learn (what is frozen in start stays frozen).
    """
    ### BEGIN SOLUTION
    policy, reference = copy.deepcopy(start), copy.deepcopy(start).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))
    for _ in range(steps):
        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
        ids, mask, old = rollout(policy, questions(asked), G, g)
        with torch.no_grad():
            scores, fixed = judge(ids, mask), token_logps(reference, ids)
        kl = -penalised(torch.zeros_like(scores), old, fixed, mask, 1.0)
        grpo_step(policy, optimizer, (ids, mask, old), penalised(scores, old, fixed, mask, beta), G)
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})
    return policy
    ### END SOLUTION


# %% [markdown]
# ## Or stop in time
#
# Where a few answers can be checked by hand, measure the truth now and then, keep the best policy, and
# stop when it has not become better for a while. The proxy cannot tell you when: it goes on rising.


# %%
def stop_early(truths, patience):
    """When to stop, and which policy to keep.

    Args:
        truths: a list of at least one float, one after the other; nothing behind the stop may matter.
        patience: int >= 1: stop at the first measurement that is the `patience`-th in a row not greater than
            the greatest before it.

    Returns:
        (kept, stopped), ints, indices into truths: kept is the first of the greatest up to the stop; stopped
    the measurement at which it stopped, or the last one if it never did. The work grows with the number of
    measurements.

    Example:
        >>> stop_early([0.5, 0.7, 0.7, 0.6, 0.9], 2), stop_early([0.5, 0.7, 0.7, 0.6, 0.9], 3)
        ((1, 3), (4, 4))
    """
    ### BEGIN SOLUTION
    kept = 0
    for i, value in enumerate(truths):
        if value > truths[kept]:
            kept = i
        if i - kept == patience:
            return kept, i
    return kept, len(truths) - 1
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Three runs from one SFT model against one reward model: no KL, a little, enough; then early stopping of
# the first.
#
# Break it: `--beta 0.1`. KL runs to a dozen, which costs 1.2, and the reward model pays 6 for it: the price
# is too small, and the policy leaves all the same.


# %%
def steps_of(model, lr, n, name, loss_of):
    """n steps of Adam down loss_of(model), the rate warming up, then falling."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, betas=(0.9, 0.99))
    with progress(n, name, every=0.5) as bar:
        for i in range(n):
            optimizer.param_groups[0]["lr"] = lr * min(1, (i + 1) / 50) * (1 - 0.9 * i / n)
            loss = loss_of(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.update(loss=loss)
    return model


def imitate(sums, steps, g):
    """The SFT model: chats by people who forget the carry six times out of ten."""
    luck = torch.rand(len(sums), generator=g).tolist()
    carries = [10 * (a % 10 + b % 10 > 9) for a, b in sums]
    said = [sum(ab) - c * (x < 0.6) for ab, c, x in zip(sums, carries, luck, strict=True)]
    answers = [[*(int(c) for c in str(r)[::-1]), END, PAD][:4] for r in said]
    ids = torch.cat([questions(sums), torch.tensor(answers)], dim=1)
    targets = ids[:, 1:].masked_fill(ids[:, 1:] == PAD, -100)
    targets[:, :6] = -100  # the question does not count

    def loss(model):
        ix = torch.randint(len(ids), (128,), generator=g)
        return F.cross_entropy(model(ids[ix, :-1]).flatten(0, 1), targets[ix].flatten())

    return steps_of(GPT(), 5e-3, steps, "SFT", loss)


def learn_rewards(sft, batch, rewards, steps, g):
    """Bradley-Terry, on the pairs of one rollout with 8 answers to each prompt."""
    (ids, mask, _), pairs = batch, preference_pairs(rewards, 8)

    def loss(model):
        rows = pairs[torch.randint(len(pairs), (64,), generator=g)].T.flatten()
        chosen, rejected = model(ids[rows], mask[rows]).view(2, -1)
        return -F.logsigmoid(chosen - rejected).mean()

    return steps_of(RewardModel(sft), 1e-3, steps, "reward model", loss)


def experiment(seed, betas, sft_steps=900, judge_steps=400, steps=100):
    """(figures, {beta: [(step, proxy, kl, truth), ...]}, {name: model}, held-out sums)."""
    torch.manual_seed(seed)
    g = torch.Generator().manual_seed(seed)
    unordered = [(a, b) for a in range(10, 60) for b in range(a, 60)]
    random.Random(seed).shuffle(unordered)
    both = lambda half: [p for a, b in half for p in sorted({(a, b), (b, a)})]  # noqa: E731
    train, test = both(unordered[150:]), both(unordered[:150])
    sft = imitate(train, sft_steps, g)
    asked = [train[i] for i in torch.randint(len(train), (600,), generator=g).tolist()]
    batch = rollout(sft, questions(asked), 8, g)
    judge = learn_rewards(sft, batch, rewards_of(batch[0], asked), judge_steps, g)
    ids, mask, _ = rollout(sft, questions(test), 8, g)
    real, pairs = rewards_of(ids, test), preference_pairs(rewards_of(ids, test), 8)
    with torch.no_grad():
        scores = judge(ids, mask)
    best = scores.view(-1, 8).argmax(1, keepdim=True)
    figures = {
        "SFT": truth(sft, test),
        "one sample": real.mean().item(),
        "pairs": (scores[pairs[:, 0]] > scores[pairs[:, 1]]).float().mean().item(),
        "best of 8": real.view(-1, 8).gather(1, best).mean().item(),
    }
    curves, models = {}, {"SFT": sft}
    for beta in betas:
        curve = curves[beta] = [(0, scores.mean().item(), 0.0, figures["SFT"])]
        with progress(steps, f"RL, beta {beta:g}", every=0.5) as bar:

            def watch(policy, told, curve=curve, bar=bar):
                bar.update(**told)
                if bar.done % 5 == 0:
                    curve.append((bar.done, told["proxy"], told["kl"], truth(policy, test)))

            models[f"beta {beta:g}"] = optimise(sft, judge, train, steps, beta, g, on_step=watch)
    return figures, curves, models, test


def draw(curves):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.6), layout="constrained")
    titles = {
        1: ("proxy: the reward model", "score"),
        3: ("truth: held-out sums", "share right"),
        2: ("distance from the SFT model", "KL, nats an answer"),
    }
    for axes, (column, (title, unit)) in zip(figure.subplots(1, 3), titles.items(), strict=True):
        for (beta, curve), mark in zip(curves.items(), itertools.cycle("os^D"), strict=False):
            points = [p[0] for p in curve], [p[column] for p in curve]
            axes.plot(*points, marker=mark, markersize=4, label=f"beta {beta:g}")
        axes.set(title=title, xlabel="step", ylabel=unit)
    axes.legend()
    figure.savefig(path := picture("10_assistant/hacking.png"), dpi=90)
    print(f"look at {path}")


def main():
    parser = argparse.ArgumentParser(description="A reward model is hacked, and the cure.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--steps", type=int, default=100, help="of RL, 5 or more")
    parser.add_argument("--beta", type=float, default=2.0, help="the cure, beside 0 and 0.3")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.seed < 0 or args.steps < 5 or not args.beta >= 0:
        parser.error("--seed and --beta are 0 or more, --steps 5 or more")
    betas = sorted({0.0, 0.3, args.beta})
    figures, curves, models, test = experiment(args.seed, betas, steps=args.steps)
    print(f"the reward model orders {figures['pairs']:.0%} of unseen pairs rightly")
    print(
        f"right: one sample of SFT {figures['one sample']:.0%}, the best of 8 by the reward model ",
        end="",
    )
    print(f"{figures['best of 8']:.0%}; greedily SFT {figures['SFT']:.0%}")
    for beta, curve in curves.items():
        (_, before, _, was), (_, after, kl, now) = curve[0], curve[-1]
        print(
            f"beta {beta:g}: proxy {before:.1f} -> {after:.1f}, right {was:.0%} -> {now:.0%}, KL {kl:.1f}"
        )
    kept, stopped = stop_early([p[3] for p in curves[0.0]], patience=3)
    step, _, _, right = curves[0.0][kept]
    print(f"beta 0, stopped at step {curves[0.0][stopped][0]}: keep step {step}, {right:.0%} right")
    for name, model in models.items():
        ids = rollout(model, questions(test[:6]), 1, torch.Generator().manual_seed(1))[0]
        said = ["".join((CHARS + "??.")[i] for i in row if i != PAD) for row in ids[:, 7:].tolist()]
        print(f"{name:8}", *(f"{a}+{b}={s}" for (a, b), s in zip(test, said, strict=False)))
    draw(curves)


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
