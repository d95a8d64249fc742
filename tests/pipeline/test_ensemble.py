"""ensemble on a real server: members of different datasets, weights from validation faces, and what is refused."""

import mlflow
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from analysis import load_runs
from entrypoints.ensemble import main as ensemble
from entrypoints.train import main as train
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.tracking.datasets import open_dataset
from fer.tracking.models import open_model

OPTIONS = {"train": 70, "validation": 35, "test": 14}


@pytest.fixture(scope="module")
def members(server, tmp_path_factory):
    """Return two small datasets, one of four emotions, and a model on each: (folders by name, run ids by name)."""
    folder = tmp_path_factory.mktemp("members")
    recipes = {
        "first": Recipe("synthetic", name="first", options={**OPTIONS, "seed": 1}, size=24),
        "second": Recipe("synthetic", name="second", options={**OPTIONS, "seed": 2}, size=24),
        "four": Recipe(
            "synthetic", name="four", options=OPTIONS, emotions=("Sad", "angry", "fear", "Happiness"), size=24
        ),
        "large": Recipe("synthetic", name="large", options=OPTIONS, size=32),
    }
    patch = pytest.MonkeyPatch()
    patch.setenv("MLFLOW_TRACKING_URI", server)
    patch.setenv("FER_CACHE", str(folder / "cache"))
    patch.setenv("MLFLOW_EXPERIMENT_NAME", "members")
    mlflow.set_tracking_uri(server)
    trained = {}
    for name, recipe in recipes.items():
        preprocess(recipe, folder / name)
        arguments = ["--dataset", str(folder / name), "--backbone", "cnn", "--epochs", "2", "--augmentation", "none"]
        result = CliRunner().invoke(train, arguments)
        assert result.exit_code == 0, result.output
        trained[name] = load_runs("members", stage="train").iloc[0]["run_id"]
    yield {name: folder / name for name in recipes}, trained
    patch.undo()


def _call(monkeypatch, names, dataset, **options):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "ensembles")
    given = {"members": ",".join(names), "dataset": dataset, **options}
    return CliRunner().invoke(ensemble, [word for name, value in given.items() for word in (f"--{name}", str(value))])


def test_members_of_two_datasets_are_one_model_that_is_served_alone(tracking, members, monkeypatch):
    folders, trained = members
    result = _call(
        monkeypatch, [trained["first"], f"runs:/{trained['second']}"], folders["second"], **{"register-as": "both"}
    )
    assert result.exit_code == 0, result.output
    run = load_runs("ensembles", stage="ensemble").iloc[0]
    place = mlflow.artifacts.download_artifacts(run_id=run["run_id"], artifact_path="members.csv")
    table = pd.read_csv(place)
    assert table["weight"].sum() == pytest.approx(1) and (table["weight"] >= 0).all()
    assert run["metrics.best/validation_loss"] <= table["loss"].min() + 1e-9
    validation = open_dataset(folders["second"]).split("validation")
    faces = validation.faces()
    parts = [open_model(trained[name])[0](faces) for name in ("first", "second")]
    expected = table["weight"][0] * parts[0] + table["weight"][1] * parts[1]
    served = mlflow.pyfunc.load_model("models:/both/1").predict(faces)
    assert np.allclose(served, expected, atol=1e-5)
    assert (served.argmax(1) == validation.codes()).mean() == pytest.approx(run["metrics.best/validation_accuracy"])


def test_an_average_weighs_all_alike(tracking, members, monkeypatch):
    folders, trained = members
    result = _call(monkeypatch, [trained["first"], trained["second"]], folders["first"], weighting="average")
    assert result.exit_code == 0, result.output
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
def test_members_that_do_not_fit_are_refused_in_one_sentence(tracking, members, monkeypatch, names, options, words):
    folders, trained = members
    result = _call(monkeypatch, [trained[name] for name in names], options.pop("dataset", folders["first"]), **options)
    assert result.exit_code == 2
    lines = result.output.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("error: ")
    for word in words:
        assert word in lines[0]


def test_a_model_of_four_emotions_says_so_and_is_not_tested_on_others(tracking, members):
    folders, trained = members
    _, emotions, _ = open_model(trained["four"])
    assert emotions == ("angry", "fear", "happy", "sad")
    from fer.errors import InputError
    from fer.evaluation.metrics import overall
    from fer.evaluation.predictions import predict

    classify, _, _ = open_model(trained["four"])
    table = predict(classify, open_dataset(folders["four"]).split("test"), emotions)
    assert 0 <= overall(table)["accuracy"] <= 1
    with pytest.raises(InputError, match="not in this vocabulary"):
        overall(predict(classify, open_dataset(folders["first"]).split("test"), emotions))
