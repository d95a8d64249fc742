"""What an evaluation leaves on its run: the predictions, tables and figures overall, a group and a slice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer import figures
from fer.data.attributes import groupable
from fer.data.dataset import FaceDataset
from fer.evaluation.independent_units import Clusters
from fer.evaluation.metric_names import metric_part
from fer.evaluation.metrics import GroupResult, classes_by_group, confusion_table, report_table
from fer.evaluation.uncertainty import Uncertainty, slice_accuracy, slice_columns
from fer.tracking import names
from fer.tracking.run_contents import log_comparable_image, log_files, log_metrics

_GALLERY = 16
# Beside groups: columns by which a model's accuracy may fall apart.
_UNITS = ("persons", "clips", "clusters", "effective_samples")
_SLICES = ("source", "detector", "usage")


@dataclass(frozen=True)
class Evaluated:
    """A model's predictions on the n faces of a dataset's split, and what follows from them an attribute."""

    part: FaceDataset
    split: str
    predictions: pd.DataFrame
    clusters: Clusters
    results: Sequence[GroupResult]
    known: Sequence[Uncertainty]

    @property
    def title(self) -> str:
        """What was tested: the dataset's name and the split."""
        return f"{self.part.name}, {self.split}"

    def unit_metrics(self) -> dict[str, float]:
        """Return what the split and each group rest on, by metric name: persons, clips, clusters, effective samples."""
        named = {}
        for known in self.known:
            prefix = f"{self.split}/{known.attribute.slug}"
            table = known.table().reindex(columns=_UNITS).dropna(axis="columns", how="all")
            for unit, column in table.items():
                named |= {f"{prefix}/{unit}/{metric_part(group)}": value for group, value in column.dropna().items()}
            whole = known.counts.loc["all"]
            named |= {f"{self.split}/{unit}": whole[unit] for unit in _UNITS if unit in whole}
        return {name: float(value) for name, value in named.items()}


def log_evaluation(done: Evaluated) -> None:
    """Log predictions, reports, confusion, galleries, intervals and slices as artifacts of the open run."""
    predictions, title = done.predictions, done.title
    right = predictions["label"] == predictions["predicted"]
    confusion = confusion_table(predictions)
    pictures = {
        "confusion_matrix.png": figures.confusion(confusion, title),
        "gallery_right.png": _gallery(predictions, done.part, right, f"right, {title}"),
        "gallery_wrong.png": _gallery(predictions, done.part, ~right, f"wrong (true > predicted), {title}"),
    }
    tables = {
        names.PREDICTIONS_ARTIFACT: predictions,
        "classification_report.csv": report_table(predictions),
        "confusion_matrix.csv": confusion,
        "right.csv": predictions[right],
        "wrong.csv": predictions[~right],
    }
    for result, known in zip(done.results, done.known, strict=True):
        slug = result.attribute.slug
        tables[f"groups/{slug}.csv"] = known.table().join(result.groups.drop(columns=["count", "clusters", "accuracy"]))
        tables[f"groups/{slug}_classes.csv"] = classes_by_group(predictions, result.attribute)
        tables[f"intervals/{slug}.csv"] = known.intervals.rename_axis(["group", "metric"]).reset_index()
        tables[f"intervals/{slug}_differences.csv"] = known.differences.reset_index()
        tables[f"intervals/{slug}_spread.csv"] = known.disparity
        pictures[f"groups/{slug}.png"] = figures.group_bars(known.counts, known.intervals, str(result.attribute), title,
                                                            done.clusters.name)  # fmt: skip
        log_comparable_image(f"groups_{slug}", pictures[f"groups/{slug}.png"])
    tables |= _slices(done)
    log_files(tables=tables, figures=pictures)
    log_comparable_image("confusion_matrix", pictures["confusion_matrix.png"])


def _slices(done: Evaluated) -> dict[str, pd.DataFrame]:
    """Return accuracy by each further column that tells faces apart, as ``slices/<column>.csv``; log it as metrics."""
    taken = {name for result in done.results for name in result.attribute.columns}
    candidates = [name for name in (*groupable(done.predictions), *_SLICES) if name not in taken]
    tables, metrics = {}, {}
    for column in slice_columns(done.predictions, list(dict.fromkeys(candidates))):
        table = slice_accuracy(done.predictions, done.predictions[column], done.clusters)
        tables[f"slices/{metric_part(column)}.csv"] = table
        metrics |= {f"{done.split}/{metric_part(column)}/accuracy/{metric_part(str(value))}": row["accuracy"]
                    for value, row in table.iterrows()}  # fmt: skip
    log_metrics(metrics)
    return tables


def _gallery(predictions: pd.DataFrame, part: FaceDataset, chosen: pd.Series, title: str) -> figures.Figure:
    """Faces spread evenly over the chosen rows, so that frames of one clip do not fill the sheet."""
    rows = chosen.to_numpy().nonzero()[0]
    rows = rows[:: max(1, len(rows) // _GALLERY)][:_GALLERY]
    shown = predictions.iloc[rows]
    captions = [
        row["label"] if row["label"] == row["predicted"] else f"{row['label']} > {row['predicted']}"
        for _, row in shown.iterrows()
    ]
    return figures.face_sheet(part.faces(np.asarray(rows)), captions, columns=8, title=title)
