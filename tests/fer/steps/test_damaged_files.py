"""Damaged files of unfinished work: the work goes on or is refused in one sentence, never a traceback."""

import json

import pytest

from fer.steps import checkpoint_folder, tuning_record
from fer.steps.checkpoint_folder import unfinished
from fer.steps.tuning import _alone, best_parameters
from fer.tracking.metric_queue import read_entries, run_of
from fer.training.trunk_cache.entry import facts_of

RUN_FILES = ["{}", "[]", "5", "null", '{"run": 5, "starts": 1}', '{"run": "a", "starts": "x"}', "\x00\xff", "[" * 9999]


@pytest.mark.parametrize("content", RUN_FILES, ids=range(len(RUN_FILES)))
def test_a_damaged_note_of_the_last_run_starts_a_new_one_with_a_word(cache, capsys, content):
    folder = cache / "training" / "key"
    folder.mkdir(parents=True)
    (folder / "run.json").write_bytes(content.encode("latin-1"))
    with unfinished("key") as kept:
        assert (kept.run_id, kept.starts, kept.folder) == (None, 0, folder)
    assert "is damaged" in capsys.readouterr().err


def test_without_a_note_nothing_is_said(cache, capsys):
    with unfinished("key") as kept:
        assert kept.run_id is None
    assert capsys.readouterr().err == ""


GOOD = {"step": 1, "timestamp": 2, "metrics": {"train/loss": 0.5}}
LINES = [
    "noise", "[]", "5", "{}", json.dumps({**GOOD, "step": "a"}), json.dumps({**GOOD, "metrics": 3}),
    json.dumps({**GOOD, "metrics": {"a": "b"}}), json.dumps({**GOOD, "timestamp": None}), "[" * 9999, "\xff\xfe\x00",
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=range(len(LINES)))
def test_metrics_before_a_damaged_line_are_kept(tmp_path, line):
    file = tmp_path / "metrics.jsonl"
    lines = [json.dumps({"run": "a"}), json.dumps(GOOD), line, json.dumps(GOOD)]
    file.write_bytes("\n".join(lines).encode("latin-1"))
    (entry,) = read_entries(file)
    assert (entry.step, entry.timestamp, entry.metrics) == (1, 2, {"train/loss": 0.5})


@pytest.mark.parametrize("content", ["", "noise", "[]", "{}", '{"run": 5}', "\xff\xfe", "[" * 9999], ids=range(7))
def test_a_file_of_no_run_is_refused(tmp_path, refused, content):
    (tmp_path / "metrics.jsonl").write_bytes(content.encode("latin-1"))
    with refused("metrics.jsonl", "metric queue"):
        run_of(tmp_path / "metrics.jsonl")


@pytest.mark.parametrize("content", [{}, {"backbone": "cnn"}, {"backbone": 5, "parameters": {}}])
def test_the_result_of_a_search_without_its_parts_is_refused(monkeypatch, refused, content):
    monkeypatch.setattr(tuning_record, "read_json", lambda *given: content)
    with refused("best.json of run abc", "finished tune run"):
        best_parameters("abc", "cnn")


def test_one_process_searches_an_optuna_study(refused):
    with _alone("search", "sqlite:///optuna.db"):
        with refused("search", "sqlite:///optuna.db", "another study_name"), _alone("search", "sqlite:///optuna.db"):
            pytest.fail("the block must not run")
        with _alone("other", "sqlite:///optuna.db"), _alone("search", "sqlite:///other.db"):
            pass
    with _alone("search", "sqlite:///optuna.db"):
        pass


def test_a_finished_run_is_not_resumed(cache, monkeypatch):
    monkeypatch.setattr(checkpoint_folder, "is_finished", lambda run_id: True)
    folder = cache / "training" / "key"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"run": "a", "starts": 1}')
    with unfinished("key") as kept:
        assert kept.run_id is None and not folder.exists()


@pytest.mark.parametrize("content", ["{}", "[]", "5", "noise", "[" * 9999, '{"model": 1}'], ids=range(6))
def test_an_entry_of_the_trunk_cache_with_a_damaged_description_is_none(tmp_path, content):
    (tmp_path / "entry.json").write_text(content)
    assert facts_of(tmp_path) is None
