"""Broadcasting, rows that sum to one, a die with a generator, and names from it."""

import math
from collections import Counter

import torch

from graders.authoring import Raises, exercise

# -- broadcast_shape -----------------------------------------------------------------------------

shape = exercise("broadcast_shape", title="the rule of broadcasting")
shape.hint("The shorter shape gets ones in front. Then compare place by place.")
shape.hint(
    "In each place: equal, or one of the two is 1. Which size counts then? And if neither holds?"
)
shape.hint(
    "Pad the shorter with (1,) * difference in front; for each pair: if they differ and neither is 1 raise "
    "ValueError, else keep the one that is not 1."
)


@shape.cases
def _(rng):
    pairs = [
        ((27, 27), (27, 1)),
        ((27, 27), (27,)),
        ((5, 1, 4), (3, 1)),
        ((), (2, 3)),
        ((4,), ()),
        ((), ()),
        ((1,), (1, 1)),
        ((2, 3), (2, 3)),
        ((1, 5), (7, 1)),
        ((6, 1, 5, 1), (4, 1, 3)),
        ((0, 3), (1, 3)),
        ((1,), (0,)),
        ((2, 1), (8, 4, 3, 5, 1, 6)),
        # errors
        ((3, 2), (2, 3)),
        ((27, 27), (26,)),
        ((2,), (3,)),
        ((2, 3, 4), (3, 3)),
        ((0,), (3,)),
        ((4, 2), (8, 1)),
    ]
    pairs += [(b, a) for a, b in pairs if a != b]
    size = rng.integer(2, 9)
    pairs += [((size, 1, size + 1), (1, size, 1)), ((size,), (size + 1,))]
    for a, b in pairs:
        yield dict(a=a, b=b)


@shape.scenario
def _(m, a, b):
    """A ValueError is a right answer for some shapes."""
    return tuple(m.broadcast_shape(a, b))


@shape.oracle
def _(a, b):
    try:
        # torch.broadcast_shapes says the same, but imports for a quarter of a second first
        return tuple((torch.empty(a) + torch.empty(b)).shape)
    except RuntimeError:
        return Raises("ValueError")


@shape.misconception(
    "Aligned on the left. The *last* sizes belong together: pad the shorter shape in front."
)
def aligned_left(a, b):
    length = max(len(a), len(b))
    a, b = a + (1,) * (length - len(a)), b + (1,) * (length - len(b))
    out = []
    for p, q in zip(a, b, strict=True):
        if p != q and 1 not in (p, q):
            raise ValueError
        out.append(q if p == 1 else p)
    return tuple(out)


@shape.misconception(
    "zip stops at the shorter shape: its missing places count as 1, so the longer one's sizes stay "
    "in front."
)
def cut_off(a, b):
    out = []
    for p, q in zip(reversed(a), reversed(b), strict=False):
        if p != q and 1 not in (p, q):
            raise ValueError
        out.append(q if p == 1 else p)
    return tuple(reversed(out))


