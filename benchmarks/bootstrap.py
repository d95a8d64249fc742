"""Cluster bootstrap of all metrics, compared in one run with Fairlearn's bootstrap of one metric.

    python benchmarks/bootstrap.py [--replicates 10000] [--fairlearn 200]

815 rows in three groups, seven classes. Ours: all per-group and disparity metrics, with 60 clips as clusters and with
every row as a cluster. Fairlearn's: `MetricFrame(n_boot=...)` of accuracy, rows resampled. The ratio is that of seconds
per replicate and metric; one metric is one number per replicate and group, like a metric of a MetricFrame. On our side
only ratios of sums are counted (accuracy, loss, Brier, per-class recall, standardised accuracy), although F1,
calibration and disparity metrics are computed as well.
"""

import argparse
import time

from fairlearn.metrics import MetricFrame
from sklearn.metrics import accuracy_score
from tabulate import tabulate

from fer.evaluation.predictions import arrays_of
from fer.fairness import bootstrap_metrics
from fer.synthetic import draw_predictions

SAMPLES = {"black": 171, "mixed": 128, "white": 516}
CLIPS = {"black": 14, "mixed": 10, "white": 36}
RATIOS = ("accuracy", "loss", "brier", "standardised_accuracy", "recall/")
REPEATS = 3


def main() -> None:
    """Print seconds and the ratio; the best of three turns on our side, one on theirs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=10_000)
    parser.add_argument("--fairlearn", type=int, default=200)
    asked = parser.parse_args()
    table = draw_predictions({"black": 0.45, "mixed": 0.3, "white": 0.35}, SAMPLES, CLIPS, seed=0)
    y_true, y_pred, y_proba = arrays_of(table)
    start, cpu = time.perf_counter(), time.process_time()
    MetricFrame(
        metrics={"accuracy": accuracy_score},
        y_true=y_true,
        y_pred=y_pred,
        sensitive_features=table["race"],
        n_boot=asked.fairlearn,
        ci_quantiles=[0.025, 0.975],
        random_state=0,
    )
    theirs, cpu = time.perf_counter() - start, time.process_time() - cpu
    rows = [["Fairlearn MetricFrame", "rows", asked.fairlearn, 1, theirs, cpu, theirs / asked.fairlearn * 1e6, 1.0]]
    for unit, name in (("clip", "60 clips"), ("sample_id", "every row")):
        seconds = []
        for _ in range(REPEATS):
            start, cpu = time.perf_counter(), time.process_time()
            drawn = bootstrap_metrics(
                y_true,
                y_pred,
                y_proba=y_proba,
                sensitive_features=table["race"],
                clusters=table[unit],
                n_resamples=asked.replicates,
            )
            seconds.append((time.perf_counter() - start, time.process_time() - cpu))
        metrics = sum(metric.startswith(RATIOS) for metric in drawn.metrics)
        each = min(seconds)[0] / asked.replicates / metrics
        ratio = theirs / asked.fairlearn / each
        rows.append(["bootstrap_metrics", name, asked.replicates, metrics, *min(seconds), each * 1e6, ratio])
    headers = [
        "",
        "cluster",
        "replicates",
        "metrics",
        "seconds",
        "CPU seconds",
        "us per replicate and metric",
        "times faster",
    ]
    print(tabulate(rows, headers=headers, tablefmt="github", floatfmt=".3g"))


if __name__ == "__main__":
    main()
