"""The steps of one cell of a study (mix, balance, train, evaluate), one run each; no training is repeated."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from fer.claims import ClaimStore, held
from fer.evaluation.description import describe_evaluation, described_below
from fer.evaluation.evaluation import Evaluation
from fer.evaluation.record import scores_record
from fer.identity import identity, results_version
from fer.progress import say
from fer.record import Record
from fer.sentinels import NONE
from fer.steps.balancing import balance_step
from fer.steps.checkpoint_folder import unfinished
from fer.steps.datasets import integrate_step
from fer.steps.ensembling import ensemble_step
from fer.steps.evaluation import evaluate_step
from fer.steps.reuse import reusable_run
from fer.steps.training import train_step
from fer.study.cells import Cell, Ensemble, Training
from fer.study.schema import StudyFile
from fer.study.server_form import (
    balancing_parameters,
    cell_parameters,
    evaluation_parameters,
    mixing_parameters,
    training_parameters,
    without_seed,
)
from fer.study.titles import model_name, run_name
from fer.text.escaping import markdown
from fer.tracking import names
from fer.tracking.reading import run_facts
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run
from fer.training.parameters import names_trained_model
from fer.training.plan import TrainingPlan, file_digests

if TYPE_CHECKING:
    from mlflow.entities import Run

# Training metrics that are also logged on the cell's run, so that a study's child runs can be read as a table.
_SHOWN_ON_CELL = (names.BEST, names.PARAMETERS, names.SECONDS)

Model = Training | Ensemble


@dataclass(frozen=True)
class _Steps:
    """What the steps of a cell share: the tags of their runs, the name of the model in their names, and the claims."""

    tags: Mapping[str, str]
    name: str
    claims: ClaimStore


@dataclass(frozen=True)
class StudyData:
    """A study's datasets: addresses and digests by name; digests of trained models that trainings start from."""

    addresses: Mapping[str, str]
    digests: Mapping[str, str]
    models: Mapping[str, str] = field(default_factory=dict)


def cell_identity(cell: Cell, data: StudyData, code: str | None = None) -> str:
    """Return the identity of a cell, a hash of its parameters, the digests of its inputs and the code version.

    ``code`` is the code version of the wanted identity, by default the current one.
    """
    return identity(cell_parameters(cell), cell_data(cell, data, code), code)


def experiment_identity(cell: Cell, data: StudyData) -> str:
    """Return the identity of a cell without its seed, which repetitions of one experiment share.

    For an ensemble it contains the members' identities without their seeds. In version 0.1.0 those included the seeds;
    ensembles that it logged remain separate experiments per seed, because their members' training data cannot be
    determined reliably.
    """
    code = results_version()

    def seedless(member: Training) -> str:
        return identity(without_seed(training_parameters(member)), _made_of(member, data, seedless), code)

    used = {**_made_of(cell.training, data, seedless), "test": data.digests[cell.test.dataset]}
    return identity(without_seed(cell_parameters(cell)), used, code)


def training_identity(training: Model, data: StudyData, code: str | None = None) -> str:
    """Return the identity of a training or an ensemble; cells that share it test one model on several datasets."""
    used = _made_of(training, data, lambda member: training_identity(member, data, code))
    return identity(training_parameters(training), used, code)


def cell_data(cell: Cell, data: StudyData, code: str | None = None) -> dict[str, str]:
    """Return the digests of a cell's inputs: datasets, weights and protocol if they are files, ensemble members."""
    used = _made_of(cell.training, data, lambda member: training_identity(member, data, code))
    return {**used, "test": data.digests[cell.test.dataset]}


def _made_of(training: Model, data: StudyData, identified: Callable[[Training], str]) -> dict[str, str]:
    """Return the inputs of a model: a training's data, and its pretraining or members as ``identified`` names them."""
    if isinstance(training, Training):
        before = training.pretraining
        return _data_of(training, data) | ({} if before is None else {"weights": identified(before)})
    used = {f"member_{number}": identified(member) for number, member in enumerate(training.members)}
    return used | ({} if training.validation is None else {"validation": data.digests[training.validation]})


def _data_of(training: Training, data: StudyData) -> dict[str, str]:
    used = {"base": data.digests[training.mixture.base]}
    if training.mixture.addition is not None:
        used["addition"] = data.digests[training.mixture.addition]
    weights = training.parameters.weights
    started = {"weights": data.models[weights]} if names_trained_model(weights) else {}
    return used | file_digests(training.parameters) | started


