"""Figures of a run: labels and bars agree with the tables."""

import numpy as np
import pandas as pd
import pytest

from fer import figures
from fer.data.emotions import EMOTIONS
from fer.data.samples import count_table


def texts(axis):
    return [text.get_text() for text in axis.texts]


@pytest.mark.parametrize(("count", "height"), [(0, 1.65), (1, 1.65), (4, 1.65), (5, 2.95)])
def test_a_sheet_shows_every_face_with_its_caption_in_rows_of_columns(count, height):
    faces = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 8, 8, 1), np.uint8)
    figure = figures.face_sheet(faces, [f"face {row}" for row in range(count)], columns=4, title="Sheet")
    assert figure.get_size_inches() == pytest.approx([4.6, height])
    (axis,) = figure.axes
    assert [int(image.get_array()[0, 0]) for image in axis.images] == list(range(count))
    assert texts(axis) == [f"face {row}" for row in range(count)]
    lefts = [image.get_extent()[0] for image in axis.images]
    assert lefts[:4] == pytest.approx(1.15 * np.arange(len(lefts[:4])) + 0.04)
    assert lefts[4:] == pytest.approx(lefts[:1][: len(lefts[4:])])
    assert figure.get_suptitle() == "Sheet"


def test_a_wide_face_keeps_its_shape():
    left, right, bottom, top = figures.face_sheet(np.zeros((1, 8, 16, 1), np.uint8)).axes[0].images[0].get_extent()
    assert (right - left) == pytest.approx(2 * abs(bottom - top))


def test_colour_faces_are_drawn_in_colour():
    figure = figures.face_sheet(np.zeros((1, 8, 8, 3), np.uint8))
    assert figure.axes[0].images[0].get_array().shape == (8, 8, 3)


def test_the_distribution_has_one_panel_per_split_and_one_bar_per_emotion(tiny_samples):
    figure = figures.distribution(count_table(tiny_samples(56)), "Counts")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["train: 28", "validation: 14", "test: 14"]
    for axis, height in zip(figure.axes, (4, 2, 2), strict=True):
        assert [bar.get_height() for bar in axis.patches] == [height] * 7
        assert texts(axis) == [str(height)] * 7
    assert [label.get_text() for label in figure.axes[-1].get_xticklabels()] == list(EMOTIONS)


def test_learning_curves_mark_the_phases_and_the_best_epoch():
    names = [f"{part}/{what}" for part in ("train", "validation") for what in ("loss", "accuracy")]
    history = pd.DataFrame({name: [0.1, 0.2, 0.3] for name in names} | {"phase": [0, 0, 1]})
    figure = figures.learning_curves(history, best_epoch=1)
    assert [axis.get_ylabel() for axis in figure.axes] == ["loss", "accuracy"]
    for axis in figure.axes:
        labels = [line.get_label() for line in axis.lines]
        assert labels[:2] == ["train", "validation"]
        assert axis.lines[0].get_xdata().tolist() == [1, 2, 3]
        assert axis.lines[2].get_xdata() == [2.5, 2.5]
        assert labels[3] == "best epoch (2)"
        assert axis.lines[3].get_xdata() == [2, 2]


def test_the_confusion_figure_gives_shares_and_counts_and_leaves_empty_rows_blank():
    counts = pd.DataFrame([[3, 1, 0], [0, 0, 0], [0, 0, 2]], index=["a", "b", "c"], columns=["a", "b", "c"])
    axis = figures.confusion(counts, "Confusion").axes[0]
    assert texts(axis) == ["75%\n3", "25%\n1", "0%\n0", "0%\n0", "0%\n0", "100%\n2"]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["a (4)", "b (0)", "c (2)"]
    assert [label.get_text() for label in axis.get_xticklabels()] == ["a", "b", "c"]


@pytest.fixture
def groups():
    """Return counts and intervals of three groups: many clusters, one, and no face."""
    names = ["all", "white", "black", "mixed"]
    counts = {"faces": [101, 100, 1, 0], "persons": [4, 3, 1, 0], "clips": [4, 3, 1, 0], "clusters": [3, 2, 1, 0]}
    rows = {
        (group, metric): (value, value - 0.1 if sure else np.nan, value + 0.2 if sure else np.nan)
        for group, accuracy, sure in (("all", 0.3, True), ("white", 0.25, True), ("black", 1.0, False))
        for metric, value in (("accuracy", accuracy), ("f1_weighted", accuracy - 0.05))
    } | {("mixed", metric): (np.nan,) * 3 for metric in ("accuracy", "f1_weighted")}
    intervals = pd.DataFrame.from_dict(rows, orient="index", columns=["estimate", "low", "high"])
    intervals.index = pd.MultiIndex.from_tuples(list(rows))
    return pd.DataFrame(counts, index=names), intervals


def test_group_bars_show_intervals_and_how_few_they_rest_on(groups):
    axis = figures.group_bars(*groups, "race", "Groups", "blocks").axes[0]
    assert [bar.get_height() for bar in axis.patches[:2]] == [25, 100]
    assert [bar.get_height() for bar in axis.patches[3:5]] == pytest.approx([20, 95])
    names = [label.get_text() for label in axis.get_xticklabels()]
    assert names == [
        "white\n100 faces\n3 persons, 3 clips\n2 clusters",
        "black\n1 face\n1 person, 1 clip\n1 cluster",
        "mixed\n0 faces\n0 persons, 0 clips\n0 clusters",
    ]
    assert axis.get_xlabel() == "race (bars: 95 % interval over blocks)"


def test_a_bar_has_its_own_interval_or_says_that_it_has_none(groups):
    axis = figures.group_bars(*groups, "race", "Groups", "blocks").axes[0]
    accuracy = axis.containers[1] if axis.containers[1].has_yerr else axis.containers[0]
    segments = accuracy[2][0].get_segments()
    assert len(segments) == 1
    assert segments[0][:, 1].tolist() == pytest.approx([15, 45])
    assert texts(axis).count("no\ninterval") == 2


def test_group_bars_without_known_persons_name_faces_and_clusters(groups):
    counts, intervals = groups
    axis = figures.group_bars(counts[["faces", "clusters"]], intervals, "race", "Groups", "samples").axes[0]
    assert axis.get_xticklabels()[0].get_text() == "white\n100 faces\n2 clusters"


def test_robustness_has_one_panel_per_corruption_and_one_line_per_group():
    rows = [
        (kind, severity, group, (0.9 - 0.1 * severity * (group == "b")) * (0.5 if kind == "blur" else 1))
        for kind in ("blur", "noise", "jpeg", "resolution", "occlusion")
        for severity in range(6)
        for group in "ab"
    ]
    table = pd.DataFrame(rows, columns=["perturbation", "severity", "group", "accuracy"])
    table = table.assign(low=table["accuracy"] - 0.05, high=table["accuracy"] + 0.05)
    table.loc[table["group"] == "a", ["low", "high"]] = None
    figure = figures.robustness(table, "race", "Test")
    panels = [axis for axis in figure.axes if axis.axison]
    assert [axis.get_title(loc="left") for axis in panels] == ["blur", "noise", "jpeg", "resolution", "occlusion"]
    for axis in panels:
        assert [line.get_label() for line in axis.lines] == ["a", "b"]
    assert panels[1].lines[1].get_ydata().tolist() == pytest.approx([90, 80, 70, 60, 50, 40])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]
    # The first panel's lines are low: the common limits are not set by it alone.
    assert panels[0].get_ylim()[0] == 0 and panels[0].get_ylim()[1] >= 95
