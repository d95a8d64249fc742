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


def test_single_evaluations_are_compared_by_a_command(experiment):
    name, add = experiment
    add("train")
    by = {"attributes": "'race*gender,race'"}  # Quoted, as `mlflow run` logs it.
    first, _, last = add("evaluate", faces="one"), add("evaluate", faces="two"), add("evaluate", faces="one", **by)
    sentence = _why(name)
    assert "no finished cells, which only a study makes (it has 3 evaluate, 1 train)" in sentence
    compare, study = printed_commands(sentence)
    assert (compare.entry_point, compare.parameters) == (
        "compare",
        {"first": first, "second": last, "attribute": "race*gender"},
    )
    assert (study.entry_point, study.parameters, study.experiment) == ("study", {"config": "studies/demo.yaml"}, name)


def test_an_experiment_without_two_evaluations_of_the_same_faces_names_what_to_make(experiment):
    name, add = experiment
    assert "holds no runs at all" in _why(name)
    add("evaluate", faces="one"), add("evaluate", faces="two"), add("evaluate")
    add("evaluate", faces="one", attributes="none")
    sentence = _why(name)
    assert "evaluate two models on the same faces and compare them" in sentence
    assert [command.entry_point for command in printed_commands(sentence)] == ["study"]


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
