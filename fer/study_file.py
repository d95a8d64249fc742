"""What a study file may say: one class an entry. :func:`fer.studies.read_study` reads one."""

import json
from dataclasses import fields
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator

from fer.splitting import STUDY_RATIOS
from fer.training_parameters import AUTO, TrainingParameters


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatasetEntry(_Strict):
    """A raw source to preprocess. ``raw`` may hold ``{data}``; ``title`` is how tables call it."""

    source: str
    title: str
    raw: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    emotions: tuple[str, ...] | None = None
    split_rule: str = AUTO
    split_ratios: tuple[float, float, float] = STUDY_RATIOS
    detector: str = AUTO
    detector_options: dict[str, Any] = Field(default_factory=dict)
    confidence: float = 0.6
    align: bool = False
    size: int = 48
    channels: int = 1
    interpolation: str = "bilinear"
    limit: int | None = None
    seed: int = 0
    max_rejected: float = 0.01
    workers: int | None = None

    @field_validator("labels", mode="before")
    @classmethod
    def _as_words(cls, value: Any) -> Any:
        # A dataset's word may be a number, and YAML reads 7 as one.
        return {str(word): target for word, target in value.items()} if isinstance(value, dict) else value


class BalanceEntry(_Strict):
    """How a mixture's training split is balanced before it is trained on; see :mod:`fer.balancing`."""

    method: str = "augment"
    target: str = "equal"
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("target", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return json.dumps(value) if isinstance(value, dict) else str(value)

    def described(self) -> str:
        """Return it as one line of JSON, as a cell's parameter."""
        return json.dumps(self.model_dump(), sort_keys=True)


class MixtureEntry(_Strict):
    """A base alone, or with each of these fractions of an addition; then balanced, if asked.

    Fractions are read as written.
    """

    base: str
    addition: str | None = None
    fractions: tuple[str, ...] = Field(default=("0",), min_length=1)
    arm: Literal["add", "swap"] = "add"
    balance: BalanceEntry | None = None

    @field_validator("fractions", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return tuple(str(item) for item in value) if isinstance(value, list) else value


class _TrainingText(_Strict):
    """How every cell is trained: :class:`TrainingParameters`, numbers and lists as a file has them.

    ``backbone`` and ``head`` may be several, as a list or joined by commas: each backbone with each head.
    """

    @field_validator("*", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)


TrainingEntry = create_model(
    "TrainingEntry",
    __base__=_TrainingText,
    **{parameter.name: (str, parameter.default) for parameter in fields(TrainingParameters)},
)


class TestEntry(_Strict):
    """What every training is tested on, one dataset or several, and by which group columns (may be none).

    ``cluster`` and ``robustness`` are those of the entry point ``evaluate``.
    """

    dataset: tuple[str, ...] = Field(min_length=1)
    split: str = "test"
    attributes: tuple[str, ...] = ("race",)
    cluster: str = "auto"
    robustness: tuple[str, ...] = ()

    @field_validator("dataset", "robustness", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


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
    names those that the study publishes besides the project's own, see :mod:`analysis.study_tables`; ``note`` is
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
