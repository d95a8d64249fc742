"""How a fit applies a method: what it changes, the weights of faces, the model that is fitted, what comes after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from fer.data.dataset import FaceDataset
from fer.progress import announce
from fer.training.mitigation.choice import Mitigation
from fer.training.mitigation.contract import TrainingFaces, Treatment
from fer.training.mitigation.groups import coded, training_groups
from fer.training.mitigation.held_out import held_out_part
from fer.training.mitigation.objective import TrainedByObjective
from fer.training.protocols import Protocol

# Of the checkpoints of the first training of a method that trains twice.
_FIRST = "first"
RETRAINED = "last_layer"


@dataclass(frozen=True)
class Changes:
    """What a method changes in a training, with the faces that it concerns.

    Attributes:
        treatment: what it changes.
        faces: what it was given.
        validation: the validation faces that the training is watched on.
        held_out: the other validation faces; None if the method holds none out.

    """

    treatment: Treatment
    faces: TrainingFaces
    validation: FaceDataset
    held_out: FaceDataset | None


def method_changes(
    mitigation: Mitigation,
    dataset: FaceDataset,
    training: FaceDataset,
    protocol: Protocol,
    emotions: tuple[str, ...],
    seed: int,
    steps_per_epoch: int | None,
    plainly: Callable[[Protocol, Path | None], keras.Model],
    folder: Path | None,
) -> Changes:
    """Return what a method changes in a training by ``protocol``; a method that trains twice trains first here.

    ``training`` are the training faces. ``plainly(protocol, folder)`` trains the same network plainly, with its
    checkpoints in ``folder``.
    """
    validation = dataset.split("validation")

    def first_probabilities(share: float) -> np.ndarray:
        announce(f"{mitigation.method}: the first of two trainings")
        phases = tuple(replace(phase, epochs=max(1, round(phase.epochs * share))) for phase in protocol.phases)
        place = None if folder is None else folder / _FIRST
        if place is not None:
            place.mkdir(exist_ok=True)
        model = plainly(replace(protocol, phases=phases), place)
        announce(f"{mitigation.method}: the second training")
        return np.asarray(_predicted(model, training))

    needs = mitigation.entry.needs_groups
    groups: np.ndarray = np.zeros(len(training), dtype=np.int64)
    names: tuple[str, ...] = ("all",)
    if needs:
        groups, names = coded(training_groups(training, mitigation.groups))
    faces = TrainingFaces(
        training.codes(emotions),
        groups,
        names,
        protocol.epochs * (steps_per_epoch or -(-len(training) // protocol.batch_size)),
        first_probabilities,
        lambda other: coded(training_groups(other, mitigation.groups))[0],
    )
    treatment = mitigation.treatment(faces)
    if not treatment.held_out:
        return Changes(treatment, faces, validation, None)
    held_out, watched = held_out_part(dataset, treatment.held_out, seed)
    return Changes(treatment, faces, watched, held_out)


def face_weights(changes: Changes, class_weights: np.ndarray | None) -> np.ndarray | None:
    """Return the weight of each training face, float32 (n,), or (n, groups) for an objective by group; None: all 1."""
    treatment, faces = changes.treatment, changes.faces
    given = [one for one in (class_weights, treatment.weights) if one is not None]
    weights = np.prod(given, axis=0, dtype=np.float32) if given else None
    if treatment.objective is None or not treatment.objective.by_group:
        return weights
    member = np.eye(len(faces.names), dtype=np.float32)[faces.groups]
    return member if weights is None else member * weights[:, None]


def model_to_fit(model: keras.Model, treatment: Treatment) -> keras.Model:
    """Return the model that is fitted in a phase: ``model``, or one that shares its layers and has the objective."""
    return model if treatment.objective is None else TrainedByObjective(model, treatment.objective)


def retrained(
    changes: Changes, model: keras.Model, emotions: tuple[str, ...], seed: int, batch: int
) -> dict[str, float] | None:
    """Retrain the model as the method does after the last epoch; return its metrics, None without such a method."""
    treatment = changes.treatment
    if treatment.retrain is None or changes.held_out is None:
        return None
    treatment.retrain(model, changes.held_out, emotions, seed)
    metrics = {}
    for name, faces in (("train", changes.held_out), ("validation", changes.validation)):
        probabilities, codes = _predicted(model, faces, batch), faces.codes(emotions)
        truth = probabilities[np.arange(len(codes)), codes]
        metrics[f"{name}/loss"] = float(-np.log(np.clip(truth, 1e-7, 1.0)).mean())
        metrics[f"{name}/accuracy"] = float((probabilities.argmax(axis=1) == codes).mean())
    return metrics


def _predicted(model: keras.Model, faces: FaceDataset, batch: int = 256) -> np.ndarray:
    parts = [
        model.predict(faces.faces(slice(start, start + batch)), verbose=0) for start in range(0, len(faces), batch)
    ]
    return np.concatenate(parts)
