"""Batch normalization, atom by atom: nine gradients: what the exercises share."""

from graders.authoring import part

part(forbid=("autograd",))


SIZES = [(1, 4), (2, 3), (5, 2), (4, 7), (3, 3)]  # n, n_hidden


def leaf(x):
    """A float64 copy that torch records: the oracles are computed in double precision."""
    return x.detach().double().clone().requires_grad_()


def gradient(x, output, upstream, like):
    """d (output * upstream).sum() / dx, in the dtype of ``like``."""
    (output * upstream).sum().backward()
    return x.grad.to(like.dtype)


def columns_first(x):
    """The same matrix, stored column by column: not contiguous."""
    return x.t().contiguous().t()
