# %% [markdown]
# # Supervised finetuning: learn from the answers
#
# A base model becomes an assistant by going on with the same training, next token by next token, on
# conversations that people (or other models) wrote. One thing is new: only what the *assistant* says is
# learned. The loss of everything else is left out, by a **mask**.
#
# ![Two losses: that of answers falls, that of prompts does not](pictures/sft.png)
#
# What will go wrong: the mask is not shifted together with the targets, and the first word of every answer
# is never taught; a refactoring loses the mask, the training loss looks as before, and only the chats get
# worse; batches with few answer tokens count as much as batches with many; rows are padded on the left,
# and the model answers something else than it does for each row alone.

# %%
import argparse
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, load_names, picture, progress

# the chat format of part 1: bytes, and behind them the special tokens
BOS, SYSTEM, USER, ASSISTANT, END, PAD = range(256, 262)


def turn_pair(question, answer):
    """One exchange as (ids, mask): two lists of ints; the mask is 1 at the assistant's own tokens."""
    asked = [BOS, USER, *question.encode(), END, ASSISTANT]
    said = [*answer.encode(), END]
    return asked + said, [0] * len(asked) + [1] * len(said)


# %% [markdown]
# ## The mask moves with the targets
#
# `mask[t]` says whether token t is the assistant's own. Position t of the inputs is to predict token t + 1,
# so what counts there is `mask[t + 1]`. Ids and mask lose their *first* entry together:
#
#     ids        <bos> <user>  H  <end> <asst>  O    h  <end>
#     mask         .     .     .    .     .     1    1    1
#     inputs     <bos> <user>  H  <end> <asst>  O    h            ids[:-1]
#     targets      .     .     .    .     O     h  <end>          ids[1:] where mask[1:]
#
# A dot among the targets is $-100$, the number that torch's cross_entropy leaves out. With `mask[:-1]` the
# first letter, O, would never be a target: the model learns to go on with an answer, never to begin one.


# %%
def shifted_targets(ids, mask):
    """Inputs, and the targets that count.

    Args:
        ids: int64 (B, T), T >= 1; not changed.
        mask: bool (B, T), True where the token itself counts, anywhere; not changed.

    Returns:
        (inputs, targets), int64 (B, T - 1) each: all ids but each row's last (a slice or a copy); and the
        ids one further on, where the mask is True for *them*, -100 elsewhere.

    Example:
        >>> ids, mask = torch.tensor([[9, 7, 5, 3]]), torch.tensor([[False, False, True, True]])
        >>> shifted_targets(ids, mask)
        (tensor([[9, 7, 5]]), tensor([[-100,    5,    3]]))
    """
    ### BEGIN SOLUTION
    return ids[:, :-1], ids[:, 1:].masked_fill(~mask[:, 1:], -100)
    ### END SOLUTION


# %% [markdown]
# ## Rows of unequal length
#
# A tensor is a rectangle, so short rows are filled up. On which side?
#
#     right, for training       a b c     left, for generation      a b c
#                               d . .                               . . d
#     positions                 0 1 2                               0 1 2
#                               0 . .                               . . 0
#
# On the right, padding costs nothing but time: attention looks to the left only, so no real token ever
# sees it, and its targets are masked. But to *generate*, the next token comes behind the last column, so
# that must be real: pad on the left. Now real tokens would look at the padding, and `d`, a first token,
# would be told that it is at position 2. So the model must be given both: which tokens are real, and
# positions counted by the real ones. Without them a row in a batch gets other logits than alone. It
# doesn't crash; it only answers worse.


# %%
def pad_batch(rows, pad, side="right"):
    """Rows of unequal length as one rectangle.

    Args:
        rows: a list of one or more lists of ints, each with one entry at least; not changed. An
            entry may well be equal to `pad`, and is real nevertheless.
        pad: the int that the rest is filled with.
        side: on which side the padding stands, "right" or "left".

    Returns:
        (ids, real, positions), (B, T) each, where T is the length of the longest row: ids int64; real bool,
        True at what comes from the rows; positions int64: 0, 1, 2, ... along each row's real tokens, and 0
        at padding.

    Raises:
        ValueError: side is something else.

    Example:
        >>> ids, real, positions = pad_batch([[7, 8, 9], [5]], 0, side="left")
        >>> ids, real.int(), positions
        (tensor([[7, 8, 9],
                [0, 0, 5]]), tensor([[1, 1, 1],
                [0, 0, 1]], dtype=torch.int32), tensor([[0, 1, 2],
                [0, 0, 0]]))
    """
    ### BEGIN SOLUTION
    if side not in ("right", "left"):
        raise ValueError(f"side is 'right' or 'left', not {side!r}")
    B, T = len(rows), max(map(len, rows))
    ids = torch.full((B, T), pad)
    real = torch.zeros(B, T, dtype=torch.bool)
    for b, row in enumerate(rows):
        place = slice(0, len(row)) if side == "right" else slice(T - len(row), T)
        ids[b, place] = torch.tensor(row)
        real[b, place] = True
    positions = (real.cumsum(1) - 1).masked_fill(~real, 0)
    return ids, real, positions
    ### END SOLUTION


