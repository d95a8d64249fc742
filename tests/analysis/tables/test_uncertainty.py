"""Intervals, differences, disparities: each number is fer.fairness's, in percent, under the right name."""

import numpy as np
import pytest

from analysis import difference_table, disparity_table, group_table, interval_table, render_table
from analysis.experiments.seeds import predictions_by_experiment
from analysis.fetch.evidence import with_attribute
from analysis.tables.clusters import cluster_choice_table, effective_sample_sizes
from analysis.tables.uncertainty import with_intervals
from fer.data.attributes import RACE
from fer.evaluation.independent_units import clusters_of
from fer.fairness import group_intervals

REPLICATES = 200


@pytest.fixture
def tested_runs(study):
    return list(predictions_by_experiment(*study).values())


def test_intervals_are_of_the_seeds_together_in_percent(study, tested_runs):
    table = interval_table(tested_runs, replicates=REPLICATES).set_index(["experiment", "group", "metric"])
    tested_run = tested_runs[2]
    raw = group_intervals(**tested_run.stacked(RACE, clusters_of(tested_run.samples).ids), n_resamples=REPLICATES)
    ends = ["estimate", "low", "high"]
    assert raw.loc[("white", "accuracy"), ends].notna().all()
    assert table.loc[("one + 100% two", "white", "accuracy"), ends].tolist() == pytest.approx(
        (raw.loc[("white", "accuracy"), ends] * 100).tolist()
    )
    assert table.loc[("one + 100% two", "white", "loss"), ends].tolist() == pytest.approx(
        raw.loc[("white", "loss"), ends].tolist()
    )
    groups = group_table(study[0]).set_index("experiment")
    assert table.loc[("one only", "mixed", "accuracy"), "estimate"] == pytest.approx(
        groups.loc["one only", "accuracy_percent/mixed"]
    )


def test_a_group_of_one_clip_has_no_interval_and_says_so(tested_runs):
    table = interval_table(tested_runs, replicates=REPLICATES)
    black = table[(table["group"] == "black") & (table["metric"] == "accuracy")]
    assert black[["low", "high"]].isna().all().all()
    assert set(black["method"]) == {"cannot be estimated"} and set(black["clusters"]) == {1}
    assert black["estimate"].notna().all()


def test_a_table_shows_its_intervals_and_published_rows_none(study, tested_runs, published_runs):
    intervals = interval_table(tested_runs, replicates=REPLICATES)
    table = with_intervals(
        group_table(study[0]),
        intervals,
        {f"accuracy_percent/{name}": (name, "accuracy") for name in ("black", "white")},
    )
    text = render_table(table, "markdown")
    assert "(n/e)" in text.splitlines()[2] and text.splitlines()[2].count("(") == 2
    printed = with_intervals(group_table(published_runs), intervals, {"accuracy_percent/black": ("black", "accuracy")})
    assert "(" not in render_table(printed, "markdown")


def test_groups_with_signs_in_their_names_keep_their_intervals(study):
    runs, predictions = study
    signed = {run: table.assign(race=table["race"].replace({"white": "60+"})) for run, table in predictions.items()}
    runs = with_attribute(runs[[name for name in runs if "race" not in name]], signed, RACE)
    intervals = interval_table(predictions_by_experiment(runs, signed).values(), replicates=REPLICATES)
    table = with_intervals(group_table(runs), intervals, {"accuracy_percent/60+": ("60+", "accuracy")})
    assert table["accuracy_percent_low/60+"].notna().any()


def test_differences_are_signed_first_less_second(study, tested_runs):
    table = difference_table(tested_runs, replicates=REPLICATES)
    assert len(table) == 3 * 3
    row = table.set_index(["experiment", "group", "other"]).loc[("one only", "mixed", "white")]
    groups = group_table(study[0]).set_index("experiment").loc["one only"]
    assert row["difference_points"] == pytest.approx(
        groups["accuracy_percent/mixed"] - groups["accuracy_percent/white"]
    )
    assert row["difference_points_low"] < row["difference_points"] < row["difference_points_high"]
    lost = table[table["method"] == "cannot be estimated"]
    assert (lost["group"] == "black").all() and len(lost) == 6
    assert lost[["p", "p_holm", "minimum_detectable_difference_points"]].isna().all().all()


def test_holm_is_over_the_whole_table(tested_runs):
    table = difference_table(tested_runs, replicates=REPLICATES)
    known = table["p"].dropna().sort_values()
    assert table.loc[known.index[0], "p_holm"] == pytest.approx(min(1.0, known.iloc[0] * len(known)))
    assert (table["p_holm"].dropna() >= table["p"].dropna()).all()


def test_the_minimum_detectable_difference_is_that_of_the_table_s_family(tested_runs):
    table, alone = (difference_table(runs, replicates=REPLICATES) for runs in (tested_runs, tested_runs[:1]))
    detectable, name = [], "minimum_detectable_difference_points"
    for shown in (table, alone):
        detectable.append(shown[shown["experiment"] == "one only"].set_index(["group", "other"])[name].dropna())
    assert table["p"].notna().sum() == 3 and alone["p"].notna().sum() == 1
    assert (detectable[0] > 1.1 * detectable[1]).all()


def test_few_replicates_do_not_hide_a_disparity_among_many_experiments(tested_runs):
    table = disparity_table(tested_runs, replicates=5)
    assert table["p"].min() < 1 / 6


def test_disparities_are_reported_with_their_expectation_under_no_difference(study, tested_runs):
    table = disparity_table(tested_runs[:1], replicates=REPLICATES).set_index(["experiment", "summary"])
    std = table.loc[("one only", "accuracy_std")]
    groups = group_table(study[0]).set_index("experiment").loc["one only"]
    accuracy = groups[[f"accuracy_percent/{name}" for name in ("black", "mixed", "white")]].astype(float)
    assert std["estimate"] == pytest.approx(np.std(accuracy, ddof=1))
    assert std["expected_under_no_difference"] > 0 and 0 < std["p"] <= std["p_holm"] <= 1
    gap = table.loc[("one only", "accuracy_gap")]
    assert gap["estimate"] == pytest.approx(float(np.ptp(accuracy)))
    assert set(table["unit"].drop(("one only", "accuracy_ratio"))) == {"points"}
    assert table.loc[("one only", "accuracy_ratio"), "unit"] == "ratio"


def test_independent_samples_promise_more_than_clips(study, wrong_in, make_runs):
    runs = make_runs(["a"]).assign(**{"params.test": "faces"})
    whole_clip = wrong_in()
    bad = whole_clip["clip"].isin(whole_clip.loc[whole_clip["race"] == "white", "clip"].unique()[:4])
    whole_clip.loc[bad, "predicted"] = whole_clip.loc[bad, "label"].map({"happy": "sad"}).fillna("happy")
    tested_run = predictions_by_experiment(runs, {runs["run_id"][0]: whole_clip})["a"]
    table = cluster_choice_table(tested_run, replicates=REPLICATES).set_index("cluster")
    assert list(table.index) == ["blocks of clips and persons", "persons", "clips", "samples"]
    assert table.loc["clips", "width_points"] > 2 * table.loc["samples", "width_points"]
    effective = effective_sample_sizes([tested_run], cluster="clip").set_index("group")
    assert effective.loc["white", "effective_faces"] < 40 < effective.loc["white", "faces"]
    assert np.isnan(effective.loc["black", "effective_faces"])
