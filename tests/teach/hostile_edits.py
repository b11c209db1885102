"""What hostile notebooks are: edits of a whole notebook whose ``tree_size`` is wrong."""

from __future__ import annotations

from collections.abc import Callable

from tests.teach.attacks import CHECK, HEAD, SCRIPT, SIZE, Notebook
from tests.teach.classroom import cell_of, grade_id, text


def forged_outputs(n: Notebook) -> None:
    """Full marks, and more, as saved outputs."""
    for cell in n["cells"]:
        if cell["cell_type"] == "code":
            data = {"text/plain": "1000", "text/html": SCRIPT}
            cell["outputs"] = [
                {
                    "output_type": "execute_result",
                    "data": data,
                    "metadata": {},
                    "execution_count": 1,
                }
            ]


def rewritten_grade_cell(n: Notebook) -> None:
    for cell in n["cells"]:
        if grade_id(cell).startswith("check-"):
            cell["source"] = "1"


def deleted_grade_cell(n: Notebook) -> None:
    n["cells"] = [c for c in n["cells"] if grade_id(c) != CHECK]


def easier_exercise(n: Notebook) -> None:
    """The grade cell checks another exercise, which is right."""
    cell = cell_of(n, CHECK)
    cell["source"] = text(cell).replace("tree_size", "consecutive")


def swapped_ids(n: Notebook) -> None:
    """The grade cell of what is right says that it is the other's."""
    one, two = cell_of(n, CHECK), cell_of(n, "check-06-consecutive")
    one["metadata"], two["metadata"] = two["metadata"], one["metadata"]
    one["source"], two["source"] = text(two), text(one)


def no_grade_any_more(n: Notebook) -> None:
    cell_of(n, CHECK)["metadata"]["nbgrader"].update(grade=False, solution=True, points=0)


def scripts_in_texts(n: Notebook) -> None:
    link = "[x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    for place, cell in enumerate(n["cells"]):
        if cell["cell_type"] == "markdown":
            cell["source"] = f"{SCRIPT}\n\n{link}\n\n$\\href{{javascript:alert(1)}}{{x}}$"
            cell["attachments"] = {"x.svg": {"image/svg+xml": SCRIPT}}
        cell["id"] = f'"><script>alert({place})</script>'
        cell["metadata"]["tags"] = [SCRIPT]
    n["metadata"]["title"] = SCRIPT
    n["metadata"]["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": SCRIPT}}


def forged_notes(n: Notebook) -> None:
    n["metadata"]["hero"] = {"notes": [SCRIPT], "key": "x"}


def nested_too_deeply(n: Notebook) -> None:
    cell_of(n, SIZE)["source"] = f"{HEAD}    return {'+'.join(['1'] * 50_000)}"


def long_chain(n: Notebook) -> None:
    chain = "\n".join(f"a{i} = a{i - 1}" for i in range(1, 3000))
    cell_of(n, SIZE)["source"] = f"a0 = 1\n{chain}\n{HEAD}    return a2999"


def script_links(n: Notebook) -> None:
    """Ways to spell a link that runs something, past whoever looks for the word."""
    ways = (
        "[x](java&#115;cript:alert(1)) [x](javascript&colon;alert(1)) [x](&#1;javascript:alert(1))",
        "$\\href{java\nscript:alert(1)}{x}$ $\\href{java\tscript:alert(1)}{x}$",
        "$\\newcommand{\\h}[1]{\\href{java#1}{x}}\\h{script:alert(1)}$",
        '<svg/onload=alert(1)> <math><mi xlink:href="data:x,<script>alert(1)</script>">',
        "&lt;script>alert(1)&lt;/script> <scr<script>ipt>alert(1)</scr</script>ipt>",
        "```{=html}\n<script>alert(1)</script>\n```",
    )
    for cell in n["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = "\n\n".join(ways)


def slow_to_read(n: Notebook) -> None:
    """A line that a search for magics goes over again and again."""
    long = "a" * 400_000
    cell_of(n, SIZE)["source"] = f"{HEAD}    return 1\n{' ' * 400_000}{long}\n{long} {long} (\n"


def script_in_metadata(n: Notebook) -> None:
    """Where a page takes something of a notebook's or a cell's metadata."""
    n["metadata"] = {
        "kernelspec": {"name": SCRIPT, "display_name": SCRIPT, "language": SCRIPT},
        "language_info": {"name": SCRIPT, "pygments_lexer": SCRIPT, "mimetype": SCRIPT},
        "authors": [{"name": SCRIPT}],
        "celltoolbar": SCRIPT,
    }
    for cell in n["cells"]:
        cell["metadata"] |= {
            "name": SCRIPT,
            "jupyter": {"source_hidden": True},
            "collapsed": SCRIPT,
        }
        cell["metadata"].get("nbgrader", {}).update(comment=SCRIPT, score=100, cell_type=SCRIPT)


EDITS: list[Callable[[Notebook], None]] = [
    forged_outputs,
    rewritten_grade_cell,
    deleted_grade_cell,
    easier_exercise,
    swapped_ids,
    no_grade_any_more,
    scripts_in_texts,
    forged_notes,
    nested_too_deeply,
    long_chain,
    script_links,
    slow_to_read,
    script_in_metadata,
]
