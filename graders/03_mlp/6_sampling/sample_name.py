"""03.sample_name: draw a name."""

import itertools
import math
import string

import torch

from graders.authoring import exercise

from .part import leaves, parameters, script, scripted, single

sample = exercise("sample_name", title="draw a name", points=2, pure=False)

LETTERS = ".abcdefghijk"
MANY = "." + string.ascii_letters


@sample.cases
def _(rng):
    # itos is shuffled behind its dot: the index is not the letter's place in the alphabet
    for v, t, name in [
        (6, 2, [1, 1, 2, 3, 2, 1, 3, 5]),
        (5, 3, [2, 1, 1, 2, 1, 2, 2]),
        (7, 1, [4, 2, 6, 1, 3]),
        (5, 2, []),
    ]:
        letters = rng.shuffled(range(1, v))
        name = [letters[i - 1] for i in name]
        itos = "." + "".join(rng.shuffled("abcdefghijk")[: v - 1])
        params = script(rng, v, t, name)
        yield dict(params=params, block_size=t, itos=itos, max_len=12, seed=rng.seed())
        yield dict(params=params, block_size=t, itos=itos, max_len=4, seed=rng.seed())
        yield dict(params=params, block_size=t, itos=itos, max_len=0, seed=rng.seed())
    # one that never stops by itself: max_len is 20 unless given
    endless = {c: 1 + (c[0] + 1) % 3 for c in itertools.product(range(4), repeat=1)}
    options = dict(params=single(scripted(endless, 4, 1)), block_size=1, itos=".xyz")
    yield dict(options, seed=rng.seed())
    yield dict(options, max_len=25, seed=rng.seed())


@sample.scenario
def _(m, params, seed, **case):
    return m.sample_name(leaves(params), generator=torch.Generator().manual_seed(seed), **case)


@sample.oracle
def _(params, block_size, itos, seed, max_len=20):
    context, name = [0] * block_size, ""
    while len(name) < max_len:
        x = params["C"][torch.tensor(context)].flatten()
        h = torch.tanh(x @ params["W1"] + params["b1"])
        i = int((h @ params["W2"] + params["b2"]).argmax())
        if i == 0:
            break
        name += itos[i]
        context = [*context[1:], i]
    return name


def undecided(rng):
    """Networks that leave many choices."""
    for v, t, d, hidden in [(7, 3, 2, 4), (11, 2, 3, 5)]:
        params = parameters(rng, v, t, d, hidden, std=0.2)
        yield dict(
            params=params, block_size=t, itos=LETTERS[:v], seeds=[rng.seed() for _ in range(5)]
        )


@sample.check("the generator", cases=undecided)
def _(m, params, block_size, itos, seeds):
    params = leaves(params)

    def names(seed, outside):
        torch.default_generator.manual_seed(outside)
        g = torch.Generator().manual_seed(seed)
        before = torch.get_rng_state()
        found = [m.sample_name(params, block_size, itos, g, max_len=9) for _ in range(4)]
        return found, torch.equal(before, torch.get_rng_state())

    first = [names(seed, 1) for seed in seeds]
    again = [names(seed, 2) for seed in seeds]
    return {
        "the same seed gives the same names": [f for f, _ in first] == [f for f, _ in again],
        "other seeds give other names": len({tuple(f) for f, _ in first}) > 1,
        "a second name is another one": any(len(set(f)) > 1 for f, _ in first),
        "the global generator stays untouched": all(same for _, same in first + again),
        "params still trainable": all(p.requires_grad for p in params.values()),
        "autograd still on": torch.is_grad_enabled(),
    }


def endless_names(rng):
    """A network that never says the dot, and leaves all else open."""
    params = parameters(rng, 5, 1, 2, 3, std=0.2)
    params["b2"][0] = -1e4
    yield dict(params=params, itos=LETTERS[:5], seed=rng.seed())


@sample.check("how much is drawn", cases=endless_names)
def _(m, params, itos, seed):
    params = leaves(params)

    def after(*lengths):
        g = torch.Generator().manual_seed(seed)
        names = [m.sample_name(params, 1, itos, g, max_len=n) for n in lengths]
        return [len(name) for name in names], g.get_state()

    seen = [after(*lengths) for lengths in ((), (0,), (2, 2), (4,))]
    (_, untouched), (none, zero), (halves, twice), (whole, once) = seen
    return {
        "characters": [none, halves, whole],
        "max_len=0 draws nothing": torch.equal(untouched, zero),
        "two names of 2 draw as much as one of 4": torch.equal(twice, once),
    }


