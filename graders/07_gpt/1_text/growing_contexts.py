"""07.growing_contexts: T examples in T + 1 characters."""

from graders.authoring import exercise

growing = exercise("growing_contexts", title="all examples in one block")


@growing.cases
def _(rng):
    yield dict(block=[4, 3, 0, 1])
    yield dict(block=[7])
    yield dict(block=[2, 5])
    yield dict(block=[0, 0, 0])
    for length in (3, 6, 9):
        yield dict(block=rng.shuffled(range(1, 20))[:length])
    yield dict(block=[rng.integer(0, 3) for _ in range(8)])


@growing.oracle
def _(block):
    found, context = [], []
    for now, target in zip(block, block[1:], strict=False):
        context = [*context, now]
        found.append((context, target))
    return found


growing.hint("In [4, 3, 0, 1]: which context has 3 as its target? Which has 1?")
growing.hint(
    "The target at place t has everything before it as its context: block[:t]. Which t are there?"
)
growing.hint("return [(block[:t], block[t]) for t in range(1, len(block))]")


@growing.misconception(
    "The target is the last character of its own context: the answer stands in the question. It is the "
    "one *after* the context."
)
def target_inside(block):
    return [(block[: t + 1], block[t]) for t in range(len(block) - 1)]


@growing.misconception(
    "There is an example with an empty context. The first context has one character; T + 1 characters give "
    "T examples."
)
def empty_context(block):
    return [(block[:t], block[t]) for t in range(len(block))]


@growing.misconception(
    "Only the longest context is there. A block holds T examples: contexts of 1, 2, ..., T characters."
)
def longest_only(block):
    return [(block[:-1], block[-1])] if len(block) > 1 else []


@growing.misconception(
    "Each context is a single character: that is the bigram's view. The context grows from the beginning of "
    "the block."
)
def single_character(block):
    return [([a], b) for a, b in zip(block, block[1:], strict=False)]


@growing.misconception("The last example is missing: T + 1 characters hold T examples, not T - 1.")
def last_missing(block):
    return [(block[:t], block[t]) for t in range(1, len(block) - 1)]


@growing.misconception(
    "The target comes two places after the context: it is the very next character that is asked for."
)
def two_ahead(block):
    return [(block[: t - 1], block[t]) for t in range(2, len(block))]


@growing.misconception(
    "The contexts were filled up with zeros, as in the lesson on names. Here they simply grow: 1 character, "
    "then 2, then 3."
)
def padded(block):
    T = len(block) - 1
    return [([0] * (T - t) + block[:t], block[t]) for t in range(1, T + 1)]


@growing.misconception("The examples are in the wrong order: the shortest context comes first.")
def longest_first(block):
    return [(block[:t], block[t]) for t in range(len(block) - 1, 0, -1)]


@growing.misconception(
    "All contexts are one and the same list, which went on growing: at the end all of them are the longest. "
    "Take a copy for each, as the slice block[:t] does."
)
def same_list(block):
    found, context = [], []
    for t in range(1, len(block)):
        context.append(block[t - 1])
        found.append((context, block[t]))
    return found


@growing.variant("x and y, as in a batch")
def x_and_y(block):
    x, y = block[:-1], block[1:]
    return [(x[: t + 1], y[t]) for t in range(len(x))]


@growing.variant("a list that grows, copied")
def copied(block):
    found, context = [], []
    for ch, target in zip(block[:-1], block[1:], strict=True):
        context.append(ch)
        found.append((list(context), target))
    return found
