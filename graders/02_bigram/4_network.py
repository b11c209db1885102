"""The bigram network: pairs, one-hot, logits, softmax, loss, one step, the loop, the spring."""

import string

import torch

from graders.authoring import Tol, differentiate, exercise


def alphabet(n):
    """'.' and n letters, to indices."""
    return {ch: i for i, ch in enumerate("." + string.ascii_lowercase[:n])}


def ramp(like):
    """An upstream gradient of the same shape: all different, and with a sum that is not 0."""
    return torch.linspace(-1, 2, like.numel(), dtype=like.dtype).view(like.shape)


# -- make_pairs ----------------------------------------------------------------------------------

pairs = exercise("make_pairs", title="examples: input and target")
pairs.hint(
    "A word of k letters makes k + 1 examples. Which characters can be an input, which a target?"
)
pairs.hint(
    'ids = [stoi[ch] for ch in "." + word + "."]: inputs are all but the last, targets all but the first.'
)
pairs.hint("Add ids[:-1] to xs and ids[1:] to ys, word by word; at the end torch.tensor of each.")


@pairs.cases
def _(rng):
    for letters, sizes in [(3, (1,)), (3, (4, 1, 1)), (6, (2, 5, 3)), (26, (7, 2))]:
        stoi = alphabet(letters)
        words = [
            "".join(rng.choice("." + string.ascii_lowercase[:letters]) for _ in range(n))
            for n in sizes
        ]
        words = [w.replace(".", string.ascii_lowercase[letters - 1]) for w in words]
        yield dict(words=words, stoi=stoi)
    # neither alphabetical, nor is '.' number 0: only stoi may say
    order = rng.shuffled(".abcxyz")
    yield dict(words=["abba", "zyx", "abba"], stoi={ch: i for i, ch in enumerate(order)})
    yield dict(words=["héé"], stoi={"h": 3, "é": 1, ".": 2, "q": 0})
    yield dict(words=["ba", "", "b"], stoi=alphabet(2))


@pairs.check("index tensors")
def _(m, words, stoi):
    """Inputs and targets are used as indices later; only int64 will do everywhere."""
    made = m.make_pairs(words, stoi)
    return [len(made), [str(t.dtype) for t in made], [list(t.shape) for t in made]]


@pairs.misconception(
    "The end of a word is missing: the last letter is followed by '.', and the network must learn "
    "when to stop."
)
def no_end(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "An empty word was left out. It is an example too: after '.' comes '.' straight away."
)
def without_empty(words, stoi):
    kept = [w for w in words if w]
    xs = [stoi[c] for w in kept for c in "." + w]
    return torch.tensor(xs), torch.tensor([stoi[c] for w in kept for c in w + "."])


@pairs.misconception(
    "The beginning of a word is missing: '.' is followed by the first letter, or nothing could ever "
    "be started."
)
def no_start(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "Neither the beginning nor the end of a word is there: put '.' before and after each."
)
def bare_words(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in w]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs, dtype=torch.int64), torch.tensor(ys, dtype=torch.int64)


@pairs.misconception(
    "The words were joined to one long text with a single '.' between them, so that '.' at the end of "
    "one is the '.' at the start of the next. It gives the same examples, one word after the other, only "
    "if you leave out nothing: here those of the first '.' are missing."
)
def joined(words, stoi):
    ids = [stoi[c] for c in ".".join(words) + "."]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception(
    "Each word begins and ends with '.', and you paired the two where words meet: (., .) is no "
    "bigram of any word."
)
def across_words(words, stoi):
    ids = [stoi[c] for c in "".join("." + w + "." for w in words)]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception("Inputs and targets are swapped: ys[i] follows xs[i].")
def swapped(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[1:]
        ys += ids[:-1]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "Every input is its own target. The target is the character that comes next: shift by one."
)
def not_shifted(words, stoi):
    ids = [stoi[c] for w in words for c in "." + w]
    return torch.tensor(ids), torch.tensor(ids)


