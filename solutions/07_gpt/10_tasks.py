# %% [markdown]
# # EX2 and EX3: teach it to add; pretrain and finetune
#
# A GPT continues text. Whatever can be written as text and continued, it can be taught: here, to add two
# numbers (the lecture's second exercise). What is new is not the model but everything around it:
#
#     07+58=560        the task as text: the digits of 65, *reversed*, in three places
#
# Why reversed? By hand you add from the right, carrying as you go: the last digit first. A model that
# writes from left to right had to know all carries before its first digit. Reversed, each digit needs
# two digits and a carry.
#
# What will go wrong: the mask is off by one, and the first digit is never taught; the mask is written into a
# slice, which is the inputs' memory too; 35+12 is trained on, 12+35 tested, and the score is a present.

# %%
import argparse
import copy
import itertools
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, load_names, load_shakespeare, picture, progress

CHARS = "0123456789+="  # a digit's id is the digit, + is 10, = is 11


def encode(text, chars=CHARS):
    """The ids of a text, a list of ints: each character's place in chars."""
    return [chars.index(c) for c in text]


# %% [markdown]
# ## A small GPT and Adam, given
#
# The blocks of this lesson as torch's own layer (called encoder there; the mask makes it a decoder), and the
# optimizer of lesson 04, part 9.


# %%
class GPT(nn.Module):
    """ids, int64 (B, T) with T <= block_size -> logits (B, T, vocab_size)."""

    def __init__(self, vocab_size, block_size, n_embd=64, n_head=4, n_layer=2):
        super().__init__()
        self.block_size = block_size
        self.token = nn.Embedding(vocab_size, n_embd)
        self.position = nn.Embedding(block_size, n_embd)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        block = nn.TransformerEncoderLayer(n_embd, n_head, 4 * n_embd, **options)
        self.blocks = nn.TransformerEncoder(block, n_layer, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size)
        for p in self.parameters():
            if p.ndim == 2:  # the layers are copies of one: let them differ
                nn.init.normal_(p, std=0.5 * p.shape[1] ** -0.5)

    def forward(self, ids):
        T = ids.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        x = self.token(ids) + self.position(torch.arange(T))
        return self.head(self.norm(self.blocks(x, mask=future)))


class Adam:
    """A step for each parameter, divided by how large its gradient usually is."""

    def __init__(self, parameters, lr):
        self.parameters, self.lr, self.steps = list(parameters), lr, 0
        self.mean = [torch.zeros_like(p) for p in self.parameters]
        self.square = [torch.zeros_like(p) for p in self.parameters]

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    @torch.no_grad()
    def step(self):
        self.steps += 1
        for p, m, v in zip(self.parameters, self.mean, self.square, strict=True):
            if p.grad is not None:
                m.lerp_(p.grad, 0.1)  # beta 0.9
                v.lerp_(p.grad.square(), 0.01)  # beta 0.99
                root = (v / (1 - 0.99**self.steps)).sqrt() + 1e-8
                p -= self.lr * m / (1 - 0.9**self.steps) / root


# %% [markdown]
# ## The task as text
#
# Zeros in front make all sums equally long: both numbers get `digits` digits, the result one more (99 +
# 99 needs three). Pad first, then reverse: 65 is 065, and 560 when reversed.


# %%
def sum_text(a, b, digits):
    """One sum as text, the digits of its result reversed.

    Args:
        a, b: ints with 0 <= a, b < 10 ** digits.
        digits: how many digits a and b are written with, int >= 1.

    Returns:
        A str "a+b=c" of 3 * digits + 3 characters: a and b padded with zeros in front to `digits`
    digits, c the digits of a + b, padded with zeros in front to digits + 1 digits and then reversed.

    Raises:
        ValueError: a or b is negative or has too many digits.

    Example:
        >>> sum_text(7, 58, 2)
        '07+58=560'
    """
    ### BEGIN SOLUTION
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError(f"{a} and {b} must be numbers of {digits} digits")
    result = str(a + b).zfill(digits + 1)
    return f"{str(a).zfill(digits)}+{str(b).zfill(digits)}={result[::-1]}"
    ### END SOLUTION


