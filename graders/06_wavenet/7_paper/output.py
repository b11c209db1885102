"""06.output: the sum of all skips."""

import torch

from graders.authoring import differentiate, exercise

from .part import a_head, leaves, upstream

head = exercise("output", title="the sum of all skips", stretch=True)


@head.cases
def _(rng):
    for n, B, T, S, K, V in [
        (3, 2, 4, 3, 5, 6),
        (1, 1, 3, 4, 2, 5),
        (2, 3, 2, 4, 4, 4),
        (5, 2, 1, 2, 6, 3),
    ]:
        yield dict(skips=[rng.normal(B, T, S) for _ in range(n)], head=a_head(rng, S, K, V))


@head.oracle
def _(skips, head):
    summed = torch.stack(skips).sum(0).clamp(min=0)
    hidden = torch.einsum("bts,sk->btk", summed, head["W1"]) + head["b1"]
    return torch.einsum("btk,kv->btv", hidden.clamp(min=0), head["W2"]) + head["b2"]


@head.check("gradients")
def _(m, skips, head):
    skips = [s.clone().requires_grad_() for s in skips]
    head, named = leaves("", head)
    inputs = {f"skip {i}": s for i, s in enumerate(skips)} | named
    out = m.output(skips, head)
    return dict(differentiate(out, inputs, upstream(out)))


head.hint("In which order come the sum, the two ReLUs and the two matrices?")
head.hint("Sum, ReLU, W1, ReLU, W2: a ReLU stands before each matrix, none after the last.")
head.hint(
    'hidden = torch.relu(sum(skips)) @ head["W1"] + head["b1"]; '
    'return torch.relu(hidden) @ head["W2"] + head["b2"]'
)

FIRST = 'hidden = torch.relu(sum(skips)) @ head["W1"] + head["b1"]'
SECOND = 'return torch.relu(hidden) @ head["W2"] + head["b2"]'

