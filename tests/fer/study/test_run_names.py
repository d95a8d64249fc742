"""Names of a study's runs differ in their first characters, which are all that MLflow's UI shows of long ones."""

from itertools import combinations

from fer.study.matrix import cells
from fer.study.reading import read_study
from fer.study.titles import model_name, run_name
from fer.text.commands import PROJECT

SHOWN = 24


def test_the_cells_of_the_demo_differ_in_what_the_ui_shows():
    study = read_study(PROJECT / "studies" / "demo.yaml")
    names = [run_name(study, cell) for cell in cells(study)]
    assert names[:2] == ["majority only, seed 0", "10% everyone + majority, seed 0"]
    assert all(one[:SHOWN] != other[:SHOWN] for one, other in combinations(names, 2))


def test_backbones_seeds_test_sets_and_ensembles_are_named(write, plain):
    plain["training"] = {"backbone": "cnn,assistive1", "epochs": 1}
    plain["test"]["dataset"] = ["one", "two"]
    plain["ensembles"] = [{"title": "both"}]
    study = read_study(write(plain))
    names = [run_name(study, cell) for cell in cells(study)]
    assert len(set(names)) == len(names)
    assert "on Two: cnn, 50% Two + One, seed 1" in names and "on One: assistive1, One only, seed 0" in names
    assert {model_name(study, cell.training) for cell in cells(study)} > {"both: One only, seed 0"}
