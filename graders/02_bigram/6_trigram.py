"""Trigrams, by counting and as a network."""

import torch

from graders.authoring import Tol, differentiate, exercise

# -- examples ----------------------------------------------------------------------------------

examples = exercise("trigram_examples", title="E01: contexts of two characters")
examples.hint(
    "Write down '..ab.' and put a frame of three characters around it. How often does it fit?"
)
examples.hint(
    "For each word by itself: ids of '..' + word + '.', and then zip(ids, ids[1:], ids[2:])."
)
examples.hint(
    "Each triple (first, second, third) appends [first, second] to xs and third to ys; at the end "
    "both become tensors."
)


@examples.cases
def _(rng):
    yield dict(words=["emma", "ava", "emma"], stoi={".": 0, "a": 1, "e": 2, "m": 3, "v": 4})
    yield dict(words=["bac"], stoi={".": 0, "a": 1, "b": 2, "c": 3})
    yield dict(words=["ab", "", "b"], stoi={".": 0, "a": 1, "b": 2})
    yield dict(words=[""], stoi={"a": 0, ".": 1})
    # any numbering will do, and it may know more characters than occur
    yield dict(words=["abba", "cab"], stoi={"c": 0, "b": 1, "z": 2, ".": 3, "a": 4})
    letters = rng.shuffled("abcdefghij.")
    stoi = {ch: i for i, ch in enumerate(letters)}
    letters.remove(".")
    words = ["".join(rng.choice(letters) for _ in range(rng.integer(1, 8))) for _ in range(12)]
    yield dict(words=["abc", *words, words[3]], stoi=stoi)


@examples.misconception(
    "The names begin with one dot only, so the first letter of each is never predicted. Two "
    "characters of context need two dots in front."
)
def one_dot(words, stoi):
    xs, ys = [], []
    for word in words:
        ids = [stoi[ch] for ch in "." + word + "."]
        for first, second, third in zip(ids, ids[1:], ids[2:], strict=False):
            xs.append([first, second])
            ys.append(third)
    return torch.tensor(xs, dtype=torch.int64).view(-1, 2), torch.tensor(ys, dtype=torch.int64)


@examples.misconception(
    "The context is not set back to '..' at the start of each name: windows cross from one name "
    "into the next, which has nothing to do with it."
)
def crosses_names(words, stoi):
    xs, ys = [], []
    context = [stoi["."]] * 2
    for word in words:
        for ch in word + ".":
            xs.append(context)
            ys.append(stoi[ch])
            context = [context[1], stoi[ch]]
    return torch.tensor(xs), torch.tensor(ys)


@examples.misconception(
    "All names were joined into one text, and the window slid over all of it: some examples "
    "contain the end of one name and the start of the next. Go name by name."
)
def one_text(words, stoi):
    ids = torch.tensor([stoi[ch] for ch in ".." + "..".join(words) + "."])
    return torch.stack([ids[:-2], ids[1:-1]], 1), ids[2:]


