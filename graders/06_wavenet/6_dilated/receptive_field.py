"""06.receptive_field: how far back it sees."""

from graders.authoring import exercise

reach = exercise("receptive_field", title="how far back it sees")


@reach.cases
def _(rng):
    yield dict(dilations=[1, 2, 4])
    yield dict(dilations=[])
    yield dict(dilations=[1])
    yield dict(dilations=[2**i for i in range(10)] * 3)
    yield dict(dilations=[1, 1, 1, 1])
    yield dict(dilations=[5, 3])
    yield dict(dilations=[rng.integer(1, 20) for _ in range(rng.integer(2, 7))])


@reach.oracle
def _(dilations):
    seen = {0}
    for d in dilations:
        seen |= {t - d for t in seen}
    return 1 - min(seen)


reach.hint("One layer with dilation 4: how many positions lie between its two taps, ends included?")
reach.hint(
    "Each layer reaches its dilation further back; what the output sees at t itself is one more."
)
reach.hint("1 + sum(dilations)")


@reach.misconception("The position itself is missing: 1 + sum(dilations).")
def without_itself(dilations):
    return sum(dilations)


@reach.misconception(
    "2 ** number of layers is right only if the dilations are 1, 2, 4, ... In general each layer "
    "adds its own dilation."
)
def powers(dilations):
    return 2 ** len(dilations)


@reach.misconception(
    "The reach does not end with the largest dilation: the layers stand on each other, so their "
    "dilations add up."
)
def largest(dilations):
    return 1 + max(dilations, default=0)


@reach.misconception(
    "Twice the last dilation is the rule for 1, 2, 4, ... only. Add up all of them."
)
def twice_the_last(dilations):
    return 2 * dilations[-1] if dilations else 1


@reach.misconception(
    "Every layer has two taps, but both do not reach `dilation` further: one of them is at t "
    "itself. It is the sum once, not twice."
)
def both_sides(dilations):
    return 1 + 2 * sum(dilations)


@reach.misconception("The sum was doubled. It is the sum once, plus the position itself.")
def twice_the_sum(dilations):
    return 2 * sum(dilations)


@reach.misconception("Even without layers an output depends on its own position: 1, not 0.")
def nothing_alone(dilations):
    return 1 + sum(dilations) if dilations else 0


@reach.misconception(
    "A dilation that occurs twice counts twice: the paper begins again with 1 after 512. A set "
    "forgets that."
)
def as_a_set(dilations):
    return 1 + sum(set(dilations))


@reach.misconception("The number of layers is not asked for: each layer adds its dilation, not 1.")
def layers(dilations):
    return 1 + len(dilations)


@reach.misconception("A number of positions is a whole number, an int.")
def a_float(dilations):
    return float(1 + sum(dilations))


@reach.misconception("The dilations were multiplied. Layer on layer, reaches add up.")
def product(dilations):
    total = 1
    for d in dilations:
        total *= d
    return 1 + total if dilations else 1


@reach.misconception("One was added for each layer. The position itself counts only once.")
def one_per_layer(dilations):
    return sum(d + 1 for d in dilations) if dilations else 1


@reach.variant("a loop")
def loop(dilations):
    field = 1
    for d in dilations:
        field += d
    return field
