"""Coverage of intervals and error rates of tests, on simulated prediction tables with a known truth; no training.

    python -m benchmarks.statistics_truth --to <folder> [--tables 2000] [--replicates 500] [--jobs 2]

Each scenario draws tables whose groups have given accuracies and an intra-clip correlation of 0.3, and counts how often
the 95 % interval of a signed difference of two groups covers the truth, with clips as clusters and, wrongly, with every
row as a cluster; how often each test rejects at 5 % without a difference, and with one of 15 points; and how often the
95 % upper bounds of gap and std hold. It also reports the mean variance over groups, plain and noise-corrected. Each
scenario's results are written to files of the folder, in parts; existing parts are not computed again.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tabulate import tabulate

from benchmarks.simulated_tables import simulated
from fer.evaluation.predictions import arrays_of
from fer.fairness import difference_intervals, disparity_statistics, over_groups, paired_comparison
from fer.synthetic import draw_predictions

LEVEL = 0.05
SQUARED_POINTS = 100.0**2
CORRELATION = 0.3
PART = 250


@dataclass(frozen=True)
class Scenario:
    """Groups a, b and c with an accuracy, a number of clips and of samples per clip each."""

    name: str
    accuracy: tuple[float, ...] = (0.4, 0.4, 0.4)
    clips: tuple[int, ...] = (40, 40, 40)
    samples: tuple[int, ...] = (10, 10, 10)
    uneven: bool = False
    second_better: float = 0.0


SCENARIOS = (
    Scenario("40 clips per group"),
    Scenario("7 clips per group", clips=(7, 7, 7)),
    Scenario("40 clips, 15 points", accuracy=(0.35, 0.5, 0.425), second_better=0.15),
    Scenario("7 clips, 15 points", accuracy=(0.35, 0.5, 0.425), clips=(7, 7, 7), second_better=0.15),
    Scenario("7 clips of 1 to 20", clips=(7, 7, 7), samples=(20, 20, 20), uneven=True),
    Scenario("40, 20, 7 clips of 4, 10, 30", clips=(40, 20, 7), samples=(4, 10, 30)),
)


def tables(scenario: Scenario, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Return a table, its labels, the predictions of a first model and of a second.

    If both are equally good, the second predicts the same as the first in half of the clips: the two are exchangeable,
    and as similar as two models of one training protocol.
    """
    groups = "abc"
    count = {name: clips * size for name, clips, size in zip(groups, scenario.clips, scenario.samples, strict=True)}
    clips = dict(zip(groups, scenario.clips, strict=True))
    better = [accuracy + scenario.second_better for accuracy in scenario.accuracy]
    first = draw_predictions(dict(zip(groups, scenario.accuracy, strict=True)), count, clips, CORRELATION, seed)
    second = draw_predictions(dict(zip(groups, better, strict=True)), count, clips, CORRELATION, seed + 1_000_003)
    codes, ids = pd.factorize(first["clip"])
    stream = np.random.default_rng(seed)
    keep = np.ones(len(first), dtype=bool)
    if scenario.uneven:
        size = np.clip(np.round(np.exp(stream.normal(1.5, 1.0, len(ids)))), 1, scenario.samples[0])
        keep = first.groupby("clip").cumcount().to_numpy() < size[codes]
    y_true, y_pred, proba = arrays_of(first)
    right = (second["label"] == second["predicted"]).to_numpy()
    if not scenario.second_better:
        right = np.where((stream.random(len(ids)) < 0.5)[codes], right, y_true == y_pred)
    other = np.where(right, y_true, (y_true + 1) % proba.shape[1])
    return first[keep].reset_index(drop=True), y_true[keep], y_pred[keep], other[keep]


def one_table(scenario: Scenario, seed: int, replicates: int) -> dict[str, float]:
    """Return the outcome of each statistic on one table: 1 or 0 for yes or no, or its value."""
    table, y_true, y_pred, other = tables(scenario, seed)
    accuracy = dict(zip("abc", scenario.accuracy, strict=True))
    pair = ("a", "b") if accuracy["a"] != accuracy["b"] else ("a", "c")
    apart = accuracy[pair[0]] - accuracy[pair[1]]
    drawn = {"sensitive_features": table["race"], "n_resamples": replicates, "random_state": seed}
    found = {}
    # Rows as clusters fail so clearly that every fourth table shows it, at a third of the cost of everything else.
    units = {"clip": "clips"} if seed % 4 else {"clip": "clips", "sample_id": "rows"}
    for unit, name in units.items():
        row = difference_intervals(y_true, y_pred, clusters=table[unit], pairs=[pair], **drawn).iloc[0]
        found[f"covered, {name}"] = row["low"] <= apart <= row["high"]
        found[f"p, {name}"] = row["p"] <= LEVEL
    disparity = disparity_statistics(y_true, y_pred, clusters=table["clip"], **drawn)
    true = over_groups(pd.Series(accuracy))
    for name in ("gap", "std"):
        found[f"p, {name}"] = disparity.loc[f"accuracy_{name}", "p"] <= LEVEL
        found[f"bound, {name}"] = disparity.loc[f"accuracy_{name}", "upper"] >= true[name]
    both = paired_comparison(y_true, y_pred, other, clusters=table["clip"], **drawn)
    found["p, paired"] = both.loc["accuracy", "p"] <= LEVEL
    found["p, paired std"] = both.loc["accuracy_std", "p"] <= LEVEL
    found["covered, paired"] = both.loc["accuracy", "low"] <= scenario.second_better <= both.loc["accuracy", "high"]
    found = {name: 100.0 * value for name, value in found.items()}
    plain = disparity.loc["accuracy_std", "estimate"] ** 2
    variances = {"plain variance": plain, "corrected": disparity.loc["accuracy_std", "variance"]}
    variances["true"] = true["std"] ** 2
    return found | {name: SQUARED_POINTS * value for name, value in variances.items()}


def computed(scenario: Scenario, count: int, replicates: int, jobs: int, folder: Path) -> pd.DataFrame:
    """Return one row per table; those of earlier runs are read from ``folder``."""
    parts = []
    for start in range(0, count, PART):
        path = folder / f"{scenario.name.replace(', ', '-').replace(' ', '-')}-{replicates}-{start}.csv"
        seeds = range(start, min(start + PART, count))
        parts.append(simulated(lambda seed: one_table(scenario, seed, replicates), seeds, jobs, path))
    return pd.concat(parts)


def main() -> None:
    """Print one row per scenario; shares in percent, variances in squared percentage points."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    rows = {}
    for scenario in SCENARIOS:
        found = computed(scenario, asked.tables, asked.replicates, asked.jobs, asked.to)
        rows[scenario.name] = {"tables": len(found)} | found.mean().round(1).to_dict()
    print(tabulate(pd.DataFrame(rows), headers="keys", tablefmt="github"))


if __name__ == "__main__":
    main()
