"""What is finished is taken over and not done again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fer.identity import code_versions
from fer.tracking.runs import finished_run

if TYPE_CHECKING:
    from mlflow.entities import Run


def reusable_run(
    identify: Callable[[str], str], stage: str, versions: Callable[[], tuple[str, ...]] = code_versions
) -> "Run | None":
    """Return the newest FINISHED run of a stage that has the wanted result, in the open run's experiment, or None.

    ``identify`` gives the result's identity under a version of the code. A run of this version is preferred, then one
    of the latest version whose results this one reproduces: ``versions``, see :mod:`fer.identity`.
    """
    for code in versions():
        done = finished_run(identify(code), stage)
        if done is not None:
            return done
    return None
