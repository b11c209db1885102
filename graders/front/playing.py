"""``hero play``: a small trained GPT continues a text in the terminal, character by character.

The weights are the workbook's own (data/char_gpt.safetensors, see data/README.md) or those that
`hero run 07/8 -- --save FILE` kept; the model that reads them is the learner's own part 07/8, exercise for
exercise where it passes, and the reference where it does not yet. What is generated comes out of a process
of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from graders.core.registry import PartRef, Registry
from graders.errors import UserError
from graders.front.running import environment
from graders.front.state import State
from graders.front.words import as_typed, shown

if TYPE_CHECKING:
    from graders.front.workbook import Workbook

PART = PartRef("07_gpt", "8_gpt")
MODEL = Path("data") / "char_gpt.safetensors"


def play(
    registry: Registry,
    path: Path,
    done: set[str],
    model: Path | None,
    options: dict[str, object],
) -> int:
    """Generates; the exit code.

    Args:
        registry: the checkout.
        path: the learner's file of part 07/8.
        done: the ids of the exercises that passed when last checked.
        model: a safetensors file that the part's `save` wrote; None is the workbook's own.
        options: prompt, tokens, temperature, top_k, seed.

    Raises:
        UserError: the learner's file or the model is missing.
    """
    weights = model or registry.root / MODEL
    if not weights.is_file():
        raise UserError(f"there is no model {shown(weights)}: train one with {_train(weights)}.")
    owned = {f"07.{name}": card.targets for name, card in registry.cards(PART).items()}
    reference = registry.root / "solutions" / PART.file
    lent = {key: targets for key, targets in owned.items() if key not in done}
    if not path.is_file():
        path, lent = reference, {}
        print(
            f"The reference of 07/8 speaks: {shown(registry.root / 'exercises' / PART.file)} is missing."
        )
    elif len(lent) == len(owned):
        print("The reference speaks; your own GPT does once `hero check 07/8` passes.")
    elif lent:
        print(f"Your own GPT speaks; the reference stands in for {', '.join(lent)}.")
    else:
        print("Your own GPT speaks.")
    sys.stdout.flush()
    told = json.dumps(dict(options, lent=lent, owned=owned, weights=str(weights)))
    program = [sys.executable, "-P", "-m", "graders.front.play_program"]
    code = subprocess.call(
        [*program, str(path), str(reference), told], env=environment(registry.root, [])
    )
    return code if 0 <= code < 126 or code == 130 else 1


def in_the_browser(
    book: Workbook, prompt: str, model: Path | None, port: int | None, browser: bool
) -> None:
    """Serves the pages of graders/web until Ctrl-C.

    Args:
        prompt: what stands there at first; "" is the page's own.
        model: a safetensors file, offered first; None is the workbook's own.
        port: None is a usual one, or any that is free.
        browser: whether to open one.

    Raises:
        UserError: the model is missing, the port is taken, or the extra is not installed.
    """
    if model is not None and not model.is_file():
        raise UserError(f"there is no model {shown(model)}: train one with {_train(model)}.")
    from graders.web.mine import Sources
    from graders.web.serve import serve

    def done() -> set[str]:
        return State.load(book.root).done

    sources = Sources(book.registry, book.folder, done)
    serve(sources, prompt, model, port, browser, as_typed)


def _train(weights: Path) -> str:
    return f"`hero run 07/8 --save {shown(weights)}`"