@pairs.misconception(
    "Only the first word was used: the lists are made anew, or returned, inside the loop."
)
def first_word(words, stoi):
    ids = [stoi[c] for c in "." + words[0] + "."]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception(
    "Only the last word was kept: the lists are made anew for each word. Make them once, before the loop."
)
def last_word(words, stoi):
    ids = [stoi[c] for c in "." + words[-1] + "."]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception(
    "Each bigram appears once here. Repeats count: what is frequent must be seen often."
)
def only_distinct(words, stoi):
    seen = {}
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        for i in range(len(ids) - 1):
            seen[ids[i], ids[i + 1]] = None
    xs, ys = zip(*seen, strict=True)
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "The indices are floats (torch.Tensor, with a capital T, makes float32 of everything). "
    "torch.tensor keeps integers."
)
def float_indices(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.Tensor(xs), torch.Tensor(ys)


@pairs.misconception(
    "These are Python lists. Make a tensor of each: torch.tensor(xs), torch.tensor(ys)."
)
def lists(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return xs, ys


@pairs.misconception(
    "The indices were computed from the alphabet (ord(ch) - 96). They are whatever stoi says: look them up."
)
def by_ord(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [0 if c == "." else ord(c) - 96 for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception("'.' is not always 0: take its index from stoi, as for any other character.")
def dot_is_zero(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [0, *[stoi[c] for c in w], 0]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "One tensor of n pairs comes back. Two are asked for, inputs and targets: (xs, ys)."
)
def one_tensor(words, stoi):
    rows = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        rows += [ids[i : i + 2] for i in range(len(ids) - 1)]
    return torch.tensor(rows)


@pairs.variant("zip")
def with_zip(words, stoi):
    rows = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".", strict=True)]
    xs, ys = zip(*rows, strict=True)
    return torch.tensor(xs), torch.tensor(ys)


@pairs.variant("one long text, with the right number of dots")
def one_text(words, stoi):
    ids = torch.tensor([stoi[c] for c in "." + ".".join(words) + "."])
    return ids[:-1], ids[1:]


# -- one_hot -------------------------------------------------------------------------------------

hot = exercise("one_hot", title="one-hot vectors")
hot.hint("torch.nn.functional has a function of that name. Read what its num_classes is for.")
hot.hint("F.one_hot gives int64. What do weights want?")
hot.hint("return F.one_hot(xs, num_classes=num_classes).float()")


@hot.cases
def _(rng):
    for n, width in [(1, 1), (4, 3), (3, 9), (5, 5), (1, 6)]:
        yield dict(xs=rng.integers(0, width, n), num_classes=width)
    yield dict(
        xs=torch.tensor([1, 0, 1, 1]), num_classes=4
    )  # never the last: the width must be told
    yield dict(xs=torch.zeros(3, dtype=torch.int64), num_classes=2)
    yield dict(xs=torch.zeros(0, dtype=torch.int64), num_classes=3)


@hot.misconception(
    "The vectors are int64, as F.one_hot makes them. They are to be multiplied by float32 weights: "
    "add .float()."
)
def integers(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes)


@hot.misconception(
    "The width came from the largest index that happens to be in xs. Pass num_classes, or a batch "
    "without 'z' "
    "gets narrower vectors than one with it."
)
def width_from_data(xs, num_classes):
    return torch.eye(int(xs.max()) + 1 if len(xs) else 0)[xs]


@hot.misconception("The width is 27, whatever num_classes says: use the argument.")
def always_27(xs, num_classes):
    return torch.nn.functional.one_hot(xs, 27).float()


@hot.misconception("Rows and columns are swapped: one *row* for each index.")
def transposed(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes).float().T


@hot.misconception(
    "Each row has its index in place of the 1. The size of an index means nothing: write a 1."
)
def index_for_one(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes).float() * xs.view(-1, 1)


@hot.misconception(
    "This is one row with a 1 at every index that occurs. Each index gets a row of its own."
)
def many_hot(xs, num_classes):
    row = torch.zeros(num_classes)
    row[xs] = 1
    return row


@hot.misconception(
    "`out[:, xs] = 1` sets these columns in every row. Pair row numbers with indices: "
    "out[torch.arange(n), xs] = 1."
)
def all_columns(xs, num_classes):
    out = torch.zeros(len(xs), num_classes)
    out[:, xs] = 1
    return out


@hot.misconception("Counted from 1: index 0 belongs to the first column.")
def off_by_one(xs, num_classes):
    return torch.roll(torch.nn.functional.one_hot(xs, num_classes).float(), 1, dims=1)


@hot.misconception(
    "The result is float64. Weights are float32, and the two do not multiply: .float(), not .double()."
)
def doubles(xs, num_classes):
    return torch.nn.functional.one_hot(xs, num_classes).double()


@hot.misconception(
    "The vectors are of type bool. Comparing is a fine way to make them; then add .float()."
)
def booleans(xs, num_classes):
    return xs.view(-1, 1) == torch.arange(num_classes)


@hot.variant("rows of the identity matrix")
def identity(xs, num_classes):
    return torch.eye(num_classes)[xs]


@hot.variant("compared with all indices")
def compared(xs, num_classes):
    return (xs[:, None] == torch.arange(num_classes)[None, :]).to(torch.float32)


@hot.variant("scatter")
def scattered(xs, num_classes):
    return torch.zeros(xs.shape[0], num_classes).scatter_(1, xs.view(-1, 1), 1.0)


@hot.variant("a loop")
def loop(xs, num_classes):
    out = torch.zeros((len(xs), num_classes))
    for i, x in enumerate(xs.tolist()):
        out[i, x] = 1.0
    return out


# -- bigram_logits -------------------------------------------------------------------------------

logits_ = exercise("bigram_logits", title="the layer: logits")
logits_.hint("It is one matrix product. Of what with what?")
logits_.hint(
    "How wide must the one-hot vectors be, so that the product with W fits? W.shape knows."
)
logits_.hint("return one_hot(xs, W.shape[0]) @ W")


@logits_.cases
def _(rng):
    for n, v, out in [(4, 3, 5), (1, 6, 2), (7, 4, 4), (3, 27, 27), (5, 5, 5)]:
        xs = rng.integers(0, v, n)
        if n > 1:
            xs[0], xs[-1] = xs[0], xs[0]  # repeated characters: gradients add up
        yield dict(xs=xs, W=rng.normal(v, out, dtype=torch.float32))
    yield dict(xs=torch.tensor([0, 1, 1]), W=rng.normal(8, 3, dtype=torch.float32))
    yield dict(xs=torch.tensor([2, 0]), W=rng.normal(3, 3, std=1000, dtype=torch.float32))


@logits_.check("gradients")
def _(m, xs, W):
    W.requires_grad_()
    logits = m.bigram_logits(xs, W)
    return dict(differentiate(logits, {"W": W}, ramp(logits.detach())))


logits_.misconception(
    "The width of the one-hot vectors is 27, whatever W is: take W.shape[0].",
    name="width_27",
    replace="one_hot(xs, W.shape[0])",
    by="one_hot(xs, 27)",
)
logits_.misconception(
    "The width of the one-hot vectors came from W's columns. The product needs W's *rows*: (n, "
    "vocab_size) @ "
    "(vocab_size, n_out). With a square W nobody notices.",
    name="width_of_columns",
    replace="W.shape[0]",
    by="W.shape[1]",
)
logits_.misconception(
    "W is transposed, so the numbers come from its columns. Row i of W is what follows character i.",
    name="columns",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="one_hot(xs, W.shape[1]) @ W.T",
)
logits_.misconception(
    "Softmax comes later: logits are the bare product.",
    name="softmax_already",
    replace="@ W",
    by="@ W.softmax(1)",
)
logits_.misconception(
    "exp comes later, in softmax: logits are logarithms of counts, and may be negative.",
    name="exp_already",
    replace="return one_hot(xs, W.shape[0]) @ W",
    by="return (one_hot(xs, W.shape[0]) @ W).exp()",
)
logits_.misconception(
    "The index itself was multiplied in: character 13 is not thirteen times as much as 1. Make "
    "one-hot vectors.",
    name="index_as_number",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="xs.view(-1, 1).float() * W[0]",
)
logits_.misconception(
    "W is detached (.data, no_grad): the values are right, but no gradient ever reaches W.",
    name="detached",
    replace="@ W",
    by="@ W.detach()",
)
logits_.misconception(
    "The bias of a layer was added. This network has none; W alone is all it needs.",
    name="bias",
    replace="@ W",
    by="@ W + 1",
)
logits_.misconception(
    "The product was scaled. There is nothing to scale here: one-hot rows only pick out rows of W.",
    name="scaled",
    replace="@ W",
    by="@ W / W.shape[0] ** 0.5",
)
logits_.variant(
    "a row of W for each index", name="rows", replace="one_hot(xs, W.shape[0]) @ W", by="W[xs]"
)
logits_.variant(
    "torch's embedding",
    name="embedding",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="F.embedding(xs, W)",
)
logits_.variant(
    "einsum",
    name="einsum",
    replace="one_hot(xs, W.shape[0]) @ W",
    by='torch.einsum("nv,vo->no", one_hot(xs, len(W)), W)',
)
logits_.variant(
    "the other way round",
    name="transposed_product",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="(W.T @ one_hot(xs, W.size(0)).T).T",
)

# -- softmax -------------------------------------------------------------------------------------

soft = exercise("softmax", title="softmax by hand")
soft.hint(
    "exp, then divide by the row sums, with keepdim=True as in part 2. What if a logit is 1000?"
)
soft.hint("Subtract from each row its own maximum before exp: logits.max(1, keepdim=True).values.")
soft.hint(
    "counts = (logits - logits.max(1, keepdim=True).values).exp(); return counts / counts.sum(1, "
    "keepdim=True)"
)


@soft.cases
def _(rng):
    for n, v in [(1, 4), (4, 4), (3, 5), (5, 2), (6, 1)]:
        yield dict(logits=rng.normal(n, v, std=2))
    yield dict(logits=rng.normal(4, 27, dtype=torch.float32))
    # some so large that exp is inf, some so far below another row that exp of the difference is 0
    yield dict(
        logits=rng.normal(3, 4) + torch.tensor([[1000.0], [-1000.0], [0.0]], dtype=torch.float64)
    )
    # in float64, because float32 numbers near 1e4 are 0.001 apart, which `logits - logsumexp` would show
    huge = [[1e4, 9999.0, -1e4], [-1e4, -1e4, -9999.0]]
    yield dict(logits=torch.tensor(huge, dtype=torch.float64))
    yield dict(logits=torch.tensor([[95.0, 94.0], [-110.0, -111.0], [0.0, 1.0]]))
    yield dict(logits=torch.zeros(2, 3, dtype=torch.float64))


@soft.oracle
def _(logits):
    return torch.nn.functional.softmax(logits, 1)


def soft_gradient_cases(rng):
    for n, v in [(1, 4), (4, 4), (3, 5), (5, 2)]:
        yield dict(logits=rng.normal(n, v, std=2))
    yield dict(logits=rng.normal(2, 3) + torch.tensor([[800.0], [-800.0]], dtype=torch.float64))


# the gradient of the normalization cancels in part: its terms are at most 2, float64, far below 1e-9
@soft.check("gradients", cases=soft_gradient_cases)
def _(m, logits):
    logits.requires_grad_()
    probs = m.softmax(logits)
    return dict(differentiate(probs, {"logits": logits}, ramp(probs.detach())))


@soft.misconception(
    "No maximum is subtracted: exp(1000) is inf and inf / inf is NaN, and a row of -1000s gives 0 / 0. "
    "Take each row's maximum away first."
)
def no_max(logits):
    counts = logits.exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "You subtracted the largest number of the whole tensor. A row far below it becomes 0 / 0: each row "
    "needs its own maximum."
)
def global_max(logits):
    counts = (logits - logits.max()).exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "The maxima of the columns were subtracted, one number for each character. That changes the model: "
    "only what is the same for a whole row cancels. max(1, keepdim=True)."
)
def max_of_columns(logits):
    counts = (logits - logits.max(0, keepdim=True).values).exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "You clamped the logits so that exp stays finite: large ones are all the same then. Subtract "
    "each row's maximum, which changes nothing on paper."
)
def clamped(logits):
    counts = logits.clamp(-50, 50).exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "The columns sum to 1. Each *row* is a distribution: dimension 1, with keepdim=True."
)
def over_columns(logits):
    return logits.softmax(0)


