"""The tables that the studies publish themselves: one row a class of each cell, and one row a model."""

from collections.abc import Callable, Mapping

import pandas as pd
from sklearn.metrics import classification_report

from analysis.experiments.runs_by_experiment import keyed_runs, tag_of
from fer.tracking import names

_SCORES = {"precision": "precision", "recall": "recall", "f1-score": "f1", "support": "support"}


def complet_result(runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return study C's ``complet_result.csv``: ``key, class, precision, recall, f1, support``.

    ``predictions`` are tables by run id, of every measured run (see :func:`analysis.load_predictions_of`).
    ``key`` is ``<backbone>_<head>_<training data>_TestOn<test data>``, as the study names it, and the seed where there
    are several. ``class`` is an emotion, ``accuracy`` (told as ``f1`` alone, as the study does), ``macro avg`` or
    ``weighted avg``. As in the study, a figure that is not defined is 0: see the cell's own report for which.
    """
    measured = _measured(runs)
    seeds = measured["params.seed"].nunique() > 1
    tables = [
        _report(predictions[row["run_id"]], _key(row) + (f"_seed{row['params.seed']}" if seeds else ""))
        for _, row in measured.iterrows()
    ]
    return pd.concat(tables, ignore_index=True)


def model_eval(runs: pd.DataFrame, split: str = "test") -> pd.DataFrame:
    """Return study B's ``model_eval.csv``, a row a model, best test accuracy first.

    Columns: ``model, family, parameters``, accuracy (0..1) and loss in training, validation and test, ``f1_weighted``
    (0..1) and ``seconds`` of training, an ensemble's those of its members together. Training and validation figures are
    those of the epoch whose weights the model has. In training they are means over that epoch's steps, taken while
    weights move, with dropout and on augmented faces: an ensemble has no such epoch, and NaN there. What it reaches on
    the training faces as they are would be another figure, and not one to compare in this column.
    """
    measured = _measured(runs)
    columns = {
        "parameters": "train/parameters",
        "training_accuracy": "best/train_accuracy",
        "validation_accuracy": "best/validation_accuracy",
        "test_accuracy": f"{split}/accuracy",
        "training_loss": "best/train_loss",
        "validation_loss": "best/validation_loss",
        "test_loss": f"{split}/loss",
        "f1_weighted": f"{split}/f1_weighted",
        "seconds": "train/seconds",
    }
    table = pd.DataFrame({"model": measured["experiment"], "family": tag_of(measured, names.FAMILY)})
    for name, metric in columns.items():
        column = f"metrics.{metric}"
        table[name] = measured[column] if column in measured else float("nan")
    table["parameters"] = table["parameters"].astype("Int64")
    return table.sort_values("test_accuracy", ascending=False, kind="stable").reset_index(drop=True)


# Each from the runs, their predictions by run id, and the split that was tested.
STUDY_TABLES: dict[str, Callable[[pd.DataFrame, Mapping[str, pd.DataFrame], str], pd.DataFrame]] = {
    "complet_result": lambda runs, predictions, split: complet_result(runs, predictions),
    "model_eval": lambda runs, predictions, split: model_eval(runs, split),
}


def _measured(runs: pd.DataFrame) -> pd.DataFrame:
    keyed = keyed_runs(runs)
    return keyed[keyed["origin"] == names.MEASURED]


def _key(row: pd.Series) -> str:
    share = "" if row["params.fraction"] == "0" else f"+{row['params.fraction']}{row['params.addition']}"
    trained = f"{row['params.base']}{share}"
    return f"{row['params.backbone']}_{row['params.head']}_{trained}_TestOn{row['params.test']}"


def _report(predictions: pd.DataFrame, key: str) -> pd.DataFrame:
    emotions = [str(name).removeprefix("p_") for name in predictions if str(name).startswith("p_")]
    told = classification_report(
        predictions["label"], predictions["predicted"], labels=emotions, output_dict=True, zero_division=0
    )
    # With all labels among those asked for scikit-learn says "accuracy", else "micro avg": they are the same here.
    rows = {name: told[name] for name in (*emotions, "macro avg", "weighted avg")}
    right = float((predictions["label"] == predictions["predicted"]).mean())
    rows["accuracy"] = {"f1-score": right, "support": len(predictions)}
    table = pd.DataFrame(rows).T.rename(columns=_SCORES).reindex([*emotions, "accuracy", "macro avg", "weighted avg"])
    table.insert(0, "key", key)
    return table.rename_axis("class").reset_index()[["key", "class", *_SCORES.values()]].astype({"support": int})
