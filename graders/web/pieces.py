"""Tab 2: a text cut by the learner's tokenizer, and by those of GPT-2 and GPT-4."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from data import cl100k_encoding, gpt2_encoding, load_shakespeare
from graders.errors import UserError
from graders.ground import wire
from graders.ground.outcomes import must
from graders.ground.shown import shown_text
from graders.web.jobs import Run
from graders.web.mine import Mine, Sources

MAX_TEXT = 4_000  # characters
CORPUS, VOCAB = 10_000, 512  # characters of Shakespeare, and the ids to learn from them
TRAIN = 12.0  # CPU seconds that training may take: the reference takes one or two

Merges = list[list[int]]


def checked(text: Any) -> str:
    """A text to cut. Raises UserError."""
    if not isinstance(text, str):
        raise UserError("the text is not what this page sends.")
    if len(text) > MAX_TEXT:
        raise UserError(
            f"A text may have at most {MAX_TEXT:,} characters here; this has {len(text):,}."
        )
    return text


@cache
def _encodings() -> list[tuple[str, Any]]:
    """GPT-2's and GPT-4's, made once: that takes longer than the time between two keys."""
    return [("GPT-2", gpt2_encoding()), ("GPT-4", cl100k_encoding())]


def known(text: str) -> list[dict[str, Any]]:
    """The text as GPT-2 and GPT-4 see it."""
    found = []
    for name, encoding in _encodings():
        ids = encoding.encode_ordinary(text)
        parts = [encoding.decode_single_token_bytes(i) for i in ids]
        found.append({"name": name, "size": encoding.n_vocab, "pieces": pieces(ids, parts)})
    return found


def pieces(ids: list[int], parts: list[bytes]) -> list[list[Any]]:
    """[id, what to show] of each token: its text, or its bytes where they are no whole characters."""
    return [[i, visible(part)] for i, part in zip(ids, parts, strict=True)]


def visible(part: bytes) -> str:
    try:
        text = part.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"\\x{byte:02x}" for byte in part)
    return shown_text(text.replace("\t", "⇥").replace("\n", "⏎"), 400).replace(" ", "·")


class Trained:
    """The merges that were learned, by the code that learned them: a text is typed letter by letter."""

    def __init__(self) -> None:
        self._kept: dict[str, Merges] = {}

    def of(self, code: Mine) -> Merges | None:
        return self._kept.get(self._key(code))

    def keep(self, code: Mine, merges: Merges) -> None:
        if len(self._kept) > 8:
            self._kept.clear()
        self._kept[self._key(code)] = merges

    @staticmethod
    def _key(code: Mine) -> str:
        return hashlib.sha256(repr((code.source, code.standins)).encode()).hexdigest()


def run(sources: Sources, trained: Trained, text: str, tell: Any) -> Run:
    """The run that cuts the text, and trains the tokenizer first if its code has changed."""
    tell({"kind": "known", "of": known(text)})
    code = sources.tokenizer()
    merges = trained.of(code)
    if merges is None:
        tell({"kind": "training", "whose": code.says})
        corpus = load_shakespeare()[:CORPUS]
        steps = [("train", "train", {"text": corpus, "vocab_size": VOCAB})]
    else:
        steps = [("cut", "cut", {"text": text, "merges": merges})]

    def take(name: str, value: bytes) -> str:
        answer = wire.decode(value)
        if "nonsense" in answer:
            return f"{code.name} makes no sense here: {shown_text(answer['nonsense'], 200)}."
        if name == "train":
            trained.keep(code, _merges(answer["merges"]))
            return ""
        ids, parts = answer["ids"], answer["bytes"]
        must(type(ids) is list and type(parts) is list and len(ids) == len(parts) <= 8 * MAX_TEXT)
        must(all(type(i) is int for i in ids) and all(type(part) is bytes for part in parts))
        size = 256 + len(trained.of(code) or ())
        message = {"kind": "pieces", "whose": code.says, "size": size, "pieces": pieces(ids, parts)}
        note = (
            "" if answer["again"] is True else f"{code.name}: decode(encode(text)) is not the text."
        )
        if not note and b"".join(parts) != text.encode("utf-8"):
            note = f"{code.name}: these pieces do not add up to the text."
        tell({**message, "note": note})
        return ""

    return Run(code, "tokenizer", steps, take, {"train": TRAIN})


def _merges(found: Any) -> Merges:
    """Merges as they can be sent back: each made of older ids. Raises ValueError."""
    must(type(found) is list and len(found) <= VOCAB)
    for i, merge in enumerate(found):
        must(type(merge) is list and len(merge) == 3 and all(type(n) is int for n in merge))
        must(merge[2] == 256 + i and all(0 <= n < 256 + i for n in merge[:2]))
    return list(found)
