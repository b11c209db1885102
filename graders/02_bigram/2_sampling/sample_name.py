"""02.sample_name: roll until the dot."""

import math

import torch

from graders.authoring import exercise

name = exercise("sample_name", title="roll until the dot", points=2)


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
    letters += map(chr, range(0x4E00, 0x4E00 + 240))  # a long name is a name too
    for size, length in [(4, 3), (6, 2), (9, 8), (3, 1), (5, 4), (12, 11), (251, 250)]:
        indices = rng.shuffled(range(1, size))[:length]
        yield dict(
            P=script(indices, size),
            itos={i: ("." + "".join(letters))[i] for i in range(size)},
            seed=rng.seed(),
        )


class Patient(dict):
    """An itos that is looked up a thousand times and no more: some mistakes never see the dot."""

    looks = 0

    def __getitem__(self, ix):
        self.looks += 1
        if self.looks > 1000:
            raise RuntimeError("a letter was looked up 1,000 times, and the name does not end")
        return super().__getitem__(ix)


@name.scenario
def _(m, P, itos, seed):
    g = torch.Generator().manual_seed(seed)
    held, before = dict(itos), P.clone()
    looked_up = Patient(itos), Patient(itos)
    first, second = (m.sample_name(P, letters, g) for letters in looked_up)
    return [first, second, [*looked_up] == [held, held], bool(torch.equal(before, P))]


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
        torch.default_generator.manual_seed(outside)
        before = torch.get_rng_state()
        g = torch.Generator().manual_seed(seed)
        return [m.sample_name(P, Patient(itos), g) for _ in range(16)], torch.equal(
            before, torch.get_rng_state()
        )

    def later(seed, before):
        """Its names when so much was drawn before, and again when it is put back to there."""
        g = torch.Generator().manual_seed(seed)
        torch.rand(before, generator=g)
        state, found = g.get_state(), []
        for _ in range(2):
            g.set_state(state)
            found.append([m.sample_name(P, Patient(itos), g) for _ in range(6)])
        return found

    first = [names(seed, 1) for seed in seeds]
    again = [names(seed, 2) for seed in seeds]
    return {
        "the same seed gives the same names": [f[0] for f in first] == [f[0] for f in again],
        "other seeds give other names": len({tuple(f[0]) for f in first}),
        "it moves on from name to name": all(len(set(f[0])) > 2 for f in first),
        "torch's global generator stays untouched": all(f[1] for f in first + again),
        "put back to an earlier state, it gives the same names": [
            once == more for once, more in (later(seed, 3) for seed in seeds[1:3])
        ],
        "what was drawn from it before counts": len(
            {tuple(later(seeds[0], before)[0]) for before in (0, 1, 5, 700)}
        ),
    }


name.legal("the generator drawn from once more", "how much is drawn from it is up to you")

name.hint("Two things change while you roll: the name so far, and the row you draw from.")
name.hint("Begin with ix = 0. Draw from P[ix]; the result is the next ix. When is it over?")
name.hint(
    "while True: ix = sample_next(P[ix], generator); if ix == 0: return name; name += itos[ix]"
)

name.misconception(
    "The name was cut after some twenty letters. Only the dot ends it: while True.",
    name="cut_at_20",
    replace="        if ix == 0:\n",
    by="        if ix == 0 or len(name) == 20:\n",
)
name.misconception(
    "The name was cut, at a length that names do not have. Only the dot ends it: while True.",
    name="cut_at_40",
    replace="        if ix == 0:\n",
    by="        if ix == 0 or len(name) > 40:\n",
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
