# `hero check 09/7` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Many processes, one model
#
# With eight GPUs one does not cut the model into eight pieces. One starts the same program eight times, and
# each process (*rank* 0 to 7, of a *world* of 8) has the whole model and reads its own share of the batch.
# After the backward pass all ranks **average their gradients**, and take the same step. They began equal,
# so they stay equal, and nobody ever has to send weights again:
#
#     rank 0    batch 0 ──► gradient  2.0 ─┐                  ┌─► 3.0 ──► the same step
#                                          ├── all_reduce, / 2 ┤
#     rank 1    batch 1 ──► gradient  4.0 ─┘                  └─► 3.0 ──► the same step
#
# The mean of two means over B rows each is the mean over 2B rows. So two processes do exactly what one does
# with twice the batch. That is the whole of data parallelism, and the one test for it.
#
# `all_reduce(tensor)` is a *collective*: every rank calls it, with a tensor of the same shape, and waits
# until all have come. Then in each rank's tensor stands the **sum** of all.
#
# What will go wrong: sum for mean; ranks that begin with different weights; all ranks reading the same
# data; a collective that only rank 0 calls, which then waits forever; gradients sent after each micro-batch
# instead of after the last.

# %%
import torch
import torch.nn as nn
import torch.nn.functional as F

# %% [markdown]
# ## Who reads what
#
# At each step the world reads world_size pieces of B · T tokens, side by side; rank r takes piece r. With B
# · T = 4 and two ranks:
#
#     tokens   0 1 2 3 | 4 5 6 7 | 8 9 10 11 | 12 13 14 15
#     step 0   rank 0    rank 1
#     step 1                       rank 0      rank 1


# %%
def share_of_batch(tokens, B, T, rank, world_size, step):
    """The inputs and targets of one rank at one step.

    Args:
        tokens: int64 (N,), long enough.
        B, T: rows and columns of this rank's batch, ints >= 1.
        rank: an int, 0 <= rank < world_size.
        world_size: how many ranks there are, an int >= 1; all have the same B and T.
        step: an int, from 0. Each step all ranks together move on by world_size * B * T tokens.

    Returns:
        The pair (x, y), int64 (B, T) each: x the B * T tokens of this rank's piece, y the token that
        follows each of them (so the last target is the first token of the next piece).

    Example:
        >>> share_of_batch(torch.arange(20), 2, 2, rank=1, world_size=2, step=1)
        (tensor([[12, 13],
                [14, 15]]), tensor([[13, 14],
                [15, 16]]))
    """
    # TODO 09.share_of_batch: your code here (stuck? `hero hint 09.share_of_batch`)
    raise NotImplementedError("09.share_of_batch")


# %% [markdown]
# GPT-2's batch is half a million tokens, which no GPU holds at once. So each rank takes several
# micro-batches and adds their gradients up before the step. How many? That depends on how many ranks share
# the work. The batch does not: it belongs to the recipe, and must be the same on one GPU and on eight.


# %%
def accumulation_steps(total_batch, B, T, world_size):
    """How many micro-batches each rank adds up for one step.

    Args:
        total_batch: tokens per step, of all ranks together, an int.
        B, T: size of a micro-batch.
        world_size: how many ranks there are.

    Returns:
        int >= 1.

    Raises:
        ValueError: total_batch is not a positive multiple of what all ranks do at once.

    Example:
        >>> accumulation_steps(524288, 16, 1024, world_size=8), accumulation_steps(524288, 16, 1024, 1)
        (4, 32)
    """
    # TODO 09.accumulation_steps: your code here (stuck? `hero hint 09.accumulation_steps`)
    raise NotImplementedError("09.accumulation_steps")


# %% [markdown]
# ## Equal from the beginning
#
# `broadcast(tensor, 0)` is a collective too: afterwards each rank's tensor holds rank 0's numbers.


# %%
def broadcast_weights(model, broadcast):
    """Gives every rank the weights of rank 0. Every rank calls it, with a model of the same kind.

    Args:
        model: an nn.Module; its parameters *and all its buffers* (such as BatchNorm's running statistics;
            also those registered with persistent=False, which state_dict() leaves out) are overwritten in
            place. They stay the same tensors, and require gradients as before.
        broadcast: broadcast(tensor, src) overwrites tensor in place with rank src's, and returns None.

    Returns:
        None.
    """
    # TODO 09.broadcast_weights: your code here (stuck? `hero hint 09.broadcast_weights`)
    raise NotImplementedError("09.broadcast_weights")


