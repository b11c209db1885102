# `hero check 10/3` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Packing: many conversations in one row
#
# Most conversations are short. Pad each to the longest, and the model mostly computes padding: of rows of
# lengths 3, 5, 2, 6 and 4, a third of the rectangle of 5 · 6 places is empty. So several are put into one
# row, one behind the other, and the rectangle is nearly full.
#
# Then the documents in a row must not know of each other: look at their own tokens only, be counted from
# their own beginning, and not be asked for the next one's first word. If all three hold, each gets the
# logits that it would get alone. This is what you will build, and prove.
#
# ![The mask of a packed row, without and with documents](pictures/packed_mask.png)
#
# What will go wrong: nothing crashes. Without the mask the second conversation has read the first, somebody
# else's; without new positions it begins in the midst; without new targets each END is trained to be
# followed by a stranger's "hello". The loss looks fine, and the model is a little worse.

# %%
import argparse
import sys

import torch
from torch import nn

from data import DataError, load_names, picture

# the chat format of part 1: bytes, and behind them the special tokens
BOS, SYSTEM, USER, ASSISTANT, END, PAD = range(256, 262)

# %% [markdown]
# ## Which documents go together?
#
# To fill the fewest rows is a famous hard problem, bin packing. A greedy rule comes close, **first fit
# decreasing**: take the documents from the longest to the shortest, and put each into the first row that
# has room for it. The long ones need most room, so they come first; the short ones fill the gaps.
#
#     lengths 3 5 2 6 4, capacity 8       row 0: 6 2     row 1: 5 3     row 2: 4
#
# (Shuffle the *rows* before training: otherwise all short documents come in the last steps.)


# %%
def pack(lengths, capacity):
    """Which documents share a row, by first fit decreasing.

    Args:
        lengths: a list of ints >= 1, the lengths of the documents; may be empty; not changed.
        capacity: how many tokens a row holds, an int >= 1.

    Returns:
        A list of rows, in the order in which they were opened. A row is a list of documents (their places
        in lengths), in the order in which they were put there. Documents are taken from the longest to the
        shortest, of equally long ones the one that stands first in lengths. Each goes into the first row
        that has room (exactly full is fine), or, if none has, into a new one.

    Raises:
        ValueError: a document is longer than capacity.

    Example:
        >>> pack([3, 5, 2, 6, 4], 8)
        [[3, 2], [1, 0], [4]]
    """
    # TODO 10.pack: your code here (stuck? `hero hint 10.pack`)
    raise NotImplementedError("10.pack")


# %% [markdown]
# ## What was it worth?
#
# The **share of padding** is how much of the rectangle is empty. Packed, the rectangle has as many rows as
# `pack` says, each of `capacity` places. One document per row, it has a row for each, as long as the
# longest. Above: 20 tokens are in 24 places, so 1/6 is padding; alone they are in 30, so 1/3 is.


# %%
def padding_shares(lengths, capacity):
    """The share of padding, packed, and one document per row.

    Args:
        lengths: as in pack, but not empty.
        capacity: as in pack, and with the same ValueError.

    Returns:
        (packed, alone): Python floats from 0 to below 1. packed: the share of empty places where pack's
        rows are `capacity` long each; alone: where each document has a row of its own, and all of these
        are as long as the longest document.

    Example:
        >>> [round(share, 4) for share in padding_shares([3, 5, 2, 6, 4], 8)]
        [0.1667, 0.3333]
    """
    # TODO 10.padding_shares: your code here (stuck? `hero hint 10.padding_shares`)
    raise NotImplementedError("10.padding_shares")


# %% [markdown]
# ## Fill the rows, and remember who is who
#
# Beside the ids goes a second table of the same shape, the **document ids**: which document of its row a
# token is part of, 0, 1, 2, ..., and -1 at padding. Everything else follows from it.
#
#     ids          a a a a a a b b      (the 6 and the 2)
#     documents    0 0 0 0 0 0 1 1


