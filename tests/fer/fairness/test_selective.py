"""The threshold of selective prediction: what it promises holds on data that it was not chosen on, in every group."""

import numpy as np
import pytest
from scipy import stats

from fer.fairness import risk_coverage, selective_accuracy, selective_threshold

AIM = 0.75


def faces(stream, count, slope=0.6, clusters=None):
    """Return confidences and whether answers are right: the surer, the more often; of a cluster all alike."""
    sure = stream.random(count)
    drawn = stream.random(count if clusters is None else clusters)
    drawn = drawn if clusters is None else drawn[np.arange(count) % clusters]
    return sure, drawn < (1 - slope) + slope * sure


def chosen(sure, right, race, **options):
    true = np.ones(len(sure), bool)
    return selective_threshold(true, right, confidence=sure, sensitive_features={"race": race}, **options)


def test_the_promise_holds_for_every_group_in_all_but_the_stated_share_of_draws():
    # True accuracy above a threshold t, of a confidence uniform in 0..1: 1 - slope + slope (1 + t) / 2.
    slopes, broken, answered = {"a": 0.4, "b": 0.9}, 0, 0
    for draw in range(60):
        stream = np.random.default_rng(draw)
        parts = [faces(stream, 400, slope) for slope in slopes.values()]
        sure, right = (np.concatenate(one) for one in zip(*parts, strict=True))
        value = chosen(sure, right, np.repeat(list(slopes), 400), aim=AIM).value
        worst = min(1 - slope + slope * (1 + value) / 2 for slope in slopes.values())
        broken += value < 1 and worst < AIM
        answered += value < 1
    assert answered > 57
    assert broken <= stats.binom.ppf(0.99, 60, 0.05)


def test_frames_of_few_clips_promise_less_than_as_many_independent_faces():
    stream = np.random.default_rng(1)
    sure, right = faces(stream, 1200, 0.2, clusters=30)
    race, clips = np.repeat("a", 1200), np.arange(1200) % 30
    asked = {"confidence": sure, "threshold": 0.2, "sensitive_features": {"race": race}}
    alone = selective_accuracy(np.ones(1200, bool), right, **asked).iloc[0]
    clustered = selective_accuracy(np.ones(1200, bool), right, clusters=clips, **asked).iloc[0]
    assert clustered["high"] - clustered["low"] > 3 * (alone["high"] - alone["low"])
    assert clustered["clusters"] == 30


def test_without_clusters_the_interval_is_that_of_clopper_and_pearson():
    right = np.arange(50) < 40
    data = {"confidence": np.ones(50), "threshold": 0.5, "sensitive_features": {"race": ["a"] * 50}}
    row = selective_accuracy(np.ones(50, bool), right, **data).iloc[0]
    known = stats.binomtest(40, 50).proportion_ci(0.95, method="exact")
    assert (row["low"], row["high"]) == pytest.approx((known.low, known.high))


def test_groups_without_a_bound_are_named_and_must_reach_the_aim_as_they_are():
    stream = np.random.default_rng(2)
    sure, right = faces(stream, 2000, 0.6)
    race = np.array(["many"] * 1800 + ["few clips"] * 180 + ["few faces"] * 20)
    clips = np.concatenate([np.arange(1800), 1800 + np.arange(180) % 3, [2000] * 20])
    found = chosen(sure, right, race, aim=0.8, clusters=clips)
    kinds = found.table["known"].droplevel("attribute")
    assert kinds.to_dict() == {"many": "bounded", "few clips": "observed", "few faces": "too few"}
    assert found.table.loc[("race", "few clips"), "accuracy"] >= 0.8
    wrong = np.where(race == "few clips", False, right)
    assert chosen(sure, wrong, race, aim=0.8, clusters=clips).never
    assert not chosen(sure, np.where(race == "few faces", False, right), race, aim=0.8, clusters=clips).never


def test_a_promise_that_cannot_be_kept_is_never_made():
    stream = np.random.default_rng(3)
    sure = stream.random(1000)
    guessed = stream.random(1000) < 0.5
    found = chosen(sure, guessed, np.repeat("a", 1000), aim=0.9)
    assert found.never
    assert found.table["answered"].tolist() == [0]
    assert chosen(sure[:12], np.ones(12, bool), np.repeat("a", 12), aim=0.9).never, "too few faces for any promise"


@pytest.mark.parametrize("aim", [0.0, 1.0, 1.5])
def test_an_aim_out_of_range_is_refused(aim):
    with pytest.raises(ValueError, match="aim"):
        chosen(np.ones(3), np.ones(3, bool), np.repeat("a", 3), aim=aim)


def test_the_risk_coverage_curve_ends_where_nothing_is_left():
    sure, right = faces(np.random.default_rng(4), 500)
    curve = risk_coverage(np.ones(500, bool), right, confidence=sure)
    assert curve["coverage"].is_monotonic_decreasing
    assert curve["coverage"].iloc[[0, -1]].tolist() == [1.0, 1 / 500]
    for row in curve.iloc[::100].itertuples():
        assert row.accuracy == pytest.approx(right[sure > row.threshold].mean())
