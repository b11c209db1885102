"""The verdict on one outcome: what came back for one case, beside what should have come.

Knows nothing of files, children or exercises: plain data in, a status and a sentence out.
"""

from __future__ import annotations

from typing import Any

from graders.authoring import Case, Check
from graders.core.compare import compare
from graders.ground import wire
from graders.ground.child import FILE_SIZE
from graders.ground.runner import Outcome

Outcomes = dict[str, list[Outcome]]  # check name -> one outcome per case


def value_of(outcome: Outcome) -> Any:
    """The value in an outcome. Raises WireError when the bytes are nonsense."""
    raw = outcome.get("value")
    if not isinstance(raw, bytes):
        raise wire.WireError("no value")
    return wire.decode(raw)


def judge_case(check: Check, case: Case, got: Outcome, want: Outcome) -> tuple[str, str]:
    if "raised" in want and want["raised"] == got.get("raised") and not got.get("todo"):
        return "passed", ""
    if "raised" in got:
        return describe_exception(got)
    if "unsendable" in got:
        return "error", f"your answer cannot be read: {got['unsendable']}."
    try:
        value = value_of(got)
    except wire.WireError:
        return "error", "your answer cannot be read."
    if "raised" in want:
        # such a case asks for an exception; the audit has seen that the reference means it
        return "failed", f"this should raise {want['raised']} ({want['message']})"
    right = value_of(want)
    if check.judge is not None:
        try:
            known = (right,) if check.asks_reference else ()
            message = check.judge(case, value, *known)
        except Exception as error:
            # a judge is written for answers of the right form: compare() explains the wrong ones
            off = compare(value, right, check.tol, check.dtype) if check.asks_reference else None
            text = off.message if off else f"the answer is of the wrong form ({error})"
            return "failed", text
        return ("passed", "") if message is None else ("failed", message)
    mismatch = compare(value, right, check.tol, check.dtype)
    return ("passed", "") if mismatch is None else ("failed", mismatch.message)


def describe_exception(got: Outcome) -> tuple[str, str]:
    """(status, message) for an outcome that is an exception."""
    kind, message = str(got["raised"]), str(got.get("message", ""))
    if got.get("todo"):
        return "todo", "still a TODO"
    if "missing" in got:
        return "error", f"I cannot find `{got['missing']}` in your file. Was it renamed or removed?"
    if got.get("syntax"):
        line = (got.get("frames") or [[0]])[0][0]
        return "error", f"line {line} is not valid Python: {message}"
    known = {
        "SystemExit": "your code called exit(), which ends the program instead of returning.",
        "PrintedTooMuch": f"your code {message}: is there a print in a loop?",
        "RecursionError": "the recursion went too deep: does it ever reach its end?",
        "Skipped": "your code skipped its own test; only an answer counts.",
        "MemoryError": "your code asked for more memory than a check may have (2 GB).",
        "PermissionError": "your code tried something that a checked solution may not do (start a "
        "process, use the network, write files elsewhere).",
    }
    if "can't allocate memory" in message:
        return "error", known["MemoryError"]
    if kind == "OSError" and "File too large" in message:
        return "error", f"your code wrote a file larger than {FILE_SIZE // 2**20} MB."
    if kind in known:
        return "error", known[kind]
    return "error", f"{kind}: {message}" if message else kind
