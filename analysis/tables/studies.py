"""The tables that the studies publish themselves, in their own form and units: one row per class, one per model."""

from collections.abc import Callable, Mapping

import pandas as pd
from sklearn.metrics import classification_report

from analysis.experiments.runs_by_experiment import measured_runs, metric_of, tag_of
from fer.evaluation.metric_names import metric_name
from fer.evaluation.predictions import vocabulary_of
from fer.tracking import names

_SCORES = {"precision": "precision", "recall": "recall", "f1-score": "f1", "support": "support"}
_SEED = names.param("seed")


def complet_result(runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame], split: str = "test") -> pd.DataFrame:
    """Return study C's ``complet_result.csv``: ``key, class, precision, recall, f1, support``.

    ``predictions`` by run id, of every measured run. ``key`` is ``<backbone>_<head>_<training data>_TestOn<test
    data>``, as the study names it, and the seed where there are several. ``class`` is an emotion, ``accuracy``
    (reported as ``f1`` alone, as the study does), ``macro avg`` or ``weighted avg``. As in the study, a figure that is
    not defined is 0: see the cell's own report for which.
    """
    measured = measured_runs(runs)
    seeds = measured[_SEED].nunique() > 1
    tables = [
        _report(predictions[row["run_id"]], _key(row) + (f"_seed{row[_SEED]}" if seeds else ""))
        for _, row in measured.iterrows()
    ]
    return pd.concat(tables, ignore_index=True)


def model_eval(
    runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame] | None = None, split: str = "test"
) -> pd.DataFrame:
    """Return study B's ``model_eval.csv``, one row per model, best test accuracy first.

    Columns: ``model, family, parameters``, accuracy (0 to 1) and loss in training, validation and test, ``f1_weighted``
    (0 to 1) and ``seconds`` of training, an ensemble's those of its members together; ``predictions`` are not needed.
    Training and validation figures are those of the epoch whose weights the model has. In training they are means over
    that epoch's steps, taken while weights move, with dropout and on augmented faces: an ensemble has no such epoch,
    and NaN there. Its accuracy on the unchanged training faces would be a different figure, not comparable in
    this column.
    """
    measured = measured_runs(runs)
    columns = {
        "parameters": names.PARAMETERS,
        "training_accuracy": names.BEST_TRAIN_ACCURACY,
        "validation_accuracy": names.BEST_VALIDATION_ACCURACY,
        "test_accuracy": metric_name(split, "accuracy"),
        "training_loss": names.BEST_TRAIN_LOSS,
        "validation_loss": names.BEST_VALIDATION_LOSS,
        "test_loss": metric_name(split, "loss"),
        "f1_weighted": metric_name(split, "f1_weighted"),
        "seconds": names.SECONDS,
    }
    table = pd.DataFrame({"model": measured["experiment"], "family": tag_of(measured, names.FAMILY)})
    for name, metric in columns.items():
        table[name] = metric_of(measured, metric)
    table["parameters"] = table["parameters"].astype("Int64")
    return table.sort_values("test_accuracy", ascending=False, kind="stable").reset_index(drop=True)


STUDY_TABLES: dict[str, Callable[[pd.DataFrame, Mapping[str, pd.DataFrame], str], pd.DataFrame]] = {
    "complet_result": complet_result,
    "model_eval": model_eval,
}


def _key(row: pd.Series) -> str:
    base, addition, fraction, backbone, head, test = (
        row[names.param(name)] for name in ("base", "addition", "fraction", "backbone", "head", "test")
    )
    share = "" if fraction == "0" else f"+{fraction}{addition}"
    return f"{backbone}_{head}_{base}{share}_TestOn{test}"


def _report(predictions: pd.DataFrame, key: str) -> pd.DataFrame:
    emotions = vocabulary_of(predictions)
    scores = classification_report(
        predictions["label"], predictions["predicted"], labels=emotions, output_dict=True, zero_division=0
    )
    # scikit-learn's name is "accuracy" if all labels are requested, else "micro avg": they are the same here.
    rows = {name: scores[name] for name in (*emotions, "macro avg", "weighted avg")}
    right = float((predictions["label"] == predictions["predicted"]).mean())
    rows["accuracy"] = {"f1-score": right, "support": len(predictions)}
    table = pd.DataFrame(rows).T.rename(columns=_SCORES).reindex([*emotions, "accuracy", "macro avg", "weighted avg"])
    table.insert(0, "key", key)
    return table.rename_axis("class").reset_index()[["key", "class", *_SCORES.values()]].astype({"support": int})
