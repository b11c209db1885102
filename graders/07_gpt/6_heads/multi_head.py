"""07.multi_head: a list of heads, side by side, projected."""

import torch

from graders.authoring import differentiate, exercise

from .part import SETTINGS, torchs_own, weights

multi_head = exercise("multi_head", title="multi-head attention as a list of heads", points=2)


@multi_head.cases
def _(rng):
    for sizes, dtype in SETTINGS:
        case = weights(rng, sizes, dtype)
        stacked = [case.pop(f"w_{name}").chunk(sizes[3]) for name in ("key", "query", "value")]
        yield dict(case, heads=list(zip(*stacked, strict=True)))
    # the last position scores far above all others, in one row or in the other
    case["x"] = x = case["x"][:1].repeat(2, 1, 1)
    x[0, -1] *= 2000
    x[1, -1] = -x[0, -1]
    yield dict(case, heads=list(zip(*stacked, strict=True)))


@multi_head.oracle
def _(x, heads, w_proj, b_proj, tril):
    k, q, v = (torch.cat(ws) for ws in zip(*heads, strict=True))
    return torchs_own(x, k, q, v, w_proj, b_proj, len(heads))


@multi_head.check("gradients")
def _(m, x, heads, w_proj, b_proj, tril):
    heads = [tuple(w.clone().requires_grad_() for w in head) for head in heads]
    leaves = {"x": x.requires_grad_(), "w_proj": w_proj.requires_grad_()}
    leaves["b_proj"] = b_proj.requires_grad_()
    for i, head in enumerate(heads):
        leaves.update({f"{n} {i}": w for n, w in zip(("key", "query", "value"), head, strict=True)})
    out = m.multi_head(x, heads, w_proj, b_proj, tril)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


multi_head.hint("One head is the part before this one. Loop over the list and collect the outputs.")
multi_head.hint("torch.cat(outs, dim=-1) lays them side by side: (B, T, nh * head_size).")
multi_head.hint("Last line: torch.cat(outs, dim=-1) @ w_proj.T + b_proj.")

multi_head.misconception(
    """The scores are not divided by sqrt(head_size): their variance grows with the head, and softmax
    saturates.""",
    name="no_scale",
    replace=" * k.shape[-1] ** -0.5",
    by="",
)
multi_head.misconception(
    """You scaled with the width of the input (n_embd). The dot product runs over head_size terms, so the
    scale is 1 / sqrt(head_size).""",
    name="scaled_by_n_embd",
    replace="k.shape[-1] ** -0.5",
    by="x.shape[-1] ** -0.5",
)
multi_head.misconception(
    """The mask is not cut to T: with a sequence shorter than block_size the shapes do not fit. Use
    tril[:T, :T].""",
    name="mask_not_cropped",
    replace="tril[:T, :T]",
    by="tril",
)
multi_head.misconception(
    """There is no mask: every position sees the future.""",
    name="no_mask",
    replace='wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))\n',
    by="\n",
)
multi_head.misconception(
    """Softmax comes first, then the future's shares are crossed out and the rest is divided by its sum. On
    paper that is the same; but where the future had everything, 0 / 0 is left (nan). Put -inf into the scores
    before softmax.""",
    name="renormalized",
    edits=[
        ('wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))\n', "\n"),
        (
            "outs.append(F.softmax(wei, dim=-1) @ v)",
            "p = F.softmax(wei, dim=-1) * tril[:T, :T]\n"
            "        outs.append((p / p.sum(-1, keepdim=True)) @ v)",
        ),
    ],
)
multi_head.misconception(
    """The softmax runs over the queries. Each query shares out its attention among the keys: dim=-1.""",
    name="softmax_over_queries",
    replace="F.softmax(wei, dim=-1)",
    by="F.softmax(wei, dim=-2)",
)
multi_head.misconception(
    """The output projection's bias is left out: add b_proj at the end.""",
    name="no_bias",
    replace=" @ w_proj.T + b_proj",
    by=" @ w_proj.T",
)

multi_head.misconception(
    """The tuple is read in the wrong order: it holds key, query, value, and you took the first for the
    query.""",
    name="query_first",
    replace="for w_key, w_query, w_value in heads",
    by="for w_query, w_key, w_value in heads",
)
multi_head.misconception(
    """The last head stands first. The projection's columns belong to the heads in the order of the list.""",
    name="reversed",
    replace="torch.cat(outs, dim=-1)",
    by="torch.cat(outs[::-1], dim=-1)",
)
multi_head.variant(
    "linear and einsum",
    name="einsum",
    edits=[
        ("q @ k.transpose(-2, -1)", 'torch.einsum("bth,bsh->bts", q, k)'),
        (
            "torch.cat(outs, dim=-1) @ w_proj.T + b_proj",
            "F.linear(torch.cat(outs, -1), w_proj, b_proj)",
        ),
    ],
)
