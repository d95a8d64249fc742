"""A study: its runs, its tables, the reuse of finished cells, and a cell that fails."""

from pathlib import Path
from typing import NamedTuple

import mlflow
import pandas as pd
import pytest
import yaml
from project_runs import SMALL, invoke, succeed

from analysis import group_table, load_runs, results_table, trade_off_table
from fer.steps.published import log_published
from fer.tracking import names
from fer.tracking.runs import open_run
from fer.tracking.training_data import training_datasets

PUBLISHED = Path(__file__).parents[2] / "studies" / "published" / "eila.yaml"
ALONE = {"source": "synthetic", "title": "alone", "options": {**SMALL, "shares": [1, 0, 0], "seed": 1}}
ALL = {"source": "synthetic", "title": "all", "options": {**SMALL, "seed": 2}}


def _write(folder: Path, name: str, **changes) -> Path:
    content = {
        "name": name,
        "about": "two drawn datasets",
        "datasets": {"alone": ALONE, "all": ALL},
        "mixtures": [{"base": "alone", "addition": "all", "fractions": [0, 0.5]}],
        "test": {"dataset": "all", "split": "test", "attributes": ["race"]},
        "training": {"backbone": "assistive1", "epochs": 1},
        "seeds": [0],
        **changes,
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


class Study(NamedTuple):
    """A study that has run once: its name, its file, what it printed, and its finished cells as they were then."""

    name: str
    path: Path
    printed: str
    cells: pd.DataFrame


@pytest.fixture(scope="module")
def done(module_tracking, nothing_left) -> Study:
    """Run a study of two cells."""
    path = _write(module_tracking, "done")
    result = invoke("study", config=path)
    assert result.exit_code == 0, result.output
    return Study("done", path, result.stdout, load_runs("done"))


def _measured(experiment: str) -> pd.DataFrame:
    """Return the cells of an experiment without the published rows that a report has logged beside them."""
    runs = load_runs(experiment)
    return runs[runs[f"tags.{names.ORIGIN}"] == names.MEASURED]


def test_a_study_ends_in_tables(tracking, done):
    assert sorted(done.cells["tags.fer.experiment"]) == ["alone + 50% all", "alone only"]
    assert list(results_table(done.cells)["experiment"]) == ["alone only", "alone + 50% all"]
    groups = {f"accuracy_percent/group_{name}" for name in "abc"}
    assert {*groups, "std_points"} <= set(group_table(done.cells))
    assert trade_off_table(done.cells)["pareto"].any()
    assert "alone + 50% all" in done.printed and "Trade-off" in done.printed


def test_cells_stand_under_the_study_and_their_steps_under_them(tracking, done):
    runs = load_runs(done.name, stage=None)
    by_stage = {stage: rows.set_index(f"tags.{names.PARENT}") for stage, rows in runs.groupby("tags.fer.stage")}
    parent = runs.loc[runs["run_id"] == by_stage["cell"].index[0]].iloc[0]
    assert parent["tags.fer.stage"] == "study"
    for _, cell in done.cells.iterrows():
        assert cell[f"tags.{names.PARENT}"] == parent["run_id"]
        steps = {stage: by_stage[stage].loc[[cell["run_id"]]] for stage in ("integrate", "train", "evaluate")}
        assert {stage: len(rows) for stage, rows in steps.items()} == {"integrate": 1, "train": 1, "evaluate": 1}
        assert cell["metrics.test/accuracy"] == steps["evaluate"]["metrics.test/accuracy"].item()
    files = {file.path for file in mlflow.artifacts.list_artifacts(run_id=parent["run_id"])}
    assert {"cells.csv", "tables", "report"} <= files


def test_report_prints_the_tables_again_and_counts_before_and_after(tracking, done, tmp_path):
    printed = succeed("report", experiment=done.name, published=PUBLISHED, format="markdown", replicates=200)
    assert "| alone + 50% all" in printed and "| FER2013 + 100% EiLA" in printed
    run = load_runs(done.name, stage="report").iloc[0]["run_id"]
    path = "tables/race/before_after.csv"
    place = mlflow.artifacts.download_artifacts(run_id=run, artifact_path=path, dst_path=str(tmp_path))
    table = pd.read_csv(place).set_index("group")
    assert table.loc["all", "faces"] == SMALL["test"]
    assert (table[["right_in_both", "gained", "lost", "wrong_in_both"]].sum(axis=1) == table["faces"]).all()


def test_a_study_is_not_run_twice_and_a_further_seed_is_added(tracking, done):
    again = invoke("study", config=done.path)
    assert again.exit_code == 0, again.output
    assert set(_measured(done.name)["run_id"]) == set(done.cells["run_id"])
    parents = load_runs(done.name, stage="study")
    assert sorted(parents["metrics.study/reused"]) == [0.0, 2.0]
    assert done.printed.split("Look at it")[0] == again.stdout.split("Look at it")[0]

    # In two processes, below the study's run: the cells of the first seed are reused there, too.
    options = {"launcher": "processes", "workers": 2}
    planned = succeed("study", config=done.path, seeds="0,1", plan="true", **options)
    assert "4 cells, of which 2 are reused" in planned and "2 at a time" in planned and "MB" in planned
    assert len(load_runs(done.name, stage="study")) == 2  # A plan is not logged.
    succeed("study", config=done.path, seeds="0,1", **options)
    by_parent = _measured(done.name).groupby(f"tags.{names.PARENT}")["tags.fer.host"].unique()
    hosts = {host for listed in by_parent for host in listed}
    assert len(by_parent) == 2 and len(hosts) == 3  # This process, and two others.
    assert "4 cells: 4 done." in succeed("status", experiment=done.name)
    table = results_table(_measured(done.name))
    assert list(table["seeds"]) == [2, 2]
    assert table["accuracy_percent_sd"].notna().all()


def test_a_failed_cell_is_failed_with_its_reason_and_the_others_go_on(tracking, tmp_path):
    # The majority dataset alone cannot give as many faces of an emotion as all of a larger one bring.
    large = {"source": "synthetic", "title": "large", "options": {**SMALL, "train": 420, "seed": 3}}
    mixtures = [{"base": "alone", "addition": "large", "fractions": [1], "arm": "swap"}, {"base": "alone"}]
    path = _write(tmp_path, "failing", datasets={"alone": ALONE, "all": ALL, "large": large}, mixtures=mixtures)
    result = invoke("study", config=path)
    assert result.exit_code == 2
    assert "1 of 2 cells failed" in result.output and "swap needs" in result.output
    failed = load_runs("failing", status="FAILED")
    assert failed["tags.fer.failure"].str.contains("swap needs").all() and len(failed) == 1
    assert list(load_runs("failing")["tags.fer.experiment"]) == ["alone only"]
    assert list(load_runs("failing", stage="study", status=None)["status"]) == ["FAILED"]


def test_a_model_is_pretrained_once_and_adapted(tracking, tmp_path):
    mixtures = [{"base": "all", "pretrained_on": "alone"}, {"base": "alone"}]
    succeed("study", config=_write(tmp_path, "adapted", mixtures=mixtures, pretraining={"epochs": 1}))
    cells = load_runs("adapted").set_index("tags.fer.experiment")
    adapted, first = cells.loc[["all only, pretrained on alone", "alone only"], "tags.fer.training_run"]
    # The cell of the first dataset alone has taken the model of the first stage.
    assert set(load_runs("adapted", stage="train")["run_id"]) == {adapted, first}
    logged = mlflow.get_run(adapted).data
    assert (logged.tags[names.STARTED_FROM], logged.params["resolved/head_weights"]) == (first, "kept")
    assert [dataset.name for dataset in training_datasets(adapted)] == ["all", "alone"]


def test_too_few_faces_kept_aside_are_found_before_any_cell_is_run(tracking, tmp_path):
    mixture = {"base": "alone", "addition": "all", "fractions": [0, 1], "arm": ["add", "same"], "kept_aside": 0.2}
    result = invoke("study", config=_write(tmp_path, "few-aside", mixtures=[mixture]))
    assert result.exit_code == 2 and "the arm same needs" in result.output and "kept_aside" in result.output
    assert set(load_runs("few-aside", stage=None, status=None)["tags.fer.stage"]) == {"study", "preprocess"}


def test_published_results_stand_in_the_same_tables_once(tracking):
    for _ in range(2):
        with open_run("report", "published", experiment="published-once"):
            log_published(PUBLISHED, "published-once")
    runs = load_runs("published-once", origin="published")
    assert len(runs) == 11
    table = trade_off_table(runs).set_index("experiment")
    front = set(table.index[table["pareto"]])
    assert front == {"FER2013 only", *(f"FER2013 + {share}% EiLA" for share in (10, 30, 50, 100))}


def test_load_runs_pages(tracking, monkeypatch):
    monkeypatch.setattr("fer.tracking.run_search.RUNS_A_PAGE", 3)
    for number in range(8):
        with open_run("note", f"run {number}", {"number": number}, experiment="pages"):
            pass
    table = load_runs("pages", stage="note")
    assert sorted(table["params.number"].astype(int)) == list(range(8))
