"""Plan a study: how many clips, persons, frames and seeds it needs (the entry point ``plan``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.experiments.lone_evaluations import with_test_sets
from analysis.experiments.paired_outcomes import check_same_samples
from analysis.experiments.runs_by_experiment import PERCENT, measured_runs
from analysis.experiments.seeds import ExperimentPredictions, by_test_set, predictions_by_experiment
from analysis.fetch.runs import load_cells, load_predictions, load_predictions_of
from analysis.figures.planning import plan_figure
from analysis.render import render_table
from analysis.tables.pairwise import Pair, baseline_pairs
from analysis.tables.plan_assumptions import Assumptions, equal_clips, measured_assumptions, stated_assumptions
from analysis.tables.plan_sentences import plan_sentences
from analysis.tables.planning import Prices, Question, Sought, needs_table, options_table, sought, worth_table
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.predictions import of_one_vocabulary
from fer.fairness.differences import POWER, SIGNIFICANCE_LEVEL
from fer.fairness.group_design import Correlations
from fer.fairness.planned_power import GroupTest
from fer.sentinels import AUTO
from fer.text.escaping import markdown

GROUPS, CHANGE = "groups", "change"
# Of a table in the text and the description; the whole one is a file.
_MOST_ROWS = 12


@dataclass(frozen=True)
class Stated:
    """What a user states of the planned study; None is taken from the runs, or is as the field says.

    Shares are in percent, differences in points.

    Attributes:
        accuracy: mean accuracy of the groups.
        clip_correlation: of the answers on two frames of one clip, 0..1; without runs 0.3. Where persons are in several
            clips, what the clip adds to the person.
        person_correlation: of the answers on two clips of one person, 0..1; without runs 0.
        seed_deviation: standard deviation of accuracy over trainings, in points; without runs 0.
        disagreement: share of faces on which exactly one of the two models is right; without runs that of two models
            that fail independently, the most that is likely.
        clips: clips of each group now, such as (8, 60).
        frames: per clip; without runs 10.
        clips_per_person: without runs 1.
        seeds: trainings per side of a change.
        comparisons: number of comparisons that are corrected together; without runs 1.

    Example:
        >>> Stated(accuracy=70, clips=(8, 60)).frames is None  # Then 10 per clip are assumed.
        True

    """

    accuracy: float | None = None
    clip_correlation: float | None = None
    person_correlation: float | None = None
    seed_deviation: float | None = None
    disagreement: float | None = None
    clips: tuple[int, ...] = ()
    frames: int | None = None
    clips_per_person: float | None = None
    seeds: int | None = None
    comparisons: int | None = None


@dataclass(frozen=True)
class StudyPlan:
    """A plan: sentences, and three tables as :mod:`analysis.tables.planning` describes them.

    Attributes:
        title: what is planned.
        sentences: the answer, then its limits.
        needs: what each pair of groups (each group, for a change) needs; the most demanding first.
        options: other designs for the pair that needs most.
        worth: what further faces are worth to it; empty without runs and stated clips.
        figure: the detectable difference against the number of clips.
        assumptions: by name, what was assumed.

    Example:
        >>> plan = plan_study(stated=Stated(accuracy=70, clips=(8, 60)), difference=20)
        >>> list(plan.tables())
        ['What is needed', 'Other designs', 'What further faces are worth']

    """

    title: str
    sentences: tuple[str, ...]
    needs: pd.DataFrame
    options: pd.DataFrame
    worth: pd.DataFrame
    figure: Figure
    assumptions: dict[str, object]

    def metrics(self) -> dict[str, float]:
        """Return the figures of the first row of ``needs``; what is not known is left out."""
        row = self.needs.iloc[0].drop(["group", "other"], errors="ignore")
        numbers = pd.to_numeric(row, errors="coerce").dropna()
        return {str(name): float(value) for name, value in numbers.items()}

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the first rows of the tables that have any, by their titles."""
        named = {
            "What is needed": self.needs,
            "Other designs": self.options,
            "What further faces are worth": self.worth,
        }
        return {name: table.head(_MOST_ROWS) for name, table in named.items() if len(table)}

    def text(self, form: str = "text") -> str:
        """Return the plan as text for a terminal, its tables in ``form``."""
        tables = [f"{name}\n\n{render_table(table, form)}" for name, table in self.tables().items()]
        return "\n\n".join([self.title, "\n".join(self.sentences), *tables])

    def description(self) -> str:
        """Return the plan as Markdown, for the page of its run."""
        tables = [f"**{name}**\n\n{render_table(table, 'markdown')}" for name, table in self.tables().items()]
        return "\n\n".join([*map(markdown, self.sentences), *tables])


