# `hero check 03/6` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # What it learned: a map of letters, and new names
#
# With embeddings of two numbers, C is a map: each character a point. Nobody told the network which
# letters are vowels. Run this part, and see where it put them.
#
# Then let it write. Start with a context of dots, ask for the probabilities of the next
# character, draw one, and shift it into the context, exactly as the training examples were made:
#
#       ...  -> draw "m"      context becomes ..m
#       ..m  -> draw "i"      context becomes .mi
#       .mi  -> draw "a"      context becomes mia
#       mia  -> draw "."      the name is finished: mia
#
# What will go wrong: the context that is not shifted, or shifted the wrong way, and still gives
# names that look *almost* right.

# %%
import argparse
import random
import string
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The network, given
#
# The first weights are smaller than in part 3, so that a short run is enough; part 7 explains.

# %%
itos = "." + "abcdefghijklmnopqrstuvwxyz"


def init_params(vocab_size, block_size, n_embd, n_hidden, generator):
    """A dict of parameters, requires_grad=True, with small weights in the layers."""
    fan_in = block_size * n_embd
    params = {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.randn(fan_in, n_hidden, generator=generator) * (5 / 3) / fan_in**0.5,
        "b1": torch.zeros(n_hidden),
        "W2": torch.randn(n_hidden, vocab_size, generator=generator) * 0.01,
        "b2": torch.zeros(vocab_size),
    }
    return {name: p.requires_grad_() for name, p in params.items()}


def forward(params, X):
    """Logits (N, vocab_size) for contexts X (N, block_size)."""
    embcat = params["C"][X].view(X.shape[0], -1)  # (N, block_size * n_embd)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])  # (N, n_hidden)
    return h @ params["W2"] + params["b2"]


# %% [markdown]
# ## The next character's probabilities
#
# `forward` wants a batch: a tensor (N, block_size). One context is a batch of one, and its answer
# is one row of logits. Nothing is trained here, so nothing needs to be recorded.


# %%
def next_probs(params, context):
    """The probabilities of the character after a context.

    Args:
        params: dict of parameters, with requires_grad=True.
        context: a list of block_size indices, oldest first.

    Returns:
        float (vocab_size,): the softmax of the logits, sums to 1, dtype of the parameters; no
        gradient is recorded (requires_grad is False).

    Example:
        >>> params = init_params(27, 3, 2, 100, torch.Generator().manual_seed(42))
        >>> next_probs(params, [0, 0, 13]).shape
        torch.Size([27])

    Source: lecture "MLP", sampling from the model.
    """
    # TODO 03.next_probs: your code here (stuck? `hero hint 03.next_probs`)
    raise NotImplementedError("03.next_probs")


# %% [markdown]
# ## One name
#
# `torch.multinomial(probs, 1, generator=generator)` draws an index: number i with probability
# probs[i]. Not always the most probable one (that would give the same name for ever), and not one
# at random as if all were alike.
#
# What will go wrong: a fresh generator made inside the function starts anew each time, and gives
# the same name each time. Use the one that is passed in.


# %%
def sample_name(params, block_size, itos, generator, max_len=20):
    """Draws one new name, character by character.

    Args:
        params: dict of parameters.
        block_size: characters in a context; the first one is all zeros.
        itos: a string, itos[i] is the character of index i; index 0 is "." and ends the name.
        generator: torch.Generator; all draws come from it: one torch.multinomial for each
            character, the end included, and none once the name has max_len characters.
        max_len: the name is cut here if it has not ended, an int >= 0.

    Returns:
        The name without its end ".", a string of 0 to max_len characters.

    Example:
        >>> params = init_params(27, 3, 2, 100, torch.Generator().manual_seed(42))
        >>> name = sample_name(params, 3, itos, torch.Generator().manual_seed(1), max_len=8)
        >>> len(name) <= 8 and "." not in name
        True

    Source: lecture "MLP", sampling from the model.
    """
    # TODO 03.sample_name: your code here (stuck? `hero hint 03.sample_name`)
    raise NotImplementedError("03.sample_name")


