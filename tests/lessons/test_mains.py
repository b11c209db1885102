"""What a part's own program makes of its options: odd ones are one sentence, a kernel's are ignored.

Not a test of what the programs compute: only the first lines of each main() run here.
"""

from __future__ import annotations

import argparse
import re
import runpy
import sys
import types
from collections import Counter
from pathlib import Path

import pytest

from data import DataError

ROOT = Path(__file__).resolve().parents[2]
PARTS = [
    path
    for lesson in ("02_bigram", "03_mlp", "05_backprop")
    for path in sorted((ROOT / "solutions" / lesson).glob("*.py"))
]
ODD = """
    02_bigram/2_sampling --n -1             02_bigram/2_sampling --seed -1
    02_bigram/4_network --names 0           02_bigram/4_network --steps 0
    02_bigram/6_trigram --names 0           02_bigram/6_trigram --steps 0
    02_bigram/7_splits --names 9            02_bigram/7_splits --names -3
    03_mlp/1_dataset --block-size 0         03_mlp/2_embedding --n 0
    03_mlp/3_forward --n -1                 03_mlp/4_training --steps 0
    03_mlp/5_learning_rate --n-hidden 0     03_mlp/5_learning_rate --seed -1
    03_mlp/6_sampling --count -1            03_mlp/7_exercises --steps -5
    05_backprop/1_loss --n 1                05_backprop/2_linear --n 1
    05_backprop/3_batchnorm --n 1           05_backprop/4_embedding --n 0
    05_backprop/5_one_line --n 40000        05_backprop/6_training --steps 0
    05_backprop/7_beyond --seed -1
    08_tokenizer/2_train --merges 0         08_tokenizer/3_regex --merges 0
    03_mlp/4_training --n-hidden 0          04_batchnorm/4_network --batch 1
    08_tokenizer/3_regex --pattern (
"""


def load(path: Path) -> types.SimpleNamespace:
    return types.SimpleNamespace(**runpy.run_path(str(path), run_name="part"))


@pytest.mark.parametrize(
    "words", [odd.split() for odd in re.split(r"\s{2,}", ODD.strip())], ids=" ".join
)
def test_an_odd_option_is_a_sentence(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    part = load(ROOT / "solutions" / f"{words[0]}.py")
    monkeypatch.setattr(sys, "argv", [words[0], *words[1:]])
    with pytest.raises(SystemExit) as ended:
        part.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    # names the option, or says what there is too little of
    assert words[1] in said or "fewer than" in said


@pytest.mark.parametrize("names", ["ann\n", "Zoë\n" * 10])
@pytest.mark.parametrize(
    "part", [p for p in PARTS if p.parent.name == "03_mlp"], ids=lambda p: p.stem
)
def test_names_that_the_mlp_cannot_read(
    part: Path, names: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "names").write_text(names, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["part", "--data", str(tmp_path / "names")])
    with pytest.raises(SystemExit) as ended:
        load(part).main()
    assert ended.value.code == 2


@pytest.mark.parametrize("kernel", [False, True])
@pytest.mark.parametrize("part", PARTS, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_options_of_a_kernel_are_left_alone(
    part: Path, kernel: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notebook's kernel is started with `-f FILE` or `--f=FILE`; typed options still count elsewhere."""

    class ParsedError(Exception):
        pass

    def parse(self: argparse.ArgumentParser, args: object = None) -> None:
        raise ParsedError(args)

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    if kernel:
        monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    with pytest.raises(ParsedError) as found:
        load(part).main()
    assert found.value.args == (([] if kernel else None),)


@pytest.mark.parametrize(
    "part", [p for p in PARTS if '"--data"' in p.read_text(encoding="utf-8")], ids=lambda p: p.stem
)
def test_missing_data_and_a_todo_are_a_sentence(
    part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the script that it is: no traceback, and an exit code that says it failed."""
    monkeypatch.setattr(sys, "argv", ["part"])
    stub = ROOT / "exercises" / part.parent.name / part.name
    with pytest.raises(SystemExit, match=r"^\d\d\.\w+ is still a TODO: "):
        runpy.run_path(str(stub), run_name="__main__")
    monkeypatch.setattr(sys, "argv", ["part", "--data", "no such file"])
    with pytest.raises(SystemExit, match="There is no file 'no such file'"):
        runpy.run_path(str(part), run_name="__main__")
    with pytest.raises(DataError):
        load(part).main()


def test_every_picture_has_a_name_of_its_own() -> None:
    texts = [path.read_text(encoding="utf-8") for path in PARTS]
    names = [name for text in texts for name in re.findall(r'picture\("(.+?)"\)', text)]
    assert len(names) > 15
    assert [name for name, times in Counter(Path(n).name for n in names).items() if times > 1] == []
