"""Only seeds of one training procedure are averaged; other differences are named."""

import pytest

from analysis import results_table, trade_off_table
from fer.tracking import names


def test_runs_of_one_recipe_are_averaged_over_seeds(make_runs):
    runs = make_runs(["a only", "a only"], accuracy=[0.4, 0.6]).assign(**{f"tags.{names.RECIPE}": "r1"})
    table = results_table(runs)
    assert table["seeds"].tolist() == [2]
    assert table["accuracy_percent"].tolist() == pytest.approx([50.0])


def test_runs_that_differ_in_more_than_the_seed_are_separate(make_runs):
    runs = make_runs(["a only", "a only"], accuracy=[0.4, 0.6])
    runs[f"tags.{names.RECIPE}"] = ["r1", "r2"]
    runs["params.epochs"] = ["8", "15"]
    table = results_table(runs).set_index("experiment")
    assert table["seeds"].tolist() == [1, 1]
    assert table.loc["a only (epochs=8)", "accuracy_percent"] == pytest.approx(40.0)
    assert table.loc["a only (epochs=15)", "accuracy_percent"] == pytest.approx(60.0)


def test_runs_of_other_code_alone_are_separate_too(make_runs):
    runs = make_runs(["a only", "a only"])
    runs[f"tags.{names.RECIPE}"] = ["abcdef0", "123456f"]
    assert sorted(results_table(runs)["experiment"]) == ["a only (code 123456)", "a only (code abcdef)"]


def test_what_differs_between_a_recipe_s_own_seeds_does_not_name_it(make_runs):
    runs = make_runs(["both", "both", "both"])
    runs[f"tags.{names.RECIPE}"] = ["r1aaaaa", "r2", "r2"]
    runs["params.member_0_digest"] = ["a", "b", "c"]
    assert results_table(runs).set_index("experiment")["seeds"].to_dict() == {
        "both (member_0_digest=a)": 1,
        "both (code r2)": 2,
    }


def test_rows_tested_on_other_faces_have_a_front_of_their_own(make_runs):
    runs = make_runs(["a only", "b only"], accuracy=[0.9, 0.4], std=[1.0, 5.0])
    assert trade_off_table(runs)["pareto"].tolist() == [True, False]
    runs["params.test_digest"] = ["one", "other"]
    assert trade_off_table(runs)["pareto"].tolist() == [True, True]