@shape.misconception(
    "Sizes that do not fit were let through, taking the larger. If they differ and neither is 1, "
    "raise ValueError."
)
def never_an_error(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    return tuple(max(p, q) for p, q in zip(a, b, strict=True))


@shape.misconception(
    "max takes 1 where the other size is 0. The size that is not 1 counts, even if it is 0."
)
def maximum(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        raise ValueError
    return tuple(max(p, q) for p, q in zip(a, b, strict=True))


@shape.misconception(
    "Sizes need not be multiples of one another: 4 and 8 do not fit. Equal, or one of them 1."
)
def multiples(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    out = []
    for p, q in zip(a, b, strict=True):
        if p != q and 1 not in (p, q) and (0 in (p, q) or max(p, q) % min(p, q)):
            raise ValueError
        out.append(q if p == 1 else p if q == 1 else max(p, q))
    return tuple(out)


@shape.misconception("Shapes of different length are fine: missing places in front count as 1.")
def same_length_only(a, b):
    if len(a) != len(b):
        raise ValueError
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        raise ValueError
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


@shape.misconception(
    "The result stands in reverse: you went from the right, so turn it around at the end."
)
def not_turned(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    out = []
    for p, q in zip(reversed(a), reversed(b), strict=True):
        if p != q and 1 not in (p, q):
            raise ValueError
        out.append(q if p == 1 else p)
    return tuple(out)


@shape.misconception(
    "Only the first shape may have ones in your rule. Either of the two may be stretched."
)
def only_one_side(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p not in (q, 1) for p, q in zip(a, b, strict=True)):
        raise ValueError
    return b


@shape.misconception(
    "None (or False) came back for shapes that do not fit. Raise ValueError, so that nobody goes on "
    "with it."
)
def none_for_error(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        return ()
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


@shape.variant("from the right, with zip_longest")
def from_the_right(a, b):
    import itertools

    out = []
    for p, q in itertools.zip_longest(a[::-1], b[::-1], fillvalue=1):
        if p == q or q == 1:
            out.insert(0, p)
        elif p == 1:
            out.insert(0, q)
        else:
            raise ValueError("no")
    return out


@shape.variant("torch does it, and its error is translated")
def with_torch(a, b):
    try:
        return tuple((torch.empty(a) + torch.empty(b)).shape)
    except RuntimeError as error:
        raise ValueError(str(error)) from error


# -- normalize_rows ------------------------------------------------------------------------------

rows = exercise("normalize_rows", title="normalize the rows")
rows.hint("Which dimension disappears when you add up *within* each row?")
rows.hint(
    "N.sum(1) has the shape (27,), which broadcasting reads as a row. You need a column: keepdim=True."
)
rows.hint("P = N.float(); return P / P.sum(1, keepdim=True)")


@rows.cases
def _(rng):
    for size in (2, 3, 5, 27):
        yield dict(N=rng.integers(0, 20, size, size).int() + torch.eye(size).int())
    yield dict(N=rng.integers(1, 9, 4, 4).float())
    yield dict(N=torch.tensor([[7]], dtype=torch.int32))
    yield dict(N=torch.tensor([[0, 5, 0], [1, 0, 0], [2**20, 2**20, 1]], dtype=torch.int32))
    # float, and nothing to divide: even a wrong in-place division must show in the counts
    yield dict(N=torch.tensor([[1.0, 1.0], [3.0, 5.0]]))


rows.misconception(
    "keepdim=True is missing: N.sum(1) lies down as a row, and [i, j] is divided by the sum of row "
    "j. Rows no longer "
    "sum to 1.",
    name="no_keepdim",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(1)",
)
rows.misconception(
    "The columns sum to 1. What may *follow* a character stands in its row: add along dimension 1.",
    name="columns",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
rows.misconception(
    "The whole table sums to 1. Each row is a distribution of its own.",
    name="whole_table",
    replace="P.sum(1, keepdim=True)",
    by="P.sum()",
)
rows.misconception(
    "Divided by the largest count of each row. Probabilities are shares of the *sum*.",
    name="by_maximum",
    replace="P.sum(1, keepdim=True)",
    by="P.amax(1, keepdim=True)",
)
rows.misconception(
    "softmax is for logits, which may be negative. Counts are only divided by their sum.",
    name="softmax",
    replace="P / P.sum(1, keepdim=True)",
    by="P.softmax(1)",
)
rows.misconception(
    "`/=` changed the caller's counts: N.float() is N itself when N is float already. Write P / "
    "sums, a new tensor.",
    name="in_place",
    replace="return P / P.sum(1, keepdim=True)",
    by="P /= P.sum(1, keepdim=True)\n    return P",
)
rows.misconception(
    "The integers themselves were divided in place, which torch refuses: convert with N.float() "
    "first, and divide into "
    "a new tensor.",
    name="integers_in_place",
    replace="P = N.float()\n    return P / P.sum(1, keepdim=True)",
    by="N /= N.sum(1, keepdim=True)\n    return N",
)
rows.misconception(
    "Whole numbers were divided with //: everything below 1 became 0.",
    name="floor_division",
    replace="P / P.sum(1, keepdim=True)",
    by="P // P.sum(1, keepdim=True)",
)
rows.misconception(
    "The length of each row became 1 (its Euclidean norm). Its *sum* has to.",
    name="euclidean",
    replace="P.sum(1, keepdim=True)",
    by="P.norm(dim=1, keepdim=True)",
)
rows.misconception(
    "The result is float64. float32 is asked for.",
    name="doubles",
    replace="N.float()",
    by="N.double()",
)
rows.misconception(
    "Fake counts were added. Smoothing is the next part's idea; here the counts are taken as they are.",
    name="smoothed",
    replace="P = N.float()",
    by="P = N.float() + 1",
)
rows.misconception(
    "Only the first row was normalized: P[0]. Do it for all rows at once, with a column of sums.",
    name="first_row",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P[0] / P[0].sum()",
)
rows.misconception(
    "All rows were divided by the sum of the first. Each has a sum of its own.",
    name="sum_of_first_row",
    replace="P.sum(1, keepdim=True)",
    by="P[0].sum()",
)
rows.variant(
    "unsqueeze", name="unsqueeze", replace="P.sum(1, keepdim=True)", by="P.sum(1).unsqueeze(1)"
)
rows.variant(
    "transposed and back",
    name="transposed",
    replace="return P / P.sum(1, keepdim=True)",
    by="return (N.T / N.sum(1)).T",
)
rows.variant(
    "row by row",
    name="row_by_row",
    replace="return P / P.sum(1, keepdim=True)",
    by="return torch.stack([row / row.sum() for row in P])",
)
rows.variant(
    "torch's normalize",
    name="normalize",
    replace="return P / P.sum(1, keepdim=True)",
    by="return torch.nn.functional.normalize(P, p=1, dim=1)",
)

# -- sample_next ---------------------------------------------------------------------------------

draw = exercise("sample_next", title="roll the die")
draw.hint(
    "torch.multinomial draws an index from probabilities. What type does it return, and what do you want?"
)
draw.hint(
    "The generator has to be handed on: generator=generator. Without it torch rolls its own, global die."
)
draw.hint(
    "return torch.multinomial(probs, num_samples=1, replacement=True, generator=generator).item()"
)


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
        yield dict(probs=torch.tensor(rng.shuffled(p)), seed=rng.seed(), n=600)


def frequencies(case, got):
    """Each index about n * p times: within six standard deviations, and never where p is 0.

    A right solution is outside with a probability of some 1e-8 for each index. Where only a few are
    expected that would not hold, so rare indices are judged by what is left for the others.
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
    if len(probs) > 100 and len(counts) < n / 4:
        return f"only {len(counts)} different indices were drawn: all others are possible too"
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
        torch.manual_seed(outside)
        before = torch.get_rng_state()
        g = torch.Generator().manual_seed(seed)
        drawn = [m.sample_next(probs, g) for _ in range(24)]
        return drawn, torch.equal(before, torch.get_rng_state())

    first = [rolls(seed, 1) for seed in seeds]
    again = [rolls(seed, 2) for seed in seeds]
    return {
        "the same seed gives the same rolls": [f[0] for f in first] == [f[0] for f in again],
        "other seeds give other rolls": len({tuple(f[0]) for f in first}),
        "it moves on from roll to roll": all(len(set(f[0])) > 3 for f in first),
        "not only the most likely": any(i != 17 for f in first for i in f[0]),
        "torch's global generator stays untouched": all(f[1] for f in first + again),
    }


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
    "A generator of your own, with a seed of its own, rolls here; the one you are given is not used at all."
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


# -- sample_name ---------------------------------------------------------------------------------

name = exercise("sample_name", title="roll until the dot", points=2)
name.hint("Two things change while you roll: the name so far, and the row you draw from.")
name.hint("Begin with ix = 0. Draw from P[ix]; the result is the next ix. When is it over?")
name.hint(
    "while True: ix = sample_next(P[ix], generator); if ix == 0: return name; name += itos[ix]"
)


def script(indices, size):
    """A P without choice that says exactly these indices (each at most once), then stops."""
    P = torch.zeros(size, size)
    at = 0
    for ix in (*indices, 0):
        P[at, ix] = 1.0
        at = ix
    for row in P:
        if row.sum() == 0:
            row[0] = 1.0
    return P


@name.cases
def _(rng):
    letters = rng.shuffled("abcdefghijk")
    letters += "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # a long name is a name too
    for size, length in [(4, 3), (6, 2), (9, 8), (3, 1), (5, 4), (12, 11), (36, 35)]:
        indices = rng.shuffled(range(1, size))[:length]
        yield dict(
            P=script(indices, size),
            itos={i: ("." + "".join(letters))[i] for i in range(size)},
            seed=rng.seed(),
        )


class Patient(dict):
    """An itos that is looked up a few hundred times and no more: some mistakes never see the dot."""

    looks = 0

    def __getitem__(self, ix):
        self.looks += 1
        if self.looks > 300:
            raise RuntimeError("the name has 300 letters and does not end")
        return super().__getitem__(ix)


@name.scenario
def _(m, P, itos, seed):
    itos = Patient(itos)
    g = torch.Generator().manual_seed(seed)
    held, before = dict(itos), P.clone()
    first, second = m.sample_name(P, itos, g), m.sample_name(P, itos, g)
    return [first, second, held == itos, bool(torch.equal(before, P))]


def two_letters(rng):
    """Names from two letters; how long they are and what follows what is random."""
    for stop in (0.5, 0.25):
        P = torch.tensor(
            [[stop / 2, 0.6, 0.4 - stop / 2], [stop, 0.0, 1 - stop], [stop, 1 - stop, 0.0]]
        )
        yield dict(P=P, itos={0: ".", 1: "a", 2: "b"}, seed=rng.seed(), n=200)


def plausible(case, got):
    """Bigram counts fit P: each within six standard deviations of what its row says."""
    if not isinstance(got, list) or len(got) != case["n"] or not all(type(g) is str for g in got):
        return "expected names"
    index = {ch: i for i, ch in case["itos"].items()}
    if any(ch not in index or ch == "." for g in got for ch in g):
        return "expected names of the letters in itos, without dots"
    counts = torch.zeros_like(case["P"])
    for g in got:
        ids = [0, *[index[ch] for ch in g], 0]
        for k in range(len(ids) - 1):
            counts[ids[k], ids[k + 1]] += 1
    for i, j in [(i, j) for i in range(3) for j in range(3)]:
        n, p = counts[i].sum().item(), case["P"][i, j].item()
        if (p == 0 and counts[i, j]) or abs(counts[i, j] - n * p) > 6 * math.sqrt(
            n * p * (1 - p)
        ) + 1:
            a, b = case["itos"][i], case["itos"][j]
            return f"{b!r} came after {a!r} {counts[i, j]:.0f} times of {n:.0f}, expected about {n * p:.0f}"
    return None


@name.check("frequencies", cases=two_letters, judge=plausible)
def _(m, P, itos, seed, n):
    g = torch.Generator().manual_seed(seed)
    return [m.sample_name(P, Patient(itos), g) for _ in range(n)]


@name.check("the generator", cases=lambda rng: iter([dict(seeds=[rng.seed() for _ in range(4)])]))
def _(m, seeds):
    P = torch.full((9, 9), 1 / 9)
    itos = dict(enumerate(".abcdefgh"))

    def names(seed, outside):
        torch.manual_seed(outside)
        before = torch.get_rng_state()
        g = torch.Generator().manual_seed(seed)
        return [m.sample_name(P, Patient(itos), g) for _ in range(16)], torch.equal(
            before, torch.get_rng_state()
        )

    first = [names(seed, 1) for seed in seeds]
    again = [names(seed, 2) for seed in seeds]
    return {
        "the same seed gives the same names": [f[0] for f in first] == [f[0] for f in again],
        "other seeds give other names": len({tuple(f[0]) for f in first}),
        "it moves on from name to name": all(len(set(f[0])) > 2 for f in first),
        "torch's global generator stays untouched": all(f[1] for f in first + again),
    }


name.misconception(
    "The name was cut after some twenty letters. Only the dot ends it: while True.",
    name="cut_at_20",
    replace="        if ix == 0:\n",
    by="        if ix == 0 or len(name) == 20:\n",
)
name.misconception(
    "Every letter was drawn from row 0, as if it were the first. After a letter, go to *its* row: P[ix].",
    name="always_row_zero",
    replace="sample_next(P[ix], generator)",
    by="sample_next(P[0], generator)",
)
name.misconception(
    "The columns of P were used. Row i is what follows character i: P[ix].",
    name="columns",
    replace="P[ix]",
    by="P[:, ix] / P[:, ix].sum()",
)
name.misconception(
    "The closing dot became part of the name. When index 0 comes up, stop before adding it.",
    name="with_dot",
    edits=[("            return name\n", "            return name + itos[0]\n")],
)
name.misconception(
    "The opening dot became part of the name: begin with an empty string.",
    name="starts_with_dot",
    replace='name, ix = "", 0',
    by='name, ix = ".", 0',
)
name.misconception(
    "One letter, and it was over. Roll again until the dot comes up.",
    name="one_letter",
    replace="        name += itos[ix]",
    by="        return itos[ix]",
)
name.misconception(
    "An empty name was rolled again. The dot may come up at once: then the name is empty.",
    name="never_empty",
    replace="        if ix == 0:\n            return name\n        name += itos[ix]",
    by="        if ix == 0 and name:\n            return name\n"
    "        name += itos[ix] if ix else ''",
)
name.misconception(
    "The most likely letter was taken each time, not drawn: every name is the same.",
    name="greedy",
    replace="sample_next(P[ix], generator)",
    by="P[ix].argmax().item()",
)
name.misconception(
    "The generator was not handed on: another one rolls, and the same seed gives other names.",
    name="no_generator",
    replace="sample_next(P[ix], generator)",
    by="torch.multinomial(P[ix], 1).item()",
)
name.misconception(
    "The generator was seeded inside: every call gives the same name. Seed it once, outside.",
    name="seeded_inside",
    replace='    name, ix = "", 0\n',
    by='    name, ix = "", 0\n    generator = torch.Generator().manual_seed(generator.initial_seed())\n',
)
name.misconception(
    "A list of letters came back: join them to one string.",
    name="a_list",
    replace="            return name\n",
    by="            return list(name)\n",
)
name.misconception(
    "The indices came back, not letters: look each up in itos.",
    name="digits",
    replace="name += itos[ix]",
    by="name += str(ix)",
)
name.misconception(
    "The name stands in reverse: add each new letter at the end.",
    name="reversed_name",
    replace="name += itos[ix]",
    by="name = itos[ix] + name",
)
name.misconception(
    "Letters were computed from the alphabet (chr). They are whatever itos says.",
    name="by_chr",
    replace="itos[ix]",
    by="chr(96 + ix)",
)
name.misconception(
    "You cut the name at a length of your own. It ends when the dot comes up.",
    name="cut",
    replace="        if ix == 0:",
    by="        if ix == 0 or len(name) == 5:",
)
name.misconception(
    "Two rolls for each letter: one for the test, one for the letter. Keep the index you rolled.",
    name="two_rolls",
    replace="        name += itos[ix]",
    by="        name += itos[sample_next(P[ix], generator)]",
)


@name.variant("a list, joined at the end")
def joined(P, itos, generator):
    out, ix = [], None
    while ix != 0:
        ix = int(torch.multinomial(P[ix or 0], 1, generator=generator))
        out.append(itos[ix])
    return "".join(out[:-1])


@name.variant("recursion")
def recursive(P, itos, generator, ix=0):
    ix = torch.multinomial(P[ix], 1, replacement=True, generator=generator).item()
    return "" if ix == 0 else itos[ix] + recursive(P, itos, generator, ix)
