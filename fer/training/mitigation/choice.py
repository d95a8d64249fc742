"""A method with its groups and settings, as users write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from fer.errors import InputError, shown
from fer.sentinels import AUTO, NONE
from fer.text.yaml_text import NotYamlError, read_yaml
from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment
from fer.training.mitigation.registry import ERM, Method, method_named
from fer.training.protocols import Protocol

# The training parameter with a method's numbers.
SETTINGS = "method_settings"
_SHUFFLED = "shuffled"


@dataclass(frozen=True)
class Mitigation:
    """A mitigation method as chosen; by default plain training.

    Attributes:
        method: a name in :data:`fer.training.mitigation.METHODS`.
        groups: what serves as group, see :func:`fer.training.mitigation.groups.training_groups`.
        settings: the settings that were given, by name; the others have their defaults.

    Example:
        >>> mitigation_of("group_dro", "race*gender", "{eta: 0.05}").values
        {'eta': 0.05}

    """

    method: str = ERM
    groups: str = AUTO
    settings: Settings = field(default_factory=dict)

    @property
    def entry(self) -> Method:
        """The method's entry of the registry."""
        return method_named(self.method)

    @property
    def values(self) -> dict[str, float]:
        """All settings of the method, by name."""
        return {name: self.settings.get(name, one.default) for name, one in self.entry.settings.items()}

    def treatment(self, faces: TrainingFaces) -> Treatment:
        """Return what the method changes in a training on these faces."""
        if not self.entry.module:
            return Treatment()
        made: Treatment = import_module(self.entry.module).treatment(faces, self.values)
        return made


def mitigation_of(method: str = AUTO, groups: str = AUTO, settings: str = AUTO) -> Mitigation:
    """Return the method of the training parameters ``method``, ``groups`` and ``method_settings``.

    Raises InputError for an unknown method, for settings that it does not have, and for values out of range.
    """
    name = ERM if method == AUTO else method
    known = method_named(name).settings
    given = read_settings(settings)
    for setting, value in given.items():
        if setting not in known:
            has = f"it has: {', '.join(known)}" if known else "it has none"
            raise InputError(f"{SETTINGS}: {name} has no setting {shown(setting)} ({has}); leave it out.")
        check_setting(name, setting, value)
    return Mitigation(name, groups, given)


def read_settings(text: str) -> dict[str, float]:
    """Return the settings in a text such as ``{eta: 0.1}``, by name; none for ``auto``.

    Raises InputError for anything but a mapping of names to numbers.
    """
    if text == AUTO:
        return {}
    try:
        content = read_yaml(text, SETTINGS)
    except NotYamlError:
        content = None
    if not isinstance(content, Mapping):
        raise InputError(f"{SETTINGS} {shown(text)} is not a mapping; write it as '{{eta: 0.1}}'.")
    return {str(name): _number(str(name), value) for name, value in content.items()}


def settings_of(method: str, settings: Settings) -> dict[str, float]:
    """Return those of the settings that a method has, of several methods that are trained with them."""
    return {name: value for name, value in settings.items() if name in method_named(method).settings}


def settings_text(settings: Settings) -> str:
    """Return settings as :func:`read_settings` reads them, in the order of their names; ``auto`` for none.

    Example:
        >>> settings_text({"upweight": 20.0, "first_share": 0.5})
        '{first_share: 0.5, upweight: 20.0}'

    """
    if not settings:
        return AUTO
    return "{" + ", ".join(f"{name}: {_written(settings[name])}" for name in sorted(settings)) + "}"


def check_setting(method: str, name: str, value: float) -> None:
    """Raise InputError for a value of a method's setting that is out of range."""
    most = method_named(method).settings[name].most
    if not 0 < value <= most:
        allowed = "above 0" if most == float("inf") else f"above 0 and at most {most:g}"
        raise InputError(f"{SETTINGS}: {name} of {method} is {value:g}; give a number {allowed}.")


def check_fits(mitigation: Mitigation, protocol: Protocol) -> None:
    """Raise InputError for a protocol with sampling or class weights that the method would replace."""
    entry = mitigation.entry
    if entry.draws and protocol.sampling != _SHUFFLED:
        raise InputError(
            f"the method {mitigation.method} draws the faces of an epoch itself; give sampling={_SHUFFLED} with it."
        )
    if entry.weighs and protocol.class_weights != NONE:
        raise InputError(f"the method {mitigation.method} weights the faces itself; give class_weights={NONE} with it.")


def _number(name: str, value: Any) -> float:
    try:
        if isinstance(value, bool):
            raise ValueError
        # YAML 1.1 reads 1e-3 as text.
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{SETTINGS}: {shown(name)} is {shown(str(value))}, not a number; give one.") from None


def _written(value: float) -> str:
    return repr(float(value))
