"""Commands to copy into a shell: all that are printed, or put into a message or a description, are made here."""

import shlex
from pathlib import Path

from fer.redaction import redacted

PROJECT = Path(__file__).parents[2]


def run_command(entry_point: str, experiment: str | None = None, /, **parameters: object) -> str:
    """Return the command that runs an entry point with these parameters, quoted for bash and zsh.

    It is ``mlflow run . --env-manager local ...`` in the project's folder, and ``fair-fer ...`` elsewhere, where
    relative paths in the parameters would not be found by `mlflow run`. ``experiment`` is where the run goes. The
    credentials of addresses are left out.

    Example:
        >>> print(run_command("report", "mine", experiment="mine", attribute="race*gender"))
        mlflow run . --env-manager local --experiment-name mine -e report -P experiment=mine -P 'attribute=race*gender'

    """
    if not ((PROJECT / "MLproject").is_file() and PROJECT.samefile(".")):
        words = [word for name, value in parameters.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        where = "" if experiment is None else f"MLFLOW_EXPERIMENT_NAME={shlex.quote(experiment)} "
        return where + shell_command("fair-fer", entry_point, *words)
    words = [word for name, value in parameters.items() for word in ("-P", f"{name}={value}")]
    goes = [] if experiment is None else ["--experiment-name", experiment]
    return shell_command("mlflow", "run", ".", "--env-manager", "local", *goes, "-e", entry_point, *words)


def serve_command(model: str, port: int = 5001) -> str:
    """Return the command that serves a logged model over HTTP from this environment, on this machine alone."""
    return shell_command("mlflow", "models", "serve", "-m", model, "--env-manager", "local", "--port", str(port))


def shell_command(*words: str) -> str:
    """Return words as one command, each quoted if the shell would read it differently; without credentials."""
    return shlex.join(redacted(word) for word in words)


def unquoted(value: str) -> str:
    """Return a parameter as it was given: `mlflow run` logs one with a meaning for the shell in that shell's quotes.

    Example:
        >>> unquoted("'race*gender'"), unquoted("skin tone")
        ('race*gender', 'skin tone')

    """
    if not (len(value) > 1 and value[0] == value[-1] == "'"):
        return value
    try:
        return "".join(shlex.split(value))
    except ValueError:  # Quotes of its own.
        return value
