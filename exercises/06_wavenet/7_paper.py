# `hero check 06/7` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # What else is in the paper: gates, residuals, skips
#
# Everything here is a stretch: worth points, never needed later. The network of part 6 has the
# paper's shape, but three ideas are missing that make it trainable when it is 30 layers deep:
#
#                    ┌──────────────────────────────────────┐
#                    │   ┌─ filter ─ tanh ────┐             │            residual:
#     x (B, T, C) ───┴───┤                    × ─ z ─┬─ Wr ─ + ──► x' (B, T, C), to the next block
#                        └─ gate ── sigmoid ─┘       │
#                                                    └─ Ws ──────► skip (B, T, S), to the output
#
#     logits = W2 · relu( W1 · relu( skip_1 + skip_2 + ... + skip_L ) )
#
# The paper made sound with it, sample by sample, 16,000 a second; we stay with names. What will go
# wrong: tanh and sigmoid swap places (trained from scratch it does as well, since filter and gate only
# change names; with weights that were trained the other way the loss jumps), the residual is taken
# from z instead of from x, a block's skip is added to the stream it was branched off from.

# %%
import argparse
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The convolution of part 6, given


# %%
def dilated_conv(x, W, b, dilation):
    """out[:, t] = [x[:, t - dilation], x[:, t]] @ W + b, zeros before the beginning.

    x (B, T, C_in), W (2 * C_in, C_out), b (C_out,) -> (B, T, C_out).
    """
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return torch.cat([left, x], dim=-1) @ W + b


# %% [markdown]
# ## The gated activation
#
# Two convolutions side by side read the same x. One computes *what* to say, between -1 and 1. The
# other, *how much* of it to let through, between 0 and 1:
#
#     z = tanh(filter) * sigmoid(gate)
#
# A gate near 0 closes the channel at this position; the filter may then say what it likes. LSTMs
# were built on such gates, and today's transformers have them in their feed-forward layers.


# %%
def gated(x, block, dilation):
    """The gated activation unit.

    Args:
        x: float (B, T, C).
        block: dict with "Wf" (2 * C, H) and "bf" (H,), the filter's weights, and "Wg" (2 * C, H)
            and "bg" (H,), the gate's (other entries are not used here).
        dilation: of both convolutions.

    Returns:
        float (B, T, H): tanh of the filter's convolution times sigmoid of the gate's.

    Example:
        >>> x, one = torch.ones(1, 1, 1), torch.tensor([[0.0], [1.0]])
        >>> block = {"Wf": one, "bf": torch.zeros(1), "Wg": one, "bg": torch.tensor([-1.0])}
        >>> gated(x, block, dilation=1)
        tensor([[[0.3808]]])

    Source: van den Oord et al. 2016, "WaveNet", equation 2.
    """
    # TODO 06.gated: your code here (stuck? `hero hint 06.gated`)
    raise NotImplementedError("06.gated")


# %% [markdown]
# ## Residual and skip
#
# A block does not replace its input, it *adds* to it: x' = x + z @ Wr + br. With 30 blocks the
# gradient then has a straight way down, past all the gates. And each block reports to the output
# directly, over its skip: z @ Ws + bs. What a lower block found out about neighbors need not be
# carried through all the upper ones.


# %%
def residual_block(x, block, dilation):
    """One block: the stream for the next block, and what goes to the output.

    With z = gated(x, block, dilation), the stream is x plus z @ Wr + br, and the skip is
    z @ Ws + bs. (The paper's figure 4 draws one matrix for both; most implementations, and this
    one, have two, so that the skip may have a width of its own.)

    Args:
        x: float (B, T, C).
        block: dict with the entries of `gated`, and "Wr" (H, C), "br" (C,), "Ws" (H, S), "bs" (S,).
        dilation: of the block's convolutions.

    Returns:
        A tuple (stream, skip): float (B, T, C) and float (B, T, S).

    Source: van den Oord et al. 2016, section 2.4 and figure 4.
    """
    # TODO 06.residual_block: your code here (stuck? `hero hint 06.residual_block`)
    raise NotImplementedError("06.residual_block")


