# `hero check 09/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # The training step
#
# Everything meets here: a batch goes in, the model is a little better afterwards. GPT-2 was trained with half
# a million tokens in each step, and no single GPU holds so many at once. So a step is cut into
# **micro-batches**: forward and backward for each of them, gradients adding up, and only then one update.
#
#     zero the gradients
#       micro-batch 0   forward ─► loss ─► backward ┐
#       micro-batch 1   forward ─► loss ─► backward ├─ p.grad adds up
#       micro-batch 2   forward ─► loss ─► backward ┘
#     clip the gradient ─► set the learning rate ─► optimizer.step()
#
# The whole must do *exactly* what one big batch would do. The catch: a loss is the mean over tokens, but not
# every token counts. The target -100 says "nothing to predict here" (padding, say). Two micro-batches:
#
#     micro-batch    tokens that count    their losses    mean
#          0                 1            8                8
#          1                 3            2  2  2          2
#
#     mean of the means   (8 + 2) / 2             = 5       wrong: one token weighs as much as three
#     one big batch       (8 + 2 + 2 + 2) / 4     = 3.5     right
#
# So: *sum* within each micro-batch, and divide by the number of counted tokens of the **whole step**. Public
# libraries got this wrong for years; with equal counts the two agree, and nobody notices.
#
# What will go wrong: no division (the gradient grows with the number of micro-batches); zeroing between
# micro-batches (only the last one learns); the last one's loss in the log; clipping each piece alone.

# %%
import contextlib
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

# %% [markdown]
# ## A small GPT-2, given
#
# `GPT(50304, 1024, 12, 12, 768)` is the 124M model. On a GPU in bfloat16, `scaled_dot_product_attention` runs
# as *flash attention*: the (T, T) table of scores is never written to memory.


# %%
class Block(nn.Module):
    """Attention and MLP, each on a normalized copy of the stream, each added to it."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.ln_1, self.ln_2 = nn.LayerNorm(n_embd), nn.LayerNorm(n_embd)
        self.c_attn, self.c_proj = nn.Linear(n_embd, 3 * n_embd), nn.Linear(n_embd, n_embd)
        self.c_fc, self.mlp_proj = nn.Linear(n_embd, 4 * n_embd), nn.Linear(4 * n_embd, n_embd)

    def forward(self, x):
        B, T, C = x.shape
        qkv = self.c_attn(self.ln_1(x)).view(B, T, 3, self.n_head, C // self.n_head)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (B, n_head, T, head size) each
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.c_proj(y.transpose(1, 2).reshape(B, T, C))
        return x + self.mlp_proj(F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh"))


class GPT(nn.Module):
    """idx int64 (B, T) -> logits (B, T, vocab_size); the output layer is the embedding's own table."""

    def __init__(self, vocab_size, block_size, n_layer, n_head, n_embd):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.ln_f = nn.LayerNorm(n_embd)
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif p.dim() == 2:
                nn.init.normal_(p, 0.0, 0.02 / (2 * n_layer) ** 0.5 if "proj" in name else 0.02)

    def forward(self, idx):
        x = self.wte(idx) + self.wpe(torch.arange(idx.shape[1], device=idx.device))
        for block in self.blocks:
            x = block(x)
        return F.linear(self.ln_f(x), self.wte.weight)


def param_groups(model, weight_decay):
    """Matrices and embeddings decay; biases and LayerNorms do not (part 4)."""
    params = [p for p in model.parameters() if p.requires_grad]
    flat, others = [p for p in params if p.dim() < 2], [p for p in params if p.dim() >= 2]
    return [{"params": others, "weight_decay": weight_decay}, {"params": flat, "weight_decay": 0.0}]


# %% [markdown]
# ## A vocabulary that a GPU likes
#
# A GPU multiplies matrices in tiles whose sides are powers of two; 50,257 = 29 · 1733 leaves an odd rest. So
# the table gets rows that no token ever uses: 50,304 = 393 · 128. More arithmetic, and still faster.


# %%
def pad_vocab(n, multiple=128):
    """The smallest multiple of `multiple` that is not smaller than n.

    Args:
        n: number of tokens, an int >= 1.
        multiple: an int >= 1.

    Returns:
        int.

    Example:
        >>> pad_vocab(50_257), pad_vocab(256), pad_vocab(7, multiple=5)
        (50304, 256, 10)

    Source: lecture "Let's reproduce GPT-2 (124M)", on nice and ugly numbers.
    """
    # TODO 09.pad_vocab: your code here (stuck? `hero hint 09.pad_vocab`)
    raise NotImplementedError("09.pad_vocab")


