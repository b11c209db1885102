"""03.init_params: five tensors, and their shapes."""

import torch

from graders.authoring import exercise

init = exercise("init_params", title="five tensors, and their shapes")


@init.cases
def _(rng):
    for v, t, d, hidden in [(27, 3, 2, 100), (5, 2, 3, 4), (7, 1, 6, 2), (65, 5, 1, 9)]:
        yield dict(vocab_size=v, block_size=t, n_embd=d, n_hidden=hidden, seed=rng.seed())


@init.scenario
def _(m, seed, **sizes):
    g = torch.Generator().manual_seed(seed)
    torch.rand(seed % 5 + 1, generator=g)  # it has been used before, and is used again
    first = m.init_params(**sizes, generator=g)
    second = m.init_params(**sizes, generator=g)
    return {
        "first": {name: p.detach() for name, p in first.items()},
        "second": {name: p.detach() for name, p in second.items()},
        "next draw": torch.randint(0, 2**31, (1,), generator=g),
    }


@init.check("trainable")
def _(m, seed, **sizes):
    params = m.init_params(**sizes, generator=torch.Generator().manual_seed(seed))
    return {
        name: {"requires_grad": p.requires_grad, "leaf": p.is_leaf} for name, p in params.items()
    }


init.hint("How many numbers does the hidden layer see of each context?")
init.hint(
    "torch.randn(shape, generator=generator), in the order of the docstring: C, W1, b1, W2, b2."
)
init.hint("W1 is (block_size * n_embd, n_hidden); end each with .requires_grad_().")

init.misconception(
    "requires_grad is missing: autograd would not record what happens to the parameters.",
    name="no_grad",
    replace=".requires_grad_()",
    by="",
)
init.misconception(
    "The generator was not used: the draws come from torch's global one, and nobody can repeat them.",
    name="global_generator",
    replace="name: torch.randn(shape, generator=generator)",
    by="name: torch.randn(shape)",
)
init.misconception(
    "W1 sees one character only: its input are the embeddings of the whole context, "
    "block_size * n_embd numbers.",
    name="one_character",
    replace='"W1": (block_size * n_embd, n_hidden)',
    by='"W1": (n_embd, n_hidden)',
)
init.misconception(
    "The weights are stored the other way round (as torch.nn.Linear does). Here h = embcat @ W1: "
    "the input size comes first.",
    name="transposed",
    edits=[
        ('"W1": (block_size * n_embd, n_hidden)', '"W1": (n_hidden, block_size * n_embd)'),
        ('"W2": (n_hidden, vocab_size)', '"W2": (vocab_size, n_hidden)'),
    ],
)
init.misconception(
    "rand is uniform between 0 and 1; randn is normal, around 0. Only positive weights are no start.",
    name="uniform",
    replace="name: torch.randn(shape",
    by="name: torch.rand(shape",
)
init.misconception(
    "All weights are zero: every hidden neuron would compute the same and get the same gradient "
    "for ever. Draw them.",
    name="zeros",
    replace="name: torch.randn(shape, generator=generator)",
    by="name: torch.zeros(shape)",
)
init.misconception(
    "You scaled the draws. A fine idea (part 7), but what is asked here is plain torch.randn.",
    name="scaled",
    replace="generator=generator).requires_grad_()",
    by="generator=generator).mul(0.1).requires_grad_()",
)
init.misconception(
    "randn(..., requires_grad=True) * 0.1, or .float() behind it, is a result, not a leaf: its .grad "
    "stays None. Call requires_grad_() last.",
    name="not_a_leaf",
    replace=".requires_grad_()",
    by=".requires_grad_() * 1.0",
)
init.misconception(
    "The biases are drawn last in your version. The order of draws decides who gets which numbers: "
    "C, W1, b1, W2, b2.",
    name="other_order",
    replace='        "b1": (n_hidden,),\n        "W2": (n_hidden, vocab_size),\n',
    by='        "W2": (n_hidden, vocab_size),\n        "b1": (n_hidden,),\n',
)
init.misconception(
    "float64 is not what was asked: torch.randn gives float32 by itself, half the memory, and exact enough.",
    name="float64",
    replace="generator=generator).requires_grad_()",
    by="generator=generator, dtype=torch.float64).requires_grad_()",
)
init.misconception(
    "The biases are zero. Often done, but what is asked here is torch.randn for all five.",
    name="zero_biases",
    replace="name: torch.randn(shape, generator=generator)",
    by="name: torch.randn(shape, generator=generator).mul_(float(len(shape) > 1))",
)
init.misconception(
    "You set the generator back to its seed, so every network starts the same. It goes on from where it "
    "stands: only draw from it.",
    name="rewound",
    replace="    shapes = {\n",
    by="    generator.manual_seed(generator.initial_seed())\n    shapes = {\n",
)
init.misconception(
    "A generator of your own has no place here, whatever its seed. Draw from the one passed in.",
    name="own_generator",
    replace="    shapes = {\n",
    by="    generator = torch.Generator().manual_seed(generator.initial_seed())\n    shapes = {\n",
)


@init.variant("one by one")
def one_by_one(vocab_size, block_size, n_embd, n_hidden, generator):
    C = torch.randn((vocab_size, n_embd), generator=generator, requires_grad=True)
    W1 = torch.randn((n_embd * block_size, n_hidden), generator=generator)
    b1 = torch.randn(n_hidden, generator=generator)
    W2 = torch.randn((n_hidden, vocab_size), generator=generator)
    b2 = torch.randn(vocab_size, generator=generator)
    params = dict(b2=b2, C=C, W1=W1, b1=b1, W2=W2)
    for p in params.values():
        p.requires_grad = True
    return params
