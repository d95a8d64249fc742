"""False discovery rates as statsmodels has them; each group against all others."""

import numpy as np
import pandas as pd
import pytest
from simulated import crossed, simulate
from statsmodels.stats.multitest import multipletests

from fer.fairness import difference_intervals, false_discovery_p, flagged_groups


@pytest.mark.parametrize("method", ["bh", "by"])
def test_it_is_that_of_statsmodels_and_a_missing_p_takes_no_part(method):
    p = pd.Series(np.random.default_rng(0).random(20) ** 3, [f"test {at}" for at in range(20)], name="p")
    p.iloc[[2, 7]] = np.nan
    adjusted = false_discovery_p(p, method=method)
    assert adjusted.dropna().to_numpy() == pytest.approx(multipletests(p.dropna(), method=f"fdr_{method}")[1])
    assert list(adjusted.index[adjusted.isna()]) == ["test 2", "test 7"]
    assert false_discovery_p(pd.Series([np.nan]), method=method).isna().all()


@pytest.mark.parametrize("data", [simulate(samples=100, clips=10), crossed(count=600, clusters=40)])
def test_the_others_are_all_samples_of_other_groups(data):
    table = flagged_groups(**data.grouped)
    group = pd.Series(data.sensitive_features)
    for name in table.index:
        known = group.notna().to_numpy()
        either = {
            "y_true": data.y_true[known], "y_pred": data.y_pred[known], "clusters": data.clusters[known],
            "sensitive_features": np.where(group[known] == name, "own", "rest"), "labels": range(7),
        }  # fmt: skip
        row = difference_intervals(**either, pairs=[("own", "rest")]).iloc[0]
        found = table.loc[name, ["difference", "low", "high", "p"]].astype(float)
        assert found.to_numpy() == pytest.approx(row[["estimate", "low", "high", "p"]].astype(float).to_numpy())


def test_one_bad_group_of_many_is_flagged_alone():
    accuracy = {f"group {at}": 0.75 for at in range(19)} | {"group 19": 0.35}
    data = simulate(accuracy, samples=200, clips=40, correlation=0.1)
    table = flagged_groups(**data.grouped)
    assert list(table.index[table["flagged"]]) == ["group 19"]
    assert (table["p_fdr"] >= table["p"]).all()


def test_a_group_of_one_cluster_is_not_flagged_and_takes_no_part():
    data = simulate({"a": 0.2, "b": 0.9, "c": 0.9}, samples=60, clips={"a": 12, "b": 12, "c": 1})
    table = flagged_groups(**data.grouped)
    assert table.loc["c", ["low", "high", "p", "p_fdr"]].isna().all() and not table.loc["c", "flagged"]
    assert table.loc["a", "flagged"]
