"""10.evaluate: greedily, in eval mode, without gradients, and nothing is left changed."""

import torch
from torch import nn

from graders.authoring import Tol, exercise

from .part import ASSISTANT, END, PAD, USER, VOCAB, digits

evaluate = exercise("evaluate", title="measuring a stage", points=2, pure=False)


class Scripted(nn.Module):
    """Says to each question what its script has; in training mode, the script's next line."""

    def __init__(self, asked, said, training):
        super().__init__()
        self.script = dict(zip(asked, said, strict=True))
        self.later = dict(zip(asked, said[1:] + said[:1], strict=True))
        self.scale = nn.Parameter(torch.tensor(3.0, dtype=torch.float64))
        self.seen, self.heard = [], dict.fromkeys(asked, 0)
        self.still = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5))
        self.train(training)
        self.still[0].train(not training)  # parts may be in another mode

    def forward(self, ids):
        self.seen.append([any(part.training for part in self.modules()), torch.is_grad_enabled()])
        script = self.later if self.training else self.script
        logits = torch.zeros(*ids.shape, VOCAB, dtype=torch.float64)
        for i, row in enumerate(ids.tolist()):
            for t in range(6, len(row)):
                said, so_far = script[tuple(row[:7])], row[7 : t + 1]
                # who lost what was said already hears PAD
                known = so_far == said[: len(so_far)] and len(so_far) < len(said)
                if known:
                    self.heard[tuple(row[:7])] = max(self.heard[tuple(row[:7])], len(so_far) + 1)
                logits[i, t, said[len(so_far)] if known else PAD] = 1.0
        return logits * self.scale


def answers(rng, a, b):
    """What a model may say, 6 ids: right or not, in form or not."""
    c, wrong = digits(a + b), digits(a + b - 10)
    return [
        row + [PAD] * (6 - len(row))
        for row in (
            [*c, END],
            [*wrong, END],
            [*c],
            [*c, END, 4],
            [*c, 0, END],
            [3, END],
            [END],
            [*c, PAD, END],
            [10, 4, END],
            [*wrong, END, END],
            [1, 2, 3, 4, END],
            [PAD, *c, END],
        )
    ]


@evaluate.cases
def _(rng):
    for k, (size, n, training) in enumerate(
        [(12, 4, True), (1, 4, False), (5, 3, True), (7, 6, False), (3, 1, True), (4, 5, False)]
    ):
        first = rng.shuffled(range(11, 48))[:size]
        sums = [(a, rng.integer(12, 51)) for a in first]  # results from 23 to 98
        if k == 3:
            sums[2] = (88, 44)  # three digits
        said = [
            answers(rng, a, b)[i % 12] for i, (a, b) in enumerate(sums, start=0 if k < 3 else k)
        ]
        order = rng.shuffled(range(size))
        yield dict(
            sums=[sums[i] for i in order], said=[said[i] for i in order], n=n, training=training
        )
    # how many are right is drawn as well
    sums = [(a, rng.integer(12, 51)) for a in rng.shuffled(range(11, 48))[: rng.integer(9, 25)]]
    said = [rng.choice(answers(rng, a, b)) for a, b in sums]
    yield dict(sums=sums, said=said, n=5, training=True)


def asked(sums):
    return [(USER, *map(int, str(a)), 10, *map(int, str(b)), ASSISTANT) for a, b in sums]


def needed(said, n):
    """How many tokens of each answer must be heard: up to END if it is in form; of others, one may do."""
    if n < 3:  # nothing so short is in form
        return [0] * len(said)
    ends = [row[:n].index(END) if END in row[:n] else 0 for row in said]
    form = [e in (2, 3) and max(row[:e]) < 10 for e, row in zip(ends, said, strict=True)]
    return [e + 1 if good else 1 for e, good in zip(ends, form, strict=True)]


@evaluate.scenario
def _(m, sums, said, n, training):
    model = Scripted(asked(sums), said, training)
    model.scale.grad = torch.tensor(0.5, dtype=torch.float64)
    modes = {part: part.training for part in model.modules()}
    before = list(sums)
    least_heard = list(zip(asked(sums), needed(said, n), strict=True))
    told = m.evaluate(model, sums, n)
    return {
        "told": dict(told),
        "in training mode afterwards": model.training,
        "modules in a mode other than before": sum(
            part.training != mode for part, mode in modes.items()
        ),
        "sums that the model was asked": sum(model.heard[q] >= least for q, least in least_heard),
        "in training mode while it answered": any(mode for mode, _ in model.seen),
        "autograd was on while it answered": any(grad for _, grad in model.seen),
        "its gradient": model.scale.grad,
        "it learns": model.scale.requires_grad and torch.is_grad_enabled(),
        "sums are as before": sums == before,
    }


# a share is as good if it was divided in float32
evaluate.tolerance(Tol(rtol=1e-6))


@evaluate.check("four tokens", tol=Tol(rtol=1e-6))
def _(m, sums, said, n, training):
    """n left out; and a model that says what its script has for the next question."""
    models = [Scripted(asked(sums), lines, training) for lines in (said, said[1:] + said[:1])]
    return [dict(m.evaluate(model, sums)) for model in models]


