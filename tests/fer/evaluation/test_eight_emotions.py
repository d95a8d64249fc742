"""Models and tests of seven and of eight emotions: what is wrong, what is refused, and how tables are joined."""

import numpy as np
import pandas as pd
import pytest

from analysis.tables.classes import class_distribution
from fer.classifiers.outputs import emotion_map
from fer.data.attributes import RACE
from fer.data.dataset import write_packed
from fer.data.emotions import ALL_EMOTIONS, EMOTIONS
from fer.data.samples import VOTES, count_table
from fer.evaluation.evaluation import evaluate, evaluation_set
from fer.evaluation.given_predictions import as_dataset
from fer.evaluation.metrics import confusion_table
from fer.evaluation.predictions import arrays_of, of_one_vocabulary, vocabulary_of
from fer.evaluation.record import evaluation_record
from fer.sources.predictions import read_predictions
from fer.tracking.models import emotions_of


def always(answer, emotions):
    """Return a model that is nearly sure of one emotion."""
    shares = np.where(np.asarray(emotions) == answer, 0.9, 0.1 / (len(emotions) - 1))
    return lambda faces: np.repeat(shares[None], len(faces), axis=0)


@pytest.fixture
def eight(tmp_path, tiny_samples):
    samples = tiny_samples()
    samples.loc[samples.index[samples["split"] == "test"][:3], "label"] = "contempt"
    votes = pd.DataFrame(0, samples.index, list(VOTES))
    votes["votes_contempt"] = np.where(samples["label"] == "contempt", 3, 0)
    votes["votes_happy"] = np.where(samples["label"] == "contempt", 1, 4)
    samples = pd.concat([samples, votes], axis=1)
    faces = np.random.default_rng(0).integers(0, 256, (len(samples), 8, 8), dtype=np.uint8)
    return write_packed(tmp_path / "eight", "eight", samples, faces, (8, 8), {"emotions": list(ALL_EMOTIONS)})


def test_a_model_of_eight_on_a_dataset_of_eight(eight):
    done = evaluate(always("contempt", ALL_EMOTIONS), evaluation_set(eight, "test", [RACE]), ALL_EMOTIONS)
    assert done.predictions.filter(like="p_").columns.tolist() == [f"p_{emotion}" for emotion in ALL_EMOTIONS]
    assert confusion_table(done.predictions).loc["contempt", "contempt"] == 3
    record = evaluation_record(done)
    assert record.tables["classification_report.csv"].loc["contempt", ["recall", "support"]].tolist() == [1, 3]
    assert record.metrics["test/accuracy"] == pytest.approx(3 / len(done.predictions))
    # One vote of eight against the majority of the others: contempt's three of four agree, happy's all.
    agreement = record.tables["audit/annotators_race.csv"].loc["all"]
    faces = len(done.predictions)
    assert agreement["ceiling"] == pytest.approx((3 * 3 + 4 * (faces - 3)) / (4 * faces))


def test_a_model_of_eight_on_a_dataset_of_seven_errs_where_it_answers_contempt(pack):
    done = evaluate(always("contempt", ALL_EMOTIONS), evaluation_set(pack(), "test"), ALL_EMOTIONS)
    assert evaluation_record(done).metrics["test/accuracy"] == 0
    assert confusion_table(done.predictions)["contempt"].sum() == len(done.predictions)


def test_a_model_of_seven_on_a_dataset_of_eight_is_refused_with_the_remedy(eight, refused):
    with refused("3 faces of eight, test show contempt", "emotions=angry,disgust"):
        evaluate(always("happy", EMOTIONS), evaluation_set(eight, "test"), EMOTIONS)


def test_tables_of_seven_and_of_eight_are_compared_in_eight(pack):
    test = evaluation_set(pack(), "test")
    tables = {
        len(emotions): evaluate(always("happy", emotions), test, emotions).predictions
        for emotions in (EMOTIONS, ALL_EMOTIONS)
    }
    joined = of_one_vocabulary(tables)
    assert [vocabulary_of(joined[size]) for size in (7, 8)] == [ALL_EMOTIONS] * 2
    assert (joined[7]["p_contempt"] == 0).all() and (arrays_of(joined[7])[1] == arrays_of(joined[8])[1]).all()


def test_a_table_of_predictions_may_know_contempt(tmp_path):
    file = tmp_path / "t.csv"
    rows = {"id": ["a", "b"], "label": ["contempt", "sad"], "p_sad": [0.2, 0.9], "p_Contempt": [0.8, 0.1]}
    pd.DataFrame(rows).to_csv(file, index=False)
    given = read_predictions(file)
    assert given.predicted.tolist() == ["contempt", "sad"] and list(given.probabilities) == ["p_sad", "p_contempt"]
    assert as_dataset(given, "theirs", "test").emotions == ALL_EMOTIONS
    pd.DataFrame({"id": ["a", "b"], "label": ["happy", "sad"], "predicted": ["contempt", "sad"]}).to_csv(file)
    given = read_predictions(file)
    assert vocabulary_of(given.table(as_dataset(given, "theirs", "test"))) == ALL_EMOTIONS


def test_a_model_file_may_name_contempt_and_a_logged_model_too():
    found = emotion_map(["Contempt", "sad", "happy"], {}, "model m")
    assert found.emotions == ("happy", "sad", "contempt")
    assert found.gather(np.array([[0.5, 0.3, 0.2]]), "m").tolist() == [pytest.approx([0.2, 0.3, 0.5])]
    assert emotions_of({"emotions": '["sad", "contempt"]'}, "m") == ("sad", "contempt")


def test_the_classes_of_datasets_of_seven_and_of_eight_are_one_table(eight, pack):
    counts = {one.name: count_table(one.samples, emotions=one.emotions).reset_index() for one in (eight, pack())}
    table = class_distribution(counts, "test").set_index("dataset")
    assert list(table) == ["total", *ALL_EMOTIONS] and table["contempt"].to_dict() == {"eight": 3, "tiny": 0}
