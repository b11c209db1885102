# `hero check 09/8` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Stop, go on, and ask whether it was worth it
#
# A run of days will be interrupted: a power cut, a full disk, a colleague. Then there must be a file from
# which it goes on **as if nothing had happened**, with the same numbers to the last bit. What belongs into
# it is whatever the next step looks at:
#
#     model        the weights
#     optimizer    AdamW's two averages of each weight, and how many steps they have seen
#     loader       the position where it stands
#     generator    the state of the dice
#     step         the number of the step
#
# What will go wrong: the optimizer is forgotten, and the loss jumps at each restart, because AdamW begins
# again with averages of nothing. Or `model.state_dict()` is kept as it is: these are the *very* tensors of
# the model, so the "old" weights in your hands go on training. Or the power fails while the file is
# written, and neither the new checkpoint nor the old one is left.
#
# Then the second question: is the model any good? A loss on texts it has not seen, and a test in multiple
# choice.

# %%
import copy
import os

import torch
import torch.nn as nn
import torch.nn.functional as F

# %% [markdown]
# ## The loss on other texts
#
# Of two batches, one with 3 tokens and loss 1.0, one with 1 token and loss 5.0, the mean over *tokens* is
# (3 · 1.0 + 1 · 5.0) / 4 = 2.0. The mean of the means says 3.0: one odd token then counts like three.


# %%
def evaluation_loss(model, batches):
    """The mean cross-entropy per token over all batches.

    Args:
        model: an nn.Module; model(x) returns float logits (B, T, vocab_size). All of it is in one mode,
            training or eval.
        batches: a list of one or more pairs (x, y), int64 (B, T) each; B and T may differ from pair to
            pair. Targets y of -100 do not count; a batch may consist of them, but not all batches.

    Returns:
        float: the sum of -log p(target) over all targets that count, in nats, divided by their number.

    The model is in eval mode while it is asked, no graph is made, and afterwards it is in the mode in which
    it came.

    Example:
        >>> model = nn.Embedding.from_pretrained(torch.zeros(3, 4))  # knows nothing: ln 4
        >>> x = torch.tensor([[0, 1], [2, 2]])
        >>> print(f"{evaluation_loss(model, [(x, x)]):.4f}")
        1.3863
    """
    # TODO 09.evaluation_loss: your code here (stuck? `hero hint 09.evaluation_loss`)
    raise NotImplementedError("09.evaluation_loss")


# %% [markdown]
# ## A checkpoint
#
# *Given: a loader that knows where it stands, and a few steps of training. The inputs are smudged a little
# (each token becomes 0 with probability 0.1), with dice from `generator`.*


# %%
class Loader:
    """Windows of a long text, one after the other, from the beginning again at its end."""

    def __init__(self, tokens, B, T):
        self.tokens, self.B, self.T, self.position = tokens, B, T, 0

    def next(self):
        """The next inputs and targets, int64 (B, T) each."""
        n = self.B * self.T
        if self.position + n + 1 > len(self.tokens):
            self.position = 0
        piece = self.tokens[self.position : self.position + n + 1]
        self.position += n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)


def train(model, optimizer, loader, generator, steps):
    """Trains for some steps; returns their losses."""
    losses = []
    for _ in range(steps):
        x, y = loader.next()
        x = x * (torch.rand(x.shape, generator=generator) >= 0.1)
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


# %%
def make_checkpoint(model, optimizer, loader, generator, step):
    """All that the next step will look at, as a copy.

    Args:
        model: an nn.Module.
        optimizer: a torch.optim.Optimizer with the model's parameters.
        loader: an object whose attribute position, an int, says where it stands.
        generator: a torch.Generator.
        step: how many steps are done, an int.

    Returns:
        A dict with the keys "model" and "optimizer" (copies of their state dicts, in which, as in these, no
        tensor requires a gradient), "position" (int), "generator" (its state, as get_state() returns it) and
        "step" (int). Training on does not change anything in it. Nothing that was given is changed.
    """
    # TODO 09.make_checkpoint: your code here (stuck? `hero hint 09.make_checkpoint`)
    raise NotImplementedError("09.make_checkpoint")


# %% [markdown]
# The way back has the same trap: `optimizer.load_state_dict(d)` may keep the very tensors of `d` and then
# train in them. Who restores the same checkpoint a second time finds it changed.


# %%
def restore(checkpoint, model, optimizer, loader, generator):
    """Puts everything back as it was when make_checkpoint was called.

    Args:
        checkpoint: what make_checkpoint returned. It stays as it is, also when training goes on, so that it
            can be restored again.
        model, optimizer, loader, generator: of the same kinds and sizes as those it was made from, in
            whatever state; changed in place.

    Returns:
        int: the step at which it was made.
    """
    # TODO 09.restore: your code here (stuck? `hero hint 09.restore`)
    raise NotImplementedError("09.restore")


# %% [markdown]
# ## Onto the disk, all or nothing
#
# Write to another name *in the same folder*, and when the file is whole, rename it onto the old one.
# Renaming is one step for the file system: at each moment `path` is either the whole old file or the whole
# new one.


