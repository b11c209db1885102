"""A copy of `hero play --web` to try: its own folder of exercises, which the tests write into.

As a program it serves: python -m tests.web.site FOLDER. Every exercise counts as passed.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

ROOT = Path(__file__).resolve().parents[2]
GPT, TOKENIZER = "07_gpt/8_gpt.py", "08_tokenizer/3_regex.py"
MICROGRAD = "01_micrograd/5_functions.py"
BEFORE = [f"01_micrograd/{name}.py" for name in ("2_value", "3_backward", "4_arithmetic")]
FILES = (GPT, TOKENIZER, MICROGRAD, *BEFORE)


class Site:
    """Pages that are being served.

    Attributes:
        address: of the first page, the token included.
        folder: the exercises that it runs: the solutions, until a test changes them.
        process: the server's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.restore()
        program = [sys.executable, "-m", "tests.web.site", str(folder)]
        about = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            program, cwd=folder, env=about, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().strip()

    def restore(self) -> None:
        for file in FILES:
            path = self.folder / file
            path.parent.mkdir(exist_ok=True)
            shutil.copyfile(ROOT / "solutions" / file, path)

    def change(self, file: str, old: str, new: str) -> None:
        """The solution with something else in one place."""
        text = (ROOT / "solutions" / file).read_text(encoding="utf-8")
        assert old in text
        (self.folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


class Line:
    """An open page's line to its server, without a page: asks, and hears what comes back.

    async with Line(site.address) as line:
        messages = await line.all("speak", prompt="ROMEO:", tokens=3)
    """

    def __init__(self, address: str) -> None:
        self.address, self.job = address, 0

    async def __aenter__(self) -> Line:
        url, origin = self.address + "socket", "/".join(self.address.split("/")[:3])
        request = HTTPRequest(url.replace("http", "ws", 1), headers={"Origin": origin})
        self.socket = await websocket_connect(request, max_message_size=2**26)
        self.hello = await self.hear()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.socket.close()

    async def hear(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self.socket.read_message(), 60)
        assert text is not None, "the server hung up"
        return json.loads(text)

    async def ask(self, do: str, **fields: Any) -> None:
        self.job += 1
        await self.socket.write_message(json.dumps({"do": do, "job": self.job, **fields}))

    async def rest(self) -> list[dict[str, Any]]:
        """What comes back, to the end of the run."""
        found = [await self.hear()]
        while found[-1]["kind"] != "end":
            found.append(await self.hear())
        return found

    async def all(self, do: str, **fields: Any) -> list[dict[str, Any]]:
        await self.ask(do, **fields)
        return await self.rest()


@contextmanager
def served(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    try:
        yield site
    finally:
        site.process.terminate()
        site.process.wait(20)


def main(folder: Path) -> None:
    from graders.core.registry import Registry
    from graders.front.process import end_in_order
    from graders.web.mine import Sources
    from graders.web.serve import serve

    registry = Registry(ROOT)
    done = {
        f"{ref.number}.{name}"
        for lesson in ("01_micrograd", "07_gpt", "08_tokenizer")
        for ref in registry.parts(lesson)
        for name in registry.exercise_names(ref)
    }
    end_in_order()
    serve(Sources(registry, folder, lambda: done), browser=False, port=0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
