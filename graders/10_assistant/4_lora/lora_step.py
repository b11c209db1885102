"""10.lora_step: only the adapter moves."""

import torch
import torch.nn.functional as F
from torch import nn

from graders.authoring import exercise, instead, python_number

from .part import gradients, parameters

step = exercise("lora_step", title="only the adapter moves", pure=False)


class Model(nn.Module):
    """An embedding, an adapted layer, a norm, an adapted head; one trained parameter is not used."""

    def __init__(self, m, numbers, r, alpha):
        super().__init__()
        V, width = numbers["token"].shape
        self.token = nn.Embedding(V, width)
        self.hidden, self.norm, self.head = nn.Linear(width, 4), nn.LayerNorm(4), nn.Linear(4, V)
        self.unused = nn.Parameter(torch.ones(2))
        self.double()
        self.token.weight.data.copy_(numbers["token"])
        self.hidden.weight.data.copy_(numbers["hidden"])
        self.hidden.bias.data.zero_()
        self.head.weight.data.copy_(numbers["head"])
        self.head.bias.data.copy_(numbers["bias"])
        self.requires_grad_(False)
        self.unused.requires_grad_(True)
        g = torch.Generator().manual_seed(numbers["seed"])
        self.hidden = m.LoRALinear(self.hidden, r, alpha, g)
        self.head = m.LoRALinear(self.head, r, alpha, g)
        for layer, B in zip((self.hidden, self.head), numbers["B"], strict=True):
            layer.B.data.copy_(B)
        self.drop = nn.Dropout(0.0)

    def forward(self, ids):
        x = self.token(ids)
        x = x.cumsum(1) / torch.arange(1, ids.shape[1] + 1)[:, None]
        return self.head(self.drop(self.norm(torch.tanh(self.hidden(x)))))


@step.cases
def _(rng):
    for fresh, r, alpha, training in [
        (True, 2, 9.0, True),
        (False, 1, 3.0, False),
        (False, 3, 2.0, True),
    ]:
        batches = []
        for B, T in [(3, 4), (1, 5), (4, 1)]:
            targets = rng.integers(0, 6, B, T)
            targets[:, 0] = -100
            targets[1:2, 1:3] = -100  # rows in which fewer count, or none
            targets[0, -1] = rng.integer(0, 6)
            batches.append((rng.integers(0, 6, T, B).T, targets))
        shapes = ((4, r), (6, r))
        numbers = dict(
            token=rng.normal(6, 3),
            hidden=rng.normal(4, 3),
            head=rng.normal(6, 4),
            bias=rng.normal(6),
            seed=rng.seed(),
            B=[rng.normal(*shape) * (not fresh) for shape in shapes],
        )
        lr = rng.number(0.2, 0.6)
        yield dict(
            numbers=numbers, r=r, alpha=alpha, batches=batches, lr=lr, training=training
        )  # fmt: skip


def left_in(model):
    """p.grad by name; zeros are as good as None for the trained parameter that the loss does not use."""
    found = gradients(model)
    if found["unused"] is None:
        found["unused"] = torch.zeros(2, dtype=torch.float64)
    return found


@step.scenario
def _(m, numbers, r, alpha, batches, lr, training):
    """Three steps; stale gradients before, a gradient of the base from somewhere."""
    model = Model(m, numbers, r, alpha).train(training)
    for p in model.parameters():
        if p.requires_grad:
            p.grad = torch.full_like(p, 3.0)
    model.norm.weight.grad = torch.full_like(model.norm.weight, 5.0)
    kept, after, copies = (
        dict(model.named_parameters()),
        [],
        [(x.clone(), y.clone()) for x, y in batches],
    )
    for x, y in batches:
        said = m.lora_step(model, x, y, lr)
        if not isinstance(said, (tuple, list)) or len(said) != 2:
            return instead(said, "a pair (loss, trained)")
        loss, trained = said
        after.append(
            {
                "loss": python_number(loss),
                "trained": python_number(trained, int),
                "parameters": parameters(model),
                "p.grad": left_in(model),
            }
        )
    return {
        "steps": after,
        "the same parameters": all(kept[k] is p for k, p in model.named_parameters()),
        "require a gradient": [k for k, p in model.named_parameters() if p.requires_grad],
        "modes": [layer.training for layer in model.modules()],
        "autograd is still on": torch.is_grad_enabled(),
        "batches moved by": [
            [x - a, y - b] for (x, y), (a, b) in zip(batches, copies, strict=True)
        ],
    }


