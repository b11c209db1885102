"""Carries a learner's work from an old stub to a new one; on texts alone.

A file is taken apart into its functions and methods, and the skeleton around them. A function that the
learner wrote goes into the place of its stub; the learner's lines in the skeleton (helpers, imports, notes)
go where the lines around them went. What has no place any more is handed back, never dropped.
"""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass, field

from graders.front.put_back import parse

MARK = "\0"  # a line of the skeleton that stands for a function; no source holds a null byte
Lines = list[str]


@dataclass
class Carried:
    """What became of a file.

    Attributes:
        text: the new file.
        lost: definitions (name: text) for which the new stub has no place.
        beside: lines of the learner's that have no place in the file; to be kept elsewhere.
        both: what both sides changed, where the learner's version stands now.
    """

    text: str
    lost: dict[str, str] = field(default_factory=dict)
    beside: Lines = field(default_factory=list)
    both: Lines = field(default_factory=list)


def functions(text: str) -> dict[str, tuple[int, int]]:
    """{"f" or "Value.__add__": lines[first:last]} of the functions and methods. Raises SyntaxError."""
    found: dict[str, tuple[int, int]] = {}

    def walk(body: list[ast.stmt], before: str) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                walk(node.body, f"{before}{node.name}.")
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                name = before + node.name
                while name in found:
                    name += "'"  # a property and its setter have one name
                found[name] = first - 1, node.end_lineno or node.lineno

    walk(parse(text).body, "")
    return found


def split(text: str, only: set[str] | None = None) -> tuple[Lines, dict[str, Lines]]:
    """(the skeleton, the functions' lines). Comments indented below a function belong to it."""
    lines = _lines(text)
    skeleton: Lines = []
    parts: dict[str, Lines] = {}
    at = 0
    for name, (first, last) in functions(text).items():
        if (only is not None and name not in only) or first < at:
            continue
        indent = len(lines[first]) - len(lines[first].lstrip())
        while last < len(lines) and re.match(rf"\s{{{indent + 1},}}#", lines[last]):
            last += 1
        skeleton += [*lines[at:first], MARK + name + "\n"]
        parts[name] = lines[first:last]
        at = last
    return skeleton + lines[at:], parts


def merge(base: Lines, mine: Lines, new: Lines) -> tuple[Lines, bool]:
    """(new with what mine changed since base, whether both changed the same lines).

    Changes side by side do not disturb each other. All of mine's own lines are in what comes out.
    """
    there: dict[int, int] = {}
    for a, b, size in _matcher(base, new).get_matching_blocks():
        there |= {a + i: b + i for i in range(size)}
    theirs = {(i1, i2): new[j1:j2] for _, i1, i2, j1, j2 in _changes(base, new)}
    gone: set[int] = set()
    extra: dict[int, Lines] = {}
    clash = False
    for _, i1, i2, j1, j2 in _changes(base, mine):
        own = [line for line in mine[j1:j2] if not line.startswith(MARK)]
        if theirs.get((i1, i2)) == mine[j1:j2]:
            continue  # both made the same change
        old = [i for i in range(i1, i2) if not base[i].startswith(MARK)]
        clash = clash or any(i not in there for i in old)
        gone |= {there[i] for i in old if i in there}
        known = [there[i] for i in range(i1, i2) if i in there]
        before = next((there[i] + 1 for i in range(i1 - 1, -1, -1) if i in there), 0)
        extra.setdefault(known[0] if known else before, []).extend(own)
    out: Lines = []
    for i in range(len(new) + 1):
        out += extra.get(i, [])
        if i < len(new) and i not in gone:
            out.append(new[i])
    return out, clash


def carry(base: str, mine: str, new: str, renamed: dict[str, str] | None = None) -> Carried:
    """The new stub with the learner's work in it.

    Args:
        base: the stub that the learner started from; mine: the learner's file; new: the new stub.
        renamed: functions' old names and their new ones.
    """
    crlf = "\r\n" in mine
    base, mine, new = (text.replace("\r\n", "\n") for text in (base, mine, new))
    if mine == base or base == new:
        done = Carried(new if mine == base else mine)
    else:
        try:
            done = _carry(base, mine, new, renamed or {})
        except SyntaxError:
            text, clash = merge(_lines(base), _lines(mine), _lines(new))
            done = Carried("".join(text), both=["a file that is not valid Python"] * clash)
    if crlf:
        done.text = done.text.replace("\n", "\r\n")
    return done