# %% [markdown]
# ## The mean of the gradients


# %%
def average_gradients(model, world_size, all_reduce):
    """Replaces each gradient by its mean over the ranks. Every rank calls it after its backward pass.

    Args:
        model: an nn.Module; the .grad of its parameters is changed (or replaced). Parameters whose .grad is
            None (they have none on any rank) are left out. The parameters themselves stay as they are.
        world_size: how many ranks there are.
        all_reduce: all_reduce(tensor) adds up over the ranks, in place, and returns None. The number of
            elements sent is that of the gradients: each goes through it once, alone or together with
            others. It gets the gradients as they are: first the sum, then the division.

    Returns:
        None.

    Example:
        >>> model = nn.Linear(1, 1, bias=False)
        >>> model.weight.grad = torch.tensor([[2.0]])
        >>> average_gradients(model, 2, lambda t: t.add_(4.0))  # the other rank has 4
        >>> model.weight.grad
        tensor([[3.]])
    """
    # TODO 09.average_gradients: your code here (stuck? `hero hint 09.average_gradients`)
    raise NotImplementedError("09.average_gradients")


# %% [markdown]
# ## Only once per step
#
# torch's `DistributedDataParallel` does that averaging by itself, *during* every backward pass. With four
# micro-batches that is three times for nothing. It can be told: with `ddp.require_backward_grad_sync =
# False` (or inside `with ddp.no_sync():`) the gradients stay at home and add up.
#
# The trap: DDP reads the flag **in the forward pass**. Who sets it between forward and backward, as a
# famous program did for a while, changes the *next* micro-batch's: nothing fails, only the wrong ones are
# sent, and the loss is worse.


# %%
def accumulate_synced(ddp, micro_batches):
    """Forward and backward over all micro-batches; only the last one's backward sends gradients.

    Args:
        ddp: a model as DistributedDataParallel wraps it: ddp(x) returns float logits (B, T, vocab_size),
            and looks at ddp.require_backward_grad_sync (a bool) when it is called; ddp.no_sync() is a
            context manager that sets it to False and back. It may come with the flag True or False.
        micro_batches: a list of one or more pairs (x, y), int64 (B, T) each, all of the same size.

    Returns:
        float: the mean cross-entropy over all micro-batches (of this rank).

    Afterwards the gradient of that mean has been added to the .grad of the parameters (which the caller
    has set to None before), and the flag is True. The flag is False in all forward passes but the last,
    where it is True.
    """
    # TODO 09.accumulate_synced: your code here (stuck? `hero hint 09.accumulate_synced`)
    raise NotImplementedError("09.accumulate_synced")


# %% [markdown]
# ## One voice
#
# Each rank knows the loss of its own share. The loss of the step is the mean over the ranks; and eight
# processes that all print it are a nuisance, so only rank 0 writes (logs, checkpoints, pictures). But
# *every* rank must take part in the mean!


# %%
def report_loss(loss, step, rank, world_size, all_reduce, write):
    """The loss of a step, averaged over the ranks; rank 0 writes it down. Every rank calls it.

    Args:
        loss: this rank's loss, a float tensor of one element and no dimension, maybe part of a graph; stays
            as it is.
        step: an int.
        rank, world_size: ints.
        all_reduce: all_reduce(tensor) adds up over the ranks, in place, and returns None.
        write: a function of one str. Rank 0 calls it once, with f"step {step}: loss {mean:.4f}"; the others
            do not.

    Returns:
        float: the mean, on every rank.

    Example:
        >>> report_loss(torch.tensor(2.0), 7, 0, 2, lambda t: t.add_(3.0), print)  # the other's loss is 3
        step 7: loss 2.5000
        2.5
    """
    # TODO 09.report_loss: your code here (stuck? `hero hint 09.report_loss`)
    raise NotImplementedError("09.report_loss")


# %% [markdown]
# ## Run it
#
# `hero run 09/7` starts two real processes with `torchrun`, which talk over *gloo* (that needs no GPU).
# They train a little model twice: once with your averaging, once with torch's DDP and `accumulate_synced`.
# Then one process does it with twice the batch. The weights must be the same, up to rounding.

