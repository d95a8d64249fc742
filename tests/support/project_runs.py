"""Run the project's entry points in tests: as a user does, or in this process."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from click.testing import CliRunner, Result

ROOT = Path(__file__).parents[2]
# Options of a synthetic dataset that trains in seconds.
SMALL = {"train": 140, "validation": 70, "test": 84, "dialect": 0.8}


def mlflow_run(entry_point: str, experiment: str, **parameters: object) -> subprocess.CompletedProcess:
    """Run an entry point as a user does, `mlflow run . -e ... -P ...`, and return what it printed."""
    command = [sys.executable, "-m", "mlflow", "run", str(ROOT), "--env-manager", "local", "-e", entry_point]
    command += ["--experiment-name", experiment]
    for name, value in parameters.items():
        command += ["-P", f"{name}={value}"]
    return _run(command)


def bash(command: str) -> subprocess.CompletedProcess:
    """Run a command line as a user does who pastes it into a shell in the project's folder."""
    return _run(["bash", "-c", command])


def _run(command: list[str]) -> subprocess.CompletedProcess:
    # What MLflow leaves in this process's environment is not in a user's shell.
    env = {key: value for key, value in os.environ.items() if key not in ("MLFLOW_EXPERIMENT_ID", "MLFLOW_RUN_ID")}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300)


def answer(output: str) -> list[str]:
    """Return the lines that an entry point printed, without those that say what begins ("reading the runs ...")."""
    return [line for line in output.strip().splitlines() if not line.endswith(" ...")]


def printed_address(output: str, what: str = "dataset") -> str:
    """Return the address that an entry point printed as ``dataset: <address>``."""
    [address] = [line.split()[-1] for line in answer(output) if line.startswith(f"{what}: ")]
    return address


def invoke(entry_point: str, experiment: str | None = None, /, **parameters: object) -> Result:
    """Run an entry point in this process, its parameters by name; return its exit code and what it printed."""
    words = [word for name, value in parameters.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    environment = {} if experiment is None else {"MLFLOW_EXPERIMENT_NAME": experiment}
    return CliRunner().invoke(import_module(f"entrypoints.{entry_point}").main, words, env=environment)


def succeed(entry_point: str, experiment: str | None = None, /, **parameters: object) -> str:
    """Run an entry point in this process, which must not fail; return what it printed."""
    result = invoke(entry_point, experiment, **parameters)
    assert result.exit_code == 0, result.output
    return result.output