# %%
def fill_rows(docs, rows, capacity, pad):
    """Packed ids, and which document each token is part of.

    Args:
        docs: a list of documents, lists of at least one int each; not changed. They may hold the id `pad`.
        rows: as pack returns them: which documents stand in which row, in which order. At least one row;
            each has at least one document, and is not too long.
        capacity: how long the rows are.
        pad: the int that the rest of each row, on its right, is filled with.

    Returns:
        (ids, documents), int64 (len(rows), capacity) each: the tokens of a row's documents one behind the
        other, then pad; and 0 for those of the row's first document, 1 for its second, ..., -1 at padding.
        The work grows with the number of documents.

    Example:
        >>> fill_rows([[7, 8], [9]], [[0, 1]], 4, 0)
        (tensor([[7, 8, 9, 0]]), tensor([[ 0,  0,  1, -1]]))
    """
    # TODO 10.fill_rows: your code here (stuck? `hero hint 10.fill_rows`)
    raise NotImplementedError("10.fill_rows")


# %% [markdown]
# ## Count from each document's beginning
#
# A document that stands in the second half of a row would be told that it begins at position 6. Alone it
# begins at 0. So positions **restart**:
#
#     documents    0 0 0 0 0 0 1 1 -1 -1
#     positions    0 1 2 3 4 5 0 1  0  0
#
# A position is the column, minus the column in which the document began.


# %%
def restart_positions(documents):
    """Positions that begin with 0 at each document.

    Args:
        documents: int64 (R, T): in each row, neighbours with equal numbers are parts of the same document;
            no number comes back later in the row. -1 is padding, at the end of the row only. The numbers
            of a row need not be in order, or begin with 0.

    Returns:
        int64 (R, T): 0, 1, 2, ... along each document, and 0 at all padding.

    Example:
        >>> restart_positions(torch.tensor([[0, 0, 0, 1, 1, -1, -1]]))
        tensor([[0, 1, 2, 0, 1, 0, 0]])
    """
    # TODO 10.restart_positions: your code here (stuck? `hero hint 10.restart_positions`)
    raise NotImplementedError("10.restart_positions")


# %% [markdown]
# ## The mask: blocks on the diagonal
#
# A token may look at what is not later *and* in its own document. As a matrix, that is the causal triangle
# cut into a small triangle for each document: the picture above. Padding may look at itself only. (At
# nothing, its softmax would be over nothing, NaN; and nobody looks at it.)


# %%
def packed_mask(documents):
    """Who may look at whom.

    Args:
        documents: int64 (R, T), as in restart_positions.

    Returns:
        bool (R, T, T): entry [r, q, k] is True where the token in column q may look at the one in column
        k: both are in the same document and k <= q. A padding token may look at itself only.

    Example:
        >>> packed_mask(torch.tensor([[0, 0, 1, -1]])).int()
        tensor([[[1, 0, 0, 0],
                 [1, 1, 0, 0],
                 [0, 0, 1, 0],
                 [0, 0, 0, 1]]], dtype=torch.int32)
    """
    # TODO 10.packed_mask: your code here (stuck? `hero hint 10.packed_mask`)
    raise NotImplementedError("10.packed_mask")


# %% [markdown]
# ## Targets that stay at home
#
# Targets are the next tokens, where the mask of part 2 says that they count. New: a document's last token
# must not predict the first one of the next, even where *everything* counts, as in pretraining.
#
#     ids          a  b  c  x  y  .
#     documents    0  0  0  1  1 -1
#     targets      b  c  .  y  .          (T - 1 of them; a dot is -100)


# %%
def packed_targets(ids, documents, mask):
    """The targets of packed rows; the inputs are ids[:, :-1].

    Args:
        ids: int64 (R, T), T >= 1; not changed.
        documents: int64 (R, T), as in restart_positions.
        mask: bool (R, T), True where the token itself counts; at padding it may be anything.

    Returns:
        int64 (R, T - 1): entry t is ids[:, t + 1] where that token counts and is part of the same document
        as token t; -100 elsewhere.

    Example:
        >>> ids, documents = torch.tensor([[5, 6, 7, 8, 0]]), torch.tensor([[0, 0, 1, 1, -1]])
        >>> packed_targets(ids, documents, torch.ones(1, 5, dtype=torch.bool))
        tensor([[   6, -100,    8, -100]])
    """
    # TODO 10.packed_targets: your code here (stuck? `hero hint 10.packed_targets`)
    raise NotImplementedError("10.packed_targets")


