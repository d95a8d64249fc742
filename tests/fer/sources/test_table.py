"""The CSV source: columns kept under their names, bad rows rejected by line, paths held inside the folder."""

import pytest

from fer.sources import parse_options
from fer.sources.table import read


@pytest.fixture
def table(tmp_path, png_tree):
    """Return a maker of a table beside three images, read by the source."""
    png_tree(tmp_path / "raw", {"faces": ["a.png", "b.png", "c.png"]})

    def make(*lines, header="file,label", name="faces.csv", raw="raw", encoding="utf-8", **options):
        (tmp_path / "raw" / name).write_text("\n".join([header, *lines]) + "\n", encoding=encoding)
        return read(tmp_path / raw, parse_options("table", options))

    return make


def test_columns_keep_their_names_and_kinds(table):
    header = "File,Label,Split,Ethnicity,Person,frame,Lighting,votes_sad"
    lines = [
        "faces/a.png,Anger,val,black,007,12,dim,2.0",
        "faces\\b.png,7,Training,,008,,,",
        "./faces/c.png,sad,,w,9,3,dim,",
    ]
    listing = table(*lines, header=header, columns={"ethnicity": "race"}, encoding="utf-8-sig")
    assert listing.rejected.empty
    samples = listing.samples.astype(object).where(listing.samples.notna(), None)
    assert samples.to_dict("list") == {
        "sample_id": ["faces/a.png", "faces/b.png", "faces/c.png"],
        "label": ["Anger", "7", "sad"],
        "split": ["validation", "train", None],
        "race": ["black", None, "w"],
        "person": ["007", "008", "9"],
        "frame": [12, None, 3],
        "votes_sad": [2, None, None],
        "lighting": ["dim", None, "dim"],
    }
    assert listing.read(1).shape == (48, 48)


def test_columns_by_other_names_and_the_csv_as_raw(table):
    listing = table("0,faces/a.png,happy", header=",path,emotion", raw="raw/faces.csv", file_column="path",
                    label_column="Emotion")  # fmt: skip
    assert listing.samples.to_dict("list") == {"sample_id": ["faces/a.png"], "label": ["happy"]}


BAD_ROWS = {
    "a file that is not there": ("faces/d.png,happy,", "file missing"),
    "a folder": ("faces,happy,", "file missing"),
    "no file": (",happy,", "bad path"),
    "a path out of the folder": ("faces/../../out.png,happy,", "bad path"),
    "an absolute path": ("{out},happy,", "bad path"),
    "a drive": ("C:\\out.png,happy,", "bad path"),
    "no label": ("faces/b.png,  ,", "no label"),
    "a face named before": ("faces/./a.png,sad,", "duplicate"),
    "a field too many": ("faces/b.png,happy,train,more", "bad row"),
    "a field too few": ("faces/b.png,happy", "bad row"),
    "an unknown split": ("faces/b.png,happy,holdout", "unknown split"),
}


