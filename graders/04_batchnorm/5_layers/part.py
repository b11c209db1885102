"""What the exercises of this part share.

Linear, Tanh and BatchNorm1d with the API of torch.nn.
"""


def norm(m, gamma, beta, running_mean, running_var, eps, momentum):
    """A BatchNorm1d with these numbers in it."""
    layer = m.BatchNorm1d(len(gamma), eps, momentum)
    layer.gamma, layer.beta = gamma, beta
    layer.running_mean, layer.running_var = running_mean, running_var
    return layer
