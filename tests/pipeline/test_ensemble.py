"""ensemble on a real server: members of different datasets, weights from validation faces, and what is refused."""

import mlflow
import numpy as np
import pandas as pd
import pytest
from project_runs import answer, invoke, succeed

from analysis import load_runs
from fer.classifiers import open_classifier
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.tracking.datasets import open_dataset

OPTIONS = {"train": 70, "validation": 35, "test": 14}


@pytest.fixture(scope="module")
def members(module_tracking):
    """Return small datasets, one of four emotions, and a model on each: (folders by name, run ids by name)."""
    recipes = {
        "first": Recipe("synthetic", name="first", options={**OPTIONS, "seed": 1}, size=24),
        "second": Recipe("synthetic", name="second", options={**OPTIONS, "seed": 2}, size=24),
        "four": Recipe(
            "synthetic", name="four", options=OPTIONS, emotions=("Sad", "angry", "fear", "Happiness"), size=24
        ),
        "large": Recipe("synthetic", name="large", options=OPTIONS, size=32),
    }
    trained = {}
    for name, recipe in recipes.items():
        folder = module_tracking / name
        preprocess(recipe, folder)
        succeed("train", "members", dataset=folder, backbone="assistive1", epochs=2, augmentation="none")
        trained[name] = load_runs("members", stage="train").iloc[0]["run_id"]
    return {name: module_tracking / name for name in recipes}, trained


def test_members_of_two_datasets_are_one_model_that_is_served_alone(tracking, members):
    folders, trained = members
    named = f"{trained['first']},runs:/{trained['second']}"
    succeed("ensemble", "ensembles", members=named, dataset=folders["second"], register_as="both")
    run = load_runs("ensembles", stage="ensemble").iloc[0]
    place = mlflow.artifacts.download_artifacts(run_id=run["run_id"], artifact_path="members.csv")
    table = pd.read_csv(place)
    assert table["weight"].sum() == pytest.approx(1) and (table["weight"] >= 0).all()
    assert run["metrics.best/validation_loss"] <= table["loss"].min() + 1e-9
    validation = open_dataset(folders["second"]).split("validation")
    faces = validation.faces()
    parts = [open_classifier(trained[name]).probabilities(faces) for name in ("first", "second")]
    expected = table["weight"][0] * parts[0] + table["weight"][1] * parts[1]
    served = mlflow.pyfunc.load_model("models:/both/1").predict(faces)
    assert np.allclose(served, expected, atol=1e-5)
    assert (served.argmax(1) == validation.codes()).mean() == pytest.approx(run["metrics.best/validation_accuracy"])


def test_an_average_weighs_all_alike(tracking, members):
    folders, trained = members
    named = f"{trained['first']},{trained['second']}"
    succeed("ensemble", "ensembles", members=named, dataset=folders["first"], weighting="average")
    run = load_runs("ensembles", stage="ensemble").iloc[0]
    assert run["metrics.ensemble/weight/0"] == run["metrics.ensemble/weight/1"] == 0.5


@pytest.mark.parametrize(
    ("names", "options", "words"),
    [
        (("first",), {}, ("two members",)),
        (("first", "four"), {}, ("same emotions", "angry, fear, happy, sad")),
        (("first", "large"), {}, ("(24, 24, 1)", "(32, 32, 1)")),
        (("first", "second"), {"weighting": "best"}, ("'best'", "average, validation")),
        (("first", "second"), {"dataset": "nowhere"}, ("nowhere", "preprocess")),
    ],
)
def test_members_that_do_not_fit_are_refused_in_one_sentence(tracking, members, names, options, words):
    folders, trained = members
    given = {"members": ",".join(trained[name] for name in names), "dataset": folders["first"], **options}
    result = invoke("ensemble", "ensembles", **given)
    assert result.exit_code == 2
    lines = answer(result.output)
    assert len(lines) == 1 and lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]


def test_a_model_of_four_emotions_says_so_and_is_not_tested_on_others(tracking, members):
    folders, trained = members
    emotions = open_classifier(trained["four"]).description.emotions
    assert emotions == ("angry", "fear", "happy", "sad")
    from fer.errors import InputError
    from fer.evaluation.metrics import overall
    from fer.evaluation.predictions import predict

    classify = open_classifier(trained["four"]).probabilities
    table = predict(classify, open_dataset(folders["four"]).split("test"), emotions)
    assert 0 <= overall(table)["accuracy"] <= 1
    with pytest.raises(InputError, match="not in this vocabulary"):
        overall(predict(classify, open_dataset(folders["first"]).split("test"), emotions))
