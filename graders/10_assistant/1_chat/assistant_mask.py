"""10.assistant_mask: which tokens the model itself has to write."""

import torch

from graders.authoring import exercise

from .part import chat, rendered, talk

ex = exercise("assistant_mask", title="the assistant's own tokens", points=2)

PAD = 261


def batch(rows, left=False, T=None):
    """Lists of ids as one tensor, padded on one side."""
    T = T or max(map(len, rows))
    return torch.tensor(
        [[PAD] * (T - len(r)) + r if left else r + [PAD] * (T - len(r)) for r in rows]
    )


@ex.cases
def _(rng):
    short = rendered(chat(("user", "H"), ("assistant", "Oh")))
    yield dict(ids=batch([short, short[:-1], short[:-2]], T=11))
    rows = [rendered(talk(rng, n, system=n != 3)) for n in (4, 6, 3, 1, 0)]
    long = rendered(talk(rng, 5))
    long[-2:-1] = [104, 105]
    yield dict(ids=batch([*rows, long]))
    yield dict(ids=batch([*rows, long], left=True))
    # cut off in front and behind, some of it within an assistant's turn
    talks = rendered(
        chat(("user", "ab"), ("assistant", "cde"), ("user", "f"), ("assistant", "ghi"))
    )
    yield dict(ids=torch.tensor([talks[i : i + 9] for i in range(len(talks) - 8)]))
    yield dict(ids=batch([talks[:-2], talks[:-4], talks[7:-1]], left=True))
    yield dict(ids=torch.tensor([[rng.integer(0, 256)], [259], [260], [PAD], [256]]))
    yield dict(ids=torch.tensor([talks]))
    # an empty answer; answers that hold bytes 0 and 255
    yield dict(ids=torch.tensor([[256, 258, 104, 260, 259, 260, 258, 260, 259, 0, 255, 260]]))
    yield dict(ids=torch.tensor([[256, 258, 104, 260, 259, 260], [256, 258, 260, 259, 97, 260]]))
    yield dict(ids=torch.tensor([[256, 258, 0, 260, 259, 0, 255, 260]]))
    case = torch.tensor([talks[:14], talks[-14:], talks[2:16]])
    yield dict(ids=case.T.contiguous().T)


@ex.oracle
def _(ids):
    out = []
    for row in ids.tolist():
        last = None  # the special token before this place
        marks = []
        for i in row:
            marks.append(last == 259 and (i < 256 or i == 260))
            last = i if i > 255 else last
        out.append(marks)
    return torch.tensor(out)


@ex.effort
def _(rng):
    for n in (16, 128):
        row = rendered(chat(("user", "H"), ("assistant", "h" * n)))
        yield dict(ids=batch([row]))


ex.hint("Walk through a row and remember one thing: is this the assistant's turn?")
ex.hint(
    "Its header switches that on but does not count itself; its END counts, and switches it off "
    "behind itself."
)
ex.hint(
    "own = False at the row's start; ASSISTANT: own = True; BOS, SYSTEM, USER, PAD: own = False; "
    "anything else: "
    "mask[b, t] = own, and END makes own False afterwards."
)