# %% [markdown]
# ## Look at it
#
# The map first. Most vowels gather, and "." lies apart from all. Then the names. (They need not be
# the names of the video, even with its list and its seed: how torch draws changes from version to
# version.)


# %%
def build_dataset(words, block_size):
    """All examples of the words: X (N, block_size), Y (N,)."""
    X, Y = [], []
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            X.append(context)
            Y.append(itos.index(c))
            context = context[1:] + [itos.index(c)]
    return torch.tensor(X), torch.tensor(Y)


def train(params, X, Y, steps, lr, generator, label):
    """Minibatches of 32; the learning rate falls to a tenth half-way."""
    piece = max(1, steps // 100)
    with progress(steps // piece, label) as bar:
        total = 0.0
        for step in range(steps // piece * piece):
            ix = torch.randint(0, X.shape[0], (32,), generator=generator)
            loss = F.cross_entropy(forward(params, X[ix]), Y[ix])
            for p in params.values():
                p.grad = None
            loss.backward()
            for p in params.values():
                p.data -= (lr if step < steps / 2 else lr / 10) * p.grad
            total += loss.item()
            if step % piece == piece - 1:
                bar.update(loss=total / piece)
                total = 0.0


def plot_embedding(C, path):
    """Each character at the place that its two numbers say; vowels in orange."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    for character, (x, y) in zip(itos, C.tolist(), strict=True):
        color = "#D55E00" if character in "aeiouy" else "#333333" if character == "." else "#0072B2"
        axes.scatter(x, y, s=260, color=color)
        axes.text(x, y, character, color="white", ha="center", va="center", fontsize=11)
    axes.grid(alpha=0.3)
    axes.set(
        xlabel="C[:, 0]",
        ylabel="C[:, 1]",
        title="what the network made of a to z; vowels in orange",
    )
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="The map of letters, and new names.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--count", type=int, default=20, help="how many names to draw")
    parser.add_argument("--seed", type=int, default=2147483647 + 10)
    parser.add_argument("--full", action="store_true", help="200,000 steps")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1 or args.count < 0 or not 0 <= args.seed < 2**63:
        parser.error("--steps: at least 1; --count and --seed: from 0 on, no seed beyond 2**63")
    steps = 200_000 if args.full else args.steps

    names = load_names(args.data)
    if not set("".join(names)) <= set(string.ascii_lowercase) or len(names) < 10:
        parser.error("--data: at least 10 names, of the letters a to z only")
    known = set(names)
    random.Random(42).shuffle(names)
    X, Y = build_dataset(names[: int(0.8 * len(names))], 3)
    g = torch.Generator().manual_seed(2147483647)
    draw = torch.Generator().manual_seed(args.seed)
    untrained = init_params(27, 3, 2, 100, draw)
    made = [sample_name(untrained, 3, itos, draw) for _ in range(5)]
    print("names of an untrained network: " + " ".join(made) + "\n")
    for n_embd, n_hidden in ((2, 100), (10, 200)):
        params = init_params(27, 3, n_embd, n_hidden, g)
        train(params, X, Y, steps, 0.2, g, f"n_embd {n_embd}")
        if n_embd == 2:
            path = picture("03_mlp/embedding.png")
            plot_embedding(params["C"].detach(), path)
            print(f"{path}: where are the vowels?\n")

    probs = next_probs(params, [0, 0, 0])
    best = probs.topk(5).indices.tolist()
    print("\na name begins with  " + "  ".join(f"{itos[i]} {probs[i]:.3f}" for i in best))
    draw.manual_seed(args.seed)
    print("new names ('*': it is in the file):")
    for _ in range(args.count):
        name = sample_name(params, 3, itos, draw)
        print(f"   {name}{' *' if name in known else ''}")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the names come when both are there.")
    except DataError as error:
        sys.exit(str(error))
