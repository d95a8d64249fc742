"""A column says its unit, and no name that users chose meets one of ours."""

import pandas as pd
import pytest

from analysis import beside_published, group_table, render_table, results_table, trade_off_table
from analysis.experiments.seeds import predictions_by_experiment
from analysis.fetch.evidence import with_attribute
from analysis.tables.classes import group_composition, recall_by_group
from analysis.tables.columns import HIGH, SD, companion, keyed, keys_of
from analysis.tables.slices import accuracy_by_slice
from analysis.tables.uncertainty import interval_table, with_intervals
from analysis.tables.units import quantity_of, scale_of, unit_of
from fer.data.attributes import RACE, Attribute

AWKWARD = {"white": "std", "mixed": "seeds", "black": "black_sd"}


@pytest.fixture
def awkward(study):
    """Return the study's runs and predictions, with groups that are named as columns of ours."""
    runs, predictions = study
    renamed = {run: table.assign(race=table["race"].replace(AWKWARD)) for run, table in predictions.items()}
    plain = runs[[name for name in runs if "race" not in name]]
    return with_attribute(plain, renamed, RACE), renamed


def test_a_group_may_be_named_as_a_column_of_ours(study, awkward):
    usual, renamed = group_table(study[0]), group_table(awkward[0])
    assert keys_of(renamed, "accuracy_percent") == ["black_sd", "seeds", "std"]
    for group, name in AWKWARD.items():
        for kind in ("accuracy_percent", companion("accuracy_percent", SD)):
            assert usual[keyed(kind, group)].tolist() == renamed[keyed(kind, name)].tolist()
    assert usual["std_points"].tolist() == renamed["std_points"].tolist()
    assert usual["seeds"].tolist() == renamed["seeds"].tolist() == [2, 2, 2]


def test_it_keeps_its_interval_and_its_heading(awkward):
    runs, predictions = awkward
    intervals = interval_table(predictions_by_experiment(runs, predictions).values(), replicates=100)
    shown = {keyed("accuracy_percent", name): (name, "accuracy") for name in AWKWARD.values()}
    table = with_intervals(group_table(runs), intervals, shown)
    assert table[companion(keyed("accuracy_percent", "std"), HIGH)].notna().sum() == 3
    heads, _, *_, last = render_table(table, "markdown").splitlines()
    assert [head.strip() for head in heads.strip("|").split("|")] == [
        "experiment", "origin", "seeds", "black_sd", "seeds", "std", "std",
    ]  # fmt: skip
    assert last.count("±") == 4 and last.count(" to ") == 2 and last.count("(n/e)") == 1


def test_groups_of_an_attribute_that_is_named_as_a_column(study):
    tested_run = predictions_by_experiment(*study)["one only"]
    samples = tested_run.samples.assign(
        faces=tested_run.samples["race"].replace({"white": "emotion", "black": "experiment"})
    )
    by = Attribute(("faces",))
    named = type(tested_run)(tested_run.experiment, tested_run.test, tested_run.runs[:1], (samples,))
    assert group_composition(samples, by)["faces"].tolist() == [180, 24, 60, 264]
    assert keys_of(recall_by_group(named, by), "faces") == ["emotion", "experiment", "mixed"]
    assert accuracy_by_slice([named], by)["experiment"].tolist() == ["one only"]


def test_published_figures_are_beside_the_measured_of_each_group(published_runs, make_runs):
    runs = pd.concat([make_runs(["EiLA only"]), published_runs], ignore_index=True)
    table = beside_published(group_table(runs)).set_index("experiment")
    assert table.loc["EiLA only", keyed("accuracy_percent_published", "black")] == pytest.approx(36.8)
    assert list(render_table(beside_published(results_table(runs)), "csv").splitlines()[0].split(","))[:4] == [
        "experiment", "seeds", "f1_weighted", "f1_weighted_sd",
    ]  # fmt: skip


def test_without_published_rows_their_columns_are_empty(make_runs):
    table = beside_published(results_table(make_runs(["a"])))
    assert table["accuracy_percent"].tolist() == pytest.approx([50])
    assert table["accuracy_percent_published"].isna().all()


def test_all_over_groups_is_in_one_unit(make_runs):
    row = trade_off_table(make_runs(["a"], accuracy=[0.5], std=[14.1])).iloc[0]
    assert row[["accuracy_percent", "std_points", "worst_percent", "gap_points"]].tolist() == pytest.approx(
        [50, 14.1, 40, 20]
    )


@pytest.mark.parametrize(
    ("metric", "unit", "scale"),
    [
        ("accuracy", "percent", 100),
        ("accuracy_std", "points", 100),
        ("accuracy_min", "percent", 100),
        ("accuracy_ratio", "ratio", 1),
        ("equalized_odds_difference", "points", 100),
        ("recall/happy", "percent", 100),
        ("loss", "nats", 1),
        # The group does not matter, whatever it is named.
        ("accuracy/loss", "percent", 100),
        ("accuracy/a_std - accuracy/b_ratio", "percent", 100),
    ],
)
def test_a_metric_has_a_unit_and_a_scale(metric, unit, scale):
    assert (unit_of(metric), scale_of(metric)) == (unit, scale)


def test_a_loss_by_group_is_no_share(make_runs):
    runs = make_runs(["a"])
    runs["metrics.test/race/loss/white"] = 1.25
    table = group_table(runs, metric="loss")
    assert table["loss/white"].tolist() == [1.25] and "std" in table and quantity_of("loss") == "loss"
