# %% [markdown]
# # The bigram, as a module
#
# Before attention there is a model that has none: the bigram of lesson 02. It looks at one character and
# guesses the next from a table, row by row. As a language model it is hopeless. But everything around it,
# a `forward` with a loss, a `generate`, a fair measurement, a training loop, is what the GPT needs at the
# end of this lesson, word for word. So build it once, on a model that is easy to see through.
#
#     idx (B, T)                        which character stands where
#       │ table: row idx[b, t]
#     logits (B, T, C)                  C numbers for each position: how likely is each next character?
#       │                    │
#       │ cross-entropy      │ the last position only, softmax, draw
#     loss, one number     idx (B, T + 1)
#
# B windows, T positions, C characters in the vocabulary.
#
# What will go wrong: a `view` that has the right shape and mixes up positions; new characters drawn from
# the *first* position; a model left in the wrong mode after it was measured; losses that are kept as
# tensors and drag their whole graph along. Nothing of this crashes on the spot.

# %%
import argparse
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from data import DataError, load_shakespeare, picture, progress

# %% [markdown]
# ## torch's own modules
#
# So far weights were tensors in a list, and you told each that it learns. A class that inherits from
# `nn.Module` keeps the list itself:
#
# - `nn.Embedding(n, d)` is lesson 03's table `C`: n rows of d numbers. `table(idx)` is `C[idx]`. It learns
#   from the start, no `requires_grad` needed.
# - `nn.Linear(n, m)` is lesson 03's `x @ W + b`, on the last dimension of x: (..., n) -> (..., m). Its
#   `weight` lies the other way round, (m, n); its `bias` is (m,), or None if you say `bias=False`.
# - `nn.ModuleList([...])` is a list of modules; `nn.Sequential(a, b)` is one, and calls b on what a gives.
# - In `__init__`, `self.something = nn.Embedding(...)` registers it: `model.parameters()` finds all of them.
# - `model(idx)` calls `model.forward(idx)`.
# - `model.train()` and `model.eval()` switch between two modes, `model.training` says which one holds. Some
#   layers act differently in the two (dropout, later in this lesson); the bigram doesn't.
#
# ## Logits and loss
#
# For every position the table's row is the logits of the next character. `F.cross_entropy` wants one row of
# logits for each answer, (number of answers, C), and the answers in one long row. So lay all B * T positions
# in one row, *without* cutting any position's C numbers:
#
#     logits (2, 3, C)  ->  (6, C)        b=0 t=0,  b=0 t=1,  b=0 t=2,  b=1 t=0,  ...
#     targets (2, 3)    ->  (6,)          in the same order
#
# Cross-entropy would take (B, C, T) as well, with C in the middle. But `logits.view(B, C, T)` is not that:
# `view` moves nothing, it only counts anew, and numbers of different positions land in one column.
#
# A check that costs nothing: with all logits equal each of 65 characters has probability 1/65, and the loss
# is $\ln 65 = 4.17$. The table starts with random rows, so at first it is sure of wrong things: about 4.7.
#
# ## Writing
#
# `generate` writes. Ask for the logits of all positions, keep those of the *last*, since only that one speaks
# about what is not yet there. Softmax turns them into probabilities, `torch.multinomial` draws one character
# for each row, `torch.cat` puts it at the end. Then again, with a context that is one longer:
#
#     [[5, 2]]  ->  logits (1, 2, C)  ->  [:, -1]  (1, C)  ->  draw  [[7]]  ->  [[5, 2, 7]]
#
# The bigram would be content with the last character alone. Hand it all of them nevertheless: then this very
# method works for the GPT.


