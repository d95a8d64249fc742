"""Identities of cells: those of version 0.1.0 for its runs, and identities without seeds, also of ensembles."""

import json
from pathlib import Path

import pytest
import yaml

from fer import identity as identities
from fer.identity import identity
from fer.preprocessing.extraction import finder
from fer.steps.cells import StudyData, cell_identity, experiment_identity, training_identity
from fer.study.cells import Ensemble
from fer.study.matrix import cells
from fer.study.reading import read_study, recipes

FIRST = "32c94bb46649"
# What version 0.1.0 made of these studies, with all packages at version 1 and datasets whose digest is their name.
RECORD = json.loads((Path(__file__).parents[1] / "study" / "records" / "cells_0.1.0.json").read_text())


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Return a maker of a study and its data from the content of its file, under packages of version 1."""
    monkeypatch.setattr(identities, "version", lambda package: "1")
    monkeypatch.setattr(finder, "version", lambda package: "1")
    monkeypatch.delenv("KERAS_BACKEND", raising=False)

    def made(content):
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump(content, sort_keys=False))
        study = read_study(path)
        return study, StudyData({}, {name: name for name in study.datasets})

    return made


@pytest.mark.parametrize("name", [name for name, then in RECORD.items() if then["identities"]])
def test_the_identities_under_an_earlier_version_are_those_it_gave(make, monkeypatch, name):
    monkeypatch.setattr(identities, "REPRODUCED", (FIRST,))
    then = RECORD[name]
    study, data = make(then["study"])
    for cell, (key, training, recipe) in zip(cells(study), then["identities"], strict=True):
        assert cell_identity(cell, data, FIRST) == key, cell.experiment
        assert training_identity(cell.training, data, FIRST) == training
        if not isinstance(cell.training, Ensemble):  # Its recipe was its own for each seed.
            assert experiment_identity(cell, data) == recipe
    # Drawn faces need no raw files.
    for dataset, key in then["datasets"].items():
        facts = recipes(study, None)[dataset].facts()
        assert identity({**facts, "code": FIRST}, {}, FIRST) == key


ENSEMBLE = {
    "name": "small",
    "about": "two drawn sets",
    "datasets": {name: {"source": "synthetic", "title": name} for name in ("one", "two")},
    "mixtures": [{"base": "one"}, {"base": "two"}],
    "test": {"dataset": "two"},
    "training": {"backbone": "cnn,vgg16"},
    "ensembles": [{"title": "sets", "bases": ["one", "two"], "backbones": ["cnn"]}, {"title": "nets"}],
    "seeds": [0, 1, 2],
}


def test_what_is_made_now_has_this_code_in_its_identity_and_in_its_members(make, monkeypatch):
    study, data = make(ENSEMBLE)
    cell = cells(study)[-1]
    now = cell_identity(cell, data)
    assert now == cell_identity(cell, data, identities.code_version()) != cell_identity(cell, data, FIRST)
    monkeypatch.setattr(identities, "code_version", lambda: FIRST)
    assert cell_identity(cell, data) == cell_identity(cell, data, FIRST)


def test_seeds_of_one_experiment_share_the_identity_of_the_experiment_only(make):
    study, data = make(ENSEMBLE)
    by_title = {}
    for cell in cells(study):
        by_title.setdefault(cell.experiment, []).append((experiment_identity(cell, data), cell_identity(cell, data)))
    assert len(by_title) == 7
    for title, found in by_title.items():
        recipe, keys = zip(*found, strict=True)
        assert len(set(recipe)) == 1 and len(set(keys)) == 3, title
    assert len({recipe for found in by_title.values() for recipe, _ in found}) == 7


@pytest.mark.parametrize("change", [{"epochs": "3"}, {"backbone": "cnn,xception"}])
def test_an_ensemble_of_other_trainings_is_another_experiment(make, change):
    study, data = make(ENSEMBLE)
    before = experiment_identity(cells(study)[-1], data)
    study, data = make({**ENSEMBLE, "training": {**ENSEMBLE["training"], **change}})
    assert experiment_identity(cells(study)[-1], data) != before


def test_an_ensemble_of_other_data_is_another_experiment(make):
    study, data = make(ENSEMBLE)
    across = next(cell for cell in cells(study) if isinstance(cell.training, Ensemble))
    # The second member's data, which is not among the ensemble's own parameters.
    other = StudyData({}, {**data.digests, "two": "other"})
    same_test = StudyData({}, {**data.digests, "one": "other"})
    assert len({experiment_identity(across, known) for known in (data, other, same_test)}) == 3


def test_an_experiments_identity_outlives_a_change_of_code_that_affects_no_result(make, monkeypatch):
    study, data = make(ENSEMBLE)
    cell = cells(study)[0]
    monkeypatch.setattr(identities, "REPRODUCED", (FIRST,))
    before = experiment_identity(cell, data)
    monkeypatch.setattr(identities, "code_version", lambda: "changed")
    assert experiment_identity(cell, data) == before
    monkeypatch.setattr(identities, "REPRODUCED", ())
    assert experiment_identity(cell, data) != before
