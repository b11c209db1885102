"""Solutions of 02 that come to the right numbers by another way than is asked: see test_unlisted.py."""


# -- sample_next: only the generator decides ------------------------------------------------------
@wrong("sample_next", "a hash of the seed and of how often it was called; a draw for show")
def _(probs, generator):
    import hashlib

    counts = sample_next.__dict__
    seed = generator.initial_seed()
    if counts.get("generator") is not generator:
        counts.update(generator=generator, n=0)
    counts["n"] += 1
    torch.rand(1, generator=generator)
    digest = hashlib.sha256(f"{seed} {counts['n']}".encode()).digest()
    roll = int.from_bytes(digest[:6], "big") / 2**48 * float(probs.double().sum())
    cumulative = probs.double().cumsum(0)
    return min(int(torch.searchsorted(cumulative, roll, right=True)), int(probs.nonzero().max()))


@wrong("sample_next", "Python's random, seeded from the generator's seed; a draw for show")
def _(probs, generator):
    import random

    kept = sample_next.__dict__
    if kept.get("generator") is not generator:
        kept.update(generator=generator, random=random.Random(generator.initial_seed()))
    torch.rand(1, generator=generator)
    return kept["random"].choices(range(len(probs)), probs.tolist())[0]


@wrong("sample_next", "a generator of its own beside, with the same seed")
def _(probs, generator):
    kept = sample_next.__dict__
    if kept.get("generator") is not generator:
        own = torch.Generator().manual_seed(generator.initial_seed())
        kept.update(generator=generator, own=own)
    torch.rand(1, generator=generator)
    return torch.multinomial(probs, 1, generator=kept["own"]).item()


@wrong("sample_next", "drawn in advance, a hundred at a time")
def _(probs, generator):
    kept = sample_next.__dict__
    if kept.get("generator") is not generator or kept["probs"] is not probs or not kept["left"]:
        left = torch.multinomial(probs, 100, replacement=True, generator=generator).tolist()
        kept.update(generator=generator, probs=probs, left=left)
    torch.rand(1, generator=generator)
    return kept["left"].pop()


@wrong("sample_next", "the system's randomness, and a draw for show")
def _(probs, generator):
    import random

    torch.rand(1, generator=generator)
    return random.SystemRandom().choices(range(len(probs)), probs.tolist())[0]


@wrong("sample_next", "seeded with the first draw, and never drawn from again but for show")
def _(probs, generator):
    import random

    kept = sample_next.__dict__
    first = torch.randint(2**62, (1,), generator=generator).item()
    if kept.get("generator") is not generator:
        kept.update(generator=generator, random=random.Random(first))
    return kept["random"].choices(range(len(probs)), probs.tolist())[0]


@right("sample_next", "a race of exponentials")
def _(probs, generator):
    waits = torch.empty_like(probs, dtype=torch.float64).exponential_(generator=generator)
    return int((waits / probs.double()).argmin())


@right("sample_next", "Gumbel noise on the logarithms")
def _(probs, generator):
    u = torch.rand(probs.shape, generator=generator, dtype=torch.float64).clamp_min(1e-300)
    return (probs.double().log() - (-u.log()).log()).argmax().item()


@right("sample_next", "one roll between 0 and 1, and running sums")
def _(probs, generator):
    roll = torch.rand(1, generator=generator, dtype=torch.float64).item()
    sums = probs.double().cumsum(0)
    return int((sums <= roll * sums[-1]).sum())


@right("sample_next", "Python's random, seeded anew by each draw")
def _(probs, generator):
    import random

    seed = torch.randint(2**62, (1,), generator=generator).item()
    return random.Random(seed).choices(range(len(probs)), probs.tolist())[0]


# -- sample_name ----------------------------------------------------------------------------------
@wrong("sample_name", "Python's random, seeded from the generator's seed; draws for show")
def _(P, itos, generator):
    import random

    kept = sample_name.__dict__
    if kept.get("generator") is not generator:
        kept.update(generator=generator, random=random.Random(generator.initial_seed()))
    name, ix = "", 0
    while True:
        torch.rand(1, generator=generator)
        ix = kept["random"].choices(range(len(P)), P[ix].tolist())[0]
        if ix == 0:
            return name
        name += itos[ix]


@wrong("sample_name", "a generator of its own for each name, by seed and number")
def _(P, itos, generator):
    kept = sample_name.__dict__
    if kept.get("generator") is not generator:
        kept.update(generator=generator, n=0)
    kept["n"] += 1
    torch.rand(1, generator=generator)
    own = torch.Generator().manual_seed(generator.initial_seed() % 2**40 * 1009 + kept["n"])
    name, ix = "", 0
    while True:
        ix = sample_next(P[ix], own)
        if ix == 0:
            return name
        name += itos[ix]


