"""The verdict on one outcome: what came back for one case, beside what should have come.

Knows nothing of files, children or exercises: plain data in, a status and a sentence out.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from graders.authoring import Case, Check, Tol
from graders.core.common_messages import explained
from graders.core.compare import compare
from graders.core.gives import another_kind
from graders.core.words import Place, kind_of
from graders.ground import wire
from graders.ground.graphs import GRAPH
from graders.ground.leaving import DRAWN, DTYPE, GENERATORS, GRADIENTS, SEED, SETTINGS, THREADS
from graders.ground.limits import FILE_SIZE, MAX_DISK, MAX_FOLDER
from graders.ground.own_code import REPLACED
from graders.ground.runner import ARGUMENT, EARLIER, Outcome
from graders.ground.steps import MOST
from graders.instead import FORGOTTEN, a, said_instead

Outcomes = dict[str, list[Outcome]]  # check name -> one outcome per case


class Verdict(NamedTuple):
    """A status, what to say, and the name that was looked for in vain, if that is what is wrong."""

    status: str
    message: str = ""
    missing: str = ""


def value_of(outcome: Outcome) -> Any:
    """The value in an outcome. Raises WireError when the bytes are nonsense."""
    raw = outcome.get("value")
    if not isinstance(raw, bytes):
        raise wire.WireError("no value")
    return wire.decode(raw)


def judge_case(check: Check, case: Case, got: Outcome, want: Outcome) -> Verdict:
    """The verdict on what came back for one case; last, what it left otherwise, and kinds of answer."""
    verdict = _answer(check, case, got, want)
    if verdict.status != "passed" and EARLIER in got.get(
        "left", ()
    ):  # what is wrong follows from it
        said = left_otherwise({"left": [EARLIER]}, want, check)
        return Verdict("failed", said) if said else verdict
    if verdict.status == "passed" and (left := left_otherwise(got, want, check)):
        return Verdict("failed", left)
    gave = got.get("gave", ()) if verdict.status == "passed" and "gives" in want else ()
    if gave and (other := another_kind(check, gave, want["gives"]())):
        return Verdict("failed", other)
    return verdict


MAY_DRAW = "may draw from torch's generator"  # as ``legal`` has it, of a function that is no class
GRADS = "grad changed"  # as ``legal`` has it, of an argument or of all
OF_MANY = re.compile(r"\[p\.\w+ for p in (\w+)(?:\.values\(\))?\]")
HOOKS = re.compile(r"\[p\._backward_hooks for p in (.+)\]")
# what is global and changes what others get: told where the reference leaves it alone
LEFT = {
    SEED: "your code seeded torch's global generator anew (torch.manual_seed): whoever calls it counts on "
    "the numbers that come next. Make a torch.Generator of your own, or leave the seed to the caller.",
    GRADIENTS: "after your code, gradients are switched off for whatever comes next. Write `with "
    "torch.no_grad():`, which ends where its block ends.",
    EARLIER: "your code gives out the same memory again: an answer that somebody still holds changes with a "
    "later call. Make a new one each time.",
    DTYPE: "after your code, torch's default dtype is another for whatever comes next. Say "
    "`dtype=` where you make a tensor instead.",
    **{
        name: f"your code drew from {name.partition(chr(39))[0]}'s global generator, or seeded it anew. "
        "Nothing random is asked for here: whoever calls it counts on the numbers that come next."
        for name in (*GENERATORS, DRAWN)
    },
    **{
        name: f"after your code, {name} is not as it was before. It is everybody's: whoever calls your code "
        "counts on what was set."
        for name in SETTINGS
    },
    THREADS: "after your code, not as many threads run as before: one that it began goes on, or one that was "
    "there has ended. Wait for your own (`thread.join()`) before you return.",
}


def left_otherwise(got: Outcome, want: Outcome, check: Check) -> str:
    """What was left otherwise than the reference leaves it, in a sentence; "" if nothing was."""
    left = got.get("left", ())
    allowed = want["ask"](left) if left and "ask" in want else ()
    for name in left:
        if name in allowed:
            continue
        if ".grad" in name and any(said.endswith(GRADS) for said in check.legals):
            continue
        if name == DRAWN and MAY_DRAW in check.legals:
            continue
        if (many := OF_MANY.search(name)) and ARGUMENT + many[1] in allowed:
            continue  # what is in it is there to be changed
        if name in LEFT:
            return LEFT[name]
        if name.startswith(REPLACED):
            return (
                f"after your code, `{name.removeprefix(REPLACED)}` of your file is not what it was before "
                "the call: whatever comes next meets another. Nobody asked for that."
            )
        if name.startswith(GRAPH) and "answer: requires a gradient" not in check.legals:
            return (
                f"`{name.removeprefix(GRAPH)}` gave a tensor that requires a gradient, and nothing that it "
                "was given does. Whoever holds it holds a graph, and `.numpy()` refuses it. Compute with "
                "what is given, without requires_grad or nn.Parameter."
            )
        if name.startswith(ARGUMENT) and "." in name:
            thing = f"`{name.removeprefix(ARGUMENT)}`"
            if hooks := HOOKS.search(name):
                thing = f"what hooks hang on the tensors of `{hooks[1]}`"
            return f"after your code, {thing} is another than before, and nobody asked for that."
        if name.startswith(ARGUMENT):
            return (
                f"after your code, {_handed(check)} `{name.removeprefix(ARGUMENT)}` is another than before: "
                "whoever passed it still needs it. Make a new one (or a copy) instead."
            )
    return ""


def _handed(check: Check) -> str:
    """What a scenario hands over may be called otherwise there than where it arrives."""
    return "the argument" if check.scenario is None else "what the check calls"


def _answer(check: Check, case: Case, got: Outcome, want: Outcome) -> Verdict:
    if "raised" in want and "raised" in got and not got.get("todo"):
        return _raised(got, want)
    if "raised" in got:
        return describe_exception(got)
    if "unsendable" in got:
        return Verdict("error", f"your answer cannot be read: {got['unsendable']}.")
    if check.judge is None and got.get("value", b"") == want.get("value"):
        return Verdict("passed")  # to the byte: there is nothing to compare
    try:
        value = value_of(got)
    except wire.WireError:
        return Verdict("error", "your answer cannot be read.")
    if "raised" in want:
        # such a case asks for an exception; the audit has seen that the reference means it
        return Verdict("failed", f"{_should_raise(want)}, but it gave {kind_of(value)}")
    right = value_of(want)
    strict = check.strict(graph="elsewhere" not in want)
    if check.judge is not None:
        return _by_judge(check, case, value, right, strict)
    mismatch = compare(value, right, strict, check.dtype, Place(own=check.scenario is None))
    return Verdict("passed") if mismatch is None else Verdict("failed", mismatch.message)


def _raised(got: Outcome, want: Outcome) -> Verdict:
    if want["raised"] in (got["raised"], got.get("base")):
        return Verdict("passed")
    told = describe_exception(got)
    came = re.match("wrong type: got ([^,]*), expected", told.message)
    if came and not got.get("frames"):  # the scenario stumbled over it: nobody's loop is meant
        return Verdict("failed", f"{_should_raise(want)}, but it gave {came[1]}")
    return told._replace(message=f"{_should_raise(want)}, but: {told.message}")


def _should_raise(want: Outcome) -> str:
    message = f" ({want['message']})" if want.get("message") else ""
    return f"this should raise {want['raised']}{message}"


def _by_judge(check: Check, case: Case, value: Any, right: Any, tol: Tol) -> Verdict:
    said = next(_instead_in(value), None)
    if said is not None:
        return Verdict("failed", f"wrong type: got {said[0]}, expected {said[1]}")
    assert check.judge is not None
    try:
        with warnings.catch_warnings():  # torch's, of an answer of another form: nobody's concern
            warnings.simplefilter("ignore")
            message = check.judge(case, value, *((right,) if check.asks_reference else ()))
    except Exception as error:
        # a judge is written for answers of the right form: compare() explains the wrong ones
        place = Place(own=check.scenario is None)
        off = None
        if check.asks_reference:
            off = compare(value, right, tol, check.dtype, place)
        return Verdict("failed", off.message if off else _wrong_form(value, error))
    return Verdict("passed") if message is None else Verdict("failed", str(message))


def _wrong_form(value: Any, error: Exception) -> str:
    if value is None:
        return f"wrong type: got None{FORGOTTEN}"
    return f"the answer is of the wrong form: {kind_of(value)} ({error})"


def _instead_in(value: Any) -> Iterator[tuple[str, str]]:
    said = said_instead(value)
    if said is not None:
        yield said
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _instead_in(item)
    elif isinstance(value, dict):
        yield from _instead_in(list(value.values()))


# -- exceptions -------------------------------------------------------------------------------------

TOO_MUCH = f"more than {MAX_DISK // 2**20} MB, or more than {MAX_FOLDER:,} files"
KNOWN = {
    "SystemExit": "your code called exit(), which ends the program instead of returning.",
    "TooManySteps": f"the work grows too fast: after {MOST:,} steps there was no end, on a small case. "
    "Is the same done again and again?",
    "RecursionError": "the recursion went too deep: Python allows about 1,000 calls inside one "
    "another. Does it ever reach its end?",
    "Skipped": "your code skipped its own test; only an answer counts.",
    "TooLong": "it was still running after some seconds, and was stopped. A training belongs below "
    '`if __name__ == "__main__":`, or into a cell that no exercise needs.',
    "MemoryError": "your code asked for more memory than a check may have (2 GB).",
    "PermissionError": "your code tried something that a checked solution may not do (start a "
    "process, use the network, read or write files elsewhere).",
}

REFUSED = ("RecursionError", "MemoryError", "PermissionError")  # which code may raise itself, too


def describe_exception(got: Outcome) -> Verdict:
    """The verdict on an outcome that is an exception."""
    kind, message = str(got["raised"]), str(got.get("message", ""))
    if got.get("todo"):
        return Verdict("todo", "still a TODO")
    missing = str(got.get("missing", "")) or _missing_from_the_file(kind, message, got)
    if missing:
        return Verdict("error", not_found(missing), missing)
    if got.get("syntax"):
        return Verdict("error", f"{line_of(got)} is not valid Python: {message}")
    found = "" if got.get("by_hand") else message
    if "can't allocate memory" in found:
        return Verdict("error", KNOWN["MemoryError"])
    if kind == "OSError" and "File too large" in found:
        return Verdict("error", f"your code wrote a file larger than {FILE_SIZE // 2**20} MB.")
    if kind == "OSError" and "Read-only file system" in found:
        return Verdict("error", KNOWN["PermissionError"])
    if kind == "OSError" and "No space left on device" in found:  # a child's room has that much
        return Verdict("error", f"your code wrote {TOO_MUCH}.")
    if kind == "PrintedTooMuch":
        return Verdict("error", f"your code {message}: is there a print in a loop?")
    if kind in KNOWN and not (got.get("by_hand") and kind in REFUSED):
        return Verdict("error", KNOWN[kind])
    text = "" if got.get("frames") else _of_what_came_back(kind, message)
    if text:
        return Verdict("failed", text)
    meant = "" if got.get("by_hand") else explained(kind, message)
    kind = kind or "an exception without a name"
    if "INTERNAL ASSERT FAILED" in message:  # what follows asks to report a bug to PyTorch
        return Verdict(
            "error", f"{kind}: an operator inside torch got something that it cannot work with."
        )
    told = f"{kind}: {message}" if message else kind
    return Verdict("error", f"{told}\n{meant}" if meant else told)


def not_found(name: str) -> str:
    return f"I cannot find `{name}` in your file. Was it renamed or removed?"


def line_of(got: Outcome) -> str:
    """ "line 3"; "the file" where Python gives no line (null bytes)."""
    frames = got.get("frames") or [[0]]
    return f"line {frames[0][0]}" if frames[0] and frames[0][0] else "the file"


def _missing_from_the_file(kind: str, message: str, got: Outcome) -> str:
    """What a scenario asked the learner's module for in vain: a helper that was given, say."""
    if kind != "AttributeError" or got.get("frames"):
        return ""
    found = re.fullmatch(r"module 'part' has no attribute '(\w+)'.*", message)
    return found[1] if found else ""


