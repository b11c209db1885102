"""Parses Python that somebody else wrote, and never for long.

Reading is work too. Python 3.11 takes the square of an f-string's braces (60,000 of them: half a
minute), and 200,000 lines of definitions are slow in any version; nothing in Python can interrupt its
parser. So a text that is large, or full of braces, is read by a child first, which has seconds to live.
What is too much there is refused here with one sentence. An ordinary file costs two counts.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import lru_cache

PLAIN_SIZE, PLAIN_BRACES = 40 * 2**10, 1000  # what is read at once: characters, braces
MAX_NODES = 60_000  # of a tree, but for those that hold nothing; the longest solution has 2,500
SECONDS = 2  # of CPU that the child may take; all that is read here takes a few times as long
PATIENCE = 30  # seconds on the clock, where the machine is busy or has no limits
TOO_MUCH = "there is far too much in it for an exercise, and reading it would take too long"

# What is slow to parse is slow to compile, so it does both.
CHILD = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds} + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31))
except (ImportError, OSError, ValueError):
    pass
import ast, warnings
warnings.simplefilter("ignore")
text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
try:
    tree = ast.parse(text)
except MemoryError:
    sys.exit(0)  # it is nested too deeply: found out as fast by who asks
except (SyntaxError, ValueError, RecursionError):
    sys.exit(0)
nodes, waiting = 0, [tree]
while waiting and nodes <= {most}:
    node = waiting.pop()
    nodes += bool(node._fields)
    waiting.extend(ast.iter_child_nodes(node))
if nodes > {most}:
    sys.exit(3)
try:
    compile(text, "text", "exec", dont_inherit=True)
except (SyntaxError, ValueError, RecursionError, MemoryError):
    pass
"""


class TooMuch(SyntaxError):
    """A text that nobody reads to its end."""

    def __init__(self) -> None:
        super().__init__(TOO_MUCH)
        self.msg = TOO_MUCH


def parse(text: str) -> ast.Module:
    """As ast.parse, and TooMuch (a SyntaxError) for what would take long. Nobody may change the tree."""
    if is_too_much(text):
        raise TooMuch
    return _small(text) if len(text) <= PLAIN_SIZE else _large(text)


# the cells of a notebook are asked about again and again; a large tree takes tens of megabytes
_small = lru_cache(maxsize=16)(ast.parse)
_large = lru_cache(maxsize=2)(ast.parse)


def is_too_much(text: str) -> bool:
    """Whether a text would take long to read."""
    if len(text) <= PLAIN_SIZE and text.count("{") <= PLAIN_BRACES:
        return False
    return _tried(text)


@lru_cache(maxsize=64)
def _tried(text: str) -> bool:
    """Whether a child gives up on a text."""
    code = CHILD.format(seconds=SECONDS, most=MAX_NODES)
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", code],
            input=text.encode("utf-8", "surrogatepass"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
    except (subprocess.TimeoutExpired, OSError):  # OSError: then nobody knows, and it is not risked
        return True
    return done.returncode != 0
