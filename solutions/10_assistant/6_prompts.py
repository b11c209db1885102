# %% [markdown]
# # How to ask: prompts, room to compute, several tries
#
# The second half of the talk "State of GPT" is about using such models. This part makes small experiments of
# its advice: on models so tiny that they train in seconds, and you can see why the advice works. What is
# only said and not measured here is marked *(text)*.
#
# A model is a distribution over continuations. You do not give it orders; you choose what it continues:
#
# | advice | what is behind it | |
# |---|---|---|
# | show examples | which task it is, is read from the text | measured (a) |
# | ask for good quality | it has read good and bad writers, and continues either | measured (a) |
# | let it think step by step | each token has only so many layers to compute in | measured (b) |
# | try several times; vote, or check | one unlucky token spoils what follows | measured (c) |
# | give it the facts, do not make it remember | copying from the prompt is easier than knowing | *(text)* |
# | give it tools: a calculator, a search | it writes `CALC(48*77)`, a program answers | *(text)* |
# | ask it to check itself | it can notice a mistake, but only once it is written | *(text)* |
# | first prompt, then examples, then finetune | the cheap things first; LoRA is part 4 | *(text)* |
# | do not trust what it says of itself | "I am sure" is a likely continuation, no measurement | *(text)* |
#
# What will go wrong: a space behind the prompt that no training text had; long answers lose against short
# ones because every token costs; a vote in which nonsense votes; pass@k computed from k samples, which is
# noise.

# %%
import argparse
import math
import sys
from collections import Counter

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, picture, progress

# %% [markdown]
# ## Examples in the prompt
#
# Instead of explaining a task, show it: a few examples, then a question whose answer is missing. The model
# continues the pattern (Brown et al. 2020 call this few-shot). The prompt stops exactly where the answer
# begins. Not behind a space: for most tokenizers " Paris" with its space is *one* token, and after a lone
# space the model is in a place where it has never been.