def indifferent(rng):
    """A network that ignores its context; names are cut after four characters.

    In the first one all characters are frequent: a cut at the most probable shows. In the second one
    has half of all: sharper or flatter probabilities show.
    """
    for n, p in (
        (150, [0.06 + 0.0042 * i for i in range(12)]),
        (130, [0.5] + [0.5 / 39] * 39),
    ):
        p = rng.shuffled([x / sum(p) for x in p])
        if p[0] == max(p):  # names should not end at once: the second place is looked at, too
            p = p[::-1]
        v = len(p)
        params = {k: torch.zeros_like(x) for k, x in parameters(rng, v, 2, 2, 3).items()}
        params["b2"] = torch.tensor(p, dtype=torch.float64).log() + rng.number(-3, 3)
        yield dict(params=params, itos=MANY[:v], p=p, n=n, seed=rng.seed())


def farthest(drawn, p):
    """Pearson's chi-square test: the index that is farthest off, or None if all could be chance.

    The limit is six standard deviations out (Wilson and Hilferty's cube root): a right solution is
    beyond it with a probability of some 1e-8, as long as five are expected of the rarest.
    """
    if len(drawn) * min(p) < 5:
        return None
    off = [(drawn.count(i) - len(drawn) * q) / math.sqrt(len(drawn) * q) for i, q in enumerate(p)]
    part = 2 / (9 * (len(p) - 1))
    if sum(x * x for x in off) <= (len(p) - 1) * (1 - part + 6 * math.sqrt(part)) ** 3:
        return None
    return max(range(len(p)), key=lambda i: abs(off[i]))


def frequencies(case, got):
    """Characters come as often as they should: in all places, in the first, the second, later ones."""
    if not isinstance(got, list) or len(got) != case["n"]:
        return "expected names"
    if not all(type(name) is str and len(name) <= 4 for name in got):
        return "expected names of four characters, at most"
    p, index = case["p"], {"" if c == "." else c: i for i, c in enumerate(case["itos"])}
    places = [[name[k : k + 1] for name in got if len(name) >= k] for k in range(4)]
    if not {c for place in places for c in place} <= index.keys():
        return "a character came that is not in itos"
    first, second, third, fourth = ([index[c] for c in place] for place in places)
    # -log p of what was drawn, on average: the entropy, unless small p come too often or too rarely
    surprise = [-math.log(q) for q in p]
    entropy = sum(q * s for q, s in zip(p, surprise, strict=True))
    variance = sum(q * (s - entropy) ** 2 for q, s in zip(p, surprise, strict=True))
    drawn = first + second + third + fourth
    cost = sum(surprise[i] for i in drawn) / len(drawn)
    if not abs(cost - entropy) <= 6 * math.sqrt(variance / len(drawn)):
        rare = "often" if cost > entropy else "rarely"
        return (
            f"improbable characters come too {rare}: -log p is {cost:.3f}, expected {entropy:.3f}"
        )
    places = {" as the first": first, " as the second": second, " later": third + fourth}
    for where, some in {"": drawn, **places}.items():
        i = farthest(some, p)
        if i is not None:
            char = "the end of the name" if i == index[""] else repr(case["itos"][i])
            return (
                f"{char} has probability {p[i]:.2g}, and came {some.count(i)} times of "
                f"{len(some)}{where}"
            )
    return None


@sample.check("frequencies", cases=indifferent, judge=frequencies)
def _(m, params, itos, p, n, seed):
    params, g = leaves(params), torch.Generator().manual_seed(seed)
    return [m.sample_name(params, 2, itos, g, max_len=4) for _ in range(n)]


sample.hint("Which characters does the network see when it chooses the third one?")
sample.hint("i = int(torch.multinomial(next_probs(params, context), 1, generator=generator))")
sample.hint("After each draw: stop at 0; name += itos[i]; context = context[1:] + [i].")

