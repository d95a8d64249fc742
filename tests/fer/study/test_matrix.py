"""The cells of a study: the paper's matrix, mixtures, titles, and which trainings an ensemble is made of."""

from decimal import Decimal
from pathlib import Path

import pytest

from fer.data.attributes import RACE
from fer.steps.published import read_published
from fer.study.cells import Ensemble, Training, trainings_in
from fer.study.matrix import cells
from fer.study.reading import read_study

EILA = Path(__file__).parents[3] / "studies" / "eila.yaml"


def of_seed(seed, made):
    return [cell for cell in made if cell.seed == seed]


def named(trainings):
    return [(one.mixture.base, one.parameters.backbone, one.seed) for one in trainings]


def test_the_papers_study_is_eleven_cells_per_seed_named_as_published():
    study = read_study(EILA, {"seeds": ["0", "1", "2"]})
    made = cells(study)
    assert len(made) == 33
    published = [row.experiment for row in read_published(EILA.parent / study.published).rows]
    for seed in range(3):
        assert [cell.experiment for cell in of_seed(seed, made)] == published
        assert [cell.position for cell in of_seed(seed, made)] == list(range(11))
    assert len(set(made)) == 33


def test_the_papers_cells_have_the_mixtures_that_were_published():
    study = read_study(EILA)
    rows = read_published(EILA.parent / study.published).rows
    made = cells(study)
    assert len(study.seeds) >= 3
    for cell, row in zip(made, rows * len(study.seeds), strict=True):
        mixture, test = cell.training.mixture, cell.test
        assert (mixture.base, mixture.fraction) == (row.base, Decimal(str(row.fraction)))
        assert (mixture.addition or "none") == row.addition or mixture.is_base_alone
        assert (test.dataset, test.split, test.attributes) == ("eila", "test", (RACE,))
        assert cell.training.parameters.backbone == "resnet50v2"


def test_fractions_are_exact_and_named_in_percent(write, plain):
    made = cells(read_study(write(plain)))
    assert [cell.training.mixture.fraction for cell in made[:3]] == [Decimal(0), Decimal("0.1"), Decimal("0.5")]
    assert [cell.experiment for cell in made[:3]] == ["One only", "One + 10% Two", "One + 50% Two"]
    assert [(cell.seed, cell.position) for cell in made] == [(s, p) for s in (0, 1) for p in range(3)]


def test_the_swap_arm_has_a_sign_of_its_own_and_small_shares_keep_their_digits(write, plain):
    mixture = {"base": "one", "addition": "two", "fractions": [0.125], "arm": "swap"}
    assert cells(read_study(write({**plain, "mixtures": [mixture]})))[0].experiment == "One ~ 12.5% Two"


def test_several_backbones_heads_and_tests_are_in_the_titles(write, plain):
    training = {"backbone": ["cnn", "vgg16"], "head": "m1,m2"}
    content = {**plain, "mixtures": [{"base": "one"}], "test": {"dataset": ["one", "two"]}, "training": training}
    made = of_seed(0, cells(read_study(write(content))))
    assert [cell.position for cell in made] == list(range(8))
    assert [cell.experiment for cell in made[:3]] == [
        "cnn, m1, on One", "cnn, m1, on Two", "cnn, m2, on One",
    ]  # fmt: skip
    assert [cell.training_title for cell in made[:3]] == ["cnn, m1", "cnn, m1", "cnn, m2"]
    assert len({cell.training for cell in made}) == 4
    content["mixtures"] = [{"base": "one"}, {"base": "two"}]
    assert cells(read_study(write(content)))[0].experiment == "One only, cnn, m1, on One"
    given = {(cell.training.parameters.backbone, cell.training.parameters.head) for cell in made}
    assert given == {(b, h) for b in ("cnn", "vgg16") for h in ("m1", "m2")}


def test_an_ensemble_is_of_one_mixture_or_across_bases(write, plain):
    content = {**plain, "mixtures": [{"base": "one"}, {"base": "two"}], "training": {"backbone": ["cnn", "vgg16"]}}
    content["ensembles"] = [
        {"title": "both nets"},
        {"title": "both sets", "bases": ["one", "two"], "backbones": ["cnn"], "validation": "two"},
    ]
    made = of_seed(1, cells(read_study(write(content))))
    together = [cell for cell in made if isinstance(cell.training, Ensemble)]
    assert [cell.experiment for cell in together] == [
        "One only, both nets", "Two only, both nets", "One & Two, both sets",
    ]  # fmt: skip
    assert [cell.training.validation for cell in together] == [None, None, "two"]
    assert named(together[2].training.members) == [("one", "cnn", 1), ("two", "cnn", 1)]
    assert named(together[1].training.members) == [("two", "cnn", 1), ("two", "vgg16", 1)]


def test_members_are_the_trainings_of_the_study(write, plain):
    content = {**plain, "test": {"dataset": ["one", "two"]}, "training": {"backbone": "cnn,vgg16"}}
    made = cells(read_study(write({**content, "ensembles": [{"title": "both"}]})))
    single = {cell.training for cell in made if isinstance(cell.training, Training)}
    members = {member for cell in made for member in trainings_in(cell.training)}
    assert members == single and len(single) == 12


def test_mixtures_that_differ_in_their_balance_alone_make_an_ensemble_each(write, plain):
    balanced = [{"base": "one", "balance": {"method": method}} for method in ("augment", "undersample")]
    content = {**plain, "mixtures": balanced, "training": {"backbone": "cnn,vgg16"}, "ensembles": [{"title": "both"}]}
    together = of_seed(0, cells(read_study(write(content))))[4:]
    assert [cell.experiment for cell in together] == [
        "One only, augment equal, both",
        "One only, undersample equal, both",
    ]
    methods = [{member.mixture.balance.method for member in cell.training.members} for cell in together]
    assert methods == [{"augment"}, {"undersample"}]


@pytest.mark.parametrize("options", [{"shift": 0.1}, {"shift": 0.2}])
def test_balance_is_part_of_a_mixture_and_of_its_name(write, plain, options):
    balance = {"method": "augment", "target": {"happy": 9}, "options": options}
    content = {**plain, "mixtures": [{"base": "one"}, {"base": "one", "balance": balance}]}
    alone, cell = of_seed(0, cells(read_study(write(content))))
    assert cell.experiment == 'One only, augment {"happy": 9}'
    assert cell.training.mixture.balance.options == options
    assert alone.training.mixture.balance is None and alone.training != cell.training
