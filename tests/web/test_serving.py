"""The pages without a browser: who is let in, what is answered, and what a learner's code can do to them."""

import asyncio
import base64
import signal
import socket
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
import torch
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from data import gpt2_encoding
from graders.errors import UserError
from graders.ground import runner
from tests.web.site import GPT, ROOT, TOKENIZER, Line

KNOBS = dict(prompt="ROMEO:", tokens=4, temperature=0.8, top_k=None, top_p=1, seed=7)
DRAW = "    return torch.multinomial(probs, 1, generator=generator)"
LOGITS = "        return logits, None\n"


@pytest.fixture(scope="module")
def reference():
    path = ROOT / "solutions" / GPT
    return runner.load(path.read_text(encoding="utf-8"), str(path), "web_reference")


def got(address, **headers):
    """(status, headers, text) of a request."""
    try:
        with urlopen(Request(address, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers, error.read().decode()


def ask(site, do, **fields):
    """All that comes back, in a page of its own."""

    async def talk():
        async with Line(site.address) as line:
            return await line.all(do, **fields)

    return asyncio.run(talk())


def written(site, **knobs):
    """(the tokens' messages, the sentence at the end)."""
    messages = ask(site, "speak", **KNOBS | knobs)
    return [m for m in messages if m["kind"] == "token"], messages[-1]["error"]


# -- who is let in ---------------------------------------------------------------------------------


def test_whoever_has_the_address_gets_the_page_and_may_ask_nobody_else(site):
    status, headers, page = got(site.address)
    assert status == 200 and "hero play" in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
    for file in (ROOT / "graders/web/pages").iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in text and "https:" not in text and "innerHTML =" not in text
        assert got(site.address + file.name)[0] == 200


def test_nobody_else_is_let_in(site):
    host = site.address.split("/")[2]
    port = host.partition(":")[2]
    assert got(f"http://{host}/")[0] == 403
    assert got(f"http://{host}/wrong/")[0] == 403
    assert got(f"http://{host}/wrong/page.js")[0] == 403
    assert got(site.address, Host=f"evil.example:{port}")[0] == 403  # a name made to lead here
    assert got(site.address, Host=f"localhost:{port}")[0] == 200
    assert got(site.address + "%2e%2e/serve.py")[0] in (403, 404)
    assert got(site.address + "serve.py")[0] == 404

    async def status_of(url, **headers):
        with pytest.raises(HTTPClientError) as refused:
            await websocket_connect(HTTPRequest(url, headers=headers))
        return refused.value.code

    line = site.address.replace("http", "ws", 1) + "socket"
    good = f"http://{host}"
    assert asyncio.run(status_of(line, Origin="http://evil.example")) == 403
    assert asyncio.run(status_of(line)) == 403
    assert asyncio.run(status_of(f"ws://{host}/wrong/socket", Origin=good)) == 403


# -- the three tabs --------------------------------------------------------------------------------


def test_it_writes_what_the_learners_model_writes(site, reference):
    model, chars = reference.load(ROOT / "data" / "char_gpt.safetensors")
    idx = torch.tensor([[chars.index(c) for c in "ROMEO:"]])
    right = reference.generate(model, idx, 8, temperature=0)[0, 6:].tolist()
    tokens, error = written(site, tokens=8, temperature=0)
    assert error == "" and [token["id"] for token in tokens] == right
    own = reference.next_token_probs(model(idx)[0][0, -1]).sort(descending=True)
    assert [row[0] for row in tokens[0]["rows"]] == [chars[i] for i in own.indices[:8]]
    assert [row[1] for row in tokens[0]["rows"]] == pytest.approx(own.values[:8].tolist(), rel=1e-4)
    one, _ = written(site, tokens=8, temperature=2, top_k=1)
    assert [token["id"] for token in one] == right
    narrow, _ = written(site, tokens=8, temperature=2, top_p=0.01)  # of the nucleus one is left
    assert [token["id"] for token in narrow] == right and narrow[0]["rows"][0][2] == 1


def test_a_seed_brings_the_same_text_back(site):
    assert written(site, tokens=12) == written(site, tokens=12)


def test_it_shows_where_each_head_looked(site):
    maps, end = ask(site, "look", ids=[5, 9, 12, 3])
    L, H, T, _ = maps["shape"]
    assert (T, end["error"]) == (4, "")
    shares = torch.frombuffer(bytearray(base64.b64decode(maps["data"])), dtype=torch.uint8)
    shares = (shares.double() / 255).square().view(L, H, T, T)
    assert (shares.triu(1) == 0).all()
    assert shares.sum(-1) == pytest.approx(torch.ones(L, H, T).double(), abs=0.02)


def test_it_cuts_a_text_beside_gpt2_and_gpt4(site):
    text = "Good morrow, λόγος"
    messages = {m["kind"]: m for m in ask(site, "pieces", text=text)}
    mine, (gpt2, gpt4) = messages["pieces"], messages["known"]["of"]
    assert mine["note"] == "" and mine["size"] == 512 and gpt4["size"] == 100_277
    assert [i for i, _ in gpt2["pieces"]] == gpt2_encoding().encode_ordinary(text)
    site.change(TOKENIZER, "    return re.findall(pattern, text)", "    return [text[:3]]")
    assert "decode(encode(text)) is not the text" in ask(site, "pieces", text=text)[-2]["note"]


def test_it_steps_through_backward(site):
    text, values = "tanh(a*b + c) * a - a/c + a**3", dict(a=0.5, b=-1.0, c=2.0)
    graph, end = ask(site, "graph", text=text, values=values)
    assert end["error"] == "" and graph["whose"] == "Your own micrograd runs here."
    leaves = {
        name: torch.tensor(x, dtype=torch.double, requires_grad=True) for name, x in values.items()
    }
    eval(text, {"tanh": torch.tanh, **leaves}).backward()
    found = {n["name"]: g for n, g in zip(graph["nodes"], graph["grads"], strict=True)}
    for name, leaf in leaves.items():
        assert found[name] == pytest.approx(leaf.grad.item())
        assert graph["nudged"][name] == pytest.approx(leaf.grad.item(), rel=1e-6)
    assert graph["steps"][-1]["grads"] == graph["grads"]


# -- a learner's code that goes wrong, and hostile input -------------------------------------------


@pytest.mark.parametrize(
    "old, new, sentence",
    [
        (
            DRAW,
            "    return 1 / 0",
            "Your GPT raised ZeroDivisionError: division by zero (line LINE",
        ),
        (DRAW, "    return None", "next_token returned None; it should be a tensor, int64 (1, 1)"),
        (DRAW, "    return torch.tensor([[999]])", "next_token drew the token 999"),
        (LOGITS, "        return logits * float('nan'), None\n", "there is a NaN or an infinity"),
        (LOGITS, "        return logits[0], None\n", "the shape (6, 74); it should be (1, T, 74)"),
        (LOGITS, "        return None\n", "forward returned None; it should be (logits, loss)"),
        (DRAW, "    while True: print('x' * 9999)", "Your GPT printed more than 1,000,000 charac"),
        (DRAW, "    import os; os._exit(0)", "Your GPT ended the whole process"),
        (DRAW, "    x = = 1", "Line LINE of exercises/07_gpt/8_gpt.py is not valid Python"),
        ("def next_token(", "def other(", "Your GPT has no next_token."),
        ("self.config = config", "self.config = 1 / 0", "Your GPT raised ZeroDivisionError"),
    ],
)
def test_a_model_that_goes_wrong_is_a_sentence(site, old, new, sentence):
    before = (ROOT / "solutions" / GPT).read_text(encoding="utf-8")
    line = before[: before.index(old)].count("\n") + 1
    site.change(GPT, old, new)
    tokens, error = written(site)
    assert sentence.replace("LINE", str(line)) in error and "\n" not in error and tokens == []


def test_a_loop_can_be_stopped_and_two_pages_do_not_wait_for_each_other(site):
    async def talk():
        site.change(GPT, DRAW, "    while True: pass")
        async with Line(site.address) as one, Line(site.address) as two:
            await one.ask("speak", **KNOBS)
            assert (await one.hear())["kind"] == "start"
            assert (await two.all("graph", text="a*b"))[-1]["error"] == ""
            await one.socket.write_message('{"do": "stop", "job": 0, "what": "speak"}')
            return await one.rest()

    assert asyncio.run(talk())[-1]["stopped"] is True


def test_a_file_that_is_no_model_is_a_sentence(site):
    (site.folder / "junk.safetensors").write_bytes(b"\0" * 99)

    async def talk():
        async with Line(site.address) as line:
            (name,) = [m for m in line.hello["models"] if "junk" in m]
            return (await line.all("speak", **KNOBS, model=name))[-1]["error"]

    assert "is not a model that the part's `save` wrote" in asyncio.run(talk())


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "a.b",
        "a[0]",
        "9**9**9",
        "(" * 300,
        "a" * 500,
        "lambda: 1",
        "1e999",
        "1/(2-2)",
        "(-1)**0.5",
        "\0",
        "",
    ],
)
def test_only_arithmetic_is_an_expression(site, text):
    (end,) = ask(site, "graph", text=text)
    assert end["error"].endswith(".") and "Traceback" not in end["error"]


