"""Train one model on one dataset by a protocol."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import pandas as pd

from fer.dataset import FaceDataset
from fer.emotions import EMOTIONS
from fer.errors import InputError
from fer.models import build_model, trunk_of
from fer.training.augmentation import augmentation_named
from fer.training.batches import Batches
from fer.training.callbacks import KERAS_MONITOR, BestWeights, EpochRecorder, OneCycle, Progress
from fer.training.protocols import ALL_LAYERS, Phase, Protocol

_EVALUATION_BATCH = 256


@dataclass(frozen=True)
class Trained:
    """A trained model and how it came about.

    Attributes:
        model: uint8 faces to probabilities.
        emotions: the label vocabulary, in the order of the model's outputs.
        history: one row an epoch, indexed by 0-based ``epoch`` over all phases: ``phase`` and the metrics.
        best_epoch: 0-based, by the protocol's monitor among the epochs the model's weights may come from.
        seconds: wall clock of all phases.

    """

    model: keras.Model
    emotions: tuple[str, ...]
    history: pd.DataFrame
    best_epoch: int
    seconds: float


def train(
    dataset: FaceDataset,
    backbone: str,
    protocol: Protocol,
    seed: int,
    weights: str = "auto",
    head: str = "auto",
    input_size: int | None = None,
    emotions: tuple[str, ...] = EMOTIONS,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
) -> Trained:
    """Train ``backbone`` on the dataset's train split, watching its validation split; test data is not read.

    ``on_epoch(epoch, metrics)`` is called after each epoch with the names of the tracking server; what it
    raises ends the training. Raises InputError for data without one of both splits or faces of wrong
    shape, for unknown names, and if the loss becomes NaN.
    """
    training, validation = dataset.split("train"), dataset.split("validation")
    keras.utils.set_random_seed(seed)
    keras.utils.disable_interactive_logging()  # Our own bar is on the terminal.
    model = build_model(backbone, dataset.face_shape, len(emotions), protocol.dropout, head, weights, input_size)
    augment = augmentation_named(protocol.augmentation)
    batches = Batches(training, protocol.batch_size, emotions, seed, augment)
    watched = Batches(validation, _EVALUATION_BATCH, emotions)
    best = BestWeights(protocol.monitor, model)
    rows: list[dict[str, float | str]] = []
    began = time.perf_counter()
    for phase in protocol.phases:

        def record(epoch: int, metrics: dict[str, float], phase: Phase = phase) -> None:
            rows.append({"phase": phase.name, **metrics})
            if on_epoch is not None:
                on_epoch(epoch, metrics)

        recorder = EpochRecorder(batches, len(training), len(rows), record)
        _fit_phase(model, phase, protocol, batches, watched, recorder, best)
    if protocol.restore_best:
        best.restore()
    history = pd.DataFrame(rows).rename_axis("epoch")
    return Trained(model, emotions, history, _best_epoch(history, protocol), time.perf_counter() - began)


def _fit_phase(
    model: keras.Model,
    phase: Phase,
    protocol: Protocol,
    batches: Batches,
    watched: Batches,
    recorder: EpochRecorder,
    best: BestWeights,
) -> None:
    freeze(trunk_of(model), phase.unfrozen)
    model.compile(
        optimizer=_optimizer(protocol, phase),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=protocol.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False,
    )
    monitor, mode = KERAS_MONITOR[protocol.monitor]
    callbacks: list[keras.callbacks.Callback] = [recorder, Progress(f"training {phase.name}", phase)]
    if protocol.restore_best:
        callbacks.append(best)
    if phase.schedule == "one_cycle":
        callbacks.append(OneCycle(phase.learning_rate, phase.epochs * len(batches), phase.warmup))
    if phase.early_stopping is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                monitor=monitor, mode=mode, patience=phase.early_stopping, restore_best_weights=True
            )
        )
    if phase.reduce_on_plateau is not None:
        factor, patience, lowest = phase.reduce_on_plateau
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(
                monitor=monitor, mode=mode, factor=factor, patience=patience, min_lr=lowest
            )
        )
    # shuffle=False: Batches draws its own order; Keras would shuffle the order of batches besides.
    model.fit(batches, validation_data=watched, epochs=phase.epochs, callbacks=callbacks, shuffle=False, verbose=0)


def freeze(trunk: keras.Model, unfrozen: int) -> None:
    """Let only the last ``unfrozen`` layers of the trunk train (0: none, ALL_LAYERS: all).

    A frozen BatchNormalization runs in inference mode (Keras' rule), so a frozen part is deterministic.
    """
    if unfrozen > len(trunk.layers):
        raise InputError(f"a phase unfreezes {unfrozen} layers, {trunk.name} has {len(trunk.layers)}; give fewer.")
    frozen = 0 if unfrozen == ALL_LAYERS else len(trunk.layers) - unfrozen
    trunk.trainable = unfrozen != 0
    # Layer by layer: Keras does not pass on a model's `trainable` that has the value already.
    for place, layer in enumerate(trunk.layers):
        layer.trainable = place >= frozen


def _optimizer(protocol: Protocol, phase: Phase) -> keras.optimizers.Optimizer:
    if protocol.optimizer == "adamax":
        return keras.optimizers.Adamax(phase.learning_rate)
    optimizer = keras.optimizers.AdamW(phase.learning_rate, weight_decay=protocol.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _best_epoch(history: pd.DataFrame, protocol: Protocol) -> int:
    last = protocol.phases[-1]
    # Early stopping restores the best of its own phase; without it, the best of all is only reported.
    rows = history if last.early_stopping is None else history[history["phase"] == last.name]
    values = rows[protocol.monitor]
    return int(values.idxmax() if protocol.monitor.endswith("accuracy") else values.idxmin())
