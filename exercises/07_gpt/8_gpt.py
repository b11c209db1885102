# `hero check 07/8` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # The whole model
#
# All pieces lie on the table: attention, feed-forward, residuals, LayerNorm. Put together:
#
#     characters ──► token + position ──► block ──► block ──► ... ──► LayerNorm ──► head ──► logits
#     (B, T)            (B, T, C)                                     (B, T, C)           (B, T, vocab)
#
# Start it well, count what is in it, train it, let it write: each is one short function. With the last one
# done, `hero run 07/8` trains *your* GPT on Shakespeare.
#
# What will go wrong: hardly anything crashes here. A model without positions trains, one without the final
# LayerNorm trains, a temperature that is multiplied still writes. They are only worse, and nobody says why.

# %%
import argparse
import json
import math
import sys
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

from data import DataError, load_shakespeare, picture, progress

# %% [markdown]
# Given: the settings, and attention and Block of the parts before, in short form. One matrix makes queries,
# keys and values of all heads, and torch's fused kernel does the rest.


# %%
@dataclass(frozen=True)
class GPTConfig:
    """The sizes of a model; the defaults are the lecture's."""

    vocab_size: int = 65
    block_size: int = 256  # the longest context
    n_embd: int = 384  # C, the width of the residual stream
    n_head: int = 6
    n_layer: int = 6
    dropout: float = 0.2
    qkv_bias: bool = False  # whether queries, keys and values have a bias
    head_bias: bool = True  # whether the logits have one
    tied: bool = False  # whether head.weight *is* token.weight, one tensor with two names


class Attention(nn.Module):
    """All heads of causal self-attention in one tensor, and the projection."""

    causal = True  # --look-ahead: without it everybody sees what they shall guess

    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.qkv = nn.Linear(config.n_embd, 3 * config.n_embd, bias=config.qkv_bias)
        self.proj = nn.Linear(config.n_embd, config.n_embd)
        self.drop = nn.Dropout(config.dropout)

    def heads(self, x):
        """Queries, keys, values: (B, nh, T, hs) each."""
        B, T, C = x.shape
        return self.qkv(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)

    def forward(self, x):
        p = self.drop.p if self.training else 0.0
        y = F.scaled_dot_product_attention(*self.heads(x), dropout_p=p, is_causal=self.causal)
        return self.drop(self.proj(y.transpose(1, 2).reshape(x.shape)))


class Block(nn.Module):
    """Communication, then computation, each beside the residual stream: (B, T, C) -> (B, T, C)."""

    def __init__(self, config):
        super().__init__()
        C = config.n_embd
        self.ln1, self.attn, self.ln2 = nn.LayerNorm(C), Attention(config), nn.LayerNorm(C)
        drop = nn.Dropout(config.dropout)
        self.ffwd = nn.Sequential(nn.Linear(C, 4 * C), nn.ReLU(), nn.Linear(4 * C, C), drop)

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.ffwd(self.ln2(x))


# %% [markdown]
# ## Begin quietly
#
# At the start the model knows nothing and should say so: all characters about equally likely, a loss near
# ln(65) = 4.17. So every matrix and every table begins small, with standard deviation 0.02, and every bias at
# zero. (`nn.Embedding` alone begins with standard deviation 1, fifty times too loud.) GPT-2 begins the
# projections into the residual stream smaller still; the lecture's model does not: that is lesson 09.
# `model.apply(f)` calls f with *each* module inside the model: every Linear comes by.


# %%
def init_weights(module):
    """Gives one module its first weights, in place; randomness is torch's global one.

    An nn.Linear gets weights drawn, each for itself, from a normal distribution with mean 0 and standard
    deviation 0.02, and zeros for its bias, if it has one; an nn.Embedding gets weights from the same
    distribution. Any other module stays as it is, and so do the modules inside it. Parameters stay the same
    tensors, and go on learning.
    """
    # TODO 07.gpt_init: your code here (stuck? `hero hint 07.gpt_init`)
    raise NotImplementedError("07.gpt_init")


# %% [markdown]
# ## From characters to logits
#
# Attention is blind to order: it sees a bag of vectors. So position t adds a vector of its own, row t of a
# second table. If token 7 is (1, 5), position 0 (0.1, 0) and position 1 (0.2, 0), the text "7 7" enters as
# (1.1, 5), (1.2, 5): the same token, told apart. That table has block_size rows; longer texts are refused.
#
# `forward` is the picture at the top from left to right. Each position is scored by the character that came
# next: B·T classifications, one mean loss. Trap: `cross_entropy` wants the classes in the second place.


