"""Formulas as MathML, which browsers typeset themselves: no script, no font and no network is needed.

A Sphinx extension; the writer is asked for nothing but ``math`` (in a line) and ``math_block``.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx


def mathml(latex: str, display: str) -> str:
    """A formula as a <math> element.

    Args:
        latex: LaTeX as it stands between the dollars.
        display: "inline" or "block".
    """
    latex = re.sub(r"\\operatorname\s*\{(\w+)\}", r"\\mathrm{\1}", latex)
    return str(convert(latex, display=display))


def _inline(self: Any, node: nodes.math) -> None:
    self.body.append(f'<span class="formula">{mathml(node.astext(), "inline")}</span>')
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> None:
    self.body.append(f'<div class="formula">{mathml(node.astext(), "block")}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
