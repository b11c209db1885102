"""03.next_probs: probabilities of the next character."""

import torch

from graders.authoring import exercise

from .part import leaves, parameters, single

probs = exercise("next_probs", title="probabilities of the next character", pure=False)


# vocab_size, block_size, n_embd, n_hidden
SIZES = [(7, 3, 2, 4), (4, 2, 5, 3), (3, 1, 4, 8), (31, 4, 3, 6)]


@probs.cases
def _(rng):
    for v, t, d, hidden in SIZES:
        params = parameters(rng, v, t, d, hidden)
        yield dict(params=params, context=[rng.integer(0, v) for _ in range(t)])
    params = parameters(rng, 5, 3, 2, 4)
    yield dict(params=params, context=[0, 0, 0])
    # in float32, as init_params makes them; and indices that no byte holds
    yield dict(params=single(parameters(rng, 300, 2, 2, 4)), context=[299, 140])
    # two of them far beyond what exp can hold, and still far apart: to clip them makes them equal
    large = rng.shuffled([1500.0, 1400.0, 700.0, -900.0, -2500.0])
    sure = {**params, "b2": torch.tensor(large, dtype=params["b2"].dtype) + rng.normal(5)}
    yield dict(params=sure, context=[0, 1, 2])


@probs.scenario
def _(m, params, context):
    given = list(context)
    p = m.next_probs(leaves(params), context)
    return {"probs": p.detach(), "recorded": p.requires_grad, "context unchanged": context == given}


@probs.check("nothing left behind")
def _(m, params, context):
    params = leaves(params)
    try:
        m.next_probs(params, context)
        on = torch.is_grad_enabled()
        with torch.no_grad():
            for p in params.values():
                p.copy_(p.flip(0))  # the network has learned meanwhile
            again = m.next_probs(params, context)
            off = not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    return {
        "params still trainable": all(p.requires_grad for p in params.values()),
        "autograd still on": on,
        "autograd still off": off,
        "probs of other parameters": again.detach(),
    }


probs.hint("forward wants a tensor (N, block_size). What is N for one context?")
probs.hint("torch.tensor([context]) is (1, block_size); its logits are (1, vocab_size).")
probs.hint("Under torch.no_grad(): F.softmax(forward(params, torch.tensor([context])), dim=1)[0]")

probs.misconception(
    "These are logits. Probabilities come from their softmax.",
    name="logits",
    replace="F.softmax(logits, dim=1)[0]",
    by="logits[0]",
)
probs.misconception(
    "softmax over dim 0, the batch of one: each number becomes 1. Normalize over the characters, dim=1.",
    name="over_batch",
    replace="dim=1)[0]",
    by="dim=0)[0]",
)
probs.misconception(
    "The shape is (1, vocab_size): take the only row, [0].",
    name="batch_kept",
    replace="dim=1)[0]",
    by="dim=1)",
)
probs.misconception(
    "Exponentials alone do not sum to 1: divide by their sum, or call F.softmax.",
    name="counts",
    replace="F.softmax(logits, dim=1)[0]",
    by="logits.exp()[0]",
)
probs.misconception(
    "exp overflows for large logits: inf / inf is nan. F.softmax subtracts the maximum first.",
    name="overflow",
    replace="F.softmax(logits, dim=1)[0]",
    by="(logits.exp() / logits.exp().sum())[0]",
)
probs.misconception(
    "The probabilities are right, but autograd recorded them: each character would drag a graph along. "
    "Use torch.no_grad().",
    name="recorded",
    replace="with torch.no_grad():",
    by="if True:",
)
probs.misconception(
    "A sigmoid for each character: these are no probabilities of one choice among many. Softmax.",
    name="sigmoid",
    replace="F.softmax(logits, dim=1)[0]",
    by="torch.sigmoid(logits)[0]",
)
probs.misconception(
    "The context was read backwards: the oldest character comes first.",
    name="backwards",
    replace="torch.tensor([context])",
    by="torch.tensor([context[::-1]])",
)
probs.misconception(
    "These are log-probabilities: use softmax, not log_softmax.",
    name="logs",
    replace="F.softmax(",
    by="F.log_softmax(",
)
probs.misconception(
    "The parameters are frozen now: requires_grad is False, and training cannot go on. torch.no_grad() is "
    "all that is needed.",
    name="frozen",
    replace="    with torch.no_grad():\n",
    by="    for p in params.values():\n        p.requires_grad_(False)\n    if True:\n",
)
probs.misconception(
    "autograd stays switched off after your call. Use `with torch.no_grad():`, which switches it on again.",
    name="left_off",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
probs.misconception(
    "Your context always has three characters: take as many as there are.",
    name="last_three",
    replace="torch.tensor([context])",
    by="torch.tensor([context[-3:]])",
)
probs.misconception(
    "The logits were divided by a temperature. Nobody asked for one: softmax of the logits as they are.",
    name="temperature",
    replace="F.softmax(logits, dim=1)",
    by="F.softmax(logits / 0.8, dim=1)",
)
probs.misconception(
    "The '.' was ruled out. The end of a name is a character like all others, and must be possible.",
    name="no_end",
    replace="F.softmax(logits, dim=1)[0]",
    by="F.softmax(logits - 1e9 * F.one_hot(torch.tensor([0]), logits.shape[1]), dim=1)[0]",
)
probs.misconception(
    "Nobody is ever quite sure in your version: the logits were clipped. F.softmax takes care of large ones.",
    name="clamped",
    replace="F.softmax(logits, dim=1)",
    by="F.softmax(logits.clamp(-30, 30), dim=1)",
)

probs.variant(
    "view, inference mode",
    name="inference",
    source="""def next_probs(params, context):
    with torch.inference_mode():
        X = torch.tensor(context).view(1, -1)
        return forward(params, X).flatten().softmax(0)
""",
)
probs.variant(
    "the maximum subtracted by hand, detached at the end",
    name="by_hand",
    source="""def next_probs(params, context):
    logits = forward(params, torch.as_tensor([context]))[0]
    counts = (logits - logits.max()).exp()
    return (counts / counts.sum()).detach()
""",
)

probs.equivalent(
    "F.softmax(logits, dim=1)  ->  F.softmax(logits)",
    "of two dimensions, torch takes 1 where none is named",
)
probs.equivalent("0  ->  -1", "there is one row")
