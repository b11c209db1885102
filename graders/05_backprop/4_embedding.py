"""The first linear layer, and the embedding table behind it."""

import torch

from graders.authoring import exercise, part

part(forbid=("autograd",))

SIZES = [(1, 2, 3), (4, 6, 5), (2, 6, 7), (5, 4, 3), (3, 3, 3)]  # n, fan_in, n_hidden


def leaf(x):
    """A float64 copy that torch records: the oracles are computed in double precision."""
    return x.detach().double().clone().requires_grad_()


def gradient(x, output, upstream, like):
    """d (output * upstream).sum() / dx, in the dtype of ``like``."""
    (output * upstream).sum().backward()
    return x.grad.to(like.dtype)


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()


# -- embcat ------------------------------------------------------------------------------------

embcat = exercise("embcat_backward", title="dembcat: back through the weights")
embcat.hint("Which exercise of part 2 is this, under other names?")
embcat.hint("(n, H) times something must give (n, fan_in): W1 is (fan_in, H). Turn it around.")
embcat.hint("dhprebn @ W1.T")


@embcat.cases
def _(rng):
    for n, fan_in, hidden in SIZES:
        yield dict(dhprebn=rng.normal(n, hidden), W1=rng.normal(fan_in, hidden))
    yield dict(dhprebn=columns_first(rng.normal(4, 2)), W1=columns_first(rng.normal(6, 2, std=30)))
    f32 = dict(dtype=torch.float32)
    yield dict(dhprebn=rng.normal(2, 4, **f32), W1=rng.normal(6, 4, **f32))


@embcat.oracle
def _(dhprebn, W1):
    x = leaf(torch.zeros(len(dhprebn), len(W1)))
    return gradient(x, x @ W1.double(), dhprebn, dhprebn)


@embcat.misconception(
    "The transpose is missing. It only runs when W1 happens to be square, and is wrong even then: "
    "dhprebn (n, H) needs W1.T (H, fan_in)."
)
def no_transpose(dhprebn, W1):
    return dhprebn @ W1


@embcat.misconception(
    "The upstream gradient is missing: you summed the weights as if every dhprebn were 1."
)
def upstream_ignored(dhprebn, W1):
    return torch.ones_like(dhprebn) @ W1.T


@embcat.misconception(
    "The result is transposed, (fan_in, n): a gradient has the shape of its tensor, and embcat is "
    "(n, fan_in)."
)
def transposed(dhprebn, W1):
    return W1 @ dhprebn.T


@embcat.misconception(
    "You divided by n. The mean of the loss is inside dhprebn already; a matrix product adds no "
    "1 / n of its own."
)
def mean_again(dhprebn, W1):
    return dhprebn @ W1.T / len(dhprebn)


@embcat.variant("einsum")
def einsum(dhprebn, W1):
    return torch.einsum("nh,fh->nf", dhprebn, W1)


@embcat.variant("F.linear, which transposes by itself")
def linear(dhprebn, W1):
    return torch.nn.functional.linear(dhprebn, W1)


# -- W1 ----------------------------------------------------------------------------------------

W1 = exercise("W1_backward", title="dW1: back into the weights")
W1.hint("Which exercise of part 2 is this, under other names?")
W1.hint("embcat is (n, fan_in), dhprebn (n, H), and dW1 (fan_in, H): n must disappear.")
W1.hint("embcat.T @ dhprebn")


@W1.cases
def _(rng):
    for n, fan_in, hidden in SIZES:
        yield dict(dhprebn=rng.normal(n, hidden), embcat=rng.normal(n, fan_in))
    yield dict(dhprebn=columns_first(rng.normal(4, 2)), embcat=columns_first(rng.normal(4, 6)))
    f32 = dict(dtype=torch.float32)
    yield dict(dhprebn=rng.normal(2, 4, **f32), embcat=rng.normal(2, 6, **f32))


@W1.oracle
def _(dhprebn, embcat):
    x = leaf(torch.zeros(embcat.shape[1], dhprebn.shape[1]))
    return gradient(x, embcat.double() @ x, dhprebn, dhprebn)


