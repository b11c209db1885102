"""MCP on standard input and output, by the official SDK. The answers come from a process beside this one."""

from __future__ import annotations

import os
import signal
import threading
from importlib import import_module  # the SDK is an extra
from pathlib import Path
from typing import Any

from graders.errors import UserError
from graders.notebook.desk import Judging
from graders.tutor.tools import ARGUMENTS, INSTRUCTIONS, TOOLS, Tool


def needed() -> None:
    """Raises UserError with what to install where the SDK is missing."""
    try:
        for name in ("anyio", "mcp.server.lowlevel", "mcp.server.stdio", "mcp_types"):
            import_module(name)
    except ImportError as error:
        raise UserError(
            f"the tutor needs {error.name or 'mcp'}, which is not installed here: "
            'pip install -c constraints.txt -e ".[tutor]"'
        ) from None


class Asking:
    """Asks the process that answers, one question after the other."""

    def __init__(self, root: Path) -> None:
        self.desk = Judging(root, "graders.tutor.desk")
        self.turn = threading.Lock()

    def ask(self, tool: str, arguments: dict[str, Any]) -> str:
        """Raises UserError."""
        with self.turn:
            return str(self.desk.ask({"do": tool, "arguments": arguments})["text"])


def make_server(asking: Asking) -> Any:
    """The server: tools only, no resources, no prompts."""
    import anyio
    import mcp_types as types
    from mcp.server.lowlevel import Server

    async def list_tools(_: Any, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[
                types.Tool(
                    name=tool.name,
                    description=tool.about,
                    input_schema=schema(tool),
                    annotations=types.ToolAnnotations(
                        read_only_hint=not tool.remembers,
                        destructive_hint=False,
                        open_world_hint=False,
                    ),
                )
                for tool in TOOLS
            ]
        )

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        wrong = False
        try:
            text = await anyio.to_thread.run_sync(
                asking.ask, params.name, params.arguments or {}, abandon_on_cancel=True
            )
        except UserError as error:
            text, wrong = str(error), True
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text)], is_error=wrong
        )

    return Server(
        "hero-tutor",
        title="Learn how GPT works by building it",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def schema(tool: Tool) -> dict[str, Any]:
    """What a tool takes, as JSON Schema."""
    properties = {
        name: {
            "type": "string",
            "pattern": f"^{ARGUMENTS[name][0]}$",
            "description": ARGUMENTS[name][1],
        }
        for name in tool.takes
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def serve(root: Path) -> None:
    """Serves until standard input ends. Nothing but the protocol is written to standard output."""
    import anyio
    from mcp.server.stdio import stdio_server

    asking = Asking(root)
    server = make_server(asking)

    def end(number: int, _: Any) -> None:
        asking.desk.stop()
        os._exit(128 + number)  # a thread waits for standard input, and nothing else would end it

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), end)

    async def run() -> None:
        async with stdio_server() as (read, write):  # leads what anything prints to standard error
            await server.run(read, write, server.create_initialization_options())

    try:
        anyio.run(run)
    finally:
        asking.desk.stop()
