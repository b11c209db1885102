"""The line at the bottom that says which keys there are."""

from __future__ import annotations

from rich.text import Text


def key_line(lead: str, *pairs: tuple[str, str]) -> Text:
    """ "n next / h hint / q quit" """
    text = Text(f"{lead} / " if lead else "")
    for number, (key, word) in enumerate(pairs):
        text.append_text(Text.assemble(" / " if number else "", (key, "bold cyan"), f" {word}"))
    return text
