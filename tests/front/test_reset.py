"""Reset, backup, solution, hints: on the files, without a judge."""

import ast

import pytest

from graders.core.registry import UserError
from graders.front.put_back import put_back
from graders.front.workbook import Workbook
from tests.front.small import FILE, FIRST, PROBS, solve

STUB = '''class Value:
    def __init__(self, data):
        raise NotImplementedError("init")

    def __add__(self, other):
        raise NotImplementedError("add")


@decorated
def f(x):
    """Doc."""
    # TODO f
    raise NotImplementedError("f")


def g(x):
    raise NotImplementedError("g")


if __name__ == "__main__":
    g(f(1))
'''
MINE = """# my own notes
class Value:
    def __init__(self, data):
        self.data = data  # kept

    def __add__(self, other):
        return Value(
            self.data + other.data
        )
        # not so sure


def f(x):
    return (
        x
    )
helper = 3  # mine
# %% [markdown]
# kept


def g(x):
    return helper


if __name__ == "__main__":
    g(f(1))
"""


def without(text, *names):
    """The source of everything but some definitions."""
    tree = ast.parse(text)
    return [ast.unparse(n) for n in tree.body if getattr(n, "name", "") not in names]


def test_only_the_one_definition_changes():
    fresh = put_back(MINE, STUB, ("f",))
    before, after = MINE.split("def f(x):"), fresh.split("@decorated\ndef f(x):")
    assert after[0] == before[0]
    assert after[1].startswith(
        '\n    """Doc."""\n    # TODO f\n    raise NotImplementedError("f")\n'
    )
    assert after[1].partition("helper")[2] == before[1].partition("helper")[2]


def test_a_method():
    fresh = put_back(MINE, STUB, ("Value.__add__",))
    assert "self.data = data  # kept" in fresh
    assert "not so sure" not in fresh
    assert without(fresh, "Value") == without(MINE, "Value")
    assert 'NotImplementedError("add")' in fresh
    assert 'NotImplementedError("init")' not in fresh


@pytest.mark.parametrize("target", ["f", "g", "Value.__add__", "Value.__init__", "Value"])
@pytest.mark.parametrize("damage", [("return", "return (("), ("return", "retur n")])
def test_a_syntax_error_inside(target, damage):
    name = target.rpartition(".")[2]
    head, _, tail = MINE.partition(f"{name}(" if name != "Value" else "class Value")
    old = "return" if "init" not in name else "self.data = data"
    broken = head + (f"{name}(" if name != "Value" else "class Value") + tail.replace(
        old, damage[1], 1
    )  # fmt: skip
    with pytest.raises(SyntaxError):
        ast.parse(broken)
    fresh = put_back(broken, STUB, (target,))
    top = target.partition(".")[0]
    assert without(fresh, top) == without(MINE, top)
    assert fresh.startswith("# my own notes\n")
    assert "# %% [markdown]\n# kept\n" in fresh


def test_a_syntax_error_elsewhere_is_said():
    with pytest.raises(SyntaxError):
        put_back(MINE.replace("helper = 3", "helper = ="), STUB, ("f",))


def test_renamed_or_removed():
    fresh = put_back(MINE.replace("def f(x)", "def my_f(x)"), STUB, ("f",))
    assert "def my_f(x)" in fresh
    assert fresh.index("def f(x)") < fresh.index("if __name__")
    fresh = put_back("x = 1", STUB, ("Value.__add__", "g"))
    assert fresh.startswith("x = 1\n")
    names = [getattr(n, "name", "") for n in ast.parse(fresh).body]
    assert names == ["", "g", "Value"] or names == ["", "Value", "g"]


def test_line_ends_and_odd_characters_are_kept():
    mine = MINE.replace("\n", "\r\n").replace("my own notes", "mine \x0c\u2028 é")
    fresh = put_back(mine, STUB, ("g",))
    assert "mine \x0c\u2028 é\r\n" in fresh
    assert "\n" not in fresh.replace("\r\n", "")


def test_reset_keeps_a_backup(small):
    path = small / FILE
    stub = path.read_text()
    solve(path)
    solve(path, FIRST, "    return 1  # mine")
    text = path.read_text()
    book = Workbook()
    book.state.done |= {"05.probs_backward", "05.logprobs_backward"}
    book.state.hints["05.probs_backward"] = 2
    _, backup = book.reset("05.probs_backward")
    assert backup.read_text() == text
    assert path.read_text() == stub.replace(FIRST, "    return 1  # mine")
    assert Workbook().state.done == {"05.logprobs_backward"}
    assert Workbook().state.hints == {}
    _, second = book.reset("05.probs_backward")
    assert second != backup
    path.unlink()
    assert book.reset("05.probs_backward")[1] is None
    assert path.read_text() == stub


def test_reset_of_a_file_that_is_broken_elsewhere(small):
    path = small / FILE
    stub = path.read_text()
    solve(path, FIRST, "    return (")
    broken = path.read_text()
    with pytest.raises(UserError, match=r"line \d+, is not valid Python outside of 05.probs_b"):
        Workbook().reset("05.probs_backward")
    assert path.read_text() == broken
    assert not (small / ".hero" / "backup").exists()
    path.write_bytes(b"\xff\xff")
    with pytest.raises(UserError, match="not valid Python"):
        Workbook().reset("05.probs_backward")
    _, backup = Workbook().reset("05.probs_backward", whole=True)
    assert backup.read_bytes() == b"\xff\xff"
    assert path.read_text() == stub


def test_hints_climb_and_stay_at_the_top(small):
    numbers = [Workbook().next_hint("05.probs_backward")[1:] for _ in range(4)]
    assert numbers == [(1, 3), (2, 3), (3, 3), (3, 3)]


def test_solution_and_diff(small):
    book = Workbook()
    right, diff = book.solution("05.probs_backward")
    assert "return dlogprobs / probs" in right
    assert "BEGIN SOLUTION" not in right
    assert any(line.startswith("-") and "NotImplementedError" in line for line in diff)
    (small / FILE).write_text("def (")
    assert book.solution("05.probs_backward")[0] == right


def test_several_are_not_one(small):
    with pytest.raises(UserError, match=r"names several exercises: say which, 05\.logprobs"):
        Workbook().one("05")
    assert PROBS in (small / FILE).read_text()
