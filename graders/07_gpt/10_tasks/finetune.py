"""07.finetune: a copy, trained further."""

import torch

from graders.authoring import Tol, exercise, number

from .part import gradients, small_gpt, weights

finetune = exercise("finetune", title="EX3: pretrain, then finetune", points=2, pure=False)


@finetune.cases
def _(rng):
    for n, steps, size, training in [(23, 4, 3, False), (40, 3, 2, True), (9, 0, 4, False)]:
        yield dict(
            seed=rng.seed(),
            ids=rng.integers(0, 5, n),
            steps=steps,
            lr=rng.number(0.005, 0.02),
            batch_size=size,
            training=training,
        )


@finetune.scenario
def _(m, seed, ids, steps, lr, batch_size, training):
    model = small_gpt(m, seed).train(training)
    g = torch.Generator().manual_seed(seed)
    told = []

    def on_step(copy, loss):
        told.append([number(loss), sum(float(p.detach().sum()) for p in copy.parameters())])

    trained, losses = m.finetune(model, ids, steps, lr, g, batch_size, on_step=on_step)
    return {
        "losses": [number(loss) for loss in losses],
        "on_step was told, and saw weights that sum to": told,
        "weights of the copy": weights(trained),
        "the copy is in training mode": trained.training,
        "then drawn": torch.randint(0, 10**6, (2,), generator=g),
    }


@finetune.check("the pretrained model")
def _(m, seed, ids, steps, lr, batch_size, training):
    """It is what it was, also after the copy was trained twice, and not the copy."""
    model = small_gpt(m, seed).train(training)
    for p in model.parameters():
        p.grad = torch.full_like(p, 0.5)
    g = torch.Generator().manual_seed(seed)
    first, _ = m.finetune(model, ids, steps, lr, g, batch_size)
    second, _ = m.finetune(model, ids, 1, 2 * lr, g, batch_size)
    return {
        "its weights": weights(model),
        "its gradients": gradients(model),
        "in training mode": model.training,
        "it learns": [p.requires_grad for p in model.parameters()],
        "the copy is another": first is not model and second is not first,
        "weights of a second copy": weights(second),
    }


@finetune.check("batches of 32", cases=lambda rng: list(finetune.default_cases(rng))[:1])
def _(m, seed, ids, steps, lr, batch_size, training):
    """batch_size and on_step left out; the copy is what on_step gets."""
    seen = []
    model, g = small_gpt(m, seed), torch.Generator().manual_seed(seed)
    losses = m.finetune(model, ids, 2, lr, g)[1]
    g.manual_seed(seed)
    trained, _ = m.finetune(model, ids, 2, lr, g, on_step=lambda copy, _: seen.append(copy))
    return {
        "losses": [number(loss) for loss in losses],
        "on_step got the copy": [copy is trained for copy in seen],
    }


# Adam divides by the size of the gradient, so rounding in a tiny one is magnified
for check in ("values", "the pretrained model", "batches of 32"):
    finetune.tolerance(Tol(rtol=1e-7, atol=1e-9), check)


finetune.hint("copy.deepcopy(model) is a model with the same weights that shares nothing with it.")
finetune.hint(
    "One Adam for all steps, on the *copy's* parameters. Then draw, masked_step, tell, repeat."
)
finetune.hint(
    "for _ in range(steps): inputs, targets = windows(ids, model.block_size, batch_size, g); "
    "losses.append(masked_step(trained, inputs, targets, optimizer)); on_step(trained, losses[-1])."
)

finetune.misconception(
    """The pretrained model itself was trained. Copy it first (copy.deepcopy): it is needed as it was.""",
    name="no_copy",
    replace="copy.deepcopy(model).train()",
    by="model.train()",
)
finetune.misconception(
    """copy.copy copies the shell only: both models share their parameters, and the pretrained one
    changed too. Use copy.deepcopy.""",
    name="shallow",
    replace="copy.deepcopy(model).train()",
    by="copy.copy(model)\n    trained.training = True",
)
finetune.misconception(
    """The optimizer holds the parameters of the pretrained model, so the copy never moves. Give it
    trained.parameters().""",
    name="optimizers_model",
    replace="Adam(trained.parameters(), lr)",
    by="Adam(model.parameters(), lr)",
)
finetune.misconception(
    """A new Adam for each step forgets what it knows of the gradients. Make one before the loop.""",
    name="new_adam",
    replace="        losses.append(masked",
    by="        optimizer = Adam(trained.parameters(), lr)\n        losses.append(masked",
)
finetune.misconception(
    """One batch was drawn and used for every step. Draw a new one each time.""",
    name="one_batch",
    replace="        inputs, targets = windows(",
    by="        if not losses:\n            inputs, targets = windows(",
)
finetune.misconception(
    """The learning rate is another one than asked for.""",
    name="other_lr",
    replace="Adam(trained.parameters(), lr)",
    by="Adam(trained.parameters(), 0.1 * lr)",
)
finetune.misconception(
    """Only the output layer was trained. All parameters learn here.""",
    name="head_only",
    replace="Adam(trained.parameters(), lr)",
    by="Adam(trained.head.parameters(), lr)",
)
finetune.misconception(
    """batch_size is not handed on to windows: it is always 32.""",
    name="always_32",
    replace="targets = windows(ids, model.block_size, batch_size, g)",
    by="targets = windows(ids, model.block_size, 32, g)",
)
finetune.misconception(
    """The generator was not used: batches come from another one, and no run can be repeated with g.""",
    name="other_generator",
    replace="    losses = []\n",
    by="    losses = []\n    g = torch.Generator().manual_seed(1337)\n",
)
finetune.misconception(
    """The copy is still in the mode the pretrained model was in. It is asked for in training mode.""",
    name="mode_as_is",
    replace="copy.deepcopy(model).train()",
    by="copy.deepcopy(model)",
)
finetune.misconception(
    """The pretrained model was put into training mode, too. Only the copy is: copy first.""",
    name="switches_the_model",
    replace="copy.deepcopy(model).train()",
    by="copy.deepcopy(model.train())",
)
finetune.misconception(
    """on_step was never called: after each step it gets the copy and the loss.""",
    name="silent",
    replace="        on_step(trained, losses[-1])\n",
    by="",
)
finetune.misconception(
    """Only the last loss came back: collect one for each step.""",
    name="last_loss",
    replace="return trained, losses",
    by="return trained, losses[-1:]",
)

finetune.variant(
    "state loaded into a second copy, the step written out",
    name="written_out",
    source="""def finetune(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    from copy import deepcopy
    trained = deepcopy(model)
    trained.load_state_dict({k: v.clone() for k, v in model.state_dict().items()})
    trained.train()
    optimizer, losses = Adam(trained.parameters(), lr), []
    while len(losses) < steps:
        x, y = windows(ids, trained.block_size, batch_size, g)
        loss = F.cross_entropy(trained(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        on_step(trained, loss.item())
    return trained, losses
""",
)
