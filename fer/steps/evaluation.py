"""The step that tells what a model does on a dataset's split, overall and a group."""

from collections.abc import Sequence

import pandas as pd

from fer import figures
from fer.dataset import FaceDataset
from fer.errors import InputError
from fer.evaluation import (
    GroupResult,
    attribute_values,
    by_group,
    classes_by_group,
    confusion_table,
    metric_names,
    overall,
    predict,
    report_table,
)
from fer.tracking import names
from fer.tracking.dataset_logging import log_dataset_input
from fer.tracking.datasets import open_dataset
from fer.tracking.models import open_model
from fer.tracking.runs import log_comparable_image, log_files, log_metrics, set_tags

_GALLERY = 16


def evaluate_step(
    model: str, address: str, split: str, attributes: Sequence[str], groups: Sequence[str] | None = None
) -> dict[str, float]:
    """Evaluate a model (run id or ``models:/``) on a dataset's split; log everything; return the metrics.

    ``attributes`` are group columns or products (``race*gender``); the groups of each are those of the
    whole dataset, so one without a sample in this split shows with a count of 0. ``groups`` asks for these
    groups of the first attribute: one that has no sample is refused. May be empty: no group metrics then.
    """
    dataset = open_dataset(address)
    for attribute in attributes:
        attribute_values(dataset.samples, attribute, f"dataset {dataset.name}")
    part = dataset.split(split)
    wanted = [
        _groups(dataset, part, attribute, groups if place == 0 else None) for place, attribute in enumerate(attributes)
    ]
    log_dataset_input(part, address, split)
    classify, emotions, uri = open_model(model)
    predictions = predict(classify, part, emotions)
    whole = overall(predictions)
    results = [by_group(predictions, name, named) for name, named in zip(attributes, wanted, strict=True)]
    metrics = metric_names(split, whole, results)
    log_metrics(metrics)
    worst = {f"{names.WORST_GROUP}.{result.attribute.replace('*', '_x_')}": result.worst for result in results}
    set_tags({"fer.model": uri, "fer.dataset": dataset.name, **worst})
    _log_artifacts(predictions, part, split, results)
    return metrics


def _groups(dataset: FaceDataset, part: FaceDataset, attribute: str, asked: Sequence[str] | None) -> list[str]:
    here = attribute_values(part.samples, attribute, f"the split of {dataset.name}").dropna()
    for group in asked or ():
        if not (here == group).any():
            has = ", ".join(sorted(here.unique()))
            raise InputError(
                f"group {group!r} of {attribute} has no samples in this split of {dataset.name} (it has: {has}); "
                "leave it out of groups=."
            )
    if asked:
        return list(dict.fromkeys(asked))
    return sorted(attribute_values(dataset.samples, attribute).dropna().unique())


def _log_artifacts(predictions: pd.DataFrame, part: FaceDataset, split: str, results: Sequence[GroupResult]) -> None:
    right = predictions["label"] == predictions["predicted"]
    confusion = confusion_table(predictions)
    title = f"{part.name}, {split}"
    pictures = {
        "confusion_matrix.png": figures.confusion(confusion, title),
        "gallery_right.png": _gallery(predictions, part, right, f"right, {title}"),
        "gallery_wrong.png": _gallery(predictions, part, ~right, f"wrong (true > predicted), {title}"),
    }
    tables = {
        names.PREDICTIONS_ARTIFACT: predictions,
        "classification_report.csv": report_table(predictions),
        "confusion_matrix.csv": confusion,
        "right.csv": predictions[right],
        "wrong.csv": predictions[~right],
    }
    for result in results:
        slug = result.attribute.replace("*", "_x_")
        tables[f"groups/{slug}.csv"] = result.groups
        tables[f"groups/{slug}_classes.csv"] = classes_by_group(predictions, result.attribute)
        pictures[f"groups/{slug}.png"] = figures.group_bars(result.groups, result.attribute, title)
        log_comparable_image(f"groups_{slug}", pictures[f"groups/{slug}.png"])
    log_files(tables=tables, figures=pictures)
    log_comparable_image("confusion_matrix", pictures["confusion_matrix.png"])


def _gallery(predictions: pd.DataFrame, part: FaceDataset, chosen: pd.Series, title: str) -> figures.Figure:
    """Faces spread evenly over the chosen rows, so that frames of one clip do not fill the sheet."""
    rows = chosen.to_numpy().nonzero()[0]
    rows = rows[:: max(1, len(rows) // _GALLERY)][:_GALLERY]
    shown = predictions.iloc[rows]
    captions = [
        row["label"] if row["label"] == row["predicted"] else f"{row['label']} > {row['predicted']}"
        for _, row in shown.iterrows()
    ]
    return figures.face_sheet(part.faces(rows), captions, columns=8, title=title)
