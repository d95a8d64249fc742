"""Intervals of shares and their differences: statsmodels' for independent samples, roots of the test elsewhere."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from fer.fairness.score_intervals import Shares, wilson_limits

COUNTS, SIZES = np.array([0, 3, 17, 20, 38]), np.array([5, 9, 30, 20, 40])


def shares_of(correlation=0.0, degrees=np.inf):
    groups = len(COUNTS)
    alike = np.where(np.eye(groups, dtype=bool), 1.0, correlation)
    freedom = np.broadcast_to(np.asarray(degrees, dtype=float), (groups,))
    return Shares(COUNTS / SIZES, SIZES.astype(float), freedom, alike, np.eye(groups))


def test_the_limits_of_a_share_are_wilsons():
    low, high = wilson_limits(COUNTS / SIZES, SIZES, stats.norm.ppf(0.975))
    expected = proportion_confint(COUNTS, SIZES, method="wilson")
    assert low == pytest.approx(expected[0])
    assert high == pytest.approx(expected[1])


def test_the_limits_of_a_difference_are_newcombes():
    low, high = shares_of().pair_limits(stats.norm.ppf(0.975))
    for first, second in permutations(range(len(COUNTS)), 2):
        expected = confint_proportions_2indep(
            COUNTS[first], SIZES[first], COUNTS[second], SIZES[second], method="newcomb", compare="diff"
        )
        assert (low[first, second], high[first, second]) == pytest.approx(expected)


@pytest.mark.parametrize("correlation", [0.0, 0.4])
def test_the_p_value_is_that_at_which_the_interval_ends_at_0(correlation):
    shares = shares_of(correlation, degrees=[4, 7, 12, 9, 30])
    p, degrees = shares.pair_p(), shares.pair_degrees()
    low, high = shares.pair_limits(stats.t.ppf(1 - p / 2, degrees))
    ends = np.where(shares.estimate[:, None] > shares.estimate[None, :], low, high)
    apart = shares.estimate[:, None] != shares.estimate[None, :]
    assert ends[apart] == pytest.approx(0, abs=1e-9)
    assert (p[~apart] == 1).all()
    assert p == pytest.approx(p.T)
    for level in (0.05, 0.3):
        low, high = shares.pair_limits(stats.t.ppf(1 - level / 2, degrees))
        assert ((p < level) == ((low > 0) | (high < 0))).all()


def test_groups_that_vary_together_differ_more_surely():
    apart, together = (shares_of(correlation).pair_limits(2.0) for correlation in (0.0, 0.5))
    off = ~np.eye(len(COUNTS), dtype=bool)
    assert (together[1] - together[0])[off].max() < (apart[1] - apart[0])[off].max()


def test_a_group_without_an_interval_has_no_difference():
    shares = shares_of()
    unknown = Shares(shares.estimate, np.where(SIZES == 9, np.nan, SIZES), *list(vars(shares).values())[2:])
    low, _ = unknown.pair_limits(2.0)
    assert np.isnan(low[1]).all()
    assert np.isnan(unknown.pair_p()[:, 1]).all()
    assert np.isfinite(low[0, 2])


def test_p_and_limits_agree_for_highly_correlated_shares_of_few_clusters():
    """Their distance from the estimate grows with the quantile and then falls: p was 1e-72 beside -0.9 to 42 %."""
    stream, cases = np.random.default_rng(0), 500
    shares, sizes = stream.uniform(0.02, 0.98, (cases, 2)), stream.uniform(1.2, 30, (cases, 2))
    degrees, correlation = stream.uniform(0.6, 15, cases), stream.uniform(0.7, 1, cases)
    shares[0], sizes[0], degrees[0], correlation[0] = (0.6361, 0.3510), (17.32, 1.82), 8.7, 0.9547
    joint = np.where(np.eye(2, dtype=bool), 1.0, correlation[:, None, None])
    both = Shares(shares, sizes, np.repeat(degrees[:, None], 2, axis=1), joint, np.ones((cases, 2, 2)))
    low, high = both.pair_limits(stats.t.ppf(0.975, both.pair_degrees()))
    assert ((both.pair_p() < 0.05) == ((low > 0) | (high < 0))).all()
