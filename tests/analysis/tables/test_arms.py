"""Contrasts between arms: which experiments they compare, and what they find on predictions whose truth is known."""

import numpy as np
import pandas as pd
import pytest

from analysis.experiments.evidence import Evidence
from analysis.experiments.seeds import predictions_by_experiment
from analysis.report import ReportContext
from analysis.report.arms import arm_conclusions, other_or_more
from analysis.tables.arms import arm_contrasts, contrast_table
from fer.fairness import ONE_SEED, holm
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names

SEEDS = (3, 4, 7)
TITLES = {"base": "one only", "add": "one + 50% two", "swap": "one ~ 50% two", "same": "one + own faces"}
# Other faces lift black by 30 points; more faces of the base's own lift white by 5.
ACCURACY = {
    "base": {"black": 0.3, "white": 0.7},
    "add": {"black": 0.65, "white": 0.75},
    "swap": {"black": 0.6, "white": 0.7},
    "same": {"black": 0.35, "white": 0.75},
}


def study_of(accuracy, seeds=SEEDS, **parameters):
    """Return runs and predictions: one run per arm and seed, of the same faces in 60 clips."""
    faces = draw_predictions({"black": 1.0, "white": 1.0}, 240, 30)
    wrong = faces["label"].map({"happy": "sad"}).fillna("happy")
    rows, predictions = [], {}
    for place, (arm, groups) in enumerate(accuracy.items()):
        for seed in seeds:
            drawn = draw_predictions(groups, 240, 30, correlation=0.2, seed=100 * place + seed)
            run = f"{place}{seed}".rjust(32, "0")
            predictions[run] = faces.assign(predicted=faces["label"].where(drawn["label"] == drawn["predicted"], wrong))
            given = {
                "base": "one", "addition": "two", "fraction": "0" if arm == "base" else "0.5",
                "arm": "add" if arm == "base" else arm, "seed": str(seed), "test": "faces", **parameters,
            }  # fmt: skip
            rows.append({
                "run_id": run, "run_name": TITLES[arm], "experiment_name": "arms", "status": "FINISHED",
                "start_time": pd.Timestamp("2026-01-01", tz="UTC") - pd.Timedelta(seed, "s"),
                names.tag(names.EXPERIMENT): TITLES[arm], names.tag(names.ORIGIN): names.MEASURED,
                names.tag(names.POSITION): str(place), names.tag(names.TRAINING_RUN): f"train {arm}",
                **{names.param(name): value for name, value in given.items()},
            })  # fmt: skip
    return pd.DataFrame(rows), predictions


@pytest.fixture(scope="module")
def arms():
    return study_of(ACCURACY, kept_aside="0.4", validation_from="base", steps_per_epoch="base")


@pytest.fixture(scope="module")
def table(arms):
    return contrast_table(arm_contrasts(arms[0], predictions_by_experiment(*arms)), "race", replicates=1000)


def contrasts_in(runs, predictions):
    found = arm_contrasts(runs, predictions_by_experiment(runs, predictions))
    return [(one.name, one.first.experiment, one.second.experiment) for one in found]


def test_each_contrast_compares_two_arms_at_one_fraction(arms):
    assert contrasts_in(*arms) == [
        ("add - same", "one + 50% two", "one + own faces"),
        ("swap - base", "one ~ 50% two", "one only"),
        ("same - base", "one + own faces", "one only"),
    ]


def test_a_contrast_without_one_of_its_sides_is_left_out(arms):
    runs, predictions = arms
    without_base = runs[runs["params.fraction"] != "0"]
    assert [name for name, *_ in contrasts_in(without_base, predictions)] == ["add - same"]
    of_add = runs[(runs["params.arm"] == "add")]
    assert contrasts_in(of_add, predictions) == []
    assert contrast_table([], "race").empty


def test_other_fractions_bases_and_ways_of_training_are_not_compared(arms):
    runs, predictions = arms
    same = runs["params.arm"] == "same"
    for name, value in {"fraction": "0.3", "base": "other", "kept_aside": "0.2", "balance": "{}"}.items():
        changed = runs.assign(**{f"params.{name}": runs.get(f"params.{name}", pd.Series("none", runs.index))})
        changed.loc[same, f"params.{name}"] = value
        assert [found for found, *_ in contrasts_in(changed, predictions) if found == "add - same"] == [], name