# %% [markdown]
# ## The output
#
# All skips are added up, and two small layers make logits of the sum. ReLU comes *before* each of
# them: a ReLU after the last would forbid negative logits.


# %%
def output(skips, head):
    """Logits from the skips of all blocks.

    Args:
        skips: list of one or more float (B, T, S).
        head: dict with "W1" (S, K), "b1" (K,), "W2" (K, vocab_size), "b2" (vocab_size,).

    Returns:
        float (B, T, vocab_size): sum, ReLU, @ W1 + b1, ReLU, @ W2 + b2.

    Example:
        >>> one, zero = torch.ones(1, 1), torch.zeros(1)
        >>> head = {"W1": one, "b1": zero, "W2": -one, "b2": zero + 0.5}
        >>> output([torch.tensor([[[3.0], [-1.0]]]), torch.tensor([[[-1.0], [-1.0]]])], head)
        tensor([[[-1.5000],
                 [ 0.5000]]])

    Source: van den Oord et al. 2016, figure 4 (the right-hand side).
    """
    # TODO 06.output: your code here (stuck? `hero hint 06.output`)
    raise NotImplementedError("06.output")


# %% [markdown]
# ## All of it
#
# The stream goes up from block to block; what is left of it at the top is not used: only the skips
# reach the output.


# %%
def paper_wavenet(x, blocks, head):
    """The network of the paper's figure 4, on embedded characters.

    Args:
        x: float (B, T, C).
        blocks: list of one or more pairs (dilation, block), from the bottom up; block as in
            residual_block.
        head: as in output.

    Returns:
        Logits, float (B, T, vocab_size): output(skips of all blocks, head). The first block gets
        x, each further one the stream of the block before.

    Source: van den Oord et al. 2016, figure 4.
    """
    # TODO 06.paper_wavenet: your code here (stuck? `hero hint 06.paper_wavenet`)
    raise NotImplementedError("06.paper_wavenet")


# %% [markdown]
# ## Run it
#
# Four blocks with dilations 1, 2, 4, 8 see 16 characters: nearly every name from its beginning.
# Whole names are read at once, as in part 6: 2,000 steps, a quarter of a minute, end at a dev loss
# of 2.09. The picture shows one block's gates along a name. It is your `gated`, with a filter that
# always says 1.


# %%
def init(vocab_size, C, H, S, dilations, g):
    """Table, blocks, head, and the list of all tensors that learn."""

    def matrix(i, j, scale=1.0):
        return torch.randn(i, j, generator=g) * scale / i**0.5

    blocks = []
    for dilation in dilations:
        block = {"Wf": matrix(2 * C, H), "Wg": matrix(2 * C, H), "Wr": matrix(H, C, 0.5)}
        block |= {"Ws": matrix(H, S), "bf": torch.zeros(H), "bg": torch.zeros(H)}
        blocks.append((dilation, block | {"br": torch.zeros(C), "bs": torch.zeros(S)}))
    head = {"W1": matrix(S, S), "b1": torch.zeros(S)}
    head |= {"W2": matrix(S, vocab_size, 0.1), "b2": torch.zeros(vocab_size)}
    table = torch.randn(vocab_size, C, generator=g)
    tensors = [table, *head.values(), *[t for _, block in blocks for t in block.values()]]
    for t in tensors:
        t.requires_grad_()
    return table, blocks, head, tensors


def batch_of_names(names, stoi):
    """Inputs (B, T): a dot, then the name; targets (B, T): what comes next, -100 for none."""
    X = torch.zeros(len(names), 1 + max(map(len, names)), dtype=torch.int64)
    Y = torch.full_like(X, -100)
    for i, name in enumerate(names):
        ids = torch.tensor([stoi[c] for c in name])
        X[i, 1 : 1 + len(ids)] = ids
        Y[i, : len(ids)] = ids
        Y[i, len(ids)] = 0
    return X, Y


