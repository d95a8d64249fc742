"""Arms in study files: the cells that they give, their parameters, titles and identities, and what is refused."""

import pytest

from fer.study.matrix import cells
from fer.study.reading import read_study
from fer.study.server_form import cell_parameters, mixing_parameters, training_parameters

ALL = ["add", "swap", "same"]


@pytest.fixture
def arms(plain):
    """Return the content of a study of all three arms."""
    mixture = {"base": "one", "addition": "two", "fractions": [0, "0.50"], "arm": ALL, "kept_aside": "0.30"}
    return plain | {"mixtures": [mixture], "seeds": [0]}


def test_the_base_alone_is_one_cell_for_all_arms(write, arms):
    made = cells(read_study(write(arms)))
    assert [cell.experiment for cell in made] == [
        "One only", "One + 50% Two", "One ~ 50% Two", "One + own faces, as many as 50% Two",
    ]  # fmt: skip
    assert [mixing_parameters(cell.training)["arm"] for cell in made] == ["add", "add", "swap", "same"]
    assert {mixing_parameters(cell.training)["kept_aside"] for cell in made} == {"0.3"}


def test_a_number_of_faces_and_the_bases_own_validation_are_parameters(write, arms):
    arms["mixtures"][0] |= {"kept_aside": 300, "validation_from": "base", "arm": "same", "fractions": [1]}
    (cell,) = cells(read_study(write(arms)))
    assert mixing_parameters(cell.training) == {
        "base": "one", "addition": "two", "fraction": "1", "arm": "same", "seed": "0", "kept_aside": "300",
        "validation_from": "base",
    }  # fmt: skip


def test_what_version_0_1_0_did_not_have_is_no_parameter_at_its_default(write, plain):
    asked = plain["mixtures"][0] | {"kept_aside": 0, "validation_from": "mixture", "arm": ["add"]}
    before, after = (cells(read_study(write(plain | {"mixtures": [one]}))) for one in (plain["mixtures"][0], asked))
    assert [cell_parameters(cell) for cell in before] == [cell_parameters(cell) for cell in after]
    new = {"kept_aside", "validation_from", "steps_per_epoch"}
    assert not any(new & set(training_parameters(cell.training)) for cell in after)


def test_entries_that_differ_in_what_is_kept_aside_have_titles_of_their_own(write, arms):
    arms["mixtures"].append({"base": "one", "validation_from": "base"})
    titles = [cell.experiment for cell in cells(read_study(write(arms)))]
    assert titles[0] == "One only, 30% kept aside, validated on the mixture"
    assert titles[-1] == "One only, 0% kept aside, validated on the base"


def test_members_of_an_ensemble_are_told_apart_by_their_arm(write, arms):
    arms |= {"training": {"backbone": ["cnn", "vgg16"]}, "ensembles": [{"title": "both"}]}
    made = [cell for cell in cells(read_study(write(arms))) if "both" in cell.experiment]
    assert len({training_parameters(cell.training)["members"] for cell in made}) == len(made) == 4


def test_same_without_faces_kept_aside_is_refused_at_once(write, arms, refused):
    del arms["mixtures"][0]["kept_aside"]
    with refused("study.yaml", "mixtures of one", "arm same", "none are kept aside", "kept_aside, such as 0.3"):
        read_study(write(arms))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"kept_aside": 1.5}, "kept_aside '1.5'"),
        ({"kept_aside": "some"}, "kept_aside 'some'"),
        ({"arm": ["add", "more"]}, "arm"),
        ({"arm": []}, "arm"),
        ({"validation_from": "addition"}, "validation_from"),
        ({"arm": ["add", "add"]}, "add is given twice"),
    ],
)
def test_invalid_arms_are_refused(write, arms, changes, says, refused):
    arms["mixtures"][0] |= changes
    with refused("study.yaml", says):
        read_study(write(arms))


def test_held_steps_are_a_parameter_of_every_cell(write, arms, refused):
    arms["training"] = {"backbone": "cnn", "steps_per_epoch": "base"}
    made = cells(read_study(write(arms)))
    assert {cell_parameters(cell)["steps_per_epoch"] for cell in made} == {"base"}
    arms["mixtures"][0]["balance"] = {}
    with refused("steps_per_epoch: base", "balanced mixture of one", "number of steps"):
        read_study(write(arms))
