"""07.feed_forward: expand, ReLU, shrink, dropout."""

import torch

from graders.authoring import exercise, fill, parameters

from .part import gradients, leaf, shapes

feed = exercise(
    "feed_forward",
    target=("FeedForward.__init__", "FeedForward.forward"),
    title="feed-forward: each position thinks",
    points=2,
)


@feed.cases
def _(rng):
    for B, T, C, p in [
        (2, 5, 3, 0.3),
        (1, 4, 2, 0.6),
        (3, 1, 4, 0.2),
        (2, 3, 1, 0.7),
        (4, 4, 4, 0.4),
    ]:
        kind = torch.float32 if B == 4 else torch.float64
        yield dict(
            n_embd=C,
            p=p,
            x=rng.normal(T, B, C, dtype=kind).transpose(0, 1),
            state={
                "expand.weight": rng.normal(4 * C, C, dtype=kind),
                "expand.bias": rng.normal(4 * C, dtype=kind),
                "shrink.weight": rng.normal(C, 4 * C, dtype=kind),
                "shrink.bias": rng.normal(C, dtype=kind),
            },
        )


def by_hand(x, state):
    """With numbers that are larger than 0 picked out, and sums by einsum."""
    inner = torch.einsum("btc,hc->bth", x, state["expand.weight"]) + state["expand.bias"]
    inner = inner * (inner > 0)
    return torch.einsum("bth,ch->btc", inner, state["shrink.weight"]) + state["shrink.bias"]


@feed.scenario
def _(m, n_embd, p, x, state):
    return fill(m.FeedForward(n_embd), state)(x)


@feed.oracle
def _(n_embd, p, x, state):
    return by_hand(x, state)


@feed.check("gradients")
def _(m, n_embd, p, x, state):
    made, x = fill(m.FeedForward(n_embd), state), leaf(x)
    return gradients(made(x), dict(x=x, **parameters(made, state)))


@feed.oracle("gradients")
def _(n_embd, p, x, state):
    leaves = {"x": leaf(x), **{name: leaf(w) for name, w in state.items()}}
    return gradients(by_hand(leaves["x"], leaves), leaves)


@feed.check("parameters")
def _(m, n_embd, p, x, state):
    return shapes(m.FeedForward(n_embd, p), state)


@feed.check("eval mode")
def _(m, n_embd, p, x, state):
    """Nothing is dropped, not even with p = 1; and training may be switched on and off."""
    made = fill(m.FeedForward(n_embd, 1.0), state)
    return [made.eval()(x), made.train().eval()(x)]


@feed.oracle("eval mode")
def _(n_embd, p, x, state):
    return [by_hand(x, state)] * 2


@feed.check("training mode")
def _(m, n_embd, p, x, state):
    """All is dropped with p = 1; with p in between, what is left against eval mode, each ratio once."""
    gone = fill(m.FeedForward(n_embd, 1.0), state).train()(x)
    made = fill(m.FeedForward(n_embd, p), state)
    many = x.repeat(400, 1, 1)
    ratio = made.train()(many) / made.eval()(many)
    ratios = sorted(set(ratio.double().mul(1000).round().div(1000).flatten().tolist()))
    return {
        "all dropped": gone,
        "times what eval mode gives": ratios[:5],
        "share dropped": round((ratio == 0).double().mean().item(), 1),
    }


feed.legal("answer: tensor for float", "Keep it under any name")

feed.hint(
    "nn.Linear works on the last dimension, whatever stands in front: no reshaping is needed."
)
feed.hint("relu(expand(x)), then shrink, then dropout, which must be told self.training.")
feed.hint("return dropout(self.shrink(F.relu(self.expand(x))), self.p, self.training)")


def wrong(message, name, *edits):
    feed.misconception(message, name=name, edits=edits)


OUT = "self.shrink(F.relu(self.expand(x)))"
wrong(
    """There is no activation: two linear layers in a row are one, and nothing is gained. ReLU between
    them.""",
    "no_activation",
    (OUT, "self.shrink(self.expand(x))"),
)
wrong(
    """The ReLU comes last, so what is added to the stream is never negative. It belongs between the two
    layers.""",
    "relu_last",
    (OUT, "F.relu(self.shrink(self.expand(x)))"),
)
wrong(
    """There is a second ReLU at the end: what is added to the stream is then never negative. Only
    between the layers.""",
    "relu_twice",
    (OUT, "F.relu(self.shrink(F.relu(self.expand(x))))"),
)
wrong(
    """The ReLU comes first, before the first layer: half of what came in is lost, and the two layers
    are one. It belongs between them.""",
    "relu_first",
    (OUT, "self.shrink(self.expand(F.relu(x)))"),
)
wrong(
    """This is GELU. It is what GPT-2 has; here, as in the lecture, it is ReLU.""",
    "gelu",
    (OUT, "self.shrink(F.gelu(self.expand(x)))"),
)
wrong(
    """This is tanh, which saturates. Here, as in the lecture, it is ReLU.""",
    "tanh",
    (OUT, "self.shrink(torch.tanh(self.expand(x)))"),
)
wrong(
    """The inner layer is as wide as the outer one. Make it four times as wide.""",
    "not_wider",
    ("nn.Linear(n_embd, 4 * n_embd)", "nn.Linear(n_embd, n_embd)"),
    ("nn.Linear(4 * n_embd, n_embd)", "nn.Linear(n_embd, n_embd)"),
)
wrong(
    """The layers have no bias. These two have one each, nn.Linear's default.""",
    "no_bias",
    ("nn.Linear(n_embd, 4 * n_embd)", "nn.Linear(n_embd, 4 * n_embd, bias=False)"),
    ("nn.Linear(4 * n_embd, n_embd)", "nn.Linear(4 * n_embd, n_embd, bias=False)"),
)
wrong(
    """Dropout is active in eval mode: the function must be told, F.dropout(out, p, self.training); its
    own default is True.""",
    "active_in_eval",
    ("dropout(out, self.p, self.training)", "F.dropout(out, self.p)"),
)
wrong(
    """There is no dropout at all: the last step in training mode.""",
    "no_dropout",
    ("return dropout(out, self.p, self.training)", "return out"),
)
wrong(
    """Dropout comes before the second layer, whose bias is then never dropped. Here it comes last.""",
    "dropout_inside",
    (OUT, "self.shrink(dropout(F.relu(self.expand(x)), self.p, self.training))"),
    ("return dropout(out, self.p, self.training)", "return out"),
)
wrong(
    """p is not kept: the dropout has a probability of its own. Use the constructor's.""",
    "own_p",
    ("self.p = p", "self.p = 0.1"),
)
wrong(
    """The modes are swapped: dropped in eval mode, nothing dropped in training.""",
    "modes_swapped",
    ("dropout(out, self.p, self.training)", "dropout(out, self.p, not self.training)"),
)

feed.variant(
    "torch's layers of dropout and ReLU",
    name="modules",
    edits=[
        ("self.p = p", "self.drop, self.act = nn.Dropout(p), nn.ReLU()"),
        (OUT, "self.shrink(self.act(self.expand(x)))"),
        ("dropout(out, self.p, self.training)", "self.drop(out)"),
    ],
)
feed.variant(
    "torch's function, clamp",
    name="functional",
    edits=[
        (OUT, "self.shrink(self.expand(x).clamp(min=0))"),
        ("dropout(out, self.p, self.training)", "F.dropout(out, p=self.p, training=self.training)"),
    ],
)
