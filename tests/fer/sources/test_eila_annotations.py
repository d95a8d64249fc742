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


LITERALS = [
    "", "Happy", "'Happy'", "[['Happy']", "[]", "{}", "[['Bored'], ['Sad'], ['Sad']]", "[5, ['Sad'], ['Sad']]",
    "{[]: 1}", "[['Sad'], ['Sad']]", "[['Sad', 'Happy'], 'No annotation', 'No annotation']",
    "[['Sad'], ['Sad'], ['Sad'], ['Sad']]", "[['Sad'], ['Sad'], 'Happy']",
]  # fmt: skip


def only_problem(tmp_path, row):
    """Return the problem of ``row``, standing after a good row, which must stay good."""
    (tmp_path / "annotations.csv").write_text("\n".join([COLUMNS, f"tag,1,{LABELS},5,0,0,1,1,0", row]))
    table = read_annotations(tmp_path / "annotations.csv")
    assert table["problem"].isna().tolist() == [True, False]
    assert table.loc[1].drop("problem").isna().all()
    return table.loc[1, "problem"]


@pytest.mark.parametrize("literal", LITERALS)
def test_labels_that_are_no_votes_cost_their_row(tmp_path, literal):
    problem = only_problem(tmp_path, f'tag,1,"{literal}",5,0,0,1,1,0')
    assert "Bored" in problem if "Bored" in literal else repr(literal) in problem


def test_annotations_are_in_the_order_of_the_file(tmp_path):
    rows = [f"b,2,{LABELS},7,0,0,1,1,3", f"a,1,{LABELS},5,0,0,1,1,0"]
    (tmp_path / "annotations.csv").write_text("\n".join([COLUMNS, *rows]))
    table = read_annotations(tmp_path / "annotations.csv")
    assert table[["video", "clip_id", "person_id", "frame"]].values.tolist() == [["b", 2, 3, 7], ["a", 1, 0, 5]]
    assert table["votes"].tolist() == [["happy", "sad"]] * 2


def test_demographics_keep_what_is_not_known_null(tmp_path):
    rows = ["a,1,0,g1,W,F,#aabbcc", "a,1,1,g2,B,M,#112233", "a,2,0,g1,M,X,#000000", "a,3,0,g3,?,F,"]
    (tmp_path / "demographics.csv").write_text("\n".join([PEOPLE, *rows]))
    people, remarks = read_demographics(tmp_path / "demographics.csv")
    assert people[("a", 1, 0)] == {"person": "g1", "race": "white", "gender": "female", "skin_color": "#aabbcc"}
    assert (people[("a", 1, 1)]["race"], people[("a", 1, 1)]["gender"]) == ("black", "male")
    assert (people[("a", 2, 0)]["race"], people[("a", 2, 0)]["gender"]) == ("mixed", None)
    assert (people[("a", 3, 0)]["race"], people[("a", 3, 0)]["skin_color"]) == (None, None)
    assert remarks == [
        "demographics.csv, row 2: unknown gender 'X'; it counts as not known.",
        "demographics.csv, row 3: unknown race '?'; it counts as not known.",
    ]


def test_of_two_rows_for_one_person_of_a_clip_the_first_counts(tmp_path):
    (tmp_path / "demographics.csv").write_text("\n".join([PEOPLE, "a,1,0,g1,W,F,#a", "a,1,0,g2,B,F,#b"]))
    people, remarks = read_demographics(tmp_path / "demographics.csv")
    assert people[("a", 1, 0)]["person"] == "g1"
    assert len(remarks) == 1 and "row 1" in remarks[0] and "twice" in remarks[0]


BROKEN = {
    "too long": (f"a,1,{LABELS},5,0,0,1,1,0,9,9", "11 fields where the header has 9"),
    "too short": (f"a,1,{LABELS},5", "4 fields where the header has 9"),
    "a clip that is no number": (f"a,first,{LABELS},5,0,0,1,1,0", "Clip Id 'first' is no number"),
    "an empty person": (f"a,1,{LABELS},5,0,0,1,1,", "Person Id '' is no number"),
    "half a frame": (f"a,1,{LABELS},5.5,0,0,1,1,0", "no whole number"),
    "a frame before the first": (f"a,1,{LABELS},-5,0,0,1,1,0", "no whole number from 0"),
    "a box without end": (f"a,1,{LABELS},5,0,0,inf,1,0", "Width 'inf' is out of range"),
    "a box of negative width": (f"a,1,{LABELS},5,0,0,-3,1,0", "both must be above 0"),
    "a box without height": (f"a,1,{LABELS},5,0,0,3,0,0", "both must be above 0"),
    "a box beside the frame": (f"a,1,{LABELS},5,-9,0,9,9,0", "outside the frame"),
    "a box below the frame": (f"a,1,{LABELS},5,0,100,9,9,0", "outside the frame"),
    "no video": (f",1,{LABELS},5,0,0,9,9,0", "Video Tag is empty"),
}