@W1.misconception(
    "The result is transposed, (n_hidden, fan_in): W1 is (fan_in, n_hidden), and so is its "
    "gradient. embcat.T comes first."
)
def transposed(dhprebn, embcat):
    return dhprebn.T @ embcat


@W1.misconception(
    "The transpose is missing. n must be the dimension that is summed away: embcat.T @ dhprebn."
)
def no_transpose(dhprebn, embcat):
    return embcat @ dhprebn


@W1.misconception(
    "You divided by n. The mean of the loss is inside dhprebn already; here the examples' "
    "gradients add up."
)
def mean_again(dhprebn, embcat):
    return embcat.T @ dhprebn / len(embcat)


@W1.misconception(
    "You used one example of the batch. The same weights served all of them: sum over the batch."
)
def last_example(dhprebn, embcat):
    return torch.outer(embcat[-1], dhprebn[-1])


@W1.misconception("The upstream gradient is missing: you summed embcat as if every dhprebn were 1.")
def upstream_ignored(dhprebn, embcat):
    return embcat.T @ torch.ones_like(dhprebn)


@W1.variant("einsum")
def einsum(dhprebn, embcat):
    return torch.einsum("nf,nh->fh", embcat, dhprebn)


@W1.variant("broadcast and sum")
def broadcast(dhprebn, embcat):
    return (embcat.unsqueeze(2) * dhprebn.unsqueeze(1)).sum(0)


# -- b1 ----------------------------------------------------------------------------------------

b1 = exercise("b1_backward", title="db1: back into the bias")
b1.hint("Which exercise of part 2 is this, under other names?")
b1.hint("Copied into n rows forward, summed over n rows backward; b1 is (n_hidden,).")
b1.hint("dhprebn.sum(0)")


@b1.cases
def _(rng):
    for n, _, hidden in SIZES:
        yield dict(dhprebn=rng.normal(n, hidden, mean=0.5))
    yield dict(dhprebn=columns_first(rng.normal(4, 2, std=1e3)))
    yield dict(dhprebn=rng.normal(2, 4, dtype=torch.float32))


@b1.oracle
def _(dhprebn):
    x = leaf(torch.zeros(dhprebn.shape[1]))
    return gradient(x, torch.zeros_like(dhprebn) + x, dhprebn, dhprebn)


@b1.misconception(
    "A mean instead of a sum: the loss's 1 / n is inside dhprebn already, and the copies of the "
    "bias add up."
)
def mean(dhprebn):
    return dhprebn.mean(0)


@b1.misconception(
    "You summed over the neurons (dimension 1). The bias was copied down the batch, so sum over "
    "dimension 0."
)
def wrong_dimension(dhprebn):
    return dhprebn.sum(1)


@b1.misconception(
    "Right numbers, but shape (1, n_hidden): b1 is (n_hidden,), unlike bnbias. No keepdim here."
)
def keepdim(dhprebn):
    return dhprebn.sum(0, keepdim=True)


@b1.misconception(
    "The sum over the batch is missing: b1 has one number for each neuron, used in all n rows."
)
def unsummed(dhprebn):
    return dhprebn.clone()


@b1.misconception(
    "It is close to zero only when dhprebn comes out of a batchnorm. Here any upstream gradient "
    "may arrive, so compute it."
)
def zero(dhprebn):
    return torch.zeros_like(dhprebn[0])


@b1.variant("einsum")
def einsum(dhprebn):
    return torch.einsum("nh->h", dhprebn)


@b1.variant("row by row")
def rows(dhprebn):
    total = torch.zeros_like(dhprebn[0])
    for row in dhprebn:
        total += row
    return total


# -- emb ---------------------------------------------------------------------------------------

emb = exercise("emb_backward", title="demb: a change of shape")
emb.hint("view computes nothing: which numbers change?")
emb.hint("None. The gradient only has to be given the shape that emb has.")
emb.hint("dembcat.view(emb.shape)")

SHAPES = [(1, 2, 3), (4, 3, 2), (2, 3, 5), (5, 1, 4), (3, 3, 3)]  # n, block_size, n_embd


