"""Stretch: softmax, layernorm, GELU, attention and convolution, backward: what the exercises share."""

from graders.authoring import part

part(forbid=("autograd",))


def leaf(x):
    """A float64 copy that torch records: the oracles are computed in double precision."""
    return x.detach().double().clone().requires_grad_()


def gradients(inputs, output, upstream):
    """d (output * upstream).sum() for each input, in the dtype of upstream."""
    (output * upstream).sum().backward()
    return tuple(x.grad.to(upstream.dtype) for x in inputs)


def turned(x):
    """The same numbers, stored in the order of the last two dimensions swapped: not contiguous."""
    return x.transpose(-2, -1).contiguous().transpose(-2, -1)
