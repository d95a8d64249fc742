"""Tables from frames of runs: the published table, several seeds, what is missing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import group_table, results_table, trade_off_table
from analysis.experiments.runs_by_experiment import mixtures_of, with_groups
from fer.data.attributes import GENDER, RACE

GROUPS = [f"accuracy_percent/{group}" for group in ("black", "white", "mixed")]
PUBLISHED = Path(__file__).parents[2] / "studies" / "published" / "eila.yaml"


def test_the_published_table_comes_back_as_printed(published_runs):
    results = results_table(published_runs)
    assert len(results) == 11
    assert set(results["origin"]) == {"published"}
    assert (results["seeds"] == 1).all()
    row = results.set_index("experiment").loc["FER2013 + 10% EiLA"]
    assert row[["f1_weighted", "accuracy_percent", "loss"]].tolist() == pytest.approx([0.332, 38.9, 2.42])
    assert results[["f1_weighted_sd", "accuracy_percent_sd", "loss_sd"]].isna().all().all()


def test_the_published_groups_come_back_as_printed(published_runs):
    table = group_table(published_runs, groups=["black", "white", "mixed"])
    assert list(table)[:4] == ["experiment", "origin", "seeds", "accuracy_percent/black"]
    row = table.set_index("experiment").loc["SFEW + 100% EiLA"]
    assert row[[*GROUPS, "std_points"]].tolist() == pytest.approx([43.6, 26.2, 32.8, 8.77])
    spread = table[GROUPS].std(axis=1, ddof=1)
    assert (spread - table["std_points"]).abs().max() < 0.05
    names = [name for name in group_table(published_runs) if "_sd" not in name][3:]
    assert names == [*sorted(GROUPS), "std_points"]


def test_the_published_front(published_runs):
    table = trade_off_table(published_runs)
    front = set(table.loc[table["pareto"], "experiment"])
    assert front == {"FER2013 only", *(f"FER2013 + {share}% EiLA" for share in (10, 30, 50, 100))}
    row = table.set_index("experiment").loc["EiLA only"]
    assert row[["accuracy_percent", "std_points", "worst_percent", "gap_points"]].tolist() == pytest.approx(
        [31.9, 5.14, 26.6, 10.2]
    )


def test_rows_are_in_the_studys_order_measured_first(published_runs, make_runs):
    runs = pd.concat([published_runs.iloc[::-1], make_runs(["second", "first"]).iloc[::-1]], ignore_index=True)
    runs["start_time"] = runs["start_time"].iloc[::-1].to_numpy()  # When they ran does not matter.
    table = results_table(runs)
    assert table["experiment"].tolist()[:3] == ["second", "first", "EiLA only"]
    assert table["experiment"].tolist()[-1] == "FER2013 + 100% EiLA"
    assert table["origin"].tolist() == ["measured"] * 2 + ["published"] * 11


def test_several_seeds_are_a_mean_and_a_sample_deviation(make_runs):
    runs = make_runs(["a", "a", "a", "b"], accuracy=[0.2, 0.3, 0.7, 0.5], std=[1.0, 2.0, 6.0, 4.0])
    results = results_table(runs).set_index("experiment")
    assert results["seeds"].to_dict() == {"a": 3, "b": 1}
    assert results.loc["a", "accuracy_percent"] == pytest.approx(40)
    assert results.loc["a", "accuracy_percent_sd"] == pytest.approx(np.std([20, 30, 70], ddof=1))
    assert np.isnan(results.loc["b", "accuracy_percent_sd"])
    groups = group_table(runs).set_index("experiment")
    assert groups.loc["a", "std_points"] == pytest.approx(3.0)
    assert groups.loc["a", "std_points_sd"] == pytest.approx(np.std([1, 2, 6], ddof=1))
    table = trade_off_table(runs).set_index("experiment")
    assert table["pareto"].to_dict() == {"a": True, "b": True}


def test_measured_and_published_rows_are_judged_apart(published_runs, make_runs):
    runs = pd.concat([published_runs, make_runs(["best"], accuracy=[0.99], std=[0.01])], ignore_index=True)
    assert trade_off_table(runs).groupby("origin")["pareto"].sum().to_dict() == {"measured": 1, "published": 5}


def test_a_run_without_the_standard_deviation_is_shown_and_not_on_the_front(make_runs):
    table = trade_off_table(make_runs(["a", "b"], accuracy=[0.9, 0.5], std=[np.nan, 3.0])).set_index("experiment")
    assert np.isnan(table.loc["a", "std_points"])
    assert table["pareto"].to_dict() == {"a": False, "b": True}


def test_a_group_wanted_but_absent_is_nan(make_runs):
    table = group_table(make_runs(["a"]), groups=["white", "mixed"])
    assert table["accuracy_percent/white"].notna().all()
    assert table["accuracy_percent/mixed"].isna().all()


def test_another_metric_and_split(make_runs):
    runs = make_runs(["a"]).rename(columns=lambda name: name.replace("metrics.test/", "metrics.validation/"))
    assert results_table(runs)["accuracy_percent"].isna().all()
    assert results_table(runs, split="validation")["accuracy_percent"].notna().all()
    runs["metrics.validation/race_x_gender/f1_weighted/white_male"] = 0.25
    table = group_table(runs, "race*gender", "f1_weighted", "validation")
    assert table["f1_weighted_percent/white_male"].tolist() == [25.0]
    assert table["std_points"].isna().all()


@pytest.mark.parametrize("table", [group_table, trade_off_table])
def test_an_attribute_nobody_evaluated_is_refused_with_those_there_are(make_runs, table, refused):
    with refused("'gender'", "test split", "race"):
        table(make_runs(["a"]), "gender")
    with refused("'race'", "validation split", "none"):
        table(make_runs(["a"]), split="validation")


def test_published_rows_that_report_no_group_of_an_attribute_are_left_out(published_runs, make_runs):
    runs = pd.concat([published_runs, make_runs(["a"])], ignore_index=True)
    assert len(with_groups(runs, RACE)) == 12
    runs["metrics.test/gender/accuracy/male"] = [np.nan] * 11 + [0.5]
    assert with_groups(runs, GENDER)["run_name"].tolist() == ["run a"]


def test_no_runs_make_no_table(make_runs, refused):
    columns = ["run_id", "run_name", "experiment_name", "status", "start_time"]
    for runs in (make_runs(["a"]).iloc[:0], pd.DataFrame(columns=columns)):
        with refused("no finished runs"):
            results_table(runs)
    for table in (group_table, trade_off_table):
        with refused("run"):
            table(pd.DataFrame(columns=columns))


def test_runs_without_tags_go_by_their_own_name(make_runs):
    runs = make_runs(["a", "b"]).drop(columns=["tags.fer.experiment", "tags.fer.origin", "tags.fer.position"])
    table = results_table(runs)
    assert table["experiment"].tolist() == ["run a", "run b"]
    assert set(table["origin"]) == {"measured"}


def test_mixtures_have_one_row_an_experiment(published_runs):
    table = mixtures_of(pd.concat([published_runs, published_runs]))
    assert len(table) == 11
    assert table["fraction"].tolist() == [0, 0, 0.1, 0.3, 0.5, 1, 0, 0.1, 0.3, 0.5, 1]
    assert table.loc[2, ["experiment", "base", "addition", "arm"]].tolist() == [
        "SFEW + 10% EiLA",
        "sfew",
        "eila",
        "add",
    ]
