"""A part's program as a cell: it ends with a sentence where a program ends with an exit code."""

from __future__ import annotations

import ast
import re

TODO = [
    "    except NotImplementedError as todo:",
    '        print(f"{todo} is still a TODO: this runs when all of this part are there.")',
]
# its processes need a file, and a kernel has none
OWN_FILE = re.compile(r"(?<![.\w])__file__\b")
FILE = ["        from graders.notebook import program", "", "        __file__ = program()"]


def runnable(source: str) -> str:
    """A cell's code, in which `if __name__ == "__main__":` (at its end, if it is there) suits a kernel.

    What it would exit with is printed; an exercise that is missing is told, not raised; and a program that
    starts others of its own file is given a file.
    """
    lines = source.splitlines()
    block = next((n for n in ast.parse(source).body if is_program(n)), None)
    if block is None:
        return source
    end = lines[block.lineno :]
    if "    try:" not in end:
        end = ["    try:", *("    " * bool(line) + line for line in end)]
    if "except NotImplementedError" not in "\n".join(end):
        at = next((i for i, line in enumerate(end) if line.startswith("    except ")), len(end))
        end[at:at] = TODO
    if "sys.exit(" in "\n".join(lines[: block.lineno]):  # main() itself may end the program
        end += ["    except SystemExit as ended:", "        print(ended)"]
    if OWN_FILE.search(source):
        at = end.index("        main()")
        end[at:at] = FILE
    end = [re.sub(r"\bsys\.exit\(", "print(", line) for line in end]
    return "\n".join([*lines[: block.lineno], *end])


def is_program(node: ast.stmt) -> bool:
    """Whether a statement is `if __name__ == "__main__":`, which defines nothing."""
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def is_main(node: ast.stmt) -> bool:
    """Whether a statement is exactly `if __name__ == "__main__":`, without an else."""
    return (
        isinstance(node, ast.If)
        and not node.orelse
        and ast.unparse(node.test) in ("__name__ == '__main__'", "'__main__' == __name__")
    )
