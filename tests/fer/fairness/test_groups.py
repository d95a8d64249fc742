"""Per-group metrics against Fairlearn; figures over groups against the published tables; groups without samples."""

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame
from sklearn.metrics import accuracy_score, f1_score

from fer.fairness import (
    demographic_parity_difference,
    equalized_odds_difference,
    group_metrics,
    group_summary,
    over_groups,
    point_metrics,
    recall_difference,
    worst_group,
)

# Accuracy in percent (black, white, mixed) and the printed Std of Tables 5 and 6.
PUBLISHED = {
    "EiLA only": (36.8, 31.1, 26.6, 5.14),
    "SFEW only": (38.7, 25.9, 25.0, 7.65),
    "SFEW + 10% EiLA": (45.4, 31.3, 29.7, 8.65),
    "SFEW + 30% EiLA": (41.1, 27.6, 28.1, 7.66),
    "SFEW + 50% EiLA": (42.9, 30.3, 29.7, 7.49),
    "SFEW + 100% EiLA": (43.6, 26.2, 32.8, 8.77),
    "FER2013 only": (58.9, 34.5, 45.3, 12.2),
    "FER2013 + 10% EiLA": (46.0, 37.6, 32.8, 6.68),
    "FER2013 + 30% EiLA": (43.6, 37.9, 31.3, 6.16),
    "FER2013 + 50% EiLA": (50.9, 37.4, 32.8, 9.41),
    "FER2013 + 100% EiLA": (42.3, 35.5, 35.9, 3.81),
}


@pytest.fixture
def random():
    """Return y_true, y_pred and keywords of 400 samples in 7 classes and 4 groups, some null."""
    stream = np.random.default_rng(1)
    y_proba = stream.dirichlet(np.ones(7), 400)
    group = pd.Series(stream.choice(["d", "b", "a", "c"], 400, p=[0.6, 0.2, 0.15, 0.05])).astype("str")
    group[::40] = None
    y_true, y_pred = stream.integers(0, 4, 400), y_proba.argmax(axis=1)
    by = {"y_proba": y_proba, "sensitive_features": group, "clusters": stream.integers(0, 30, 400)}
    return y_true, y_pred, by


def test_groups_are_those_of_fairlearn(random):
    y_true, y_pred, by = random
    group = by["sensitive_features"]
    known = group.notna().to_numpy()
    functions = {
        "accuracy": accuracy_score,
        "f1_weighted": lambda true, said: f1_score(true, said, average="weighted", zero_division=0.0),
    }
    frame = MetricFrame(
        metrics=functions, y_true=y_true[known], y_pred=y_pred[known], sensitive_features=group[known]
    ).by_group
    table = group_metrics(y_true, y_pred, **by)
    assert list(table.index) == list(frame.index) == ["a", "b", "c", "d"]
    for name in functions:
        assert table[name].to_numpy() == pytest.approx(frame[name].to_numpy(dtype=float))
    assert table["count"].to_dict() == group.value_counts().to_dict()
    assert table["count"].dtype == np.int64


def test_the_other_metrics_and_clusters_are_those_of_the_groups_rows(random):
    y_true, y_pred, by = random
    here = (by["sensitive_features"] == "b").to_numpy()
    row = group_metrics(y_true, y_pred, **by).loc["b"]
    alone = point_metrics(y_true[here], y_pred[here], y_proba=by["y_proba"][here])
    assert list(row.index) == ["count", "clusters", *alone.index]
    assert row[alone.index].to_numpy(float) == pytest.approx(alone.to_numpy())
    assert row["clusters"] == len(set(by["clusters"][here]))
    del by["clusters"]
    assert group_metrics(y_true, y_pred, **by)["clusters"].isna().all()


def test_without_probabilities_their_metrics_are_left_out(random):
    y_true, y_pred, by = random
    del by["y_proba"]
    table = group_metrics(y_true, y_pred, **by)
    assert list(table) == ["count", "clusters", "accuracy", "f1_weighted", "f1_macro"]


def test_the_summary_holds_the_figures_over_groups_and_the_differences(random):
    y_true, y_pred, by = random
    del by["clusters"]
    groups = ["a", "b", "nobody"]
    values = group_metrics(y_true, y_pred, **by, groups=groups)
    summary = group_summary(y_true, y_pred, **by, groups=groups)
    expected = {f"{name}_{figure}": value for name in ("accuracy", "f1_weighted")
                for figure, value in over_groups(values[name]).items()}  # fmt: skip
    here = by["sensitive_features"].isin(groups)
    for difference in (demographic_parity_difference, equalized_odds_difference, recall_difference):
        features = by["sensitive_features"].where(here)
        expected[difference.__name__] = difference(y_true, y_pred, sensitive_features=features)
    assert list(summary.index) == list(expected)
    assert summary.to_dict() == pytest.approx(expected)
    nobody = group_summary(y_true, y_pred, **by, groups=["nobody"])
    assert nobody.isna().all()