@pytest.mark.parametrize(("line", "kind"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_a_bad_row_is_rejected_by_its_line_and_the_rest_goes_on(table, tmp_path, png_tree, line, kind):
    png_tree(tmp_path, {".": ["out.png"]})
    line = line.format(out=tmp_path / "out.png")
    listing = table("faces/a.png,happy,train", "", line, "faces/c.png,sad,test", header="file,label,split")
    assert listing.samples["sample_id"].tolist() == ["faces/a.png", "faces/c.png"]
    assert listing.rejected["kind"].tolist() == [kind]
    assert "faces.csv line 4" in "".join(listing.rejected.iloc[0])


@pytest.mark.parametrize(
    ("column", "text"),
    [("frame", "1.5"), ("frame", "first"), ("frame", "1e300"), ("yaw", "left"), ("yaw", "inf"), ("frame", "1_0"),
     ("frame", "٣"), ("confidence", "1e999"), ("votes_sad", "-inf")],
)  # fmt: skip
def test_text_where_a_number_belongs_is_rejected(table, column, text):
    listing = table("faces/a.png,happy,4", f"faces/b.png,sad,{text}", header=f"file,label,{column}")
    assert listing.samples["sample_id"].tolist() == ["faces/a.png"]
    assert f"{column} {text!r}" in listing.rejected["reason"][0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-mark"])
def test_separators_encodings_and_blank_lines_change_nothing(table, tmp_path, separator, encoding):
    lines = ["", "file,label,yaw,race", "", '"faces/a.png",Anger,-1.5,weiß', "  ", "faces/b.png,7.0,nan,", ",,,", ",,,"]
    text = "\ufeff" * encoding.endswith("mark") + "\r\n".join(lines).replace(",", separator)
    (tmp_path / "raw" / "faces.csv").write_bytes(text.encode(encoding.removesuffix("-mark")))
    listing = read(tmp_path / "raw", parse_options("table", {}))
    assert listing.rejected.empty
    samples = listing.samples.astype(object).where(listing.samples.notna(), None)
    assert samples.to_dict("list") == {
        "sample_id": ["faces/a.png", "faces/b.png"], "label": ["Anger", "7.0"], "race": ["weiß", None],
        "yaw": [-1.5, None],
    }  # fmt: skip


def test_a_decimal_comma_is_read_where_no_comma_separates(table):
    assert table("faces/a.png;sad;0,5", header="file;label;confidence").samples["confidence"].tolist() == [0.5]
    assert table('faces/a.png,sad,"0,5"', header="file,label,confidence").rejected["kind"].tolist() == ["bad number"]


def test_a_spreadsheet_may_say_its_separator(table, tmp_path):
    (tmp_path / "raw" / "faces.csv").write_text("sep=;\nfile;label\nfaces/a.png;sad\nfaces/gone.png;sad\n")
    listing = read(tmp_path / "raw", parse_options("table", {}))
    assert listing.samples["label"].tolist() == ["sad"]
    assert "line 4" in listing.rejected["reason"][0]


def test_a_name_in_one_unicode_form_finds_its_file_in_the_other(tmp_path, png_tree):
    short, long = "Chloé", "Chloe\u0301"
    png_tree(tmp_path, {f"{long}": [f"{long}.png"], "faces": [f"{short}2.png"]})
    rows = [f"{short}/{short}.png,sad", f"faces/{long}2.png,happy", f"{long}/{long}.png,sad"]
    (tmp_path / "faces.csv").write_text("\n".join(["file,label", *rows]))
    listing = read(tmp_path, parse_options("table", {}))
    assert listing.samples["label"].tolist() == ["sad", "happy"]
    assert [listing.read(row).shape for row in (0, 1)] == [(48, 48)] * 2
    assert listing.rejected["kind"].tolist() == ["duplicate"]


def test_a_missing_file_of_another_case_is_hinted_at(table):
    assert "there is a.png" in table("faces/A.PNG,sad").rejected["reason"][0]


def test_some_sides_of_a_box_are_no_box(table):
    listing = table(
        "faces/a.png,sad,1,2,3,", "faces/b.png,sad,,,,", header="file,label,face_x,face_y,face_width,face_height"
    )
    assert listing.rejected["kind"].tolist() == ["bad box"]
    assert listing.samples["sample_id"].tolist() == ["faces/b.png"]


def test_one_table_of_several_must_be_named(table, tmp_path, refused):
    (tmp_path / "raw" / "other.csv").write_text("file,label\nfaces/b.png,sad\n")
    with refused("2 CSV files", "faces.csv, other.csv", "option file"):
        table("faces/a.png,happy")
    assert table("faces/a.png,happy", file="other.csv").samples["label"].tolist() == ["sad"]
    with refused("gone.csv"):
        table("faces/a.png,happy", file="gone.csv")


def test_tables_that_are_none_are_refused(table, tmp_path, refused):
    with refused("lacks label", "'emotion'"):
        table("faces/a.png,happy", header="file,emotion")
    with refused("lacks file, label"):
        table("faces/a.png happy", header="file label")
    with refused("column race twice", "columns={race: other}"):
        table("faces/a.png,happy,x,y", header="file,label,race,ethnicity", columns={"ethnicity": "race"})
    with refused("column source", "project's own"):
        table("faces/a.png,happy,web", header="file,label,source")
    for name in ("origin", "made_from", "predicted", "p_happy"):
        with refused(f"column {name}", "project's own", f"columns={{{name}: other}}"):
            table("faces/a.png,happy,flip", header=f"file,label,{name.title()}")
        assert "ours" in table("faces/a.png,happy,x", header=f"file,label,{name}", columns={name: "ours"}).samples
    with refused("UTF-8"):
        table("faces/é.png,happy", encoding="latin-1")
    with refused("no CSV table"):
        table('"faces/a.png,happy')
    (tmp_path / "raw" / "faces.csv").unlink()
    with refused("no CSV file", "option file"):
        read(tmp_path / "raw", parse_options("table", {}))


def test_pictures_that_no_row_names_are_counted(table, tmp_path):
    (tmp_path / "raw" / "faces" / "d.heic").touch()
    (tmp_path / "raw" / "notes.txt").touch()
    listing = table("faces/a.png,happy", "faces/gone.png,sad")
    [remark] = listing.remarks
    assert remark.startswith("3 pictures are named by no row of faces.csv: 2 .png, 1 .heic (faces/b.png, faces/c.png")


def test_a_column_whose_name_yaml_takes_for_a_number_is_to_be_quoted(refused):
    with refused("option 'label_column'", "1 is no text", "quotes"):
        parse_options("table", {"label_column": 1})
    with refused("columns", "is no text"):
        parse_options("table", {"columns": {"race": False}})


@pytest.mark.parametrize(
    "options", [{"columns": {"a": "x", "A ": "y"}}, {"columns": {"file": "x"}}, {"file_column": "label"}]
)
def test_a_column_is_named_once_in_the_options(table, options, refused):
    with refused("options' columns of", "is given twice"):
        table("faces/a.png,happy,1", header="file,label,a", **options)
