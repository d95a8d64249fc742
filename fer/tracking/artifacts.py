"""Files of runs and models: read in place if they are on this machine, else downloaded and removed afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
from mlflow.entities import FileInfo
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.store.artifact.local_artifact_repo import LocalArtifactRepository
from mlflow.store.artifact.models_artifact_repo import ModelsArtifactRepository


@contextmanager
def artifact(run_id: str, path: str) -> Iterator[Path]:
    """Yield the local place of a run's artifact; it must not be written to, and may be gone after the block.

    Raises MlflowException or OSError if the run or the artifact does not exist, or cannot be fetched.
    """
    here = artifact_here(run_id, path)
    if here is not None:
        yield here
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path=path, dst_path=scratch))


def files_at(address: str) -> list[FileInfo]:
    """Return the files and folders at the top of an artifact address: a run's ``artifact_uri``, which is known.

    Where only the run's id is known, MLflow asks for the run first, each time.
    """
    return list(get_artifact_repository(address).list_artifacts())


@contextmanager
def file_at(address: str, path: str) -> Iterator[Path]:
    """Yield the local place of a file below an artifact address, as :func:`artifact`; see :func:`files_at`."""
    here = _here(address, path)
    if here is not None:
        yield here
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(get_artifact_repository(address).download_artifacts(path, scratch))


def artifact_here(run_id: str, path: str) -> Path | None:
    """Return the place of a run's artifact in an artifact store that is a folder of this machine, else None.

    Raises MlflowException if the run does not exist, or has no such artifact in a store on this machine.
    """
    return _here(mlflow.get_run(run_id).info.artifact_uri, path)


@contextmanager
def model_files(uri: str) -> Iterator[Path]:
    """Yield the local folder of a logged model, as :func:`artifact`."""
    location = _model_location(uri)
    here = None if location is None else _here(location, "")
    if here is not None:
        yield here
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=scratch))


def run_of_model(uri: str) -> str | None:
    """Return the id of the run that logged a model, None if the server does not know it."""
    if uri.startswith("runs:/"):
        return uri.split("/")[1]
    client = mlflow.MlflowClient()
    name, _, version = uri.removeprefix("models:/").partition("/")
    if version:
        return client.get_model_version(name, version).run_id
    if "@" in name:
        return client.get_model_version_by_alias(*name.split("@", 1)).run_id
    return client.get_logged_model(name).source_run_id


def _model_location(uri: str) -> str | None:
    """Return the address of a logged model's folder; None for a model of an older MLflow, among its run's files."""
    if not uri.startswith("runs:/"):
        return str(ModelsArtifactRepository.get_underlying_uri(uri))
    _, run_id, name = uri.split("/", 2)
    run = mlflow.get_run(run_id)
    for output in run.outputs.model_outputs if run.outputs else ():
        model = mlflow.MlflowClient().get_logged_model(output.model_id)
        if model.name == name:
            return str(model.artifact_location)
    return None


def _here(address: str, path: str) -> Path | None:
    if not address.startswith(("/", "file:")):
        return None
    # Without a folder to copy it to, it says where the artifact lies.
    return Path(LocalArtifactRepository(address).download_artifacts(path))