# %% [markdown]
# ## A test it has not seen
#
# There are only 10,000 sums of two-digit numbers: a model could learn them by heart. So some are held
# out. And since 35+12 gives away 12+35, a pair goes to the test in *both* orders, or in none. Split the
# pairs with a <= b, and turn them round afterwards.


# %%
def split_sums(digits, n_test, g):
    """All sums, split so that no test sum is trained on, not even with its numbers swapped.

    Args:
        digits: the numbers run from 0 to 10 ** digits - 1.
        n_test: how many pairs (a, b) with a <= b go to the test, an int; both orders of each do.
        g: torch.Generator. With the pairs a <= b in the order (0, 0), (0, 1), ..., (1, 1), ... the order is
            torch.randperm(number of pairs, generator=g); its first n_test are the test, the rest is for
            training. Nothing else is drawn.

    Returns:
        (train, test): lists of tuples (a, b), in the drawn order, each (a, b) with a < b followed by (b, a).
    """
    ### BEGIN SOLUTION
    pairs = [(a, b) for a in range(10**digits) for b in range(a, 10**digits)]
    order = torch.randperm(len(pairs), generator=g).tolist()

    def both(picked):
        return [p for a, b in picked for p in ([(a, b), (b, a)] if a != b else [(a, b)])]

    return both([pairs[i] for i in order[n_test:]]), both([pairs[i] for i in order[:n_test]])
    ### END SOLUTION


# %% [markdown]
# ## What counts
#
# At each position the target is the *next* character. Those of the question are replaced by $-100$, the
# number that cross_entropy ignores by convention. The first target that counts stands where the model
# reads `=`:
#
#     ids       0   7   +   5   8   =   5   6   0
#     inputs    0   7   +   5   8   =   5   6
#     targets   .   .   .   .   .   5   6   0            . is -100
#
# The inputs stay whole: the model must see the question. And `ids[:, 1:]` is no copy: what you write
# into it, you write into ids, and so into the inputs.


# %%
def answer_targets(ids, equals):
    """Inputs, and targets in which only the answer counts.

    Args:
        ids: int64 (n, L), each row with exactly one `equals`, anywhere but in the last column; not changed.
        equals: the id of "=".

    Returns:
        (inputs, targets), int64 (n, L - 1) each: inputs are all ids but each row's last; targets are the
    ids one further on, where that one stands behind the row's `equals`, and -100 where it does not.

    Example:
        >>> inputs, targets = answer_targets(torch.tensor([[1, 10, 2, 11, 3, 0]]), 11)
        >>> inputs, targets
        (tensor([[ 1, 10,  2, 11,  3]]), tensor([[-100, -100, -100,    3,    0]]))
    """
    ### BEGIN SOLUTION
    inputs = ids[:, :-1]
    behind = (inputs == equals).cumsum(1) > 0  # equals has been read
    return inputs, ids[:, 1:].masked_fill(~behind, -100)
    ### END SOLUTION


# %% [markdown]
# The loss is one mean over everything that counts, in the whole batch. Positions that are ignored are not in
# the numerator, and not in the denominator either.


# %%
def answer_loss(logits, targets):
    """The mean cross-entropy over all targets that are not -100.

    Args:
        logits: float (n, T, vocab_size), contiguous or not, may be far apart (hundreds).
        targets: int64 (n, T), ids or -100; at least one counts. Rows may count differently often.

    Returns:
        float (), dtype of logits: the sum of -log softmax(logits)[target] over what counts, divided by
    how many count in the whole batch.

    Example:
        >>> answer_loss(torch.zeros(1, 3, 4), torch.tensor([[-100, 2, 0]]))  # log 4
        tensor(1.3863)
    """
    ### BEGIN SOLUTION
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)
    ### END SOLUTION


# %%
def masked_step(model, inputs, targets, optimizer):
    """One training step on one batch.

    Args:
        model: inputs -> logits (n, T, vocab_size); changed in place, its mode is left as it is.
        inputs: int64 (n, T).
        targets: int64 (n, T), with -100 where nothing counts.
        optimizer: holds the model's parameters; has zero_grad() and step(). Gradients from before must
    not count.

    Returns:
        answer_loss of the batch before the step, a Python float. The batch's gradients stay in p.grad.
    """
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% [markdown]
# ## Let it answer
#
# A sum has one right result, so nothing is drawn: always the most probable character (greedy), which is put
# behind the text before the model is asked again.


