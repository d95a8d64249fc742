"""The step that runs a whole study: its datasets, its cells, each once; a failed cell does not stop the others."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from fer.dataset import FaceDataset
from fer.errors import InputError
from fer.evaluation import attribute_values
from fer.identity import file_digest, identity
from fer.launch import Launcher, in_process
from fer.preprocessing import Recipe
from fer.steps.data import integrate_step, preprocess_step
from fer.steps.evaluation import evaluate_step
from fer.steps.training import TrainingPlan, train_step
from fer.studies import Cell, StudyFile, cells, recipes
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.runs import finished_run, log_files, log_metrics, open_run, set_tags


@dataclass(frozen=True)
class Outcome:
    """What became of a cell: its run, whether a finished one was found, and why it failed (None: it did not)."""

    cell: Cell
    run_id: str
    reused: bool
    failure: str | None = None


def study_step(study: StudyFile, data: Path | None, launcher: Launcher = in_process) -> list[Outcome]:
    """Run a study's cells inside the open run; return the outcome of each, in order.

    Datasets and cells that have a FINISHED run of the same identity in this experiment are taken over.
    A cell that fails is FAILED with its reason; the others go on. Raises InputError before any training for
    raw data that is missing, a dataset without the splits it is used for, and a test split without a
    group column that is asked for.
    """
    for plan in {_plan(cell) for cell in cells(study)}:
        plan.resolve()
    addresses = {name: _dataset(study, recipe) for name, recipe in recipes(study, data).items()}
    datasets = {name: open_dataset(address) for name, address in addresses.items()}

    _check_data(study, datasets)

    def work(cell: Cell) -> Outcome:
        return _run_cell(study, cell, addresses, datasets)

    outcomes = launcher(cells(study), work, f"study {study.name}")
    log_files(tables={"cells.csv": _cells_table(outcomes)})
    log_metrics(
        {
            "study/cells": len(outcomes),
            "study/reused": sum(outcome.reused for outcome in outcomes),
            "study/failed": sum(outcome.failure is not None for outcome in outcomes),
        }
    )
    return outcomes


def _check_data(study: StudyFile, datasets: Mapping[str, FaceDataset]) -> None:
    """What would fail in every cell, hours from now, fails here."""
    tested = datasets[study.test.dataset].split(study.test.split)
    for attribute in study.test.attributes:
        attribute_values(tested.samples, attribute, f"the {study.test.split} split of {tested.name}")
    for name in {cell.base for cell in cells(study)}:
        datasets[name].split("train")
        datasets[name].split("validation")


def cell_identity(cell: Cell, digests: Mapping[str, str]) -> str:
    """Return the identity of a cell: its parameters, the digests of the datasets it uses, the code's version."""
    return identity(cell.parameters(), _data(cell, digests))


def cell_recipe(cell: Cell, digests: Mapping[str, str]) -> str:
    """Return the identity of a cell without its seed: runs that share it are repetitions of one experiment."""
    given = {name: value for name, value in cell.parameters().items() if name != "seed"}
    return identity(given, _data(cell, digests))


def _data(cell: Cell, digests: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of what a cell is made from: its datasets, and its weights if they are a file."""
    used = {role: digests[name] for role, name in _roles(cell).items()}
    if Path(cell.weights).is_file():
        used["weights"] = file_digest(Path(cell.weights))
    return used


def _roles(cell: Cell) -> dict[str, str]:
    roles = {"base": cell.base, "test": cell.test}
    return roles if cell.addition == "none" else {**roles, "addition": cell.addition}


def _dataset(study: StudyFile, recipe: Recipe) -> str:
    key = identity(recipe.facts(), {})
    done = finished_run(key, "preprocess")
    if done is not None:
        return f"runs:/{done.info.run_id}/{names.DATASET_ARTIFACT}"
    tags = {names.IDENTITY: key, names.STUDY: study.name}
    with open_run("preprocess", f"preprocess {recipe.title}", recipe.described(), tags):
        return preprocess_step(recipe)


def _run_cell(
    study: StudyFile, cell: Cell, addresses: Mapping[str, str], datasets: Mapping[str, FaceDataset]
) -> Outcome:
    digests = {name: dataset.digest for name, dataset in datasets.items()}
    key = cell_identity(cell, digests)
    done = finished_run(key, names.CELL_STAGE)
    if done is not None:
        return Outcome(cell, done.info.run_id, reused=True)
    title = f"{cell.experiment}, seed {cell.seed}"
    tags = {
        names.STUDY: study.name,
        names.CELL: key,
        names.IDENTITY: key,
        names.RECIPE: cell_recipe(cell, digests),
        names.EXPERIMENT: cell.experiment,
        names.POSITION: cell.position,
    }
    run_id = ""
    try:
        given = {
            **cell.parameters(),
            **{f"{role}_digest": digest[:12] for role, digest in _data(cell, digests).items()},
        }
        with open_run(names.CELL_STAGE, title, given, tags) as run:
            run_id = run.info.run_id
            log_metrics(_steps(study, cell, addresses))
    except InputError as error:
        return Outcome(cell, run_id, reused=False, failure=str(error))
    except Exception as error:
        # The cell's run holds the reason; one broken cell must not cost the others their hours.
        return Outcome(cell, run_id, reused=False, failure=f"{type(error).__name__}: {error}")
    return Outcome(cell, run_id, reused=False)


def _steps(study: StudyFile, cell: Cell, addresses: Mapping[str, str]) -> dict[str, float]:
    tags = {names.STUDY: study.name, names.EXPERIMENT: cell.experiment}
    given = cell.parameters()
    mixing = {name: given[name] for name in ("base", "addition", "fraction", "arm", "seed")}
    with open_run("integrate", f"integrate {cell.experiment}", mixing, tags):
        mixture = integrate_step(
            addresses[cell.base], addresses.get(cell.addition, "none"), cell.fraction, cell.seed, cell.arm
        )
    plan = _plan(cell)
    with open_run("train", f"train {cell.experiment}", {**asdict(plan), "dataset": mixture}, tags) as run:
        train_step(mixture, plan)
        trained = run.info.run_id
    asked = {"model": trained, "dataset": addresses[cell.test], "split": cell.test_split}
    with open_run("evaluate", f"evaluate {cell.experiment}", {**asked, "attributes": cell.attributes}, tags) as run:
        metrics = evaluate_step(trained, addresses[cell.test], cell.test_split, cell.attributes.split(","))
        evaluated = run.info.run_id
    set_tags({names.TRAINING_RUN: trained, names.EVALUATION_RUN: evaluated})
    return metrics


def _plan(cell: Cell) -> TrainingPlan:
    given = asdict(cell)
    return TrainingPlan(**{name: given[name] for name in TrainingPlan.__dataclass_fields__})


def _cells_table(outcomes: list[Outcome]) -> pd.DataFrame:
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
    """Raise InputError that counts the failed cells and names the first; nothing if all are well."""
    failed = [outcome for outcome in outcomes if outcome.failure is not None]
    if failed:
        first = failed[0]
        raise InputError(
            f"{len(failed)} of {len(outcomes)} cells failed; the first is {first.cell.experiment}, seed "
            f"{first.cell.seed}: {first.failure}"
        )
