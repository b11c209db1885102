"""The workbook in a notebook: checks, hints and solutions as calls.

    from graders.notebook import check, hint, part, solution

    part("02/1")                what this notebook is about, and what of it is done
    check("02.bigrams")         is what the cells define now right?
    check()                     all of the part, and what to solve next
    hint("02.bigrams")          a nudge; again for the next
    solution("02.bigrams")      the reference, and what of yours differs

Importing this needs neither torch nor a notebook. What judges is a process of its own (judging.py).
"""

from __future__ import annotations

from graders.notebook.calls import check, hint, part, program, solution

__all__ = ["check", "hint", "part", "program", "solution"]
