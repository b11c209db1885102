"""``hero run``: starts a part's own program (training, samples, pictures) in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from graders.core.registry import PartRef, Registry
from graders.front.files import MAX_BYTES
from graders.front.words import shown
from graders.ground.reading import NotPlain, read_once

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def run_part(registry: Registry, ref: PartRef, path: Path, args: Sequence[str]) -> int:
    """Runs a part's file as a program, and says what runs; its exit code.

    Args:
        registry: the checkout.
        ref: the part, whose reference stands in for what is unsolved in the file.
        path: the learner's file.
        args: options for the program.
    """
    try:
        if b"__main__" not in read_once(path, MAX_BYTES):
            print(f"{shown(path)} has nothing to run.")
            return 0
    except FileNotFoundError:
        print(f"hero: there is no file {shown(path)}.", file=sys.stderr)
        return 2
    except (OSError, NotPlain) as error:
        why = getattr(error, "strerror", None) or error
        print(f"hero: {shown(path)} cannot be run: {why}.", file=sys.stderr)
        return 2
    print(f"-- {shown(path)}", flush=True)
    owned = {f"{ref.number}.{name}": card.targets for name, card in registry.cards(ref).items()}
    program = [str(path), str(registry.root / "solutions" / ref.file), json.dumps(owned)]
    # -P: a torch.py beside the part must not hide torch
    command = [sys.executable, "-P", "-m", "graders.front.part_program", *program, *args]
    code = subprocess.call(command, env=environment(registry.root, args))
    return code if 0 <= code < 126 or code == 130 else 1


def environment(root: Path, args: Sequence[str]) -> dict[str, str]:
    """What the program finds: this checkout's ``data``, and one thread unless it is to do more.

    The lessons' matrices are small: shared out among threads they are slower, on a busy machine many
    times. Only the long runs (--full) and whoever chose a number of threads are left as they are.
    """
    env = dict(os.environ)
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), env.get("PYTHONPATH")]))
    if "--full" not in args and not any(name in env for name in THREADS):
        env["OMP_NUM_THREADS"] = "1"
    return env
