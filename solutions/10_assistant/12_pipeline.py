# %% [markdown]
# # The whole road, once: pretrain, SFT, then RL or DPO
#
# Each stage alone fits on a page. What breaks is the joints: a reward that pays for "nearly", a mask that
# lost a token, a reference that follows the policy. Here all stages run in a minute; you write the joints.
#
# The task: sums from 10 to 59, results *backwards* as in lesson 07 (23 + 58 = 81 is `18`). The base model
# reads texts by careless people, who forget the carry six times out of ten: 23 + 58 = **71**. Whoever
# imitates them does as they do. (A reward model in place of the check, and how it is hacked: part 14.)
#
#     pretrain   next character of such texts       knows sums, answers no question
#     SFT        100 chats, by the same people      answers, and forgets the carry
#     GRPO       its own answers, checked           beats its teachers
#     DPO        pairs of its own answers           the other road, from the same SFT model

# %%
import argparse
import copy
import random
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, picture, progress

CHARS = "0123456789+=: \n"  # a digit's id is the digit
USER, ASSISTANT, END, PAD = range(len(CHARS), len(CHARS) + 4)  # no text has these ids
VOCAB = len(CHARS) + 4


def encode(text):
    """The ids of a text, a list of ints. Whatever a user types, it gives no special token."""
    return [CHARS.index(c) for c in text]


# %%
class Block(nn.Module):  # a small GPT, given
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

    def forward(self, ids):
        x = self.token(ids) + self.position.weight[: ids.shape[1]]
        return self.head(self.norm(self.blocks(x)))


def token_logps(model, ids, temperature=1.0):
    """(B, T - 1): entry t is log p(ids[:, t + 1] | ids[:, : t + 1]), at this temperature."""
    logp = (model(ids[:, :-1]) / temperature).log_softmax(-1)
    return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)


# %% [markdown]
# ## Chats
#
# A question is seven ids; the model writes digits and END. Behind END rows are padded; PAD is an id of its
# own (were it END, no model would learn to stop). The mask is True for what the assistant says, END included.


# %%
def questions(sums):
    """int64 (n, 7): the prompts of sums (a, b) with 10 <= a, b <= 99."""
    return torch.tensor([[USER, *encode(f"{a}+{b}"), ASSISTANT] for a, b in sums])


def build_examples(sums, results):
    """(ids, mask), int64 and bool (n, T): chats in which the assistant says these results, right or wrong."""
    answers = [[*encode(str(r)[::-1]), END] for r in results]
    n = max(map(len, answers))
    answers = torch.tensor([row + [PAD] * (n - len(row)) for row in answers])
    asked = questions(sums)
    mask = torch.cat([torch.zeros_like(asked), answers != PAD], dim=1).bool()
    return torch.cat([asked, answers], dim=1), mask


# %% [markdown]
# ## A reward that can be checked
#
# RL will find every gap of a reward. `int()` reads 081 as 81, so "180" would pay; a search for "18" pays for
# answers that never end. So: the whole answer, exactly, and END. Nothing for "nearly".


# %%
def verify(response, a, b):
    """What an answer to a + b is worth.

    Args:
        response: a list of ints, the ids behind the prompt, possibly none. The answer is what stands before
            the first END; what stands behind it (padding) is not looked at.
        a, b: ints >= 0.

    Returns:
        A Python float: 1.0 if there is an END and the answer is the digits of a + b backwards, not one id
    more or less; else 0.0.

    Example:
        >>> verify([1, 8, END, PAD], 23, 58), verify([1, 8, 0, END], 23, 58), verify([1, 8], 23, 58)
        (1.0, 0.0, 0.0)
    """
    ### BEGIN SOLUTION
    wanted = [*encode(str(a + b)[::-1]), END]
    return float(response[: len(wanted)] == wanted)
    ### END SOLUTION


def well_formed(response):
    """Whether it has the form of an answer, right or wrong: two or three digits and END."""
    length = response.index(END) if END in response else 0
    return length in (2, 3) and all(i < 10 for i in response[:length])


# %% [markdown]
# ## Rollouts
#
# RL learns from what the policy itself writes: $G$ answers to each prompt. Keep each token's log-probability
# *as it was drawn*: at that temperature, by that policy. It is the denominator of the ratio later.
#
# What will go wrong: the mask is made from the ids (`!= PAD`, or "up to the first END"). But a policy can
# write PAD itself, and a prompt can contain END. What counts is who wrote a token; the loop knows.


