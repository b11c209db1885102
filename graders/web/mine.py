"""Whose code a page runs: the learner's own exercises where they passed, the reference's where not yet."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graders.core.registry import PartRef, Registry
from graders.errors import UserError
from graders.ground.definitions import definition, replace
from graders.ground.reading import NotPlain, read_once

MAX_SOURCE = 2 * 2**20  # bytes of a file that is run
GPT, TOKENIZER = PartRef("07_gpt", "8_gpt"), PartRef("08_tokenizer", "3_regex")
SPEAKS = ("gpt_init", "gpt_embed", "gpt_forward", "keep_top_k", "next_token_probs", "next_token")
CUTS = ("split_chunks", "count_pairs", "train_chunks", "encode_ordinary", "decode_special")
VALUE = PartRef(
    "01_micrograd", "5_functions"
)  # its given code is the frame that the others go into
ENGINE = {
    PartRef("01_micrograd", "2_value"): ("add", "mul"),
    PartRef("01_micrograd", "3_backward"): ("topological_order", "backward"),
    PartRef("01_micrograd", "4_arithmetic"): (
        "neg", "sub", "radd", "rmul", "rsub", "pow", "truediv", "rtruediv",
    ),
    VALUE: ("exp", "tanh", "relu"),
}  # fmt: skip


@dataclass(frozen=True)
class Mine:
    """What is executed for a page.

    Attributes:
        name: what it is called at the beginning of a sentence.
        source: the file's text.
        path: what it is called in tracebacks.
        standins: the reference's definitions in place of the file's own, as ``runner.load`` takes them.
        says: a sentence that says whose code it is.
        whose: "yours", "reference" or "both".
        lines: whether line numbers mean something to the learner.
    """

    name: str
    source: str
    path: str
    says: str
    whose: str
    standins: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: bool = True


class Sources:
    """Reads the learner's files anew for each run: what was saved a moment ago counts.

    Args:
        registry: the checkout.
        folder: the learner's exercises/.
        done: asked each time; the ids of the exercises that passed when last checked.
    """

    def __init__(self, registry: Registry, folder: Path, done: Callable[[], set[str]]) -> None:
        self.registry, self.folder, self.done = registry, folder, done

    def gpt(self) -> Mine:
        return self._part(GPT, SPEAKS, "GPT")

    def tokenizer(self) -> Mine:
        return self._part(TOKENIZER, CUTS, "tokenizer")

    def _part(self, ref: PartRef, needed: Sequence[str], what: str) -> Mine:
        """A part's file; the reference stands in for what has not passed.

        Args:
            needed: the exercises that the page calls; of the others nothing is said.
        """
        cards = self.registry.cards(ref)
        done = self.done()
        lacking = [name for name in cards if f"{ref.number}.{name}" not in done]
        missing = [f"{ref.number}.{name}" for name in needed if name in lacking]
        path = self.folder / ref.file
        part = f"{ref.number}/{ref.name.partition('_')[0]}"
        right = (self.registry.root / "solutions" / ref.file).read_text(encoding="utf-8")
        if len(missing) == len(needed) or not path.is_file():
            says = (
                f"The reference's {what} runs here; your own does once `hero check {part}` passes."
            )
            return Mine(f"The reference's {what}", right, ref.file, says, "reference")
        tree = ast.parse(right if lacking else "")
        standins = {
            f"{ref.number}.{name}": {
                target: ast.unparse(node)
                for target in cards[name].targets
                if (node := definition(tree, target)) is not None
            }
            for name in lacking
        }
        whose = "both" if missing else "yours"
        says = f"Your own {what} runs here"
        says += f"; the reference stands in for {', '.join(missing)}." if missing else "."
        return Mine(f"Your {what}", _read(path), f"exercises/{ref.file}", says, whose, standins)

    def engine(self) -> Mine:
        """The learner's micrograd, put together from the parts of lesson 01 that passed."""
        solutions = self.registry.root / "solutions"
        tree = ast.parse((solutions / VALUE.file).read_text(encoding="utf-8"))
        order = ast.parse((solutions / "01_micrograd/3_backward.py").read_text(encoding="utf-8"))
        _put(tree, order, "topological_order")
        done, mine, lent = self.done(), [], []
        for ref, names in ENGINE.items():
            path = self.folder / ref.file
            passed = [n for n in names if f"01.{n}" in done] if path.is_file() else []
            lent += [name for name in names if name not in passed]
            if not passed:
                continue
            theirs = _parsed(_read(path), f"exercises/{ref.file}")
            cards = self.registry.cards(ref)
            _helpers(tree, theirs, {t for card in cards.values() for t in card.targets})
            for name in passed:
                for target in cards[name].targets:
                    _put(tree, theirs, target)
                mine.append(name)
        source = ast.unparse(ast.fix_missing_locations(tree))
        if not mine:
            says = "The reference's micrograd runs here; your own does, piece by piece, as lesson 01 passes."
            return Mine(
                "The reference's micrograd", source, "micrograd.py", says, "reference", lines=False
            )
        says = f"Your own {_and(mine)} run{'s' if len(mine) == 1 else ''} here"
        says += f"; the reference stands in for {_and(lent)}." if lent else "."
        if not lent:
            says = "Your own micrograd runs here."
        whose = "both" if lent else "yours"
        return Mine("Your micrograd", source, "micrograd.py", says, whose, lines=False)


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _read(path: Path) -> str:
    try:
        return read_once(path, MAX_SOURCE).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path.parent.name}/{path.name} is not UTF-8 text.") from None
    except (OSError, NotPlain) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(f"{path.parent.name}/{path.name} cannot be read: {why}.") from None


def _parsed(source: str, path: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        where = f"Line {error.lineno} of {path}"
        raise UserError(f"{where} is not valid Python: {error.msg}.") from None
    except (ValueError, RecursionError, MemoryError):
        raise UserError(f"{path} is not valid Python.") from None


def _put(tree: ast.Module, source: ast.Module, target: str) -> None:
    node = definition(source, target)
    if node is not None:
        replace(tree, target, node)


def _helpers(tree: ast.Module, theirs: ast.Module, targets: set[str]) -> None:
    """Adds what the learner wrote beside the exercises: imports, functions, further methods of Value."""
    first: list[ast.stmt] = [n for n in theirs.body if isinstance(n, (ast.Import, ast.ImportFrom))]
    for node in theirs.body:
        if isinstance(node, ast.FunctionDef) and node.name not in targets | {"main"}:
            if definition(tree, node.name) is None:
                first.append(node)
        elif isinstance(node, ast.ClassDef) and node.name == "Value":
            for inner in node.body:
                name = f"Value.{inner.name}" if isinstance(inner, ast.FunctionDef) else ""
                if name and name not in targets and definition(tree, name) is None:
                    replace(tree, name, inner)
    future = [n for n in first if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    tree.body[0:0] = [*future, *(n for n in first if n not in future)]
