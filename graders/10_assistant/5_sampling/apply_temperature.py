"""10.apply_temperature: hotter, colder, greedy."""

import torch

from graders.authoring import Raises, exercise

from .part import INF, rows

heat = exercise("apply_temperature", title="temperature")


@heat.cases
def _(rng):
    for i, logits in enumerate(rows(rng)):
        for temperature in (0, [0.5, 2, 0.1, 1.0, 3.5, 0.7, 0.01, 1.5][i]):
            yield dict(logits=logits, temperature=temperature)
    ties = torch.tensor([[1.0, 5.0, 5.0], [-2.0, -2.0, -7.0]], dtype=torch.float64)
    yield dict(logits=ties, temperature=0.0)
    yield dict(logits=torch.full((2, 1, 4), -3.0), temperature=0)
    yield dict(logits=ties, temperature=1)
    yield dict(logits=ties, temperature=1e-6)  # near 0, but not 0
    yield dict(logits=rng.normal(4, 9)[1::2, ::2], temperature=0.3)
    for bad in (-1, -0.25, -1e-9):
        yield dict(logits=ties, temperature=bad)


@heat.oracle
def _(logits, temperature):
    if temperature < 0:
        return Raises("ValueError")
    flat = logits.reshape(-1, logits.shape[-1]).tolist()
    if temperature == 0:
        flat = [[0.0 if i == z.index(max(z)) else -INF for i in range(len(z))] for z in flat]
    else:
        flat = [[value / temperature for value in z] for z in flat]
    return torch.tensor(flat, dtype=logits.dtype).view(logits.shape)


@heat.check("memory of its own", cases=lambda rng: [dict(logits=rng.normal(2, 3))])
def _(m, logits):
    """Writing into the result must not reach the argument, also at temperature 1."""
    kept = logits.clone()
    m.apply_temperature(logits, 1).fill_(7.0)
    return logits - kept


@heat.oracle("memory of its own")
def _(logits):
    return logits * 0


heat.hint("Three cases: below 0, above 0, and 0 itself.")
heat.hint("For 0: a row of -inf, and a 0 at the place of the first largest.")
heat.hint("torch.full_like(logits, -torch.inf).scatter(-1, logits.argmax(-1, keepdim=True), 0.0)")


@heat.misconception(
    "Temperature 0 divides by zero: inf, or NaN for a logit of 0. At 0 it means greedy, a case of its own."
)
def divides_by_zero(logits, temperature):
    if temperature < 0:
        raise ValueError
    return logits / temperature


@heat.misconception(
    "Temperature 0 became a small number. What is asked is exact: 0 for the largest, -inf for all others."
)
def small_number(logits, temperature):
    if temperature < 0:
        raise ValueError
    return logits / max(temperature, 1e-6)


@heat.misconception("Temperature 0 leaves the logits as they are, as 1 would. It means greedy.")
def zero_is_one(logits, temperature):
    if temperature < 0:
        raise ValueError
    return logits / (temperature or 1.0)


@heat.misconception("The logits were multiplied: then hot is cold. Divide by the temperature.")
def multiplied(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return logits * temperature
    return torch.full_like(logits, -INF).scatter(-1, logits.argmax(-1, keepdim=True), 0.0)


@heat.misconception(
    "Of several equal logits all stay at temperature 0, so that chance decides among them. Only the first "
    "does."
)
def ties_stay(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return logits / temperature
    best = logits == logits.amax(-1, keepdim=True)
    return torch.zeros_like(logits).masked_fill(~best, -INF)


@heat.misconception("Of several equal logits the last one stayed; agreed is the first.")
def last_of_ties(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return logits / temperature
    best = logits.shape[-1] - 1 - logits.flip(-1).argmax(-1, keepdim=True)
    return torch.full_like(logits, -INF).scatter(-1, best, 0.0)


@heat.misconception(
    "At temperature 0 the largest of the whole tensor stayed. Each row has its own."
)
def one_for_all(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return logits / temperature
    out = torch.full_like(logits, -INF)
    out.reshape(-1)[logits.argmax()] = 0.0
    return out


@heat.misconception(
    "A negative temperature is let through. It would turn the ranking round: ValueError."
)
def negative(logits, temperature):
    if temperature:
        return logits / temperature
    return torch.full_like(logits, -INF).scatter(-1, logits.argmax(-1, keepdim=True), 0.0)


@heat.misconception(
    "At temperature 0 probabilities came back, 1 and 0. As logits, 0 is e^0 = 1, not never: -inf."
)
def one_hot(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return logits / temperature
    return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)


@heat.misconception("Probabilities came back. Logits are asked for: softmax comes at the very end.")
def probabilities(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return (logits / temperature).softmax(-1)
    return torch.zeros_like(logits).scatter(-1, logits.argmax(-1, keepdim=True), 1.0)


@heat.misconception(
    "At temperature 0 the largest kept its logit. Agreed is 0 for it (any number would give the same "
    "probabilities)."
)
def keeps_logit(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return logits / temperature
    best = logits.argmax(-1, keepdim=True)
    return torch.full_like(logits, -INF).scatter(-1, best, logits.gather(-1, best))


@heat.misconception(
    "Temperature 0 raised an error. It is allowed: it means the largest and nothing else."
)
def raises_at_0(logits, temperature):
    if temperature <= 0:
        raise ValueError
    return logits / temperature


@heat.misconception("The logits that were given have changed: divide into a new tensor.")
def in_place(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature:
        return logits.div_(temperature)
    return torch.full_like(logits, -INF).scatter(-1, logits.argmax(-1, keepdim=True), 0.0)


@heat.misconception("At temperature 1 the given tensor itself came back. A new one is asked for.")
def same_tensor(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature == 1:
        return logits
    if temperature:
        return logits / temperature
    return torch.full_like(logits, -INF).scatter(-1, logits.argmax(-1, keepdim=True), 0.0)


@heat.variant("one-hot and where")
def where(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        best = torch.nn.functional.one_hot(logits.max(dim=-1).indices, logits.shape[-1]).bool()
        return torch.where(best, 0.0, -INF).to(logits.dtype)
    return logits * (1 / temperature)
