"""09.evaluation_loss: per token, in eval mode, without a graph, and the mode as it was."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise

ex = exercise("evaluation_loss", title="the loss on other texts", points=2)


@ex.cases
def _(rng):
    for sizes, training, ignored, dropout in [
        ([(2, 3), (1, 5), (4, 1)], True, 0.0, 0.5),
        ([(1, 1)], False, 0.0, 0.3),
        ([(3, 2), (1, 7)], False, 0.4, 0.9),
        ([(2, 6), (2, 4), (1, 3)], True, 0.5, 0.5),
    ]:
        batches = []
        for B, T in sizes:
            x, y = rng.integers(0, 6, B, T), rng.integers(0, 5, B, T)
            y[torch.from_numpy(rng.np.random((B, T)) < ignored)] = -100
            batches.append((x, y))
        batches[0][1][0, 0] = 2  # one counts
        if ignored:
            batches[-1][1][:] = -100  # a batch in which none does
        table, out = rng.normal(6, 3, std=2.0), rng.normal(5, 3, std=2.0)
        yield dict(table=table, out=out, batches=batches, training=training, dropout=dropout)


def model_of(table, out, training, dropout):
    linear = torch.nn.Linear(3, 5, bias=False).double()
    linear.weight.data = out
    embedding = torch.nn.Embedding.from_pretrained(table, freeze=False)
    model = torch.nn.Sequential(embedding, torch.nn.Dropout(dropout), linear)
    return model.train(training)


@ex.scenario
def _(m, table, out, batches, training, dropout):
    model, graphs = model_of(table, out, training, dropout), []
    model.register_forward_hook(lambda module, args, made: graphs.append(made.requires_grad))
    first = m.evaluation_loss(model, batches)
    modes = [module.training for module in model.modules()]
    again = m.evaluation_loss(model, batches)
    return {
        "loss": first,
        "the same, again": again,
        "training modes": modes,
        "calls of the model": len(graphs),
        "made a graph": any(graphs),
        "gradients are on": torch.is_grad_enabled(),
        "a gradient was left": any(p.grad is not None for p in model.parameters()),
    }


@ex.oracle
def _(table, out, batches, training, dropout):
    losses = []
    for x, y in batches:
        for i, target in zip(x.flatten().tolist(), y.flatten().tolist(), strict=True):
            if target != -100:
                losses.append(-F.log_softmax(out @ table[i], 0)[target].item())
    loss = sum(losses) / len(losses)
    return {
        "loss": loss,
        "the same, again": loss,
        "training modes": [training] * 4,
        "calls of the model": 2 * len(batches),
        "made a graph": False,
        "gradients are on": True,
        "a gradient was left": False,
    }


ex.hint("Three things to see to besides the loss: the mode before, no graph, the mode after.")
ex.hint("Add up sums and numbers of targets, and divide once at the end. Which targets count?")
ex.hint(
    'F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum") leaves out -100 by itself.'
)

ex.misconception(
    "The means of the batches were averaged. A short batch then counts as much as a long one: add sums, "
    "and divide by the "
    "number of all targets at the end.",
    name="mean_of_means",
    edits=[
        (', reduction="sum").item()', ").nan_to_num().item()"),
        ("count += (y != -100).sum().item()", "count += 1"),
    ],
)
ex.misconception(
    "Targets of -100 are in the denominator: nobody was asked about them.",
    name="ignored_counted",
    replace="(y != -100).sum().item()",
    by="y.numel()",
)
ex.misconception(
    "The model was asked in training mode: dropout throws dice, and the same model gets another loss "
    "each time.",
    name="no_eval",
    replace="    model.eval()\n",
    by="",
)
ex.misconception(
    "The model is left in eval mode: whoever trains on after an evaluation now trains without dropout.",
    name="left_in_eval",
    replace="    model.train(was_training)\n",
    by="",
)
ex.misconception(
    "The model is put into training mode whatever it was before. Remember the mode, and restore that.",
    name="always_train",
    replace="model.train(was_training)",
    by="model.train()",
)
ex.misconception(
    "A graph was made for every batch: memory for a backward pass that never comes. with torch.no_grad().",
    name="graph",
    replace="with torch.no_grad():",
    by="if True:",
)
ex.misconception(
    "Gradients are off for good: use `with torch.no_grad():`, which ends with its block.",
    name="grad_off",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
ex.misconception(
    "This is the sum over all targets: divide by how many there are.",
    name="summed",
    replace="return total / count",
    by="return total",
)
ex.misconception(
    "Only one batch decides: the sums are to be added over all of them.",
    name="last_batch",
    replace="total += F",
    by="count, total = 0, F",
)
ex.misconception(
    "Divided by the number of rows. The mean runs over tokens: all targets that count.",
    name="per_row",
    replace="(y != -100).sum().item()",
    by="len(y)",
)

ex.variant(
    "weighted means, by hand",
    name="weighted",
    source="""
    @torch.no_grad()
    def evaluation_loss(model, batches):
        mode = model.training
        model.train(False)
        losses = []
        for x, y in batches:
            logprobs = model(x).log_softmax(-1)
            keep = y != -100
            picked = logprobs.gather(-1, y.clamp(min=0).unsqueeze(-1)).squeeze(-1)
            losses.append(-picked[keep])
        model.train(mode)
        return float(torch.cat(losses).mean())
""",
)