# a scenario stumbled over what it was given: its exception speaks of the grader's own code
BUILT_IN = (
    "NoneType|float|int|complex|bool|str|bytes|list|tuple|dict|set|range|Tensor|ndarray|function|"
    "method|generator|type|zip|map|filter"
)
STUMBLED = [
    (rf"'({BUILT_IN})' object has no attribute '(\w+)'", "something with `.{1}`"),
    (rf"(?:float|int)\(\) argument must be .*not '({BUILT_IN})'", "a number"),
    (rf"must be real number, not ({BUILT_IN})", "a number"),
    (rf"'({BUILT_IN})' object is not iterable", "something to loop over"),
    (rf"cannot unpack non-iterable ({BUILT_IN}) object", "several things"),
    (rf"'({BUILT_IN})' object is not subscriptable", "something with [...]"),
    (rf"object of type '({BUILT_IN})' has no len\(\)", "something with a length"),
    (r"unsupported operand type\(s\) for \S+(?: or \S+)?: '(NoneType)' and '\w+'", "a number"),
    (r"unsupported operand type\(s\) for \S+(?: or \S+)?: '\w+' and '(NoneType)'", "a number"),
]


def _of_what_came_back(kind: str, message: str) -> str:
    """What an exception says about the answer, if none of the learner's own lines raised it."""
    if kind not in ("TypeError", "AttributeError"):
        return ""
    for pattern, wanted in STUMBLED:
        found = re.fullmatch(pattern, message)
        if found:
            rest = wanted.format(*found.groups())
            if found[1] == "NoneType":
                return f"wrong type: got None, expected {rest}{FORGOTTEN}"
            return f"wrong type: got {a(found[1])}, expected {rest}"
    return ""
