"""Dose-response: SciPy's slope, and intervals that hold where seeds and clusters both vary."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fer.fairness import dose_response
from fer.fairness.combined import Combined

DOSES = (0.0, 0.1, 0.3, 0.5, 1.0)


def runs(stream, seeds=4, slope=0.1, seed_noise=0.01, clusters=20, cluster_noise=0.1, replicates=0):
    """Return a table of runs and joint replicates whose value is the mean over clusters, plus noise of each run."""
    table = pd.DataFrame([(dose, seed) for dose in DOSES for seed in range(seeds)], columns=["dose", "seed"])
    # Each cluster answers to the dose in its own way; all runs see the same clusters.
    start, answer = stream.normal(0.4, cluster_noise, clusters), stream.normal(slope, cluster_noise, clusters)
    noise = stream.normal(0, seed_noise, len(table))
    values = start + np.outer(table["dose"], answer) + noise[:, None]
    table["value"] = values.mean(axis=1)
    weights = stream.multinomial(clusters, np.full(clusters, 1 / clusters), size=replicates) / clusters
    return table, values @ weights.T


def test_the_slope_is_that_of_least_squares():
    table, _ = runs(np.random.default_rng(0))
    found = dose_response(table)
    assert found.slope == pytest.approx(stats.linregress(table["dose"], table["value"]).slope)
    assert found.seeds == 4
    assert found.band["dose"].tolist() == list(DOSES)
    assert found.band["mean"].to_numpy() == pytest.approx(table.groupby("dose")["value"].mean().to_numpy())
    means = table.loc[table["dose"] == 0.3, "value"]
    reference = stats.ttest_1samp(means, 0).confidence_interval(0.95)
    row = found.band.iloc[2]
    assert (row["low"], row["high"], row["runs"]) == pytest.approx((reference.low, reference.high, 4))


def test_of_two_doses_the_slope_is_welchs_t_test_of_their_seeds():
    table, _ = runs(np.random.default_rng(1))
    ends = table[table["dose"].isin([0.0, 1.0])].reset_index(drop=True)
    first, last = (ends.loc[ends["dose"] == dose, "value"] for dose in (0.0, 1.0))
    reference = stats.ttest_ind(last, first, equal_var=False)
    bounds = reference.confidence_interval(0.95)
    found = dose_response(ends)
    assert (found.low, found.high, found.p) == pytest.approx((bounds.low, bounds.high, reference.pvalue))
    # Of whichever seeds they are, and of however many.
    other = ends.assign(seed=range(len(ends)))
    assert dose_response(other)[:4] == pytest.approx(found[:4])
    fewer = dose_response(ends.iloc[1:])
    assert fewer.p == pytest.approx(stats.ttest_ind(last, first.iloc[1:], equal_var=False).pvalue)


def test_a_dose_of_one_run_has_the_variance_of_the_others():
    table = pd.DataFrame({"dose": [0.0, 0.0, 0.5, 1.0, 1.0, 1.0], "seed": [0, 1, 0, 0, 1, 2]})
    table["value"] = [0.3, 0.4, 0.5, 0.5, 0.6, 0.7]
    row = dose_response(table).band.iloc[1]
    pooled = np.sqrt((0.005 + 2 * 0.01) / 3)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(stats.t.ppf(0.975, 3) * pooled)
    # Where no dose has two runs, seeds and doses cannot be told apart.
    alone = table.iloc[[0, 2, 5]]
    assert np.isnan([dose_response(alone).low, dose_response(alone).p]).all()


def test_one_seed_is_as_sure_as_its_clusters():
    table, replicates = runs(np.random.default_rng(4), seeds=1, clusters=8, replicates=500)
    found = dose_response(table, replicates=replicates, n_clusters=8, confidence_level=0.9)
    slopes = [stats.linregress(table["dose"], column).slope for column in replicates.T]
    reach = stats.t.ppf(0.95, 7) * np.std(slopes, ddof=1) * np.sqrt(8 / 7)
    assert (found.low, found.high) == pytest.approx((found.slope - reach, found.slope + reach))
    row = found.band.iloc[1]
    reach = stats.t.ppf(0.95, 7) * replicates[1].std(ddof=1) * np.sqrt(8 / 7)
    assert (row["low"], row["high"]) == pytest.approx((row["mean"] - reach, row["mean"] + reach))


def test_unequal_clusters_count_as_their_effective_number():
    table, replicates = runs(np.random.default_rng(4), seeds=1, clusters=8, replicates=500)
    found = dose_response(table, replicates=replicates, n_clusters=4.5)
    slopes = [stats.linregress(table["dose"], column).slope for column in replicates.T]
    reach = stats.t.ppf(0.975, 3.5) * np.std(slopes, ddof=1) * np.sqrt(4.5 / 3.5)
    assert (found.low, found.high) == pytest.approx((found.slope - reach, found.slope + reach))


def test_an_interval_may_come_from_elsewhere():
    table, _ = runs(np.random.default_rng(5))
    holed = table.assign(value=table["value"].where(table.index != 2))
    seen = []

    def interval_of(weights, seeds):
        seen.append((weights, seeds))
        return Combined(-1.0, 9.0, 0.4)

    found = dose_response(holed, interval_of=interval_of, bounds=(0.0, 1.0))
    weights, seeds = seen[0]
    assert weights[2] == 0 and weights @ table["value"] == pytest.approx(found.slope)
    assert [part.degrees for part in seeds] == [2, 3, 3, 3, 3]
    assert (found.p, found.low) == (0.4, -1.0) and found.band["high"].tolist() == [1.0] * 5
    # At each dose the mean: of three runs where one is missing.
    assert seen[1][0][:4] == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])


def test_the_interval_covers_the_slope_only_if_clusters_are_in_it():
    stream, covered = np.random.default_rng(2), []
    for _ in range(120):
        table, replicates = runs(stream, seeds=3, replicates=200)
        both, seeds = dose_response(table, replicates=replicates, n_clusters=20), dose_response(table)
        one, drawn = table[table["seed"] == 0], replicates[(table["seed"] == 0).to_numpy()]
        single = dose_response(one, replicates=drawn, n_clusters=20)
        covered.append([found.low <= 0.1 <= found.high for found in (both, seeds, single)])
    both, seeds, single = np.mean(covered, axis=0)
    # 95 % less three binomial standard errors.
    assert both >= 0.89
    assert seeds < 0.8
    assert single >= 0.89


def test_what_cannot_be_estimated_is_nan_and_what_cannot_be_asked_is_refused():
    table, replicates = runs(np.random.default_rng(3), replicates=50)
    one = dose_response(table[table["seed"] == 0])
    assert np.isnan([one.low, one.high, one.p]).all()
    assert one.seeds == 1
    assert np.isnan(dose_response(table, replicates=replicates, n_clusters=1).low)
    holed = table.assign(value=table["value"].where(table.index != 2))
    assert dose_response(holed).band["runs"].tolist() == [3, 4, 4, 4, 4]
    with pytest.raises(ValueError, match="1 doses; a slope needs two"):
        dose_response(table[table["dose"] == 0.1])
    with pytest.raises(ValueError, match="number of clusters"):
        dose_response(table, replicates=replicates)


def test_intervals_end_where_values_do():
    """Two clusters, of which the intervals would go far beyond what an accuracy can be."""
    table, replicates = runs(np.random.default_rng(7), seeds=1, clusters=2, cluster_noise=0.5, replicates=500)
    wide = dose_response(table, replicates=replicates, n_clusters=2)
    found = dose_response(table, replicates=replicates, n_clusters=2, bounds=(0.0, 1.0))
    assert wide.band["high"].max() > 1 and wide.low < -2
    assert found.band["low"].min() == 0 and found.band["high"].max() == 1
    # The steepest line through accuracies at these doses: 0 at those below the mean dose, 1 above.
    above = np.array(DOSES) > np.mean(DOSES)
    steepest = stats.linregress(DOSES, above.astype(float)).slope
    assert (found.low, found.high) == pytest.approx((-steepest, steepest))
    assert (found.slope, found.p) == (wide.slope, wide.p)
