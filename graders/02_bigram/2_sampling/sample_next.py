"""02.sample_next: roll the die."""

import math
from collections import Counter

import torch

from graders.authoring import exercise

draw = exercise("sample_next", title="roll the die")


@draw.cases
def _(rng):
    """No choice: the index is certain. The impossible never happens."""
    for size, certain in [(3, 1), (1, 0), (5, 4), (4, 0), (27, 13)]:
        probs = torch.zeros(size)
        probs[certain] = 1.0
        yield dict(probs=probs, seed=rng.seed(), n=3)
    yield dict(probs=torch.tensor([0.0, 1.0], dtype=torch.float64), seed=rng.seed(), n=2)


@draw.scenario
def _(m, probs, seed, n):
    g = torch.Generator().manual_seed(seed)
    before = probs.clone()
    drawn = [m.sample_next(probs, g) for _ in range(n)]
    return {
        "drawn": drawn,
        "Python ints": all(type(i) is int for i in drawn),
        "probs as they were": bool(torch.equal(before, probs)),
    }


def open_cases(rng):
    heavy = [0.5] + [0.5 / 800] * 800  # to sharpen or flatten it changes much for the first
    for p in ([0.5, 0.0, 0.3, 0.05, 0.15], heavy, [0.0, 0.02, 0.38, 0.6]):
        yield dict(probs=torch.tensor(rng.shuffled(p)), seed=rng.seed(), n=250)
    # rare ones of four kinds, each kind together often enough to be counted
    # two kinds in turn, a little less and a little more than half a side of a die with 2,048 sides (float16
    # has no more above 0.5): rounded to whole sides, the first kind never comes
    turns = torch.tensor([0.45, 0.55] * 400 + [2048 - 400]) / 2048
    yield dict(probs=turns, seed=rng.seed(), n=600)
    # the rarest are nothing where probabilities are rounded to four digits
    rare = [0.12] + [0.009] * 20 + [0.001] * 200 + [0.00025] * 1680 + [0.00004] * 2000
    yield dict(probs=torch.tensor(rng.shuffled(rare)), seed=rng.seed(), n=600)


def frequencies(case, got):
    """Each index about n * p times: within six standard deviations, and never where p is 0.

    A right solution is outside with a probability of some 1e-8 for each index. Where only a few are
    expected that would not hold, so rare indices are judged together with all that are as rare: how often
    one of them was drawn, and how seldom the same one again.
    """
    probs = case["probs"].tolist()
    n = case["n"]
    if not isinstance(got, list) or len(got) != n:
        return "expected indices"
    if not all(type(g) is int and 0 <= g < len(probs) for g in got):
        return "expected indices"
    counts = Counter(got)
    for i, p in enumerate(probs):
        count = counts[i]
        if p == 0.0 and count:
            return f"index {i} was drawn {count} times, and its probability is 0"
        if n * p >= 10 and abs(count - n * p) > 6 * math.sqrt(n * p * (1 - p)) + 1:
            return f"index {i} was drawn {count} times of {n}, expected about {n * p:.0f} (probability {p:g})"
    for p, many in Counter(probs).items():
        alike = [counts[i] for i, q in enumerate(probs) if q == p]
        drawn, share = sum(alike), many * p
        if n * share >= 10 and abs(drawn - n * share) > 6 * math.sqrt(n * share * (1 - share)) + 1:
            return (
                f"the {many} indices of probability {p:g} were drawn {drawn} times of {n}, "
                f"expected about {n * share:.0f}"
            )
        again = drawn - sum(count > 0 for count in alike)
        chance = drawn**2 / (2 * many)
        if many > 100 and again > chance + 6 * math.sqrt(chance) + 3:
            return (
                f"of {drawn} draws among {many} indices alike, {again} were one that had come before; "
                f"chance makes that about {chance:.0f}"
            )
    return None


@draw.check("frequencies", cases=open_cases, judge=frequencies)
def _(m, probs, seed, n):
    g = torch.Generator().manual_seed(seed)
    return [m.sample_next(probs, g) for _ in range(n)]


@draw.check("the generator", cases=lambda rng: iter([dict(seeds=[rng.seed() for _ in range(4)])]))
def _(m, seeds):
    """All randomness comes from it: the same seed, the same rolls, whatever happens elsewhere."""
    probs = torch.full((40,), 1 / 41)
    probs[17] *= 2

    def rolls(seed, outside):
        torch.default_generator.manual_seed(outside)
        before = torch.get_rng_state()
        g = torch.Generator().manual_seed(seed)
        drawn, moved = [], []
        for _ in range(24):
            state = g.get_state()
            drawn.append(m.sample_next(probs, g))
            moved.append(not torch.equal(state, g.get_state()))
        return drawn, torch.equal(before, torch.get_rng_state()), moved

    def later(seed, before):
        """What it rolls when so much was drawn before, and again when it is put back to there."""
        g = torch.Generator().manual_seed(seed)
        torch.rand(before, generator=g)
        state, found = g.get_state(), []
        for _ in range(2):
            g.set_state(state)
            found.append([m.sample_next(probs, g) for _ in range(24)])
        return found

    first = [rolls(seed, 1) for seed in seeds]
    again = [rolls(seed, 2) for seed in seeds]
    return {
        "the same seed gives the same rolls": [f[0] for f in first] == [f[0] for f in again],
        "other seeds give other rolls": len({tuple(f[0]) for f in first}),
        "it moves on from roll to roll": all(len(set(f[0])) > 3 for f in first),
        "rolls that moved the generator": [sum(f[2]) for f in first],
        "not only the most likely": any(i != 17 for f in first for i in f[0]),
        "torch's global generator stays untouched": all(f[1] for f in first + again),
        "put back to an earlier state, it rolls the same": [
            once == more for once, more in (later(seed, 3) for seed in seeds)
        ],
        "what was drawn from it before counts": len(
            {tuple(later(seeds[0], before)[0]) for before in (0, 1, 5, 700)}
        ),
    }


