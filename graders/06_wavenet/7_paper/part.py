"""The rest of the paper, all of it a stretch: gates, residual and skip connections."""

import torch


def a_block(rng, C, H, S):
    """Random weights of one block, biases far from zero."""
    return {
        "Wf": rng.normal(2 * C, H, std=C**-0.5),
        "bf": rng.normal(H),
        "Wg": rng.normal(2 * C, H, std=C**-0.5),
        "bg": rng.normal(H),
        "Wr": rng.normal(H, C, std=H**-0.5),
        "br": rng.normal(C),
        "Ws": rng.normal(H, S, std=H**-0.5),
        "bs": rng.normal(S),
    }


def conv(x, W, b, dilation):
    """Two taps by torch's conv1d: independent of the part's own."""
    weight = torch.stack([W[: x.shape[2]].T, W[x.shape[2] :].T], dim=-1)
    padded = torch.nn.functional.pad(x.transpose(1, 2), (dilation, 0))
    return torch.nn.functional.conv1d(padded, weight, b, dilation=dilation).transpose(1, 2)


def unit(x, block, dilation):
    """The gated unit, written with exponentials."""
    what = conv(x, block["Wf"], block["bf"], dilation)
    gate = conv(x, block["Wg"], block["bg"], dilation)
    return (what.exp() - (-what).exp()) / (what.exp() + (-what).exp()) / (1 + (-gate).exp())


def leaves(prefix, block):
    """Copies of a block's weights that torch records, and the same by a longer name."""
    copies = {name: t.clone().requires_grad_() for name, t in block.items()}
    return copies, {f"{prefix}{name}": t for name, t in copies.items()}


def upstream(out):
    return torch.linspace(-1, 2, out.numel(), dtype=torch.float64).view(out.shape)


def a_head(rng, S, K, V):
    return {
        "W1": rng.normal(S, K, std=S**-0.5),
        "b1": rng.normal(K),
        "W2": rng.normal(K, V, std=K**-0.5),
        "b2": rng.normal(V),
    }
