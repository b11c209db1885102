"""07.next_token: read, and draw one token."""

import torch

from graders.authoring import exercise

from .part import CONFIGS, build, forward, weights

draw = exercise("next_token", title="read, and draw one token", points=2, pure=False)

SETTINGS = [
    # config, B, T, temperature, top_k: shorter than block_size, as long, longer, much longer
    (CONFIGS[0], 3, 4, 1.0, None),
    (CONFIGS[0], 2, 6, 3.0, 3),
    (CONFIGS[0], 5, 7, 2.0, None),
    (CONFIGS[2], 4, 21, 5.0, 50),
    (CONFIGS[1], 1, 9, 0.5, 2),
    (CONFIGS[2], 3, 1, 4.0, 4),
    (CONFIGS[0], 8, 9, 0, None),
    (CONFIGS[2], 3, 5, 0.0, 3),
    # many rows, so that chance hides nothing: what is read, and each knob by itself
    (CONFIGS[0], 8, 13, 0.8, None),
    (CONFIGS[0], 8, 5, 4.0, 2),
    (CONFIGS[0], 8, 3, 4.0, 1),
]


@draw.cases
def _(rng):
    for config, B, T, temperature, top_k in SETTINGS:
        idx = rng.integers(0, config["vocab_size"], B, T)
        w = weights(rng, config)
        if (
            B == 8
        ):  # what is read decides, not what every text has in common; and nothing is certain
            w["ln_f.bias"], w["head.bias"] = w["ln_f.bias"] * 0.1, w["head.bias"] * 0.1
            w["head.weight"] = w["head.weight"] * (0.4 if top_k else 1.0)
        case = dict(config=config, w=w, idx=idx, seed=rng.seed())
        yield dict(case, temperature=temperature, top_k=top_k)


@draw.scenario
def _(m, config, w, idx, seed, temperature, top_k):
    """Three draws in a row from one generator: tokens, and where the generator is afterwards."""
    model, before = build(m, config, w), idx.clone()
    torch.default_generator.manual_seed(
        seed // 2
    )  # whoever rolls the global die rolls other numbers
    g = torch.Generator().manual_seed(seed)
    drawn = [m.next_token(model, idx, temperature, top_k, g) for _ in range(3)]
    told = {"drawn": drawn, "idx unchanged": torch.equal(idx, before)}
    if temperature:  # a greedy choice needs no die, and may roll it or not
        told["then drawn elsewhere"] = torch.rand(2, generator=g)
    return told


@draw.oracle
def _(config, w, idx, seed, temperature, top_k):
    g = torch.Generator().manual_seed(seed)
    logits = forward(w, config, idx[:, -config["block_size"] :])[0][:, -1]
    told = {"drawn": [logits.argmax(-1, keepdim=True)] * 3, "idx unchanged": True}
    if temperature:
        kth = logits.sort(descending=True).values[:, : top_k or 99][:, -1:]
        probs = (logits.where(logits >= kth, float("-inf")) / temperature).softmax(-1)
        told["drawn"] = [torch.multinomial(probs, 1, generator=g) for _ in range(3)]
        told["then drawn elsewhere"] = torch.rand(2, generator=g)
    return told


def quiet(rng):
    for training, T in [(True, 4), (False, 9)]:
        yield dict(w=weights(rng, CONFIGS[0]), idx=rng.integers(0, 7, 2, T), training=training)


@draw.check("the model", cases=quiet)
def _(m, w, idx, training):
    """What the blocks see; the mode afterwards; and that nothing is kept for gradients."""
    model, seen = build(m, CONFIGS[0], w).train(training), []
    model.blocks[0].register_forward_hook(
        lambda _, args, out: seen.append([list(out.shape), out.requires_grad])
    )
    token = m.next_token(model, idx, 1.0, None, torch.Generator().manual_seed(3))
    return {
        "shape": list(token.shape),
        "read (shape, graph kept)": seen[-1:],
        "mode": [model.training, model.blocks[0].training],
        "gradients on": torch.is_grad_enabled(),
        "p.grad": [p.grad for p in model.parameters()],
        "weights unchanged": all(torch.equal(p, w[name]) for name, p in model.state_dict().items()),
    }


def once(rng):
    yield dict(w=weights(rng, CONFIGS[2]), idx=rng.integers(0, 9, 4, 3), seed=rng.seed())


@draw.check("defaults", cases=once)
def _(m, w, idx, seed):
    """Temperature 1, no top-k; and without a generator torch's global one rolls."""
    w = {name: p * 0.4 for name, p in w.items()}
    model = build(m, CONFIGS[2], w)
    torch.default_generator.manual_seed(seed)
    return [m.next_token(model, idx) for _ in range(8)]


