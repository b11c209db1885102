"""What code may call, read off its text: which exercises a file's code for one exercise can reach.

A text that says more than it does costs a run or a place in an order, never a point: what is lent, and
to whom, is for ``grading`` to decide.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graders.ground.parsing import parse

# with these, code can call what it does not mention
INDIRECT = {
    "__dict__", "__getattribute__", "__import__", "eval", "exec", "getattr", "globals",
    "importlib", "locals", "methodcaller", "vars",
}  # fmt: skip
# operators, and functions that use them, call methods that are not mentioned
OPERATORS = {
    "Add": "add", "Sub": "sub", "Mult": "mul", "Div": "truediv", "FloorDiv": "floordiv", "Mod": "mod",
    "Pow": "pow", "MatMult": "matmul", "BitAnd": "and", "BitOr": "or", "BitXor": "xor",
    "LShift": "lshift", "RShift": "rshift",
}  # fmt: skip
CALLS = {
    **{kind: [f"__{i}{name}__" for i in ("", "r", "i")] for kind, name in OPERATORS.items()},
    "sum": ["__add__", "__radd__"],
    "prod": ["__mul__", "__rmul__"],
    "USub": ["__neg__"],
    "UAdd": ["__pos__"],
    "Invert": ["__invert__"],
    "abs": ["__abs__"],
}
ONLY_BY = {name for names in CALLS.values() for name in names}
DEFINED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
Edges = Mapping[str, frozenset[str]]


class Reach:
    """The definitions of a file, and what each of them mentions."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.places: dict[str, list[ast.AST]] = {}  # name -> what is defined by that name
        self.homes: dict[int, ast.ClassDef] = {}  # the class of a method
        self.loose = [n for n in tree.body if not isinstance(n, DEFINED) and not _is_main(n)]
        self._words: dict[int, frozenset[str]] = {}
        for node in tree.body:
            if isinstance(node, DEFINED):
                self._define(node.name, node)
            else:
                for name in _stored(node):
                    self._define(name, node)

    def _define(self, name: str, node: ast.AST) -> None:
        self.places.setdefault(name, []).append(node)
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, DEFINED):
                    self.homes[id(inner)] = node
                    self._define(inner.name, inner)

    def from_code(self, targets: Iterable[str]) -> frozenset[str]:
        """All names that the code of some targets ("f", "Value.__add__") mentions, directly or not."""
        starts: list[ast.AST] = []
        for target in targets:
            owner, _, name = target.rpartition(".")
            here = self.places.get(name, ())
            starts += [n for n in here if not owner or self._owner(n) == owner.rpartition(".")[2]]
        return self._follow(starts)

    def from_words(self, words: Iterable[str]) -> frozenset[str]:
        """All names that are mentioned by what has one of these names, directly or not, and the words."""
        words = frozenset(words)
        return words | self._follow([n for word in words for n in self._called_by(word)])

    def from_loading(self) -> frozenset[str]:
        """All names that are mentioned by what runs when the file is executed, directly or not."""
        return self._follow(self.loose)

    def _owner(self, node: ast.AST) -> str:
        home = self.homes.get(id(node))
        return home.name if home is not None else ""

    def _follow(self, starts: Iterable[ast.AST]) -> frozenset[str]:
        found: set[str] = set()
        queue, visited = [*starts], set()
        while queue:
            node = queue.pop()
            if id(node) in visited:
                continue
            visited.add(id(node))
            words = self.words(node)
            home = self.homes.get(id(node))
            if home is not None:  # operators on itself
                words |= {home.name}
            for word in words - found:
                queue += self._called_by(word)
            found |= words
        return frozenset(found)

    def _called_by(self, word: str) -> list[ast.AST]:
        """What may run where a name is mentioned: for a class, what Python or torch calls unasked."""
        nodes = []
        for node in self.places.get(word, ()):
            if not isinstance(node, ast.ClassDef):
                nodes.append(node)
                continue
            nodes += [n for n in node.body if not isinstance(n, DEFINED) or _is_unasked(n.name)]
            nodes += [*node.bases, *node.decorator_list]
        return nodes

    def words(self, node: ast.AST) -> frozenset[str]:
        """The names in a piece of code, and its texts, which may name something too."""
        if id(node) not in self._words:
            self._words[id(node)] = frozenset(_mentioned(node))
        return self._words[id(node)]


def words_in(source: str) -> frozenset[str]:
    """The names in a source text of ours."""
    return frozenset(_mentioned(parse(source)))


def is_implicit(name: str) -> bool:
    """Whether a method may be called without being mentioned: ``x + y``, ``layer(x)``."""
    return name == "forward" or (name.startswith("__") and name.endswith("__"))


def _is_unasked(name: str) -> bool:
    """Whether the mention of its class is all there is to see of a call to a method."""
    return is_implicit(name) and name not in ONLY_BY


def named_in(words: frozenset[str], targets: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The exercises of which a target is among some words; one that is called unasked, by its class."""
    return frozenset(
        name for name, asked in targets.items() if any(_is_named(target, words) for target in asked)
    )


def _is_named(target: str, words: frozenset[str]) -> bool:
    owner, _, name = target.rpartition(".")
    return name in words or (_is_unasked(name) and owner.rpartition(".")[2] in words)


def _mentioned(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id
            yield from CALLS.get(inner.id, ())
        elif isinstance(inner, ast.Attribute):
            yield inner.attr
            yield from CALLS.get(inner.attr, ())
        elif isinstance(inner, (ast.operator, ast.unaryop)):
            yield from CALLS.get(type(inner).__name__, ())
        elif isinstance(inner, ast.Constant) and type(inner.value) is str:
            yield inner.value


def _is_main(node: ast.AST) -> bool:
    """Whether a statement is ``if __name__ == "__main__"``."""
    return isinstance(node, ast.If) and "__name__" in _mentioned(node.test)


def _stored(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, DEFINED):  # under an ``if``
            yield inner.name


def ordered(names: Sequence[str], tiers: Sequence[Edges]) -> list[str]:
    """Names so that each comes after those that it needs; where they need each other, by the next tier.

    Args:
        names: in the order that holds where nothing else is said.
        tiers: {name: those it needs}; what counts most first.
    """
    if len(names) < 2 or not tiers:
        return [*names]
    needs = _closed(names, tiers[0])
    left, made = [*names], []
    while left:
        # the first that needs nothing but what needs it, too
        first = next(n for n in left if all(n in needs[m] for m in needs[n] if m in left))
        knot = [m for m in left if m == first or m in needs[first]]
        made += ordered(knot, tiers[1:])
        left = [n for n in left if n not in knot]
    return made


def _closed(names: Sequence[str], edges: Edges) -> dict[str, set[str]]:
    """The edges among some names, with what follows from them."""
    needs = {n: {m for m in edges.get(n, ()) if m in names and m != n} for n in names}
    for middle in names:
        for name in names:
            if middle in needs[name]:
                needs[name] |= needs[middle] - {name}
    return needs
