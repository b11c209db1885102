"""09.generate_cached: the same text as without a cache, for less work."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise, instead

from .part import gpt_weights, loaded, plain_gpt

ex = exercise("generate_cached", title="writing with a cache", points=3)

VOCAB_SIZE, BLOCK_SIZE, HEADS = 9, 5, 2


def sizes(layers):
    """vocab_size, block_size, n_layer, n_head, n_embd"""
    return VOCAB_SIZE, BLOCK_SIZE, layers, HEADS, 2 * HEADS


@ex.cases
def _(rng):
    for B, T, new, sampled in [
        (1, 1, 3, False),
        (2, 2, 2, True),
        (3, 3, 2, False),  # ends exactly when the block is full
        (2, 4, 5, True),
        (1, 5, 4, False),  # full from the beginning
        (2, 7, 3, True),  # longer than the block
        (2, 1, 11, False),
        (1, 2, 9, True),
        (2, 3, 0, True),
        (2, 3, 1, False),
    ]:
        layers = 1 if B == 3 else 2
        yield dict(
            weights=gpt_weights(rng, *sizes(layers)),
            layers=layers,
            prompt=rng.integers(0, VOCAB_SIZE, T, B).T,  # not contiguous
            second=rng.integers(0, VOCAB_SIZE, B + 1, T + 1),
            new=new,
            seed=rng.seed() if sampled else None,
        )


def draws_left(g):
    """What the generator would say next."""
    return None if g is None else torch.rand(2, generator=g, dtype=torch.float64)


@ex.scenario
def _(m, weights, layers, prompt, second, new, seed):
    """Two texts, one after the other, from one model."""
    model, before, seen = loaded(m.GPT(*sizes(layers)), weights), prompt.clone(), {}
    for name, ids in (("text", prompt), ("second text", second)):
        g = None if seed is None else torch.Generator().manual_seed(seed)
        got = m.generate_cached(model, ids, new, *([] if g is None else [g]))
        if not isinstance(got, torch.Tensor):
            return instead(got, "a tensor")
        seen[name], seen[f"the generator after the {name}"] = got, draws_left(g)
    seen["prompt as it was"] = bool(torch.equal(prompt, before))
    seen["training mode"] = model.training
    return seen


@ex.oracle
def _(weights, layers, prompt, second, new, seed):
    seen = {}
    for name, ids in (("text", prompt), ("second text", second)):
        g = None if seed is None else torch.Generator().manual_seed(seed)
        for _ in range(new):
            logits = plain_gpt(ids[:, -BLOCK_SIZE:], weights, layers, HEADS)[:, -1]
            if g is None:
                ix = logits.argmax(-1, keepdim=True)
            else:
                ix = torch.multinomial(F.softmax(logits, -1), 1, generator=g)
            ids = torch.cat([ids, ix], 1)
        seen[name], seen[f"the generator after the {name}"] = ids, draws_left(g)
    return seen | {"prompt as it was": True, "training mode": True}


def work_of(prompt, new):
    """Positions that go through a layer in the two texts."""
    total = 0
    for T in (prompt.shape[1], prompt.shape[1] + 1):
        length, room = T, 0
        for _ in range(new):
            if room == 0 or length > BLOCK_SIZE:
                total, room = total + min(length, BLOCK_SIZE), 1
            else:
                total += 1
            length += 1
    return total


def within(case, got, right):
    if [t.tolist() for t in got["texts"]] != [t.tolist() for t in right["texts"]]:
        return "while the positions were counted, another text came back"
    got = got["positions"]
    if type(got) is not list or any(type(n) is not int for n in got) or len(got) != case["layers"]:
        return f"expected a number of positions for each layer, got {got!r}"
    if got[0] != got[-1]:
        return f"one layer computed {got[0]} positions and another {got[-1]}"
    needed = work_of(case["prompt"], case["new"])
    # one call more, of which nobody reads the answer, is let pass
    if got[0] not in (needed, work_of(case["prompt"], case["new"] + 1)):
        return f"{got[0]} positions went through each layer, where {needed} are needed"
    return None


def some(rng):
    return list(ex.default_cases(rng))[1::2]


@ex.check("work", cases=some, judge=within)
def _(m, weights, layers, prompt, second, new, seed):
    """How many positions go through the MLP of each layer, counted there, not by the clock."""
    model, counts, texts = loaded(m.GPT(*sizes(layers)), weights), [0] * layers, []
    for i, block in enumerate(model.h):

        def count(module, args, out, i=i):
            counts[i] += args[0].shape[1]

        block.mlp.register_forward_hook(count)
    for ids in (prompt, second):
        g = None if seed is None else torch.Generator().manual_seed(seed)
        texts.append(m.generate_cached(model, ids, new, g))
    return {"texts": texts, "positions": counts}


ex.hint(
    "What goes into the model in the first round, and what in the next ones? When do you begin anew?"
)
ex.hint(
    "Keep two things from round to round: the caches, and `new`, what the model has not seen yet. When "
    "len(caches[0]) is "
    "block_size there is no room: new caches, and new = ids[:, -block_size:]."
)
ex.hint(
    "Round: (maybe new caches); logits = model(new, caches)[:, -1]; new = the chosen token (B, 1); "
    "ids = torch.cat([ids, new], dim=1)."
)

ex.misconception(
    "The whole text goes through the model every time. The numbers are right and the cache is for "
    "nothing: after the "
    "prompt feed only the token just chosen.",
    name="recomputes",
    replace="if caches is None or len(caches[0]) == model.block_size:",
    by="if True:",
)
ex.misconception(
    "The whole text was fed again *on top of* what the caches hold already: every position comes twice. "
    "Feed only the "
    "token just chosen.",
    name="text_again",
    replace="        logits = model(new, caches)[:, -1]  # (B, vocab_size)\n",
    by="        logits = model(new if len(caches[0]) == 0 else ids[:, -model.block_size + "
    "len(caches[0]) :], caches)[:, -1]\n",
)
ex.misconception(
    "The caches outlive the call: the second text goes on behind the first. Make new ones in each call.",
    name="kept_across_prompts",
    replace="    caches, new = None, None\n",
    by="    caches, new = model.__dict__.get('kept'), ids[:, -1:]\n",
    edits=[
        (
            "        logits = model(",
            "        model.__dict__['kept'] = caches\n        logits = model(",
        ),
    ],
)
ex.misconception(
    "When the block is full, the text runs on and the model refuses. Begin new caches with the last "
    "block_size tokens then.",
    name="runs_over",
    replace="caches is None or len(caches[0]) == model.block_size",
    by="caches is None",
)
ex.misconception(
    "When the block was full, new caches were begun with the last token alone: the model forgot the "
    "whole text. Begin with the "
    "last block_size tokens.",
    name="forgets_all",
    replace="ids[:, -model.block_size :]",
    by="(ids[:, -model.block_size :] if caches is None else ids[:, -1:])",
)
ex.misconception(
    "When the block was full, only half of it was taken along. That is cheaper, but another text than "
    "without a cache: "
    "take the last block_size tokens.",
    name="half",
    replace="ids[:, -model.block_size :]",
    by="(ids[:, -model.block_size :] if caches is None else ids[:, -(model.block_size // 2) :])",
)
ex.misconception(
    "When the block was full, the oldest entries of the caches were dropped and the rest kept. Those "
    "keys were made with "
    "positions that are no longer true; the last block_size tokens have to be computed anew.",
    name="slides",
    replace="            caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]\n",
    by="            if caches is None:\n"
    "                caches, new = [KVCache() for _ in model.h], ids[:, -model.block_size :]\n"
    "            else:\n"
    "                for c in caches:\n"
    "                    c.k, c.v = c.k[:, :, 1:], c.v[:, :, 1:]\n",
)
ex.misconception(
    "A prompt longer than block_size was not cut: only its last block_size tokens go into the model.",
    name="prompt_not_cut",
    replace="ids[:, -model.block_size :]",
    by="(ids if caches is None else ids[:, -model.block_size :])",
)
ex.misconception(
    "The beginning of a long text was kept instead of its end: the *last* block_size tokens count.",
    name="first_tokens",
    replace="ids[:, -model.block_size :]",
    by="ids[:, : model.block_size]",
)
ex.misconception(
    "The block counts as full one token too early: block_size positions fit into the caches. The text "
    "then loses its "
    "oldest token too soon.",
    name="full_too_early",
    replace="len(caches[0]) == model.block_size:\n            caches, new = [KVCache() for _ in "
    "model.h], ids[:, -model.block_size :]",
    by="len(caches[0]) >= model.block_size - 1:\n            caches, new = [KVCache() for _ in "
    "model.h], ids[:, -model.block_size + 1 :]",
)
ex.misconception(
    "The generator is not used: pass generator=generator to multinomial, or nothing can be repeated.",
    name="no_generator",
    replace="1, generator=generator)",
    by="1)",
)
ex.misconception(
    "The largest logit wins although a generator was given: then draw with torch.multinomial.",
    name="always_greedy",
    replace="if generator is None:",
    by="if True:",
)
ex.misconception(
    "Only the new tokens are returned: the prompt stands before them.",
    name="without_prompt",
    edits=[
        ("    caches, new = None, None\n", "    caches, new, T = None, None, ids.shape[1]\n"),
        ("return ids", "return ids[:, T:]"),
    ],
)

ex.variant(
    "the prompt token by token, and an explicit loop",
    name="token_by_token",
    source="""
    @torch.no_grad()
    def generate_cached(model, ids, max_new_tokens, generator=None):
        out, caches = [ids], None
        for _ in range(max_new_tokens):
            text = torch.cat(out, 1)
            if caches is None or text.shape[1] > model.block_size:
                caches = [KVCache() for _ in range(len(model.h))]
                for i in range(max(0, text.shape[1] - model.block_size), text.shape[1]):
                    logits = model(text[:, i : i + 1], caches)
            else:
                logits = model(out[-1], caches)
            last = logits[:, -1, :]
            if generator is not None:
                out.append(torch.multinomial(last.softmax(-1), num_samples=1, generator=generator))
            else:
                out.append(last.topk(1).indices)
        return torch.cat(out, 1)
""",
)
ex.variant(
    "looks one step ahead",
    name="ahead",
    source="""
    @torch.no_grad()
    def generate_cached(model, ids, max_new_tokens, generator=None):
        caches = [KVCache() for _ in model.h]
        logits = model(ids[:, -model.block_size :], caches)[:, -1]
        for _ in range(max_new_tokens):
            if generator is None:
                ix = logits.argmax(-1)[:, None]
            else:
                ix = torch.multinomial(F.softmax(logits, -1), 1, generator=generator)
            ids = torch.cat((ids, ix), 1)
            if len(caches[0]) < model.block_size:
                logits = model(ix, caches)[:, -1]
            else:
                logits = model(ids[:, -model.block_size :])[:, -1]
        return ids
""",
)

ex.equivalent("0  ->  -1", "every layer has seen the same tokens")
ex.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
ex.equivalent(
    "F.softmax(logits, dim=-1)  ->  F.softmax(logits)",
    "of two dimensions, torch takes 1 where none is named",
)
