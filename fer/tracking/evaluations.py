"""Finished evaluations of an experiment, and which of them tested the same faces."""

from typing import NamedTuple

import mlflow
from mlflow.entities import Run

from fer.tracking import names
from fer.tracking.run_search import condition, search_runs

_LATEST = 200


class Comparable(NamedTuple):
    """Two evaluate runs of the same faces by id, the older one first, and an attribute that the newer one reports."""

    first: str
    second: str
    attribute: str


def comparable_runs(experiment_id: str, newest: str | None = None) -> Comparable | None:
    """Return the two newest evaluations of the same faces that report by an attribute; None if there are none.

    ``newest``: the id of the newer one.
    """
    finished = search_runs([experiment_id], condition({names.STAGE: names.EVALUATE_STAGE}, "FINISHED"), _LATEST)
    if newest is not None:
        finished = [mlflow.get_run(newest), *(run for run in finished if run.info.run_id != newest)]
    for place, run in enumerate(finished if newest is None else finished[:1]):
        attribute, faces = next(iter(evaluated_by(run)), ""), _faces(run)
        if attribute and faces:
            for other in finished[place + 1 :]:
                if _faces(other) == faces:
                    return Comparable(other.info.run_id, run.info.run_id, attribute)
    return None


def evaluated_by(run: Run) -> list[str]:
    """Return the attributes by which a run, an evaluation or a cell, was evaluated, as users write them; maybe none."""
    return names.attributes_in(run.data.params)


def _faces(run: Run) -> tuple[str, ...]:
    """Return the digests of the faces that a run tested; empty for a run that does not name them."""
    return tuple(sorted(entry.dataset.digest for entry in (run.inputs.dataset_inputs if run.inputs else ())))
