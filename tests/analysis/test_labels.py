"""What readers see for a column and a p-value."""

import pandas as pd
import pytest

from analysis.render import heading, p_value, render_table, shown_table


@pytest.mark.parametrize(
    ("column", "shown"),
    [
        ("accuracy_percent", "accuracy"),
        ("std_points", "std"),
        ("f1_weighted", "f1"),
        ("f1_weighted_published", "f1 published"),
        ("p_holm", "p (Holm)"),
        ("minimum_detectable_difference_points", "minimum detectable difference"),
        ("accuracy_percent/black_female", "black_female"),
        ("accuracy_percent_published/black_female", "black_female published"),
        ("faces/a/b", "a/b faces"),
        ("corrupted_accuracy_percent/5", "severity 5"),
    ],
)
def test_headings(column, shown):
    assert heading(column) == shown


def test_small_p_values_are_never_zero():
    table = pd.DataFrame({"p": [0.0004, 0.00099, 0.001, 0.25, None], "p_holm": [0.0, 1.0, 0.5, 0.04999, None]})
    assert shown_table(table).rows == [
        ["< 0.001", "< 0.001"], ["< 0.001", "1.000"], ["0.001", "0.500"], ["0.250", "0.050"], ["–", "–"],
    ]  # fmt: skip
    assert p_value(0.0004, sign=True) == "< 0.001" and p_value(0.04, sign=True) == "= 0.040"
    assert r"\textless{} 0.001" in render_table(table, "latex")


def test_names_in_cells_are_words_and_shares_are_percent():
    table = pd.DataFrame({"summary": ["accuracy_gap"], "outcome": ["right_in_both"], "fraction": [0.3]})
    assert shown_table(table).rows == [["accuracy gap", "right in both", "30%"]]
    assert "accuracy_gap,right_in_both,0.3" in render_table(table, "csv")


def test_a_group_named_as_a_figure_keeps_its_own_column():
    table = pd.DataFrame({"accuracy_percent/std": [50.0], "accuracy_percent_sd/std": [2.0], "std_points": [7.125]})
    shown = shown_table(table)
    assert (shown.headings, shown.rows) == (["std", "std"], [["50.0 ± 2.0", "7.12"]])
    assert shown.numeric == [True, True]


def test_an_interval_that_excludes_nothing_is_none_and_an_impossible_difference_is_not_printed():
    """A change of a difference between groups with two clusters each once read -33.3 (-193.5 to 126.8)."""
    table = pd.DataFrame(
        {
            "difference_points": [-33.3, -33.3, 41.0], "difference_points_low": [-193.5, -100.0, 25.5],
            "difference_points_high": [126.8, 61.5, 54.8], "accuracy_percent": [50.0, 50.0, 50.0],
            "accuracy_percent_low": [0.0, 0.0, 20.0], "accuracy_percent_high": [100.0, 90.0, 80.0],
            "minimum_detectable_difference_points": [138.2, 100.0, 20.0],
        }
    )  # fmt: skip
    assert shown_table(table).rows == [
        ["-33.3 (n/e)", "50.0 (n/e)", "> 100"],
        ["-33.3 (-100.0 to 61.5)", "50.0 (0.0 to 90.0)", "100.0"],
        ["41.0 (25.5 to 54.8)", "50.0 (20.0 to 80.0)", "20.0"],
    ]
