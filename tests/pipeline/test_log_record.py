"""A record on a real server: everything is written in few calls, and a failed upload fails the run."""

import json
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from matplotlib.figure import Figure

from fer.data.attributes import Attribute
from fer.data.dataset import load_dataset
from fer.errors import FerWarning
from fer.evaluation.metric_names import metric_name
from fer.record import DatasetInput, Record
from fer.steps.datasets import integrate_step
from fer.storage.file_names import file_part, short_name
from fer.tracking import names
from fer.tracking.reading import artifact_paths, read_table
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

EXPERIMENT = "records"


@pytest.fixture
def record(tiny_faces):
    figure = Figure(figsize=(2, 1))
    return Record(
        metrics={"test/accuracy": 0.5},
        history={"test/robustness/blur": {0: 0.5, 5: 0.1}},
        parameters={"given": "other", "resolved/epochs": 3},
        tags={"fer.dataset": "tiny"},
        tables={"groups/race.csv": pd.DataFrame({"group": ["a"]}), "predictions.parquet": pd.DataFrame({"label": [1]})},
        figures={"groups/race.png": figure},
        images={"groups_race": figure},
        texts={"texts/note.txt": "a note"},
        warnings=["few faces.", "few clips."],
        description="# Tiny",
        inputs=[DatasetInput(tiny_faces, "runs:/1", "test")],
    )


def test_everything_arrives(tracking, record, tmp_path, tiny_faces):
    opened = open_run("evaluate", "all of it", {"given": "before"}, experiment=EXPERIMENT)
    with opened as run, pytest.warns(FerWarning, match="few") as heard:
        log_record(record, tmp_path / "kept")
    assert [str(warning.message) for warning in heard] == ["few faces.", "few clips."]
    done = mlflow.get_run(run.info.run_id)
    assert done.data.metrics == {"test/accuracy": 0.5, "test/robustness/blur": 0.1}
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "test/robustness/blur")
    assert [(point.step, point.value) for point in history] == [(0, 0.5), (5, 0.1)]
    assert done.data.params == {"given": "before", "resolved/epochs": "3"}
    assert done.data.tags["fer.dataset"] == "tiny" and done.data.tags[names.NOTE] == "# Tiny"
    assert done.data.tags[names.WARNING] == "few faces.\nfew clips."
    files = set(artifact_paths(run.info.run_id))
    images = {path for path in files if path.startswith("images/groups_race+step+0+")}
    assert {path.rsplit(".")[-1] for path in images} == {"png", "webp"}
    assert done.data.tags["mlflow.loggedImages"] == "True"
    assert files - images == {
        "groups/race.csv", "predictions.parquet", "groups/race.png", "texts/note.txt", "warnings.csv"
    }  # fmt: skip
    assert read_table(run.info.run_id, "warnings.csv")["warning"].tolist() == ["few faces.", "few clips."]
    [entry] = done.inputs.dataset_inputs
    assert json.loads(entry.dataset.source) == {"address": "runs:/1"}
    assert tiny_faces.digest.startswith(entry.dataset.digest)
    assert entry.tags[0].value == "test"
    assert (tmp_path / "kept" / "metrics.json").is_file()


