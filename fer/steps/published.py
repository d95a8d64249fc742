"""Results that others published, logged as runs, so that they appear in the same tables and plots."""

import hashlib
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pandas as pd
from pydantic import Field, ValidationError, model_validator

from fer.data.attributes import Attribute
from fer.data.mixing import parse_fraction, percent
from fer.errors import InputError
from fer.evaluation.metric_names import metric_name
from fer.fairness import METRICS, over_groups
from fer.options import Strict
from fer.record import Record
from fer.sentinels import NONE
from fer.text.validation_errors import UNKNOWN_KEY, first_error, place_of, reason, unknown_key
from fer.text.yaml_text import read_yaml
from fer.tracking import names
from fer.tracking.run_contents import log_record
from fer.tracking.run_search import condition, search_runs
from fer.tracking.runs import experiment_named, open_run

if TYPE_CHECKING:
    from mlflow.entities import Run

# Fields that do not change a row's identity if they are left out.
_OPTIONAL = {"further", "test", "backbone", "note"}
_TAGS, _PARAMETERS = names.PUBLISHED_ROW


_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Points = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class PublishedRow(Strict):
    """One row of a published table. ``metrics`` and ``groups`` are in the units of the tracking server (0..1).

    ``accuracy_std`` is in percentage points. Values must be finite and in the range of their metric.

    A study without groups has neither ``groups`` nor ``accuracy_std``. ``further`` holds metrics by their full names on
    the server (``best/validation_accuracy``); ``test`` and ``backbone`` override those of the file; ``note`` is what a
    reader needs to know about the numbers.
    """

    experiment: str
    base: str
    addition: str = NONE
    fraction: str = "0"
    metrics: dict[str, _Finite]
    groups: dict[str, _Share] = Field(default_factory=dict)
    accuracy_std: _Points | None = None
    further: dict[str, _Finite] = Field(default_factory=dict)
    test: str | None = None
    backbone: str | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _groups_have_their_spread(self) -> "PublishedRow":
        if bool(self.groups) != (self.accuracy_std is not None):
            raise ValueError(f"{self.experiment} has either groups or accuracy_std; give both or none")
        return self

    @model_validator(mode="after")
    def _metrics_are_in_their_range(self) -> "PublishedRow":
        for name, value in {**self.metrics, **self.further}.items():
            short = "accuracy" if name.endswith("accuracy") else name
            least, most = METRICS[short].bounds if short in METRICS else (-math.inf, math.inf)
            if not least <= value <= most:
                raise ValueError(f"{name} of {self.experiment} is {value}, outside {least:g}..{most:g}; correct it")
        return self


