# %% [markdown]
# # From logits to the next token: all the knobs
#
# A model gives a number for every token, its logits; softmax makes probabilities of them. What you read in
# the end is decided by what happens in between. The knobs, **in the order in which this part applies them**:
#
#     logits -> repetition penalty -> temperature -> top-k -> top-p -> softmax -> draw
#
# Other libraries have other orders. Top-p *after* temperature, as here, keeps more tokens when it is hotter.
#
# What will go wrong: temperature 0 divides by zero; what is ruled out gets 1e-10 instead of $-\infty$ and is
# likelier than anything negative; top-p drops the token that crosses the border, so sometimes all of them;
# sorted places are taken for ids; a batch of prompts of unequal length answers otherwise than each prompt
# alone.

# %%
import argparse
import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import data
from data import DataError, picture

# %% [markdown]
# ## What was said already
#
# Small models like to repeat themselves. The repetition penalty makes every token that has occurred less
# likely: a positive logit is divided by it, a negative one multiplied (dividing -3 by 1.5 gives -2: *more*
# likely!). Once for each token, however often it occurred.


# %%
def penalize_repeats(logits, ids, mask, penalty):
    """Logits in which tokens that have occurred in the row are less likely.

    Args:
        logits: float (B, V), for the next token of each row; -inf is possible.
        ids: int64 (B, T), the tokens so far, T may be 0. Where mask is False there is anything, also no id
            at all (-1, or V).
        mask: bool (B, T), True where a token is real. What is not real has not occurred.
        penalty: a number > 0; 1 changes nothing, more than 1 discourages.

    Returns:
        float (B, V), dtype of logits, a new tensor. For each id that occurs in the row at least once: logit
        / penalty if the logit is positive, logit * penalty if not. All others as they were.

    Example:
        >>> logits, ids = torch.tensor([[3.0, -3.0, 1.0]]), torch.tensor([[0, 1, 1]])
        >>> penalize_repeats(logits, ids, torch.tensor([[True, True, True]]), 1.5)
        tensor([[ 2.0000, -4.5000,  1.0000]])

    Source: Keskar et al. 2019 (CTRL), section 4.1; the rule for negative logits as in Hugging Face's library.
    """
    ### BEGIN SOLUTION
    rows, places = mask.nonzero(as_tuple=True)
    seen = torch.zeros_like(logits, dtype=torch.bool)
    seen[rows, ids[rows, places]] = True
    less = torch.where(logits > 0, logits / penalty, logits * penalty)
    return torch.where(seen, less, logits)
    ### END SOLUTION


# %% [markdown]
# ## Temperature
#
# $\text{softmax}(z / T)$: below 1 the differences grow, and the likely becomes likelier; above 1
# everything comes closer together. Toward 0 only the largest is left. At 0 exactly there is nothing to
# divide by: it *means* greedy.


# %%
def apply_temperature(logits, temperature):
    """Logits divided by a temperature; 0 leaves only the largest.

    Args:
        logits: float (..., V); -inf is possible, but not for a whole row.
        temperature: a number >= 0.

    Returns:
        float (..., V), dtype of logits, a new tensor. With temperature 0: 0 for the largest logit of each
        row (the first of them, if several are equal), -inf for all others.

    Raises:
        ValueError: the temperature is negative.

    Example:
        >>> apply_temperature(torch.tensor([2.0, 1.0]), 0.5), apply_temperature(torch.tensor([2.0, 1.0]), 0)
        (tensor([4., 2.]), tensor([0., -inf]))
    """
    ### BEGIN SOLUTION
    if temperature < 0:
        raise ValueError(f"the temperature is {temperature}, it cannot be negative")
    if temperature > 0:
        return logits / temperature
    best = logits.argmax(-1, keepdim=True)
    return torch.full_like(logits, -torch.inf).scatter(-1, best, 0.0)
    ### END SOLUTION


# %% [markdown]
# ## Top-k
#
# A vocabulary has thousands of tokens that never fit. Each is unlikely, together they are not: with 50,000
# of them at a probability of 0.000002, every tenth token is nonsense. Top-k keeps the k best.


# %%
def top_k_filter(logits, k):
    """Puts -inf in place of all but the k largest logits of each row.

    Args:
        logits: float (..., V).
        k: int >= 1; k >= V keeps all.

    Returns:
        float (..., V), dtype of logits, a new tensor. All that equal the k-th largest stay: with ties at the
        edge more than k do.

    Raises:
        ValueError: k is below 1.

    Example:
        >>> top_k_filter(torch.tensor([-3.0, -1.0, -2.0]), 2)
        tensor([-inf, -1., -2.])
    """
    ### BEGIN SOLUTION
    if k < 1:
        raise ValueError(f"k is {k}: at least one token must be kept")
    kth = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]  # (..., 1)
    return logits.masked_fill(logits < kth, -torch.inf)
    ### END SOLUTION


