"""A plan in numbers and sentences: from runs, from stated values, and where something is missing or impossible."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analysis import Stated, plan_study, predictions_by_experiment
from analysis.experiments.examples import example_predictions, example_runs
from analysis.experiments.seeds import ExperimentPredictions
from analysis.study_plan import from_runs, plan_from_runs
from analysis.study_plan import plan as plan_module
from analysis.tables.pairwise import Pair, baseline_pairs
from analysis.tables.planning import Prices
from entrypoints.reporting import plan_record
from fer.fairness import minimum_detectable_difference
from fer.synthetic.predictions import draw_predictions


@pytest.fixture(scope="module")
def tested():
    return predictions_by_experiment(example_runs(), example_predictions())


@pytest.fixture(autouse=True)
def figure(request, monkeypatch):
    """Draw no figure but in the tests that look at it."""
    if "record" not in request.node.name:
        monkeypatch.setattr(plan_module, "plan_figure", lambda *_: Figure())


def experiment(accuracy, samples=60, clips=None, **columns):
    table = draw_predictions(accuracy, samples, clips or dict.fromkeys(accuracy, 12))
    return ExperimentPredictions("one", "these faces", ("a",), (table.assign(**columns),))


def test_the_answer_names_the_group_that_needs_clips_and_the_tables_have_its_numbers():
    plan = plan_study(stated=Stated(accuracy=70, clip_correlation=0.3, clips=(8, 60)), difference=20)
    [row] = plan.needs.to_dict("records")
    answer = re.match(
        r".* 80 % power at the 5 % level, group 1 needs (\d+) clips of 10 frames \(now 8\)", plan.sentences[0]
    )
    assert int(answer[1]) == row["clips_needed"]
    assert plan.sentences[0].endswith("group 2 has enough (60).")
    assert 8 < row["clips_needed"] < 60 and row["faces_needed"] == 10 * row["clips_needed"]
    twice = plan.options.set_index("frames_per_clip").loc[20, "clips_needed"]
    assert (
        f"to 20 brings this number only to {twice}: frames of one clip are near copies (correlation 0.30)."
        in plan.text()
    )
    worth = plan.worth.set_index("step")["lowers_by_points"]
    assert worth["twice the clips"] > 3 * worth["twice the frames per clip"] > 0
    assert (plan.worth["faces_added"] == 80).all()


def test_a_plan_from_runs_takes_their_variance_and_the_family_of_the_report(tested):
    plan = plan_study(list(tested.values()), difference=20)
    row = plan.needs.iloc[0]
    assert (row["group"], row["other"], row["clips_now"]) == ("black", "white", "8, 16")
    assert plan.assumptions["comparisons"] == 2
    assert plan.assumptions["correlation_clip"] == pytest.approx(0.37, abs=0.03)
    # What the formula of the report says at the accuracies that far apart.
    half, relative = row["detectable_points"] / 200, [(0.37 + 0.63 / 5) / clips for clips in (8, 16)]
    shares = [row["accuracy_percent"] / 100 + sign * half for sign in (-1, 1)]
    errors = [np.sqrt(share * (1 - share) * each) for share, each in zip(shares, relative, strict=True)]
    formula = minimum_detectable_difference(*errors, degrees_of_freedom=12, comparisons=2)
    assert row["detectable_points"] == pytest.approx(100 * formula, abs=4)
    assert "Each person is in one clip" in plan.text()
    replaced = plan_study(list(tested.values()), difference=20, stated=Stated(clip_correlation=0.1, comparisons=1))
    assert replaced.needs["clips_needed"].iloc[0] < row["clips_needed"]


def test_a_change_is_planned_for_all_faces_and_each_group_with_more_seeds(tested):
    pairs = baseline_pairs(example_runs(), tested)
    plan = plan_study(list(tested.values()), pairs, change=True, difference=10)
    assert list(plan.needs["group"]) == ["all", "black", "white"]
    assert plan.assumptions["seeds"] == 2
    by_seeds = plan.options[plan.options["frames_per_clip"] == 5].set_index("seeds")["clips_needed"]
    assert by_seeds.is_monotonic_decreasing and {2, 3, 5, 10} == set(by_seeds.index)
    assert "estimated from 2 seeds per side" in plan.text()
    one = [
        ExperimentPredictions(each.experiment, each.test, each.runs[:1], each.tables[:1]) for each in tested.values()
    ]
    alone = plan_study(one, [Pair(*one)], change=True, difference=10)
    assert "about two trained models" in alone.text()


def test_seeds_that_vary_too_much_are_said_to_be_what_is_missing():
    stated = Stated(accuracy=70, seeds=3, seed_deviation=3)
    plan = plan_study(change=True, difference=5, stated=stated)
    assert "no number of clips is enough: with 3 seeds per side, accuracy varies by 3.0 points" in plan.sentences[0]
    assert plan.needs["clips_needed"].isna().all()
    assert plan.options.groupby("seeds")["clips_needed"].min()[10] > 0


def test_prices_mark_the_cheapest_design_of_all():
    dear_frames = plan_study(stated=Stated(accuracy=70), difference=15, prices=Prices(frame=10, clip=1))
    dear_clips = plan_study(stated=Stated(accuracy=70), difference=15, prices=Prices(frame=0.1, clip=100))
    cheapest = [one.options[one.options["cheapest"]].iloc[0] for one in (dear_frames, dear_clips)]
    assert cheapest[0]["frames_per_clip"] < cheapest[1]["frames_per_clip"]
    assert cheapest[0]["cost"] == dear_frames.options["cost"].min()
    # Two groups, from nothing.
    row = cheapest[1]
    assert row["cost"] == pytest.approx(2 * (100 * row["clips_needed"] + 0.1 * row["faces_needed"]), abs=1)
    stated = Stated(accuracy=70, person_correlation=0.1, clip_correlation=0.1)
    persons = plan_study(stated=stated, prices=Prices(1, 1, 100), difference=15)
    assert persons.options[persons.options["cheapest"]]["clips_per_person"].iloc[0] > 1
    assert "At these prices the cheapest design costs" in persons.text()


def test_no_difference_is_planned_by_its_margin():
    plan = plan_study(stated=Stated(accuracy=90, clip_correlation=0.2), margin=5)
    assert plan.title == "Plan: to show that no group is worse by 5 points"
    assert "that group 2 is less than 5 points worse than group 1, if it is as good, with 80 % power" in plan.text()
    assert plan.needs["clips_needed"].iloc[0] > 50


def test_a_group_of_one_clip_and_faces_without_clips_are_named():
    few = plan_study([experiment({"black": 0.5, "white": 0.7}, clips={"black": 1, "white": 12})], difference=30)
    assert "black has one clip: what its clips vary by is taken from the other groups." in few.sentences
    assert "Now nothing can be said: black has fewer than two independent clips." in few.sentences
    bare = plan_study([experiment({"black": 0.5, "white": 0.7}, clip=None, person=None)], difference=20)
    assert "No clips and no persons are recorded" in bare.text()
    assert list(bare.needs)[-1] == "faces_needed"


def test_groups_that_are_always_right_have_no_correlation_and_no_room():
    sure = experiment({"black": 1.0, "white": 1.0})
    with pytest.raises(ValueError, match=r"at a mean accuracy of 100\.0 % two groups differ"):
        plan_study([sure], difference=5)
    stated = plan_study([sure], difference=5, stated=Stated(accuracy=95))
    assert "The correlation within clips cannot be estimated" in stated.text()


def test_a_correlation_of_0_and_shared_clips_are_said(tested):
    stream = np.random.default_rng(0)
    table = draw_predictions({"black": 0.6, "white": 0.7}, 60, {"black": 12, "white": 12})
    right = stream.permuted(np.tile([1, 1, 1, 0, 0], (24, 1)), axis=1).ravel().astype(bool)
    table = table.assign(predicted=np.where(right, table["label"], "none"), person=None)
    table["clip"] = np.tile(np.repeat(np.arange(12), 5), 2)
    other = table["label"].map({"happy": "sad"}).fillna("happy")
    table["predicted"] = table["label"].where(right, other)
    plan = plan_study([ExperimentPredictions("one", "these", ("a",), (table,))], difference=20)
    assert "The correlation within clips is estimated at 0" in plan.text()
    assert "black and white are partly in the same clips" in plan.text()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"difference": 0}, "difference 0 is not between 0 and 100"),
        ({"stated": Stated(accuracy=0.7)}, "accuracy 0.7 is at most 1 %"),
        ({"power": 0.04}, "power 0.04 is not above the level 0.05"),
        ({"stated": Stated(accuracy=70, clip_correlation=1.2)}, "clip_correlation 1.2 is not a share of 1"),
        ({"stated": Stated(accuracy=70, frames=0)}, "frames 0 is less than 1"),
        ({"stated": Stated(accuracy=70, clips=(8,))}, "clips= has 1 numbers for 2 groups"),
        ({"stated": Stated()}, "accuracy= is missing"),
        ({"stated": Stated(accuracy=95)}, "leaves room|differ by less than 10.0 points"),
        ({"stated": Stated(accuracy=70), "prices": Prices(-1)}, "cost_frame -1 is no price"),
        ({"stated": Stated(accuracy=70, disagreement=4), "change": True}, "larger than the share of faces"),
        ({"stated": Stated(accuracy=70), "groups": ("black",)}, "groups= names one group"),
        ({"stated": Stated(accuracy=70, clip_correlation=0.8, person_correlation=0.5)}, "add up to more than 1"),
    ],
)
def test_what_cannot_be_planned_is_one_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        plan_study(**{"difference": 10.0, **arguments})


def test_groups_of_the_runs_are_chosen_by_name(tested):
    with pytest.raises(ValueError, match="no group of race is named 'green'; the groups are black, white"):
        plan_study(list(tested.values()), groups=("green", "black"))
    with pytest.raises(ValueError, match="names 'black' alone"):
        plan_study(list(tested.values()), groups=("black",))
    with pytest.raises(ValueError, match="a change needs two sides"):
        plan_study(list(tested.values()), change=True)


def test_the_record_has_the_plan_of_groups_of_any_name():
    table = draw_predictions({"a|b": 0.6, "$x$_": 0.7}, 60, {"a|b": 12, "$x$_": 12})
    plan = plan_study([ExperimentPredictions("one", "these", ("a",), (table,))], difference=20)
    record = plan_record(plan)
    assert set(record.tables) == {"plan/needs.csv", "plan/designs.csv", "plan/worth.csv"}
    assert record.metrics["plan/clips_needed"] == plan.needs["clips_needed"].iloc[0]
    assert {name.partition("_")[0] for name in record.parameters} == {"assumed"}
    assert "a\\|b" in record.description
    assert len(record.figures["plan/detectable.png"].axes[0].lines) >= 5


def test_an_experiment_s_cells_are_read_together(monkeypatch):
    runs, predictions = example_runs(), example_predictions()
    monkeypatch.setattr(from_runs, "load_cells", lambda *_: runs)
    monkeypatch.setattr(from_runs, "load_predictions_of", lambda ids, lacking: {run: predictions[run] for run in ids})
    monkeypatch.setattr(from_runs, "load_predictions", predictions.__getitem__)
    monkeypatch.setattr(from_runs, "evaluated_by", lambda run: [])
    together = plan_from_runs(experiment="example", difference=20.0)
    assert together.assumptions["comparisons"] == 2
    assert plan_from_runs(experiment="example", question="change", difference=15.0).assumptions["comparisons"] == 4
    ids = list(runs["run_id"])
    seeds = plan_from_runs(ids[2:4], ids[:2], difference=15.0)
    assert seeds.assumptions["seeds"] == 2
    for arguments, sentence in (
        ({"run": ids[:1], "experiment": "example"}, "both given"),
        ({"baseline": ids[:1]}, "baseline= is given without runs"),
        ({"run": ids[:1], "question": "what"}, "unknown question 'what'"),
        ({"run": ids[:1], "baseline": ids[:1], "question": "groups"}, "baseline= goes with"),
        ({"run": ids[:1], "stated": Stated(clips=(3, 4))}, "clips= is for a plan without runs"),
    ):
        with pytest.raises(ValueError, match=sentence):
            plan_from_runs(**arguments)


def test_the_attribute_is_the_first_of_the_evaluations_that_all_know(monkeypatch):
    table = draw_predictions({"north": 0.6, "south": 0.7}, 60, {"north": 12, "south": 12})
    table = table.assign(village=table["race"])
    monkeypatch.setattr(from_runs, "load_predictions", {"one": table}.__getitem__)
    monkeypatch.setattr(from_runs, "evaluated_by", lambda run: ["hair", "village", "race"])
    asked = []
    monkeypatch.setattr(from_runs, "plan_study", lambda *_, attribute, **__: asked.append(str(attribute)))
    plan_from_runs(["one"])
    plan_from_runs(["one"], attribute="race*village")
    assert asked == ["village", "race*village"]


def test_many_pairs_are_shown_in_part(monkeypatch):
    monkeypatch.setattr(plan_module, "_MOST_ROWS", 2)
    plan = plan_study(stated=Stated(accuracy=70), groups=("a", "b", "c"), difference=30)
    assert len(plan.needs) == 3
    assert isinstance(plan.needs, pd.DataFrame)
    assert len(plan.tables()["What is needed"]) == 2
