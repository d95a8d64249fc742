"""Study files: overrides, and every invalid entry."""

from pathlib import Path

import pytest
import yaml

from fer.errors import InputError
from fer.steps.published import read_published
from fer.study.reading import cells, overrides, read_study, recipes

ROOT = Path(__file__).parents[3]
EILA = ROOT / "studies" / "eila.yaml"


@pytest.mark.parametrize("path", sorted((ROOT / "studies").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_study_of_the_project_can_be_read(path):
    study = read_study(path)
    assert cells(study)
    assert set(recipes(study, Path("/data"))) == set(study.datasets)


def test_overrides_take_only_what_is_given():
    given = {"backbone": "cnn", "epochs": "2", "head": "auto"}
    assert overrides(given, "one=100", ["3", "4"]) == {
        "backbone": "cnn",
        "epochs": "2",
        "limit": {"one": 100},
        "seeds": ["3", "4"],
    }
    assert overrides({"backbone": "auto"}, None, []) == {}


def test_overrides_reach_training_limits_and_seeds(write, plain):
    changes = overrides({"backbone": "cnn", "epochs": "1,2"}, "40", ["7"])
    study = read_study(write({**plain, "training": {"epochs": [15, 35], "head": "m1"}}), changes)
    assert (study.training.backbone, study.training.epochs, study.training.head) == ("cnn", "1,2", "m1")
    assert study.seeds == (7,)
    assert [entry.limit for entry in study.datasets.values()] == [40, 40]
    assert {recipe.limit for recipe in recipes(study, Path("/data")).values()} == {40}


def test_a_list_of_epochs_is_one_word(write, plain):
    assert read_study(write({**plain, "training": {"epochs": [15, 35]}})).training.epochs == "15,35"


def test_recipes_find_the_data(write, refused, plain):
    study = read_study(write(plain))
    made = recipes(study, Path("/data"))
    assert made["two"].raw == Path("/data/fer2013")
    assert made["two"].options == {"splits": "field"}
    assert (made["one"].raw, made["one"].name) == (None, "one")
    with refused("small", "two", "data=<folder>"):
        recipes(study, None)


def test_a_misspelt_place_of_the_data_is_refused(write, refused, plain):
    plain["datasets"]["two"]["raw"] = "{dat}/fer2013"
    with refused("two", "{data}"):
        recipes(read_study(write(plain)), Path("/data"))


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
    "a seed given twice": ({"seeds": [0, 1, 0]}, ("seeds", "0 is given twice")),
    "a fraction given twice": ({"mixtures": [{**MIXTURE, "fractions": [0.1, "0.10"]}]}, ("fractions of one", "twice")),
    "a mixture given twice": ({"mixtures": [MIXTURE, {"base": "one"}]}, ("the cell 'One only' twice",)),
    "a test given twice": ({"test": {"dataset": ["two", "two"]}}, ("test.dataset", "two is given twice")),
    "an attribute given twice": (
        {"test": {"dataset": "two", "attributes": ["race", "race"]}},
        ("race is given twice",),
    ),
    "a column given twice": ({"test": {"dataset": "two", "attributes": ["race*race"]}}, ("race is given twice",)),
    "a corruption given twice": (
        {"test": {"dataset": "two", "robustness": ["blur", "blur"]}},
        ("blur is given twice",),
    ),
    "a backbone given twice": ({"training": {"backbone": "cnn,cnn"}}, ("training.backbone", "cnn is given twice")),
    "no name at all": ({"name": " "}, ("the study's name", "is empty")),
    "a name that is a folder": ({"name": ".."}, ("the study's name", "reads as a path")),
    "a name of two lines": ({"name": "a\nb"}, ("the study's name", "line ends")),
    "a name without end": ({"name": "x" * 6000}, ("the study's name", "250 are the most")),
    "a title without text": (
        {"datasets": {"one": {"source": "synthetic", "title": ""}}},
        ("title of the dataset one",),
    ),
    "no mixtures": ({"mixtures": []}, ("mixtures",)),
    "no fractions": ({"mixtures": [{**MIXTURE, "fractions": []}]}, ("fractions",)),
    "attributes are one word": ({"test": {"dataset": "two", "attributes": "race"}}, ("entry test.attributes",)),
    "an attribute is no text": (
        {"test": {"dataset": "two", "attributes": ["race", 7]}},
        ("entry test.attributes.1", "race*gender"),
    ),
}


@pytest.mark.parametrize(("change", "words"), BAD.values(), ids=BAD)
def test_a_bad_entry_is_named(write, change, words, refused, plain):
    with refused("study.yaml", *words):
        read_study(write({**plain, **change}))


LATE = {
    "itself": ({"base": "one", "addition": "one", "fractions": [0.5]}, ["one cannot be mixed with itself"]),
    "sizes": ({"base": "one", "addition": "large", "fractions": [0.5]}, ["size 48", "64"]),
    "colours": ({"base": "one", "addition": "coloured", "fractions": [0.5]}, ["channels 1", "3"]),
    "method": ({"base": "one", "balance": {"method": "rotate"}}, ["'rotate'", "augment, undersample, smote"]),
    "target": ({"base": "one", "balance": {"target": "lots"}}, ["'lots'"]),
    "option": ({"base": "one", "balance": {"options": {"k": 3}}}, ["'k'"]),
    "fraction": ({"base": "one", "addition": "two", "fractions": ["1e-400000"]}, ["decimal places"]),
}


@pytest.mark.parametrize(("mixture", "words"), LATE.values(), ids=LATE)
def test_a_mixture_that_cannot_be_is_refused_before_anything_is_read(write, plain, refused, mixture, words):
    more = {"large": {"size": 64}, "coloured": {"channels": 3}}
    for name, change in more.items():
        plain["datasets"][name] = {"source": "synthetic", "title": name, **change}
    with refused("study.yaml", *words):
        read_study(write({**plain, "mixtures": [*plain["mixtures"], mixture]}))


@pytest.mark.parametrize(
    "change",
    [
        {"test": {"dataset": ["one", "large"]}},
        {"ensembles": [{"title": "all", "validation": "large"}], "training": {"backbone": "cnn,vgg16"}},
    ],
)
def test_a_model_is_tested_and_weighted_on_faces_of_its_own_size(write, plain, refused, change):
    plain["datasets"]["large"] = {"source": "synthetic", "title": "Large", "size": 64}
    with refused("study.yaml", "one has faces of size 48", "large of 64"):
        read_study(write({**plain, **change}))


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 6000, "a\nb"])
def test_a_dataset_of_a_name_that_cannot_be_is_refused(write, plain, refused, name):
    plain["datasets"][name] = {"source": "synthetic", "title": "T"}
    with refused("study.yaml", "the dataset's name"):
        read_study(write(plain))


