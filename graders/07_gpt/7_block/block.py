"""07.block: gather, then think, pre-norm."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise, fill, parameters

from .part import gradients, leaf, shapes

block = exercise(
    "block", target=("Block.__init__", "Block.forward"), title="the transformer block", points=3
)


@block.cases
def _(rng):
    for B, T, n_head, hs in [(2, 5, 3, 2), (1, 4, 2, 3), (3, 1, 2, 4), (2, 3, 1, 5), (2, 6, 4, 1)]:
        C = n_head * hs
        kind = torch.float32 if hs == 5 else torch.float64
        sizes = {
            "ln1.gain": (C,),
            "ln1.bias": (C,),
            "heads.key.weight": (C, C),
            "heads.query.weight": (C, C),
            "heads.value.weight": (C, C),
            "heads.proj.weight": (C, C),
            "heads.proj.bias": (C,),
            "ln2.gain": (C,),
            "ln2.bias": (C,),
            "feed.expand.weight": (4 * C, C),
            "feed.expand.bias": (4 * C,),
            "feed.shrink.weight": (C, 4 * C),
            "feed.shrink.bias": (C,),
        }
        yield dict(
            n_embd=C,
            n_head=n_head,
            x=rng.normal(B, T, C, mean=0.5, std=2, dtype=kind),
            state={name: rng.normal(*shape, std=0.7, dtype=kind) for name, shape in sizes.items()},
        )


def by_hand(x, n_head, s):
    """Head by head with torch's own pieces."""
    C = x.shape[-1]
    h = F.layer_norm(x, (C,), s["ln1.gain"], s["ln1.bias"])
    q, k, v = (
        (h @ s[f"heads.{name}.weight"].T).split(C // n_head, dim=-1)
        for name in ("query", "key", "value")
    )
    future = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
    outs = []
    for one_q, one_k, one_v in zip(q, k, v, strict=True):
        score = one_q @ one_k.mT / (C // n_head) ** 0.5
        outs.append(score.masked_fill(future, float("-inf")).softmax(-1) @ one_v)
    found = x + F.linear(torch.cat(outs, -1), s["heads.proj.weight"], s["heads.proj.bias"])
    h = F.layer_norm(found, (C,), s["ln2.gain"], s["ln2.bias"])
    inner = F.relu(F.linear(h, s["feed.expand.weight"], s["feed.expand.bias"]))
    return found + F.linear(inner, s["feed.shrink.weight"], s["feed.shrink.bias"])


@block.scenario
def _(m, n_embd, n_head, x, state):
    return fill(m.Block(n_embd, n_head), state)(x)


@block.oracle
def _(n_embd, n_head, x, state):
    return by_hand(x, n_head, state)


@block.check("gradients")
def _(m, n_embd, n_head, x, state):
    # in float64: LayerNorm and ReLU can make more of float32's rounding than a mistake is worth
    state = {name: w.double() for name, w in state.items()}
    made, x = fill(m.Block(n_embd, n_head), state), leaf(x.double())
    return gradients(made(x), dict(x=x, **parameters(made, state)))


@block.oracle("gradients")
def _(n_embd, n_head, x, state):
    leaves = {"x": leaf(x.double()), **{name: leaf(w.double()) for name, w in state.items()}}
    return gradients(by_hand(leaves["x"], n_head, leaves), leaves)


@block.check("parameters")
def _(m, n_embd, n_head, x, state):
    return shapes(m.Block(n_embd, n_head, 0.3), state)


@block.check("with p = 1")
def _(m, n_embd, n_head, x, state):
    """In training mode both layers are dropped and the stream is left; in eval mode nothing is dropped.

    Nor is it in another block, whose p is 0.
    """
    made, other = (fill(m.Block(n_embd, n_head, p), state) for p in (1.0, 0.0))
    return {
        "training mode": made.train()(x),
        "eval mode": made.eval()(x),
        "training mode, p = 0": other.train()(x),
    }


@block.oracle("with p = 1")
def _(n_embd, n_head, x, state):
    whole = by_hand(x, n_head, state)
    return {"training mode": x, "eval mode": whole, "training mode, p = 0": whole}


@block.check("input as it was")
def _(m, n_embd, n_head, x, state):
    made = fill(m.Block(n_embd, n_head), state)
    with torch.no_grad():
        made(x)
    return x


block.hint("Two calls of your residual, the second with what the first returned.")
block.hint("Two LayerNorms, made one by one: attention and feed-forward each have their own.")
block.hint("x = residual(x, self.ln1, self.heads); return residual(x, self.ln2, self.feed)")

FIRST = "x = residual(x, self.ln1, self.heads)"
SECOND = "return residual(x, self.ln2, self.feed)"


def wrong(message, name, *edits):
    block.misconception(message, name=name, edits=edits)


wrong(
    """This is post-norm: each norm stands on the stream, behind the sum. GPT-2 and the lecture put it
    in front of the layer, beside the stream.""",
    "post_norm",
    (FIRST, "x = self.ln1(x + self.heads(x))"),
    (SECOND, "return self.ln2(x + self.feed(x))"),
)
wrong(
    """Both residuals are missing: the stream ends at the first block.""",
    "no_residual",
    (FIRST, "x = self.heads(self.ln1(x))"),
    (SECOND, "return self.feed(self.ln2(x))"),
)
wrong(
    """The residual around attention is missing: x itself is not added.""",
    "no_first_residual",
    (FIRST, "x = self.heads(self.ln1(x))"),
)
wrong(
    """The residual around feed-forward is missing: what came out of attention is not added.""",
    "no_second_residual",
    (SECOND, "return self.feed(self.ln2(x))"),
)
wrong(
    """The residuals start behind the norms: the normalized x is added, not x.""",
    "from_normalized",
    (FIRST, "x = self.ln1(x)\n        x = x + self.heads(x)"),
    (SECOND, "x = self.ln2(x)\n        return x + self.feed(x)"),
)
wrong(
    """The second residual starts from the block's input, so what attention found is not in the stream,
    only in what feed-forward makes of it.""",
    "second_from_input",
    (FIRST, "h = residual(x, self.ln1, self.heads)"),
    (SECOND, "return x + self.feed(self.ln2(h))"),
)
wrong(
    """Attention and feed-forward both look at the block's input (in parallel). Feed-forward works on
    what attention has made.""",
    "parallel",
    (FIRST, "h = self.heads(self.ln1(x))"),
    (SECOND, "return x + h + self.feed(self.ln2(x))"),
)
wrong(
    """Feed-forward comes first. A position gathers, then thinks: attention first.""",
    "order",
    (FIRST, "x = residual(x, self.ln2, self.feed)"),
    (SECOND, "return residual(x, self.ln1, self.heads)"),
)
wrong(
    """ln1 is used twice: the second norm never learns, and the first serves two masters. Feed-forward
    has ln2.""",
    "ln1_twice",
    (SECOND, "return residual(x, self.ln1, self.feed)"),
)
wrong(
    """One LayerNorm has two names: both places share gain and bias. Make two.""",
    "shared_norm",
    ("self.ln2 = LayerNorm(n_embd)", "self.ln2 = self.ln1"),
)
wrong(
    """The norms are not used: the layers see the stream in whatever size it has grown to.""",
    "no_norm",
    (FIRST, "x = x + self.heads(x)"),
    (SECOND, "return x + self.feed(x)"),
)
wrong(
    """The second norm is missing: feed-forward sees the stream as it is.""",
    "no_second_norm",
    (SECOND, "return x + self.feed(x)"),
)
wrong(
    """Attention is left out: the positions never hear of each other.""",
    "no_attention",
    (FIRST, "x = x + 0"),
)
wrong(
    """Feed-forward is left out: what was gathered is never thought about.""",
    "no_feed",
    (SECOND, "return x"),
)
wrong(
    """p does not reach feed-forward: pass it to both layers.""",
    "feed_without_p",
    ("FeedForward(n_embd, p)", "FeedForward(n_embd)"),
)
wrong(
    """p does not reach attention: pass it to both layers.""",
    "heads_without_p",
    ("MultiHead(n_embd, n_head, p)", "MultiHead(n_embd, n_head)"),
)
wrong(
    """The stream is changed in place (+=), and with it the tensor that was handed in. x = x + ... makes
    a new one.""",
    "in_place",
    (FIRST, "x.data += self.heads(self.ln1(x)).data"),
)

wrong(
    """n_head does not reach attention, which has one head here: one pattern of looking back instead of
    several.""",
    "one_head",
    ("MultiHead(n_embd, n_head, p)", "MultiHead(n_embd, 1, p)"),
)

block.variant(
    "written out",
    name="written_out",
    edits=[
        (FIRST, "x = x + self.heads(self.ln1(x))"),
        (SECOND, "x = x + self.feed(self.ln2(x))\n        return x"),
    ],
)
block.variant(
    "in another order of making",
    name="another_order",
    edits=[
        ("self.ln1 = LayerNorm(n_embd)", "self.feed = FeedForward(n_embd, p=p)"),
        ("self.feed = FeedForward(n_embd, p)", "self.ln1 = LayerNorm(n_embd)"),
    ],
)
