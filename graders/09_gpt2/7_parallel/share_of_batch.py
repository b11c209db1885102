"""09.share_of_batch: each rank reads its own piece of each step."""

import torch

from graders.authoring import exercise

ex = exercise("share_of_batch", title="who reads what")


@ex.cases
def _(rng):
    for B, T, rank, world_size, step in [
        (2, 3, 1, 2, 1),
        (1, 4, 0, 3, 2),
        (3, 1, 2, 3, 1),
        (2, 2, 3, 4, 0),
        (3, 2, 0, 1, 4),
        (1, 1, 4, 5, 3),
        (2, 5, 0, 2, 0),
        (3, 4, 1, 2, 3),
        (2, 3, 2, 3, 2),
        (2, 3, 1, 4, 2),
    ]:
        n = (step + 1) * world_size * B * T + 1  # just long enough
        yield dict(
            tokens=rng.integers(0, 1000, n), B=B, T=T, rank=rank, world_size=world_size, step=step
        )


@ex.oracle
def _(tokens, B, T, rank, world_size, step):
    pieces = iter(range(0, len(tokens), B * T))
    for s in range(step + 1):
        for r in range(world_size):
            at = next(pieces)
            if (s, r) == (step, rank):
                x = [[tokens[at + b * T + t] for t in range(T)] for b in range(B)]
                y = [[tokens[at + b * T + t + 1] for t in range(T)] for b in range(B)]
    return torch.tensor(x), torch.tensor(y)


ex.hint(
    "How many tokens has the world read before this step? And how many do the ranks before you read "
    "in it?"
)
ex.hint(
    "The piece begins at (step * world_size + rank) * B * T, and you need one token more than B * T."
)
ex.hint("piece = tokens[at : at + B * T + 1]; return piece[:-1].view(B, T), piece[1:].view(B, T)")

ex.misconception(
    "All ranks read the same tokens: the world then does the work of one, world_size times.",
    name="all_the_same",
    replace="(step * world_size + rank) * n",
    by="step * world_size * n",
)
ex.misconception(
    "Each step moves on by one rank's piece. All ranks together read world_size of them, so rank 1's "
    "next piece was just read "
    "by another: step * world_size + rank.",
    name="stride_of_one",
    replace="(step * world_size + rank) * n",
    by="(step + rank) * n",
)
ex.misconception(
    "The text was cut into one long stretch per rank. Here the ranks' pieces lie side by side in each step.",
    name="stretches",
    replace="(step * world_size + rank) * n",
    by="(rank * ((len(tokens) - 1) // (n * world_size)) + step) * n",
)
ex.misconception(
    "Counted by tokens instead of pieces: the beginning is to be multiplied by B * T.",
    name="no_piece",
    replace="(step * world_size + rank) * n",
    by="step * world_size * n + rank",
)
ex.misconception(
    "The targets are the inputs: each target is the token that *follows*, one further on.",
    name="not_shifted",
    replace="piece[1:].view",
    by="piece[:-1].view",
)
ex.misconception(
    "The targets begin one row later, not one token later.",
    name="shifted_by_row",
    replace="    return piece",
    by="    y = tokens.roll(-T)[at : at + n].view(B, T)\n    if n:\n        return piece[:-1].view(B, "
    "T), y\n    return piece",
)
ex.misconception(
    "The last target of each row is the first token of that row: rolling within the piece brings the "
    "beginning back in. Take one "
    "token more.",
    name="rolled",
    replace="    return piece",
    by="    if n:\n        x = piece[:-1].view(B, T)\n        return x, x.roll(-1, 1)\n    return piece",
)

ex.misconception(
    "rank and step have changed places: each rank got one long stretch of its own. In each step the "
    "ranks' pieces lie side by side: step * world_size + rank.",
    name="places_changed",
    replace="(step * world_size + rank) * n",
    by="(rank * world_size + step) * n",
)
ex.misconception(
    "The rows were dealt to the ranks in turn. A rank's piece is one stretch, B * T tokens on end.",
    name="dealt_in_turn",
    replace="    return piece",
    by="    start, size = step * world_size * n, world_size * n\n"
    "    x = tokens[start : start + size].view(-1, T)[rank::world_size]\n"
    "    y = tokens[start + 1 : start + size + 1].view(-1, T)[rank::world_size]\n"
    "    if n:\n        return x, y\n    return piece",
)

ex.variant(
    "unfold the world's step",
    name="reshaped",
    source="""
    def share_of_batch(tokens, B, T, rank, world_size, step):
        size = B * T * world_size
        x = tokens[step * size : (step + 1) * size].reshape(world_size, B, T)[rank]
        y = tokens[step * size + 1 : (step + 1) * size + 1].reshape(world_size, B, T)[rank]
        return x, y
""",
)