class PublishedFile(Strict):
    """A published study: its source, the attribute of its groups (``none`` if it has no groups), its rows."""

    study: str
    source: str
    attribute: str = NONE
    test: str
    split: str = "test"
    backbone: str
    rows: tuple[PublishedRow, ...]

    @model_validator(mode="after")
    def _rows_are_told_apart(self) -> "PublishedFile":
        places = Counter(_place(self, row) for row in self.rows)
        twice = next((place for place, count in places.items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"two rows are of {twice[1]} on {twice[2]}; give them different experiments")
        return self


def read_published(path: Path) -> PublishedFile:
    """Read and check a file of published results; raises InputError that names the wrong entry."""
    if not path.is_file():
        raise InputError(f"there is no file of published results {path}; the project's are in studies/published/.")
    try:
        return PublishedFile.model_validate(read_yaml(path.read_text(encoding="utf-8"), str(path)))
    except (ValidationError, UnicodeDecodeError) as error:
        what = _refused(error) if isinstance(error, ValidationError) else str(error).split("\n")[0]
        raise InputError(
            f"{path} is not a table of published results ({what}); see studies/published/eila.yaml."
        ) from None


def _refused(error: ValidationError) -> str:
    first = first_error(error)
    if first["type"] == UNKNOWN_KEY:
        here, model = ("a row", PublishedRow) if "rows" in first["loc"] else ("the file", PublishedFile)
        return unknown_key(str(first["loc"][-1]), here, list(model.model_fields), {})
    return f"entry {place_of(first)}: {reason(first)}" if first["loc"] else reason(first)


def log_published(path: Path, experiment: str) -> list[str]:
    """Log each row as a run tagged ``fer.origin=published`` in ``experiment``, created if missing; return the run ids.

    A row that was logged before is not logged again, and a corrected one is logged anew: of several runs of one row
    (:data:`fer.tracking.names.PUBLISHED_ROW`) :func:`analysis.load_runs` gives the newest. The standard deviation is
    the published one; the other disparity metrics are computed from the published accuracies.
    """
    table = read_published(path)
    experiment_id = experiment_named(experiment)
    newest = _newest(experiment_id)
    return [_log_row(table, row, position, experiment_id, newest) for position, row in enumerate(table.rows)]


def _newest(experiment_id: str) -> "dict[tuple[str | None, ...], Run]":
    """Return the newest finished run of each published row in an experiment."""
    where = condition({names.ORIGIN: names.PUBLISHED, names.STAGE: names.CELL_STAGE}, status="FINISHED")
    found: dict[tuple[str | None, ...], Run] = {}
    for run in search_runs([experiment_id], where):  # The newest first.
        found.setdefault((*map(run.data.tags.get, _TAGS), *map(run.data.params.get, _PARAMETERS)), run)
    return found


def _place(table: PublishedFile, row: PublishedRow) -> tuple[str | None, ...]:
    """Return what a row is of, in the order of :data:`fer.tracking.names.PUBLISHED_ROW`."""
    test, backbone = row.test or table.test, row.backbone or table.backbone
    return table.study, row.experiment, test, table.split, backbone, table.attribute


def _log_row(
    table: PublishedFile,
    row: PublishedRow,
    position: int,
    experiment_id: str,
    newest: "Mapping[tuple[str | None, ...], Run]",
) -> str:
    # Not fer.identity's hash, as published numbers do not depend on the code that logs them.
    row_text = row.model_dump_json(exclude=_OPTIONAL - row.model_fields_set)
    content = f"{table.model_dump_json(exclude={'rows'})}{row_text}{position}"
    key = hashlib.sha256(content.encode()).hexdigest()[:16]
    # A figure that was corrected and is now as before: an older run has it, which the newest hides.
    done = newest.get(_place(table, row))
    if done is not None and done.data.tags.get(names.IDENTITY) == key:
        return done.info.run_id
    parameters = {
        "base": row.base, "addition": row.addition, "fraction": row.fraction, "arm": "add",
        "test": row.test or table.test, "test_split": table.split, "backbone": row.backbone or table.backbone,
        "attributes": table.attribute, "source": table.source,
    }  # fmt: skip
    if row.note is not None:
        parameters["note"] = row.note
    tags = {
        names.STUDY: table.study,
        names.ORIGIN: names.PUBLISHED,
        names.EXPERIMENT: row.experiment,
        names.POSITION: position,
        names.IDENTITY: key,
    }
    with open_run(names.CELL_STAGE, _run_name(row), parameters, tags, experiment_id=experiment_id) as run:
        log_record(published_record(table, row))
        return run.info.run_id


def _run_name(row: PublishedRow) -> str:
    """Return the name of a row's run, the share first as in a study's cells: the UI cuts long names."""
    if row.addition == NONE:
        return f"{row.experiment}, published"
    try:
        return f"{percent(parse_fraction(row.fraction))} {row.addition}: {row.experiment}, published"
    except InputError:  # It is shown as it was published.
        return f"{row.experiment}, published"


def published_record(table: PublishedFile, row: PublishedRow) -> Record:
    """Return the metrics of a row under the names that a measured run uses."""
    split, by = table.split, Attribute.parse(table.attribute)
    named: dict[str, Any] = {metric_name(split, name): value for name, value in row.metrics.items()} | row.further
    if row.accuracy_std is None:
        return Record(metrics=named)
    named |= {metric_name(split, "accuracy", by, group): value for group, value in row.groups.items()}
    derived = over_groups(pd.Series(row.groups))
    named |= {metric_name(split, f"accuracy_{name}", by): value for name, value in derived.items()}
    named[metric_name(split, "accuracy_std", by)] = row.accuracy_std
    return Record(metrics=named)