# %%
def rollout(policy, prompts, G, n, temperature, g):
    """G answers to each prompt, drawn token by token.

    Args:
        policy: int64 (R, T) -> logits (R, T, vocab).
        prompts: int64 (B, P), not changed; no padding, but END (an earlier turn) and any other id.
        G, n: how many answers to a prompt, and how many tokens at most; ints >= 1.
        temperature: > 0; the logits are divided by it.
        g: torch.Generator. Each of the n columns is one torch.multinomial(probs, 1, generator=g) for all
            B * G rows, those that have ended included (their draw is thrown away). Nothing else is drawn.

    Returns:
        (ids, mask, logps), without graph: ids int64 (B * G, P + n), the G answers to the first prompt, then
    those to the second, ...; a row ends with the first END that is *drawn*, and is PAD behind it. mask bool
    (B * G, P + n): True for every token that was drawn before the row had ended, END included, whatever
    its id. logps (B * G, P + n - 1), dtype of the logits: entry t is log p(ids[:, t + 1]) at this temperature
    where mask[:, t + 1] is True, and 0 elsewhere.

    Example (a policy that says 1 8 END): ids ... ASSISTANT 1 8 END PAD, mask ... False True True True False.
    """
    ### BEGIN SOLUTION
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids, dtype=torch.bool), torch.ones(len(ids), 1).bool()
    with torch.no_grad():
        for _ in range(n):
            probs = (policy(ids)[:, -1] / temperature).softmax(-1)
            drawn = torch.multinomial(probs, 1, generator=g)  # (B * G, 1)
            ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
            mask = torch.cat([mask, alive], dim=1)
            alive = alive & (drawn != END)
        logps = token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0)
    return ids, mask, logps
    ### END SOLUTION


# %% [markdown]
# ## Measuring
#
# All stages are measured on the same held-out sums, in the same way: greedily. The reward on training prompts
# is what a policy is paid for; it says little about what it can do.


# %%
def evaluate(model, sums, n=4):
    """How well a model answers, greedily.

    Args:
        model: an nn.Module, ids -> logits. It answers in eval mode, without gradients. Afterwards each of its
            modules is in the mode in which it was; nothing else about the model changes.
        sums: a list of at least one (a, b), ints from 10 to 99.
        n: int >= 1, how many tokens it may write, the most probable one each time. After END nothing matters.

    Returns:
        {"accuracy": the share of answers for which verify is 1.0, "format": the share that is
    well_formed}, Python floats.
    """
    ### BEGIN SOLUTION
    modes, ids = {part: part.training for part in model.modules()}, questions(sums)
    model.eval()
    with torch.no_grad():
        for _ in range(n):
            ids = torch.cat([ids, model(ids)[:, -1:].argmax(-1)], dim=1)
    for part, mode in modes.items():
        part.training = mode
    answers = ids[:, 7:].tolist()
    right = sum(verify(row, a, b) for row, (a, b) in zip(answers, sums, strict=True))
    form = sum(map(well_formed, answers))
    return {"accuracy": right / len(sums), "format": form / len(sums)}
    ### END SOLUTION


# %% [markdown]
# ## A step of RL
#
# Given: the advantages and the loss of GRPO. Yours is what goes where: which of the three log-probabilities
# has a gradient, which is computed once, which at every pass? With several passes over one rollout the
# policy moves away from `old`, and only then do ratio and clip do anything.


# %%
def group_advantages(rewards, G):
    """(r - mean) / (std + 1e-4) in each group, std with n - 1; 0 in a group of one or of equals."""
    r = rewards.view(-1, G)
    std = r.std(1, keepdim=True) if G > 1 else 1.0
    return ((r - r.mean(1, keepdim=True)) / (std + 1e-4)).flatten()


def grpo_loss(logps, old, reference, advantages, mask, clip, beta):
    """(loss, kl), float () each: all logps and mask (rows, T - 1); means over a row's tokens, then rows."""
    ratio, A, m = (logps - old).exp(), advantages[:, None], mask.to(logps.dtype)
    kl = (reference - logps).exp() - (reference - logps) - 1
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    mean = lambda x: ((x * m).sum(1) / m.sum(1).clamp(min=1)).mean()  # noqa: E731
    return mean(beta * kl - gain), mean(kl)


