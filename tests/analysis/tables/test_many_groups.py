"""Many comparisons in tables: max-t over experiments, flags, partial pooling: figures of fer.fairness, in percent."""

import numpy as np
import pytest

from analysis import difference_table, predictions_by_experiment
from analysis.tables.many_groups import flag_table, pooling_table
from fer.data.attributes import RACE, Attribute
from fer.evaluation.independent_units import clusters_of
from fer.fairness import HIERARCHICAL, flagged_groups, simultaneous_differences


@pytest.fixture
def tested_runs(study):
    return list(predictions_by_experiment(*study).values())


def test_the_family_of_max_t_is_all_experiments_on_the_same_faces(tested_runs):
    table = difference_table(tested_runs, replicates=100)
    first = tested_runs[0]
    found = simultaneous_differences(
        first.y_true, {one.experiment: one.y_pred for one in tested_runs}, sensitive_features=first.group(RACE),
        clusters=clusters_of(first.samples).units, labels=range(7),
    )  # fmt: skip
    keys = table.set_index(["experiment", "group", "other"]).index
    assert table["p_max_t"].to_numpy() == pytest.approx(found["p_step_down"].loc[keys].to_numpy(), nan_ok=True)
    known = table.dropna(subset="p")
    assert (known["p_max_t"] <= known["p_holm"] + 1e-3).all() and (known["p_max_t"] >= known["p"]).all()
    assert "p_max_t" not in difference_table(tested_runs, metric="loss", replicates=100)
    assert "p_max_t" not in difference_table(tested_runs, metric="calibration_error", replicates=100)


def test_two_test_sets_are_two_families(study, tested_runs):
    from dataclasses import replace

    elsewhere = [replace(one, test="other faces", experiment=f"{one.experiment}, elsewhere") for one in tested_runs]
    alone, both = (difference_table(runs, replicates=100)["p_max_t"] for runs in (tested_runs, tested_runs + elsewhere))
    assert both[: len(alone)].to_numpy() == pytest.approx(np.minimum(2 * alone.to_numpy(), 1.0), nan_ok=True)


def test_flags_are_those_of_each_experiment_in_points(tested_runs):
    table = flag_table(tested_runs, RACE)
    one = tested_runs[1]
    arrays = one.stacked(RACE, clusters_of(one.samples).units)
    found = flagged_groups(**{name: values for name, values in arrays.items() if name != "y_proba"})
    rows = table[table["experiment"] == one.experiment].set_index("group")
    for column, other in (("accuracy_percent", "estimate"), ("difference_points", "difference")):
        assert rows[column].to_numpy() == pytest.approx(100 * found[other].to_numpy())
    assert rows["p_fdr"].to_numpy() == pytest.approx(found["p_fdr"].to_numpy(), nan_ok=True)
    assert not rows.loc["black", "flagged"] and np.isnan(rows.loc["black", "p"])


def test_combinations_are_named_as_in_all_tables_and_marked_as_modelled(tested_runs):
    table = pooling_table(tested_runs[:1], "race*label")
    one = tested_runs[0]
    groups = one.group(Attribute.parse("race*label"))
    assert sorted(table["group"]) == sorted(groups.dropna().unique())
    assert set(table["method"]) == {HIERARCHICAL}
    right = np.mean(one.y_pred == one.y_true, axis=0)
    for row in table.itertuples():
        here = (groups == row.group).to_numpy(dtype=bool, na_value=False)
        assert row.accuracy_percent == pytest.approx(100 * right[here].mean())
        assert row.faces == here.sum()
    assert table["modelled_percent"].between(0, 100).all()
    assert (table["modelled_percent_low"] < table["modelled_percent_high"]).all()