@soft.misconception(
    "The whole tensor sums to 1. Each row is a distribution of its own: sum over dimension 1."
)
def over_all(logits):
    return logits.flatten().softmax(0).view(logits.shape)


@soft.misconception(
    "keepdim=True is missing in the sum: the row sums lie down as a row, and column j is divided by "
    "the sum of row j."
)
def no_keepdim(logits):
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    return counts / counts.sum(1)


@soft.misconception(
    "exp is missing: negative logits would be negative probabilities. exp first, then divide by the sum."
)
def no_exp(logits):
    return logits / logits.sum(1, keepdim=True)


@soft.misconception("These are the counts, exp(logits): divide each row by its sum.")
def not_normalized(logits):
    return (logits - logits.max(1, keepdim=True).values).exp()


@soft.misconception(
    "These are log-probabilities. Return the probabilities themselves; the logarithm comes in the loss."
)
def log_probabilities(logits):
    return logits.log_softmax(1)


@soft.misconception(
    "Powers of 2 in place of e. The gradient, and every published number, come from exp."
)
def base_two(logits):
    counts = 2 ** (logits - logits.max(1, keepdim=True).values)
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "This is 1 for the largest logit, 0 for all others: no probability, and nothing to learn from."
)
def hard_max(logits):
    return torch.nn.functional.one_hot(logits.argmax(1), logits.shape[1]).to(logits.dtype)


