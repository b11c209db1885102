"""How much a submission may use, in one place: time, memory, files, output, answers.

Only numbers. Each is far above what an honest solution needs, so that none of them is ever felt,
and low enough that the worst one can do costs seconds, not the afternoon. Nothing here needs torch.
"""

from __future__ import annotations

# -- time ---------------------------------------------------------------------------------------

READY_SECONDS = 60.0  # until a child can begin: a spawned one imports torch first
LOAD_SECONDS = (
    6.0  # CPU seconds to execute the file itself; a first statement may have half of them
)
LOAD_GRACE = 2.0  # beyond these, for whoever does not hear that its time is over
MAX_STOPPED = 100  # statements at the top level of a file that may stop
CHECK_SECONDS = 2.0  # CPU seconds a check may take on top of a multiple of the reference's
SLOWER = 40  # a solution may be this many times slower than the reference
WALL = 2.5  # wall-clock seconds allowed for each CPU second (others use the machine too)
LISTEN_SECONDS = 4.0  # CPU seconds the parent spends on reading one exercise's answers

# -- memory and files ---------------------------------------------------------------------------

MEMORY = 2 * 2**30  # bytes a run may use on top of what torch takes
FILE_SIZE = 64 * 2**20  # bytes in one file
OPEN_FILES = 128  # of a child, at a time
MAX_THREADS = 64  # of a child, at a time, where namespaces count them
MAX_DISK = 256 * 2**20  # bytes in a child's folder
MAX_FOLDER = 2_000  # files in it
# its folder where it is in namespaces of its own: in memory, and nobody else's. No system has one of that
# name, so it hides nothing: a virtual environment may lie in /tmp
ROOM = "/room"
MAX_DEPTH = 50  # folders inside folders in it

# -- output and answers -------------------------------------------------------------------------

MAX_OUTPUT = 1_000_000  # bytes a child may write on its standard output before it is ended
KEPT_OUTPUT = 8_000  # of these, characters that are kept
MAX_BYTES = 32 * 2**20  # one answer, which is the value of one case
MAX_NODES = 50_000  # elements of lists and the like in one answer
MAX_STRUCTURE = 4 * 2**20  # bytes of JSON in it; texts and numbers of tensors are not in that
MAX_FRAME = 2 * MAX_BYTES + MAX_STRUCTURE  # bytes of the answers of one check together
MAX_EXERCISE = 2 * MAX_BYTES  # bytes of the answers of one exercise
MAX_EXERCISE_NODES = 100_000  # elements in them
MAX_ANSWERS = 4 * MAX_BYTES  # bytes of all that a child says, however many its exercises are

# -- ends ---------------------------------------------------------------------------------------

BROKEN = 70  # the exit status of a child that could not deliver
UNREADY = 71  # of one that could not even begin, for which no submission is to blame
