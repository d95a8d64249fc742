"""One cell: claimed, reused, computed once, its dead predecessors ended, whichever process runs it."""

import shutil
from contextlib import nullcontext
from types import SimpleNamespace

import mlflow
import pytest
import yaml

from fer.claims import open_claims
from fer.launching.inline import in_process
from fer.preprocessing.pipeline import Recipe
from fer.steps import cell_runs
from fer.steps import study as studies
from fer.steps.cell_runs import CellJob, CellWork, in_order
from fer.steps.cells import StudyData, cell_identity
from fer.study.matrix import cells
from fer.study.reading import read_study
from fer.tracking import names
from fer.tracking.runs import open_run

STUDY = {
    "name": "small",
    "about": "two drawn sets",
    "datasets": {name: {"source": "synthetic", "title": name} for name in ("one", "two")},
    "mixtures": [{"base": "one", "addition": "two", "fractions": [0, 0.5]}, {"base": "two", "pretrained_on": "one"}],
    "test": {"dataset": ["one", "two"]},
    "training": {"backbone": "cnn"},
    "seeds": [0],
}


@pytest.fixture
def work(tmp_path, empty_store, monkeypatch):
    """Return the work of a study whose run was opened by another process, its cells, and those computed so far."""
    before = mlflow.get_tracking_uri()
    shutil.copy(empty_store, tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FER_CLAIMS", raising=False)
    monkeypatch.delenv("MLFLOW_RUN_ID", raising=False)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(STUDY))
    study = read_study(tmp_path / "study.yaml")
    data, computed = StudyData({}, {name: name for name in study.datasets}), []

    def steps(study, cell, data, claims):
        computed.append(cell)
        return {names.BEST_VALIDATION_ACCURACY: 0.5}

    monkeypatch.setattr(cell_runs, "cell_steps", steps)
    with open_run("study", "study small", experiment="cells") as run:
        pass
    planned = cells(study)
    jobs = [CellJob(cell, cell_identity(cell, data)) for cell in planned]
    yield SimpleNamespace(
        of=CellWork(study, data, run.info.run_id, run.info.experiment_id, "auto"), jobs=jobs, computed=computed
    )
    mlflow.set_tracking_uri(before)


def test_a_cell_is_computed_once_below_the_study_and_then_reused(work):
    first, again = work.of(work.jobs[0]), work.of(work.jobs[0])
    assert (first.reused, again.reused, again.run_id) == (False, True, first.run_id) and len(work.computed) == 1
    run = mlflow.get_run(first.run_id)
    assert run.info.experiment_id == work.of.experiment_id and run.data.tags[names.PARENT] == work.of.parent
    assert run.data.tags[names.HOST] and run.data.tags[names.ALIVE].isdecimal()
    assert 0 < run.data.metrics[names.PEAK_MEMORY] < 1000


def test_a_cell_that_another_process_computes_is_left_to_it(work):
    store = open_claims(mlflow.get_tracking_uri())
    claim = store.take(work.jobs[0].identity)
    assert work.of(work.jobs[0]).elsewhere and not work.computed
    claim.release()
    assert not work.of(work.jobs[0]).elsewhere and len(work.computed) == 1


def test_what_a_dead_process_left_running_is_ended(work):
    client = mlflow.MlflowClient()
    tags = {names.IDENTITY: work.jobs[0].identity, names.STAGE: "cell", names.PARENT: "an earlier study"}
    dead = client.create_run(work.of.experiment_id, tags=tags).info.run_id
    below = client.create_run(work.of.experiment_id, tags={names.PARENT: dead}).info.run_id
    other = client.create_run(work.of.experiment_id, tags={names.IDENTITY: work.jobs[1].identity}).info.run_id
    outcome = work.of(work.jobs[0])
    status = {run: client.get_run(run).info.status for run in (dead, below, other, outcome.run_id)}
    assert status == {dead: "KILLED", below: "KILLED", other: "RUNNING", outcome.run_id: "FINISHED"}


def test_a_cell_whose_claim_was_lost_fails_and_is_not_finished_twice(work, monkeypatch):
    def suspended(study, cell, data, claims):
        claims.remove(work.jobs[0].identity, _owner(claims, work.jobs[0].identity))
        return {}

    monkeypatch.setattr(cell_runs, "cell_steps", suspended)
    outcome = work.of(work.jobs[0])
    assert "another process may have done it" in outcome.failure
    assert mlflow.get_run(outcome.run_id).info.status == "FAILED"


def _owner(store, identity):
    with store._engine.begin() as connection:
        return connection.exec_driver_sql(f"SELECT owner FROM fer_claims WHERE identity = '{identity}'").scalar()


def test_a_worker_with_other_code_refuses(work, refused):
    with refused("another version of this project"):
        work.of(CellJob(work.jobs[0].cell, "0" * 16))


def test_cells_side_by_side_need_different_trainings(work):
    ordered = in_order([job.cell for job in work.jobs])
    assert sorted(map(str, ordered)) == sorted(str(job.cell) for job in work.jobs)
    # Each model is first tested on one set, and what is pretrained on the first model comes after that.
    titles = [(cell.training_title, cell.test.dataset) for cell in ordered[:3]]
    assert titles[:2] == [("one only", "one"), ("one + 50% two", "one")]
    later = [cell.training_title for cell in ordered[2:]]
    assert later.count("two only, pretrained on one") == 2 and titles[2][1] == "two"


def test_the_videos_of_a_study_are_searched_by_its_launcher_unless_that_is_this_process(monkeypatch):
    monkeypatch.setattr(studies, "reusable_run", lambda *asked: None)
    for name in ("held", "open_run"):
        monkeypatch.setattr(studies, name, lambda *given: nullcontext())
    monkeypatch.setattr(studies, "preprocess_step", lambda recipe, launcher: launcher)
    recipe, study = Recipe("synthetic"), SimpleNamespace(name="small")
    assert studies._dataset(study, recipe, None, in_process) is None
    assert studies._dataset(study, recipe, None, launcher := lambda *jobs: []) is launcher