def figures(sums, said, n):
    right = form = 0
    for (a, b), row in zip(sums, said, strict=True):
        row = row[:n]
        if END in row:
            answer = row[: row.index(END)]
            right += answer == digits(a + b)
            form += len(answer) in (2, 3) and max(answer) < 10
    return {"accuracy": right / len(sums), "format": form / len(sums)}


@evaluate.oracle
def _(sums, said, n, training):
    return {
        "told": figures(sums, said, n),
        "in training mode afterwards": training,
        "modules in a mode other than before": 0,
        "sums that the model was asked": len(sums),
        "in training mode while it answered": False,
        "autograd was on while it answered": False,
        "its gradient": torch.tensor(0.5, dtype=torch.float64),
        "it learns": True,
        "sums are as before": True,
    }


@evaluate.oracle("four tokens")
def _(sums, said, n, training):
    return [figures(sums, lines, 4) for lines in (said, said[1:] + said[:1])]


evaluate.hint(
    """What must be true of the model before, while and after it answers? Note its modules' modes first."""
)
evaluate.hint(
    """n times: the argmax of the last position's logits, put behind ids. The answer is what stands from
    place 7 on."""
)
evaluate.hint(
    """modes = {part: part.training for part in model.modules()}; model.eval(); under no_grad the loop; each
    part.training back from modes; then sums over verify(row, a, b) and well_formed(row)."""
)

evaluate.misconception(
    """The model is left in eval mode. If it was being trained, dropout is off from now on: note
    the mode of each module, and restore it.""",
    name="left_in_eval",
    replace="    for part, mode in modes.items():\n        part.training = mode\n",
    by="",
)
evaluate.misconception(
    """The model is in training mode afterwards, also if it was not before. Restore the mode that it was
    in.""",
    name="train_after",
    replace="    for part, mode in modes.items():\n        part.training = mode\n",
    by="    model.train()\n",
)
evaluate.misconception(
    """One mode for the whole model came back. A module may have rested in eval mode inside a model that is
    trained (a frozen part, say): note part.training for every part in model.modules().""",
    name="one_mode",
    edits=[
        (
            "modes, ids = {part: part.training for part in model.modules()}",
            "mode, ids = model.training",
        ),
        (
            "    for part, mode in modes.items():\n        part.training = mode\n",
            "    model.train(mode)\n",
        ),
    ],
)
evaluate.misconception(
    """It answered in training mode: with dropout, one measures noise. model.eval() first.""",
    name="not_eval",
    replace="    model.eval()\n",
    by="",
)
evaluate.misconception(
    """It answered with autograd on: all the graphs are kept for nothing. torch.no_grad() around it.""",
    name="with_grad",
    replace="with torch.no_grad():",
    by="with torch.enable_grad():",
)
evaluate.misconception(
    """Nothing is ever right: the prompt was handed to the checks together with the answer. The answer
    begins behind the prompt's 7 ids.""",
    name="prompt_included",
    replace="ids[:, 7:].tolist()",
    by="ids.tolist()",
)
evaluate.misconception(
    """The accuracy is a share of the answers in form. An answer out of form is wrong: divide by all
    sums.""",
    name="of_the_formed",
    replace="right / len(sums)",
    by="right / max(form, 1)",
)
evaluate.misconception(
    """n is not used: it always writes 4 tokens.""",
    name="always_four",
    replace="range(n)",
    by="range(4)",
)
evaluate.misconception(
    """A token too many: n is how many it may write.""",
    name="one_more",
    replace="range(n)",
    by="range(n + 1)",
)
evaluate.misconception(
    """These are counts. Shares are asked: divide by how many sums there are.""",
    name="counts",
    replace='{"accuracy": right / len(sums), "format": form / len(sums)}',
    by='{"accuracy": float(right), "format": float(form)}',
)
evaluate.misconception(
    """Every answer was compared with the first sum. Each has its own: zip.""",
    name="first_sum",
    replace="verify(row, a, b) for row",
    by="verify(row, *sums[0]) for row",
)
evaluate.misconception(
    """The format counts any answer that ends. It is well_formed that is asked: two or three digits, and
    END.""",
    name="ends",
    replace="sum(map(well_formed, answers))",
    by="sum(END in row for row in answers)",
)
evaluate.variant(
    "shares in float32",
    name="float32",
    replace='{"accuracy": right / len(sums), "format": form / len(sums)}',
    by='{k: torch.tensor(n / len(sums)).item() for k, n in (("accuracy", right), ("format", form))}',
)
evaluate.variant(
    "sum by sum",
    name="one_by_one",
    source="""
    @torch.no_grad()
    def evaluate(model, sums, n=4):
        modes = [(part, part.training) for part in model.modules()]
        model.eval()
        right, form = 0.0, 0
        for a, b in sums:
            row = questions([(a, b)])
            for _ in range(n):
                row = torch.cat([row, model(row)[0, -1].argmax().view(1, 1)], dim=1)
            said = row[0, 7:].tolist()
            right, form = right + verify(said, a, b), form + well_formed(said)
        for part, mode in modes:
            part.train(mode)  # a module comes before its parts
        return dict(format=form / len(sums), accuracy=right / len(sums))
    """,
)

evaluate.equivalent("4  ->  5", "what counts has three digits and END at most")
evaluate.equivalent("verify(row, a, b)  ->  verify(row, b, a)", "a sum has no order")
