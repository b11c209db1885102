"""A made-up lesson whose exercises lean on one another, and judges for it, one of them strict."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.core.judge import Judge
from graders.core.registry import Registry
from graders.core.report import ExerciseResult
from graders.core.stubs import stub_of
from graders.ground import sandbox
from graders.ground.definitions import definition, replace
from graders.ground.worker import Worker
from tests.core.small import write

CONFINED = all(sandbox.capabilities().values())
SOLUTION = '''\
class Number:
    """A number that can be negated and subtracted."""

    def __init__(self, data):
        self.data = data

    def __neg__(self):
        ### BEGIN SOLUTION
        return Number(self.data * -1.0 + len("THE-SECRET-OF-NEG") * 0)
        ### END SOLUTION

    def __sub__(self, other):
        ### BEGIN SOLUTION
        return Number(self.data + (-other).data)
        ### END SOLUTION


def triple(x):
    ### BEGIN SOLUTION
    secret = "THE-SECRET-OF-TRIPLE"
    return x * len(secret[:3])
    ### END SOLUTION


def more(x):
    ### BEGIN SOLUTION
    return triple(x) + 1
    ### END SOLUTION


def most(x):
    ### BEGIN SOLUTION
    return more(x) + triple(x)
    ### END SOLUTION


class Box:
    def __init__(self, x):
        ### BEGIN SOLUTION
        self.x = triple(x)
        ### END SOLUTION

    def open(self):
        ### BEGIN SOLUTION
        return self.x
        ### END SOLUTION
'''
OPERATOR = """\
from graders.authoring import exercise

ex = exercise("{name}", target="Number.__{name}__")


@ex.cases
def _(rng):
    for _ in range(2):
        yield dict(a=rng.number(), b=rng.number())


@ex.scenario
def _(m, a, b):
    return ({code}).data
"""
FUNCTION = """\
from graders.authoring import exercise

ex = exercise("{name}")


@ex.cases
def _(rng):
    for n in {sizes}:
        yield dict(x=rng.normal(n))


@ex.misconception("You took it four times.", source="def {name}(x): return 4 * x")
def _():
    pass
"""
BOX = """\
from graders.authoring import exercise

ex = exercise("box", target="Box")


@ex.cases
def _(rng):
    yield dict(x=rng.normal(2))


@ex.scenario
def _(m, x):
    return m.Box(x).open()
"""
GRADERS = {
    "neg": OPERATOR.format(name="neg", code="-m.Number(a)"),
    "sub": OPERATOR.format(name="sub", code="m.Number(a) - m.Number(b)"),
    "triple": FUNCTION.format(name="triple", sizes=(1, 2)),
    "more": FUNCTION.format(name="more", sizes=(3, 4)),
    "most": FUNCTION.format(name="most", sizes=(3, 4, 40)),
    "box": BOX,
}
NAMES = list(GRADERS)
Results = dict[str, ExerciseResult]
GradeFile = Callable[..., Results]


def leaning_judge(root: Path, strict: bool) -> Judge:
    """A judge of the lesson, in a checkout of its own."""
    write(root, "96_leaning/1_part", SOLUTION, GRADERS)
    worker = Worker(strict=strict, fresh=strict, best_effort=True)
    return Judge(Registry(root), worker, seed=3)


def file_of(judge: Judge, **bodies: str | None) -> str:
    """The right file but for some exercises: another definition's body, or None for a TODO."""
    ((ref, _),) = judge.registry.select(["96/1"])
    part = judge.registry.load(ref)
    tree, stub = ast.parse(part.bare_source), ast.parse(stub_of(part))
    for name, body in bodies.items():
        (target,) = part.cards[name].targets
        if body is None:
            node = definition(stub, target)
        else:
            node = definition(tree, target)
            node.body = ast.parse(body).body  # type: ignore[union-attr]
        assert node is not None
        replace(tree, target, node)
    return ast.unparse(tree)


def grade_with(judge: Judge, folder: Path, text: str, *names: str) -> Results:
    """Grades a text as the lesson's part."""
    ((ref, every),) = judge.registry.select(["96/1"])
    path = folder / ref.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return {r.name: r for r in judge.grade(ref, list(names) or every, folder)}


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    made = leaning_judge(tmp_path_factory.mktemp("leaning") / "checkout", strict=False)
    yield made
    made.close()


@pytest.fixture(scope="session")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    if not CONFINED:
        pytest.skip("this machine cannot confine a process")
    made = leaning_judge(tmp_path_factory.mktemp("strictly") / "checkout", strict=True)
    yield made
    made.close()
