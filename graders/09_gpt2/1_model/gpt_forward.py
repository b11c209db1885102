"""09.gpt_forward: tokens in, logits and a loss out."""

import torch

from graders.authoring import Raises, Tol, differentiate, exercise, fill, parameters

from .part import CONFIGS, FIELDS, plain_gpt, shapes, weights

forward = exercise(
    "gpt_forward",
    target="GPT.forward",
    title="tokens in, logits and a loss out",
    points=2,
    pure=False,
)


@forward.cases
def _(rng):
    # B and T: T below block_size, T = block_size, both 1 once, B > 1
    batches = [(3, 5), (2, 5), (1, 4), (4, 1)]
    for sizes, (B, T) in zip(CONFIGS, batches, strict=True):
        yield case(rng, sizes, B, T, torch.float64)
    yield case(rng, CONFIGS[0], 2, 8, torch.float64)
    yield case(rng, CONFIGS[2], 2, 3, torch.float32)


def case(rng, sizes, B, T, dtype):
    config = dict(zip(FIELDS, sizes, strict=True))
    V = config["vocab_size"]
    idx, targets = rng.integers(0, V, B, T), rng.integers(0, V, T, B).T  # targets: not contiguous
    w = weights(rng, shapes(**config), "", dtype)
    return dict(config=config, w=w, idx=idx, targets=targets)


def made(m, config, w):
    return fill(m.GPT(m.GPTConfig(**config)), w)


@forward.scenario
def _(m, config, w, idx, targets):
    logits, loss = made(m, config, w)(idx)
    return {"logits": logits, "loss": loss}


@forward.oracle
def _(config, w, idx, targets):
    return {"logits": plain_gpt(idx, w, config["n_layer"], config["n_head"]), "loss": None}


def nll(logits, targets):
    """The mean over all predictions, one by one."""
    rows = zip(logits.flatten(0, 1).log_softmax(1), targets.flatten().tolist(), strict=True)
    return torch.stack([-row[target] for row, target in rows]).mean()


@forward.check("with targets")
def _(m, config, w, idx, targets):
    logits, loss = made(m, config, w)(idx, targets)
    return {"logits": logits, "loss": loss}


@forward.oracle("with targets")
def _(config, w, idx, targets):
    logits = plain_gpt(idx, w, config["n_layer"], config["n_head"])
    return {"logits": logits, "loss": nll(logits, targets)}


# float32 through several blocks: which sums are taken first moves the last digits
@forward.check("gradients", tol=Tol(rtol=3e-4))
def _(m, config, w, idx, targets):
    model = made(m, config, w)
    leaves = parameters(model, w)
    return dict(differentiate(model(idx, targets)[1], {n: leaves[n] for n in w}, 1.7))


@forward.oracle("gradients")
def _(config, w, idx, targets):
    leaves = {name: tensor.requires_grad_() for name, tensor in w.items()}
    logits = plain_gpt(idx, leaves, config["n_layer"], config["n_head"])
    return dict(differentiate(nll(logits, targets), leaves, 1.7))


@forward.check("too long")
def _(m, config, w, idx, targets):
    model = made(m, config, w)
    return model(torch.zeros(1, config["block_size"] + 1, dtype=torch.int64))[0]


@forward.oracle("too long")
def _(config, w, idx, targets):
    return Raises("ValueError")


forward.hint("Two lookups, added; then one thing after the other, as in the drawing at the top.")
forward.hint(
    "torch.arange(T, device=idx.device) are the positions. F.cross_entropy wants (N, V) and (N,): flatten "
    "batch and time."
)
forward.hint(
    "x = wte(idx) + wpe(pos); x = block(x) for each; logits = lm_head(ln_f(x)); "
    "F.cross_entropy(logits.flatten(0, 1), targets.flatten())"
)

TABLES = "self.transformer.wte(idx) + self.transformer.wpe(pos)"
LOSS = "F.cross_entropy(logits.view(B * T, -1), targets.reshape(B * T))"

