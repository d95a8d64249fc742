"""Tables of predictions that were made elsewhere: what is found by name, what is refused, and with what sentence."""

import codecs

import numpy as np
import pandas as pd
import pytest

from fer.evaluation.given_predictions import NO_PREDICTION, NO_PROBABILITIES
from fer.sources.predictions import read_predictions

ROWS = [("b.png", "happy", "sad"), ("a.png", "Sadness", "sad"), ("c.png", "fear", "Joy")]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a frame as a file and returns its path."""

    def written(table, name="t.csv", **options):
        place = tmp_path / name
        if name.endswith(".parquet"):
            table.to_parquet(place, index=False)
        else:
            table.to_csv(place, index=False, **options)
        return place

    return written


def frame(**columns):
    """Return three faces with a label and an answer each, and further columns."""
    table = pd.DataFrame(ROWS, columns=["file", "truth", "prediction"])
    return table.assign(**columns)


def rated(**columns):
    """Return three faces with probabilities of three emotions; the largest are sad, sad, happy."""
    return frame(**{"p_happy": [0.2, 0.1, 0.7], "p_sad": [0.7, 0.8, 0.2], "p_fear": [0.1, 0.1, 0.1]} | columns)


def test_columns_are_found_by_name_and_rows_are_ordered_by_id(write):
    given = read_predictions(write(frame(Ethnicity=["x", "y", None])))
    assert given.samples.fillna("-").to_dict("list") == {
        "sample_id": ["a.png", "b.png", "c.png"],
        "label": ["sad", "happy", "fear"],
        "ethnicity": ["y", "x", "-"],
    }
    assert given.predicted.tolist() == ["sad", "sad", "happy"]
    assert given.probabilities.shape == (3, 0) and given.remarks == [NO_PROBABILITIES]


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet"])
@pytest.mark.parametrize("answers", [True, False])
def test_probabilities_give_the_answers_that_are_not_stated(write, name, answers):
    table = rated() if answers else rated().drop(columns="prediction")
    given = read_predictions(write(table, name, **({"sep": "\t"} if name == "t.tsv" else {})))
    assert given.predicted.tolist() == ["sad", "sad", "happy"] and not given.remarks
    assert list(given.probabilities) == ["p_fear", "p_happy", "p_sad"]
    np.testing.assert_allclose(given.probabilities.iloc[1], [0.1, 0.2, 0.7])


def test_columns_are_named_by_the_user(write):
    table = rated(subject=[1, 1, 2]).rename(columns={"p_happy": "Joy score", "truth": "Y", "file": "face"})
    named = {"sample_id": "face", "label": "y", "predicted": "prediction", "joy": "joy score", "person": "subject"}
    given = read_predictions(write(table), named)
    assert given.samples["person"].tolist() == ["1", "1", "2"] and given.samples["label"].tolist()[0] == "sad"
    assert list(given.probabilities) == ["p_fear", "p_happy", "p_sad"]


def test_words_for_emotions_are_the_users(write):
    table = frame(truth=["3", "5", "9"], prediction=["3.0", "5", "3"], P_3=[0.9, 0.2, 0.9], P_5=[0.1, 0.8, 0.1])
    given = read_predictions(write(table), labels={"3": "happy", "5": "sad", "9": "drop"})
    assert given.samples["label"].tolist() == ["sad", "happy"] and given.predicted.tolist() == ["sad", "happy"]
    assert list(given.probabilities) == ["p_happy", "p_sad"]
    assert given.remarks == ["1 of 3 rows of t.csv are left out (label 9 dropped: 1)."]


def test_emotions_alone_are_columns_of_probabilities_and_percentages_are_known_by_their_sums(write):
    table = rated().rename(columns=lambda name: name.removeprefix("p_"))
    table[["happy", "sad", "fear"]] *= 100
    given = read_predictions(write(table))
    np.testing.assert_allclose(given.probabilities.loc[0], [0.1, 0.1, 0.8])


def test_semicolons_a_mark_and_decimal_commas(write):
    place = write(rated(), sep=";", decimal=",")
    place.write_bytes(codecs.BOM_UTF8 + place.read_bytes().replace(b"\n", b"\r\n"))
    np.testing.assert_allclose(read_predictions(place).probabilities.sum(axis=1), 1)


def test_a_stated_answer_holds_against_its_probabilities(write):
    given = read_predictions(write(rated(prediction=["happy", "sad", "happy"])))
    assert given.predicted.tolist() == ["sad", "happy", "happy"]
    [remark] = given.remarks
    assert "is not the one with the largest probability in 1 of 3 rows of t.csv: the stated predictions" in remark


def test_a_true_emotion_of_probability_0_is_said(write):
    given = read_predictions(write(rated(p_happy=[0.0, 0.1, 0.7], p_sad=[0.9, 0.8, 0.2])))
    assert "1 of 3 faces of t.csv have a probability of 0 for their true emotion" in given.remarks[0]


def test_a_row_without_an_answer_is_unanswered(write):
    given = read_predictions(write(frame(prediction=["sad", None, "sad"], race=["x", "y", "z"])))
    assert given.samples["sample_id"].tolist() == ["b.png", "c.png"]
    [lost] = given.unanswered.to_dict("records")
    assert lost == {"sample_id": "a.png", "label": "sad", "race": "y", "reason": NO_PREDICTION}


def test_an_answer_is_not_dropped_with_a_label(write):
    given = read_predictions(write(frame(prediction=["fear", "sad", "fear"])), labels={"fear": "drop"})
    assert given.predicted.tolist() == ["sad", "fear"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"truth": [None, "sad", "sad"]}, ["1 of 3 faces have no label", "remove"]),
        ({"truth": ["huh", "sad", "sad"]}, ["label 'huh' of 1 face", "labels={huh: drop}"]),
        ({"prediction": ["huh", "no", "sad"]}, ["prediction 'no' of 1 face (and 1 other word)", "labels={no: sad}"]),
        ({"prediction": None}, ["neither predictions", "columns={predicted"]),
        ({"file": ["a", "a", "b"]}, ["the id 'a' occurs twice"]),
        ({"file": ["a", None, "b"]}, ["1 of 3 rows do not name their face"]),
        ({"y_true": "sad"}, ["truth and y_true", "columns={label: truth}"]),
        ({"row": 1}, ["a column row", "columns={other: row}"]),
        ({"split": "dev"}, ["the split 'dev'", "other_split: split"]),
        ({"frame": "x"}, ["the column frame holds something else than numbers"]),
        ({"p_happy": 0.5, "p_sad": "x"}, ["'p_sad' of probabilities holds 'x'"]),
        ({"p_happy": 0.5, "p_sad": 0.9, "p_fear": 0}, ["face 'a.png' are not of 0 to 1", "(3 such rows)"]),
        ({"p_happy": 1.5, "p_sad": -0.5, "p_fear": 0}, ["are not of 0 to 1"]),
        ({"p_happy": [0.5, 1, None], "p_sad": 0.5, "p_fear": 0}, ["has some of its probabilities only"]),
        ({"p_happy": 0.5, "p_sad": 0.5, "p_scorn": 0}, ["'p_scorn' is the probability of no emotion"]),
        ({"p_happy": 0.5, "p_sad": 0.5}, ["1 faces have the label fear", "labels={fear: drop}"]),
    ],
)
def test_what_cannot_be_used_is_one_sentence(write, refused, columns, words):
    with refused("t.csv" if "label 'huh'" not in words[0] else "huh", *words):
        read_predictions(write(frame(**columns)))


def test_an_answer_without_its_probabilities_is_refused(write, refused):
    with refused("1 rows have a prediction or probabilities, but not both"):
        read_predictions(write(rated(prediction=["sad", None, "happy"])))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["has no rows"]),
        ("file,truth,prediction\n", ["has no rows"]),
        ("file truth prediction\na sad sad\n", ["none names the faces", "file truth prediction"]),
        ("file,truth,prediction\na,sad\n", ["line 2 has 2 fields where its header has 3"]),
        ("file,truth,truth\na,sad,sad\n", ["the column 'truth' twice"]),
        ('file,truth,prediction\n"a,sad,sad\n', ["is no CSV table"]),
        ("file,truth,prediction\n\0,sad,sad\n", ["NUL characters"]),
    ],
)
def test_a_file_that_is_no_such_table(tmp_path, refused, text, words):
    place = tmp_path / "t.csv"
    place.write_text(text)
    with refused("t.csv", *words):
        read_predictions(place)


def test_a_file_that_is_none(tmp_path, refused):
    with refused("there is no file", "none.csv"):
        read_predictions(tmp_path / "none.csv")
    with refused("no table of predictions", ".parquet"):
        read_predictions(tmp_path / "a.xlsx")
    (tmp_path / "a.parquet").write_text("x")
    with refused("is no Parquet file"):
        read_predictions(tmp_path / "a.parquet")


def test_a_column_that_the_table_lacks_and_one_named_twice(write, refused):
    with refused("lacks 'answer', which columns= names"):
        read_predictions(write(frame()), {"predicted": "answer"})
    with refused("columns: file is given twice"):
        read_predictions(write(frame()), {"sample_id": "file", "person": "file"})
    with refused("a column 'race' besides", "columns={other_race: race}"):
        read_predictions(write(frame(race="x", origin="y").rename(columns={"origin": "o"})), {"race": "o"})
    given = read_predictions(write(frame(race="x", o="y")), {"race": "o", "other_race": "race"})
    assert given.samples["race"].tolist() == ["y"] * 3 and given.samples["other_race"].tolist() == ["x"] * 3


def test_our_own_predictions_are_such_a_table(write):
    # Drawn faces have a column true_label of their own.
    table = rated(true_label="sad", source="s", split="test", person="p", race="x").rename(
        columns={"file": "sample_id", "truth": "label", "prediction": "predicted"}
    )
    given = read_predictions(write(table, "t.parquet"))
    assert {"sample_id", "label", "source", "split", "person", "race", "true_label"} == set(given.samples)
    assert given.samples["label"].tolist() == ["sad", "happy", "fear"] and not given.remarks
