"""Who is compared with whom, and what a paired comparison finds."""

import numpy as np
import pandas as pd
import pytest

from analysis.experiments.paired_outcomes import before_after
from analysis.experiments.seeds import predictions_by_experiment
from analysis.figures import dose_figure
from analysis.tables.dose import dose_responses, dose_table
from analysis.tables.front import front_table, hypervolume_table
from analysis.tables.pairwise import baseline_pairs, change_table, largest_additions, pairwise_table
from fer.tracking import names

REPLICATES = 300


def named(pairs):
    return [(before.experiment, after.experiment) for before, after in pairs]


def test_each_mixture_is_compared_with_its_base_alone(study):
    pairs = baseline_pairs(study[0], predictions_by_experiment(*study))
    assert named(pairs) == [("one only", "one + 50% two"), ("one only", "one + 100% two")]
    assert named(largest_additions(study[0], pairs)) == [("one only", "one + 100% two")]


def test_a_named_baseline_meets_all_others(study, refused):
    tested_runs = predictions_by_experiment(*study)
    pairs = baseline_pairs(study[0], tested_runs, "one + 50% two")
    assert named(pairs) == [("one + 50% two", "one only"), ("one + 50% two", "one + 100% two")]
    with refused("'two only'", "'one only'"):
        baseline_pairs(study[0], tested_runs, "two only")


def test_experiments_on_other_faces_are_not_compared(study):
    runs, predictions = study
    runs = runs.assign(**{"params.test": ["faces"] * 4 + ["others"] * 2})
    tested_runs = predictions_by_experiment(runs, predictions)
    assert named(baseline_pairs(runs, tested_runs)) == [("one only", "one + 50% two")]
    assert named(baseline_pairs(runs, tested_runs, "one only")) == [("one only", "one + 50% two")]


def test_a_gain_is_found_and_the_family_is_the_table(study):
    table = pairwise_table(baseline_pairs(study[0], predictions_by_experiment(*study)), replicates=REPLICATES)
    assert len(table) == 8
    row = table.set_index(["experiment", "metric"]).loc[("one + 100% two", "accuracy")]
    white = 180 / 264 * (1 / 2 - 1 / 12) * 100
    assert row["difference_points"] == pytest.approx(white)
    assert row["difference_points"] == pytest.approx(row["after_percent"] - row["before_percent"])
    assert row["difference_points_low"] < white < row["difference_points_high"] and row["p"] < 0.01
    known = table["p"].dropna()
    assert row["p_holm"] <= min(1.0, row["p"] * len(known)) and row["p_holm"] >= row["p"]
    # Black is one clip: the disparity over groups has no interval.
    assert table.loc[table["metric"] == "accuracy_std", "difference_points_low"].isna().all()


def test_few_replicates_are_raised_where_none_could_make_a_difference_significant(study):
    pairs = baseline_pairs(study[0], predictions_by_experiment(*study))
    table = pairwise_table(pairs, replicates=20)
    assert table["p_holm"].min() < 0.05
    # With as many as asked for, 8 / 21 would be the least.
    assert table["p"].min() < 1 / 21


def test_all_metrics_on_demand(study):
    pairs = baseline_pairs(study[0], predictions_by_experiment(*study))[:1]
    metrics = pairwise_table(pairs, replicates=REPLICATES, metrics=None)["metric"].tolist()
    assert {"accuracy/white", "accuracy/mixed - accuracy/white", "accuracy_gap"} <= set(metrics)


def test_nothing_to_compare_is_refused(refused):
    with refused("baseline"):
        pairwise_table([])


def test_gained_and_lost_faces_of_each_pair(study):
    table = change_table(baseline_pairs(study[0], predictions_by_experiment(*study)))
    row = table.set_index(["experiment", "group"]).loc[("one + 100% two", "white")]
    assert row[["faces", "gained", "lost", "wrong_in_both"]].tolist() == [180, 75, 0, 15]
    assert (table[table["group"] == "black"]["net_points"] == 0).all()


def test_a_missing_seed_does_not_shift_the_others(study, monkeypatch):
    runs, predictions = study
    lacking = (runs["params.seed"] == "0") & (runs["params.fraction"] == "0.5")
    tested = predictions_by_experiment(runs[~lacking], predictions)
    seen = []
    monkeypatch.setattr("analysis.tables.dose.dose_response", lambda table, **_: seen.append(table))
    dose_responses(runs[~lacking], tested, replicates=2)
    assert list(zip(seen[0]["dose"], seen[0]["seed"], strict=True)) == [
        (0.0, "0"), (0.0, "1"), (0.5, "1"), (1.0, "0"), (1.0, "1"),
    ]  # fmt: skip
    pair = baseline_pairs(runs[~lacking], tested)[0]
    before, after = (predictions[run] for run in runs.loc[runs["params.seed"] == "1", "run_id"][:2])
    changed = change_table([pair]).drop(columns=["experiment", "baseline"])
    pd.testing.assert_frame_equal(changed, before_after(before, after))


