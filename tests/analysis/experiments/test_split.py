"""A report on a split is of the runs that were tested on it, and of no other."""

import pandas as pd

from analysis.experiments.runs_by_experiment import runs_on_split
from analysis.study_report import Options, summarise
from fer.data.attributes import RACE


def _on(runs: pd.DataFrame, *splits) -> pd.DataFrame:
    return runs.assign(**{"params.test_split": list(splits)})


def test_runs_of_another_split_are_left_out(make_runs):
    runs = _on(make_runs(["one", "two", "three"]), "test", "validation", None)
    assert runs_on_split(runs, "validation")["run_name"].tolist() == ["run two"]
    assert runs_on_split(runs, "test")["run_name"].tolist() == ["run one", "run three"]


def test_an_evaluate_run_names_its_split_as_the_shell_got_it(make_runs):
    runs = make_runs(["one", "two"]).assign(**{"params.split": ["'validation'", "test"]})
    assert runs_on_split(runs, "validation")["run_name"].tolist() == ["run one"]


def test_a_split_that_was_not_tested_is_refused_with_those_there_are(make_runs, refused):
    runs = _on(make_runs(["one", "two"]), "test", "train")
    with refused("'x'", "test, train"):
        summarise(runs, [RACE], Options("x"))
    with refused("'validation'"):
        summarise(runs, [RACE], Options("validation"))
