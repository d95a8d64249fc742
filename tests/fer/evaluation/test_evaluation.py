"""An evaluation and its record, without a server: the figures of the parts, and files in a folder."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import GENDER, RACE, Attribute
from fer.data.dataset import write_packed
from fer.data.emotions import EMOTIONS
from fer.errors import FerWarning
from fer.evaluation.evaluation import evaluate, evaluation_set
from fer.evaluation.metrics import by_group, overall
from fer.evaluation.record import evaluation_record, scores_record
from fer.evaluation.sentences import one_answer
from fer.evaluation.terminal import evaluation_text
from fer.evaluation.uncertainty import whole_accuracy
from fer.record import PREDICTIONS_FILE
from fer.storage.record_folder import write_record
from fer.synthetic import SyntheticOptions, draw_population
from fer.tracking import names


def classify(faces):
    """Return probabilities that follow from a face's pixels, as those of a model."""
    means = faces.reshape(len(faces), 7, -1).mean(axis=2)
    return np.exp((means - means.mean(axis=1, keepdims=True)) / 20)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Drawn faces, of which the test shares a person with training, has no face of group_c, and lost a row."""
    options = SyntheticOptions(train=70, validation=35, test=84, size=28, seed=1, frames_per_clip=3, clips_per_person=2)
    samples, faces = draw_population(options)
    samples.loc[samples.index[samples["split"] == "test"][:20], "person"] = samples["person"].iloc[0]
    samples["age_group"] = np.where(samples.index % 3, "adult", "child")
    kept = (samples["split"] != "test") | (samples["race"] != "group_c")
    lost = pd.DataFrame({"sample_id": ["x"], "split": ["test"], "race": ["group_b"], "reason": ["no face"]})
    folder = tmp_path_factory.mktemp("drawn") / "drawn"
    return write_packed(folder, "drawn", samples[kept], faces[kept], faces.shape[1:], {}, lost)


@pytest.fixture(scope="module")
def done(dataset):
    """An evaluation by race and by the product of race and gender, on faces corrupted in two ways."""
    test = evaluation_set(dataset, "test", [RACE, Attribute.parse("race*gender")])
    return evaluate(classify, test, EMOTIONS, [dataset], robustness=["blur", "noise"])


@pytest.fixture(scope="module")
def record(done):
    return evaluation_record(done)


def test_the_figures_are_those_of_the_predictions(done, record, dataset):
    test = dataset.split("test")
    assert len(done.predictions) == len(test) == len(done.test.faces)
    whole, groups = overall(done.predictions), by_group(done.predictions, RACE)
    assert record.metrics["test/accuracy"] == pytest.approx(whole["accuracy"])
    for group, accuracy in groups.groups["accuracy"].items():
        assert record.metrics[f"test/race/accuracy/{group}"] == pytest.approx(accuracy)
    assert record.metrics["test/race/accuracy_std"] == pytest.approx(100 * groups.summary["accuracy_std"])
    assert {"test/race/clusters/group_a", "test/race_x_gender/accuracy_std", "test/audit/near_duplicates",
            "test/race/effective_groups", "test/race/end_to_end_accuracy/all"} <= set(record.metrics)  # fmt: skip
    assert all(np.isfinite(value) for value in record.metrics.values())


def test_a_group_of_the_dataset_without_a_test_face_has_a_count_of_0_alone(done, record):
    assert done.test.groups[RACE] == ["group_a", "group_b", "group_c"]
    assert record.metrics["test/race/count/group_c"] == 0
    assert "test/race/accuracy/group_c" not in record.metrics
    table = record.tables["groups/race.csv"]
    assert table.loc["group_c", "faces"] == 0 and np.isnan(table.loc["group_c", "accuracy"])


def test_slices_are_in_the_record_and_not_among_the_scores(done, record):
    scores = scores_record(done)
    assert set(scores.metrics) < set(record.metrics) and scores.history == record.history
    further = {name.split("/")[1] for name in set(record.metrics) - set(scores.metrics)}
    assert "age_group" in further and "slices/age_group.csv" in record.tables
    # What is an attribute already is no slice.
    assert not further & {"race", "gender"}


def test_robustness_has_a_history_by_severity_that_starts_at_the_clean_accuracy(record):
    assert set(record.history) == {"test/robustness/blur", "test/robustness/noise"}
    table = record.tables["robustness.csv"]
    for name, steps in record.history.items():
        assert list(steps) == [0, 1, 2, 3, 4, 5]
        assert steps[0] == record.metrics["test/accuracy"]
        rows = table[(table["attribute"] == "all") & (table["perturbation"] == name.rsplit("/")[-1])]
        assert rows["accuracy"].tolist() == list(steps.values()) and set(rows["group"]) == {"all"}
        assert record.latest()[name] == steps[5]
    assert set(table["attribute"]) == {"all", "race", "race*gender"}


def test_tables_figures_and_images_of_every_attribute(record):
    assert {"confusion_matrix.png", "gallery_right.png", "gallery_wrong.png", "groups/race.png",
            "groups/race_x_gender.png", "robustness_race.png",
            "robustness_race_x_gender.png"} <= set(record.figures)  # fmt: skip
    assert set(record.images) == {
        "confusion_matrix", "groups_race", "groups_race_x_gender", "robustness_race", "robustness_race_x_gender"
    }  # fmt: skip
    assert all(any(image is figure for figure in record.figures.values()) for image in record.images.values())
    assert {"audit/leakage.csv", "audit/association_race.csv", "audit/end_to_end_race.csv", "intervals/race.csv",
            "intervals/race_differences.csv", "intervals/race_spread.csv",
            "groups/race_classes.csv"} <= set(record.tables)  # fmt: skip
    right, wrong = (len(record.tables[f"{name}.csv"]) for name in ("right", "wrong"))
    assert right + wrong == len(record.tables[PREDICTIONS_FILE])


def test_the_predictions_are_where_readers_of_the_server_look_for_them():
    assert PREDICTIONS_FILE == names.PREDICTIONS_ARTIFACT


def test_warnings_begin_with_the_most_serious_audit_and_are_in_the_description(done, record):
    assert list(record.warnings) == done.warnings
    assert len(set(record.warnings)) == len(record.warnings)
    assert record.warnings[0].startswith("1 of the ") and "also in the training data" in record.warnings[0]
    assert sum("gave no face" in warning for warning in record.warnings) == 1
    whole = whole_accuracy(done.predictions, done.test.clusters)
    assert record.description.startswith(f"**Accuracy {whole['accuracy']:.1%}** (95 % CI ")
    assert f"**Warning:** {record.warnings[0]}" in record.description and "| group_a" in record.description


def test_training_data_that_are_not_given_are_said_to_be_unknown(dataset):
    test = evaluation_set(dataset, "test")
    unknown = evaluate(classify, test)
    assert unknown.warnings[0].startswith("What this test shares with the model's training data is not known: ")
    found = evaluation_record(evaluate(classify, test, training_unknown="the run is gone."))
    assert found.warnings[0].endswith("is not known: the run is gone.")
    assert "audit/leakage.csv" not in found.tables and "groups/race.csv" not in found.tables
    assert "test/race/accuracy/group_a" in found.metrics and "test/race/accuracy_std" not in found.metrics


def test_without_attributes_robustness_is_drawn_of_all_faces(dataset):
    found = evaluation_record(evaluate(classify, evaluation_set(dataset), robustness=["blur"]))
    assert "robustness_all.png" in found.figures and "robustness_all" in found.images


def test_only_the_groups_that_are_asked_for(dataset):
    test = evaluation_set(dataset, "test", [RACE, GENDER], groups=["group_b", "group_a", "group_b"])
    assert test.groups[RACE] == ["group_b", "group_a"] and len(test.groups[GENDER]) == 2
    found = evaluation_record(evaluate(classify, test))
    assert found.tables["groups/race.csv"].index.tolist() == ["group_b", "group_a"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"split": "holdout"}, ["no holdout split", "drawn"]),
        ({"attributes": [Attribute.parse("skin")]}, ["'skin'", "dataset drawn"]),
        ({"attributes": [RACE], "groups": ["group_c"]}, ["'group_c'", "group_a, group_b"]),
        ({"cluster": "scene"}, ["'scene'", "test split of drawn"]),
        ({"groups": ["group_a"]}, ["groups group_a without an attribute"]),
        ({"attributes": ["race*race"]}, ["race is given twice"]),
        ({"attributes": ["race", "race"]}, ["attributes: race is given twice"]),
    ],
)
def test_what_the_dataset_does_not_have_is_refused(dataset, refused, arguments, words):
    with refused(*words):
        evaluation_set(dataset, **arguments)


def test_an_unknown_corruption_is_refused_before_the_model_is_asked(dataset, refused):
    with refused("'fog'", "blur"):
        evaluate(lambda faces: pytest.fail("asked"), evaluation_set(dataset), robustness=["fog"])


def test_a_classifier_is_evaluated_and_its_record_written_without_mlflow(tmp_path):
    code = f"""
