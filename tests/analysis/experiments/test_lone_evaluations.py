"""Evaluations that no study made, beside the cells of one: names, test sets, and the report of them."""

import pandas as pd
import pytest

from analysis.experiments.evidence import Evidence
from analysis.experiments.examples import example_predictions, example_runs
from analysis.experiments.lone_evaluations import as_experiments, is_lone, with_test_sets
from analysis.experiments.runs_by_experiment import attributes_of, identified_by_mixture, mixtures_of
from analysis.experiments.seeds import predictions_by_experiment
from analysis.report.build import build_report
from analysis.report.context import ReportContext
from analysis.report.documents import markdown_document
from analysis.tables.pairwise import baseline_pairs
from analysis.tables.results import trade_off_table
from fer.data.attributes import Attribute
from fer.evaluation.metric_names import metric_names
from fer.evaluation.metrics import by_group, overall
from fer.tracking import names

RACE = Attribute.parse("race")


def lone(run, name, table=None, hour=1, **columns):
    """Return the run of a single evaluation of predictions, as the server gives it."""
    metrics = {} if table is None else metric_names("test", overall(table), [by_group(table, RACE)])
    return {
        "run_id": run * 32, "run_name": f"test: {name}", "experiment_name": "example", "status": "FINISHED",
        "start_time": pd.Timestamp(f"2026-01-02 0{hour}:00", tz="UTC"),
        names.tag(names.STAGE): names.EVALUATE_STAGE, names.tag(names.ORIGIN): names.MEASURED,
        names.tag(names.DATASET): "faces", names.tag(names.PREDICTIONS): name, names.param("split"): "test",
        names.param("predictions"): f"'{name}.csv'", names.param("resolved/attributes"): "race,gender",
        **{names.metric(metric): value for metric, value in metrics.items()}, **columns,
    }  # fmt: skip


def frame(*rows):
    return as_experiments(pd.DataFrame(list(rows)[::-1]))


def titles(runs):
    return runs[names.tag(names.EXPERIMENT)].tolist()


def test_each_is_named_as_its_run_without_the_split_and_the_newest_of_one_table_is_kept():
    model = {names.tag(names.PREDICTIONS): None, names.tag(names.MODEL): "runs:/abc/model"}
    runs = frame(lone("a", "x"), lone("b", "y"), lone("c", "x", hour=2), lone("d", "test: z", **model))
    assert titles(runs) == ["test: z", "x", "y"] and runs["run_id"].str[0].tolist() == ["d", "c", "b"]
    assert set(runs[names.param("test")]) == {"faces"} and is_lone(runs).all()
    assert runs[names.tag(names.TRAINING_RUN)].fillna("-").tolist() == ["abc", "-", "-"]
    assert mixtures_of(runs).empty and not identified_by_mixture(runs)
    assert list(map(str, attributes_of(runs))) == ["race", "gender"]


def test_different_ones_of_one_name_are_told_apart():
    runs = frame(lone("a", "x"), lone("b", "x", **{names.param("predictions"): "other/x.csv"}))
    assert titles(runs) == ["x (run bbbbbb)", "x (run aaaaaa)"]
    unknown = {names.tag(names.PREDICTIONS): None}
    assert len(frame(lone("a", "x", **unknown), lone("b", "x", **unknown))) == 2


def test_cells_stay_as_they_are_and_a_cells_name_is_its_own():
    cells = example_runs().assign(**{names.tag(names.STAGE): names.CELL_STAGE, names.tag(names.STUDY): "s"})
    assert as_experiments(cells) is cells
    runs = as_experiments(pd.concat([pd.DataFrame([lone("a", "one only")]), cells], ignore_index=True))
    assert titles(runs)[0] == "one only (run aaaaaa)" and titles(runs)[1:] == titles(cells)
    pd.testing.assert_frame_equal(runs.iloc[1:][list(cells)].reset_index(drop=True), cells, check_dtype=False)
    assert len(mixtures_of(runs)) == 2 and not identified_by_mixture(runs)


@pytest.fixture(scope="module")
def mixed():
    """Cells of a study, and three evaluations: of the cells' faces, of other faces, and without probabilities."""
    cells = example_runs().assign(**{names.tag(names.STAGE): names.CELL_STAGE, names.tag(names.STUDY): "s"})
    predictions = example_predictions()
    same = next(iter(predictions.values()))
    other = same.assign(sample_id="other " + same["sample_id"])
    bare = same[[name for name in same if not name.startswith("p_")]].sample(frac=1, random_state=0)
    further = {"a": same, "b": other, "c": bare}
    rows = [lone(run, run * 2, table, hour) for hour, (run, table) in enumerate(further.items(), 1)]
    runs = as_experiments(pd.concat([pd.DataFrame(rows[::-1]), cells], ignore_index=True))
    return runs, predictions | {run * 32: table for run, table in further.items()}


def test_what_predicted_the_same_faces_is_of_one_test_set(mixed):
    runs, predictions = mixed
    found = with_test_sets(runs, predictions)
    tests = dict(zip(titles(found), found[names.param("test")], strict=True))
    assert tests == {"cc": "faces", "bb": "faces (120 faces)", "aa": "faces", "one only": "faces",
                     "one + 50% two": "faces"}  # fmt: skip
    tested = predictions_by_experiment(found, predictions)
    pairs = baseline_pairs(found, tested, "aa")
    assert [pair.after.experiment for pair in pairs] == ["one only", "one + 50% two", "cc"]
    assert [pair.before.experiment for pair in baseline_pairs(found, tested)] == ["one only"]
    relabelled = predictions["c" * 32].assign(label="sad", predicted="sad")
    again = with_test_sets(runs, predictions | {"c" * 32: relabelled})
    assert again.loc[0, names.param("test")] == "faces (run cccccc)"


def test_fronts_are_of_one_test_set(mixed):
    runs, predictions = mixed
    table = trade_off_table(with_test_sets(runs, predictions), RACE).set_index("experiment")
    assert table.loc["bb", "pareto"] and not table.loc["aa", "pareto"]
    # Without the predictions the name of the test set is all that is known.
    assert not trade_off_table(runs, RACE).set_index("experiment").loc["bb", "pareto"]


def test_the_report_has_the_sections_that_can_be_made(mixed):
    runs, predictions = mixed
    alone = with_test_sets(runs[is_lone(runs)], predictions)
    steps = pd.DataFrame(columns=["run_id"])
    text = markdown_document(
        build_report(ReportContext(Evidence(alone, predictions, steps), RACE, replicates=200), "t")
    )
    for title in ("Results", "Accuracy by race", "Accuracy against fairness", "By emotion", "Calibration"):
        assert f"\n## {title}\n" in text
    assert "Calibration: cc gave no probabilities." in text and "nan" not in text
    assert "Training mixtures" not in text and "the epoch was selected" not in text
    assert "its predictions come from a table" in text


def test_the_report_on_cells_and_evaluations_shows_both(mixed):
    runs, predictions = mixed
    context = ReportContext(
        Evidence(with_test_sets(runs, predictions), predictions, pd.DataFrame(columns=["run_id"])), RACE,
        baseline="aa", replicates=200,
    )  # fmt: skip
    text = markdown_document(build_report(context, "t"))
    for name in ("aa", "bb", "cc", "one only", "one + 50% two"):
        assert f"| {name}" in text
    assert "| one + 50% two | aa" in " ".join(text.split()) and "| bb | aa" not in " ".join(text.split())
