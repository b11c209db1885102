"""The pages' server: this machine only, an address that nobody can guess, and nothing from outside.

Every address begins with a token that is drawn anew at each start. A request without it, one whose Host names
another place (a page elsewhere whose name was made to lead here), or a socket opened by another site's page
gets 403 and a sentence. The policy that goes with each page forbids the browser to ask anybody else.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hmac
import os
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graders.errors import UserError

try:
    from tornado import httpserver, netutil, web, websocket
except ImportError:
    raise UserError(
        "the pages need tornado, which is not installed here: pip install -e '.[play]'"
    ) from None

from graders.web.desk import MAX_MESSAGE, Desk, Office
from graders.web.mine import Sources

HERE = "127.0.0.1"
PORT = 8707
PAGES = Path(__file__).with_name("pages")
KINDS = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
REFUSED = "This page is for whoever started `hero play --web`: open the address that it printed.\n"


def serve(
    sources: Sources,
    prompt: str = "",
    named: Path | None = None,
    port: int | None = None,
    browser: bool = True,
    typed: Callable[[str], str] = str,
) -> None:
    """Serves the pages until it is interrupted.

    Args:
        sources: whose code runs.
        prompt: what stands there at first; "" is the page's own.
        named: a checkpoint to offer first.
        port: the port to take; if None, a usual one, or any that is free.
        browser: open the address in a browser.
        typed: makes each ``hero ...`` in a sentence what must be typed here.

    Raises:
        UserError: the port is taken.
    """
    listening = listen(port)
    with contextlib.suppress(
        ImportError
    ):  # before the children's server is forked, which then has them
        import regex  # noqa: F401
        import safetensors.torch  # noqa: F401

    office = Office(sources, named, typed, prompt)
    try:
        asyncio.run(_serve(office, listening, browser and _has_screen()))
    except KeyboardInterrupt:
        print("\nThe pages are closed.", flush=True)
        raise
    finally:
        office.close()


def listen(port: int | None) -> list[socket.socket]:
    """Takes a port of this machine's own. Raises UserError."""
    for wanted in [port] if port is not None else [PORT, 0]:
        try:
            return netutil.bind_sockets(wanted, HERE, socket.AF_INET)
        except OSError as error:
            if port is not None:
                taken = error.errno == errno.EADDRINUSE
                why = "is taken" if taken else f"cannot be had ({error.strerror or error})"
                raise UserError(
                    f"port {port} {why}: name another, or leave out --port and one is picked."
                ) from None
    raise UserError("no port of this machine is free.")


async def _serve(office: Office, listening: list[socket.socket], browser: bool) -> None:
    token = secrets.token_urlsafe(16)
    port = listening[0].getsockname()[1]
    server = httpserver.HTTPServer(application(office, token, port), max_body_size=2**16)
    server.add_sockets(listening)
    address = f"http://{HERE}:{port}/{token}/"
    print(f"{address}\nOpen this address in a browser on this machine; Ctrl-C ends it.", flush=True)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    await asyncio.Event().wait()


def _has_screen() -> bool:
    """Whether a browser would open a window, rather than take this terminal over."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))


def application(office: Office, token: str, port: int) -> web.Application:
    """The addresses that there are: pages and a socket below the token, and a refusal for all else."""
    told = dict(office=office, token=token)
    return web.Application(
        [
            (r"/([^/]+)/socket", Socket, told),
            (r"/([^/]+)/([a-z.]*)", Page, told),
            (r".*", Page, told),
        ],
        default_handler_class=Page,
        default_handler_args=told,
        websocket_max_message_size=MAX_MESSAGE,
        websocket_ping_interval=20,
        hosts=(f"{HERE}:{port}", f"localhost:{port}"),
        log_function=lambda handler: None,
    )


class _Guarded(web.RequestHandler):
    """Refuses whoever does not have the token, or came by another name."""

    def initialize(self, office: Office, token: str) -> None:
        self.office, self.token = office, token

    def prepare(self) -> None:
        given = self.path_args[0] if self.path_args else ""
        known = hmac.compare_digest(str(given).encode(), self.token.encode())
        if not known or self.request.host not in self.settings["hosts"]:
            self.refuse(403, REFUSED)

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        sockets = " ".join(f"ws://{host}" for host in self.settings["hosts"])
        for name, value in {
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
            f"img-src 'self' data:; connect-src 'self' {sockets}; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
        }.items():
            self.set_header(name, value)

    def refuse(self, status: int, sentence: str) -> None:
        self.set_status(status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(sentence)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        self.refuse(status_code, "This is no request that the pages make.\n")


class Page(_Guarded):
    """The files of pages/."""

    def get(self, token: str = "", name: str = "") -> None:
        path = PAGES / (name or "index.html")
        if path.suffix not in KINDS or path.parent != PAGES or not path.is_file():
            self.refuse(404, "There is no such page.\n")
            return
        self.set_header("Content-Type", f"{KINDS[path.suffix]}; charset=utf-8")
        self.finish(path.read_bytes())

    head = get


class Socket(_Guarded, websocket.WebSocketHandler):
    """An open page's line to its desk."""

    desk: Desk | None = None

    def check_origin(self, origin: str) -> bool:
        return origin == f"http://{self.request.host}"

    async def get(self, *args: Any, **kwargs: Any) -> None:
        if "Origin" not in self.request.headers:  # every browser says it
            self.refuse(403, REFUSED)
            return
        await super().get(*args, **kwargs)

    def open(self, *_: str) -> None:
        loop = asyncio.get_running_loop()

        def later(function: Callable[..., None], *args: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(function, *args)

        self.desk = Desk(self.office, self.post, later)
        self.desk.hello()

    def post(self, text: str) -> None:
        with contextlib.suppress(websocket.WebSocketClosedError):
            self.write_message(text)

    def on_message(self, message: str | bytes) -> None:
        if self.desk is not None:
            self.desk.hear(message)

    def on_close(self) -> None:
        if self.desk is not None:
            self.desk.close()
