"""hero play: whose model speaks, what it is told, and what goes wrong in one sentence."""

import hashlib
import importlib.util
import sys

import pytest

from graders.core.registry import Registry
from graders.errors import UserError
from graders.front.playing import PART, play
from tests.front.small import ROOT

SOLUTION = ROOT / "solutions" / PART.file
STUB = ROOT / "exercises" / PART.file
CHARS = "\n abc"
MODEL = ROOT / "data" / "char_gpt.safetensors"
DRAW = "    return torch.multinomial(probs"
FAILS = "    return 1 / 0\n    return print(probs"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A model that never learned anything, of five characters."""
    import torch

    spec = importlib.util.spec_from_file_location("play_reference", SOLUTION)
    part = importlib.util.module_from_spec(spec)
    sys.modules["play_reference"] = part  # dataclasses look their module up
    spec.loader.exec_module(part)
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    sizes = dict(block_size=4, n_embd=6, n_head=2, n_layer=1, dropout=0.0)
    part.save(part.GPT(part.GPTConfig(len(CHARS), **sizes)), path, CHARS)
    return path


@pytest.fixture
def speak(model, capfd):
    """Plays; (exit code, stdout, stderr)."""

    def run(path=STUB, done=(), **options):
        told = dict(prompt="ab", tokens=9, temperature=1.0, top_k=None, seed=3) | options
        weights = told.pop("model", model)
        code = play(Registry(), path, set(done), weights, told)
        return code, *capfd.readouterr()

    return run


def everything():
    return {f"07.{name}" for name in Registry().exercise_names(PART)}


def mine(tmp_path, old="", new=""):
    """A learner's file: the solution, with something changed."""
    text = SOLUTION.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "8_gpt.py").write_text(text.replace(old, new, 1), encoding="utf-8")
    return tmp_path / "8_gpt.py"


def test_the_reference_speaks_until_ones_own_passes(speak):
    code, out, error = speak()
    assert (code, error) == (0, "")
    first, text = out.split("\n", 1)
    assert first == "The reference speaks; your own GPT does once `hero check 07/8` passes."
    assert text.startswith("ab")
    assert len(text) == 2 + 9 + 1  # longer than the context of 4
    assert set(text) <= set(CHARS)
    assert speak()[1] == out  # the same seed, the same text


def test_ones_own_speaks_once_it_passes(speak, tmp_path):
    path = mine(tmp_path, DRAW, "    return idx[:, :1] * 0 + 2\n    return print(probs")
    code, out, _ = speak(path, everything())
    assert (code, out) == (0, "Your own GPT speaks.\nabaaaaaaaaa\n")


def test_what_does_not_pass_is_lent_and_named(speak, tmp_path):
    path = mine(tmp_path, DRAW, FAILS)
    code, out, _ = speak(path, everything() - {"07.next_token"})
    assert code == 0
    assert out.startswith("Your own GPT speaks; the reference stands in for 07.next_token.\nab")


def test_a_mistake_is_shown_in_the_learners_own_lines(speak, tmp_path):
    path = mine(tmp_path, DRAW, FAILS)
    code, _, error = speak(path, everything())
    assert code == 1
    assert "in next_token:  return 1 / 0" in error
    assert "Traceback" not in error


def test_no_tokens_and_no_prompt(speak):
    assert speak(tokens=0)[1].endswith("\nab\n")
    code, out, _ = speak(prompt="", tokens=5)
    assert (code, len(out.split("\n", 1)[1])) == (0, 6)


def test_a_character_that_the_model_never_saw(speak):
    code, _, error = speak(prompt="abé")
    assert code == 1
    assert error.startswith("hero: the model never saw 'é'; it knows 'abc'")


def test_a_file_that_is_no_model(speak, tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}")
    code, _, error = speak(model=tmp_path / "x.safetensors")
    assert code == 1
    assert "x.safetensors is not a model that the part's `save` wrote" in error
    assert error.count("\n") == 1
    with pytest.raises(UserError, match=r"there is no model .*train one with `hero run 07/8"):
        speak(model=tmp_path / "none.safetensors")


def test_the_workbooks_own_model_writes_at_once(speak):
    code, out, error = speak(model=None, prompt="ROMEO:", tokens=120, temperature=0.8)
    assert (code, error) == (0, "")
    text = out.split("\n", 1)[1]
    assert text.startswith("ROMEO:") and len(text) == len("ROMEO:") + 120 + 1
    assert len(set(text)) > 15  # it has learned to use its letters
    assert MODEL.stat().st_size < 8_000_000
    card = (MODEL.parent / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(MODEL.read_bytes()).hexdigest() in card  # of this very file


def test_a_missing_exercise_file(speak, tmp_path):
    code, out, _ = speak(tmp_path / "8_gpt.py")
    assert code == 0
    assert out.startswith("The reference of 07/8 speaks")
