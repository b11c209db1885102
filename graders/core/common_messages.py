"""What common messages of Python and torch mean, in a sentence or two below the message itself.

A sentence is true wherever its message appears: it says what Python or torch met, and which acts lead there,
never what an exercise wants. What stands in a message may be named (``{1}`` is the pattern's first group).
"""

from __future__ import annotations

import re

from graders.core.torch_messages import COUNTED, TORCH

NONE_FROM = (
    "A function that ends without `return` gives None, and so do methods that change their object in "
    "place (list.append, list.sort, dict.update); a .grad is None before a backward() has come to it."
)

# (exception, or "one|another"; pattern of its message; what to say); the first that fits is told
PYTHON: list[tuple[str, str, str]] = [
    ("IndexError", r"(?:list|tuple|string) (?:assignment )?index out of range", COUNTED),
    ("IndexError", r"pop from empty list", "The list had nothing left to take."),
    (
        "FileNotFoundError",
        r".*No such file or directory.*",
        "Checks run in a folder of their own: what lies beside your file is not there.",
    ),
    # None, and what is no function
    (
        "TypeError",
        r"'NoneType' object is not callable",
        "What stands before the parentheses is None. `g = f()` keeps what f returned, `g = f` keeps the "
        "function itself. " + NONE_FROM,
    ),
    (
        "TypeError",
        r"'(int|float|bool|str|list|tuple|dict|set|Tensor|Value)' object is not callable",
        "What stands before the parentheses is no function: is an operator missing in between, or was a "
        "name given to a value that a function had?",
    ),
    (
        "TypeError",
        r"'NoneType' object is not (?:iterable|subscriptable)|"
        r"cannot unpack non-iterable NoneType|'NoneType' object does not support item|"
        r"(?:unsupported operand|not supported between).*'NoneType'|"
        r"object of type 'NoneType' has no len|must be an iterable, not NoneType",
        "Something here is None. " + NONE_FROM,
    ),
    (
        "AttributeError",
        r"'NoneType' object has no attribute '(\w+)'",
        "What stands before .{1} is None. " + NONE_FROM,
    ),
    (
        "AttributeError",
        r"^'(int|float|bool|str|list|tuple|dict|set)' object has no attribute '(\w+)'",
        "What stands before .{2} is a plain {1}.",
    ),
    (
        "TypeError",
        r"'(?:function|method|builtin_function_or_method)' object is not (?:iterable|subscriptable)|"
        r"(?:unsupported operand|not supported between).*"
        r"'(?:function|method|builtin_function_or_method)'",
        "Something here is a function that was not called: are its parentheses missing?",
    ),
    (
        "TypeError",
        r"'generator' object is not subscriptable",
        "A generator gives its items once, in order. list(...) keeps them.",
    ),
    # operators on objects
    (
        "TypeError",
        r"'(<|>|<=|>=)' not supported between instances of '(\w+)' and '(\w+)'",
        "{compare}",
    ),
    (
        "TypeError",
        r"unsupported operand type\(s\) for (\S+?)=?(?: or pow\(\))?: '(\w+)' and '(\w+)'",
        "{operate}",
    ),
    (
        "TypeError",
        r"bad operand type for unary (\S): '(\w+)'",
        "Python asks the object itself: {2} would need a method for it, __neg__ for a minus.",
    ),
    (
        "TypeError",
        r"can't multiply sequence by non-int of type '(\w+)'",
        "`*` repeats a list or a text, an int's number of times. It does not multiply the elements.",
    ),
    # calls
    (
        "TypeError",
        r"(\w+)\(\) got an unexpected keyword argument '(\w+)'",
        "It was called as {1}(..., {2}=...), and its definition has no parameter called {2}.",
    ),
    (
        "TypeError",
        r"(\w+)\.\w+\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given",
        "{counted}",
    ),
    (
        "TypeError",
        r"\w+\.\w+\(\) missing \d+ required positional arguments?: 'self'",
        "The method was called on the class; it wants an object of it: Thing().method().",
    ),
    (
        "AttributeError",
        r"cannot assign \w+ before Module\.__init__\(\) call",
        "The __init__ of an nn.Module begins with super().__init__(); parameters and layers come after it.",
    ),
    (
        "NotImplementedError",
        r"is missing the required \"forward\" function",
        "Calling a module calls its forward: a method of that name, indented under the class.",
    ),
    (
        "UnboundLocalError",
        r"cannot access local variable '(\w+)'|local variable '(\w+)' referenced before",
        "A name that is assigned anywhere in a function is the function's own everywhere in it. Here it is "
        "read before a line that assigns it has run.",
    ),
    (
        "ValueError",
        r"zip\(\) argument \d+ is (?:longer|shorter)",
        "zip(..., strict=True) wants all of one length; these are not.",
    ),
    # numbers, texts, collections
    (
        "TypeError",
        r"'float' object cannot be interpreted as an integer|"
        r"(?:slice|list|tuple|string) indices must be integers",
        "A whole number is needed here. `/` gives a float even where nothing is left over; `//` an int.",
    ),
    (
        "TypeError",
        r"'int' object is not iterable|must be an iterable, not int",
        "A number is nothing to loop over. range(n) counts from 0 to n - 1.",
    ),
    (
        "ValueError",
        r"math domain error|expected a (?:positive|nonnegative) input",
        "The function has no value there: log wants a number above 0, sqrt none below.",
    ),
    (
        "OverflowError",
        r"math range error|Numerical result out of range",
        "The result is too large for a float, which ends at about 1.8e308: exp does so above 709.",
    ),
    (
        "RuntimeError",
        r"(dictionary|Set|deque|OrderedDict) (?:changed size|mutated|keys changed) during iteration",
        "What is looped over must not grow or shrink meanwhile: loop over list(...) of it.",
    ),
    (
        "TypeError",
        r"unhashable type: '(\w+)'",
        "A key of a dict or a member of a set can be looked up only if it never changes. A tuple can be one "
        "where a list cannot.",
    ),
    (
        "ValueError",
        r"(?:not enough|too many) values to unpack",
        "`a, b = x` wants exactly as many things in x as there are names on the left.",
    ),
    (
        "UnicodeDecodeError",
        r"'utf-8' codec can't decode",
        "These bytes are not whole characters: one character may take up to 4 bytes, and here one is cut or "
        'wrong. decode("utf-8", errors="replace") puts a sign in such a place.',
    ),
    (
        "TypeError",
        r"can only concatenate (str|list|tuple) \(not \"(\w+)\"\) to",
        "`+` joins a {1} with another {1}; this one is of type {2}.",
    ),
]
PATTERNS = [*TORCH, *PYTHON]


