"""Whether the ranking of mitigation methods finds what is true of drawn faces: with a dialect, and without one.

    python -m benchmarks.mitigation_truth --output FOLDER [--dialects 1,0] [--seeds 0,1,2,3,4] [--methods a,b]

Trains the methods of ``studies/mitigation.yaml`` (drawn faces) without a server and prints, for each dialect, the table
of :func:`analysis.mitigation_table`. With dialect 0 both groups are drawn alike: no method can serve the smaller one
better except by its number of faces. With dialect 1 the smaller group shows emotions in a way that one training face in
ten shows. ``true`` is the difference from ``erm`` on 3,000 faces of 500 other persons, a mean over the seeds with its
standard error. ``--output`` keeps predictions, and a run that was stopped continues with them.
"""

import argparse
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd

from analysis import render_table
from analysis.experiments.seeds import predictions_by_experiment
from analysis.tables.mitigation import mitigation_table
from benchmarks.diversity_truth import results, study_with
from fer.fairness.bootstrap import REPLICATES
from fer.tracking import names

STUDY = Path(__file__).parents[1] / "studies" / "mitigation.yaml"
_KEY, _DIFFERENCE = ["method", "metric"], "difference_points"


def table_of(runs: pd.DataFrame, tables: dict[str, pd.DataFrame], replicates: int = REPLICATES) -> pd.DataFrame:
    """Return the table of methods of these runs, by the drawn group."""
    return mitigation_table(runs, predictions_by_experiment(runs, tables), "race", replicates=replicates)


def truth(runs: pd.DataFrame, many: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the differences on many faces: ``true``, the mean over seeds, and ``true_error``, its standard error."""
    parts = [table_of(of_seed, many, replicates=1) for _, of_seed in runs.groupby(names.param("seed"))]
    by = pd.concat(parts).groupby(_KEY, sort=False)[_DIFFERENCE]
    return pd.DataFrame({"true": by.mean(), "true_error": by.sem()}).reset_index()


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dialects", default="1,0", help="1,0")
    parser.add_argument("--seeds", default="0,1,2,3,4", help="0,1,2")
    parser.add_argument("--methods", default="auto", help="erm,group_dro,...; auto: the study's")
    parser.add_argument("--output", type=Path, required=True, help="folder of the predictions")
    given = parser.parse_args()
    changes: dict[str, Any] = {"seeds": given.seeds.split(",")}
    if given.methods != "auto":
        changes["method"] = given.methods
    studies = {dialect: study_with(dialect, changes, STUDY) for dialect in map(float, given.dialects.split(","))}
    for dialect, (runs, test, many) in results(studies, given.output, lambda _: True).items():
        table = table_of(runs, test).merge(truth(runs, many), on=_KEY)
        print(f"dialect {dialect:g}", render_table(table, "markdown"), sep="\n\n", flush=True)


if __name__ == "__main__":
    main()