def test_a_weight_of_2_is_the_sample_twice(random):
    y_true, y_pred, by = random
    weights = np.random.default_rng(5).integers(0, 3, 400)
    features, y_proba = by["sensitive_features"].to_numpy(dtype=object), by["y_proba"]
    whole = {"sensitive_features": features, "y_proba": y_proba, "sample_weight": weights}
    again = {"sensitive_features": np.repeat(features, weights), "y_proba": np.repeat(y_proba, weights, axis=0)}
    copied = [np.repeat(array, weights) for array in (y_true, y_pred)]
    weighted, repeated = group_metrics(y_true, y_pred, **whole), group_metrics(*copied, **again)
    pd.testing.assert_frame_equal(weighted.drop(columns="count"), repeated.drop(columns="count"))
    pd.testing.assert_series_equal(group_summary(y_true, y_pred, **whole), group_summary(*copied, **again))


def test_groups_are_addressed_by_name_not_by_position(random):
    y_true, y_pred, by = random
    group = by["sensitive_features"]
    order = np.random.default_rng(2).permutation(400)
    shuffled = pd.Series(group.to_numpy()[order], index=order)  # An index that means nothing here.
    again = {"y_proba": by["y_proba"][order], "sensitive_features": shuffled, "clusters": by["clusters"][order]}
    table = group_metrics(y_true[order], y_pred[order], **again, groups=["d", "a", "c", "b"])
    assert list(table.index) == ["d", "a", "c", "b"]
    expected = group_metrics(y_true, y_pred, **by).loc[table.index]
    pd.testing.assert_frame_equal(table, expected)


def test_a_group_without_samples_is_nan_never_0(random):
    y_true, y_pred, by = random
    table = group_metrics(y_true, y_pred, **by, groups=["a", "nobody", "d"])
    assert table.loc["nobody", ["count", "clusters"]].tolist() == [0, 0]
    assert table.loc["nobody"].drop(["count", "clusters"]).isna().all()
    assert over_groups(table["accuracy"]).equals(over_groups(table["accuracy"].drop("nobody")))


@pytest.mark.parametrize(("black", "white", "mixed", "std"), PUBLISHED.values(), ids=PUBLISHED)
def test_published_standard_deviations(black, white, mixed, std):
    values = pd.Series({"black": black, "white": white, "mixed": mixed}) / 100
    assert 100 * over_groups(values)["std"] == pytest.approx(std, abs=0.05)


def test_over_groups_by_hand():
    summary = over_groups(pd.Series({"a": 0.5, "b": 0.25, "c": np.nan, "d": 0.75}))
    assert summary.to_dict() == pytest.approx({"std": 0.25, "min": 0.25, "gap": 0.5, "ratio": 1 / 3})


def test_where_less_is_better_the_worst_group_has_the_most():
    values = pd.Series({"a": 0.5, "b": 0.25})
    assert over_groups(values, direction="down").to_dict() == pytest.approx(
        {"std": values.std(), "max": 0.5, "gap": 0.25, "ratio": 0.5}
    )
    assert worst_group(values, direction="down") == "a"


def test_a_disparity_of_one_group_or_none_is_nan():
    summary = over_groups(pd.Series({"a": 0.5, "b": np.nan}))
    assert summary["min"] == 0.5
    assert summary[["std", "gap", "ratio"]].isna().all()
    assert over_groups(pd.Series({"a": np.nan})).isna().all()
    assert over_groups(pd.Series(dtype=float)).isna().all()


def test_groups_that_are_all_wrong_have_no_ratio():
    summary = over_groups(pd.Series({"a": 0.0, "b": 0.0}))
    assert np.isnan(summary["ratio"])
    assert (summary["gap"], summary["std"]) == (0, 0)


def test_the_worst_group_is_named():
    assert worst_group(pd.Series({"a": 0.5, "b": 0.25, "c": np.nan})) == "b"
    assert worst_group(pd.Series({"c": np.nan})) is None


def test_numbers_beside_text_are_groups_of_their_own_numbers_first():
    table = group_metrics(["a", "b", "a", "b"], ["a", "b", "b", "b"], sensitive_features=[10, "x", 9, "10"])
    assert table.index.tolist() == [9, 10, "10", "x"]
    assert table["accuracy"].tolist() == [0, 1, 1, 1]
