"""card on a real server: a registered model's card from its runs, in the registry, and what it cannot show."""

import re
import shutil

import mlflow
import pytest
from project_runs import invoke, succeed

from analysis import load_predictions, load_runs
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.tracking.registry import evaluations_of, registered_model

OPTIONS = {"train": 70, "validation": 35, "test": 70}
MODEL = "models:/carded/1"


@pytest.fixture(scope="module")
def carded(module_tracking):
    """Return the folder of a small dataset; a model trained on it is version 1 of ``carded``, evaluated once."""
    place = module_tracking / "drawn"
    preprocess(Recipe("synthetic", name="drawn", options=OPTIONS, size=24), place)
    succeed("train", "carded", dataset=place, backbone="assistive1", epochs=1, register_as="carded")
    succeed("evaluate", "carded", model=MODEL, dataset=place, attributes="race")
    return place


def _card(model=MODEL, **options):
    return invoke("card", "cards", model=model, **options)


def test_a_card_says_how_each_group_fares_and_stands_in_the_registry(tracking, carded):
    result = _card(use="Sorting drawn faces.")
    assert result.exit_code == 0, result.output
    evaluated = load_runs("carded", stage="evaluate").iloc[0]
    groups = [name.rpartition("/")[2] for name in evaluated.index if name.startswith("metrics.test/race/accuracy/")]
    assert len(groups) > 1
    for group in groups:
        shown = re.search(rf"^\| {group} .*$", result.output.split("Metrics by group")[1], re.MULTILINE)
        accuracy = 100 * evaluated[f"metrics.test/race/accuracy/{group}"]
        assert f" {accuracy:.1f} (" in shown[0]
    assert "Sorting drawn faces." in result.output
    trained = load_runs("carded", stage="train").iloc[0]
    for run in (trained, evaluated):
        assert run["run_id"] in result.output
    for fact in ("assistive1", "drawn: training faces by race", "Article 5(1)(f)"):
        assert fact in result.output
    # What was left at auto is shown as what it stands for.
    details = result.output.partition("What it is")[2].partition("##")[0]
    for name in ("head", "weights", "protocol", "input_size", "learning_rate"):
        assert trained[f"params.resolved/{name}"] in re.search(rf"^\| {name} .*$", details, re.MULTILINE)[0]
    assert "| auto " not in details and re.search(r"^\| epochs trained +\| 1 ", details, re.MULTILINE)
    version = mlflow.MlflowClient().get_model_version("carded", "1")
    assert "accuracy" in version.description and len(version.description) <= 5000
    run = load_runs("cards", stage="card").iloc[0]["run_id"]
    page = mlflow.artifacts.load_text(f"runs:/{run}/model_card.html")
    assert "<h1>Model card: carded, version 1</h1>" in page and "http" not in page.split("</style>")[1].split("<h1>")[0]


def test_an_attribute_by_which_the_model_was_not_evaluated_comes_from_its_predictions(tracking, carded):
    run = evaluations_of(registered_model(MODEL))[0].info.run_id
    genders = load_predictions(run)["gender"].dropna().unique()
    result = _card(attributes="gender,haircut")
    assert result.exit_code == 0, result.output
    assert all(f"| {gender} " in result.output for gender in genders)
    assert "drawn, test, by haircut: the predictions" in result.output


def test_training_data_that_has_gone_is_named(tracking, carded):
    hidden = carded.with_name("hidden")
    shutil.move(carded, hidden)
    try:
        result = _card()
    finally:
        shutil.move(hidden, carded)
    assert result.exit_code == 0, result.output
    assert "The training data is not shown: there is no dataset" in result.output
    assert "Metrics by group" in result.output


def test_a_model_trained_already_is_registered_later_with_an_alias(tracking, carded):
    trained = load_runs("carded", stage="train").iloc[0]["run_id"]
    output = succeed("register", "carded", model=trained, name="late", alias="challenger")
    assert "registered: models:/late/1, alias challenger" in output
    assert registered_model("models:/late@challenger").run.info.run_id == trained
    succeed("register", "carded", model=f"runs:/{trained}", name="late")
    assert registered_model("models:/late/2").run.info.run_id == trained
    assert registered_model("models:/late@challenger").version == "1"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "0" * 32, "name": "late"}, "there is no model"),
        ({"model": MODEL, "name": "a/b"}, "name 'a/b' is no name of a registered model"),
        ({"model": MODEL, "name": "late", "alias": "a b"}, "'a b' is no alias"),
    ],
)
def test_what_cannot_be_registered_is_refused(tracking, carded, options, sentence):
    result = invoke("register", "carded", **options)
    assert result.exit_code == 2, result.output
    assert sentence in result.output


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("carded", "names no registered model"),
        ("models:/carded/99", "has no model"),
        ("models:/nobody@best", "has no model"),
    ],
)
def test_a_model_that_is_not_in_the_registry_is_refused(tracking, carded, address, sentence):
    result = _card(address)
    assert result.exit_code == 2
    assert sentence in result.output and "Traceback" not in result.output


def test_a_card_without_any_group_does_not_replace_the_description(tracking, carded):
    client = mlflow.MlflowClient()
    client.update_model_version("carded", "1", "as it was")
    result = _card(attributes="haircut")
    assert result.exit_code == 2
    assert "the card of carded version 1 would have no groups" in result.output and "race" in result.output
    assert client.get_model_version("carded", "1").description == "as it was"
    assert _card(attributes="none").exit_code == 0
