"""The schema of a study file, one class per kind of entry. :func:`fer.study.reading.read_study` reads a file."""

import json
from collections.abc import Collection
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, create_model, field_validator

from fer.data.attributes import RACE, Attribute
from fer.options import Strict
from fer.preprocessing.recipe import Recipe
from fer.sentinels import AUTO, NONE
from fer.text.numbers import SEEDS
from fer.training.mitigation.choice import SETTINGS
from fer.training.parameters import TrainingParameters


def _declared(parameters: type, leave_out: Collection[str] = ()) -> dict[str, Any]:
    """Return a dataclass's fields, types and defaults as pydantic takes them, so that they are declared once."""
    types = get_type_hints(parameters)
    made = {}
    for one in fields(parameters):
        if one.name not in leave_out:
            factory, default = one.default_factory, ... if one.default is MISSING else one.default
            made[one.name] = types[one.name], default if factory is MISSING else Field(default_factory=factory)
    return made


class _DatasetText(Strict):
    """A dataset to preprocess: a :class:`Recipe`. ``raw`` may contain ``{data}``; ``title`` is used in tables."""

    title: str
    raw: str | None = None
    if TYPE_CHECKING:  # The fields of the recipe that are read by name.
        limit: int | None = None


DatasetEntry = create_model("DatasetEntry", __base__=_DatasetText, **_declared(Recipe, leave_out=("name", "raw")))


class Balance(Strict):
    """How a mixture's training split is balanced before training; see :mod:`fer.data.balancing`."""

    method: str = "augment"
    target: str = "equal"
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("target", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return json.dumps(value) if isinstance(value, dict) else str(value)

    def __hash__(self) -> int:
        # pydantic's own hash covers every field, and a dict is not hashable.
        return hash((self.method, self.target))


class MixtureEntry(Strict):
    """Mixtures of a base with each of these fractions (0..1, exactly as written) of an addition, optionally balanced.

    Without an addition, the only mixture is the base alone. ``arm`` may be several, as a list: each fraction in each
    arm, and the base alone once. ``kept_aside`` and ``validation_from`` are those of the entry point ``integrate``;
    all mixtures of the entry have them, the base alone too. ``pretrained_on`` names a dataset: its model is trained
    first, and each model of the entry starts from that.
    """

    base: str
    addition: str | None = None
    fractions: tuple[str, ...] = Field(default=("0",), min_length=1)
    arm: tuple[Literal["add", "swap", "same"], ...] = Field(default=("add",), min_length=1)
    balance: Balance | None = None
    kept_aside: str = "0"
    validation_from: Literal["mixture", "base"] = "mixture"
    pretrained_on: str | None = None

    @field_validator("fractions", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return tuple(str(item) for item in value) if isinstance(value, list) else value

    @field_validator("arm", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("kept_aside", mode="before")
    @classmethod
    def _as_number(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class _TrainingText(Strict):
    """How every cell is trained: :class:`TrainingParameters`, as the numbers and lists of a YAML file.

    ``backbone``, ``head``, ``targets`` and ``method`` may be several, as a list or joined by commas: each with each of
    the others. ``method_settings`` is a mapping; a method takes those of its own, and each must be one of a method that
    is trained.
    """

    if TYPE_CHECKING:  # Of what the parameters add, that which is read by name.
        backbone: str = AUTO
        head: str = AUTO
        targets: str = AUTO
        steps_per_epoch: str = AUTO
        method: str = AUTO
        method_settings: str = AUTO

    @field_validator("*", mode="before")
    @classmethod
    def _as_text(cls, value: Any, info: ValidationInfo) -> Any:
        if info.field_name == SETTINGS and isinstance(value, dict):
            return json.dumps(value)
        if value is None or isinstance(value, dict):
            raise ValueError(f"it must be a word, a number or a list, not {'empty' if value is None else 'a mapping'}")
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)


TrainingEntry = create_model("TrainingEntry", __base__=_TrainingText, **_declared(TrainingParameters))


def _attribute(value: Any) -> Attribute:
    if not isinstance(value, str | Attribute):
        raise ValueError("it must be text such as race or race*gender")
    return Attribute.parse(value)


# In a study file an attribute is text.
_AttributeText = Annotated[Attribute, BeforeValidator(_attribute), PlainSerializer(str)]


class TestEntry(Strict):
    """What every model is tested on: one or more datasets, and the attributes to group by (may be empty).

    ``cluster`` and ``robustness`` are as in the entry point ``evaluate``.
    """

    dataset: tuple[str, ...] = Field(min_length=1)
    split: Literal["train", "validation", "test"] = "test"
    attributes: tuple[_AttributeText, ...] = (RACE,)
    cluster: str = AUTO
    robustness: tuple[str, ...] = ()

    @field_validator("dataset", "robustness", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("robustness")
    @classmethod
    def _or_none(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return () if value == (NONE,) else value


class EnsembleEntry(Strict):
    """An ensemble of the study's own trainings, tested like them.

    Attributes:
        title: title in tables.
        backbones: backbones of the members; empty for all of the study's.
        bases: datasets whose trainings without an addition form one ensemble; empty for one ensemble per mixture.
        weighting: ``average``, or ``validation``: weights fitted on a validation split.
        validation: the dataset with that validation split; by default the first member's training data.

    """

    title: str
    backbones: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    weighting: Literal["average", "validation"] = "average"
    validation: str | None = None


class StudyFile(Strict):
    """An experiment matrix: every mixture x backbone x head x targets x test dataset x seed, then the ensembles.

    ``pretraining`` holds what the first stage of models with ``pretrained_on`` does otherwise than ``training``.
    ``published`` is the path, relative to the study file, of published results to show beside the measured ones;
    ``tables`` names tables in the study's own format, see :mod:`analysis.tables.studies`; ``note`` is shown below the
    tables. ``with_data`` holds entries that replace those of the same names if the folder of the raw data is given.
    """

    name: str
    about: str
    datasets: dict[str, DatasetEntry]
    mixtures: tuple[MixtureEntry, ...] = Field(min_length=1)
    test: TestEntry
    training: TrainingEntry = TrainingEntry()
    pretraining: TrainingEntry = TrainingEntry()
    ensembles: tuple[EnsembleEntry, ...] = ()
    seeds: tuple[Annotated[int, Field(ge=0, lt=SEEDS)], ...] = (0,)
    published: str | None = None
    tables: tuple[Literal["complet_result", "model_eval"], ...] = ()
    note: str | None = None
    with_data: dict[str, Any] = Field(default_factory=dict)
