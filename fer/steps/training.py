"""The step that trains one model by a plan, in the open run."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from fer import figures
from fer.data.dataset import FaceDataset
from fer.evaluation.sentences import counted
from fer.identity import identity
from fer.progress import announce, announce_loading, duration
from fer.record import DatasetInput, Record
from fer.steps.checkpoint_folder import Unfinished
from fer.steps.starting import digests_of, start_of, start_record
from fer.text.escaping import markdown
from fer.tracking import names
from fer.tracking.datasets import open_dataset, recorded_digest
from fer.tracking.metric_queue import metric_queue
from fer.tracking.models import log_model
from fer.tracking.registry import check_registered_name
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run_id
from fer.tracking.server import connect
from fer.training import Protocol, checkpoint
from fer.training.plan import TrainingPlan, resolved_parameters
from fer.training.targets import check_targets
from fer.training.updates import held_steps

if TYPE_CHECKING:
    from fer.models.trained_weights import TrainedModel
    from fer.training.fit import Trained
    from fer.training.targets import Taught

_NOTHING_KEPT = Unfinished()
# What the head of a model that started from a trained one begins with.
_HEAD = {True: "kept", False: "new"}


def train_step(
    address: str, plan: TrainingPlan, register_as: str | None = None, kept: Unfinished = _NOTHING_KEPT
) -> str:
    """Train by ``plan`` on the dataset at ``address``; log curves, figures and the model; return the model's address.

    If ``kept`` has a checkpoint, the training resumes from it. Raises InputError for an invalid ``register_as``, and
    before any data is read for weights of a model that the plan cannot start from.
    """
    announce_loading()
    protocol, _ = plan.resolve()
    check_registered_name(register_as)
    start = start_of(plan, protocol)
    from fer.models.backbones import backbone_named

    dataset = open_dataset(address)
    log_record(Record(inputs=[DatasetInput(dataset, address, names.TRAINING_CONTEXT)]))
    trained, found = fit_logged(dataset, plan, protocol, kept=kept, start=start)
    announce("logging the curves and the model")
    described = Record(description=describe_training(dataset, plan, trained))
    family = Record(tags={names.FAMILY: backbone_named(plan.backbone).family})
    log_record(found | best_record(trained) | family | described)
    example = dataset.split("validation").faces(slice(0, 2))
    uri = log_model(trained.model, trained.emotions, example, register_as, dataset.crop_margin)
    log_record(Record(tags={names.MODEL: uri}))
    return uri


def fit_logged(
    dataset: FaceDataset,
    plan: TrainingPlan,
    protocol: Protocol,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
    kept: Unfinished = _NOTHING_KEPT,
    start: "TrainedModel | None" = None,
) -> "tuple[Trained, Record]":
    """Train and log each epoch's metrics on the open run (step = 1-based epoch); return the model and a record to log.

    Values that the plan leaves at ``auto`` are logged as ``resolved/<name>``; ``start`` is the trained model that its
    weights name (:func:`fer.steps.starting.start_of`). If the tracking server is unreachable, metrics are queued,
    and go to the journal if it is not back a minute after the last epoch. Raises InputError, naming their file, if the
    run was deleted or the journal cannot be written.
    """
    from fer.training.fit import train

    _, input_size = plan.resolve()
    targets = check_targets(plan.targets)
    tags = {names.DATA_DIGEST: dataset.digest, **_resumed(kept)}
    resolved = resolved_parameters(plan, protocol, dataset.face_shape)
    log_record(Record(parameters={f"{names.RESOLVED}{name}": value for name, value in resolved.items()}, tags=tags))
    if start is not None:
        log_record(start_record(start))
    run_id = open_run_id()
    with metric_queue(run_id, kept.belongs_to(run_id), kept=kept.folder is not None) as queue:

        def log(epoch: int, metrics: dict[str, float]) -> None:
            queue.put(metrics, step=epoch + 1)
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
            steps_per_epoch=held_steps(plan.steps_per_epoch, dataset, protocol.batch_size),
            start=start,
            targets=targets,
            mitigation=plan.mitigation,
        )
    dataset.check_unchanged()
    return trained, fit_record(trained, queue.warning) | targets_record(trained.taught, targets)


def fit_record(trained: "Trained", unsent: str = "") -> Record:
    """Return the record of what each phase was trained from; ``unsent`` is the metric queue's warning, if any.

    Warnings are only set as a tag, because they were already printed when they arose.
    """
    warnings = "\n".join(filter(None, (trained.warning, unsent)))
    head = {} if trained.head_kept is None else {f"{names.RESOLVED}head_weights": _HEAD[trained.head_kept]}
    return Record(
        metrics={"train/trunk_faces": trained.trunk_faces, "train/trunk_seconds": trained.trunk_seconds},
        parameters={
            f"{names.RESOLVED}trunk_cache": "; ".join(trained.trained_from),
            f"{names.RESOLVED}steps_per_epoch": trained.steps_per_epoch,
            **head,
        },
        tags={names.WARNING: warnings} if warnings else {},
    )


def targets_record(taught: "Taught | None", kind: str) -> Record:
    """Return what the faces taught, if not their labels: how many by votes, by label, and left out, by reason."""
    if taught is None or taught.shares is None:
        return Record()
    left_out = dict(taught.left_out or {})
    return Record(
        metrics={
            "train/faces_by_votes": taught.by_votes,
            "train/faces_by_label": len(taught.faces) - taught.by_votes,
            "train/faces_left_out": sum(left_out.values()),
        },
        parameters={f"{names.RESOLVED}targets": taught.sentence(kind)},
    )


def best_record(trained: "Trained") -> Record:
    """Return the best epoch's metrics, the training time, the model's size, and the learning curves."""
    history = trained.history
    best = history.iloc[trained.best_epoch]
    return Record(
        metrics={
            names.BEST_EPOCH: trained.best_epoch + 1,
            names.EPOCHS: len(history),
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


def describe_training(dataset: FaceDataset, plan: TrainingPlan, trained: "Trained") -> str:
    """Return Markdown for the top of a training's page: what was trained on what, how well, and what comes next."""
    best = trained.history.iloc[trained.best_epoch]
    faces = dataset.samples["split"].value_counts()
    lead = (
        f"**Validation accuracy {best['validation/accuracy']:.1%}** (loss {best['validation/loss']:.3f}), epoch "
        f"{trained.best_epoch + 1} of the {len(trained.history)} trained: "
        + ("the model has the weights of that epoch." if trained.restored else "the model has those of the last epoch.")
    )
    data = (
        f"{plan.backbone}, seed {plan.seed}, trained on {counted(int(faces['train']), 'face')} of {dataset.name} in "
        f"{duration(trained.seconds)}; validation accuracy is of {int(faces['validation']):,} others."
    )
    if trained.head_kept is not None:
        data += f" It started from {plan.weights}, with {'its' if trained.head_kept else 'a new'} head."
    taught = trained.taught
    if taught is not None and taught.shares is not None:
        data += f" Taught: {taught.sentence(plan.targets)}."
    return "\n\n".join([lead, markdown(data), "The curves are in learning_curves.png; test it with `evaluate`."])


def _resumed(kept: Unfinished) -> dict[str, object]:
    """Return the tags of a run that resumes a training."""
    if not kept.starts or kept.folder is None:
        return {}
    return {names.RESUMED: kept.starts, names.RESUMED_FROM: checkpoint.epochs_done(kept.folder)}


def training_key(address: str, given: Mapping[str, object], plan: TrainingPlan) -> str | None:
    """Return the identity of a training: a hash of its parameters as ``given`` and of the dataset at ``address``.

    Returns None if there is no such dataset. Raises InputError if the tracking server does not answer.
    """
    connect()
    digest = recorded_digest(address)
    parameters = {name: value for name, value in given.items() if name != "dataset"}
    return None if digest is None else identity(parameters, {"dataset": digest, **digests_of(plan)})
