# %% [markdown]
# # Somebody else's weights
#
# Training GPT-2 took OpenAI weeks; loading it takes seconds, if you put every number where it belongs. A
# published checkpoint is a *state dict*: names and tensors. Hugging Face's for GPT-2 differs from our model
# in four ways:
#
#     theirs                                         ours
#     wte.weight, or transformer.wte.weight          transformer.wte.weight
#     h.0.attn.c_attn.weight       (C, 3 C)          (3 C, C): nn.Linear keeps (out, in)
#     h.0.attn.bias, .masked_bias  the causal mask   not there: nothing that was learned
#     lm_head.weight               sometimes         transformer.wte.weight under a second name
#
# The second is the famous one. OpenAI wrote `x @ W + b` (a "Conv1D" of width 1), torch writes `x @ W.T +
# b`. So four matrices of each block are to be transposed. And no others: the tables are (rows, C) on both
# sides.
#
# What will go wrong: `attn.c_proj` is square. Forget to transpose *that* one, and no shape complains. The
# model speaks, and what it says is nonsense.

# %%
import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

# %% [markdown]
# ## The model of part 1, given


# %%
@dataclass
class GPTConfig:
    """Sizes of a GPT-2; the defaults are the 124M model's."""

    block_size: int = 1024
    vocab_size: int = 50257
    n_layer: int = 12
    n_head: int = 12
    n_embd: int = 768


class Attention(nn.Module):
    """Causal self-attention, q, k and v by one matrix."""

    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)  # (B, nh, T, hs)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


