"""Which exercises of a part each one needs: as a learner's file has it, and as the reference has it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import cached_property

from graders.core.loaded import LoadedPart
from graders.core.reach import INDIRECT, Edges, Reach, is_implicit, named_in, ordered, words_in
from graders.core.standins import lent, targets_of
from graders.ground.definitions import is_put_in, stored
from graders.ground.parsing import parse
from graders.ground.standing_in import with_standins


class Ours:
    """What the texts of a part say: its reference and its scenarios. Kept with the part."""

    def __init__(self, part: LoadedPart) -> None:
        self.part = part
        self.targets = targets_of(part)
        self.reach = Reach(part.bare_tree)
        self._scenarios: dict[str, frozenset[str]] = {}

    def scenario(self, name: str) -> frozenset[str]:
        """The names in an exercise's scenarios."""
        if name not in self._scenarios:
            self._scenarios[name] = words_in(self.part.scenarios(name))
        return self._scenarios[name]

    def calls(self, name: str) -> frozenset[str]:
        """The exercises that the reference's code for one of them calls."""
        return named_in(self.reach.from_code(self.targets[name]), self.targets)

    def needs(self, name: str) -> frozenset[str]:
        """The same, and those that its scenarios call."""
        return self.calls(name) | named_in(self.reach.from_words(self.scenario(name)), self.targets)


class Needs:
    """What the texts say, for one learner's file.

    Args:
        ours: what the part's own texts say.
        text: the file; it can be parsed.
        todo: the exercises that are still a TODO in it, for which the reference stands in.
        comes_to: which others run when an exercise is judged, if all is the reference's.
    """

    def __init__(
        self,
        ours: Ours,
        text: str,
        todo: Iterable[str],
        comes_to: Callable[[str], frozenset[str]],
    ) -> None:
        self.ours, self.text, self.targets = ours, text, ours.targets
        self.comes_to = comes_to
        self.tree = parse(text)  # or TooMuch: what follows parses it anew, to change it
        standins = {name: lent(ours.part, name) for name in todo}
        self.theirs = Reach(with_standins(text, "", standins))
        self._words: dict[str, frozenset[str]] = {}

    def _mentioned(self, name: str) -> frozenset[str]:
        """All that a run of an exercise may come to, in the learner's file."""
        if name not in self._words:
            code = self.theirs.from_code(self.targets[name])
            self._words[name] = code | self.theirs.from_words(self.ours.scenario(name))
        return self._words[name]

    @cached_property
    def _stored(self) -> frozenset[str]:
        return stored(self.tree)

    @cached_property
    def _loading(self) -> frozenset[str]:
        return self.theirs.from_loading()

    def calls(self, name: str) -> frozenset[str]:
        """The exercises that an exercise calls, as far as the text tells."""
        return named_in(self._mentioned(name), self.targets) - {name}

    def late(self, name: str, helped: Iterable[str], wrong: Callable[[str], bool | None]) -> str:
        """A later exercise, not right yet, whose reference did an exercise's work; "" if there is none.

        What our own code and scenarios call is nobody's fault, and what comes earlier blocks nobody.
        """
        place = [*self.targets].index
        fair = self._closed(name, [n for n in helped if place(n) < place(name)])
        late = sorted((n for n in helped if n not in fair), key=place)
        return next((n for n in late if place(n) > place(name) and wrong(n)), "")

    def fair(self, name: str) -> frozenset[str]:
        """What may stand in for others in strict mode while an exercise is judged: what we ourselves need.

        That is what our scenarios and the reference's code come to, as it was seen. Whatever else a file
        calls for the work, earlier or later, could do all of it.
        """
        return self.comes_to(name) - {name}

    def _closed(self, name: str, more: Iterable[str]) -> set[str]:
        """An exercise, what our own texts need for it, some more, and whatever those call."""
        fair, queue = {name}, [*self.ours.needs(name), *more]
        while queue:
            other = queue.pop()
            if other not in fair:
                fair.add(other)
                queue += self.ours.calls(other)
        return fair

    def may_call(self, name: str, others: Collection[str]) -> frozenset[str]:
        """Those of the others that may run when an exercise is judged and the reference stands in for them.

        More rather than less: operators call methods that are not mentioned.
        """
        words = self._mentioned(name) | self._loading
        if words & INDIRECT or any(
            is_put_in(self.tree, self._stored, t) for t in self.targets[name]
        ):
            return frozenset(others) - {name}
        found = set(named_in(words, self.targets))
        for other in others:
            if any(is_implicit(t.rpartition(".")[2]) for t in self.targets[other]):
                found.add(other)
        queue = [*found]
        while queue:
            other = queue.pop()
            if other in others:  # there it is the reference's code that calls
                more = self.ours.calls(other) - found
                found |= more
                queue += more
        return frozenset(found & {*others}) - {name}

    def order(self, names: list[str], blamed: Edges) -> list[str]:
        """Exercises so that each comes after those it needs, whether it is judged or lent.

        Where exercises need each other, it counts first which of them their runs speak against, then
        what the learner's file says, then what the reference says, then the part's order.
        """
        if len(names) < 2:
            return names
        calls = {name: self.calls(name) for name in names}
        lending = {name: calls[name] | self.ours.calls(name) for name in names}
        right = {name: self.ours.needs(name) for name in names}
        return ordered(sorted(names, key=[*self.targets].index), [lending, blamed, calls, right])
