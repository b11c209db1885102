"""What the exercises of this part share.

Linear, Tanh and BatchNorm1d with the API of torch.nn.
"""

from graders.authoring import put


def norm(m, gamma, beta, running_mean, running_var, eps, momentum):
    """A BatchNorm1d with these numbers in it."""
    layer = m.BatchNorm1d(len(gamma), eps, momentum)
    return put(layer, gamma=gamma, beta=beta, running_mean=running_mean, running_var=running_var)
