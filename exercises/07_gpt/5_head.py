# `hero check 07/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # One head of self-attention
#
# So far a character could only use what came before it as an average: everyone counts the same.
# Attention lets each position *choose*. From its vector x every position makes three others:
#
# - a **query**: what am I looking for?
# - a **key**: what do I have to offer?
# - a **value**: what do I hand over, if I am chosen?
#
# Position t compares its query with the key of every position up to t. A large dot product means
# "that one". Softmax turns the scores into shares that sum to 1, and the values are added
# up in those shares:
#
# $$\text{out} = \text{softmax}\left(\frac{q\,k^\top}{\sqrt{d}} \text{, future hidden}\right) v$$
#
#              keys  t=0   1    2    3
#     query t=0    [ 1.0   .    .    .  ]      a row is one position's shares;
#           t=1    [ 0.3  0.7   .    .  ]      dots are the future, which nobody
#           t=2    [ 0.8  0.1  0.1   .  ]      may look at
#           t=3    [ 0.2  0.1  0.6  0.1 ]
#
# What will go wrong: without the division by $\sqrt{d}$ the scores grow with the head's size, softmax turns
# into "the winner takes all", and the gradients of everything else vanish. And hiding the future
# must happen *before* softmax, or the shares no longer sum to 1.

# %%
import torch
import torch.nn as nn
import torch.nn.functional as F


# %%
class Head(nn.Module):
    """One head of causal (masked) self-attention, without dropout. One exercise: both methods.

    Attributes:
        key, query, value: nn.Linear(n_embd, head_size, bias=False) each.

    Example:
        >>> head = Head(n_embd=32, head_size=16, block_size=8)
        >>> head(torch.randn(4, 8, 32)).shape
        torch.Size([4, 8, 16])

    Source: "Attention Is All You Need" (Vaswani et al., 2017), equation 1, with the decoder's mask.
    """

    def __init__(self, n_embd, head_size, block_size):
        """Makes the three projections, and whatever the mask needs.

        Args:
            n_embd: size of the vectors that come in, int.
            head_size: size of queries, keys and values, int; it may differ from n_embd.
            block_size: the longest sequence that will ever come in, int.

        The mask is no parameter: it is not trained. If you store it, use
        `self.register_buffer(name, tensor)`, under any name, so that it moves with the module to
        another device.
        """
        super().__init__()
        # TODO 07.head: your code here (stuck? `hero hint 07.head`)
        raise NotImplementedError("07.head")

    def forward(self, x):
        """Lets every position gather from itself and the positions before it.

        Args:
            x: float (B, T, n_embd), 1 <= T <= block_size.

        Returns:
            float (B, T, head_size): the values, added up in the shares of softmax(q @ k^T / sqrt(head_size))
            over the positions up to and including each position's own.
        """
        # TODO 07.head: your code here (stuck? `hero hint 07.head`)
        raise NotImplementedError("07.head")


# %% [markdown]
# ## Watch it choose
#
# A toy task with a known answer: letters at random, and each position must name the letter that stood two
# places before it. An average cannot do that; a head can, if it learns to look exactly two places
# back. Run this part (`hero run 07/5`) and look at the picture: the line two below the diagonal was
# found by gradient descent, not by us.


# %%
class Recall(nn.Module):
    """Token and position embeddings, your head, and a read-out: the smallest net that can look back."""

    def __init__(self, vocab_size, block_size, n_embd=32):
        super().__init__()
        self.token = nn.Embedding(vocab_size, n_embd)
        self.position = nn.Embedding(block_size, n_embd)
        self.head = Head(n_embd, n_embd, block_size)
        self.read = nn.Linear(n_embd, vocab_size)

    def vectors(self, idx):
        """What goes into the head: (B, T) -> (B, T, n_embd)."""
        return self.token(idx) + self.position(torch.arange(idx.shape[1]))

    def forward(self, idx):
        return self.read(self.head(self.vectors(idx)))  # (B, T, vocab_size)

    def shares(self, idx):
        """The attention shares (B, T, T) of your head, read off without looking inside.

        While it runs, each position hands over its own number (one-hot) instead of its value: what
        arrives is then how much of whom.
        """
        B, T = idx.shape
        numbers = torch.eye(T, self.head.value.out_features).expand(B, -1, -1)  # (B, T, head_size)
        hook = self.head.value.register_forward_hook(lambda *_: numbers)
        try:
            return self.head(self.vectors(idx))[..., :T]  # (B, T, T)
        finally:
            hook.remove()


def train_recall(steps=400, back=2, vocab_size=12, block_size=12, seed=0, show=True):
    """Trains Recall to name the letter `back` places ago; returns (model, last loss)."""
    from data import progress

    torch.manual_seed(seed)
    model = Recall(vocab_size, block_size)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    with progress(steps, "learning to look back") as bar:
        for _ in range(steps):
            idx = torch.randint(vocab_size, (64, block_size))
            logits = model(idx)[:, back:]  # the first positions have nothing to look back to
            loss = F.cross_entropy(logits.reshape(-1, vocab_size), idx[:, :-back].reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            bar.update(loss=loss.item())
    return model, loss.item()


def plot_shares(shares, text, path):
    """Draws one attention map: rows are queries, columns keys."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(5.2, 4.6))
    image = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ax.set_xticks(range(len(text)), list(text))
    ax.set_yticks(range(len(text)), list(text))
    ax.set_xlabel("key: who is looked at")
    ax.set_ylabel("query: who is looking")
    ax.set_title("Each letter looks two places back")
    fig.colorbar(image, label="share of attention")
    fig.savefig(path, dpi=100, bbox_inches="tight")
    plt.close(fig)


def main():
    import argparse
    import sys

    from data import picture

    parser = argparse.ArgumentParser(description="Train one head to look two places back.")
    parser.add_argument("--steps", type=int, default=400)
    steps = parser.parse_args([] if "ipykernel" in sys.modules else None).steps
    model, loss = train_recall(steps)
    idx = torch.randint(12, (1, 12))
    with torch.no_grad():
        shares = model.shares(idx)[0]
    path = picture("07_gpt/attention.png")
    plot_shares(shares, "".join("abcdefghijkl"[i] for i in idx[0].tolist()), path)
    on_target = shares.diagonal(-2).mean().item()
    print(f"loss {loss:.4f} (guessing: {torch.log(torch.tensor(12.0)).item():.4f})")
    print(f"share of attention two places back: {on_target:.0%}")
    print(f"look at {path}")


if __name__ == "__main__":
    main()
