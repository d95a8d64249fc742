"""A figure of one name is the same in every table: with several seeds, the mean of what each seed has."""

import numpy as np
import pandas as pd
import pytest

from analysis.experiments.seeds import predictions_by_experiment
from analysis.tables.calibration import calibration_table
from analysis.tables.clusters import cluster_choice_table
from analysis.tables.disparities import disparity_table
from analysis.tables.pairwise import Pair, pairwise_table
from analysis.tables.results import group_table, results_table, trade_off_table
from analysis.tables.uncertainty import difference_table, interval_table
from fer.data.attributes import RACE
from fer.evaluation.metric_names import metric_names
from fer.evaluation.metrics import by_group, overall
from fer.fairness import debiased_calibration_error
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names

ACCURACY = {"black": 0.45, "white": 0.7, "mixed": 0.6}
SEEDS = 3


@pytest.fixture(scope="module")
def tested():
    """Return runs with their metrics, and the predictions of two experiments of three seeds that differ much."""
    faces = draw_predictions({name: 1.0 for name in ACCURACY}, 80, 16)
    other = faces["label"].map({"happy": "sad"}).fillna("happy")
    rows, predictions = [], {}
    for place, experiment in enumerate(["one only", "two only"]):
        for seed in range(SEEDS):
            accuracy = {name: min(value + 0.1 * place + 0.05 * seed, 1.0) for name, value in ACCURACY.items()}
            drawn = draw_predictions(accuracy, 80, 16, seed=10 * place + seed, correlation=0.5)
            right = drawn["label"] == drawn["predicted"]
            said = faces["label"].where(right, other)
            # The probabilities as drawn, of the class that is said: confidence differs between seeds.
            table = faces.assign(predicted=said)
            columns = [name for name in table if name.startswith("p_")]
            table[columns] = 0.3 / (len(columns) - 1) * (1 + seed / 2)
            for emotion in table["predicted"].unique():
                table.loc[table["predicted"] == emotion, f"p_{emotion}"] = 0.7 - 0.15 * seed
            run = f"{place}{seed}".rjust(32, "0")
            predictions[run] = table
            metrics = metric_names("test", overall(table), [by_group(table, RACE)])
            rows.append({
                "run_id": run, "run_name": run, "experiment_name": "one", "status": "FINISHED",
                "start_time": pd.Timestamp("2026-01-01", tz="UTC"), names.tag(names.EXPERIMENT): experiment,
                names.tag(names.POSITION): str(place), names.param("seed"): str(seed), names.param("test"): "faces",
                names.param("fraction"): "0", names.param("base"): experiment, names.param("addition"): "none",
                names.param("arm"): "add", **{names.metric(name): value for name, value in metrics.items()},
            })  # fmt: skip
    runs = pd.DataFrame(rows)
    return runs, predictions_by_experiment(runs, predictions)


@pytest.fixture(scope="module")
def intervals(tested):
    return interval_table(tested[1].values(), replicates=50).set_index(["experiment", "group", "metric"])


def test_overall_figures(tested, intervals):
    table = results_table(tested[0]).set_index("experiment")
    for metric, scale, column in (
        ("accuracy", 1, "accuracy_percent"), ("f1_weighted", 0.01, "f1_weighted"), ("loss", 1, "loss"),
    ):  # fmt: skip
        values = intervals["estimate"].xs(("all", metric), level=("group", "metric")) * scale
        assert values.to_dict() == pytest.approx(table[column].to_dict()), metric
        for name, one in tested[1].items():
            shown = cluster_choice_table(one, replicates=20)["accuracy_percent"]
            assert shown.to_list() == pytest.approx([table.loc[name, "accuracy_percent"]] * len(shown))