forward.misconception(
    """The positions are missing: without wpe, the model cannot tell "dog bites man" from "man bites dog".""",
    name="no_positions",
    replace=TABLES,
    by="self.transformer.wte(idx)",
)
forward.misconception(
    """ln_f is missing between the last block and the head.""",
    name="no_ln_f",
    replace="self.lm_head(self.transformer.ln_f(x))",
    by="self.lm_head(x)",
)
forward.misconception(
    """Only the last position's logits are returned. Training needs a prediction at every position.""",
    name="last_only",
    replace="self.lm_head(self.transformer.ln_f(x))",
    by="self.lm_head(self.transformer.ln_f(x[:, -1:]))",
)
forward.misconception(
    """What is returned went through a softmax. Logits are asked for: cross_entropy does softmax itself.""",
    name="softmaxed",
    replace="self.lm_head(self.transformer.ln_f(x))",
    by="self.lm_head(self.transformer.ln_f(x)).softmax(-1)",
)
forward.misconception(
    """The targets were shifted once more. They are the right next tokens already: position t is compared with
    targets[:, t].""",
    name="shifted_again",
    replace=LOSS,
    by="F.cross_entropy(logits[:, :-1].reshape(B * T - B, -1), targets[:, 1:].reshape(B * T - B))",
)
forward.misconception(
    """The loss is compared with the tokens that went in. A model that only repeats its input would win: use
    targets.""",
    name="input_as_target",
    replace="targets.reshape(B * T)",
    by="idx.reshape(B * T)",
)
forward.misconception(
    """The loss is a sum. Take the mean over all B * T predictions, or it grows with the batch.""",
    name="summed",
    replace="targets.reshape(B * T))",
    by='targets.reshape(B * T), reduction="sum")',
)
forward.misconception(
    """targets.view fails where the rows of targets do not lie one behind the other, as in a slice like
    text[:, 1:] or a transpose: use reshape or flatten.""",
    name="viewed",
    replace="targets.reshape(B * T)",
    by="targets.view(B * T)",
)
forward.misconception(
    """A sequence longer than block_size raises something else than ValueError, or nothing: ask for it
    before the lookup in wpe.""",
    name="no_check",
    replace="if self.config.block_size < T:",
    by="if False:",
)
forward.misconception(
    """A sequence of exactly block_size tokens was refused. It fits: its last position is block_size - 1.""",
    name="off_by_one",
    replace="if self.config.block_size < T:",
    by="if self.config.block_size <= T:",
)
forward.misconception(
    """A sequence that is too long was cut silently. Whoever called believes that all of it was read: raise
    ValueError.""",
    name="cropped",
    edits=[
        (
            'raise ValueError(f"{T} tokens do not fit into block_size {self.config.block_size}")',
            "idx = idx[:, -self.config.block_size :]\n            T = self.config.block_size",
        )
    ],
)
forward.misconception(
    """The positions were counted over the batch. Every row starts at position 0.""",
    name="over_the_batch",
    replace=TABLES,
    by="self.transformer.wte(idx) + self.transformer.wpe((pos[0] + torch.arange(B) % "
    "self.config.block_size)[:, None].expand(B, T))",
)
forward.misconception(
    """Without targets only the logits came back. It is always a pair: (logits, None).""",
    name="no_pair",
    replace="return logits, None",
    by="return logits",
)
forward.variant(
    "transposed for cross_entropy, the blocks by index",
    name="transposed",
    source="""
    def forward(self, idx, targets=None):
        T = idx.size(1)
        if not T <= self.config.block_size:
            raise ValueError("too long")
        t = self.transformer
        x = F.embedding(idx, t.wte.weight) + t.wpe.weight[None, :T]
        for i in range(len(t.h)):
            x = t.h[i](x)
        logits = F.linear(t.ln_f(x), self.lm_head.weight)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.transpose(1, 2), targets)
        return logits, loss
    """,
)

forward.equivalent(
    "torch.arange(T, device=idx.device)  ->  torch.arange(T)",
    "on the CPU there is one device",
)
