"""The record of an evaluation: predictions, metrics, tables and figures, overall, by group and by slice."""

import numpy as np
import pandas as pd

from fer import figures
from fer.data.attributes import ALL, Attribute, groupable
from fer.data.dataset import FaceDataset
from fer.evaluation.description import describe_evaluation
from fer.evaluation.evaluation import Evaluation
from fer.evaluation.metric_names import metric_name, metric_names
from fer.evaluation.metrics import classes_by_group, confusion_table, overall, report_table
from fer.evaluation.uncertainty import slice_accuracy, slice_columns
from fer.record import PREDICTIONS_FILE, ROBUSTNESS_FILE, Record
from fer.storage.file_names import file_part

_GALLERY = 16
# Columns, besides the attributes, by which accuracy is reported.
_UNITS = ("persons", "clips", "clusters", "effective_samples")
_SLICES = ("source", "detector", "usage")
# Of the files of an attribute, after its name.
_CLASSES, _DIFFERENCES, _SPREAD = _ENDINGS = "_classes", "_differences", "_spread"


def evaluation_record(done: Evaluation) -> Record:
    """Return the record of an evaluation, with its warnings and its description."""
    found = scores_record(done) | _whole(done) | _groups(done) | _audits(done) | _slices(done) | _robustness(done)
    return found | Record(warnings=done.warnings, description=describe_evaluation(done))


def scores_record(done: Evaluation) -> Record:
    """Return the metrics by their names on the server: overall, by group, of the audits, by corruption and severity.

    Metrics by slice are only in :func:`evaluation_record`.
    """
    split = done.test.split
    named = metric_names(split, overall(done.predictions), done.results) | _units(done)
    named |= {metric_name(split, f"audit/{name}"): value for name, value in done.overlap.result.metrics.items()}
    named |= {metric_name(split, name): value for name, value in done.content.metrics.items()}
    history: dict[str, dict[int, float]] = {}
    if done.robustness is not None:
        everyone = done.robustness[done.robustness["attribute"] == ALL]
        for kind, rows in everyone.groupby("perturbation", sort=False):
            history[metric_name(split, f"robustness/{kind}")] = rows.set_index("severity")["accuracy"].to_dict()
    return Record(metrics=named, history=history)


def _units(done: Evaluation) -> dict[str, float]:
    """Return counts of the split and of each group by metric name: persons, clips, clusters, effective samples."""
    split = done.test.split
    named: dict[str, float] = {}
    for known in done.known:
        table = known.table().reindex(columns=_UNITS).dropna(axis="columns", how="all")
        for unit, column in table.items():
            counted = column.dropna().items()
            named |= {metric_name(split, str(unit), known.attribute, str(group)): value for group, value in counted}
        whole = known.counts.loc[ALL]
        named |= {metric_name(split, unit): whole[unit] for unit in _UNITS if unit in whole}
    return named


def _whole(done: Evaluation) -> Record:
    """Return the predictions, reports and confusion matrix of all faces; galleries if there are pictures."""
    predictions, title, faces = done.predictions, done.test.title, done.test.faces
    right = predictions["label"] == predictions["predicted"]
    confusion = confusion_table(predictions)
    drawn = figures.confusion(confusion, title)
    galleries = {}
    if faces.has_faces:
        galleries = {
            "gallery_right.png": _gallery(predictions, faces, right, f"right, {title}"),
            "gallery_wrong.png": _gallery(predictions, faces, ~right, f"wrong (true > predicted), {title}"),
        }
    return Record(
        tables={
            PREDICTIONS_FILE: predictions,
            "classification_report.csv": report_table(predictions),
            "confusion_matrix.csv": confusion,
            "right.csv": predictions[right],
            "wrong.csv": predictions[~right],
        },
        figures={"confusion_matrix.png": drawn, **galleries},
        images={"confusion_matrix": drawn},
    )


def _groups(done: Evaluation) -> Record:
    """Return the per-group metrics and intervals of each attribute, with one figure per attribute."""
    tables, drawn = {}, {}
    for result, known in zip(done.results, done.known, strict=True):
        slug = result.attribute.slug
        file = file_part(slug, _ENDINGS)
        tables[f"groups/{file}.csv"] = known.table().join(result.groups.drop(columns=["count", "clusters", "accuracy"]))
        tables[f"groups/{file}{_CLASSES}.csv"] = classes_by_group(done.predictions, result.attribute)
        tables[f"intervals/{file}.csv"] = known.intervals.rename_axis(["group", "metric"]).reset_index()
        tables[f"intervals/{file}{_DIFFERENCES}.csv"] = known.differences.reset_index()
        tables[f"intervals/{file}{_SPREAD}.csv"] = known.disparity
        drawn[slug] = figures.group_bars(
            known.counts, known.intervals, str(result.attribute), done.test.title, done.test.clusters.name
        )
    return Record(
        tables=tables,
        figures={f"groups/{file_part(slug, _ENDINGS)}.png": figure for slug, figure in drawn.items()},
        images={f"groups_{slug}": figure for slug, figure in drawn.items()},
    )


def _audits(done: Evaluation) -> Record:
    """Return the tables of the audits, and the closest near-duplicates if there are any."""
    audits = done.overlap.result | done.content
    title = "the closest near-duplicates in the training data"
    drawn = {}
    if len(done.overlap.pairs):
        drawn["audit/near_duplicates.png"] = figures.face_sheet(done.overlap.pairs, done.overlap.captions, 8, title)
    return Record(
        tables={f"audit/{file_part(name)}.csv": table for name, table in audits.tables.items()}, figures=drawn
    )


def _slices(done: Evaluation) -> Record:
    """Return accuracy by each further column that has several values."""
    taken = {name for result in done.results for name in result.attribute.columns}
    candidates = [name for name in (*groupable(done.predictions), *_SLICES) if name not in taken]
    tables: dict[str, pd.DataFrame] = {}
    metrics: dict[str, float] = {}
    for column in slice_columns(done.predictions, list(dict.fromkeys(candidates))):
        table = slice_accuracy(done.predictions, done.predictions[column], done.test.clusters)
        by = Attribute((column,))
        tables[f"slices/{file_part(by.slug)}.csv"] = table
        metrics |= {
            metric_name(done.test.split, "accuracy", by, str(value)): row["accuracy"] for value, row in table.iterrows()
        }
    return Record(metrics=metrics, tables=tables)


def _robustness(done: Evaluation) -> Record:
    """Return accuracy on corrupted faces, with one figure per attribute; without attributes, one of all faces."""
    if done.robustness is None:
        return Record()
    shown = {result.attribute.slug: str(result.attribute) for result in done.results} or {ALL: ALL}
    table = done.robustness
    drawn = {
        f"robustness_{slug}": figures.robustness(table[table["attribute"] == name], name, done.test.title)
        for slug, name in shown.items()
    }
    return Record(
        tables={ROBUSTNESS_FILE: table},
        figures={f"{file_part(key)}.png": figure for key, figure in drawn.items()},
        images=drawn,
    )


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
