"""Print a study's accuracy by group as Markdown, with 95 % intervals, beside the published figures.

    python -m benchmarks.transfer_table EXPERIMENT [--attribute race] [--published studies/published/eila.yaml]

EXPERIMENT is the MLflow experiment of a study such as `studies/transfer.yaml`. Accuracies are means over the seeds;
intervals are over the test set's clusters and the seeds. The table of docs/transfer.md is made so.
"""

import argparse
from pathlib import Path

import pandas as pd
import yaml
from tabulate import tabulate

from analysis import interval_table, load_predictions_of, load_runs, predictions_by_experiment

_ALL = "all"


def cell(row: pd.Series) -> str:
    """Return an estimate with its interval as text: ``44.0 (33.1 to 55.0)``."""
    if pd.isna(row["low"]):
        return f"{row['estimate']:.1f}"
    return f"{row['estimate']:.1f} ({row['low']:.1f} to {row['high']:.1f})"


def table(experiment: str, attribute: str, published: Path) -> list[dict[str, str]]:
    """Return one row per cell of an experiment, in its order: its seeds, accuracies by group and std, and published."""
    runs = load_runs(experiment)
    runs = runs[runs["tags.fer.origin"] == "measured"]
    tested = predictions_by_experiment(runs, load_predictions_of(runs["run_id"]))
    intervals = interval_table(tested.values(), attribute)
    known = {row["experiment"]: row for row in yaml.safe_load(published.read_text())["rows"]}
    seeds = runs.groupby("tags.fer.experiment").size()
    deviations = runs.groupby("tags.fer.experiment")[f"metrics.test/{attribute}/accuracy_std"].mean()
    rows = []
    for title, own in intervals[intervals["metric"] == "accuracy"].groupby("experiment", sort=False):
        groups = {str(one["group"]): cell(one) for _, one in own.iterrows()}
        row = {"training set": str(title), "seeds": str(seeds[title]), "accuracy": groups.pop(_ALL), **groups}
        row["std"] = f"{deviations[title]:.1f}"
        if title in known:
            before = known[title]
            row["published"] = f"{100 * before['metrics']['accuracy']:.1f}"
            row |= {f"published {group}": f"{100 * share:.1f}" for group, share in before["groups"].items()}
            row["published std"] = f"{before['accuracy_std']:.1f}"
        rows.append(row)
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("experiment")
    parser.add_argument("--attribute", default="race")
    parser.add_argument("--published", type=Path, default=Path("studies/published/eila.yaml"))
    given = parser.parse_args()
    rows = table(given.experiment, given.attribute, given.published)
    print(tabulate(rows, headers="keys", tablefmt="github", disable_numparse=True))


if __name__ == "__main__":
    main()