# %% [markdown]
# ## Top-p, the nucleus
#
# After "New Yor" one token fits, after "I saw a" a thousand do. k is right for neither. The nucleus is the
# smallest set of tokens, from the likeliest on, whose probability together *reaches* p (Holtzman et al.
# 2019, equation 2):
#
#     probabilities   0.1   0.5   0.15  0.25       p = 0.7
#     sorted          0.5   0.25  0.15  0.1        ids 1, 3, 2, 0
#     sum before      0     0.5   0.75  0.9        below p: stays
#
# 0.5 is not enough, 0.75 is: the tokens 1 and 3 stay. Ask for the sum *before* a token, and the likeliest
# always stays, whatever p is. And then back from sorted places to ids. (x.sort(dim=-1, stable=True) keeps the
# order of equal ones; with stable=True, dim needs its name.)


# %%
def top_p_filter(logits, p):
    """Puts -inf in place of all logits outside of the nucleus of each row.

    Args:
        logits: float (..., V); -inf (probability 0) is possible, but not for a whole row.
        p: a number with 0 < p <= 1; 1 changes nothing.

    Returns:
        float (..., V), dtype of logits, a new tensor: a logit stays, if the probabilities (softmax of the
        row) of those before it, from the likeliest on, sum to less than p. Of equal ones the smaller id
        comes first.

    Raises:
        ValueError: p is not above 0, or it is above 1.

    Example:
        >>> top_p_filter(torch.tensor([0.1, 0.5, 0.15, 0.25]).log(), 0.7)
        tensor([   -inf, -0.6931,    -inf, -1.3863])
    """
    ### BEGIN SOLUTION
    if not 0 < p <= 1:
        raise ValueError(f"p is {p}: above 0, and at most 1")
    if p == 1:
        return logits.clone()
    probs, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    before = probs.cumsum(-1) - probs
    outside = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, before >= p)
    return logits.masked_fill(outside, -torch.inf)
    ### END SOLUTION


# %% [markdown]
# ## All of them
#
# Each filter gets what the one before it left. So top-p sees a distribution that sums to 1 again after
# top-k: with the probabilities of *all* tokens, the three that top-k left may sum to 0.4 and never reach a p
# of 0.9.


# %%
def next_probs(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    """The distribution that the next token is drawn from.

    Args:
        logits: float (B, V).
        ids, mask: the tokens so far, as in penalize_repeats.
        temperature, penalty: as in apply_temperature and penalize_repeats.
        top_k, top_p: as in top_k_filter and top_p_filter; None leaves that one out.

    Returns:
        float (B, V), dtype of logits: probabilities. The order is: penalty, temperature, top-k, top-p,
        softmax; each works on the result of the one before.
    """
    ### BEGIN SOLUTION
    logits = penalize_repeats(logits, ids, mask, penalty)
    logits = apply_temperature(logits, temperature)
    if top_k is not None:
        logits = top_k_filter(logits, top_k)
    if top_p is not None:
        logits = top_p_filter(logits, top_p)
    return logits.softmax(-1)
    ### END SOLUTION


# %% [markdown]
# ## Draw
#
# Lay the probabilities side by side on the way from 0 to 1 and throw a dart u. (0.2, 0.5, 0.3) has borders
# at 0.2, 0.7 and 1; 0.65 hits token 1. One number decides, so a draw can be repeated.


# %%
def draw(probs, u):
    """The token that a number from 0 to 1 hits.

    Args:
        probs: float (B, V), not negative, each row with something above 0 (it sums to 1, or nearly).
        u: float64 (B,), each with 0 <= u < 1.

    Returns:
        int64 (B,): in each row the first id at which the sum of the probabilities so far (that id included)
        is *greater* than u times the sum of the whole row, in float64. So a token of probability 0 is never
        drawn.

    Example:
        >>> draw(torch.tensor([[0.25, 0.5, 0.25], [0.0, 0.5, 0.5]]), torch.tensor([0.75, 0.0]).double())
        tensor([2, 1])
    """
    ### BEGIN SOLUTION
    borders = probs.double().cumsum(-1)
    return (borders <= u[:, None] * borders[:, -1:]).sum(-1)
    ### END SOLUTION


# %% [markdown]
# ## A batch of unequal prompts
#
# The next token comes behind the *last* column, so shorter prompts are filled up at their left:
#
#     prompts   [7, 8, 9]  [5]       ids  7 8 9     mask  1 1 1     positions  0 1 2
#                                         . . 5           0 0 1                0 0 0
#
# Two things must be told to the model, or the second row answers otherwise than alone: nobody may look at
# the filling (the mask), and 5 is the *first* token of its text (the positions). The model of this part
# takes all three: model(ids, mask, positions) -> logits.


# %%
def left_pad(prompts, pad):
    """Prompts of unequal length as one batch, filled up at their left.

    Args:
        prompts: a list of at least one list of ids (ints), each with at least one.
        pad: the number to fill up with. A prompt may hold the same number as a real token.

    Returns:
        (ids, mask, positions), each (B, T), T being the length of the longest prompt: ids int64; mask bool,
        True where a token is real; positions int64: the real tokens of a row are numbered 0, 1, 2, ...,
        filling has 0.

    Raises:
        ValueError: a prompt is empty.
    """
    ### BEGIN SOLUTION
    if not all(len(prompt) for prompt in prompts):
        raise ValueError("a prompt needs at least one token")
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(prompt)) + list(prompt) for prompt in prompts])
    lengths = torch.tensor([len(prompt) for prompt in prompts])
    positions = torch.arange(T) - (T - lengths)[:, None]
    return ids, positions >= 0, positions.clamp(min=0)
    ### END SOLUTION