ex.misconception(
    """The assistant's END does not count: a model that is never trained to write it never stops. (So it
    goes, too, where padding is the end token.)""",
    name="end_left_out",
    replace="mask[b, t] = own\n",
    by="mask[b, t] = own and i != END\n",
)
ex.misconception(
    """The header counts. The generation prompt writes it, not the model: begin behind it.""",
    name="header_counts",
    replace="                own = True\n",
    by="                own = True\n                mask[b, t] = True\n",
)
ex.misconception(
    """The mask is one place early: it holds for the token itself here. Shifting comes with the targets, in
    the next part.""",
    name="shifted",
    replace="    return mask",
    by="    return torch.cat([mask[:, 1:], torch.zeros_like(mask[:, :1])], dim=1)",
)
ex.misconception(
    """The first token of each answer is lost: counting begins right behind the header.""",
    name="first_lost",
    replace="    return mask",
    by="    return mask & ~((ids == ASSISTANT).roll(1, 1))",
)
ex.misconception(
    """Only the last assistant turn of a row counts. Here all of them do.""",
    name="last_turn",
    replace="    return mask",
    by="    n = (ids == ASSISTANT).cumsum(1)\n    return mask & (n == n[:, -1:])",
)
ex.misconception(
    """Only the first assistant turn of a row counts. Here all of them do.""",
    name="first_turn",
    replace="    return mask",
    by="    return mask & ((ids == ASSISTANT).cumsum(1) == 1)",
)
ex.misconception(
    """Every END counts, the user's, too. Only the one that closes the assistant's turn is the assistant's
    own.""",
    name="every_end",
    replace="    return mask",
    by="    return mask | (ids == END)",
)
ex.misconception(
    """Padding counts in a turn that was cut off. PAD is nobody's token.""",
    name="padding_counts",
    edits=[("(BOS, SYSTEM, USER, PAD)", "(BOS, SYSTEM, USER)")],
)
ex.misconception(
    """The mask is that of the other tokens: True at the questions.""",
    name="inverted",
    replace="    return mask",
    by="    return ~mask",
)
ex.misconception(
    """All bytes count, whoever wrote them. Only those in the assistant's turns do, and its END.""",
    name="all_bytes",
    replace="    return mask",
    by="    return ids < 256",
)
ex.misconception(
    """A turn whose opening token is cut off counts. Nobody knows whose it is: False until the first
    header.""",
    name="open_at_start",
    replace="        own = False\n        for",
    by="        own = True\n        for",
)
ex.misconception(
    """The turn goes on from one row into the next. Each row starts with nobody's turn.""",
    name="over_rows",
    edits=[
        ("    for b, row", "    own = False\n    for b, row"),
        ("        own = False\n        for", "        for"),
    ],
)
ex.misconception(
    """Numbers came back where a mask is asked: dtype bool, so that it can select.""",
    name="numbers",
    replace="    return mask",
    by="    return mask.long()",
)
ex.misconception(
    """A turn that was cut off before its END does not count. The model wrote what is there: it does, up to
    the row's end or the padding.""",
    name="unclosed_lost",
    source="""def assistant_mask(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        start = None
        for t, i in enumerate(row):
            if i == ASSISTANT:
                start = t + 1
            elif i == END and start is not None:
                mask[b, start : t + 1] = True
                start = None
            elif i > 255:
                start = None
    return mask
""",
)

ex.misconception(
    """The END of an empty answer does not count. The assistant has to write it there, too: that it says
    nothing is its answer.""",
    name="empty_answer",
    replace="mask[b, t] = own\n",
    by="mask[b, t] = own and not (i == END and row[t - 1] == ASSISTANT)\n",
)
ex.misconception(
    """The work grows with the square of the row's length: for each token the row is gone through
    again (back to its header, say). Go from left to right once, and keep from token to token whose
    turn it is.""",
    name="back_to_the_header_each_time",
    source="""
def assistant_mask(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        for t, i in enumerate(row):
            s = t - 1
            while s >= 0 and row[s] < 256:
                s -= 1
            mask[b, t] = s >= 0 and row[s] == ASSISTANT and (i < 256 or i == END)
    return mask
""",
)

ex.variant(
    "no loop: the special token before each place decides",
    name="cummax",
    source="""def assistant_mask(ids):
    t = torch.arange(ids.shape[1]).expand(ids.shape)
    last = torch.where(ids > 255, t, -1).cummax(dim=1).values  # place of the latest special one
    before = torch.cat([torch.full_like(last[:, :1], -1), last[:, :-1]], dim=1)
    opener = torch.where(before < 0, PAD, ids.gather(1, before.clamp(min=0)))
    return (opener == ASSISTANT) & ((ids < 256) | (ids == END))
""",
)
ex.variant(
    "from header to END, found one after the other",
    name="spans",
    source="""def assistant_mask(ids):
    mask = ids != ids
    for b in range(len(ids)):
        for start in (ids[b] == ASSISTANT).nonzero().flatten().tolist():
            stop = start + 1
            while stop < ids.shape[1] and ids[b, stop] < 256:
                stop += 1
            mask[b, start + 1 : stop + 1] = True
    return mask & (ids != PAD)
""",
)

ex.equivalent(
    "ids.tolist()  ->  ids",
    "the numbers of a tensor compare as ints do",
)
ex.equivalent(
    "own = False  ->  (left out)",
    "the END before has switched it off",
)
ex.equivalent(
    "own = own and i != END  ->  (left out)",
    "behind END stands a header or PAD, and PAD goes on to the next header",
)
ex.equivalent(
    "own and i != END  ->  own",
    "behind END stands a header or PAD, and PAD goes on to the next header",
)
