"""The tutor as an assistant meets it: through the SDK's own client, and byte by byte."""

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest
from mcp import Client, StdioServerParameters

from graders.errors import UserError
from graders.tutor import server
from tests.front.small import FILE, command, environment, solve

PROBS = {"exercise": "05.probs_backward"}


def talk(folder, conversation):
    """Holds a conversation with the program; what it wrote on standard error."""
    first, *rest = command("tutor")

    async def run():
        parameters = StdioServerParameters(command=first, args=rest, env=environment(), cwd=folder)
        async with Client(parameters) as client:

            async def call(name, arguments=None):
                answer = await client.call_tool(name, arguments or {})
                (content,) = answer.content
                return content.text, answer.is_error

            await conversation(client, call)

    asyncio.run(asyncio.wait_for(run(), 60))


def sentence(answer):
    text, wrong = answer
    assert wrong
    assert "\n" not in text and "Traceback" not in text
    return text


def test_a_session(small):
    """One process: what there is, a wrong answer and its name, hints that count, what cannot be checked."""
    before = {p: p.read_bytes() for p in small.rglob("*") if p.is_file()}

    async def conversation(client, call):
        tools = (await client.list_tools()).tools
        assert {t.name for t in tools} >= {
            "next_exercise",
            "task",
            "check",
            "next_hint",
            "lesson_text",
        }
        assert all(t.description and t.input_schema["type"] == "object" for t in tools)
        assert client.server_capabilities.resources is None
        assert "do not give it" in client.instructions
        assert "nothing was checked here yet" in sentence(await call("last_report"))
        text, _ = await call("next_exercise")
        assert text.startswith("05.logprobs_backward: ")
        assert f"{FILE}, line " in text
        text, _ = await call("task", PROBS)
        assert "def probs_backward(dlogprobs, probs):" in text
        assert "NotImplementedError" in text

        solve(small / FILE, by="    print('hello')\n    return dlogprobs * probs")
        text, wrong = await call("check", PROBS)
        assert not wrong
        assert "05.probs_backward: " in text
        assert "--seed " in text
        assert "erivative of log(x) is 1 / x." in text  # the diagnosis
        assert "It printed:\n  hello" in text
        assert (await call("last_report"))[0] == text
        for number in (1, 2):
            text, _ = await call("next_hint", PROBS)
            assert f"hint {number} of 3: " in text
        for _ in range(2):
            text, wrong = await call("next_hint", PROBS)
            assert not wrong
            assert "is not given here" in text and "hero hint 05.probs_backward" in text
        state = json.loads((small / ".hero/state.json").read_text())
        assert state["hints"] == {
            "05.probs_backward": 2
        }  # as in the terminal, whose turn is the third

        source = (small / FILE).read_text()
        (small / FILE).write_text(source.replace("dlogprobs * probs", "dlogprobs / probs"))
        text, _ = await call("check", PROBS)
        assert text.startswith("05.probs_backward: right.\nNext: 05.logprobs_backward.")
        assert (await call("progress"))[0] == "05_backprop: 1 of 8 done"
        (small / FILE).write_text("def (")
        assert f"{FILE}: line 1 is not valid Python" in sentence(await call("check", PROBS))
        assert (await call("last_report"))[0].startswith("05.probs_backward: ")
        os.unlink(small / FILE)
        assert "there is no file" in sentence(await call("check", PROBS))
        assert "Did you mean 05.probs_backward?" in sentence(
            await call("task", {"exercise": "05.probs_backwards"})
        )
        assert "is not understood here" in sentence(await call("check", {"exercise": FILE}))
        assert "there is no tool" in sentence(await call("solution", PROBS))
        (small / FILE).write_bytes(before[small / FILE])

    talk(small, conversation)
    after = {
        p: p.read_bytes() for p in small.rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    changed = {str(p.relative_to(small)) for p in after if before.get(p) != after[p]}
    assert changed == {".hero/state.json"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_nothing_but_the_protocol_is_written(small):
    """Also where what is sent is no message, or asks for a file; and it ends when it is told to."""
    ask = {"name": "next_hint", "arguments": PROBS}
    hello = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    }
    sent = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": ask},
        {
            "jsonrpc": "2.0",
            "id": 3,
            "method": "resources/read",
            "params": {"uri": "file:///etc/passwd"},
        },
    ]
    process = subprocess.Popen(
        command("tutor"), cwd=small, env=environment(), text=True, encoding="utf-8",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin and process.stdout
    try:
        process.stdin.write("not a message\n")
        got = {}
        for message in sent:
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            while "id" in message and message["id"] not in got:
                answer = json.loads(process.stdout.readline())
                assert answer["jsonrpc"] == "2.0"
                got[answer.get("id")] = answer
        assert got[2]["result"]["content"][0]["text"].startswith("05.probs_backward, hint 1 of 3: ")
        assert "error" in got[3]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
        assert process.stdout.read() == ""
    finally:
        process.kill()
        process.wait()


def test_without_the_sdk_it_says_what_to_install(small, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name="mcp")

    monkeypatch.setattr(server, "import_module", missing)
    with pytest.raises(UserError, match=r"the tutor needs mcp.*\[tutor\]"):
        server.needed()


def test_the_rest_of_hero_does_without_the_sdk():
    code = (
        "import sys, graders.front.cli; sys.exit(any(m in sys.modules for m in ('mcp', 'torch')))"
    )
    assert subprocess.run([sys.executable, "-c", code], env=environment()).returncode == 0
