"""The report and the comparison of two runs, from a real server: what can be shown is shown, what cannot is named."""

from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis import load_runs
from entrypoints.compare import main as compare
from entrypoints.report import main as report
from fer.data.dataset import write_packed
from fer.data.emotions import EMOTIONS
from fer.record import Record
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names
from fer.tracking.dataset_logging import log_dataset
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

QUICK = ("--replicates", "100")


def faces(corrected=0, accuracy=None, samples=60, clips=None):
    """Return predictions, by default of 120 faces, black in one clip; that many of the wrong ones are put right."""
    groups = accuracy or {"white": 0.7, "black": 0.4}
    table = draw_predictions(groups, samples, clips or {"white": 12, "black": 1})
    wrong = table.index[table["predicted"] != table["label"]][:corrected]
    table.loc[wrong, "predicted"] = table.loc[wrong, "label"]
    table["sample_id"] = "faces/" + table["sample_id"]  # As a packed dataset of this name calls them.
    return table.assign(gender=np.where(np.arange(len(table)) % 2, "female", "male"))


@pytest.fixture
def cells(tracking, request, tmp_path, rng_faces):
    """Log a study's runs by hand: a dataset, and cells with given predictions; return its name and the cells' ids."""
    name = request.node.name.replace("[", "_").replace("]", "")

    def log(tables):
        ids = []
        with open_run("study", name, {}, {names.STUDY: name}, name):
            with open_run("preprocess", "faces", {"size": 48, "channels": 1}, {names.STUDY: name}):
                first = next(iter(tables.values()))
                folder = rng_faces(tmp_path / f"{name}-{len(ids)}", first)
                counts = pd.DataFrame({"split": ["test"], "total": [len(first)], **dict.fromkeys(EMOTIONS, 1)})
                log_record(Record(tags={names.DATASET: "faces"}, tables={names.SPLIT_COUNTS_ARTIFACT: counts}))
                address = log_dataset(folder)
            for position, (title, table) in enumerate(tables.items()):
                share = "0" if position == 0 else str(position / 2)
                given = {"base": "one", "addition": "two", "fraction": share, "arm": "add", "seed": 0, "test": "faces",
                         "attributes": "race"}  # fmt: skip
                tags = {names.STUDY: name, names.EXPERIMENT: title, names.POSITION: position}
                with open_run("cell", title, given, tags) as cell:
                    with open_run("evaluate", title, {"dataset": address, "attributes": "race"}, tags) as evaluated:
                        if table is not None:
                            log_record(Record(tables={names.PREDICTIONS_ARTIFACT: table}))
                    tags = {names.EVALUATION_RUN: evaluated.info.run_id}
                    log_record(Record(metrics={"test/accuracy": 0.5}, tags=tags))
                    ids.append(cell.info.run_id)
        return name, ids

    return log


@pytest.fixture
def rng_faces():
    def make(folder, table):
        samples = table[["sample_id", "label", "race", "gender", "person", "clip"]].assign(split="test")
        samples["sample_id"] = samples["sample_id"].str.removeprefix("faces/")
        pixels = np.random.default_rng(0).integers(0, 256, (len(samples), 8, 8), dtype=np.uint8)
        write_packed(folder, "faces", samples, pixels, (8, 8), {"made_by": "test"})
        return folder

    return make


def invoke(command, *arguments):
    return CliRunner().invoke(command, [*arguments, *QUICK])


def artifact(experiment, stage, path):
    run = load_runs(experiment, stage=stage).iloc[0]["run_id"]
    return mlflow.artifacts.download_artifacts(run_id=run, artifact_path=path)


def test_a_report_of_runs_of_which_one_lacks_predictions_comes_and_names_it(cells):
    other = faces(10).iloc[20:]
    name, _ = cells({"one only": faces(), "one + 50% two": None, "one + 100% two": faces(10), "one + 150% two": other})
    result = invoke(report, "--experiment", name, "--attribute", "race")
    assert result.exit_code == 0, result.output
    page = Path(artifact(name, "report", "report/report.html")).read_text()
    assert "What could not be shown" in page and "one + 50% two: run " in page and "has no predictions" in page
    assert "one + 150% two: it predicts other samples of faces than the other runs (100 of 100 shared)" in page
    assert "The race group black (60 faces, " in page and "is a single cluster" in page
    table = pd.read_csv(artifact(name, "report", "tables/race/accuracy_by_group.csv")).set_index("experiment")
    assert (
        table.loc[["one only", "one + 100% two"], ["accuracy_percent/black", "accuracy_percent/white"]]
        .notna()
        .all()
        .all()
    )
    assert table.loc[["one only"], "accuracy_percent_low/white"].notna().all()
    assert table["accuracy_percent_low/black"].isna().all()
    for path in ("report/report.md", "report/report.tex", "report/figures/trade_off.png", "tables/race/pairwise.csv"):
        assert artifact(name, "report", path)
    # How it was made: every run, with a link to its page on the server, and what they were made with.
    cell = load_runs(name).iloc[0]
    made = page.partition(">How this was made</h2>")[2]
    server = mlflow.get_tracking_uri()
    assert f'<a href="{server}/#/experiments/' in made
    assert all(f"/runs/{run}?" in made for run in load_runs(name)["run_id"])
    assert all(cell[f"tags.fer.version.{package}"] in made for package in ("python", "keras", "code"))