examples.misconception(
    "The younger character stands first. The older one comes first, in the order of reading.",
    name="younger_first",
    replace="xs.append([first, second])",
    by="xs.append([second, first])",
)
examples.misconception(
    "The end is missing: a name ends with a dot, and that too has to be predicted.",
    name="no_end",
    replace='".." + word + "."]',
    by='".." + word]',
    edits=[
        (
            "return torch.tensor(xs), torch.tensor(ys)",
            "return torch.tensor(xs, dtype=torch.int64).view(-1, 2), "
            "torch.tensor(ys, dtype=torch.int64)",
        )
    ],
)
examples.misconception(
    "There are two dots at the end. One is enough: after the first the name is over, there is "
    "nothing more to predict.",
    name="two_ends",
    replace='".." + word + "."]',
    by='".." + word + ".."]',
)
examples.misconception(
    "There are three dots in front: the first context predicts only another dot.",
    name="three_dots",
    replace='".." + word + "."]',
    by='"..." + word + "."]',
)
examples.misconception(
    "You padded with the number 0. The dot has the index that stoi gives it, which need not be 0.",
    name="padded_with_0",
    replace='[stoi[ch] for ch in ".." + word + "."]',
    by="[0, 0] + [stoi[ch] for ch in word] + [0]",
)
examples.misconception(
    "You made a vocabulary of your own. Use the stoi you are given: the numbers must mean the "
    "same everywhere.",
    name="own_vocabulary",
    replace="    xs, ys = [], []\n",
    by='    stoi = {ch: i for i, ch in enumerate("." + "".join(sorted(set("".join(words)))))}\n'
    "    xs, ys = [], []\n",
)
examples.misconception(
    "The target is the younger character of the context itself. It is the one after it.",
    name="target_in_context",
    replace="ys.append(third)",
    by="ys.append(second)",
)
examples.misconception(
    "There is a gap: the context is the characters one and three places back. The two right "
    "before the target are wanted, next to each other.",
    name="gap",
    edits=[
        ('".." + word + "."]', '"..." + word + "."]'),
        ("zip(ids, ids[1:], ids[2:], strict=False)", "zip(ids, ids[2:], ids[3:], strict=False)"),
    ],
)
examples.misconception(
    "The frame moved on by three characters each time. It moves by one: every character is "
    "predicted once.",
    name="steps_of_three",
    replace="zip(ids, ids[1:], ids[2:], strict=False)",
    by="zip(ids[::3], ids[1::3], ids[2::3], strict=False)",
)
examples.misconception(
    "Names that stand in the list twice were used once. Twice in the data means twice as likely: "
    "keep them all.",
    name="no_repeats",
    replace="for word in words:",
    by="for word in dict.fromkeys(words):",
)
examples.misconception(
    "Empty words were skipped. Even one with no letters makes an example: after '..' it is over.",
    name="empty_skipped",
    replace="for word in words:",
    by="for word in filter(None, words):",
    edits=[
        (
            "return torch.tensor(xs), torch.tensor(ys)",
            "return torch.tensor(xs, dtype=torch.int64).view(-1, 2), "
            "torch.tensor(ys, dtype=torch.int64)",
        )
    ],
)
examples.misconception(
    "The examples are not in order, they were sorted. Words and letters stay as they come.",
    name="sorted",
    replace="for word in words:",
    by="for word in sorted(words):",
)
examples.misconception(
    "xs has floats in it. These are indices: int64, which is what torch.tensor makes of ints.",
    name="floats",
    replace="torch.tensor(xs)",
    by="torch.tensor(xs).float()",
)
examples.misconception(
    "xs is transposed, (2, n). There is a row for each example: (n, 2).",
    name="transposed",
    replace="torch.tensor(xs)",
    by="torch.tensor(xs).t()",
)
examples.misconception(
    "Both characters went into one long list: xs is flat. Each example has a row of two: append "
    "[first, second].",
    name="flat",
    replace="xs.append([first, second])",
    by="xs += [first, second]",
)
examples.misconception(
    "ys got a second dimension. It is flat, one number for each example: (n,).",
    name="column_of_targets",
    replace="ys.append(third)",
    by="ys.append([third])",
)
examples.misconception(
    "These are lists. Tensors are wanted: torch.tensor(xs), torch.tensor(ys).",
    name="lists",
    replace="return torch.tensor(xs), torch.tensor(ys)",
    by="return xs, ys",
)
examples.variant(
    "a context that moves on",
    name="moving_context",
    source='''
def trigram_examples(words, stoi):
    """Sets the context back for each word."""
    xs, ys = [], []
    for word in words:
        context = (stoi["."],) * 2
        for ch in word + ".":
            xs.append(context)
            ys.append(stoi[ch])
            context = context[1:] + (stoi[ch],)
    return torch.tensor(xs), torch.tensor(ys)
''',
)
examples.variant(
    "windows by unfold",
    name="unfold",
    source='''
def trigram_examples(words, stoi):
    """Each word as a tensor, cut into windows of three."""
    pieces = []
    for word in words:
        ids = torch.tensor([stoi[ch] for ch in [".", ".", *word, "."]])
        pieces.append(ids.unfold(0, 3, 1))
    windows = torch.cat(pieces)
    return windows[:, :2], windows[:, 2]
''',
)

