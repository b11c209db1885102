"""From the loss back to the logits: the eight atoms of cross-entropy: what the exercises share."""

from graders.authoring import part

part(forbid=("autograd",))


SHAPES = [(1, 5), (4, 3), (2, 7), (6, 11)]


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
