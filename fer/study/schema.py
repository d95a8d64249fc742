"""What a study file may say: one class an entry. :func:`fer.study.reading.read_study` reads one."""

import json
from collections.abc import Collection
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, create_model, field_validator

from fer.data.attributes import RACE, Attribute
from fer.preprocessing.recipe import Recipe
from fer.sentinels import AUTO, NONE
from fer.training.parameters import TrainingParameters


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _declared(parameters: type, leave_out: Collection[str] = ()) -> dict[str, Any]:
    """Return a dataclass's fields, types and defaults as pydantic takes them: what is declared once is not again."""
    types = get_type_hints(parameters)
    made = {}
    for one in fields(parameters):
        if one.name not in leave_out:
            factory, default = one.default_factory, ... if one.default is MISSING else one.default
            made[one.name] = types[one.name], default if factory is MISSING else Field(default_factory=factory)
    return made


class _DatasetText(_Strict):
    """A raw source to preprocess: a :class:`Recipe`. ``raw`` may hold ``{data}``; ``title`` is how tables call it."""

    title: str
    raw: str | None = None
    if TYPE_CHECKING:  # Of what the recipe adds, that which is read by name.
        limit: int | None = None


DatasetEntry = create_model("DatasetEntry", __base__=_DatasetText, **_declared(Recipe, leave_out=("name", "raw")))


class Balance(_Strict):
    """How a mixture's training split is balanced before it is trained on; see :mod:`fer.data.balancing`."""

    method: str = "augment"
    target: str = "equal"
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("target", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return json.dumps(value) if isinstance(value, dict) else str(value)

    def __hash__(self) -> int:
        # pydantic's own hash takes every field, and a dict has none.
        return hash((self.method, self.target))


class MixtureEntry(_Strict):
    """A base alone, or with each of these fractions of an addition; then balanced, if asked.

    Fractions are read as written.
    """

    base: str
    addition: str | None = None
    fractions: tuple[str, ...] = Field(default=("0",), min_length=1)
    arm: Literal["add", "swap"] = "add"
    balance: Balance | None = None

    @field_validator("fractions", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return tuple(str(item) for item in value) if isinstance(value, list) else value


class _TrainingText(_Strict):
    """How every cell is trained: :class:`TrainingParameters`, numbers and lists as a file has them.

    ``backbone`` and ``head`` may be several, as a list or joined by commas: each backbone with each head.
    """

    if TYPE_CHECKING:  # Of what the parameters add, that which is read by name.
        backbone: str = AUTO
        head: str = AUTO

    @field_validator("*", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)


TrainingEntry = create_model("TrainingEntry", __base__=_TrainingText, **_declared(TrainingParameters))


def _attribute(value: Any) -> Attribute:
    if not isinstance(value, str | Attribute):
        raise ValueError("must be text such as race or race*gender")
    return Attribute.parse(value)


# In a file an attribute is text.
_AttributeText = Annotated[Attribute, BeforeValidator(_attribute), PlainSerializer(str)]


class TestEntry(_Strict):
    """What every training is tested on, one dataset or several, and by which group columns (may be none).

    ``cluster`` and ``robustness`` are those of the entry point ``evaluate``.
    """

    dataset: tuple[str, ...] = Field(min_length=1)
    split: str = "test"
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


class EnsembleEntry(_Strict):
    """An ensemble of the study's own trainings, tested as they are.

    Attributes:
        title: how tables call it.
        backbones: whose trainings are members; empty for all of the study's.
        bases: the members are these datasets' own trainings (without an addition), one ensemble in all; empty: one
            ensemble a mixture, of the trainings on it.
        weighting: ``average``, or ``validation``: weights are found on a validation split.
        validation: the dataset whose validation split that is; by default the first member's training data.

    """

    title: str
    backbones: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    weighting: Literal["average", "validation"] = "average"
    validation: str | None = None


class StudyFile(_Strict):
    """An experiment matrix: every mixture x backbone x head x test dataset x seed, then the ensembles.

    ``published`` names a file of results to stand beside the measured ones, relative to the study file; ``tables``
    names those that the study publishes besides the project's own, see :mod:`analysis.tables.studies`; ``note`` is
    shown under the tables.
    """

    name: str
    about: str
    datasets: dict[str, DatasetEntry]
    mixtures: tuple[MixtureEntry, ...] = Field(min_length=1)
    test: TestEntry
    training: TrainingEntry = TrainingEntry()
    ensembles: tuple[EnsembleEntry, ...] = ()
    seeds: tuple[Annotated[int, Field(ge=0, lt=2**32)], ...] = (0,)
    published: str | None = None
    tables: tuple[Literal["complet_result", "model_eval"], ...] = ()
    note: str | None = None
