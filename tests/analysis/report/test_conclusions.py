"""The first section: each sentence follows from the numbers, and a change of the numbers changes it."""

import re

import pytest

from analysis.fetch.evidence import with_attribute
from analysis.report import build_report
from analysis.report.build import build_section
from analysis.report.conclusions import conclusions
from analysis.report.limits import limits_of
from analysis.report.verdicts import against_baseline, between_groups
from fer.data.attributes import EMOTION, RACE


def limits(context):
    return " | ".join(limits_of(context))


def section(name, context):
    found = build_section(name, context)
    return " | ".join(found.text), " | ".join(found.points)


def test_a_group_of_one_clip_cannot_be_estimated(context):
    may_not = limits(context)
    assert "The race group black (24 faces, 2 persons, 1 clip) is a single cluster" in may_not
    assert "neither its accuracy nor its difference from another group has a confidence interval" in may_not
    assert "The race group mixed (4 clusters) has fewer than 10 clusters: intervals are wide" in may_not
    assert "white (" not in may_not
    text, _ = section("Accuracy by group", context)
    assert "6 of 9 differences in accuracy between groups of race cannot be estimated" in text


def test_emotions_that_a_group_does_not_show_are_named(context):
    may_not = limits(context)
    shown = context.counts["faces"].loc["black", "emotions"]
    assert shown == 1
    label = context.experiments["one only"].samples.query("race == 'black'")["label"].iloc[0]
    assert re.search(rf"The race groups? .*black .*\({label}\).* the 7 emotions tested", may_not)


def test_what_holds_against_the_baseline_is_reported_with_its_interval(context):
    text, points = section("Against the baseline", context)
    held = context.compared[context.compared["p_holm"] < 0.05]
    assert len(held) and f"{len(held)} of 8 changes against its own base alone are significant" in text
    assert "Accuracy is 28.4 points higher with one + 100% two than with one only (95 % CI " in points
    assert "Each side has 2 seeds" in text


def test_nothing_holds_where_nothing_changed(study, make_context):
    runs, predictions = study
    same = dict.fromkeys(predictions, next(iter(predictions.values())))
    plain = runs[["run_id", *(name for name in runs if "race" not in name and name != "run_id")]]
    found = make_context(with_attribute(plain, same, RACE), same)
    text, points = against_baseline(found)
    assert "None of 8 changes against its own base alone is significant" in text[0]
    assert "than with one only" not in " ".join(points)
    assert "left accuracy at" in conclusions(found).verdict


def test_one_seed_a_side_is_about_two_models(study, make_context):
    runs, predictions = study
    one = runs[runs["params.seed"] == "0"]
    context = make_context(one, {run: predictions[run] for run in one["run_id"]})
    assert "two trained models" in section("Against the baseline", context)[0]
    found = conclusions(context)
    assert found.verdict.startswith("Two trained models are compared, not ways of training (one seed each): adding")
    assert "for these trained models, not for training again" in found.claim


def test_changes_that_cannot_be_estimated_are_said(context):
    # Black is one clip: neither the std nor the worst group has an interval or a p-value, in either pair.
    assert context.compared["p"].isna().sum() == 4
    text, _ = section("Against the baseline", context)
    assert "4 of 8 changes against its own base alone cannot be estimated." in text
    assert "primary comparisons cannot be estimated: a group has too few clusters." in limits(context)


def test_the_front_is_marked_as_looked_up_on_test_faces(context, study, make_context):
    text, _ = section("Accuracy against fairness", context)
    # Black is one clip: nothing can be said of its accuracy, and so of the std, on other faces.
    assert "Pareto front" in text and "faces is one + 50% two:" in text and "probable" not in text
    assert "determined on the test faces" in text
    several = {run: table[table["race"] != "black"] for run, table in study[1].items()}
    plain = study[0][[name for name in study[0] if "race" not in name]]
    known, _ = section("Accuracy against fairness", make_context(with_attribute(plain, several, RACE), several))
    assert re.search(r"one \+ 50% two \(\d+ % probable in another such test set\)", known)


def test_one_group_only_says_nothing_about_others(study, make_context):
    runs, predictions = study
    white = {run: table[table["race"] == "white"] for run, table in predictions.items()}
    alone = with_attribute(runs[[name for name in runs if "race" not in name]], white, RACE)
    found = make_context(alone, white)
    assert "Only one of the groups of race was tested" in between_groups(found).text[0]
    assert "All faces belong to one race group (white)" in limits(found)


def test_without_groups_the_report_is_by_emotion(study, make_context):
    runs, predictions = study
    by_emotion = with_attribute(runs, predictions, EMOTION)
    found = make_context(by_emotion, predictions, attribute="label")
    report = build_report(found, "By emotion")
    text, _ = section("Accuracy by group", found)
    assert "between two emotions" in text
    assert "emotions tested" not in limits(found)
    # Of 21 pairs the least and the greatest alone.
    visible = text.split("median over experiments) is ")[1].split(" | ")[0]
    assert visible.count(" to ") == 1 and visible.count(" points (") == 2 and ";" not in visible
    further = next(table.frame for table in report.tables() if table.name == "spreads_further")
    assert set(further["summary"]) == {"accuracy_gap", "accuracy_ratio"}
    calibration = next(table.frame for table in report.tables() if table.name == "calibration")
    assert set(calibration["group"]) == {"all"}
    titles = [section.title for section in report.sections]
    assert "Accuracy by label" in titles and "By emotion" not in titles
    assert not any(table.name.startswith(("composition", "standardised")) for table in report.tables())


def test_without_predictions_nothing_is_claimed(study, make_context):
    found = conclusions(make_context(study[0], {}))
    assert "the figures have no intervals" in found.verdict and not found.may


@pytest.mark.parametrize("unit", ["person", "sample"])
def test_the_unit_is_named(make_context, unit):
    shown = {"person": "further persons like", "sample": "further faces, taken as independent, like"}
    assert shown[unit] in conclusions(make_context(unit=unit)).claim
