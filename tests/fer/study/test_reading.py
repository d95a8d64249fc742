"""Study files: the paper's matrix, overrides, and every entry that cannot be."""

from pathlib import Path

import pytest
import yaml

from fer.errors import InputError
from fer.steps.published import read_published
from fer.study.cells import members_of
from fer.study.reading import cells, overrides, read_study, recipes

ROOT = Path(__file__).parents[3]
EILA = ROOT / "studies" / "eila.yaml"


def plain():
    """Return a small study that is right in every entry."""
    return {
        "name": "small",
        "about": "two drawn sets",
        "datasets": {
            "one": {"source": "synthetic", "title": "One"},
            "two": {"source": "fer2013", "title": "Two", "raw": "{data}/fer2013", "options": {"splits": "field"}},
        },
        "mixtures": [{"base": "one", "addition": "two", "fractions": [0, 0.1, "0.50"]}],
        "test": {"dataset": "two"},
        "seeds": [0, 1],
    }


@pytest.fixture
def write(tmp_path):
    def make(content):
        path = tmp_path / "study.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return path

    return make


def test_the_papers_study_is_eleven_cells_a_seed_named_as_published():
    study = read_study(EILA, {"seeds": ["0", "1", "2"]})
    made = cells(study)
    assert len(made) == 33
    published = [row.experiment for row in read_published(EILA.parent / study.published).rows]
    for seed in range(3):
        of_seed = [cell for cell in made if cell.seed == seed]
        assert [cell.experiment for cell in of_seed] == published
        assert [cell.position for cell in of_seed] == list(range(11))
    assert len({tuple(cell.parameters().items()) for cell in made}) == 33


def test_the_papers_cells_have_the_mixtures_that_were_published():
    study = read_study(EILA)
    rows = read_published(EILA.parent / study.published).rows
    for cell, row in zip(cells(study), rows, strict=True):
        assert (cell.base, float(cell.fraction)) == (row.base, float(row.fraction))
        assert cell.addition == row.addition or cell.fraction == "0"
        assert (cell.test, cell.test_split, cell.attributes, cell.backbone) == ("eila", "test", "race", "resnet50v2")


