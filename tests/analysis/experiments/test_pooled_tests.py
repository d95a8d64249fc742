"""Test sets of one group each are one test of a model; others stay as they are."""

import pandas as pd
import pytest

from analysis.experiments.evidence import Evidence
from analysis.experiments.pooled_tests import pooled_tests
from analysis.fetch.evidence import with_attribute
from analysis.report import ReportContext, build_report
from analysis.tables.columns import keyed
from analysis.tables.results import group_table
from fer.data.attributes import AGE_GROUP, RACE
from fer.synthetic import draw_predictions
from fer.tracking import names

TESTS = {"young": ("children", 0.4), "middle": ("adults", 0.6), "old": ("60+", 0.5)}


@pytest.fixture
def evidence(make_runs):
    """Return two models, the second better by 20 points, on three test sets of one age group each, of 60 faces."""
    experiments = [f"{model}, on {test}" for model in ("m1", "m2") for test in TESTS]
    runs = make_runs(experiments).drop(columns="params.seed").assign(**{"params.seed": "0"})
    runs = runs.drop(columns=[name for name in runs if "race" in name])
    runs["params.test"] = list(TESTS) * 2
    runs["params.test_digest"] = list(TESTS) * 2
    runs["params.backbone"], runs["params.head"] = ["m1"] * 3 + ["m2"] * 3, "pooled"
    runs[f"tags.{names.TRAINING_RUN}"] = ["first"] * 3 + ["second"] * 3
    predictions = {}
    for run, experiment, test in zip(runs["run_id"], experiments, runs["params.test"], strict=True):
        group, accuracy = TESTS[test]
        better = 0.2 * experiment.startswith("m2")
        table = draw_predictions({group: accuracy + better}, 60, 12, attribute="age_group", seed=3)
        predictions[run] = table.assign(sample_id=test + "/" + table["sample_id"], source=test)
    steps = pd.DataFrame({"run_id": ["s"], f"tags.{names.EXPERIMENT}": ["m1, on young"]})
    return Evidence(with_attribute(runs, predictions, AGE_GROUP), predictions, steps)


def test_a_model_has_its_accuracy_by_group_over_all_of_its_tests(evidence):
    joined = pooled_tests(evidence, AGE_GROUP)
    assert len(joined.runs) == 2 and len(joined.predictions) == 2
    table = group_table(joined.runs, "age_group").set_index("experiment")
    assert list(table.index) == ["m1", "m2"]
    alone = group_table(evidence.runs, "age_group").set_index("experiment")
    for test, (group, _) in TESTS.items():
        column = keyed("accuracy_percent", group)
        assert table.loc["m1", column] == pytest.approx(alone.loc[f"m1, on {test}", column])
    groups = [keyed("accuracy_percent", name) for name in ("60+", "adults", "children")]
    assert table.loc["m1", "std_points"] == pytest.approx(table.loc["m1", groups].std())
    assert alone["std_points"].isna().all()
    assert joined.steps[f"tags.{names.EXPERIMENT}"].tolist() == ["m1"]
    assert set(joined.runs["params.test"]) == {"young, middle, old"}


def test_a_training_is_called_as_its_cells_say_not_as_their_names_look(evidence):
    titles = {"m1": "m1, on tour", "m2": "m2"}
    told = [titles[name.split(",")[0]] for name in evidence.runs[f"tags.{names.EXPERIMENT}"]]
    titled = evidence.runs.assign(**{f"tags.{names.TRAINING_TITLE}": told})
    joined = pooled_tests(Evidence(titled, evidence.predictions, evidence.steps), AGE_GROUP)
    assert joined.runs[f"tags.{names.EXPERIMENT}"].tolist() == ["m1, on tour", "m2"]
    assert joined.steps[f"tags.{names.EXPERIMENT}"].tolist() == ["m1, on tour"]


def test_the_report_compares_groups_over_tests_and_keeps_the_matrix(evidence):
    joined = pooled_tests(evidence, AGE_GROUP)
    report = build_report(ReportContext(joined, "age_group", replicates=100, apart=evidence), "Ages")
    shown = {table.name: table.frame for table in report.tables()}
    assert set(shown["differences"]["experiment"]) == {"m1", "m2"}
    assert list(shown["matrix"].columns)[-3:] == [keyed("accuracy_percent", test) for test in TESTS]
    assert "accuracy_by_experiment" in {picture.name for picture in report.pictures()}
    assert any("pooled" in text for section in report.sections for text in section.text)
    assert {"spread", "accuracy_by_group", "calibration"} <= set(shown)
    assert [sentence for sentence in report.lacking if "galleries" in sentence]


