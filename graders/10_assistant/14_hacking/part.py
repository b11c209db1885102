"""Reward hacking: a small GPT and a judge with numbers of their own, and what became of them."""

import torch

USER, ASSISTANT, END, PAD, VOCAB = 11, 12, 13, 14, 15  # as the part has them


def small_gpt(m, seed):
    """The part's own GPT, one block, in double precision, every parameter random; END is likely."""
    model = m.GPT(width=4, heads=2, layers=1).double()
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=g, dtype=torch.float64) * 0.6)
        model.head.bias[END] += 1.5
    return model


def judge_of(table):
    """(ids, mask) -> scores: the mean of a table's numbers over the tokens of the mask, with a graph."""
    table = table.clone().requires_grad_()

    def judge(ids, mask):
        m = mask.to(table.dtype)
        return (table[ids] * m).sum(1) / m.sum(1)

    return judge, table


def state(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}
