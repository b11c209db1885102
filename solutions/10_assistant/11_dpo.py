# %% [markdown]
# # DPO: preferences without a reward model
#
# People find it hard to give an answer 7 points out of 10, and easy to say which of two they prefer. The
# long way from there: train a reward model on such pairs, then maximise its reward with PPO, without
# straying too far from the **reference** (the frozen model from before). Direct preference optimisation
# (Rafailov et al. 2023, "Your language model is secretly a reward model") takes a short cut: if you solve
# that maximisation on paper, the best **policy** (the model in training) and the reward say the same thing,
#
# $$r(x, y) = \beta \log\frac{\pi(y\mid x)}{\pi_{ref}(y\mid x)} + \text{something that depends only on } x$$
#
# So the policy itself *is* a reward model. Put this reward into the pairwise loss, and what depends on x
# only cancels between the two answers to one question. What is left needs no sampling, no reward model, no
# advantage: a classification loss on pairs (**chosen**, **rejected**).
#
# What will go wrong: log-probabilities paired with the wrong token; the question or the padding counted; a
# mean where the sum is meant; -log(sigmoid(x)) that becomes infinite; and a reference that moves along.

# %%
import argparse
import copy
import itertools
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## How probable is an answer?
#
# The probability of an answer is the product of the probabilities of its tokens: its logarithm is the *sum*
# of their logarithms. The logits at position t speak of the token at t + 1, so the last logits speak of
# nothing, and the first token is predicted by nobody. With a prompt `a b`, the answer `c d .` and padding
# `_`:
#
#     ids            a   b   c   d   .   _
#     mask           F   F   T   T   T   F      True: this token belongs to the answer
#     logits of      0   1   2   3   4          position 5 predicts nothing
#     token          b   c   d   .   _          ids[:, 1:]
#     counts         F   T   T   T   F          mask[:, 1:]
#
# A long answer is less probable than a short one; that is as it should be, since the reference finds it so,
# too, and only the difference will count.


# %%
def answer_logps(logits, ids, mask):
    """The log-probability of each row's answer.

    Args:
        logits: float (B, T, V): logits[:, t] are for the token at t + 1. They may be far apart (10,000).
        ids: int64 (B, T), T >= 1: prompt, answer, padding on the right. All are ids below V.
        mask: bool (B, T): True where the token itself belongs to the answer. mask[:, 0] does not matter:
            nothing predicts the first token.

    Returns:
        float (B,) with graph, dtype of logits: the sum of log p(token) over the tokens of the answer; 0 for
        a row that has none.

    Example:
        >>> ids, mask = torch.tensor([[0, 1, 3, 2]]), torch.tensor([[False, False, True, True]])
        >>> answer_logps(torch.zeros(1, 4, 4), ids, mask)  # two tokens, log 1/4 each
        tensor([-2.7726])
    """
    ### BEGIN SOLUTION
    logps = F.log_softmax(logits[:, :-1], dim=-1)  # (B, T - 1, V)
    logps = logps.gather(2, ids[:, 1:, None])[..., 0]
    return logps.masked_fill(~mask[:, 1:], 0.0).sum(dim=1)
    ### END SOLUTION


# %% [markdown]
# ## The loss
#
# Write $\pi_c, \pi_r$ for the policy's log-probabilities of the chosen and the rejected answer,
# $ref_c, ref_r$ for the reference's. Then
#
# $$L = -\log\sigma\big(\beta\,[(\pi_c - ref_c) - (\pi_r - ref_r)]\big),
# \qquad \sigma(z) = \frac1{1 + e^{-z}}$$
#
# At the start policy and reference are one, the bracket is 0, and the loss is log 2 = 0.693, whatever the
# pairs. If chosen has gained 5 nats (units of the natural logarithm) and rejected 1: beta 0.1 gives
# $-\log\sigma(0.4)$ = 0.513. Note that the loss is smaller too if chosen lost 1 and rejected lost 5: only
# the difference counts.
#
# `-torch.sigmoid(z).log()` is infinite for z below -88 in float32 (and its gradient nan). `F.logsigmoid`
# is right everywhere.


