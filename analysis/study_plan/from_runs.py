"""A plan from what runs on the tracking server say."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.experiments.lone_evaluations import with_test_sets
from analysis.experiments.paired_outcomes import check_same_samples
from analysis.experiments.runs_by_experiment import attributes_of, measured_runs
from analysis.experiments.seeds import ExperimentPredictions, by_test_set, predictions_by_experiment
from analysis.fetch.runs import load_cells, load_predictions, load_predictions_of
from analysis.study_plan.plan import StudyPlan, plan_study
from analysis.tables.pairwise import Pair, baseline_pairs
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.evaluation.predictions import of_one_vocabulary
from fer.sentinels import AUTO
from fer.tracking.reading import evaluated_by

GROUPS, CHANGE = "groups", "change"


def plan_from_runs(
    run: Sequence[str] = (),
    baseline: Sequence[str] = (),
    experiment: str | None = None,
    study: str | None = None,
    *,
    question: str = AUTO,
    attribute: Attribute | str | None = None,
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
        attribute: whose groups are compared; None: the first by which the runs were evaluated and that all know, else
            ``race``.
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
        tested, pairs, named = _of_experiment(experiment, study, change)
        by = _attribute(attribute, named, tested)
        return plan_study(tested, pairs, change=change, attribute=by, **asked)
    loaded = of_one_vocabulary({one: load_predictions(one) for one in (*baseline, *run)})
    sides = [_one_model(ids, loaded) for ids in (baseline, run) if ids]
    if len(sides) == 2:
        check_same_samples(sides[0].samples, sides[1].samples)
    pairs = [Pair(sides[0], sides[1])] if len(sides) == 2 else []
    asked_by = [] if attribute is not None else [text for one in (*run, *baseline) for text in evaluated_by(one)]
    by = _attribute(attribute, list(map(Attribute.parse, asked_by)), sides)
    return plan_study(sides, pairs, change=change, attribute=by, **asked)


def _attribute(
    given: Attribute | str | None, named: Sequence[Attribute], sides: Sequence[ExperimentPredictions]
) -> Attribute:
    """Return the attribute given, else the first of those named that all predictions know, else race."""
    if given is not None:
        return Attribute.parse(given)
    tables = [side.samples for side in sides]
    known = (attribute for attribute in named if all(attribute.known_in(table) for table in tables))
    return next(known, RACE)


def _one_model(runs: Sequence[str], loaded: Mapping[str, pd.DataFrame]) -> ExperimentPredictions:
    tables = [loaded[run].sort_values("sample_id", ignore_index=True) for run in runs]
    for table in tables[1:]:
        check_same_samples(tables[0], table)
    return ExperimentPredictions(runs[0], "these faces", tuple(runs), tuple(tables))


def _of_experiment(
    experiment: str, study: str | None, change: bool
) -> tuple[list[ExperimentPredictions], list[Pair], list[Attribute]]:
    """Return the experiments on one test set, their pairs, and by what they were evaluated."""
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
    return list(tested), pairs, attributes_of(cells)