def test_the_differences_are_those_of_the_arms_and_their_intervals_hold_the_truth(table):
    rows = table.set_index(["contrast", "metric"])
    truth = {
        ("add - same", "accuracy/black"): 30, ("add - same", "accuracy/white"): 0, ("add - same", "accuracy"): 15,
        ("swap - base", "accuracy/black"): 30, ("swap - base", "accuracy/white"): 0,
        ("same - base", "accuracy/black"): 5, ("same - base", "accuracy/white"): 5, ("same - base", "accuracy"): 5,
    }  # fmt: skip
    for place, points in truth.items():
        row = rows.loc[place]
        assert row["difference_points"] == pytest.approx(row["first_percent"] - row["second_percent"])
        assert row["difference_points_low"] < points < row["difference_points_high"], place
    assert rows.loc[("add - same", "accuracy/black"), "p_holm"] < 0.05
    assert rows.loc[("add - same", "accuracy_std"), "difference_points"] < -10
    assert (table["seeds"] == 3).all() and (table["added_percent"] == 50).all()


def test_each_family_is_corrected_on_its_own(table):
    assert table.groupby("family", sort=False).size().to_dict() == {"overall": 9, "groups": 6}
    for _, rows in table.groupby("family"):
        assert rows["p_holm"].tolist() == holm(rows["p"]).tolist()


def test_without_groups_to_compare_only_accuracy_is_overall(arms):
    white = {run: part[part["race"] == "white"] for run, part in arms[1].items()}
    found = contrast_table(arm_contrasts(arms[0], predictions_by_experiment(arms[0], white)), "race", replicates=100)
    assert found["metric"].unique().tolist() == ["accuracy", "accuracy/white"]


def test_the_section_says_what_was_found_and_what_was_held(arms):
    steps = pd.DataFrame({"run_id": [f"train {arm}" for arm in ACCURACY], "params.resolved/steps_per_epoch": "19"})
    context = ReportContext(Evidence(*arms, steps), "race", replicates=500)
    section = other_or_more(context)
    text = " ".join(section.text)
    assert "Adding 50 % of two to one changes accuracy by +" in text
    assert "as more faces (same - base; 95 % CI" in text and "as other faces (add - same; 95 % CI" in text
    assert "steps per epoch was held (steps per epoch: base alone 19, add 19, swap 19, same 19)" in text
    assert "on the base's own validation faces" in text and "kept aside (0.4)" in text
    assert "swap also takes faces of the base away" in text
    assert "the family, overall (9) or groups (6)" in section.blocks[0].note
    found = arm_conclusions(context)
    assert "of 9 differences between the arms (add - same, swap - base, same - base)" in found.verdict
    assert any(sentence.startswith("add - same: accuracy of the worst group is") for sentence in found.may)


def test_the_section_names_what_was_not_held(arms):
    runs, predictions = arms
    plain = runs.drop(columns=[f"params.{name}" for name in ("kept_aside", "validation_from", "steps_per_epoch")])
    steps = {"base": "19", "add": "38", "swap": "19", "same": "38"}
    known = pd.DataFrame(
        {"run_id": [f"train {arm}" for arm in steps], "params.resolved/steps_per_epoch": list(steps.values())}
    )
    text = " ".join(other_or_more(ReportContext(Evidence(plain, predictions, known), "race", replicates=100)).text)
    assert "arms with more faces also have more optimiser steps" in text
    assert "(steps per epoch: base alone 19, add 38, swap 19, same 38); steps_per_epoch=base holds" in text
    assert "they include faces of the addition" in text and "kept aside (" not in text


def test_no_difference_is_said_not_to_be_shown(arms):
    alike = study_of({arm: {"black": 0.5, "white": 0.6} for arm in ACCURACY})
    found = arm_conclusions(ReportContext(Evidence(*alike, pd.DataFrame({"run_id": []})), "race", replicates=500))
    assert found.verdict.startswith("None of 9 differences between the arms")
    assert any("is not shown" in sentence for sentence in found.may_not)


def test_one_seed_is_said_to_compare_models_and_not_ways_of_training(arms):
    runs = arms[0][arms[0]["params.seed"] == "3"]
    context = ReportContext(Evidence(runs, arms[1], pd.DataFrame({"run_id": []})), "race", replicates=100)
    assert ONE_SEED in other_or_more(context).text


def test_one_arm_alone_has_no_section(study):
    context = ReportContext(Evidence(*study, pd.DataFrame(columns=["run_id"])), "race", replicates=100)
    assert context.contrasts.empty
    assert not other_or_more(context).text and arm_conclusions(context).verdict == ""


def test_seeds_are_in_order_whenever_they_were_run(arms):
    assert (np.diff(arms[0]["start_time"].astype("int64")[:3]) < 0).all()
    tested = predictions_by_experiment(*arms)
    assert {one.seeds for one in tested.values()} == {("3", "4", "7")}