# %%
def dpo_loss(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    """The loss of a batch of pairs.

    Args:
        pi_chosen, pi_rejected: float (n,), n >= 1: the policy's log-probabilities of whole answers, as
            answer_logps gives them.
        ref_chosen, ref_rejected: float (n,): the reference's. Constants: no gradient flows into them.
        beta: how much a departure from the reference costs, float > 0.

    Returns:
        float () with graph, same dtype: the mean over the pairs of -log sigmoid(beta * ((pi_chosen -
        ref_chosen) - (pi_rejected - ref_rejected))). Finite, with finite gradients, for differences up to
        1e4 in both directions.

    Example:
        >>> pi_c, pi_r, ref = torch.tensor([-5.0]), torch.tensor([-9.0]), torch.tensor([-10.0])
        >>> dpo_loss(pi_c, pi_r, ref, ref)  # 5 and 1 nats more probable than before
        tensor(0.5130)

    Source: Rafailov et al. 2023, equation 7.
    """
    ### BEGIN SOLUTION
    chosen = pi_chosen - ref_chosen.detach()
    rejected = pi_rejected - ref_rejected.detach()
    return -F.logsigmoid(beta * (chosen - rejected)).mean()
    ### END SOLUTION


# %% [markdown]
# ## What the loss pulls at
#
# Derive it once by hand. Since $\frac{d}{dz}(-\log\sigma(z)) = -\sigma(-z)$, with $z = \beta\,[\ldots]$:
#
# $$\frac{\partial L}{\partial \pi_c} = -\frac{\beta}{n}\,\sigma(-z), \qquad
# \frac{\partial L}{\partial \pi_r} = +\frac{\beta}{n}\,\sigma(-z)$$
#
# Chosen is pushed up (a step goes *against* the gradient), rejected down, with equal force. The weight
# $\sigma(-z)$ is large where the implicit reward has the pair the wrong way round, 1/2 at the start, and
# nearly 0 for a pair that is settled. A sum over many pairs that forgets it drives the model apart.


# %%
def dpo_gradients(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    """The gradients of dpo_loss with respect to the policy's two log-probabilities, by hand.

    By hand means that no autograd runs.

    Args:
        pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta: as in dpo_loss, differences up to 1e4.

    Returns:
        (d_chosen, d_rejected): float (n,) each, same dtype: the derivatives of the mean loss.

    Example:
        >>> zero = torch.zeros(1)
        >>> dpo_gradients(zero, zero, zero, zero, beta=0.5)
        (tensor([-0.2500]), tensor([0.2500]))

    Source: Rafailov et al. 2023, the equation after 7.
    """
    ### BEGIN SOLUTION
    margin = beta * ((pi_chosen - ref_chosen) - (pi_rejected - ref_rejected))
    weight = beta * torch.sigmoid(-margin) / len(margin)
    return -weight, weight
    ### END SOLUTION


# %% [markdown]
# ## What to watch
#
# The loss alone says little. Watch the **implicit rewards** $\beta(\pi - ref)$ of both answers, their
# difference (the margin), and the accuracy: how often chosen has the larger reward. At the start all
# rewards are 0, and a tie is not won.


# %%
def preference_metrics(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    """What one prints while training.

    Args:
        pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta: as in dpo_loss.

    Returns:
        A dict of four Python floats: "chosen" and "rejected", the mean implicit rewards beta * (pi - ref);
        "margin", the first minus the second; "accuracy", the share of pairs whose chosen answer has the
        larger implicit reward (equal ones are not won).

    Example:
        >>> pi_c, pi_r = torch.tensor([-4.0, -6.0]), torch.tensor([-7.0, -5.0])
        >>> ref = torch.tensor([-6.0, -6.0])
        >>> preference_metrics(pi_c, pi_r, ref, ref, beta=0.5)
        {'chosen': 0.5, 'rejected': 0.0, 'margin': 0.5, 'accuracy': 0.5}
    """
    ### BEGIN SOLUTION
    chosen, rejected = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    return {
        "chosen": chosen.mean().item(),
        "rejected": rejected.mean().item(),
        "margin": (chosen - rejected).mean().item(),
        "accuracy": (chosen > rejected).float().mean().item(),
    }
    ### END SOLUTION


# %% [markdown]
# ## One step
#
# Chosen and rejected answers are two batches, of different widths perhaps. Each goes through policy and
# reference; the reference without gradients (`torch.no_grad()`), since it is not to learn, and its graph
# would be as large as the policy's. If you leave the *policy* under `no_grad` too, there is nothing to
# learn from.


# %%
def dpo_step(policy, reference, batch, optimizer, beta=0.1):
    """One step on one batch of pairs.

    Args:
        policy: ids (B, T) -> logits (B, T, V), a module, causal: what stands on the right changes nothing
            on the left. Changed by the optimizer; its mode stays.
        reference: the same, frozen: its parameters, their gradients and requires_grad, and its mode stay.
        batch: a dict of tensors: "chosen", int64 (n, T_c), and "chosen_mask", bool (n, T_c), as ids and
            mask in answer_logps; "rejected", int64 (n, T_r), and "rejected_mask". T_c and T_r may differ.
        optimizer: holds the policy's parameters. Gradients from before must not count.
        beta: as in dpo_loss.

    Returns:
        dpo_loss of the batch before the step, a Python float. The gradients of this step stay in
        p.grad.
    """

    ### BEGIN SOLUTION
    def logps(model, name):
        return answer_logps(model(batch[name]), batch[name], batch[f"{name}_mask"])

    with torch.no_grad():
        ref_chosen, ref_rejected = logps(reference, "chosen"), logps(reference, "rejected")
    pi_chosen, pi_rejected = logps(policy, "chosen"), logps(policy, "rejected")
    loss = dpo_loss(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% [markdown]
# ## A target instead of "ever further" (stretch)
#
# DPO's loss falls as long as the margin grows, without end: if a pair is certain, the policy is driven
# towards probability 0 for the rejected answer, and beta hardly holds it. IPO (Azar et al. 2023) asks for
# *one* margin, $1 / (2\beta)$, and punishes less and more alike:
#
# $$L = \Big([(\pi_c - ref_c) - (\pi_r - ref_r)] - \frac1{2\beta}\Big)^2$$
#
# With beta 0.1 chosen should gain 5 nats on rejected. Note where beta stands: the bracket is in nats, not
# in rewards.


# %%
def ipo_loss(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    """The loss of IPO.

    Args:
        pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta: as in dpo_loss; beta is called tau in the
        paper.

    Returns:
        float () with graph, same dtype: the mean over the pairs of (h - 1 / (2 beta)) ** 2, where h is
        (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected). No gradient flows into ref_chosen and
        ref_rejected.

    Example:
        >>> one, zero = torch.ones(1), torch.zeros(1)
        >>> ipo_loss(one, zero, zero, zero, beta=0.25)  # 1 where 2 is wanted
        tensor(1.)

    Source: Azar et al. 2023, "A general theoretical paradigm to understand learning from human
    preferences", equation 17.
    """
    ### BEGIN SOLUTION
    chosen = pi_chosen - ref_chosen.detach()
    rejected = pi_rejected - ref_rejected.detach()
    return (chosen - rejected - 1 / (2 * beta)).square().mean()
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# `hero run 10/11` teaches a small GPT names, then lets it invent pairs of names with the same first letter.
# Somebody prefers the one with the larger share of vowels. DPO on these pairs; then count vowels. The
# picture shows the implicit rewards, and beside them the log-probabilities. You may be surprised: *both*
# fall, the chosen answer's too, from -12 to -22. The loss asks for a difference only, and the policy moves
# its trust to names in neither pile.
#
# *Given: the model and its names.* The prompt is the first letter; a name ends with `.`, padding is `_`.

# %%
CHARS = "abcdefghijklmnopqrstuvwxyz._"
END, PAD = CHARS.index("."), CHARS.index("_")
LONGEST = 12


class GPT(nn.Module):
    """ids, int64 (B, T) with T <= LONGEST -> logits (B, T, 28)."""

    def __init__(self, n_embd=48, n_head=4, n_layer=2):
        super().__init__()
        self.token, self.position = nn.Embedding(len(CHARS), n_embd), nn.Embedding(LONGEST, n_embd)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        block = nn.TransformerEncoderLayer(n_embd, n_head, 4 * n_embd, **options)
        self.blocks = nn.TransformerEncoder(block, n_layer, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, len(CHARS))

    def forward(self, ids):
        T = ids.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)  # True: must not be seen
        x = self.token(ids) + self.position(torch.arange(T))
        return self.head(self.norm(self.blocks(x, mask=future)))


def rows(names):
    """int64 (n, LONGEST)"""
    return torch.tensor([[CHARS.index(c) for c in f"{n}.".ljust(LONGEST, "_")] for n in names])


def learn_names(model, names, steps, g):
    optimizer, ids = torch.optim.AdamW(model.parameters(), 3e-3), rows(names)
    with progress(steps, "names") as bar:
        for _ in range(steps):
            x = ids[torch.randint(0, len(ids), (64,), generator=g)]
            targets = x[:, 1:].masked_fill(x[:, 1:] == PAD, -100)  # -100: does not count
            loss = F.cross_entropy(model(x)[:, :-1].flatten(0, 1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.update(loss=loss.item())


@torch.no_grad()
def invent(model, first, g):
    """A name for each first letter, int64 (n,) -> int64 (n, LONGEST)."""
    ids, done = first[:, None], torch.zeros(len(first), dtype=torch.bool)
    for _ in range(LONGEST - 1):
        probs = model(ids)[:, -1].softmax(dim=-1)
        new = torch.multinomial(probs, 1, generator=g)[:, 0].masked_fill(done, PAD)
        ids, done = torch.cat([ids, new[:, None]], dim=1), done | (new == END)
    return ids


def vowels(ids):
    """The share of a, e, i, o, u among the letters, float (n,)."""
    is_vowel = (ids[..., None] == torch.tensor([CHARS.index(c) for c in "aeiou"])).any(-1)
    return is_vowel.sum(1) / (ids < END).sum(1)


def make_pairs(model, n, g):
    """n pairs of invented names that begin alike, the one with more vowels chosen."""
    first = torch.tensor([CHARS.index(name[0]) for name in load_names()])
    first = first[torch.randint(0, len(first), (2 * n,), generator=g)]
    a, b = invent(model, first, g), invent(model, first, g)
    differ = vowels(a) != vowels(b)
    a, b = a[differ][:n], b[differ][:n]
    better = (vowels(a) > vowels(b))[:, None]
    pairs = {"chosen": torch.where(better, a, b), "rejected": torch.where(better, b, a)}
    behind = torch.arange(LONGEST) > 0  # the first letter is the prompt
    return pairs | {f"{k}_mask": (ids != PAD) & behind for k, ids in pairs.items()}


@torch.no_grad()
def measure(policy, reference, pairs, beta):
    """preference_metrics, and the mean log-probability of both answers."""
    both = {}
    for which, model in (("pi", policy), ("ref", reference)):
        for k in ("chosen", "rejected"):
            both[which, k] = answer_logps(model(pairs[k]), pairs[k], pairs[f"{k}_mask"])
    found = preference_metrics(*both.values(), beta=beta)
    return found | {f"logp {k}": both["pi", k].mean().item() for k in ("chosen", "rejected")}


def plot(curve, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.subplots(1, 2)
    for ax, before in zip(axes, ("", "logp "), strict=True):
        for k, style in (("chosen", "-"), ("rejected", "--")):
            ax.plot(
                [s for s, _ in curve], [found[before + k] for _, found in curve], style, label=k
            )
        ax.set(xlabel="step")
        ax.legend()
    axes[0].axhline(0, color="gray", lw=0.5)
    axes[0].set(title="implicit reward", ylabel="beta × log-ratio")
    axes[1].set(title="log-probability of the answer", ylabel="nats")
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="DPO: names with more vowels, please.")
    parser.add_argument("--steps", type=int, default=200, help="steps of DPO")
    parser.add_argument(
        "--beta", type=float, default=0.1, help="the price of leaving the reference"
    )
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1 or args.beta <= 0:
        parser.error("--steps is at least 1, --beta greater than 0")
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(0)
    policy, curve = GPT(), []
    names = [name for name in load_names() if len(name) < LONGEST]
    learn_names(policy, names, 700, g)
    reference = copy.deepcopy(policy).requires_grad_(False)
    pairs, unseen = make_pairs(policy, 3000, g), make_pairs(policy, 500, g)
    optimizer = torch.optim.AdamW(policy.parameters(), 2e-4, weight_decay=0.0)
    with progress(args.steps, "DPO") as bar:
        for step in itertools.count():
            if step % 10 == 0 or step == args.steps:
                curve.append((step, measure(policy, reference, unseen, args.beta)))
            if step == args.steps:
                break
            ix = torch.randint(0, len(pairs["chosen"]), (64,), generator=g)
            batch = {k: v[ix] for k, v in pairs.items()}
            bar.update(loss=dpo_step(policy, reference, batch, optimizer, args.beta))
    for said, (_, found) in (("before", curve[0]), ("after", curve[-1])):
        print(f"{said:>6}: " + ", ".join(f"{k} {v:.2f}" for k, v in found.items()))
    first = unseen["chosen"][:300, 0]
    for said, model in (("reference", reference), ("policy", policy)):
        ids = invent(model, first, g)
        some = " ".join("".join(CHARS[i] for i in row if i < END) for row in ids[:7].tolist())
        print(f"{said:>9}: {vowels(ids).mean():.0%} vowels; {some}")
    path = picture("10_assistant/dpo.png")
    plot(curve, path)
    print(f"look at {path}")


# %% [markdown]
# **Break it.** `hero run 10/11 -- --beta 0.01`: leaving the reference is ten times cheaper. The
# log-probabilities fall further, chosen to -26 and rejected to -41, and the accuracy is no better for it.

# %%
if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