# -- counts ------------------------------------------------------------------------------------

counts = exercise("trigram_counts", title="the cube of counts")
counts.hint("What happens to N[i] += 1 if the tensor i names the same place twice?")
counts.hint(
    "A loop over the examples is right, and slow. N.index_put_((a, b, c), ones, accumulate=True) "
    "does the same at once."
)
counts.hint(
    "N = torch.zeros((vocab_size,) * 3, dtype=torch.int32); the indices are (xs[:, 0], xs[:, 1], "
    "ys), the ones int32 too, one for each example."
)


@counts.cases
def _(rng):
    yield dict(xs=torch.tensor([[0, 1], [0, 1], [2, 0]]), ys=torch.tensor([1, 1, 2]), vocab_size=3)
    yield dict(xs=torch.tensor([[0, 1]]), ys=torch.tensor([2]), vocab_size=4)
    for n, used, vocab in [(30, 4, 4), (25, 3, 5), (300, 6, 7)]:
        yield dict(xs=rng.integers(0, used, n, 2), ys=rng.integers(0, used, n), vocab_size=vocab)
    # more than a byte can count
    yield dict(xs=torch.full((300, 2), 1), ys=torch.full((300,), 1), vocab_size=2)
    # contexts as columns of a larger table need not lie in memory row by row
    yield dict(xs=rng.integers(0, 3, 2, 9).t(), ys=rng.integers(0, 3, 9), vocab_size=3)


@counts.oracle
def _(xs, ys, vocab_size):
    N = [[[0] * vocab_size for _ in range(vocab_size)] for _ in range(vocab_size)]
    for (a, b), c in zip(xs.tolist(), ys.tolist(), strict=True):
        N[a][b][c] += 1
    return torch.tensor(N, dtype=torch.int32)


@counts.misconception(
    "A byte counts to 127, or to 255, and begins again below. Count in int32 from the start."
)
def in_bytes(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int8)
    ones = torch.ones(len(ys), dtype=torch.int8)
    return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True).int()


