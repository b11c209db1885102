"""hero play --web: whose code it says it runs, and its options."""

import pytest
from typer.testing import CliRunner

from graders.core.registry import Registry
from graders.front.cli import app
from graders.web.checkpoints import checkpoints
from graders.web.mine import ENGINE, GPT, SPEAKS, Sources
from tests.web.site import ROOT


def whose(what, *done, folder=ROOT / "exercises"):
    return getattr(Sources(Registry(), folder, lambda: set(done)), what)()


def test_it_says_whose_code_runs():
    assert whose("gpt").whose == "reference"
    assert "`hero check 07/8`" in whose("gpt").says
    some = whose("gpt", "07.gpt_embed", "07.gpt_forward")
    assert "reference stands in for 07.gpt_init, 07.keep_top_k" in some.says
    assert "07.gpt_embed" not in some.standins and "07.next_token" in some.standins
    every = whose("gpt", *(f"07.{name}" for name in Registry().exercise_names(GPT)))
    assert (every.whose, every.standins) == ("yours", {})
    assert whose("gpt", *(f"07.{name}" for name in SPEAKS)).says == "Your own GPT runs here."
    assert whose("tokenizer").whose == "reference"


def test_micrograd_is_the_learners_piece_by_piece(tmp_path):
    (tmp_path / "01_micrograd").mkdir()
    right = (ROOT / "solutions/01_micrograd/2_value.py").read_text(encoding="utf-8")
    mine = right.replace("self.data * other.data", "other.data * self.data", 1)
    (tmp_path / "01_micrograd/2_value.py").write_text(mine, encoding="utf-8")
    assert whose("engine", folder=tmp_path).whose == "reference"
    found = whose("engine", "01.mul", "01.tanh", folder=tmp_path)  # of tanh there is no file
    assert "Your own mul runs here" in found.says and "tanh" in found.says.partition(";")[2]
    assert "other.data * self.data" in found.source
    every = [f"01.{name}" for names in ENGINE.values() for name in names]
    assert (
        whose("engine", *every, folder=ROOT / "solutions").says == "Your own micrograd runs here."
    )


def test_models_that_were_trained_are_offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out" / "deep" / "deeper").mkdir(parents=True)
    for place in ("mine", "out/deep/two", "out/deep/deeper/too"):
        (tmp_path / f"{place}.safetensors").write_bytes(b"")
    names = [model.name for model in checkpoints(ROOT, tmp_path / "mine.safetensors")]
    assert names[0].endswith("mine.safetensors") and names[1] == "the workbook's Shakespeare"
    assert any("two" in name for name in names) and not any("too" in name for name in names)


@pytest.mark.parametrize(
    "args, sentence",
    [
        (
            ["--web", "--temperature", "1"],
            "hero: --temperature is set on the page, not with --web.",
        ),
        (["--port", "8000"], "hero: --port goes with --web."),
        (["--web", "--model", "no.safetensors"], "hero: there is no model no.safetensors"),
    ],
)
def test_options_that_do_not_go_together(args, sentence):
    result = CliRunner().invoke(app, ["play", *args])
    assert result.exit_code == 2 and sentence in result.output
