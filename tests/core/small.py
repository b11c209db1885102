"""A small made-up lesson in a checkout of its own, and a judge for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graders.core.judge import Judge
from graders.core.registry import Registry
from graders.core.report import ExerciseResult
from graders.core.stubs import stub_of

SOLUTION = '''\
# %% [markdown]
# # A lesson

# %%
import torch


# %%
def scale(x):
    """Three times x."""
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION


# %%
def centre(x):
    """x minus the mean of its rows."""
    ### BEGIN SOLUTION
    return x - x.mean(0)
    ### END SOLUTION


# %%
def both(x):
    """Three times the centred x."""
    ### BEGIN SOLUTION
    return scale(centre(x))
    ### END SOLUTION


# %%
class Counter:
    """Counts."""

    def __init__(self):
        ### BEGIN SOLUTION
        self.n = 0
        ### END SOLUTION

    def add(self, k):
        ### BEGIN SOLUTION
        self.n += k
        return self.n
        ### END SOLUTION

    def add_all(self, ks):
        ### BEGIN SOLUTION
        for k in ks:
            self.add(k)
        return self.n
        ### END SOLUTION


# %%
def product(a, b):
    ### BEGIN SOLUTION
    return a @ b
    ### END SOLUTION


# %%
def doubled(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
'''

GRADERS = {
    "scale": """\
from graders.authoring import exercise

scale = exercise("scale", points=2)
scale.hint("HINT-ONE: three.")


@scale.cases
def _(rng):
    yield dict(x=rng.normal(2, 3))
""",
    "centre": """\
from graders.authoring import exercise

centre = exercise("centre")
centre.hint("HINT-TWO: the mean.")


@centre.cases
def _(rng):
    for n in (1, 4, 7):
        yield dict(x=rng.normal(n, 3))


@centre.misconception("You subtracted the sum, not the mean.")
def _(x):
    return x - x.sum(0)


@centre.misconception("You took the mean over the columns.", replace="mean(0)",
                      by="mean(1, keepdim=True)")
def _():
    pass
""",
    "both": """\
from graders.authoring import exercise

both = exercise("both")


@both.cases
def _(rng):
    yield dict(x=rng.normal(5, 2))
""",
    "counter_init": """\
from graders.authoring import exercise

init = exercise("counter_init", target="Counter.__init__")


@init.scenario
def _(m):
    return m.Counter().n
""",
    "counter_add": """\
from graders.authoring import exercise

add = exercise("counter_add", target="Counter.add")


@add.cases
def _(rng):
    yield dict(ks=[1, 2])


@add.scenario
def _(m, ks):
    counter = m.Counter()
    return [counter.add(k) for k in ks]
""",
    "counter_all": """\
from graders.authoring import exercise

total = exercise("counter_all", target="Counter.add_all")


@total.cases
def _(rng):
    yield dict(ks=[rng.integer(0, 9) for _ in range(5)])


@total.scenario
def _(m, ks):
    return m.Counter().add_all(ks)


@total.check("twice")
def _(m, ks):
    counter = m.Counter()
    return [counter.add_all(ks), counter.add_all(ks)]
""",
    "product": """\
from graders.authoring import exercise

product = exercise("product")


@product.cases
def _(rng):
    yield dict(a=rng.normal(3, 4), b=rng.normal(4, 2))
    yield dict(a=rng.normal(1, 2), b=rng.normal(2, 5))
""",
    "doubled": """\
from graders.authoring import exercise

doubled = exercise("doubled", stretch=True)


@doubled.cases
def _(rng):
    yield dict(x=rng.normal(3))


@doubled.check("on a GPU", gpu=True)
def _(m, x):
    return m.doubled(x.cuda()).cpu()
""",
}

MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")
RIGHT = "".join(line for line in SOLUTION.splitlines(keepends=True) if line.strip() not in MARKERS)


def wrong(*edits: tuple[str, str]) -> str:
    """The right file with a few things changed."""
    text = RIGHT
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


Grade = Callable[..., dict[str, ExerciseResult]]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("core") / "checkout"
    write(root, "97_made_up/1_part", SOLUTION, GRADERS)
    write(root, "97_made_up/2_more", function("more"), {"more": grader("more")})
    write(root, "98_other/1_part", "def other():\n    return 1\n", {"other": grader("other")})
    (root / "graders" / "core").mkdir()
    return root


def write(root: Path, part: str, solution: str, graders: dict[str, str]) -> None:
    """Writes one part into a checkout."""
    (root / "graders" / part).mkdir(parents=True)
    for name, text in graders.items():
        (root / "graders" / part / f"{name}.py").write_text(text)
    path = root / "solutions" / f"{part}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(solution)


def grader(name: str) -> str:
    """A grader file that asks nothing."""
    return f"from graders.authoring import exercise\n\nex = exercise('{name}')\n"


def function(name: str) -> str:
    """A solution that returns 1."""
    return f"def {name}():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"


@pytest.fixture(scope="session")
def judge(checkout: Path) -> Iterator[Judge]:
    made = Judge(Registry(checkout), seed=5)
    yield made
    made.close()


@pytest.fixture
def grade(judge: Judge, tmp_path: Path) -> Grade:
    """Grades a source text (None: no file) of the lesson's first part; results by name."""

    def run(source: str | bytes | None, *names: str) -> dict[str, ExerciseResult]:
        ((ref, every),) = judge.registry.select(["97/1"])
        path = tmp_path / ref.file
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(source, bytes):
            path.write_bytes(source)
        elif source is not None:
            path.write_text(source)
        results = judge.grade(ref, list(names) or every, tmp_path)
        return {result.name: result for result in results}

    return run


@pytest.fixture
def stub(judge: Judge) -> str:
    ((ref, _),) = judge.registry.select(["97/1"])
    return stub_of(judge.registry.load(ref))


def statuses(results: dict[str, ExerciseResult]) -> dict[str, str]:
    return {name: result.status for name, result in results.items()}
