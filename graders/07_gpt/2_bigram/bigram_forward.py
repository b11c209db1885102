"""07.bigram_forward: logits for every position, and the loss."""

import torch

from graders.authoring import exercise, instead

from .part import a_model

forward = exercise(
    "bigram_forward", target="BigramLanguageModel.forward", title="logits and loss", points=2
)


@forward.cases
def _(rng):
    """C, B, T: all differ but where two positions and two characters invite a confusion."""
    for C, B, T in [(7, 2, 5), (4, 3, 1), (5, 1, 6), (1, 2, 3), (3, 4, 2), (6, 1, 1), (4, 4, 4)]:
        yield dict(
            table=rng.normal(C, C, std=2.0),
            idx=rng.integers(0, C, B, T),
            targets=rng.integers(0, C, B, T),
        )
    yield dict(table=rng.normal(3, 3), idx=torch.tensor([[0]]), targets=torch.tensor([[0]]))
    yield dict(
        table=rng.normal(9, 9, std=4.0, dtype=torch.float32),
        idx=rng.integers(0, 9, 3, 4),
        targets=rng.integers(0, 9, 3, 4),
    )


def two(out):
    """What came back as a list of two, or what it is instead."""
    if isinstance(out, (tuple, list)) and len(out) == 2:
        return list(out)
    return instead(out, "the two, (logits, loss)")


@forward.scenario
def _(m, table, idx, targets):
    model = a_model(m.BigramLanguageModel(len(table)), table)
    return {
        "without targets": two(model(idx)),
        "with targets": two(model(idx, targets)),
        "with targets by name": two(model(idx, targets=targets)),
        "with other targets": two(model(idx, (targets + 1) % len(table))),
        "idx and targets afterwards": [idx, targets],
    }


@forward.oracle
def _(table, idx, targets):
    logits = torch.stack([torch.stack([table[i] for i in row.tolist()]) for row in idx])
    logprobs = torch.log_softmax(logits, -1)
    each = [logprobs[b, t, targets[b, t]] for b in range(len(idx)) for t in range(idx.shape[1])]
    both = [logits, sum(each) / -len(each)]
    others = (targets + 1) % len(table)
    loss = -logprobs.gather(-1, others[..., None]).mean()
    return {
        "without targets": [logits, None],
        "with targets": both,
        "with targets by name": both,
        "with other targets": [logits, loss],
        "idx and targets afterwards": [idx, targets],
    }


@forward.check("gradients")
def _(m, table, idx, targets):
    """Of the table, through the loss and through the logits, with upstream gradients that aren't 1."""
    model = a_model(m.BigramLanguageModel(len(table)), table)
    weight, found = model.token_embedding_table.weight, {}
    for name, args in (("the loss", (idx, targets)), ("the logits", (idx, None))):
        out = model(*args)
        if isinstance(two(out), dict):
            return two(out)
        y = out[1] if name == "the loss" else out[0]
        weight.grad = None
        if isinstance(y, torch.Tensor) and y.requires_grad:
            upstream = torch.linspace(-1, 2, y.numel() + 1, dtype=y.dtype)[1:].view(y.shape)
            (y * upstream).sum().backward()
        found[f"gradient of the table through {name}"] = weight.grad
    return found


@forward.oracle("gradients")
def _(table, idx, targets):
    C, probs = len(table), table.softmax(1)
    through_loss, through_logits = torch.zeros_like(table), torch.zeros_like(table)
    upstream = torch.linspace(-1, 2, idx.numel() * C + 1, dtype=table.dtype)[1:].view(-1, C)
    pairs = zip(idx.flatten().tolist(), targets.flatten().tolist(), upstream, strict=True)
    for i, target, up in pairs:
        through_loss[i] += probs[i] * 2 / idx.numel()
        through_loss[i, target] -= 2 / idx.numel()
        through_logits[i] += up
    return {
        "gradient of the table through the loss": through_loss,
        "gradient of the table through the logits": through_logits,
    }