@soft.misconception(
    "A small number was added to the sum 'against division by zero'. With the maximum subtracted the "
    "sum is at "
    "least 1, and now the rows no longer sum to 1."
)
def epsilon(logits):
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    return counts / (counts.sum(1, keepdim=True) + 1e-5)


soft.misconception(
    "The result is cut off from the logits (detach, .data, no_grad): nothing can be trained through it.",
    name="detached",
    replace="counts = (logits - logits",
    by="logits = logits.detach()\n    counts = (logits - logits",
)
soft.misconception(
    "The row sums are detached. They depend on every logit of the row: without them the gradient lacks "
    "the part that pushes all other characters down.",
    name="sum_detached",
    replace="counts.sum(1, keepdim=True)",
    by="counts.sum(1, keepdim=True).detach()",
)
soft.misconception(
    "`-=` works in place: it changes the caller's logits. Make a new tensor: logits - max.",
    name="in_place",
    replace="counts = (logits - logits.max(1, keepdim=True).values).exp()",
    by="logits -= logits.detach().max(1, keepdim=True).values\n    counts = logits.exp()",
)
soft.misconception(
    "float32 whatever the logits were: keep their dtype.",
    name="float32",
    replace="counts = (logits",
    by="logits = logits.float()\n    counts = (logits",
)
soft.variant(
    "torch's own",
    name="functional",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return logits.softmax(dim=-1)",
)
soft.variant(
    "the maximum without gradient",
    name="max_detached",
    replace="(logits - logits.max(1, keepdim=True).values)",
    by="(logits - logits.detach().amax(1, keepdim=True))",
)
soft.variant(
    "exp of log-probabilities",
    name="logsumexp",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return (logits - logits.logsumexp(1, keepdim=True)).exp()",
)
soft.variant(
    "row by row",
    name="rows",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return torch.stack([row / row.sum() for row in counts])",
)
soft.variant(
    "transposed, normalized, and back",
    name="transposed",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return (counts.T / counts.sum(1)).T",
)

# -- nll_loss ------------------------------------------------------------------------------------

nll = exercise("nll_loss", title="the loss of the network")
nll.hint("Of each row of probs only one number counts. Which?")
nll.hint(
    "probs[torch.arange(n), ys] picks it from every row. Then the logarithm, the mean, the minus."
)
nll.hint("return -probs[torch.arange(n), ys].log().mean(), with n = ys.shape[0]")


@nll.cases
def _(rng):
    for n, v in [(1, 3), (4, 4), (5, 3), (3, 7), (40, 27)]:
        ys = rng.integers(0, v, n)
        if n > 1:  # never all equal, or a column could be taken for the picked elements
            ys[1] = (ys[0] + 1) % v
        yield dict(probs=rng.normal(n, v, std=1.5).softmax(1), ys=ys)
    yield dict(probs=rng.normal(6, 5, dtype=torch.float32).softmax(1), ys=rng.integers(0, 5, 6))
    # very small probabilities: nothing may be added or clamped
    probs = torch.tensor([[1e-12, 1 - 1e-12], [0.25, 0.75], [1e-30, 1.0]], dtype=torch.float64)
    yield dict(probs=probs, ys=torch.tensor([0, 1, 0]))
    yield dict(probs=rng.normal(4, 4).softmax(1), ys=torch.tensor(rng.shuffled(range(4))))


@nll.check("gradients")
def _(m, probs, ys):
    probs.requires_grad_()
    up = torch.tensor(-1.7, dtype=probs.dtype)
    return dict(differentiate(m.nll_loss(probs, ys), {"probs": probs}, up))


@nll.check("a tensor")
def _(m, probs, ys):
    """A plain number would have no backward()."""
    loss = m.nll_loss(probs, ys)
    return [isinstance(loss, torch.Tensor), tuple(loss.shape), str(loss.dtype)]