# %% [markdown]
# ## One mean over what counts
#
# $$L = \frac{1}{n} \sum_{\text{target} \ne -100} -\log p(\text{target})$$
#
# where n is how many such targets there are in the whole batch.
#
# Not a mean of the rows' means: an answer of one token would count as much as one of a hundred. If nothing
# counts at all (every answer was cut off), n is 0, and $0/0$ is NaN, which ruins every weight in one step.
# Ours is 0 then, with gradients 0.
#
# The argument `total` is for what comes next: it replaces n.


# %%
def sft_loss(logits, targets, total=None):
    """The mean cross-entropy over the targets that count.

    Args:
        logits: float (B, T, V), contiguous or not; may be far apart (1e4).
        targets: int64 (B, T), ids or -100 (does not count).
        total: what the sum is divided by, an int >= 1; by default the number of targets that count.

    Returns:
        float (), dtype of logits, with its graph: the sum of -log softmax(logits)[target] over what counts,
        divided by total. 0, and all gradients 0, if nothing counts.

    Example:
        >>> logits, targets = torch.zeros(1, 3, 4), torch.tensor([[-100, 2, 0]])
        >>> sft_loss(logits, targets), sft_loss(logits, targets, total=4)  # log 4, and half of it
        (tensor(1.3863), tensor(0.6931))
    """
    ### BEGIN SOLUTION
    if total is None:
        total = max(1, int((targets != -100).sum()))
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / total
    ### END SOLUTION


# %% [markdown]
# ## Micro-batches that count unequally
#
# A batch that does not fit into memory is taken in pieces, **micro-batches**, whose gradients add up in
# `p.grad` (lesson 09). In pretraining all pieces count equally many tokens. Here they don't, and that was
# wrong in much-used libraries for years: say one piece has 2 tokens with a loss of 3.0 each and another 6
# with 1.0. The mean over all 8 is (2 · 3 + 6 · 1) / 8 = 1.5. The mean of the two means is 2.0: tokens of
# short answers weigh more than those of long ones.
#
# So: count *first*, over all pieces; then divide each piece's sum by that total.


# %%
def accumulate(model, micro_batches):
    """Adds the gradient of the mean loss over all micro-batches to p.grad.

    Args:
        model: an nn.Module, int64 (B, T) -> logits float (B, T, V). Its parameters and its mode are not
            changed; p.grad grows by the gradient (whatever stood there before).
        micro_batches: a list of one or more (inputs, targets), int64 (B, T) each; B and T may differ from
            pair to pair. Some may have nothing that counts, or all.

    Returns:
        The loss, a Python float: the sum over *all* targets that count, divided by their number in all
        micro-batches together. 0.0 if nothing counts.

    One forward and one backward pass for each micro-batch, one after the other: only one graph exists at a
    time. (A micro-batch in which nothing counts may be skipped.)
    """
    ### BEGIN SOLUTION
    total = max(1, sum(int((targets != -100).sum()) for _, targets in micro_batches))
    loss = 0.0
    for inputs, targets in micro_batches:
        share = sft_loss(model(inputs), targets, total)
        share.backward()
        loss += share.item()
    return loss
    ### END SOLUTION


# %% [markdown]
# ## One step
#
# Forget the old gradients, accumulate the new ones, **clip** them (if the length of all gradients
# together, as one vector, exceeds max_norm, scale them down to it: one odd batch shall not ruin the
# weights), let the optimizer step.
#
# And if nothing counts? The gradients are 0, but an optimizer with momentum or weight decay moves the
# weights nevertheless. Better no step at all.


