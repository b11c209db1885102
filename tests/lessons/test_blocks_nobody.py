"""An exercise that is wrong blocks no other: each is broken in turn, with the reference for the rest.

    python tests/lessons/test_blocks_nobody.py [PART...] [--body TEXT]

tries more parts than pytest does (all if none is named: ten minutes or more).
"""

from __future__ import annotations

import argparse
import ast
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.core.judge import Judge
from graders.core.loaded import LoadedPart, PartRef
from graders.ground.definitions import definition

RAISES = "raise ValueError('broken')"
FEW = ["09/6"]  # exercises that need later ones are among them


def broken(part: LoadedPart, name: str, body: str) -> str:
    """The reference with another body in an exercise's functions."""
    tree = ast.parse(part.bare_source)
    for target in part.cards[name].targets:
        node = definition(tree, target)
        inside = node.body if isinstance(node, ast.ClassDef) else [node]
        for function in inside:
            if isinstance(function, ast.FunctionDef):
                function.body = ast.parse(body).body
    return ast.unparse(tree)


def blocked(judge: Judge, ref: PartRef, names: list[str], body: str) -> Iterator[str]:
    """Who is refused, or passes, though it should not, one line each."""
    part = judge.part(ref).part
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ref.file
        path.parent.mkdir()
        for name in names:
            path.write_text(broken(part, name, body))
            for result in judge.grade(ref, names, Path(folder)):
                if (result.status in ("passed", "skipped")) == (result.name == name):
                    yield f"{ref.file}: {name} broken, {result.name} {result.status}"


@pytest.mark.parametrize("wanted", FEW)
def test_blocks_nobody(wanted: str) -> None:
    judge = Judge(seed=7)
    try:
        ((ref, names),) = judge.registry.select([wanted])
        assert [*blocked(judge, ref, names, RAISES)] == []
    finally:
        judge.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--body", default=RAISES)
    args = parser.parse_args()
    judge = Judge(seed=7)
    for ref, names in judge.registry.select(args.parts):
        print(ref.file, flush=True)
        for line in blocked(judge, ref, names, args.body):
            print("  " + line, flush=True)
    judge.close()


if __name__ == "__main__":
    main()