def rl_step(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    """Several passes over one rollout, a step of the optimizer for each.

    Args:
        policy: ids -> logits, a module; changed in place by the optimizer, which holds its parameters.
        reference: ids -> logits; not changed, and gets no gradient, even if its parameters ask for one.
        optimizer: has zero_grad() and step(). Gradients from before must not count.
        batch: (ids, mask, old) from rollout, all at this temperature; not changed.
        rewards: float (rows,), for group_advantages with groups of G.
        epochs: passes over the whole batch, int >= 1, each with the policy as it is by then.
        clip, beta: for grpo_loss.

    Returns:
        {"loss": ..., "kl": ...}, Python floats: of the last pass, before its step. That pass's gradients
    stay in p.grad.

    Source: DeepSeekMath (2024), algorithm 1; old and reference stay the same for all passes.
    """
    ### BEGIN SOLUTION
    ids, mask, old = batch
    advantages = group_advantages(rewards, G)
    with torch.no_grad():
        fixed = token_logps(reference, ids, temperature)
    for _ in range(epochs):
        logps = token_logps(policy, ids, temperature)
        loss, kl = grpo_loss(logps, old, fixed, advantages, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {"loss": loss.item(), "kl": kl.item()}
    ### END SOLUTION


# %%
# The stages, given. Each starts from a *copy* of the model before: that is needed as a reference.
def pick(items, n, g):
    return [items[i] for i in torch.randint(len(items), (n,), generator=g).tolist()]


def steps_of(model, lr, n, name, loss_of):  # Adam, its rate warming up, then falling
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


def imitate(model, ids, mask, lr, size, steps, g, name):
    targets = ids[:, 1:].masked_fill(~mask[:, 1:], -100)  # what cross_entropy leaves out

    def loss(model):
        ix = torch.randint(len(ids), (size,), generator=g)
        return F.cross_entropy(model(ids[ix, :-1]).flatten(0, 1), targets[ix].flatten())

    return steps_of(model, lr, steps, name, loss)


def careless(sums, g):
    """What people write: the sum, or (six times out of ten) the sum without its carry."""
    luck = torch.rand(len(sums), generator=g).tolist()
    carries = [10 * (a % 10 + b % 10 > 9) for a, b in sums]
    return [sum(ab) - c * (x < 0.6) for ab, c, x in zip(sums, carries, luck, strict=True)]


def pretrain(sums, steps, g):
    sums = sums * 3
    forms = pick("=: ", len(sums), g)
    texts = zip(sums, forms, careless(sums, g), strict=True)
    rows = [encode(f"\n{a}+{b}{form}{str(c)[::-1]}\n") for (a, b), form, c in texts]
    ids = torch.tensor([row + [PAD] * (11 - len(row)) for row in rows])
    return imitate(GPT(), ids, ids != PAD, 5e-3, 128, steps, g, "pretraining")


def dpo(sft, batch, rewards, steps, g, beta=1.0):
    ids, mask, old = batch  # 8 answers to each prompt by the SFT model, the reference: old is its
    r = rewards.view(-1, 8)
    group, i, j = (r[:, :, None] > r[:, None, :]).nonzero().T  # the same prompt, right and wrong
    pairs = torch.stack([8 * group + i, 8 * group + j])

    def loss(model):
        rows = pairs[:, torch.randint(pairs.shape[1], (64,), generator=g)].flatten()
        moved = (token_logps(model, ids[rows]) - old[rows]).masked_fill(~mask[rows, 1:], 0)
        chosen, rejected = moved.sum(1).view(2, -1)
        return -F.logsigmoid(beta * (chosen - rejected)).mean()

    return steps_of(copy.deepcopy(sft), 2e-4, steps, "DPO", loss)


def rewards_of(batch, sums, G):
    return torch.tensor([verify(r[7:], *sums[i // G]) for i, r in enumerate(batch[0].tolist())])


def grpo(sft, sums, test, steps, g):
    curve, policy, reference = [], copy.deepcopy(sft), copy.deepcopy(sft).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=7e-4, betas=(0.9, 0.99))
    with progress(steps, "GRPO", every=0.25) as bar:
        for i in range(steps):
            optimizer.param_groups[0]["lr"] = 7e-4 * (1 - 0.9 * i / steps)
            asked = pick(sums, 16, g)
            batch = rollout(policy, questions(asked), 8, 4, 1.0, g)
            rewards = rewards_of(batch, asked, 8)
            told = rl_step(policy, reference, optimizer, batch, rewards, 8, 1.0, 2, 0.2, 0.02)
            bar.update(reward=rewards.mean(), kl=told["kl"])
            if i % 10 == 9:
                right = evaluate(policy, test)["accuracy"]
                curve.append((i + 1, rewards.mean().item(), right, told["kl"]))
    return policy, curve


# %%
def ladder(seed, sizes, road="both"):
    """All stages, measured on the same held-out sums: (rows of figures, the run of GRPO, models, test)."""
    torch.manual_seed(seed)
    g, again = torch.Generator().manual_seed(seed), torch.Generator()
    unordered = [(a, b) for a in range(10, 60) for b in range(a, 60)]
    random.Random(seed).shuffle(unordered)
    both = lambda half: [p for a, b in half for p in sorted({(a, b), (b, a)})]  # noqa: E731
    train, test = both(unordered[150:]), both(unordered[:150])  # 35+12 goes with 12+35
    figures, models, curve = {}, {}, []

    def measure(name, model):
        models[name], sft = model, models.get("SFT", model)
        batch = rollout(model, questions(test), 4, 4, 1.0, again.manual_seed(1))
        with torch.no_grad():  # k1: how much more probable its answers are than to the reference
            moved = batch[2] - token_logps(sft, batch[0]).masked_fill(~batch[1][:, 1:], 0)
        rewards, kl = rewards_of(batch, test, 4), moved.sum(1).mean()
        figures[name] = evaluate(model, test) | dict(reward=rewards.mean().item(), kl=kl.item())

    measure("base", base := pretrain(train, sizes["pretrain"], g))
    few = pick(train, 100, g)
    chats = build_examples(few, careless(few, g))
    sft = imitate(copy.deepcopy(base), *chats, 1e-3, 32, sizes["sft"], g, "SFT")
    measure("SFT", sft)
    if road in ("dpo", "both"):
        asked = pick(train, 600, g)
        batch = rollout(sft, questions(asked), 8, 4, 1.0, g)
        rewards = rewards_of(batch, asked, 8)
        if not 0 < rewards.mean() < 1:
            raise DataError("DPO needs right answers and wrong ones: train SFT for longer")
        measure("DPO", dpo(sft, batch, rewards, sizes["dpo"], g))
    if road in ("grpo", "both"):
        policy, curve = grpo(sft, train, test, sizes["grpo"], g)
        measure("GRPO", policy)
    return figures, curve, models, test


# %% [markdown]
# ## Run it
#
# Break it: let `verify` accept the digits anywhere in the response, without END. Then the ladder calls the
# *base model* half right, which answers nothing, and GRPO lets rubbish such as `08=` stand.


# %%
SIZES = dict(pretrain=900, sft=150, dpo=150, grpo=200)


def say(model, sums):
    ids, signs = questions(sums), CHARS[:-1] + "|??."
    ids = rollout(model, ids, 1, 4, 1.0, torch.Generator().manual_seed(2))[0][:, 7:]
    return ["".join(signs[i] for i in row if i != PAD) for row in ids.tolist()]


def draw(figures, curve, models, sums):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.3), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    shown = [(name, f["accuracy"]) for name, f in figures.items()]
    left.bar_label(left.bar(*zip(*shown, strict=True), color="C0"), fmt="{:.0%}")
    left.set(ylim=(0, 1.1), ylabel="held-out sums right", title="the ladder")
    if curve:
        step, reward, accuracy, kl = zip(*curve, strict=True)
        middle.plot(step, reward, ".-", label="reward (its samples)")
        middle.plot(step, accuracy, ".-", label="held out, greedy")
        middle.plot(step, kl, ".-", label="KL per token")
        middle.set(xlabel="step", title="GRPO")
        middle.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
    rows = zip([f"{a}+{b}" for a, b in sums], *(say(m, sums) for m in models.values()), strict=True)
    table = right.table(list(rows), colLabels=["", *models], bbox=(0, 0.1, 1, 0.8))
    table.auto_set_font_size(False)
    table.set_fontsize(11)
    right.axis("off")
    right.set(title="samples (. END, | new line)")
    figure.savefig(path := picture("10_assistant/pipeline.png"), dpi=90)
    print(f"look at {path}")


def main():
    parser = argparse.ArgumentParser(description="A base model becomes an assistant that adds.")
    parser.add_argument("--road", choices=["grpo", "dpo", "both"], default="both")
    for name, default in (SIZES | dict(seed=0)).items():
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    sizes = {name: getattr(args, name) for name in SIZES}
    if min(sizes.values()) < 1 or args.seed < 0:
        parser.error("every stage has at least one step, and the seed is 0 or more")
    figures, curve, models, test = ladder(args.seed, sizes, args.road)
    print(f"held-out sums: {len(test)}     right  in form  reward  KL to SFT")
    for name, f in figures.items():
        told = f"{f['accuracy']:26.1%} {f['format']:7.0%} {f['reward']:8.2f} {f['kl']:8.2f}"
        print(f"{name:5}{told}")
    draw(figures, curve, models, [(a, b) for a, b in test if a % 10 + b % 10 > 9][:6])


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