@pytest.mark.parametrize("metric", ["accuracy", "f1_weighted", "f1_macro", "loss", "brier", "calibration_error"])
def test_figures_of_groups(tested, intervals, metric):
    runs = tested[0]
    for group in ("all", *ACCURACY):
        column = names.metric(f"test/{metric}" if group == "all" else f"test/race/{metric}/{group}")
        for experiment, rows in runs.groupby(f"tags.{names.EXPERIMENT}"):
            row = intervals.loc[(experiment, group, metric)]
            scale = 1 if row["unit"] in ("nats", "squared distance", "squared_distance") else 100
            assert row["estimate"] == pytest.approx(rows[column].mean() * scale), (experiment, group)
            assert row["low"] < row["estimate"] < row["high"]


def test_disparities(tested):
    runs, experiments = tested
    table = disparity_table(experiments.values(), replicates=50).set_index(["summary", "experiment"])
    for summary, scale in {
        "accuracy_std": 1, "accuracy_gap": 100, "accuracy_ratio": 1, "demographic_parity_difference": 100,
        "equalized_odds_difference": 100, "recall_difference": 100,
    }.items():  # fmt: skip
        for experiment, rows in runs.groupby(f"tags.{names.EXPERIMENT}"):
            mean = rows[names.metric(f"test/race/{summary}")].mean() * scale
            assert table.loc[(summary, experiment), "estimate"] == pytest.approx(mean), summary
    std = table.loc["accuracy_std"]
    assert std["estimate"].to_dict() == pytest.approx(group_table(runs).set_index("experiment")["std_points"].to_dict())
    front = trade_off_table(runs).set_index("experiment")
    gap = table.loc["accuracy_gap"]
    assert gap["estimate"].to_dict() == pytest.approx(front["gap_points"].to_dict())
    # A bound above, and a corrected value below, surround the figure; so does what is expected without a difference.
    assert (std["bias_corrected"] < std["estimate"]).all() and (std["estimate"] < std["upper"]).all()
    assert (gap["estimate"] < gap["upper"]).all()


def test_differences_and_paired_comparisons(tested, intervals):
    runs, experiments = tested
    accuracy = intervals["estimate"].xs("accuracy", level="metric")
    for row in difference_table(experiments.values()).to_dict("records"):
        by = accuracy[row["experiment"], row["group"]] - accuracy[row["experiment"], row["other"]]
        assert row["difference_points"] == pytest.approx(by)
    for metric in ("f1_weighted", "calibration_error"):
        values = intervals["estimate"].xs(metric, level="metric")
        for row in difference_table(experiments.values(), metric=metric).to_dict("records"):
            by = values[row["experiment"], row["group"]] - values[row["experiment"], row["other"]]
            assert row["difference_points"] == pytest.approx(by)
    compared = pairwise_table([Pair(*experiments.values())], replicates=50).set_index("metric")
    front, overall_ = trade_off_table(runs).set_index("experiment"), results_table(runs).set_index("experiment")
    expected = {
        "accuracy": front["accuracy_percent"], "accuracy_std": front["std_points"],
        "accuracy_min": front["worst_percent"], "f1_weighted": overall_["f1_weighted"] * 100,
    }  # fmt: skip
    for metric, values in expected.items():
        assert compared.loc[metric, ["before_percent", "after_percent"]].to_list() == pytest.approx(values.to_list())


def test_root_mean_square_calibration_errors(tested):
    table = calibration_table(list(tested[1].values())).set_index(["experiment", "group"])
    for name, one in tested[1].items():
        seeds = [
            debiased_calibration_error(
                one.y_true, one.y_pred[at], y_proba=one.y_proba[at], sensitive_features=one.group(RACE),
                clusters=one.samples["clip"],
            )
            for at in range(SEEDS)
        ]  # fmt: skip
        plain = np.mean([seed["plain"] for seed in seeds], axis=0) * 100
        assert table.loc[name, "plain_points"].to_list() == pytest.approx(plain.tolist())
        squared = np.mean([seed["squared"] for seed in seeds], axis=0).clip(min=0)
        assert table.loc[name, "debiased_points"].to_list() == pytest.approx((100 * np.sqrt(squared)).tolist())