# %%
def greedy_answer(model, ids, n):
    """The n most probable next tokens, one after the other.

    Args:
        model: int64 (B, T) -> logits (B, T, vocab_size); only the last position says what comes next. A
            module is used in the mode that it is in, and stays in it.
        ids: int64 (B, T): the rows so far; not changed.
        n: how many tokens to add, int >= 1. T + n - 1 is no more than the model can read.

    Returns:
        int64 (B, n): the new tokens only. Each is the argmax given *all* tokens before it, those of ids
    and the new ones.

    Example:
        >>> successor = lambda ids: F.one_hot((ids + 1) % 5, 5).float()
        >>> greedy_answer(successor, torch.tensor([[0, 2], [4, 3]]), 3)
        tensor([[3, 4, 0],
                [4, 0, 1]])
    """
    ### BEGIN SOLUTION
    T = ids.shape[1]
    with torch.no_grad():
        for _ in range(n):
            best = model(ids)[:, -1].argmax(-1, keepdim=True)  # (B, 1)
            ids = torch.cat([ids, best], dim=1)
    return ids[:, T:]
    ### END SOLUTION


# %%
def sums_right(model, sums, digits):
    """The share of sums that the model gets entirely right.

    Args:
        model: as in greedy_answer; it reads the ids of encode(sum_text(a, b, digits)), logits (n, T, 12).
        sums: a list of at least one (a, b).
        digits: as in sum_text.

    Returns:
        A Python float from 0 to 1. The model is shown everything up to and including "=" and answers
        greedily; one wrong digit out of digits + 1 makes the sum wrong.

    Example:
        >>> zeros = lambda ids: F.one_hot(0 * ids, 12).float()  # says 0, whatever it reads
        >>> sums_right(zeros, [(0, 0), (3, 4), (0, 7), (5, 5)], 1)
        0.25
    """
    ### BEGIN SOLUTION
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    question, wanted = ids[:, : 2 * digits + 2], ids[:, 2 * digits + 2 :]
    right = (greedy_answer(model, question, digits + 1) == wanted).all(dim=1)
    return right.float().mean().item()
    ### END SOLUTION


# %% [markdown]
# ## EX3: pretrain, then finetune
#
# A little text teaches little. But a model that has read much *other* text knows what letters are, and what
# words look like: copy its weights, and go on training on the little text, with a smaller learning rate and
# few steps. It must be a copy: you will want to compare with the pretrained one, or finetune it again on
# something else. And the optimizer must hold the parameters of the copy.


# %%
def windows(ids, block_size, n, g):
    """n random pieces of a long text: inputs and targets, int64 (n, block_size) each."""
    starts = torch.randint(0, len(ids) - block_size, (n,), generator=g).tolist()
    rows = torch.stack([ids[i : i + block_size + 1] for i in starts])
    return rows[:, :-1], rows[:, 1:]