# %% [markdown]
# ## One micro-batch
#
# Its share of the step's loss: the sum over its own counted tokens, divided by the count of all of them
# (`total`). In the table above, with total = 4, the shares are 8/4 = 2 and 6/4 = 1.5: they add up to 3.5.
#
# The forward pass may run in **bfloat16**: half the bytes, several times the speed, but only 3 digits.
# `torch.autocast` chooses for each operation: matrix products in bfloat16, losses in float32. The parameters
# *stay* float32 (0.0001 added to 1 is lost in 3 digits). It goes around the forward pass **and the loss**,
# and around nothing else: backward repeats each operation in the type that it had.


# %%
def micro_loss(model, x, y, total, dtype=None):
    """The share of one micro-batch in the loss of its step.

    Args:
        model: a callable, int64 (B, T) -> logits (B, T, vocab_size). It is called once, with x.
        x: tokens, int64 (B, T), on the model's device.
        y: the next token of each, int64 (B, T), already shifted; -100 where there is nothing to predict,
            which may be everywhere. Not always contiguous.
        total: how many targets of the whole step are not -100, an int >= 1.
        dtype: None, or the type that torch.autocast(device_type=x.device.type, dtype=dtype) is
            to use around the forward pass and the loss (torch.bfloat16). With None there is no autocast.

    Returns:
        A tensor () with its graph: the cross-entropies of all counted targets, summed, over total. It has
        the type of the logits without autocast; with it, float32 (cross_entropy is among the operations that
        autocast computes in float32). Zero (not NaN) if no target counts.

    Example:
        >>> table = torch.zeros(1, 2, 4)  # four tokens, all equally likely: each costs ln 4 = 1.386
        >>> x, y = torch.tensor([[0, 3]]), torch.tensor([[3, -100]])
        >>> round(micro_loss(lambda x: table, x, y, total=2).item(), 3)
        0.693
    """
    # TODO 09.micro_loss: your code here (stuck? `hero hint 09.micro_loss`)
    raise NotImplementedError("09.micro_loss")


# %% [markdown]
# ## All micro-batches
#
# First count the targets of all of them. Then, one after the other: move to the device, forward, backward.
# Each backward *adds* to `p.grad` and frees its graph, so the memory is that of one micro-batch. (One
# backward at the very end gives the same numbers, but holds all graphs at once: it misses the point.)


# %%
def accumulate(model, micro_batches, device="cpu", dtype=None):
    """Adds the gradient of the step's loss to p.grad; one backward per micro-batch.

    Args:
        model: an nn.Module on `device`, called as in micro_loss.
        micro_batches: a list of pairs (x, y) as in micro_loss, on the CPU; B and T may differ from pair
            to pair. At least one target among all of them is not -100.
        device: where x and y are moved to, just before they are used.
        dtype: for autocast, as in micro_loss.

    Returns:
        The step's loss, a Python float: the mean cross-entropy over all counted targets.

    p.grad is added to, as backward() does: whoever calls it decides when to zero. No parameter changes.

    Example:
        >>> model = nn.Embedding(4, 4)
        >>> _ = nn.init.zeros_(model.weight)
        >>> pairs = [(torch.tensor([[0, 1, 2]]),) * 2, (torch.tensor([[3]]),) * 2]
        >>> round(accumulate(model, pairs), 3)
        1.386

    Source: lecture "Let's reproduce GPT-2 (124M)", chapter "gradient accumulation".
    """
    # TODO 09.accumulate: your code here (stuck? `hero hint 09.accumulate`)
    raise NotImplementedError("09.accumulate")


# %% [markdown]
# ## Fast, before the first step
#
# 1. **TF32**: `torch.set_float32_matmul_precision("high")`. Matrix products that stay in float32 may round
#    their inputs to 10 bits of fraction (instead of 23) and run on the tensor cores. No effect on a CPU.
# 2. **The move**: `model.to(device)`. It may replace the parameters, so the optimizer comes *after* it.
# 3. **Fused AdamW**: one kernel for the whole update, not many per parameter.
# 4. **`torch.compile`**: reads the model once, and fuses what stands between the matrix products. The first
#    step takes a minute, the others are about twice as fast.


