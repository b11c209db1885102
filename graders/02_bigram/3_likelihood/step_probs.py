"""02.step_probs: the probability of each step."""

import torch

from graders.authoring import exercise

from .part import alphabet, table, word

steps = exercise("step_probs", title="the probability of each step")


@steps.cases
def _(rng):
    for letters, length in [(2, 1), (3, 4), (5, 6), (26, 9), (4, 3)]:
        yield dict(
            P=table(rng, letters + 1), word=word(rng, letters, length), stoi=alphabet(letters)
        )
    yield dict(P=table(rng, 4), word="", stoi=alphabet(3))
    yield dict(P=table(rng, 3, torch.float32), word="abba", stoi=alphabet(2))
    many = {chr(0x4E00 + i): i for i in range(299)} | {".": 299}  # no byte holds these numbers
    yield dict(P=table(rng, 300), word="".join(list(many)[i] for i in (298, 140, 270)), stoi=many)
    order = [rng.choice("abc"), "."]  # '.' is not number 0, nor are the letters in order
    order += rng.shuffled(c for c in "abc" if c not in order)
    yield dict(P=table(rng, 4), word="cabba", stoi={ch: i for i, ch in enumerate(order)})


steps.hint("A word of n letters has n + 1 bigrams. Where do the first and the last one come from?")
steps.hint(
    'With ids of "." + word + ".", bigram k goes from ids[k] to ids[k + 1], and costs P[ids[k], '
    "ids[k + 1]]."
)
steps.hint("P can be indexed with two lists at once: P[ids[:-1], ids[1:]].")

steps.misconception(
    "The end is missing: the last letter is followed by '.', and that step has a probability too.",
    name="no_end",
    replace='"." + word + "."',
    by='"." + word',
)
steps.misconception(
    "The beginning is missing: the first letter follows '.', and that step has a probability too.",
    name="no_start",
    replace='"." + word + "."',
    by='word + "."',
)
steps.misconception(
    "Beginning and end are missing: a word of n letters makes n + 1 steps, from '.' and to '.'.",
    name="bare",
    replace='ids = [stoi[ch] for ch in "." + word + "."]',
    by="ids = [stoi[ch] for ch in word]",
)
steps.misconception(
    "Row and column are swapped: P[i, j] is the probability of j *after* i.",
    name="swapped",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[1:], ids[:-1]]",
)
steps.misconception(
    "Every character was looked up as following '.'. It follows the one before it.",
    name="always_from_dot",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[0], ids[1:]]",
)
steps.misconception(
    "`P[rows][:, columns]` is a whole table, every row with every column. Two lists in one pair of "
    "brackets go "
    "step by step: P[rows, columns].",
    name="outer",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1]][:, ids[1:]]",
)
steps.misconception(
    "These are the logarithms. The probabilities themselves are wanted; the logarithm comes two "
    "exercises later.",
    name="logarithms",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].log()",
)
steps.misconception(
    "They were multiplied already. One number for each step is wanted.",
    name="multiplied",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].prod()",
)
steps.misconception(
    "That is the largest probability of each row, for whatever letter. Take the one of the letter "
    "that came.",
    name="largest",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1]].max(1).values",
)
steps.misconception(
    "A list came back. Make a tensor, with the dtype of P: log() and mean() are waiting for it.",
    name="a_list",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].tolist()",
)
steps.misconception(
    "torch.tensor of a list of numbers is float32 again, whatever P was. Keep its dtype.",
    name="float32",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].float()",
)
steps.misconception(
    "'.' is not always number 0: ask stoi.",
    name="dot_is_zero",
    replace='[stoi[ch] for ch in "." + word + "."]',
    by="[0, *[stoi[ch] for ch in word], 0]",
)
steps.misconception(
    "The indices came from the alphabet (ord). They are whatever stoi says.",
    name="by_ord",
    replace='[stoi[ch] for ch in "." + word + "."]',
    by='[0 if ch == "." else ord(ch) - 96 for ch in "." + word + "."]',
)


@steps.variant("step by step")
def one_by_one(P, word, stoi):
    text = "." + word + "."
    return torch.stack([P[stoi[text[k]], stoi[text[k + 1]]] for k in range(len(text) - 1)])


@steps.variant("through the flattened table")
def flattened(P, word, stoi):
    ids = torch.tensor([stoi[c] for c in "." + word + "."])
    return P.reshape(-1).gather(0, ids[:-1] * P.shape[1] + ids[1:])
