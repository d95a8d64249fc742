"""Steps that make models: train one, and the plan (protocol and parameters) it is trained by."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from fer import figures
from fer.dataset import FaceDataset
from fer.errors import InputError
from fer.identity import file_digest, identity
from fer.steps.unfinished import Unfinished
from fer.tracking import names
from fer.tracking.dataset_logging import log_dataset_input
from fer.tracking.datasets import open_dataset, recorded_digest
from fer.tracking.models import log_model
from fer.tracking.outbox import outbox
from fer.tracking.run_contents import log_files, log_metrics, log_parameters, set_tags
from fer.tracking.runs import open_run_id
from fer.tracking.server import connect
from fer.training import Protocol, adjusted, checkpoint, protocol_named
from fer.training_parameters import AUTO, TrainingParameters

_TUNABLE = ("learning_rate", "dropout")
_NOTHING_KEPT = Unfinished()


@dataclass(frozen=True, kw_only=True)
class TrainingPlan(TrainingParameters):
    """The parameters of ``train`` as they are given, and the seed."""

    seed: int = 0

    def resolve(self) -> tuple[Protocol, int | None]:
        """Return the protocol with the plan's values in it, and the trunk's input size (None: the backbone's).

        Raises InputError for a value that is no number or out of range, before any data is read.
        """
        # Keras takes seconds: only who trains pays.
        from fer.models.backbones import backbone_named, head_of
        from fer.models.precision import check_precision
        from fer.models.preparation import preparation_named
        from fer.training.augmentation import augmentation_named
        from fer.training.losses import loss_named
        from fer.training.sampling import sampler_named
        from fer.training.trunk_cache.modes import check_mode
        from fer.training.weighting import weighting_named

        if not 0 <= self.seed < 2**32:
            raise InputError(f"seed {self.seed} is outside 0..4294967295; give a whole number in it.")
        backbone = backbone_named(self.backbone)
        head_of(self.backbone, self.head)
        protocol = protocol_named(backbone.protocol if self.protocol == AUTO else self.protocol)
        epochs = None
        if self.epochs != AUTO:
            epochs = [int(_number("epochs", part, int)) for part in self.epochs.split(",")]
        chosen = adjusted(
            protocol,
            epochs=epochs,
            learning_rate=_optional("learning_rate", self.learning_rate, float),
            dropout=_optional("dropout", self.dropout, float),
            batch_size=_optional("batch_size", self.batch_size, int),
            monitor=None if self.monitor == AUTO else self.monitor,
            augmentation=None if self.augmentation == AUTO else self.augmentation,
            class_weights=None if self.class_weights == AUTO else self.class_weights,
            sampling=None if self.sampling == AUTO else self.sampling,
            precision=None if self.precision == AUTO else self.precision,
        ).of_backbone(self.backbone)
        if chosen.preparation == AUTO:
            chosen = replace(chosen, preparation=backbone.preparation)
        augmentation_named(chosen.augmentation)
        preparation_named(chosen.preparation)
        loss_named(chosen.loss, chosen.label_smoothing)
        weighting_named(chosen.class_weights)
        sampler_named(chosen.sampling)
        check_precision(chosen.precision)
        check_mode(self.trunk_cache)
        return chosen, _optional("input_size", self.input_size, int)

    def tuned(self, best: Mapping[str, float]) -> "TrainingPlan":
        """Return the plan with a tuned trial's parameters where its own are ``auto``."""
        unknown = sorted(set(best) - set(_TUNABLE))
        if unknown:
            raise InputError(f"the tuned parameters name {unknown[0]!r}; train takes {', '.join(_TUNABLE)}.")
        free = {name: repr(value) for name, value in best.items() if getattr(self, name) == AUTO}
        return replace(self, **free)


def training_key(address: str, given: Mapping[str, object], plan: TrainingPlan) -> str | None:
    """Return the identity of a training by its parameters as ``given`` and the content of the dataset at ``address``.

    None if there is no such dataset. Raises InputError if the tracking server does not answer.
    """
    connect()
    digest = recorded_digest(address)
    parameters = {name: value for name, value in given.items() if name != "dataset"}
    return None if digest is None else identity(parameters, {"dataset": digest, **file_digests(plan)})


def file_digests(given: TrainingParameters) -> dict[str, str]:
    """Return the digests of what the parameters name by a file: weights, a protocol."""
    files = {name: Path(getattr(given, name)) for name in ("weights", "protocol")}
    return {name: file_digest(path) for name, path in files.items() if path.is_file()}


def train_step(
    address: str, plan: TrainingPlan, register_as: str | None = None, kept: Unfinished = _NOTHING_KEPT
) -> str:
    """Train by the plan on the dataset at ``address``; log curves, figures and the model; return its address.

    A training of which ``kept`` has a checkpoint goes on from there.
    """
    protocol, _ = plan.resolve()
    if register_as is not None and (not register_as.strip() or set(register_as) & set("/:")):
        raise InputError(f"register_as {register_as!r} is no name of a registered model; use one without / and :.")
    from fer.models.backbones import backbone_named

    dataset = open_dataset(address)
    log_dataset_input(dataset, address, names.TRAINING_CONTEXT)
    trained = fit_logged(dataset, plan, protocol, kept=kept)
    history = trained.history
    best = history.iloc[trained.best_epoch]
    log_metrics(
        {
            "best/epoch": trained.best_epoch + 1,
            "best/validation_accuracy": best["validation/accuracy"],
            "best/validation_loss": best["validation/loss"],
            "best/train_accuracy": best["train/accuracy"],
            "best/train_loss": best["train/loss"],
            "train/seconds": trained.seconds,
            "train/images_per_second_median": history["train/images_per_second"].median(),
            "train/parameters": trained.model.count_params(),
        }
    )
    log_files(
        tables={"history.csv": history},
        figures={"learning_curves.png": figures.learning_curves(history, trained.best_epoch)},
    )
    example = dataset.split("validation").faces(slice(0, 2))
    uri = log_model(trained.model, trained.emotions, example, register_as)
    set_tags({"fer.model": uri, names.FAMILY: backbone_named(plan.backbone).family})
    return uri


def fit_logged(
    dataset: FaceDataset,
    plan: TrainingPlan,
    protocol: Protocol,
    on_epoch: Callable[[int, dict[str, float]], None] | None = None,
    kept: Unfinished = _NOTHING_KEPT,
):
    """Train and log each epoch's metrics on the open run (step = epoch from 1); return the :class:`Trained`.

    What the plan left at ``auto`` is logged resolved, as ``resolved/<name>``. While the tracking server is away
    metrics wait for it; InputError, naming the file that has them, if it is not back 10 minutes after the last epoch.
    """
    from fer.training.fit import train

    _, input_size = plan.resolve()
    log_parameters(resolved_parameters(protocol))
    set_tags({names.DATA_DIGEST: dataset.digest, **_resumed(kept)})
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
    warnings = "\n".join(filter(None, (trained.warning, box.warning)))
    if warnings:
        set_tags({names.WARNING: warnings})
    log_parameters({"resolved/trunk_cache": "; ".join(trained.trained_from)})
    log_metrics({"train/trunk_faces": trained.trunk_faces, "train/trunk_seconds": trained.trunk_seconds})
    return trained


def _resumed(kept: Unfinished) -> dict[str, object]:
    """Return the tags of a run that goes on with an earlier start's training."""
    if not kept.starts or kept.folder is None:
        return {}
    return {names.RESUMED: kept.starts, names.RESUMED_FROM: checkpoint.epochs_done(kept.folder)}


def resolved_parameters(protocol: Protocol) -> dict[str, object]:
    """Return a protocol's values as parameters ``resolved/<name>``; phases joined by commas, in order."""
    whole = asdict(protocol)
    kept = [name for name in whole if name not in ("phases", "search_space")]
    named: dict[str, object] = {f"resolved/{name}": whole[name] for name in kept}
    for name in ("epochs", "learning_rate", "unfrozen", "train_normalization"):
        named[f"resolved/{name}"] = ",".join(str(getattr(phase, name)) for phase in protocol.phases)
    return named


def _number(name: str, text: str, kind: type) -> float:
    try:
        return kind(text)
    except ValueError:
        raise InputError(f"{name} {text!r} is no {'whole ' if kind is int else ''}number; give one, or auto.") from None


def _optional(name: str, text: str, kind: type):
    return None if text == AUTO else _number(name, text, kind)