draw.legal("the generator drawn from once more", "Any way of drawing will do")

draw.hint(
    "torch.multinomial draws an index from probabilities. What type does it return, and what do you want?"
)
draw.hint(
    "The generator has to be handed on: generator=generator. Without it torch rolls its own, global die."
)
draw.hint(
    "return torch.multinomial(probs, num_samples=1, replacement=True, generator=generator).item()"
)


@draw.misconception(
    "That is the most likely index, always the same one. Sampling means: index i comes with "
    "probability probs[i]."
)
def argmax(probs, generator):
    return int(probs.argmax())


@draw.misconception("Every index is equally likely here: probs has to decide.")
def uniform(probs, generator):
    return int(torch.randint(0, len(probs), (1,), generator=generator))


@draw.misconception(
    "The generator was not handed on, so torch's global one rolls: the same seed no longer gives the "
    "same names."
)
def global_generator(probs, generator):
    return torch.multinomial(probs, num_samples=1, replacement=True).item()


@draw.misconception(
    "The generator is made, or seeded, anew at each call: it rolls the same number over and over. "
    "Seed it once, outside."
)
def seeded_again(probs, generator):
    generator = torch.Generator().manual_seed(generator.initial_seed())
    return torch.multinomial(probs, num_samples=1, replacement=True, generator=generator).item()


@draw.misconception(
    "What the generator that you are given would draw next does not count: another one rolls here, or it is "
    "seeded anew before. Draw from it as it is."
)
def own_generator(probs, generator):
    generator = torch.Generator().manual_seed(2147483647)
    return torch.multinomial(probs, num_samples=1, replacement=True, generator=generator).item()


@draw.misconception(
    "Probabilities were raised to a power before the roll (a temperature): that makes rare indices more "
    "frequent, or rarer. Draw with `probs` as they are."
)
def tempered(probs, generator):
    return torch.multinomial(probs**0.85, 1, generator=generator).item()


@draw.misconception(
    "All small probabilities were taken for one: rare indices differ, too, and each comes as often as "
    "its own probability says."
)
def rare_alike(probs, generator):
    rare = (probs > 0) & (probs < 0.01)
    level = probs.clone()
    level[rare] = probs[rare].mean()
    return torch.multinomial(level, 1, generator=generator).item()


@draw.misconception(
    "Your roll has a thousand values only, so that of many rare indices most can never come. torch.rand "
    "is fine enough; torch.multinomial does all of it."
)
def coarse(probs, generator):
    roll = (torch.randint(0, 1000, (1,), generator=generator) + 0.5) / 1000
    return int(torch.searchsorted(probs.cumsum(0) / probs.sum(), roll))


@draw.misconception("A tensor came back. Take the number out of it: .item().")
def tensor(probs, generator):
    return torch.multinomial(probs, num_samples=1, replacement=True, generator=generator)


@draw.misconception("That is the *probability* of what was drawn. The index is wanted.")
def its_probability(probs, generator):
    return probs[torch.multinomial(probs, 1, generator=generator)].item()


@draw.misconception("One draw too many is thrown away... and counted from 1: the first index is 0.")
def from_one(probs, generator):
    return torch.multinomial(probs, 1, generator=generator).item() + 1


@draw.misconception(
    "multinomial wants probabilities, not their logarithms: negative weights are refused."
)
def logarithms(probs, generator):
    return torch.multinomial(probs.log(), 1, generator=generator).item()


@draw.misconception(
    "softmax was applied once more. These are probabilities already; now even the impossible can happen."
)
def softmax_again(probs, generator):
    return torch.multinomial(probs.softmax(0), 1, generator=generator).item()


@draw.misconception("Small probabilities were cut away. Rare is not impossible.")
def only_the_likely(probs, generator):
    return torch.multinomial(probs * (probs >= 0.1), 1, generator=generator).item()


@draw.misconception(
    "Squared probabilities prefer what is frequent already. Draw with probs as they are."
)
def sharpened(probs, generator):
    return torch.multinomial(probs**2, 1, generator=generator).item()


@draw.variant("a uniform number, and the running sums")
def running_sums(probs, generator):
    u = torch.rand((), generator=generator, dtype=torch.float64)
    sums = (probs.double() / probs.double().sum()).cumsum(0)
    return min(int((u >= sums).sum()), int(probs.nonzero().max()))


@draw.variant("the race of exponentials")
def exponentials(probs, generator):
    waits = torch.empty(probs.shape, dtype=torch.float64).exponential_(generator=generator)
    return (waits / probs.double()).argmin().item()


@draw.variant("multinomial, in one word less")
def terse(probs, generator):
    return int(torch.multinomial(probs, 1, generator=generator))


draw.equivalent(
    "torch.multinomial(probs, num_samples=1, replacement=True, generator=generator)  ->  "
    "torch.multinomial(probs, num_samples=1, generator=generator)",
    "of a single draw nothing is put back",
)
draw.equivalent("True  ->  False", "of a single draw nothing is put back")