@counts.misconception(
    "N[a, b, c] += 1 with tensors of indices raises each address only once, however often it is "
    "named: everything is 0 or 1. Use index_put_ with accumulate=True, bincount, or a loop."
)
def counted_once(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    N[xs[:, 0], xs[:, 1], ys] += 1
    return N


counts.misconception(
    "The two characters of the context are swapped. Element [a, b, c] counts c after a, b: the "
    "older character, xs[:, 0], is the first index.",
    name="swapped",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(xs[:, 1], xs[:, 0], ys)",
)
counts.misconception(
    "The cube is reversed: [c, b, a]. What followed is the last index.",
    name="reversed",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(ys, xs[:, 1], xs[:, 0])",
)
counts.misconception(
    "What followed became the first index. It is the last one: N[a, b] is then the list of counts "
    "of everything that came after a, b.",
    name="target_first",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(ys, xs[:, 0], xs[:, 1])",
)
counts.misconception(
    "What followed stands between the two characters of the context. The order of the indices is "
    "that of reading: older, younger, next.",
    name="target_between",
    replace="(xs[:, 0], xs[:, 1], ys)",
    by="(xs[:, 0], ys, xs[:, 1])",
)
counts.misconception(
    "The size was worked out from the data. A character that does not occur here still has its "
    "place: the cube has vocab_size in each dimension.",
    name="size_from_data",
    replace="    N = torch.zeros(",
    by="    vocab_size = int(max(xs.max(), ys.max())) + 1\n    N = torch.zeros(",
)
counts.misconception(
    "The cube starts with ones, so it is smoothed already. Counts start at 0; smoothing is the "
    "next step's.",
    name="starts_at_one",
    replace="N = torch.zeros(",
    by="N = torch.ones(",
)
counts.misconception(
    "The counts are floats. Counts are whole numbers: int32.",
    name="floats",
    replace="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)",
    by="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True).float()",
)
counts.misconception(
    "The counts are int64, as bincount (or zeros with long) makes them. int32 is asked for: .int().",
    name="int64",
    replace="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)",
    by="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True).long()",
)
counts.misconception(
    "The result is a table with one row for each pair of characters. Give it its three dimensions: "
    ".view(vocab_size, vocab_size, vocab_size).",
    name="table",
    replace="return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)",
    by="N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)\n"
    "    return N.view(-1, vocab_size)",
)


@counts.misconception(
    "xs[:, 0] is no copy but a part of xs, and `*=` changed it: the caller's contexts are spoiled. "
    "Write xs[:, 0] * vocab_size, which makes a new tensor."
)
def in_place(xs, ys, vocab_size):
    flat = xs[:, 0]
    flat *= vocab_size
    flat = (flat + xs[:, 1]) * vocab_size + ys
    return torch.bincount(flat, minlength=vocab_size**3).view((vocab_size,) * 3).int()


@counts.misconception(
    "Different trigrams land in the same cell: the address is (a * V + b) * V + c, like the digits of "
    "a number, and not a sum in which a and b weigh the same."
)
def colliding(xs, ys, vocab_size):
    flat = (xs[:, 0] + xs[:, 1]) * vocab_size + ys
    return torch.bincount(flat, minlength=vocab_size**3).view((vocab_size,) * 3).int()


@counts.variant("a loop")
def loop(xs, ys, vocab_size):
    N = torch.zeros((vocab_size, vocab_size, vocab_size), dtype=torch.int32)
    for i in range(len(ys)):
        N[xs[i, 0], xs[i, 1], ys[i]] += 1
    return N


@counts.variant("bincount")
def bincount(xs, ys, vocab_size):
    flat = (xs[:, 0] * vocab_size + xs[:, 1]) * vocab_size + ys
    return torch.bincount(flat, minlength=vocab_size**3).view((vocab_size,) * 3).int()


@counts.variant("one-hot vectors, multiplied")
def one_hots(xs, ys, vocab_size):
    a, b, c = (
        torch.nn.functional.one_hot(ids, vocab_size).double() for ids in (xs[:, 0], xs[:, 1], ys)
    )
    return torch.einsum("na,nb,nc->abc", a, b, c).to(torch.int32)


# -- probabilities -----------------------------------------------------------------------------

probs = exercise("trigram_probs", title="normalize the cube")
probs.hint("Which of the three dimensions is the next character?")
probs.hint("First the fake counts, to every cell; then divide by the sum over the last dimension.")
probs.hint("P = N.float() + alpha; return P / P.sum(2, keepdim=True)")


@probs.cases
def _(rng):
    for vocab, high, alpha in [(3, 6, 1), (4, 9, 0.1), (5, 3, 2.5), (2, 40, 1e-3), (6, 2, 10)]:
        N = rng.integers(0, high, vocab, vocab, vocab)
        N[0, 1] = 0  # a context never seen
        N[1, 0, 1] = 3 * high
        yield dict(N=N.int(), alpha=alpha)
    yield dict(N=torch.zeros(3, 3, 3, dtype=torch.int32), alpha=0.5)
    N = rng.integers(0, 60, 27, 27, 27) * (rng.uniform(0, 1, 27, 27, 1) < 0.6)
    yield dict(N=N.int(), alpha=1.0)


@probs.oracle
def _(N, alpha):
    P = N.double() + alpha
    return (P / torch.einsum("abc->ab", P)[:, :, None]).float()


probs.misconception(
    "You summed over the first dimension. The numbers for the *next* character, the last dimension, "
    "must sum to 1: sum(2).",
    name="first_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
probs.misconception(
    "You summed over dimension 1, the younger character of the context. In a matrix that was right; in "
    "the cube the next character is dimension 2.",
    name="middle_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(1, keepdim=True)",
)
probs.misconception(
    "keepdim=True is missing. The sums have the shape (V, V), broadcasting aligns it on the right, and "
    "element [a, b, c] is divided by the sum of context b, c.",
    name="no_keepdim",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(2)",
)
probs.misconception(
    "The sum runs over both the younger and the next character. Each context a, b has a "
    "distribution of its own.",
    name="last_two",
    replace="P.sum(2, keepdim=True)",
    by="P.sum((1, 2), keepdim=True)",
)
probs.misconception(
    "The whole cube was divided by its total: that is how likely the three characters are together, "
    "not the third given the first two.",
    name="total",
    replace="P.sum(2, keepdim=True)",
    by="P.sum()",
)
probs.misconception(
    "alpha is not used. Contexts never seen give 0 / 0, and what was never counted is impossible.",
    name="no_smoothing",
    replace="N.float() + alpha",
    by="N.float()",
)
probs.misconception(
    "You always add 1. How many fake counts there are is alpha's to say.",
    name="always_one",
    replace="N.float() + alpha",
    by="N.float() + 1",
)
probs.misconception(
    "alpha became a whole number (as int32 does to it): 0.1 is 0 then. Turn the counts into floats first.",
    name="whole_alpha",
    replace="N.float() + alpha",
    by="(N + int(alpha)).float()",
)


@probs.misconception(
    "You normalized first and smoothed afterwards: rows no longer sum to 1, and an unseen context "
    "was 0 / 0 already. Add alpha to the counts, then divide."
)
def smoothed_after(N, alpha):
    P = N.float()
    return P / P.sum(2, keepdim=True) + alpha


@probs.misconception(
    "You normalized, added alpha and normalized again. By then alpha weighs as much as the whole row, "
    "however many counts it had. Add alpha to the counts."
)
def normalized_twice(N, alpha):
    P = N.float()
    P = P / P.sum(2, keepdim=True).clamp(min=1) + alpha
    return P / P.sum(2, keepdim=True)


@probs.misconception(
    "alpha is missing below the line: it was added to the counts, but the row was divided by the sum "
    "without it, so it sums to more than 1."
)
def alpha_on_top_only(N, alpha):
    P = N.float()
    return (P + alpha) / P.sum(2, keepdim=True)


@probs.misconception(
    "The row's sum grew by alpha only once. Every one of its cells got alpha, so the sum grows by "
    "vocab_size * alpha."
)
def alpha_once_below(N, alpha):
    P = N.float()
    return (P + alpha) / (P.sum(2, keepdim=True) + alpha)


@probs.misconception(
    "alpha was divided by the number of characters. It is the fake count of *each* cell."
)
def alpha_shared(N, alpha):
    P = N.float() + alpha / N.shape[2]
    return P / P.sum(2, keepdim=True)


@probs.misconception(
    "Only the empty cells got alpha. All cells get it, or a count of 1 and a count of 0 would come "
    "out the same (or the wrong way round)."
)
def only_zeros(N, alpha):
    P = N.float()
    P = torch.where(P == 0, torch.as_tensor(float(alpha)), P)
    return P / P.sum(2, keepdim=True)


@probs.misconception(
    "That is a softmax of the counts. They are counts already, not logits: no exp, just divide."
)
def softmaxed(N, alpha):
    return (N.float() + alpha).softmax(2)


probs.misconception(
    "The result is float64. float32 is asked for.",
    name="float64",
    replace="N.float() + alpha",
    by="N.double() + alpha",
)
probs.misconception(
    "The division dropped everything behind the point (`//`).",
    name="whole_division",
    replace="return P / P",
    by="return P // P",
)
probs.misconception(
    "The caller's counts were changed: `+=` works in place. Make floats first, N.float() + alpha.",
    name="in_place",
    replace="P = N.float() + alpha",
    by="P = N.float() + alpha\n    N += 1",
)
probs.variant(
    "alpha and V alpha",
    name="formula",
    replace="    P = N.float() + alpha\n    return P / P.sum(2, keepdim=True)",
    by="    total = N.sum(-1).unsqueeze(-1) + N.shape[-1] * alpha\n"
    "    return ((N + alpha) / total).to(torch.float32)",
)
probs.variant(
    "in float64, then float32",
    name="double_first",
    replace="return P / P.sum(2, keepdim=True)",
    by="P = N.double() + alpha\n    P /= P.sum(dim=2, keepdims=True)\n    return P.float()",
)
probs.variant(
    "as a table of contexts",
    name="table",
    replace="return P / P.sum(2, keepdim=True)",
    by="flat = P.view(-1, N.shape[2])\n    return F.normalize(flat, p=1, dim=1).view_as(P)",
)

# -- the loss ----------------------------------------------------------------------------------
# float32 probabilities carry 6e-8 each and are averaged: 1e-5 is plenty, and far below any mistake.

nll = exercise("trigram_nll", title="the loss of trigrams")
nll.hint("It is the loss of part 3, with one index more.")
nll.hint("P can be indexed with three tensors at once, one for each dimension.")
nll.hint("return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()")


def random_probs(rng, vocab, dtype=torch.float64):
    """A random cube, sharp in some contexts and flat in others."""
    scale = rng.uniform(0.5, 4, vocab, vocab, 1)
    return (rng.normal(vocab, vocab, vocab) * scale).softmax(2).to(dtype)


@nll.cases
def _(rng):
    for vocab, n in [(3, 5), (5, 1), (4, 30), (2, 2)]:
        P = random_probs(rng, vocab)
        xs = rng.integers(0, vocab, n, 2)
        xs[0] = torch.tensor([0, 1])  # never a palindrome throughout
        yield dict(P=P, xs=xs, ys=torch.cat([torch.tensor([1]), rng.integers(0, vocab, n - 1)]))
    yield dict(
        P=random_probs(rng, 6, torch.float32),
        xs=rng.integers(0, 6, 50, 2),
        ys=rng.integers(0, 6, 50),
    )
    # 900 steps: their product is 0.0, the sum of their logarithms is not
    yield dict(P=random_probs(rng, 5), xs=rng.integers(0, 5, 900, 2), ys=rng.integers(0, 5, 900))
    # unlikely, and impossible
    P = random_probs(rng, 3)
    P[0, 1] = torch.tensor([1e-12, 0.3, 0.7 - 1e-12])
    P[2, 1] = torch.tensor([0.5, 0.0, 0.5])
    xs = torch.tensor([[0, 1], [2, 1], [1, 1]])
    yield dict(P=P, xs=xs, ys=torch.tensor([0, 2, 1]))
    yield dict(P=P, xs=xs, ys=torch.tensor([2, 1, 0]))


nll.tolerance(Tol(rtol=1e-5))


@nll.oracle
def _(P, xs, ys):
    logs = torch.stack([P[a, b, c].log() for (a, b), c in zip(xs, ys, strict=True)])
    return float(-logs.sum() / len(logs))


nll.misconception(
    "The losses were summed. Take the mean, or the loss of a long list cannot be compared with that of a "
    "short one.",
    name="summed",
    replace=".mean()",
    by=".sum()",
)
nll.misconception(
    "The minus is missing: this is the log-likelihood. A loss is smaller when the model is better.",
    name="positive",
    replace="return -P[",
    by="return P[",
)
nll.misconception(
    "The two characters of the context are swapped: the older one, xs[:, 0], is the first index.",
    name="swapped",
    replace="xs[:, 0], xs[:, 1], ys",
    by="xs[:, 1], xs[:, 0], ys",
)
nll.misconception(
    "What followed was used as the first index. It is the last one.",
    name="target_first",
    replace="xs[:, 0], xs[:, 1], ys",
    by="ys, xs[:, 0], xs[:, 1]",
)
nll.misconception(
    "You averaged the probabilities and took one logarithm. Each example has its own; the mean comes last.",
    name="log_of_mean",
    replace=".log().mean()",
    by=".mean().log()",
)
nll.misconception(
    "The logarithm is missing: that is the average probability, with a minus.",
    name="no_log",
    replace=".log().mean()",
    by=".mean()",
)
nll.misconception(
    "log(p + 1e-9) hides what the model calls impossible: its loss is inf, and smoothing is the honest cure.",
    name="plus_1e_9",
    replace="ys].log()",
    by="ys].add(1e-9).log()",
)
nll.misconception(
    "Clamping hides what the model calls impossible: its loss is inf, and smoothing is the honest cure.",
    name="clamped",
    replace="ys].log()",
    by="ys].clamp(min=1e-9).log()",
)
nll.misconception(
    "The likelihood is a product of hundreds of small numbers, which is 0.0 in the computer. Take "
    "logarithms first, then add.",
    name="product",
    replace=".log().mean()",
    by=".prod().log() / len(ys)",
)
nll.misconception(
    "That is the logarithm to base 2, or bits. The losses here are in natural logarithms.",
    name="base_two",
    replace=".log()",
    by=".log2()",
)
nll.misconception(
    "That is the perplexity, exp of the loss. Return the loss itself.",
    name="perplexity",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="return (-P[xs[:, 0], xs[:, 1], ys].log().mean()).exp().item()",
)
nll.misconception(
    "One loss for each example comes back. Their mean, a single number, is wanted.",
    name="not_reduced",
    replace=".log().mean().item()",
    by=".log()",
)
nll.misconception(
    "The mean runs over the whole cube of log-probabilities. Only what really came counts, once for "
    "each time it came.",
    name="whole_cube",
    replace="P[xs[:, 0], xs[:, 1], ys].log()",
    by="P.log()",
)
nll.misconception(
    "Each different trigram was counted once. One that comes ten times counts ten times.",
    name="unique",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log()",
    by="a, b, c = torch.cat([xs, ys[:, None]], 1).unique(dim=0).t()\n    return -P[a, b, c].log()",
)
nll.misconception(
    "The older character is not looked at: the cube was averaged over it. The context is both.",
    name="older_ignored",
    replace="P[xs[:, 0], xs[:, 1], ys]",
    by="P.mean(0)[xs[:, 1], ys]",
)
nll.variant(
    "a tensor",
    name="tensor",
    replace=".log().mean().item()",
    by=".log().mean()",
)
nll.variant(
    "a loop over Python numbers",
    name="loop",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="total = 0.0\n"
    "    for (a, b), c in zip(xs.tolist(), ys.tolist(), strict=True):\n"
    "        total -= P[a, b, c].log().item()\n"
    "    return total / len(ys)",
)
nll.variant(
    "cross-entropy of log-probabilities",
    name="nll_loss",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="return float(F.nll_loss(P.log()[tuple(xs.t())], ys))",
)

# -- the network -------------------------------------------------------------------------------

logits = exercise("trigram_logits", title="E01: the network")
logits.hint("Which row belongs to (a, b)? Count how many rows come before those of a.")
logits.hint("vocab_size is not an argument, but one of W's two sizes.")
logits.hint("return W[xs[:, 0] * W.shape[1] + xs[:, 1]]")


@logits.cases
def _(rng):
    for vocab, n in [(2, 4), (3, 1), (4, 9), (5, 25)]:
        xs = rng.integers(0, vocab, n, 2)
        xs[0] = torch.tensor([1, 0])  # not the same both ways
        xs[n // 2] = torch.tensor([vocab - 1, vocab - 2])
        yield dict(xs=xs, W=rng.normal(vocab**2, vocab))
    # one context again and again: its gradients add up
    yield dict(xs=torch.tensor([[2, 1]] * 5 + [[0, 2]]), W=rng.normal(9, 3))
    # the highest index does not occur
    yield dict(xs=torch.tensor([[1, 2], [2, 0], [0, 1]]), W=rng.normal(25, 5))
    yield dict(xs=rng.integers(0, 27, 60, 2), W=rng.normal(729, 27, dtype=torch.float32))


@logits.oracle
def _(xs, W):
    vocab = W.shape[1]
    return W.view(vocab, vocab, vocab)[xs[:, 0], xs[:, 1]]


@logits.check("gradients")
def _(m, xs, W):
    W.requires_grad_()
    out = m.trigram_logits(xs, W)
    up = torch.linspace(-1, 2, len(xs) * W.shape[1], dtype=W.dtype).view(len(xs), W.shape[1])
    return dict(differentiate(out, {"W": W}, up))


logits.misconception(
    "The digits are swapped: row 27 * a + b, where a is the older character, xs[:, 0].",
    name="swapped",
    replace="xs[:, 0] * W.shape[1] + xs[:, 1]",
    by="xs[:, 1] * W.shape[1] + xs[:, 0]",
)
logits.misconception(
    "27 is fixed. Other vocabularies have other sizes: vocab_size is the number of W's columns, "
    "W.shape[1].",
    name="always_27",
    replace="xs[:, 0] * W.shape[1]",
    by="xs[:, 0] * 27",
)
logits.misconception(
    "The number of W's rows, vocab_size squared, was taken for vocab_size. That is W.shape[1].",
    name="rows_for_size",
    replace="xs[:, 0] * W.shape[1]",
    by="xs[:, 0] * W.shape[0]",
)
logits.misconception(
    "vocab_size was worked out from the indices that happen to be here. It is W.shape[1], always.",
    name="size_from_data",
    replace="xs[:, 0] * W.shape[1]",
    by="xs[:, 0] * (xs.max() + 1)",
)
logits.misconception(
    "The rows of a and of b were added, as two one-hot vectors would do. Each *pair* has a row of its "
    "own: 27 * a + b.",
    name="added",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs[:, 0]] + W[xs[:, 1]]",
)
logits.misconception(
    "The rows of a and of b were averaged. Each *pair* has a row of its own: 27 * a + b.",
    name="averaged",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs].mean(1)",
)
logits.misconception(
    "W[xs] gives two rows for each example, (n, 2, vocab_size). Make one number of the two characters "
    "first.",
    name="two_rows",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs]",
)
logits.misconception(
    "a + b gives the same row to (0, 2), (1, 1) and (2, 0). Multiply a by vocab_size, as the digits "
    "of a number are.",
    name="sum_of_indices",
    replace="xs[:, 0] * W.shape[1] + xs[:, 1]",
    by="xs[:, 0] + xs[:, 1]",
)
logits.misconception(
    "The older character is not used: this is a bigram model. Row 27 * a + b.",
    name="younger_only",
    replace="xs[:, 0] * W.shape[1] + xs[:, 1]",
    by="xs[:, 1]",
)
logits.misconception(
    "The right values, but cut off from W: without a gradient W never learns. Leave out .data or "
    "detach().",
    name="detached",
    replace="return W[xs",
    by="return W.detach()[xs",
)
logits.misconception(
    "These are probabilities. Logits are wanted, the row as it is: F.cross_entropy takes the softmax itself.",
    name="softmaxed",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs[:, 0] * W.shape[1] + xs[:, 1]].softmax(1)",
)
logits.misconception(
    "`squeeze()` drops the dimension of a batch of one. The result is always (n, vocab_size).",
    name="squeezed",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs[:, 0] * W.shape[1] + xs[:, 1]].squeeze()",
)
logits.misconception(
    "`*=` changed the caller's contexts: xs[:, 0] is a part of xs, no copy. Write xs[:, 0] * W.shape[1].",
    name="in_place",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="older = xs[:, 0]\n    older *= W.shape[1]\n    return W[older + xs[:, 1]]",
)
logits.misconception(
    "W was read as a cube in the wrong order: rows are grouped by the *older* character, so the "
    "first dimension of W.view(V, V, V) is a, the second b.",
    name="cube_swapped",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="cube = W.view(W.shape[1], W.shape[1], -1)\n"
    "    return cube.transpose(1, 2)[xs[:, 0], xs[:, 1]]",
)
logits.variant(
    "as a cube",
    name="cube",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="size = W.shape[1]\n    return W.reshape(size, size, size)[xs[:, 0], xs[:, 1]]",
)
logits.variant(
    "one-hot vectors of the pairs",
    name="one_hot",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="row = (xs * torch.tensor([W.shape[1], 1])).sum(1)\n"
    "    return F.one_hot(row, len(W)).to(W.dtype) @ W",
)
logits.variant(
    "embedding",
    name="embedding",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="a, b = xs.unbind(1)\n    return F.embedding(b + a * round(len(W) ** 0.5), W)",
)