import sys, warnings
from pathlib import Path
import numpy as np
from fer.data.dataset import load_dataset
from fer.errors import FerWarning
from fer.evaluation.evaluation import evaluate, evaluation_set
from fer.evaluation.record import evaluation_record
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.storage.record_folder import write_record
warnings.simplefilter("ignore")
folder = Path({str(tmp_path)!r})
small = dict(train=14, validation=7, test=42, size=24)
preprocess(Recipe("synthetic", name="drawn", options=small, size=24), folder / "drawn")
dataset = load_dataset(folder / "drawn")
classify = lambda faces: np.random.default_rng(0).random((len(faces), 7))
write_record(evaluation_record(evaluate(classify, evaluation_set(dataset, "test", ["race"]))), str(folder / "out"))
print([name for name in ("mlflow", "tensorflow", "keras", "torch") if name in sys.modules])
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    predictions = pd.read_parquet(tmp_path / "out" / PREDICTIONS_FILE)
    assert metrics["test/accuracy"] == pytest.approx((predictions["label"] == predictions["predicted"]).mean())
    assert (tmp_path / "out" / "confusion_matrix.png").is_file()
    assert pd.read_csv(tmp_path / "out" / "warnings.csv")["warning"].str.contains("not known").any()


def test_a_record_in_a_folder_repeats_the_record(record, tmp_path):
    with pytest.warns(FerWarning) as heard:
        write_record(record, tmp_path / "out")
    assert [str(warning.message) for warning in heard] == list(record.warnings)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text()) == pytest.approx(record.latest())
    groups = pd.read_csv(tmp_path / "out" / "groups" / "race.csv", index_col="group")
    assert groups["accuracy"].tolist() == pytest.approx(
        record.tables["groups/race.csv"]["accuracy"].tolist(), nan_ok=True
    )


