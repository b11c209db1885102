"""A definition is what the file defines at its end, wherever that stands."""

from __future__ import annotations

import ast
import types

import pytest

from graders.ground.definitions import definition, is_stored_to, replace, stored

STUB = 'def f(x):\n    raise NotImplementedError("99.f")\n\n\n'
LATER = {
    "if": "if True:\n    def f(x):\n        return x\n",
    "else": "if len('') > 1:\n    import math\nelse:\n    def f(x):\n        return x\n",
    "try": "try:\n    from torch import f\nexcept ImportError:\n    def f(x):\n        return x\n",
    "annotated": "f: object = lambda x: x\n",
    "tuple": "g, (f, h) = 1, (lambda x: x, 2)\n",
    "import": "from operator import pos as f\n",
}
NEVER = {
    "program": 'if __name__ == "__main__":\n    f = None\n',
    "switched off": "if False:\n    f = None\n",
    "declared only": "f: object\n",
    "attribute": "import types\nf2 = types.SimpleNamespace()\nf2.f = 1\n",
}


@pytest.mark.parametrize("name", LATER)
def test_what_stands_below_counts(name: str) -> None:
    node = definition(ast.parse(STUB + LATER[name]), "f")
    assert node is not None and node.lineno > 4


@pytest.mark.parametrize("name", NEVER)
def test_what_defines_nothing_does_not(name: str) -> None:
    node = definition(ast.parse(STUB + NEVER[name]), "f")
    assert node is not None and node.lineno == 1


@pytest.mark.parametrize("name", LATER)
def test_a_stand_in_has_the_last_word_and_removes_nothing_else(name: str) -> None:
    tree = ast.parse(STUB + "h = g = 0\n" + LATER[name])
    replace(tree, "f", ast.parse("def f(x):\n    return 'stand-in'").body[0])
    module = types.ModuleType("m")
    exec(compile(ast.fix_missing_locations(tree), "m", "exec"), module.__dict__)
    assert module.f(1) == "stand-in"
    assert (module.h, module.g) == ((2, 1) if name == "tuple" else (0, 0))


def test_a_method_of_a_class_below_an_if() -> None:
    tree = ast.parse("if True:\n    class A:\n        def m(self):\n            return 1\n")
    replace(tree, "A.m", ast.parse("def m(self):\n    return 2").body[0])
    assert "return 2" in ast.unparse(tree) and "return 1" not in ast.unparse(tree)


def test_a_long_row_of_elifs_is_no_abyss() -> None:
    row = "if x == 0:\n    pass\n" + "".join(f"elif x == {i}:\n    pass\n" for i in range(400))
    assert definition(ast.parse(STUB + row), "f") is not None


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("Value.tanh = f", True),
        ("a.b.tanh, x = 1, 2", True),
        ("for name in 'ab':\n    setattr(Value, name, f)", True),
        ("def put():\n    Value.tanh = f\nput()", True),
        ("def put():\n    Value.tanh = f", False),
        ("@patch\ndef tanh(self): pass", True),
        ("globals()['Value'] = 1", True),
        ("from mine import *", True),
        ("if __name__ == '__main__':\n    Value.tanh = f", False),
        ("def g():\n    tanh = 1\n    return vars(tanh)\ntanh(g)", False),
    ],
)
def test_what_a_file_may_store_to(text: str, yes: bool) -> None:
    assert is_stored_to(stored(ast.parse(text)), "Value.tanh") is yes
