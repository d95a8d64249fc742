"""One definition per metric: a metric defined once is everywhere, and every name has a direction and a unit."""

import numpy as np
import pytest
from simulated import simulate

from fer.fairness import (
    METRICS,
    Metric,
    Unit,
    bootstrap_metrics,
    difference_intervals,
    direction_of,
    group_intervals,
    group_metrics,
    group_summary,
    point_metrics,
    unit_of,
)


def in_the_best_two(samples):
    """Return whether the true class is among the two classes of the highest probability."""
    return (np.argsort(samples.proba, axis=1)[:, -2:] == samples.true[:, None]).any(axis=1)


SCRATCH = {
    "mean of what a sample adds": Metric(
        "top2_accuracy", "up", Unit.SHARE, each=in_the_best_two, needs_proba=True, over_groups=True
    ),
    "function of the sums": Metric(
        "balanced_accuracy", "up", Unit.SHARE, value=lambda sums: np.nanmean(sums.recall, axis=-1), over_groups=True
    ),
    "less is better": Metric(
        "error_rate", "down", Unit.SHARE, each=lambda samples: samples.true != samples.predicted, over_groups=True
    ),
}


@pytest.mark.parametrize("metric", SCRATCH.values(), ids=SCRATCH)
@pytest.mark.filterwarnings("ignore:Mean of empty slice")
def test_a_metric_defined_once_is_everywhere(metric, monkeypatch):
    monkeypatch.setitem(METRICS, metric.name, metric)
    data, name = simulate(), metric.name
    by = {"y_proba": data.y_proba, "sensitive_features": data.sensitive_features}
    point = point_metrics(data.y_true, data.y_pred, y_proba=data.y_proba)[name]
    groups = group_metrics(data.y_true, data.y_pred, **by)[name]
    assert 0 < point < 1 and groups.between(0, 1).all()
    here = (data.sensitive_features == "b").to_numpy()
    alone = point_metrics(data.y_true[here], data.y_pred[here], y_proba=data.y_proba[here])[name]
    assert groups["b"] == pytest.approx(alone)
    worst = "min" if metric.direction == "up" else "max"
    summary = group_summary(data.y_true, data.y_pred, **by)
    assert summary[f"{name}_std"] == pytest.approx(groups.std())
    assert summary[f"{name}_{worst}"] == pytest.approx(getattr(groups, worst)())
    assert summary[f"{name}_gap"] == pytest.approx(groups.max() - groups.min())
    drawn = bootstrap_metrics(**data.all, n_resamples=50)
    assert drawn.estimate[name].tolist() == pytest.approx([point, *groups])
    assert drawn.of(f"{name}_gap").std() > 0
    row = group_intervals(**data.all, n_resamples=50).loc[("b", name)]
    assert row["low"] < row["estimate"] < row["high"]
    assert difference_intervals(**data.all, metric=name, n_resamples=50)["low"].notna().all()
    assert direction_of(f"test/race/{name}/b") == direction_of(f"{name}_{worst}") == metric.direction
    assert direction_of(f"{name}_std") == "down"
    assert unit_of(f"{name}_std") is Unit.SHARE


def test_every_name_that_is_given_has_a_direction_and_a_unit():
    data = simulate()
    drawn = bootstrap_metrics(**data.all, n_resamples=2)
    for name in (*drawn.metrics, *drawn.summaries):
        assert direction_of(name) in ("up", "down"), name
        assert unit_of(name) in Unit, name


def test_a_metric_of_probabilities_is_left_out_without_them():
    data = simulate()
    without = bootstrap_metrics(**data.grouped, n_resamples=5, random_state=1)
    whole = bootstrap_metrics(**data.all, n_resamples=5, random_state=1)
    assert set(whole.metrics) - set(without.metrics) == {"loss", "brier", "calibration_error"}
    assert without.summaries == whole.summaries
    np.testing.assert_array_equal(without.over_groups, whole.over_groups)
    for name in without.metrics:
        np.testing.assert_array_equal(without.of(name, "b"), whole.of(name, "b"))
