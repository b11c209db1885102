"""What travels to the child, to drive the learner's code there; see graders/ground/child.py.

The same form as in grader files: a scenario gets the learner's module and returns plain data. Each file
stands alone, because nothing else is sent.
"""
