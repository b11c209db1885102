"""The first linear layer, and the embedding table behind it: what the exercises share."""

from graders.authoring import part

part(forbid=("autograd",))


SIZES = [(1, 2, 3), (4, 6, 5), (2, 6, 7), (5, 4, 3), (3, 3, 3)]  # n, fan_in, n_hidden


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