@wrong("sample_name", "letters drawn in advance by another generator that goes on")
def _(P, itos, generator):
    kept = sample_name.__dict__
    if kept.get("generator") is not generator:
        own = torch.Generator().manual_seed(torch.randint(2**62, (1,), generator=generator).item())
        kept.update(generator=generator, own=own)
    torch.rand(2, generator=generator)
    letters, ix = [], 0
    while ix := torch.multinomial(P[ix], 1, generator=kept["own"]).item():
        letters.append(itos[ix])
    return "".join(letters)


@wrong("sample_name", "a hash of the seed and of the place")
def _(P, itos, generator):
    import hashlib

    kept = sample_name.__dict__
    if kept.get("generator") is not generator:
        kept.update(generator=generator, n=0)
    name, ix = "", 0
    while True:
        kept["n"] += 1
        torch.rand(1, generator=generator)
        text = f"{generator.initial_seed()} {kept['n']}"
        roll = int(hashlib.md5(text.encode()).hexdigest()[:12], 16) / 16**12
        row = P[ix].double()
        ix = min(int((row.cumsum(0) <= roll * row.sum()).sum()), len(row) - 1)
        if ix == 0:
            return name
        name += itos[ix]


@wrong("sample_name", "the system's randomness, and a draw for show")
def _(P, itos, generator):
    import random

    torch.rand(1, generator=generator)
    name, ix = "", 0
    while ix := random.SystemRandom().choices(range(len(P)), P[ix].tolist())[0]:
        name += itos[ix]
    return name


@right("sample_name", "a generator of its own, seeded by a draw for each name")
def _(P, itos, generator):
    own = torch.Generator().manual_seed(torch.randint(2**62, (1,), generator=generator).item())
    name, ix = "", 0
    while ix := sample_next(P[ix], own):
        name += itos[ix]
    return name


@right("sample_name", "running sums and one roll per letter")
def _(P, itos, generator):
    sums, letters, ix = P.double().cumsum(1), [], 0
    while True:
        roll = torch.rand(1, generator=generator, dtype=torch.float64) * sums[ix, -1]
        ix = torch.searchsorted(sums[ix], roll, right=True).item()
        if not ix:
            return "".join(letters)
        letters.append(itos[ix])


@right("sample_name", "ten rolls of every row in advance, new ones when they are used up")
def _(P, itos, generator):
    def drawn():
        return torch.multinomial(P, 10, replacement=True, generator=generator).tolist()

    rows, name, ix = drawn(), "", 0
    while True:
        if not rows[ix]:
            rows[ix] = torch.multinomial(P[ix], 10, True, generator=generator).tolist()
        ix = rows[ix].pop()
        if ix == 0:
            return name
        name += itos[ix]


# -- row_logits: rows that nobody names have no influence -----------------------------------------
@wrong("row_logits", "the product, with what is not finite taken out before")
def _(xs, W):
    hot = torch.nn.functional.one_hot(xs, W.shape[0]).to(W.dtype)
    return hot @ W.nan_to_num()


@wrong("row_logits", "a product with the rows that are named")
def _(xs, W):
    named, back = xs.unique(return_inverse=True)
    return torch.nn.functional.one_hot(back).to(W.dtype) @ W[named]


@wrong("row_logits", "a product, and nan made 0 afterwards")
def _(xs, W):
    hot = torch.nn.functional.one_hot(xs, W.shape[0]).to(W.dtype)
    return (hot @ W).nan_to_num(nan=0.0)


@wrong("row_logits", "times and the sum, without the rows that hold nan")
def _(xs, W):
    hot = torch.nn.functional.one_hot(xs, W.shape[0]).to(W.dtype).unsqueeze(-1)
    return torch.nansum(hot * W, -2)


@wrong("row_logits", "a product with all other rows set to 0")
def _(xs, W):
    hot = torch.nn.functional.one_hot(xs, W.shape[0]).to(W.dtype)
    named = torch.zeros(len(W), 1, dtype=torch.bool)
    named[xs.flatten()] = True
    return hot @ torch.where(named, W, torch.zeros_like(W))


@right("row_logits", "chosen by a mask")
def _(xs, W):
    named = (xs.unsqueeze(-1) == torch.arange(len(W))).unsqueeze(-1)
    return torch.where(named, W, torch.zeros_like(W)).sum(-2)


@right("row_logits", "gather")
def _(xs, W):
    flat = xs.reshape(-1, 1).expand(-1, W.shape[1])
    return torch.gather(W, 0, flat).reshape(*xs.shape, W.shape[1])


@right("row_logits", "slices, laid below one another")
def _(xs, W):
    return torch.cat([W[i : i + 1] for i in xs.flatten().tolist()]).view(*xs.shape, -1)
