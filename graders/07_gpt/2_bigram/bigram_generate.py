"""07.bigram_generate: draw, append, again."""

import torch

from graders.authoring import exercise

from .part import a_model

generate = exercise(
    "bigram_generate", target="BigramLanguageModel.generate", title="draw, append, again", points=2
)


@generate.cases
def _(rng):
    """C, B, T, new ones, spread of the logits."""
    for C, B, T, n, std in [
        (7, 3, 4, 5, 1.0),
        (5, 1, 1, 9, 2.0),
        (4, 2, 6, 1, 0.5),
        (6, 4, 3, 0, 1.0),
        (1, 2, 3, 4, 1.0),
        (11, 5, 2, 20, 3.0),
        (9, 2, 8, 3, 30.0),
    ]:
        yield dict(
            table=rng.normal(C, C, std=std, dtype=torch.float32),
            idx=rng.integers(0, C, B, T),
            max_new_tokens=n,
            seed=rng.seed(),
            training=rng.integer(0, 2) == 1,
        )


def written(model, idx, max_new_tokens, seed):
    """Two texts by one generator, and where that generator stands then."""
    g = torch.Generator().manual_seed(seed)
    texts = [model.generate(idx, max_new_tokens, g) for _ in range(2)]
    return {"texts": texts, "the generator's next": torch.randint(10**9, (3,), generator=g)}


@generate.scenario
def _(m, table, idx, max_new_tokens, seed, training):
    model = a_model(m.BigramLanguageModel(len(table)), table).train(training)
    found = written(model, idx, max_new_tokens, seed)
    return found | {"idx afterwards": idx, "training mode afterwards": model.training}


def draws(table, idx, max_new_tokens, seed, row):
    """The same, row(rows so far) being the line of the table that the last position speaks from."""
    g, texts = torch.Generator().manual_seed(seed), []
    for _ in range(2):
        text = idx.clone()
        for _ in range(max_new_tokens):
            probs = torch.softmax(table[row(text)], 1)
            text = torch.hstack([text, torch.multinomial(probs, 1, generator=g)])
        texts.append(text)
    return {"texts": texts, "the generator's next": torch.randint(10**9, (3,), generator=g)}


@generate.oracle
def _(table, idx, max_new_tokens, seed, training):
    found = draws(table, idx, max_new_tokens, seed, lambda text: text[:, -1])
    return found | {"idx afterwards": idx, "training mode afterwards": training}


@generate.check("with a model that looks back")
def _(m, table, idx, max_new_tokens, seed, training):
    """The same method on a model whose last position hangs on everything before it."""

    class LooksBack(m.BigramLanguageModel):
        def forward(self, idx, targets=None):
            return self.token_embedding_table(idx.cumsum(1) % len(table)), None

    model = a_model(LooksBack(len(table)), table).train(training)
    return written(model, idx, max_new_tokens, seed)


@generate.oracle("with a model that looks back")
def _(table, idx, max_new_tokens, seed, training):
    return draws(table, idx, max_new_tokens, seed, lambda text: text.sum(1) % len(table))


generate.hint("Four steps, again and again: ask the model, keep the last position, draw, append.")
generate.hint(
    "logits[:, -1, :] is (B, C). Softmax along its last dimension, then torch.multinomial(probs, 1, "
    "generator=g), which is (B, 1)."
)
generate.hint("idx = torch.cat([idx, new], dim=1) is what the next turn of the loop asks about.")

