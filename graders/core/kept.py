"""What reading a grader file costs milliseconds to find out, kept beside Python's byte code.

A file ``__pycache__/1_softmax.cpython-311.grader`` holds the compiled grader and its scenarios, under
a digest of all that they depend on. It may be missing, stale, broken or impossible to write: then the work is
done again, and nothing is said.
"""

from __future__ import annotations

import ast
import contextlib
import marshal
import os
import sys
import tempfile
from hashlib import blake2b
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType

from graders.core import prune


def code_and_scenarios(source: str, path: Path) -> tuple[CodeType, str]:
    """A grader file's code, and what of it travels to the process that runs submitted code.

    Raises SyntaxError if the file is not Python.
    """
    rules = Path(prune.__file__).read_bytes()
    digest = blake2b(rules + f"\0{path}\0{source}".encode()).digest()
    file = Path(cache_from_source(str(path))).with_suffix(".grader")
    try:
        kept, code, scenarios = marshal.loads(file.read_bytes())
        if kept == digest:
            return code, scenarios
    except (OSError, EOFError, ValueError, TypeError):
        pass
    tree = ast.parse(source, str(path))
    code, scenarios = compile(tree, str(path), "exec"), prune.prune(tree)
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):
            _write(file, marshal.dumps((digest, code, scenarios)))
    return code, scenarios


def _write(file: Path, content: bytes) -> None:
    """All of it or nothing: another process may read the file at any moment."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(name, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