BUILTINS = {
    "int", "float", "complex", "bool", "str", "bytes", "list", "tuple", "dict", "set", "frozenset", "range",
    "type", "object",
}  # fmt: skip
ARRAYS = ("Tensor", "Parameter", "ndarray")  # nobody adds a method to these
METHODS = {
    "<": "lt", ">": "gt", "<=": "le", ">=": "ge", "+": "add", "-": "sub", "*": "mul", "/": "truediv",
    "//": "floordiv", "%": "mod", "@": "matmul", "**": "pow", "&": "and", "|": "or", "^": "xor",
}  # fmt: skip


def explained(kind: str, message: str) -> str:
    """What a message means, in a sentence or two; "" if it is not a common one.

    Args:
        kind: the exception's name.
        message: its text.
    """
    for exception, pattern, words in PATTERNS:
        found = re.search(pattern, message[:500]) if kind in exception.split("|") else None
        if found is None:
            continue
        if words in SPECIAL:
            return SPECIAL[words](found)
        return words.format(found[0], *found.groups())
    return ""


def _compare(found: re.Match[str]) -> str:
    sign, left, right = found.groups()
    if left in BUILTINS and right in BUILTINS:
        return f"Python knows no order between {left} and {right}: bring both to one kind."
    if left in BUILTINS:
        return _answers(METHODS[{"<": ">", ">": "<", "<=": ">=", ">=": "<="}[sign]], right, sign)
    return "" if left in ARRAYS else _answers(METHODS[sign], left, sign)


def _operate(found: re.Match[str]) -> str:
    sign, left, right = found.groups()
    method = METHODS.get(sign)
    if method is None or {left, right} <= BUILTINS or left in ARRAYS:
        return ""
    if left in BUILTINS:  # the left one knows nothing of the right one, which is asked next
        return _answers(f"r{method}", right, sign)
    return _answers(method, left, sign)


def _answers(method: str, name: str, sign: str) -> str:
    return (
        f"Python asks {name}.__{method}__ for this `{sign}`, and it is missing or does not take the other "
        "side. Write it, or use the number inside the object."
    )


def _counted(found: re.Match[str]) -> str:
    takes, given = int(found[2]), int(found[3])
    if given != takes + 1:
        return ""
    return (
        "Called on an object, a method gets the object itself as its first argument, and it is counted: the "
        "first parameter is `self`."
    )


SPECIAL = {"{compare}": _compare, "{operate}": _operate, "{counted}": _counted}
