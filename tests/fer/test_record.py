"""Records: joined without losing anything, with complete warnings."""

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from fer.errors import FerWarning
from fer.record import MOST_SHOWN, DatasetInput, Record, warn_of, warning_paragraphs

FIGURE = Figure()
TABLE = pd.DataFrame({"group": ["a"], "accuracy": [np.nan]})
FULL = Record(
    metrics={"test/accuracy": 0.5},
    history={"test/robustness/blur": {0: 0.5, 5: 0.1}},
    parameters={"resolved/epochs": 3},
    tags={"fer.dataset": "drawn"},
    tables={"groups/race.csv": TABLE},
    figures={"groups/race.png": FIGURE},
    images={"groups_race": FIGURE},
    texts={"note.txt": "n"},
    warnings=("few faces.",),
    description="# Drawn",
)


def test_joining_keeps_all_and_the_order_of_warnings_each_once():
    seen = DatasetInput(object(), "folder", "test")
    other = Record(metrics={"test/loss": 1.0}, warnings=("few clips.", "few faces."), inputs=[seen])
    joined = FULL | other
    assert joined.metrics == {"test/accuracy": 0.5, "test/loss": 1.0}
    assert joined.warnings == ("few faces.", "few clips.")
    assert joined.inputs == (seen,)
    assert joined.description == "# Drawn" and joined.tables["groups/race.csv"] is TABLE
    assert (joined.history, joined.parameters, joined.tags) == (FULL.history, FULL.parameters, FULL.tags)
    assert (joined.figures, joined.images, joined.texts) == (FULL.figures, FULL.images, FULL.texts)


def test_the_same_value_twice_is_no_contradiction():
    again = Record(metrics={"test/accuracy": 0.5}, tables={"groups/race.csv": TABLE.copy()}, description="# Drawn")
    assert (FULL | again).metrics == FULL.metrics


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("metrics", {"test/accuracy": 0.6}),
        ("history", {"test/robustness/blur": {0: 0.5, 5: 0.2}}),
        ("parameters", {"resolved/epochs": 4}),
        ("tags", {"fer.dataset": "other"}),
        ("tables", {"groups/race.csv": TABLE.assign(accuracy=0.0)}),
        ("figures", {"groups/race.png": Figure()}),
        ("images", {"groups_race": Figure()}),
        ("texts", {"note.txt": "m"}),
        ("description", "# Other"),
    ],
)
def test_two_different_values_for_one_name_are_refused(field, other):
    with pytest.raises(ValueError, match=r"two (values for|different)"):
        FULL | Record(**{field: other})


def test_a_name_appears_once_in_a_record():
    with pytest.raises(ValueError, match="'test/robustness/blur' twice in its metrics"):
        FULL | Record(metrics={"test/robustness/blur": 0.1})
    with pytest.raises(ValueError, match=r"'groups/race\.csv' twice in its files"):
        FULL | Record(texts={"groups/race.csv": ""})
    with pytest.raises(ValueError, match=r"'warnings\.csv' twice"):
        Record(tables={"warnings.csv": TABLE})


def test_a_path_says_what_is_written():
    with pytest.raises(ValueError, match=r"'a\.xlsx' in the tables"):
        Record(tables={"a.xlsx": TABLE})
    with pytest.raises(ValueError, match=r"'a\.csv' in the figures"):
        Record(figures={"a.csv": FIGURE})


def test_what_is_no_number_is_left_out():
    record = Record(metrics={"one": np.float32(0.5), "none": np.nan, "infinite": np.inf, "count": 3})
    assert record.metrics == {"one": 0.5, "count": 3.0}
    assert all(type(value) is float for value in record.metrics.values())


def test_the_latest_value_is_that_of_the_last_step():
    assert FULL.latest() == {"test/accuracy": 0.5, "test/robustness/blur": 0.1}
    assert Record(history={"loss": {2: 0.2, 10: 0.1, 1: 0.3}}).latest() == {"loss": 0.1}


def test_of_many_warnings_twenty_are_shown_and_the_rest_counted():
    many = Record(warnings=[f"warning {number}." for number in range(MOST_SHOWN + 3)])
    assert len(many.warnings_table()) == MOST_SHOWN + 3
    shown = many.shown_warnings()
    assert shown[:-1] == list(many.warnings[:MOST_SHOWN]) and shown[-1] == "... and 3 more, see warnings.csv"
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        warn_of(many)
        warn_of(Record())
    assert [str(warning.message) for warning in heard] == shown
    assert {warning.category for warning in heard} == {FerWarning}
    assert warning_paragraphs(many.warnings)[0].endswith(" warning 0.")
    assert len(warning_paragraphs(many.warnings)) == MOST_SHOWN
