"""Figures of the report: labels apart, bars without an interval marked, each panel in its table's numbers."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from analysis import accuracy_by_fraction, interval_table, trade_off_figure
from analysis.experiments.paired_outcomes import changes
from analysis.experiments.seeds import predictions_by_experiment
from analysis.figures import (
    change_gallery,
    confusion_difference,
    dose_figure,
    matrix_figure,
    reliability_figure,
    seed_spread,
)
from analysis.figures.labels import label_points
from analysis.figures.style import HATCH
from analysis.tables.calibration import reliability_of
from analysis.tables.classes import confusion_shares
from analysis.tables.dose import dose_responses


def boxes_of(axis):
    axis.get_figure().draw_without_rendering()
    return [text.get_window_extent() for text in axis.texts if text.get_text()]


def test_labels_of_crowded_points_cover_neither_each_other_nor_a_point():
    figure = Figure(figsize=(6, 4))
    axis = figure.subplots()
    points = np.array([[1, 1], [1.02, 1.01], [1.04, 0.99], [1.01, 1.03], [0.98, 1.0], [3, 3], [np.nan, 1]])
    axis.scatter(*points.T)
    label_points(figure, axis, points, [f"label {number}" for number in range(len(points))])
    boxes = boxes_of(axis)
    assert len(boxes) == 6
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])
    pixels = axis.transData.transform(points[:6])
    assert not any(box.contains(*pixel) for box in boxes for pixel in pixels)


@pytest.mark.parametrize("seed", range(3))
def test_long_labels_of_two_tight_groups_find_free_places(seed):
    stream = np.random.default_rng(seed)
    figure = Figure(figsize=(9.2, 5.6))
    axis = figure.subplots()
    points = np.concatenate([stream.normal(middle, 0.15, (count, 2)) for middle, count in ((0, 8), (3, 7))])
    axis.scatter(*points.T)
    label_points(figure, axis, points, ["majority + 30% everyone"] * len(points))
    boxes = boxes_of(axis)
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])
    assert not any(box.contains(*pixel) for box in boxes for pixel in axis.transData.transform(points))


def test_the_papers_trade_off_has_no_label_on_another(published_runs):
    boxes = boxes_of(trade_off_figure(published_runs).axes[0])
    assert len(boxes) == 11
    assert not any(one.overlaps(other) for place, one in enumerate(boxes) for other in boxes[:place])


@pytest.fixture(scope="module")
def intervals(study):
    table = interval_table(predictions_by_experiment(*study).values(), replicates=100)
    return table[table["metric"] == "accuracy"]


def test_bars_without_an_interval_are_hatched_and_the_others_have_theirs(study, intervals):
    axis = accuracy_by_fraction(study[0], intervals=intervals).axes[0]
    bars = {one.get_label(): one for one in axis.containers if hasattr(one, "patches")}
    assert all(bar.get_hatch() == HATCH for bar in bars["black"])
    drawn = bars["white"].errorbar.lines[2][0].get_segments()[2]
    own = intervals[(intervals["group"] == "white") & (intervals["experiment"] == "one + 100% two")].iloc[0]
    assert bars["white"][2].get_hatch() is None
    assert drawn[:, 1].tolist() == pytest.approx([own["low"], own["high"]])


def test_the_difference_of_two_confusions(study):
    tested_runs = predictions_by_experiment(*study)
    before, after = (confusion_shares(tested_runs[name]) for name in ("one only", "one + 100% two"))
    axes = confusion_difference(before, after, "a", "b").axes
    shown = axes[2].images[0].get_array().filled(np.nan)
    assert np.allclose(shown, (after - before) * 100, equal_nan=True)
    assert np.allclose(axes[0].images[0].get_array().filled(np.nan), before * 100, equal_nan=True)


def test_a_gallery_has_one_row_per_outcome_and_asks_for_those_faces(study):
    tested_runs = predictions_by_experiment(*study)
    changed = changes(tested_runs["one only"].samples, tested_runs["one + 100% two"].samples)
    asked = []

    def faces(ids):
        asked.append(list(ids))
        return np.zeros((len(ids), 8, 8, 1), np.uint8)

    figure = change_gallery(changed[changed["group"] == "white"], faces, columns=4)
    assert [len(ids) for ids in asked] == [4, 4, 4]
    outcome = changed.set_index("sample_id")["outcome"]
    assert [set(outcome[ids]) for ids in asked] == [{"right_in_both"}, {"gained"}, {"wrong_in_both"}]
    assert figure.axes[0].get_ylabel().startswith("right in both\n")


def test_one_seed_has_no_variation_to_draw(study, refused):
    runs, _ = study
    figure = seed_spread(runs)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == list(
        dict.fromkeys(runs["tags.fer.experiment"])
    )
    with refused("seed"):
        seed_spread(runs[runs["params.seed"] == "0"])


def test_reliability_dose_and_matrix_draw_their_tables(study, refused):
    tested_runs = predictions_by_experiment(*study)
    table = reliability_of(tested_runs["one only"])
    axis = reliability_figure({"one only": table}).axes[0]
    points = np.concatenate([one.get_offsets() for one in axis.collections])
    assert len(points) == (table["count"] >= 10).sum()
    found = dose_responses(study[0], tested_runs, replicates=100)
    lines = {line.get_label(): line.get_ydata().tolist() for line in dose_figure(found).axes[0].lines}
    assert lines["one only, add"] == pytest.approx(next(iter(found.values())).band["mean"].tolist())
    with refused("addition"):
        dose_figure({})


def test_the_matrix_is_drawn_with_a_number_a_cell():
    import pandas as pd

    figure = matrix_figure(
        pd.DataFrame(
            {
                "backbone": ["x", "y"],
                "trained_on": ["a", "b"],
                "accuracy_percent/a": [10.0, np.nan],
                "accuracy_percent/b": [1.0, 2.0],
            }
        )
    )
    assert [text.get_text() for text in figure.axes[0].get_xticklabels()] == ["a", "b"]
    assert sorted(text.get_text() for text in figure.axes[0].texts) == ["1", "10", "2"]
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["x, a", "y, b"]