def as_said(token, hidden, norm, head, bias, A, B, scale, x):
    """The model by its formula, with whole matrices."""
    h = token[x].cumsum(1) / torch.arange(1, x.shape[1] + 1)[:, None]
    h = torch.tanh(h @ (hidden + scale * B[0] @ A[0]).T)
    return F.layer_norm(h, (4,)) @ (head + scale * B[1] @ A[1]).T + bias


@step.check("against autograd")
def _(m, numbers, r, alpha, batches, lr, training):
    """What each step says, and the adapter after it, nothing else."""
    model, found = Model(m, numbers, r, alpha).train(training), []
    for x, y in batches:
        said = m.lora_step(model, x, y, lr)
        if not isinstance(said, (tuple, list)) or len(said) != 2:
            return instead(said, "a pair (loss, trained)")
        found.append([python_number(said[0]), python_number(said[1], int)])
        for layer in (model.hidden, model.head):
            found.append([layer.A.detach().clone(), layer.B.detach().clone()])
    return found


@step.oracle("against autograd")
def _(numbers, r, alpha, batches, lr, training):
    g = torch.Generator().manual_seed(numbers["seed"])
    A = [(torch.randn(r, d, generator=g) * d**-0.5).double() for d in (3, 4)]
    B = [b.clone() for b in numbers["B"]]
    token, hidden, head, bias = (numbers[k] for k in ("token", "hidden", "head", "bias"))
    found = []
    for x, y in batches:
        A, B = ([t.detach().requires_grad_() for t in ts] for ts in (A, B))
        logits = as_said(token, hidden, None, head, bias, A, B, alpha / r, x)
        logp = logits.log_softmax(-1)[y != -100]
        loss = -logp.gather(1, y[y != -100][:, None]).mean()
        grads = torch.autograd.grad(loss, [*A, *B])
        new = [(t - lr * d).detach() for t, d in zip([*A, *B], grads, strict=True)]
        A, B = new[:2], new[2:]
        trained = sum(t.numel() for t in (*A, *B)) + 2  # and the one that is not used
        found += [[loss.item(), trained], [A[0], B[0]], [A[1], B[1]]]
    return found


step.hint("Which parameters? Those with p.requires_grad. Forget their gradients first.")
step.hint("Then loss, backward(), and p -= lr * p.grad under torch.no_grad().")
step.hint("""A parameter that the loss does not use has p.grad None: leave it alone. The pair is
    (loss.item(), sum(p.numel() for p in trained)).""")

