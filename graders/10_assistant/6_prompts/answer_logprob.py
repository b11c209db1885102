"""10.answer_logprob: what a model thinks of an answer."""

import torch

from graders.authoring import exercise, python_number

from .part import Model, by_hand

logp = exercise("answer_logprob", title="how probable is an answer?", pure=False)


@logp.cases
def _(rng):
    for p, a, scale in [
        (3, 4, 1.0),
        (1, 1, 2.0),
        (5, 2, 3.0),
        (2, 6, 0.5),
        (1, 3, 1e4),
        (4, 1, 1.0),
    ]:
        table = rng.normal(13, 6) * scale
        prompt, answer = rng.integers(0, 6, p).tolist(), rng.integers(0, 6, a).tolist()
        if a > 3:
            answer[1] = answer[0]  # a repeat, and one that the prompt has, too
            answer[2] = prompt[0]
        yield dict(table=table, prompt=prompt, answer=answer, training=p % 2 == 0)
    # ids that one byte does not hold
    yield dict(table=rng.normal(13, 300), prompt=[299, 4], answer=[270, 130, 290], training=False)


@logp.scenario
def _(m, table, prompt, answer, training):
    model = Model(table).train(training)
    found = m.answer_logprob(model, prompt, answer)
    other = m.answer_logprob(model, prompt, [(token + 1) % 6 for token in answer])
    return {
        "log-probability": python_number(found),
        "of another answer": python_number(other),
        "prompt and answer afterwards": [prompt, answer],
        "gradients were recorded": model.recorded,
        "gradients are on afterwards": torch.is_grad_enabled(),
        "in training mode": model.training,
    }


@logp.oracle
def _(table, prompt, answer, training):
    return {
        "log-probability": by_hand(table, prompt, answer),
        "of another answer": by_hand(table, prompt, [(token + 1) % 6 for token in answer]),
        "prompt and answer afterwards": [prompt, answer],
        "gradients were recorded": False,
        "gradients are on afterwards": True,
        "in training mode": training,
    }


logp.hint(
    "One call for prompt + answer is enough: the logits at place t are about the token at t + 1."
)
logp.hint(
    "The first token of the answer is at place len(prompt), so it is predicted at len(prompt) - 1."
)
logp.hint(
    "log_softmax(-1) of the logits; for the i-th token of the answer, row len(prompt) - 1 + i."
)

ROW = "logps[len(prompt) - 1 + i, token]"

logp.misconception(
    """Off by one: the logits at a token's own place are about the *next* one. The first token of the
    answer is predicted at the last of the prompt.""",
    name="own_place",
    replace="[prompt + answer]))[0].log_softmax(-1)",
    by="[prompt + answer + answer[-1:]]))[0].log_softmax(-1)[1:]",
)
logp.misconception(
    """The first token of the answer is not counted. It is predicted at the last token of the prompt.""",
    name="first_lost",
    replace="for i, token in enumerate(answer))",
    by="for i, token in enumerate(answer) if i > 0) + 0.0",
)
logp.misconception(
    """The last token of the answer is not counted.""",
    name="last_lost",
    replace="for i, token in enumerate(answer))",
    by="for i, token in enumerate(answer[:-1])) + 0.0",
)
logp.misconception(
    """The tokens of the prompt count as well. They are given: only the answer's do.""",
    name="prompt_counts",
    replace="sum(logps[len(prompt) - 1 + i, token].item() for i, token in enumerate(answer))",
    by="sum(logps[i, token].item() for i, token in enumerate((prompt + answer)[1:]))",
)
logp.misconception(
    """That is the mean over the tokens. The log-probability of the whole answer is their sum.""",
    name="mean",
    replace="    return sum(",
    by="    return 1 / len(answer) * sum(",
)
logp.misconception(
    """That is the probability. Its logarithm is asked for: products of many small numbers end at 0.""",
    name="probability",
    replace="    return sum(",
    by="    return math.exp(1) ** sum(",
)
logp.misconception(
    """Logits were added up. They are no log-probabilities before log_softmax.""",
    name="logits",
    replace="[0].log_softmax(-1)",
    by="[0]",
)
logp.misconception(
    """log(softmax) is -inf where a probability rounds to 0, and with a small number added it is wrong. Use
    log_softmax.""",
    name="log_of_softmax",
    replace=".log_softmax(-1)",
    by=".softmax(-1).add(1e-9).log()",
)
logp.misconception(
    """-inf: softmax makes 0 of what is far below the largest, and the log of 0 is lost. log_softmax never
    leaves the logarithms.""",
    name="log_of_0",
    replace=".log_softmax(-1)",
    by=".softmax(-1).log()",
)
logp.misconception(
    """The sign is turned round: a log-probability is at most 0. (That is the loss.)""",
    name="loss",
    replace="    return sum(",
    by="    return -sum(",
)
logp.misconception(
    """Every token of the answer was asked for right behind the prompt. Each is given the tokens before it as
    well.""",
    name="all_at_one_place",
    replace="len(prompt) - 1 + i",
    by="len(prompt) - 1",
)
logp.misconception(
    """The model saw the answer without the prompt. What an answer is worth depends on the question.""",
    name="no_prompt",
    source="""def answer_logprob(model, prompt, answer):
    with torch.no_grad():
        logps = model(torch.tensor([prompt[-1:] + answer]))[0].log_softmax(-1)
    return sum(logps[i, token].item() for i, token in enumerate(answer))
""",
)
logp.misconception(
    """Gradients were recorded. Nothing is trained here: with torch.no_grad() around the model.""",
    name="recorded",
    replace="with torch.no_grad():",
    by="if True:",
)
logp.misconception(
    """A tensor came back. A plain Python float is asked for: .item().""",
    name="tensor",
    replace=".item()",
    by="",
)
logp.misconception(
    """The answer was written into the prompt's own list, which has grown. prompt + answer is a new one.""",
    name="grown",
    replace="    with torch.no_grad():\n",
    by="    size = len(prompt)\n    prompt += answer\n    prompt, answer = prompt[:size], prompt[size:]\n"
    "    with torch.no_grad():\n",
)
logp.misconception(
    """The model was switched to another mode. It is used in the one that it is in.""",
    name="switches",
    replace="    with torch.no_grad():\n",
    by="    getattr(model, 'eval', int)()\n    with torch.no_grad():\n",
)

logp.variant(
    "cross_entropy of the shifted tokens",
    name="cross_entropy",
    source="""def answer_logprob(model, prompt, answer):
    ids = torch.tensor([list(prompt) + list(answer)])
    with torch.no_grad():
        logits = model(ids[:, :-1])
    return -F.cross_entropy(
        logits[0, -len(answer):], ids[0, -len(answer):], reduction="sum"
    ).item()
""",
)
logp.variant(
    "token by token",
    name="token_by_token",
    source="""@torch.no_grad()
def answer_logprob(model, prompt, answer):
    text, total = list(prompt), 0.0
    for token in answer:
        logits = model(torch.tensor([text]))[0, -1]
        total += float(logits[token] - torch.logsumexp(logits, 0))
        text.append(token)
    return total
""",
)

logp.equivalent("0  ->  -1", "there is one row")
logp.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
