"""Fetch the files of the lecture: `hero data fetch`.

A file appears in data/lecture/ whole and verified (SHA-256), or not at all. A download that
breaks off is kept as <file>.part, and the next attempt asks only for the rest.
"""

from __future__ import annotations

import errno
import http.client
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from data import corpora
from data.bar import Bar
from data.corpora import CORPORA, Corpus, DataError
from data.lock import own_part

BASE_URLS = ("https://raw.githubusercontent.com",)
TIMEOUT = 20.0  # seconds that a server may be silent
CHUNK = 1 << 16  # bytes


class _ServerError(DataError):
    """It is the server or the way to it: another address may do better."""


def fetch(
    name: str,
    folder: str | os.PathLike[str] | None = None,
    base_urls: Sequence[str] | None = None,
    show: bool = True,
) -> Path:
    """Return the path of the lecture's file `name`, fetched unless it is there already.

    name:      "names" or "shakespeare", see CORPORA in data/corpora.py
    folder:    where the file goes; data/lecture/ unless told
    base_urls: addresses to try in turn, the file's path there is put behind them;
               GitHub unless told
    show:      whether to show how the download goes

    Raises DataError, one sentence, when it did not work: an unknown name, no network, a server
    that fails or sends something else, a full disk, no permission. A file that was there
    before is then still there, unchanged.
    """
    return _fetch(name, folder, base_urls, show)[0]


def _fetch(
    name: str,
    folder: str | os.PathLike[str] | None = None,
    base_urls: Sequence[str] | None = None,
    show: bool = True,
) -> tuple[Path, bool]:
    """Do what `fetch` promises; return the path and whether there was nothing to do."""
    corpus = CORPORA.get(name)
    if corpus is None:
        known = " or ".join(CORPORA)
        raise DataError(f"There is nothing called {name!r} to fetch: choose {known}.")
    target = Path(corpora.LECTURE if folder is None else folder) / corpus.file
    urls = [f"{base.rstrip('/')}/{corpus.path}" for base in base_urls or BASE_URLS]
    try:
        if _has_right(target, corpus):
            return target, True
        target.parent.mkdir(parents=True, exist_ok=True)
        with own_part(target) as part:
            # Between our look and our lock, another process may have finished.
            if not _has_right(target, corpus):
                _complete(part, corpus, urls, show)
                os.replace(part, target)
    except OSError as error:  # the network's are _ServerErrors by now: this is the disk
        raise DataError(_disk_sentence(error, target, corpus)) from error
    except _ServerError as error:
        raise DataError(f"{error}; run `hero data fetch {name}` to try again.") from error
    return target, False


def fetch_command(names: Sequence[str] = ()) -> int:
    """Fetch `names` (all, when empty), print a sentence about each, return the exit code.

    0: all of them are there now; 1: at least one is not, and standard error says why.
    """
    code = 0
    for name in dict.fromkeys(names or CORPORA):
        try:
            path, there = _fetch(name)
        except DataError as error:
            print(error, file=sys.stderr)
            code = 1
        else:
            print(f"{name}: {path} {'was there already' if there else 'is fetched and verified'}.")
    return code


def _has_right(path: Path, corpus: Corpus) -> bool:
    """Whether the file `path` is there and is the whole of `corpus`."""
    # The size first: something huge by that name is not to be read.
    if not path.is_file() or path.stat().st_size != corpus.size:
        return False
    return corpora.is_right(path.read_bytes(), corpus)


def _complete(part: Path, corpus: Corpus, urls: Sequence[str], show: bool) -> None:
    """Make `part` the whole of `corpus`, or raise the _ServerError of the last address."""
    for url in urls[:-1]:
        try:
            return _complete_from(url, part, corpus, show)
        except _ServerError:
            continue
    return _complete_from(urls[-1], part, corpus, show)