def test_each_backbone_is_compared_with_its_own_base_alone(study):
    runs, predictions = study
    other = runs.assign(run_id=runs["run_id"] + "x", **{"params.backbone": "vgg16"})
    titles = f"tags.{names.EXPERIMENT}"
    both = pd.concat([runs.assign(**{"params.backbone": "cnn"}), other], ignore_index=True)
    both[titles] = both[titles] + ", " + both["params.backbone"]
    tested = predictions_by_experiment(both, predictions | {f"{run}x": table for run, table in predictions.items()})
    assert [(one.split(", ")[1], two.split(", ")[1]) for one, two in named(baseline_pairs(both, tested))] == [
        ("cnn", "cnn"), ("cnn", "cnn"), ("vgg16", "vgg16"), ("vgg16", "vgg16"),
    ]  # fmt: skip


def test_the_slope_is_of_the_means_over_seeds(study):
    found = dose_responses(study[0], predictions_by_experiment(*study), replicates=REPLICATES)
    table = dose_table(found).set_index("metric")
    shares, rates = [0, 0.5, 1], [100 * (1 - 1 / step) for step in (2, 4, 12)]
    assert table.loc["accuracy/white", "slope_points"] == pytest.approx(np.polyfit(shares, rates, 1)[0])
    assert table.loc["accuracy/mixed", "slope_points"] == pytest.approx(0, abs=1e-9)
    assert table.loc[["accuracy/black", "accuracy_std"], "slope_points_low"].isna().all()
    assert set(table["seeds"]) == {2} and set(table["doses"]) == {3}


def test_of_one_group_there_is_no_slope_over_groups(study):
    runs, predictions = study
    white = {run: table[table["race"] == "white"] for run, table in predictions.items()}
    found = dose_responses(runs, predictions_by_experiment(runs, white), replicates=REPLICATES)
    assert {series.metric for series in found} == {"accuracy", "accuracy/white"}
    assert len(dose_figure(found).axes) == 1


def test_arms_are_separate_and_share_dose_zero(study):
    runs, predictions = study
    runs = runs.assign(**{"params.arm": ["add"] * 4 + ["swap"] * 2})
    table = dose_table(dose_responses(runs, predictions_by_experiment(runs, predictions), replicates=REPLICATES))
    assert set(zip(table["arm"], table["doses"], strict=True)) == {("add", 2), ("swap", 2)}


def test_the_front_has_a_distance_and_a_probability(study, published_runs):
    runs, predictions = study
    tested_runs = list(predictions_by_experiment(runs, predictions).values())
    both = pd.concat([runs, published_runs], ignore_index=True)
    table = front_table(both, tested_runs, replicates=REPLICATES).set_index(["experiment", "origin"])
    # Black is one clip: on other faces its accuracy may be any, and with it the std.
    assert table.xs("measured", level=1)["on_front_percent"].isna().all()
    several = {run: rows[rows["race"] != "black"] for run, rows in predictions.items()}
    known = front_table(runs, list(predictions_by_experiment(runs, several).values()), replicates=REPLICATES)
    assert known.set_index("experiment").loc["one + 100% two", "on_front_percent"] > 80
    assert table.loc[("EiLA only", "published"), "distance_to_utopia"] == pytest.approx(
        np.sqrt(((1 - 0.319) ** 2 + (5.14 / 50) ** 2) / 2)
    )
    assert table.xs("published", level=1)["on_front_percent"].isna().all()


def test_hypervolume_is_the_share_of_the_box_that_a_base_reaches(make_runs, published_runs):
    names = ["one only", "one + 50% two", "two only"]
    bases = ["one", "one", "two"]
    runs = make_runs(names, accuracy=[0.6, 0.8, 0.5], std=[10.0, 20.0, 5.0], fractions=["0", "0.5", "0"], bases=bases)
    both = pd.concat([runs, published_runs], ignore_index=True)
    table = hypervolume_table(both).set_index(["origin", "base"])
    mine = table.xs("measured")
    # Of 100 x 50 points: 60 high over 40 wide and the 20 above over 30 wide; then the 5 more on the left, 50 high.
    assert mine["hypervolume_percent"].to_dict() == pytest.approx({"one": 60.0, "two": 45.0, "all": 65.0})
    assert mine["non_dominated"].to_dict() == {"one": 2, "two": 1, "all": 3}
    assert table.loc[("published", "all"), "experiments"] == 11


def test_hypervolume_keeps_test_sets_apart_and_is_unknown_without_a_standard_deviation(make_runs):
    names = ["one on x", "one on y", "two on y"]
    runs = make_runs(names, accuracy=[0.6, 0.8, 0.5], std=[10.0, 20.0, 5.0], bases=["one", "one", "two"])
    runs["params.test"] = ["x", "y", "y"]
    table = hypervolume_table(runs).set_index(["test", "base"])
    assert list(table.index) == [("x", "one"), ("y", "one"), ("y", "two"), ("y", "all")]
    assert table.loc[("y", "all"), "hypervolume_percent"] == pytest.approx(80 * 30 / 50 + 50 * 15 / 50)
    runs.loc[runs["params.test"] == "x", "metrics.test/race/accuracy_std"] = None
    unknown = hypervolume_table(runs).set_index(["test", "base"]).loc[("x", "one")]
    assert unknown["experiments"] == 0 and np.isnan(unknown["hypervolume_percent"])