# %% [markdown]
# ## The proof
#
# Put it together: pack, fill, one forward pass with positions and mask, and cut the logits apart again.
# Then each document's logits must be those that it gets alone. That is a test that you can make of every
# training program: two numbers that have to be equal.


# %%
def packed_logits(model, docs, capacity, pad):
    """The logits of each document, computed in packed rows.

    Args:
        model: model(ids, positions, mask) -> logits float (R, T, V), where ids and positions are int64 (R,
            T) and mask is bool (R, T, T), True where the query (second index) may look at the key (third).
            If it is an nn.Module, its mode stays as it is.
        docs: a list of at least one document, lists of at least one int each; not changed.
        capacity: how long a row is.
        pad: the id that rows are filled with.

    Returns:
        A list of float tensors (len(doc), V), one for each document, in the order of docs: what model
        gives in *one* call, on rows of `capacity` tokens packed by pack. Gradients flow through them.

    Raises:
        ValueError: as in pack.
    """
    # TODO 10.packed_logits: your code here (stuck? `hero hint 10.packed_logits`)
    raise NotImplementedError("10.packed_logits")


# %% [markdown]
# ## Stretch: no mask at all
#
# A T · T mask is large. Fast attention kernels (FlashAttention) want all real tokens in one line, without
# padding, and where documents begin in it, then its length: `cu_seqlens`, the cumulative lengths of
# sequences. For documents of lengths 6, 2, 5, 3 and 4: 0, 6, 8, 13, 16, 20.


# %%
def cu_seqlens(documents):
    """Where documents begin when all real tokens stand in one line.

    Args:
        documents: int64 (R, T), as in restart_positions. Each row counts for itself: the last document of
            a row and the first of the next are two, even if they have the same number. A row may be
            padding only.

    Returns:
        (cu, longest): cu, int32 (n + 1,), for n documents: 0, then for each document, row by row, how many
        real tokens there are up to and including it. longest: the length of the longest document, a Python
        int; 0 if there is none.

    Example:
        >>> cu_seqlens(torch.tensor([[0, 0, 0, 1], [1, 1, -1, -1]]))
        (tensor([0, 3, 4, 6], dtype=torch.int32), 3)
    """
    # TODO 10.cu_seqlens: your code here (stuck? `hero hint 10.cu_seqlens`)
    raise NotImplementedError("10.cu_seqlens")


# %% [markdown]
# ## A small GPT, given
#
# As in part 2, but the mask says who may look at whom; without it, everything that is not later.


# %%
class GPT(nn.Module):
    """ids, int64 (B, T) with T <= block_size -> logits (B, T, vocab_size)."""

    def __init__(self, vocab_size, block_size, n_embd=64, n_head=4, n_layer=2):
        super().__init__()
        self.n_head = n_head
        self.token = nn.Embedding(vocab_size, n_embd)
        self.position = nn.Embedding(block_size, n_embd)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        block = nn.TransformerEncoderLayer(n_embd, n_head, 4 * n_embd, **options)
        self.blocks = nn.TransformerEncoder(block, n_layer, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size)

    def forward(self, ids, positions=None, mask=None):
        B, T = ids.shape
        positions = torch.arange(T) if positions is None else positions
        mask = torch.ones(B, T, T, dtype=torch.bool).tril() if mask is None else mask
        x = self.token(ids) + self.position(positions)
        blocked = ~mask.repeat_interleave(self.n_head, dim=0)  # (B * n_head, T, T); True: may not
        return self.head(self.norm(self.blocks(x, mask=blocked)))


