"""A killed training resumes from its last checkpoint and ends with the same result as without the kill."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import killed_training
import numpy as np
import pytest

from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training import Phase, adjusted, checkpoint, protocol_named
from fer.training.checkpoint import State
from fer.training.fit import train

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    options = {"train": 64, "validation": 21, "test": 7, "groups": ["a"], "shares": [1]}
    return preprocess(Recipe("synthetic", options=options), tmp_path_factory.mktemp("resuming") / "drawn").dataset


def test_killed_in_each_phase_and_while_a_checkpoint_is_written_it_ends_as_if_never_stopped(dataset, tmp_path):
    (tmp_path / "checkpoints").mkdir()
    script = Path(killed_training.__file__)
    folder = next(iter(dataset.parts.values())).address
    command = [sys.executable, str(script), folder, str(tmp_path / "checkpoints")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["exit"] for line in lines if "exit" in line] == [-9, -9, -9, -9, 0, 0], done.stderr[-2000:]
    *killed, resumed, whole = _by_child(lines)
    assert [epochs[-1] for epochs, _ in killed] == [1, killed[1][0][-1], 4, 5]
    assert killed[1][0][0] in (1, 2) and killed[2][0][0] <= 4 and killed[3][0][0] == 4
    assert resumed[0] in ([5, 6], [4, 5, 6]) and whole[0] == list(range(7))
    assert resumed[1] == whole[1]
    assert "trunk cache" in whole[1]["from"][0]
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == ["checkpoint.npz", "fixed-1.npz"]


def _by_child(lines):
    """Return (epochs, what the training ended with or None) of each child."""
    found, epochs, end = [], [], None
    for line in lines:
        if "epoch" in line:
            epochs.append(line["epoch"])
        elif "exit" in line:
            found.append((epochs, end))
            epochs, end = [], None
        else:
            end = line
    return found


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_augmented_faces_an_early_stop_and_averaged_weights_are_resumed_too(dataset, tmp_path, averaging):
    never = Phase("stopped", 6, 1e-3, early_stopping=2, min_delta=100.0)
    protocol = replace(protocol_named("scratch"), phases=(never, Phase("after", 2, 1e-3)), batch_size=32)
    protocol = replace(protocol, weight_averaging=averaging)

    def interrupt(epoch, metrics):
        if epoch == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(dataset, "assistive1", protocol, 1, head="pooled", on_epoch=interrupt, folder=tmp_path)
    resumed = train(dataset, "assistive1", protocol, 1, head="pooled", folder=tmp_path)
    whole = train(dataset, "assistive1", protocol, 1, head="pooled")
    assert list(whole.history["phase"]) == ["stopped"] * 3 + ["after"] * 2
    measured = [name for name in whole.history if name != "train/images_per_second"]
    assert resumed.history[measured].equals(whole.history[measured])
    pairs = zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)


def test_the_scale_of_a_loss_at_16_bits_is_resumed_too(dataset, tmp_path):
    protocol = replace(protocol_named("scratch"), phases=(Phase("all", 3, 1e-3),), batch_size=16)
    protocol = replace(protocol, precision="mixed_float16", augmentation="none")

    def interrupt(epoch, metrics):
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(dataset, "assistive1", protocol, 1, head="pooled", on_epoch=interrupt, folder=tmp_path)
    resumed = train(dataset, "assistive1", protocol, 1, head="pooled", folder=tmp_path).model
    whole = train(dataset, "assistive1", protocol, 1, head="pooled").model
    # Steps since the scale last changed: 4 batches per epoch, including those before the interruption.
    assert int(resumed.optimizer.step_counter) == int(whole.optimizer.step_counter) == 12
    for mine, other in ((resumed, whole), (resumed.optimizer, whole.optimizer)):
        assert all(np.array_equal(a, b) for a, b in zip(mine.variables, other.variables, strict=True))


def test_a_diverged_loss_is_not_in_the_checkpoint(dataset, tmp_path, refused):
    protocol = adjusted(protocol_named("scratch"), epochs=[3], learning_rate=1e30)
    with refused("lower learning_rate"):
        train(dataset, "assistive1", protocol, seed=0, folder=tmp_path)
    state = checkpoint.read(tmp_path)
    assert state is None or all(np.isfinite(array).all() for array in state.arrays["model"])


def test_a_full_disk_costs_the_checkpoint_and_not_the_training(dataset, tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    protocol = adjusted(protocol_named("scratch"), epochs=[2])
    monkeypatch.setattr(checkpoint.np, "savez", full)
    trained = train(dataset, "assistive1", protocol, seed=0, folder=tmp_path)
    assert len(trained.history) == 2
    assert "No space left" in trained.warning and str(tmp_path) in trained.warning
    assert capsys.readouterr().err.count("No space left") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_checkpoint_that_was_cut_off_is_refused(tmp_path, refused, size):
    checkpoint.write(tmp_path, State(0, 1, {"a": 1.5}, {"model": [np.arange(1000.0)]}))
    (tmp_path / "checkpoint.npz").write_bytes((tmp_path / "checkpoint.npz").read_bytes()[:size])
    for reading in (checkpoint.read, checkpoint.epochs_done):
        with refused(str(tmp_path), "remove the folder"):
            reading(tmp_path)


def test_a_damaged_checkpoint_is_refused(tmp_path, refused):
    checkpoint.write(tmp_path, State(0, 1, {"a": 1.5}, {"model": [np.arange(1000.0), np.float32(3)]}))
    read = checkpoint.read(tmp_path)
    assert (read.phase, read.epochs, read.facts) == (0, 1, {"a": 1.5})
    assert np.array_equal(read.arrays["model"][0], np.arange(1000.0)) and read.arrays["model"][1] == 3
    content = bytearray((tmp_path / "checkpoint.npz").read_bytes())
    content[3000] ^= 255
    (tmp_path / "checkpoint.npz").write_bytes(content)
    with refused(str(tmp_path), "remove the folder"):
        checkpoint.read(tmp_path)
