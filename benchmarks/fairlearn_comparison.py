"""Fairlearn beside this library on the same predictions: point values, intervals, coverage and time.

    python -m benchmarks.fairlearn_comparison [--tables 100] [--replicates 100]

**Point values**: of two and of seven classes in three groups, `MetricFrame` (by group, difference, ratio) of accuracy
and weighted F1, and demographic parity and equalized odds. Fairlearn has the latter two for two classes; with
seven, each class is compared with the rest. The table shows the largest difference between the two libraries. In the
last data, a group has no sample of one class, where the libraries differ by design: Fairlearn takes its rate as 0, here
it is left out.

**Intervals**: on tables with a known truth, drawn as in `interval_truth.py` (clips account for 30 % of the variance).
Fairlearn's bootstrap draws rows and has percentile intervals (`n_boot`, `ci_quantiles`) of the accuracy of each group,
and of the difference, the largest minus the smallest. Ours are over clips; of the difference of two groups, first minus
second. A mean of coverages over 100 tables has a standard error of up to 2.2 for 95 %. Fairlearn's on one row per clip
is not shown: it knows no clusters, and averaging the frames would be another metric.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from fairlearn import metrics as fairlearn
from sklearn.metrics import accuracy_score, f1_score
from tabulate import tabulate

from benchmarks.interval_truth import Design, table
from fer.fairness import (
    demographic_parity_difference,
    difference_intervals,
    equalized_odds_difference,
    group_intervals,
    group_metrics,
    over_groups,
)
from fer.synthetic import draw_predictions

# So many clips that every group has all classes.
SAMPLES, CLIPS = {"black": 600, "mixed": 500, "white": 900}, {"black": 60, "mixed": 50, "white": 90}
DESIGNS = (
    Design((0.65, 0.65), (10, 10)),
    Design((0.65, 0.65), (40, 40)),
    Design((0.95, 0.95), (5, 40)),
    Design((0.9, 0.6), (40, 40)),
)
QUANTILES = [0.025, 0.975]
Metric = Callable[..., float]


def predictions(classes: int, without: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return true and predicted codes and groups; with ``without``, a group without a sample of the first class."""
    drawn = draw_predictions({"black": 0.45, "mixed": 0.3, "white": 0.35}, SAMPLES, CLIPS, seed=0)
    codes = {name: at for at, name in enumerate(sorted(drawn["label"].unique()))}
    true, predicted = (drawn[name].map(codes).to_numpy() % classes for name in ("label", "predicted"))
    group = drawn["race"].to_numpy(dtype=object)
    kept = ~((group == "mixed") & (true == 0)) if without else np.ones(len(true), bool)
    return true[kept], predicted[kept], group[kept]


def point_values(classes: int, without: bool = False) -> dict[str, float]:
    """Return the largest difference between the libraries of each kind of value."""
    true, predicted, group = predictions(classes, without)
    by = {"y_true": true, "y_pred": predicted, "sensitive_features": group}
    labels = list(range(classes))
    ours = group_metrics(**by, labels=labels)
    metrics: dict[str, Metric] = {"accuracy": accuracy_score, "f1_weighted": _f1}
    theirs = fairlearn.MetricFrame(metrics=metrics, **by)
    summaries = pd.DataFrame({name: over_groups(ours[name]) for name in metrics})
    found = {
        "by group": _largest(ours[list(metrics)], theirs.by_group[list(metrics)]),
        "difference": _largest(summaries.loc["gap"], theirs.difference()),
        "ratio": _largest(summaries.loc["ratio"], theirs.ratio()),
    }
    each = range(1, 2) if classes == 2 else range(classes)
    parity, odds = (
        max(of(true == label, predicted == label, sensitive_features=group) for label in each)
        for of in (fairlearn.demographic_parity_difference, fairlearn.equalized_odds_difference)
    )
    return found | {
        "demographic parity": abs(demographic_parity_difference(**by, labels=labels) - parity),
        "equalized odds": abs(equalized_odds_difference(**by, labels=labels) - odds),
    }


def _f1(y_true: np.ndarray, y_pred: np.ndarray) -> float:
    return float(f1_score(y_true, y_pred, average="weighted", zero_division=0))


def _largest(ours: pd.DataFrame | pd.Series, theirs: pd.DataFrame | pd.Series) -> float:
    return float(np.max(np.abs(ours.to_numpy(dtype=float) - theirs.to_numpy(dtype=float))))


def intervals(design: Design, seed: int, replicates: int) -> dict[str, float]:
    """Return whether the intervals of one table contain the truth, their widths in points, and seconds."""
    faces, right, _ = table(design, np.random.default_rng(seed))
    group = np.array(["first", "second"])[faces["group"]]
    by = {"y_true": np.ones(len(faces), int), "y_pred": right[0].astype(int), "sensitive_features": group}
    true = np.array(design.accuracy)
    start = time.process_time()
    frame = fairlearn.MetricFrame(
        metrics={"accuracy": accuracy_score}, **by, n_boot=replicates, ci_quantiles=QUANTILES, random_state=seed
    )
    low, high = (one["accuracy"].to_numpy() for one in frame.by_group_ci)
    least, most = (float(one["accuracy"]) for one in frame.difference_ci())
    theirs = time.process_time() - start
    start = time.process_time()
    clusters = faces["clip"].to_numpy()
    own = group_intervals(**by, clusters=clusters, labels=[0, 1], n_resamples=replicates, random_state=seed)
    apart = difference_intervals(**by, clusters=clusters, labels=[0, 1]).iloc[0]
    ours = time.process_time() - start
    own = own.xs("accuracy", level="metric").loc[["first", "second"]]
    return {
        "Fairlearn: groups": 100 * np.mean((low <= true) & (true <= high)),
        "ours: groups": 100 * np.mean((own["low"] <= true) & (true <= own["high"])),
        "Fairlearn: difference": 100.0 * (least <= abs(true[0] - true[1]) <= most),
        "ours: difference": 100.0 * (apart["low"] <= true[0] - true[1] <= apart["high"]),
        "Fairlearn: width": 100 * np.mean(high - low),
        "ours: width": 100 * float((own["high"] - own["low"]).mean()),
        "Fairlearn: s": theirs,
        "ours: s": ours,
    }


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--replicates", type=int, default=100)
    asked = parser.parse_args()
    cases = {"two classes": (2, False), "seven classes": (7, False), "seven, one missing in a group": (7, True)}
    rows = [{"data": name, **point_values(*case)} for name, case in cases.items()]
    print(tabulate(rows, headers="keys", tablefmt="github", floatfmt=".2g"), "\n")
    rows = []
    for design in DESIGNS:
        found = pd.DataFrame([intervals(design, seed, asked.replicates) for seed in range(asked.tables)]).mean()
        rows.append({"clips": design.name, "accuracy": design.accuracies, **found.round(3).to_dict()})
    print(tabulate(rows, headers="keys", tablefmt="github"))


if __name__ == "__main__":
    main()
