"""10.generate: several prompts at once, each as alone."""

import torch
from torch import nn

from graders.authoring import exercise

from .part import begun, by_hand, hit

go = exercise("generate", title="a batch, each row as alone", points=3, pure=False)

V = 7
SETTINGS = [
    {"temperature": 0.8},
    {"temperature": 0},
    {"penalty": 3.0, "top_p": 0.9},
    {"top_k": 3, "temperature": 1.5},
    {"temperature": 0, "penalty": 5.0},
    {},
]
STOPS = [[[6]], [[1, 2], [0]], [[3], [5, 5], [4, 0, 1]], [], [[2], [6, 1]], [[0], [1], [2], [3]]]


@go.cases
def _(rng):
    for i, lengths in enumerate([(3, 1, 5), (2, 6), (4, 2, 1, 3), (3,), (1, 4, 2), (2, 2)]):
        prompts = [rng.integers(0, V, n).tolist() for n in lengths]
        if i in (1, 2):
            # ends with a stop sequence, or with half of one
            prompts[0][-1:] = STOPS[i][0][:1]
        pad = [V, 0, -1, 3, V + 4, 6][i]
        for max_new in (8, 1) if i == 0 else (9,):
            yield dict(
                table=rng.normal(31, V) * 1.5,
                prompts=prompts,
                max_new=max_new,
                stops=[list(stop) for stop in STOPS[i]],
                pad=pad,
                seeds=[rng.seed() for _ in lengths],
                knobs=SETTINGS[i],
                training=i % 2 == 1,
            )
    # prompts that end with half of a stop sequence; what is written is mostly 1 and 2
    yield dict(
        table=rng.normal(31, V) + 6 * torch.tensor([0.0, 1, 1, 0, 0, 0, 0]),
        prompts=[rng.integers(0, V, 1 + i % 3).tolist() + [1] for i in range(12)],
        max_new=6,
        stops=[[1, 2, 2], [1, 2]],
        pad=5,
        seeds=[rng.seed() for _ in range(12)],
        knobs={"penalty": 1.1},
        training=True,
    )
    # padding with the id of a token that is likely, and has been said by nobody
    yield dict(
        table=rng.normal(31, V) + 9 * torch.tensor([0.0, 0, 0, 1, 0, 0, 0.5]),
        prompts=[rng.integers(0, 3, n).tolist() for n in (1, 4, 2)],
        max_new=5,
        stops=[],
        pad=3,
        seeds=[rng.seed() for _ in range(3)],
        knobs={"penalty": 50.0},
        training=False,
    )


def state_of(tokens):
    """A number that depends on all tokens of a text and on their positions."""
    return sum((t + 1) * (2 * i + 1) for i, t in enumerate(tokens)) % 31


class Model(nn.Module):
    """Logits at each place from the real tokens up to it and the positions given for them."""

    def __init__(self, table):
        super().__init__()
        self.table, self.calls, self.wide, self.recorded = nn.Parameter(table.clone()), 0, 0, False

    def forward(self, ids, mask, positions):
        self.calls, self.wide = self.calls + 1, max(self.wide, ids.shape[1])
        self.recorded = self.recorded or torch.is_grad_enabled()
        state = ((ids + 1) * (2 * positions + 1) * mask).cumsum(1) % 31
        return self.table[state]


@go.scenario
def _(m, table, prompts, max_new, stops, pad, seeds, knobs, training):
    model = Model(table).train(training)
    given = [list(prompt) for prompt in prompts], [list(stop) for stop in stops]
    generators = [begun(seed) for seed in seeds]
    new = m.generate(model, prompts, max_new, stops, pad, generators, **knobs)
    # what each generator would give next, as places on the way of 20 draws
    ways = [begun(seed) for seed in seeds]
    then = [torch.rand(1, generator=g, dtype=torch.float64).item() for g in generators]
    places = []
    for g, u in zip(ways, then, strict=True):
        way = [torch.rand(1, generator=g, dtype=torch.float64).item() for _ in range(20)]
        places.append(way.index(u) if u in way else -1)
    return {
        "new": new,
        "draws of each row": places,
        "calls of the model": model.calls,
        "arguments as before": [prompts == given[0], stops == given[1]],
        "gradients were recorded": model.recorded,
        "gradients are on afterwards": torch.is_grad_enabled(),
        "in training mode": model.training,
    }


