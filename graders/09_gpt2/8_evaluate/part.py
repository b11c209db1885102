"""A small model that trains, and what is in its checkpoint: what the exercises share."""

import copy
import types

import torch
import torch.nn.functional as F


class AdamW:
    """torch.optim's, in small (whose first use imports a compiler, which takes seconds).

    As there, state_dict hands out the very tensors, and load_state_dict keeps those that it is given.
    """

    def __init__(self, parameters, lr):
        self.parameters, self.state = list(parameters), {}
        self.param_groups = [{"lr": lr, "params": list(range(len(self.parameters)))}]

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self):
        for i, p in enumerate(self.parameters):
            if i not in self.state:
                zeros = {"exp_avg": torch.zeros_like(p), "exp_avg_sq": torch.zeros_like(p)}
                self.state[i] = {"step": torch.tensor(0.0), **zeros}
            s, lr = self.state[i], self.param_groups[0]["lr"]
            s["step"] += 1
            s["exp_avg"].lerp_(p.grad, 0.1)
            s["exp_avg_sq"].lerp_(p.grad**2, 0.001)
            mean = s["exp_avg"] / (1 - 0.9 ** s["step"].item())
            square = s["exp_avg_sq"] / (1 - 0.999 ** s["step"].item())
            p.mul_(1 - 0.3 * lr).sub_(lr * mean / (square.sqrt() + 1e-8))

    def state_dict(self):
        return {"state": self.state, "param_groups": [dict(g) for g in self.param_groups]}

    def load_state_dict(self, given):
        self.state = {i: dict(entry) for i, entry in given["state"].items()}
        self.param_groups = [dict(group) for group in given["param_groups"]]


def made(start, seed, lr):
    """Model, optimizer, loader and generator, all at their beginning."""
    vocab_size, width = start["0.weight"].shape
    model = torch.nn.Sequential(
        torch.nn.Embedding(vocab_size, width), torch.nn.Linear(width, vocab_size)
    ).double()
    model.load_state_dict(start)
    model.register_buffer("steps", torch.tensor([3.0, seed % 7]))
    optimizer = AdamW(model.parameters(), lr)
    loader = types.SimpleNamespace(position=0)
    return model, optimizer, loader, torch.Generator().manual_seed(seed)


def trained(run, tokens, steps):
    """Some steps: the text from the loader's position on, inputs smudged with the generator's dice."""
    model, optimizer, loader, generator = run
    losses = []
    for _ in range(steps):
        at = loader.position
        x, y = tokens[at : at + 6], tokens[at + 1 : at + 7]
        loader.position = (at + 6) % (len(tokens) - 7)
        x = x * (torch.rand(6, generator=generator) >= 0.4)
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.steps += 1.0  # as BatchNorm counts
        losses.append(loss.item())
    return losses


def held(run, step):
    """What a checkpoint holds, copied deeply."""
    model, optimizer, loader, generator = run
    return {
        "model": copy.deepcopy(dict(model.state_dict())),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state().clone(),
        "step": step,
    }


def shown(checkpoint):
    """A checkpoint as plain data."""
    optimizer = checkpoint["optimizer"]
    averages = {
        f"{i}.{name}": value.clone() if isinstance(value, torch.Tensor) else value
        for i, entry in optimizer["state"].items()
        for name, value in entry.items()
    }
    tensors = {**checkpoint["model"], **averages}
    return {
        "model": {name: t.clone() for name, t in checkpoint["model"].items()},
        "optimizer": averages,
        "param_groups": optimizer["param_groups"],
        "require a gradient": [n for n, t in tensors.items() if getattr(t, "requires_grad", False)],
        "position": checkpoint["position"],
        "generator": checkpoint["generator"].clone(),
        "step": checkpoint["step"],
    }


def runs(rng):
    """Cases: where training begins, for how long, and how it goes on."""
    for vocab_size, width, before, after, lr in [
        (7, 4, 3, 2, 0.05),
        (5, 6, 1, 4, 0.3),
        (9, 2, 6, 3, 0.01),
        (4, 3, 0, 2, 0.1),  # from a checkpoint of the very beginning, where all is 0
    ]:
        yield dict(
            start={
                "0.weight": rng.normal(vocab_size, width),
                "1.weight": rng.normal(vocab_size, width),
                "1.bias": rng.normal(vocab_size),
            },
            seed=rng.seed(),
            lr=lr,
            tokens=rng.integers(0, vocab_size, 40),
            before=before,
            after=after,
        )