generate.misconception(
    """The draw is made at the first position. That one says what comes after the first character, and it is
    there already: take the last, logits[:, -1, :].""",
    name="first_position",
    replace="logits[:, -1, :]",
    by="logits[:, 0, :]",
)
generate.misconception(
    """The most likely character was taken each time. The model then repeats itself for ever: draw, with
    torch.multinomial.""",
    name="argmax",
    replace="torch.multinomial(probs, 1, generator=g)  #",
    by="probs.argmax(dim=-1, keepdim=True)  #",
)
generate.misconception(
    """Softmax runs over the wrong dimension: over the rows of the batch or over time, which have nothing to
    do with each other. The probabilities of the characters sum to 1: dim=-1.""",
    name="softmax_over_rows",
    replace="dim=-1)",
    by="dim=0)",
)
generate.misconception(
    """The context does not grow: each character is drawn as if it were the first new one. What was drawn must
    be in idx when the model is asked again.""",
    name="context_stands_still",
    edits=[
        ("        for _ in range", "        out = idx\n        for _ in range"),
        ("idx = torch.cat([idx, new], dim=1)", "out = torch.cat([out, new], dim=1)"),
        ("        return idx", "        return out"),
    ],
)
generate.misconception(
    """Only the last character is left: the new one takes the place of the text. Append it, with
    torch.cat([idx, new], dim=1).""",
    name="replaced",
    replace="torch.cat([idx, new], dim=1)",
    by="new",
)
generate.misconception(
    """Only what was drawn came back. The beginning belongs to the result: (B, T + max_new_tokens).""",
    name="new_only",
    edits=[
        ("        for _ in range", "        T = idx.shape[1]\n        for _ in range"),
        ("        return idx", "        return idx[:, T:]"),
    ],
)
generate.misconception(
    """The new character was put in front. A text grows at its end: torch.cat([idx, new], dim=1).""",
    name="in_front",
    replace="[idx, new]",
    by="[new, idx]",
)
generate.misconception(
    """New characters were appended as new rows. Time is dimension 1: torch.cat([idx, new], dim=1).""",
    name="as_rows",
    replace="[idx, new], dim=1)",
    by="[idx, new.expand(-1, idx.shape[1])[:1]], dim=0)",
)
generate.misconception(
    """One character was drawn for the whole batch. Each row has probabilities of its own, and
    torch.multinomial draws for all rows at once.""",
    name="one_for_all",
    replace="torch.multinomial(probs, 1, generator=g)  #",
    by="torch.multinomial(probs[:1], 1, generator=g).expand(len(idx), 1)  #",
)
generate.misconception(
    """The generator that was handed in is not used: the same seed gives another text each time.
    generator=g.""",
    name="global_generator",
    replace="torch.multinomial(probs, 1, generator=g)  #",
    by="torch.multinomial(probs, 1)  #",
)
generate.misconception(
    """The generator is seeded anew for each character (or call), so the same luck comes again and again. Draw
    from g as it is.""",
    name="seeded_inside",
    replace="            new = ",
    by="            g = torch.Generator().manual_seed(g.initial_seed())\n            new = ",
)
generate.misconception(
    """Only the last character was handed to the model. For the bigram that is enough; a model that looks back
    needs the whole text: self(idx).""",
    name="last_character",
    replace="self(idx)\n",
    by="self(idx[:, -1:])\n",
)
generate.misconception(
    """max_new_tokens counts the new characters, not the length of the whole text.""",
    name="total_length",
    replace="range(max_new_tokens)",
    by="range(max_new_tokens - idx.shape[1])",
)
generate.misconception(
    """torch.multinomial wants probabilities. Logits may be negative: softmax first.""",
    name="no_softmax",
    replace="F.softmax(logits[:, -1, :], dim=-1)",
    by="logits[:, -1, :]",
)
generate.misconception(
    """The model is in another mode than before. Whoever generates in the middle of training goes on in eval
    mode: leave the mode alone, or put it back.""",
    name="left_in_eval",
    replace="        for _ in range",
    by="        self.eval()\n        for _ in range",
)

generate.variant(
    "squeezed, stacked",
    name="stacked",
    source="""
    @torch.no_grad()
    def generate(self, idx, max_new_tokens, g):
        while max_new_tokens > 0:
            probs = self(idx)[0].softmax(2)[:, -1]
            idx = torch.hstack((idx, torch.multinomial(probs, num_samples=1, replacement=True, generator=g)))
            max_new_tokens -= 1
        return idx
    """,
)
generate.variant(
    "softmax by hand, recursion",
    name="recursion",
    source="""
    def generate(self, idx, max_new_tokens, g):
        if max_new_tokens == 0:
            return idx
        with torch.no_grad():
            last = self(idx)[0][:, -1]
            weights = (last - last.max(dim=1, keepdim=True).values).exp()
            new = torch.multinomial(weights / weights.sum(1, keepdim=True), 1, generator=g)
        return self.generate(torch.cat((idx, new), 1), max_new_tokens - 1, g)
    """,
)

generate.equivalent(
    "F.softmax(logits[:, -1, :], dim=-1)  ->  F.softmax(logits[:, -1, :])",
    "of two dimensions, torch takes 1 where none is named",
)
generate.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
