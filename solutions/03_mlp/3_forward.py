# %% [markdown]
# # The forward pass, and a loss that does not overflow
#
# The network of Bengio et al. (2003), small: look up the embeddings, lay them end to end, one
# hidden layer with tanh, one output layer with a number (a *logit*) for each possible next
# character.
#
#        X (N, 3)
#          |  C[X]                         C  (27, n_embd)
#       emb (N, 3, n_embd)
#          |  view
#       embcat (N, 3 * n_embd)
#          |  @ W1 + b1, tanh              W1 (3 * n_embd, n_hidden), b1 (n_hidden,)
#        h (N, n_hidden)
#          |  @ W2 + b2                    W2 (n_hidden, 27), b2 (27,)
#       logits (N, 27)  --softmax-->  probabilities  -->  loss
#
# What will go wrong: shapes first. Write them beside each line, as above, and most mistakes are
# seen before they are made. And then `exp`: of 100 it is more than a float32 can hold.

# %%
import argparse
import math
import string
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture

# %% [markdown]
# ## Parameters
#
# Everything that training may move. Drawn from a generator with a seed, so that you and
# your neighbor start from the same network.


# %%
def init_params(vocab_size, block_size, n_embd, n_hidden, generator):
    """Five parameters, all drawn from a standard normal distribution.

    Args:
        vocab_size: number of characters.
        block_size: characters in a context.
        n_embd: numbers in an embedding.
        n_hidden: neurons in the hidden layer.
        generator: torch.Generator for all draws.

    Returns:
        A dict of float32 leaf tensors with requires_grad=True, each torch.randn(shape,
        generator=generator), drawn in this order:
            "C" (vocab_size, n_embd), "W1" (block_size * n_embd, n_hidden), "b1" (n_hidden,),
            "W2" (n_hidden, vocab_size), "b2" (vocab_size,)

    Example:
        >>> g = torch.Generator().manual_seed(2147483647)
        >>> params = init_params(27, block_size=3, n_embd=2, n_hidden=100, generator=g)
        >>> sum(p.numel() for p in params.values())
        3481

    Source: lecture "MLP", summary of the full network.
    """
    ### BEGIN SOLUTION
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }
    ### END SOLUTION


# %% [markdown]
# ## The hidden layer
#
# `b1` has shape (n_hidden,) and the product (N, n_hidden): broadcasting adds the same bias to each
# row. tanh squeezes every number into (-1, 1).


# %%
def hidden_layer(emb, W1, b1):
    """tanh(embcat @ W1 + b1), where embcat holds each context's embeddings end to end.

    Args:
        emb: float (N, block_size, n_embd), contiguous, as C[X] is; N >= 1.
        W1: float (block_size * n_embd, n_hidden).
        b1: float (n_hidden,).

    Returns:
        h, float (N, n_hidden); gradients reach all three arguments.

    Example:
        >>> h = hidden_layer(torch.zeros(4, 3, 2), torch.ones(6, 5), torch.zeros(5))
        >>> h.shape
        torch.Size([4, 5])

    Source: lecture "MLP", implementing the hidden layer.
    """
    ### BEGIN SOLUTION
    embcat = emb.reshape(emb.shape[0], -1)  # (N, block_size * n_embd)
    return torch.tanh(embcat @ W1 + b1)
    ### END SOLUTION


# %% [markdown]
# ## All of it
#
# Contexts in, logits out. The output layer has no tanh: a logit must be free to be large.


# %%
def forward(params, X):
    """Logits for the next character of each context.

    Args:
        params: dict of "C", "W1", "b1", "W2", "b2", with the shapes of init_params;
            float32 or float64.
        X: contexts, int64 (N, block_size), N >= 1.

    Returns:
        logits, float (N, vocab_size): h @ W2 + b2, where h is the hidden layer; gradients reach
        all parameters.

    Example:
        >>> g = torch.Generator().manual_seed(2147483647)
        >>> forward(init_params(27, 3, 2, 100, g), torch.zeros(5, 3, dtype=torch.int64)).shape
        torch.Size([5, 27])

    Source: lecture "MLP", implementing the output layer; Bengio et al. (2003), figure 1, without
    the direct connections.
    """
    ### BEGIN SOLUTION
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])  # (N, n_hidden)
    return h @ params["W2"] + params["b2"]
    ### END SOLUTION


# %% [markdown]
# ## Log-probabilities that stay finite
#
# Softmax turns logits into probabilities: exponentiate, divide by the sum. Computed in this way it
# fails:
#
#       logits  [0, 1000]     exp  [1, inf]     probabilities  [0, nan]
#       logits  [-1000, -999] exp  [0, 0]       probabilities  [nan, nan]
#
# The same number may be subtracted from all logits of a row, since exp(a - m) / sum exp(b - m)
# cancels exp(m). Take the row's largest: then the largest exponent is exp(0) = 1, and nothing
# overflows. A small probability may still round to 0, and log(0) is -inf; so never form the
# probability at all:
#
#       log p_i = (l_i - m) - log(sum over j of exp(l_j - m)),       m = max over j of l_j
#
# What will go wrong: log(p + 1e-9) hides the -inf and is wrong for every p near 1e-9. And one
# maximum for the whole batch is not enough: a row far below it underflows.


