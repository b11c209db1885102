"""Children for the pages: each run of a learner's code is one, confined as ``hero check`` confines it.

Nothing of a learner's is ever executed in the process that serves the pages. A run waits in a thread of its
own, so that several may be at work and any can be stopped: to stop is to kill its child.
"""

from __future__ import annotations

import marshal
import re
import secrets
import select
import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from graders.ground import machine
from graders.ground.pending import Pending
from graders.ground.result import Label, RunResult, ScenarioError, sentence
from graders.ground.runner import Outcome
from graders.ground.server import Server
from graders.ground.shown import shown_text
from graders.ground.worker import Worker
from graders.web.mine import Mine

SCENES = Path(__file__).with_name("scenes")
LOAD, STEP = 10.0, 5.0  # CPU seconds to begin, and for each step after


class Shared(Server):
    """A fork server that several threads ask for children, and hear of their ends, at once."""

    def __init__(self, fresh: bool) -> None:
        self._lock = threading.RLock()
        super().__init__(fresh, strict=False)

    def run(self, *args: Any, **kwargs: Any) -> int:
        with self._lock:
            return super().run(*args, **kwargs)

    def listen(self) -> None:
        with self._lock:  # another thread may have taken the news that this one was woken for
            if self.control is None:
                return
            poll = select.poll()
            poll.register(self.control, select.POLLIN)
            if poll.poll(0):
                super().listen()

    def status(self, pid: int) -> int | None:
        with self._lock:
            return super().status(pid)

    def leave(self, pid: int, folder: str) -> None:
        with self._lock:
            super().leave(pid, folder)

    def kill(self, pid: int) -> None:
        with self._lock:
            super().kill(pid)

    def bury(self) -> None:
        with self._lock:
            super().bury()


class Children(Worker):
    """A Worker that threads may share."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()

    def start(self) -> None:
        with self._lock:
            old = self.server
            if self.method != "fork":
                super().start()
            elif old is None or old.control is None:
                machine.allow_files()
                if old is not None:
                    old.bury()
                self.server = Shared(fresh=old is not None)

    def submit(self, request: dict[str, Any]) -> Pending:
        with self._lock:
            return super().submit(request)


class Run:
    """One run of a learner's code: some steps, whose answers are handed over as they come.

    Args:
        code: what is executed.
        scene: the file of scenarios, without its ending.
        steps: (name, scenario, arguments) of each; names differ.
        take: gets a step's name and its answer, as data that the child may have made up, and returns a
            sentence to end the run with, or "". Called in the run's own thread.
        allowances: CPU seconds of a step by its name; STEP where none is given.
    """

    def __init__(
        self,
        code: Mine,
        scene: str,
        steps: Sequence[tuple[str, str, dict[str, Any]]],
        take: Callable[[str, Any], str],
        allowances: dict[str, float] | None = None,
    ) -> None:
        self.code, self.scene, self.steps, self.take = code, scene, steps, take
        self.allowances = allowances or {}
        self.stopped = False
        self.said = ""  # why it ended early, in a sentence
        self.pending: Pending | None = None

    def stop(self) -> None:
        """Ends it, at any time and from any thread."""
        self.stopped = True
        if self.pending is not None:
            self.pending.kill()

    def go(self, children: Children) -> str:
        """Runs to the end; "" or a sentence that says what went wrong."""
        try:
            result = self._go(children)
        except ScenarioError as error:
            return f"The workbook itself is at fault, not your code: {error}. Please report this."
        except machine.MachineError as error:
            return "" if self.stopped else str(error)
        if self.said or self.stopped or result is None:
            return self.said
        if result.load is not None:
            return told(result.load, self.code)
        if result.died:
            return ended(result, self.code)
        return ""

    def _go(self, children: Children) -> RunResult | None:
        if self.stopped:
            return None
        self.pending = children.submit(self._request())
        self.pending.on_answer = self._answer
        if self.stopped:
            self.pending.kill()
        kept = {(self.scene, name): self.allowances.get(name, STEP) for name, *_ in self.steps}
        return self.pending.collect(kept)

    def _request(self) -> dict[str, Any]:
        runs = [
            {
                "exercise": self.scene,
                "check": name,
                "scenario": scenario,
                "target": "",
                "pure": False,
                "cases": [[case, secrets.randbits(31)]],
            }
            for name, scenario, case in self.steps
        ]
        return {
            "source": self.code.source,
            "path": self.code.path,
            "name": "part",
            "standins": self.code.standins,
            "scenarios": [_compiled(self.scene)],
            "forbid": [],
            "runs": runs,
        }

    def _answer(self, label: Label, outcomes: list[Outcome]) -> None:
        if self.said or self.stopped:
            return
        outcome = outcomes[0]
        if "value" in outcome:
            try:
                self.said = self.take(label[1], outcome["value"])
            except (TypeError, ValueError, LookupError, ArithmeticError, RuntimeError):
                self.said = f"{self.code.name} gave an answer that makes no sense."
        else:
            self.said = told(outcome, self.code)
        if self.said and self.pending is not None:
            self.pending.stop("stopped")


@cache
def _compiled(scene: str) -> bytes:
    """A file of scenarios, as ``child.load_scenarios`` takes it: compiled once, and not by each child."""
    text = (SCENES / f"{scene}.py").read_text(encoding="utf-8")
    return marshal.dumps(compile(text, "<scenarios>", "exec"))


def ended(result: RunResult, code: Mine) -> str:
    """Why a run's child ended before its time, in one sentence."""
    said = sentence(result)  # "it printed ...", "its answers ..."
    if said.startswith(("it ", "its ")):
        return code.name + said.removeprefix("it").replace("s ", "'s ", int(said[2] == "s"))
    return said


def told(outcome: Outcome, code: Mine) -> str:
    """What a step ended with, if not with an answer, in one sentence."""
    if "unsendable" in outcome:
        return f"{code.name} gave an answer that cannot be read: {outcome['unsendable']}."
    frames = outcome.get("frames") or []
    line, function = frames[-1] if frames else (0, "")
    where = f"line {line}" if line and code.lines else ""
    where += (", " if where else "") + f"in {function}" if function not in ("", "<module>") else ""
    if outcome.get("syntax"):
        return f"Line {line} of {code.path} is not valid Python: {outcome['message']}."
    said = shown_text(outcome.get("message", "").strip().partition("\n")[0], 300)
    gone = re.fullmatch(r"module 'part' has no attribute '(\w+)'", said)
    if "missing" in outcome or gone:
        return f"{code.name} has no {outcome['missing'] if gone is None else gone[1]}."
    if outcome.get("todo"):
        return f"{code.name} is not whole: {said or 'something in it'} is still a TODO."
    if outcome.get("raised") == "PrintedTooMuch":
        return f"{code.name} {said} in one step" + (f" ({where})." if where else ".")
    what = outcome.get("raised", "an exception") + (f": {said}" if said else "")
    return f"{code.name} raised {what}" + (f" ({where})." if where else ".")
