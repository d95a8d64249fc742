"""Seeds that were added when results of the seeds before them could be read."""

import pandas as pd

from analysis.experiments.runs_by_experiment import measured_runs, tag_of
from fer.tracking import names

_REPORT, _COMPARE = "report", "compare"
_SEED = names.param("seed")


def seeds_added_later(runs: pd.DataFrame, steps: pd.DataFrame) -> list[str]:
    """Return the seeds, in order, that were run after a summary of other seeds of the same experiment was made.

    A summary is a finished run of ``report`` (of all studies, or of the cells' own), of ``compare`` (of one of the
    cells), or a finished study, which ends with a report; what is not on the server is not known. A seed was run after
    a summary if all of its cells in an experiment began later, and, of a study, in another run of it.

    Args:
        runs: the cells, as :func:`analysis.load_runs` returns them.
        steps: all finished runs of the same experiments on the server.

    """
    measured = measured_runs(runs)
    if _SEED not in measured or "start_time" not in steps:
        return []
    stage = tag_of(steps, names.STAGE)
    reports = steps.loc[_of_cells(steps, stage, measured), ["run_id", "start_time"]]
    studies = steps.loc[stage == names.STUDY_STAGE, ["run_id", "start_time"]]
    parent = tag_of(measured, names.PARENT)
    began = dict(zip(studies["run_id"], studies["start_time"], strict=True))
    late: set[str] = set()
    for _, rows in measured.groupby("experiment"):
        first = rows.groupby(_SEED)["start_time"].min().sort_values()
        for seed, start in first.items():
            before = rows[rows[_SEED].isin(first.index[first < start])]
            if before.empty:
                continue
            own = began.get(parent[rows.index[rows[_SEED] == seed][0]], start)
            # A finished study that holds earlier seeds and began before this seed's own study.
            finished = [began[study] for study in parent[before.index] if study in began]
            read = reports["start_time"].between(before["start_time"].min(), start, inclusive="neither")
            if read.any() or any(study < own for study in finished):
                late.add(str(seed))
    return sorted(late, key=lambda seed: (not seed.isdigit(), seed.zfill(20)))


def _of_cells(steps: pd.DataFrame, stage: pd.Series, cells: pd.DataFrame) -> pd.Series:
    """Return which runs are reports that hold these cells, or comparisons of one of them, bool by run."""
    study = _parameter(steps, "study")
    own = study.isin(["", "none", *tag_of(cells, names.STUDY).dropna()])
    known = {*cells["run_id"], *tag_of(cells, names.EVALUATION_RUN).dropna()}
    compared = _parameter(steps, "first").isin(known) | _parameter(steps, "second").isin(known)
    return (stage == _REPORT) & own | (stage == _COMPARE) & compared


def _parameter(steps: pd.DataFrame, name: str) -> pd.Series:
    """Return a parameter by run, "" where it has none; `mlflow run` logs them quoted as its shell got them."""
    column = names.param(name)
    given = steps[column] if column in steps else pd.Series("", index=steps.index)
    return given.fillna("").astype(str).str.strip("'")
