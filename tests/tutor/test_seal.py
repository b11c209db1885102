"""Over all exercises: no answer of any tool holds a line of a solution."""

from functools import cache

import pytest

from graders.core.stubs import regions, stub_of
from graders.errors import UserError
from graders.front import put_back
from graders.front.state import State
from graders.front.workbook import Workbook
from graders.tutor.answers import Tutor
from graders.tutor.seal import plain
from graders.tutor.tools import BY_NAME


def body(ref, registry):
    """The lines of a part's solutions that tell something, found again without the seal."""
    part = registry.load(ref)
    lines, stub = part.reference.splitlines(), plain(stub_of(part))
    found = [
        plain(line) for first, last in regions(part.reference) for line in lines[first : last - 1]
    ]
    return {line for line in found if len(line) > 20 and line not in stub}


@pytest.fixture(scope="module")
def tutor(tmp_path_factory):
    """A tutor of this workbook whose progress is kept elsewhere, and never written."""
    state = State.load(tmp_path_factory.mktemp("progress"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(State, "load", lambda root: state)
        patch.setattr(State, "save", lambda self: None)
        made = Tutor(Workbook())
        for thing, name in ((made.book.registry, "parts"), (made.book, "one"), (put_back, "parse")):
            patch.setattr(thing, name, cache(getattr(thing, name)))
        yield made


def test_no_line_of_a_solution_is_in_any_answer(tutor):
    registry = tutor.book.registry
    for lesson in registry.lessons:
        refs = registry.parts(lesson)
        secret = {ref: body(ref, registry) for ref in refs}
        every = set().union(*secret.values())
        text = tutor.answer("lesson_text", {"lesson": lesson[:2]})
        text += tutor.answer("progress", {"lesson": lesson[:2]})
        assert [line for line in every if line in plain(text)] == []
        for ref in refs:
            part = f"{ref.number}/{ref.name.partition('_')[0]}"
            said = [tutor.answer("lesson_text", {"lesson": part})]
            for name in registry.exercise_names(ref):
                exercise = {"exercise": f"{ref.number}.{name}"}
                said.append(tutor.answer("task", exercise))
                said += [tutor.answer("next_hint", exercise) for _ in range(3)]
                assert "comes close to the solution" in said[-1]
                assert registry.cards(ref)[name].hints[-1] not in "".join(said)
            flat, given = plain("\n".join(said)), plain(tutor._stub(ref))
            assert [line for line in every if line in flat and line not in given] == []
            assert "solutions/" not in flat and "graders/" not in flat
            for line in sorted(secret[ref])[:3]:  # as a report may hold it
                told = tutor.seal.kept(f"No: write {line}, as\n{line}\nsays.", ref)
                assert line not in plain(told)
                assert "code of the solution" in told
                mine = f"It stopped at\n    {line}"
                assert tutor.seal.kept(mine, ref, own=f"\n  {line}\n") == mine


def test_no_path_leads_anywhere(tutor):
    paths = [
        "solutions/05_backprop/1_loss.py",
        "../solutions",
        "05/1_loss.py",
        "05/../06",
        "05.x/../y",
        "/etc",
    ]
    for tool in BY_NAME.values():
        for key in tool.takes:
            for path in [*paths, "05.\x1b[31m", 5, ["05"], {"a": 1}]:
                with pytest.raises(UserError, match="is not understood here") as caught:
                    tutor.answer(tool.name, {key: path})
                assert "\n" not in str(caught.value)
    with pytest.raises(UserError, match="there is no tool"):
        tutor.answer("solution", {})
    with pytest.raises(UserError, match="takes nothing"):
        tutor.answer("last_report", {"exercise": "05.x"})