@go.oracle
def _(table, prompts, max_new, stops, pad, seeds, knobs, training):
    """Each prompt alone, token by token, on lists."""
    rows = []
    for prompt, seed in zip(prompts, seeds, strict=True):
        g, new = begun(seed), []
        while len(new) < max_new:
            text = prompt + new
            probs = by_hand(table[state_of(text)].tolist(), set(text), **knobs)
            new.append(hit(probs, torch.rand(1, generator=g, dtype=torch.float64).item()))
            if any(len(new) >= len(s) and new[len(new) - len(s) :] == s for s in stops):
                break
        rows.append(new)
    n = max(map(len, rows))
    return {
        "new": torch.tensor([row + [pad] * (n - len(row)) for row in rows]),
        "draws of each row": [len(row) for row in rows],
        "calls of the model": n,
        "arguments as before": [True, True],
        "gradients were recorded": False,
        "gradients are on afterwards": True,
        "in training mode": training,
    }


go.hint("""Keep three tensors (ids, mask, positions) that grow by a column, and for each row a list of its new
    tokens and whether it still goes on.""")
go.hint("""The new column: the drawn token (mask True, position len(prompt) + its number of new tokens) for
    rows that go on; pad (mask False, position 0) for the others.""")
go.hint("""After appending: a row ends if row[-len(stop):] == stop for one of the stops. Stop when no row
    goes on, or after max_new tokens.""")

go.misconception(
    """Stopped rows went on drawing: the generators have moved on further than their rows' tokens.""",
    name="draws_on",
    edits=[
        (
            "            if going[i]:\n                u = torch.rand(",
            "            if True:\n                u = torch.rand(",
        ),
        ("                column[i] =", "            if going[i]:\n                column[i] ="),
    ],
)
go.misconception(
    """Rows do not stop by themselves: what stands behind a stop sequence is text. It should be pad.""",
    name="never_stops",
    replace="going = [on and not ends(row) for on, row in zip(going, new, strict=True)]",
    by="going = [True for row in new]",
)
go.misconception(
    """The first row that stopped ended the whole batch. The others go on.""",
    name="first_stops_all",
    replace="while any(going) and",
    by="while all(going) and",
)
go.misconception(
    """Only the last token of a stop sequence was looked at. All of it has to be there.""",
    name="last_token_of_stop",
    replace="row[-len(stop) :] == list(stop)",
    by="row[-1] == stop[-1]",
)
go.misconception(
    """Only stop sequences of one token end a row. Compare its last len(stop) tokens with each.""",
    name="one_token_stops",
    replace="row[-len(stop) :] == list(stop)",
    by="[row[-1]] == list(stop)",
)
go.misconception(
    """Only the first stop sequence counts. Each of them ends a row.""",
    name="first_stop_only",
    replace="for stop in stops)",
    by="for stop in stops[:1])",
)
go.misconception(
    """The prompt's tokens count for a stop sequence. Only new ones do: a prompt that ends with half of one
    has not begun to stop.""",
    name="prompt_counts",
    replace="[on and not ends(row) for on, row in zip(going, new, strict=True)]",
    by="[on and not ends(list(p) + row) for on, p, row in zip(going, prompts, new, strict=True)]",
)
go.misconception(
    """The stop sequence was cut off. It stays in the row, and pad comes behind it.""",
    name="stop_cut_off",
    replace="    return torch.tensor([",
    by="    for row in new:\n"
    "        for stop in stops:\n"
    "            if row[-len(stop) :] == list(stop):\n"
    "                del row[-len(stop) :]\n"
    "                break\n"
    "    return torch.tensor([",
)
go.misconception(
    """One generator drew for all rows: what a row writes depends on its company. Row i draws from
    generators[i].""",
    name="one_generator",
    replace="generator=generators[i]",
    by="generator=generators[0]",
)
go.misconception(
    """New tokens have their column as position: in a shorter prompt they are counted with the padding. Go on
    from the row's own length.""",
    name="column_positions",
    replace="len(prompts[i]) + len(new[i])",
    by="ids.shape[1]",
)
go.misconception(
    """Positions of new tokens are one too large: the first behind a prompt of 3 tokens has position 3.""",
    name="one_too_large",
    replace="len(prompts[i]) + len(new[i])",
    by="len(prompts[i]) + len(new[i]) + 1",
)
go.misconception(
    """Every new token has the position of the first of them (or of the last of the prompt): count on.""",
    name="same_position",
    replace="len(prompts[i]) + len(new[i])",
    by="len(prompts[i])",
)
go.misconception(
    """New tokens are masked: the model does not see what it has written.""",
    name="new_masked",
    replace="torch.tensor(going)[:, None]",
    by="torch.tensor(going)[:, None] & False",
)
go.misconception(
    """The penalty only knows the prompt. What the row has written since was said as well.""",
    name="penalty_prompt_only",
    replace="next_probs(logits, ids, mask, **knobs)",
    by="next_probs(logits, ids[:, : max(map(len, prompts))], mask[:, : max(map(len, prompts))], **knobs)",
)
go.misconception(
    """The penalty only knows the new tokens. What the prompt says was said as well.""",
    name="penalty_new_only",
    replace="next_probs(logits, ids, mask, **knobs)",
    by="next_probs(logits, ids[:, max(map(len, prompts)) :], mask[:, max(map(len, prompts)) :], **knobs)",
)
go.misconception(
    """The knobs are not handed on to next_probs.""",
    name="no_knobs",
    replace="next_probs(logits, ids, mask, **knobs)",
    by="next_probs(logits, ids, mask)",
)
go.misconception(
    """The prompts came back, too. Only the new tokens are asked for.""",
    name="with_prompts",
    replace="    return torch.tensor([",
    by="    return ids\n    return torch.tensor([",
)
go.misconception(
    """The result has max_new columns. It is as long as the row that took longest.""",
    name="max_new_columns",
    replace="max(map(len, new)) - len(row))",
    by="max_new - len(row))",
)
go.misconception(
    """One token more than max_new was written.""",
    name="one_more",
    replace="max(map(len, new)) < max_new",
    by="max(map(len, new)) <= max_new",
)
go.misconception(
    """The model went on being called after all rows had ended. Stop when none goes on.""",
    name="runs_on",
    replace="    return torch.tensor([",
    by="    for _ in range(max_new - max(map(len, new))):\n        with torch.no_grad():\n"
    "            model(ids, mask, positions)\n    return torch.tensor([",
)
go.misconception(
    """Gradients were recorded, which costs memory for every token: with torch.no_grad() around the model.""",
    name="recorded",
    replace="with torch.no_grad():",
    by="if True:",
)
go.misconception(
    """u was drawn as float32: another number than agreed. dtype=torch.float64.""",
    name="float32",
    replace="generator=generators[i], dtype=torch.float64)",
    by="generator=generators[i]).double()",
)
go.misconception(
    """The model was switched to eval mode. It is used in the mode that it is in.""",
    name="switches",
    replace="    new = [[] for _ in prompts]\n",
    by="    new = [[] for _ in prompts]\n    model.eval()\n",
)
go.misconception(
    """The penalty counts the filling as said, where its id is that of a token. Hand the mask on.""",
    name="penalty_sees_filling",
    replace="next_probs(logits, ids, mask, **knobs)",
    by="next_probs(logits, ids, (ids >= 0) & (ids < logits.shape[1]), **knobs)",
)
go.misconception(
    """At temperature 0 nothing was drawn. Agreed is one draw for each new token, also then.""",
    name="greedy_draws_nothing",
    replace="u = torch.rand(1, generator=generators[i], dtype=torch.float64)",
    by="u = torch.rand(1, generator=generators[i], dtype=torch.float64)"
    " if knobs.get('temperature') != 0 else torch.zeros(1, dtype=torch.float64)",
)