# %%
def save_atomic(checkpoint, path):
    """torch.save that never leaves a half-written file at path.

    Args:
        checkpoint: what torch.save can write.
        path: a str; there may be a file already, which is replaced.

    Returns:
        None. If writing fails, the exception goes on to the caller and what was at path is still there,
        unharmed; nothing, if there was nothing. At any time it is the whole old file or the whole new one.
        At no time is the old file itself written into: who has it open goes on reading the old one. When it
        has gone well, no other new file is left in the folder. (The temporary file is path + ".tmp"; after a
        failure it may still be there.)
    """
    # TODO 09.save_atomic: your code here (stuck? `hero hint 09.save_atomic`)
    raise NotImplementedError("09.save_atomic")


# %% [markdown]
# ## Multiple choice
#
# HellaSwag shows a context and four endings, one of which makes sense. A small model cannot answer "B", but
# it can say how probable it finds each ending, as a continuation. All four go into one batch:
#
#     tokens   the cat sat | on  the  mat          mask   0 0 0 | 1 1 1
#              the cat sat | up   ·    ·                  0 0 0 | 1 0 0
#
# Only the ending counts: the context is the same for all, the padding is nobody's. And the logits at
# position t speak of the token at t + 1, so both mask and tokens are shifted.


# %%
def pad_endings(context, endings):
    """One row per ending: the context, the ending, zeros.

    Args:
        context: a list of one or more token ids, ints.
        endings: a list of n >= 1 lists of token ids, each with at least one, which may be 0 too.

    Returns:
        The pair (tokens, mask): tokens int64 (n, T), T the length of the longest row, shorter ones filled
        up with 0 on the right; mask bool (n, T), True at the ending's tokens.

    Example:
        >>> pad_endings([7, 8], [[5], [0, 6]])
        (tensor([[7, 8, 5, 0],
                [7, 8, 0, 6]]), tensor([[False, False,  True, False],
                [False, False,  True,  True]]))
    """
    # TODO 09.pad_endings: your code here (stuck? `hero hint 09.pad_endings`)
    raise NotImplementedError("09.pad_endings")


# %% [markdown]
# The *total* log-likelihood of an ending sinks with each token, so short endings win. The *average* per
# token is fairer. The two have different winners often enough that people have filed bugs about it; so
# report both.


# %%
def completion_scores(logits, tokens, mask):
    """The log-likelihood of each row's masked tokens: in all, and per token.

    Args:
        logits: float (n, T, vocab_size); those at position t are for the token at t + 1.
        tokens: int64 (n, T).
        mask: bool (n, T), True at the tokens that count; never at position 0, and at least once in each
            row.

    Returns:
        The pair (total, average), each (n,), dtype of logits: the sum of log p(token) over the row's tokens
        that count, in nats (so 0 or less; higher is better), and that divided by their number.

    Example:
        >>> logits = torch.tensor([[[0.5, 0.5], [0.25, 0.75], [0.9, 0.1]]]).log()
        >>> completion_scores(logits, torch.tensor([[0, 1, 1]]), torch.tensor([[False, True, True]]))
        (tensor([-0.9808]), tensor([-0.4904]))
    """
    # TODO 09.completion_scores: your code here (stuck? `hero hint 09.completion_scores`)
    raise NotImplementedError("09.completion_scores")


# %%
def accuracies(totals, averages, labels):
    """How often the best ending is the right one, by both measures.

    Args:
        totals, averages: float (items, n_endings): log-likelihoods as in completion_scores.
        labels: int64 (items,): which ending is right. At least one item.

    Returns:
        dict {"acc": share of items, a float from 0 to 1, whose highest total (the first of equal ones) is
        the right ending's, "acc_norm": the same by averages}.

    Example:
        >>> totals, averages = torch.tensor([[-2.0, -3.0]]), torch.tensor([[-2.0, -0.5]])
        >>> accuracies(totals, averages, torch.tensor([1]))
        {'acc': 0.0, 'acc_norm': 1.0}
    """
    # TODO 09.accuracies: your code here (stuck? `hero hint 09.accuracies`)
    raise NotImplementedError("09.accuracies")


# %% [markdown]
# ## Run it
#
# Ten items of our own, and a model that reads the library in which the answers are written (so this is a
# test of memory, not of wit). `hero run 09/8` trains it, stops in the middle, goes on from the file, and
# once more from a file without the optimizer.

