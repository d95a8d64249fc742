"""Find finished runs whose results can be reused."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fer.identity import code_versions
from fer.tracking.runs import finished_run

if TYPE_CHECKING:
    from mlflow.entities import Run


def reusable_run(
    identify: Callable[[str], str],
    stage: str,
    versions: Callable[[], tuple[str, ...]] = code_versions,
    experiment_id: str | None = None,
) -> "Run | None":
    """Return the newest FINISHED run of a stage that has the wanted result, or None.

    It is looked for in the experiment of this id; without one, in that of the open run.

    ``identify`` maps a code version to the result's identity. A run of the current version is preferred, then one of
    the newest version whose results the current one reproduces; ``versions`` returns them in this order, see
    :mod:`fer.identity`.
    """
    for code in versions():
        done = finished_run(identify(code), stage, experiment_id)
        if done is not None:
            return done
    return None
