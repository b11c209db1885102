"""02.cell_labels: a heat map: what goes where."""

import torch

from graders.authoring import exercise

from .part import LETTERS

cells = exercise("cell_labels", title="a heat map: what goes where")


@cells.cases
def _(rng):
    for letters in (1, 2, 4, 7):
        size = letters + 1
        some = rng.shuffled(LETTERS)[:letters]
        N = rng.integers(0, 50, size, size).int()
        N[0, 1], N[1, 0] = 60, 0  # never symmetric, and a zero among them
        yield dict(N=N, itos={i: ch for i, ch in enumerate([".", *some])})
    # not all of the bigrams occur; and itos need not list its characters by number
    N = torch.tensor([[0, 3, 0], [0, 0, 2], [5, 0, 1]], dtype=torch.int32)
    yield dict(N=N, itos={2: "é", 0: ".", 1: "b"})
    yield dict(N=torch.tensor([[4]], dtype=torch.int32), itos={0: "."})
    # counts that float32 would round and 16 bits could not hold; they lie column by column
    N = torch.tensor([[2**24 + 1, 70_001], [2**31 - 1, 2**25 + 3]], dtype=torch.int32).t()
    yield dict(N=N, itos={0: ".", 1: "a"})


@cells.scenario
def _(m, N, itos):
    """In any order, so they are put in one; what cannot be sorted comes back as it is."""
    made = m.cell_labels(N, itos)
    try:
        return sorted((tuple(cell) for cell in made), key=lambda cell: (cell[1], cell[0]))
    except Exception:
        return made


@cells.check("plain data")
def _(m, N, itos):
    """A list; in each label three ints and a string. Tensors would be written as 'tensor(7)'."""
    made = m.cell_labels(N, itos)
    return [type(made) is list, sorted({" ".join(type(v).__name__ for v in cell) for cell in made})]


cells.legal("answer: sorted", "in any order")

cells.hint("Two loops, over rows i and columns j. Which of them is x, the horizontal place?")
cells.hint("Element [i, j] stands at x = j, y = i, and its bigram begins with itos[i].")
cells.hint("Append (j, i, itos[i] + itos[j], N[i, j].item()) for all i and j.")

cells.misconception(
    "x and y are swapped. imshow draws element [i, j] at the *horizontal* place j and the height i: "
    "x = j, y = i.",
    name="swapped_places",
    replace="(j, i, itos[i]",
    by="(i, j, itos[i]",
)
cells.misconception(
    "The texts are swapped: row i is the first character, so the bigram is itos[i] + itos[j].",
    name="swapped_text",
    replace="itos[i] + itos[j]",
    by="itos[j] + itos[i]",
)
cells.misconception(
    "The counts are those of the swapped bigram, N[j, i]. Row first: N[i, j].",
    name="swapped_counts",
    replace="N[i, j].item()",
    by="N[j, i].item()",
)
cells.misconception(
    "The count is a tensor, and would be written as 'tensor(7)'. Take the number out: .item().",
    name="tensor_counts",
    replace="N[i, j].item()",
    by="N[i, j]",
)
cells.misconception(
    "The count is a float, and would be written as '7.0'. Counts are whole numbers.",
    name="float_counts",
    replace="N[i, j].item()",
    by="float(N[i, j])",
)
cells.misconception(
    "Cells with a count of 0 were left out. An empty cell gets its label too.",
    name="no_zeros",
    replace="for j in range(size)",
    by="for j in range(size) if N[i, j] > 0",
)
cells.misconception(
    "Heights were counted from the bottom. imshow draws row 0 at the top, at y = 0.",
    name="from_the_bottom",
    replace="(j, i, itos[i]",
    by="(j, size - 1 - i, itos[i]",
)
cells.misconception(
    "The text is the number again. It is the bigram, two characters: itos[i] + itos[j].",
    name="count_as_text",
    replace="itos[i] + itos[j]",
    by="str(N[i, j].item())",
)
cells.misconception(
    "The text has only one of the two characters: itos[i] + itos[j].",
    name="one_character",
    replace="itos[i] + itos[j]",
    by="itos[j]",
)
cells.misconception(
    "The text is a pair of characters. Write it as one string: itos[i] + itos[j].",
    name="pair_as_text",
    replace="itos[i] + itos[j]",
    by="(itos[i], itos[j])",
)
cells.misconception(
    "The text is made of the indices. Look the characters up: itos[i] + itos[j].",
    name="indices_as_text",
    replace="itos[i] + itos[j]",
    by="str(i) + str(j)",
)
cells.misconception(
    "The row and column of '.' are missing: begin with 0, not with 1.",
    name="without_dot",
    replace="for i in range(size) for j in range(size)",
    by="for i in range(1, size) for j in range(1, size)",
)
cells.misconception(
    "The last row and column are missing: range(size) ends with size - 1 already.",
    name="without_last",
    replace="for i in range(size) for j in range(size)",
    by="for i in range(size - 1) for j in range(size - 1)",
)
cells.misconception(
    "One half of the table, up to its diagonal, is missing: 'av' and 'va' are two cells.",
    name="half",
    replace="for j in range(size)",
    by="for j in range(i, size)",
)
cells.misconception(
    "Only the diagonal was labeled: i and j need a loop each, not one together.",
    name="diagonal",
    replace="for j in range(size)",
    by="for j in [i]",
)
cells.misconception(
    "The table is not always 27 x 27: take its size from N.shape.",
    name="always_27",
    replace="size = N.shape[0]",
    by="size = 27",
)

cells.variant(
    "columns first",
    name="columns_first",
    replace="for i in range(size) for j in range(size)",
    by="for j in range(size) for i in range(size)",
)
cells.variant(
    "from a list of lists",
    name="from_lists",
    source="""
def cell_labels(N, itos):
    labels = []
    for y, row in enumerate(N.tolist()):
        for x, count in enumerate(row):
            labels.append((x, y, f"{itos[y]}{itos[x]}", count))
    return labels
""",
)
cells.variant(
    "with int()",
    name="with_int",
    replace="N[i, j].item()",
    by="int(N[i][j])",
)

cells.equivalent("0  ->  1", "N is square")
cells.equivalent("0  ->  -1", "N is square")
