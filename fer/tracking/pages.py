"""Addresses of pages of MLflow's UI, and the command that starts the UI for a local store."""

from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import mlflow
from mlflow.entities import Run

from fer.redaction import has_secret, redacted
from fer.text.commands import shell_command
from fer.tracking.server import is_remote, server_name

_PORT = 5000
# Without it MLflow opens its view of language models, in which there is nothing to see.
_VIEW = "workflowType=machine_learning"


def experiment_page(experiment_id: str) -> str:
    """Return the address of the list of an experiment's runs."""
    return _page(f"experiments/{experiment_id}")


def run_page(experiment_id: str, run_id: str) -> str:
    """Return the address of a run's page."""
    return _page(f"experiments/{experiment_id}/runs/{run_id}")


def version_page(model: str, version: str) -> str:
    """Return the address of the page of a registered model's version."""
    return _page(f"models/{quote(model, safe='')}/versions/{version}")


def ui_command() -> str | None:
    """Return the command after which the pages of a local store exist; None for a server, whose pages exist already.

    A store's address with a password is not repeated: the command takes it from the environment.
    """
    address = mlflow.get_tracking_uri()
    if is_remote(address):
        return None
    start = ["mlflow", "ui", "--port", str(_PORT), "--backend-store-uri"]
    if has_secret(address):
        return f'{shell_command(*start)} "$MLFLOW_TRACKING_URI"'
    return shell_command(*start, server_name())


def file_place(run: Run, path: str) -> str:
    """Return where a file among a run's artifacts is: its path on this machine, or the command that fetches it."""
    root = run.info.artifact_uri
    if root.startswith("file:"):
        root = unquote(urlsplit(root).path)
    if root.startswith("/"):
        return str(Path(root) / path)
    fetch = ("--run-id", run.info.run_id, "--artifact-path", path, "--dst-path", ".")
    return f"fetch it by `{shell_command('mlflow', 'artifacts', 'download', *fetch)}`"


def _page(place: str) -> str:
    server = redacted(server_name()) if is_remote(mlflow.get_tracking_uri()) else f"http://127.0.0.1:{_PORT}"
    return f"{server}/#/{place}?{_VIEW}"