# %%
def few_shot_prompt(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    """A prompt of an instruction, examples, and a question without its answer.

    Args:
        examples: a list of (question, answer), strings; may be empty. They may contain anything, braces too.
        query: the question to be answered, a string.
        before, between, after: what stands in front of each question, between question and answer, and
            behind each answer.
        instruction: what stands in front of everything, as it is.

    Returns:
        A str: instruction, then before + question + between + answer + after for each example in the given
        order, then before + query + between, but without the spaces at the very end of the prompt (only " "
        is cut off, no line breaks; and only there).

    Example:
        >>> few_shot_prompt([("2+2", "4")], "3+5", before="", between=" = ", after="; ")
        '2+2 = 4; 3+5 ='
    """
    ### BEGIN SOLUTION
    shown = "".join(before + q + between + a + after for q, a in examples)
    return (instruction + shown + before + query + between).rstrip(" ")
    ### END SOLUTION


# %% [markdown]
# ## What does it think of an answer?
#
# If the possible answers are known, nothing need be written: ask how probable each of them is. The
# log-probability of an answer given the prompt is the sum over its tokens, each given everything before it:
#
# $$\log p(a \mid q) = \sum_t \log p(a_t \mid q, a_1 \ldots a_{t-1})$$
#
# The first token of the answer is predicted at the *last* token of the prompt.


# %%
def answer_logprob(model, prompt, answer):
    """The log-probability of an answer, given a prompt.

    Args:
        model: int64 (1, T) -> logits (1, T, V), which may be far apart; no gradient is recorded, its mode is
            left.
        prompt: a list of ids, at least one; not changed.
        answer: a list of ids, at least one; not changed.

    Returns:
        A Python float: the sum of the log-probabilities of the answer's tokens, each given the prompt and
        the tokens before it. Those of the prompt do not count.

    Example:
        >>> model = lambda ids: torch.tensor([0.5, 0.25, 0.25]).log().expand(1, ids.shape[1], 3)
        >>> round(answer_logprob(model, [0, 2, 1], [0, 1]), 4)  # log(0.5 * 0.25)
        -2.0794
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        logps = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    return sum(logps[len(prompt) - 1 + i, token].item() for i, token in enumerate(answer))
    ### END SOLUTION


# %% [markdown]
# Every token costs, so the sum likes short answers: "yes" with 0.2 wins against three tokens of 0.5 each
# (0.125). Divided by the number of tokens it is the other way round. Neither is right; benchmarks report
# both (lesson 09, part 8).


# %%
def choose(model, prompt, answers, mean=False):
    """Which of several answers the model prefers.

    Args:
        model, prompt: as in answer_logprob.
        answers: a list of at least one answer, each a list of ids.
        mean: False compares the log-probabilities; True compares them divided by the answer's number of
            tokens.

    Returns:
        The index of the best answer, an int; of several equally good ones the first.
    """
    ### BEGIN SOLUTION
    scores = [answer_logprob(model, prompt, a) / (len(a) if mean else 1) for a in answers]
    return scores.index(max(scores))
    ### END SOLUTION


# %% [markdown]
# ## Several tries
#
# A model that is drawn from gives another answer each time. With something that can tell good from bad (a
# test, a reward model, the model's own log-probability), take the best of n.


# %%
def best_of_n(candidates, scorer):
    """The candidate with the highest score.

    Args:
        candidates: a list of at least one candidate, whatever they are.
        scorer: a function from a candidate to a number; called once for each, in order (it may be
            expensive).

    Returns:
        The best candidate itself; of several equally good ones the first.

    Raises:
        ValueError: there is no candidate.
    """
    ### BEGIN SOLUTION
    return max(candidates, key=scorer)
    ### END SOLUTION


# %% [markdown]
# Without a judge: let them vote (self-consistency, Wang et al. 2022). There are many ways to be wrong and
# one to be right, so wrong answers seldom agree. The vote is about final answers, not about the ways that
# led there; a try that came to no answer does not vote.


# %%
def majority_vote(answers):
    """The answer that occurs most often.

    Args:
        answers: a list of answers (strings or numbers); None stands for a try without a valid answer. May be
            empty.

    Returns:
        The most frequent answer that is not None; of several equally frequent ones the one that occurs first
        in the list. None, if nothing valid is there. No loop over the answers stands inside another.

    Example:
        >>> majority_vote([None, "7", "12", "12", None, None, "7"])
        '7'
    """
    ### BEGIN SOLUTION
    votes = Counter(a for a in answers if a is not None)
    return max(votes, key=votes.get) if votes else None
    ### END SOLUTION


# %% [markdown]
# ## How good are k tries?
#
# pass@k: the probability that at least one of k tries is right. Drawing k and looking is noise. Draw n, more
# than k, count the c right ones, and ask for *all* choices of k among them: how many contain no right one?
#
# $$\text{pass@}k = 1 - \binom{n-c}{k} \Big/ \binom{n}{k}$$
#
# With n = 4, c = 1, k = 2: of 6 pairs 3 miss the right one, so 0.5. The tempting $1 - (1 - c/n)^k$ says
# 0.4375: it draws with replacement, and is biased. And the binomials are huge: $\binom{2000}{1000}$ is no
# float. As a product:
# $1 - \prod_{i=n-c+1}^{n} (1 - k/i)$.


# %%
def pass_at_k(n, c, k):
    """The unbiased estimate of the probability that one of k tries is right.

    Args:
        n: how many tries were made, int >= 1.
        c: how many of them were right, an int with 0 <= c <= n.
        k: an int with 1 <= k <= n.

    Returns:
        A Python float (0.0 and 1.0 too, no int), right to about 1e-12, for n up to 10,000 as well.

    Raises:
        ValueError: k is above n, or below 1.

    Example:
        >>> pass_at_k(4, 1, 2)
        0.5

    Source: Chen et al. 2021 (Codex), equation 1.
    """
    ### BEGIN SOLUTION
    if not 1 <= k <= n:
        raise ValueError(f"k is {k}: at least 1, and at most {n}")
    return 1.0 - math.prod(1 - k / i for i in range(n - c + 1, n + 1))
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# `hero run 10/6` makes the three experiments (`-- --only b` makes one).
#
# **(a) Which task is it?** Sequences of pairs such as `b d a c g a`: every second letter is the one before
# it shifted by k, and k is 0, 1, 2 or 3, another one in every sequence. In front stands `+` for a careful
# writer, or `-` for one who writes any letter in half of the pairs. No weight changes afterwards, and still
# it gets better with examples: with one from a careful writer it knows k, from a careless one it collects
# evidence. And shown the *same* examples, it gives the right letter less often behind a `-`: it can, but it
# imitates. Ask for the good writer.
#
# **(b) Room to compute.** The last digit of the sum of six digits. One model must say it at once
# (`384915=0`), the other may write what it has so far (`384915=315450`: 3, 3+8, 3+8+4, ..., last digits).
# Same layers, same steps of training. Each token passes the same few layers, so what takes many steps needs
# many tokens.
#
# **(c) Several tries.** A model that learned (b) from careless writers makes a mistake in some of its steps,
# and none can be taken back. One try, a vote of n, the best of n by its own log-probability, and pass@n,
# that of a perfect checker (estimated from all 16 tries, the others from the first n).
#
# ![Examples, and several tries](pictures/prompts.png)
#
# **Break it.** Make the digits of (b) fewer (`--digits 2`): now the answer at once is learned, too. Room is
# needed only for what does not fit.


# %%
class GPT(nn.Module):
    """Lesson 07 in torch's own layers: ids, int64 (B, T) -> logits (B, T, vocab_size)."""

    def __init__(self, vocab_size, block_size, width=48, heads=4, layers=2):
        super().__init__()
        self.token, self.position = nn.Embedding(vocab_size, width), nn.Embedding(block_size, width)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        block = nn.TransformerEncoderLayer(width, heads, 4 * width, **options)
        self.blocks = nn.TransformerEncoder(block, layers, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocab_size)
        for p in self.parameters():
            if p.ndim == 2:
                nn.init.normal_(p, std=0.5 * p.shape[1] ** -0.5)

    def forward(self, ids):
        T = ids.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        x = self.token(ids) + self.position(torch.arange(T))
        return self.head(self.norm(self.blocks(x, mask=future)))


def train(model, batch, steps, name):
    """batch() -> ids and targets (-100 where nothing counts)."""
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    with progress(steps, name) as bar:
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = 3e-3 * min(1.0, (step + 1) / 50)
            ids, targets = batch()
            optimizer.zero_grad()
            loss = F.cross_entropy(model(ids).flatten(0, 1), targets.flatten())
            loss.backward()
            optimizer.step()
            bar.update(loss=loss.item())
    return model


@torch.no_grad()
def write(model, ids, n, g=None):
    """n more tokens, int64 (B, n): drawn if there is a generator, the most probable ones if not."""
    for _ in range(n):
        logits = model(ids)[:, -1]
        best = logits.argmax(-1, keepdim=True)
        ids = torch.cat(
            [ids, best if g is None else logits.softmax(-1).multinomial(1, generator=g)], 1
        )
    return ids[:, -n:]


LETTERS, SHOTS = "abcdefgh+-", 8


def pairs(n, g):
    """Letter, shifted letter, ...: int64 (n, 2 SHOTS + 3) with the writer's sign in front."""
    careless, k = torch.randint(0, 2, (n, 1), generator=g), torch.randint(0, 4, (n, 1), generator=g)
    x, noise = (torch.randint(0, 8, (n, SHOTS + 1), generator=g) for _ in range(2))
    wrong = (torch.rand(n, SHOTS + 1, generator=g) < 0.5) & (careless == 1)
    y = torch.where(wrong, noise, (x + k) % 8)
    ids = torch.cat([8 + careless, torch.stack([x, y], 2).flatten(1)], 1)
    targets = torch.full_like(ids, -100)
    targets[:, 1::2] = y
    return ids[:, :-1], targets[:, :-1]


def in_context(g, steps):
    """(a): share right by number of examples, for the two writers."""
    model = train(GPT(10, 2 * SHOTS + 3), lambda: pairs(64, g), steps, "(a) examples")
    curves, given = {"+": [], "-": []}, {"+": 0.0, "-": 0.0}
    for shots in range(SHOTS + 1):
        hits = {"+": 0, "-": 0}
        for _ in range(120):
            k, *x = torch.randint(0, 8, (shots + 2,), generator=g).tolist()
            k %= 4
            for sign in "+-":
                lies = (torch.rand(shots, generator=g) < 0.5 * (sign == "-")).tolist()
                any_letter = torch.randint(0, 8, (shots,), generator=g).tolist()
                y = [
                    a if lie else (i + k) % 8
                    for i, a, lie in zip(x, any_letter, lies, strict=False)
                ]
                shown = [(LETTERS[i], LETTERS[j]) for i, j in zip(x, y, strict=False)]
                text = few_shot_prompt(shown, LETTERS[x[-1]], "", "", "", sign)
                ids = [LETTERS.index(c) for c in text]
                right = (x[-1] + k) % 8
                hits[sign] += choose(model, ids, [[i] for i in range(8)]) == right
                if shots == SHOTS and sign == "+":
                    for other in "+-":  # the same clean examples
                        ids[0] = LETTERS.index(other)
                        given[other] += math.exp(answer_logprob(model, ids, [right])) / 120
        for sign in "+-":
            curves[sign].append((shots, hits[sign] / 120))
    for sign, name in (("+", "careful"), ("-", "careless")):
        print(
            f"{name}: right with 0, 1, {SHOTS} examples",
            *(f"{curves[sign][i][1]:.0%}" for i in (0, 1, -1)),
        )
    print(
        f"the same clean examples: right letter {given['+']:.0%} behind +, {given['-']:.0%} behind -"
    )
    return {f"{name} writer": curves[sign] for sign, name in (("+", "careful"), ("-", "careless"))}


def sums(n, digits, g, steps=True, noise=0.0):
    """Digits, "=" (10), and what comes behind it: running sums modulo 10, or the last one only."""
    d = torch.randint(0, 10, (n, digits), generator=g)
    slip = torch.randint(0, 10, d.shape, generator=g) * (torch.rand(d.shape, generator=g) < noise)
    running = (d + slip).cumsum(1) % 10  # a slip stays in all that follows
    ids = torch.cat([d, torch.full((n, 1), 10), running if steps else running[:, -1:]], 1)
    targets = ids[:, 1:].clone()
    targets[:, :digits] = -100
    return ids[:, :-1], targets


def room(g, steps, digits):
    """(b): with and without running sums."""
    for thinks in (False, True):
        batch = lambda thinks=thinks: sums(64, digits, g, thinks)  # noqa: E731
        name = "(b) step by step" if thinks else "(b) at once"
        model = train(GPT(11, 2 * digits + 1), batch, steps, name)
        ids, _ = sums(500, digits, g, thinks)
        said = write(model, ids[:, : digits + 1], digits if thinks else 1)[:, -1]
        right = (said == ids[:, :digits].sum(1) % 10).float().mean().item()
        print(f"{name[4:]}: {right:.0%} of {len(ids)} new sums of {digits} digits are right")


def tries(g, steps, digits, n=16, questions=200):
    """(c): a vote, the best, and one of n tries."""
    model = train(
        GPT(11, 2 * digits + 1), lambda: sums(64, digits, g, True, 0.15), steps, "(c) tries"
    )
    asked = sums(questions, digits, g)[0][:, : digits + 1]
    wanted = (asked[:, :-1].sum(1) % 10).tolist()
    drawn = (
        write(model, asked.repeat_interleave(n, 0), digits, g).view(questions, n, digits).tolist()
    )
    curves = {"pass@n: a perfect checker": [], "vote of n": [], "best of n by log-probability": []}
    logp = lambda q, way: answer_logprob(model, asked[q].tolist(), way)  # noqa: E731
    valued = [[(logp(q, way), way[-1]) for way in ways] for q, ways in enumerate(drawn)]
    for k in (1, 2, 3, 4, 6, 8, 12, 16):
        found = [0.0, 0.0, 0.0]
        for ways, right in zip(valued, wanted, strict=True):
            ends = [end if end < 10 else None for _, end in ways]  # "=" is no digit
            found[0] += pass_at_k(n, ends.count(right), k)
            found[1] += majority_vote(ends[:k]) == right
            found[2] += best_of_n(ways[:k], lambda way: way[0])[1] == right
        for curve, hits in zip(curves.values(), found, strict=True):
            curve.append((k, hits / questions))
    for name, curve in curves.items():
        print(
            f"{name}: n = 1 {curve[0][1]:.0%}, n = 4 {curve[3][1]:.0%}, n = 16 {curve[-1][1]:.0%}"
        )
    return curves


def draw(shots, several):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, curves in ((left, shots), (right, several)):
        for name, points in curves.items():
            axes.plot(*zip(*points, strict=True), ".-", label=name)
        axes.legend(loc="lower right", fontsize=10)
        axes.set_ylim(0, 1.05)
    left.set(xlabel="examples in the prompt", ylabel="share right", title="(a) which task is it?")
    right.set(xlabel="n tries", title="(c) several tries", xticks=[1, 4, 8, 12, 16])
    path = picture("10_assistant/prompts.png")
    figure.savefig(path, dpi=90)
    print(f"look at {path}")


def main():
    parser = argparse.ArgumentParser(description="Prompts, room to compute, several tries.")
    parser.add_argument("--only", choices=["a", "b", "c"], help="one experiment")
    parser.add_argument("--digits", type=int, default=6, help="of (b) and (c), 2 to 12")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 2 <= args.digits <= 12:
        parser.error("--digits is from 2 to 12")
    # a TODO shows before the training
    few_shot_prompt([], "a"), pass_at_k(2, 1, 1), majority_vote([1]), best_of_n([1], abs)
    choose(GPT(10, 4), [0], [[1], [2]])
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(0)
    shots = in_context(g, 800) if args.only in (None, "a") else {}
    if args.only in (None, "b"):
        room(g, 300, args.digits)
    several = tries(g, 300, args.digits) if args.only in (None, "c") else {}
    if shots and several:
        draw(shots, several)


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