def cell_steps(study: StudyFile, cell: Cell, data: StudyData, claims: ClaimStore) -> dict[str, float]:
    """Run a cell's steps as child runs of the open run; return the metrics for the cell's own run.

    A training that another process is doing, as ``claims`` say, is waited for and then reused.
    """
    tags = {names.STUDY: study.name, names.EXPERIMENT: cell.experiment}
    steps = _Steps(tags, model_name(study, cell.training), claims)
    trained = _model(cell.training, data, steps)
    test, tested = cell.test, data.addresses[cell.test.dataset]
    asked = {"model": trained, "dataset": tested, **evaluation_parameters(test)}
    with open_run(names.EVALUATE_STAGE, f"{test.split}: {run_name(study, cell)}", asked, steps.tags) as run:
        done = evaluate_step(trained, tested, test.split, test.attributes, None, test.cluster, test.robustness)
        evaluated = run.info.run_id
    learned, marks = run_facts(trained)
    family = {names.FAMILY: marks[names.FAMILY]} if names.FAMILY in marks else {}
    tags = {names.TRAINING_RUN: trained, names.EVALUATION_RUN: evaluated, **family}
    log_record(Record(tags=tags, description=describe_cell(cell, done, learned)))
    shown = {name: value for name, value in learned.items() if name.startswith(_SHOWN_ON_CELL)}
    return scores_record(done).latest() | shown


def describe_cell(cell: Cell, done: Evaluation, learned: Mapping[str, float]) -> str:
    """Return Markdown for the top of a cell's page: what the cell is, then the description of its evaluation.

    ``learned`` are the metrics of the run that trained the model.
    """
    chosen = learned.get(names.BEST_VALIDATION_ACCURACY)
    validation = "" if chosen is None else f", validation accuracy {chosen:.1%}"
    lead = f"{cell.experiment}, seed {cell.seed}{validation}; tested on {done.test.title}."
    return described_below(markdown(lead, begins_line=True), describe_evaluation(done))


def plan_of(training: Training) -> TrainingPlan:
    """Return the plan of a training."""
    return TrainingPlan(**asdict(training.parameters), seed=training.seed)


def _model(training: Model, data: StudyData, steps: _Steps) -> str:
    """Return the id of the run that logged a model; the model is trained now unless a finished run has it."""
    stage = names.ENSEMBLE_STAGE if isinstance(training, Ensemble) else names.TRAIN_STAGE

    def finished() -> "Run | None":
        return reusable_run(lambda code: training_identity(training, data, code), stage)

    done = finished()
    if done is not None:
        return done.info.run_id
    key = training_identity(training, data)

    def waiting() -> None:
        say(f"{steps.name}: another process is training this model; waiting for it.")

    with held(steps.claims, key, waiting):
        done = finished()
        if done is not None:
            return done.info.run_id
        marked = {**steps.tags, names.IDENTITY: key}
        if isinstance(training, Ensemble):
            return _ensemble(training, data, steps, marked)
        return _train(training, data, steps, marked)


def _train(training: Training, data: StudyData, steps: _Steps, marked: Mapping[str, str]) -> str:
    plan = plan_of(training)
    if training.pretraining is not None:
        first = replace(steps, name=f"{steps.name}: pretraining")
        plan = replace(plan, weights=f"runs:/{_model(training.pretraining, data, first)}")
    mixture = _mixed(training, data, steps)
    title, given = f"{plan.backbone} on {steps.name}", {**asdict(plan), "dataset": mixture}
    with unfinished(marked[names.IDENTITY]) as kept:
        with open_run(names.TRAIN_STAGE, title, given, marked, resumes=kept.run_id) as run:
            train_step(mixture, plan, kept=kept)
        return run.info.run_id


def _mixed(training: Training, data: StudyData, steps: _Steps) -> str:
    """Return the address of a training's mixed and balanced dataset."""
    asked, mixture = mixing_parameters(training), training.mixture
    base, addition = data.addresses[mixture.base], data.addresses.get(asked["addition"], NONE)
    with open_run(names.INTEGRATE_STAGE, f"data: {steps.name}", asked, steps.tags):
        mixed = integrate_step(
            base,
            addition,
            asked["fraction"],
            training.seed,
            mixture.arm,
            kept_aside=str(mixture.kept_aside),
            validation_from=mixture.validation_from,
        )
    balance = mixture.balance
    if balance is None:
        return mixed
    given = {**balancing_parameters(balance, training.seed), "dataset": mixed}
    with open_run("balance", f"balanced data: {steps.name}", given, steps.tags):
        return balance_step(mixed, balance.method, balance.target, training.seed, balance.options)


def _ensemble(ensemble: Ensemble, data: StudyData, steps: _Steps, marked: Mapping[str, str]) -> str:
    models = [_model(member, data, steps) for member in ensemble.members]
    if ensemble.validation is None:
        validation = _mixed(ensemble.members[0], data, steps)
    else:
        validation = data.addresses[ensemble.validation]
    asked = {"members": ",".join(models), "dataset": validation, "weighting": ensemble.weighting}
    with open_run(names.ENSEMBLE_STAGE, f"ensemble of {steps.name}", asked, marked) as run:
        ensemble_step(models, validation, ensemble.weighting)
        seconds = sum(run_facts(model)[0][names.SECONDS] for model in models)
        log_record(Record(metrics={names.SECONDS: seconds}))
        return run.info.run_id
