"""Puts single definitions of a learner's file back to the stub's, and leaves all else as it was.

Works on the text, so that comments, notes and layout elsewhere stay; a file that cannot be parsed is taken
by its layout. Files are read and written elsewhere.
"""

from __future__ import annotations

import ast
import io
import re

from graders.ground.definitions import definition
from graders.ground.parsing import TooMuch, is_too_much


def parse(source: str) -> ast.Module:
    """As ast.parse; also what is nested too deeply, or holds null bytes, is a SyntaxError."""
    try:
        if is_too_much(source):
            raise TooMuch
        return ast.parse(source)  # a fresh one: some change it
    except (RecursionError, MemoryError):
        raise SyntaxError("it is nested too deeply") from None
    except ValueError as error:
        raise SyntaxError(str(error)) from None


def texts(source: str, targets: tuple[str, ...]) -> str:
    """The source text of some definitions, one below the other. Raises SyntaxError."""
    lines, tree = _split(source), parse(source)
    nodes = [definition(tree, target) for target in targets]
    return "\n".join("".join(_lines(lines, node)) for node in nodes if node is not None)


def put_back(mine: str, stub: str, targets: tuple[str, ...]) -> str:
    """A file in which some definitions are the stub's again, and all else is as it was.

    Works on a file with a syntax error too, if the error lies in one of these definitions.
    Raises SyntaxError if what comes out is not valid Python.
    """
    newline = "\r\n" if "\r\n" in mine else "\n"
    lines = _split(mine)
    if lines and not lines[-1].endswith(("\n", "\r")):
        lines[-1] += newline
    stub_lines = [line.rstrip("\r\n") + newline for line in _split(stub)]
    stub_tree = ast.parse(stub)
    try:
        tree: ast.Module | None = parse(mine)
    except SyntaxError:
        tree = None
    found = {target: _place(lines, tree, target) for target in targets}
    missing: list[str] = []  # renamed or removed
    for target, place in sorted(found.items(), key=lambda item: item[1] or (0, 0), reverse=True):
        if place is None:
            missing.append(target)
        else:
            lines[place[0] : place[1]] = _lines(stub_lines, definition(stub_tree, target))
    for target in reversed(missing):
        _add(lines, stub_lines, stub_tree, target, newline)
    text = "".join(lines)
    parse(text)
    return text


def _place(lines: list[str], tree: ast.Module | None, target: str) -> tuple[int, int] | None:
    """Where a definition stands: lines[first:last]. By the layout alone if there is no tree."""
    if tree is not None:
        node = definition(tree, target)
        if node is None:
            return None
        first, last = _span(node)
        return first - 1, _with_trailing_comments(lines, last, node.col_offset)
    first, last, column = 0, len(lines), -1
    for name in target.split("."):
        head = re.compile(rf"(\s*)(?:(?:async\s+)?def\s+|class\s+)?{name}\b\s*[(:=\[]")
        at = [
            (i, len(match.group(1)))
            for i in range(first, last)
            if (match := head.match(lines[i])) and len(match.group(1)) > column
        ]
        at = [(i, c) for i, c in at if c == min(c for _, c in at) and (c == 0 or column >= 0)]
        if not at:
            return None
        first, column = at[-1]
        end = first + 1
        for i in range(first + 1, last):
            text = lines[i].strip()
            indent = len(lines[i]) - len(lines[i].lstrip())
            if text and indent <= column and not text.startswith((")", "]", "}")):
                break
            if text:
                end = i + 1
        last = end
        if name != target.rpartition(".")[2]:
            first += 1
    while first > 0 and lines[first - 1].strip().startswith("@"):
        first -= 1
    return first, last


def _add(
    lines: list[str], stub_lines: list[str], stub_tree: ast.Module, target: str, newline: str
) -> None:
    """Adds the stub's definition to its class, or (with its class if need be) before main."""
    text = "".join(lines)
    tree = parse(text)
    owner = target.rpartition(".")[0]
    home = definition(tree, owner) if owner else None
    if home is not None:
        at = home.end_lineno or len(lines)
        lines[at:at] = [newline, *_lines(stub_lines, definition(stub_tree, target))]
        return
    if owner:
        target = owner
    calls = [n.lineno for n in tree.body if isinstance(n, ast.If) and "__main__" in ast.unparse(n)]
    at = calls[-1] - 1 if calls else len(lines)
    fresh = _lines(stub_lines, definition(stub_tree, target))
    blank = [newline, newline]
    lines[at:at] = [*fresh, *blank] if calls else [*blank, *fresh]


def _split(text: str) -> list[str]:
    """The lines as Python counts them (str.splitlines also splits at form feeds)."""
    return list(io.StringIO(text, newline="\n"))


def _span(node: ast.stmt) -> tuple[int, int]:
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    return first, node.end_lineno or node.lineno


def _with_trailing_comments(lines: list[str], last: int, column: int) -> int:
    """Also takes comment lines right behind a definition that are indented deeper than it."""
    while last < len(lines):
        text = lines[last]
        if text.strip().startswith("#") and len(text) - len(text.lstrip()) > column:
            last += 1
        else:
            break
    return last


def _lines(lines: list[str], node: ast.stmt | None) -> list[str]:
    assert node is not None
    first, last = _span(node)
    return lines[first - 1 : last]