class MLP(nn.Module):
    """c_fc, tanh-GELU, c_proj."""

    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    """Pre-norm: attention, then MLP, each added to the stream."""

    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = Attention(config), MLP(config)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    """GPT-2; model(idx), idx int64 (B, T), T <= model.config.block_size, gives logits (B, T, vocab_size)."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.transformer = t = nn.Module()
        t.wte = nn.Embedding(config.vocab_size, config.n_embd)
        t.wpe = nn.Embedding(config.block_size, config.n_embd)
        t.h = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        t.ln_f = nn.LayerNorm(config.n_embd)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        t.wte.weight = self.lm_head.weight  # tied

    def forward(self, idx):
        t = self.transformer
        x = t.wte(idx) + t.wpe.weight[: idx.shape[1]]
        for block in t.h:
            x = block(x)
        return self.lm_head(t.ln_f(x))


# %% [markdown]
# ## Names


# %%
def our_name(name):
    """What our model calls a tensor of a Hugging Face checkpoint of GPT-2.

    Args:
        name: their name, a string, with or without "transformer." in front.

    Returns:
        Our name, a string: lm_head.weight stays, everything else begins with "transformer.", once. None for
        the buffers of the causal mask, which end in ".attn.bias" or ".attn.masked_bias" and are not learned.

    Example:
        >>> our_name("h.0.ln_1.bias"), our_name("transformer.wte.weight")
        ('transformer.h.0.ln_1.bias', 'transformer.wte.weight')
        >>> our_name("lm_head.weight"), our_name("h.11.attn.bias"), our_name("h.11.attn.c_attn.bias")
        ('lm_head.weight', None, 'transformer.h.11.attn.c_attn.bias')
    """
    ### BEGIN SOLUTION
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    if name == "lm_head.weight" or name.startswith("transformer."):
        return name
    return "transformer." + name
    ### END SOLUTION


# %% [markdown]
# ## Numbers
#
# By hand: their c_attn for C = 1 is (1, 3), `[[1., 2., 3.]]`, and x @ W gives q = x, k = 2x, v = 3x. Ours
# has to be (3, 1), `[[1.], [2.], [3.]]`.


# %%
def convert(state_dict):
    """A Hugging Face checkpoint under our names and in our layout.

    The weights (not the biases) of attn.c_attn, attn.c_proj, mlp.c_fc and mlp.c_proj are transposed from
    (in, out) to (out, in). The mask's buffers are left out. lm_head.weight is there in any case, with wte's
    numbers.

    Args:
        state_dict: a dict from their names to tensors of any float dtype; stays as it is.

    Returns:
        A new dict, in any order, from our names to tensors of the same dtype, contiguous, that share memory
        neither with state_dict's nor with each other.

    Raises:
        ValueError: if state_dict has an lm_head.weight whose numbers are not exactly those of its wte.weight:
            our two are tied (by the model that they go into; here they are two tensors).

    Example:
        >>> theirs = {"wte.weight": torch.zeros(5, 1), "h.0.mlp.c_fc.weight": torch.ones(1, 4)}
        >>> for name, tensor in sorted(convert(theirs).items()):
        ...     print(name, tuple(tensor.shape))
        lm_head.weight (5, 1)
        transformer.h.0.mlp.c_fc.weight (4, 1)
        transformer.wte.weight (5, 1)

    Source: lecture "Let's reproduce GPT-2 (124M)"; transformers' Conv1D.
    """
    ### BEGIN SOLUTION
    ours = {}
    for theirs, tensor in state_dict.items():
        name = our_name(theirs)
        if name is None:
            continue
        if name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight")):
            tensor = tensor.t()
        ours[name] = tensor.detach().clone(memory_format=torch.contiguous_format)
    table = ours["transformer.wte.weight"]
    if not torch.equal(ours.setdefault("lm_head.weight", table.clone()), table):
        raise ValueError("lm_head.weight differs from wte.weight, and ours are one table")
    return ours
    ### END SOLUTION


# %% [markdown]
# ## Sizes
#
# The tensors tell how large the model is. Nearly: twelve heads of 64 or six of 128 have the same tensors.
# Whoever loads has to be told.


# %%
def config_from(weights, n_head):
    """The sizes of a model, read off its tensors.

    Args:
        weights: what convert returns: our names, our layout, lm_head.weight among them. There is at least
            one block; behind "transformer.h." they are numbered 0, 1, 2, ..., none left out.
        n_head: the number of heads, an int.

    Returns:
        GPTConfig: n_layer is the number of blocks, so one more than the largest of these numbers.

    Raises:
        ValueError: if n_head does not divide n_embd.

    Example:
        >>> weights = {"transformer.wte.weight": torch.zeros(9, 6), "lm_head.weight": torch.zeros(9, 6)}
        >>> weights |= {f"transformer.h.{i}.ln_1.bias": torch.zeros(6) for i in range(11)}
        >>> config_from(weights | {"transformer.wpe.weight": torch.zeros(4, 6)}, 3)
        GPTConfig(block_size=4, vocab_size=9, n_layer=11, n_head=3, n_embd=6)
    """
    ### BEGIN SOLUTION
    vocab_size, n_embd = weights["transformer.wte.weight"].shape
    if n_embd % n_head:
        raise ValueError(f"{n_head} heads do not divide n_embd = {n_embd}")
    layers = [int(name.split(".")[2]) for name in weights if name.startswith("transformer.h.")]
    block_size = weights["transformer.wpe.weight"].shape[0]
    return GPTConfig(block_size, vocab_size, max(layers) + 1, n_head, n_embd)
    ### END SOLUTION


# %% [markdown]
# ## Pour them in
#
# Strictly: a tensor too few would leave random numbers in the model, one too many says that it is another
# model. Look first, then pour; a model that is half loaded is worse than an error.


# %%
def load_into(model, weights):
    """Copies weights into the model's parameters, or changes nothing.

    The parameters stay the same objects, tied as they were, with requires_grad as it was, and share no
    memory with weights. The copy is not recorded by autograd. Another dtype is converted.

    Args:
        model: a GPT; its names are those of model.state_dict(), lm_head.weight among them.
        weights: what convert returns; stays as it is.

    Returns:
        None.

    Raises (before any parameter is changed):
        KeyError: if a name is missing in weights, or is one that the model does not have.
        ValueError: if a tensor has another shape than the model's.
    """
    ### BEGIN SOLUTION
    own = model.state_dict()  # detached, but the same memory
    if different := own.keys() ^ weights.keys():
        raise KeyError(f"missing, or one too many: {sorted(different)[0]}")
    for name, p in own.items():
        if p.shape != weights[name].shape:
            raise ValueError(f"{name}: {tuple(weights[name].shape)}, not {tuple(p.shape)}")
    with torch.no_grad():
        for name, p in own.items():
            p.copy_(weights[name])
    ### END SOLUTION


# %% [markdown]
# ## Let it speak
#
# Top-k: of 50,257 tokens keep the k most likely, forget the rest, and draw among those. The tail is long:
# thousands of tokens with a chance of almost nothing are, together, an accident every few words.


# %%
@torch.no_grad()
def generate(model, idx, n_new, k=50, generator=None):
    """Continues each row by n_new tokens, each drawn from the k most likely ones.

    Each step: the model sees at most the last block_size tokens; of its last position's logits the k largest
    (torch.topk, largest first; all of them if the vocabulary is smaller than k) go through a softmax, and one
    call, torch.multinomial(probs, 1, generator=generator) with probs (B, k), draws for all rows.

    Args:
        model: called as model(idx) -> logits (B, T, vocab_size); model.config.block_size.
        idx: int64 (B, T), T >= 1, perhaps longer than block_size; stays as it is.
        n_new: how many tokens, an int >= 0.
        k: how many candidates, an int >= 1.
        generator: torch.Generator, or None.

    Returns:
        int64 (B, T + n_new): all of idx, then the new tokens.

    Source: "Hierarchical Neural Story Generation" (Fan et al., 2018), section 5.1; lecture.
    """
    ### BEGIN SOLUTION
    for _ in range(n_new):
        logits = model(idx[:, -model.config.block_size :])[:, -1]  # (B, V)
        top, tokens = logits.topk(min(k, logits.shape[1]))  # (B, k) each
        drawn = torch.multinomial(F.softmax(top, dim=-1), 1, generator=generator)  # (B, 1)
        idx = torch.cat([idx, tokens.gather(1, drawn)], dim=1)
    return idx
    ### END SOLUTION


# %% [markdown]
# ## How well does it predict a text?
#
# Cut the text into windows of block_size inputs. For block_size 3 and tokens a b c d e f:
#
#     inputs   a b c | d e         each token but the first is predicted exactly once;
#     targets  b c d | e f         d is a target first, then an input
#
# The last window is shorter. So the mean over windows is not the mean over tokens: weigh them.


# %%
@torch.no_grad()
def text_loss(model, ids):
    """Mean cross-entropy, in nats per token, of a text under the model.

    The windows' inputs are ids[0:S], ids[S:2S], ... of ids[:-1], with S = model.config.block_size; their
    targets are one further. No window knows what came before it. The mean is over all N - 1 predictions
    alike.

    Args:
        model: called as model(idx) -> logits (B, T, vocab_size), T <= model.config.block_size.
        ids: int64 (N,), N >= 2.

    Returns:
        float.
    """
    ### BEGIN SOLUTION
    S, total = model.config.block_size, 0.0
    inputs, targets = ids[:-1], ids[1:]
    for i in range(0, len(inputs), S):
        logits = model(inputs[None, i : i + S])[0]  # (T, V)
        total += F.cross_entropy(logits, targets[i : i + S], reduction="sum").item()
    return total / len(inputs)
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# `hero run 09/2 -- --model gpt2` fetches the real thing (548 MB, once) and lets it speak. `--model FOLDER`
# takes any folder with config.json and model.safetensors. Without --model a small checkpoint in Hugging
# Face's layout is made from random numbers, and your loaded model is held to plain `x @ W + b`.


# %%
def load_checkpoint(folder):
    """A GPT from a folder with config.json and model.safetensors; ValueError if it is no GPT-2."""
    from safetensors.torch import load_file

    sizes = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
    known = {"model_type": "gpt2", "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5}
    for key, value in known.items():
        if sizes.get(key, value) != value:
            raise ValueError(f"{key} is {sizes[key]!r} there, and {value!r} in this model")
    weights = convert(load_file(Path(folder) / "model.safetensors"))
    model = GPT(config_from(weights, sizes["n_head"]))
    load_into(model, weights)
    return model


def fetch_gpt2():
    """The folder with OpenAI's 124M weights, fetched unless it is there. OSError without a network."""
    from urllib.request import urlopen

    folder = Path.home() / ".cache" / "zero-to-hero-workbook" / "gpt2"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "model.safetensors"):
        if (folder / name).exists():
            continue
        with urlopen(f"https://huggingface.co/gpt2/resolve/main/{name}", timeout=30) as answer:
            size, got = int(answer.headers.get("Content-Length", 0)), 0
            with open(folder / f"{name}.part", "wb") as file:
                while piece := answer.read(1 << 22):
                    got += file.write(piece)
                    print(f"\r{name}: {got / 1e6:.0f} of {size / 1e6:.0f} MB", end="", flush=True)
            print()
        (folder / f"{name}.part").rename(folder / name)
    return folder