def test_words_and_names_are_text_as_they_are_written(write, plain):
    labels = "title: Two\n    labels: {no: drop, 1.0e+0: sad}"
    text = yaml.safe_dump(plain, sort_keys=False).replace("title: Two", labels)
    assert read_study(write(text)).datasets["two"].labels == {"no": "drop", "1.0e+0": "sad"}


def test_a_key_given_twice_is_refused(write, plain, refused):
    with refused("study.yaml", "gives seeds twice"):
        read_study(write(yaml.safe_dump(plain) + "seeds: [3]\n"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", ("not valid YAML",)),
        ("", ("not a study",)),
        ("- a\n- b\n", ("not a study", "mixtures")),
        ("word", ("not a study",)),
    ],
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


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("backbone:", "backbones:", ("no key 'backbones' in the file", "write backbone")),
        ("metrics:", "metric:", ("no key 'metric' in a row", "write metrics")),
        ("accuracy_std: 5.14", "accuracy_std: low", ("entry rows.0.accuracy_std", "must be a number, not 'low'")),
        ("rows:", "rows: none\nx:", ("no key 'x' in the file", "one of study, source")),
    ],
)
def test_a_mistake_in_published_results_is_named(write, refused, old, new, words):
    text = (EILA.parent / "published" / "eila.yaml").read_text()
    with refused("study.yaml", *words):
        read_published(write(text.replace(old, new, 1)))


def test_a_limit_may_name_its_dataset(write, plain):
    study = read_study(write(plain), overrides({}, "one=40", []))
    assert {name: entry.limit for name, entry in study.datasets.items()} == {"one": 40, "two": None}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("many", "many"),
        ("0", "0"),
        ("one=x", "one=x"),
        ("three=4", "three"),
        ("²", "²"),
        ("one=5,one=9", "one twice"),
        ("5,9", "twice"),
        ("one=5,", "''"),
    ],
)
def test_a_limit_that_says_nothing_is_refused(write, text, word, plain):
    with pytest.raises(InputError, match=word):
        read_study(write(plain), overrides({}, text, []))


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
def test_an_ensemble_that_cannot_be_is_refused(write, refused, entry, words, plain):
    content = {**plain, "mixtures": [{"base": "one"}], "training": {"backbone": "cnn"}, "ensembles": [entry]}
    with refused("study.yaml", *words):
        read_study(write(content))


@pytest.mark.parametrize(("given", "kinds"), [("none", ()), (["none"], ()), ("all", ("all",)), (["blur"], ("blur",))])
def test_robustness_is_some_kinds_or_none(write, plain, given, kinds):
    plain["test"]["robustness"] = given
    assert read_study(write(plain)).test.robustness == kinds


def test_headlines_without_groups_are_published_too():
    for name, rows in (("age", 3), ("assistive", 1)):
        assert len(read_published(EILA.parent / "published" / f"{name}.yaml").rows) == rows
