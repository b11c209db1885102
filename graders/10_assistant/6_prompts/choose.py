"""10.choose: the answer that the model prefers."""

import torch

from graders.authoring import exercise, instead

from .part import Model, by_hand

pick = exercise("choose", title="the answer that a model prefers", pure=False)


def quickly(logps, prompt, answer):
    """The same as by_hand, to look through many tables."""
    at, total = sum((i + 1) * (2 * t + 1) for t, i in enumerate(prompt)), 0.0
    for t, token in enumerate(answer, len(prompt)):
        total += logps[at % 17][token]
        at += (token + 1) * (2 * t + 1)
    return total


@pick.cases
def _(rng):
    for _ in range(6):
        table = rng.normal(17, 5) * 1.5
        prompt = rng.integers(0, 5, rng.integer(1, 5)).tolist()
        answers = [rng.integers(0, 5, n).tolist() for n in rng.shuffled([1, 2, 2, 3, 5])]
        for mean in (False, True):
            yield dict(table=table, prompt=prompt, answers=answers, mean=mean)
        best = max(answers, key=lambda a: by_hand(table, prompt, a))
        yield dict(
            table=table, prompt=prompt, answers=[answers[0], best, best, answers[-1]], mean=False
        )
    # ways to divide that all choose another answer, none the first or the last: found by looking
    for want in ("not the first", "not the last"):
        for tried in range(4000):
            if tried % 100 == 0:  # some answers allow of no such table
                prompt = rng.integers(0, 5, 2).tolist()
                answers = [rng.integers(0, 5, n).tolist() for n in (3, 1, 4, 6, 2)]
            table = rng.normal(17, 5) * 1.5
            logps = table.log_softmax(1).tolist()
            sums = [quickly(logps, prompt, a) for a in answers]
            found = []
            for more in (None, 0, len(prompt)):  # the sum, the mean, the mean over the prompt, too
                by = [
                    s / (1 if more is None else len(a) + more)
                    for s, a in zip(sums, answers, strict=True)
                ]
                found.append(by.index(max(by)))
            if len(set(found)) == 3 and not {0, 4} & set(found):
                break
        yield dict(table=table, prompt=prompt, answers=answers, mean=want != "not the last")
        yield dict(table=table, prompt=prompt, answers=answers, mean=False)
    yield dict(table=rng.normal(17, 5), prompt=[3], answers=[[2, 2]], mean=True)
    # all of them hardly possible: log-probabilities of minus thousands; the last is the best
    for mean in (False, True):
        table = rng.normal(17, 5) * 10 + 1e4 * torch.tensor([0.0, -1.0, -2.0, -3.0, -4.0])
        yield dict(table=table, prompt=[2, 0], answers=[[4, 4], [3, 3], [2, 1]], mean=mean)


@pick.scenario
def _(m, table, prompt, answers, mean):
    given = [list(a) for a in answers]
    found = (
        m.choose(Model(table), prompt, answers, mean)
        if mean
        else m.choose(Model(table), prompt, answers)
    )
    index = found if type(found) is int else instead(found, "an int")
    # the same numbers of tokens, and other ones: what is judged is not the lengths
    other = m.choose(Model(-table), prompt, answers, mean)
    return {"index": index, "answers as before": answers == given, "by another model": other}


@pick.oracle
def _(table, prompt, answers, mean):
    found = []
    for asked in (table, -table):
        scores = [by_hand(asked, prompt, a) / (len(a) if mean else 1) for a in answers]
        found.append(scores.index(max(scores)))
    return {"index": found[0], "answers as before": True, "by another model": found[1]}


pick.hint("One score for each answer, from answer_logprob; then the place of the largest.")
pick.hint("scores.index(max(scores)) is the first of the best.")
pick.hint("With mean=True divide each score by len(answer), without it by 1.")

pick.misconception(
    """mean is not used: with True the scores are divided by the answers' numbers of tokens.""",
    name="always_sum",
    replace="(len(a) if mean else 1)",
    by="1",
)
pick.misconception(
    """The scores are always divided by the number of tokens. Without mean=True the plain sums count.""",
    name="always_mean",
    replace="(len(a) if mean else 1)",
    by="len(a)",
)
pick.misconception(
    """mean is the wrong way round: True is the one that divides.""",
    name="swapped",
    replace="(len(a) if mean else 1)",
    by="(1 if mean else len(a))",
)
pick.misconception(
    """The scores were divided by the length of prompt and answer. The prompt's tokens do not count.""",
    name="with_prompt",
    replace="len(a) if",
    by="len(prompt + a) if",
)
pick.misconception(
    """The least probable answer was chosen. Log-probabilities are negative: the largest is the one nearest to
    0.""",
    name="smallest",
    replace="scores.index(max(scores))",
    by="scores.index(min(scores))",
)
pick.misconception(
    """Of equally good answers the last was chosen: agreed is the first.""",
    name="last_of_ties",
    replace="scores.index(max(scores))",
    by="max(range(len(scores)), key=lambda i: (scores[i], i))",
)
pick.misconception(
    """The answer itself came back. Its index is asked for, an int.""",
    name="answer_itself",
    replace="return scores.index(max(scores))",
    by="return answers[scores.index(max(scores))]",
)
pick.misconception(
    """Sizes were compared without their sign: log-probabilities are negative, and the largest size is the
    least probable.""",
    name="absolute",
    replace="scores = [answer_logprob(model, prompt, a) / (len(a) if mean else 1) for a in answers]",
    by="scores = [abs(answer_logprob(model, prompt, a)) * (len(a) if mean else 1) for a in answers]",
)
pick.misconception(
    """The first token of each answer decided alone. An answer is worth what all its tokens are.""",
    name="first_token",
    replace="answer_logprob(model, prompt, a) / (len(a) if mean else 1)",
    by="answer_logprob(model, prompt, a[:1])",
)
pick.misconception(
    """The search for the best began at some fixed number, as -100, and every answer was worse: the first came
    back. Begin with -inf, or with the first answer's score.""",
    name="fixed_start",
    replace="scores.index(max(scores))",
    by="([-100.0] + scores).index(max([-100.0] + scores)) - (max(scores) > -100.0)",
)
pick.misconception(
    """The score came back. Asked is which answer has it: its index.""",
    name="score",
    replace="return scores.index(max(scores))",
    by="return max(scores)",
)

pick.variant(
    "a loop",
    name="loop",
    source="""def choose(model, prompt, answers, mean=False):
    best, found = -math.inf, 0
    for i, answer in enumerate(answers):
        score = answer_logprob(model, prompt, answer)
        if mean:
            score /= len(answer)
        if score > best:
            best, found = score, i
    return found
""",
)

pick.equivalent("1  ->  2", "half of every score keeps their order")