# %%
def log_softmax(logits):
    """The logarithm of each row's softmax, finite for large logits too.

    Args:
        logits: float (N, vocab_size), float32 or float64, values up to +-1e4; rows may lie far
            apart.

    Returns:
        float (N, vocab_size), dtype of logits; exp of each row sums to 1; gradients reach logits.

    Example:
        >>> log_softmax(torch.tensor([[0.0, 0.0], [0.0, 50.0]]))
        tensor([[ -0.6931,  -0.6931],
                [-50.0000,   0.0000]])
    """
    ### BEGIN SOLUTION
    shifted = logits - logits.max(dim=1, keepdim=True).values  # (N, vocab_size), largest 0
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    ### END SOLUTION


# %% [markdown]
# ## Cross-entropy
#
# How surprised was the network by what really came? Take the log-probability of the right character
# in each row, average, change the sign. A perfect prediction costs 0, a uniform guess ln 27 =
# 3.2958, a confident mistake as much as you like.
#
# `F.cross_entropy` does all of this in one call, faster, and with a short backward pass. From the
# next part on we use it; write it by hand once.


# %%
def cross_entropy(logits, Y):
    """Mean negative log-likelihood of the characters that came next.

    Args:
        logits: float (N, vocab_size), float32 or float64, values up to +-1e4.
        Y: index of the right character for each row, int64 (N,), N >= 1.

    Returns:
        A tensor with one number (shape ()), dtype of logits; gradients reach logits.

    Example:
        >>> cross_entropy(torch.zeros(4, 27), torch.tensor([5, 13, 13, 0]))
        tensor(3.2958)
        >>> cross_entropy(torch.tensor([[0.0, 1000.0]]), torch.tensor([0]))
        tensor(1000.)

    Source: lecture "MLP", the negative log likelihood, and why F.cross_entropy.
    """
    ### BEGIN SOLUTION
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].mean()
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# The shapes of a batch, your loss beside torch's, the naive loss as all logits grow, and the losses
# of a fresh network. A network that knows nothing should say "each of 27 is as likely" and pay ln
# 27; this one is sure of itself, and wrong. (Part 7 will see to that.)


# %%
def naive_cross_entropy(logits, Y):
    """What one writes first: fine for small logits, nan for large ones."""
    counts = logits.exp()
    prob = counts / counts.sum(1, keepdim=True)
    return -prob[torch.arange(len(Y)), Y].log().mean()


def first_examples(names, block_size, n):
    """The first n examples of the names: X (n, block_size), Y (n,)."""
    X, Y = [], []
    for name in names:
        context = [0] * block_size
        for c in name + ".":
            i = 0 if c == "." else ord(c) - 96
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
        if len(X) >= n:
            break
    return torch.tensor(X[:n]), torch.tensor(Y[:n])


def plot_losses(losses, path):
    """A histogram of the loss of each example, and the loss of a uniform guess."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.hist(losses, bins=60, color="#0072B2")
    axes.axvline(math.log(27), color="black", linestyle="--", label="a uniform guess: ln 27")
    mean = sum(losses) / len(losses)
    axes.axvline(mean, color="#D55E00", label=f"this network: {mean:.2f} on average")
    axes.set(xlabel="loss of one example", ylabel="examples", title="a fresh network is too sure")
    axes.legend()
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="The forward pass and its loss.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--n", type=int, default=5_000, help="how many examples")
    parser.add_argument("--full", action="store_true", help="100,000 examples")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.n < 1:
        parser.error("--n: at least 1")

    names = load_names(args.data)
    if not set("".join(names)) <= set(string.ascii_lowercase) or len(names) < 10:
        parser.error("--data: at least 10 names, of the letters a to z only")
    X, Y = first_examples(names, 3, 100_000 if args.full else args.n)
    g = torch.Generator().manual_seed(2147483647)
    params = init_params(27, block_size=3, n_embd=2, n_hidden=100, generator=g)
    logits = forward(params, X)
    for name, tensor in {"X": X, **params, "logits": logits, "Y": Y}.items():
        print(f"{name:<7} {tuple(tensor.shape)}")
    print(f"\n{sum(p.numel() for p in params.values()):,} parameters")
    print(f"your loss {cross_entropy(logits, Y):.4f}, torch's {F.cross_entropy(logits, Y):.4f}\n")

    print("all logits times   naive loss   your loss")
    for factor in (1, 2, 5, 10, 20):
        naive, yours = naive_cross_entropy(logits * factor, Y), cross_entropy(logits * factor, Y)
        print(f"{factor:>16} {naive:>12.3f} {yours:>11.3f}")

    logits = logits.detach()[:5000]
    losses = [cross_entropy(logits[i : i + 1], Y[i : i + 1]).item() for i in range(len(logits))]
    path = picture("03_mlp/fresh.png")
    plot_losses(losses, path)
    print(f"\n{path}: most examples cost far more than a uniform guess would.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: this part runs when all five are there.")
    except DataError as error:
        sys.exit(str(error))
