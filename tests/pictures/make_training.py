"""Trains the small GPT of the README's story and prints what it says.

python tests/pictures/make_training.py | tee tests/pictures/training.log

It is `hero run 07/8`, the reference and its default settings: the same seed, the same batches. Only the look
before the first step is added, with the random state put back, so that the rest stays as it is.
make_story.py draws the README's picture from training.log.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import torch
from film import part


def main():
    """Some minutes of two idle cores."""
    gpt = part("07_gpt/8_gpt")
    torch.set_num_threads(gpt.THREADS)
    fit = gpt.fit

    def look_and_fit(model, train, val, steps, size, peak, g, say):
        state = torch.get_rng_state()
        at = torch.arange(model.config.block_size + 1)
        fixed = torch.linspace(0, len(val) - len(at), 256).long()[:, None]
        with torch.no_grad():  # as fit itself measures
            pieces = [val[s + at] for s in fixed.split(32)]
            found = [model.eval()(x[:, :-1], x[:, 1:])[1].item() for x in pieces]
        first = say(0, sum(found) / len(found))
        torch.set_rng_state(state)
        losses, evals = fit(model, train, val, steps, size, peak, g, say)
        return losses, [first, *evals]

    gpt.fit, gpt.print = look_and_fit, lambda *words: print(*words, flush=True)
    sys.argv = ["8_gpt.py"]
    gpt.main()


if __name__ == "__main__":
    main()
