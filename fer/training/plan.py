"""The plan of a training: the parameters as given, the protocol that results, and the digests of its files."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from fer import shipped
from fer.data.attributes import RACE
from fer.errors import InputError
from fer.identity import file_digest
from fer.sentinels import AUTO
from fer.text.numbers import check_seed, real, whole
from fer.training import Protocol, adjusted, protocol_named
from fer.training.mitigation.choice import Mitigation, mitigation_of, settings_text
from fer.training.parameters import TrainingParameters, names_trained_model
from fer.training.updates import check_steps

Number = TypeVar("Number", int, float)

_LARGEST_INPUT = 2048
_TUNABLE = ("learning_rate", "dropout")


@dataclass(frozen=True, kw_only=True)
class TrainingPlan(TrainingParameters):
    """The parameters of ``train`` as given, and the seed."""

    seed: int = 0

    @property
    def mitigation(self) -> Mitigation:
        """The mitigation method with its groups and settings; InputError for what it does not have."""
        return mitigation_of(self.method, self.groups, self.method_settings)

    def resolve(self) -> tuple[Protocol, int | None]:
        """Return the protocol with the plan's values, and the input size in pixels (None: the backbone's own).

        Raises InputError for a value that is not a number or out of range, before any data is read.
        """
        # Importing Keras takes seconds, so it is imported only for training.
        from fer.models.backbones import backbone_named, head_of
        from fer.models.building import check_size, check_weights
        from fer.models.precision import check_precision
        from fer.models.preparation import preparation_named
        from fer.training.augmentation import augmentation_named
        from fer.training.losses import loss_named
        from fer.training.mitigation.choice import check_fits
        from fer.training.sampling import sampler_named
        from fer.training.targets import check_targets
        from fer.training.trunk_cache.options import check_mode
        from fer.training.trunk_cache.store import limit_bytes
        from fer.training.weighting import weighting_named

        check_seed(self.seed)
        backbone = backbone_named(self.backbone)
        head_of(self.backbone, self.head)
        protocol = protocol_named(backbone.protocol if self.protocol == AUTO else self.protocol)
        epochs = None
        if self.epochs != AUTO:
            epochs = [_number("epochs", part, whole) for part in self.epochs.split(",")]
        chosen = adjusted(
            protocol,
            epochs=epochs,
            learning_rate=_optional("learning_rate", self.learning_rate, real),
            dropout=_optional("dropout", self.dropout, real),
            batch_size=_optional("batch_size", self.batch_size, whole),
            monitor=None if self.monitor == AUTO else self.monitor,
            augmentation=None if self.augmentation == AUTO else self.augmentation,
            class_weights=None if self.class_weights == AUTO else self.class_weights,
            sampling=None if self.sampling == AUTO else self.sampling,
            precision=None if self.precision == AUTO else self.precision,
            mixup=_optional("mixup", self.mixup, real),
            weight_averaging=_optional("weight_averaging", self.weight_averaging, real),
        ).of_backbone(self.backbone)
        if chosen.preparation == AUTO:
            chosen = replace(chosen, preparation=backbone.preparation)
        augmentation_named(chosen.augmentation)
        preparation_named(chosen.preparation)
        loss_named(chosen.loss, chosen.label_smoothing)
        weighting_named(chosen.class_weights)
        sampler_named(chosen.sampling)
        check_fits(self.mitigation, chosen)
        check_precision(chosen.precision)
        check_mode(self.trunk_cache)
        check_steps(self.steps_per_epoch)
        check_targets(self.targets)
        limit_bytes()
        side = _optional("input_size", self.input_size, whole)
        # Before a network is built for it, which takes all memory there is.
        if side is not None and not 1 <= side <= _LARGEST_INPUT:
            raise InputError(f"input_size {side} is outside 1..{_LARGEST_INPUT} pixels; give one such as 224.")
        if side is not None:
            check_size(self.backbone, side)
        if not names_trained_model(self.weights):
            check_weights(self.backbone, self.weights)
        return chosen, side

    def tuned(self, best: Mapping[str, float]) -> "TrainingPlan":
        """Return the plan with the best trial's parameters where its own are ``auto``.

        Raises InputError for parameters that ``train`` does not take.
        """
        given = self.mitigation
        settings = {name: value for name, value in best.items() if name in given.entry.settings}
        unknown = sorted(set(best) - set(_TUNABLE) - set(settings))
        if unknown:
            valid = ", ".join((*_TUNABLE, *given.entry.settings))
            raise InputError(f"the tuned parameters name {unknown[0]!r}; train with {given.method} takes {valid}.")
        free: dict[str, Any] = {
            name: repr(value) for name, value in best.items() if name in _TUNABLE and getattr(self, name) == AUTO
        }
        if settings:
            free["method_settings"] = settings_text({**settings, **given.settings})
        return replace(self, **free)


def file_digests(given: TrainingParameters) -> dict[str, str]:
    """Return the digests of the files that the parameters name: weights, a protocol."""
    files = {name: Path(getattr(given, name)) for name in ("weights", "protocol")}
    if given.weights == shipped.ADDRESS:
        files["weights"] = shipped.MODEL
    return {name: file_digest(path) for name, path in files.items() if path.is_file()}


def resolved_parameters(plan: TrainingPlan, protocol: Protocol, face_shape: tuple[int, int, int]) -> dict[str, object]:
    """Return what ``auto`` stands for in a plan, by name: the backbone's choices and the values of the protocol.

    ``protocol`` is the plan's (:meth:`TrainingPlan.resolve`), ``face_shape`` height, width and channels of the faces.
    Values of the protocol's phases are joined by commas, in order.
    """
    return {**_chosen_by_backbone(plan, face_shape), **_protocol_values(protocol), **_of_method(plan.mitigation)}


def _chosen_by_backbone(plan: TrainingPlan, face_shape: tuple[int, int, int]) -> dict[str, object]:
    from fer.models.backbones import backbone_named

    backbone, (height, width, _) = backbone_named(plan.backbone), face_shape
    # Without a size of its own, a backbone takes the faces as they are.
    size = backbone.input_size or (height if height == width else f"{height}x{width}")
    own = {"head": backbone.head, "weights": backbone.weights, "protocol": backbone.protocol, "input_size": size}
    given = {name: getattr(plan, name) for name in own}
    return {name: value if given[name] == AUTO else given[name] for name, value in own.items()}


def _of_method(mitigation: Mitigation) -> dict[str, object]:
    chosen: dict[str, object] = {"method": mitigation.method}
    if mitigation.entry.needs_groups:
        chosen["groups"] = str(RACE) if mitigation.groups == AUTO else mitigation.groups
    return chosen | ({"method_settings": settings_text(mitigation.values)} if mitigation.values else {})


def _protocol_values(protocol: Protocol) -> dict[str, object]:
    whole = asdict(protocol)
    kept = [name for name in whole if name not in ("phases", "search_space")]
    named: dict[str, object] = {name: whole[name] for name in kept}
    for name in ("epochs", "learning_rate", "unfrozen", "train_normalization"):
        named[name] = ",".join(str(getattr(phase, name)) for phase in protocol.phases)
    return named


def _number(name: str, text: str, read: Callable[[str], Number]) -> Number:
    try:
        return read(text)
    except ValueError:
        raise InputError(
            f"{name} {text!r} is not a {'whole ' if read is whole else ''}number; give one, or auto."
        ) from None


def _optional(name: str, text: str, read: Callable[[str], Number]) -> Number | None:
    return None if text == AUTO else _number(name, text, read)
