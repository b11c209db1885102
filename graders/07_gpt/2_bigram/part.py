"""A bigram model with a known table: what the exercises of the part share."""

import torch


def a_model(model, table):
    """The model with this table, in its precision."""
    model = model.to(table.dtype)
    with torch.no_grad():
        model.token_embedding_table.weight.copy_(table)
    return model
