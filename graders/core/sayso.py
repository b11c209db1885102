"""What a scenario decides itself, beside submitted code: the comparisons in its text, answered for it.

A scenario runs in the process of the submission, which can replace isinstance, torch.equal or the scenario's
own variables. So a yes or no that is computed there is the submission's word. To find out which verdicts
rest on it, the scenarios are executed here with every such place taken over: while the reference runs, what
each place says is written down; while something wrong runs, it is read out again.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

import numpy as np
import torch

from graders.authoring import Scenario, collecting

Said = dict[int, list[bool]]  # what each place said, in order
PLACE = "__its_word__"
FUNCTIONS = {"isinstance", "issubclass", "hasattr", "callable", "all", "any", "bool"}
METHODS = {
    "equal", "allclose", "isclose", "is_tensor", "array_equal", "all", "any", "startswith", "endswith",
    "issubset", "issuperset", "isdisjoint", "is_contiguous",
}  # fmt: skip


class Spoken:
    """The scenarios of one exercise, their every yes and no taken over.

    Args:
        source: the scenarios, as they travel to the process that runs submitted code.
    """

    def __init__(self, source: str) -> None:
        tree = _Places().visit(ast.parse(source))
        code = compile(ast.fix_missing_locations(tree), "<scenarios>", "exec")
        self._said: Said = {}
        self._asked: dict[int, Iterator[bool]] | None = None
        names: dict[str, Any] = {"__name__": "scenarios", PLACE: self._place}
        with collecting() as part:
            exec(code, names)
        (exercise,) = part.exercises.values()
        scenarios = {name: check.scenario for name, check in exercise.checks.items()}
        self.scenarios: dict[str, Scenario] = {
            name: scenario
            for name, scenario in scenarios.items()
            if scenario is not None and _decides(scenario)
        }

    @contextmanager
    def listening(self) -> Iterator[Said]:
        """What is decided inside is written into what this gives."""
        self._said, self._asked = {}, None
        yield self._said

    @contextmanager
    def answering(self, said: Said) -> Iterator[None]:
        """What is decided inside is what was said at the same place, in the same order."""
        self._asked = {place: iter(answers) for place, answers in said.items()}
        try:
            yield
        finally:
            self._asked = None

    def _place(self, place: int, value: Any) -> Any:
        if isinstance(value, (torch.Tensor, np.ndarray)) and value.ndim:
            return value  # a mask: data
        if self._asked is not None:
            return next(self._asked.get(place, iter(())), value)
        self._said.setdefault(place, []).append(bool(value))
        return value


class _Places(ast.NodeTransformer):
    def __init__(self) -> None:
        self.count = 0

    def visit_While(self, node: ast.While) -> ast.AST:
        """How long a loop goes on is no verdict, and it has to end."""
        node.body = [self.visit(n) for n in node.body]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        return self._taken_over(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        return self._taken_over(node) if isinstance(node.op, ast.Not) else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        func = node.func
        decides = (isinstance(func, ast.Name) and func.id in FUNCTIONS) or (
            isinstance(func, ast.Attribute) and func.attr in METHODS
        )
        return self._taken_over(node) if decides else self.generic_visit(node)

    def _taken_over(self, node: ast.expr) -> ast.AST:
        inner = self.generic_visit(node)
        assert isinstance(inner, ast.expr)
        self.count += 1
        return ast.Call(ast.Name(PLACE, ast.Load()), [ast.Constant(self.count), inner], [])


def _decides(scenario: Any) -> bool:
    """Whether a place that was taken over can be reached from a scenario."""
    seen: set[int] = set()
    queue: list[Any] = [scenario]
    while queue:
        thing = queue.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, FunctionType):
            codes = [thing.__code__]
            for code in codes:
                codes += [c for c in code.co_consts if isinstance(c, CodeType)]
                if PLACE in code.co_names:
                    return True
                queue += [thing.__globals__.get(name) for name in code.co_names]
            queue += [cell.cell_contents for cell in thing.__closure__ or ()]
        elif isinstance(thing, type) and thing.__module__ == "scenarios":
            queue += vars(thing).values()
    return False
