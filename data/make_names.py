"""Make data/names.txt from a table of baby names.

    python data/make_names.py CSV OUT

CSV has the columns name, sex (F or M) and births (a count), with or without that header:
the yobYYYY.txt files of the US Social Security Administration have the same columns.
OUT gets one lower-case name per line, girls first, the most frequent first within each sex,
equal counts in alphabetical order. A name given to both sexes appears twice, as it does in
the list that the lecture uses.

The order depends on the rows alone, never on how they were sorted, so the same table always
gives the same bytes.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

HEADER = ["name", "sex", "births"]


def rows(table: Iterable[Sequence[str]]) -> Iterator[tuple[str, str, int]]:
    """Yield (name, sex, births) of each row; ValueError names the first row that is wrong."""
    for number, row in enumerate(table, start=1):
        if number == 1 and [field.strip().lower() for field in row] == HEADER:
            continue
        if len(row) != len(HEADER):
            raise ValueError(f"row {number} has {len(row)} fields, not name, sex and births")
        name, sex, births = row[0].lower(), row[1], row[2]
        if not (name.isascii() and name.isalpha()):
            raise ValueError(f"row {number}: {row[0]!r} is not a name in the letters a to z")
        if sex not in ("F", "M"):
            raise ValueError(f"row {number}: the sex is {sex!r}, not F or M")
        if not (births.isascii() and births.isdigit()):
            raise ValueError(f"row {number}: {births!r} is not a number of births")
        yield name, sex, int(births)


def make_names(source: Path, out: Path) -> int:
    """Write the names in the table `source` to `out`; return how many there are.

    `out` is replaced in one step, or not at all. Raises ValueError for a table that is wrong
    and OSError for a file that cannot be read or written.
    """
    with open(source, encoding="utf-8-sig", newline="") as file:
        table = sorted(rows(csv.reader(file)), key=lambda row: (row[1], -row[2], row[0]))
    if not table:
        raise ValueError("there is no name in it")
    text = "".join(f"{name}\n" for name, _, _ in table)
    # Beside `out`, because a rename is atomic only within one file system.
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        part.write_bytes(text.encode("ascii"))  # bytes: no "\r\n" on Windows
        os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)
    return len(table)


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return its exit code: 0, 1 (failed) or 2 (wrong usage)."""
    if len(arguments) != 2:
        print("usage: python data/make_names.py CSV OUT", file=sys.stderr)
        return 2
    source, out = map(Path, arguments)
    try:
        count = make_names(source, out)
    except ValueError as error:  # a UnicodeDecodeError is one too
        print(f"{source}: {error}", file=sys.stderr)
        return 1
    except (OSError, csv.Error) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{out}: {count:,} names")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