@emb.cases
def _(rng):
    for n, t, d in SHAPES:
        yield dict(dembcat=rng.normal(n, t * d), emb=rng.normal(n, t, d))
    yield dict(dembcat=columns_first(rng.normal(4, 6)), emb=rng.normal(4, 2, 3))
    f32 = dict(dtype=torch.float32)
    yield dict(dembcat=rng.normal(2, 12, **f32), emb=rng.normal(2, 3, 4, **f32))


@emb.oracle
def _(dembcat, emb):
    x = leaf(emb)
    return gradient(x, x.view(len(x), -1), dembcat, dembcat)


@emb.misconception(
    "Time and channel are swapped: you cut the row into n_embd pieces of block_size numbers. It is "
    "block_size embeddings of n_embd numbers, one after the other."
)
def swapped(dembcat, emb):
    n, t, d = emb.shape
    return dembcat.reshape(n, d, t).transpose(1, 2)


@emb.misconception(
    "The batch got mixed up: each row of dembcat is one example's context. Split the second "
    "dimension and leave the first alone."
)
def batch_mixed(dembcat, emb):
    n, t, d = emb.shape
    return dembcat.reshape(t, n, d).transpose(0, 1)


@emb.misconception(
    "The shape is still (n, block_size * n_embd): a gradient has the shape of its tensor, and emb "
    "has three dimensions."
)
def not_reshaped(dembcat, emb):
    return dembcat.clone()


@emb.misconception(
    "You multiplied by emb. A change of shape has local derivative 1: the numbers pass unchanged."
)
def times_value(dembcat, emb):
    return dembcat.reshape(emb.shape) * emb


@emb.misconception(
    "The transposed view has the right numbers in each example, but dimensions 1 and 2 are the "
    "wrong way round: emb is (n, block_size, n_embd)."
)
def dimensions_swapped(dembcat, emb):
    return dembcat.reshape(emb.shape).transpose(1, 2)


@emb.variant("unflatten")
def unflatten(dembcat, emb):
    return dembcat.unflatten(1, emb.shape[1:])


@emb.variant("split and stack")
def split(dembcat, emb):
    return torch.stack(dembcat.split(emb.shape[2], dim=1), dim=1)


@emb.variant("a loop")
def loop(dembcat, emb):
    demb = torch.zeros_like(emb)
    d = emb.shape[2]
    for t in range(emb.shape[1]):
        demb[:, t] = dembcat[:, t * d : (t + 1) * d]
    return demb


# -- C -----------------------------------------------------------------------------------------

C = exercise("C_backward", title="dC: a lookup, with repeated rows")
C.hint("A character that occurs four times in Xb: how often was its row of C used?")
C.hint(
    "Go through all places (i, t) and *add* demb[i, t] to row Xb[i, t] of a dC that starts at zero."
)
C.hint(
    "Two loops with dC[Xb[i, t]] += demb[i, t]. Without loops: "
    "torch.zeros_like(C).index_add_(0, Xb.flatten(), demb.flatten(0, 1))."
)


@C.cases
def _(rng):
    def case(n, t, v, d, **dtype):
        return dict(
            demb=rng.normal(n, t, d, **dtype),
            Xb=rng.integers(0, v, n, t),
            C=rng.normal(v, d, **dtype),
        )

    yield case(1, 1, 4, 2)
    yield case(4, 3, 5, 2)  # 12 places, 5 characters: repeats for sure
    yield case(2, 3, 27, 5)  # most characters are missing
    yield case(5, 2, 3, 4)
    same_row = case(2, 4, 6, 3)
    same_row["Xb"][1] = same_row["Xb"][0]  # the same context twice
    yield same_row
    dots = case(3, 3, 7, 2)
    dots["Xb"][:, :2] = 0  # the beginning of a name: . . and a character
    yield dots
    low = case(3, 2, 9, 4)
    low["Xb"] %= 4  # the last characters of the alphabet never occur
    yield low
    yield case(4, 3, 6, 2, dtype=torch.float32)


@C.oracle
def _(demb, Xb, C):
    x = leaf(C)
    return gradient(x, x[Xb], demb, demb)


