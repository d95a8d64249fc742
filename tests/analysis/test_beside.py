"""Measured and published figures in one row per experiment."""

import pandas as pd
import pytest

from analysis import beside_published, render_table


@pytest.fixture
def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "experiment": ["a only", "a + 10% b", "a only", "c only"],
            "origin": ["measured", "measured", "published", "published"],
            "seeds": [2, 2, 1, 1],
            "std_points": [1.0, 2.0, 5.14, 7.5],
            "std_points_sd": [0.5, 0.25, float("nan"), float("nan")],
        }
    )


def test_one_row_an_experiment_with_nan_where_one_side_lacks_it(table):
    rows = beside_published(table).set_index("experiment")
    assert list(rows.index) == ["a only", "a + 10% b", "c only"]
    assert rows.loc["a only", ["std_points", "std_points_sd", "std_points_published"]].tolist() == [1.0, 0.5, 5.14]
    assert pd.isna(rows.loc["a + 10% b", "std_points_published"])
    assert pd.isna(rows.loc["c only", "std_points"])


def test_it_renders_with_the_same_digits_on_both_sides(table):
    text = render_table(beside_published(table))
    assert "1.00 ± 0.50" in text and "5.14" in text and "std published" in text
