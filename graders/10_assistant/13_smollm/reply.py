"""10.reply: an answer token by token, through caches."""

import torch

from graders.authoring import exercise, instead

ex = exercise("reply", title="answering token by token", points=2, pure=False, stretch=True)


class Recorder:
    """A model of which everything is known: logits depend on all ids so far. It notes what it was asked."""

    def __init__(self, table, mix):
        self.table, self.mix, self.asked, self.made, self.grad = table, mix, [], 0, []

    def new_caches(self):
        self.made += 1
        return [[]]

    def __call__(self, ids, caches):
        self.asked.append(ids.tolist())
        self.grad.append(torch.is_grad_enabled())
        rows = []
        for i in ids[0].tolist():
            caches[0].append(i)
            past = caches[0]
            rows.append(self.table[i] + self.mix[sum((n + 1) * t for n, t in enumerate(past)) % 7])
        return torch.stack(rows)[None]


@ex.cases
def _(rng):
    V = 9
    for T, max_new, temperature, bias in [
        (4, 6, 0.0, -9.0),
        (1, 5, 0.7, -9.0),
        (5, 8, 6.0, -60.0),  # so warm that other tokens are drawn than at 1
        (3, 12, 0.0, 0.8),
        (2, 25, 1.3, 0.5),  # ends early, most probably
        (3, 0, 0.0, 0.0),
        (2, 1, 0.4, -9.0),
        (3, 4, 1.0, 60.0),  # ends at once
    ]:
        end = rng.integer(0, V)
        table = rng.normal(V, V, std=1.5)
        table[:, end] += bias
        ids = rng.integers(0, V, 1, T)
        ids[0, 0] = end  # an end in the prompt ends nothing
        yield dict(
            table=table,
            mix=rng.normal(7, V, std=1.5),
            ids=ids,
            end=end,
            max_new=max_new,
            temperature=temperature,
            seed=rng.seed(),
        )


@ex.scenario
def _(m, table, mix, ids, end, max_new, temperature, seed):
    model, g = Recorder(table, mix), torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)  # it is not at its beginning any more
    before = ids.clone()
    # who draws from torch's own generator gets the same every time
    torch.default_generator.manual_seed(seed + 1)
    found = m.reply(model, ids, end, max_new, temperature, g)
    if not hasattr(found, "__next__"):
        return instead(found, "a generator (made by yield)")
    tokens = list(found)
    return {
        "tokens": [t if type(t) is int else type(t).__name__ for t in tokens],
        "the model was asked for": model.asked,
        "with gradients": any(model.grad),
        "then drawn": torch.randint(0, 10**6, (1,), generator=g),
        "ids as before": torch.equal(ids, before),
    }


@ex.oracle
def _(table, mix, ids, end, max_new, temperature, seed):
    """Without a cache: everything is read again for each token."""
    g, text, asked, tokens = torch.Generator().manual_seed(seed), ids[0].tolist(), [], []
    torch.rand(3, generator=g)
    for n in range(max_new):
        asked.append([text] if n == 0 else [[text[-1]]])
        logits = table[text[-1]] + mix[sum((i + 1) * t for i, t in enumerate(text)) % 7]
        if temperature == 0:
            new = max(range(len(logits)), key=logits.tolist().__getitem__)
        else:
            p = (logits / temperature).softmax(-1)
            new = int(torch.multinomial(p[None], 1, generator=g))
        if new == end:
            break
        tokens.append(new)
        text = [*text, new]
    return {
        "tokens": tokens,
        "the model was asked for": asked,
        "with gradients": False,
        "then drawn": torch.randint(0, 10**6, (1,), generator=g),
        "ids as before": True,
    }


def streamed(rng):
    yield dict(table=rng.normal(6, 6), mix=rng.normal(7, 6), ids=rng.integers(0, 6, 1, 3))


@ex.check("as soon as it is known", cases=streamed)
def _(m, table, mix, ids):
    """How often the model was asked before each token came; and a second answer begins anew."""
    model, calls = Recorder(table, mix), []
    answer = m.reply(model, ids, -1, 3)
    if not hasattr(answer, "__next__"):
        return instead(answer, "a generator (made by yield)")
    for _ in range(2):
        next(answer)
        calls.append(len(model.asked))
    again = [int(t) for t in m.reply(model, ids, -1, 4)]
    return {"calls": calls, "a second answer": again}


@ex.oracle("as soon as it is known")
def _(table, mix, ids):
    text = ids[0].tolist()
    for _ in range(4):
        logits = table[text[-1]] + mix[sum((i + 1) * t for i, t in enumerate(text)) % 7]
        text.append(int(logits.argmax()))
    return {"calls": [1, 2], "a second answer": text[-4:]}


ex.hint(
    "What does the model get the first time, and what afterwards? Where do its caches come from?"
)
ex.hint(
    "logits = model(new, caches)[:, -1], with new = ids at first, then the token just chosen, (1, 1)."
)
ex.hint("Ask whether it is `end` before you yield; `return` ends a generator.")

