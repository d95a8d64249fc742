"""Why a search for runs found none, and what to do about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fer.sentinels import AUTO, NONE
from fer.text.commands import run_command, unquoted
from fer.tracking import names
from fer.tracking.run_search import find_experiments, search_runs

if TYPE_CHECKING:
    from mlflow.entities import Run

_LATEST = 1000
_MOST_LISTED = 10
_REPORT = "report"
_DEMO = "studies/demo.yaml"


def why_empty(experiments: Sequence[str], tags: Mapping[str, str], status: str | None) -> str:
    """Return one sentence on why experiments hold no run with these tags and status, with a remedy that can be pasted.

    ``tags`` and ``status`` are those that :func:`analysis.load_runs` searched for.
    """
    ids = [experiment.experiment_id for experiment in find_experiments(experiments)]
    # Not the report that is being made, nor earlier ones.
    runs = [run for run in search_runs(ids, limit=_LATEST) if run.data.tags.get(names.STAGE) != _REPORT]
    where = f"experiment {', '.join(map(repr, experiments))}"
    if not runs:
        return f"{where} holds no runs at all; run a study in it, such as {_study(experiments[0], _DEMO)}."
    study, stage = tags.get(names.STUDY), tags.get(names.STAGE)
    studies = sorted({run.data.tags[names.STUDY] for run in runs if names.STUDY in run.data.tags})
    if study is not None and study not in studies:
        if not studies:
            return f"{where} has no study {study!r} (no study was run in it); leave study out, or run one in it."
        return f"{where} has no study {study!r} (its studies are {_listed(studies)}); give study one of these names."
    if stage != names.CELL_STAGE:
        return f"{where} has no such run; it has {_counted(runs)}: ask for one of these by stage= and status=."
    cells = [run for run in runs if run.data.tags.get(names.STAGE) == stage and names.STUDY in run.data.tags]
    if study is not None:
        cells = [run for run in cells if run.data.tags[names.STUDY] == study]
    if cells and status is not None and all(run.info.status != status for run in cells):
        again = _again(runs, cells[0], experiments[0])
        return f"{where} has no cell that is {status} (it has {_counted(cells)}); {again}."
    if cells:
        return f"{where} has no such cell among its {len(cells)}; ask for other tags."
    return (
        f"{where} has no finished experiments, which are the cells of a study and single evaluations (it has "
        f"{_counted(runs)}); evaluate a model or a table of predictions in it, or run a study, such as "
        f"{_study(experiments[0], _DEMO)}."
    )


def _again(runs: "Sequence[Run]", cell: "Run", experiment: str) -> str:
    """Return how to run a cell's study again: its run has the parameters."""
    study = cell.data.tags[names.STUDY]
    for run in runs:
        if (run.data.tags.get(names.STAGE), run.data.tags.get(names.STUDY)) == (names.STUDY_STAGE, study):
            given = {name: unquoted(value) for name, value in run.data.params.items()}
            chosen = {name: value for name, value in given.items() if value not in (AUTO, NONE)}
            if "config" in chosen:
                return f"what failed is in their runs' descriptions, and {_study(experiment, **chosen)} runs them again"
    return f"run study {study} again"


def _study(experiment: str, config: str, **parameters: str) -> str:
    return f"`{run_command('study', experiment, config=config, **parameters)}`"


def _counted(runs: "Sequence[Run]") -> str:
    """Return "2 evaluate, 1 train (FAILED)"."""
    kinds = Counter((run.data.tags.get(names.STAGE, "other"), run.info.status) for run in runs)
    return _listed(
        [
            f"{count} {stage}" + ("" if status == "FINISHED" else f" ({status})")
            for (stage, status), count in kinds.most_common()
        ]
    )


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _MOST_LISTED
    return ", ".join([*words[:_MOST_LISTED], *([f"{more} more"] if more > 0 else [])])