def loss_of(logits, Y):
    """Cross-entropy over all positions that have a target."""
    return F.cross_entropy(logits.flatten(0, 1), Y.flatten(), ignore_index=-100)


def sample(model, itos, g, how_many=10):
    """New names: model maps indices (1, T) to logits (1, T, vocab_size)."""
    names = []
    for _ in range(how_many):
        ids = [0]
        while len(ids) < 30:
            with torch.no_grad():
                probs = F.softmax(model(torch.tensor([ids]))[0, -1], dim=0)
            ix = int(torch.multinomial(probs, 1, generator=g))
            if ix == 0:
                break
            ids.append(ix)
        names.append("".join(itos[ix] for ix in ids[1:]))
    return names


def plot_gates(x, block, dilation, text, path):
    """How far each channel's gate is open at each position of one name: x (1, T, C)."""
    from matplotlib.figure import Figure

    open_filter = {"Wf": torch.zeros_like(block["Wf"]), "bf": torch.full_like(block["bf"], 20.0)}
    with torch.no_grad():
        gates = gated(x, block | open_filter, dilation)[0].T  # (H, T), tanh(20) is 1
    gates = gates[gates.std(1).argsort(descending=True)]
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(gates, aspect="auto", cmap="gray", vmin=0, vmax=1)
    axes.set_xticks(range(len(text)), list(text), family="monospace", fontsize=13)
    axes.set(xlabel="position", ylabel="channels, the busiest first")
    axes.set_title("gates: black is closed, white is open")
    figure.colorbar(image, shrink=0.6, label="how far open")
    figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description="The paper's network on whole names.")
    parser.add_argument("--steps", type=int, default=2_000)
    parser.add_argument("--full", action="store_true", help="8,000 steps of a larger network")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--name", default="josephine", help="whose gates to draw")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps, C, H, S = (8_000, 48, 48, 96) if args.full else (args.steps, 32, 32, 64)
    names = load_names(args.data)
    if steps < 1 or len(names) < 100 or not set(args.name) <= set("".join(names)):
        parser.error("this takes at least 1 step, 100 names or more, and a name of their letters")
    random.Random(42).shuffle(names)
    itos = ["."] + sorted(set("".join(names)))
    stoi = {c: ix for ix, c in enumerate(itos)}
    cuts = int(0.8 * len(names)), int(0.9 * len(names))
    g = torch.Generator().manual_seed(42)
    table, blocks, head, tensors = init(len(itos), C, H, S, [1, 2, 4, 8], g)
    print(f"{sum(t.numel() for t in tensors):,} parameters in {len(blocks)} blocks")

    def model(ids):
        return paper_wavenet(table[ids], blocks, head)

    optimizer = torch.optim.Adam(tensors, lr=3e-3)
    running, piece, chosen = 3.3, max(1, steps // 200), random.Random(42)
    with progress(max(1, steps // piece), "training") as bar:
        for step in range(steps):
            if step == steps // 2:
                optimizer.param_groups[0]["lr"] = 3e-4
            X, Y = batch_of_names(chosen.sample(names[: cuts[0]], 32), stoi)
            loss = loss_of(model(X), Y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += 0.01 * (loss.item() - running)
            if (step + 1) % piece == 0:
                bar.update(loss=running)

    with torch.no_grad():
        for split, part in (("train", names[: cuts[0]]), ("dev", names[cuts[0] : cuts[1]])):
            X, Y = batch_of_names(part[:4000], stoi)
            print(f"{split:<6} loss {loss_of(model(X), Y).item():.3f}")
    print("new names: " + " ".join(sample(model, itos, g)))
    X, _ = batch_of_names([args.name], stoi)
    path = picture("06_wavenet/gates.png")
    plot_gates(table[X], blocks[0][1], blocks[0][0], "." + args.name, path)
    print(f"{path}: each column is a position, each row a channel that opens and closes.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all four of the part.")
    except DataError as error:
        sys.exit(str(error))
