# %% [markdown]
# # The learning rate of a long run
#
# GPT-2 is not trained with one learning rate. It starts near zero, climbs in a straight line while the
# optimizer's averages are still rough (*warm-up*), and then glides down along half a cosine to a floor,
# where it stays:
#
#     max_lr      /‾‾‾·.
#                /      `·.
#               /          `·.
#     min_lr   /              `·.________
#             /
#            0    warmup_steps  max_steps
#
# For step `it`, counted from 0:
#
# $$\text{lr} = \begin{cases}
# \text{max}\,\frac{it + 1}{w} & it < w \\
# \text{min} + \frac{1 + \cos \pi r}{2}\,(\text{max} - \text{min}),\; r = \frac{it - w}{m - w}
# & w \le it \le m \\
# \text{min} & it > m
# \end{cases}$$
#
# with max and min for `max_lr` and `min_lr`, w for `warmup_steps` and m for `max_steps`.
#
# What will go wrong: off by one at the seams. The `+ 1` keeps the very first step from having a
# rate of exactly zero, which would waste it. And the cosine must run down to the *floor*, not
# to zero.

# %%
import math

import torch


# %%
def get_lr(it, max_lr, min_lr, warmup_steps, max_steps):
    """The learning rate of one step: linear warm-up, cosine decay, floor.

    Args:
        it: the step, an int counted from 0.
        max_lr: the peak, a float; reached at it = warmup_steps - 1, and again at it = warmup_steps.
        min_lr: the floor, a float, 0 <= min_lr <= max_lr.
        warmup_steps: how many steps the climb takes, an int; 0 means no warm-up.
        max_steps: the step at which the floor is reached, an int > warmup_steps.

    Returns:
        float: max_lr * (it + 1) / warmup_steps for it < warmup_steps; min_lr for it > max_steps; in between
        half a cosine from max_lr (at it = warmup_steps) to min_lr (at it = max_steps).

    Example:
        >>> [get_lr(it, 1.0, 0.5, 4, 8) for it in (0, 3, 4, 6, 8, 9)]
        [0.25, 1.0, 1.0, 0.75, 0.5, 0.5]

    Source: "Language Models are Few-Shot Learners" (Brown et al., 2020), appendix B.
    """
    ### BEGIN SOLUTION
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it > max_steps:
        return min_lr
    ratio = (it - warmup_steps) / (max_steps - warmup_steps)  # 0 at the peak, 1 at the floor
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)
    ### END SOLUTION


# %% [markdown]
# ## It in use
#
# An optimizer keeps its rate in `param_groups`; a training loop writes the step's rate there before
# each step. The function below does that on whatever device the weights are on. (One check
# runs it on a GPU, if there is one; without, it is skipped.)


# %%
def descend(w, steps, device="cpu", **schedule):
    """Plain gradient descent on sum(w**2) with your schedule; returns the last w (on the CPU)."""
    w = w.clone().to(device).requires_grad_()
    optimizer = torch.optim.SGD([w], lr=1.0)
    for it in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = get_lr(it, **schedule)
        optimizer.zero_grad()
        (w**2).sum().backward()
        optimizer.step()
    return w.detach().cpu()


# %%
def plot_schedule(rates, path):
    """Draws the learning rate over the steps."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6.4, 3.2))
    ax.plot(rates)
    ax.set_xlabel("step")
    ax.set_ylabel("learning rate")
    ax.set_title("Warm-up, half a cosine, a floor")
    ax.grid(alpha=0.3)
    fig.savefig(path, dpi=100, bbox_inches="tight")
    plt.close(fig)


def main():
    import argparse
    import sys

    from data import picture

    parser = argparse.ArgumentParser(description="Draw the schedule of the 124M run.")
    parser.add_argument("--steps", type=int, default=19_073, help="max_steps")
    steps = parser.parse_args([] if "ipykernel" in sys.modules else None).steps
    schedule = dict(
        max_lr=6e-4, min_lr=6e-5, warmup_steps=max(1, 715 * steps // 19_073), max_steps=steps
    )
    rates = [get_lr(it, **schedule) for it in range(int(1.1 * steps))]
    path = picture("09_gpt2/schedule.png")
    plot_schedule(rates, path)
    print(f"first {rates[0]:.2e}, peak {max(rates):.2e}, last {rates[-1]:.2e}")
    print(f"look at {path}")


if __name__ == "__main__":
    main()