# %%
class BigramLanguageModel(nn.Module):
    """Each character's row in a table: the logits of what comes next.

    Args (of the constructor):
        vocab_size: number of characters, C.
    """

    def __init__(self, vocab_size):
        super().__init__()
        self.token_embedding_table = nn.Embedding(vocab_size, vocab_size)

    def forward(self, idx, targets=None):
        """Logits for every position, and the loss if the answers are known.

        Args:
            idx: int64 (B, T), characters.
            targets: int64 (B, T), what follows each of them; or None. Contiguous in memory, as
                idx is.

        Returns:
            (logits, loss), always two. logits: float (B, T, C), with targets or without; at [b, t] stands row
            idx[b, t] of self.token_embedding_table. loss: the mean cross-entropy of all B * T positions, a
            tensor with shape () through which gradients flow; None without targets.

        Example:
            >>> model = BigramLanguageModel(5)
            >>> idx = torch.tensor([[0, 4, 4], [1, 2, 3]])
            >>> logits, loss = model(idx)
            >>> logits.shape, loss
            (torch.Size([2, 3, 5]), None)
            >>> model(idx, targets=idx)[1].shape
            torch.Size([])

        Source: lecture "Let's build GPT: from scratch, in code, spelled out" (there the logits come back
        as (B * T, C) when there are targets).
        """
        ### BEGIN SOLUTION
        logits = self.token_embedding_table(idx)  # (B, T, C)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        loss = F.cross_entropy(logits.view(B * T, C), targets.view(B * T))
        return logits, loss
        ### END SOLUTION

    @torch.no_grad()  # given: nothing that happens in here is recorded for a backward()
    def generate(self, idx, max_new_tokens, g):
        """Writes on: draws new characters one after the other and puts each at the end.

        Args:
            idx: int64 (B, T), T >= 1, the beginnings; left as they are.
            max_new_tokens: how many characters to add to each row, an int >= 0.
            g: torch.Generator. For each new character one call, for all rows together:
                torch.multinomial(probs, 1, generator=g) with probs (B, C).

        Returns:
            int64 (B, T + max_new_tokens): the beginnings and what was drawn.

        Each step calls self(idx) with everything written so far, beginning included, and draws from the
        softmax of the logits at the last position. The model stays in the mode it is in.

        Example:
            >>> model = BigramLanguageModel(5)
            >>> g = torch.Generator().manual_seed(1)
            >>> model.generate(torch.tensor([[3], [0]]), max_new_tokens=7, g=g).shape
            torch.Size([2, 8])

        Source: lecture "Let's build GPT: from scratch, in code, spelled out".
        """
        ### BEGIN SOLUTION
        for _ in range(max_new_tokens):
            logits, _ = self(idx)
            probs = F.softmax(logits[:, -1, :], dim=-1)  # (B, C)
            new = torch.multinomial(probs, 1, generator=g)  # (B, 1)
            idx = torch.cat([idx, new], dim=1)  # (B, T + 1)
        return idx
        ### END SOLUTION


# %% [markdown]
# ## Measuring
#
# The loss of one batch jumps by 0.1 from batch to batch, as in lesson 03. The mean over many of them stands
# still, and is what two models can be compared by. Three things belong to a measurement:
#
# - **eval mode**, so that what is random in training is off;
# - **no gradients**: `with torch.no_grad():` spares the memory of a graph that nobody will ask for;
# - **leave no trace**: afterwards the model is in the mode in which it was found. If you always say
#   `model.train()` at the end, somebody's finished model comes back in training mode.
#
# And take the number out of each loss, `loss.item()`: a tensor in a list keeps alive all that it came from.


# %%
def estimate_loss(model, draw, eval_iters):
    """The mean loss of a model over several batches.

    Args:
        model: an nn.Module; model(x, y) returns (logits, loss), and loss is a tensor with shape ().
        draw: a function without arguments; each call returns the next batch, a pair (x, y).
        eval_iters: how many batches, an int >= 1; draw is called exactly that often.

    Returns:
        The mean of the losses, a Python float.

    While it measures, the model is in eval mode and no gradients are recorded; afterwards model.training, and
    whether torch records gradients, is what it was before, whichever that was.

    Example:
        >>> model = BigramLanguageModel(5)
        >>> batch = torch.tensor([[0, 1, 2]]), torch.tensor([[1, 2, 3]])
        >>> 0 < estimate_loss(model, lambda: batch, eval_iters=4) < 10
        True
        >>> model.training
        True

    Source: lecture "Let's build GPT: from scratch, in code, spelled out" (there always back to train()).
    """
    ### BEGIN SOLUTION
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for _ in range(eval_iters):
            x, y = draw()
            total += model(x, y)[1].item()
    model.train(was)
    return total / eval_iters
    ### END SOLUTION


# %% [markdown]
# ## Training
#
# The steps are those of lesson 03: forget the old gradients, forward, backward, move. The moving is now done
# by an **optimizer**, which holds the parameters:
#
#     optimizer = torch.optim.AdamW(model.parameters(), lr=lr)      once, before the loop
#
#     optimizer.zero_grad()      forget
#     loss.backward()            new gradients
#     optimizer.step()           move
#
# AdamW is gradient descent with a memory: for each number it keeps running means of its gradient and of the
# gradient's square, and divides the one by the root of the other. So the size of a step hangs on lr, not
# on whether gradients happen to be large or tiny. An optimizer made anew in each step has no memory.


