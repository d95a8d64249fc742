"""What a study would run, and what that would take by earlier runs, before anything starts; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pandas as pd

from fer.data.dataset import FaceDataset
from fer.evaluation.sentences import counted
from fer.identity import dataset_versions, identity
from fer.progress import duration
from fer.steps.cell_runs import is_ensemble, taken_over
from fer.steps.cells import StudyData, plan_of, training_identity
from fer.steps.reuse import reusable_run
from fer.steps.starting import digests_of
from fer.study.cells import Cell, Ensemble, Training, stages_in
from fer.study.matrix import cells
from fer.study.reading import recipes
from fer.study.schema import StudyFile
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.earlier_runs import Measured, measured_cells
from fer.tracking.reading import experiment_id_named
from fer.tracking.server import connect
from fer.training.parameters import names_trained_model

REUSED, RUNS, UNKNOWN = "reused", "runs", "runs (its data are made first)"


@dataclass(frozen=True)
class PlannedCell:
    """One cell: what is done with it, and the estimated seconds; None: no earlier run of its backbone to measure by."""

    experiment: str
    seed: int
    action: str
    seconds: float | None


@dataclass(frozen=True)
class Preview:
    """What a study would do.

    Attributes:
        study: its name.
        cells: its cells, in its order.
        datasets: titles of the datasets that would be made first.
        workers: how many cells run at a time.
        disk_bytes: what the runs would put into the artifact store; None if there is no earlier run to measure by.
        memory_gb: memory of all workers together, in GB; None likewise.
        measured: how many earlier cells the estimates rest on.

    """

    study: str
    cells: tuple[PlannedCell, ...]
    datasets: tuple[str, ...]
    workers: int
    disk_bytes: float | None
    memory_gb: float | None
    measured: int

    def seconds(self) -> float | None:
        """Return the estimated seconds of all cells that run, by the workers at a time; None if one is not known."""
        each = [cell.seconds for cell in self.cells if cell.action != REUSED]
        known = [seconds for seconds in each if seconds is not None]
        return None if len(known) < len(each) else sum(known) / max(1, min(self.workers, len(known)))

    def frame(self) -> pd.DataFrame:
        """Return one row per cell: ``experiment, seed, action, estimate``."""
        return pd.DataFrame(
            [
                {
                    "experiment": cell.experiment,
                    "seed": cell.seed,
                    "action": cell.action,
                    "estimate": "" if cell.seconds is None else duration(cell.seconds),
                }
                for cell in self.cells
            ]
        )

    def sentences(self) -> list[str]:
        """Return what would be done and what it takes, in words."""
        reused = sum(cell.action == REUSED for cell in self.cells)
        lines = [f"Study {self.study}: {counted(len(self.cells), 'cell')}, of which {reused} are reused."]
        if self.datasets:
            lines.append(f"Made first: {', '.join(self.datasets)}.")
        if reused == len(self.cells):
            return [*lines, "Nothing is left to run."]
        seconds = self.seconds()
        if seconds is None:
            return [*lines, "What it takes is not known: this server has no finished cell of one of the backbones."]
        at_a_time = f"{self.workers} at a time" if self.workers > 1 else "one after the other"
        lines.append(
            f"By {counted(self.measured, 'earlier cell')}: about {duration(seconds)}, {at_a_time}, on machines like "
            "those of the earlier cells."
        )
        if self.disk_bytes is not None:
            lines.append(f"Artifacts on the server: about {self.disk_bytes / 1e6:,.0f} MB.")
        if self.memory_gb is not None:
            lines.append(f"Memory: up to about {self.memory_gb:.1f} GB, all workers together.")
        return lines


def study_preview(study: StudyFile, data: Path | None, experiment: str, workers: int = 1) -> Preview:
    """Return what a study in this experiment, which need not exist, would do; ``workers`` cells at a time.

    Seconds are estimated from finished cells of the same backbone on this server: seconds per epoch and face, and those
    beside the training. Raises InputError as the study itself would for missing raw data and wrong parameters.
    """
    connect()
    planned, made = cells(study), recipes(study, data)
    for recipe in made.values():
        recipe.check()
    where = experiment_id_named(experiment)
    addresses: dict[str, str] = {}
    for name, recipe in made.items():
        facts = recipe.facts()
        done = None
        if where is not None:
            done = reusable_run(
                lambda code, facts=facts: identity({**facts, "code": code}, {}, code),  # type: ignore[misc]
                names.PREPROCESS_STAGE,
                dataset_versions,
                where,
            )
        if done is not None:
            addresses[name] = f"runs:/{done.info.run_id}/{names.DATASET_ARTIFACT}"
    datasets = {name: open_dataset(address) for name, address in addresses.items()}
    known = StudyData(addresses, {name: one.digest for name, one in datasets.items()}, _models(planned))
    backbones = {one.parameters.backbone for cell in planned for one in stages_in(cell.training)}
    earlier = {backbone: measured_cells(backbone) for backbone in sorted(backbones)}
    listed = tuple(_planned(planned, datasets, known, where, earlier))
    running = [cell for cell, one in zip(planned, listed, strict=True) if one.action != REUSED]
    return Preview(
        study.name,
        listed,
        tuple(recipe.title for name, recipe in made.items() if name not in addresses),
        workers,
        _disk(running, earlier),
        _memory(earlier, min(workers, len(running))),
        sum(len(found) for found in earlier.values()),
    )


def _models(planned: Sequence[Cell]) -> dict[str, str]:
    """Return the digests of trained models that trainings start from, by address."""
    found = {}
    for one in dict.fromkeys(stage for cell in planned for stage in stages_in(cell.training)):
        weights = one.parameters.weights
        if names_trained_model(weights) and weights not in found:
            found[weights] = digests_of(one.parameters)["weights"]
    return found


def _planned(
    planned: Sequence[Cell],
    datasets: Mapping[str, FaceDataset],
    data: StudyData,
    where: str | None,
    earlier: Mapping[str, Sequence[Measured]],
) -> list[PlannedCell]:
    listed, trained = [], set[Training]()
    for cell in sorted(planned, key=is_ensemble):
        if not _datasets_of(cell) <= set(datasets):
            action = UNKNOWN
        else:
            action = REUSED if where is not None and taken_over(cell, data, where) is not None else RUNS
        seconds: float | None = 0.0
        if action != REUSED:
            left = [one for one in stages_in(cell.training) if one not in trained]
            if action == RUNS and where is not None:
                left = [one for one in left if not _is_trained(one, data, where)]
            trained |= set(left)
            seconds = _seconds(cell, left, datasets, earlier)
        listed.append(PlannedCell(cell.experiment, cell.seed, action, seconds))
    order = {(cell.experiment, cell.seed): place for place, cell in enumerate(planned)}
    return sorted(listed, key=lambda one: order[one.experiment, one.seed])


def _datasets_of(cell: Cell) -> set[str]:
    used = {cell.test.dataset}
    for one in stages_in(cell.training):
        used |= {one.mixture.base} | ({one.mixture.addition} if one.mixture.addition is not None else set())
    if isinstance(cell.training, Ensemble) and cell.training.validation is not None:
        used.add(cell.training.validation)
    return used


def _is_trained(training: Training, data: StudyData, where: str) -> bool:
    found = reusable_run(lambda code: training_identity(training, data, code), names.TRAIN_STAGE, experiment_id=where)
    return found is not None


def _seconds(
    cell: Cell,
    trainings: Sequence[Training],
    datasets: Mapping[str, FaceDataset],
    earlier: Mapping[str, Sequence[Measured]],
) -> float | None:
    """Return the estimated seconds of a cell that has these trainings left; None if a backbone was never measured."""
    total = 0.0
    for one in trainings:
        found = earlier[one.parameters.backbone]
        if not found:
            return None
        rates = [each.seconds_per_epoch_and_face for each in found if each.seconds_per_epoch_and_face is not None]
        faces = _faces(one, datasets)
        if rates and faces is not None:
            total += median(rates) * faces * sum(_epochs(one))
        else:  # The data are not made yet.
            total += median(each.training_seconds for each in found)
    beside = [each.other_seconds for found in earlier.values() for each in found]
    return total + median(beside) if beside else None


def _epochs(training: Training) -> list[int]:
    protocol, _ = plan_of(training).resolve()
    return [protocol.epochs]


def _faces(training: Training, datasets: Mapping[str, FaceDataset]) -> int | None:
    """Return the faces of all splits of a mixture, about; None if its data are not made yet."""
    mixture = training.mixture
    if mixture.base not in datasets or (mixture.addition is not None and mixture.addition not in datasets):
        return None
    rows = len(datasets[mixture.base].samples)
    if mixture.addition is not None and mixture.arm == "add":
        rows += int(float(mixture.fraction) * len(datasets[mixture.addition].samples))
    return rows


def _disk(running: Sequence[Cell], earlier: Mapping[str, Sequence[Measured]]) -> float | None:
    taken = [
        next((one.artifact_bytes for one in earlier[stage.parameters.backbone] if one.artifact_bytes), None)
        for cell in running
        for stage in stages_in(cell.training)[-1:]
    ]
    known = [each for each in taken if each is not None]
    return float(sum(known)) if known and len(known) == len(taken) else None


def _memory(earlier: Mapping[str, Sequence[Measured]], workers: int) -> float | None:
    known = [one.peak_memory_gb for found in earlier.values() for one in found if one.peak_memory_gb is not None]
    return max(known) * workers if known else None
