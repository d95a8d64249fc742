"""Mitigation methods compared: which experiments they compare, and the ranking on predictions whose truth is known."""

import pandas as pd
import pytest

from analysis.experiments.seeds import predictions_by_experiment
from analysis.tables.mitigation import HIGHER, experiments_by_method, method_pairs, method_ranking, mitigation_table
from fer.synthetic.predictions import draw_predictions
from fer.tracking import names

ACCURACY = {
    "erm": {"black": 0.3, "white": 0.7},
    "group_dro": {"black": 0.75, "white": 0.7},
    "focal": {"black": 0.3, "white": 0.7},
}


@pytest.fixture(scope="module")
def study():
    """Return the runs and experiments of three methods with five seeds each, of the same faces in 60 clips."""
    faces = draw_predictions({"black": 1.0, "white": 1.0}, 240, 30)
    wrong = faces["label"].map({"happy": "sad"}).fillna("happy")
    rows, predictions = [], {}
    for place, (method, groups) in enumerate(ACCURACY.items()):
        for seed in (1, 3, 4, 7, 9):
            drawn = draw_predictions(groups, 240, 30, correlation=0.2, seed=100 * place + seed)
            run = f"{place}{seed}".rjust(32, "0")
            predictions[run] = faces.assign(predicted=faces["label"].where(drawn["label"] == drawn["predicted"], wrong))
            given = {"base": "one", "fraction": "0", "seed": str(seed), "test": "faces", "backbone": "cnn"}
            rows.append({
                "run_id": run, "run_name": method, "start_time": pd.Timestamp("2026-01-01", tz="UTC"),
                names.tag(names.EXPERIMENT): method, names.tag(names.ORIGIN): names.MEASURED,
                names.tag(names.POSITION): str(place), **{names.param(name): value for name, value in given.items()},
                # A plain training's method is not among the parameters that identify it.
                names.param("method"): None if method == "erm" else method,
            })  # fmt: skip
    runs = pd.DataFrame(rows)
    return runs, predictions_by_experiment(runs, predictions)


def test_experiments_that_differ_in_the_method_alone_are_compared(study):
    runs, tested = study
    (found,) = experiments_by_method(runs, tested)
    assert {method: one.experiment for method, one in found.items()} == {name: name for name in ACCURACY}
    other = runs[names.param("backbone")].where(runs[names.param("method")] != "focal", "vgg16")
    (found,) = experiments_by_method(runs.assign(**{names.param("backbone"): other}), tested)
    assert set(found) == {"erm", "group_dro"}
    assert experiments_by_method(runs.drop(columns=names.param("method")), tested) == []
    assert mitigation_table(runs[runs[names.param("method")].notna()], tested).empty


def test_the_method_that_helps_is_found_and_the_other_is_not(study):
    runs, tested = study
    table = mitigation_table(runs, tested, replicates=500)
    worst = table[table["metric"] == "accuracy_min"].set_index("method")
    assert worst.loc["group_dro", "difference_points"] == pytest.approx(40, abs=8)
    assert worst.loc["group_dro", "p_holm"] < 0.05 < worst.loc["focal", "p_holm"]
    assert (table["p_holm"].dropna() >= table["p"].dropna()).all()
    pairs = method_pairs(runs, tested, replicates=500)
    verdicts = pairs.set_index(["first", "second"])["verdict"]
    assert len(pairs) == 3 and verdicts["group_dro", "focal"] == HIGHER
    assert verdicts["erm", "focal"] not in ("higher", "lower")
    ranking = method_ranking(table, pairs)
    assert ranking["method"].iloc[0] == "group_dro" and set(ranking["method"]) == set(ACCURACY)
    below = ranking.set_index("method")["not_below"]
    assert below["group_dro"] == "" and "group_dro" not in below["erm"] + below["focal"]
    assert pd.isna(ranking.set_index("method").loc["erm", "difference_points"])


def test_only_accuracies_are_compared_by_margin(study, refused):
    with refused("accuracy_min or accuracy"):
        method_pairs(*study, metric="loss")
