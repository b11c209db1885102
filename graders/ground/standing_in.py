"""Puts definitions of the reference into a learner's file, in the place of some of its own."""

from __future__ import annotations

import ast

from graders.ground.definitions import is_stored_to, replace, stored

STANDIN_LINES = 1_000_000  # stand-ins from the reference get line numbers beyond this


def with_standins(source: str, path: str, standins: dict[str, dict[str, str]]) -> ast.Module:
    """A part's source, parsed, with other definitions in the place of some of its own; see ``runner.load``.

    Each function of a stand-in, and each method of a class, first notes that it is called.
    """
    tree = ast.parse(source, path)
    held = stored(tree)
    for exercise, definitions in standins.items():
        for qualname, text in definitions.items():
            node = ast.parse(text, path).body[0]
            for inner in [node, *getattr(node, "body", ())]:
                if isinstance(inner, ast.FunctionDef):
                    inner.body.insert(0, ast.parse(f"__standin__({exercise!r})").body[0])
                if not isinstance(node, ast.ClassDef):
                    break
            ast.fix_missing_locations(ast.increment_lineno(node, STANDIN_LINES))
            replace(tree, qualname, node, is_stored_to(held, qualname))
    return tree
