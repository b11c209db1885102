"""The graders: run a learner's file, compare what it computes, name the mistake.

Three floors, each importing only the floors below it:

    front    pytest plugin, the ``hero`` command, the watch screen
    core     lessons, checks, comparison, diagnosis, reports
    ground   the process that runs a learner's file, and the wire format it answers in

``graders.authoring`` holds the words a lesson's grader file is written in.
"""
