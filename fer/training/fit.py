"""Train one model on one dataset by a protocol."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.emotions import EMOTIONS
from fer.models import backbone_of, build_model, freeze, left_off
from fer.models.fused_normalization import fused_normalization
from fer.models.precision import scaled
from fer.models.trained_weights import TrainedModel, start_from
from fer.sentinels import AUTO, NONE
from fer.training.augmentation import augmentation_named
from fer.training.callbacks import (
    KERAS_MONITOR,
    RATE_PER_STEP,
    AveragedWeights,
    BestWeights,
    EpochRecorder,
    KeptState,
    OneCycle,
    one_cycle,
)
from fer.training.jit import JIT_COMPILE
from fer.training.losses import loss_named
from fer.training.memory_needed import refuse_large_batches, refuse_large_head
from fer.training.mitigation.applying import RETRAINED, face_weights, method_changes, model_to_fit, retrained
from fer.training.mitigation.choice import Mitigation
from fer.training.progress import Progress
from fer.training.protocols import Phase, Protocol
from fer.training.resuming import Resuming
from fer.training.streams import seed_dropout, seed_initialisation
from fer.training.targets import LABEL, Taught, taught_by
from fer.training.traced_graphs import forget_gradients
from fer.training.training_log import TrainingLog
from fer.training.trunk_cache.stages import Stages
from fer.training.weighting import weighting_named

_EVALUATION_BATCH = 256
_PLAIN = Mitigation()


@dataclass(frozen=True)
class Trained:
    """A trained model and the history of its training.

    Attributes:
        model: model from uint8 faces to probabilities.
        emotions: label vocabulary, in the order of the model's outputs.
        history: one row per epoch, indexed by 0-based ``epoch`` over all phases: ``phase`` and the metrics.
        best_epoch: 0-based; the best by the protocol's monitor of the epochs that the weights may come from.
        restored: whether the model has the weights of that epoch; else those of the last one.
        head_kept: whether the model that it started from gave it the weights of its head, too; None: it started from
            none.
        seconds: wall-clock time of all phases; of an interrupted start, up to its last checkpoint.
        trained_from: for each phase, whether it was trained from faces (and why) or from the trunk cache.
        trunk_faces: number of faces that were passed through the trunk to fill the trunk cache.
        trunk_seconds: seconds that this took, also included in ``seconds``.
        validation: the validation faces that it was watched on, without those that a mitigation method held out.
        warning: why a checkpoint could not be written; empty if all were written.
        steps_per_epoch: number of optimiser steps of an epoch.

    """

    model: keras.Model
    emotions: tuple[str, ...]
    history: pd.DataFrame
    best_epoch: int
    seconds: float
    trained_from: tuple[str, ...]
    trunk_faces: int
    trunk_seconds: float
    validation: FaceDataset
    warning: str = ""
    steps_per_epoch: int = 0
    restored: bool = True
    taught: Taught | None = None
    head_kept: bool | None = None


def train(
    dataset: FaceDataset,
    backbone: str,
    protocol: Protocol,
    seed: int,
    weights: str = AUTO,
    head: str = AUTO,
    input_size: int | None = None,
    emotions: tuple[str, ...] = EMOTIONS,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
    trunk_cache: str = AUTO,
    folder: Path | None = None,
    steps_per_epoch: int | None = None,
    targets: str = LABEL,
    mitigation: Mitigation = _PLAIN,
    start: TrainedModel | None = None,
) -> Trained:
    """Train ``backbone`` on the dataset's train split, monitoring its validation split; test data is not read.

    ``on_epoch(epoch, metrics)`` is called after each epoch (0-based, over all phases) with the metric names of the
    tracking server; an exception that it raises ends the training. ``trunk_cache`` decides whether phases with a
    deterministic trunk (frozen part) are trained from its cached output: ``auto`` (exact), ``float16`` (half the disk
    space) or ``off``. ``steps_per_epoch`` is the number of optimiser steps per epoch; None: one pass over the faces.
    ``targets`` is what the training faces teach, a name in :data:`fer.training.targets.TARGETS`. ``mitigation`` is a
    method that serves the worst group, see :mod:`fer.training.mitigation`; by default none does. ``start`` is a trained
    model whose weights this one begins with, instead of ``weights``.

    Checkpoints are written to ``folder``. Called again with the same folder and arguments, the training resumes from
    the last checkpoint and ends with the same result as without an interruption; ``on_epoch`` is called again for the
    epochs after the checkpoint.

    Raises InputError if one of the two splits is missing, for faces of the wrong shape and unknown names, for a face
    without a group if the method needs groups, if the loss diverges (DivergedError), if a batch does not fit into the
    memory, and if the trunk cache would exceed its limit.
    """
    taught = taught_by(dataset.split("train"), emotions, targets)
    training = taught.faces
    protocol = protocol.of_backbone(backbone)
    keras.utils.disable_interactive_logging()  # Replaced by our own progress bar.

    def plainly(shorter: Protocol, place: Path | None) -> keras.Model:
        return train(
            dataset, backbone, shorter, seed, weights, head, input_size, emotions, None, trunk_cache, place,
            steps_per_epoch, targets, start=start,
        ).model  # fmt: skip

    changes = method_changes(mitigation, dataset, training, protocol, emotions, seed, steps_per_epoch, plainly, folder)
    treatment, validation = changes.treatment, changes.validation
    protocol = replace(protocol, mixup=treatment.mixup or protocol.mixup)
    seed_initialisation(seed)
    model = build_model(
        backbone, dataset.face_shape, len(emotions), protocol.dropout, head, weights if start is None else NONE,
        input_size, protocol.preparation, protocol.precision, refuse_large_head,
    )  # fmt: skip
    head_kept = None if start is None else start_from(model, start, emotions)
    at_a_time = max(min(protocol.batch_size, len(training)), min(_EVALUATION_BATCH, len(validation)))
    refuse_large_batches(model, at_a_time)
    seed_dropout(model, seed)
    resuming = Resuming(model, folder)
    augment = augmentation_named(protocol.augmentation)
    weigh = weighting_named(protocol.class_weights)
    counted = None if weigh is None else weigh(training, training.codes(emotions))
    counted = face_weights(changes, counted)
    sampling = protocol.sampling if treatment.balance_by is None else "balanced"
    cut_off = left_off(backbone, head)

    def freeze_for(number: int) -> None:
        phase = protocol.phases[number]
        freeze(backbone_of(model), phase.unfrozen, cut_off, phase.train_normalization)

    shown = dataset.where(dataset.samples["split"].isin(("train", "validation")))
    stages = Stages(model, shown, freeze_for, len(protocol.phases), trunk_cache, protocol.augmentation, protocol.mixup)
    best = BestWeights(protocol.monitor, model)
    training_log = TrainingLog(**resuming.facts)
    for number, phase in enumerate(protocol.phases[resuming.phase :], start=resuming.phase):

        def record(epoch: int, metrics: dict[str, float], phase: Phase = phase) -> None:
            training_log.rows.append({"phase": phase.name, **metrics})
            if on_epoch is not None:
                on_epoch(epoch, metrics)

        stage = stages.enter(number)
        training_log.enter(number, stage)
        batches = stage.batches(
            training, protocol.batch_size, emotions, seed, augment, sampling, counted, taught.shares, steps_per_epoch,
            protocol.mixup, treatment.balance_by,
        )  # fmt: skip
        watched = stage.batches(validation, _EVALUATION_BATCH, emotions)
        recorder = EpochRecorder(batches, batches.faces_per_epoch, len(training_log.rows), record)
        fitted = model_to_fit(stage.model, treatment)
        _compile(fitted, protocol, scaled(_optimizer(protocol, phase, len(batches)), protocol.precision))
        _make_variables(fitted, len(emotions))
        callbacks = _callbacks(phase, protocol, len(batches), best)
        if treatment.objective is not None and treatment.objective.variables:
            callbacks.append(KeptState(treatment.objective.variables))
        callbacks.append(resuming.callback(number, phase.epochs, callbacks, training_log.as_dict))
        # shuffle=False: Batches draws its own order; Keras would also shuffle the order of the batches.
        with fused_normalization(stage.model):
            fitted.fit(
                batches,
                validation_data=watched,
                epochs=phase.epochs,
                initial_epoch=resuming.first_epoch(number),
                callbacks=[recorder, Progress(protocol, number, training_log.rows), *callbacks],
                shuffle=False,
                verbose=0,
            )
    if protocol.restore_best:
        best.restore()
    if fitted is not model:
        # So that it predicts and is saved as if it had been fitted itself.
        _compile(model, protocol, fitted.optimizer)
    last_row = retrained(changes, model, emotions, seed, _EVALUATION_BATCH)
    if last_row is not None:
        training_log.rows.append({"phase": RETRAINED, **last_row})
        if on_epoch is not None:
            on_epoch(len(training_log.rows) - 1, last_row)
    forget_gradients()
    return Trained(
        model,
        emotions,
        training_log.history,
        _best_epoch(training_log.history, protocol) if last_row is None else len(training_log.rows) - 1,
        training_log.seconds,
        tuple(training_log.trained_from),
        training_log.trunk_faces,
        training_log.trunk_seconds,
        validation,
        resuming.warning,
        len(batches),
        last_row is not None or protocol.restore_best or protocol.phases[-1].early_stopping is not None,
        taught,
        head_kept,
    )


def _compile(model: keras.Model, protocol: Protocol, optimizer: keras.optimizers.Optimizer) -> None:
    model.compile(
        optimizer=optimizer,
        loss=loss_named(protocol.loss, protocol.label_smoothing),
        metrics=["accuracy"],
        jit_compile=JIT_COMPILE,
    )


def _make_variables(model: keras.Model, classes: int) -> None:
    """Make the variables of a model's optimizer and metrics: TensorFlow traces a step that makes some twice."""
    alike = np.full((1, classes), 1 / classes, dtype=np.float32)
    model.optimizer.build(model.trainable_variables)
    model.compute_metrics(None, alike, alike)
    model.reset_metrics()