ex.misconception(
    """The whole text goes through the model again for each token, on top of what the caches hold: it reads
    everything twice. After the prompt, give it the new token only.""",
    name="everything_again",
    edits=[
        ("        logits = model(new, caches)", "        logits = model(ids, caches)"),
        (
            "        yield new.item()",
            "        ids = torch.cat([ids, new], 1)\n        yield new.item()",
        ),
    ],
)
ex.misconception(
    """The caches are new for each token: the model forgets the prompt. One set for the whole answer.""",
    name="new_caches_each",
    replace="        logits = model(new, caches)",
    by="        caches = model.new_caches()\n        logits = model(new, caches)",
)
ex.misconception(
    """The end token was handed out, too. It ends the answer and is not part of it.""",
    name="end_yielded",
    edits=[
        ("        if new.item() == end:\n            return\n", ""),
        (
            "        yield new.item()",
            "        yield new.item()\n        if new.item() == end:\n            return",
        ),
    ],
)
ex.misconception(
    """The end token does not end the answer. Compare each token with `end`, and return.""",
    name="never_ends",
    replace="        if new.item() == end:\n            return\n",
    by="",
)
ex.misconception(
    """The end token is left out, but the answer goes on behind it: return.""",
    name="skips_end",
    replace="            return\n",
    by="            continue\n",
)
ex.misconception(
    """The logits are multiplied by the temperature. Divide: a low temperature makes the largest stand
    out.""",
    name="multiplied",
    replace="logits / temperature",
    by="logits * temperature",
)
ex.misconception(
    """The temperature has no effect. Either it is left out, or the probabilities were divided by it, which
    multinomial normalises away. Divide the logits, before the softmax.""",
    name="no_temperature",
    replace="logits / temperature",
    by="logits",
)
ex.misconception(
    """Always the most probable token: with a temperature above 0 it is drawn.""",
    name="always_greedy",
    replace="if temperature == 0:",
    by="if True:",
)
ex.misconception(
    """It was drawn from torch's global generator, so that no answer can be repeated:
    generator=generator.""",
    name="global_generator",
    replace="-1), 1, generator=generator",
    by="-1), 1",
)
ex.misconception(
    """The logits of the first position were used. Only the last says what comes next.""",
    name="first_position",
    replace="[:, -1]  # (1, V)",
    by="[:, 0]",
)
ex.misconception(
    """The model is asked once more than there are tokens wanted. Stop before the call, not after
    it.""",
    name="one_call_more",
    replace="        yield new.item()",
    by="        yield new.item()\n    model(new, caches)",
)
ex.misconception(
    """All tokens are computed before the first one is handed out, so nothing can be read while it writes.
    Yield each where it is chosen.""",
    name="all_at_once",
    edits=[
        ("model.new_caches(), ids\n", "model.new_caches(), ids\n    found = []\n"),
        ("            return\n", "            break\n"),
        ("        yield new.item()", "        found.append(new.item())\n    yield from found"),
    ],
)
ex.misconception(
    """Tensors are handed out. Python ints are asked: .item().""",
    name="tensors",
    replace="yield new.item()",
    by="yield new",
)
ex.misconception(
    """With temperature 0 a number was drawn from the generator. The largest logit wins, and nothing is drawn
    (whoever uses the generator next would get other numbers).""",
    name="draws_when_greedy",
    replace="            new = logits.argmax(dim=-1, keepdim=True)\n",
    by="            new = torch.multinomial(F.softmax(logits / 1e-6, -1), 1, generator=generator)\n",
)
ex.misconception(
    """The answer is one token short: max_new counts the tokens that are yielded.""",
    name="one_short",
    replace="range(max_new)",
    by="range(max_new - 1)",
)
ex.misconception(
    """The whole text is read anew for each token, into new caches. The answer is right, and takes ever
    longer: keep one set of caches, and give the model the new token only.""",
    name="read_anew",
    edits=[
        ("logits = model(new, caches)", "logits = model(ids, model.new_caches())"),
        (
            "        yield new.item()",
            "        ids = torch.cat([ids, new], 1)\n        yield new.item()",
        ),
    ],
)
ex.misconception(
    """The model is asked for the next token before this one is handed out: the reader waits one token
    longer than needed.""",
    name="one_ahead",
    source="""
    @torch.no_grad()
    def reply(model, ids, end, max_new, temperature=0.0, generator=None):
        caches = model.new_caches()
        logits = model(ids, caches)[:, -1] if max_new else None
        for n in range(max_new):
            if temperature == 0:
                new = logits.argmax(dim=-1, keepdim=True)
            else:
                new = torch.multinomial(F.softmax(logits / temperature, -1), 1, generator=generator)
            if new.item() == end:
                return
            if n + 1 < max_new:
                logits = model(new, caches)[:, -1]
            yield new.item()
""",
)

ex.misconception(
    """Nothing came, as the prompt holds the end token: it closes earlier turns there. Only a *new* end token
    ends the answer.""",
    name="end_in_prompt",
    replace="    for _ in range(max_new):\n",
    by="    if (ids == end).any():\n        return\n    for _ in range(max_new):\n",
)

ex.variant(
    "a while loop",
    name="while",
    source="""
    @torch.no_grad()
    def reply(model, ids, end, max_new, temperature=0.0, generator=None):
        caches = model.new_caches()
        n, x = 0, ids
        while n < max_new:
            z = model(x, caches)[0, -1]
            if temperature > 0:
                p = torch.softmax(z / temperature, dim=0)
                token = int(torch.multinomial(p[None], 1, generator=generator))
            else:
                token = int(z.argmax())
            if token == end:
                break
            yield token
            x, n = torch.tensor([[token]]), n + 1
""",
)

ex.equivalent(
    "logits.argmax(dim=-1, keepdim=True)  ->  logits.argmax(keepdim=True)", "there is one row"
)
ex.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
ex.equivalent("new.item()  ->  new", "a tensor of one number is compared as the number is")