@nll.misconception(
    "The losses were summed. Take their mean, so that the loss does not grow with the number of examples."
)
def summed(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log().sum()


@nll.misconception(
    "The minus is missing: this is the log-likelihood, and going downhill on it makes the model worse."
)
def positive(probs, ys):
    return probs[torch.arange(len(ys)), ys].log().mean()


@nll.misconception(
    "`probs[:, ys]` takes len(ys) columns of *every* row. Pair row numbers with targets: "
    "probs[torch.arange(n), ys]."
)
def columns_of_every_row(probs, ys):
    return -probs[:, ys].log().mean()


@nll.misconception(
    "The logarithm is missing: the average probability was taken. (F.nll_loss takes none either; it wants "
    "log-probabilities.)"
)
def no_log(probs, ys):
    return -probs[torch.arange(len(ys)), ys].mean()


@nll.misconception(
    "The probabilities were averaged, and then the logarithm was taken. Each example has its own "
    "logarithm; the mean comes last."
)
def log_of_mean(probs, ys):
    return -probs[torch.arange(len(ys)), ys].mean().log()


@nll.misconception(
    "The targets were not used: this is the entropy-like mean over *all* probabilities. Pick those of ys."
)
def all_elements(probs, ys):
    return -probs.log().mean()


@nll.misconception(
    "The targets were not used: the most likely character of each row was scored, however wrong it is."
)
def of_the_favorite(probs, ys):
    return -probs.max(1).values.log().mean()


@nll.misconception(
    "log(p + 1e-9) caps the cost of a bad guess at 20.7, and beyond that there is no slope. probs "
    "come from a softmax: leave them."
)
def plus_1e_9(probs, ys):
    return -(probs[torch.arange(len(ys)), ys] + 1e-9).log().mean()


@nll.misconception(
    "Clamped probabilities make all bad guesses equal, with a gradient of 0. Leave them as they are."
)
def clamp_probs(probs, ys):
    return -probs[torch.arange(len(ys)), ys].clamp(min=1e-9).log().mean()


@nll.misconception(
    "That is the logarithm to base 2. The loss is measured with the natural one, torch.log."
)
def base_two(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log2().mean()


@nll.misconception(
    "This is the mean squared error between probs and one-hot targets. Asked is -log of the targets' "
    "probabilities."
)
def squared_error(probs, ys):
    hot = torch.nn.functional.one_hot(ys, probs.shape[1]).to(probs.dtype)
    return ((probs - hot) ** 2).mean()


@nll.misconception(
    "F.cross_entropy wants logits and takes a softmax of its own. These are probabilities already."
)
def softmax_twice(probs, ys):
    return torch.nn.functional.cross_entropy(probs, ys)


@nll.misconception("One loss for each example comes back. Their mean, one number, is wanted.")
def not_reduced(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log()


@nll.misconception(
    "Divided by all elements, n * vocab_size: there is one loss for each example, so divide by n."
)
def over_all_elements(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log().sum() / probs.numel()


nll.misconception(
    "`.item()` (or float) made a plain number of the loss. Nobody can call backward() on it: return "
    "the tensor.",
    name="item",
    replace=".mean()",
    by=".mean().item()",
)
nll.misconception(
    "The loss is detached from probs: right value, but no gradient and so no training.",
    name="detached",
    replace="-probs[",
    by="-probs.detach()[",
)
nll.misconception(
    "The loss has a dimension, of size 1. mean() without keepdim gives a tensor without any.",
    name="one_dimension",
    replace=".mean()",
    by=".mean(0, keepdim=True)",
)
nll.variant(
    "gather",
    name="gather",
    replace="probs[torch.arange(n), ys].log()",
    by="probs.gather(1, ys[:, None]).squeeze(1).log()",
)
nll.variant(
    "torch's nll_loss of the logarithms",
    name="functional",
    replace="return -probs[torch.arange(n), ys].log().mean()",
    by="return F.nll_loss(probs.log(), ys)",
)
nll.variant(
    "logarithms first",
    name="log_first",
    replace="probs[torch.arange(n), ys].log()",
    by="probs.log()[torch.arange(n), ys]",
)
nll.variant(
    "a loop",
    name="loop",
    replace="return -probs[torch.arange(n), ys].log().mean()",
    by="return -sum(probs[i, y].log() for i, y in enumerate(ys)) / n",
)
nll.variant(
    "one-hot as a mask",
    name="mask",
    replace="return -probs[torch.arange(n), ys].log().mean()",
    by="return -(probs * one_hot(ys, probs.shape[1])).sum(1).log().sum() / n",
)

# -- gradient_step -------------------------------------------------------------------------------

step = exercise("gradient_step", title="one step downhill", pure=False)
step.hint("Three lines: clear, backward, update. In that order.")
step.hint(
    "Clear: W.grad = None. The update changes W.data in place, so that autograd does not record it."
)
step.hint("W.grad = None; loss.backward(); W.data += -lr * W.grad")


@step.cases
def _(rng):
    for shape in [(1,), (3, 4), (4, 4), (2, 5)]:
        yield dict(
            W=rng.normal(*shape), target=rng.normal(*shape), lr=rng.number(0.05, 0.4), steps=3
        )
    yield dict(
        W=rng.normal(5, 3, dtype=torch.float32),
        target=rng.normal(5, 3, dtype=torch.float32),
        lr=2.5,
        steps=2,
    )
    yield dict(W=rng.normal(2, 2), target=rng.normal(2, 2), lr=-0.3, steps=1)
    yield dict(W=rng.normal(2, 2), target=rng.normal(2, 2), lr=0.0, steps=2)


def bowl(W, target):
    """A loss that is not the same in all directions, and not a parabola."""
    weights = torch.linspace(0.5, 2, W.numel(), dtype=W.dtype).view(W.shape)
    return (weights * (W - target) ** 2).sum() + (W.sin() * target).sum()


@step.scenario
def _(m, W, target, lr, steps):
    W.requires_grad_()
    held = W
    seen = []
    for _ in range(steps):
        returned = m.gradient_step(W, bowl(W, target), lr)
        seen.append(W.detach().clone())
    return {
        "W after each step": seen,
        "returns nothing": returned is None,
        "the same tensor": held is W,
        "still a leaf": W.is_leaf,
        "still trainable": W.requires_grad,
    }


@step.check("old gradients")
def _(m, W, target, lr, steps):
    """A gradient of an earlier step is there; it must not count again."""
    W.requires_grad_()
    W.grad = torch.full_like(W, 3.0)
    m.gradient_step(W, bowl(W, target), lr)
    return W.detach().clone()


@step.check("a view of W sees the step")
def _(m, W, target, lr, steps):
    """Changed in place: the numbers in memory, not only what the name means."""
    other = W.view(-1)
    W.requires_grad_()
    m.gradient_step(W, bowl(W, target), lr)
    return other.clone()


step.misconception(
    "Gradients pile up: backward() adds to W.grad. Clear it before each backward: W.grad = None.",
    name="not_cleared",
    replace="    W.grad = None\n",
    by="",
)
step.misconception(
    "There is no gradient when it is needed: backward() was not called, or its result was cleared before "
    "the update. Clear, backward, update.",
    name="cleared_after_backward",
    edits=[
        (
            "    W.grad = None\n    loss.backward()\n",
            "    loss.backward()\n    W.grad = None\n",
        ),
    ],
)
step.misconception(
    "Cleared after the update only. The caller may have left an old gradient in W.grad: clear it "
    "*before* backward.",
    name="cleared_at_the_end",
    edits=[
        ("    W.grad = None\n", ""),
        ("    W.data += -lr * W.grad", "    W.data += -lr * W.grad\n    W.grad = None"),
    ],
)
step.misconception(
    "You went uphill: the gradient points to where the loss grows. Subtract lr times it.",
    name="uphill",
    replace="+= -lr",
    by="+= lr",
)
step.misconception(
    "The learning rate is not used: the step is lr times the gradient.",
    name="no_lr",
    replace="-lr * W.grad",
    by="-W.grad",
)
step.misconception(
    "A learning rate of your own: take the argument.",
    name="own_lr",
    replace="-lr * W.grad",
    by="-0.1 * W.grad",
)
step.misconception(
    "Nothing moved. `W = W - lr * W.grad` gives the *name* W, inside your function, to a new tensor; "
    "and zeroing W.grad between backward and update leaves no step. Change "
    "its numbers in place: W.data += -lr * W.grad.",
    name="rebound",
    replace="W.data += -lr * W.grad",
    by="W = W - lr * W.grad",
)
step.misconception(
    "`W.data = ...` puts another tensor's memory under W: whoever looks at the old memory sees no "
    "step. In place: "
    "W.data += ...",
    name="new_memory",
    replace="W.data += -lr * W.grad",
    by="W.data = W.data - lr * W.grad",
)
step.misconception(
    "The update was recorded: torch refuses to change a leaf that requires a gradient in place. "
    "Change W.data, or "
    "work under torch.no_grad().",
    name="recorded",
    replace="W.data +=",
    by="W +=",
)
step.misconception(
    "Only the sign of the gradient was used. Where the slope is steep, the step is long: lr times "
    "the gradient itself.",
    name="sign",
    replace="-lr * W.grad",
    by="-lr * W.grad.sign()",
)
step.misconception(
    "The gradient was normalized to length 1. Plain gradient descent takes it as it is: a flat place "
    "means a small step.",
    name="normalized",
    replace="-lr * W.grad",
    by="-lr * W.grad / W.grad.norm()",
)
step.misconception(
    "Two steps for one: the update is applied twice.",
    name="twice",
    replace="-lr * W.grad",
    by="-2 * lr * W.grad",
)
step.misconception(
    "W was multiplied by the step. Add it: W.data += -lr * W.grad.",
    name="multiplied",
    replace="W.data += -lr * W.grad",
    by="W.data *= 1 - lr * W.grad",
)
step.misconception(
    "W no longer requires a gradient: the next step would find nothing to go along. Leave the flag on.",
    name="flag_off",
    replace="    W.data += -lr * W.grad",
    by="    W.data += -lr * W.grad\n    W.requires_grad_(False)",
)
step.misconception(
    "The new weights were returned. Fine to look at, but the docstring says None: W itself has changed.",
    name="returned",
    replace="    W.data += -lr * W.grad",
    by="    W.data += -lr * W.grad\n    return W",
)
step.variant(
    "zero_, then no_grad",
    name="no_grad",
    source="""
def gradient_step(W, loss, lr):
    if W.grad is not None:
        W.grad.zero_()
    loss.backward()
    with torch.no_grad():
        W -= lr * W.grad
""",
)
step.variant(
    "torch.optim.SGD",
    name="sgd",
    source="""
def gradient_step(W, loss, lr):
    optimizer = torch.optim.SGD([W], lr=abs(lr), maximize=lr < 0)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
)
step.variant(
    "autograd.grad",
    name="grad",
    source="""
def gradient_step(W, loss, lr):
    (slope,) = torch.autograd.grad(loss, [W])
    W.data.sub_(slope, alpha=lr)
""",
)
step.variant(
    "cleared after, too",
    name="cleared_twice",
    source="""
def gradient_step(W, loss, lr):
    W.grad = torch.zeros_like(W)
    loss.backward()
    with torch.no_grad():
        W.copy_(W - lr * W.grad)
    W.grad = None
""",
)

# -- train ---------------------------------------------------------------------------------------

train = exercise("train", title="the loop", pure=False)
train.hint("For each step: the loss of W as it is now, note it, one gradient_step.")
train.hint("loss_fn(W) belongs inside the loop: a loss computed once knows only the first weights.")
train.hint(
    "losses = []; for _ in range(steps): loss = loss_fn(W); losses.append(loss.item()); "
    "gradient_step(W, loss, lr); return losses"
)


@train.cases
def _(rng):
    for shape, steps in [((1,), 4), ((3, 4), 3), ((2, 2), 1), ((2, 5), 6)]:
        yield dict(
            W=rng.normal(*shape), target=rng.normal(*shape), lr=rng.number(0.05, 0.3), steps=steps
        )
    yield dict(W=rng.normal(2, 3), target=rng.normal(2, 3), lr=0.2, steps=0)
    yield dict(
        W=rng.normal(2, 2), target=rng.normal(2, 2), lr=3.0, steps=4
    )  # too large: the loss grows


@train.scenario
def _(m, W, target, lr, steps):
    W.requires_grad_()
    W.grad = torch.full_like(W, 5.0)  # left from somewhere
    losses = m.train(W, lambda W: bowl(W, target), steps, lr)
    return {"losses": losses, "W": W.detach().clone(), "still trainable": W.requires_grad}


@train.check("plain numbers")
def _(m, W, target, lr, steps):
    """Tensors in the list would keep the graph of every step in memory."""
    losses = m.train(W.requires_grad_(), lambda W: bowl(W, target), steps, lr)
    return [type(losses) is list, all(type(loss) is float for loss in losses)]


@train.check("calls of loss_fn")
def _(m, W, target, lr, steps):
    """What loss_fn was called with: W as it was at each step, and no more often than needed."""
    seen = []

    def loss_fn(V):
        seen.append([V is W, V.detach().clone()])
        return bowl(V, target)

    m.train(W.requires_grad_(), loss_fn, steps, lr)
    return seen[:steps]


@train.check("twice in a row")
def _(m, W, target, lr, steps):
    """A second call goes on from where the first one ended, and starts a list of its own."""
    W.requires_grad_()
    first = m.train(W, lambda W: bowl(W, target), steps, lr)
    second = m.train(W, lambda W: bowl(W, -target), steps, lr / 2)
    return [first, second, W.detach().clone()]


@train.check("a small network learns")
def _(m, W, target, lr, steps):
    """The real thing: probabilities of pairs, on three characters."""
    xs, ys = torch.tensor([0, 1, 2, 0, 1, 2, 2]), torch.tensor([1, 2, 0, 1, 2, 0, 1])
    V = torch.zeros(3, 3, dtype=torch.float64).requires_grad_()

    def loss_fn(V):
        return -V.log_softmax(1)[xs, ys].mean()

    return [m.train(V, loss_fn, 5, 2.0), V.detach().clone()]


train.misconception(
    "The loss was computed once, before the loop. It knows only the first weights: call loss_fn(W) "
    "anew for each step.",
    name="computed_once",
    source="""
def train(W, loss_fn, steps, lr):
    losses = []
    loss = loss_fn(W)
    W.grad = None
    loss.backward()
    for _ in range(steps):
        losses.append(loss.item())
        W.data += -lr * W.grad
    return losses
""",
)
train.misconception(
    "backward() runs a second time through the same graph. Compute the loss anew in each step: "
    "loss_fn(W) inside the loop.",
    name="same_graph",
    replace="    losses = []\n    for _ in range(steps):\n        loss = loss_fn(W)\n",
    by="    losses = []\n    loss = loss_fn(W)\n    for _ in range(steps):\n",
)
train.misconception(
    "These are the losses *after* each step. Note the loss that the step was computed from.",
    name="losses_after",
    replace="        losses.append(loss.item())\n        gradient_step(W, loss, lr)",
    by="        gradient_step(W, loss, lr)\n        losses.append(loss_fn(W).item())",
)
train.misconception(
    "One step too many: range(steps), no + 1.",
    name="one_too_many",
    replace="range(steps)",
    by="range(steps + 1)",
)
train.misconception(
    "One step too few. The list has one loss for each of the steps.",
    name="one_too_few",
    replace="range(steps)",
    by="range(steps - 1)",
)
train.misconception(
    "The losses in the list are tensors, each with its graph behind it: memory grows with every "
    "step. loss.item().",
    name="tensors",
    replace="loss.item()",
    by="loss",
)
train.misconception(
    "Only the last loss came back; the curve is wanted, one loss for each step.",
    name="only_the_last",
    replace="return losses",
    by="return losses[-1] if losses else 0.0",
)
train.misconception(
    "Nothing was trained: the losses were measured, but W never moved. Call gradient_step.",
    name="no_step",
    replace="        gradient_step(W, loss, lr)\n",
    by="",
)
train.misconception(
    "Gradients pile up over the steps: clear W.grad before each backward, or call your "
    "gradient_step, which does.",
    name="accumulates",
    replace="gradient_step(W, loss, lr)",
    by="loss.backward()\n        W.data += -lr * W.grad",
)
train.misconception(
    "W was copied first, so the caller's W never learned. Train the tensor you were given.",
    name="copied",
    replace="    losses = []\n",
    by="    losses = []\n    W = W.detach().clone().requires_grad_()\n",
)
train.misconception(
    "The learning rate was changed on the way. Here it stays the same; decay comes in lesson 03.",
    name="decay",
    replace="gradient_step(W, loss, lr)",
    by="gradient_step(W, loss, lr / (1 + len(losses) - 1))",
)
train.misconception(
    "The list is a default argument or a global: it still holds the losses of the last call. Make it "
    "inside the function.",
    name="shared_list",
    source="""
def train(W, loss_fn, steps, lr, losses=[]):
    for _ in range(steps):
        loss = loss_fn(W)
        losses.append(loss.item())
        gradient_step(W, loss, lr)
    return list(losses)
""",
)
train.misconception(
    "It stopped early, when the loss went up. The number of steps is the caller's choice; the curve "
    "should show such things.",
    name="stops_early",
    replace="        losses.append(loss.item())\n",
    by="        if losses and loss.item() > losses[-1]:\n            break\n"
    "        losses.append(loss.item())\n",
)
train.variant(
    "a while loop",
    name="while_loop",
    source="""
def train(W, loss_fn, steps, lr):
    history = []
    while len(history) < steps:
        loss = loss_fn(W)
        W.grad = None
        loss.backward()
        with torch.no_grad():
            W -= lr * W.grad
        history.append(float(loss.detach()))
    return history
""",
)
train.variant(
    "torch.optim.SGD",
    name="sgd",
    source="""
def train(W, loss_fn, steps, lr):
    optimizer = torch.optim.SGD([W], lr=lr)
    losses = [0.0] * steps
    for k in range(steps):
        optimizer.zero_grad()
        loss = loss_fn(W)
        loss.backward()
        optimizer.step()
        losses[k] = loss.item()
    return losses
""",
)

# -- regularized_loss ----------------------------------------------------------------------------

spring = exercise("regularized_loss", title="regularization is smoothing")
spring.hint(
    "Two terms: the loss you already have, and strength times something that is small when W is near 0."
)
spring.hint("The mean of the squares of all weights: (W**2).mean().")
spring.hint("return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * (W**2).mean()")


@spring.cases
def _(rng):
    for v, n, strength in [(3, 4, 0.5), (5, 1, 2.0), (4, 9, 0.01), (6, 6, 0.0), (2, 3, 30.0)]:
        yield dict(
            W=rng.normal(v, v, dtype=torch.float32),
            xs=rng.integers(0, v, n),
            ys=rng.integers(0, v, n),
            strength=strength,
        )
    yield dict(
        W=rng.normal(27, 27, dtype=torch.float32),
        xs=rng.integers(0, 27, 30),
        ys=rng.integers(0, 27, 30),
        strength=0.1,
    )
    # a confident network, whose exp overflows without the maximum subtracted
    yield dict(
        W=torch.tensor([[200.0, 0.0, 100.0], [0.0, -200.0, 0.0], [0.0, 1.0, 2.0]]),
        xs=torch.tensor([0, 1]),
        ys=torch.tensor([0, 2]),
        strength=0.25,
    )


@spring.check("gradients")
def _(m, W, xs, ys, strength):
    W.requires_grad_()
    loss = m.regularized_loss(W, xs, ys, strength)
    return dict(differentiate(loss, {"W": W}, torch.tensor(-1.7)))


spring.misconception(
    "The penalty is missing: strength does nothing.",
    name="no_penalty",
    replace=" + strength * (W**2).mean()",
    by="",
)
spring.misconception(
    "The squared weights were summed: with 729 of them the spring is 729 times too strong. Take the mean.",
    name="summed_squares",
    replace="(W**2).mean()",
    by="(W**2).sum()",
)
spring.misconception(
    "The weights themselves were averaged, so large positive and negative ones cancel. Square them first.",
    name="not_squared",
    replace="(W**2).mean()",
    by="W.mean()",
)
spring.misconception(
    "The mean was squared: it is near 0 for any W. Square first, then take the mean.",
    name="mean_squared",
    replace="(W**2).mean()",
    by="W.mean() ** 2",
)
spring.misconception(
    "That is the mean of absolute values (L1). Asked are the squares.",
    name="absolute",
    replace="(W**2).mean()",
    by="W.abs().mean()",
)
spring.misconception(
    "That is the length of W, the root of the sum of squares. Asked is the mean of the squares.",
    name="norm",
    replace="(W**2).mean()",
    by="W.norm()",
)
spring.misconception(
    "That is the variance of the weights: it pulls them to their mean. The spring pulls them to 0.",
    name="variance",
    replace="(W**2).mean()",
    by="W.var()",
)
spring.misconception(
    "The penalty has the wrong sign: it *rewards* large weights.",
    name="minus",
    replace="+ strength",
    by="- strength",
)
spring.misconception(
    "Half of strength: the 1/2 of some textbooks is not in the docstring.",
    name="half",
    replace="strength * (W**2).mean()",
    by="0.5 * strength * (W**2).mean()",
)
spring.misconception(
    "A strength of your own, 0.01: take the argument.",
    name="own_strength",
    replace="strength * (W**2)",
    by="0.01 * (W**2)",
)
spring.misconception(
    "The penalty is detached: it is in the loss, but its gradient is 0 and it pulls nothing.",
    name="penalty_detached",
    replace="(W**2).mean()",
    by="(W.detach() ** 2).mean()",
)
spring.misconception(
    "Only the penalty has a gradient: the data's part is detached.",
    name="nll_detached",
    replace="return nll +",
    by="return nll.detach() +",
)
spring.misconception(
    "Only the rows of W that occur in xs were penalized. The spring pulls all of W, or rare rows "
    "would go wild.",
    name="only_used_rows",
    replace="(W**2).mean()",
    by="(W[xs] ** 2).mean()",
)
spring.misconception(
    "The probabilities were penalized, not the weights: their squares are small for a *uniform* row "
    "too, but "
    "this is another model. (W**2).mean().",
    name="penalized_probs",
    replace="(W**2).mean()",
    by="(softmax(W) ** 2).mean()",
)
spring.misconception(
    "The penalty was multiplied in. Two forces add up: nll + strength * mean(W**2).",
    name="multiplied",
    replace="nll + strength *",
    by="nll * strength *",
)
spring.misconception(
    "`.item()` (or float) made a plain number of the loss. Return the tensor, or there is nothing to "
    "call backward() on.",
    name="item",
    replace="(W**2).mean()",
    by="(W**2).mean()).item()",
    edits=[("return nll +", "return (nll +")],
)
spring.variant(
    "torch's own functions",
    name="functional",
    source="""
def regularized_loss(W, xs, ys, strength):
    return F.cross_entropy(W[xs], ys) + strength * W.pow(2).mean()
""",
)
spring.variant(
    "the sum, divided", name="sum_divided", replace="(W**2).mean()", by="(W * W).sum() / W.numel()"
)
spring.variant(
    "mean squared distance from 0",
    name="mse",
    replace="(W**2).mean()",
    by="F.mse_loss(W, torch.zeros_like(W))",
)
# float32: a dozen roundings of 6e-8 each, of terms no larger than the loss itself
spring.tolerance(Tol(rtol=2e-5))
