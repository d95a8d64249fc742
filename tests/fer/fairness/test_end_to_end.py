"""Accuracy from the raw data on: lost rows are wrong."""

import numpy as np
import pandas as pd
import pytest

from fer.fairness.end_to_end import end_to_end_accuracy


def test_lost_rows_count_as_wrong_in_their_group():
    y_true, y_pred = ["sad"] * 5, ["sad", "sad", "fear", "sad", "fear"]
    group, lost = pd.Series(["a", "a", "a", "b", None]), pd.Series(["a", "b", "b", None, "c"])
    table = end_to_end_accuracy(y_true, y_pred, sensitive_features=group, lost_sensitive_features=lost)
    assert list(table.index) == ["all", "a", "b", "c"]
    assert table.loc["all", ["found", "lost"]].tolist() == [5, 5]
    assert table.loc["all", ["accuracy", "end_to_end_accuracy"]].tolist() == [0.6, 0.3]
    assert table.loc["a", ["share_lost", "accuracy", "end_to_end_accuracy"]].tolist() == pytest.approx(
        [0.25, 2 / 3, 0.5]
    )
    assert table.loc["b", ["accuracy", "end_to_end_accuracy"]].tolist() == pytest.approx([1, 1 / 3])
    assert table.loc["c", ["found", "share_lost", "end_to_end_accuracy"]].tolist() == [0, 1, 0]
    assert np.isnan(table.loc["c", "accuracy"])


def test_without_losses_it_is_accuracy_and_without_rows_nan():
    none = pd.Series([], dtype="str")
    table = end_to_end_accuracy(
        [1, 1], [1, 0], sensitive_features=["a", "a"], lost_sensitive_features=none, groups=["a", "z"]
    )
    assert table.loc["a", "end_to_end_accuracy"] == table.loc["a", "accuracy"] == 0.5
    assert table.loc["z", ["share_lost", "accuracy", "end_to_end_accuracy"]].isna().all()