# %%
def set_up(model, lr, weight_decay, device="cpu", compile=False):
    """Makes a model ready to train fast, and its optimizer.

    Args:
        model: an nn.Module.
        lr: the first learning rate, a float.
        weight_decay: for the first of the two groups that param_groups makes, a float.
        device: "cpu", "cuda", "cuda:1", ... a str.
        compile: whether to compile the model.

    Returns:
        (model, optimizer). The model is on `device`; it is torch.compile(model) if `compile`, else the very
        module that came in. The optimizer is torch.optim.AdamW on param_groups(model, weight_decay), betas
        (0.9, 0.95), eps 1e-8, fused=True on a cuda device and fused=False elsewhere; it holds the parameters
        that the model has after the move.

    It also sets torch's float32 matmul precision to "high", on every device.

    Example:
        >>> model, optimizer = set_up(GPT(8, 4, 1, 1, 2), lr=6e-4, weight_decay=0.1)
        >>> [group["weight_decay"] for group in optimizer.param_groups]
        [0.1, 0.0]

    Source: lecture "Let's reproduce GPT-2 (124M)", section 2; betas: GPT-3 (Brown et al., 2020), appendix B.
    """
    # TODO 09.set_up: your code here (stuck? `hero hint 09.set_up`)
    raise NotImplementedError("09.set_up")


# %% [markdown]
# ## The step
#
# Zero, accumulate, clip, set the rate in *every* group, update. Clip by the **global norm**: all gradients
# laid end to end are one vector; if longer than `max_norm`, it is shortened and keeps its direction.
# `nn.utils.clip_grad_norm_` does it, and returns the length *before*.