def plan_study(
    experiments: Sequence[ExperimentPredictions] = (),
    pairs: Sequence[Pair] = (),
    *,
    attribute: Attribute | str = RACE,
    groups: Sequence[str] = (),
    change: bool = False,
    difference: float = 10.0,
    margin: float | None = None,
    power: float = POWER,
    level: float = SIGNIFICANCE_LEVEL,
    stated: Stated | None = None,
    prices: Prices | None = None,
    cluster: str = AUTO,
) -> StudyPlan:
    """Return how many clips, persons, frames and seeds a study needs.

    From earlier runs' own variance, or from stated values, which replace those of the runs. The test is the report's:
    the score test of a difference between groups, the paired comparison of a change.

    Args:
        experiments: predictions of runs on one test set (:func:`analysis.predictions_by_experiment`); their accuracies
            and variance are averaged. Without them all is stated.
        pairs: pairs of experiments, for a change.
        attribute: whose groups are compared.
        groups: the groups to plan for, by default all; without runs their names.
        change: plan for a change between two models or mixtures on the same faces, in place of a difference between
            groups.
        difference: the difference or change to be seen, in points.
        margin: show instead that there is none as large (non-inferiority), in points; one-sided.
        power: probability of seeing it, 0..1.
        level: significance level, 0..1.
        stated: what replaces the runs' values.
        prices: of one more frame, clip and person; the cheapest design is then marked.
        cluster: a column that takes the place of clips and persons, or ``sample``.

    Raises InputError for values out of range, groups that do not exist, and a difference that the accuracy leaves no
    room for.

    Example:
        >>> plan = plan_study(stated=Stated(accuracy=70, clip_correlation=0.3, clips=(8, 60)), difference=20)
        >>> print(plan.sentences[0])  # doctest: +ELLIPSIS
        To see a difference of 20 points between group 1 and group 2 with 80 % power at the 5 % level, group 1 needs ...

    """
    stated, prices = stated or Stated(), prices or Prices()
    attribute = Attribute.parse(attribute)
    _check(difference, margin, power, level, stated, prices)
    if change and experiments and not pairs:
        raise InputError("a change needs two sides; name the run to compare with, baseline=, or an experiment.")
    if experiments:
        assumed = measured_assumptions(experiments, pairs if change else (), attribute, cluster)
        assumed = _kept(assumed, groups, attribute)
    else:
        assumed = stated_assumptions(
            groups or ("group 1", "group 2"), _share(stated.accuracy, "accuracy"), stated.clips, change
        )
    assumed = _replaced(assumed, stated, change, difference if margin is None else 0.0)
    test = GroupTest(level, assumed.comparisons, None if margin is None else margin / PERCENT)
    question = Question(difference / PERCENT, test, power)
    rows = sought(assumed, question)
    if not any(row.possible for row in rows):
        raise InputError(_impossible(rows[0]))
    rows = _hardest_first(rows)
    needs, hardest = needs_table(rows), rows[0]
    options, worth = options_table(hardest, prices), worth_table(hardest)
    sentences = plan_sentences(rows, needs, hardest, options, worth)
    figure = plan_figure(hardest, rows)
    return StudyPlan(_title(question, change), tuple(sentences), needs, options, worth, figure, _assumptions(assumed))


def _hardest_first(rows: Sequence[Sought]) -> list[Sought]:
    """Return the rows by what they need, the most first, and those that are impossible last; a change as it is."""
    if rows[0].paired:
        return list(rows)
    return sorted(rows, key=lambda row: -row.needed(row.assumed.shape) if row.possible else 1.0)


def _title(question: Question, change: bool) -> str:
    what = "change" if change else "difference between groups"
    if question.test.margin is None:
        return f"Plan: a {what} of {PERCENT * question.difference:g} points"
    worse = "the change costs no" if change else "no group is worse by"
    return f"Plan: to show that {worse} {PERCENT * question.test.margin:g} points"


def _kept(assumed: Assumptions, groups: Sequence[str], attribute: Attribute) -> Assumptions:
    names = [group.name for group in assumed.groups]
    missing = [name for name in groups if name not in names]
    if missing:
        raise InputError(f"no group of {attribute} is named {missing[0]!r}; the groups are {', '.join(names)}.")
    if len(groups) == 1 and assumed.change is None:
        raise InputError(f"groups= names {groups[0]!r} alone; name two or more, or leave it out for all.")
    wanted = [group for group in assumed.groups if not groups or group.name in groups]
    return replace(assumed, groups=tuple(wanted))


