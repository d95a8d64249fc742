"""The step that runs a whole study: its datasets and its cells. A failed cell does not stop the others."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import pandas as pd

from fer.claims import ClaimStore, claims_address, held, open_claims
from fer.data.dataset import FaceDataset
from fer.data.group_limits import check_group_count
from fer.data.kept_aside import divided, own_faces
from fer.data.mixing import check_mixable, drawn
from fer.data.votes import has_votes
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.perturbations import perturbations_named
from fer.identity import code_version, dataset_versions, identity
from fer.launching import Launcher
from fer.launching.inline import in_process
from fer.preprocessing.pipeline import Recipe
from fer.progress import Tally, announce, announce_loading, say
from fer.record import Record
from fer.sentinels import AUTO
from fer.steps.cell_runs import CellJob, CellWork, Outcome, in_order, is_ensemble, lost_cell, taken_over
from fer.steps.cells import StudyData, cell_identity, plan_of, training_identity
from fer.steps.datasets import preprocess_step
from fer.steps.reuse import reusable_run
from fer.steps.starting import start_of
from fer.study.cells import Cell, Mixture, stages_in, trainings_in
from fer.study.matrix import cells
from fer.study.reading import recipes
from fer.study.schema import StudyFile
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_experiment_id, open_run, open_run_id
from fer.tracking.server import is_remote, tracking_address
from fer.tracking.stale_runs import end_runs_of
from fer.training.targets import LABEL, check_targets, no_votes

__all__ = ["Outcome", "failures_of", "planned_record", "study_record", "study_step"]


def study_step(
    study: StudyFile, data: Path | None, launcher: Launcher = in_process, claims: str = AUTO
) -> list[Outcome]:
    """Run a study's cells inside the open run; return the outcome of each, in order.

    Datasets and cells with a FINISHED run of the same identity in this experiment are reused, also from earlier
    versions of the code with the same results (:mod:`fer.identity`). A cell that fails gets the status FAILED with its
    reason; the others continue unless the server is lost. What another process is computing under the same ``claims``
    (:func:`fer.claims.claims_address`) is left to it and then reused. Raises InputError before any training if raw data
    are missing, a dataset lacks the splits it is used for, or a test split lacks a group column or has too many groups.
    """
    claims_address(claims, tracking_address())  # An address with a password is refused before anything is done.
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
    store = _claims(claims)
    addresses = {name: _dataset(study, recipe, store, launcher) for name, recipe in made.items()}
    datasets = {name: open_dataset(address) for name, address in addresses.items()}

    _check_data(study, planned, datasets)
    digests = {name: dataset.digest for name, dataset in datasets.items()}
    given = StudyData(addresses, digests, models)
    log_record(planned_record(planned, given))
    outcomes = _outcomes(study, planned, given, launcher, claims)
    log_record(study_record(outcomes))
    return outcomes


def planned_record(planned: Sequence[Cell], data: StudyData) -> Record:
    """Return the record of what a study is about to do: its cells, by which ``status`` knows what is missing."""
    listed = [
        {
            "experiment": cell.experiment,
            "seed": cell.seed,
            "position": cell.position,
            "identity": cell_identity(cell, data),
            "training": training_identity(cell.training, data),
        }
        for cell in planned
    ]
    return Record(texts={names.PLANNED_CELLS_ARTIFACT: json.dumps({"cells": listed}, indent=1) + "\n"})


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


def _claims(claims: str) -> ClaimStore:
    """Return the store of claims, and say which it is if other machines do not see them."""
    tracking = tracking_address()
    store = open_claims(claims_address(claims, tracking))
    if not store.spans_machines and is_remote(tracking):
        say(
            "claims are kept in the cache of this machine, which other machines do not see: for a study on several "
            "machines set FER_CLAIMS to a database, such as postgresql://host/fer."
        )
    return store


def _dataset(study: StudyFile, recipe: Recipe, store: ClaimStore, launcher: Launcher) -> str:
    facts = recipe.facts()

    def identify(code: str) -> str:
        return identity({**facts, "code": code}, {}, code)

    def finished() -> str | None:
        done = reusable_run(identify, names.PREPROCESS_STAGE, dataset_versions)
        return None if done is None else f"runs:/{done.info.run_id}/{names.DATASET_ARTIFACT}"

    key, known = identify(code_version()), finished()
    if known is not None:
        return known
    with held(store, key, lambda: say(f"another process is preparing the dataset {recipe.title}; waiting for it.")):
        known = finished()
        if known is not None:
            return known
        tags = {names.IDENTITY: key, names.STUDY: study.name}
        announce(f"preparing the dataset {recipe.title}")
        with open_run(names.PREPROCESS_STAGE, f"{recipe.title}: dataset", recipe.described(), tags):
            # Videos alone are searched by it; in this process, they would be one after another.
            return preprocess_step(recipe, launcher=None if launcher is in_process else launcher)


def _outcomes(
    study: StudyFile, planned: Sequence[Cell], data: StudyData, launcher: Launcher, claims: str
) -> list[Outcome]:
    """Run the cells without a finished run, ensembles last; return the outcome of each.

    Cells that another process is computing are left to it, and waited for when nothing else is left to do.
    """
    # Ensembles need the models of the other cells, so they run after all of them.
    ordered = sorted(planned, key=is_ensemble)
    known = {cell: outcome for cell in ordered if (outcome := taken_over(cell, data)) is not None}
    open_cells = [cell for cell in ordered if cell not in known]
    work = CellWork(study, data, open_run_id(), open_experiment_id(), claims)
    note = f"{len(known)} reused" if known else ""
    with Tally(f"study {study.name}", "cell", len(open_cells), note) as tally:

        def began(job: CellJob) -> None:
            tally.began(_titled(job.cell))

        def ended(outcome: Outcome) -> None:
            if outcome.elsewhere:
                tally.put_off(_titled(outcome.cell), "another process is computing it")
            else:
                tally.ended(_titled(outcome.cell), outcome.accuracy, outcome.failure)

        def lost(job: CellJob, reason: str) -> Outcome:
            end_runs_of(job.identity, work.experiment_id, work.parent)
            return lost_cell(job, reason)

        for together in (False, True):
            group = [cell for cell in open_cells if is_ensemble(cell) == together]
            for waits in (False, True):
                left = [cell for cell in group if cell not in known]
                left = left if launcher is in_process else in_order(left)
                jobs = [CellJob(cell, cell_identity(cell, data)) for cell in left]
                found = launcher(jobs, replace(work, waits=waits), began, ended, lost)
                known |= {outcome.cell: outcome for outcome in found if not outcome.elsewhere}
    return [known[cell] for cell in ordered]


def _titled(cell: Cell) -> str:
    return f"{cell.experiment}, seed {cell.seed}"


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
