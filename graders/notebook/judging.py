"""The process beside a kernel that judges what its cells define.

It is a process of its own, so that a check neither waits for the kernel's torch nor touches its random
numbers, threads and settings, and nothing that a cell does to torch changes what is expected of it.
Submitted code runs in children of this process, as everywhere.

Who asks, and how, is in desk.py; the lines in between in graders/front/exchange.py.
"""

from __future__ import annotations

import contextlib
import os
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from graders.core.registry import PartRef, UserError
from graders.core.report import ExerciseResult, first_problem
from graders.front.cards import is_part_done, next_part, todo_line
from graders.front.exchange import exchange, whole_life
from graders.front.faults import blame, is_expected
from graders.front.state import State
from graders.front.workbook import Workbook
from graders.notebook.gather import Gathered, RunCell, gather
from graders.notebook.told import deletes, told

Answer = dict[str, Any]


class Desk:
    """Answers a kernel's requests."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self.ref: PartRef | None = None  # the part of the kernel's notebook
        self.seed: int | None = None
        self.stubs: dict[PartRef, str] = {}

    def answer(self, request: dict[str, Any]) -> Answer:
        """The answer to a request; {"error": a sentence} where there is none."""
        self.book.state = State.load(self.book.root)  # others may have written it
        try:
            found: Answer = getattr(self, f"do_{request['do']}")(request)
        except Exception as error:
            return {"error": str(error) if is_expected(error) else blame(error)}
        if self.book.state.note:
            found["note"] = self.book.state.note
        return found

    def warm_up(self) -> None:
        """Imports torch, starts the server of the children, reads the notebook's part."""
        with contextlib.suppress(UserError):  # told when something is to be judged
            judge = self.book.judge
            if self.ref is not None:
                part = judge.part(self.ref)
                for exercise in part.part.exercises.values():
                    part.cases(exercise)
                self._stub(self.ref)

    # -- requests ----------------------------------------------------------------------------

    def do_part(self, request: dict[str, Any]) -> Answer:
        """Which part the notebook is of; gives its exercises and which of them are done."""
        chosen = self.book.select([request["wanted"]])
        if len(chosen) != 1:
            raise UserError(
                f"{request['wanted']!r} has several parts: write {_short(chosen[0][0])}."
            )
        self.ref = chosen[0][0]
        return {"part": _short(self.ref), "list": self._list(self.ref), **self._next(self.ref)}

    def do_check(self, request: dict[str, Any]) -> Answer:
        """Judges exercises as the kernel defines them now; all of the notebook's part if none is named."""
        ref, names = self._wanted(request["wanted"])
        file = self._gathered(ref, request)
        before = is_part_done(self.book.registry, ref, self.book.state.done)
        results = self._grade(ref, names, file, request["seed"])
        if self.book.own:
            self.book.state.save()
        made: Answer = {"reports": [self._report(r, file) for r in results], **self._next(ref)}
        if len(names) > 1 or not request["wanted"]:
            made["list"] = self._list(ref, {r.name: r.status for r in results})
            wrong = [r["id"] for r in made["reports"] if r["status"] not in ("passed", "skipped")]
            made["next"], made["done"] = self._first(ref, wrong), not wrong
        else:  # told once, by the check that made it so
            made["done"] = (
                is_part_done(self.book.registry, ref, self.book.state.done) and not before
            )
        return made

    def do_hint(self, request: dict[str, Any]) -> Answer:
        """The next hint of an exercise; of the next one to solve if none is named."""
        id_ = self._one(request["wanted"])
        text, number, total = self.book.next_hint(id_)
        return {"id": id_, "hint": text, "number": number, "total": total}

    def do_solution(self, request: dict[str, Any]) -> Answer:
        """The reference of an exercise, and what of the kernel's definition differs."""
        id_ = self._one(request["wanted"])
        if id_ not in self.book.state.done and not request["yes"]:
            return {"id": id_, "unsolved": True}
        ref, _ = self.book.one(id_)
        right, diff = self.book.solution(id_, self._gathered(ref, request).text)
        return {"id": id_, "solution": right, "diff": "\n".join(diff)}

    def do_program(self, request: dict[str, Any]) -> Answer:
        """The notebook's part as a file that runs; "todo" names an exercise if one is not there yet."""
        ref, names = self._wanted("")
        text = self._gathered(ref, request).text
        todo = [n for n in names if todo_line(text, f"{ref.number}.{n}")]
        return {"text": text, "todo": f"{ref.number}.{todo[0]}" if todo else ""}

    # -- what they need ----------------------------------------------------------------------

    def _wanted(self, text: str) -> tuple[PartRef, list[str]]:
        if not text:
            if self.ref is None:
                raise UserError(
                    'which part is this notebook\'s? Say it once, as in `part("02/1")`, or name an '
                    'exercise: `check("02.bigrams")`.'
                )
            return self.ref, self.book.registry.exercise_names(self.ref)
        chosen = self.book.select([self._full(text)])
        if len(chosen) != 1:
            raise UserError(
                f"a notebook holds one part: check {_short(chosen[0][0])}, for example."
            )
        if self.ref is None:
            self.ref = chosen[0][0]
        return chosen[0]

    def _one(self, text: str) -> str:
        if not text:
            ref, _ = self._wanted("")
            text = self._next(ref)["next"]
            if not text:
                raise UserError("all of this part is solved: name an exercise.")
        ref, name = self.book.one(self._full(text))
        return f"{ref.number}.{name}"

    def _full(self, text: str) -> str:
        """An id; the part's own exercises may be called by their plain names."""
        if self.ref is not None and text in self.book.registry.exercise_names(self.ref):
            return f"{self.ref.number}.{text}"
        return text

    def _stub(self, ref: PartRef) -> str:
        if ref not in self.stubs:
            from graders.core.stubs import stub_of

            self.stubs[ref] = stub_of(self.book.registry.load(ref))
        return self.stubs[ref]

    def _gathered(self, ref: PartRef, request: dict[str, Any]) -> Gathered:
        cells = [RunCell(*cell) for cell in request["cells"]]
        return gather(cells, request["names"], self._stub(ref))

    def _grade(
        self, ref: PartRef, names: list[str], file: Gathered, seed: int | None
    ) -> list[ExerciseResult]:
        from graders.ground import folders

        judge = self.book.judge
        if self.seed is None:
            self.seed = judge.seed
        judge.reseed(self.seed if seed is None else seed)
        folder = Path(folders.make())
        try:
            path = folder / ref.file
            path.parent.mkdir(parents=True)
            path.write_text(file.text, encoding="utf-8")
            done = set(self.book.state.done)
            results = self.book.grade(ref, names, folder)
            for result in results:  # a TODO here takes nothing from who solved it in exercises/
                if result.status == "todo" and result.id in done:
                    self.book.state.record(result.id, True, tried=False)
            return results
        finally:
            folders.remove(str(folder))

    def _report(self, result: ExerciseResult, file: Gathered) -> Answer:
        targets = self.book.cards(self.book.one(result.id)[0])[result.name].targets
        lines = told(result, file, targets)
        gone = deletes(result, file, targets) is not None
        help_ = []
        if result.status in ("todo", "failed", "error", "timeout"):
            if result.hints:
                help_.append(f'hint("{result.id}")')
            if result.status != "todo" and first_problem(result) is not None:
                help_.append(f'same numbers again: check("{result.id}", seed={result.seed})')
        return {
            "id": result.id,
            "title": result.title,
            "status": "error" if gone else result.status,  # somebody has tried
            "lines": lines,
            "help": help_,
        }

    def _list(self, ref: PartRef, found: dict[str, str] | None = None) -> list[Answer]:
        done = self.book.state.done
        return [
            {
                "id": f"{ref.number}.{name}",
                "title": card.title + ("  (stretch)" if card.stretch else ""),
                "status": (found or {}).get(name)
                or ("passed" if f"{ref.number}.{name}" in done else "todo"),
            }
            for name, card in self.book.cards(ref).items()
        ]

    def _first(self, ref: PartRef, left: list[str]) -> str:
        """What to solve first of what is left: stretch exercises come last. "" if nothing is left."""
        cards = self.book.cards(ref)
        return min(left, key=lambda id_: cards[id_.partition(".")[2]].stretch, default="")

    def _next(self, ref: PartRef) -> Answer:
        """{"next": what to solve next in a part or "", "onward": the part that comes then, or ""}."""
        done = self.book.state.done
        left = [i for n in self.book.cards(ref) if (i := f"{ref.number}.{n}") not in done]
        then = next_part(self.book.registry, ref, done)
        return {"next": self._first(ref, left), "onward": _short(then) if then else ""}


def _short(ref: PartRef) -> str:
    return f"{ref.number}/{ref.name.partition('_')[0]}"


def serve(requests: BinaryIO, answers: BinaryIO, book: Workbook) -> None:
    """Answers until there are no more requests."""
    desk = Desk(book)

    def meanwhile(request: dict[str, Any]) -> None:
        if request["do"] == "part":  # while the learner reads
            desk.warm_up()

    with contextlib.closing(book):
        exchange(requests, answers, desk.answer, meanwhile)


def main() -> None:
    """The whole life of the process."""
    book = Workbook()
    if "NBGRADER_EXECUTION" in os.environ:  # graded or validated: nobody's progress
        book.own = False
    whole_life(partial(serve, book=book))


if __name__ == "__main__":
    main()
