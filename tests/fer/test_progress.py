"""Progress over cells: one bar in a real pseudo-terminal, lines of a log elsewhere."""

import re
from itertools import count
from types import SimpleNamespace

from fer import progress
from fer.progress import Tally, announce, say


def _two_of_three(**options):
    with Tally("study demo", "cell", 3, **options) as tally:
        tally.began("majority only")
        tally.ended("majority only", 0.5)
        tally.began("everyone")
        say("a word between")
        tally.ended("everyone", None, "the loss became nan.")
        tally.began("both")


def test_in_a_log_each_cell_is_two_lines_with_the_best_so_far_failures_and_the_time_left(capfd, monkeypatch):
    seconds = count()
    monkeypatch.setattr(progress, "time", SimpleNamespace(monotonic=lambda: 10 * next(seconds)))
    _two_of_three(note="4 reused")
    output = capfd.readouterr().err
    assert "\r" not in output and "|" not in output
    lines = output.splitlines()
    assert lines[0] == "study demo, cell 1/3: majority only begins"
    assert lines[1] == (
        "study demo, cell 1/3: majority only: validation accuracy 50.0%; took 00:10; best 50.0% (majority only); "
        "0 failed; 4 reused; about 00:40 left"
    )
    assert lines[4].startswith("study demo, cell 2/3: everyone: failed: the loss became nan.; took 00:10; best 50.0%")
    assert "1 failed" in lines[4] and lines[5] == "study demo, cell 3/3: both begins"


def test_on_a_terminal_one_bar_shows_what_runs_and_sentences_are_above_it(terminal):
    with terminal() as shown:
        _two_of_three()
        screen = shown()
    assert screen[:2] == ["a word between", "everyone failed: the loss became nan."]
    bar = re.sub(r"\d\d:\d\d", "0", screen[2])
    assert bar.startswith(
        "study demo: 2/3 |█████████████▎      | 0, 0 left, now both; best 50.0% (majority only); 1 failed"
    )
    assert len(screen) == 3


def test_nothing_to_do_draws_no_bar(terminal):
    with terminal() as shown:
        with Tally("study demo", "cell", 0):
            pass
        assert shown() == []


def test_what_begins_is_said_without_credentials(capfd):
    announce("reading https://ann:word@host/faces")
    assert capfd.readouterr().err == "reading https://ann:***@host/faces ...\n"


def test_after_the_last_cell_no_time_is_left_to_name(capfd):
    with Tally("study demo", "cell", 1) as tally:
        tally.began("all")
        tally.ended("all", 0.5)
    assert "left" not in capfd.readouterr().err
