"""07.gpt_forward: from tokens to logits and a loss."""

import torch

from graders.authoring import differentiate, exercise, instead

from .part import CONFIGS, SHAPES, build, forward, leaves, weights

gpt = exercise(
    "gpt_forward",
    target="GPT.forward",
    title="from tokens to logits and a loss",
    points=2,
    pure=False,
)


@gpt.cases
def _(rng):
    for config, (B, T) in zip(CONFIGS, SHAPES, strict=True):
        V = config["vocab_size"]
        whole = rng.integers(0, V, B, T + 1)  # as in training: both are views of it, not contiguous
        case = dict(config=config, w=weights(rng, config))
        yield dict(case, idx=whole[:, :-1], targets=rng.integers(0, V, T, B).T)
    # at block_size; targets as they are in training, the tokens shifted by one
    whole = rng.integers(0, 7, 3, 7)
    yield dict(
        config=CONFIGS[0], w=weights(rng, CONFIGS[0]), idx=whole[:, :-1], targets=whole[:, 1:]
    )


def answer(out):
    """(logits, loss) as plain data."""
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        return instead(out, "a pair (logits, loss)")
    return {"logits": out[0], "loss": out[1]}


@gpt.scenario
def _(m, config, w, idx, targets):
    """With targets, without, and with them again, in eval mode."""
    model, kept = build(m, config, w), [idx.clone(), targets.clone()]
    told = {"with targets": answer(model(idx, targets)), "without": answer(model(idx))}
    told["in eval mode"] = answer(model.eval()(idx, targets))
    told["mode kept"] = not model.training
    told["inputs kept"] = torch.equal(idx, kept[0]) and torch.equal(targets, kept[1])
    return told


@gpt.oracle
def _(config, w, idx, targets):
    logits, loss = forward(w, config, idx, targets)
    both = {"logits": logits, "loss": loss}
    told = {"with targets": both, "without": {"logits": logits, "loss": None}, "in eval mode": both}
    return told | {"mode kept": True, "inputs kept": True}


def differentiable(rng):
    for config, (B, T) in zip(CONFIGS[:4], SHAPES[:4], strict=True):
        V = config["vocab_size"]
        case = dict(config=config, w=weights(rng, config), upstream=rng.normal(B, T, V))
        yield dict(case, idx=rng.integers(0, V, B, T), targets=rng.integers(0, V, B, T))


@gpt.check("gradients", cases=differentiable)
def _(m, config, w, idx, targets, upstream):
    """Of every parameter, through the logits and through the loss at once."""
    model = build(m, config, w)
    out = model(idx, targets)
    up = [upstream, torch.tensor(1.7, dtype=upstream.dtype)]
    return dict(differentiate(out, dict(model.named_parameters()), up))


@gpt.oracle("gradients")
def _(config, w, idx, targets, upstream):
    w = leaves(w, config)
    named = {name: p for name, p in w.items() if not (config.get("tied") and name == "head.weight")}
    up = [upstream, torch.tensor(1.7, dtype=upstream.dtype)]
    return dict(differentiate(forward(w, config, idx, targets), named, up))


gpt.hint(
    "Embed once, then send x through one block after the other: what comes out of one goes into the next."
)
gpt.hint(
    "After the blocks: self.ln_f, then self.head. The loss is F.cross_entropy, on flattened tensors."
)
gpt.hint("""logits.flatten(0, 1) is (B*T, V) and targets.flatten() is (B*T,). Return the logits before
    flattening, and None for the loss when there are no targets.""")

