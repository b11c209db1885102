"""Drives part 07/8: loads a model, then draws one token after the other; and looks into its attention.

What these return is read by graders/web/speaking.py, which believes none of it.
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Iterator
from typing import Any

import torch

from graders.authoring import exercise

MOST = 8  # alternatives that are told
CELLS = 6_000_000  # of all attention maps together; above, only the end of the context is looked at

gpt = exercise("gpt")
now: dict[str, Any] = {}  # what one token leaves for the next


class Nonsense(Exception):
    """What the learner's code returned cannot be gone on with; the message says which function and what."""


def _model(m: types.ModuleType, weights: str) -> Any:
    """(model, alphabet), or a sentence's end that says why there is none."""
    try:
        with _no_first_weights():
            return m.load(weights)
    except NotImplementedError:
        raise
    except Exception as error:
        here, trace = m.load.__code__.co_filename, error.__traceback__
        while trace is not None:
            code, trace = trace.tb_frame.f_code, trace.tb_next
            if code.co_filename == here and code.co_name not in ("load", "<dictcomp>"):
                raise  # the model's own code raises; the file may be fine
        # whatever a file can hold that is not what `save` wrote
        return (str(error).splitlines() or [type(error).__name__])[0][:300]


@contextlib.contextmanager
def _no_first_weights() -> Iterator[None]:
    """torch.nn.init does nothing inside: the file's weights come over the first ones, whose drawing takes
    four fifths of the time of loading."""
    kept = {
        name: f for name, f in vars(torch.nn.init).items() if name.endswith("_") and callable(f)
    }

    def leave(tensor: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        return tensor

    vars(torch.nn.init).update(dict.fromkeys(kept, leave))
    try:
        yield
    finally:
        vars(torch.nn.init).update(kept)


def _kind(value: Any) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def _row(output: Any, size: int) -> torch.Tensor:
    """The last row of logits, (1, V), in what `forward` returned. Raises Nonsense."""
    if not isinstance(output, tuple) or len(output) != 2:
        kind = f"{len(output)} things" if isinstance(output, tuple) else _kind(output)
        raise Nonsense(f"forward returned {kind}; it should be (logits, loss)")
    logits = output[0]
    if not isinstance(logits, torch.Tensor):
        raise Nonsense(f"forward's logits are {_kind(logits)}; they should be a tensor")
    if logits.dim() != 3 or logits.shape[0] != 1 or logits.shape[2] != size or not logits.shape[1]:
        shape = tuple(logits.shape)
        raise Nonsense(f"forward's logits have the shape {shape}; it should be (1, T, {size})")
    row = logits[:, -1].detach()
    if not row.isfinite().all():
        raise Nonsense("forward's logits are not all finite: there is a NaN or an infinity")
    return row


def _probs(m: types.ModuleType, row: torch.Tensor, options: dict[str, Any]) -> torch.Tensor:
    """What `next_token_probs` makes of a row of logits. Raises Nonsense."""
    probs = m.next_token_probs(row, options["temperature"], options["top_k"])
    if not isinstance(probs, torch.Tensor):
        raise Nonsense(f"next_token_probs returned {_kind(probs)}, no tensor")
    if probs.shape != row.shape:
        shapes = f"{tuple(probs.shape)}; it should be {tuple(row.shape)}"
        raise Nonsense(f"next_token_probs returned a tensor of the shape {shapes}")
    if not probs.isfinite().all() or probs.min() < 0:
        raise Nonsense("next_token_probs returned something else than probabilities")
    return probs


@gpt.check("start")
def start(m: types.ModuleType, weights: str, prompt: str, options: dict[str, Any]) -> Any:
    """Loads the model and reads the prompt."""
    found = _model(m, weights)
    if isinstance(found, str):
        return {"no model": found}
    model, chars = found
    strange = sorted({c for c in prompt if c not in chars})
    if strange:
        return {"strange": "".join(strange[:12]), "chars": chars}
    generator = torch.Generator()
    generator.manual_seed(options["seed"])
    # without a prompt, a line end: what comes next begins a line
    begun = prompt or ("\n" if "\n" in chars else chars[0])
    idx = torch.tensor([[chars.index(c) for c in begun]])
    logits: list[torch.Tensor] = []

    def heard(_: Any, inputs: Any, output: Any) -> Any:
        """Notes the last row of logits; with top-p, puts -inf where the nucleus ends."""
        row = _row(output, model.config.vocab_size)
        logits[:] = [row]
        if options["top_p"] >= 1:
            return None
        probs = _probs(m, row, options)
        outside = ~_nucleus(probs, options["top_p"])
        kept = output[0].clone()
        kept[:, -1] = row.masked_fill(outside, float("-inf"))
        return kept, output[1]

    model.register_forward_hook(heard)
    now.update(model=model, idx=idx, options=options, generator=generator, logits=logits)
    count = sum(p.numel() for p in model.parameters())
    return {"chars": chars, "ids": idx[0].tolist(), "block": model.config.block_size, "size": count}


def _nucleus(probs: torch.Tensor, top_p: float) -> torch.Tensor:
    """The fewest likeliest tokens that together have top_p of the probability: bool, as probs."""
    ordered, order = probs.sort(dim=-1, descending=True)
    before = ordered.cumsum(-1) - ordered
    return torch.zeros_like(probs, dtype=torch.bool).scatter(-1, order, before < top_p)


@gpt.check("token")
@torch.no_grad()
def token(m: types.ModuleType) -> Any:
    """Draws one more token, and tells what else it could have been."""
    try:
        return _token(m)
    except Nonsense as wrong:
        return {"nonsense": str(wrong)}


def _token(m: types.ModuleType) -> Any:
    model, idx, options = now["model"], now["idx"], now["options"]
    now["logits"].clear()
    new = m.next_token(model, idx, options["temperature"], options["top_k"], now["generator"])
    _check(new, model.config.vocab_size)
    now["idx"] = torch.cat([idx, new], dim=1)[:, -model.config.block_size :]
    if not now["logits"]:  # it called model.forward, which no hook hears
        model(idx[:, -model.config.block_size :])
    row = now["logits"][0]
    own = row.softmax(-1)[0]
    drawn = _probs(m, row, options)
    if options["top_p"] < 1:
        drawn = drawn.where(_nucleus(drawn, options["top_p"]), torch.zeros_like(drawn))
        drawn = drawn / drawn.sum(-1, keepdim=True)
    drawn = drawn[0]
    top = own.topk(min(MOST, len(own))).indices
    if int(new) not in top.tolist():
        top = torch.cat([top[:-1], new[0]])
    return {"id": int(new), "top": top, "own": own[top].double(), "drawn": drawn[top].double()}


def _check(new: Any, size: int) -> None:
    """Raises Nonsense unless this is a token."""
    if not isinstance(new, torch.Tensor):
        raise Nonsense(f"next_token returned {_kind(new)}; it should be a tensor, int64 (1, 1)")
    if new.dtype != torch.int64 or tuple(new.shape) != (1, 1):
        kind = f"{str(new.dtype).removeprefix('torch.')} tensor of the shape {tuple(new.shape)}"
        raise Nonsense(f"next_token returned a {kind}; it should be int64 (1, 1)")
    if not 0 <= int(new) < size:
        raise Nonsense(f"next_token drew the token {int(new)}; the model knows 0 to {size - 1}")


@gpt.check("look")
@torch.no_grad()
def look(m: types.ModuleType, weights: str, ids: list[int]) -> Any:
    """The attention of every head over a text: uint8 (layers, heads, T, T), 255 times its square root."""
    found = _model(m, weights)
    if isinstance(found, str):
        return {"no model": found}
    model, _ = found
    config = model.config
    room = int((CELLS / (config.n_layer * config.n_head)) ** 0.5)
    ids = ids[-min(config.block_size, room) :]
    seen: list[torch.Tensor] = []
    for block in model.blocks:
        if not hasattr(getattr(block, "attn", None), "heads"):
            return {"no heads": True}
        block.attn.register_forward_pre_hook(
            lambda attn, inputs: seen.append(attn.heads(inputs[0])[:2])
        )
    model(torch.tensor([ids]))
    if not seen:
        return {"no heads": True}
    q, k = torch.stack(list(seen)).unbind(1)  # (L, 1, nh, T, hs) each
    scores = q[:, 0] @ k[:, 0].transpose(-2, -1) / q.shape[-1] ** 0.5  # (L, nh, T, T)
    later = torch.ones(len(ids), len(ids), dtype=torch.bool).triu(1)
    shares = scores.masked_fill(later, float("-inf")).softmax(-1)
    return {"maps": (255 * shares.sqrt()).round().to(torch.uint8)}