def test_the_text_for_the_terminal_has_each_group_with_its_interval_in_percent_and_disparities_in_points(done):
    text = evaluation_text(done)
    accuracy = done.known[0].of("accuracy")
    groups = {line.split()[0]: line.split() for line in text.splitlines() if line.startswith("group_")}
    for group in ("group_a", "group_b"):
        row = accuracy.loc[group]
        faces = str(done.known[0].counts.loc[group, "faces"])
        shown = [f"{100 * row[name]:.1f}" for name in ("estimate", "low", "high")]
        assert groups[group] == [group, faces, shown[0], shown[1], "to", shown[2]]
    assert groups["group_c"] == ["group_c", "0", "-", "-"]
    lines = text.splitlines()
    assert lines[0].startswith("drawn, test: ") and lines[1].startswith("accuracy ") and "95 % CI" in lines[1]
    for result in done.results:
        for name in ("accuracy_std", "accuracy_gap", "demographic_parity_difference", "equalized_odds_difference"):
            [line] = [line for line in lines if line.endswith(f" test/{result.attribute.slug}/{name}")]
            assert line.split()[-2] == f"{100 * result.summary[name]:.1f}"


def test_a_model_with_one_answer_is_warned_about_wherever_rates_are_compared(dataset):
    def happy(faces):
        return np.tile(np.eye(7)[EMOTIONS.index("happy")], (len(faces), 1))

    one = evaluate(happy, evaluation_set(dataset, "test", [RACE]), EMOTIONS)
    assert one.results[0].summary["demographic_parity_difference"] == 0
    first = one.warnings[0]
    assert first.startswith("The model answers happy for all ") and "say nothing about fairness" in first
    assert "answers happy" in evaluation_record(one).description
    assert one_answer(one.predictions.head(1)) == []
    mixed = one.predictions.assign(predicted=["sad", *one.predictions["predicted"][1:]])
    assert one_answer(mixed) == []
    assert one_answer(mixed, one.predictions, model="cnn:")[0].startswith("cnn: answers happy for all ")


def test_other_evaluations_are_not(done):
    assert not any("say nothing about fairness" in sentence for sentence in done.warnings)
