"""What version 0.1.0 wrote is still read: its runs give the same point values, its finished cells can be reused."""

import json
import re
import sqlite3
import tarfile
from collections import Counter
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis import load_runs
from entrypoints.report import main as report
from entrypoints.study import main as study
from fer import identity
from fer.data.dataset import load_dataset

_FROZEN = Path(__file__).parents[1] / "frozen"
_ITS_CODE = "32c94bb46649"
# What was installed when the store was made; a cell made with other versions is another cell.
_VERSIONS = {
    "keras": "3.15.1",
    "numpy": "2.4.6",
    "tensorflow": "2.21.0",
    "opencv-python": "4.14.0.94",
    "pillow": "13.0.0",
}
# Columns of another method today: intervals, tests, and the probability of the front (of another test set now).
_INFERENCE = re.compile(r".*(low|high)|p|p Holm|width|corrected|on front")
# Of emotions with fewer than five faces in a group, which the two seeds doubled.
_GONE = {f"{attribute}/standardised_accuracy.csv" for attribute in ("race", "race_x_gender")}
# Of the store's experiments, those with two seeds come first. Figures of the pooled seeds are means over seeds today.
_EXPERIMENTS, _OF_TWO_SEEDS = 5, 3
_POOLED = re.compile(r".*/(calibration|spread|spreads_further)\.csv")
# Tables that have another name today.
_RENAMED: dict[str, str] = {}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """Return a folder with the store of version 0.1.0 in place and its dataset."""
    folder = tmp_path_factory.mktemp("frozen")
    with tarfile.open(_FROZEN / "store.tar.xz") as archive:
        # Python 3.11 has the filter from 3.11.4 on.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
        archive.extractall(folder)
    script = (folder / "store.sql").read_text().replace("@STORE@", str(folder))
    with sqlite3.connect(folder / "mlflow.db") as store:
        store.executescript(script)
    return folder


@pytest.fixture
def frozen(unpacked, monkeypatch) -> str:
    """Make the frozen store this process's tracking server; return its address."""
    address = f"sqlite:///{unpacked / 'mlflow.db'}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    for left_over in ("MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID"):
        monkeypatch.delenv(left_over, raising=False)
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(address)
    yield address
    mlflow.set_tracking_uri(before)


def test_a_resumed_study_takes_over_every_cell_and_gives_the_same_figures(frozen, monkeypatch):
    monkeypatch.setattr(identity, "version", _VERSIONS.__getitem__)
    # As if its networks were trained, and its intervals computed, as they are today.
    monkeypatch.setattr(identity, "REPRODUCED", (_ITS_CODE,))
    monkeypatch.setattr(identity, "REPRODUCED_EVALUATIONS", (_ITS_CODE,))
    cells = set(load_runs("frozen")["run_id"])
    resumed = CliRunner().invoke(study, ["--config", str(_FROZEN / "study.yaml")])
    assert resumed.exit_code == 0, resumed.output
    assert set(load_runs("frozen")["run_id"]) == cells
    parent = load_runs("frozen", stage="study").iloc[0]
    assert (parent["metrics.study/cells"], parent["metrics.study/reused"]) == (8, 8)
    assert _numbers(resumed.stdout) == _numbers((_FROZEN / "printed.txt").read_text())
    _same_tables(parent["run_id"], "")


def test_the_report_on_old_runs_has_the_same_figures(frozen):
    again = CliRunner().invoke(report, ["--experiment", "frozen", "--attribute", "race*gender"])
    assert again.exit_code == 0, again.output
    newest = load_runs("frozen", stage="report").iloc[0]
    _same_tables(newest["run_id"], "race_x_gender/")


def test_an_old_dataset_is_read_whole(unpacked):
    dataset = load_dataset(unpacked / "dataset")
    assert dataset.digest == "3172091879fdcb10440358ce6c853acb98fbe3f95771c3520cf8cf04f9b15249"
    assert dataset.samples["split"].value_counts().to_dict() == {"train": 70, "test": 42, "validation": 35}
    assert dataset.faces(slice(0, 2)).shape == (2, 24, 24, 1)


def _numbers(text: str) -> list[list[float]]:
    """Return the numbers of each printed line that has any, without those in names."""
    lines = [re.sub(r"_digest=\w+|total=\d+|\+ \d+%", "", line) for line in text.splitlines()]
    found = [[float(number) for number in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])", line)] for line in lines]
    return [line for line in found if line]


def _same_tables(run_id: str, below: str) -> None:
    """Assert that a run's tables hold every number of the old ones but those of inference, in shares or in points."""
    then = json.loads((_FROZEN / "tables.json").read_text())
    for name, columns in then.items():
        if name.startswith(below) and name not in _GONE:
            path = mlflow.artifacts.download_artifacts(
                run_id=run_id, artifact_path=f"tables/{_RENAMED.get(name, name)}"
            )
            now = pd.read_csv(path).select_dtypes("number").stack()
            known = Counter(f"{value * scale:.6g}" for value in now for scale in (1, 100, 0.01))
            old = Counter(
                f"{value:.6g}"
                for column, values in columns.items()
                if not _INFERENCE.fullmatch(column)
                for value in _comparable(name, values)
                if value == value and value is not None
            )
            if name.endswith("/spread.csv"):
                # The mean over seeds, as the trade-off always had it.
                means = then[name.replace("spread", "trade_off")]["std"][:_EXPERIMENTS]
                old = Counter(f"{value:.6g}" for value in means) | old
            assert not old - known, (name, old - known)


def _comparable(name: str, values: list[float]) -> list[float]:
    """Return a column without the figures of pooled seeds."""
    if not _POOLED.fullmatch(name):
        return values
    if name.endswith("spreads_further.csv"):  # By summary, then by experiment.
        return [value for at, value in enumerate(values) if at % _EXPERIMENTS >= _OF_TWO_SEEDS]
    return values[len(values) // _EXPERIMENTS * _OF_TWO_SEEDS :]
