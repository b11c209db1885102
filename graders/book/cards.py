"""A part's code as the book shows it: what is given as code, an exercise as a card with folded hints."""

from __future__ import annotations

import ast
import html
import re
import textwrap
from dataclasses import dataclass, field

from graders.book.plain import code, docstring, inline, markup
from graders.core.cards import Card
from graders.core.loaded import LoadedPart
from graders.ground.definitions import definition

Defined = ast.FunctionDef | ast.ClassDef
STUCK = re.compile(r" \(stuck\? `[^`]*`\)")  # the hints stand below
SHORT = 16  # lines of given code that are shown unfolded


@dataclass
class Cell:
    """A code cell of a part's stub.

    Attributes:
        text: its source.
        tree: the same, parsed.
        cards: what is asked in it: {an exercise: the nodes of its targets}.
    """

    text: str
    tree: ast.Module
    cards: dict[str, list[Defined]] = field(default_factory=dict)


def code_cells(part: LoadedPart, texts: list[str]) -> list[Cell]:
    """The code cells of a part, each exercise in the cell that defines its (last) target."""
    cells = [Cell(text, ast.parse(text)) for text in texts]
    for name, card in part.cards.items():
        for target in card.targets:
            for cell in reversed(cells):
                node = definition(cell.tree, target)
                if isinstance(node, Defined):
                    cell.cards.setdefault(name, []).append(node)
                    break
    return cells


def cell_page(part: LoadedPart, cell: Cell, solutions: bool) -> str:
    """A code cell as Markdown, in the order of its source."""
    owner = {id(node): name for name, nodes in cell.cards.items() for node in nodes}
    lines = cell.text.splitlines()
    made: list[str] = []
    told: set[str] = set()
    given: list[str] = []

    def flush() -> None:
        text = "\n".join(given).strip("\n")
        given.clear()
        if text.strip():
            made.append(_given(part, text))

    def tell(name: str) -> None:
        if name not in told:
            told.add(name)
            made.append(card_page(part, part.cards[name], cell, solutions))

    at = 0
    for node in cell.tree.body:
        first, last = _span(node)
        given += lines[at : first - 1]
        at = last
        inside = [n for n in getattr(node, "body", []) if id(n) in owner]
        if id(node) in owner:
            flush()
            tell(owner[id(node)])
        elif inside:
            gone = {i for n in inside for i in range(_span(n)[0], _span(n)[1] + 1)}
            given += [lines[i - 1] for i in range(first, last + 1) if i not in gone]
            flush()
            for n in inside:
                tell(owner[id(n)])
        else:
            given += lines[first - 1 : last]
    given += lines[at:]
    flush()
    return "\n\n".join(made)


def card_page(part: LoadedPart, card: Card, cell: Cell, solutions: bool) -> str:
    """One exercise: its name, what is asked, the stub, hints, and (if asked for) the solution."""
    key = part.exercise_id(card.name)
    nodes = cell.cards[card.name]
    lines = cell.text.splitlines()
    points = f"{card.points} point{'s' * (card.points != 1)}"
    stretch = ' · <span class="stretch">stretch</span>' if card.stretch else ""
    made = [
        f'<div class="exercise" id="{html.escape(key)}">',
        f'<p class="exercise-title"><a href="#{html.escape(key)}">{html.escape(key)}</a>'
        f'<span class="points">{points}{stretch}</span><br>{markup(card.title)}</p>',
        # the search finds an exercise by its id, and leads to its card
        f"```{{index}} single: {key}\n```",
    ]
    stubs: list[str] = []
    for target, node in zip(card.targets, nodes, strict=True):
        said = ast.get_docstring(node)
        if said:
            lead = f"`{target.rpartition('.')[2]}`: " if len(nodes) > 1 else ""
            made.append(lead + docstring(said))
        owner = target.rpartition(".")[0]
        where = f"# in class {owner}\n" if owner and not stubs else ""
        stubs.append(where + _without_docstring(node, lines))
    made.append(code(STUCK.sub("", "\n\n".join(stubs))))
    for number, hint in enumerate(card.hints, 1):
        made.append(_folded(f"Hint {number} of {len(card.hints)}", inline(hint), "hint"))
    if solutions:
        made.append(_folded("Solution", code(_solution(part, card)), "solution"))
    made.append("</div>")
    return "\n\n".join(made)


def _solution(part: LoadedPart, card: Card) -> str:
    lines = part.bare_source.splitlines()
    nodes = (definition(part.bare_tree, target) for target in card.targets)
    return "\n\n".join(_without_docstring(n, lines) for n in nodes if isinstance(n, Defined))


def _folded(summary: str, body: str, kind: str) -> str:
    return f'<details class="{kind}"><summary>{summary}</summary>\n\n{body}\n\n</details>'


def _given(part: LoadedPart, text: str) -> str:
    """Code that is given: the part's program and what is long are folded away."""
    tree = ast.parse(text)
    names = [node.name for node in tree.body if isinstance(node, Defined)]
    number = f"{part.ref.number}/{part.ref.name.partition('_')[0]}"
    if "main" in names:
        return _folded(f"The part's program: <code>hero run {number}</code>", code(text), "given")
    if all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body):
        return _folded("Imports", code(text), "given")
    if len(text.splitlines()) <= SHORT:
        return code(text)
    what = ", ".join(f"<code>{html.escape(name)}</code>" for name in names) or "code"
    return _folded(f"Given: {what}", code(text), "given")


def _span(node: ast.stmt) -> tuple[int, int]:
    """The first and last line of a statement, decorators included."""
    above = [d.lineno for d in getattr(node, "decorator_list", [])]
    return min([node.lineno, *above]), node.end_lineno or node.lineno


def _without_docstring(node: Defined, lines: list[str]) -> str:
    first, last = _span(node)
    said = node.body[0]
    gone = range(0)
    if ast.get_docstring(node) and len(node.body) > 1:
        gone = range(said.lineno, (said.end_lineno or said.lineno) + 1)
    text = "\n".join(lines[i - 1] for i in range(first, last + 1) if i not in gone)
    return re.sub(r":\n\n", ":\n", textwrap.dedent(text), count=1)
