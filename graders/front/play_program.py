"""The process behind ``hero play``: a part's file, the weights, one character after the other.

    python -P -m graders.front.play_program FILE REFERENCE OPTIONS

OPTIONS is JSON: prompt, tokens, temperature, top_k, seed, weights; `lent`, the exercises that the reference
lends ({id: definitions}), and `owned`, all of the part's. What ends it is told in one sentence.
"""

from __future__ import annotations

import json
import os
import sys
import types
from pathlib import Path
from typing import Any

from graders.front.files import MAX_BYTES
from graders.front.part_program import explain, say, stand_in
from graders.front.put_back import parse
from graders.front.words import shown
from graders.ground.reading import NotPlain, read_once


def main(path: Path, reference: Path, options: dict[str, Any]) -> int:
    """Generates; the exit code."""
    try:
        tree = parse(read_once(path, MAX_BYTES).decode("utf-8-sig"))
    except SyntaxError as error:
        line = f", line {error.lineno}," if error.lineno else ""
        return say(f"{shown(path)}{line} is not valid Python: {error.msg}.")
    except (OSError, NotPlain, UnicodeDecodeError) as error:
        return say(f"{shown(path)} cannot be read: {getattr(error, 'strerror', None) or error}.")
    if options["lent"]:
        right = parse(reference.read_text(encoding="utf-8"))
        for targets in options["lent"].values():
            stand_in(tree, right, targets)
    module = types.ModuleType("hero_play")
    module.__file__ = str(path)
    sys.modules["hero_play"] = module  # dataclasses look their module up
    try:
        exec(compile(tree, str(path), "exec"), module.__dict__)
        return speak(module, options)
    except KeyboardInterrupt:
        print()
        return 130
    except BrokenPipeError:  # `hero play | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except BaseException as error:
        print()
        return explain(error, path, options["owned"])


def speak(module: Any, options: dict[str, Any]) -> int:
    """Prints the prompt and what the model says after it."""
    import torch

    weights = Path(options["weights"])
    try:
        model, chars = module.load(weights)
    except Exception as error:  # whatever a file can hold that is not what `save` wrote
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        return say(f"{shown(weights)} is not a model that the part's `save` wrote ({why}).")
    prompt = options["prompt"]
    strange = sorted({c for c in prompt if c not in chars})
    if strange:
        listed = ", ".join(map(repr, strange))
        return say(
            f"the model never saw {listed}; it knows {chars.strip()!r}, the space and the line end."
        )
    seed = options["seed"]
    generator = torch.Generator()
    if seed is None:
        generator.seed()
    else:
        generator.manual_seed(seed)
    # without a prompt, a line end: what comes next begins a line
    idx = torch.tensor([[chars.index(c) for c in prompt or "\n"]])
    sys.stdout.write(prompt)
    for _ in range(options["tokens"]):
        new = module.next_token(model, idx, options["temperature"], options["top_k"], generator)
        idx = torch.cat([idx, new], dim=1)[:, -model.config.block_size :]  # the text may be endless
        sys.stdout.write(chars[int(new)])
        sys.stdout.flush()
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])))
