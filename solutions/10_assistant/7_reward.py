# %% [markdown]
# # A reward model: which of two answers is better?
#
# Finetuning shows a model what a good answer looks like. But good answers are dear to write, and cheap to
# *compare*: whoever could never write a good poem can say which of two is better. So people compare, and a
# model learns from their choices to give one number to a text: its **reward**.
#
# A reward model is a GPT whose last layer is another. Instead of one logit for each token of the vocabulary
# it makes one number, read where the text ends: there the hidden state has seen everything.
#
#     ids        [ t  h  e     e  n  d  .  .  . ]        . is padding
#     hidden       h0 h1 h2 h3 h4 h5 h6 h7 h8 h9
#     reward                         ^^ one number from here
#
# What will go wrong: the number is read at the padding, or one token early, and training *works* all the
# same, just badly; log(sigmoid(x)) is -inf where x is -1000; rewards are compared that have no common zero.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F
from torch import nn

from data import DataError, picture, progress

# %% [markdown]
# ## Where a text ends
#
# Texts in a batch have different lengths; short ones are filled up with padding, on the right for training,
# on the left for generation. The end of a text is the last token that is *not* padding.
#
# Two short cuts look right until they are not. "One before the first pad" breaks where there is no pad (one
# before index 0 is -1, which Python takes for the last column), where the padding stands in front, and
# where somebody used the same id within the text (some tokenizers pad with their end-of-text token, which
# also stands between the turns of a chat). "As many as there are real tokens, minus one" breaks as well if
# the padding stands in front.


# %%
def last_token(ids, pad):
    """Where each row's text ends.

    Args:
        ids: int64 (B, T). Padding may stand on the right, on the left, on both sides or not at all, and `pad`
            may occur within a text as well.
        pad: the id of padding.

    Returns:
        int64 (B,): in each row the index of the last token that is not `pad`, from 0 to T - 1.

    Raises:
        ValueError: a row holds nothing but `pad`: it has no last token (and index -1 would be another's).

    Example:
        >>> last_token(torch.tensor([[5, 3, 9, 9], [9, 9, 4, 4], [5, 9, 2, 9]]), 9)
        tensor([1, 3, 2])
    """
    ### BEGIN SOLUTION
    real = ids != pad
    if not real.any(dim=1).all():
        raise ValueError("a row has no token but padding")
    return torch.where(real, torch.arange(ids.shape[1]), -1).amax(dim=1)
    ### END SOLUTION


# %% [markdown]
# ## One number
#
# The body gives a vector for each position, the head (an `nn.Linear` with one output: a weighted sum of the
# C numbers, plus a bias) turns the one at the end into the reward.


# %%
def read_reward(body, head, ids, pad):
    """One reward for each row, read at its last real token.

    Args:
        body: callable, int64 (B, T) -> hidden states, float (B, T, C). It is called once, with all of ids.
        head: callable, float (..., C) -> float (..., 1), such as nn.Linear(C, 1).
        ids: int64 (B, T), padded on either side; each row has a real token.
        pad: the id of padding.

    Returns:
        float (B,), dtype of the hidden states, with its graph: gradients flow into head and body.

    Example:
        >>> body = lambda ids: ids[..., None].float()  # one number for each token: its id
        >>> read_reward(body, lambda h: 10 * h, torch.tensor([[5, 3, 9, 9], [9, 9, 4, 7]]), 9)
        tensor([30., 70.])
    """
    ### BEGIN SOLUTION
    hidden = body(ids)  # (B, T, C)
    at_end = hidden[torch.arange(len(ids)), last_token(ids, pad)]  # (B, C)
    return head(at_end).squeeze(1)
    ### END SOLUTION


# %% [markdown]
# ## A loss from choices
#
# Nobody knows the right number, only which of two was chosen. So let the numbers predict the choice: the
# larger the difference, the surer. Bradley and Terry (1952) put the probability that the one is preferred
# as
#
# $$P(\text{chosen over rejected}) = \sigma(r_c - r_r), \qquad \sigma(x) = \frac{1}{1 + e^{-x}}$$
#
# and the loss is, as always, minus the log of what happened. With rewards 1 and 0: $\sigma(1) = 0.73$, the
# loss is 0.31. Two equal rewards: $\sigma(0) = 0.5$, the loss is 0.69. The wrong way round: 1.31.
#
# Only differences count: 101 and 100 make the same loss as 1 and 0. And $\log\sigma(-1000)$ must be -1000,
# which it is not if you take the sigmoid first (it is 0 then, and its log -inf). `F.logsigmoid` is both in
# one.


