"""The tools, in words that an assistant reads. None takes a path, none writes a file of the learner's."""

from __future__ import annotations

from dataclasses import dataclass

EXERCISE = r"\d{1,2}\.[A-Za-z_]\w*"
PART = r"\d{1,2}(/\d{1,2})?"
ARGUMENTS = {
    "exercise": (
        EXERCISE,
        "an exercise's id, such as 05.logits_backward; the current one if none",
    ),
    "lesson": (PART, "a lesson (05) or one part of it (05/1)"),
}

INSTRUCTIONS = """\
You help somebody who works through "Learn how GPT works by building it", a workbook whose exercises are
checked by a program. They learn by finding the answer, so do not give it: ask what they expect their code to
do, point at the line that the report names, let them try. Give a hint only when they ask for one or are stuck
after a try, and one at a time. Never open solutions/ or the numbered folders in graders/, where the answers
are, and never write an exercise's code for them unless they say so in plain words after they have tried."""


@dataclass(frozen=True)
class Tool:
    """A tool.

    Attributes:
        name: what it is called.
        about: what it gives, and when to use it.
        takes: the names of its arguments; none has to be there.
        remembers: whether it changes the learner's progress.
    """

    name: str
    about: str
    takes: tuple[str, ...] = ()
    remembers: bool = False


TOOLS = (
    Tool("next_exercise", "Which exercise the learner is at: its id, title and file. Begin here."),
    Tool(
        "task",
        "What an exercise asks for: the function or class as it is given, with its docstring. The learner's "
        "own code is not in it.",
        ("exercise",),
    ),
    Tool(
        "check",
        "Checks the learner's file as it is saved now, as `hero check` does, and gives the report: which "
        "check fails, with which numbers, and which mistake it is where that is known.",
        ("exercise",),
        remembers=True,
    ),
    Tool(
        "last_report",
        "The report of the last check again, without checking; says whether the file was saved since.",
    ),
    Tool(
        "next_hint",
        "The next of an exercise's hints. Only when the learner asks or is stuck after a try, and one at a "
        "time: each counts as if they had asked in the terminal.",
        ("exercise",),
        remembers=True,
    ),
    Tool(
        "lesson_text",
        "The text of a lesson's page or of a part, as the learner reads it; of the current part if none "
        "is named.",
        ("lesson",),
    ),
    Tool(
        "progress",
        "What is done, lesson by lesson; with a lesson or a part, exercise by exercise.",
        ("lesson",),
    ),
)
BY_NAME = {tool.name: tool for tool in TOOLS}
