"""The right numbers, negated but not yet (a view with a bit set): an honest tensor all the same."""
import torch


def second(x):
    return torch._neg_view(-x.cummax(0).values)
