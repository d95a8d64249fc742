"""A published figure that is corrected takes the place of the old one."""

import mlflow
import pytest
import yaml

from analysis import load_runs
from fer.data.attributes import RACE
from fer.evaluation.metric_names import groups_in
from fer.steps.published import PublishedFile, log_published, published_record, read_published
from fer.tracking.runs import open_run


@pytest.fixture
def experiment(monkeypatch, tmp_path):
    """An experiment in an SQLite store of the test's own."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/mlflow.db")
    mlflow.create_experiment("mine", f"file://{tmp_path}/artifacts")
    yield "mine"
    mlflow.set_tracking_uri(before)


@pytest.fixture
def publish(tmp_path, experiment):
    """Return a function that logs a table of two rows, given their accuracies, and returns the runs' ids."""
    path = tmp_path / "published.yaml"

    def publish(*accuracies, titles=("one", "two")):
        rows = [
            {"experiment": title, "base": "x", "metrics": {"accuracy": value}}
            for title, value in zip(titles, accuracies, strict=True)
        ]
        content = {"study": "s", "source": "a paper", "test": "t", "backbone": "cnn", "rows": rows}
        path.write_text(yaml.safe_dump(content))
        with open_run("report", "report", experiment=experiment):
            return log_published(path, experiment)

    publish.path = path
    return publish


def shown(experiment):
    """Return the accuracy of each published row that a report would be of."""
    runs = load_runs(experiment, origin="published")
    return dict(zip(runs["tags.fer.experiment"], runs["metrics.test/accuracy"], strict=True)), len(runs)


def test_a_corrected_figure_replaces_the_old_one_and_can_be_corrected_back(publish, experiment):
    first = publish(0.5, 0.6)
    assert publish(0.5, 0.6) == first
    second = publish(0.5, 0.7)
    assert second[0] == first[0] and second[1] != first[1]
    assert shown(experiment) == ({"one": 0.5, "two": 0.7}, 2)
    publish(0.5, 0.6)
    assert shown(experiment) == ({"one": 0.5, "two": 0.6}, 2)


def test_a_row_that_stands_elsewhere_in_the_file_is_still_one_row(publish, experiment):
    publish(0.5, 0.6)
    publish(0.6, 0.5, titles=("two", "one"))
    assert shown(experiment) == ({"one": 0.5, "two": 0.6}, 2)


def test_two_rows_that_cannot_be_told_apart_are_refused(publish, refused):
    with refused("published.yaml", "two rows are of one on t"):
        publish(0.5, 0.6, titles=("one", "one"))
    with refused("two rows"):
        read_published(publish.path)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"metrics": {"accuracy": 7.5}}, "accuracy of one is 7.5"),
        ({"metrics": {"accuracy": -3}}, "accuracy of one is -3"),
        ({"metrics": {"accuracy": float("nan")}}, "finite number"),
        ({"metrics": {"loss": -1}}, "loss of one is -1"),
        ({"metrics": {"brier": float("inf")}}, "finite number"),
        ({"further": {"best/validation_accuracy": 64.43}}, "best/validation_accuracy of one is 64.43"),
        ({"groups": {"a": 41.2, "b": 0.5}, "accuracy_std": 5}, "1"),
        ({"groups": {"a": 0.4, "b": 0.5}, "accuracy_std": 500}, "100"),
    ],
)
def test_a_figure_outside_its_range_is_refused(tmp_path, refused, row, words):
    content = {"study": "s", "source": "a paper", "test": "t", "backbone": "cnn", "attribute": "race"}
    rows = [{"experiment": "one", "base": "x", "metrics": {"accuracy": 0.5}, **row}]
    (tmp_path / "published.yaml").write_text(yaml.safe_dump({**content, "rows": rows}))
    with refused("published.yaml", words):
        read_published(tmp_path / "published.yaml")


def test_groups_that_differ_in_a_sign_only_have_figures_of_their_own():
    groups = {"Asian/Pacific": 0.5, "Asian_Pacific": 0.75, "60+": 0.25, "60_plus": 1.0}
    row = {"experiment": "one", "base": "x", "metrics": {"accuracy": 0.6}, "groups": groups, "accuracy_std": 10.0}
    table = PublishedFile(study="s", source="a paper", attribute="race", test="t", backbone="cnn", rows=(row,))
    found = published_record(table, table.rows[0]).metrics
    assert groups_in(found, "test", "accuracy", RACE).keys() == groups.keys()
    assert found["test/race/accuracy_gap"] == 0.75