@C.misconception(
    "Rows were assigned, not added: where a character repeats, only its last occurrence is left. "
    "`dC[Xb] += demb` does the same, since it reads all rows first and then writes each once."
)
def assigned(demb, Xb, C):
    dC = torch.zeros_like(C)
    dC[Xb] = demb
    return dC


@C.misconception(
    "You averaged over the occurrences of a character. Each use of a row adds to the loss's "
    "slope: sum them."
)
def averaged(demb, Xb, C):
    dC = torch.zeros_like(C).index_add_(0, Xb.flatten(), demb.flatten(0, 1))
    count = torch.bincount(Xb.flatten(), minlength=len(C)).clamp(min=1)
    return dC / count[:, None].to(dC.dtype)


@C.misconception(
    "You counted occurrences and left out the upstream gradient: add demb[i, t], not 1."
)
def upstream_ignored(demb, Xb, C):
    count = torch.bincount(Xb.flatten(), minlength=len(C))
    return count[:, None].to(demb.dtype).expand(C.shape)


@C.misconception(
    "Only the first position of each context was counted: go over all block_size positions."
)
def first_position(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb[:, 0], demb[:, 0])


@C.misconception(
    "The table is too short: it must have a row for every character of the alphabet, also for "
    "those after the largest index in this batch. Take the shape of C."
)
def too_short(demb, Xb, C):
    dC = torch.zeros(int(Xb.max()) + 1, C.shape[1], dtype=demb.dtype)
    return dC.index_add_(0, Xb.flatten(), demb.flatten(0, 1))


@C.misconception(
    "Xb and demb were flattened in different orders, so gradients went to other places' "
    "characters. Flatten both row by row."
)
def order_mixed(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb.T.flatten(), demb.flatten(0, 1))


@C.misconception(
    "You started from C and added to it. The gradient starts at zero; the values of C play no part "
    "in it."
)
def started_from_C(demb, Xb, C):
    return C.clone().index_add_(0, Xb.flatten(), demb.flatten(0, 1))


@C.misconception(
    "You multiplied by the embedding's values. A lookup is a copy, with local derivative 1."
)
def times_value(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb.flatten(), (demb * C[Xb]).flatten(0, 1))


@C.misconception(
    "You summed over the positions of a context first and gave the sum to each of its characters. "
    "Each position has its own character and its own gradient."
)
def positions_summed(demb, Xb, C):
    total = demb.sum(1, keepdim=True).expand_as(demb)
    return torch.zeros_like(C).index_add_(0, Xb.flatten(), total.flatten(0, 1))


@C.misconception(
    "The values are right but the dtype is not: torch.zeros(v, d) is float32 whatever the input. "
    "Use torch.zeros_like(C)."
)
def always_float32(demb, Xb, C):
    dC = torch.zeros(C.shape)
    for i in range(Xb.shape[0]):
        for t in range(Xb.shape[1]):
            dC[Xb[i, t]] += demb[i, t]
    return dC


@C.variant("index_add_")
def index_add(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb.view(-1), demb.view(-1, demb.shape[-1]))


@C.variant("one-hot, a matrix product")
def one_hot(demb, Xb, C):
    hot = torch.nn.functional.one_hot(Xb.flatten(), len(C)).to(demb.dtype)
    return hot.T @ demb.flatten(0, 1)


@C.variant("einsum")
def einsum(demb, Xb, C):
    hot = torch.nn.functional.one_hot(Xb, C.shape[0]).to(demb.dtype)
    return torch.einsum("ntv,ntd->vd", hot, demb)


@C.variant("index_put_ that accumulates")
def index_put(demb, Xb, C):
    return torch.zeros_like(C).index_put_((Xb,), demb, accumulate=True)


@C.variant("scatter_add_")
def scatter_add(demb, Xb, C):
    index = Xb.flatten()[:, None].expand(-1, demb.shape[2])
    return torch.zeros_like(C).scatter_add_(0, index, demb.flatten(0, 1))


@C.variant("character by character")
def by_character(demb, Xb, C):
    return torch.stack([demb[Xb == v].sum(0) for v in range(len(C))])
