"""Teaching with the workbook: nbgrader assignments, and grading a class.

``from graders.teach import graded`` is what the locked cells of an assignment say; nothing heavy is
imported for it.
"""

from graders.teach.graded import NotRight, graded

__all__ = ["NotRight", "graded"]