step.misconception(
    """Gradients from before count again: backward() adds to p.grad. Set those of the trained parameters to
    None first.""",
    name="stale",
    replace="    for p in trained:\n        p.grad = None\n",
    by="",
)
step.misconception(
    """The base was trained, too: it was made to require a gradient.""",
    name="base_too",
    replace="    trained = [p for p in model.parameters() if p.requires_grad]\n",
    by="    trained = list(model.requires_grad_(True).parameters())\n",
)
step.misconception(
    """Only B was moved. From the second step on, A has a gradient as well.""",
    name="only_B",
    replace="if p.grad is not None:",
    by="if p.grad is not None and any(p is q for n, q in model.named_parameters() if n.endswith('B')):",
)
step.misconception(
    """p.grad of the frozen parameters was thrown away. It is not this step's business.""",
    name="all_grads_gone",
    replace="    for p in trained:\n        p.grad = None\n",
    by="    model.zero_grad()\n",
)
step.misconception(
    """The gradient was added: that climbs. p - lr * gradient.""",
    name="climbs",
    replace="p -= lr",
    by="p += lr",
)
step.misconception(
    """The parameters are what they were: `p = p - ...` only gives a new tensor a name. Change p in place,
    with
    -=.""",
    name="new_tensor",
    replace="p -= lr * p.grad",
    by="p = p - lr * p.grad",
)
step.misconception(
    """The learning rate is missing: the step is lr times the gradient, not all of it.""",
    name="no_lr",
    replace="p -= lr * p.grad",
    by="p -= p.grad",
)
step.misconception(
    """The mean is over all positions, those with -100 included: the gradient shrinks with what does not
    count.""",
    name="mean_over_all",
    replace="targets.flatten(), ignore_index=-100)",
    by="targets.flatten(), ignore_index=-100, reduction='sum') / targets.numel()",
)
step.misconception(
    """Each row's mean was taken first, and then the mean of those: a token in a short row counts for
    more. The mean is over all targets that count, whatever row they are in.""",
    name="mean_of_rows",
    replace="    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), ignore_index=-100)\n",
    by="    each = F.cross_entropy(model(inputs).transpose(1, 2), targets, reduction='none').sum(1)\n"
    "    n = (targets != -100).sum(1)\n"
    "    loss = (each[n > 0] / n[n > 0]).mean()\n",
)
step.misconception(
    """The loss came back as a tensor. A Python float is asked for: .item().""",
    name="tensor",
    replace="return loss.item(),",
    by="return loss.detach(),",
)
step.misconception(
    """Only numbers that got a gradient were counted. A parameter that requires one is trained, even if this
    loss does not use it.""",
    name="used_counted",
    replace="sum(p.numel() for p in trained)",
    by="sum(p.numel() for p in trained if p.grad is not None)",
)
step.misconception(
    """A trained parameter that the loss does not use was moved by its gradient from before. That one
    counts no more: the parameter stays.""",
    name="unused_stale",
    replace="    for p in trained:\n        p.grad = None\n",
    by="    for p in trained:\n        p.grad = p.grad if p is getattr(model, 'unused', 0) else None\n",
)
step.misconception(
    """The sum over the tokens was taken. Asked is the mean over the targets that count.""",
    name="sum",
    replace="ignore_index=-100)",
    by="ignore_index=-100, reduction='sum')",
)
step.misconception(
    """The loss after the step came back. Asked is the one that the step was made from.""",
    name="loss_after",
    replace="return loss.item(),",
    by="return F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten()).item(),",
)
step.misconception(
    """All numbers of the model were counted. Only those that require a gradient are trained.""",
    name="all_counted",
    replace="sum(p.numel() for p in trained)",
    by="sum(p.numel() for p in model.parameters())",
)
step.misconception(
    """Tensors were counted, not their numbers: p.numel() of each.""",
    name="tensors_counted",
    replace="sum(p.numel() for p in trained)",
    by="len(trained)",
)
step.misconception(
    """The gradients are gone afterwards. This batch's are to be left in p.grad.""",
    name="gone_afterwards",
    replace="    return loss.item()",
    by="    for p in trained:\n        p.grad = None\n    return loss.item()",
)
step.misconception(
    """A step of weight decay came along: p shrinks, even where it has no gradient.""",
    name="decay",
    replace="            if p.grad is not None:\n",
    by="            p *= 1 - 0.01 * lr\n            if p.grad is not None:\n",
)
step.misconception(
    """The mode was changed. This function steps in whatever mode the model is.""",
    name="switches",
    replace="    for p in trained:\n        p.grad = None\n",
    by="    model.train()\n    for p in trained:\n        p.grad = None\n",
)

step.variant(
    "torch.optim.SGD, zeros for gradients would be another result",
    name="sgd",
    source="""def lora_step(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=lr)
    optimizer.zero_grad(set_to_none=True)
    logits = model(inputs)
    loss = F.cross_entropy(logits[targets != -100], targets[targets != -100])
    loss.backward()
    optimizer.step()
    return float(loss.detach()), sum(map(torch.numel, trained))
""",
)
step.variant(
    "gradients zeroed, not None",
    name="zeroed",
    source="""def lora_step(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    for p in trained:
        p.grad = torch.zeros_like(p)
    loss = F.cross_entropy(model(inputs).transpose(1, 2), targets)
    loss.backward()
    for p in trained:
        p.data.add_(p.grad, alpha=-lr)
    return loss.item(), sum(p.numel() for p in trained)
""",
)

step.equivalent(
    "F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), ignore_index=-100)  ->  "
    "F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())",
    "-100 is torch's default",
)