@pytest.mark.parametrize("path", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_study_of_the_project_can_be_read(path):
    study = read_study(path)
    assert cells(study)
    assert set(recipes(study, Path("/data"))) == set(study.datasets)


def test_fractions_have_one_spelling_and_are_named_in_percent(write):
    made = cells(read_study(write(plain())))
    assert [cell.fraction for cell in made[:3]] == ["0", "0.1", "0.5"]
    assert [cell.experiment for cell in made[:3]] == ["One only", "One + 10% Two", "One + 50% Two"]
    assert [(cell.seed, cell.position) for cell in made] == [(s, p) for s in (0, 1) for p in range(3)]


def test_the_swap_arm_has_a_sign_of_its_own_and_small_shares_keep_their_digits(write):
    mixture = {"base": "one", "addition": "two", "fractions": [0.125], "arm": "swap"}
    assert cells(read_study(write({**plain(), "mixtures": [mixture]})))[0].experiment == "One ~ 12.5% Two"


def test_name_and_place_do_not_identify_a_cell(write):
    parameters = cells(read_study(write(plain())))[0].parameters()
    assert not {"experiment", "position"} & set(parameters)
    assert parameters["seed"] == "0"
    assert all(isinstance(value, str) for value in parameters.values())


def test_overrides_take_only_what_is_given():
    given = {"backbone": "cnn", "epochs": "2", "head": "auto"}
    assert overrides(given, "one=100", ["3", "4"]) == {
        "backbone": "cnn",
        "epochs": "2",
        "limit": {"one": 100},
        "seeds": ["3", "4"],
    }
    assert overrides({"backbone": "auto"}, None, []) == {}


def test_overrides_reach_training_limits_and_seeds(write):
    changes = overrides({"backbone": "cnn", "epochs": "1,2"}, "40", ["7"])
    study = read_study(write({**plain(), "training": {"epochs": [15, 35], "head": "m1"}}), changes)
    assert (study.training.backbone, study.training.epochs, study.training.head) == ("cnn", "1,2", "m1")
    assert study.seeds == (7,)
    assert [entry.limit for entry in study.datasets.values()] == [40, 40]
    assert {recipe.limit for recipe in recipes(study, Path("/data")).values()} == {40}


def test_a_list_of_epochs_is_one_word(write):
    assert read_study(write({**plain(), "training": {"epochs": [15, 35]}})).training.epochs == "15,35"


def test_recipes_find_the_data(write, refused):
    study = read_study(write(plain()))
    made = recipes(study, Path("/data"))
    assert made["two"].raw == Path("/data/fer2013")
    assert made["two"].options == {"splits": "field"}
    assert (made["one"].raw, made["one"].name) == (None, "one")
    with refused("small", "two", "data=<folder>"):
        recipes(study, None)


def test_a_misspelt_place_of_the_data_is_refused(write, refused):
    content = plain()
    content["datasets"]["two"]["raw"] = "{dat}/fer2013"
    with refused("two", "{data}"):
        recipes(read_study(write(content)), Path("/data"))


MIXTURE = {"base": "one", "addition": "two"}
BAD = {
    "unknown entry": ({"mixture": []}, ("entry mixture",)),
    "unknown training entry": ({"training": {"epoch": 3}}, ("entry training.epoch",)),
    "training is a list": ({"training": [1]}, ("training",)),
    "training is a word": ({"training": "cnn"}, ("training",)),
    "no name": ({"name": None}, ("entry name",)),
    "datasets are a list": ({"datasets": []}, ("entry datasets",)),
    "a dataset without a source": ({"datasets": {"one": {"title": "One"}}}, ("entry datasets.one.source",)),
    "unknown base": ({"mixtures": [{"base": "three"}]}, ("'three'", "one, two")),
    "unknown addition": ({"mixtures": [{"base": "one", "addition": "three"}]}, ("'three'", "one, two")),
    "unknown test": ({"test": {"dataset": "three"}}, ("'three'", "one, two")),
    "unknown arm": ({"mixtures": [{**MIXTURE, "arm": "grow"}]}, ("entry mixtures.0.arm",)),
    "a fraction above 1": ({"mixtures": [{**MIXTURE, "fractions": [2]}]}, ("fraction 2", "0..1")),
    "a negative fraction": ({"mixtures": [{**MIXTURE, "fractions": [-0.1]}]}, ("fraction -0.1", "0..1")),
    "a fraction that is no number": ({"mixtures": [{**MIXTURE, "fractions": ["half"]}]}, ("'half'", "number")),
    "fractions are no list": ({"mixtures": [{**MIXTURE, "fractions": 0.5}]}, ("entry mixtures.0.fractions",)),
    "a fraction of nothing": ({"mixtures": [{"base": "one", "fractions": [0.5]}]}, ("0.5", "addition", "one")),
    "no seeds": ({"seeds": []}, ("seeds", "at least one")),
    "a seed that is no number": ({"seeds": ["first"]}, ("entry seeds.0",)),
    "no mixtures": ({"mixtures": []}, ("mixtures",)),
    "no fractions": ({"mixtures": [{**MIXTURE, "fractions": []}]}, ("fractions",)),
    "attributes are one word": ({"test": {"dataset": "two", "attributes": "race"}}, ("entry test.attributes",)),
    "an attribute is no text": (
        {"test": {"dataset": "two", "attributes": ["race", 7]}},
        ("entry test.attributes.1", "race*gender"),
    ),
}


@pytest.mark.parametrize(("change", "words"), BAD.values(), ids=BAD)
def test_a_bad_entry_is_named(write, change, words, refused):
    with refused("study.yaml", *words):
        read_study(write({**plain(), **change}))


@pytest.mark.parametrize(
    ("text", "words"),
    [("name: [", ("no YAML",)), ("", ("no study",)), ("- a\n- b\n", ("no study", "mixtures")), ("word", ("no study",))],
)
def test_a_file_that_is_no_study_is_refused(write, text, words, refused):
    with refused("study.yaml", *words):
        read_study(write(text))


def test_a_missing_study_is_refused(tmp_path, refused):
    with refused(str(tmp_path / "none.yaml"), "studies/"):
        read_study(tmp_path / "none.yaml")


def test_published_results_that_cannot_be_read_are_refused(tmp_path, write, refused):
    with refused(str(tmp_path / "none.yaml"), "studies/published/"):
        read_published(tmp_path / "none.yaml")
    content = yaml.safe_load((EILA.parent / "published" / "eila.yaml").read_text())
    del content["rows"][3]["accuracy_std"]
    with refused("study.yaml", "see studies/published/eila.yaml"):
        read_published(write(content))


def test_a_limit_may_name_its_dataset(write):
    study = read_study(write(plain()), overrides({}, "one=40", []))
    assert {name: entry.limit for name, entry in study.datasets.items()} == {"one": 40, "two": None}


@pytest.mark.parametrize(("text", "word"), [("many", "many"), ("0", "0"), ("one=x", "one=x"), ("three=4", "three")])
def test_a_limit_that_says_nothing_is_refused(write, text, word):
    with pytest.raises(InputError, match=word):
        read_study(write(plain()), overrides({}, text, []))


def test_several_backbones_heads_and_tests_are_told_in_the_names(write):
    training = {"backbone": ["cnn", "vgg16"], "head": "m1,m2"}
    content = {**plain(), "mixtures": [{"base": "one"}], "test": {"dataset": ["one", "two"]}, "training": training}
    made = [cell for cell in cells(read_study(write(content))) if cell.seed == 0]
    assert [cell.position for cell in made] == list(range(8))
    assert [cell.experiment for cell in made[:3]] == [
        "cnn, m1, on One", "cnn, m1, on Two", "cnn, m2, on One",
    ]  # fmt: skip
    assert len({tuple(cell.training().items()) for cell in made}) == 4
    content["mixtures"] = [{"base": "one"}, {"base": "two"}]
    assert cells(read_study(write(content)))[0].experiment == "One only, cnn, m1, on One"
    assert {(cell.backbone, cell.head) for cell in made} == {(b, h) for b in ("cnn", "vgg16") for h in ("m1", "m2")}


def test_an_ensemble_is_of_one_mixture_or_across_bases(write):
    content = {**plain(), "mixtures": [{"base": "one"}, {"base": "two"}], "training": {"backbone": ["cnn", "vgg16"]}}
    content["ensembles"] = [
        {"title": "both nets"},
        {"title": "both sets", "bases": ["one", "two"], "backbones": ["cnn"]},
    ]
    made = [cell for cell in cells(read_study(write(content))) if cell.seed == 1]
    together = [cell for cell in made if cell.members != "none"]
    assert [cell.experiment for cell in together] == [
        "One only, both nets", "Two only, both nets", "One & Two, both sets",
    ]  # fmt: skip
    assert [(one.base, one.backbone, one.seed) for one in members_of(together[2], made)] == [
        ("one", "cnn", 1), ("two", "cnn", 1),
    ]  # fmt: skip
    assert [one.backbone for one in members_of(together[1], made)] == ["cnn", "vgg16"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"title": "x", "backbones": ["vgg16"]}, ("'vgg16'", "cnn")),
        ({"title": "x"}, ("ensemble x", "two members")),
        ({"title": "x", "bases": ["three"]}, ("'three'",)),
        ({"title": "x", "validation": "three"}, ("'three'",)),
        ({"title": "x", "weighting": "best"}, ("entry ensembles.0.weighting",)),
    ],
)
def test_an_ensemble_that_cannot_be_is_refused(write, refused, entry, words):
    content = {**plain(), "mixtures": [{"base": "one"}], "training": {"backbone": "cnn"}, "ensembles": [entry]}
    with refused("study.yaml", *words):
        read_study(write(content))


def test_balance_is_part_of_a_cell_and_of_its_name(write):
    content = {**plain(), "mixtures": [{"base": "one", "balance": {"method": "undersample", "target": {"happy": 9}}}]}
    cell = cells(read_study(write(content)))[0]
    assert cell.experiment == 'One only, undersample {"happy": 9}'
    assert yaml.safe_load(cell.balance) == {"method": "undersample", "target": '{"happy": 9}', "options": {}}


def test_headlines_without_groups_are_published_too():
    for name, rows in (("age", 3), ("assistive", 1)):
        assert len(read_published(EILA.parent / "published" / f"{name}.yaml").rows) == rows
