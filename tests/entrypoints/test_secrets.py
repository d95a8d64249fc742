"""No entry point prints, logs or stores the credentials of an address, whatever parameter or variable they come in."""

import importlib
import shutil
from pathlib import Path

import mlflow
import pytest
import yaml
from click.testing import CliRunner

from fer.tracking.runs import open_run

MARK = "Zq7MARKED"
ADDRESS = f"https://ann:{MARK}@nowhere.invalid/x?api_key={MARK}"
DATABASE = f"postgresql://ann:{MARK}@nowhere.invalid/db"
CALLS = {
    "preprocess": ["--source", "fer2013", "--raw", ADDRESS],
    "preprocess detector": ["--detector", "yunet", "--detector-options", f"{{weights: '{ADDRESS}'}}"],
    "preprocess option": ["--limit", ADDRESS],
    "preprocess name": ["--name", ADDRESS, "--options", "{train: 14, validation: 7, test: 7}"],
    "integrate": ["--base", ADDRESS, "--addition", DATABASE, "--fraction", "1"],
    "balance": ["--dataset", ADDRESS],
    "train": ["--dataset", ADDRESS, "--backbone", "cnn"],
    "train weights": ["--dataset", ADDRESS, "--weights", DATABASE],
    "ensemble": ["--members", f"{ADDRESS},{DATABASE}", "--dataset", ADDRESS],
    "evaluate": ["--model", ADDRESS, "--dataset", DATABASE],
    "tune": ["--dataset", ADDRESS, "--storage", DATABASE],
    "tune variable": ["--dataset", ADDRESS],
    "study": ["--config", DATABASE],
    "study data": ["--data", DATABASE, "--config", "{}"],
    "report": ["--experiment", ADDRESS, "--published", DATABASE],
    "compare": ["--first", ADDRESS, "--second", DATABASE],
    "card": ["--model", ADDRESS],
    "sync": ["--store", DATABASE],
}
STUDY = {
    "name": ADDRESS,
    "about": ADDRESS,
    "datasets": {"one": {"source": "fer2013", "title": "one", "raw": ADDRESS}},
    "mixtures": [{"base": "one"}],
    "training": {"backbone": "cnn"},
    "test": {"dataset": "one", "attributes": []},
    "seeds": [0],
}


@pytest.fixture
def store(monkeypatch, tmp_path, empty_store):
    """A folder with all that a run could leave: an SQLite store, artifacts, the cache, the working folder."""
    before = mlflow.get_tracking_uri()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FER_OPTUNA_STORAGE", DATABASE)
    for name in ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, MARK)
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr("warnings.formatwarning", None)
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
    yield tmp_path
    mlflow.set_tracking_uri(before)


def call(name: str, arguments: list[str], folder: Path):
    command = importlib.import_module(f"entrypoints.{name.split()[0]}").main
    return CliRunner().invoke(command, [part.replace("{}", str(folder / "study.yaml")) for part in arguments])


def leaks(folder: Path) -> list[str]:
    written = (path for path in folder.rglob("*") if path.is_file() and path.name != "study.yaml")
    return [str(path) for path in written if MARK.encode() in path.read_bytes()] + [
        str(path) for path in folder.rglob("*") if MARK in path.name
    ]


@pytest.mark.parametrize("name", CALLS)
def test_nothing_that_is_left_or_printed_has_a_secret(store, name):
    result = call(name, CALLS[name], store)
    assert MARK not in result.output and leaks(store) == []
    assert isinstance(result.exception, SystemExit | type(None)), result.exception


@pytest.mark.parametrize("name", ["preprocess", "train", "evaluate", "report", "compare", "card"])
def test_a_tracking_address_is_printed_without_its_password(store, name):
    mlflow.set_tracking_uri(f"http://ann:{MARK}@127.0.0.1:9")
    result = call(name, CALLS[name], store)
    assert result.exit_code == 2 and MARK not in result.output and leaks(store) == []


def test_a_defects_reason_and_a_storage_are_kept_without_secrets(store):
    with pytest.raises(RuntimeError), open_run("note", f"of {ADDRESS}", {"address": DATABASE}, {"note": ADDRESS}):
        raise RuntimeError(f"cannot reach {DATABASE}")
    run = mlflow.search_runs(search_all_experiments=True).iloc[0]
    assert run["tags.fer.failure"] == "RuntimeError: cannot reach postgresql://ann:***@nowhere.invalid/db"
    assert leaks(store) == []


def test_a_password_in_the_storage_is_refused_with_the_other_way(store):
    result = call("tune", CALLS["tune"], store)
    assert result.exit_code == 2 and "FER_OPTUNA_STORAGE" in result.output