# %%
class GPT(nn.Module):
    """A decoder-only transformer; its parts are made in __init__. What you write: `embed` and `forward`."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        self.token = nn.Embedding(config.vocab_size, config.n_embd)
        self.position = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layer))
        self.ln_f = nn.LayerNorm(config.n_embd)
        self.head = nn.Linear(config.n_embd, config.vocab_size, bias=config.head_bias)
        if config.tied:
            self.head.weight = self.token.weight
        self.apply(init_weights)

    def embed(self, idx):
        """What enters the first block, float (B, T, n_embd): tokens plus positions.

        idx is int64 (B, T), T >= 1, on any device (what you make must lie on the same one). Row [b, t] of
        the result is row idx[b, t] of self.token plus row t of self.position.

        Raises ValueError if T is larger than self.config.block_size.
        """
        # TODO 07.gpt_embed: your code here (stuck? `hero hint 07.gpt_embed`)
        raise NotImplementedError("07.gpt_embed")

    def forward(self, idx, targets=None):
        """Logits for the next token at every position, and the loss if the targets are known.

        Args:
            idx: tokens, int64 (B, T), 1 <= T <= block_size.
            targets: None, or int64 (B, T), contiguous or not: targets[b, t] is what follows idx[b, t].

        Returns:
            (logits, loss). logits: float (B, T, vocab_size), with or without targets: embed, every one of
            self.blocks in its order, ln_f, head; no softmax. loss: None without targets, else the
            cross-entropy, averaged over all B * T positions, a 0-d tensor.
        """
        # TODO 07.gpt_forward: your code here (stuck? `hero hint 07.gpt_forward`)
        raise NotImplementedError("07.gpt_forward")


# %% [markdown]
# ## Count it with a pencil
#
# A pencil tells *where* the parameters are before anything is built. One block, C = 4 wide:
#
#     queries, keys, values    3 · 4·4 (+ 3·4 if they have biases)     48
#     projection               4·4 + 4                                 20
#     feed-forward             4·16 + 16 (up), 16·4 + 4 (down)        148
#     two LayerNorms           2 · (4 + 4), gain and bias              16      together 232
#
# The heads share the width; their number does not matter. Around the blocks: two tables, the final
# LayerNorm, the head. A *tied* head has no matrix of its own. The lecture's model: 10,788,929.


# %%
def expected_parameters(config):
    """How many parameters GPT(config) has, an int: from the sizes and the three switches, no model is built.

    Example:
        >>> expected_parameters(GPTConfig(vocab_size=65, block_size=256, n_embd=384, n_layer=6))
        10788929
    """
    # TODO 07.expected_parameters: your code here (stuck? `hero hint 07.expected_parameters`)
    raise NotImplementedError("07.expected_parameters")


# %%
def count_parameters(model):
    """How many numbers of a model (any nn.Module) can learn, an int.

    All elements of parameters with requires_grad; a tensor with several names (tied weights) counts once.
    """
    # TODO 07.count_parameters: your code here (stuck? `hero hint 07.count_parameters`)
    raise NotImplementedError("07.count_parameters")


# %%
def train_step(model, optimizer, x, y):
    """One step of training, in whatever mode the model is; returns the loss before it, a Python float.

    model(x, y) returns (logits, loss); optimizer is one of torch.optim, with the model's parameters; x and y
    are tokens and targets, int64 (B, T). Gradients from earlier calls must not count; afterwards p.grad is
    the gradient of this batch.
    """
    # TODO 07.gpt_train_step: your code here (stuck? `hero hint 07.gpt_train_step`)
    raise NotImplementedError("07.gpt_train_step")


# %% [markdown]
# ## Let it write
#
# **Top-k** lets only the k largest logits take part. The others get $-\infty$, since $e^{-\infty} = 0$. Not
# 0, and no tiny 1e-10 either: among negative logits that is a large one (a bug that a famous repository had).
# **Temperature** divides the logits: below 1 the text becomes careful, above 1 wild. Toward 0 all probability
# gathers at the largest logit, so 0 stands for just that, *greedy*, and nothing is divided by zero.
#
#     logits (2, 1, -1), k = 2, temperature 0.5:   (2, 1, -inf)  ─►  (4, 2, -inf)  ─►  0.88  0.12  0
#
# Then token by token: read, draw, append, read again. The model reads at most block_size tokens; when the
# text is longer, it reads its *end*. With block_size 4, after "to be or" it sees "e or".


# %%
def keep_top_k(logits, k):
    """Puts -inf in place of all but the k largest logits of each row, float (..., V), in a new tensor.

    k is an int >= 1; one larger than V keeps all, and so does None (logits themselves may then be returned).
    All that equal the k-th largest stay, so ties can leave more than k. Raises ValueError if k is below 1.

    Example:
        >>> keep_top_k(torch.tensor([-3.0, -1.0, -2.0]), 2)
        tensor([-inf, -1., -2.])
    """
    # TODO 07.keep_top_k: your code here (stuck? `hero hint 07.keep_top_k`)
    raise NotImplementedError("07.keep_top_k")


# %%
def next_token_probs(logits, temperature=1.0, top_k=None):
    """The distribution that the next token is drawn from: logits, float (..., V) -> the same shape and dtype.

    top_k is the k of keep_top_k. temperature is a number >= 0; 0 is greedy: probability 1 for the largest
    logit (the first of them, if several are equal), 0 for all others. Raises ValueError if it is negative.

    Example:
        >>> next_token_probs(torch.tensor([2.0, 1.0, -1.0]), temperature=0.5, top_k=2)
        tensor([0.8808, 0.1192, 0.0000])
    """
    # TODO 07.next_token_probs: your code here (stuck? `hero hint 07.next_token_probs`)
    raise NotImplementedError("07.next_token_probs")


# %%
@torch.no_grad()
def next_token(model, idx, temperature=1.0, top_k=None, generator=None):
    """Draws one more token for each text: idx, int64 (B, T) -> int64 (B, 1).

    T >= 1 may be larger than model.config.block_size. The model is a GPT, in whatever mode it is (and stays).
    Draw with torch.multinomial(probs, 1, generator=generator), probs being next_token_probs, (B, vocab_size),
    of the logits at the last position; generator is a torch.Generator or None.
    """
    # TODO 07.next_token: your code here (stuck? `hero hint 07.next_token`)
    raise NotImplementedError("07.next_token")


# %%
def generate(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    """Continues texts idx, int64 (B, T), T >= 1, by max_new_tokens >= 0 tokens, one call of next_token each.

    Returns:
        int64 (B, T + max_new_tokens): old tokens and new ones. idx itself stays as it is.
    """
    # TODO 07.gpt_generate: your code here (stuck? `hero hint 07.gpt_generate`)
    raise NotImplementedError("07.gpt_generate")


# %% [markdown]
# ## Run it
#
# Given: batches, a learning rate that warms up and falls along a cosine, files, pictures.


# %%
def fit(model, train, val, steps, size, peak, g, say):
    """Trains with AdamW; returns every batch's loss and [(step, loss on val), ...]."""
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.99))
    at, where = torch.arange(model.config.block_size + 1), model.token.weight.device
    losses, evals, warm = [], [], max(1, steps // 20)
    fixed = torch.linspace(0, len(val) - len(at), 256).long()[:, None]
    with progress(steps, "training", every=0.125) as bar:
        for step in range(steps):
            wave = 0.55 + 0.45 * math.cos(math.pi * step / steps)
            optimizer.param_groups[0]["lr"] = peak * wave * min(1, (step + 1) / warm)
            starts = torch.randint(len(train) - len(at) + 1, (size, 1), generator=g)
            piece = train[starts + at].to(where)
            losses.append(train_step(model.train(), optimizer, piece[:, :-1], piece[:, 1:]))
            bar.update(loss=losses[-1])
            if (step + 1) % max(1, steps // 8) == 0 or step + 1 == steps:
                model.eval()
                with torch.no_grad():
                    pieces = [val[s + at].to(where) for s in fixed.split(32)]
                    found = [model(x[:, :-1], x[:, 1:])[1].item() for x in pieces]
                evals.append(say(step + 1, sum(found) / len(found)))
    return losses, evals


def save(model, path, chars=""):
    """Weights, configuration and alphabet in one file, in the safetensors format."""
    from safetensors.torch import save_file

    weights = {name: w.detach().cpu().clone() for name, w in model.state_dict().items()}
    save_file(weights, path, {"config": json.dumps(asdict(model.config)), "chars": chars})


def load(path):
    """(model in eval mode, alphabet) from a file that `save` made."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        told, weights = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    model = GPT(GPTConfig(**json.loads(told["config"])))
    model.load_state_dict(weights)
    return model.eval(), told["chars"]


def draw(model, losses, evals, idx, line):
    """The loss curve; and who looks at whom, in all heads of the last block, on one line of text."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, color="0.8", linewidth=0.6, label="each batch")
    axes.plot(*zip(*evals, strict=True), "o-", label="validation")
    axes.set(xlabel="step", ylabel="loss per character", title="A GPT learns to write")
    axes.legend()
    figure.savefig(picture("07_gpt/gpt_loss.png"), dpi=90)
    seen, T = [], len(line)  # shares: each position hands over its number, one-hot
    hook = model.blocks[-1].attn.register_forward_pre_hook
    with hook(lambda m, inputs: seen.extend(m.heads(inputs[0]).detach())):
        model(idx)
    numbers = torch.eye(T, device=idx.device).expand(*seen[0].shape[:2], T, T)
    shares = F.scaled_dot_product_attention(*seen[:2], numbers, is_causal=Attention.causal)[0].cpu()
    figure = Figure(figsize=(4.2 * len(shares), 4.8), layout="constrained")
    for h, axes in enumerate(figure.subplots(1, len(shares), squeeze=False)[0]):
        shown = axes.imshow(shares[h] ** 0.5, vmin=0, vmax=1)
        axes.set(title=f"last block, head {h}", xlabel="is looked at", ylabel="looks")
        axes.set(xticks=range(T), xticklabels=line, yticks=range(T), yticklabels=line)
        axes.tick_params(labelsize=7, length=0)
    figure.colorbar(shown, label="share of attention (its square root)")
    figure.savefig(picture("07_gpt/gpt_attention.png"), dpi=90)


THREADS = 2  # for `hero run`: these matrices are large enough to share
SMALL = dict(steps=1800, batch=32, lr=4e-3, block=64, width=128, heads=4, layers=3, dropout=0.0)
FULL = dict(steps=5000, batch=64, lr=3e-4, block=256, width=384, heads=6, layers=6, dropout=0.2)


def main():
    parser = argparse.ArgumentParser(description="Trains your GPT and lets it write.")
    for name, default in (SMALL | dict(seed=1)).items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--full", action="store_true", help="the lecture's setting, for a GPU")
    parser.add_argument("--text", help="'all' plays, 'lecture' or a file")
    parser.add_argument("--no-positions", action="store_true", help="break it: tokens only")
    parser.add_argument("--look-ahead", action="store_true", help="break it: no mask")
    parser.add_argument("--save", help="where to put the weights, a .safetensors file")
    if "--full" in sys.argv:
        parser.set_defaults(**FULL)
    a = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if min(a.steps, a.batch, a.block, a.width, a.heads, a.layers) < 1 or a.width % a.heads:
        parser.error("sizes are at least 1, and the width is a multiple of the heads")
    text = load_shakespeare(a.text) if a.text else load_shakespeare()
    chars = "".join(sorted(set(text)))
    tokens = torch.tensor([chars.index(c) for c in text])
    cut = int(0.9 * len(tokens))
    if len(tokens) - cut <= a.block:
        parser.error(f"{len(text)} characters are too few for --block {a.block}")
    where = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(a.seed)
    sizes = dict(block_size=a.block, n_embd=a.width, n_head=a.heads, n_layer=a.layers)
    switches = dict(dropout=a.dropout, head_bias=a.full, tied=not a.full)
    model = GPT(GPTConfig(len(chars), **sizes, **switches)).to(where)
    Attention.causal = not a.look_ahead
    if a.no_positions:
        model.position.weight.requires_grad_(False).zero_()
    print(f"{count_parameters(model):,} parameters, {expected_parameters(model.config):,} expected")

    def write(n, **knobs):
        ix = generate(model.eval(), tokens[None, :1].to(where), n, **knobs)[0].tolist()
        return "".join(chars[i] for i in ix)

    def say(step, loss):
        print(f"step {step}: val {loss:.3f}; it writes {write(60)!r}")
        return step, loss

    g = torch.Generator().manual_seed(a.seed)
    losses, evals = fit(model, tokens[:cut], tokens[cut:], a.steps, a.batch, a.lr, g, say)
    print(f"the first loss: {losses[0]:.3f}; ln {len(chars)} = {math.log(len(chars)):.3f}")
    print(write(500, temperature=0.8, top_k=20))
    if a.save:
        save(model, a.save, chars)
    line = tokens[cut : cut + min(40, a.block)]
    draw(model, losses, evals, line[None].to(where), [repr(chars[i])[1:-1] for i in line])
    print(f"look at gpt_loss.png and gpt_attention.png in {picture('07_gpt/gpt_loss.png').parent}")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: it trains when all of them are there.")
    except DataError as error:
        sys.exit(str(error))
