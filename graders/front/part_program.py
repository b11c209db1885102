"""A part's file as a program, in which the reference stands in for what is still a TODO.

    python -P -m graders.front.part_program FILE REFERENCE OWNED [OPTIONS]

OWNED says in JSON which definitions are whose: {"05.logits_backward": ["logits_backward"], ...}.
Started by running.py. It ends with a sentence and a code that is not 0 where something failed; of a traceback
only the lines of the learner's own file are shown. Nothing is confined here: it is the learner's own program.
"""

from __future__ import annotations

import ast
import contextlib
import json
import linecache
import os
import sys
import types
from collections.abc import Iterator
from pathlib import Path

from graders.front.files import MAX_BYTES
from graders.front.put_back import parse
from graders.front.words import as_typed, shown, visible
from graders.ground.definitions import ANYTHING, definition, is_stored_to, replace, stored
from graders.ground.reading import NotPlain, read_once

STANDIN_LINES = 1_000_000  # the reference's lines are counted from here: they are not the file's


def unsolved(tree: ast.Module, owned: dict[str, list[str]]) -> list[str]:
    """The exercises whose TODO still stands in a file, and is not replaced by what is stored there."""
    held = stored(tree) - {ANYTHING}

    def is_todo(node: ast.AST | None, exercise: str) -> bool:
        return node is not None and any(
            isinstance(inner, ast.Raise)
            and isinstance(inner.exc, ast.Call)
            and isinstance(inner.exc.func, ast.Name)
            and inner.exc.func.id == "NotImplementedError"
            and any(isinstance(a, ast.Constant) and a.value == exercise for a in inner.exc.args)
            for inner in ast.walk(node)
        )

    return [
        exercise
        for exercise, targets in owned.items()
        if any(
            is_todo(definition(tree, target), exercise) and not is_stored_to(held, target)
            for target in targets
        )
    ]


def stand_in(tree: ast.Module, reference: ast.Module, targets: list[str]) -> None:
    """Puts the reference's definitions in place of the file's own."""
    for target in targets:
        node = definition(reference, target)
        if node is not None:
            replace(tree, target, ast.increment_lineno(node, STANDIN_LINES))


def without_excuses(tree: ast.Module) -> None:
    """Takes ``except NotImplementedError`` out of the file's last lines: what fails is told here."""
    for node in tree.body:
        if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)):
            continue
        body: list[ast.stmt] = []
        for inner in node.body:
            if isinstance(inner, ast.Try):
                inner.handlers = [
                    h
                    for h in inner.handlers
                    if not (isinstance(h.type, ast.Name) and h.type.id == "NotImplementedError")
                ]
                if not inner.handlers and not inner.finalbody:
                    body += inner.body + inner.orelse
                    continue
            body.append(inner)
        node.body = body


def main(path: Path, reference: Path, owned: dict[str, list[str]], args: list[str]) -> int:
    """Runs the file; the exit code."""
    try:
        source = read_once(path, MAX_BYTES).decode("utf-8-sig")
        tree = parse(source)
    except SyntaxError as error:
        line = f", line {error.lineno}," if error.lineno else ""
        return say(f"{shown(path)}{line} is not valid Python: {error.msg}.")
    except UnicodeDecodeError:
        return say(f"{shown(path)} is not UTF-8 text.")
    except (OSError, NotPlain) as error:
        return say(f"{shown(path)} cannot be run: {getattr(error, 'strerror', None) or error}.")
    todo = unsolved(tree, owned)
    if todo:
        right = parse(reference.read_text(encoding="utf-8"))
        for exercise in todo:
            stand_in(tree, right, owned[exercise])
        are = "is" if len(todo) == 1 else "are"
        print(f"{', '.join(todo)} {are} still a TODO: the reference stands in here.", flush=True)
    without_excuses(tree)
    sys.argv = [str(path), *args]
    sys.path.append(
        str(path.parent)
    )  # behind everything else: a module of one's own, but no torch.py
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    linecache.cache[str(path)] = (len(source), None, source.splitlines(keepends=True), str(path))
    try:
        exec(compile(tree, str(path), "exec"), module.__dict__)
        sys.stdout.flush()
        return 0
    except SystemExit:
        raise
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:  # `hero run ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except BaseException as error:
        return explain(error, path, owned)


def explain(error: BaseException, path: Path, owned: dict[str, list[str]]) -> int:
    """Says what ended the program, in one sentence where it is known."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    said = str(error)
    if type(error).__name__ == "DataError":
        return say(said)
    if isinstance(error, NotImplementedError) and said in owned:
        return say(f"{said} is still a TODO, and this program needs it.")
    print(f"{shown(path)} ended early:", file=sys.stderr)
    for file, number, name in frames(error, path):
        text = linecache.getline(file, number).strip()
        where = "" if name == "<module>" else f", in {name}"
        other = "" if file == str(path) else f"{Path(file).name}, "
        print(visible(f"  {other}line {number}{where}:  {text}"), file=sys.stderr)
    print(visible(f"  {type(error).__name__}: {said}"), file=sys.stderr)
    lesson, part = path.parent.name[:2], path.stem.partition("_")[0]
    print(
        as_typed(f"`hero check {lesson}/{part}` says which exercise is at fault."), file=sys.stderr
    )
    return 1


def frames(error: BaseException, path: Path) -> Iterator[tuple[str, int, str]]:
    """(file, line, function) of the lines in the file itself and beside it, outermost first."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if Path(code.co_filename).parent == path.parent and trace.tb_lineno < STANDIN_LINES:
            yield code.co_filename, trace.tb_lineno, code.co_name
        trace = trace.tb_next


def say(text: str) -> int:
    print(as_typed(f"hero: {text}"), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3]), sys.argv[4:]))
