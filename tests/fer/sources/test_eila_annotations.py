"""EiLA's rules for label and split, and its two tables."""

import pandas as pd
import pytest

from fer.sources.eila_annotations import label_of, parse_votes, read_annotations, read_demographics, split_of

COLUMNS = "Video Tag,Clip Id,Labels,Frame Number,X,Y,Width,Height,Person Id"
PEOPLE = "Video Tag,Clip Id,Person Id,Person Global Id,Perceived Race,Perceived Gender,Skin Color"
LABELS = "\"[['Happy'], 'No annotation', ['Sad']]\""


@pytest.mark.parametrize(
    ("votes", "label", "split"),
    [
        ([], None, None),
        (["sad"], "sad", "train"),
        (["sad", "fear"], "sad", "validation"),
        (["fear", "sad"], "fear", "validation"),
        (["happy", "happy"], "happy", "validation"),
        (["fear", "sad", "happy"], "fear", "test"),
        (["fear", "sad", "sad"], "sad", "test"),
        (["sad", "fear", "sad"], "sad", "test"),
        (["sad", "sad", "fear"], "sad", "test"),
        (["fear"] * 3, "fear", "test"),
    ],
)
def test_label_and_split_of_votes(votes, label, split):
    assert label_of(votes) == label
    assert split_of(votes) == split


def test_votes_are_canonical_and_in_order():
    assert parse_votes("[['Anger'], 'No annotation', ['Happy']]") == ["angry", "happy"]
    assert parse_votes("['No annotation', 'No annotation', 'No annotation']") == []


@pytest.mark.parametrize("literal", ["", "Happy", "'Happy'", "[['Happy']", "[]", "{}", "[['Bored']]", "[5]", "{[]: 1}"])
def test_labels_that_are_no_votes_name_the_row(tmp_path, literal, refused):
    row = f'tag,1,"{literal}",5,0,0,1,1,0'
    (tmp_path / "annotations.csv").write_text("\n".join([COLUMNS, f"tag,1,{LABELS},5,0,0,1,1,0", row]))
    with refused("annotations.csv", "row 1", "correct this row"):
        read_annotations(tmp_path / "annotations.csv")


def test_annotations_stand_in_the_order_of_the_file(tmp_path):
    rows = [f"b,2,{LABELS},7,0,0,1,1,3", f"a,1,{LABELS},5,0,0,1,1,0"]
    (tmp_path / "annotations.csv").write_text("\n".join([COLUMNS, *rows]))
    table = read_annotations(tmp_path / "annotations.csv")
    assert table[["video", "clip_id", "person_id", "frame"]].values.tolist() == [["b", 2, 3, 7], ["a", 1, 0, 5]]
    assert table["votes"].tolist() == [["happy", "sad"]] * 2


def test_demographics_keep_what_is_not_known_null(tmp_path):
    rows = ["a,1,0,g1,W,F,#aabbcc", "a,1,1,g2,B,M,#112233", "a,2,0,g1,M,X,#000000", "a,3,0,g3,?,F,"]
    (tmp_path / "demographics.csv").write_text("\n".join([PEOPLE, *rows]))
    people = read_demographics(tmp_path / "demographics.csv")
    assert people[("a", 1, 0)] == {"person": "g1", "race": "white", "gender": "female", "skin_color": "#aabbcc"}
    assert (people[("a", 1, 1)]["race"], people[("a", 1, 1)]["gender"]) == ("black", "male")
    assert (people[("a", 2, 0)]["race"], people[("a", 2, 0)]["gender"]) == ("mixed", None)
    assert people[("a", 3, 0)]["race"] is None


BROKEN = {
    "too long": f"a,1,{LABELS},5,0,0,1,1,0,9,9",
    "too short": f"a,1,{LABELS},5",
    "a clip that is no number": f"a,first,{LABELS},5,0,0,1,1,0",
    "an empty person": f"a,1,{LABELS},5,0,0,1,1,",
}


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_an_annotation_of_the_wrong_length_or_kind_is_refused(tmp_path, row, refused):
    (tmp_path / "annotations.csv").write_text("\n".join([COLUMNS, f"tag,1,{LABELS},5,0,0,1,1,0", row]))
    with refused("annotations.csv"):
        read_annotations(tmp_path / "annotations.csv")


@pytest.mark.parametrize("row", ["a,1,0,g1,W,F,#a,more", "a,1", "a,one,0,g1,W,F,#a"], ids=["long", "short", "word"])
def test_a_person_of_the_wrong_length_or_kind_is_refused(tmp_path, row, refused):
    (tmp_path / "demographics.csv").write_text("\n".join([PEOPLE, "a,1,0,g1,W,F,#aabbcc", row]))
    with refused("demographics.csv"):
        read_demographics(tmp_path / "demographics.csv")


@pytest.mark.parametrize("read", [read_annotations, read_demographics])
def test_missing_empty_and_foreign_tables_are_refused(tmp_path, read, refused):
    with refused(str(tmp_path / "absent.csv"), "part of the release"):
        read(tmp_path / "absent.csv")
    (tmp_path / "empty.csv").write_text("")
    with refused("empty.csv", "no CSV table"):
        read(tmp_path / "empty.csv")
    pd.DataFrame({"Video Tag": ["a"]}).to_csv(tmp_path / "foreign.csv")
    with refused("foreign.csv", "Clip Id", "Person Id"):
        read(tmp_path / "foreign.csv")
