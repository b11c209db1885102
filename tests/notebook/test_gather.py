"""What a kernel defines now, told from the source of its cells in whatever order they ran."""

import ast

import pytest

from graders.core.registry import Registry
from graders.core.report import CheckResult, ExerciseResult
from graders.core.stubs import stub_of
from graders.notebook.cells import part_cells
from graders.notebook.gather import RunCell, gather
from graders.notebook.statements import statements
from graders.notebook.told import told

STUB = """\
import math

N = 3


def f(x):
    raise NotImplementedError("01.f")


def g(x):
    return f(x) + N


if __name__ == "__main__":
    print(g(1))
"""


def gathered(*sources, there=None, **lines):
    """The file as a namespace, and as text."""
    cells = [
        RunCell(i, source, lines.get(f"upto{i}", 10**9)) for i, source in enumerate(sources, 1)
    ]
    made = gather(cells, there, STUB)
    space = {"__name__": "part"}
    exec(compile(made.text, "file", "exec"), space)
    return space, made


def test_what_never_ran_is_the_stub():
    space, made = gathered()
    with pytest.raises(NotImplementedError, match=r"01\.f"):
        space["g"](1)
    assert made.place(1) == "given code, line 1"


def test_the_last_definition_counts_whatever_the_order_of_the_cells():
    space, _ = gathered("def g(x):\n    return f(x) * N", "def f(x):\n    return 1", "N = 10")
    assert space["g"](0) == 10
    space, _ = gathered("def f(x):\n    return 1", "def f(x):\n    return 2")
    assert space["f"](0) == 2


def test_helpers_and_constants_of_ones_own_come_along():
    space, made = gathered(
        "TABLE = [start() for _ in range(2)]\nTABLE[0] = 7",
        "def f(x):\n    return helper(x) + TABLE[0]",
        "def helper(x):\n    return x * K",
        "def start():\n    return K",
        "K = 4\nK += 1",
    )
    assert space["f"](1) == 5 + 7
    assert space["TABLE"] == [7, 5]
    line = made.text.split("\n").index("def helper(x):") + 1
    assert made.place(line) == "cell [3], line 1"


def test_what_was_tried_out_in_passing_is_not_run():
    _, made = gathered(
        "x = 1 / 0",
        "def f(x):\n    loss = x\n    return loss",
        "loss = explode()\nfor i in x: f(i)",
    )
    assert "1 / 0" not in made.text and "explode" not in made.text


def test_a_method_that_is_put_in_later_counts_and_is_put_in_behind_its_class():
    space, _ = gathered(
        "class f:\n    def __init__(self, x):\n        self.x = x",
        "def double(self):\n    return 2 * self.x\nf.double = double",
    )
    assert space["f"](2).double() == 4
    space, _ = gathered(
        "class f:\n    pass\nf.double = lambda self: 1", "class f:\n    pass"
    )  # the class anew: without it
    assert not hasattr(space["f"], "double")


def test_of_a_cell_that_failed_only_what_ran_before_counts():
    space, _ = gathered(
        "def f(x):\n    return 1",
        "N = 5\n1 / 0\ndef f(x):\n    return 2",
        upto2=1,
    )
    assert space["f"](0) == 1 and space["N"] == 5


def test_what_was_deleted_is_a_todo_again():
    for gone in ({"there": ["N"]}, {}):
        sources = ["def f(x):\n    return 1"] + ([] if gone else ["del f"])
        space, _ = gathered(*sources, **gone)
        with pytest.raises(NotImplementedError):
            space["f"](0)


def test_statements_that_share_a_line_are_told_apart():
    space, made = gathered("N = 5; y = 1 / 0", "def f(x): return N")
    assert space["f"](0) == 5 and "1 / 0" not in made.text


def test_what_is_no_python_defines_nothing():
    space, _ = gathered(
        "def f(x):\n    return 1", "def f(x) return 2", "\0", "(" * 5000, "N = await f(1)"
    )
    assert space["f"](0) == 1


def test_a_part_comes_back_whole_from_its_cells_backwards():
    registry = Registry()
    for ref in registry.all_parts():
        part = registry.load(ref)
        code = [made.cell.source for made in part_cells(part, "source") if made.is_code]
        cells = [RunCell(i, source) for i, source in enumerate(reversed(code), 1)]
        names = {n for source in code for s in statements(source) for n in s.binds}
        text = gather(cells, names, stub_of(part)).text
        want = {ast.unparse(n) for n in part.bare_tree.body if "__main__" not in ast.unparse(n)}
        assert {ast.unparse(n) for n in ast.parse(text).body} == want, ref


