"""Two sides on the same samples: sign flips and paired t by SciPy, seeds crossed with clusters; McNemar and Holm."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulated import crossed, simulate
from statsmodels.stats.multitest import multipletests

from fer.fairness import holm, mcnemar, over_groups, paired_comparison


def two_models(clips=12, seed=0, better=0.15, groups="abc"):
    """Return data of the first model and the predictions of a second on the same samples."""
    accuracy = dict.fromkeys(groups, 0.4)
    data = simulate(accuracy, 10 * clips, clips, seed)
    other = simulate({name: 0.4 + better for name in groups}, 10 * clips, clips, seed + 100)
    right = other.y_true == other.y_pred
    return data, np.where(right, data.y_true, (data.y_true + 1) % 7)


def compare(data, second, first=None, **options):
    first = data.y_pred if first is None else first
    options |= {"sensitive_features": data.sensitive_features, "clusters": data.clusters}
    return paired_comparison(data.y_true, first, second, **options)


def test_values_and_differences_are_those_of_each_side():
    data, second = two_models()
    table = compare(data, second, n_resamples=50)
    for side, y_pred in (("first", data.y_pred), ("second", second)):
        right = pd.Series(data.y_true == y_pred)
        by_group = right.groupby(data.sensitive_features).mean()
        summary = over_groups(by_group)
        expected = {"accuracy": right.mean(), "accuracy_std": summary["std"], "accuracy_min": summary["min"]}
        expected |= {"accuracy_gap": summary["gap"], "accuracy/b": by_group["b"]}
        expected |= {"accuracy/a - accuracy/c": by_group["a"] - by_group["c"]}
        assert table.loc[list(expected), side].to_dict() == pytest.approx(expected)
    assert table["difference"].to_numpy() == pytest.approx((table["second"] - table["first"]).to_numpy())
    assert (table["seeds"] == 1).all()


def test_an_interval_holds_no_difference_that_cannot_be():
    data, second = two_models(clips=2, better=0.5)
    table = compare(data, second, n_resamples=200)
    between = table.index.str.contains(" - ")
    assert (table["high"] == np.where(between, 2.0, 1.0)).any() and (table["low"] >= -2).all()
    assert table.loc[~between, ["low", "high"]].abs().le(1).all(axis=None)
    assert table.loc[between, ["low", "high"]].abs().le(2).all(axis=None)


@pytest.mark.parametrize("better", [0.0, 0.1, 0.2])
def test_p_of_accuracy_is_near_scipys_sign_flip_test_over_clusters(better):
    data, second = two_models(clips=12, better=better)
    table = compare(data, second)
    change = (second == data.y_true).astype(float) - (data.y_pred == data.y_true)
    for row, names in (("accuracy", list("abc")), ("accuracy/b", ["b"])):
        sums = pd.Series(change)[data.sensitive_features.isin(names)].groupby(data.clusters).sum().to_numpy()
        reference = stats.permutation_test(
            (sums,),
            lambda x, axis: np.abs(x.sum(axis=axis)),
            permutation_type="samples",
            alternative="greater",
            n_resamples=20_000,
            vectorized=True,
            rng=1,
        )
        # Few clusters of few samples: sums are tied. Half of the ties count, to compare with a p-value without any.
        ties = (reference.null_distribution == np.abs(sums.sum())).mean()
        assert table.loc[row, "p"] == pytest.approx(reference.pvalue - ties / 2, abs=0.04)


def test_p_and_interval_are_one_procedure():
    """In every row, p is below 5 % exactly where the 95 % interval does not contain 0; so at every level."""
    seen = []
    for seed in range(12):
        data, second = two_models(clips=6, seed=seed, better=0.2 * (seed % 3), groups="ab")
        seeds = np.stack([second, two_models(clips=6, seed=seed + 50, better=0.2, groups="ab")[1]])
        both = np.stack([data.y_pred, two_models(clips=6, seed=seed + 90, better=0, groups="ab")[1]])
        for first, other in ((data.y_pred, second), (both, seeds)):
            for level in (0.8, 0.95):
                table = compare(data, other, first, confidence_level=level, n_resamples=200).dropna()
                excluded = (table["low"] > 0) | (table["high"] < 0)
                seen.append(excluded)
                assert ((table["p"] < 1 - level) == excluded).all()
    # Either happens often, with every row.
    assert pd.concat(seen, axis=1).mean(axis=1).between(0.02, 0.9).all()


def test_the_interval_is_near_that_of_a_paired_t_test_on_equal_clusters():
    data, second = two_models(clips=12)
    row = compare(data, second).loc["accuracy"]
    right = pd.DataFrame({"first": data.y_pred == data.y_true, "second": second == data.y_true})
    means = right.groupby(data.clusters).mean()
    reference = stats.ttest_rel(means["second"], means["first"])
    bounds = reference.confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((bounds.low, bounds.high), abs=0.01)
    assert row["p"] == pytest.approx(reference.pvalue, abs=0.01)


def test_as_much_better_in_every_cluster_is_not_certain():
    # In each of 8 clusters of 10, 3 are right, then 5.
    at, y_true = np.tile(np.arange(10), 8), np.zeros(80, int)
    first, second = np.where(at < 3, 0, 1), np.where(at < 5, 0, 1)
    by = {"sensitive_features": np.repeat(["a", "b"], 40), "clusters": np.repeat(np.arange(8), 10)}
    row = paired_comparison(y_true, first, second, **by, n_resamples=200).loc["accuracy"]
    # As sure as eight independent samples of either side are.
    assert row["low"] < 0 < 0.2 < row["high"]
    assert 0.05 < row["p"] < 1


def test_a_model_does_not_differ_from_itself():
    data = simulate()
    table = compare(data, data.y_pred, n_resamples=200)
    assert (table["difference"] == 0).all()
    assert (table["p"] == 1).all()
    assert (table[["low", "high"]].isna()).all(axis=None)


def test_one_draw_of_clusters_serves_all_seeds_and_seeds_widen():
    data, second = two_models()
    both, same = np.stack([data.y_pred, data.y_pred]), np.stack([second, second])
    one, two = compare(data, second, n_resamples=2000), compare(data, same, both, n_resamples=2000)
    # The same model twice is no new evidence: nothing changes, as seeds do not vary and clusters are drawn once.
    over = ["accuracy_std", "accuracy_min", "accuracy_gap"]
    pd.testing.assert_frame_equal(one.drop(over).drop(columns="seeds"), two.drop(over).drop(columns="seeds"))
    # Of 2,000 draws, which are others with more models.
    pd.testing.assert_frame_equal(one.loc[over].drop(columns="seeds"), two.loc[over].drop(columns="seeds"), atol=0.01)
    assert (two["seeds"] == 2).all()
    other = two_models(seed=7)[1]
    varied = np.stack([second, other])
    wide = compare(data, varied, both, n_resamples=2000)
    assert wide.loc["accuracy", "second"] == pytest.approx(
        np.mean([(y_pred == data.y_true).mean() for y_pred in varied])
    )
    assert (wide["p"] >= compare(data, varied, n_resamples=2000)["p"] - 1e-12).all()
    assert (compare(data, varied, n_resamples=200)["seeds"] == 1).all()


def test_where_only_seeds_vary_it_is_welchs_t_test_of_the_seeds():
    # In each of 8 clusters of 10 the same samples are right, how many is the seed's.
    at, y_true = np.tile(np.arange(10), 8), np.zeros(80, int)
    sides = [[np.where(at < right, 0, 1) for right in rights] for rights in ((3, 4, 5), (5, 7, 6, 5))]
    first, second = (np.stack(side) for side in sides)
    group, cluster = np.repeat(["a", "b"], 40), np.repeat(np.arange(8), 10)
    row = paired_comparison(y_true, first, second, sensitive_features=group, clusters=cluster, n_resamples=300).loc[
        "accuracy"
    ]
    reference = stats.ttest_ind([0.5, 0.7, 0.6, 0.5], [0.3, 0.4, 0.5], equal_var=False)
    bounds = reference.confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((bounds.low, bounds.high))
    assert row["p"] == pytest.approx(reference.pvalue)
    assert row["seeds"] == 3


def test_a_group_of_one_cluster_has_no_interval():
    data = simulate(clips={"a": 6, "b": 6, "c": 1})
    other = simulate(clips={"a": 6, "b": 6, "c": 1}, seed=5)
    second = np.where(other.y_true == other.y_pred, data.y_true, (data.y_true + 1) % 7)
    table = compare(data, second, n_resamples=300)
    no = ["accuracy_std", "accuracy_min", "accuracy_gap", "accuracy/c", "accuracy/a - accuracy/c"]
    assert table.loc[no, ["low", "high"]].isna().all(axis=None)
    assert table.loc[["accuracy", "accuracy/a", "accuracy/a - accuracy/b"], ["low", "high"]].notna().all(axis=None)
    assert (table["p"].isna() == table["low"].isna()).all()


def test_clusters_that_span_groups_change_sides_whole():
    data = crossed()
    better = np.where(np.arange(240) % 3 == 0, data.y_true, data.y_pred)
    table = compare(data, better, n_resamples=2000)
    assert table.loc["accuracy", "p"] < 0.01
    assert table.loc["accuracy", "low"] > 0


def test_crossed_clusters_are_as_sure_as_persons_and_clips():
    """With a component of the person and one of the clip, one kind of clusters alone is too sure."""
    stream = np.random.default_rng(3)
    person, clip = np.repeat(np.arange(12), 30), np.tile(np.repeat(np.arange(10), 3), 12)
    change = 0.25 * stream.standard_normal(12)[person] + 0.25 * stream.standard_normal(10)[clip]
    y_true, group = np.zeros(360, int), np.where(person % 2, "a", "b")
    first = (stream.random(360) < 0.5).astype(int)
    second = (stream.random(360) < np.clip(0.5 + change, 0, 1)).astype(int)

    def width(clusters):
        by = {"sensitive_features": group, "clusters": clusters, "n_resamples": 500}
        table = paired_comparison(y_true, first, second, **by)
        return table["high"] - table["low"]

    both, persons, clips = (width(ids) for ids in (np.stack([person, clip], axis=1), person, clip))
    over = ["accuracy", "accuracy_std", "accuracy_min", "accuracy/a", "accuracy/a - accuracy/b"]
    assert (both[over] >= np.maximum(persons, clips)[over] * 0.95).all()
    assert both["accuracy"] > 1.1 * max(persons["accuracy"], clips["accuracy"])


def test_mcnemars_test_is_a_binomial_of_the_disagreements():
    stream = np.random.default_rng(0)
    first, second = stream.random(200) < 0.5, stream.random(200) < 0.6
    only_first, only_second = int((first & ~second).sum()), int((~first & second).sum())
    true = np.where(stream.random(200) < 0.5, "sad", "happy")
    said = [np.where(right, true, "fear") for right in (first, second)]
    statistic, p = mcnemar(true, *said)
    assert statistic == min(only_first, only_second)
    assert p == pytest.approx(stats.binomtest(only_first, only_first + only_second).pvalue)
    assert mcnemar(true, said[0], said[0]) == (0, pytest.approx(1))


def test_holms_correction_by_hand_and_nan_is_in_no_family():
    p_values = pd.Series({"d": 0.04, "a": 0.01, "none": np.nan, "b": 0.015, "c": 0.03}, name="p")
    corrected = holm(p_values)
    expected = {"d": 0.06, "a": 0.04, "none": np.nan, "b": 0.045, "c": 0.06}
    assert corrected.to_dict() == pytest.approx(expected, nan_ok=True)
    assert list(corrected.index) == list(p_values.index)
    assert holm(pd.Series([np.nan])).isna().all()


def test_holms_correction_is_that_of_statsmodels():
    for count in range(1, 9):
        p_values = pd.Series(np.random.default_rng(count).random(count).round(1) ** 3)
        assert np.array_equal(holm(p_values), multipletests(p_values, method="holm")[1])