gpt.misconception(
    """The final LayerNorm is missing: after the last block comes ln_f, then the head.""",
    name="no_ln_f",
    replace="self.head(self.ln_f(x))",
    by="self.head(x)",
)
gpt.misconception(
    """Every block reads the embedding, and only the last one's result is used. What comes out of one
    block goes into the next: x = block(x).""",
    name="blocks_side_by_side",
    edits=[("x = block(x)", "y = block(x)"), ("self.ln_f(x)", "self.ln_f(y)")],
)
gpt.misconception(
    """The blocks are skipped, or their result is thrown away: block(x) returns a new tensor, so write x
    = block(x).""",
    name="result_lost",
    replace="x = block(x)",
    by="block(x)",
)
gpt.misconception(
    """Only the first block is used: `return` or the head stands inside the loop, or the loop ends
    early.""",
    name="first_block_only",
    replace="for block in self.blocks:",
    by="for block in self.blocks[:1]:",
)
gpt.misconception(
    """The blocks run in reverse order: the first of self.blocks reads the embedding, the last one comes
    before ln_f.""",
    name="reversed",
    replace="in self.blocks:",
    by="in reversed(self.blocks):",
)
gpt.misconception(
    """A second residual connection was laid around each block. Each block adds to x already: x =
    block(x).""",
    name="residual_twice",
    replace="x = block(x)",
    by="x = x + block(x)",
)
gpt.misconception(
    """The final LayerNorm was applied after every block. It comes once, at the end.""",
    name="ln_f_each",
    replace="x = block(x)",
    by="x = self.ln_f(block(x))",
)
gpt.misconception(
    """The positions are missing: start with self.embed(idx), which adds them to the tokens.""",
    name="token_only",
    replace="self.embed(idx)",
    by="self.token(idx)",
)
gpt.misconception(
    """Probabilities came back, not logits, and cross_entropy applied softmax a second time. No softmax in
    forward.""",
    name="softmax",
    replace="self.head(self.ln_f(x))",
    by="F.softmax(self.head(self.ln_f(x)), dim=-1)",
)
gpt.misconception(
    """With targets the logits come back flattened, (B*T, V). Flatten them for cross_entropy only, and
    return (B, T, V) always.""",
    name="flattened",
    replace="return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
    by="logits = logits.flatten(0, 1)\n        return logits, F.cross_entropy(logits, targets.flatten())",
)
gpt.misconception(
    """The logits were reshaped to (B, V, T) for cross_entropy. The shape fits and the numbers are
    shuffled: flatten to (B*T, V), or swap the dimensions with transpose(1, 2).""",
    name="viewed",
    replace="F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
    by="F.cross_entropy(logits.reshape(logits.shape[0], -1, logits.shape[1]), targets)",
)
gpt.misconception(
    """The logits of each text were paired with targets of other places: flatten both in the same order,
    batch first.""",
    name="time_first",
    replace="logits.flatten(0, 1)",
    by="logits.transpose(0, 1).flatten(0, 1)",
)
gpt.misconception(
    """Targets are not contiguous in memory (they are a slice of a longer text), and .view refuses: use
    reshape or flatten.""",
    name="view_of_targets",
    replace="targets.flatten()",
    by="targets.view(-1)",
)
gpt.misconception(
    """The targets were shifted once more. targets[b, t] is already what follows idx[b, t].""",
    name="shifted_again",
    replace="F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
    by="F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())",
)
gpt.misconception(
    """The loss is the sum over all positions. The mean is asked for (cross_entropy's default).""",
    name="summed",
    replace="targets.flatten())",
    by='targets.flatten(), reduction="sum")',
)
gpt.misconception(
    """Only the last position is scored. Every position predicts its next token: B * T of them.""",
    name="last_only",
    replace="F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
    by="F.cross_entropy(logits[:, -1], targets[:, -1])",
)
gpt.misconception(
    """The loss is cut off from the graph (detach, item or data): nothing could learn from it.""",
    name="detached",
    replace="targets.flatten())",
    by="targets.flatten()).detach()",
)
gpt.misconception(
    """Without targets only the logits came back. It is always a pair, (logits, None) then.""",
    name="no_pair",
    replace="return logits, None",
    by="return logits",
)
gpt.variant(
    "transposed for cross_entropy",
    name="transpose",
    replace="F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
    by="F.cross_entropy(logits.transpose(1, 2), targets)",
)
gpt.variant(
    "by hand",
    name="by_hand",
    source="""
    def forward(self, idx, targets=None):
        import functools
        x = functools.reduce(lambda x, block: block(x), self.blocks, self.embed(idx))
        logits, loss = self.head(self.ln_f(x)), None
        if targets is not None:
            loss = -logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1)).mean()
        return (logits, loss)
    """,
)
