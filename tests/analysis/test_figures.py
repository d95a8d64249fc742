"""Figures over runs: one bar per group and fraction, one point per experiment, in the tables' numbers."""

import numpy as np
import pandas as pd
import pytest

from analysis import accuracy_by_fraction, group_table, trade_off_figure


def bars(axis):
    """Return heights by group, in the order of the axis' ticks."""
    return {container.get_label(): [bar.get_height() for bar in container] for container in axis.containers
            if hasattr(container, "patches")}  # fmt: skip


def ticks(axis):
    return [label.get_text() for label in axis.get_xticklabels()]


def test_the_papers_bars(published_runs):
    figure = accuracy_by_fraction(published_runs, origin="published")
    assert [axis.get_xlabel() for axis in figure.axes] == [
        "share of eila added to sfew",
        "share of eila added to fer2013",
    ]
    table = group_table(published_runs).set_index("experiment")
    for axis, base in zip(figure.axes, ("SFEW", "FER2013"), strict=True):
        assert ticks(axis) == ["0%", "10%", "30%", "50%", "100%"]
        names = [f"{base} only", *(f"{base} + {share}% EiLA" for share in (10, 30, 50, 100))]
        drawn = bars(axis)
        assert list(drawn) == ["black", "mixed", "white"]
        for group, heights in drawn.items():
            assert heights == pytest.approx(table.loc[names, f"accuracy_percent/{group}"].tolist())
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["black", "mixed", "white"]


def test_a_study_without_an_addition_still_has_bars(make_runs):
    figure = accuracy_by_fraction(make_runs(["a"]))
    assert [axis.get_xlabel() for axis in figure.axes] == ["share of nothing added to one"]
    assert bars(figure.axes[0]) == {"black": [pytest.approx(40)], "white": [pytest.approx(60)]}


def test_seeds_are_one_bar_with_a_whisker(make_runs):
    runs = make_runs(["a", "a", "b"], accuracy=[0.4, 0.6, 0.5], fractions=["0", "0", "0.5"])
    axis = accuracy_by_fraction(runs).axes[0]
    assert bars(axis)["black"] == pytest.approx([40, 40])
    container = next(one for one in axis.containers if one.get_label() == "black")
    low, high = (line[:, 1] for line in container.errorbar.lines[2][0].get_segments())
    assert high[0] == high[1] == pytest.approx(40)
    assert low[1] - low[0] == pytest.approx(2 * np.std([30, 50], ddof=1))


def test_the_trade_off_has_a_point_and_a_label_an_experiment(published_runs):
    axis = trade_off_figure(published_runs).axes[0]
    points = np.concatenate([collection.get_offsets() for collection in axis.collections])
    expected = published_runs[["metrics.test/race/accuracy_std", "metrics.test/accuracy"]].to_numpy() * [1, 100]
    assert sorted(map(tuple, points.round(6))) == sorted(map(tuple, expected.round(6)))
    labels = sorted(text.get_text() for text in axis.texts)
    assert labels == sorted(["only"] * 3 + ["10%", "30%", "50%", "100%"] * 2)
    assert all(len(collection.get_facecolors()) == 0 for collection in axis.collections)
    front = axis.lines[0]
    assert front.get_label() == "Pareto front, published"
    assert front.get_xdata().tolist() == [3.81, 6.16, 6.68, 9.41, 12.2]


def test_measured_points_are_filled_and_have_a_front_of_their_own(published_runs, make_runs):
    runs = pd.concat([published_runs, make_runs(["a", "b"], accuracy=[0.5, 0.4], std=[3.0, 4.0])], ignore_index=True)
    axis = trade_off_figure(runs).axes[0]
    filled = [one for one in axis.collections if len(one.get_facecolors())]
    assert [one.get_label() for one in filled] == ["one, measured"]
    assert len(filled[0].get_offsets()) == 2
    fronts = {line.get_label(): line.get_xdata().tolist() for line in axis.lines}
    assert fronts["Pareto front, measured"] == [3.0]
    assert len(fronts["Pareto front, published"]) == 5


def test_what_is_not_there_is_refused(make_runs, refused):
    with refused("no finished runs"):
        accuracy_by_fraction(make_runs(["a"]).iloc[:0])
    with refused("published"):
        accuracy_by_fraction(make_runs(["a"]), origin="published")
    with refused("'gender'"):
        accuracy_by_fraction(make_runs(["a"]), "gender")
    with refused("'gender'"):
        trade_off_figure(make_runs(["a"]), "gender")


def test_runs_without_an_origin_count_as_measured_as_in_the_tables(make_runs):
    figure = accuracy_by_fraction(make_runs(["a"]).drop(columns="tags.fer.origin"))
    assert bars(figure.axes[0])["white"] == [pytest.approx(60)]


def test_an_arm_of_its_own_has_ticks_of_its_own(make_runs):
    runs = make_runs(["none", "add", "swap"], fractions=["0", "0.1", "0.1"])
    runs.loc[2, "params.arm"] = "swap"
    names = ticks(accuracy_by_fraction(runs).axes[0])
    assert len(set(names)) == 3
