"""What a step found out, as plain values: made by functions that know no server, written once.

To the open run by :func:`fer.tracking.run_contents.log_record`, to a folder by
:func:`fer.storage.record_folder.write_record`.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from fer.errors import FerWarning
from fer.escaping import markdown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Files that others read by name.
WARNINGS_FILE = "warnings.csv"
PREDICTIONS_FILE = "predictions.parquet"
ROBUSTNESS_FILE = "robustness.csv"
MOST_SHOWN = 20
# The server keeps no longer description (the limit of a tag, MAX_TAG_VAL_LENGTH in mlflow.utils.validation).
DESCRIPTION_LENGTH = 8000

# The fields that hold values by name.
_BY_NAME = ("metrics", "history", "parameters", "tags", "tables", "figures", "images", "texts")
_ENDINGS = {"tables": (".csv", ".parquet"), "figures": (".png",)}


class Dataset(Protocol):
    """What is recorded of a dataset, such as a :class:`fer.data.dataset.FaceDataset`."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def samples(self) -> pd.DataFrame: ...


@dataclass(frozen=True, eq=False)
class DatasetInput:
    """A dataset that was read: from where (a folder or ``runs:/`` address) and what for (training, test, base, ...)."""

    dataset: Dataset
    address: str
    context: str


@dataclass(frozen=True, eq=False)
class Record:
    """What a step found out.

    Records are joined by ``|``, which refuses two different values for one name.

    Attributes:
        metrics: values by name. Only finite ones are kept: a NaN means that there is nothing to report, such as the
            accuracy of a group without samples.
        history: metrics by name and step (epoch, severity). A name is in ``metrics`` or here, not in both.
        parameters: by name.
        tags: by name.
        tables: frames by path, ``.csv`` (with its index if that has a name) or ``.parquet`` (without).
        figures: by path, ``.png``.
        images: figures by key; MLflow's charts lay those of one key side by side across runs.
        texts: by path.
        warnings: sentences for whoever reads the figures, the gravest first.
        description: Markdown for the top of the run's page.
        inputs: the datasets that were read.

    Example:
        >>> found = Record(metrics={"test/accuracy": 0.8, "test/f1": float("nan")})
        >>> dict((found | Record(history={"test/robustness/blur": {0: 0.8, 5: 0.4}})).latest())
        {'test/accuracy': 0.8, 'test/robustness/blur': 0.4}
        >>> found | Record(metrics={"test/accuracy": 0.7})
        Traceback (most recent call last):
            ...
        ValueError: two values for metrics 'test/accuracy': 0.8 and 0.7

    """

    metrics: Mapping[str, float] = field(default_factory=dict)
    history: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    parameters: Mapping[str, object] = field(default_factory=dict)
    tags: Mapping[str, object] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    figures: "Mapping[str, Figure]" = field(default_factory=dict, repr=False)
    images: "Mapping[str, Figure]" = field(default_factory=dict, repr=False)
    texts: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: Sequence[str] = ()
    description: str = field(default="", repr=False)
    inputs: Sequence[DatasetInput] = ()

    def __post_init__(self) -> None:
        finite = {name: float(value) for name, value in self.metrics.items() if math.isfinite(value)}
        object.__setattr__(self, "metrics", finite)
        object.__setattr__(self, "warnings", tuple(self.warnings))
        object.__setattr__(self, "inputs", tuple(self.inputs))
        for kind, endings in _ENDINGS.items():
            for path in getattr(self, kind):
                if not path.endswith(endings):
                    raise ValueError(f"{path!r} among the {kind} of a record does not end in {' or '.join(endings)}")
        _refuse_twice("metrics", self.metrics, self.history)
        _refuse_twice("files", self.tables, self.figures, self.texts, {WARNINGS_FILE: None})

    def __or__(self, other: "Record") -> "Record":
        """Join two records; warnings and inputs in their order, a warning of both once."""
        joined: dict[str, Any] = {kind: _joined(kind, getattr(self, kind), getattr(other, kind)) for kind in _BY_NAME}
        described = {record.description for record in (self, other) if record.description}
        if len(described) > 1:
            raise ValueError("two different descriptions in records to be joined")
        return Record(
            **joined,
            warnings=tuple(dict.fromkeys((*self.warnings, *other.warnings))),
            description="".join(described),
            inputs=(*self.inputs, *other.inputs),
        )

    def latest(self) -> dict[str, float]:
        """Return every metric, those with a history as of their last step, which is what a run's page shows."""
        return {**self.metrics, **{name: steps[max(steps)] for name, steps in self.history.items()}}

    def warnings_table(self) -> pd.DataFrame:
        """Return the warnings, one row each."""
        return pd.DataFrame({"warning": list(self.warnings)})

    def shown_warnings(self) -> list[str]:
        """Return the first twenty warnings, and how many more there are: for a tag and the terminal."""
        hidden = len(self.warnings) - MOST_SHOWN
        more = [f"... and {hidden} more, see {WARNINGS_FILE}"] if hidden > 0 else []
        return [*self.warnings[:MOST_SHOWN], *more]


def warning_paragraphs(warnings: Sequence[str]) -> list[str]:
    """Return the paragraphs that show the first twenty warnings in a description."""
    return [f"**Warning:** {markdown(sentence)}" for sentence in warnings[:MOST_SHOWN]]


def warn_of(record: Record) -> None:
    """Issue the warnings of a record as Python warnings."""
    for sentence in record.shown_warnings():
        warnings.warn(sentence, FerWarning, stacklevel=3)


def _refuse_twice(what: str, *kinds: Mapping[str, object]) -> None:
    seen: set[str] = set()
    for names in kinds:
        if again := seen & set(names):
            raise ValueError(f"a record names {min(again)!r} twice among its {what}")
        seen |= set(names)


def _joined(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    for name in one.keys() & other.keys():
        if not _same(one[name], other[name]):
            raise ValueError(f"two values for {kind} {name!r}: {one[name]!r} and {other[name]!r}")
    return {**one, **other}


def _same(one: Any, other: Any) -> bool:
    return one.equals(other) if isinstance(one, pd.DataFrame) else bool(one == other)