def _replaced(assumed: Assumptions, stated: Stated, change: bool, difference: float) -> Assumptions:
    """Return the assumptions with the stated values in place of the runs'."""
    shape, unit = assumed.shape, assumed.unit
    if stated.frames is not None:
        shape = replace(shape, frames=float(stated.frames))
    if stated.clips_per_person is not None:
        shape = replace(shape, clips_per_person=stated.clips_per_person)
    known = assumed.change_correlations if change else assumed.correlations
    person = known.person if stated.person_correlation is None else stated.person_correlation
    clip = known.clip if stated.clip_correlation is None else stated.clip_correlation
    within = known.person_in_clip if stated.clip_correlation is None else 0.0
    if person + clip + within > 1:
        raise InputError("clip_correlation and person_correlation add up to more than 1; state what the clip adds.")
    correlations = Correlations(person, clip, within)
    groups, everyone = assumed.groups, assumed.everyone
    if stated.clips:
        groups = tuple(equal_clips(group, group.clips, shape) for group in groups)
        everyone = None if everyone is None else equal_clips(everyone, everyone.clips, shape)
    if stated.accuracy is not None:
        accuracy = _share(stated.accuracy, "accuracy")
        groups = tuple(replace(group, accuracy=accuracy) for group in groups)
        everyone = None if everyone is None else replace(everyone, accuracy=accuracy)
    sides = assumed.change
    if change and sides is not None:
        sides = replace(
            sides,
            disagreement=sides.disagreement if stated.disagreement is None else stated.disagreement / PERCENT,
            seeds=stated.seeds or sides.seeds,
            accuracy=sides.accuracy if everyone is None else everyone.accuracy,
            seed_deviation=sides.seed_deviation if stated.seed_deviation is None else stated.seed_deviation / PERCENT,
        )
        if np.isnan(sides.disagreement) and everyone is not None:
            after = min(everyone.accuracy + difference / PERCENT, 1.0)
            both = everyone.accuracy * after
            sides = replace(sides, disagreement=everyone.accuracy + after - 2 * both)
    return replace(
        assumed,
        unit=unit,
        shape=shape,
        groups=groups,
        everyone=everyone,
        correlations=assumed.correlations if change else correlations,
        change_correlations=correlations if change else assumed.change_correlations,
        change=sides,
        comparisons=stated.comparisons or assumed.comparisons,
        persons_known=assumed.persons_known or bool(stated.person_correlation) or shape.clips_per_person > 1,
    )


def _impossible(row: Sought) -> str:
    asked = PERCENT * row.question.difference
    if row.paired and row.assumed.change is not None:
        most = PERCENT * row.assumed.change.disagreement
        return (
            f"difference {asked:g} is larger than the share of faces on which the two disagree, {most:.1f} %; ask for "
            "a smaller change, or state disagreement=."
        )
    if row.question.test.margin is not None:
        return f"at an accuracy of {PERCENT * row.accuracy:.1f} % nothing varies; state accuracy= to plan with another."
    most = 2 * PERCENT * min(row.accuracy, 1 - row.accuracy)
    return (
        f"difference {asked:g} is impossible: at a mean accuracy of {PERCENT * row.accuracy:.1f} % two groups differ "
        f"by less than {most:.1f} points; ask for less."
    )


def _share(percent: float | None, name: str) -> float:
    if percent is None:
        raise InputError(f"{name}= is missing; state it in percent, or give run= or experiment=.")
    return percent / PERCENT


def _check(difference: float, margin: float | None, power: float, level: float, stated: Stated, prices: Prices) -> None:
    """Raise InputError for a value out of its range."""
    shares = {"power": power, "level": level, "clip_correlation": stated.clip_correlation,
              "person_correlation": stated.person_correlation}  # fmt: skip
    for name, value in shares.items():
        least = 0.0 if name.endswith("correlation") else np.nextafter(0, 1)
        if value is not None and not least <= value < 1:
            raise InputError(f"{name} {value:g} is not a share of 1; give a number such as 0.3.")
    if power <= level:
        raise InputError(f"power {power:g} is not above the level {level:g}, which chance alone reaches; give more.")
    points = {"difference": difference, "margin": margin, "accuracy": stated.accuracy,
              "disagreement": stated.disagreement}  # fmt: skip
    for name, value in points.items():
        if value is not None and not 0 < value < PERCENT:
            raise InputError(f"{name} {value:g} is not between 0 and 100; it is in percent or points, such as 5.")
    if stated.accuracy is not None and stated.accuracy <= 1:
        raise InputError(
            f"accuracy {stated.accuracy:g} is at most 1 %; write a share of {stated.accuracy:g} in percent."
        )
    if stated.seed_deviation is not None and not 0 <= stated.seed_deviation < PERCENT:
        raise InputError(f"seed_deviation {stated.seed_deviation:g} is not between 0 and 100; it is in points.")
    counts: dict[str, float | None] = {
        "frames": stated.frames,
        "clips_per_person": stated.clips_per_person,
        "seeds": stated.seeds,
        "comparisons": stated.comparisons,
    }
    counts |= {f"clips of group {at}": count for at, count in enumerate(stated.clips, 1)}
    for name, count in counts.items():
        if count is not None and not count >= 1:
            raise InputError(f"{name} {count:g} is less than 1; give 1 or more.")
    for name in ("frame", "clip", "person"):
        if not 0 <= getattr(prices, name) < np.inf:
            raise InputError(f"cost_{name} {getattr(prices, name):g} is no price; give 0 or more.")