def _complete_from(url: str, part: Path, corpus: Corpus, show: bool) -> None:
    """Make `part` the whole of `corpus`: what it has already counts, if it turns out right."""
    if _has_right(part, corpus):
        return
    have = part.stat().st_size if part.exists() else 0
    # A beginning that is as long as the whole and yet not right is of no use. A shorter one
    # shows its worth only at the end; if it was bad, we start once more, from nothing.
    for start in (have, 0) if 0 < have < corpus.size else (0,):
        if not start:
            part.unlink(missing_ok=True)
        _receive(url, part, start, corpus, show)
        if _has_right(part, corpus):
            return
    part.unlink(missing_ok=True)
    raise _ServerError(
        f"What {url} sent is not the lecture's file (wrong size or SHA-256), and was thrown away"
    )


def _receive(url: str, part: Path, start: int, corpus: Corpus, show: bool) -> None:
    """Write what `url` has from byte `start` on to `part`.

    Returns with part incomplete when the server's answer cannot lead to the right file, and
    raises _ServerError, what came so far being in part, when asking again may.
    """
    with ExitStack() as stack:
        response = _ask(url, start)
        if response is None:
            return
        stack.enter_context(response)
        if response.status != 206:
            start = 0  # this server knows no Range: it sends everything
        elif not response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
            return
        length = response.headers.get("Content-Length")
        if length is not None and length != str(corpus.size - start):
            return  # a login page, another edition, ...: not worth reading
        # Appending, in binary: nothing that is there is ever changed, short of truncate(0).
        file = stack.enter_context(open(part, "ab"))
        if not start:
            file.truncate(0)
        bar = stack.enter_context(Bar(corpus.size, corpus.file, 0.25, "bytes")) if show else None
        received = start
        while received <= corpus.size:  # one byte too many is enough to know
            chunk = _read(response, url, received, corpus)
            if not chunk:
                break
            file.write(chunk)
            received += len(chunk)
            if bar is not None:
                bar.reach(received)
        file.flush()
        os.fsync(file.fileno())  # a full disk may show only now
        if received < corpus.size:
            raise _ServerError(_cut(url, received, corpus, "it ended early"))


def _ask(url: str, start: int) -> http.client.HTTPResponse | None:
    """Return the server's answer, None when it cannot continue from byte `start`."""
    try:
        request = urllib.request.Request(url, headers={"Range": f"bytes={start}-"} if start else {})
        # A new opener each time: the proxies are those in the environment now.
        response = urllib.request.build_opener().open(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and start:
            return None
        raise _ServerError(f"{url} answered {error.code} ({error.reason})") from None
    except urllib.error.URLError as error:
        raise _ServerError(f"Cannot reach {url} ({_reason(error.reason)})") from error
    except (http.client.HTTPException, OSError, ValueError) as error:
        raise _ServerError(f"Cannot reach {url} ({_reason(error)})") from error
    if not isinstance(response, http.client.HTTPResponse):  # file: or ftp:
        response.close()
        raise _ServerError(f"{url} is no address on the web")
    return response


def _read(response: http.client.HTTPResponse, url: str, received: int, corpus: Corpus) -> bytes:
    """Return the next bytes, b"" at the end."""
    try:
        # read1, unlike read, hands over what has come, without waiting for a full chunk: all of
        # it is in the partial file when the connection breaks.
        return response.read1(CHUNK)
    except http.client.IncompleteRead as error:
        return error.partial
    except (http.client.HTTPException, OSError) as error:
        raise _ServerError(_cut(url, received, corpus, _reason(error))) from error


def _cut(url: str, received: int, corpus: Corpus, why: str) -> str:
    return f"The download of {url} broke off after {received:,} of {corpus.size:,} bytes ({why})"


def _reason(error: object) -> str:
    """Return what went wrong on the network in a few words."""
    if isinstance(error, TimeoutError):
        return f"no answer for {TIMEOUT:g} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__


def _disk_sentence(error: OSError, target: Path, corpus: Corpus) -> str:
    """Return what went wrong on our side, in a sentence."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk is full: {target} needs {corpus.size:,} bytes; free some and try again."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Cannot write {target}: there is no permission to write in that folder."
    return f"Cannot write {target} ({error.strerror or error})."
