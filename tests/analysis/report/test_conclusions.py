"""The first section: each sentence follows from the numbers, and a change of the numbers changes it."""

import pandas as pd
import pytest

from analysis.experiments.evidence import Evidence
from analysis.fetch.evidence import with_attribute
from analysis.report import Findings, build_report
from analysis.report.conclusions import conclusions
from fer.data.attributes import EMOTION, RACE


def told(findings):
    found = conclusions(findings)
    return found.verdict, " | ".join(found.may), " | ".join(found.may_not)


def of(runs, predictions, **further):
    return Findings(Evidence(runs, predictions, pd.DataFrame(columns=["run_id"])), replicates=200, **further)


def test_a_group_of_one_clip_cannot_be_estimated(findings):
    _, _, may_not = told(findings)
    assert "black: 24 faces of 2 persons in one clip: one independent unit" in may_not
    assert "any gap between black and another group, cannot be estimated" in may_not
    assert "mixed: 60 faces of 8 persons in 4 clips, 4 independent units: too few" in may_not
    assert "white:" not in may_not
    assert "6 of 9 differences in accuracy between two groups of race cannot be estimated" in may_not


def test_emotions_that_a_group_does_not_show_are_named(findings):
    _, _, may_not = told(findings)
    shown = findings.counts["faces"].loc["black", "emotions"]
    assert shown == 1
    label = findings.trials["one only"].samples.query("race == 'black'")["label"].iloc[0]
    assert f"black shows only {label} of the 7 emotions tested" in may_not


def test_what_holds_against_the_baseline_is_told_with_its_interval(findings):
    verdict, may, may_not = told(findings)
    held = findings.compared[findings.compared["p_holm"] < 0.05]
    assert len(held) and f"{len(held)} of 8 changes hold" in verdict
    assert "one + 100% two against one only: accuracy +28.4 points [" in may
    assert "Each side has 2 seeds" in may_not


def test_nothing_holds_where_nothing_changed(study):
    runs, predictions = study
    same = dict.fromkeys(predictions, next(iter(predictions.values())))
    verdict, may, _ = told(of(with_attribute(runs[["run_id", *(n for n in runs if "race" not in n and n != "run_id")]],
                                             same, RACE), same))  # fmt: skip
    assert "No change against its own base alone holds: none of 8" in verdict
    assert "against one only:" not in may


def test_one_seed_a_side_is_about_two_models(study):
    runs, predictions = study
    one = runs[runs["params.seed"] == "0"]
    assert "two trained models" in told(of(one, {run: predictions[run] for run in one["run_id"]}))[2]


def test_too_few_units_for_any_p_value_are_said(study):
    runs, predictions = study
    few = {run: table[table["race"] != "white"] for run, table in predictions.items()}
    _, _, may_not = told(of(runs, few))
    assert "With 5 independent units the smallest p-value that a sign-flip test can give is 0.062" in may_not


def test_the_front_is_marked_as_looked_up_on_test_faces(findings):
    _, may, may_not = told(findings)
    assert "one + 50% two (on it in 100 %" in may and "Pareto front" in may
    assert "looked up on the test faces" in may_not


def test_one_group_only_says_nothing_about_others(study):
    runs, predictions = study
    white = {run: table[table["race"] == "white"] for run, table in predictions.items()}
    alone = with_attribute(runs[[name for name in runs if "race" not in name]], white, RACE)
    verdict, _, may_not = told(of(alone, white))
    assert (
        "Only one of the groups of race was tested" in verdict and "All test faces are of one group (white)" in may_not
    )


def test_without_groups_the_report_is_by_emotion(study):
    runs, predictions = study
    by_emotion = with_attribute(runs, predictions, EMOTION)
    found = of(by_emotion, predictions, attribute="label")
    report = build_report(found, "By emotion")
    verdict, _, may_not = told(found)
    assert "between two emotions" in verdict
    assert "shows only" not in may_not
    # Of 21 pairs the least and the greatest alone.
    visible = may_not.split("(median over experiments) ")[1].split(" | ")[0]
    assert visible.count(" to ") == 1 and visible.count(" points (") == 2 and ";" not in visible
    further = next(table.frame for table in report.tables() if table.name == "spreads_further")
    assert set(further["summary"]) == {"accuracy_gap", "accuracy_ratio"}
    calibration = next(table.frame for table in report.tables() if table.name == "calibration")
    assert set(calibration["group"]) == {"all"}
    titles = [section.title for section in report.sections]
    assert "Accuracy by label" in titles and "By emotion" not in titles
    assert not any(table.name.startswith(("composition", "standardised")) for table in report.tables())


def test_without_predictions_nothing_is_claimed(study):
    found = conclusions(of(study[0], {}))
    assert "without intervals" in found.verdict and not found.may


@pytest.mark.parametrize("unit", ["person", "sample"])
def test_the_unit_is_named(study, unit):
    runs, predictions = study
    _, may, _ = told(of(runs, predictions, unit=unit))
    assert f"({unit}s)" in may
