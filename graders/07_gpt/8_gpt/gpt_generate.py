"""07.gpt_generate: token by token."""

import torch

from graders.authoring import exercise

from .part import CONFIGS, build, forward, weights

write = exercise("gpt_generate", target="generate", title="token by token", pure=False)


@write.cases
def _(rng):
    for config, B, T, n, temperature, top_k in [
        (CONFIGS[0], 3, 4, 9, 3.0, None),  # passes block_size on the way
        (CONFIGS[0], 2, 1, 14, 6.0, 2),  # so wild that without top-k others would come
        (CONFIGS[2], 1, 12, 9, 5.0, 3),
        (CONFIGS[2], 4, 3, 12, 0, None),
        (CONFIGS[0], 2, 5, 1, 1.5, None),
        (CONFIGS[0], 3, 2, 0, 1.0, None),
    ]:
        idx = rng.integers(0, config["vocab_size"], B, T)
        case = dict(config=config, w=weights(rng, config), idx=idx, seed=rng.seed(), n=n)
        yield dict(case, temperature=temperature, top_k=top_k)


@write.scenario
def _(m, config, w, idx, seed, n, temperature, top_k):
    model, before = build(m, config, w), idx.clone()
    torch.default_generator.manual_seed(
        seed // 2
    )  # whoever rolls the global die rolls other numbers
    g = torch.Generator().manual_seed(seed)
    texts = m.generate(model, idx, n, temperature, top_k, g)
    told = {"texts": texts, "idx unchanged": torch.equal(idx, before), "mode": model.training}
    if temperature:  # a greedy choice needs no die, and may roll it or not
        told["then drawn elsewhere"] = torch.rand(2, generator=g)
        told["then drawn from torch's own"] = torch.rand(2)
    return told


@write.oracle
def _(config, w, idx, seed, n, temperature, top_k):
    g = torch.Generator().manual_seed(seed)
    for _ in range(n):
        logits = forward(w, config, idx[:, -config["block_size"] :])[0][:, -1]
        new = logits.argmax(-1, keepdim=True)
        if temperature:
            kth = logits.sort(descending=True).values[:, : top_k or 99][:, -1:]
            probs = (logits.where(logits >= kth, float("-inf")) / temperature).softmax(-1)
            new = torch.multinomial(probs, 1, generator=g)
        idx = torch.cat([idx, new], 1)
    told = {"texts": idx, "idx unchanged": True, "mode": True}
    if temperature:
        told["then drawn elsewhere"] = torch.rand(2, generator=g)
        told["then drawn from torch's own"] = torch.rand(
            2, generator=torch.Generator().manual_seed(seed // 2)
        )
    return told


def once(rng):
    idx = rng.integers(0, 9, 3, 2)
    yield dict(
        w=weights(rng, CONFIGS[2]), idx=idx, seed=rng.seed(), training=bool(rng.integer(0, 2))
    )


@write.check("defaults", cases=once)
def _(m, w, idx, seed, training):
    """Temperature 1, no top-k; and without a generator torch's global one rolls."""
    model = build(m, CONFIGS[2], {name: p * 0.4 for name, p in w.items()}).train(training)
    torch.default_generator.manual_seed(seed)
    return {
        "texts": m.generate(model, idx, max_new_tokens=10),
        "mode kept": model.training == training,
    }


write.hint("next_token gives a column, (B, 1). Where does it go, and what does the next call read?")
write.hint(
    "torch.cat([idx, new], dim=1) is the text with one more token. Give it the name idx and go on."
)
write.hint(
    "for _ in range(max_new_tokens): idx = torch.cat([idx, next_token(model, idx, ...)], dim=1); return idx"
)

write.misconception(
    """Only the new tokens came back. The whole texts are asked for, old tokens and new.""",
    name="new_only",
    replace="    return idx",
    by="    return idx[:, idx.shape[1] - max_new_tokens :]",
)
write.misconception(
    """The old tokens beyond block_size are missing. The model reads only the end; what is returned is
    the whole text.""",
    name="cropped_result",
    replace="torch.cat([idx, new]",
    by="torch.cat([idx[:, -model.config.block_size :], new]",
)
write.misconception(
    """Each call read the same text: the new token must be appended before the next one is drawn.""",
    name="not_read_again",
    source="""
    def generate(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
        new = [next_token(model, idx, temperature, top_k, generator) for _ in range(max_new_tokens)]
        return torch.cat([idx, *new], dim=1)
    """,
)
write.misconception(
    """Only the newest token was handed to next_token: the model forgets everything before it. Hand over
    the whole text.""",
    name="newest_only",
    replace="next_token(model, idx, temp",
    by="next_token(model, idx[:, -1:], temp",
)
write.misconception(
    """max_new_tokens was taken for the length of the whole text. It is the number of *new* tokens.""",
    name="whole_length",
    replace="range(max_new_tokens)",
    by="range(max_new_tokens - idx.shape[1])",
)
write.misconception(
    """One token too many: max_new_tokens rounds, one token in each.""",
    name="one_more",
    replace="range(max_new_tokens)",
    by="range(max_new_tokens + 1)",
)
write.misconception(
    """New tokens were put in front. Text grows at its end.""",
    name="in_front",
    replace="[idx, new]",
    by="[new, idx]",
)
write.misconception(
    """The loop ends after its first round: `return` stands inside it.""",
    name="return_inside",
    replace="        idx = torch.cat([idx, new], dim=1)\n    return idx",
    by="        return torch.cat([idx, new], dim=1)\n    return idx",
)
write.misconception(
    """The generator is not handed on to next_token: torch's global one rolled, and no text comes twice.""",
    name="no_generator",
    replace=", top_k, generator)",
    by=", top_k)",
)
write.misconception(
    """temperature and top_k are not handed on to next_token.""",
    name="no_knobs",
    replace="idx, temperature, top_k, generator)",
    by="idx, generator=generator)",
)
write.misconception(
    """top_k is not handed on to next_token.""",
    name="no_top_k",
    replace="idx, temperature, top_k, generator)",
    by="idx, temperature, None, generator)",
)
write.misconception(
    """Nothing is returned: idx is a new tensor in each round, which the caller never sees.""",
    name="no_return",
    replace="    return idx",
    by="    idx",
)
write.misconception(
    """The model is in eval mode afterwards, whatever it was before. Leave the mode to whoever calls.""",
    name="eval_for_good",
    replace="    for _ in",
    by="    model.eval()\n    for _ in",
)
write.variant(
    "one tensor, filled up",
    name="filled",
    source="""
    def generate(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
        B, T = idx.shape
        out = torch.zeros(B, T + max_new_tokens, dtype=torch.long)
        out[:, :T] = idx
        for t in range(T, T + max_new_tokens):
            out[:, t] = next_token(model, out[:, :t], temperature, top_k, generator)[:, 0]
        return out
    """,
)