# %%
# context | the right ending | three others
QUIZ = """
The cat lay down on the warm keyboard and| sent a letter to the boss.| rained.| was a prime number.| ate May.
To boil an egg you need hot water and| about seven minutes.| a ladder.| two passports and a violin.| a moon.
The train to the sea was late, so the passengers| shared their sandwiches.| melted.| ironed the sea.| hummed.
My grandmother's clock goes backwards, so on Monday| she expects Sunday's guests.| cheese.| it is soup.| swim.
The robot was asked to clean the room and| sorted the dust by alphabet.| was born.| barked at gravity.| no.
If you whisper to a tomato every morning, it| grows red all the same.| sues.| drives to work by bus.| votes.
The magician pulled a rabbit out of the hat and| it asked for a carrot.| fell up.| the hat was a sum.| blue.
It snowed all night, and in the morning the postman| came on skis.| hatched.| was an envelope of ham.| rhymed.
The chess player thought for an hour and then| moved the wrong piece.| flew.| castled with the waiter.| ate.
Before the concert the drummer lost his sticks, so| he played with spoons.| oh.| the hall was peeled.| rain.
"""
ITEMS = [line.split("|") for line in QUIZ.strip().splitlines()]


def text_of(steps):
    """The library as bytes: each right sentence, in an order that changes."""
    g = torch.Generator().manual_seed(1)
    order = torch.cat([torch.randperm(len(ITEMS), generator=g) for _ in range(steps)])
    text = "\n".join(ITEMS[i][0] + ITEMS[i][1] for i in order.tolist())
    return torch.tensor(list(text.encode()))


class Reader(nn.Module):
    """A small recurrent model of bytes: enough for ten sentences."""

    def __init__(self, width=96):
        super().__init__()
        self.table = nn.Embedding(128, width)
        self.rnn = nn.GRU(width, width, batch_first=True)
        self.out = nn.Linear(width, 128)

    def forward(self, x):
        return self.out(self.rnn(self.table(x))[0])


@torch.no_grad()
def quiz(model):
    """Your scores on the ten items, with the endings in an order of their own."""
    g = torch.Generator().manual_seed(0)
    totals, averages, labels = [], [], []
    for context, *endings in ITEMS:
        order = torch.randperm(4, generator=g)
        rows = [list(endings[i].encode()) for i in order.tolist()]
        tokens, mask = pad_endings(list(context.encode()), rows)
        total, average = completion_scores(model(tokens), tokens, mask)
        totals.append(total)
        averages.append(average)
        labels.append(order.argmin())
    return accuracies(torch.stack(totals), torch.stack(averages), torch.stack(labels))


def plot_run(curves, scores, path):
    """Left: the losses of the three runs; right: both accuracies on the way."""
    from matplotlib.figure import Figure

    fig = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = fig.subplots(1, 2)
    for (label, first, losses), style in zip(curves, ("-", "--", ":"), strict=True):
        left.plot(range(first, first + len(losses)), losses, style, label=label)
    left.set(xlabel="step", ylabel="training loss", title="Stopped and gone on", yscale="log")
    left.legend()
    for name, label in (("acc", "by the total"), ("acc_norm", "by the average per token")):
        right.plot(list(scores), [s[name] for s in scores.values()], "o-", label=label)
    right.axhline(0.25, color="gray", lw=0.8, label="guessing")
    right.set(xlabel="step", ylabel="share of the 10 items", title="Multiple choice")
    right.legend()
    fig.savefig(path, dpi=90)


def main():
    import argparse
    import sys

    from data import picture, progress

    parser = argparse.ArgumentParser(description="Stop, go on, and evaluate.")
    parser.add_argument("--steps", type=int, default=200, help="10 or more")
    steps = parser.parse_args([] if "ipykernel" in sys.modules else None).steps
    if steps < 10:
        parser.error("--steps must be at least 10")
    text = text_of(60)

    def new():
        torch.manual_seed(0)
        model = Reader()
        optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
        return model, optimizer, Loader(text, 8, 96), torch.Generator().manual_seed(0)

    half, piece, losses, scores = steps // 2, max(1, steps // 10), [], {}
    run, path = new(), str(picture("09_gpt2/resume.png"))
    file = path.removesuffix(".png") + ".pt"
    with progress(steps, "training") as bar:
        for step in range(steps):
            if step == half:
                save_atomic(make_checkpoint(*run, step), file)
            if step % piece == 0:
                scores[step] = quiz(run[0])
            losses += train(*run, 1)
            bar.update(loss=losses[-1])
    scores[steps] = quiz(run[0])
    print(
        "one evaluation batch: loss", f"{evaluation_loss(run[0], [Loader(text, 8, 96).next()]):.3f}"
    )
    saved = torch.load(file)
    os.remove(file)
    again = new()
    assert restore(saved, *again) == half
    resumed = train(*again, steps - half)
    print(f"gone on from the file: the same losses to the last bit: {resumed == losses[half:]}")
    forgetful = new()
    restore(saved | {"optimizer": forgetful[1].state_dict()}, *forgetful)
    jumped = train(*forgetful, steps - half)
    worst = max(jumped[:10])
    print(
        f"without the optimizer's state: loss up to {worst:.3f} instead of {max(resumed[:10]):.3f}"
    )
    print(f"multiple choice: {scores[0]} at first, {scores[steps]} at the end")
    curves = [
        ("in one go", 0, losses),
        ("gone on", half, resumed),
        ("optimizer lost", half, jumped),
    ]
    plot_run(curves, scores, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
