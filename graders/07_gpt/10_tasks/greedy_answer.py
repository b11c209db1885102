"""07.greedy_answer: the most probable next tokens."""

import torch

from graders.authoring import exercise

greedy = exercise("greedy_answer", title="EX2: greedy decoding")


@greedy.cases
def _(rng):
    for B, T, V, n in [(3, 4, 11, 5), (1, 3, 7, 4), (4, 1, 9, 3), (2, 5, 13, 1), (5, 2, 6, 6)]:
        ids = rng.integers(0, V, B, T)
        if B > 2:
            ids[1] = ids[0]
        yield dict(table=rng.normal(V, V, mean=-3.0), ids=ids, n=n)


def hash_of_the_past(ids, V):
    """A number below V for each position, that depends on everything up to it and on its order."""
    return ((ids + 1) * (2 * torch.arange(ids.shape[1]) + 1)).cumsum(1) % V


@greedy.scenario
def _(m, table, ids, n):
    given, lengths = ids.clone(), [0]

    def model(rows):
        lengths.append(rows.shape[1])
        return table[hash_of_the_past(rows, len(table))]

    out = m.greedy_answer(model, ids, n)
    others = m.greedy_answer(model, (ids + 1) % len(table), n)
    return {
        "answer": out,
        "answer to other rows": others,
        "the rows that were given": given - ids,
        "gradients are on afterwards": torch.is_grad_enabled(),
        "most tokens that the model read at once": max(lengths),
    }


@greedy.oracle
def _(table, ids, n):
    answers = []
    for row in [*ids.tolist(), *((ids + 1) % len(table)).tolist()]:
        for _ in range(n):
            state = sum((i + 1) * (2 * t + 1) for t, i in enumerate(row)) % len(table)
            row.append(max(range(len(table)), key=table[state].tolist().__getitem__))
        answers.append(row[-n:])
    return {
        "answer": torch.tensor(answers[: len(ids)]),
        "answer to other rows": torch.tensor(answers[len(ids) :]),
        "the rows that were given": torch.zeros_like(ids),
        "gradients are on afterwards": True,
        "most tokens that the model read at once": ids.shape[1] + n - 1,
    }


greedy.hint("Ask the model, take the best at the last position, put it behind the rows, ask again.")
greedy.hint(
    "model(ids)[:, -1].argmax(-1, keepdim=True) is (B, 1): torch.cat([ids, it], dim=1) fits."
)
greedy.hint("After n rounds the new tokens are ids[:, T:], T being the length at the start.")

greedy.misconception(
    """The question came back, too: return the n new tokens only.""",
    name="all_tokens",
    replace="return ids[:, T:]",
    by="return ids",
)
greedy.misconception(
    """The logits of the first position were used. What comes next is said by the last one.""",
    name="first_position",
    replace="model(ids)[:, -1]",
    by="model(ids)[:, 0]",
)
greedy.misconception(
    """The model saw the newest token only. It needs everything before it: put the token behind the rows.""",
    name="newest_only",
    replace="model(ids)[:, -1]",
    by="model(ids[:, -1:] if ids.shape[1] > T else ids)[:, -1]",
)
greedy.misconception(
    """The model was asked once, before its own tokens were there. Ask again after each of them.""",
    name="asked_once",
    source="""def greedy_answer(model, ids, n):
    best = model(ids)[:, -1].argmax(-1, keepdim=True)
    return best.repeat(1, n)
""",
)
greedy.misconception(
    """The n best tokens of one position (topk) are n candidates for the same place. Asked are n places,
    one after the other.""",
    name="topk",
    source="""def greedy_answer(model, ids, n):
    return model(ids)[:, -1].topk(n).indices
""",
)
greedy.misconception(
    """One token too many was drawn: n are asked for, and each turn of the loop adds one.""",
    name="one_more",
    replace="range(n)",
    by="range(n + 1)",
)
greedy.misconception(
    """The new tokens were put in front of the rows. Text grows at its end.""",
    name="in_front",
    edits=[("torch.cat([ids, best], dim=1)", "torch.cat([best, ids], dim=1)")],
)
greedy.misconception(
    """One argmax over the whole batch: each row has its own, argmax(-1).""",
    name="whole_batch",
    replace=".argmax(-1, keepdim=True)",
    by="[:1].argmax(-1, keepdim=True).expand(len(ids), 1)",
)
greedy.misconception(
    """The window slid: the first token was dropped whenever one was added. Here everything is kept.""",
    name="slides",
    replace="model(ids)[:, -1]",
    by="model(ids[:, -T:])[:, -1]",
)
greedy.misconception(
    """The least probable token was chosen.""",
    name="worst",
    replace=".argmax(",
    by=".argmin(",
)
greedy.misconception(
    """The token was drawn at random. Greedy takes the most probable one, always.""",
    name="drawn",
    replace=".argmax(-1, keepdim=True)",
    by=".softmax(-1).multinomial(1, generator=torch.Generator().manual_seed(1))",
)
greedy.misconception(
    """Gradients stay off for good: use `with torch.no_grad():`, which ends with its block.""",
    name="off_for_good",
    replace="with torch.no_grad():",
    by="torch.set_grad_enabled(False)\n    if True:",
)

greedy.variant(
    "collected in a list, torch.max",
    name="list",
    source="""@torch.no_grad()
def greedy_answer(model, ids, n):
    new = []
    for _ in range(n):
        rows = torch.cat([ids] + new, dim=1)
        new.append(model(rows)[:, -1, :].max(dim=-1)[1][:, None])
    return torch.cat(new, dim=1)
""",
)

greedy.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