# %%
def pairwise_loss(chosen, rejected):
    """How badly the rewards predict the choices: the mean of -log sigmoid(chosen - rejected).

    Args:
        chosen, rejected: float (n,), n >= 1: the rewards of the preferred and of the other answer of each
            pair, of any size (1e4 apart, too).

    Returns:
        float (), dtype of the rewards, with its graph; finite, and so are its gradients.

    Example:
        >>> pairwise_loss(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 2.0]))  # 0.3133 and 0.6931
        tensor(0.5032)

    Source: Ouyang et al. 2022 (InstructGPT), equation 1, for one pair per prompt.
    """
    ### BEGIN SOLUTION
    return -F.logsigmoid(chosen - rejected).mean()
    ### END SOLUTION


# %% [markdown]
# ## More than two
#
# It is quicker to rank K answers to one prompt than to judge them two by two: a ranking of 4 is 6 pairs,
# one of 9 is 36. These 36 are no independent opinions, though: they are one prompt, looked at once. So
# InstructGPT takes the mean over the $\binom{K}{2} = K(K-1)/2$ pairs of a prompt first, and the mean over
# prompts afterwards.


# %%
def ranked_loss(groups):
    """The pairwise loss of ranked answers.

    Args:
        groups: a list of at least one tensor, one for each prompt: float (K,) with K >= 2, the rewards of
            its answers, the best answer first. K differs from prompt to prompt.

    Returns:
        float (), with its graph: for each prompt the mean of -log sigmoid(better - worse) over its
        K (K - 1) / 2 pairs; then the mean over the prompts.

    Example:
        >>> ranked_loss([torch.tensor([2.0, 1.0, 0.0]), torch.tensor([3.0, 3.0])])  # 0.2511 and 0.6931
        tensor(0.4721)

    Source: Ouyang et al. 2022 (InstructGPT), equation 1.
    """
    ### BEGIN SOLUTION
    losses = []
    for rewards in groups:
        better, worse = torch.triu_indices(len(rewards), len(rewards), offset=1)
        losses.append(pairwise_loss(rewards[better], rewards[worse]))
    return torch.stack(losses).mean()
    ### END SOLUTION


# %% [markdown]
# ## By how much? (a stretch)
#
# If people also say how sure they were ("much better", "slightly better"), the loss can ask for more: the
# difference is to exceed a margin, 1 for the sure ones, 0 for the others. Llama 2's reward models were
# trained so.


# %%
def margin_loss(chosen, rejected, margin):
    """The pairwise loss, where each difference is to exceed a margin.

    Args:
        chosen, rejected: float (n,), n >= 1, of any size, as in pairwise_loss.
        margin: float (n,), one for each pair, >= 0. A constant: no gradient flows into it.

    Returns:
        float (), dtype of the rewards, with their graph: the mean of -log sigmoid(chosen - rejected -
        margin).

    Example:
        >>> margin_loss(torch.tensor([1.0, 2.0]), torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0]))
        tensor(0.5032)

    Source: Touvron et al. 2023 (Llama 2), equation 2.
    """
    ### BEGIN SOLUTION
    return pairwise_loss(chosen - margin.detach(), rejected)
    ### END SOLUTION


# %% [markdown]
# ## How often is it right?
#
# A loss of 0.5 says little; "71 % of the held-out pairs" says much. A tie is half right: it is a coin's
# throw. (A model that gives every text the same number is then at 50 %, not at 0 or 100.)


# %%
def preference_accuracy(chosen, rejected):
    """The share of pairs in which the chosen answer has the larger reward.

    Args:
        chosen, rejected: float (n,), n >= 1; they may have a graph.

    Returns:
        A Python float from 0 to 1. A tie counts one half.

    Example:
        >>> preference_accuracy(torch.tensor([3.0, 1.0, 0.0, 5.0]), torch.tensor([1.0, 2.0, 0.0, 4.0]))
        0.625
    """
    ### BEGIN SOLUTION
    right = (chosen > rejected).double() + 0.5 * (chosen == rejected).double()
    return right.mean().item()
    ### END SOLUTION


