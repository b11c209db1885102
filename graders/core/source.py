"""A learner's file as text and tree: read once, parsed, and asked for what it defines.

Whatever the file is (missing, a pipe, a device, nested beyond reason), the answer is a tree or one sentence.
"""

from __future__ import annotations

import ast
import difflib
import re
from functools import cached_property
from itertools import islice
from pathlib import Path

from graders.ground.definitions import definition
from graders.ground.doors import Door
from graders.ground.parsing import TooMuch, parse

MAX_SOURCE = 2 * 2**20  # bytes of a file that is graded
# how far a name is looked for that is nearly another: it takes the square of their lengths
MAX_NAME, MAX_NAMES = 60, 500


class Unreadable(Exception):
    """Why a file cannot be graded, in a sentence; the line at fault (0 if none is); its text, if any."""

    def __init__(self, message: str, line: int = 0, text: str = "") -> None:
        super().__init__(message)
        self.line, self.text = line, text


class Source:
    """What a learner wrote. Raises Unreadable.

    Args:
        path: the file.
        door: through which it is read, where its folder is one that was handed in.
    """

    def __init__(self, path: Path, door: Door | None = None) -> None:
        self.text = _text(path, door or Door(path.parent))
        try:
            self.tree = parse(self.text)
        except TooMuch as error:
            raise Unreadable(f"{shown_path(path)} is not read: {error.msg}.") from None
        except SyntaxError as error:
            where = f"line {error.lineno}" if error.lineno else "the file"  # null bytes: no line
            message = f"{where} is not valid Python: {error.msg}"
            if _is_magic(self.text, error.lineno or 0):
                message += " (lines with % or ! are for notebooks)"
            raise Unreadable(message, error.lineno or 0, self.text) from None
        except (RecursionError, MemoryError):
            message = f"{shown_path(path)} cannot be read as Python: it is nested too deeply."
            raise Unreadable(message) from None
        except ValueError as error:
            message = f"{shown_path(path)} cannot be read as Python: {error}"
            raise Unreadable(message) from None

    def line(self, target: str) -> int:
        """Where a target is defined; 1 if it is not."""
        node = definition(self.tree, target)
        return node.lineno if node else 1

    @cached_property
    def _names(self) -> set[str]:
        """All that the file defines or assigns, wherever."""
        names: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.alias):
                names.add((node.asname or node.name).split(".")[0])
        return names

    def gone(self, targets: tuple[str, ...]) -> str:
        """A target whose name is defined nowhere in the file; "" if all are there."""
        names = self._names
        for target in targets:
            path = target.split(".")
            for depth, name in enumerate(path, 1):
                if name not in names and not (name.startswith("__") and self._inherits(target)):
                    return ".".join(path[:depth])
        return ""

    def _inherits(self, target: str) -> bool:
        """Whether the class of a method has bases, from which the method may come."""
        home = definition(self.tree, target.rpartition(".")[0]) if "." in target else None
        return isinstance(home, ast.ClassDef) and bool(home.bases)

    def nearly(self, name: str) -> str:
        """The function or class that is called nearly like a missing one; "" if none is."""
        wanted = name.rpartition(".")[2]
        if len(wanted) > MAX_NAME:
            return ""
        found = (n for n in ast.walk(self.tree) if isinstance(n, (ast.FunctionDef, ast.ClassDef)))
        there = [n.name for n in islice(found, MAX_NAMES) if len(n.name) <= MAX_NAME]
        close = difflib.get_close_matches(wanted, there, 3, 0.6)
        return next((n for n in close if n != wanted), "")


def _is_magic(text: str, line: int) -> bool:
    """Whether a line is for a notebook: `%matplotlib inline`, `!pip install torch`."""
    lines = text.split("\n")
    return 0 < line <= len(lines) and lines[line - 1].lstrip()[:1] in ("%", "!")


def _text(path: Path, door: Door) -> str:
    name = shown_path(path)
    inside = str(path.relative_to(door.folder))
    try:
        # some editors begin a file with a byte order mark, which Python itself accepts too
        return re.sub("\r\n?", "\n", door.read(inside, MAX_SOURCE).decode("utf-8-sig"))
    except FileNotFoundError:
        message = f"there is no file {name}."
    except PermissionError:
        message = f"{name} cannot be read: permission denied."
    except UnicodeDecodeError:
        message = f"{name} is not UTF-8 text."
    except (OSError, ValueError) as error:
        message = f"{name} is not read: {error}."
    raise Unreadable(message)


def shown_path(path: Path) -> str:
    """A path from where one is, if it lies below."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):  # elsewhere, or the current folder is gone
        return str(path)
