"""07.cross_attention: queries from one text, keys and values from another."""

import torch
import torch.nn.functional as F

from graders.authoring import Tol, exercise

from .part import gradients, leaf

cross = exercise("cross_attention", title="look up in someone else's notes", points=2, stretch=True)


@cross.cases
def _(rng):
    # B, T, S, n_embd, n_memory, head_size, n_out
    for i, (B, T, S, n_embd, n_memory, head_size, n_out) in enumerate(
        [
            (2, 4, 6, 5, 3, 7, 8),
            (1, 5, 3, 4, 6, 2, 7),
            (3, 1, 5, 2, 4, 6, 3),
            (2, 3, 1, 4, 5, 2, 6),
            (2, 5, 4, 1, 3, 6, 2),
            (3, 4, 2, 5, 1, 3, 6),
            (2, 3, 5, 4, 6, 1, 2),
            (2, 6, 3, 4, 2, 5, 1),
            (3, 4, 4, 5, 5, 5, 5),  # nothing fails for its shape
            (2, 4, 6, 3, 3, 5, 5),
            (2, 3, 3, 4, 4, 4, 4),
        ]
    ):
        kind = torch.float32 if i == 1 else torch.float64
        seen = rng.uniform(0, 1, *[(B, T, S), (B, 1, S), (T, S)][i % 3]) < 0.5
        seen[..., rng.integer(0, S)] = True
        case = dict(
            x=rng.normal(T, B, n_embd, dtype=kind).transpose(0, 1),
            memory=rng.normal(B, S, n_memory, dtype=kind),
            w_query=rng.normal(head_size, n_embd, dtype=kind),
            w_key=rng.normal(head_size, n_memory, dtype=kind),
            w_value=rng.normal(n_out, n_memory, dtype=kind),
        )
        yield dict(case, mask=None)
        yield dict(case, mask=seen)


def torchs_own(x, memory, w_query, w_key, w_value, mask):
    """torch's kernel, for each sequence alone."""
    outs = []
    for b in range(len(x)):
        seen = None
        if mask is not None:
            seen = mask.expand(len(x), x.shape[1], memory.shape[1])[b]
        q, k, v = F.linear(x[b], w_query), F.linear(memory[b], w_key), F.linear(memory[b], w_value)
        outs.append(F.scaled_dot_product_attention(q[None], k[None], v[None], attn_mask=seen)[0])
    return torch.stack(outs)


@cross.oracle
def _(**case):
    return torchs_own(**case)


def masked(rng):
    return list(cross.default_cases(rng))[1::2]


@cross.check("gradients", cases=masked)
def _(m, mask, **case):
    leaves = {name: leaf(tensor) for name, tensor in case.items()}
    return gradients(m.cross_attention(**leaves, mask=mask), leaves)


@cross.oracle("gradients")
def _(mask, **case):
    leaves = {name: leaf(tensor) for name, tensor in case.items()}
    return gradients(torchs_own(**leaves, mask=mask), leaves)


# the root may be taken in float32, torch.sqrt(torch.tensor(d)): right to 3e-8, whatever the scores are
cross.tolerance(Tol(rtol=2e-5))
cross.tolerance(Tol(rtol=2e-4), "gradients")  # in float32 what is left of large terms

cross.hint(
    "Who asks? x. Who answers? The memory. That decides what each of the three matrices multiplies."
)
cross.hint("Keys and values are of the same positions, those of the memory: S of each.")
cross.hint("return attention(x @ w_query.T, memory @ w_key.T, memory @ w_value.T, mask)")


def wrong(message, name, replace, by):
    cross.misconception(message, name=name, replace=replace, by=by)


wrong(
    """The roles are swapped: the memory asks and x answers. Queries come from x, keys and values from
    the memory.""",
    "roles_swapped",
    """    q = x @ w_query.T  # (B, T, head_size)
    k = memory @ w_key.T  # (B, S, head_size)
    v = memory @ w_value.T  # (B, S, n_out)
""",
    """    q = memory @ w_query.T
    k = x @ w_key.T
    v = x @ w_value.T
""",
)
wrong(
    """The memory is never used: x looks at itself, which is self-attention. Keys and values come from
    the memory.""",
    "self_attention",
    """    k = memory @ w_key.T  # (B, S, head_size)
    v = memory @ w_value.T  # (B, S, n_out)
""",
    """    k = x @ w_key.T
    v = x @ w_value.T
""",
)
wrong(
    """The values come from x. What is handed over is what was looked at: the memory's.""",
    "values_from_x",
    "v = memory @ w_value.T",
    "v = x @ w_value.T",
)
wrong(
    """The keys come from x. What is compared with the queries is what can be looked at: the memory.""",
    "keys_from_x",
    "k = memory @ w_key.T",
    "k = x @ w_key.T",
)
wrong(
    """The memory itself is handed over. Its values are memory @ w_value.T.""",
    "values_not_projected",
    "v = memory @ w_value.T",
    "v = memory",
)
wrong(
    """The matrices of keys and values have changed places.""",
    "key_value_swapped",
    """    k = memory @ w_key.T  # (B, S, head_size)
    v = memory @ w_value.T  # (B, S, n_out)
""",
    """    k = memory @ w_value.T
    v = memory @ w_key.T
""",
)
wrong(
    """There is a causal mask. The memory is not the future: all of it has been read before x is
    written.""",
    "causal",
    "attention(q, k, v, mask)",
    "attention(q, k, v, torch.ones(q.shape[1], k.shape[1]).tril().bool() & (True if mask is None else mask))",
)
wrong(
    """The mask is dropped on the way: pass it on to attention.""",
    "mask_dropped",
    "attention(q, k, v, mask)",
    "attention(q, k, v)",
)
wrong(
    """The memory is detached. Right numbers, but whoever wrote the memory (an encoder) gets no gradient
    from here and never learns what is asked of it.""",
    "memory_detached",
    "    q = x @ w_query.T  # (B, T, head_size)\n",
    "    q = x @ w_query.T\n    memory = memory.detach()\n",
)
wrong(
    """The matrices are used the other way round: as in nn.Linear they are (out, in), so x @ w.T.""",
    "not_transposed",
    "q = x @ w_query.T",
    "q = x @ w_query",
)

cross.variant(
    "linear and torch's kernel",
    name="fused",
    source="""
    def cross_attention(x, memory, w_query, w_key, w_value, mask=None):
        k, v = F.linear(memory, w_key), F.linear(memory, w_value)
        return F.scaled_dot_product_attention(F.linear(x, w_query), k, v, attn_mask=mask)
    """,
)
