"""Tab 1: the learner's GPT writes, one token after the other; and where each head looked."""

from __future__ import annotations

import base64
import math
import secrets
from typing import Any

import torch

from graders.errors import UserError
from graders.ground import wire
from graders.ground.outcomes import must
from graders.ground.shown import shown_text
from graders.web.checkpoints import Checkpoint
from graders.web.jobs import LOAD, Run
from graders.web.mine import Mine, Sources

MAX_PROMPT, MAX_TOKENS, MAX_TOP_K, MAX_ALPHABET = 10_000, 1_000, 100_000, 100_000


def options(told: dict[str, Any]) -> dict[str, Any]:
    """The knobs as they were set, held to their ranges. Raises UserError."""
    prompt = told.get("prompt")
    if not isinstance(prompt, str):
        raise UserError("the prompt is not what this page sends.")
    if len(prompt) > MAX_PROMPT:
        raise UserError(
            f"A prompt may have at most {MAX_PROMPT:,} characters; this has {len(prompt):,}."
        )
    top_k, seed = told.get("top_k"), told.get("seed")
    return {
        "prompt": prompt,
        "tokens": int(_number(told.get("tokens"), "The length", 1, MAX_TOKENS)),
        "temperature": _number(told.get("temperature"), "The temperature", 0, 10),
        "top_k": None if top_k is None else int(_number(top_k, "Top-k", 1, MAX_TOP_K)),
        "top_p": _number(told.get("top_p"), "Top-p", 0.01, 1),
        "seed": secrets.randbits(31)
        if seed is None
        else int(_number(seed, "The seed", 0, 2**31 - 1)),
    }


def _number(value: Any, name: str, low: float, high: float) -> float:
    good = type(value) in (int, float) and math.isfinite(value) and low <= value <= high
    if not good:
        raise UserError(f"{name} is a number from {low:g} to {high:,}.")
    return float(value)


def run(sources: Sources, checkpoint: Checkpoint, knobs: dict[str, Any], tell: Any) -> Run:
    """The run that writes; ``tell`` gets a message when it begins and one for each token."""
    code = sources.gpt()
    told = {key: knobs[key] for key in ("temperature", "top_k", "top_p", "seed")}
    first = {"weights": str(checkpoint.path), "prompt": knobs["prompt"], "options": told}
    steps = [("start", "start", first)]
    steps += [(str(i), "token", {}) for i in range(knobs["tokens"])]
    alphabet = ""

    def take(name: str, value: bytes) -> str:
        nonlocal alphabet
        answer = wire.decode(value)
        wrong = _wrong(answer, code, checkpoint)
        if wrong:
            return wrong
        if name == "start":
            alphabet = answer["chars"]
            must(type(alphabet) is str and 0 < len(alphabet) <= MAX_ALPHABET)
            size, ids = answer["size"], _ids(answer["ids"])
            must(type(size) is int)
            prompt = [alphabet[i] for i in ids] if knobs["prompt"] else []
            about = {"size": size, "block": _count(answer["block"]), "seed": knobs["seed"]}
            tell({"kind": "start", "whose": code.says, "ids": ids, "prompt": prompt, **about})
        else:
            tell({"kind": "token", **_token(answer, alphabet)})
        return ""

    return Run(code, "gpt", steps, take, {"start": LOAD})


def look(sources: Sources, checkpoint: Checkpoint, ids: Any, tell: Any) -> Run:
    """The run that looks where each head looked when it read these tokens."""
    try:
        ids = _ids(ids)
    except ValueError:
        raise UserError("the tokens are not what this page sends.") from None
    code = sources.gpt()

    def take(_: str, value: bytes) -> str:
        answer = wire.decode(value)
        if "no heads" in answer:
            return (
                f"{code.name} has no `attn.heads` in its blocks, so that there is nothing to draw."
            )
        wrong = _wrong(answer, code, checkpoint)
        if wrong:
            return wrong
        maps = answer["maps"]
        must(isinstance(maps, torch.Tensor) and maps.dtype == torch.uint8 and maps.dim() == 4)
        must(0 < maps.numel() <= 8_000_000)
        data = base64.b64encode(maps.numpy().tobytes()).decode()
        tell({"kind": "maps", "shape": list(maps.shape), "data": data})
        return ""

    case = {"weights": str(checkpoint.path), "ids": ids}
    return Run(code, "gpt", [("look", "look", case)], take, {"look": LOAD})


def _wrong(answer: Any, code: Mine, checkpoint: Checkpoint) -> str:
    must(type(answer) is dict)
    if "no model" in answer:
        why = shown_text(answer["no model"], 300)
        return f"{checkpoint.name} is not a model that the part's `save` wrote ({why})."
    if "strange" in answer:
        strange = ", ".join(shown_text(repr(c), 20) for c in answer["strange"][:12])
        known = shown_text(answer["chars"].strip(), 200)
        return f"This model never saw {strange}; it knows {known}, the space and the line end."
    if "nonsense" in answer:
        return f"{code.name} makes no sense here: {shown_text(answer['nonsense'], 300)}."
    return ""


def _ids(found: Any) -> list[int]:
    must(type(found) is list and 0 < len(found) <= MAX_PROMPT + MAX_TOKENS)
    must(all(type(i) is int and 0 <= i < MAX_ALPHABET for i in found))
    return list(found)


def _count(found: Any) -> int:
    must(type(found) is int and 0 < found < 2**31)
    return int(found)


def _token(answer: dict[str, Any], alphabet: str) -> dict[str, Any]:
    """A token, and what else it could have been: [text, the model's probability, after the knobs]."""
    top, own, drawn = answer["top"], answer["own"], answer["drawn"]
    for found in (top, own, drawn):
        must(isinstance(found, torch.Tensor) and found.dim() == 1 and 0 < len(found) <= 16)
    must(not top.is_floating_point() and len(top) == len(own) == len(drawn))
    shares = [[_share(p) for p in found.tolist()] for found in (own, drawn)]
    rows = [[alphabet[i], p, q] for i, p, q in zip(top.tolist(), *shares, strict=True)]
    new = answer["id"]
    must(type(new) is int and 0 <= new < len(alphabet))
    return {"id": new, "text": alphabet[new], "rows": rows}


def _share(value: Any) -> float:
    must(type(value) is float and math.isfinite(value))
    return min(1.0, max(0.0, value))
