"""Small models with random numbers, and what became of them: what training and experiments share."""

import torch

from graders.authoring import number


def numbers(losses):
    """A list of losses as plain data, tensors with one number as that number."""
    return [number(x, graph=True) for x in losses] if isinstance(losses, (list, tuple)) else losses


def small_model(m, v, groups, d, h, seed):
    """The part's own model in double precision, every parameter and statistic random."""
    g = torch.Generator().manual_seed(seed)
    model = m.build(v, groups, d, h)
    for layer in model.layers:
        for name in ("weight", "bias", "gamma", "beta", "running_mean", "running_var"):
            old = getattr(layer, name, None)
            if old is None:
                continue
            new = torch.randn(old.shape, generator=g, dtype=torch.float64) * 0.5
            if name in ("gamma", "running_var"):
                new = new.abs() + 0.5
            setattr(layer, name, new)
    for p in model.parameters():
        p.requires_grad_()
    return model


def state(model):
    """All numbers of a model: what learns, and what only follows."""
    found = [p.detach().clone() for p in model.parameters()]
    for layer in model.layers:
        if hasattr(layer, "running_mean"):
            found += [layer.running_mean.clone(), layer.running_var.clone()]
    return found


def flags(model):
    """Who is in training mode: the container, then each layer."""
    return [model.training, *[layer.training for layer in model.layers]]


def a_split(rng, n, v, T):
    """n random contexts of T characters, and a next character for each."""
    return rng.integers(0, v, n, T), rng.integers(0, v, n)


# vocabulary, groups, n_embd, n_hidden, examples in a batch
SIZES = [(5, (2,), 3, 4, 6), (7, (2, 2), 2, 5, 4), (4, (3,), 4, 3, 5), (6, (2, 2), 3, 3, 9)]
