"""A search that finds no run says why in one sentence, with a remedy that works when it is pasted."""

import mlflow
import pytest
from mlflow.entities import Dataset, DatasetInput
from printed_commands import printed_commands

from analysis import load_runs
from analysis.fetch.runs import load_cells
from fer.errors import FerWarning, InputError
from fer.text.commands import PROJECT
from fer.tracking import names


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory):
    """An SQLite store as the tracking server; one experiment per test."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path_factory.mktemp('store')}/mlflow.db")
    yield
    mlflow.set_tracking_uri(before)


@pytest.fixture
def experiment(request, monkeypatch):
    """Return an experiment's name and a function that adds a run to it."""
    monkeypatch.chdir(PROJECT)
    name = request.node.name
    place = mlflow.create_experiment(name)

    def add(stage, status="FINISHED", study=None, faces=None, **parameters):
        tags = {names.STAGE: stage} | ({} if study is None else {names.STUDY: study})
        run = mlflow.MlflowClient().create_run(place, tags=tags).info.run_id
        for parameter, value in parameters.items():
            mlflow.MlflowClient().log_param(run, parameter, value)
        if faces is not None:
            given = Dataset("faces", faces, "local", "{}")
            mlflow.MlflowClient().log_inputs(run, [DatasetInput(given)])
        if status != "RUNNING":
            mlflow.MlflowClient().set_terminated(run, status)
        return run

    return name, add


def _why(name, study=None):
    """Return the sentence of `report`, which must be that of the warning of `load_runs` too."""
    with pytest.raises(InputError) as refused:
        load_cells(name, study)
    with pytest.warns(FerWarning) as warned:
        assert load_runs(name, study).empty
    sentence = str(refused.value)
    assert [str(one.message) for one in warned] == [sentence]
    assert sentence.endswith(".") and "\n" not in sentence and repr(name) in sentence
    return sentence


def test_single_evaluations_are_experiments_and_those_of_a_study_are_not(experiment):
    name, add = experiment
    cell = add("cell", study="mine")
    add("evaluate", study="mine")
    alone = add("evaluate", faces="one", attributes="'race*gender,race'")  # Quoted, as `mlflow run` logs it.
    assert set(load_cells(name)["run_id"]) == set(load_runs(name)["run_id"]) == {cell, alone}
    with pytest.warns(FerWarning, match="the server was not asked"):
        assert set(load_runs(name, offline=True)["run_id"]) == {cell, alone}
    assert load_cells(name, "mine")["run_id"].tolist() == [cell]
    assert len(load_runs(name, stage="evaluate")) == 2


def test_an_experiment_without_an_evaluation_names_what_to_make(experiment):
    name, add = experiment
    assert "holds no runs at all" in _why(name)
    add("train"), add("evaluate", status="FAILED")
    sentence = _why(name)
    assert "(it has 1 evaluate (FAILED), 1 train); evaluate a model or a table of predictions in it" in sentence
    [study] = printed_commands(sentence)
    assert (study.entry_point, study.parameters, study.experiment) == ("study", {"config": "studies/demo.yaml"}, name)


def test_an_unknown_study_is_answered_with_the_studies_there_are(experiment):
    name, add = experiment
    add("evaluate")
    assert "has no study 'gamma' (no study was run in it)" in _why(name, "gamma")
    add("cell", study="beta"), add("cell", study="alpha"), add("study", study="alpha")
    assert "has no study 'gamma' (its studies are alpha, beta)" in _why(name, "gamma")


def test_cells_that_did_not_finish_are_run_again_by_the_parameters_of_their_study(experiment):
    name, add = experiment
    # As `mlflow run` logs them: those with a meaning for the shell are quoted.
    add("study", study="mine", status="FAILED", config="'my studies/mine.yaml'", backbone="auto", seeds="0,1")
    add("cell", study="mine", status="FAILED"), add("cell", study="mine", status="RUNNING")
    for study in (None, "mine"):
        sentence = _why(name, study)
        assert "no cell that is FINISHED (it has 1 cell (RUNNING), 1 cell (FAILED))" in sentence
        [again] = printed_commands(sentence)
        assert again.parameters == {"config": "my studies/mine.yaml", "seeds": "0,1"} and again.entry_point == "study"


def test_another_stage_is_answered_with_the_stages_there_are(experiment):
    name, add = experiment
    add("train", status="FAILED")
    with pytest.warns(FerWarning, match=r"it has 1 train \(FAILED\): ask for one of these by stage= and status=\."):
        assert load_runs(name, stage="evaluate").empty
