"""What stands on which page of the book, as Markdown for Sphinx, derived from the one source.

README.md begins it, each lesson's page comes next with its parts behind it, docs/ ends it. A link to a file
that is a page leads to the page, a picture comes along, and any other relative link keeps only its words.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from graders.book.cards import cell_page, code_cells
from graders.core.loaded import LoadedPart, PartRef
from graders.core.registry import Registry
from graders.core.stubs import make_stub, owners

LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]*)(#[^)\s]*)?\)")
CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)
PICTURES = (".png", ".svg", ".gif")
DOCS = ("notebooks", "editors", "play", "tutor", "record", "teach", "submissions")
OTHERS = (*(f"docs/{name}.md" for name in DOCS), "CONTRIBUTING.md")


class Pages:
    """The source of a book.

    Args:
        registry: the lessons.
        folder: where its Markdown is written, a new one.
        lessons: those that are in it; all if None.
        solutions: whether each exercise's solution is in it, folded away.
    """

    def __init__(
        self,
        registry: Registry,
        folder: Path,
        lessons: list[str] | None = None,
        solutions: bool = False,
    ) -> None:
        self.registry, self.folder, self.solutions = registry, folder, solutions
        self.lessons = registry.lessons if lessons is None else lessons
        self.page: dict[str, str] = {"README.md": "index"}  # {a file of the checkout: its page}
        for lesson in self.lessons:
            for wing in ("solutions", "exercises"):
                self.page[f"{wing}/{lesson}/README.md"] = f"{lesson}/index"
                for ref in registry.parts(lesson):
                    self.page[f"{wing}/{ref.file}"] = ref.folder
        self.page |= {name: name.removesuffix(".md") for name in OTHERS}

    def write(self) -> int:
        """Writes all pages; how many there are."""
        self._write("index", self._text("README.md") + self._contents())
        for lesson in self.lessons:
            self._write(f"{lesson}/index", self._lesson(lesson))
            for ref in self.registry.parts(lesson):
                self._write(ref.folder, self._part(ref))
        for name in OTHERS:
            self._write(self.page[name], self._text(name))
        return len(set(self.page.values()))

    def _write(self, page: str, text: str) -> None:
        path = self.folder / f"{page}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def _text(self, name: str) -> str:
        """A Markdown file of the checkout, its links leading on within the book."""
        text = (self.registry.root / name).read_text(encoding="utf-8")
        return self._linked(text, str(Path(name).parent))

    def _contents(self) -> str:
        lessons = [f"{lesson}/index" for lesson in self.lessons]
        return _toctree("Lessons", lessons) + _toctree("More", [self.page[n] for n in OTHERS])

    def _lesson(self, lesson: str) -> str:
        text = self._text(f"solutions/{lesson}/README.md")
        parts = self.registry.parts(lesson)
        for ref in parts:  # the table of parts leads to them
            text = text.replace(f"| `{ref.name}.py` |", f"| [`{ref.name}.py`](/{ref.folder}.md) |")
        entries = [f"{_number(ref)} · {self._title(ref)} </{ref.folder}>" for ref in parts]
        return text + _toctree("", entries)

    def _title(self, ref: PartRef) -> str:
        found = re.search(r"^# # (.+)$", self.registry.load(ref).reference, re.MULTILINE)
        return found[1] if found else ref.name

    def _part(self, ref: PartRef) -> str:
        part = self.registry.load(ref)
        cells = split(make_stub(part.reference, owners(part)))
        codes = iter(code_cells(part, [text for kind, text in cells if kind == "code"]))
        made = []
        for kind, text in cells:
            if kind == "code":
                made.append(cell_page(part, next(codes), self.solutions))
            else:
                made.append(self._linked(text, f"solutions/{ref.lesson}"))
        title, _, rest = made[0].partition("\n")
        made[:1] = [title, self._where(part), rest]
        return "\n\n".join(made) + "\n"

    def _where(self, part: LoadedPart) -> str:
        """Which part this is, and what to type for it."""
        ref = part.ref
        readme = self.registry.root / "solutions" / ref.lesson / "README.md"
        title = readme.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        number = f"{ref.number}/{_number(ref)}"
        return (
            f"*[{title}](/{ref.lesson}/index.md), part {_number(ref)}.* "
            f"You write it in `exercises/{ref.file}`; `hero check {number}` checks it."
        )

    def _linked(self, text: str, base: str) -> str:
        def lead(match: re.Match[str]) -> str:
            bang, words, address, anchor = match.groups()
            if not address or re.match(r"[a-z]+:", address):
                return match[0]
            name = os.path.normpath(os.path.join(base, address)).replace(os.sep, "/")
            path = self.registry.root / name
            if bang and path.suffix in PICTURES and path.is_file():
                copy = self.folder / name
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
                return f"![{words}](/{name})"
            if name in self.page:
                return f"[{words}](/{self.page[name]}.md{anchor or ''})"
            return words

        fenced = False
        lines = text.splitlines()
        for number, line in enumerate(lines):
            fenced ^= line.lstrip().startswith("```")
            if not fenced and not line.startswith("    "):  # in code, brackets are Python's
                lines[number] = LINK.sub(lead, line)
        return "\n".join(lines)


def split(source: str) -> list[tuple[str, str]]:
    """The cells of a percent script, as ("text" or "code", source); text without its comment signs."""
    pieces = CELL.split(source)
    cells = []
    for mark, body in zip(pieces[1::2], pieces[2::2], strict=True):
        if "[markdown]" in mark:
            lines = body.strip("\n").splitlines()
            cells.append(("text", "\n".join(re.sub(r"^# ?", "", line) for line in lines)))
        else:
            cells.append(("code", body.strip("\n")))
    return cells


def _number(ref: PartRef) -> str:
    return ref.name.partition("_")[0]


def _toctree(caption: str, entries: list[str]) -> str:
    head = f":caption: {caption}\n" if caption else ""
    listed = "\n".join(entries)
    return f"\n\n```{{toctree}}\n:hidden:\n{head}\n{listed}\n```\n"