# %% [markdown]
# ## Run it
#
# `hero run 10/3` packs 200 greetings of unequal length and says how much padding is left; then the proof,
# with a model of random weights, and what becomes of it without mask, positions or both; and the picture.
#
# **Break it**: let `pack` begin with the shortest documents. The 58 rows become 70, and a fifth is padding.


# %%
def greeting(name, times):
    turns = [USER, *name.encode(), END, ASSISTANT, *f"Hello, {name}!".encode(), END]
    return [BOS, *turns * times]


COLOURS = ["white", "#D55E00", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#bbbbbb"]


def draw(documents, names):
    """The causal mask, and the one that knows of documents, for one row."""
    from matplotlib.colors import ListedColormap
    from matplotlib.figure import Figure

    T = len(documents)
    own = packed_mask(documents[None])[0]
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    colours = ListedColormap(COLOURS)
    kind = torch.where(documents < 0, 6, documents % 4 + 2)[:, None].expand(T, T)
    starts = [t for t in range(T) if t == 0 or documents[t] != documents[t - 1]]
    titles = [
        "causal only: below the triangles\nit looks into other documents",
        "one triangle\nfor each document",
    ]
    for axes, mask, title in zip(figure.subplots(1, 2), (causal, own), titles, strict=True):
        shown = torch.where(mask, torch.where(own, kind, 1), 0)
        axes.imshow(shown, cmap=colours, vmin=0, vmax=6, interpolation="nearest")
        axes.set(xlabel="key: is looked at", ylabel="query: looks", title=title)
        axes.set_xticks(starts, names[: len(starts)], rotation=60, ha="right", fontsize=10)
        axes.set_yticks(starts, names[: len(starts)], fontsize=10)
    path = picture("10_assistant/packed_mask.png")
    figure.savefig(path, dpi=90)
    print(f"look at {path}")


def main():
    parser = argparse.ArgumentParser(description="Pack short conversations.")
    parser.add_argument("--capacity", type=int, default=128, help="tokens in a row")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.capacity < 100:
        parser.error("--capacity is at least 100, for the longest chat")
    torch.manual_seed(0)
    names = [name for name in load_names() if len(name) < 9]
    picked = [names[i] for i in torch.randint(0, len(names), (200,)).tolist()]
    times = torch.multinomial(torch.tensor([0.0, 0.7, 0.2, 0.1]), 200, True).tolist()
    docs = [greeting(name, n) for name, n in zip(picked, times, strict=True)]
    lengths = [len(doc) for doc in docs]
    packed, alone = padding_shares(lengths, args.capacity)
    rows = pack(lengths, args.capacity)
    print(f"{len(docs)} chats of {min(lengths)} to {max(lengths)} tokens: {len(rows)} packed rows")
    print(f"share of padding: {packed:.1%} packed, {alone:.1%} one chat per row")
    model = GPT(262, args.capacity).eval()
    with torch.no_grad():
        wanted = [model(torch.tensor([doc]))[0] for doc in docs]
        say("positions and mask", packed_logits(model, docs, args.capacity, PAD), wanted)
        for title, change in [
            ("no mask (positions only)", lambda ids, positions, mask: model(ids, positions)),
            ("no positions (mask only)", lambda ids, positions, mask: model(ids, None, mask)),
            ("neither", lambda ids, positions, mask: model(ids)),
        ]:
            say(title, packed_logits(change, docs, args.capacity, PAD), wanted)
    row = max(rows[:-1], key=len, default=rows[0])
    documents = fill_rows(docs, [row], args.capacity, PAD)[1][0]
    draw(documents, [picked[d] for d in row] + ["padding"])


def say(title, found, wanted):
    pairs = list(zip(found, wanted, strict=True))
    far = max(float((a - b).abs().max()) for a, b in pairs)
    others = sum(int((a.argmax(-1) != b.argmax(-1)).sum()) for a, b in pairs)
    share = others / sum(map(len, wanted))
    print(f"{title}: logits differ by up to {far:.1e}, {share:.0%} of the best tokens are others")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
