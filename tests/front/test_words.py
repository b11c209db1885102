"""What is written for a person: commands as they must be typed here, text that a terminal survives."""

import os
import sys

from graders.front import words


def test_a_command_is_written_as_it_must_be_typed(monkeypatch, tmp_path):
    home = tmp_path / ".venv" / "bin"
    home.mkdir(parents=True)
    for name in ("python", "hero"):
        (home / name).write_text("")
        (home / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(home / "python"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    words.command.cache_clear()
    try:
        here = os.path.join(".venv", "bin", "hero")
        text = (
            "stuck? `hero hint 05.x`, (hero check), a hero, hero checks, my.hero check, x/hero run"
        )
        assert words.as_typed(text) == (
            f"stuck? `{here} hint 05.x`, ({here} check), a hero, hero checks, my.hero check, x/hero run"
        )
        words.command.cache_clear()
        monkeypatch.setenv("PATH", str(home))
        assert words.as_typed(text) == text
    finally:
        words.command.cache_clear()


def test_text_of_a_learner_is_harmless():
    assert "\x1b" not in words.visible("a\x1b[31mb\x07")
    assert words.visible("é\n\tx") == "é\n\tx"
    assert len(words.visible("a" * 10**6)) <= 20_000


def test_a_bar():
    assert words.bar(1, 4, 8) == "[##------] 1/4"
    assert words.bar(0, 0, 2) == "[--] 0/0"


def test_every_command_is_written_so():
    from graders.front.cli import app

    groups = {group.name for group in app.registered_groups}
    names = {c.name or c.callback.__name__ for c in app.registered_commands if not c.hidden}
    assert names | groups <= set(words.NAMES.split("|"))
