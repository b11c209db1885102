"""The notebooks that are derived: valid, complete, the same each time, and fit to lie anywhere."""

import ast

import pytest

from graders.core.registry import Registry
from graders.notebook.cells import part_cells, part_notebook
from graders.notebook.lesson import learner_notebook, opening_notebook
from tests.notebook.small import REF

nbformat = pytest.importorskip("nbformat")


@pytest.fixture(scope="module")
def registry():
    return Registry()


@pytest.mark.parametrize("kind", ["learner", "source"])
def test_every_part_derives_and_every_exercise_is_complete_somewhere(registry, kind):
    for ref in registry.all_parts():
        part = registry.load(ref)
        nbformat.validate(part_notebook(part, kind))
        made = part_cells(part, kind)
        assert sorted(n for cell in made for n in cell.complete) == sorted(part.cards)
        text = "\n".join(cell.cell.source for cell in made if cell.is_code)
        assert (text.count("### BEGIN SOLUTION") > 0) == (kind == "source")
        todo = [n for n in part.cards if f'NotImplementedError("{part.exercise_id(n)}")' in text]
        assert todo == ([] if kind == "source" else list(part.cards))


def test_the_code_is_that_of_the_source(registry):
    for ref in registry.all_parts():
        part = registry.load(ref)
        text = "\n".join(c.cell.source for c in part_cells(part, "source") if c.is_code)
        mine, theirs = ast.parse(text).body, part.tree.body
        # but for the last statement, which ends a program
        assert [ast.unparse(n) for n in mine[:-1]] == [ast.unparse(n) for n in theirs[:-1]], ref
        last = ast.unparse(mine[-1])
        assert "sys.exit" not in last and "except NotImplementedError" in last
        own_file = any(isinstance(n, ast.Name) and n.id == "__file__" for n in ast.walk(part.tree))
        assert ("program()" in last) == own_file, ref
        assert ("SystemExit" in last) == ("sys.exit" in "".join(map(ast.unparse, theirs[:-1]))), ref


def test_a_learners_notebook_checks_each_exercise_behind_its_last_target(registry):
    for ref in registry.all_parts():
        part = registry.load(ref)
        made = learner_notebook(part)
        nbformat.validate(made)
        sources = [cell.source for cell in made.cells]
        assert len({cell.id for cell in made.cells}) == len(made.cells)
        for name, card in part.cards.items():
            at = sources.index(f'check("{part.exercise_id(name)}")')
            before = "\n".join(sources[:at])
            for target in card.targets:
                assert target.split(".")[-1] in before, (ref, target)


def test_nbgrader_clears_the_solutions(registry):
    clear = pytest.importorskip("nbgrader.preprocessors").ClearSolutions()
    part = registry.load(REF)
    made = part_notebook(part, "source")
    for cell in made.cells:
        if "### BEGIN SOLUTION" in cell.source:
            cell.metadata.nbgrader = {
                "grade": False, "solution": True, "locked": False, "task": False,
                "schema_version": 3, "grade_id": cell.id,
            }  # fmt: skip
    cleared, _ = clear.preprocess(made, {})
    text = "\n".join(cell.source for cell in cleared.cells)
    assert "SOLUTION" not in text and "# YOUR CODE HERE" in text


def test_deriving_twice_gives_the_same(registry):
    first = nbformat.writes(learner_notebook(registry.load(REF)))
    assert nbformat.writes(learner_notebook(Registry().load(REF))) == first


def test_pictures_lie_in_the_opening_page(registry):
    for lesson in registry.lessons:
        made = opening_notebook(registry, lesson)
        nbformat.validate(made)
        (cell,) = made.cells
        assert "](pictures/" not in cell.source
        for name in cell.get("attachments", {}):
            assert f"](attachment:{name})" in cell.source and not name.endswith(".svg")
        assert cell.get("attachments"), lesson
