"""10.stop_early: which checkpoint to keep, and when to give up."""

from graders.authoring import exercise

stop = exercise("stop_early", title="stopping in time")


@stop.cases
def _(rng):
    yield dict(truths=[0.5, 0.7, 0.7, 0.6, 0.9], patience=2)
    yield dict(truths=[0.5, 0.7, 0.7, 0.6, 0.9], patience=3)
    yield dict(truths=[0.4], patience=1)
    yield dict(truths=[0.4, 0.4], patience=1)
    yield dict(truths=[0.4, 0.5, 0.4, 0.45, 0.47, 0.6, 0.2], patience=3)
    yield dict(truths=[0.1, 0.2, 0.3, 0.4], patience=2)
    yield dict(truths=[-0.5, -0.7, -0.6, -0.1], patience=2)
    yield dict(truths=[-0.9, -0.5, -0.7, -0.6, -0.1], patience=2)
    yield dict(truths=[0.9, 0.1, 0.2, 0.3, 0.4], patience=4)
    yield dict(truths=[0.9, 0.1, 0.2, 0.3, 0.4], patience=5)
    yield dict(truths=[0.3, 0.5, 0.5, 0.5, 0.6], patience=3)
    yield dict(truths=[0.3, 0.2, 0.6, 0.5, 0.55, 0.58, 0.9], patience=3)
    yield dict(truths=[0.0, 0.0, 0.0], patience=4)
    yield dict(truths=[0.5, 0.5 + 1e-12, 0.5, 0.5 + 2e-12, 0.1], patience=2)
    yield dict(truths=[-3e30, -2e30, -4e30, -5e30], patience=2)
    yield dict(truths=[i / 200 for i in range(200)] + [0.3, 0.2], patience=150)
    for _ in range(6):
        truths = [round(rng.number(0, 1), 1) for _ in range(rng.integer(6, 14))]
        yield dict(truths=truths, patience=rng.integer(1, 5))


@stop.scenario
def _(m, truths, patience):
    kept, stopped = m.stop_early(truths, patience)
    return {"kept": kept, "stopped": stopped, "truths": truths}


@stop.oracle
def _(truths, patience):
    for end in range(len(truths)):
        head = truths[: end + 1]
        kept = head.index(max(head))
        if end - kept >= patience:
            return {"kept": kept, "stopped": end, "truths": truths}
    return {"kept": truths.index(max(truths)), "stopped": len(truths) - 1, "truths": truths}


@stop.effort
def _(rng):
    for n in (12, 96):
        truths = [i + 1.8 * rng.number(0, 1) for i in range(n)]  # none is below the last but one
        yield dict(truths=truths, patience=3)


stop.hint(
    """Walk through the list, and remember where the greatest so far is. How long ago was that?"""
)
stop.hint(
    """Greater means greater: an equal value is no progress. Stop when i - kept reaches patience."""
)
stop.hint(
    """kept = 0; for i, value in enumerate(truths): if value > truths[kept]: kept = i; if i - kept ==
    patience: return kept, i. Behind the loop: kept, len(truths) - 1."""
)

stop.misconception(
    """The greatest of the whole list: that looks into the future. Behind the stop there was no
    training, and nothing was measured.""",
    name="hindsight",
    replace="            return kept, i",
    by="            return truths.index(max(truths)), i",
)
stop.misconception(
    """The last policy was kept. It is `patience` measurements past its best: keep the best.""",
    name="keeps_last",
    edits=[
        ("            return kept, i", "            return i, i"),
        ("return kept, len", "return len(truths) - 1, len"),
    ],
)
stop.misconception(
    """An equal value counted as progress. Not greater is no progress, or a plateau never ends.""",
    name="equal_is_better",
    replace="value > truths[kept]",
    by="value >= truths[kept]",
)
stop.misconception(
    """A measurement too late: the patience-th in a row without progress is the stop.""",
    name="too_late",
    replace="i - kept == patience",
    by="i - kept > patience",
)
stop.misconception(
    """A measurement too early: it takes `patience` of them in a row without progress.""",
    name="too_early",
    replace="i - kept == patience",
    by="i > 0 and i - kept == max(patience - 1, 1)",
)
stop.misconception(
    """Progress was measured against the measurement before. A policy that fell and recovers a little
    has not got better: compare with the greatest so far.""",
    name="against_previous",
    source="""
    def stop_early(truths, patience):
        kept = bad = 0
        for i in range(1, len(truths)):
            bad = 0 if truths[i] > truths[i - 1] else bad + 1
            if truths[i] > truths[kept]:
                kept = i
            if bad == patience:
                return kept, i
        return kept, len(truths) - 1
    """,
)
stop.misconception(
    """Bad measurements were counted altogether. They have to be in a row: progress starts the count
    again.""",
    name="never_reset",
    source="""
    def stop_early(truths, patience):
        kept = bad = 0
        for i in range(1, len(truths)):
            if truths[i] > truths[kept]:
                kept = i
            else:
                bad += 1
            if bad == patience:
                return kept, i
        return kept, len(truths) - 1
    """,
)
stop.misconception(
    """It never stops: the rest of the list was looked at all the same. patience is not used.""",
    name="never_stops",
    replace="i - kept == patience",
    by="False",
)
stop.misconception(
    """Where it never stopped, the stop is one behind the last measurement. Indices end at len - 1.""",
    name="off_the_end",
    replace="return kept, len(truths) - 1",
    by="return kept, len(truths)",
)
stop.misconception(
    """The values are returned instead of their places.""",
    name="values",
    edits=[
        ("            return kept, i", "            return truths[kept], truths[i]"),
        ("return kept, len(truths) - 1", "return truths[kept], truths[-1]"),
    ],
)

stop.misconception(
    """The work grows with the square of the measurements: for each one all before it are gone
    through once more. Keep where the greatest of them stands; only the new one is compared with it.""",
    name="the_greatest_looked_for_each_time",
    source="""
def stop_early(truths, patience):
    for i in range(len(truths)):
        kept = max(range(i + 1), key=lambda k: truths[k])
        if i - kept == patience:
            return kept, i
    return kept, i
""",
)

stop.variant(
    "best value and a count",
    name="count",
    source="""
    def stop_early(truths, patience):
        best, at, waited = float("-inf"), 0, 0
        for i, value in enumerate(truths):
            if value > best:
                best, at, waited = value, i, 0
            else:
                waited += 1
                if waited >= patience:
                    return at, i
        return at, i
    """,
)
