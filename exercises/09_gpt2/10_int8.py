# `hero check 09/10` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Eight bits are enough to write with
#
# To decode one token, every weight is fetched from memory, multiplied once, and forgotten. The fetching takes
# longer than the multiplying. Weights that are a quarter as large are fetched in a quarter of the time, and a
# model that did not fit now does. So a trained matrix is kept as integers from -127 to 127, and **one float
# per row** that says how much 1 is worth there:
#
# $$s_i = \frac{\max_j |W_{ij}|}{127} \qquad q_{ij} = \text{round}(W_{ij} / s_i)
# \qquad W_{ij} \approx s_i\, q_{ij}$$
#
# A row by hand: (0.3, -1.27, 0.504) has its largest at 1.27, so 1 is worth 0.01; it becomes
# (30, -127, 50), and read back (0.3, -1.27, 0.5). No weight is off by more than half of s.
#
# Why a row of its own? With one scale for the whole matrix a single large weight makes the steps coarse for
# all of them. Row i feeds only output i, so its scale can wait until the sum is done:
#
# $$y_i = \sum_j s_i\,q_{ij}\,x_j + b_i = s_i \sum_j q_{ij}\,x_j + b_i$$
#
# What will go wrong: cutting off instead of rounding doubles the error and pulls every weight toward zero;
# 128 does not fit into int8 and comes out as -128; a row of zeros divides by zero.

# %%
import torch
import torch.nn as nn
import torch.nn.functional as F


# %%
def quantize_rows(W):
    """Rows of weights as 8-bit integers, with a scale for each row.

    Args:
        W: float (out, in), of any float dtype, out and in >= 1; it stays as it is.

    Returns:
        (q, scale): q, int8 (out, in), from -127 to 127: W over its row's scale, rounded as torch.round does
        (a half goes to the even neighbour); scale, (out,), of W's dtype: the largest |W| of the row over
        127, and 1 for a row of zeros.

    Example:
        >>> quantize_rows(torch.tensor([[0.3, -1.27, 0.504], [0.0, 0.0, 0.0]]))
        (tensor([[  30, -127,   50],
                [   0,    0,    0]], dtype=torch.int8), tensor([0.0100, 1.0000]))

    Source: "LLM.int8()" (Dettmers et al., 2022), section 2: absmax quantization, here by rows.
    """
    # TODO 09.quantize_rows: your code here (stuck? `hero hint 09.quantize_rows`)
    raise NotImplementedError("09.quantize_rows")


# %%
def linear_int8(x, q, scale, bias=None):
    """A linear layer with such weights: as F.linear(x, W, bias) with W[i, j] = scale[i] * q[i, j].

    Only the weights have 8 bits: x is not rounded, and sums are made in x's dtype.

    Args:
        x: float (..., in), with any number of leading dimensions.
        q: int8 (out, in).
        scale: float (out,).
        bias: None, or float (out,).

    Returns:
        float (..., out), of x's dtype. scale and bias may have another float dtype than x.
    """
    # TODO 09.linear_int8: your code here (stuck? `hero hint 09.linear_int8`)
    raise NotImplementedError("09.linear_int8")


# %% [markdown]
# ## A whole model
#
# Given: a layer that keeps the integers. They are *buffers*: they move with the model and are saved with it,
# but no optimizer sees them, for an integer has no gradient. What is left is to walk through a trained model
# and put such a layer in the place of each Linear, however deep it lies. A module inside a module has a name
# with dots, `blocks.0.attn.qkv`: the last word is an attribute of the module that the words before name.
#
# (Our layer unpacks its integers before it multiplies: that saves memory, not time. The kernels that save
# both multiply what they have just read, one small tile after the other.)


# %%
class Int8Linear(nn.Module):
    """What an nn.Linear computes, from 8-bit weights."""

    def __init__(self, linear):
        super().__init__()
        q, scale = quantize_rows(linear.weight.detach())
        self.register_buffer("q", q)
        self.register_buffer("scale", scale)
        bias = linear.bias
        self.register_buffer("bias", None if bias is None else bias.detach().clone())

    def forward(self, x):
        return linear_int8(x, self.q, self.scale, self.bias)


# %%
def quantize_linears(model, keep=()):
    """Replaces, in place, every nn.Linear inside a model by Int8Linear(that Linear); returns the model.

    Args:
        model: an nn.Module, itself no Linear; Linears lie in it at any depth, each at one place. No other
            module is replaced: an nn.Embedding, say, stays as it is.
        keep: names of Linears that stay, in full, as model.named_modules() gives them: "head",
            "blocks.0.attn.qkv". A head that is tied to the table of tokens is one to keep.

    Raises:
        ValueError: keep has a name that is not one of the model's Linears; nothing is replaced then.
    """
    # TODO 09.quantize_linears: your code here (stuck? `hero hint 09.quantize_linears`)
    raise NotImplementedError("09.quantize_linears")


# %%
def weight_bytes(model):
    """Bytes of all parameters and buffers of an nn.Module, an int.

    Each number takes as many bytes as its dtype says. A tensor with several names (tied weights) counts once.
    """
    # TODO 09.weight_bytes: your code here (stuck? `hero hint 09.weight_bytes`)
    raise NotImplementedError("09.weight_bytes")


