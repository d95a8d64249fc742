"""The steps of one cell of a study: mix, balance, train, evaluate, each a run; a training is never done twice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from fer.data.attributes import parse_attributes
from fer.identity import identity
from fer.steps.balancing import balance_step
from fer.steps.checkpoint_folder import unfinished
from fer.steps.datasets import integrate_step
from fer.steps.ensembling import ensemble_step
from fer.steps.evaluation import evaluate_step
from fer.steps.training import train_step
from fer.study.cells import NONE, Cell, members_of
from fer.tracking import names
from fer.tracking.run_contents import log_metrics, set_tags
from fer.tracking.runs import finished_run, open_run, run_facts
from fer.training.plan import TrainingPlan, file_digests

_TRAIN_STAGE = "train"
_ENSEMBLE_STAGE = "ensemble"
# Of the training's metrics, those that stand on the cell's run too, so that a study's children read as a table.
_CARRIED = ("best/", "train/parameters", "train/seconds")


@dataclass(frozen=True)
class StudyData:
    """A study's datasets by name, their addresses and digests, and all of its cells."""

    addresses: Mapping[str, str]
    digests: Mapping[str, str]
    cells: Sequence[Cell]


def cell_identity(cell: Cell, data: StudyData) -> str:
    """Return the identity of a cell: its parameters, the digests of the datasets it uses, the code's version."""
    return identity(cell.parameters(), cell_data(cell, data))


def cell_recipe(cell: Cell, data: StudyData) -> str:
    """Return the identity of a cell without its seed: runs that share it are repetitions of one experiment."""
    given = {name: value for name, value in cell.parameters().items() if name != "seed"}
    return identity(given, cell_data(cell, data))


def training_identity(cell: Cell, data: StudyData) -> str:
    """Return the identity of a cell's training: cells that share it are one model tested on several datasets."""
    return identity(cell.training(), _trained_on(cell, data))


def cell_data(cell: Cell, data: StudyData) -> dict[str, str]:
    """Return the digests of what a cell is made from: its datasets, and its weights and protocol if they are files."""
    return {**_trained_on(cell, data), "test": data.digests[cell.test]}


def _trained_on(cell: Cell, data: StudyData) -> dict[str, str]:
    if cell.members != NONE:
        members = members_of(cell, data.cells)
        used = {f"member_{number}": training_identity(one, data) for number, one in enumerate(members)}
        return used | ({} if cell.validation == NONE else {"validation": data.digests[cell.validation]})
    used = {"base": data.digests[cell.base]}
    if cell.addition != NONE:
        used["addition"] = data.digests[cell.addition]
    return used | file_digests(cell)


def cell_steps(study: str, cell: Cell, data: StudyData) -> dict[str, float]:
    """Do a cell's steps as runs below the open one; return the metrics that the cell's own run shows."""
    tags = {names.STUDY: study, names.EXPERIMENT: cell.experiment}
    trained = _model(cell, data, tags)
    asked = {"model": trained, "dataset": data.addresses[cell.test], "split": cell.test_split}
    asked |= {"attributes": cell.attributes or NONE, "cluster": cell.cluster, "robustness": cell.robustness}
    with open_run("evaluate", f"evaluate {cell.experiment}", asked, tags) as run:
        attributes = parse_attributes(name for name in cell.attributes.split(",") if name)
        tested, kinds = data.addresses[cell.test], cell.robustness.split(",")
        metrics = evaluate_step(trained, tested, cell.test_split, attributes, None, cell.cluster, kinds)
        evaluated = run.info.run_id
    learned, marks = run_facts(trained)
    family = {names.FAMILY: marks[names.FAMILY]} if names.FAMILY in marks else {}
    set_tags({names.TRAINING_RUN: trained, names.EVALUATION_RUN: evaluated, **family})
    return metrics | {name: value for name, value in learned.items() if name.startswith(_CARRIED)}


def _model(cell: Cell, data: StudyData, tags: Mapping[str, str]) -> str:
    """Return the id of the run that logged the cell's model, made now unless a finished run has it."""
    key = training_identity(cell, data)
    single = cell.members == NONE
    done = finished_run(key, _TRAIN_STAGE if single else _ENSEMBLE_STAGE)
    if done is not None:
        return done.info.run_id
    marked = {**tags, names.IDENTITY: key}
    return _train(cell, data, tags, marked) if single else _ensemble(cell, data, tags, marked)


def _train(cell: Cell, data: StudyData, tags: Mapping[str, str], marked: Mapping[str, str]) -> str:
    mixture = _mixture(cell, data, tags)
    plan = plan_of(cell)
    title, given = f"train {cell.experiment}", {**asdict(plan), "dataset": mixture}
    with unfinished(marked[names.IDENTITY]) as kept:
        with open_run(_TRAIN_STAGE, title, given, marked, resumes=kept.run_id) as run:
            train_step(mixture, plan, kept=kept)
        return run.info.run_id


def _mixture(cell: Cell, data: StudyData, tags: Mapping[str, str]) -> str:
    """Return the address of the cell's training data, mixed and balanced."""
    mixing = {name: str(getattr(cell, name)) for name in ("base", "addition", "fraction", "arm", "seed")}
    with open_run("integrate", f"integrate {cell.experiment}", mixing, tags):
        mixture = integrate_step(
            data.addresses[cell.base], data.addresses.get(cell.addition, NONE), cell.fraction, cell.seed, cell.arm
        )
    if cell.balance == NONE:
        return mixture
    asked = json.loads(cell.balance)
    with open_run("balance", f"balance {cell.experiment}", {**asked, "dataset": mixture, "seed": cell.seed}, tags):
        return balance_step(mixture, asked["method"], asked["target"], cell.seed, asked["options"])


def _ensemble(cell: Cell, data: StudyData, tags: Mapping[str, str], marked: Mapping[str, str]) -> str:
    members = members_of(cell, data.cells)
    models = [_model(replace(one, experiment=cell.experiment), data, tags) for one in members]
    validation = data.addresses[cell.validation] if cell.validation != NONE else _mixture(members[0], data, tags)
    asked = {"members": ",".join(models), "dataset": validation, "weighting": cell.weighting}
    with open_run(_ENSEMBLE_STAGE, f"ensemble {cell.experiment}", asked, marked) as run:
        ensemble_step(models, validation, cell.weighting)
        log_metrics({"train/seconds": sum(run_facts(model)[0]["train/seconds"] for model in models)})
        return run.info.run_id


def plan_of(cell: Cell) -> TrainingPlan:
    """Return how a cell is trained."""
    given = asdict(cell)
    return TrainingPlan(**{name: given[name] for name in TrainingPlan.__dataclass_fields__})