def test_a_model_that_was_not_tested_on_all_is_named(evidence):
    less = Evidence(evidence.runs[:-1], evidence.predictions, evidence.steps)
    joined = pooled_tests(less, AGE_GROUP)
    assert len(joined.runs) == 1
    assert joined.lacking == ["m2, seed 0: it was not tested on old; run its other cells."]


def test_what_has_no_predictions_or_does_not_know_the_attribute_is_named(evidence):
    last = evidence.runs["run_id"].iloc[-1]
    unread = {run: table for run, table in evidence.predictions.items() if run != last}
    told = pooled_tests(Evidence(evidence.runs, unread, evidence.steps), AGE_GROUP).lacking
    assert told[0] == "Of m2, on old there are no predictions by the attribute to join."
    wild = {"run_id": "x", "params.test": "wild", f"tags.{names.EXPERIMENT}": "m2, on wild"}
    more = Evidence(pd.concat([evidence.runs, evidence.runs[-1:].assign(**wild)]), evidence.predictions, evidence.steps)
    joined = pooled_tests(more, AGE_GROUP)
    assert len(joined.runs) == 2
    assert joined.lacking == ["Tests on wild: they do not have the attribute and are only in the matrix."]


def test_a_test_that_was_repeated_counts_once_whatever_the_order(evidence):
    first = evidence.runs.iloc[0]
    again = evidence.runs[:1].assign(run_id="again", start_time=first["start_time"] + pd.Timedelta(1, "h"))
    tables = evidence.predictions | {"again": evidence.predictions[first["run_id"]].assign(predicted="happy")}
    shuffled = pd.concat([evidence.runs.iloc[[5, 4, 0, 3, 2, 1]], again])
    joined = pooled_tests(Evidence(shuffled, tables, evidence.steps), AGE_GROUP)
    assert joined.runs["params.test"].nunique() == 1 and joined.runs["params.test_digest"].nunique() == 1
    mine = next(table for table in joined.predictions.values() if (table["predicted"] == "happy").sum() >= 60)
    assert len(mine) == 180 and mine["sample_id"].is_unique
    assert "only the newest is shown" in joined.lacking[0]


def test_seeds_of_a_training_are_one_experiment(evidence):
    second = evidence.runs.copy()
    second["run_id"] = [f"{run}2" for run in second["run_id"]]
    second["params.seed"], second[f"tags.{names.TRAINING_RUN}"] = "1", second[f"tags.{names.TRAINING_RUN}"] + "2"
    tables = evidence.predictions | {f"{run}2": table for run, table in evidence.predictions.items()}
    joined = pooled_tests(Evidence(pd.concat([evidence.runs, second]), tables, evidence.steps), AGE_GROUP)
    table = group_table(joined.runs, "age_group")
    assert table["seeds"].tolist() == [2, 2] and table["experiment"].tolist() == ["m1", "m2"]


def test_persons_that_one_test_does_not_record_are_not_made_up(evidence):
    tables = {run: table.copy() for run, table in evidence.predictions.items()}
    for run, test in zip(evidence.runs["run_id"], evidence.runs["params.test"], strict=True):
        if test == "old":
            tables[run][["person", "clip"]] = None
    joined = pooled_tests(Evidence(evidence.runs, tables, evidence.steps), AGE_GROUP)
    context = ReportContext(joined, "age_group", replicates=50, apart=evidence)
    counts = next(iter(context.counts.values()))
    assert "persons" not in counts and "clips" not in counts and counts.loc["all", "faces"] == 180


def test_tests_that_hold_several_groups_or_are_one_or_hold_the_same_stay_apart(evidence):
    first = next(iter(evidence.predictions))
    mixed = evidence.predictions[first].copy()
    mixed.loc[:9, "age_group"] = "adults"
    several = Evidence(evidence.runs, evidence.predictions | {first: mixed}, evidence.steps)
    assert pooled_tests(several, AGE_GROUP) is None
    one = evidence.runs[evidence.runs["params.test"] == "young"]
    assert pooled_tests(Evidence(one, evidence.predictions, evidence.steps), AGE_GROUP) is None
    same = {run: table.assign(age_group="adults") for run, table in evidence.predictions.items()}
    assert pooled_tests(Evidence(evidence.runs, same, evidence.steps), AGE_GROUP) is None
    assert pooled_tests(evidence, RACE) is None
