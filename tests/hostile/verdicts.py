"""What becomes of each submission in submissions/, from the four tables, one for each folder there.

An entry: (mode, what becomes of ``second``, words that its report must hold). "file" before the second says
that the same becomes of all three exercises. The mode says where the attack must be defeated:

* "any": as one's own code, where the least is taken away; what is defeated there is defeated everywhere.
* "strict": as other people's code. One's own code may do it, to oneself.
"""

from __future__ import annotations

from typing import NamedTuple

from tests.hostile import verdicts_confusion, verdicts_harm, verdicts_points, verdicts_secrets

FORBIDDEN = "may not do"
TABLES = {
    "points": verdicts_points,
    "secrets": verdicts_secrets,
    "harm": verdicts_harm,
    "confusion": verdicts_confusion,
}


class Verdict(NamedTuple):
    """What a submission must come to."""

    folder: str
    mode: str  # "any" or "strict"
    status: str
    words: str


VERDICTS = {
    name: Verdict(folder, *entry)
    for folder, table in TABLES.items()
    for name, entry in table.VERDICTS.items()
}
SECONDS = {name: s for table in TABLES.values() for name, s in table.SECONDS.items()}
NEEDS_CONFINEMENT = [name for name, verdict in VERDICTS.items() if verdict.words == FORBIDDEN]
NEEDS_CONFINEMENT += ["fork_through_libc", "attacks_memory_of_others", "shares_memory"]