# %% [markdown]
# ## Generate
#
# A chat model ends its answer with a token END; a person may want to stop at "User:", which is several
# tokens. Both are sequences of ids, and only what the model wrote counts: a prompt that ends with one must
# not end the answer before it begins. Each row stops by itself, is filled up with pad from then on (mask
# False) and draws nothing any more. Each has a generator (torch's source of random numbers) of its own: so
# it writes the same text in any company.


# %%
def generate(model, prompts, max_new, stops, pad, generators, **knobs):
    """Continues several prompts at once, each as it would be continued alone.

    Args:
        model: (ids, mask, positions) as from left_pad, each (B, T) -> logits (B, T, V), of which the last
            position says what comes next. Rows do not influence each other: what it reads in one that has
            ended changes nothing. A module is used in the mode that it is in.
        prompts: as in left_pad; not changed.
        max_new: how many tokens a row gets at most, int >= 1.
        stops: a list of stop sequences, lists of at least one id; may be empty. A row ends when its new
            tokens (those of the prompt do not count) end with one of them; the sequence stays in the row.
        pad: as in left_pad.
        generators: one torch.Generator per prompt. For each of its new tokens a row draws one torch.rand(1,
            generator=its own, dtype=torch.float64), the u of draw; also if nothing is left to chance. After
            its end it draws nothing.
        knobs: handed on to next_probs. Penalized are the prompt's tokens and the row's own new ones.

    Returns:
        int64 (B, n): the new tokens only, n being the length of the row that took longest; rows that ended
        before are filled up with pad, on the right. The model is called n times, once for each column
        (for all rows together, or those that still go on); gradients are not recorded.
    """
    ### BEGIN SOLUTION
    ends = lambda row: any(row[-len(stop) :] == list(stop) for stop in stops)  # noqa: E731
    ids, mask, positions = left_pad(prompts, pad)
    new = [[] for _ in prompts]
    going = [True] * len(prompts)
    while any(going) and max(map(len, new)) < max_new:
        with torch.no_grad():
            logits = model(ids, mask, positions)[:, -1]  # (B, V)
        probs = next_probs(logits, ids, mask, **knobs)
        column, place = torch.full((len(ids), 1), pad), torch.zeros(len(ids), 1, dtype=torch.int64)
        for i in range(len(ids)):
            if going[i]:
                u = torch.rand(1, generator=generators[i], dtype=torch.float64)
                column[i] = draw(probs[i : i + 1], u)
                place[i] = len(prompts[i]) + len(new[i])
                new[i].append(column[i].item())
        ids = torch.cat([ids, column], 1)
        mask = torch.cat([mask, torch.tensor(going)[:, None]], 1)
        positions = torch.cat([positions, place], 1)
        going = [on and not ends(row) for on, row in zip(going, new, strict=True)]
    return torch.tensor([row + [pad] * (max(map(len, new)) - len(row)) for row in new])
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# `hero run 10/5` takes the GPT that lesson 07 trained on Shakespeare, and shows one distribution under each
# knob (the picture), and then what it writes at several temperatures, with how much of it is repetition.
#
# ![One distribution under each knob](pictures/knobs.png)
#
# **Break it.** Let `left_pad` return `torch.arange(T).expand(ids.shape)` as its positions: run it again, and
# the line that compares a batch with single prompts says that rows differ.


# %%
class Block(nn.Module):
    def __init__(self, C, n_head):
        super().__init__()
        self.n_head = n_head
        self.ln1, self.ln2 = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attn = nn.ModuleDict({"qkv": nn.Linear(C, 3 * C, bias=False), "proj": nn.Linear(C, C)})
        self.ffwd = nn.Sequential(nn.Linear(C, 4 * C), nn.ReLU(), nn.Linear(4 * C, C))

    def forward(self, x, sees):
        B, T, C = x.shape
        qkv = self.attn["qkv"](self.ln1(x)).view(B, T, 3, self.n_head, C // self.n_head)
        y = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4), attn_mask=sees)
        x = x + self.attn["proj"](y.transpose(1, 2).reshape(x.shape))
        return x + self.ffwd(self.ln2(x))


