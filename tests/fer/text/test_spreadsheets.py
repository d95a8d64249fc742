"""Text that a spreadsheet would run is marked in CSV files, and read back as it was."""

import io

import numpy as np
import pandas as pd
import pytest

from analysis.render import render_table
from fer.record import Record
from fer.storage.record_folder import write_record
from fer.text.spreadsheets import marked, unmarked

RUN = ["=1+1", "=cmd|' /C calc'!A0", "+SUM(A1)", "-2+3", "@A1", "\t=1", "\r=1", "＝1"]
PLAIN = ["White", "a=b", "-18", "+5", "1e-3", "'quoted'", "", "50%+"]


def read(table, **options):
    return pd.read_csv(io.StringIO(marked(table).to_csv(index=False)), **options)


@pytest.mark.parametrize("text", RUN)
def test_a_formula_is_text(text):
    table = pd.DataFrame({text: [text], "share": [-0.5]})
    shown = marked(table)
    assert shown.to_dict("list") == {f"'{text}": [f"'{text}"], "share": [-0.5]}
    assert unmarked(shown).equals(table)


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_stays_as_it_is(text):
    assert marked(pd.DataFrame({"group": [text]}))["group"].tolist() == [text]


def test_an_apostrophe_of_ones_own_comes_back():
    table = pd.DataFrame({"group": ["'=1", "''=1", "'a"]})
    assert unmarked(read(table)).equals(table)


def test_nothing_but_text_changes():
    table = pd.DataFrame(
        {
            "group": ["=a", None],
            "n": [1, -2],
            "x": [-0.5, np.nan],
            "on": [True, False],
            "kind": pd.Categorical(["=b", "c"]),
        },
        index=pd.Index(["=row", "other"], name="=index"),
    )
    shown = marked(table)
    assert shown["group"].tolist()[0] == "'=a" and shown["group"].isna().tolist() == [False, True]
    assert shown[["n", "x", "on"]].to_numpy().tolist()[0] == [1, -0.5, True]
    assert shown["kind"].tolist() == ["'=b", "c"]
    assert (shown.index.tolist(), shown.index.name) == (["'=row", "other"], "'=index")
    assert table["group"].iloc[0] == "=a"
    whole = pd.DataFrame({"n": pd.Series([1, None], dtype=object), "on": pd.Series([True, None], dtype=object)})
    assert marked(whole).to_csv() == whole.to_csv()
    assert marked(pd.DataFrame(columns=["file"])).to_csv(index=False) == "file\n"
    assert marked(pd.DataFrame()).empty


def test_what_is_written_for_people_is_marked_and_predictions_are_not(tmp_path):
    table = pd.DataFrame({"group": ["=1+1"], "accuracy": [0.5]})
    record = Record(tables={"groups.csv": table, "predictions.parquet": table}, warnings=["=x is small."])
    write_record(record, tmp_path / "out", aloud=False)
    assert (tmp_path / "out" / "groups.csv").read_text() == "group,accuracy\n'=1+1,0.5\n"
    assert (tmp_path / "out" / "warnings.csv").read_text() == "warning\n'=x is small.\n"
    assert pd.read_parquet(tmp_path / "out" / "predictions.parquet")["group"].tolist() == ["=1+1"]
    assert render_table(table, "csv") == "group,accuracy\n'=1+1,0.5\n"
