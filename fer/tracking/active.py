"""The run that is open in this process."""

import mlflow


def active_run() -> mlflow.ActiveRun:
    """Return the open run; RuntimeError if there is none, which is an error of the code that calls this."""
    run = mlflow.active_run()
    if run is None:
        raise RuntimeError("no run is open; open one by fer.tracking.runs.open_run first.")
    return run
