"""A study: its runs, its tables, the reuse of finished cells, and a cell that fails."""

from pathlib import Path

import mlflow
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner
from project_runs import SMALL

from analysis import group_table, load_runs, results_table, trade_off_table
from entrypoints.report import main as report
from entrypoints.study import main as study
from fer.tracking import names
from fer.tracking.runs import open_run


def _write(folder, name: str, **changes):
    content = {
        "name": name,
        "about": "two drawn datasets",
        "datasets": {
            "alone": {"source": "synthetic", "title": "alone", "options": {**SMALL, "shares": [1, 0, 0], "seed": 1}},
            "all": {"source": "synthetic", "title": "all", "options": {**SMALL, "seed": 2}},
        },
        "mixtures": [{"base": "alone", "addition": "all", "fractions": [0, 0.5]}],
        "test": {"dataset": "all", "split": "test", "attributes": ["race"]},
        "training": {"backbone": "cnn", "epochs": 1},
        "seeds": [0],
        **changes,
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def _run(*arguments: str):
    return CliRunner().invoke(study, list(arguments))


@pytest.fixture
def quiet_name(request) -> str:
    return request.node.name.replace("[", "_").replace("]", "")


def test_a_study_ends_in_tables_and_is_not_run_twice(tracking, tmp_path, quiet_name):
    path = _write(tmp_path, quiet_name)
    first = _run("--config", str(path))
    assert first.exit_code == 0, first.output
    runs = load_runs(quiet_name)
    assert sorted(runs["tags.fer.experiment"]) == ["alone + 50% all", "alone only"]
    assert list(results_table(runs)["experiment"]) == ["alone only", "alone + 50% all"]
    assert {"group_a", "group_b", "group_c", "std"} <= set(group_table(runs))
    assert trade_off_table(runs)["pareto"].any()
    assert "alone + 50% all" in first.output and "Trade-off" in first.output

    again = _run("--config", str(path))
    assert again.exit_code == 0, again.output
    assert set(load_runs(quiet_name)["run_id"]) == set(runs["run_id"])
    parents = load_runs(quiet_name, stage="study")
    assert sorted(parents["metrics.study/reused"]) == [0.0, 2.0]
    assert first.stdout.split("Look at it")[0] == again.stdout.split("Look at it")[0]

    more = _run("--config", str(path), "--seeds", "0,1")
    assert more.exit_code == 0, more.output
    table = results_table(load_runs(quiet_name))
    assert list(table["seeds"]) == [2, 2]
    assert table["accuracy_sd"].notna().all()


def test_cells_stand_under_the_study_and_their_steps_under_them(tracking, tmp_path, quiet_name):
    path = _write(tmp_path, quiet_name, mixtures=[{"base": "all"}])
    assert _run("--config", str(path)).exit_code == 0
    runs = load_runs(quiet_name, stage=None).set_index("tags.fer.stage")
    parent, cell = runs.loc["study", "run_id"], runs.loc["cell", "run_id"]
    assert runs.loc["cell", f"tags.{names.PARENT}"] == parent
    assert (runs.loc[["integrate", "train", "evaluate"], f"tags.{names.PARENT}"] == cell).all()
    assert runs.loc["cell", "metrics.test/accuracy"] == runs.loc["evaluate", "metrics.test/accuracy"]
    files = {file.path for file in mlflow.artifacts.list_artifacts(run_id=parent)}
    assert {"cells.csv", "tables", "report"} <= files


def test_report_prints_the_tables_again_and_counts_before_and_after(tracking, tmp_path, quiet_name):
    assert _run("--config", str(_write(tmp_path, quiet_name))).exit_code == 0
    published = str(Path(__file__).parents[2] / "studies" / "published" / "eila.yaml")
    arguments = ["--experiment", quiet_name, "--published", published, "--format", "markdown", "--replicates", "200"]
    result = CliRunner().invoke(report, arguments)
    assert result.exit_code == 0, result.output
    assert "| alone + 50% all" in result.output and "| FER2013 + 100% EiLA" in result.output
    run = load_runs(quiet_name, stage="report").iloc[0]["run_id"]
    place = mlflow.artifacts.download_artifacts(run_id=run, artifact_path="tables/race/before_after.csv")
    table = pd.read_csv(place).set_index("race")
    assert table.loc["all", "faces"] == SMALL["test"]
    assert (table[["right in both", "gained", "lost", "wrong in both"]].sum(axis=1) == table["faces"]).all()


def test_a_failed_cell_is_failed_with_its_reason_and_the_others_go_on(tracking, tmp_path, quiet_name):
    # The majority dataset alone cannot give as many faces of an emotion as all of a larger one bring.
    large = {"source": "synthetic", "title": "large", "options": {**SMALL, "train": 420, "seed": 3}}
    path = _write(tmp_path, quiet_name)
    content = yaml.safe_load(path.read_text())
    content["datasets"]["large"] = large
    content["mixtures"] = [{"base": "alone", "addition": "large", "fractions": [1], "arm": "swap"}, {"base": "alone"}]
    path.write_text(yaml.safe_dump(content))
    result = _run("--config", str(path))
    assert result.exit_code == 2
    assert "1 of 2 cells failed" in result.output and "swap needs" in result.output
    failed = load_runs(quiet_name, status="FAILED")
    assert failed["tags.fer.failure"].str.contains("swap needs").all() and len(failed) == 1
    assert list(load_runs(quiet_name)["tags.fer.experiment"]) == ["alone only"]
    assert list(load_runs(quiet_name, stage="study", status=None)["status"]) == ["FAILED"]


def test_published_results_stand_in_the_same_tables_once(tracking, tmp_path, quiet_name):
    published = Path(__file__).parents[2] / "studies" / "published" / "eila.yaml"
    from fer.steps.published import log_published

    for _ in range(2):
        with open_run("report", "published", experiment=quiet_name):
            log_published(published, quiet_name)
    runs = load_runs(quiet_name, origin="published")
    assert len(runs) == 11
    table = trade_off_table(runs).set_index("experiment")
    front = set(table.index[table["pareto"]])
    assert front == {"FER2013 only", *(f"FER2013 + {share}% EiLA" for share in (10, 30, 50, 100))}


def test_load_runs_pages(tracking, monkeypatch, quiet_name):
    monkeypatch.setattr("fer.tracking.run_search.RUNS_A_PAGE", 3)
    for number in range(8):
        with open_run("note", f"run {number}", {"number": number}, experiment=quiet_name):
            pass
    table = load_runs(quiet_name, stage="note")
    assert sorted(table["params.number"].astype(int)) == list(range(8))