head.misconception(
    "The skips were averaged: they are added up.",
    name="averaged",
    replace="sum(skips)",
    by="sum(skips) / len(skips)",
)
head.misconception(
    "Only the last block's skip was used. All of them reach the output: that is what skips are "
    "for.",
    name="last_only",
    replace="sum(skips)",
    by="skips[-1]",
)
head.misconception(
    "Only the first block's skip was used. All of them reach the output: that is what skips are "
    "for.",
    name="first_only",
    replace="sum(skips)",
    by="skips[0]",
)
head.misconception(
    "The largest of the skips was taken: they are added up.",
    name="largest",
    replace="sum(skips)",
    by="torch.stack(skips).amax(0)",
)
head.misconception(
    "The sum went over the examples: after torch.stack(skips) the blocks are dimension 0.",
    name="over_the_batch",
    replace="sum(skips)",
    by="torch.stack(skips).sum(1)",
)
head.misconception(
    "The sum was scaled by the number of blocks' root. It is a plain sum.",
    name="scaled",
    replace="sum(skips)",
    by="sum(skips) / len(skips) ** 0.5",
)
head.misconception(
    "The skips are cut off from the gradient (detach): no block would learn.",
    name="detached",
    replace="sum(skips)",
    by="sum(skips).detach()",
)
head.misconception(
    "Log-probabilities came back. Return the logits; cross_entropy applies log_softmax.",
    name="log_softmax",
    replace=SECOND,
    by='return F.log_softmax(torch.relu(hidden) @ head["W2"] + head["b2"], dim=-1)',
)
head.misconception(
    "The first bias is missing: 'b1'.",
    name="no_first_bias",
    replace=FIRST,
    by='hidden = torch.relu(sum(skips)) @ head["W1"]',
)
head.misconception(
    "The second bias is missing: 'b2'.",
    name="no_second_bias",
    replace=SECOND,
    by='return torch.relu(hidden) @ head["W2"]',
)
head.misconception(
    "Another activation (GELU, leaky ReLU, ...) was used: the paper's output has ReLUs.",
    name="gelu",
    edits=[
        ("torch.relu(sum(skips))", "F.gelu(sum(skips))"),
        ("torch.relu(hidden)", "F.gelu(hidden)"),
    ],
)
head.misconception(
    "The ReLU was made in place (relu_ or inplace=True) on what may be the first skip itself: it "
    "belongs to whoever called.",
    name="relu_in_place",
    replace=FIRST,
    by="total = skips[0]\n    for skip in skips[1:]:\n        total = total + skip\n"
    '    hidden = total.relu_() @ head["W1"] + head["b1"]',
)
head.misconception(
    "The list of skips was used up (pop): it belongs to whoever called.",
    name="pops",
    replace=FIRST,
    by="total = skips.pop()\n    while skips:\n        total = total + skips.pop()\n"
    '    hidden = torch.relu(total) @ head["W1"] + head["b1"]',
)
head.misconception(
    "The ReLU came before the sum. Skips may cancel each other: add up first.",
    name="relu_before_sum",
    replace="torch.relu(sum(skips))",
    by="sum(torch.relu(skip) for skip in skips)",
)
head.misconception(
    "The first ReLU is missing: it stands between the sum and W1.",
    name="no_first_relu",
    replace="torch.relu(sum(skips))",
    by="sum(skips)",
)
head.misconception(
    "The second ReLU is missing: without it, W1 and W2 are one matrix.",
    name="no_second_relu",
    replace="torch.relu(hidden)",
    by="hidden",
)
head.misconception(
    "A ReLU after the last layer forbids negative logits: leave it out.",
    name="relu_after",
    replace=SECOND,
    by='return torch.relu(torch.relu(hidden) @ head["W2"] + head["b2"])',
)
head.misconception(
    "ReLU after each matrix, not before: the sum has to go through one, the logits must not.",
    name="relu_late",
    edits=[
        (FIRST, 'hidden = torch.relu(sum(skips) @ head["W1"] + head["b1"])'),
        (SECOND, 'return torch.relu(hidden @ head["W2"] + head["b2"])'),
    ],
)
head.misconception(
    "tanh was used for ReLU: the paper's output has ReLUs.",
    name="tanh",
    edits=[
        ("torch.relu(sum(skips))", "torch.tanh(sum(skips))"),
        ("torch.relu(hidden)", "torch.tanh(hidden)"),
    ],
)
head.misconception(
    "Probabilities came back. Return the logits; cross_entropy applies the softmax.",
    name="softmax",
    replace=SECOND,
    by='return F.softmax(torch.relu(hidden) @ head["W2"] + head["b2"], dim=-1)',
)
head.misconception(
    "The biases are missing: + b1, + b2.",
    name="no_biases",
    edits=[
        (FIRST, 'hidden = torch.relu(sum(skips)) @ head["W1"]'),
        (SECOND, 'return torch.relu(hidden) @ head["W2"]'),
    ],
)
head.misconception(
    "The sum was made in place, in the first skip: it belongs to whoever called.",
    name="in_place",
    replace="    hidden =",
    by="    for skip in skips[1:]:\n        skips[0] += skip\n    skips = skips[:1]\n    hidden =",
)

head.variant(
    "stack and sum",
    name="stack",
    source="""def output(skips, head):
    x = torch.stack(list(skips), dim=0).sum(dim=0)
    for i in ("1", "2"):
        x = F.linear(F.relu(x), head["W" + i].T, head["b" + i])
    return x
""",
)
head.variant(
    "a loop",
    name="loop",
    source="""def output(skips, head):
    total = torch.zeros_like(skips[0])
    for skip in skips:
        total = total + skip
    hidden = total.clamp(min=0) @ head["W1"] + head["b1"]
    return hidden.clamp(min=0) @ head["W2"] + head["b2"]
""",
)