# %%
def train(model, batches, lr):
    """One step of AdamW for each batch.

    Args:
        model: an nn.Module; model(x, y) returns (logits, loss). Changed in place; in training mode from the
            first step on and afterwards.
        batches: anything that can be looped over once (a list, or a generator without a length); each
            item is a pair (x, y).
        lr: learning rate. The optimizer is torch.optim.AdamW with this lr and its own defaults otherwise.

    Returns:
        A list with the loss of each batch, before its step, as Python floats; [] without batches.

    Gradients that were left in p.grad by somebody else must not count.

    Example:
        >>> model = BigramLanguageModel(5)
        >>> batch = torch.tensor([[0, 1, 2]]), torch.tensor([[1, 2, 3]])
        >>> losses = train(model, [batch] * 20, lr=0.1)
        >>> len(losses), losses[-1] < losses[0]
        (20, True)

    Source: "Decoupled Weight Decay Regularization" (Loshchilov and Hutter, 2019), algorithm 2.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    model.train()
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# The bigram on Shakespeare. It writes before and after it has learned, and its val loss is set against two
# numbers that you can compute without any network: ln C, for who knows nothing, and what *counting* pairs
# gives, as in lesson 02, for who knows all that a bigram can know. The curve should run from above the one
# to just above the other, and no further: it is not the training that is too short, it is the model that
# sees too little. Words appear by chance, lines have about the right length, nothing means anything. That
# is what attention is for.


# %%
def get_batch(data, block_size, batch_size, g):
    """B random windows x (B, T) and the same one place further on, y (B, T); the part before."""
    starts = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    windows = data[starts[:, None] + torch.arange(block_size + 1)]
    return windows[:, :-1].contiguous(), windows[:, 1:].contiguous()


def counting_loss(train_data, val_data, C):
    """The val loss of lesson 02's model: counted pairs, one added to each."""
    pairs = train_data[:-1] * C + train_data[1:]
    counts = torch.bincount(pairs, minlength=C * C).view(C, C) + 1.0
    logprobs = (counts / counts.sum(1, keepdim=True)).log()
    return -logprobs[val_data[:-1], val_data[1:]].mean().item()


def plot_curve(losses, measured, floor, start, path):
    """The loss of each batch, the measured val losses, and the two numbers to compare with."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, color="0.8", linewidth=0.6, label="each batch")
    axes.plot(
        [s for s, _ in measured], [v for _, v in measured], "o-", label="val, your estimate_loss"
    )
    axes.axhline(start, color="C3", linestyle=":", label=f"who knows nothing: {start:.2f}")
    axes.axhline(floor, color="C2", linestyle="--", label=f"counted pairs: {floor:.2f}")
    axes.set(xlabel="step", ylabel="loss", title="a bigram learns all that a bigram can know")
    axes.legend()
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Trains the bigram on Shakespeare.")
    parser.add_argument("--text", default="embedded", help="'lecture', or a text file")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--lr", type=float, default=1e-2)
    parser.add_argument("--seed", type=int, default=1337)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    text = load_shakespeare(args.text)
    if args.steps < 1 or not args.lr > 0 or len(text) < 1000 or args.seed not in range(2**63):
        parser.error("this takes 1 step or more, lr > 0, a text of 1,000 and a seed from 0 on")

    itos = sorted(set(text))
    stoi = {ch: i for i, ch in enumerate(itos)}
    data = torch.tensor([stoi[ch] for ch in text])
    n = int(0.9 * len(data))
    C = len(itos)

    torch.manual_seed(args.seed)  # the table's first values come from torch's global generator
    g = torch.Generator().manual_seed(args.seed)
    model = BigramLanguageModel(C)
    beginning = torch.tensor([[stoi.get("\n", 0)]])

    def written():
        return "".join(itos[i] for i in model.generate(beginning, 200, g)[0].tolist())

    def val_loss():
        same = torch.Generator().manual_seed(0)  # each time the same batches
        return estimate_loss(model, lambda: get_batch(data[n:], 8, 64, same), 100)

    before = written()
    measured, piece = [], max(1, args.steps // 20)
    with progress(args.steps, "training") as bar:

        def batches():
            for step in range(args.steps):
                if step % piece == 0:  # in the middle of training: nothing may be left behind
                    measured.append((step, val_loss()))
                yield get_batch(data[:n], 8, 32, g)
                bar.update()

        losses = train(model, batches(), args.lr)
    measured.append((args.steps, val_loss()))

    start, floor = torch.tensor(float(C)).log().item(), counting_loss(data[:n], data[n:], C)
    print(f"before it has learned (val loss {measured[0][1]:.3f}):\n{before}\n")
    print(f"after {args.steps} steps (val loss {measured[-1][1]:.3f}):{written()}\n")
    print(f"ln {C} = {start:.3f}; counted pairs {floor:.3f}")
    path = picture("07_gpt/bigram.png")
    plot_curve(losses, measured, floor, start, path)
    print(f"{path}: down to what can be counted, and not below.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all four of the part.")
    except DataError as error:
        sys.exit(str(error))
