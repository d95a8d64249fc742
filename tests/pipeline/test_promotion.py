"""promote on a real server: an alias moves only to a model that is shown to be no worse, overall and in each group."""

import mlflow
import numpy as np
import pandas as pd
import pytest
from project_runs import invoke

from analysis.promotion import MARGIN
from entrypoints import promote
from fer.data.emotions import EMOTIONS
from fer.record import PREDICTIONS_FILE, DatasetInput, Record
from fer.tracking import names
from fer.tracking.addresses import model_uri
from fer.tracking.run_contents import log_record
from fer.tracking.runs import open_run

FACES, GROUPS = 1200, ("black", "white")


class _Faces:
    def __init__(self, name):
        stream = np.random.default_rng(len(name))
        self.name, self.digest = name, f"digest of {name}"
        self.samples = pd.DataFrame(
            {
                "sample_id": [f"{name}-{number}" for number in range(FACES)],
                "label": stream.choice(EMOTIONS, FACES),
                "race": np.repeat(GROUPS, FACES // 2),
                "clip": np.repeat(np.arange(FACES // 4), 4),
            }
        )


def _version(name, number, wrong, test="faces"):
    """Register a version that is wrong so often, by group, and log its evaluation; return the evaluation's id."""
    client = mlflow.MlflowClient()
    with open_run("train", f"{name} {number}", experiment="promotion") as run:
        trained = run.info.run_id
    client.create_model_version(name, f"runs:/{trained}/model", trained)
    return _evaluate(trained, wrong, test)


def _evaluate(trained, wrong, test):
    faces = _Faces(test)
    samples, stream = faces.samples, np.random.default_rng(0)
    missed = stream.random(FACES) < samples["race"].map(dict(zip(GROUPS, wrong, strict=True)))
    codes = samples["label"].map({emotion: code for code, emotion in enumerate(EMOTIONS)}).to_numpy()
    predicted = np.where(missed, (codes + 1) % len(EMOTIONS), codes)
    proba = pd.DataFrame(np.eye(len(EMOTIONS))[predicted], columns=[f"p_{emotion}" for emotion in EMOTIONS])
    table = pd.concat([samples, proba], axis=1).assign(predicted=np.array(EMOTIONS)[predicted])
    with open_run("evaluate", "evaluation", {"split": "test", "attributes": "race"}, experiment="promotion") as run:
        log_record(
            Record(
                tags={names.MODEL: model_uri(trained), names.DATASET: faces.name},
                tables={PREDICTIONS_FILE: table},
                inputs=[DatasetInput(faces, faces.name, "test")],
            )
        )
        return run.info.run_id


@pytest.fixture
def registry(tracking):
    """Give the client of a server with a registered model without versions."""
    client = mlflow.MlflowClient()
    client.create_registered_model("fer")
    yield client
    client.delete_registered_model("fer")


def test_the_margin_is_that_of_the_function():
    assert {option.name: option.default for option in promote.main.params}["margin"] == MARGIN


def _holder(client):
    return client.get_model_version_by_alias("fer", "champion").version


def test_a_model_takes_the_place_only_if_it_is_no_worse_overall_and_in_the_worst_group(registry):
    first = _version("fer", 1, (0.3, 0.3))
    assert invoke("promote", "promotion", model="models:/fer/1").exit_code == 0
    assert _holder(registry) == "1"
    # More accurate overall, at the cost of one group.
    second = _version("fer", 2, (0.4, 0.05))
    refused = invoke("promote", "promotion", model="models:/fer/2")
    assert refused.exit_code == 1, refused.output
    assert "Version 2 of fer does not take the place of version 1" in refused.output
    assert "accuracy is no worse" in refused.output
    assert "worst group is not shown to be no worse" in refused.output
    assert _holder(registry) == "1"
    for run in (first, second):
        assert "does not take the place" in mlflow.get_run(run).data.tags[names.PROMOTION]
    _version("fer", 3, (0.2, 0.2))
    taken = invoke("promote", "promotion", model="models:/fer/3")
    assert taken.exit_code == 0, taken.output
    assert _holder(registry) == "3"
    assert "takes the place" in registry.get_model_version("fer", "3").tags[names.PROMOTION]
    decided = mlflow.get_run(mlflow.get_run(first).data.tags[names.PROMOTION_RUN])
    assert decided.data.metrics["promoted"] == 1
    assert decided.data.metrics["promotion/accuracy/difference_points"] > 5
    assert decided.data.metrics["promotion/accuracy_min/p_no_worse"] < 0.05
    assert mlflow.artifacts.load_text(f"{decided.info.artifact_uri}/promotion.csv").count("\n") == 3


def test_each_test_set_that_both_share_must_hold(registry):
    _version("fer", 1, (0.3, 0.3))
    invoke("promote", "promotion", model="models:/fer/1")
    _version("fer", 2, (0.2, 0.2))
    for number, wrong in ((1, (0.1, 0.1)), (2, (0.5, 0.5))):
        _evaluate(registry.get_model_version("fer", str(number)).run_id, wrong, "others")
    refused = invoke("promote", "promotion", model="models:/fer/2")
    assert refused.exit_code == 1
    assert "On faces, test, accuracy is no worse" in refused.output
    assert "On others, test, accuracy is not shown" in refused.output


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"model": "models:/fer/1"}, "was not evaluated"),
        ({"model": "models:/fer/9"}, "has no model"),
        ({"model": "models:/fer/2", "margin": 0}, "margin 0 is outside"),
        ({"model": "models:/fer/2", "alias": "v1"}, "is no alias"),
        ({"model": "models:/fer/2"}, "were not evaluated on the same faces"),
        ({"model": "models:/fer/3", "attribute": "haircut"}, "haircut"),
        ({"model": "models:/fer/4"}, "is @champion already"),
    ],
)
def test_what_cannot_be_decided_is_refused(options, sentence, registry):
    with open_run("train", "never evaluated", experiment="promotion") as run:
        registry.create_model_version("fer", f"runs:/{run.info.run_id}/model", run.info.run_id)
    _version("fer", 2, (0.3, 0.3), "others")
    _version("fer", 3, (0.3, 0.3))
    _version("fer", 4, (0.3, 0.3))
    registry.set_registered_model_alias("fer", "champion", "4")
    result = invoke("promote", "promotion", **options)
    assert result.exit_code == 2, result.output
    assert sentence in result.output