def _callbacks(phase: Phase, protocol: Protocol, steps: int, best: BestWeights) -> list[keras.callbacks.Callback]:
    monitor, mode = KERAS_MONITOR[protocol.monitor]
    callbacks: list[keras.callbacks.Callback] = [AveragedWeights()] if protocol.weight_averaging else []
    callbacks += [best] if protocol.restore_best else []
    if phase.schedule == "one_cycle" and RATE_PER_STEP:
        callbacks.append(OneCycle(phase.learning_rate, phase.epochs * steps, phase.warmup))
    if phase.early_stopping is not None:
        callbacks.append(
            keras.callbacks.EarlyStopping(
                monitor=monitor,
                mode=mode,
                patience=phase.early_stopping,
                restore_best_weights=True,
                min_delta=phase.min_delta,
            )
        )
    if phase.reduce_on_plateau is not None:
        factor, patience, lowest = phase.reduce_on_plateau
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(
                monitor=monitor, mode=mode, factor=factor, patience=patience, min_lr=lowest
            )
        )
    return callbacks


def _optimizer(protocol: Protocol, phase: Phase, steps: int) -> keras.optimizers.Optimizer:
    rate = phase.learning_rate
    if phase.schedule == "one_cycle" and not RATE_PER_STEP:
        rate = one_cycle(rate, phase.epochs * steps, phase.warmup)
    averaged: dict[str, Any] = {}
    if protocol.weight_averaging:
        averaged = {"use_ema": True, "ema_momentum": protocol.weight_averaging}
    if protocol.optimizer == "adam":
        return keras.optimizers.Adam(rate, **averaged)
    if protocol.optimizer == "adamax":
        return keras.optimizers.Adamax(rate, **averaged)
    decay = protocol.weight_decay
    optimizer: keras.optimizers.Optimizer
    if protocol.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=decay, **averaged)
    else:
        optimizer = keras.optimizers.AdamW(rate, weight_decay=decay, **averaged)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _best_epoch(history: pd.DataFrame, protocol: Protocol) -> int:
    last = protocol.phases[-1]
    # Early stopping restores the best epoch of its own phase; without it, the best of all is only reported.
    rows = history if last.early_stopping is None else history[history["phase"] == last.name]
    values = rows[protocol.monitor]
    return int(values.idxmax() if protocol.monitor.endswith("accuracy") else values.idxmin())
