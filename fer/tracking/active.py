"""The open run of this process."""

import mlflow


def active_run() -> mlflow.ActiveRun:
    """Return the open run.

    Raises RuntimeError if no run is open, which is a defect in the calling code.
    """
    run = mlflow.active_run()
    if run is None:
        raise RuntimeError("no run is open; open one by fer.tracking.runs.open_run first.")
    return run
