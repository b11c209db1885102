"""01.neuron_parameters: parameters: all that may change."""

import random

from graders.authoring import exercise
from graders.instead import instead

params = exercise(
    "neuron_parameters", target="Neuron.parameters", title="parameters: all that may change"
)


@params.cases
def _(rng):
    for nin in (1, 2, 5):
        yield dict(nin=nin, seed=rng.seed())


@params.scenario
def _(m, nin, seed):
    neuron = m.Neuron(nin, random.Random(seed))
    names = {id(v): f"w[{i}]" for i, v in enumerate(neuron.w)} | {id(neuron.b): "b"}
    found = neuron.parameters()
    if not isinstance(found, (list, tuple)):
        return instead(found, "a list")
    return [names.get(id(v), f"a {type(v).__name__} that is not the neuron's own") for v in found]


@params.check("twice")
def _(m, nin, seed):
    neuron = m.Neuron(nin, random.Random(seed))
    neuron.parameters()
    found = [len(neuron.parameters()), [v.data for v in neuron.w]]
    neuron.b = m.Value(7.5)  # what it has by then
    return [*found, [v.data for v in neuron.parameters()]]


params.hint("One flat list, nin + 1 long.")
params.hint(
    """The Values themselves, not their data and no copies: training will change them in place."""
)
params.hint("return [*self.w, self.b]")

params.misconception(
    """The bias is missing. It is a parameter like the weights; left out here, it will never be
    trained, and nothing will tell you.""",
    name="no_bias",
    replace="[*self.w, self.b]",
    by="self.w",
)
params.misconception(
    """This is a list in a list. Make it flat: w + [b].""",
    name="nested",
    replace="[*self.w, self.b]",
    by="[self.w, self.b]",
)
params.misconception(
    """These are the numbers. Training needs the Values, which have the gradients.""",
    name="numbers",
    replace="[*self.w, self.b]",
    by="[p.data for p in [*self.w, self.b]]",
)
params.misconception(
    """These are copies: training would change them, and the neuron would stay as it is.""",
    name="copies",
    replace="[*self.w, self.b]",
    by="[Value(p.data) for p in [*self.w, self.b]]",
)
params.misconception(
    """append changes self.w itself (and returns None): the bias is now a weight, too. Build a new
    list.""",
    name="append",
    source="""
def parameters(self):
    self.w.append(self.b)
    return self.w
""",
)
params.misconception(
    """All of them, but in another order than promised: the weights first, then the bias.""",
    name="bias_first",
    replace="[*self.w, self.b]",
    by="[self.b, *self.w]",
)

params.variant("concatenation", name="plus", replace="[*self.w, self.b]", by="self.w + [self.b]")
