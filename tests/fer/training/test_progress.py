"""Progress of a fit: a bar over an epoch's batches in a real pseudo-terminal, sparse lines elsewhere."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from fer.training import progress, protocol_named

PHASES = tuple(replace(phase, epochs=2) for phase in protocol_named("eila").phases)
PROTOCOL = replace(protocol_named("eila"), phases=PHASES)
ACCURACIES = [0.25, 0.75, 0.5]


@pytest.fixture
def fit():
    """Return a function that fits a tiny model, 4 batches per epoch, and reports it as the protocol's second phase."""

    def run(also=()):
        rows = [{"phase": "frozen", "train/loss": 2.5, "validation/loss": 2.25, "validation/accuracy": 0.25}]

        def record(epoch, logs):
            rows.append({**rows[0], "phase": "unfrozen", "validation/accuracy": ACCURACIES[epoch + 1]})

        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=record), progress.Progress(PROTOCOL, 1, rows), *also]
        model.fit(np.ones((8, 2)), np.ones((8, 1)), batch_size=2, epochs=2, verbose=0, callbacks=callbacks)

    return run


def test_in_a_log_the_last_epoch_of_a_phase_has_its_line_and_those_soon_after_another_have_none(
    fit, capfd, monkeypatch
):
    monkeypatch.setattr(progress, "_EPOCHS_APART", 3600.0)
    monkeypatch.setattr(progress, "_BATCHES_APART", 3600.0)
    fit()
    (line,) = [line for line in capfd.readouterr().err.splitlines() if line.startswith("epoch")]
    assert line.startswith(
        "epoch 3/3 (unfrozen): loss 2.500, validation loss 2.250, validation accuracy 50.0%, best 75.0% (epoch 2); "
    )
    assert line.endswith("per epoch, at most 00:00 left")  # No epoch is to come.


def test_a_long_epoch_is_reported_before_its_end(fit, capfd, monkeypatch):
    monkeypatch.setattr(progress, "_BATCHES_APART", 0.0)
    monkeypatch.setattr(progress, "_EPOCHS_APART", 0.0)
    fit()
    lines = [line for line in capfd.readouterr().err.splitlines() if line.startswith("epoch")]
    assert len(lines) == 2 * (4 + 1)
    assert lines[0].startswith("epoch 2/3 (unfrozen): batch 1/4; about ")
    assert lines[4].startswith("epoch 2/3 (unfrozen): loss 2.500")


def test_on_a_terminal_there_is_one_bar_per_epoch_and_none_is_left(fit, terminal):
    seen = []
    with terminal() as shown:
        fit([keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(shown()))])
        assert shown() == []
    assert [len(screen) for screen in seen] == [1, 1]
    assert seen[0][0].startswith("epoch 2/3 (unfrozen): 4/4 |████████████████████| ")
    assert "validation 75.0%, best 75.0% (epoch 2); at most " in seen[0][0]
