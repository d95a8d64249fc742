"""Accuracy on corrupted faces: severity 0 is the clean accuracy, an empty group is NaN, batches do not matter."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from fer.data.emotions import EMOTIONS
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.perturbations import perturb
from fer.evaluation.predictions import predict
from fer.evaluation.robustness import perturbed_predictions, robustness_table
from fer.evaluation.uncertainty import whole_accuracy
from fer.fairness import NO_ESTIMATE


def by_brightness(faces):
    """Predict an emotion from a face's mean gray level."""
    level = faces.mean(axis=(1, 2, 3)).astype(int) // 4 % 7
    return np.eye(7)[level] + 0.01


@pytest.fixture
def tested(tiny_faces):
    return predict(by_brightness, tiny_faces), perturbed_predictions(by_brightness, tiny_faces, ["blur", "darkness"])


def test_what_the_model_says_of_each_changed_face(tiny_faces, tested):
    _, perturbed = tested
    assert perturbed.shape == (56, 10)
    corrupted = perturb(tiny_faces.faces(), "darkness", 4)
    expected = [EMOTIONS[code] for code in by_brightness(corrupted).argmax(axis=1)]
    assert perturbed["darkness", 4].tolist() == expected
    again = perturbed_predictions(by_brightness, tiny_faces, ["blur", "darkness"], batch=9)
    assert again.equals(perturbed)


def test_accuracy_by_kind_severity_and_group(tiny_faces, tested):
    predictions, perturbed = tested
    predictions.loc[3:20, "label"] = predictions["predicted"]
    race = predictions["race"].where(predictions.index > 2)
    table = robustness_table(predictions, perturbed, race, ["white", "black", "blue"], clusters_of(predictions, "clip"))
    assert len(table) == 2 * 6 * 4
    cells = table.set_index(["perturbation", "severity", "group"])
    right = predictions["label"] == predictions["predicted"]
    assert cells.loc[("blur", 0, "all"), "accuracy"] == right.mean()
    assert cells.loc[("darkness", 0, "white"), "accuracy"] == right[race == "white"].mean()
    dark = perturbed["darkness", 2] == predictions["label"]
    assert cells.loc[("darkness", 2, "black"), "accuracy"] == dark[race == "black"].mean()
    assert cells.loc[("darkness", 2, "black"), "relative_to_clean"] == pytest.approx(
        dark[race == "black"].mean() / right[race == "black"].mean()
    )
    assert (cells.xs(0, level="severity")["relative_to_clean"].dropna() == 1).all()
    assert cells.loc[("blur", 5, "blue"), "count"] == 0
    assert cells.xs("blue", level="group")[["accuracy", "relative_to_clean"]].isna().all().all()


def test_intervals_are_those_of_the_evaluation_and_none_over_one_cluster(tiny_faces, tested):
    predictions, perturbed = tested
    predictions.loc[3:20, "label"] = predictions["predicted"]
    clusters = clusters_of(predictions, "clip")
    cells = robustness_table(predictions, perturbed, predictions["race"], ["white"], clusters)
    cells = cells.set_index(["perturbation", "severity", "group"])
    clean, whole = cells.loc[("blur", 0, "all")], whole_accuracy(predictions, clusters)
    # With other groups beside it, sums are taken in another order.
    shown = ["clusters", "low", "high"]
    assert clean[shown].tolist() == pytest.approx(whole[shown].tolist(), rel=1e-12)
    known = cells.dropna(subset="low")
    assert len(known) and ((known["low"] <= known["accuracy"]) & (known["accuracy"] <= known["high"])).all()
    one = robustness_table(predictions, perturbed, predictions["race"], [], replace(clusters, ids=0 * clusters.ids))
    assert one[["low", "high"]].isna().all().all() and set(one["method"]) == {NO_ESTIMATE}


def test_a_model_that_is_never_right_has_no_relative_accuracy(tested):
    predictions, perturbed = tested
    wrong = predictions.assign(label=np.where(predictions["predicted"] == "sad", "happy", "sad"))
    perturbed = perturbed.copy()
    perturbed["blur", 1] = wrong["label"].to_numpy()
    table = robustness_table(wrong, perturbed, pd.Series([None] * 56), [], clusters_of(wrong, "clip"))
    assert table.loc[table["perturbation"] == "blur", "accuracy"].tolist()[:2] == [0, 1]
    assert table["relative_to_clean"].isna().all()
