"""Train one model by a plan, in the open run."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fer import figures
from fer.data.dataset import FaceDataset
from fer.identity import identity
from fer.record import DatasetInput, Record
from fer.steps.checkpoint_folder import Unfinished
from fer.tracking import names
from fer.tracking.datasets import open_dataset, recorded_digest
from fer.tracking.metric_queue import outbox
from fer.tracking.models import log_model
from fer.tracking.registry import check_registered_name
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run_id
from fer.tracking.server import connect
from fer.training import Protocol, checkpoint
from fer.training.plan import TrainingPlan, file_digests, resolved_parameters

if TYPE_CHECKING:
    from fer.training.fit import Trained

_NOTHING_KEPT = Unfinished()


def train_step(
    address: str, plan: TrainingPlan, register_as: str | None = None, kept: Unfinished = _NOTHING_KEPT
) -> str:
    """Train by the plan on the dataset at ``address``; log curves, figures and the model; return its address.

    A training of which ``kept`` has a checkpoint goes on from there.
    """
    protocol, _ = plan.resolve()
    check_registered_name(register_as)
    from fer.models.backbones import backbone_named

    dataset = open_dataset(address)
    log_record(Record(inputs=[DatasetInput(dataset, address, names.TRAINING_CONTEXT)]))
    trained, found = fit_logged(dataset, plan, protocol, kept=kept)
    log_record(found | best_record(trained) | Record(tags={names.FAMILY: backbone_named(plan.backbone).family}))
    example = dataset.split("validation").faces(slice(0, 2))
    uri = log_model(trained.model, trained.emotions, example, register_as)
    log_record(Record(tags={names.MODEL: uri}))
    return uri


def fit_logged(
    dataset: FaceDataset,
    plan: TrainingPlan,
    protocol: Protocol,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
    kept: Unfinished = _NOTHING_KEPT,
) -> "tuple[Trained, Record]":
    """Train and log each epoch's metrics on the open run (step = epoch from 1); return what is not logged yet, too.

    What the plan left at ``auto`` is logged resolved, as ``resolved/<name>``. While the tracking server is away
    metrics wait for it; InputError, naming the file that has them, if it is not back 10 minutes after the last epoch.
    """
    from fer.training.fit import train

    _, input_size = plan.resolve()
    tags = {names.DATA_DIGEST: dataset.digest, **_resumed(kept)}
    resolved = {f"{names.RESOLVED}{name}": value for name, value in resolved_parameters(protocol).items()}
    log_record(Record(parameters=resolved, tags=tags))
    run_id = open_run_id()
    with outbox(run_id, kept.belongs_to(run_id), kept=kept.folder is not None) as box:

        def log(epoch: int, metrics: dict[str, float]) -> None:
            box.put(metrics, step=epoch + 1)
            if on_epoch is not None:
                on_epoch(epoch, metrics)

        trained = train(
            dataset,
            plan.backbone,
            protocol,
            plan.seed,
            plan.weights,
            plan.head,
            input_size,
            dataset.emotions,
            on_epoch=log,
            trunk_cache=plan.trunk_cache,
            folder=kept.folder,
        )
    dataset.check_unchanged()
    return trained, fit_record(trained, box.warning)


def fit_record(trained: "Trained", unsent: str = "") -> Record:
    """Return what a training was fed with and what that cost; ``unsent`` is a warning of the metrics' queue, if any.

    Its warnings were on the terminal when they arose: here they are a tag alone.
    """
    warnings = "\n".join(filter(None, (trained.warning, unsent)))
    return Record(
        metrics={"train/trunk_faces": trained.trunk_faces, "train/trunk_seconds": trained.trunk_seconds},
        parameters={f"{names.RESOLVED}trunk_cache": "; ".join(trained.trained_from)},
        tags={names.WARNING: warnings} if warnings else {},
    )


def best_record(trained: "Trained") -> Record:
    """Return the best epoch's metrics, the training's time and size, and its curves."""
    history = trained.history
    best = history.iloc[trained.best_epoch]
    return Record(
        metrics={
            f"{names.BEST}epoch": trained.best_epoch + 1,
            names.BEST_VALIDATION_ACCURACY: best["validation/accuracy"],
            names.BEST_VALIDATION_LOSS: best["validation/loss"],
            names.BEST_TRAIN_ACCURACY: best["train/accuracy"],
            names.BEST_TRAIN_LOSS: best["train/loss"],
            names.SECONDS: trained.seconds,
            "train/images_per_second_median": history["train/images_per_second"].median(),
            names.PARAMETERS: trained.model.count_params(),
        },
        tables={"history.csv": history},
        figures={"learning_curves.png": figures.learning_curves(history, trained.best_epoch)},
    )


def _resumed(kept: Unfinished) -> dict[str, object]:
    """Return the tags of a run that goes on with an earlier start's training."""
    if not kept.starts or kept.folder is None:
        return {}
    return {names.RESUMED: kept.starts, names.RESUMED_FROM: checkpoint.epochs_done(kept.folder)}


def training_key(address: str, given: Mapping[str, object], plan: TrainingPlan) -> str | None:
    """Return the identity of a training by its parameters as ``given`` and the content of the dataset at ``address``.

    None if there is no such dataset. Raises InputError if the tracking server does not answer.
    """
    connect()
    digest = recorded_digest(address)
    parameters = {name: value for name, value in given.items() if name != "dataset"}
    return None if digest is None else identity(parameters, {"dataset": digest, **file_digests(plan)})