def small_checkpoint(g, V=50, S=16, L=2, C=20):
    """Random numbers under Hugging Face's names, in its (in, out) layout."""
    shapes = {"wte.weight": (V, C), "wpe.weight": (S, C), "ln_f.weight": (C,), "ln_f.bias": (C,)}
    for i in range(L):
        for name, a, b in (("attn.c_attn", C, 3 * C), ("attn.c_proj", C, C), ("mlp.c_fc", C, 4 * C),
                           ("mlp.c_proj", 4 * C, C)):  # fmt: skip
            shapes |= {f"h.{i}.{name}.weight": (a, b), f"h.{i}.{name}.bias": (b,)}
        shapes |= {f"h.{i}.ln_{j}.{kind}": (C,) for j in (1, 2) for kind in ("weight", "bias")}
    return {name: torch.randn(shape, generator=g) * 0.3 for name, shape in shapes.items()}


def as_it_comes(model):
    """attn.c_proj not transposed, in each block: it is square, so no shape complains."""
    for block in model.transformer.h:
        weight = block.attn.c_proj.weight
        weight.data = weight.data.T.contiguous()


def main():
    parser = argparse.ArgumentParser(description="Load a GPT-2 and let it speak.")
    parser.add_argument("--model", help="'gpt2' (fetched once, 548 MB), or a folder")
    parser.add_argument("--prompt", default="Hello, I'm a language model,")
    parser.add_argument("--new", type=int, default=30, help="how many tokens")
    parser.add_argument(
        "--as-it-comes",
        action="store_true",
        help="break it: attn.c_proj as it comes, not transposed",
    )
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.new < 0 or not args.prompt:
        parser.error("--new must not be negative, nor --prompt empty")
    g = torch.Generator().manual_seed(42)
    if args.model is None:
        theirs = small_checkpoint(g)
        weights = convert(theirs)
        model = GPT(config_from(weights, 5))
        load_into(model, weights)
        if args.as_it_comes:
            as_it_comes(model)
        print(f"a small one: {asdict(model.config)}")
        x = torch.randn(3, 20, generator=g)
        for name in ("attn.c_attn", "attn.c_proj", "mlp.c_fc"):
            plain = x @ theirs[f"h.0.{name}.weight"] + theirs[f"h.0.{name}.bias"]
            difference = (model.transformer.h[0].get_submodule(name)(x) - plain).abs().max()
            print(f"{name}: yours differs from x @ W + b by {difference:.1e}")
        print("it says", generate(model, torch.tensor([[1, 2, 3]]), 10, 50, g)[0].tolist())
        return
    try:
        model = load_checkpoint(fetch_gpt2() if args.model == "gpt2" else args.model)
    except OSError as error:
        sys.exit(f"Cannot read {args.model}: {error}. Is there a network, or such a folder?")
    except (ValueError, KeyError) as error:
        sys.exit(f"{args.model} is no GPT-2 that fits here: {error}.")
    if args.as_it_comes:
        as_it_comes(model)
    from data import gpt2_encoding

    encoding = gpt2_encoding()
    ids = torch.tensor(encoding.encode(args.prompt))
    if len(ids) > 1:
        print(f"the prompt costs {text_loss(model, ids):.2f} nats per token")
    for row in generate(model, ids.repeat(3, 1), args.new, 50, g):
        print(">", encoding.decode(row.tolist()))


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: this needs all six of the part.")
