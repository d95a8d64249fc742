"""Do the statistics keep their word? Simulated prediction tables with a known truth, no training.

    python benchmarks/statistics_truth.py [--tables 2000] [--replicates 1000] [--jobs 2]

Each scenario draws tables whose groups have stated accuracies and an intra-clip correlation of 0.3, and counts: how
often the 95 % interval of a signed difference of two groups covers the truth, with clips as clusters and, wrongly,
with every row its own; how often each test finds, at 5 %, a difference that is not there or one of 15 points; how
often the 95 % upper bound of the gap holds; and the mean of the plain and of the noise-corrected std.
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from tabulate import tabulate

from fer.evaluation import arrays_of
from fer.fairness import difference_intervals, paired_comparison, spread_statistics
from fer.synthetic import draw_predictions

LEVEL = 0.05


@dataclass(frozen=True)
class Scenario:
    """Groups a, b and c with an accuracy, a number of clips and of samples a clip each."""

    name: str
    accuracy: tuple[float, ...] = (0.4, 0.4, 0.4)
    clips: tuple[int, ...] = (40, 40, 40)
    samples: tuple[int, ...] = (10, 10, 10)
    uneven: bool = False
    second_better: float = 0.0


SCENARIOS = (
    Scenario("40 clips a group"),
    Scenario("7 clips a group", clips=(7, 7, 7)),
    Scenario("40, 20, 7 clips", clips=(40, 20, 7)),
    Scenario("40, 20, 7 clips of 4, 10, 30", clips=(40, 20, 7), samples=(4, 10, 30)),
    Scenario("40 clips, uneven", samples=(20, 20, 20), uneven=True),
    Scenario("7 clips, uneven", clips=(7, 7, 7), samples=(20, 20, 20), uneven=True),
    Scenario("40 clips, 15 points", accuracy=(0.35, 0.5, 0.425), second_better=0.15),
    Scenario("7 clips, 15 points", accuracy=(0.35, 0.5, 0.425), clips=(7, 7, 7), second_better=0.15),
)


def tables(scenario: Scenario, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return a table, its labels, the predictions and probabilities of a first model, predictions of a second.

    The second model agrees with the first on half of the samples where both are equally good.
    """
    groups = "abc"[: len(scenario.accuracy)]
    count = {name: clips * size for name, clips, size in zip(groups, scenario.clips, scenario.samples, strict=True)}
    clips = dict(zip(groups, scenario.clips, strict=True))
    better = [accuracy + scenario.second_better for accuracy in scenario.accuracy]
    first = draw_predictions(dict(zip(groups, scenario.accuracy, strict=True)), count, clips, 0.3, seed)
    second = draw_predictions(dict(zip(groups, better, strict=True)), count, clips, 0.3, seed + 1_000_003)
    stream = np.random.default_rng(seed)
    keep = np.ones(len(first), dtype=bool)
    if scenario.uneven:
        codes, ids = pd.factorize(first["clip"])
        size = np.clip(np.exp(stream.normal(1.5, 1.0, len(ids))), 1, scenario.samples[0])
        keep = first.groupby("clip").cumcount().to_numpy() < np.round(size)[codes]
    y_true, y_pred, proba = arrays_of(first)
    right = (second["label"] == second["predicted"]).to_numpy()
    if not scenario.second_better:
        right = np.where(stream.random(len(right)) < 0.5, right, y_true == y_pred)
    other = np.where(right, y_true, (y_true + 1) % proba.shape[1])
    return first[keep].reset_index(drop=True), y_true[keep], y_pred[keep], proba[keep], other[keep]


def one_table(scenario: Scenario, seed: int, replicates: int) -> dict[str, float]:
    """Return what each statistic says of one table: 1 or 0 for yes or no, or its value."""
    table, y_true, y_pred, proba, other = tables(scenario, seed)
    groups = sorted(table["race"].unique())
    pair = [(groups[0], groups[-1] if scenario.accuracy[0] == scenario.accuracy[-1] else groups[1])]
    truth = dict(zip("abc", scenario.accuracy, strict=False))
    apart = truth[pair[0][0]] - truth[pair[0][1]]
    found = {}
    for unit in ("clip", "sample_id"):
        row = difference_intervals(
            y_true, y_pred, proba, table["race"], table[unit], pairs=pair, replicates=replicates, seed=seed
        ).iloc[0]
        found[f"covered, {unit}"] = row["low"] <= apart <= row["high"]
        found[f"difference, {unit}"] = row["p"] <= LEVEL
    spread = spread_statistics(y_true, y_pred, proba, table["race"], table["clip"], replicates=replicates, seed=seed)
    for name in ("accuracy_std", "accuracy_gap"):
        found[name] = spread.loc[name, "p"] <= LEVEL
    true_gap = max(scenario.accuracy) - min(scenario.accuracy)
    found["bound"] = spread.loc["accuracy_gap", "upper"] >= true_gap
    found["plain std"] = spread.loc["accuracy_std", "estimate"]
    found["corrected variance"] = spread.loc["accuracy_std", "bias_corrected"]
    both = paired_comparison(
        y_true, (y_pred, proba), (other, proba), table["race"], table["clip"], replicates=replicates, seed=seed
    )
    row = both.loc["accuracy"]
    found["paired"] = row["p"] <= LEVEL
    found["paired std"] = both.loc["accuracy_std", "p"] <= LEVEL
    found["paired covered"] = row["low"] <= scenario.second_better <= row["high"]
    return {name: float(value) for name, value in found.items()}


def main() -> None:
    """Print one row a scenario; shares in percent."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    rows = []
    for scenario in SCENARIOS:
        start = time.perf_counter()
        found = Parallel(n_jobs=asked.jobs, batch_size=25)(
            delayed(one_table)(scenario, seed, asked.replicates) for seed in range(asked.tables)
        )
        row = pd.DataFrame(found).mean()
        shares = ~row.index.str.contains("std$|variance") | row.index.isin(["accuracy_std", "paired std"])
        rows.append({"scenario": scenario.name} | row.where(~shares, row * 100).round(1).to_dict())
        print(f"{scenario.name}: {time.perf_counter() - start:.0f} s", flush=True)
    print(tabulate(rows, headers="keys", tablefmt="github"))


if __name__ == "__main__":
    main()