class GPT(nn.Module):
    """Lesson 07's: ids, mask, positions, each (B, T) -> logits (B, T, vocab_size)."""

    def __init__(self, vocab_size, block_size, n_embd, n_head, n_layer):
        super().__init__()
        self.token, self.position = (nn.Embedding(n, n_embd) for n in (vocab_size, block_size))
        self.blocks = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.ln_f, self.head = nn.LayerNorm(n_embd), nn.Linear(n_embd, vocab_size, bias=False)
        self.head.weight = self.token.weight

    def forward(self, ids, mask, positions):
        T = ids.shape[1]
        past = torch.ones(T, T, dtype=torch.bool).tril()
        sees = past & mask[:, None, None, :] | torch.eye(T, dtype=torch.bool)  # (B, 1, T, T)
        x = self.token(ids.masked_fill(~mask, 0)) + self.position(positions)
        for block in self.blocks:
            x = block(x, sees)
        return self.head(self.ln_f(x))


def repeated(text, n=6):
    """The share of pieces of n characters that have occurred before in the text."""
    pieces = [text[i : i + n] for i in range(len(text) - n + 1)]
    return 1 - len(set(pieces)) / max(1, len(pieces))


def plot(logits, ids, mask, chars):
    from matplotlib.figure import Figure

    settings = [("temperature", 1.0), ("temperature", 0.5), ("temperature", 2.0)]
    settings += [("top_k", 4), ("top_p", 0.8), ("penalty", 2.0)]
    best = logits[0].topk(14).indices
    names = [repr(chars[i])[1:-1] for i in best.tolist()]
    figure = Figure(figsize=(8, 4.6), layout="constrained")
    for axes, (knob, value) in zip(figure.subplots(2, 3, sharey=True).flat, settings, strict=True):
        axes.bar(names, next_probs(logits, ids, mask, **{knob: value})[0, best])
        axes.set_title(f"{knob} {value}")
    figure.supylabel("probability of the next character")
    path = picture("10_assistant/knobs.png")
    figure.savefig(path, dpi=85)
    print(f"look at {path}")


def main():
    from safetensors import safe_open

    parser = argparse.ArgumentParser(description="One model, many ways to read it.")
    parser.add_argument("--prompt", default="KING: What is the ")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    file = Path(data.__file__).with_name("char_gpt.safetensors")
    with safe_open(file, "pt") as kept:
        told, weights = kept.metadata(), {name: kept.get_tensor(name) for name in kept.keys()}  # noqa: SIM118
    chars, sizes = told["chars"], json.loads(told["config"])
    names = ("vocab_size", "block_size", "n_embd", "n_head", "n_layer")
    model = GPT(*(sizes[name] for name in names)).eval()
    model.load_state_dict(weights)
    if not 1 <= len(args.prompt) <= 40 or set(args.prompt) - set(chars):
        parser.error(f"--prompt has 1 to 40 characters of {chars!r}")
    prompt, pad = [chars.index(c) for c in args.prompt], len(chars)
    batch = left_pad([[chars.index(c) for c in "KING: What is the s"]], pad)
    with torch.no_grad():
        plot(model(*batch)[:, -1], *batch[:2], chars)
    others = [prompt[-1:], prompt[len(prompt) // 2 :], prompt]
    gens = lambda n: [torch.Generator().manual_seed(i) for i in range(n)]  # noqa: E731
    together = generate(model, others, 20, [], pad, gens(3))
    alone = [generate(model, [o], 20, [], pad, [g]) for o, g in zip(others, gens(3), strict=True)]
    same = [torch.equal(a[0], row) for a, row in zip(alone, together, strict=True)]
    print(f"{sum(same)} of {len(same)} prompts are continued in a batch as they are alone")
    print(f"\nhow much is repetition, and how one of four texts after {args.prompt!r} begins:")
    settings = [{"temperature": t} for t in (0, 0.5, 1.0, 1.5)]
    settings += [{"temperature": 0, "penalty": 1.3}, {"top_k": 5}, {"top_p": 0.8}]
    for knobs in settings:
        new = generate(model, [prompt] * 4, 80, [], pad, gens(4), **knobs)
        texts = ["".join(chars[i] for i in row) for row in new]
        share = sum(map(repeated, texts)) / 4  # within each text
        print(f"{str(knobs)[1:-1]:34} {share:4.0%} {texts[0][:60]!r}")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