def test_hostile_messages_are_a_sentence_and_the_server_lives(site):
    async def talk():
        async with Line(site.address) as line:
            for junk in (
                "{",
                "[]",
                "[" * 90_000,
                '{"job": []}',
                '{"job": 1, "do": ["speak"]}',
                b"\xff",
            ):
                await line.socket.write_message(junk, binary=isinstance(junk, bytes))
                assert "makes no sense" in (await line.rest())[-1]["error"]
            for prompt in ("<b>", "\0\x1b[31m", "\ud800", "x" * 2**20, 7):
                (end,) = await line.all("speak", **KNOBS | {"prompt": prompt})
                assert end["error"].endswith(".")
            for knob in ({"tokens": 10**9}, {"temperature": None}, {"top_p": 0}, {"seed": -1}):
                (end,) = await line.all("speak", **KNOBS | knob)
                assert "is a number from" in end["error"]
            assert (await line.all("look", ids=[10**9]))[-1]["error"]
            return await line.all("speak", **KNOBS)

    assert asyncio.run(talk())[-1]["error"] == ""


# -- beginning and end -------------------------------------------------------------------------------------


def test_a_port_that_is_taken_and_a_missing_package_are_a_sentence(monkeypatch):
    from graders.web.serve import listen

    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UserError, match="is taken: name another, or leave out --port"),
    ):
        listen(taken.getsockname()[1])
    monkeypatch.delitem(sys.modules, "graders.web.serve")
    monkeypatch.setitem(sys.modules, "tornado", None)
    with pytest.raises(UserError, match=r"pip install -e '\.\[play\]'"):
        import graders.web.serve  # noqa: F401


def test_ctrl_c_ends_all_of_it(server):
    """The last test: after it there is no server."""
    below = psutil.Process(server.process.pid).children(recursive=True)
    assert below
    server.process.send_signal(signal.SIGINT)
    server.process.wait(20)
    assert psutil.wait_procs(below, 5)[1] == []  # nobody is left
