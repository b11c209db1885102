"""One open page: what it asks for, one run of each kind at a time, and what is said back.

A message is JSON, a small dict. What comes: ``{"do": "speak", "job": 7, ...}``, or "look", "pieces", "graph",
"stop". What goes: ``{"kind": ..., "do": ..., "job": 7, ...}``, so that a page can tell what belongs to a run
that it has given up. A run ends with ``end``, which holds a sentence if it went wrong.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from graders.errors import UserError
from graders.web import graph, pieces, speaking
from graders.web.checkpoints import Checkpoint, checkpoints, chosen
from graders.web.jobs import Children, Run
from graders.web.mine import Sources

AT_ONCE = 8  # runs, of all pages together
MAX_MESSAGE = 8 * 2**20  # bytes; what is far too long for a prompt still gets a sentence


class Office:
    """What all pages share.

    Args:
        sources: whose code runs.
        named: a checkpoint that was asked for on the command line.
        typed: makes each ``hero ...`` in a sentence what must be typed here.
        prompt: what stands there at first; "" is the page's own.
    """

    def __init__(
        self,
        sources: Sources,
        named: Path | None = None,
        typed: Callable[[str], str] = str,
        prompt: str = "",
    ) -> None:
        self.root, self.sources, self.named = sources.registry.root, sources, named
        self.typed, self.prompt = typed, prompt
        self.children = Children()
        self.children.start()
        self.trained = pieces.Trained()
        self.threads = ThreadPoolExecutor(AT_ONCE, "run")
        self.works: set[Work] = set()
        self.offered: list[Checkpoint] = []

    def look_for_models(self) -> list[Checkpoint]:
        """Which models there are now; a page that was just opened offers these."""
        self.offered = checkpoints(self.root, self.named)
        return self.offered

    def close(self) -> None:
        """Ends every run and every child; returns when all are gone."""
        for work in list(self.works):
            work.stop()
        self.threads.shutdown(wait=True)
        self.children.close()


class Work:
    """A run from the moment it is asked for: it may be stopped before it has begun.

    Args:
        make: reads the learner's files and makes the run; called in the run's own thread.
    """

    def __init__(self, make: Callable[[], Run]) -> None:
        self.make = make
        self.run: Run | None = None
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True
        if self.run is not None:
            self.run.stop()

    def go(self, children: Children) -> str:
        """Runs to the end; "" or a sentence that says what went wrong."""
        try:
            self.run = self.make()
            if self.stopped:
                return ""
            return self.run.go(children)
        except UserError as error:
            return str(error)
        except Exception as error:
            return f"The workbook itself is at fault, not your code: {error!r}. Please report this."


class Desk:
    """The server's side of one open page; all of it runs in the server's one loop, runs excepted.

    Args:
        post: sends a text to the page; called in the loop.
        later: calls a function in the loop, from any thread.
    """

    def __init__(
        self, office: Office, post: Callable[[str], None], later: Callable[..., None]
    ) -> None:
        self.office, self.post, self.later = office, post, later
        self.at_work: dict[str, Work] = {}  # what is done -> who does it
        self.open = True

    def hello(self) -> None:
        """What the page shows before anything is asked."""
        whose = {}
        for name in ("gpt", "tokenizer", "engine"):
            try:
                whose[name] = self.office.typed(getattr(self.office.sources, name)().says)
            except UserError as error:
                whose[name] = str(error)
        models = [checkpoint.name for checkpoint in self.office.look_for_models()]
        prompt = self.office.prompt
        self.say({"kind": "hello", "whose": whose, "models": models, "prompt": prompt})

    def say(self, message: dict[str, Any]) -> None:
        if self.open:
            if "whose" in message and isinstance(message["whose"], str):
                message["whose"] = self.office.typed(message["whose"])
            self.post(json.dumps(message))

    def hear(self, text: str | bytes) -> None:
        """Takes a message of the page's."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError):
            message = None
        if not isinstance(message, dict) or not isinstance(message.get("job"), int):
            self.say({"kind": "end", "do": "", "job": 0, "error": "that message makes no sense."})
            return
        do, job = message.get("do"), message["job"]
        if do == "stop":
            self.stop(str(message.get("what")))
            return
        try:
            make = self._maker(do, message, partial(self._tell, str(do), job))
        except UserError as error:
            self._ended(do, job, None, str(error))
            return
        self.start(str(do), job, make)

    def _maker(self, do: Any, message: dict[str, Any], tell: Any) -> Callable[[], Run]:
        """What makes the run that is asked for; called in a thread. Raises UserError."""
        office = self.office
        if do == "graph":
            text = message.get("text")
            given = graph.refuse(message.get("values", {}))
            tree, values = graph.asked(text if isinstance(text, str) else "", given)
            return lambda: graph.run(office.sources, tree, values, tell)
        if do == "pieces":
            text = plain(pieces.checked(message.get("text")))
            return lambda: pieces.run(office.sources, office.trained, text, tell)
        if do in ("speak", "look"):
            if not (offered := office.offered):
                raise UserError("There is no model: train one with `hero run 07/8 --save FILE`.")
            weights = chosen(offered, message.get("model", offered[0].name))
            if do == "look":
                return lambda: speaking.look(office.sources, weights, message.get("ids"), tell)
            knobs = speaking.options(message)
            return lambda: speaking.run(office.sources, weights, knobs, tell)
        raise UserError("that message makes no sense.")

    def start(self, do: str, job: int, make: Callable[[], Run]) -> None:
        """Begins a run, in place of the one of its kind that is at work on this page."""
        self.stop(do)
        if len(self.office.works) >= AT_ONCE:
            self._ended(do, job, None, f"{AT_ONCE} runs are at work already: stop one of them.")
            return
        work = Work(make)
        self.at_work[do] = work
        self.office.works.add(work)
        self.office.threads.submit(
            lambda: self.later(self._ended, do, job, work, work.go(self.office.children))
        )

    def stop(self, do: str) -> None:
        """Stops the run of a kind, if there is one."""
        if work := self.at_work.pop(do, None):
            work.stop()

    def close(self) -> None:
        """The page is gone, and with it what was done for it."""
        self.open = False
        for do in list(self.at_work):
            self.stop(do)

    def _tell(self, do: str, job: int, message: dict[str, Any]) -> None:
        self.later(self.say, {**message, "do": do, "job": job})

    def _ended(self, do: Any, job: int, work: Work | None, said: str) -> None:
        if work is not None:
            self.office.works.discard(work)
            if self.at_work.get(do) is work:
                del self.at_work[do]
                if do == "pieces" and not said and work.run and work.run.steps[0][0] == "train":
                    self.start(do, job, work.make)  # it has learned; now it can cut
                    return
        said = self.office.typed(said)
        said = said[:1].upper() + said[1:]
        stopped = work is not None and work.stopped
        self.say({"kind": "end", "do": do, "job": job, "error": said, "stopped": stopped})


def plain(text: str) -> str:
    """A text that UTF-8 can hold: halves of characters, which JSON can name, become U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