def test_what_is_of_the_future_stands_first_and_holds_for_all():
    space, made = gathered(
        "from math import *",
        "from __future__ import annotations",
        "def f(x: Unheard) -> annotations:\n    return sqrt(x)",
        "annotations = 5\ndef g(x):\n    return f(x) + annotations",
    )
    assert made.text.startswith("from __future__ import annotations")
    assert space["g"](4) == 7


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        (["DOTS = []\nDOTS.append('.')", "def f(x):\n    return DOTS[0]"], "."),
        (["T = []\nfor i in range(3): T.append(i)", "def f(x):\n    return T"], [0, 1, 2]),
        (["T = {}\ndef fill(t): t[1] = 2", "fill(T)", "def f(x):\n    return T"], {1: 2}),
        (["T = {}\ndef fill(): T.update(a=1)", "fill()", "def f(x):\n    return T"], {"a": 1}),
        (["T = [3, 4]", "last = T.pop()\ndel T[0]", "def f(x):\n    return T"], []),
        (["W = ['b', 'a']", "W = W[:1] + ['c']\nW += ['d']", "def f(x):\n    return W"], ["b", "c", "d"]),
        (["N = 0\nfor i in range(4): N += i", "def f(x):\n    return N"], 6),
        (
            ["T = {}\ndef keep(f):\n    T[f.__name__] = f\n    return f", "@keep\ndef one(): return 1"]
            + ["def f(x):\n    return T['one']()"],
            1,
        ),
        (["class f:\n    def __init__(self, x): pass", "class f(f):\n    def __eq__(self, x): return 1"], 5),
        (["def f(x):\n    return f.y", "setattr(f, 'y', 2)"], 2),
        (["D = []\nd = D\nd.append('.')", "def f(x):\n    return D[0]"], "."),
        (["class C: pass\nc = C()\nc.d = []\nx = c.d\nx += ['.']", "def f(x):\n    return c.d"], ["."]),
        (["A, B = [], []\nfor t in (A, B): t.append(1)", "def f(x):\n    return A + B"], [1, 1]),
        (["T = {}\ndef a(): T[1] = 2\ndef setup():\n    a()", "setup()", "def f(x): return T"], {1: 2}),
        (
            ["D = []\nclass Setup:\n    def __init__(self): D.append(1)\nSetup()"]
            + ["class On:\n    def go(self): D.append(2)", "on = On()\nn = on.go()", "def f(x): return D"],
            [1, 2],
        ),
        (["D = []\ndef fill(t):\n    t.append(1)\n    return 1\nn = fill(D)", "def f(x): return D"], [1]),
        (["D = []\ndef fill():\n    D.append(1)\n    return 1\nn = fill()", "def f(x): return D"], [1]),
        (["D = []\ndef fill(): return D.append(1)\nassert not fill()", "def f(x): return D"], [1]),
        (["D = []\n(lambda: D.append(1))()\nif [D.append(2)]: pass", "def f(x): return D"], [1, 2]),
        (["globals()['D'] = [1]\nglobals().update(E=[2])", "def f(x): return D + E"], [1, 2]),
        (["K = [1]\nexec('D = K')\nexec('E = ' + '[2]')", "def f(x): return D + E"], [1, 2]),
        (["def make():\n    global D\n    D = [1]\nmake()", "def f(x): return D"], [1]),
        (["if __name__ == '__main__':\n    D = [\n    1]\n    D.append(2)", "def f(x): return D"], [1, 2]),
        (["if __name__ == '__main__': D = [1]", "def f(x): return D"], [1]),
        (["D = []\ndef n(): return len(D)\nD.append(1)\nA = n()", "def f(x): return A, D"], (1, [1])),
        (
            ["D = [1]\nclass Sum:\n    def of(self): return sum(D)\ns = Sum()\nD += [2]\nA = s.of()"]
            + ["def f(x): return A, D"],
            (3, [1, 2]),
        ),
    ],
)  # fmt: skip
def test_what_is_put_into_a_name_that_is_needed_comes_along(cells, answer):
    space, _ = gathered(*cells)
    assert space["f"](0) == answer


def test_what_nobody_looks_into_is_not_filled_by_a_training():
    """An accumulator is only put into; print and plots change nothing; a module is no object to fill."""
    _, made = gathered(
        "import torch\nimport matplotlib.pyplot as plt\nlosses = []\nseen = [1]",
        "def f(x):\n    losses.append(x)\n    return seen[0] + torch.ones(1)",
        "def train():\n    torch.manual_seed(1)\n    while True: f(1)",
        "while True: losses.append(f(1))",
        "train()\nprint(seen)\nplt.plot(seen)\ntorch.manual_seed(2)\nf(2)",
    )
    assert "while True: losses" not in made.text and "train" not in made.text
    assert "seen)" not in made.text and "manual_seed" not in made.text
    assert made.left == []


def test_a_training_is_not_run_for_what_it_only_reads():
    """Of one's own functions it is seen what they change: nothing, or a model that no solution reads."""
    _, made = gathered(
        "words = ['a']\nmodel = [0]\ndef f(x):\n    return words[0]",
        "def train(words, model):\n    batch = list(words)\n    batch.pop()\n    model[0] += 1",
        "loss = train(words, model)\nassert f(0) == 'b'\nfor w in words: loss = train([w], model)",
    )
    assert "train" not in made.text and "assert" not in made.text and made.left == []


def test_what_was_left_out_and_may_matter_is_told():
    _, made = gathered(
        "import torch\nclass Table: pass\nTable.load('x')\ntorch.set_default_dtype(torch.float64)",
        "K = await later()\ndef f(x):\n    return Table.rows + K",
        "def g(x):\n    return 1",
    )
    assert [(left.cell, left.line) for left in made.left] == [(1, 3), (1, 4), (2, 1)]
    checks = [CheckResult("values", "error", "AttributeError: rows")]
    result = ExerciseResult("01.f", "f", "f", "01", "1", "", 1, 1, checks)
    assert told(result, made, ["f"])[1:] == [
        "  (Not run for this check: cell [1], line 3:  Table.load('x'))",
        "  (Not run for this check: cell [2], line 1:  K = await later())",
    ]
    assert len(told(result, made, ["g"])) == 1


def test_a_definition_that_a_cell_deletes_is_no_todo():
    todo = [CheckResult("values", "todo", "still a TODO")]
    result = ExerciseResult("01.f", "f", "f", "01", "1", "", 1, 1, todo)
    mine, deleting = "def f(x):\n    return 1", "print(f(1))\ndel f"
    _, made = gathered(mine, deleting)
    assert told(result, made, ["f"]) == [
        "01.f: it is not there any more: cell [2], line 2, deletes it.",
        "  del f",
    ]
    for cells in ((mine, deleting, mine), (mine, "f.x = 1\ndel f.x")):
        _, made = gathered(*cells)
        assert told(result, made, ["f"]) == ["01.f: still a TODO"]
