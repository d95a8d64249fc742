"""Multi-class fairness: Fairlearn's two-class numbers, a plain loop, and rates without samples."""

import fairlearn.metrics as reference
import numpy as np
import pandas as pd
import pytest

from fer.fairness import demographic_parity_difference, equalized_odds_difference, recall_difference


@pytest.fixture(scope="module", params=[0, 1, 2])
def random(request):
    stream = np.random.default_rng(request.param)
    y_true, y_pred = stream.integers(0, 5, 300), stream.integers(0, 5, 300)
    return y_true, y_pred, pd.Series(stream.choice(["a", "b", "c"], 300))


def test_each_is_fairlearns_widest_over_one_class_against_the_rest(random):
    y_true, y_pred, group = random
    parity, odds, recall = [], [], []
    for code in range(5):
        true, said = y_true == code, y_pred == code
        parity.append(reference.demographic_parity_difference(true, said, sensitive_features=group))
        odds.append(reference.equalized_odds_difference(true, said, sensitive_features=group))
        frame = reference.MetricFrame(
            metrics=reference.true_positive_rate, y_true=true, y_pred=said, sensitive_features=group
        )
        recall.append(frame.difference())
    assert demographic_parity_difference(y_true, y_pred, sensitive_features=group) == pytest.approx(max(parity))
    assert equalized_odds_difference(y_true, y_pred, sensitive_features=group) == pytest.approx(max(odds))
    assert recall_difference(y_true, y_pred, sensitive_features=group) == pytest.approx(max(recall))


def test_perfect_predictions_are_even_in_odds_but_not_in_parity():
    y_true, group = np.array([0, 0, 1, 0, 1, 1]), np.repeat(["a", "b"], 3)
    assert recall_difference(y_true, y_true, sensitive_features=group) == 0
    assert equalized_odds_difference(y_true, y_true, sensitive_features=group) == 0
    assert demographic_parity_difference(y_true, y_true, sensitive_features=group) == pytest.approx(1 / 3)


def test_false_alarms_count_where_recall_is_even():
    # Nobody's fear (1) is seen: a's is taken for anger (0), half of b's for disgust (2).
    y_true, y_pred, group = np.ones(8, int), np.array([0] * 4 + [2, 2, 0, 0]), np.repeat(["a", "b"], 4)
    assert recall_difference(y_true, y_pred, sensitive_features=group) == 0
    assert equalized_odds_difference(y_true, y_pred, sensitive_features=group) == pytest.approx(0.5)


def test_a_rate_without_samples_takes_no_part():
    # Only a shows class 1: no second recall to differ from.
    y_true, y_pred, group = np.array([0, 1, 1, 0, 0]), np.array([0, 0, 0, 0, 2]), np.array(list("aaabb"))
    assert recall_difference(y_true, y_pred, sensitive_features=group) == pytest.approx(0.5)
    assert recall_difference(y_true[:4], y_pred[:4], sensitive_features=group[:4]) == 0


def test_without_two_groups_there_is_no_difference():
    y_true, y_pred, group = np.array([0, 1]), np.array([0, 0]), np.array(["a", "a"])
    assert np.isnan(demographic_parity_difference(y_true, y_pred, sensitive_features=group))
    assert np.isnan(recall_difference(y_true, y_pred, sensitive_features=group))
    assert np.isnan(equalized_odds_difference(y_true, y_pred, sensitive_features=group))
    assert np.isnan(recall_difference(np.array([0, 1]), y_pred, sensitive_features=np.array(["a", "b"])))


def test_a_null_is_in_no_group(random):
    y_true, y_pred, group = random
    more = pd.concat([group, pd.Series([None] * 50)], ignore_index=True)
    longer = [np.concatenate([values, np.zeros(50, int)]) for values in (y_true, y_pred)]
    for difference in (demographic_parity_difference, equalized_odds_difference, recall_difference):
        without = difference(y_true, y_pred, sensitive_features=group)
        assert difference(*longer, sensitive_features=more) == without
