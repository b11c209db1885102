"""The same, looked up in the table in which torch keeps such formulas by their operator."""

import torch
from torch._decomp import decomposition_table

found = {str(key): formula for key, formula in decomposition_table.items()}


def h_backward(dlogits, W2):
    rows = (dlogits[:, :, None] * W2.T).flatten(0, 1)  # a sum over letters is an embedding's gradient
    place = torch.arange(len(dlogits)).repeat_interleave(W2.shape[1])
    formula = found["aten.embedding_dense_backward.default"]
    return formula(rows, place, len(dlogits), -1, False)