# %%
def sft_step(model, micro_batches, optimizer, max_norm):
    """One step of the optimizer on some micro-batches.

    Args:
        model, micro_batches: as in accumulate; the model is trained in place, each of its modules
            stays in the mode that it is in.
        optimizer: a torch.optim.Optimizer that holds all parameters of the model. Gradients from before
            do not count.
        max_norm: float > 0. If the norm of the gradients of all parameters together is larger, they are
            scaled down to it, as torch.nn.utils.clip_grad_norm_ does.

    Returns:
        (loss, norm), Python floats: the loss before the step, and the norm before clipping. The clipped
        gradients stay in p.grad.

    If no target counts in any micro-batch, the optimizer makes no step: parameters and optimizer stay as
    they are, and (0.0, 0.0) comes back. (What is in p.grad then does not matter.)
    """
    ### BEGIN SOLUTION
    if all((targets == -100).all() for _, targets in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()
    ### END SOLUTION


# %% [markdown]
# ## Perplexity
#
# $\exp$ of the mean loss: "as unsure as between so many equally likely tokens". A model that knows nothing
# of 4 possible tokens has loss $\log 4 = 1.39$ and perplexity 4. As before, the mean is over all tokens of
# all batches, and $\exp$ comes last: the mean of the batches' perplexities is something else. Of means
# beyond 709 the exponential is too large for a float: infinite.


# %%
def perplexity(model, batches):
    """exp of the mean cross-entropy over all targets that count.

    Args:
        model: an nn.Module, int64 (B, T) -> logits (B, T, V). It is asked in eval mode, and afterwards each
            of its modules is in the mode that it came in (behind a ValueError, too); parameters and
            gradients stay as they are, no graph is made. Its logits may be float32: exp is taken of a
            Python float.
        batches: a list of (inputs, targets), int64 (B, T) each; B and T may differ, and so may the number
            of targets that count (other than -100), which may be 0 in some of them.

    Returns:
        A Python float >= 1; math.inf where exp is too large for a float.

    Raises:
        ValueError: no target counts, or there is no batch.

    Example:
        >>> model = nn.Embedding.from_pretrained(torch.zeros(3, 4))  # knows nothing of 4 tokens
        >>> print(round(perplexity(model, [(torch.tensor([[0, 1]]), torch.tensor([[1, -100]]))]), 4))
        4.0
    """
    ### BEGIN SOLUTION
    count = sum(int((targets != -100).sum()) for _, targets in batches)
    if count == 0:
        raise ValueError("no target counts: there is nothing to take the mean of")
    modes = {part: part.training for part in model.modules()}
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), y, total=1).item() for x, y in batches) / count
    for part, mode in modes.items():
        part.training = mode
    try:
        return math.exp(mean)
    except OverflowError:
        return math.inf
    ### END SOLUTION


# %% [markdown]
# ## A small GPT, given
#
# The model of lesson 07 made of torch's own layers. It takes what left padding needs: which tokens are
# `real`, and their `positions`; without them all tokens are real and counted from 0.


# %%
class GPT(nn.Module):
    """ids, int64 (B, T) with T <= block_size -> logits (B, T, vocab_size)."""

    def __init__(self, vocab_size, block_size, n_embd=64, n_head=4, n_layer=2):
        super().__init__()
        self.n_head = n_head
        self.token = nn.Embedding(vocab_size, n_embd)
        self.position = nn.Embedding(block_size, n_embd)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        block = nn.TransformerEncoderLayer(n_embd, n_head, 4 * n_embd, **options)
        self.blocks = nn.TransformerEncoder(block, n_layer, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size)
        for p in self.parameters():
            if p.ndim == 2:  # the layers are copies of one: let them differ
                nn.init.normal_(p, std=0.5 * p.shape[1] ** -0.5)

    def forward(self, ids, real=None, positions=None):
        B, T = ids.shape
        blocked = torch.ones(T, T, dtype=torch.bool).triu(1)  # the future
        if real is not None:  # padding sees itself, or its softmax would be over nothing
            blocked = (blocked | ~real[:, None]) & ~torch.eye(T, dtype=torch.bool)
            blocked = blocked.repeat_interleave(self.n_head, dim=0)  # (B * n_head, T, T)
        x = self.token(ids) + self.position(torch.arange(T) if positions is None else positions)
        return self.head(self.norm(self.blocks(x, mask=blocked)))


def replies(model, prompts, n, with_positions=True):
    """The most probable next tokens of each prompt, at most n, up to END: a list of lists of ids."""
    rows = [list(prompt) for prompt in prompts]
    done = [False] * len(rows)
    model.eval()
    with torch.no_grad():
        for _ in range(n):
            ids, real, positions = pad_batch(rows, PAD, side="left")
            logits = model(ids, real, positions) if with_positions else model(ids)
            for b, i in enumerate(logits[:, -1].argmax(-1).tolist()):
                if not done[b]:
                    rows[b].append(i)
                    done[b] = i == END
    model.train()
    return [row[len(prompt) :] for row, prompt in zip(rows, prompts, strict=True)]