def _assumptions(assumed: Assumptions) -> dict[str, object]:
    correlations = assumed.correlations if assumed.change is None else assumed.change_correlations
    found: dict[str, object] = {
        "comparisons": assumed.comparisons,
        "frames_per_clip": assumed.shape.frames,
        "clips_per_person": assumed.shape.clips_per_person,
        "correlation_person": correlations.person,
        "correlation_clip": correlations.clip,
        "correlation_person_in_clip": correlations.person_in_clip,
    }
    if assumed.change is not None:
        found |= {
            "disagreement_percent": PERCENT * assumed.change.disagreement,
            "seeds": assumed.change.seeds,
            "seed_deviation_points": PERCENT * assumed.change.seed_deviation,
        }
    return found


def plan_from_runs(
    run: Sequence[str] = (),
    baseline: Sequence[str] = (),
    experiment: str | None = None,
    study: str | None = None,
    *,
    question: str = AUTO,
    **asked: Any,
) -> StudyPlan:
    """Return :func:`plan_study` of what runs on the server say, or without runs of stated values alone.

    Args:
        run: ids of an evaluate run or a cell; several are the seeds of one model.
        baseline: of the other side of a change.
        experiment: all measured cells of this experiment, in place of ``run``; for a change each mixture against its
            base alone. Of several test sets the one with the most experiments.
        study: only cells of this study.
        question: ``groups``, ``change`` or ``auto``, a change where a baseline is given.
        asked: the other arguments of :func:`plan_study`.

    Raises InputError for runs without predictions, on different faces, and arguments that contradict each other.

    """
    if question not in (AUTO, GROUPS, CHANGE):
        raise InputError(f"unknown question {question!r}; use {GROUPS}, {CHANGE} or {AUTO}.")
    if run and experiment:
        raise InputError("run= and experiment= are both given; keep one of them.")
    if (baseline or study) and not (run or experiment):
        raise InputError(f"{'baseline' if baseline else 'study'}= is given without runs to learn from; give run= too.")
    if baseline and (experiment or question == GROUPS):
        raise InputError("baseline= goes with run= and question=change; leave it out.")
    if asked.get("stated") and asked["stated"].clips and (run or experiment):
        raise InputError("clips= is for a plan without runs, which have clips of their own; leave it out.")
    change = question == CHANGE or bool(baseline)
    if experiment:
        tested, pairs = _of_experiment(experiment, study, change)
        return plan_study(tested, pairs, change=change, **asked)
    loaded = of_one_vocabulary({one: load_predictions(one) for one in (*baseline, *run)})
    sides = [_one_model(ids, loaded) for ids in (baseline, run) if ids]
    if len(sides) == 2:
        check_same_samples(sides[0].samples, sides[1].samples)
    return plan_study(sides, [Pair(sides[0], sides[1])] if len(sides) == 2 else (), change=change, **asked)


def _one_model(runs: Sequence[str], loaded: Mapping[str, pd.DataFrame]) -> ExperimentPredictions:
    tables = [loaded[run].sort_values("sample_id", ignore_index=True) for run in runs]
    for table in tables[1:]:
        check_same_samples(tables[0], table)
    return ExperimentPredictions(runs[0], "these faces", tuple(runs), tuple(tables))


def _of_experiment(experiment: str, study: str | None, change: bool) -> tuple[list[ExperimentPredictions], list[Pair]]:
    cells = measured_runs(load_cells(experiment, study))
    lacking: dict[str, str] = {}
    predictions = load_predictions_of(cells["run_id"], lacking=lacking)
    found = predictions_by_experiment(with_test_sets(cells, predictions), predictions)
    if not found:
        reason = next(iter(lacking.values()), "it has no measured cells")
        raise InputError(f"no cell of {experiment} has predictions to learn from: {reason}")
    tested = max(by_test_set(found).values(), key=len)
    pairs = [pair for pair in baseline_pairs(cells, found) if pair.before in tested] if change else []
    if change and not pairs:
        raise InputError(f"{experiment} has no mixture beside its base alone; name two runs by run= and baseline=.")
    return list(tested), pairs