# %% [markdown]
# ## Run it
#
# `hero run 09/10` takes the small GPT that comes with the workbook (the one behind `hero play`), puts its
# weights into 8 bits, and asks how much worse it reads Shakespeare. Then the same with fewer bits, with one
# scale for each row and with one for the whole matrix.


# %%
class Block(nn.Module):
    """A block of that GPT, with the names of its file; see part 8 of lesson 07."""

    def __init__(self, C, n_head):
        super().__init__()
        self.n_head = n_head
        self.ln1, self.ln2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(C, 3 * C, bias=False), "proj": nn.Linear(C, C)})
        self.ffwd = nn.Sequential(nn.Linear(C, 4 * C), nn.ReLU(), nn.Linear(4 * C, C))

    def forward(self, x):
        B, T, C = x.shape
        qkv = self.attn["qkv"](self.ln1(x)).view(B, T, 3, self.n_head, C // self.n_head)
        y = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4), is_causal=True)
        x = x + self.attn["proj"](y.transpose(1, 2).reshape(x.shape))
        return x + self.ffwd(self.ln2(x))


class GPT(nn.Module):
    """That GPT: tied, without a bias in front."""

    def __init__(self, vocab_size, block_size, n_embd, n_head, n_layer):
        super().__init__()
        self.token = nn.Embedding(vocab_size, n_embd)
        self.position = nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.ln_f, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size, bias=False)
        self.head.weight = self.token.weight

    def forward(self, idx):
        x = self.token(idx) + self.position.weight[: idx.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln_f(x))


def read_model(path):
    """(model, alphabet, length of its context) from a file that part 07/8 saved."""
    import json

    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        told, weights = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    sizes = json.loads(told["config"])
    names = ("vocab_size", "block_size", "n_embd", "n_head", "n_layer")
    if sizes["qkv_bias"] or sizes["head_bias"] or not sizes["tied"]:
        raise ValueError(f"{path}: with the default switches of 07/8 only")
    model = GPT(*(sizes[name] for name in names))
    model.load_state_dict(weights)
    return model.eval(), told["chars"], sizes["block_size"]


@torch.no_grad()
def reading_loss(model, x, y):
    """The mean loss per character."""
    parts = zip(x.split(16), y.split(16), strict=True)
    return sum(
        F.cross_entropy(model(a).flatten(0, 1), b.flatten()) * len(a) for a, b in parts
    ) / len(x)


@torch.no_grad()
def coarsen(model, bits, by_row):
    """Rounds the matrices of the blocks to 2**bits - 1 values, in place, and leaves them floats."""
    top = 2 ** (bits - 1) - 1
    for name, p in model.named_parameters():
        if name.startswith("blocks") and p.dim() == 2:
            scale = (p.abs().amax(1, keepdim=True) if by_row else p.abs().max()) / top
            p.copy_(torch.round(p / scale) * scale)


def plot_bits(before, found, path):
    """Loss over bits, for both kinds of scale."""
    from matplotlib.figure import Figure

    axes = Figure(figsize=(6.4, 3.8), layout="constrained").subplots()
    for label, losses in found.items():
        axes.plot(list(losses), list(losses.values()), "o-", label=label)
    axes.axhline(before, color="0.6", linestyle=":", label="32-bit floats")
    axes.set(xlabel="bits of a weight", ylabel="loss per character", ylim=(None, 3.5))
    axes.set_title("How many bits does a weight need?")
    axes.legend()
    axes.figure.savefig(path, dpi=100)


def main():
    import argparse
    import copy
    import sys
    from pathlib import Path

    import data

    parser = argparse.ArgumentParser(description="A trained GPT in 8 bits, and in fewer.")
    parser.add_argument("--model", help="a file that `hero run 07/8 -- --save FILE` made")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    file = args.model or Path(data.__file__).with_name("char_gpt.safetensors")
    try:
        model, chars, T = read_model(file)
        text = data.load_shakespeare()
        tokens = torch.tensor([chars.index(c) for c in text[int(0.9 * len(text)) :]])
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"{file} is not a model that can be read here: {error}")
    starts = torch.linspace(0, len(tokens) - T - 1, 128).long()[:, None]
    piece = tokens[starts + torch.arange(T + 1)]
    x, y = piece[:, :-1], piece[:, 1:]
    small = quantize_linears(copy.deepcopy(model), keep=["head"])
    before, after = reading_loss(model, x, y), reading_loss(small, x, y)
    print(f"32-bit floats {weight_bytes(model):10,} bytes   loss {before:.4f}")
    print(f"8-bit integers{weight_bytes(small):10,} bytes   loss {after:.4f}")
    found = {}
    for by_row, label in ((True, "a scale for each row"), (False, "one scale for the matrix")):
        found[label] = {}
        for bits in (8, 6, 5, 4, 3, 2):
            coarse = copy.deepcopy(model)
            coarsen(coarse, bits, by_row)
            found[label][bits] = reading_loss(coarse, x, y)
    for bits in (8, 6, 5, 4, 3, 2):
        print(
            f"{bits} bits: " + ", ".join(f"{losses[bits]:.3f} {k}" for k, losses in found.items())
        )
    path = data.picture("09_gpt2/int8.png")
    plot_bits(before, found, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
