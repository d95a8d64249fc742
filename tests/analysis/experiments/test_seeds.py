"""The seeds of one experiment: one order of the samples, all seeds together, nothing mixed up."""

import numpy as np

from analysis.experiments.seeds import by_test_set, predictions_by_experiment
from fer.data.attributes import RACE


def test_seeds_are_in_one_order_whatever_order_they_came_in(study):
    runs, predictions = study
    shuffled = {run: table.sample(frac=1, random_state=place) for place, (run, table) in enumerate(predictions.items())}
    found, again = predictions_by_experiment(runs, predictions), predictions_by_experiment(runs, shuffled)
    assert list(found) == ["one only", "one + 50% two", "one + 100% two"]
    for name in found:
        assert (found[name].y_pred == again[name].y_pred).all()
        assert found[name].y_pred.shape == (2, 264) and found[name].y_proba.shape == (2, 264, 7)


def test_stacked_seeds_share_their_clusters(study):
    tested_run = predictions_by_experiment(*study)["one only"]
    cluster = np.arange(264)
    arrays = tested_run.stacked(RACE, cluster)
    assert (arrays["clusters"][:264] == arrays["clusters"][264:]).all()
    assert arrays["repeats"] == 2
    assert tested_run.stacked(RACE, np.zeros((264, 2)))["clusters"].shape == (528, 2)
    right = arrays["y_true"] == arrays["y_pred"]
    seeds = [(table["label"] == table["predicted"]).mean() for table in tested_run.tables]
    assert right.mean() == np.mean(seeds)
    groups = list(arrays["sensitive_features"])
    assert groups[:264] == groups[264:] == list(tested_run.samples["race"])


def test_a_run_without_predictions_is_left_out(study):
    runs, predictions = study
    gone = next(iter(predictions))
    found = predictions_by_experiment(runs, {run: table for run, table in predictions.items() if run != gone})
    assert {name: len(tested_run.runs) for name, tested_run in found.items()}["one only"] == 1


def test_seeds_on_different_faces_are_refused(study, refused):
    runs, predictions = study
    first = next(iter(predictions))
    with refused("different samples"):
        predictions_by_experiment(runs, predictions | {first: predictions[first].iloc[1:]})


def test_experiments_are_kept_apart_by_test_set(study):
    runs, predictions = study
    runs = runs.assign(**{"params.test": ["faces"] * 4 + ["others"] * 2})
    assert {
        test: len(tested_runs)
        for test, tested_runs in by_test_set(predictions_by_experiment(runs, predictions)).items()
    } == {
        "faces": 2,
        "others": 1,
    }