sample.misconception(
    "The context never moves: each character was drawn as if it were the first. Shift it in: "
    "context = context[1:] + [i].",
    name="not_shifted",
    replace="        context = context[1:] + [i]\n",
    by="",
)
sample.misconception(
    "The context was shifted the wrong way: the oldest character leaves on the left, the new one "
    "comes in on the right.",
    name="wrong_way",
    replace="context[1:] + [i]",
    by="[i] + context[:-1]",
)
sample.misconception(
    "The context grows: it must keep block_size characters. Drop the oldest, context[1:] + [i].",
    name="grows",
    replace="context[1:] + [i]",
    by="context + [i]",
)
sample.misconception(
    "Only the newest character stays in the context, the others became dots again.",
    name="forgets",
    replace="context[1:] + [i]",
    by="[0] * (block_size - 1) + [i]",
)
sample.misconception(
    "The most probable character each time: that gives one and the same name for ever. Draw, with "
    "torch.multinomial.",
    name="argmax",
    replace="torch.multinomial(probs, 1, generator=generator)",
    by="probs.argmax()",
)
sample.misconception(
    "The generator was not used: the draws come from torch's global one, and nobody can repeat them.",
    name="global_generator",
    replace=", 1, generator=generator)",
    by=", 1)",
)
sample.misconception(
    "A fresh generator inside the function starts anew for each name, so every name is the same. "
    "Use the one passed in.",
    name="fresh_generator",
    replace='    context, name = [0] * block_size, ""\n',
    by="    generator = torch.Generator().manual_seed(2147483647)\n"
    '    context, name = [0] * block_size, ""\n',
)
sample.misconception(
    "The final '.' is the end of the name, not part of it.",
    name="dot_kept",
    replace="        if i == 0:\n            break\n        name += itos[i]\n",
    by="        name += itos[i]\n        if i == 0:\n            break\n",
)
sample.misconception(
    "Index 0 does not end your names: stop when '.' is drawn.",
    name="no_end",
    replace="        if i == 0:\n            break\n        name += itos[i]\n",
    by="        name += itos[i]\n",
)
sample.misconception(
    "The name may have max_len characters; yours has one more: go on while len(name) < max_len.",
    name="one_longer",
    replace="len(name) < max_len",
    by="len(name) <= max_len",
)
sample.misconception(
    "Always a to z: the characters are those of the argument itos.",
    name="own_alphabet",
    replace="name += itos[i]",
    by='name += chr(ord("a") + i - 1)',
)
sample.misconception(
    "The indices came back, not the characters: look each up in itos and join them.",
    name="indices",
    edits=[('[0] * block_size, ""', "[0] * block_size, []"), ("name += itos[i]", "name += [i]")],
)
sample.misconception(
    "The probabilities were squared (or softmax taken twice, or a temperature applied): frequent "
    "characters come too often or too rarely. Draw from next_probs as it is.",
    name="squared",
    replace="multinomial(probs, 1",
    by="multinomial(probs**2, 1",
)
sample.misconception(
    "max_len is 20 unless the caller says otherwise: compare with the argument.",
    name="always_20",
    replace="len(name) < max_len",
    by="len(name) < 20",
)
sample.misconception(
    "You draw before you look at max_len: with max_len=0 no character may come.",
    name="draws_first",
    edits=[
        ("while len(name) < max_len:", "while True:"),
        (
            "context[1:] + [i]",
            "context[1:] + [i]\n        if len(name) >= max_len:\n            break",
        ),
    ],
)
sample.misconception(
    "The name is full, and you draw once more before you see it: that draw is lost, and the next name of "
    "this generator is another one. Ask for max_len before each draw.",
    name="one_draw_more",
    edits=[
        ("while len(name) < max_len:", "while True:"),
        ("if i == 0:", "if i == 0 or len(name) >= max_len:"),
    ],
)
sample.misconception(
    "Three characters of context are the lecture's choice: start with block_size zeros.",
    name="always_three",
    replace="[0] * block_size",
    by="[0] * 3",
)

sample.variant(
    "with replacement, and a cumulative sum would do as well",
    name="replacement",
    source="""def sample_name(params, block_size, itos, generator, max_len=20):
    out = [0] * block_size
    for _ in range(max_len):
        p = next_probs(params, out[-block_size:])
        i = torch.multinomial(p, num_samples=1, replacement=True, generator=generator).item()
        if i == 0:
            break
        out.append(i)
    return "".join(itos[i] for i in out[block_size:])
""",
)
sample.variant(
    "inverse of the cumulative distribution",
    name="cumulative",
    source="""def sample_name(params, block_size, itos, generator, max_len=20):
    context, name = (0,) * block_size, []
    while len(name) < max_len:
        with torch.no_grad():
            p = F.softmax(forward(params, torch.tensor([list(context)])), 1)[0]
        u = torch.rand(1, generator=generator, dtype=torch.float64)
        i = min(int(torch.searchsorted(p.double().cumsum(0), u)), len(p) - 1)
        if itos[i] == ".":
            return "".join(name)
        name.append(itos[i])
        context = (*context[1:], i)
    return "".join(name)
""",
)

sample.equivalent(
    "int(torch.multinomial(probs, 1, generator=generator))  ->  "
    "torch.multinomial(probs, 1, generator=generator)",
    "a tensor of one whole number is an index as an int is",
)
