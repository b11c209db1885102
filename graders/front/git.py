"""The few questions and orders for git that `hero update` has; each failure is a sentence."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from graders.errors import UserError


class Git:
    """Git in one checkout. Raises UserError where it is none."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            top = self.ask("rev-parse", "--show-toplevel")
        except FileNotFoundError:
            raise UserError("git is not installed, and `hero update` needs it.") from None
        if top is None or Path(top).resolve() != root.resolve():
            raise UserError(
                "this workbook is not a clone (it was copied, not cloned with git): clone it anew, and copy "
                "your exercises/ over the new ones."
            )
        self.folder = root / (self.ask("rev-parse", "--git-dir") or ".git")

    def raw(
        self, *words: str, data: bytes = b"", env: dict[str, str] | None = None
    ) -> tuple[int, bytes, str]:
        done = subprocess.run(
            ["git", "-c", "core.quotepath=off", *words],
            cwd=self.root,
            input=data,
            capture_output=True,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **(env or {})},
        )
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip()

    def ask(self, *words: str) -> str | None:
        """The answer, or None where git has none."""
        code, out, _ = self.raw(*words)
        return out.decode("utf-8", "surrogateescape").strip() if code == 0 else None

    def do(
        self, *words: str, why: str, data: bytes = b"", env: dict[str, str] | None = None
    ) -> str:
        """Raises UserError with ``why`` and git's last line."""
        code, out, error = self.raw(*words, data=data, env=env)
        if code:
            last = (error.splitlines() or ["no reason given"])[-1]
            raise UserError(f"{why} (git says: {last}).")
        return out.decode("utf-8", "surrogateescape").strip()

    def text(self, ref: str, path: str) -> str | None:
        """A file's text at a commit, or in a stage of the index (":3"); None where it has none."""
        code, out, _ = self.raw("cat-file", "blob", f"{ref}:{path}")
        return out.decode("utf-8", "replace") if code == 0 else None

    def names(self, *words: str) -> list[str]:
        """The names in an answer with -z."""
        _, out, _ = self.raw(*words)
        return [n for n in out.decode("utf-8", "surrogateescape").split("\0") if n]
