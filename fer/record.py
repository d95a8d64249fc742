"""The results of a step as plain values: made by functions that do not use a server, written once.

:func:`fer.tracking.run_contents.log_record` writes a record to the open run,
:func:`fer.storage.record_folder.write_record` to a folder.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pandas as pd

from fer.errors import FerWarning
from fer.text.escaping import markdown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Files that other modules read by name.
WARNINGS_FILE = "warnings.csv"
PREDICTIONS_FILE = "predictions.parquet"
ROBUSTNESS_FILE = "robustness.csv"
MOST_SHOWN = 20
# The server's limit for a description: that of a tag, MAX_TAG_VAL_LENGTH in mlflow.utils.validation.
DESCRIPTION_LENGTH = 8000

# Fields that map names to values.
_BY_NAME = ("metrics", "history", "parameters", "tags", "tables", "figures", "images", "texts", "files")
_ENDINGS = {"tables": (".csv", ".parquet"), "figures": (".png",)}


class Dataset(Protocol):
    """The properties of a dataset that a record holds, such as those of :class:`fer.data.face_dataset.FaceDataset`."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def samples(self) -> pd.DataFrame: ...


@dataclass(frozen=True, eq=False)
class DatasetInput:
    """A dataset that was read: its address (a folder or ``runs:/``) and its use (training, test, base, ...)."""

    dataset: Dataset
    address: str
    context: str


@dataclass(frozen=True, eq=False)
class Record:
    """The results of a step.

    Records are joined by ``|``, which raises ValueError for two different values of one name.

    Attributes:
        metrics: values by name. Only finite values are kept: NaN means that the metric is undefined, such as the
            accuracy of a group without samples.
        history: values by metric name and step (epoch, severity). A name is in either ``metrics`` or here.
        parameters: by name.
        tags: by name.
        tables: frames by path, ``.csv`` (with its index if that has a name) or ``.parquet`` (without).
        figures: by path, ``.png``.
        images: figures by key; MLflow's charts show those with the same key side by side across runs.
        texts: by path.
        files: files to copy, by the path that the copy has; they must exist until the record is written.
        warnings: sentences that readers of the results need to know, the most serious first.
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
    files: Mapping[str, Path] = field(default_factory=dict, repr=False)
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
                    raise ValueError(f"{path!r} in the {kind} of a record does not end in {' or '.join(endings)}")
        _refuse_twice("metrics", self.metrics, self.history)
        _refuse_twice("files", self.tables, self.figures, self.texts, self.files, {WARNINGS_FILE: None})

    def __or__(self, other: "Record") -> "Record":
        """Join two records; warnings and inputs keep their order, duplicate warnings are dropped."""
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
        """Return every metric, those with a history at their last step, as a run's page shows them."""
        return {**self.metrics, **{name: steps[max(steps)] for name, steps in self.history.items()}}

    def warnings_table(self) -> pd.DataFrame:
        """Return the warnings as a table, one row per warning."""
        return pd.DataFrame({"warning": list(self.warnings)})

    def shown_warnings(self) -> list[str]:
        """Return the first twenty warnings and a line with the number of further ones, for a tag and the terminal."""
        hidden = len(self.warnings) - MOST_SHOWN
        more = [f"... and {hidden} more, see {WARNINGS_FILE}"] if hidden > 0 else []
        return [*self.warnings[:MOST_SHOWN], *more]


def warning_paragraphs(warnings: Sequence[str]) -> list[str]:
    """Return the first twenty warnings as paragraphs of a description."""
    return [f"**Warning:** {markdown(sentence)}" for sentence in warnings[:MOST_SHOWN]]


def warn_of(record: Record) -> None:
    """Issue the warnings of a record as Python warnings."""
    for sentence in record.shown_warnings():
        warnings.warn(sentence, FerWarning, stacklevel=3)


def _refuse_twice(what: str, *kinds: Mapping[str, object]) -> None:
    seen: set[str] = set()
    for names in kinds:
        if again := seen & set(names):
            raise ValueError(f"a record names {min(again)!r} twice in its {what}")
        seen |= set(names)


def _joined(kind: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    for name in one.keys() & other.keys():
        if not _same(one[name], other[name]):
            raise ValueError(f"two values for {kind} {name!r}: {one[name]!r} and {other[name]!r}")
    return {**one, **other}


def _same(one: Any, other: Any) -> bool:
    return one.equals(other) if isinstance(one, pd.DataFrame) else bool(one == other)