# %%
V, B, T, STEPS, TOTAL = (
    32,
    4,
    8,
    60,
    128,
)  # vocabulary, rows and columns per rank, steps, tokens per step


def text():
    """Tokens in which the next one mostly follows a rule."""
    g = torch.Generator().manual_seed(1)
    n = STEPS * TOTAL + 1
    noise = torch.randint(0, V, (n,), generator=g)
    tokens = torch.zeros(n, dtype=torch.int64)
    for i in range(1, n):
        tokens[i] = (5 * tokens[i - 1] + 3) % V if noise[i] > 6 else noise[i]
    return tokens


def new_model(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Embedding(V, 24), nn.Linear(24, 48), nn.Tanh(), nn.Linear(48, V))


def train(model, rows, rank, world_size, all_reduce, ddp=None):
    """Plain training; returns the losses of this rank and of the world."""
    tokens, own, world = text(), [], []
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    micro = accumulation_steps(TOTAL, rows, T, world_size)
    for step in range(STEPS):
        batches = [
            share_of_batch(tokens, rows, T, rank, world_size, step * micro + i)
            for i in range(micro)
        ]
        optimizer.zero_grad()
        loss = accumulate_synced(ddp or model, batches)
        if ddp is None:
            average_gradients(model, world_size, all_reduce)
        optimizer.step()
        own.append(loss)
        said = print if step % 20 == 0 and ddp is None else lambda line: None
        world.append(report_loss(torch.tensor(loss), step, rank, world_size, all_reduce, said))
    return own, world


def worker(out):
    """What each process does that torchrun has started; rank 0 leaves the results in the file out."""
    import os

    import torch.distributed as dist

    torch.set_num_threads(1)
    dist.init_process_group("gloo")
    rank, world_size = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    results = {}
    for name in ("by hand", "torch's DDP"):
        model = new_model(seed=rank)  # all different, until rank 0 tells them
        broadcast_weights(model, dist.broadcast)
        wrapped = nn.parallel.DistributedDataParallel(model) if name != "by hand" else None
        own, world = train(model, B, rank, world_size, dist.all_reduce, wrapped)
        results[name] = {"weights": model.state_dict(), "own": own, "world": world}
    if rank == 0:
        torch.save(results, out)
    dist.destroy_process_group()


def alone(world_size):
    """One process that does the work of all: more rows, nobody to talk to."""
    model = new_model(seed=0)
    _, losses = train(model, B * world_size, 0, 1, lambda tensor: None)
    return model.state_dict(), losses


def farthest(a, b):
    """The largest difference between two state dicts."""
    return max((a[name] - b[name]).abs().max().item() for name in a)


def plot_losses(results, losses, path):
    """Rank 0's own loss, the mean of the ranks, and the loss of one process with twice the batch."""
    from matplotlib.figure import Figure

    fig = Figure(figsize=(6.4, 3.8), layout="constrained")
    ax = fig.subplots()
    ax.plot(results["by hand"]["own"], color="0.7", label="rank 0, its own share")
    ax.plot(results["by hand"]["world"], lw=3, label="mean over the ranks")
    ax.plot(losses, "k--", lw=1, label="one process, twice the batch")
    ax.set(xlabel="step", ylabel="loss", title="Two processes are one with twice the batch")
    ax.legend()
    fig.savefig(path, dpi=100)


def main():
    import argparse
    import os
    import subprocess
    import sys
    import tempfile

    from data import picture

    parser = argparse.ArgumentParser(description="Two processes against one.")
    parser.add_argument("--ranks", type=int, default=2, help="how many processes: 1, 2 or 4")
    parser.add_argument("--out", help="where rank 0 leaves the results (for torchrun)")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.ranks not in (1, 2, 4):
        parser.error("--ranks must be 1, 2 or 4")
    if "RANK" in os.environ and args.out:
        return worker(args.out)
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "results.pt")
        program = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
        program += [f"--nproc_per_node={args.ranks}", __file__, "--out", out]
        subprocess.run(program, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
        results = torch.load(out)
    weights, losses = alone(args.ranks)
    for name, result in results.items():
        print(
            f"{name}: weights differ from one process by {farthest(weights, result['weights']):.1e}"
        )
    path = picture("09_gpt2/parallel.png")
    plot_losses(results, losses, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