draw.hint("Three lines: read the end of the text, take the last position's probabilities, draw.")
draw.hint(
    "idx[:, -block_size:] is the end, or all; model(...) returns a pair; logits[:, -1] is (B, V)."
)
draw.hint(
    "torch.multinomial(next_token_probs(logits[:, -1], temperature, top_k), 1, generator=generator)"
)

draw.misconception(
    """The text was not cut: with more than block_size tokens the model refuses. Read idx[:,
    -block_size:].""",
    name="not_cropped",
    replace="idx[:, -model.config.block_size :]",
    by="idx",
)
draw.misconception(
    """The text was cut at the wrong end: the model reads its beginning for ever, and never sees what
    was just written. Keep the last block_size tokens.""",
    name="cropped_front",
    replace="idx[:, -model.config.block_size :]",
    by="idx[:, : model.config.block_size]",
)
draw.misconception(
    """Only the last token was read, as if this were a bigram model. The model may read block_size
    tokens.""",
    name="last_token_only",
    replace="idx[:, -model.config.block_size :]",
    by="idx[:, -1:]",
)
draw.misconception(
    """One token of context was given away: the last block_size tokens fit, not block_size - 1.""",
    name="one_less",
    replace="-model.config.block_size :]",
    by="-(model.config.block_size - 1) :]",
)
draw.misconception(
    """The logits of the first position were used: they know one token only. The last position has read
    everything.""",
    name="first_position",
    replace="logits[:, -1]",
    by="logits[:, 0]",
)
draw.misconception(
    """The most likely token was taken at every temperature. Draw from the probabilities.""",
    name="argmax",
    replace="return torch.multinomial(probs, 1, generator=generator)",
    by="return probs.argmax(-1, keepdim=True)",
)
draw.misconception(
    """The generator is not used: torch's global one rolled, and no text could be written a second time.""",
    name="no_generator",
    replace="return torch.multinomial(probs, 1, generator=generator)",
    by="return torch.multinomial(probs, 1)",
)
draw.misconception(
    """temperature and top_k were not handed on to next_token_probs.""",
    name="no_knobs",
    replace=", temperature, top_k)",
    by=")",
)
draw.misconception(
    """temperature was not handed on to next_token_probs.""",
    name="no_temperature",
    replace=", temperature, top_k)",
    by=", top_k=top_k)",
)
draw.misconception(
    """top_k was not handed on to next_token_probs.""",
    name="no_top_k",
    replace=", temperature, top_k)",
    by=", temperature)",
)
draw.misconception(
    """Softmax was applied to probabilities: next_token_probs has done it already. The second one
    flattens them.""",
    name="softmax_twice",
    replace="return torch.multinomial(probs,",
    by="return torch.multinomial(probs.softmax(-1),",
)
draw.misconception(
    """Only the first text got a token. There are B of them, and one token for each: (B, 1).""",
    name="first_text",
    replace="logits[:, -1]",
    by="logits[:1, -1]",
)
draw.misconception(
    """The shape is (B,). A column, (B, 1), can be appended to the texts as it is.""",
    name="squeezed",
    replace="return torch.multinomial(probs, 1, generator=generator)",
    by="return torch.multinomial(probs, 1, generator=generator).squeeze(1)",
)
draw.misconception(
    """The model was switched to eval mode and left there. In whatever mode it is, it stays: a training
    that goes on afterwards would have lost its dropout.""",
    name="eval_for_good",
    replace="    logits, _ = model",
    by="    model.eval()\n    logits, _ = model",
)
draw.misconception(
    """The model is in training mode afterwards, whatever it was before. It stays as it is.""",
    name="train_after",
    replace="    return",
    by="    model.train()\n    return",
)
draw.misconception(
    """The model returns a pair, (logits, loss): take the first of it.""",
    name="pair",
    replace="logits, _ = model",
    by="logits = model",
)
draw.variant(
    "argmax where it is greedy",
    name="greedy_branch",
    source="""
    @torch.no_grad()
    def next_token(model, idx, temperature=1.0, top_k=None, generator=None):
        if idx.size(1) > model.config.block_size:
            idx = idx[:, idx.size(1) - model.config.block_size :]
        last = model.forward(idx)[0][:, -1, :]
        if temperature == 0:
            return last.argmax(dim=-1, keepdim=True)
        return next_token_probs(last, temperature, top_k).multinomial(1, generator=generator)
    """,
)
