"""What common messages of Python and torch mean, in a sentence or two below the message itself.

A sentence is true wherever its message appears: it says what Python or torch met, and which acts lead there,
never what an exercise wants. What stands in a message may be named (``{1}`` is the pattern's first group).
"""

from __future__ import annotations

import re

NONE_FROM = (
    "A function that ends without `return` gives None, and so do methods that change their object in "
    "place (list.append, list.sort, dict.update)."
)
COUNTED = "Indices count from 0: of n items the last is n - 1."
LINED_UP = (
    "Sizes are lined up from the right; two of them fit if they are equal or one of them is 1."
)
TARGETS = "Class numbers and indices are integers: int64, which torch calls Long."
ONE_DTYPE = (
    "torch does not mix dtypes here: bring both sides to one, with x.float() or x.to(other.dtype)."
)

# (exception, pattern of its message, what to say); the first that fits is told
PATTERNS: list[tuple[str, str, str]] = [
    # autograd
    (
        "RuntimeError",
        r"element \d+ of tensors does not require grad",
        "backward() found no graph behind this tensor. Either nothing that it is computed from requires a "
        "gradient, or the way back is cut: by torch.no_grad(), detach(), item(), .data, or a tensor made "
        "anew with torch.tensor(...).",
    ),
    (
        "RuntimeError",
        r"Trying to backward through the graph a second time",
        "A backward() frees the graph it went through. Compute the loss anew before each backward(), and "
        "detach what one step keeps for the next.",
    ),
    (
        "RuntimeError",
        r"grad can be implicitly created only for scalar outputs",
        "backward() starts at a single number. Make one first, with mean() or sum().",
    ),
    (
        "RuntimeError",
        r"a (?:view of a )?leaf Variable that requires grad is being used in an in-place",
        "A tensor that requires a gradient was changed in place (+=, x[i] = ..., a method that ends in _) "
        "while autograd was recording. An update of parameters belongs inside `with torch.no_grad():`.",
    ),
    (
        "RuntimeError",
        r"one of the variables needed for gradient computation has been modified by an inplace",
        "backward() needs a value of the forward pass, and that was changed in place since (+=, "
        "x[i] = ..., a method that ends in _). Write into a new tensor instead.",
    ),
    (
        "RuntimeError",
        r"[Oo]nly Tensors of floating point and complex dtype can require gradients",
        "Integers have no gradient: start from floats (1.0 instead of 1, or x.float()).",
    ),
    # dtypes
    (
        "RuntimeError",
        r"expected scalar type (?:Long|Int)\b|one of the following scalar types: Long, Int|"
        r"target dtype to be Long|[Ee]xpected dtype int64 for index|only applicable to index tensor|"
        r"\"nll_loss\w*\" not implemented for '(?:Float|Double)'",
        "{0}",
    ),
    (
        "RuntimeError",
        r"expected scalar type \w+ but found \w+|must have the same dtype|to have the same dtype, but got|"
        r"Input type \(.*\) and bias type|Found dtype \w+ but expected",
        ONE_DTYPE,
    ),
    (
        "RuntimeError",
        r"result type (\w+) can't be cast to the desired output type (\w+)",
        "An act in place keeps the tensor's dtype, {2}, and a {1} does not go into it. Make the tensor of "
        "that dtype in the first place, or a new one.",
    ),
    (
        "RuntimeError",
        r"could not infer output dtype.*Got: (\w+)",
        "The mean or the like of integers is no integer: write x.float() before it.",
    ),
    (
        "IndexError",
        r"tensors used as indices must be",
        "An index is a tensor of integers (int64) or of bools: x.long() makes one of floats.",
    ),
    # shapes
    (
        "RuntimeError",
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        "In A @ B, A has as many columns as B has rows. Here they are {2} and {3}.",
    ),
    (
        "RuntimeError",
        r"Expected size for first two dimensions of batch2 tensor to be: \[(\d+), (\d+)\]",
        "In A @ B with a batch, both have the same batch, and A as many columns as B has rows. Here B should "
        "be of shape ({1}, {2}, ...).",
    ),
    (
        "RuntimeError",
        r"size mismatch, got input \((\d+)\), mat \((\d+)x(\d+)\), vec \((\d+)\)",
        "In A @ b, A has as many columns as b has elements. Here they are {3} and {4}.",
    ),
    (
        "RuntimeError",
        r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]",
        "a @ b of two vectors wants both of one length. Here their lengths are {1} and {2}.",
    ),
    (
        "RuntimeError",
        r"The size of tensor a \(\d+\) must match the size of tensor b \(\d+\)",
        "Two tensors were combined element by element. " + LINED_UP,
    ),
    (
        "RuntimeError",
        r"The expanded size of the tensor|doesn't match the broadcast shape|"
        r"cannot be broadcast to indexing result",
        "What is written does not fit into the place where it goes. " + LINED_UP,
    ),
    (
        "RuntimeError",
        r"shape '\[.*\]' is invalid for input of size (\d+)",
        "view and reshape keep every element: the new sizes, multiplied, must give {1}.",
    ),
    (
        "RuntimeError",
        r"view size is not compatible with input tensor's size and stride",
        "view only reads memory in another way, and here the elements do not lie in order (a transpose or a "
        "slice came before). reshape copies them where it must.",
    ),
    (
        "ValueError",
        r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)",
        "A loss like cross_entropy wants one row of logits for each target. Here are {1} rows and {2} "
        "targets: flatten both alike.",
    ),
    (
        "RuntimeError",
        r"Expected floating point type for target with class probabilities",
        "A target of the logits' own shape is taken for probabilities. Numbers of classes have one "
        "dimension less: one number for each row of logits.",
    ),
    (
        "RuntimeError",
        r"stack expects each tensor to be equal size",
        "torch.stack puts tensors of one shape side by side; torch.cat joins some of different length.",
    ),
    (
        "RuntimeError",
        r"Sizes of tensors must match except in dimension (\d+)",
        "torch.cat joins along one dimension, here dimension {1}; all the other sizes must be equal.",
    ),
    (
        "ValueError",
        r"expected sequence of length \d+ at dim \d+ \(got \d+\)",
        "A tensor is a box: all rows have the same length. These lists have not.",
    ),
    (
        "IndexError",
        r"Dimension out of range \(expected to be in range of \[(-?\d+), (-?\d+)\], but got (-?\d+)\)",
        "The tensor has fewer dimensions than that: {1} to {2} can be named here, and {3} was.",
    ),
    (
        "IndexError",
        r"too many indices for tensor of dimension (\d+)",
        "x[i, j] takes an index for each dimension at most, and this tensor has {1}.",
    ),
    # one number, or many
    (
        "RuntimeError",
        r"Boolean value of Tensor with (?:more than one|no) value",
        "`if`, `while`, `and`, `or` and `not` ask for one True or False, and a tensor holds one for each "
        "element. Say .any() or .all(); element by element it is & and |.",
    ),
    (
        "RuntimeError",
        r"a Tensor with (\d+) elements cannot be converted to Scalar",
        "item(), float() and int() take a tensor of a single element. This one has {1}.",
    ),
    (
        "TypeError|ValueError",
        r"only (?:one element|integer) tensors.* can be converted to",
        "Here a tensor of a single element was needed, and this one has more or none.",
    ),
    # sampling and indices
    (
        "RuntimeError",
        r"probability tensor contains either `?inf`?, `?nan`?",
        "multinomial draws from weights that are finite and not negative. Logits may be negative: softmax "
        "makes weights of them. A NaN comes from 0 / 0, inf - inf, or the log of a negative number.",
    ),
    (
        "RuntimeError",
        r"invalid multinomial distribution",
        "multinomial draws from weights of which at least one is larger than 0. Here all are 0.",
    ),
    (
        "RuntimeError",
        r"cannot sample n_sample > prob_dist\.size\(-1\) samples without replacement",
        "Without replacement there are not enough to draw: replacement=True draws one several times.",
    ),
    (
        "IndexError",
        r"index out of range in self",
        "An embedding of n rows knows the indices 0 to n - 1; one of these is outside.",
    ),
    (
        "IndexError",
        r"Target (-?\d+) is out of bounds",
        "A target is the number of a class: with n logits in a row it is 0 to n - 1.",
    ),
    ("IndexError", r"index -?\d+ is out of bounds for (?:dimension|axis) \d+", COUNTED),
    ("IndexError", r"(?:list|tuple|string) (?:assignment )?index out of range", COUNTED),
    ("IndexError", r"pop from empty list", "The list had nothing left to take."),
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
        if words == "{0}":
            return TARGETS
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
