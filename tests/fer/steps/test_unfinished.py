"""The folder of an unfinished training: who holds it, when it is removed, when it is kept."""

import os
import time

import pytest

from fer.errors import DivergedError, InputError
from fer.steps import checkpoint_folder as module
from fer.steps.checkpoint_folder import KEPT_DAYS, unfinished


@pytest.fixture
def root(cache, monkeypatch):
    monkeypatch.setattr(module, "is_finished", lambda run_id: run_id == "finished")
    return cache / "training"


def test_it_stays_after_an_error_names_its_run_and_goes_at_the_end(root):
    with pytest.raises(InputError), unfinished("key") as kept:
        assert (kept.run_id, kept.starts) == (None, 0)
        assert kept.belongs_to("first") == root / "key" / "metrics.jsonl"
        raise InputError("the server is away.")
    with pytest.raises(KeyboardInterrupt), unfinished("key") as kept:
        assert (kept.run_id, kept.starts) == ("first", 1)
        kept.belongs_to("second")
        raise KeyboardInterrupt
    with unfinished("key") as kept:
        assert (kept.run_id, kept.starts) == ("second", 2)
    assert not (root / "key").exists()


def test_a_diverged_loss_leaves_nothing_to_resume_from(root):
    with pytest.raises(DivergedError), unfinished("key") as kept:
        kept.belongs_to("run")
        raise DivergedError("the loss became nan.")
    assert not (root / "key").exists()


def test_what_was_killed_after_its_end_is_another_training_when_asked_for_again(root):
    with pytest.raises(KeyboardInterrupt), unfinished("key") as kept:
        kept.belongs_to("finished")
        raise KeyboardInterrupt
    with unfinished("key") as kept:
        assert kept.run_id is None and not (root / "key").exists()


def test_two_at_one_training_do_not_share_checkpoints(root, capsys):
    with unfinished("key") as first, unfinished("key") as second:
        assert first.folder == root / "key" and second.folder is None
        assert second.belongs_to("run") == root / "run" / "metrics.jsonl"
    assert "another process" in capsys.readouterr().err
    with unfinished(None) as without:
        assert without.folder is None


def test_a_folder_that_is_not_resumed_is_removed_after_30_days(root):
    for name, days in (("old", KEPT_DAYS + 1), ("young", KEPT_DAYS - 1)):
        (root / name).mkdir(parents=True)
        (root / name / "checkpoint.npz").touch()
        for path in (root / name / "checkpoint.npz", root / name):
            os.utime(path, (time.time() - days * 86400,) * 2)
    with unfinished("key"):
        assert sorted(path.name for path in root.glob("*/")) == ["young"]


def test_a_cache_that_cannot_be_written_costs_the_checkpoints_alone(root, capsys):
    root.parent.mkdir()
    root.write_text("no folder")
    with unfinished("key") as kept:
        assert kept.folder is None
    assert "cannot be written" in capsys.readouterr().err
