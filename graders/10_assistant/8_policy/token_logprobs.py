"""10.token_logprobs: how probable was what it wrote?"""

import torch

from graders.authoring import exercise

from .part import calls

logprobs = exercise("token_logprobs", title="how probable was what it wrote?")


@logprobs.cases
def _(rng):
    for (B, T, V), temperature, dtype, std in [
        ((3, 5, 7), 0.7, torch.float64, 1.5),
        ((1, 4, 2), 1.0, torch.float64, 1.0),
        ((2, 6, 6), 1.9, torch.float32, 2.0),
        ((4, 2, 3), 0.5, torch.float64, 4.0),
        ((2, 1, 4), 1.3, torch.float64, 1.0),
        ((2, 3, 1), 0.9, torch.float64, 1.0),
        ((1, 5, 300), 0.05, torch.float64, 1.0),  # ids above 127; nearly greedy
        ((1, 2, 33_000), 1.0, torch.float32, 1.0),
    ]:
        yield dict(
            logits=rng.normal(B, T, V, std=std, dtype=dtype),
            ids=rng.integers(V - 9 if V > 9 else 0, V, B, T),
            temperature=temperature,
        )
    far = rng.normal(2, 4, 5)
    far[0, :, 1], far[1, :, 2] = 1e4, -1e4
    ids = rng.integers(0, 5, 2, 4)
    ids[0, 1], ids[0, 2], ids[1, 3] = 1, 3, 2
    yield dict(logits=far, ids=ids, temperature=0.8)
    logits = rng.normal(4, 3, 5).transpose(0, 1)
    yield dict(logits=logits, ids=rng.integers(0, 5, 4, 3).T, temperature=1.4)


@logprobs.oracle
def _(logits, ids, temperature):
    B, T, _ = logits.shape
    out = torch.zeros(B, T - 1, dtype=logits.dtype)
    for b in range(B):
        for t in range(T - 1):
            row = logits[b, t].double() / temperature
            out[b, t] = row[ids[b, t + 1]] - row.logsumexp(0)
    return out


@logprobs.check("gradients")
def _(m, logits, ids, temperature):
    out = m.token_logprobs(logits.requires_grad_(), ids, temperature)
    return calls(out, 1.7 + torch.arange(ids.numel() - len(ids)).view(len(ids), -1), logits=logits)


@logprobs.check("temperature left out")
def _(m, logits, ids, temperature):
    return m.token_logprobs(logits, ids)


logprobs.hint("Which logits are about ids[:, 1:]? Those one position earlier.")
logprobs.hint(
    "Divide by the temperature, then F.log_softmax over the vocabulary, then pick the tokens."
)
logprobs.hint("logp.gather(-1, ids[:, 1:, None]).squeeze(-1), logp being (B, T - 1, V).")

BODY = """    logp = F.log_softmax(logits[:, :-1] / temperature, dim=-1)
    return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)"""

logprobs.misconception(
    """Nothing is shifted: each token's own position was asked, which has seen it already. Token t + 1
    belongs to the logits at t.""",
    name="not_shifted",
    replace=BODY,
    by="    logp = F.log_softmax(logits[:, 1:] / temperature, dim=-1)\n"
    "    return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)",
)
logprobs.misconception(
    """The ids are not shifted: position t is about token t + 1, not about the one that it has just
    read.""",
    name="ids_not_shifted",
    replace="ids[:, 1:, None]",
    by="ids[:, :-1, None]",
)
logprobs.misconception(
    """Shifted the wrong way: the logits at t + 1 were asked about token t, which they have read.""",
    name="wrong_way",
    replace=BODY,
    by="    logp = F.log_softmax(logits[:, 1:] / temperature, dim=-1)\n"
    "    return logp.gather(-1, ids[:, :-1, None]).squeeze(-1)",
)
logprobs.misconception(
    """The temperature is not applied: tokens drawn at 0.7 come from softmax(logits / 0.7), and these
    are the log-probabilities of another policy.""",
    name="no_temperature",
    replace="[:, :-1] / temperature",
    by="[:, :-1]",
)
logprobs.misconception(
    """The logits were multiplied by the temperature. Divide.""",
    name="multiplied",
    replace="[:, :-1] / temperature",
    by="[:, :-1] * temperature",
)
logprobs.misconception(
    """The log-probabilities were divided by the temperature, after log_softmax: they are no
    log-probabilities any more. Divide the logits.""",
    name="divided_after",
    replace=BODY,
    by="    logp = F.log_softmax(logits[:, :-1], dim=-1) / temperature\n"
    "    return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)",
)
logprobs.misconception(
    """The logits themselves were picked. They become log-probabilities by log_softmax.""",
    name="logits",
    replace="F.log_softmax(logits[:, :-1] / temperature, dim=-1)",
    by="logits[:, :-1] / temperature",
)
logprobs.misconception(
    """Probabilities came back; their logs are asked (log_softmax).""",
    name="probabilities",
    replace="F.log_softmax(",
    by="F.softmax(",
)
logprobs.misconception(
    """softmax first and log second: a token far below the best one has probability 0 and log -inf (or
    the log of a small constant). F.log_softmax keeps it finite.""",
    name="log_of_softmax",
    replace="F.log_softmax(logits[:, :-1] / temperature, dim=-1)",
    by="(logits[:, :-1] / temperature).softmax(-1).log()",
)
logprobs.misconception(
    """The softmax runs over the positions. The vocabulary is the last dimension.""",
    name="over_positions",
    replace="dim=-1)",
    by="dim=1)",
)
logprobs.misconception(
    """These are losses: minus the log-probabilities (cross_entropy gives them so). Turn the sign.""",
    name="negative",
    replace="return logp",
    by="return -logp",
)
logprobs.misconception(
    """The shape is (B, T - 1, 1): squeeze(-1) takes the last dimension away.""",
    name="not_squeezed",
    replace=".squeeze(-1)",
    by="",
)
logprobs.misconception(
    """squeeze() without a dimension takes away whatever is 1, the batch and the time as well.""",
    name="squeeze_all",
    replace=".squeeze(-1)",
    by=".squeeze()",
)
logprobs.misconception(
    """The values are right, but cut off from the logits: the policy cannot learn from them.""",
    name="detached",
    replace="return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)",
    by="return logp.detach().gather(-1, ids[:, 1:, None]).squeeze(-1)",
)

logprobs.variant(
    "minus cross-entropy",
    name="cross_entropy",
    replace=BODY,
    by="    l = (logits[:, :-1] / temperature).transpose(1, 2)\n"
    '    return -F.cross_entropy(l, ids[:, 1:], reduction="none")',
)
logprobs.variant(
    "logsumexp",
    name="logsumexp",
    replace=BODY,
    by="    l = logits / temperature\n"
    "    picked = l[:, :-1].gather(2, ids[:, 1:].unsqueeze(2))[..., 0]\n"
    "    return picked - torch.logsumexp(l[:, :-1], -1)",
)

logprobs.equivalent(":-1  ->  :", "gather looks at as many positions as there are indices")