# %%
def reward_step(model, chosen, rejected, optimizer):
    """One training step on one batch of pairs.

    Args:
        model: int64 (n, T) -> rewards (n,), read once with chosen and once with rejected, in the mode that it
            is in; changed in place.
        chosen: int64 (n, T1): the preferred texts, padded.
        rejected: int64 (n, T2): the others; pair i is row i of both. T2 may differ from T1.
        optimizer: holds the model's parameters; has zero_grad() and step(). Gradients from before must not
            count; the batch's stay in p.grad.

    Returns:
        (loss, accuracy), Python floats: pairwise_loss and preference_accuracy of the batch before the step.
    """
    ### BEGIN SOLUTION
    better, worse = model(chosen), model(rejected)
    loss = pairwise_loss(better, worse)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(better, worse)
    ### END SOLUTION


# %% [markdown]
# ## Where is zero?
#
# The loss sees differences only, so the rewards' zero is wherever training left it. Before a policy is
# trained with them, it is put somewhere sensible: the mean over some texts, the demonstrations say, becomes
# 0. Shift all rewards by the same number, and no comparison changes. The head's bias is that number.


# %%
def center_rewards(model, ids):
    """Shifts the model's rewards, so that their mean over some texts is 0.

    Args:
        model: int64 (n, T) -> rewards (n,); model.head is an nn.Linear with one output and a bias, as in
            RewardModel. Only the *values* of model.head.bias change: it stays the parameter that it is
            (an optimizer may hold it), and keeps requires_grad and its .grad.
        ids: int64 (n, T), n >= 1, padded. The model reads them in the mode that it is in.

    Returns:
        The mean reward before, a Python float.

    Source: Ouyang et al. 2022 (InstructGPT), section 3.5 ("Reward modeling").
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias -= mean
    return mean.item()
    ### END SOLUTION


# %% [markdown]
# ## A judge, and a model that watches it
#
# Given: a small GPT without its last layer, and a judge with a taste of its own. He likes words whose
# letters are in alphabetical order, and short ones; "abdh" scores high, "hgaefb" low. He has a number in
# mind for each word and tells nobody; and he errs: of two words he takes the better one with probability
# $\sigma$(difference).


# %%
LETTERS, PAD = "abcdefgh", 8


class Body(nn.Module):
    """int64 (B, T) -> hidden states (B, T, C). It looks back only: padding on the right is never seen."""

    def __init__(self, vocab_size, block_size, n_embd=32, n_head=4, n_layer=2):
        super().__init__()
        self.token = nn.Embedding(vocab_size, n_embd)
        self.position = nn.Embedding(block_size, n_embd)
        options = dict(dropout=0.0, batch_first=True, norm_first=True)
        block = nn.TransformerEncoderLayer(n_embd, n_head, 4 * n_embd, **options)
        self.blocks = nn.TransformerEncoder(block, n_layer, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(n_embd)
        for p in self.parameters():
            if p.ndim == 2:  # the layers are copies of one: let them differ
                nn.init.normal_(p, std=p.shape[1] ** -0.5)

    def forward(self, ids):
        T = ids.shape[1]
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        x = self.token(ids) + self.position(torch.arange(T))
        return self.norm(self.blocks(x, mask=future))


class RewardModel(nn.Module):
    """int64 (B, T), padded -> rewards (B,)."""

    def __init__(self, body, n_embd, pad):
        super().__init__()
        self.body, self.head, self.pad = body, nn.Linear(n_embd, 1), pad

    def forward(self, ids):
        return read_reward(self.body, self.head, ids, self.pad)


def taste(ids):
    """What the judge has in mind for each word: int64 (B, T), padded on the right -> float (B,)."""
    both = (ids[:, :-1] != PAD) & (ids[:, 1:] != PAD)
    in_order = (both & (ids[:, :-1] < ids[:, 1:])).sum(1)
    return 2.0 * in_order - 1.0 * (ids != PAD).sum(1)


def words(n, g, longest=7):
    """n random words of 2 letters or more, int64 (n, longest), padded on the right."""
    ids = torch.randint(0, len(LETTERS), (n, longest), generator=g)
    lengths = torch.randint(2, longest + 1, (n, 1), generator=g)
    return ids.masked_fill(torch.arange(longest) >= lengths, PAD)


def judged(n, g):
    """n pairs of words, as the judge chose: chosen, rejected, int64 (n, T) each."""
    a, b = words(n, g), words(n, g)
    a_wins = torch.rand(n, generator=g) < torch.sigmoid(taste(a) - taste(b))
    return torch.where(a_wins[:, None], a, b), torch.where(a_wins[:, None], b, a)


# %% [markdown]
# ## Run it
#
# `hero run 10/7` trains on the judge's choices alone, and then compares the rewards with the numbers that
# he had in mind. What comes out is more than who wins: the *size* of the differences is learned too,
# because he errs less often the further two words lie apart. (A little flat at both ends, where words are
# rare.)
#
# ![Rewards of chosen and rejected words; reward against the judge's score](pictures/reward.png)
#
# **Break it**: in `read_reward`, read the last column (`hidden[:, -1]`) instead of the last token. Training
# works just as well, since this body can look back from the padding. But now put one more column of padding
# behind the words (main does): the same words have other rewards. Read at the right place they
# do not change.


# %%
def draw(model, chosen, rejected):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    better, worse = model(chosen), model(rejected)
    bins = torch.linspace(min(better.min(), worse.min()), max(better.max(), worse.max()), 40)
    left.hist(worse.tolist(), bins.tolist(), alpha=0.6, label="rejected", color="#D55E00")
    left.hist(better.tolist(), bins.tolist(), alpha=0.6, label="chosen", color="#0072B2")
    left.set(xlabel="reward", ylabel="words", title="held-out pairs")
    left.legend()
    score = taste(torch.cat([chosen[:300], rejected[:300]]))
    reward = torch.cat([better[:300], worse[:300]])
    shift = (reward - score).mean()
    ends = torch.tensor([score.min(), score.max()])
    right.plot(score.tolist(), reward.tolist(), ".", alpha=0.5, ms=4)
    right.plot(ends.tolist(), (ends + shift).tolist(), "k--", lw=1, label="slope 1")
    right.set(xlabel="the judge's score, never shown", ylabel="reward", title="what it learned")
    right.legend()
    path = picture("10_assistant/reward.png")
    figure.savefig(path, dpi=80)
    print(f"look at {path}")


def main():
    parser = argparse.ArgumentParser(description="A reward model, from choices alone.")
    parser.add_argument("--steps", type=int, default=700, help="of 128 pairs each")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1:
        parser.error("--steps is at least 1")
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(0)
    model = RewardModel(Body(len(LETTERS) + 1, 8), 32, PAD)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    test = judged(2000, g)
    with progress(args.steps, "pairs") as bar:
        for step in range(args.steps):
            if step == args.steps * 2 // 3:  # smaller steps at the end
                optimizer.param_groups[0]["lr"] = 5e-4
            loss, accuracy = reward_step(model, *judged(128, g), optimizer)
            bar.update(loss=loss, accuracy=accuracy)
    with torch.no_grad():
        rewards = [model(ids) for ids in test]
        best = preference_accuracy(*map(taste, test))
        print(f"held-out pairs: {preference_accuracy(*rewards):.1%} as the judge chose, ", end="")
        print(f"loss {pairwise_loss(*rewards).item():.3f}")
        print(f"who knows his numbers gets {best:.1%}: the rest are his own errors")
        before = center_rewards(model, torch.cat(test))
        print(f"the mean reward was {before:.2f}, and is {model(torch.cat(test)).mean():.2f} now")
        ids = torch.tensor([[LETTERS.index(c) if c != "." else PAD for c in w] for w in
                            ["abdh...", "abdhabd", "hgfeb..", "hgfebhg"]])  # fmt: skip
        for row, reward, score in zip(ids, model(ids), taste(ids), strict=True):
            word = "".join(LETTERS[i] for i in row.tolist() if i != PAD)
            print(f"  {word:9}  reward {reward:6.2f}   his score {score:6.2f}")
        apart = (model(ids) - model(F.pad(ids, (0, 1), value=PAD))).abs().max()
        print(f"one more column of padding changes these rewards by {apart:.4f}")
        draw(model, *test)


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