# %%
def train_step(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    """One optimizer step on all micro-batches together.

    Args:
        model: an nn.Module on `device`, in whatever mode it is; its parameters change.
        optimizer: a torch.optim.Optimizer on all parameters of the model, with one or more param_groups.
        micro_batches: pairs (x, y) as in accumulate.
        lr: the learning rate of this step, for all param_groups.
        max_norm: the gradient's largest global norm, over all parameters of the model.
        device, dtype: as in accumulate.

    Returns:
        {"loss": the loss before the update, "norm": the global norm before clipping}, Python floats.

    What earlier steps left in p.grad must not count. Afterwards it is this step's gradient, clipped.

    Example:
        >>> model, optimizer = set_up(GPT(8, 4, 1, 1, 2), lr=0.0, weight_decay=0.1)
        >>> pair = torch.tensor([[1, 2, 3]]), torch.tensor([[2, 3, 4]])
        >>> losses = [train_step(model, optimizer, [pair], lr=0.01)["loss"] for _ in range(20)]
        >>> losses[19] < losses[0]
        True
    """
    # TODO 09.train_step: your code here (stuck? `hero hint 09.train_step`)
    raise NotImplementedError("09.train_step")


# %% [markdown]
# ## How much of the machine is used
#
# A token costs about 6 operations per parameter: a multiplication and an addition forward, twice that
# backward. Attention adds 12 · L · H · Q · T: for each of L layers and H heads, T scores with Q (the head's
# size) products each, and as many to gather the values. **Model FLOPs utilization**:
#
# $$\text{MFU} = \frac{\text{tokens per second} \cdot (6N + 12\,L\,H\,Q\,T)}{\text{peak}}$$
#
# For 124M: 6 · 124.4M + 12 · 12 · 12 · 64 · 1024 = 860 million per token. An A100 does 312 · 10¹² per second
# in bfloat16: 363,000 tokens per second would be an MFU of 1.


# %%
def mfu(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    """Model FLOPs utilization: operations that the model needs, over those the device could do.

    Args:
        tokens_per_s: tokens trained on per second.
        n_params: N, the number of parameters.
        n_layer, n_head, head_size: L, H and Q.
        T: length of the sequences.
        peak: operations per second that the device could do at most.

    Returns:
        float, the fraction (not a percentage).

    Example:
        >>> mfu(10.0, n_params=50, n_layer=2, n_head=1, head_size=5, T=10, peak=30_000.0)
        0.5

    Source: PaLM (Chowdhery et al., 2022), appendix B: 6N + 12LHQT operations per token.
    """
    # TODO 09.mfu: your code here (stuck? `hero hint 09.mfu`)
    raise NotImplementedError("09.mfu")


# %% [markdown]
# ## Run it
#
# A small model learns Shakespeare's characters; then a stopwatch tells how the milliseconds of a step divide.
# On a GPU, `--device cuda --size 124M` trains the real shape, and tells tokens per second and MFU.

# %%
# block_size, n_layer, n_head, n_embd; B
SIZES = {"small": ((64, 2, 4, 64), 8), "124M": ((1024, 12, 12, 768), 16)}
PEAKS = {"A100": 312e12, "H100": 989e12, "H200": 989e12, "4090": 165e12}  # bfloat16, dense


def stopwatch(model, optimizer, device):
    """A dict that collects milliseconds, by what they were used for, whenever the two are at work."""
    ms, last = {}, [0.0]

    def mark(what):
        if device == "cuda":
            torch.cuda.synchronize()  # the GPU works on while Python runs ahead
        now = time.perf_counter()
        ms[what] = ms.get(what, 0.0) + 1000 * (now - last[0])
        last[0] = now

    model.register_forward_pre_hook(lambda *_: mark("backward" if ms else "before"))
    model.register_forward_hook(lambda *_: mark("forward"))
    optimizer.register_step_pre_hook(lambda *_: mark("backward"))  # with loss and clipping
    optimizer.register_step_post_hook(lambda *_: mark("optimizer"))
    return ms


def plot_times(times, path):
    """A bar for each number of micro-batches."""
    from matplotlib.figure import Figure

    axes = Figure(figsize=(7, 3.4), layout="constrained").subplots()
    left = [0.0] * len(times)
    for what in ("forward", "backward", "optimizer"):
        widths = [ms[what] / n for n, ms in times.items()]
        axes.barh([str(n) for n in times], widths, left=left, label=what)
        left = [a + b for a, b in zip(left, widths, strict=True)]
    axes.set(xlabel="milliseconds per micro-batch", ylabel="micro-batches in a step")
    axes.set_title("Where the time goes: one update, shared by all micro-batches")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    axes.figure.savefig(path, dpi=80)


def main():
    import argparse
    import sys

    import data.breaking

    parser = argparse.ArgumentParser(description="Train; see where the time of a step goes.")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--size", choices=list(SIZES), default="small")
    parser.add_argument("--micro", type=int, default=4, help="micro-batches in a step")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument(
        "--means", action="store_true", help="break it: a mean of means, at the end"
    )
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    device, cuda = args.device, args.device == "cuda"
    if args.steps < 10 or args.micro < 1 or (cuda and not torch.cuda.is_available()):
        parser.error("--steps is 10 or more, --micro 1 or more, and --device cuda takes a GPU")
    text = data.load_shakespeare()
    if args.size == "124M":
        tokens, known = torch.tensor(data.gpt2_encoding().encode_ordinary(text)), 50_257
    else:
        letters = {letter: i for i, letter in enumerate(sorted(set(text)))}
        tokens, known = torch.tensor([letters[letter] for letter in text]), len(letters)
    (T, L, H, C), B = SIZES[args.size]
    vocab_size = pad_vocab(known)
    g = torch.manual_seed(0)
    model, optimizer = set_up(GPT(vocab_size, T, L, H, C), 0.0, 0.1, device, compile=cuda)
    n_params = sum(p.numel() for p in model.parameters())
    print(f"{known:,} tokens, padded to {vocab_size:,}; {n_params:,} parameters on {device}")

    def step(lr, count=args.micro):
        pairs, half = [], torch.bfloat16 if cuda else None
        for _ in range(count):
            at = torch.randint(len(tokens) - T, (B, 1), generator=g) + torch.arange(T + 1)
            pairs.append((tokens[at[:, :-1]], tokens[at[:, 1:]]))
        return train_step(model, optimizer, pairs, lr, device=device, dtype=half)

    high = 6e-4 if args.size == "124M" else 3e-3
    with data.progress(args.steps, "training") as bar:
        for i in range(args.steps):
            log = step(high * min(1.0, (i + 1) / 10))
            if i in (0, args.steps // 2, args.steps - 1):
                print(f"step {i:4}   loss {log['loss']:7.4f}   norm {log['norm']:7.4f}")
            if i == 4:  # from here on it is warm
                begun = time.perf_counter()
            bar.update(loss=log["loss"])
    rate = (args.steps - 5) * args.micro * B * T / (time.perf_counter() - begun)
    print(f"your step: {rate:,.0f} tokens per second")
    if cuda:
        name = torch.cuda.get_device_name()
        peak = next((p for key, p in PEAKS.items() if key in name), 312e12)
        used = 100 * mfu(rate, n_params, L, H, C // H, T, peak)
        print(f"that is {used:.1f} % MFU on {name}")

    if args.means:
        return data.breaking.mean_of_means(model, tokens, T, g, device)
    ms, times = stopwatch(model, optimizer, device), {}
    print("micro-batches    forward   backward  optimizer   (ms of the whole step, medians)")
    step(high, 1)  # warms up
    for n in (1, 2, 4, 8):
        runs = []
        for _ in range(7):
            ms.clear()
            step(high, n)
            runs.append(dict(ms))
        times[n] = {what: statistics.median(run[what] for run in runs) for what in list(ms)[1:4]}
        print(f"{n:13}" + "".join(f"{each:11.1f}" for each in times[n].values()))
    path = data.picture("09_gpt2/step_time.png")
    plot_times(times, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