go.variant(
    "rows that have ended leave the batch",
    name="rows_that_stop_leave",
    source="""def generate(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    alive, new = list(range(len(prompts))), [[] for _ in prompts]
    with torch.no_grad():
        for step in range(max_new):
            probs = next_probs(model(ids, mask, positions)[:, -1, :], ids, mask, **knobs)
            u = torch.cat([torch.rand(1, generator=generators[i], dtype=torch.float64) for i in alive])
            token = draw(probs, u)
            for i, t in zip(alive, token.tolist()):
                new[i].append(t)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, torch.ones_like(mask[:, :1])], 1)
            positions = torch.cat([positions, positions[:, -1:] + 1], 1)
            ended = lambda row: any(len(row) >= len(s) and row[-len(s):] == s for s in stops)
            stay = [k for k, i in enumerate(alive) if not ended(new[i])]
            ids, mask, positions = ids[stay], mask[stay], positions[stay]
            alive = [alive[k] for k in stay]
            if not alive:
                break
    n = max(len(row) for row in new)
    out = torch.full((len(new), n), pad)
    for i, row in enumerate(new):
        out[i, : len(row)] = torch.tensor(row)
    return out
""",
)

go.equivalent("list(stop)  ->  stop", "a stop sequence is a list")
go.equivalent(
    "column[i].item()  ->  column[i]",
    "a tensor of one number is compared and stored as the number is",
)
go.equivalent(
    "on and (not ends(row))  ->  not ends(row)",
    "a row that has ended grows no more, and so still ends with its stop sequence",
)
go.equivalent(
    "torch.zeros(len(ids), 1, dtype=torch.int64)  ->  torch.ones(len(ids), 1, dtype=torch.int64)",
    "the place of filling, in a row that has ended and whose logits nobody looks at",
)
