"""Sentences about margins: what is shown, what is not shown, and never "equal" for "not significant"."""

import pandas as pd
import pytest

from analysis.report.margins import equality_sentences, no_worse_sentences


def row(experiment, metric, p, difference=1.0):
    return {
        "experiment": experiment, "metric": metric, "difference_points": difference, "difference_points_low": -1.5,
        "difference_points_high": 3.5, "p_no_worse_holm": p,
    }  # fmt: skip


def test_a_single_comparison_is_one_sentence_for_each_metric():
    table = pd.DataFrame([row("b", "accuracy", 0.012), row("b", "accuracy_min", 0.2, -1.0), row("b", "f1", 0.9)])
    shown, worst, undecided = no_worse_sentences(table, 2.0, "its own base alone")
    assert shown == (
        "No worse than its own base alone by more than 2 points in accuracy is shown "
        "(change +1.0, 90 % CI -1.5 to 3.5, Holm-corrected p = 0.012)."
    )
    assert worst.startswith("No worse than its own base alone by more than 2 points in accuracy of the worst group is ")
    assert "is not shown (change -1.0" in worst
    assert "do not decide it" in undecided
    assert not any("equal" in sentence for sentence in (shown, worst, undecided))


def test_several_are_named_and_many_are_counted():
    few = pd.DataFrame([row("b", "accuracy", 0.01), row("c", "accuracy", 0.3), row("d", "accuracy", 0.02)])
    sentence = no_worse_sentences(few, 1, "a")[0]
    assert "1 point in accuracy is shown for b (" in sentence and " and d (" in sentence
    assert "; it is not shown for c (" in sentence
    many = pd.DataFrame([row(str(at), "accuracy", 0.01 if at else 0.5) for at in range(8)])
    assert "is shown for 7 of 8 experiments" in no_worse_sentences(many, 2.5, "a")[0]


@pytest.mark.parametrize(
    ("p", "count"), [([0.01, 0.02], "2 of 2 differences"), ([0.6, float("nan")], "none of 1 difference")]
)
def test_equality_of_groups_counts_the_pairs(p, count):
    (sentence,) = equality_sentences(pd.DataFrame({"p_equal_holm": p}), 5.0, "groups of race")
    assert sentence.startswith(f"Equal accuracy within 5 points is shown for {count} between groups of race (")
    assert ("do not decide it" in sentence) == ("none" in count)


def test_what_cannot_be_estimated_is_neither_shown_nor_not_shown():
    (sentence,) = no_worse_sentences(pd.DataFrame([row("b", "accuracy_min", float("nan"))]), 2.0, "a")
    assert "in accuracy of the worst group cannot be tested" in sentence
    assert equality_sentences(pd.DataFrame({"p_equal_holm": [float("nan")]}), 2.0, "groups of race") == []
