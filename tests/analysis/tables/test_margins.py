"""Margins in tables: percentage points in, p-values of fer.fairness corrected by Holm out."""

import pytest

from analysis import predictions_by_experiment
from analysis.tables.margins import MARGIN_POINTS, equivalence_table, no_worse_table
from analysis.tables.pairwise import baseline_pairs
from fer.data.attributes import RACE
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.fairness import group_equivalence, holm, paired_equivalence


@pytest.fixture
def tested(study):
    return predictions_by_experiment(*study)


def test_a_pair_is_no_worse_by_so_many_points(study, tested):
    pairs = baseline_pairs(study[0], tested)
    table = no_worse_table(pairs, RACE, margin=10)
    before, after = pairs[0]
    found = paired_equivalence(
        before.y_true, before.y_pred, after.y_pred, sensitive_features=before.group(RACE),
        clusters=clusters_of(before.samples).units, margin=0.1, labels=range(7),
    )  # fmt: skip
    rows = table[table["experiment"] == after.experiment].set_index("metric")
    assert list(rows.index) == ["accuracy", "accuracy_min"]
    for name in rows.index:
        assert rows.loc[name, "p_no_worse"] == pytest.approx(found.loc[name, "p_no_worse"], nan_ok=True)
        assert rows.loc[name, "difference_points_low"] == pytest.approx(100 * found.loc[name, "low"], nan_ok=True)
    assert table["p_equal_holm"].to_numpy() == pytest.approx(holm(table["p_equal"]).to_numpy(), nan_ok=True)


def test_groups_are_equal_within_so_many_points(tested):
    table = equivalence_table(tested.values(), margin=40)
    one = next(iter(tested.values()))
    found = group_equivalence(**one.stacked(RACE, clusters_of(one.samples).units), margin=0.4)
    rows = table[table["experiment"] == one.experiment].set_index(["group", "other"])
    assert rows["p_equal"].to_numpy() == pytest.approx(found["p_equal"].to_numpy(), nan_ok=True)
    assert rows["difference_points"].to_numpy() == pytest.approx(100 * found["difference"].to_numpy())


def test_without_a_pair_the_table_is_empty():
    assert no_worse_table([], RACE).empty


@pytest.mark.parametrize("margin", [0, -2, 100, float("nan")])
def test_a_margin_that_is_no_difference_is_refused(tested, margin):
    with pytest.raises(InputError, match=f"give one such as {MARGIN_POINTS:g}"):
        equivalence_table(tested.values(), margin=margin)