forward.hint("Call the table: self.token_embedding_table(idx). What shape comes back?")
forward.hint(
    "Are there targets? Ask `targets is None`. If so, cross_entropy wants (B * T, C) and (B * T,): view both."
)
forward.hint(
    "B, T, C = logits.shape; loss = F.cross_entropy(logits.view(B * T, C), targets.view(B * T)); return "
    "logits, loss"
)

LOSS = "F.cross_entropy(logits.view(B * T, C), targets.view(B * T))"

forward.misconception(
    """The numbers of different positions were mixed: view(B, C, T) only counts anew, it moves nothing. Either
    view(B * T, C), or logits.transpose(1, 2).""",
    name="view_mixes",
    replace=LOSS,
    by="F.cross_entropy(logits.view(B, C, T), targets)",
)
forward.misconception(
    """The answers stand in another order than the logits: one of the two was transposed before it was laid
    in one row. Flatten both as they are.""",
    name="another_order",
    replace="targets.view(B * T))",
    by="targets.T.reshape(B * T))",
)
forward.misconception(
    """softmax came before cross_entropy, which applies it itself: it wants the logits.""",
    name="softmax_twice",
    replace="F.cross_entropy(logits.view(B * T, C)",
    by="F.cross_entropy(logits.view(B * T, C).softmax(-1)",
)
forward.misconception(
    """Probabilities came back in place of logits. Leave softmax to the loss and to generate.""",
    name="probabilities",
    replace="        return logits, loss",
    by="        return logits.softmax(-1), loss",
)
forward.misconception(
    """The loss is summed over something (positions, rows, or both). Take the mean over all B * T.""",
    name="summed",
    replace="targets.view(B * T))",
    by='targets.view(B * T), reduction="sum")',
)
forward.misconception(
    """Only the last position of each row counts in this loss. Every position has an answer: all B * T
    count.""",
    name="last_only",
    replace=LOSS,
    by="F.cross_entropy(logits[:, -1], targets[:, -1])",
)
forward.misconception(
    """The targets were shifted a second time. y[b, t] is the answer to x[b, t] already: get_batch shifted
    it.""",
    name="shifted_again",
    replace=LOSS,
    by="F.cross_entropy(logits[:, :-1].reshape(-1, C), targets[:, 1:].reshape(-1))",
)
forward.misconception(
    """With targets the logits come back as (B * T, C). The lecture does that; here they are (B, T, C) in both
    cases, so that whoever calls need not ask which.""",
    name="flattened",
    replace="        return logits, loss",
    by="        return logits.view(B * T, C), loss",
)
forward.misconception(
    """Whether there are targets was asked by their truth (`if targets`). A tensor with several numbers has
    none and raises, and one that holds a single 0 counts as false. Ask `targets is None`.""",
    name="truth_of_a_tensor",
    replace="if targets is None:",
    by="if not targets:",
)
forward.misconception(
    """Two things are promised, (logits, loss), also without targets: then loss is None.""",
    name="logits_alone",
    replace="return logits, None",
    by="return logits",
)
forward.misconception(
    """The loss is cut off from the table: .item(), .detach() or no_grad() leaves a number from which no
    gradient flows, and the model cannot learn. Return the tensor.""",
    name="detached",
    replace="return logits, loss",
    by="return logits, loss.detach()",
)
forward.misconception(
    """These are the columns of the table. What follows character i is in its row:
    token_embedding_table(idx).""",
    name="columns",
    replace="logits = self.token_embedding_table(idx)",
    by="logits = self.token_embedding_table.weight.T[idx]",
)

forward.variant(
    "C in the middle",
    name="transposed",
    replace=LOSS,
    by="F.cross_entropy(logits.transpose(1, 2), targets)",
)
forward.variant(
    "by hand",
    name="by_hand",
    source="""
    def forward(self, idx, targets=None):
        logits, loss = self.token_embedding_table.weight[idx], None
        if targets is not None:
            logprobs = logits.log_softmax(dim=2)
            loss = -logprobs.gather(2, targets.unsqueeze(2)).mean()
        return (logits, loss)
    """,
)
