"""The mitigation methods by name: the module of each, whether it needs groups, its settings and their search space.

Search ranges are those of DomainBed (Gulrajani and Lopez-Paz 2021) and SubpopBench (Yang et al. 2023), in their files
``hparams_registry.py``, unless the method's module says otherwise.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from fer.errors import InputError

ERM = "erm"
_HERE = "fer.training.mitigation"


@dataclass(frozen=True)
class Setting:
    """A number of a method.

    Attributes:
        default: its value if none is given.
        low: lower end of the range that ``tune`` searches.
        high: upper end of that range.
        scale: ``log`` or ``linear``: how ``tune`` draws from it.
        most: largest value that makes sense; the smallest is 0, exclusive.

    """

    default: float
    low: float
    high: float
    scale: Literal["log", "linear"] = "log"
    most: float = math.inf


@dataclass(frozen=True)
class Method:
    """A mitigation method.

    Attributes:
        module: the module with its function ``treatment``, see :mod:`fer.training.mitigation.contract`; empty for plain
            training.
        needs_groups: whether every training face must have a group.
        draws: whether it draws the faces of an epoch itself, in place of the protocol's sampling.
        weighs: whether it weights faces, in place of the protocol's class weights.
        settings: its numbers by name.

    """

    module: str = ""
    needs_groups: bool = False
    draws: bool = False
    weighs: bool = False
    settings: Mapping[str, Setting] = field(default_factory=dict)


METHODS: dict[str, Method] = {
    ERM: Method(),
    "class_balanced": Method(f"{_HERE}.class_balanced", draws=True),
    "group_balanced": Method(f"{_HERE}.group_balanced", needs_groups=True, draws=True),
    "group_weights": Method(f"{_HERE}.group_weights", needs_groups=True, weighs=True),
    "group_class_weights": Method(f"{_HERE}.group_class_weights", needs_groups=True, weighs=True),
    "group_dro": Method(
        f"{_HERE}.group_dro", needs_groups=True, draws=True, settings={"eta": Setting(0.01, 0.001, 0.1)}
    ),
    "vrex": Method(
        f"{_HERE}.vrex", needs_groups=True, draws=True,
        settings={"lambda": Setting(10.0, 0.1, 1e5), "anneal_share": Setting(0.1, 2e-4, 1.0, most=1.0)},
    ),
    "jtt": Method(
        f"{_HERE}.jtt",
        settings={"first_share": Setting(0.5, 0.2, 0.8, "linear", most=1.0), "upweight": Setting(10.0, 1.0, 316.0)},
    ),
    "dfr": Method(f"{_HERE}.dfr", needs_groups=True, settings={"c": Setting(1.0, 0.01, 1.0)}),
    "focal": Method(f"{_HERE}.focal", settings={"gamma": Setting(1.0, 0.5, 5.0)}),
    "mixup": Method(f"{_HERE}.mixup", settings={"alpha": Setting(0.2, 0.1, 10.0)}),
}  # fmt: skip


def method_named(name: str) -> Method:
    """Return the method of this name; raises InputError with the valid names for an unknown one."""
    if name not in METHODS:
        raise InputError(f"unknown method {name!r}; use one of {', '.join(METHODS)}.")
    return METHODS[name]
