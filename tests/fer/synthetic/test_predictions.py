"""Prediction tables: chosen accuracy, chosen intra-clip correlation, valid probabilities."""

import numpy as np
import pytest

from fer.data.emotions import EMOTIONS
from fer.errors import InputError
from fer.synthetic import draw_predictions

PROBABILITIES = [f"p_{emotion}" for emotion in EMOTIONS]


def anova_correlation(right, clip, size):
    """Return the ANOVA estimate of the intra-clip correlation for clips of equal size."""
    means = right.groupby(clip).mean()
    between = size * means.var(ddof=1)
    within = ((right - means.reindex(clip).to_numpy()) ** 2).sum() / (len(right) - len(means))
    return (between - within) / (between + (size - 1) * within)


@pytest.mark.parametrize("correlation", [0.0, 0.1, 0.4, 0.8, 1.0])
def test_accuracy_and_correlation_are_as_chosen(correlation):
    table = draw_predictions({"a": 0.8, "b": 0.6}, samples=20000, clips=2000, correlation=correlation, seed=3)
    right = (table["label"] == table["predicted"]).astype(float)
    for group, accuracy in (("a", 0.8), ("b", 0.6)):
        mine = (table["race"] == group).to_numpy()
        error = np.sqrt(accuracy * (1 - accuracy) / 20000 * (1 + 9 * correlation))
        assert right[mine].mean() == pytest.approx(accuracy, abs=4 * error)
        estimate = anova_correlation(right[mine], table["clip"][mine].to_numpy(), 10)
        assert estimate == pytest.approx(correlation, abs=0.05)


def test_columns_probabilities_and_ids():
    table = draw_predictions({"a": 0.8, "b": 0.5}, {"a": 41, "b": 7}, {"a": 5, "b": 7}, 0.3, 0, persons_per_clip=2)
    expected = ["sample_id", "label", "predicted", *PROBABILITIES, "race", "person", "clip", "source"]
    assert list(table.columns) == expected
    chosen = np.array(EMOTIONS)[table[PROBABILITIES].to_numpy().argmax(axis=1)]
    assert (chosen == table["predicted"].to_numpy()).all()
    assert np.allclose(table[PROBABILITIES].sum(axis=1), 1.0)
    assert table["sample_id"].is_unique
    assert table.groupby("race").size().to_dict() == {"a": 41, "b": 7}
    assert table.groupby("race")["clip"].nunique().to_dict() == {"a": 5, "b": 7}
    assert (table.groupby("person")["clip"].nunique() == 1).all()
    assert table[table["race"] == "a"].groupby("clip")["person"].nunique().eq(2).all()


def test_the_seed_decides():
    arguments = ({"a": 0.7}, 30, 5, 0.2)
    assert draw_predictions(*arguments, seed=1).equals(draw_predictions(*arguments, seed=1))
    assert not draw_predictions(*arguments, seed=1).equals(draw_predictions(*arguments, seed=2))


@pytest.mark.parametrize("accuracy", [0.0, 1.0])
@pytest.mark.parametrize("correlation", [0.0, 0.5, 1.0])
def test_accuracies_at_the_edges_hold_exactly(accuracy, correlation):
    table = draw_predictions({"a": accuracy}, 60, 6, correlation)
    assert (table["label"] == table["predicted"]).mean() == accuracy


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"accuracy": {}}, "accuracy"),
        ({"accuracy": {"a": 1.2}}, "accuracy of 'a'"),
        ({"correlation": -0.1}, "correlation"),
        ({"samples": {"b": 3}}, "samples"),
        ({"samples": 3, "clips": 4}, "clips"),
        ({"emotions": ("happy",)}, "emotions"),
        ({"attribute": "label"}, "attribute"),
        ({"persons_per_clip": 0}, "persons_per_clip"),
    ],
)
def test_an_argument_outside_its_range_is_named(arguments, word):
    with pytest.raises(InputError, match=word):
        draw_predictions(**({"accuracy": {"a": 0.5}} | arguments))