def test_names_of_any_kind_arrive(tracking):
    columns = ["ethnicity (self-reported)", "race/ethnicity", "人種", "..", "a" * 300, "/" * 100]
    groups = ["Asian/Pacific", "Asian_Pacific", "60+", "60_plus", "日本", "..", " white", "", "b" * 300]
    by = [Attribute((column,)) for column in columns]
    metrics = {
        metric_name("validation", "calibration_error_equal_size", attribute, group): place + len(groups) * number
        for number, attribute in enumerate(by)
        for place, group in enumerate(groups)
    }
    counted = pd.DataFrame({"group": ["01", "nan", "None", "1"], "accuracy": [0.5, None, 1.0, 0.0]})
    record = Record(
        metrics=metrics,
        tags={f"{names.WORST_GROUP}.{attribute.slug}": groups[0] for attribute in by},
        tables={f"groups/{file_part(attribute.slug)}.csv": counted for attribute in by},
        images={f"groups_{attribute.slug}": Figure(figsize=(1, 1)) for attribute in by},
    )
    with open_run("evaluate", "names", experiment=EXPERIMENT) as run:
        log_record(record)
    done = mlflow.get_run(run.info.run_id).data
    assert len(metrics) == len(columns) * len(groups) and done.metrics == metrics
    assert all(done.tags[f"{names.WORST_GROUP}.{attribute.slug}"] == groups[0] for attribute in by)
    files = artifact_paths(run.info.run_id)
    assert len([path for path in files if path.startswith("images/") and path.endswith(".png")]) == len(by)
    for attribute in by:
        read = read_table(run.info.run_id, f"groups/{short_name(file_part(attribute.slug) + '.csv')}")
        assert read["group"].tolist() == ["01", "nan", "None", "1"]
        assert read["accuracy"].isna().tolist() == [False, True, False, False]


def test_thousands_of_values_take_few_calls(tracking, monkeypatch):
    calls = []
    log_batch = mlflow.MlflowClient.log_batch

    def counted(client, run_id, *arguments, **entries):
        calls.append({kind: len(values) for kind, values in entries.items()})
        return log_batch(client, run_id, *arguments, **entries)

    many = Record(
        metrics={f"metric/{number}": number for number in range(1700)},
        parameters={f"parameter/{number}": number for number in range(130)},
        tags={f"tag/{number}": number for number in range(230)},
        description="many",
    )
    with open_run("evaluate", "many", experiment=EXPERIMENT) as run, monkeypatch.context() as patch:
        patch.setattr(mlflow.MlflowClient, "log_batch", counted)
        log_record(many)
    assert len(calls) == 3 and all(sum(call.values()) <= 1000 for call in calls)
    done = mlflow.get_run(run.info.run_id).data
    assert done.metrics == many.metrics
    assert len(done.params) == 130 and done.tags["tag/229"] == "229" and done.tags[names.NOTE] == "many"


def test_an_empty_record_asks_for_nothing(tracking, monkeypatch):
    with open_run("evaluate", "nothing", experiment=EXPERIMENT), monkeypatch.context() as patch:
        for place, call in ((mlflow.MlflowClient, "log_batch"), (mlflow, "log_artifacts"), (mlflow, "log_image")):
            patch.setattr(place, call, lambda *given, **named: pytest.fail("the server was asked"))
        log_record(Record())


def test_an_image_that_is_not_taken_fails_the_run(tmp_path, monkeypatch, refused):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    with refused("artifacts of run", "could not be logged"), open_run("evaluate", "full", experiment="full") as run:
        folder = Path(run.info.artifact_uri.removeprefix("file://"))
        folder.mkdir(parents=True)
        (folder / "images").write_text("Where the folder of images would be stands a file.")
        log_record(Record(images={"groups_race": Figure()}))
    assert mlflow.get_run(run.info.run_id).info.status == "FAILED"


def test_a_step_writes_its_record_to_a_folder_too(tracking, pack, tmp_path, refused):
    one, two = (pack(name, seed=seed) for seed, name in enumerate(("one", "two")))
    asked = [str(tmp_path / "one"), str(tmp_path / "two"), "0.5", 0, "add", tmp_path / "mixed", tmp_path / "record"]
    with open_run("integrate", "kept", experiment=EXPERIMENT) as run, pytest.warns(FerWarning, match="split"):
        integrate_step(*asked)
    kept = tmp_path / "record"
    assert json.loads((kept / "metrics.json").read_text()) == mlflow.get_run(run.info.run_id).data.metrics
    inputs = json.loads((kept / "inputs.json").read_text())
    assert [(read["context"], read["digest"]) for read in inputs] == [("base", one.digest), ("addition", two.digest)]
    assert load_dataset(tmp_path / "mixed").digest == json.loads((kept / "tags.json").read_text())[names.DIGEST]
    with refused(str(kept), "already exists"), open_run("integrate", "again", experiment=EXPERIMENT):
        integrate_step(*asked[:5], None, kept)
