"""``hero run``: starts a part's own program (training, samples, pictures) in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from graders.core.registry import PartRef, Registry
from graders.front.files import MAX_BYTES
from graders.front.words import shown
from graders.ground.reading import NotPlain, read_once

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
WISH = re.compile(r"^THREADS = (\d+)", re.MULTILINE)  # how many a part's program asks for


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
    reference = registry.root / "solutions" / ref.file
    wish = WISH.search(reference.read_text(encoding="utf-8"))
    program = [str(path), str(reference), json.dumps(owned)]
    # -P: a torch.py beside the part must not hide torch
    command = [sys.executable, "-P", "-m", "graders.front.part_program", *program, *args]
    env = environment(registry.root, args, int(wish[1]) if wish else 1)
    code = subprocess.call(command, env=env)
    return code if 0 <= code < 126 or code == 130 else 1


def environment(root: Path, args: Sequence[str], threads: int = 1) -> dict[str, str]:
    """What the program finds: this checkout's ``data``, and as many threads as it asks for.

    The lessons' matrices are small: shared out among threads they are slower, on a busy machine many
    times. So it is one, unless a part says `THREADS = 2` because its matrices are large enough; such
    threads sleep while they wait for each other. Only the long runs (--full) and whoever chose a number
    of threads are left as they are.
    """
    env = dict(os.environ)
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(root), env.get("PYTHONPATH")]))
    if "--full" not in args and not any(name in env for name in THREADS):
        env["OMP_NUM_THREADS"] = str(max(1, min(threads, os.cpu_count() or 1)))
        env.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return env
