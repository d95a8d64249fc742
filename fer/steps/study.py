"""The step that runs a whole study: its datasets and its cells. A failed cell does not stop the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.group_limits import check_group_count
from fer.data.kept_aside import divided, own_faces
from fer.data.mixing import check_mixable, drawn
from fer.data.votes import has_votes
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.perturbations import perturbations_named
from fer.identity import code_version, dataset_versions, evaluation_versions, identity
from fer.preprocessing.pipeline import Recipe
from fer.progress import Tally, announce, announce_loading
from fer.record import Record
from fer.redaction import redacted
from fer.steps.cells import StudyData, cell_data, cell_identity, cell_steps, experiment_identity, plan_of
from fer.steps.datasets import preprocess_step
from fer.steps.reuse import reusable_run
from fer.steps.starting import start_of
from fer.study.cells import Cell, Ensemble, Mixture, stages_in, trainings_in
from fer.study.launcher import Launcher, in_process
from fer.study.matrix import cells
from fer.study.reading import recipes
from fer.study.schema import StudyFile
from fer.study.server_form import cell_parameters
from fer.study.titles import run_name
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run
from fer.tracking.server import NoAnswer, connect
from fer.training.targets import LABEL, check_targets, no_votes

# Progress shows validation accuracy: test faces are for reporting only.
_ACCURACY = names.BEST_VALIDATION_ACCURACY


@dataclass(frozen=True)
class Outcome:
    """The outcome of a cell.

    ``reused`` is whether a finished run was found, ``failure`` the reason why the cell failed (None: it did not), and
    ``accuracy`` its model's validation accuracy, 0..1.
    """

    cell: Cell
    run_id: str
    reused: bool
    failure: str | None = None
    accuracy: float | None = None


def study_step(study: StudyFile, data: Path | None, launcher: Launcher = in_process) -> list[Outcome]:
    """Run a study's cells inside the open run; return the outcome of each, in order.

    Datasets and cells with a FINISHED run of the same identity in this experiment are reused, also from earlier
    versions of the code with the same results (:mod:`fer.identity`). A cell that fails gets the status FAILED with its
    reason; the others continue unless the server is lost. Raises InputError before any training if raw data are
    missing, a dataset lacks the splits it is used for, or a test split lacks a group column or has too many groups.
    """
    planned = cells(study)
    announce_loading()
    models: dict[str, str] = {}
    for plan in dict.fromkeys(replace(plan_of(one), seed=0) for cell in planned for one in stages_in(cell.training)):
        protocol, _ = plan.resolve()
        start = start_of(plan, protocol)
        models |= {} if start is None else {plan.weights: start.digest}
    for cell in planned:
        _check_pretraining(cell)
    perturbations_named(study.test.robustness)
    made = recipes(study, data)
    for recipe in made.values():  # All of them before the first is made, which may take hours.
        recipe.check()
    addresses = {name: _dataset(study, recipe) for name, recipe in made.items()}
    datasets = {name: open_dataset(address) for name, address in addresses.items()}

    _check_data(study, planned, datasets)
    digests = {name: dataset.digest for name, dataset in datasets.items()}
    outcomes = _outcomes(study, planned, StudyData(addresses, digests, models), launcher)
    log_record(study_record(outcomes))
    return outcomes


def study_record(outcomes: Sequence[Outcome]) -> Record:
    """Return the record of a study: a table of its cells, and how many there are, were reused and failed."""
    return Record(
        metrics={
            "study/cells": len(outcomes),
            "study/reused": sum(outcome.reused for outcome in outcomes),
            "study/failed": sum(outcome.failure is not None for outcome in outcomes),
        },
        tables={"cells.csv": _cells_table(outcomes)},
    )


def _check_pretraining(cell: Cell) -> None:
    """Raise InputError if a model is pretrained on faces that are prepared otherwise."""
    for one in trainings_in(cell.training):
        if one.pretraining is not None:
            first, then = (plan_of(stage).resolve()[0].preparation for stage in (one.pretraining, one))
            if first != then:
                raise InputError(
                    f"{cell.experiment}: its pretraining has the preparation {first}, its training {then}; give both "
                    "protocols with the same."
                )


def _check_data(study: StudyFile, planned: Sequence[Cell], datasets: Mapping[str, FaceDataset]) -> None:
    """Raise InputError now for what would fail in every cell hours later."""
    for name in study.test.dataset:
        tested = datasets[name].split(study.test.split)
        for attribute in study.test.attributes:
            where = f"the {study.test.split} split of {tested.name}"
            check_group_count(attribute.groups(tested.samples, where), attribute, where)
        clusters_of(tested.samples, study.test.cluster, f"the {study.test.split} split of {tested.name}")
    mixtures = dict.fromkeys(one.mixture for cell in planned for one in trainings_in(cell.training))
    for mixture in mixtures:
        if mixture.addition is not None and not mixture.is_base_alone:
            check_mixable(datasets[mixture.base], datasets[mixture.addition])
    for cell in planned:
        _check_votes(cell, datasets)
    for mixture, seed in product(mixtures, study.seeds):
        _check_kept_aside(mixture, datasets, seed)
    for name in dict.fromkeys(one.mixture.base for cell in planned for one in stages_in(cell.training)):
        datasets[name].split("train")
        datasets[name].split("validation")
    for mixture, test in product(mixtures, study.test.dataset):
        known = set(datasets[mixture.base].emotions)
        if mixture.addition is not None and not mixture.is_base_alone and mixture.arm != "same":
            known |= set(datasets[mixture.addition].emotions)
        unknown = sorted(set(datasets[test].split(study.test.split).samples["label"]) - known)
        if unknown:
            raise InputError(
                f"study {study.name}: {test} is tested on {unknown[0]}, which {mixture.base} was made without; give "
                "both the same emotions."
            )


def _check_votes(cell: Cell, datasets: Mapping[str, FaceDataset]) -> None:
    """Raise InputError if votes are to be taught and no training face of the mixture has any."""
    for one in stages_in(cell.training):
        if check_targets(one.parameters.targets) != LABEL:
            parts = [datasets[name] for name in (one.mixture.base, one.mixture.addition) if name is not None]
            if not any(has_votes(part.split("train").samples) for part in parts):
                raise no_votes(" + ".join(part.name for part in parts), one.parameters.targets)


def _check_kept_aside(mixture: Mixture, datasets: Mapping[str, FaceDataset], seed: int) -> None:
    """Raise InputError if faces cannot be kept aside, or are too few of an emotion for the arm ``same``."""
    if mixture.kept_aside:
        kept = divided(datasets[mixture.base], mixture.kept_aside, seed)
        if mixture.arm == "same" and mixture.addition is not None:
            own_faces(kept, drawn(datasets[mixture.addition].samples, mixture.fraction, seed), seed)


def _dataset(study: StudyFile, recipe: Recipe) -> str:
    facts = recipe.facts()

    def identify(code: str) -> str:
        return identity({**facts, "code": code}, {}, code)

    done = reusable_run(identify, names.PREPROCESS_STAGE, dataset_versions)
    if done is not None:
        return f"runs:/{done.info.run_id}/{names.DATASET_ARTIFACT}"
    tags = {names.IDENTITY: identify(code_version()), names.STUDY: study.name}
    announce(f"preparing the dataset {recipe.title}")
    with open_run(names.PREPROCESS_STAGE, f"{recipe.title}: dataset", recipe.described(), tags):
        return preprocess_step(recipe)


def _outcomes(study: StudyFile, planned: Sequence[Cell], data: StudyData, launcher: Launcher) -> list[Outcome]:
    """Run the cells without a finished run, ensembles last; return the outcome of each."""
    # Ensembles need the models of the other cells, so they run after all of them.
    ordered = sorted(planned, key=_is_ensemble)
    known = {cell: outcome for cell in ordered if (outcome := _taken_over(cell, data)) is not None}
    open_cells = [cell for cell in ordered if cell not in known]

    def work(cell: Cell) -> Outcome:
        return _run_cell(study, cell, data)

    note = f"{len(known)} reused" if known else ""
    with Tally(f"study {study.name}", "cell", len(open_cells), note) as tally:

        def began(cell: Cell) -> None:
            tally.began(_titled(cell))

        def ended(outcome: Outcome) -> None:
            tally.ended(_titled(outcome.cell), outcome.accuracy, outcome.failure)

        for together in (False, True):
            group = [cell for cell in open_cells if _is_ensemble(cell) == together]
            known |= dict(zip(group, launcher(group, work, began, ended), strict=True))
    return [known[cell] for cell in ordered]


def _is_ensemble(cell: Cell) -> bool:
    return isinstance(cell.training, Ensemble)


def _titled(cell: Cell) -> str:
    return f"{cell.experiment}, seed {cell.seed}"


def _taken_over(cell: Cell, data: StudyData) -> Outcome | None:
    done = reusable_run(lambda code: cell_identity(cell, data, code), names.CELL_STAGE, evaluation_versions)
    if done is None:
        return None
    return Outcome(cell, done.info.run_id, reused=True, accuracy=done.data.metrics.get(_ACCURACY))


def _run_cell(study: StudyFile, cell: Cell, data: StudyData) -> Outcome:
    key = cell_identity(cell, data)
    tags = {
        names.STUDY: study.name,
        names.CELL: key,
        names.IDENTITY: key,
        names.RECIPE: experiment_identity(cell, data),
        names.EXPERIMENT: cell.experiment,
        names.POSITION: cell.position,
        names.TRAINING_TITLE: cell.training_title,
    }
    run_id = ""
    try:
        given = {
            **cell_parameters(cell),
            **{f"{role}_digest": digest[:12] for role, digest in cell_data(cell, data).items()},
        }
        with open_run(names.CELL_STAGE, run_name(study, cell), given, tags) as run:
            run_id = run.info.run_id
            metrics = cell_steps(study, cell, data)
            log_record(Record(metrics=metrics))
    except InputError as error:
        if isinstance(error, NoAnswer):
            connect()  # Without a server no other cell can run either: the study ends.
        return Outcome(cell, run_id, reused=False, failure=str(error))
    except Exception as error:
        # The cell's run has the reason; one failed cell must not stop the others.
        return Outcome(cell, run_id, reused=False, failure=redacted(f"{type(error).__name__}: {error}"))
    return Outcome(cell, run_id, reused=False, accuracy=metrics.get(_ACCURACY))


def _cells_table(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "experiment": outcome.cell.experiment,
                "seed": outcome.cell.seed,
                "run_id": outcome.run_id,
                "reused": outcome.reused,
                "failure": outcome.failure,
            }
            for outcome in outcomes
        ]
    )


def failures_of(outcomes: list[Outcome]) -> None:
    """Raise InputError with the number of failed cells and the first failure, if any cell failed."""
    failed = [outcome for outcome in outcomes if outcome.failure is not None]
    if failed:
        first = failed[0]
        raise InputError(
            f"{len(failed)} of {len(outcomes)} cells failed; the first is {first.cell.experiment}, seed "
            f"{first.cell.seed}: {first.failure}"
        )