# %%
def finetune(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    """A copy of a pretrained model, trained further on another text.

    Args:
        model: a GPT; neither it nor its parameters' values, gradients or mode are changed.
        ids: int64 (N,), the text, N > model.block_size, in the vocabulary of the pretraining.
        steps: how many steps, int >= 0. Each draws windows(ids, model.block_size, batch_size, g), and nothing
            else is drawn, and makes one masked_step.
        lr: learning rate of the one Adam(..., lr) that makes all steps.
        g: torch.Generator.
        on_step: called after each step with the copy and the step's loss.

    Returns:
        (trained, losses): the copy, in training mode; the losses of masked_step, a list of `steps` floats.

    Source: EX3 of the lecture "Let's build GPT: from scratch, in code, spelled out".
    """
    ### BEGIN SOLUTION
    trained = copy.deepcopy(model).train()
    optimizer = Adam(trained.parameters(), lr)
    losses = []
    for _ in range(steps):
        inputs, targets = windows(ids, model.block_size, batch_size, g)
        losses.append(masked_step(trained, inputs, targets, optimizer))
        on_step(trained, losses[-1])
    return trained, losses
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# `hero run 07/10` teaches two-digit sums, and says how many of the held-out ones come out right. `hero run
# 07/10 -- --finetune` is EX3: pretrained on Shakespeare, finetuned on 300 names, beside a fresh model
# with the same few steps on these names.


# %%
def held_out_loss(model, ids):
    n, T = (len(ids) - 1) // model.block_size, model.block_size
    with torch.no_grad():
        return answer_loss(model(ids[: n * T].view(n, T)), ids[1 : n * T + 1].view(n, T)).item()


def draw(curves, name, **labels):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.subplots()
    for label, points in curves.items():
        axes.plot(*zip(*points, strict=True), ".-", label=label)
    axes.set(xlabel="step", **labels)
    axes.legend()
    path = picture(f"07_gpt/{name}")
    figure.savefig(path, dpi=100)
    print(f"look at {path}")


def learn_sums(steps, g, digits=2):
    """EX2: a GPT learns to add."""
    train, test = split_sums(digits, 500, g)
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in train])
    inputs, targets = answer_targets(ids, CHARS.index("="))
    model = GPT(len(CHARS), inputs.shape[1])
    optimizer, curve = Adam(model.parameters(), 2e-3), [(0, sums_right(model, test, digits))]
    with progress(steps, "sums") as bar:
        for step in range(1, steps + 1):
            ix = torch.randint(0, len(inputs), (128,), generator=g)
            bar.update(loss=masked_step(model, inputs[ix], targets[ix], optimizer))
            if step % max(1, steps // 15) == 0 or step == steps:
                curve.append((step, sums_right(model, test, digits)))
    print(f"of the sums held out {curve[-1][1]:.1%} are right, ", end="")
    print(f"of those trained on {sums_right(model, train, digits):.1%}")
    draw({"held out": curve}, "sums.png", ylabel="share right", title="a GPT learns to add")


def transfer(text, steps, g):
    """EX3: Shakespeare, then a few names; beside it names only."""
    names = load_names()[::20]  # frequent and rare ones
    few, others = "\n".join(names[:1200:4]), "\n".join(names[1:1200:4])
    chars = sorted(set(text + few + others))  # one vocabulary for both texts
    old, new, unseen = (torch.tensor(encode(t, chars)) for t in (text, few, others))
    fresh, curves = GPT(len(chars), 32), {}
    with progress(4 * steps, "pretraining") as bar:
        show = lambda _, loss: bar.update(loss=loss)  # noqa: E731
        base, _ = finetune(fresh, old[:-20_000], 4 * steps, 2e-3, g, on_step=show)
    for name, start, lr in [("finetuned", base, 5e-4), ("from scratch", fresh, 2e-3)]:
        curve = curves[name] = [(0, held_out_loss(start, unseen))]

        def watch(trained, loss, curve=curve, count=itertools.count(1)):
            if (step := next(count)) % max(1, steps // 20) == 0:
                curve.append((step, held_out_loss(trained, unseen)))

        again = torch.Generator().manual_seed(1)  # the same batches for both
        trained, _ = finetune(start, new, steps, lr, again, on_step=watch)
        low, step = min((loss, step) for step, loss in curve)
        before, after = (held_out_loss(m, old[-20_000:]) for m in (start, trained))
        print(f"{name}: names {curve[0][1]:.2f} -> {low:.2f} (step {step}), ", end="")
        print(f"Shakespeare {before:.2f} -> {after:.2f}")
    title = "300 names, with and without Shakespeare before"
    draw(curves, "finetuned.png", ylabel="loss on unseen names", title=title)


def main():
    parser = argparse.ArgumentParser(description="EX2: adding. EX3: finetuning.")
    parser.add_argument("--finetune", action="store_true", help="EX3: Shakespeare, then names")
    parser.add_argument("--steps", type=int, help="1500 for sums, 300 for names (and 1200 before)")
    parser.add_argument("--text", default="embedded", help="for EX3: 'lecture', or a file")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = args.steps if args.steps is not None else 300 if args.finetune else 1500
    text = load_shakespeare(args.text) if args.finetune else ""
    if steps < 1 or (args.finetune and len(text) < 50_000):
        parser.error("--steps is at least 1, and --text has 50,000 characters or more")
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(0)
    transfer(text, steps, g) if args.finetune else learn_sums(steps, g)


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