@pytest.mark.parametrize(("row", "words"), BROKEN.values(), ids=BROKEN)
def test_a_damaged_annotation_costs_its_row_alone(tmp_path, row, words):
    assert words in only_problem(tmp_path, row)


def test_a_box_may_overshoot_the_frame(tmp_path):
    (tmp_path / "annotations.csv").write_text("\n".join([COLUMNS, f"tag,1,{LABELS},5,-2.5,90,120,20,0"]))
    row = read_annotations(tmp_path / "annotations.csv").loc[0]
    assert row["problem"] is None
    assert row[["x", "y", "width", "height"]].tolist() == [-2.5, 90, 120, 20]


@pytest.mark.parametrize("row", ["a,1,0,g1,W,F,#a,more", "a,1", "a,one,0,g1,W,F,#a"], ids=["long", "short", "word"])
def test_a_damaged_person_is_left_out_with_a_remark(tmp_path, row):
    (tmp_path / "demographics.csv").write_text("\n".join([PEOPLE, "a,1,7,g1,W,F,#aabbcc", row]))
    people, remarks = read_demographics(tmp_path / "demographics.csv")
    assert list(people) == [("a", 1, 7)]
    assert len(remarks) == 1 and remarks[0].startswith("demographics.csv, row 1: ")


@pytest.mark.parametrize("read", [read_annotations, read_demographics])
def test_an_open_quote_is_refused_since_it_hides_rows(tmp_path, read, refused):
    header = COLUMNS if read is read_annotations else PEOPLE
    (tmp_path / "table.csv").write_text("\n".join([header, '"a,1,', "a,2,"]))
    with refused("row 0", "quote"):
        read(tmp_path / "table.csv")


@pytest.mark.parametrize("read", [read_annotations, read_demographics])
def test_missing_empty_and_foreign_tables_are_refused(tmp_path, read, refused):
    with refused(str(tmp_path / "absent.csv"), "part of the release"):
        read(tmp_path / "absent.csv")
    (tmp_path / "empty.csv").write_text("")
    with refused("empty.csv", "lacks the column(s) Video Tag"):
        read(tmp_path / "empty.csv")
    pd.DataFrame({"Video Tag": ["a"]}).to_csv(tmp_path / "foreign.csv")
    with refused("foreign.csv", "Clip Id", "Person Id"):
        read(tmp_path / "foreign.csv")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_separators_encodings_and_blank_lines_move_no_row(tmp_path, separator, encoding):
    """Rows are counted by place, so a blank line must not be one, nor a spreadsheet's empty rows at the end."""
    row = ["tag", "1", "[['Sad'], ['Sad'], ['Sad']]", "5.0", "-2.5", "10", "20", "20", "0"]
    lines = [COLUMNS.split(","), [], row, [" "], [*row[:3], "6", *row[4:]], [], [""] * 9, [""] * 9]
    quoted = (f'"{field}"' if "[" in field else field for line in lines for field in [*line, "\r\n"])
    text = separator.join(quoted).replace(f"\r\n{separator}", "\r\n").replace(f"{separator}\r\n", "\r\n")
    (tmp_path / "annotations.csv").write_bytes(text.encode(encoding))
    table = read_annotations(tmp_path / "annotations.csv")
    assert table["problem"].tolist() == [None, None]
    assert table["frame"].tolist() == [5, 6]
    assert table["x"].tolist() == [-2.5, -2.5]


def test_a_decimal_comma_is_read_between_semicolons(tmp_path):
    row = "tag;1;[['Sad'], ['Sad'], ['Sad']];5;-2,5;10,25;20;20;0"
    (tmp_path / "annotations.csv").write_text("\n".join([COLUMNS.replace(",", ";"), row]))
    assert read_annotations(tmp_path / "annotations.csv")[["x", "y"]].values.tolist() == [[-2.5, 10.25]]
