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
