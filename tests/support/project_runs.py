"""Run the project's entry points in tests: as a user does, or in this process."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Options of a synthetic dataset that trains in seconds.
SMALL = {"train": 140, "validation": 70, "test": 84, "dialect": 0.8}


def mlflow_run(
    entry_point: str, experiment: str, cwd: Path = ROOT, **parameters: object
) -> subprocess.CompletedProcess:
    """Run an entry point as a user does, `mlflow run . -e ... -P ...`, and return what it printed."""
    command = [sys.executable, "-m", "mlflow", "run", str(ROOT), "--env-manager", "local", "-e", entry_point]
    command += ["--experiment-name", experiment]
    for name, value in parameters.items():
        command += ["-P", f"{name}={value}"]
    # What MLflow leaves in this process's environment is not in a user's shell.
    env = {key: value for key, value in os.environ.items() if key not in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID")}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)
