"""The record over weeks: what counts, what is due, and that practising loses nothing."""

import json

from graders.front import history, state
from graders.front.history import DAY, History
from graders.front.state import State
from graders.front.workbook import Workbook
from tests.front.small import FILE, solve

KEY = "05.probs_backward"


def test_the_way_to_the_first_pass_and_when_it_is_due():
    one = History()
    assert one.attempt(False, False, 100) and one.attempt(True, False, 700)
    assert (one.tries, one.passed - one.started, one.due) == (2, 600, 700 + DAY)
    assert "2 attempts, passed after 10 minutes" in one.sentence(800)
    assert not one.attempt(True, True, 900)  # a recheck is no practice
    assert one.due == 700 + DAY and "DUE AGAIN" in one.sentence(one.due)
    for step in (7, 30, 30):
        one.again = 1000
        assert one.due == 0 and one.attempt(True, False, 2000)
        assert one.due == 2000 + step * DAY
    assert "repeated 3x" in one.sentence(2000)


def test_how_soon_it_passed_is_said_only_where_it_is_known():
    one = History()
    assert one.attempt(False, False, 100) and one.attempt(True, False, 130)
    assert one.sentence(131).startswith("2 attempts, passed within a minute, ")
    one = History()
    assert one.attempt(True, False, 100)
    assert one.sentence(101).startswith("1 attempt, passed at the first try, ")
    one = History(passed=100, success=100, again=200)  # as `hero again` leaves what was done before
    assert one.sentence(201) == "passed before there was a record, being practised again"
    assert one.attempt(True, False, 300)
    assert one.sentence(301).startswith("1 attempt, passed before there was a record, repeated 1x")


def test_an_old_state_file_is_read_and_a_newer_one_too(tmp_path):
    (tmp_path / ".hero").mkdir()
    path = tmp_path / ".hero/state.json"
    path.write_text('{"version": 1, "done": ["05.a"]}')
    found = State.load(tmp_path)
    assert found.done == {"05.a"} and found.history == {}
    assert not found.record("05.b", False, tried=False) and not found.unsaved
    found.record("05.b", False)
    found.save()
    data = json.loads(path.read_text())
    data["history"]["05.b"]["mood"] = 3
    path.write_text(json.dumps(data))
    again = State.load(tmp_path)
    assert again.history["05.b"].tries == 1 and again.note == ""
    data["history"] = {"05.b": {"tries": "x"}}
    path.write_text(json.dumps(data))
    assert "kept as" in State.load(tmp_path).note


def test_again_and_back(small, hero):
    assert "has not passed yet" in hero("again", KEY)[2]
    solve(small / FILE)
    solved = (small / FILE).read_text()
    book = Workbook()
    book.state.record(KEY, True)
    book.state.save()
    hero("hint", KEY)
    code, out, _ = hero("again", KEY)
    assert code == 0 and "done once" in out
    assert "NotImplementedError" in (small / FILE).read_text().split("def probs_backward")[1][:900]
    name = out.split("hero restore ")[1].split("`")[0]
    assert f"↻ {KEY}" in hero("list")[1] and "0/8" in hero("list")[1]
    assert "1 hint, last practised just now, being practised again" in hero("list", "--record")[1]
    assert "already" in hero("again", KEY)[2]
    found = State.load(small)
    found.record(KEY, True)  # solved from blank
    found.save()
    assert State.load(small).history[KEY].repeats == 1
    blank = (small / FILE).read_text()
    assert name in hero("restore")[1]
    code, out, _ = hero("restore", name, "--yes")
    assert code == 0 and (small / FILE).read_text() == solved
    before = out.split("hero restore ")[1].split("`")[0]
    assert hero("restore", before, "--yes")[0] == 0 and (small / FILE).read_text() == blank
    assert hero("restore", "nothing", "--yes")[0] == 2


def test_what_is_due_is_listed(small, hero, monkeypatch):
    found = State.load(small)
    found.record(KEY, True)
    found.save()
    assert "Nothing is due again." in hero("list", "--record")[1]
    now = history.time.time()
    monkeypatch.setattr(history.time, "time", lambda: now + 2 * DAY)
    assert f"Due again: {KEY}" in hero("list", "--record")[1]
    assert state.VERSION == 1


def test_update_where_there_is_no_clone(small, hero):
    code, _, error = hero("update")
    assert code == 2 and "not a clone" in error and error.count("\n") == 1
