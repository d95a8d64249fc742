"""The plan: from assumptions to what a study needs, in sentences, tables and a figure."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure

from analysis.experiments.runs_by_experiment import PERCENT
from analysis.experiments.seeds import ExperimentPredictions
from analysis.figures.planning import plan_figure
from analysis.render import render_table
from analysis.study_plan.assumed import with_groups, with_stated
from analysis.study_plan.stated import Stated, check_stated, share
from analysis.tables.pairwise import Pair
from analysis.tables.plan_assumptions import Assumptions, measured_assumptions, stated_assumptions
from analysis.tables.plan_sentences import plan_sentences
from analysis.tables.planning import Prices, Question, Sought, needs_table, options_table, sought, worth_table
from fer.data.attributes import RACE, Attribute
from fer.errors import InputError
from fer.fairness.differences import POWER, SIGNIFICANCE_LEVEL
from fer.fairness.planned_power import GroupTest
from fer.sentinels import AUTO
from fer.text.escaping import markdown

# Of a table in the text and the description; the whole one is a file.
_MOST_ROWS = 12


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
    check_stated(difference, margin, power, level, stated, prices)
    if change and experiments and not pairs:
        raise InputError("a change needs two sides; name the run to compare with, baseline=, or an experiment.")
    if experiments:
        assumed = measured_assumptions(experiments, pairs if change else (), attribute, cluster)
        assumed = with_groups(assumed, groups, attribute)
    else:
        assumed = stated_assumptions(
            groups or ("group 1", "group 2"), share(stated.accuracy, "accuracy"), stated.clips, change
        )
    assumed = with_stated(assumed, stated, change, difference if margin is None else 0.0)
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