def test_an_attribute_that_was_not_evaluated_is_taken_from_the_predictions(cells):
    attribute = "race*gender"
    name, _ = cells({"one only": faces(), "one + 50% two": faces(10)})
    result = invoke(report, "--experiment", name, "--attribute", attribute)
    assert result.exit_code == 0, result.output
    assert "white_female" in result.output and f"Accuracy by {attribute}" in result.output


def test_bad_input_is_one_sentence(cells, tracking):
    name, ids = cells({"one only": faces(), "other": faces(10), "none": None})
    for command, arguments, words in (
        (report, ("--experiment", "nowhere"), ("no experiment 'nowhere'",)),
        (report, ("--experiment", name, "--attribute", "age"), ("'age'",)),
        (report, ("--experiment", name, "--baseline", "nobody"), ("'nobody'", "'one only'")),
        (report, ("--experiment", name, "--cluster", "household"), ("'household'",)),
        (compare, ("--first", ids[0], "--second", ids[2]), ("has no predictions",)),
        (compare, ("--first", ids[0], "--second", "0" * 32), ("0" * 32,)),
        (compare, ("--first", ids[0], "--second", ids[1], "--attribute", "age"), ("'age'",)),
        (compare, ("--first", ids[0], "--second", ids[1], "--samples", "some"), ("'some'", "shared")),
    ):
        result = invoke(command, *arguments)
        assert result.exit_code == 2, (arguments, result.output)
        sentence = result.output.strip().splitlines()[-1]
        assert sentence.startswith("error: ") and sentence.endswith("."), sentence
        assert all(word in sentence for word in words), sentence


def test_two_runs_are_compared_face_by_face(cells):
    first = faces()
    better = first.assign(predicted=first["label"].where(first["race"] == "white", first["predicted"]))
    name, ids = cells({"one only": first, "one + 50% two": better})
    result = invoke(compare, "--first", ids[0], "--second", ids[1])
    assert result.exit_code == 0, result.output
    gained = int((first["predicted"] != first["label"])[first["race"] == "white"].sum())
    table = pd.read_csv(artifact(name, "compare", "tables/before_after.csv")).set_index("group")
    assert pd.read_csv(artifact(name, "compare", "tables/runs.csv"))["run_id"].tolist() == ids
    assert table.loc["white", ["gained", "lost"]].tolist() == [gained, 0] and table.loc["black", "net_points"] == 0
    assert "one + 50% two, seed 0 against one only, seed 0" in result.output and "accuracy/white" in result.output
    assert "gallery" in " ".join(str(path) for path in listed(name))


def test_different_faces_are_refused_and_shared_ones_compared_on_demand(cells):
    _, ids = cells({"one only": faces(), "one + 50% two": faces(10).iloc[20:]})
    refused = invoke(compare, "--first", ids[0], "--second", ids[1])
    assert refused.exit_code == 2 and "samples=shared" in refused.output
    shared = invoke(compare, "--first", ids[0], "--second", ids[1], "--samples", "shared")
    assert shared.exit_code == 0, shared.output
    assert "100 faces that both runs predict, of 120 and 100" in shared.output


def test_one_group_only_is_reported_as_such(cells):
    white = faces(accuracy={"white": 0.7}, clips=12, samples=60)
    name, _ = cells({"one only": white.assign(gender="male"), "one + 50% two": white.assign(gender="male")})
    result = invoke(report, "--experiment", name)
    assert result.exit_code == 0, result.output
    assert (
        "All faces belong to one race group (white)" in Path(artifact(name, "report", "report/report.html")).read_text()
    )


def listed(experiment):
    run = load_runs(experiment, stage="compare").iloc[0]["run_id"]
    return [entry.path for entry in mlflow.artifacts.list_artifacts(run_id=run, artifact_path="report/figures")]
