"""Mixtures whose models are pretrained: the cells that they give, their titles, parameters and identities."""

import pytest

from fer.steps.cells import StudyData, cell_data, experiment_identity, training_identity
from fer.study.matrix import cells
from fer.study.reading import read_study
from fer.study.server_form import mixing_parameters, training_parameters

DATA = StudyData({}, {"one": "digest of one", "two": "digest of two"})


@pytest.fixture
def pretrained(plain):
    """Return the content of a study: the base alone and an addition, both also after a pretraining on the addition."""
    mixture = {"base": "one", "addition": "two", "fractions": [0, 0.5]}
    alone = {"base": "two", "addition": "one", "fractions": [0]}
    mixtures = [alone, mixture, mixture | {"pretrained_on": "two"}]
    return plain | {"mixtures": mixtures, "training": {"backbone": "cnn", "epochs": 3}, "seeds": [0, 1]}


def test_pretrained_cells_have_titles_and_a_base_of_their_own(write, pretrained):
    made = [cell for cell in cells(read_study(write(pretrained))) if cell.seed == 1]
    assert [cell.experiment for cell in made] == [
        "Two only", "One only", "One + 50% Two", "One only, pretrained on Two", "One + 50% Two, pretrained on Two",
    ]  # fmt: skip
    parameters = [training_parameters(cell.training) for cell in made]
    assert [one["base"] for one in parameters] == ["two", "one", "one", "one after two", "one after two"]
    assert [one.get("pretrained_on") for one in parameters] == [None, None, None, "two", "two"]
    assert mixing_parameters(made[-1].training) == mixing_parameters(made[2].training)


def test_the_first_stage_is_the_study_s_own_cell_of_that_dataset(write, pretrained):
    made = cells(read_study(write(pretrained)))
    own = {cell.seed: cell.training for cell in made if cell.experiment == "Two only"}
    first = [(cell.seed, cell.training.pretraining) for cell in made if "pretrained" in cell.experiment]
    assert len(first) == 4 and all(training == own[seed] for seed, training in first)
    del pretrained["mixtures"][0]
    (training, *_) = [
        one.training.pretraining for one in cells(read_study(write(pretrained))) if one.training.pretraining
    ]
    assert (training.mixture.base, training.mixture.addition, training.mixture.fraction) == ("two", None, 0)


def test_the_first_stage_differs_from_training_where_pretraining_says_so(write, pretrained):
    pretrained["pretraining"] = {"epochs": [9], "weights": "imagenet", "protocol": "eila"}
    pretrained["training"]["backbone"] = ["cnn", "mobilenetv2"]
    for cell in cells(read_study(write(pretrained))):
        training = cell.training
        if training.pretraining is not None:
            first = training.pretraining.parameters
            assert (first.epochs, first.weights, first.protocol) == ("9", "imagenet", "eila")
            assert (training.parameters.epochs, training.parameters.weights) == ("3", "auto")
            assert first.backbone == training.parameters.backbone


def test_an_identity_covers_the_first_stage(write, pretrained):
    def identities(content):
        made = {(cell.experiment, cell.seed): cell for cell in cells(read_study(write(content)))}
        cell = made["One only, pretrained on Two", 0]
        assert cell_data(cell, DATA)["weights"] == training_identity(cell.training.pretraining, DATA)
        plain = made["One only", 0]
        both = training_identity(plain.training, DATA), training_identity(cell.training, DATA)
        seeds = {experiment_identity(made["One only, pretrained on Two", seed], DATA) for seed in (0, 1)}
        assert len(seeds) == 1
        return both, seeds

    (plain, first), seeds = identities(pretrained)
    (same, other), others = identities(pretrained | {"pretraining": {"epochs": 9}})
    assert plain == same and len({plain, first, other}) == 3 and seeds != others


def test_ensembles_hold_pretrained_members_apart(write, pretrained):
    pretrained |= {"training": {"backbone": ["cnn", "vgg16"]}, "ensembles": [{"title": "both"}], "seeds": [0]}
    made = [cell for cell in cells(read_study(write(pretrained))) if "both" in cell.experiment]
    assert [cell.experiment for cell in made][-2:] == [
        "One only, pretrained on Two, both", "One + 50% Two, pretrained on Two, both",
    ]  # fmt: skip
    assert len({training_parameters(cell.training)["members"] for cell in made}) == len(made) == 5


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mixtures": [{"base": "one", "pretrained_on": "three"}]}, ("'three'", "does not declare")),
        ({"pretraining": {"epochs": 3}}, ("entry pretraining", "pretrained_on")),
        ({"pretraining": {"epoch": 3}}, ("entry pretraining.epoch", "write epochs")),
        ({"pretraining": {"backbone": "cnn"}}, ("entry pretraining", "leave backbone out")),
    ],
)
def test_what_cannot_be_pretrained_is_refused(write, plain, changes, words, refused):
    with refused("study.yaml", *words):
        read_study(write(plain | changes))
