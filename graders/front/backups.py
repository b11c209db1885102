"""The backups below .hero/backup: made before files are written over, listed and brought back.

A backup is a folder named by its time, laid out like the checkout; `hero reset` makes single files,
`05_backprop/1_loss.20260131-120000.py`, which are understood too.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from graders.errors import UserError
from graders.front.files import write_atomically

STAMP = r"\d{8}-\d{6}(?:-\d+)?"


class Backups:
    """The backups of a checkout."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, root / ".hero" / "backup"

    def keep(self, paths: list[str]) -> str:
        """Copies files of the checkout, as they are; the backup's name. Raises OSError."""
        stamp = name = time.strftime("%Y%m%d-%H%M%S")
        number = 1
        while (self.folder / name).exists():
            name, number = f"{stamp}-{number}", number + 1
        (self.folder / name).mkdir(parents=True)
        for path in paths:
            if (self.root / path).is_file():
                write_atomically(self.folder / name / path, (self.root / path).read_bytes())
        return name

    def put(self, name: str, paths: list[str]) -> None:
        """Some files as a backup has them; what it does not have goes."""
        for path in paths:
            copy = self.folder / name / path
            if copy.is_file():
                write_atomically(self.root / path, copy.read_bytes())
            else:
                (self.root / path).unlink(missing_ok=True)

    def all(self) -> dict[str, dict[str, Path]]:
        """{name: {path in the checkout: copy}}, the newest first."""
        found: dict[str, dict[str, Path]] = {}
        for folder in self.folder.glob("*") if self.folder.is_dir() else []:
            if re.fullmatch(STAMP, folder.name):
                copies = [p for p in sorted(folder.rglob("*")) if p.is_file()]
                found[folder.name] = {p.relative_to(folder).as_posix(): p for p in copies}
                continue
            for copy in folder.glob("*.py"):
                if match := re.fullmatch(rf"(.+)\.({STAMP})\.py", copy.name):
                    path = f"exercises/{folder.name}/{match[1]}.py"
                    found[f"{folder.name}/{copy.name}"] = {path: copy}
        when = re.compile(STAMP)
        return dict(sorted(found.items(), key=lambda x: when.findall(x[0])[-1], reverse=True))

    def restore(self, name: str) -> tuple[list[str], str]:
        """Brings a backup back; (its files, the name of the backup of what they replaced)."""
        name = name.removeprefix(".hero/backup/").rstrip("/")
        copies = self.all().get(name)
        if not copies:
            raise UserError(f"there is no backup {name!r}; `hero restore` lists them.")
        contents = {path: copy.read_bytes() for path, copy in copies.items()}
        before = self.keep(list(contents))
        done: list[str] = []
        try:
            for path, content in contents.items():
                done.append(path)
                write_atomically(self.root / path, content)
        except OSError as error:
            self.put(before, done)
            raise UserError(
                f"{done[-1]} could not be written ({error.strerror}): all is as it was."
            ) from None
        return done, before
