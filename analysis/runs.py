"""Fetch: runs and predictions from the tracking server as frames."""

from collections.abc import Mapping, Sequence

import mlflow
import pandas as pd
from mlflow.entities import Run
from mlflow.exceptions import MlflowException

from fer.errors import InputError
from fer.tracking import names
from fer.tracking.runs import read_table, search_runs
from fer.tracking.server import connect


def load_runs(
    experiment: str | Sequence[str],
    study: str | None = None,
    stage: str | None = names.CELL_STAGE,
    origin: str | None = None,
    tags: Mapping[str, str] | None = None,
    status: str | None = "FINISHED",
) -> pd.DataFrame:
    """Return the runs of an experiment (or several), one row a run, any number of them, newest first.

    Columns: ``run_id``, ``run_name``, ``experiment_name``, ``status``, ``start_time`` (UTC), then
    ``params.<name>`` (str), ``metrics.<name>`` (float, the last value) and ``tags.<name>`` (str) as
    ``mlflow.search_runs`` names them; what a run lacks is null. Of several finished runs of one identity
    (a cell run twice) only the newest is kept.

    Args:
        experiment: name or names on the server that ``MLFLOW_TRACKING_URI`` names.
        study: keep runs of this study only.
        stage: ``cell`` (a study's experiments, measured and published), ``train``, ``evaluate``, ...;
            None for all.
        origin: ``measured`` or ``published``; None for both.
        tags: further tags a run must carry.
        status: ``FINISHED``, ``FAILED``, ...; None for all.

    Raises InputError for an experiment that does not exist and a server that does not answer; no matching
    run gives an empty frame with the columns above.

    """
    connect()
    wanted = {names.STUDY: study, names.STAGE: stage, names.ORIGIN: origin, **(tags or {})}
    quoted = [value for value in wanted.values() if value is not None and "'" in value]
    if quoted:
        raise InputError(f"{quoted[0]!r} holds a quote, which the server cannot search for; name it without.")
    conditions = [f"tags.`{name}` = '{value}'" for name, value in wanted.items() if value is not None]
    if status is not None:
        conditions.append(f"attributes.status = '{status}'")
    experiments = _experiments([experiment] if isinstance(experiment, str) else list(experiment))
    found = search_runs(list(experiments), " and ".join(conditions))
    head = ["run_id", "run_name", "experiment_name", "status", "start_time"]
    table = pd.DataFrame([_row(run, experiments) for run in found])
    if table.empty:
        return pd.DataFrame(columns=head)
    table = table[head + sorted(name for name in table if name not in head)]
    key = f"tags.{names.IDENTITY}"
    if key in table:
        finished = table["status"] == "FINISHED"
        again = finished & table[key].notna() & table.duplicated([key, f"tags.{names.STAGE}", "status"])
        table = table[~again]
    return table.reset_index(drop=True)


def load_predictions(run_id: str) -> pd.DataFrame:
    """Return the predictions table of an evaluate run, or of a cell (that of its evaluate run).

    One row a test face: ``sample_id, label, predicted, p_<emotion>...`` and its group and cluster columns.
    Raises InputError if the run has none.
    """
    connect()
    try:
        tags = mlflow.get_run(run_id).data.tags
        return read_table(tags.get(names.EVALUATION_RUN, run_id), names.PREDICTIONS_ARTIFACT)
    except (MlflowException, OSError) as error:
        raise InputError(
            f"run {run_id} has no predictions ({str(error).splitlines()[0]}); give an evaluate run or a measured cell."
        ) from error


def _experiments(wanted: list[str]) -> dict[str, str]:
    found = {}
    for name in wanted:
        experiment = mlflow.get_experiment_by_name(name)
        if experiment is None:
            known = ", ".join(sorted(known.name for known in mlflow.search_experiments(max_results=20)))
            raise InputError(f"there is no experiment {name!r} on {mlflow.get_tracking_uri()} (it has: {known}).")
        found[experiment.experiment_id] = name
    return found


def _row(run: Run, experiments: Mapping[str, str]) -> dict[str, object]:
    return {
        "run_id": run.info.run_id,
        "run_name": run.info.run_name,
        "experiment_name": experiments[run.info.experiment_id],
        "status": run.info.status,
        "start_time": pd.Timestamp(run.info.start_time, unit="ms", tz="UTC"),
        **{f"params.{name}": value for name, value in run.data.params.items()},
        **{f"metrics.{name}": value for name, value in run.data.metrics.items()},
        **{f"tags.{name}": value for name, value in run.data.tags.items()},
    }