def _carry(base: str, mine: str, new: str, renamed: dict[str, str]) -> Carried:
    base_skeleton, old = split(base)
    mine_skeleton, own = split(mine, set(old))
    new_skeleton, fresh = split(new)
    done = Carried(new)
    filled = dict(fresh)
    for name, text in own.items():
        if text == old[name]:
            continue
        to = renamed.get(name, name)
        if to not in fresh:
            done.lost[name] = "".join(text)
            continue
        before, now = old[name], text
        if to != name:
            before, now = _called(before, name, to), _called(text, name, to)
        filled[to], clash = merge(before, now, fresh[to])
        if clash or not _valid(filled[to]):
            filled[to] = now
            done.both.append(to)
        short = name.rpartition(".")[2]
        if to != name and re.search(rf"\b{short}\b", "".join(now)):
            indent = re.match(r"\s*", fresh[to][0]).group()  # type: ignore[union-attr]
            alias = f"{indent}{short} = {to.rpartition('.')[2]}  # the name it had before\n"
            filled[to] = [*filled[to], alias]
    skeleton, clash = merge(base_skeleton, mine_skeleton, new_skeleton)
    whole = _whole(skeleton, filled)
    if not _valid(_lines(whole)):  # their lines do not fit between the new ones
        have = set(base_skeleton)
        done.beside = [x for x in mine_skeleton if x not in have and not x.startswith(MARK)]
        whole = _whole(new_skeleton, filled)
    elif clash:
        done.both.append("text or given code")
    done.text = whole
    return done


def place(text: str, name: str, code: str, stub: str) -> str | None:
    """The file with a definition from elsewhere in the place of its stub; None where it does not fit."""
    skeleton, parts = split(text)
    if name not in parts or "".join(parts[name]) != stub:
        return None
    whole = _whole(skeleton, {**parts, name: _lines(code)})
    return whole if _valid(_lines(whole)) else None


def renames(base: str, new: str) -> dict[str, str]:
    """Functions that have another name in the new stub, told by what is alike in the rest."""
    try:
        old, fresh = split(base)[1], split(new)[1]
    except SyntaxError:
        return {}
    found: dict[str, str] = {}
    for name in old.keys() - fresh.keys():
        best, score = "", 0.75
        for to in fresh.keys() - old.keys() - set(found.values()):
            if name.rpartition(".")[0] != to.rpartition(".")[0]:
                continue
            a, b = (_plain(part, n) for part, n in ((old[name], name), (fresh[to], to)))
            ratio = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
            if a and b and ratio > score:  # a stub without a docstring is like any other
                best, score = to, ratio
        if best:
            found[name] = best
    return found


def own_lines(base: str, mine: str) -> Lines:
    """The lines that a learner added to a stub."""
    have = set(base.splitlines())
    return [line for line in mine.splitlines() if line.strip() and line not in have]


def without_conflicts(text: str) -> str:
    """A file with conflict markers taken apart: the learner's side of each."""
    out: Lines = []
    side, mine = "", "ours"
    for line in _lines(text):
        if line.startswith("<<<<<<< "):  # after a stash, the learner's side is the second
            side, mine = "ours", "theirs" if "Updated upstream" in line else "ours"
        elif side and line.startswith("||||||| "):
            side = "base"
        elif side and line.rstrip() == "=======":
            side = "theirs"
        elif side and line.startswith(">>>>>>> "):
            side = ""
        elif side in ("", mine):
            out.append(line)
    return "".join(out)


def has_conflicts(text: str) -> bool:
    return bool(re.search(r"^<<<<<<< .*?^=======\r?$.*?^>>>>>>> ", text, re.M | re.S))


def _plain(part: Lines, name: str) -> str:
    """What tells a stub from others: without its name, its TODO, and the empty head."""
    short = re.escape(name.rpartition(".")[2])
    body = [x for x in part if "# TODO " not in x and "raise NotImplementedError" not in x]
    return re.sub(rf"\b{short}\b", "_", "".join(body)) if len(body) > 1 else ""


def _called(part: Lines, name: str, to: str) -> Lines:
    """A function's lines with another name in its head."""
    short, fresh = name.rpartition(".")[2], to.rpartition(".")[2]
    head = re.compile(rf"^(\s*(?:async\s+)?def\s+){re.escape(short)}\b")
    at = next(i for i, line in enumerate(part) if head.match(line))
    return [*part[:at], head.sub(rf"\g<1>{fresh}", part[at]), *part[at + 1 :]]


def _whole(skeleton: Lines, parts: dict[str, Lines]) -> str:
    out: Lines = []
    for line in skeleton:
        out += parts[line[1:-1]] if line.startswith(MARK) else [line]
    return "".join(out)


def _valid(lines: Lines) -> bool:
    import textwrap

    text = "".join(lines)
    for each in (text, textwrap.dedent(text)):
        try:
            parse(each)
            return True
        except SyntaxError:
            pass
    return False


def _lines(text: str) -> Lines:
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1] + "\n"] if lines[-1] else [])


def _matcher(a: Lines, b: Lines) -> difflib.SequenceMatcher[str]:
    return difflib.SequenceMatcher(None, a, b, autojunk=False)


def _changes(a: Lines, b: Lines) -> list[tuple[str, int, int, int, int]]:
    return [op for op in _matcher(a, b).get_opcodes() if op[0] != "equal"]