# %% [markdown]
# ## Run it
#
# `hero run 10/2` teaches a model that knows nothing to greet people: the user types a name, and the
# assistant says "Hello, Emma!" It prints the loss on answers and on prompts of names that it has not seen,
# and then lets it answer ten of them, in one batch, with and without real positions. The answers' loss
# falls. The prompts' does not, since nobody teaches the model to guess names: the mask holds.
#
# **Break it**: use `mask[:, :-1]` in `shifted_targets`, and run it again. The losses fall as nicely as
# before; but the model has never learned to say an H, and greets with something like "elllo".


# %%
def greeting(name):
    return turn_pair(name, f"Hello, {name.capitalize()}!")


def make_batch(names, prompts=False, late=False):
    """(inputs, targets) of greetings; with `prompts`, what the user typed counts, and the answer does
    not; with `late` the mask is shifted the wrong way: the answer's first letter does not count."""
    pairs = [greeting(name) for name in names]
    ids, real, _ = pad_batch([ids for ids, _ in pairs], PAD)
    mask = pad_batch([mask for _, mask in pairs], 0)[0].bool()
    if late:  # so that mask[:, 1:] in there is mask[:, :-1]
        mask = torch.cat([mask[:, :1], mask[:, :-1]], dim=1)
    return shifted_targets(ids, ~mask & real & (ids < 256) if prompts else mask)


def main():
    parser = argparse.ArgumentParser(description="Finetune a small GPT on greetings.")
    parser.add_argument("--steps", type=int, default=250, help="steps of two micro-batches")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--late", action="store_true", help="break it: the mask is shifted the wrong way"
    )
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1 or args.seed < 0:
        parser.error("--steps is at least 1, and --seed is not negative")
    torch.manual_seed(args.seed)
    g = torch.Generator().manual_seed(args.seed)
    names = load_names()
    names = [names[i] for i in torch.randperm(len(names), generator=g).tolist()]
    unseen, seen = names[:50], names[50:]
    model = GPT(262, 64)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    curve = []
    with progress(args.steps, "finetuning") as bar:
        for step in range(args.steps + 1):
            if step % max(1, args.steps // 12) == 0 or step == args.steps:
                pair = [
                    perplexity(model, [make_batch(unseen, prompts, args.late and not prompts)])
                    for prompts in (False, True)
                ]
                curve.append((step, *map(math.log, pair)))
            if step < args.steps:
                picked = [seen[i] for i in torch.randint(0, len(seen), (24,), generator=g).tolist()]
                micro = [make_batch(some, late=args.late) for some in (picked[:16], picked[16:])]
                bar.update(loss=sft_step(model, micro, optimizer, 1.0)[0])
    for step, answers, prompts in (curve[0], curve[-1]):
        print(f"step {step}: loss on answers {answers:.2f}, on prompts {prompts:.2f}")
    prompts = [greeting(name)[0] for name in unseen[:10]]
    prompts = [row[: row.index(ASSISTANT) + 1] for row in prompts]
    alone = [replies(model, [prompt], 24)[0] for prompt in prompts]
    for title, given in [("real tokens and positions given", True), ("not given", False)]:
        together = replies(model, prompts, 24, given)
        same = sum(a == b for a, b in zip(together, alone, strict=True))
        print(f"in one batch, padded on the left, {title}: {same} of 10 answers as alone")
        for name, ids in list(zip(unseen, together, strict=False))[:4]:
            print(f"    {name}: {bytes(i for i in ids if i < 256).decode(errors='replace')}")
    draw(curve)


def draw(curve):
    from matplotlib.figure import Figure

    steps, answers, prompts = zip(*curve, strict=True)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, answers, ".-", color="#D55E00", label="answers (they count)")
    axes.plot(steps, prompts, ".-", color="#0072B2", label="prompts (masked)")
    axes.axhline(math.log(262), color="grey", lw=0.8, ls=":", label="knows nothing: log 262")
    axes.set(xlabel="step", ylabel="loss per token, unseen names", ylim=(0, None))
    axes.set_title("supervised finetuning: only the answers are learned")
    axes.legend()
    path = picture("10_assistant/sft.png")
    figure.savefig(path, dpi=90)
    print(f"look at {path}")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
