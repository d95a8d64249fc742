"""Whether a registered model may take another's place: no worse in accuracy and in its worst group, on equal faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.experiments.paired_outcomes import check_same_samples
from analysis.fetch.runs import load_predictions
from analysis.tables.columns import HIGH, LOW, companion
from fer.data.attributes import Attribute
from fer.errors import InputError
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.predictions import vocabulary_of
from fer.evaluation.sentences import p_value
from fer.fairness import paired_equivalence
from fer.sentinels import AUTO
from fer.tracking.registry import RegisteredModel, evaluated_faces, evaluations_of

LEVEL = 0.05
# In points. A larger loss of accuracy, overall or in the worst group, stops a promotion.
MARGIN = 2.0
TESTED = ("accuracy", "accuracy_min")
_IN_WORDS = {"accuracy": "accuracy", "accuracy_min": "the accuracy of its worst group"}


@dataclass(frozen=True)
class Promotion:
    """A decision and what it rests on.

    Attributes:
        candidate: the model that asks for the place.
        champion: the model that holds it; None if nobody does.
        promoted: whether the candidate takes it.
        table: one row per test set and metric (``accuracy``, ``accuracy_min``: the worst group), in percent and points:
            ``test, metric, champion_percent, candidate_percent, difference_points`` with ``_low`` and ``_high`` (90 %),
            ``p_no_worse``, ``shown`` (whether it is at most 5 %). Empty without a champion.
        runs: the evaluations compared, by the test set's title: those of the champion and of the candidate.
        sentences: the decision and its reasons.

    """

    candidate: RegisteredModel
    champion: RegisteredModel | None
    promoted: bool
    table: pd.DataFrame
    runs: Mapping[str, tuple[str, str]]
    sentences: Sequence[str]

    @property
    def evaluations(self) -> list[str]:
        """The ids of the runs compared."""
        return [run for pair in self.runs.values() for run in pair]


def decide_promotion(
    candidate: RegisteredModel,
    champion: RegisteredModel | None,
    attribute: Attribute | None,
    margin: float = MARGIN,
    unit: str = AUTO,
) -> Promotion:
    """Return whether ``candidate`` takes the place of ``champion``.

    Both must have been evaluated on the same faces. On each test set that they share the candidate must be shown to be
    no worse by ``margin`` percentage points, in accuracy and in the accuracy of the worst group of ``attribute`` (None:
    that which the candidate was evaluated by), by :func:`fer.fairness.paired_equivalence` at the 5 % level. All of
    these tests must hold, so none needs a correction (Berger 1982). What cannot be estimated is not shown. Without a
    champion, a candidate that was evaluated takes the place.

    Raises InputError for a margin outside 0..100, a candidate that was not evaluated, and models without a common test.
    """
    if not 0 < margin < 100:
        raise InputError(f"margin {margin:g} is outside 0..100; give the largest loss that does not matter, such as 2.")
    tested = {evaluated_faces(run): run for run in evaluations_of(candidate)}
    if not tested:
        raise InputError(
            f"version {candidate.version} of {candidate.name} was not evaluated; evaluate {candidate.addresses[0]} on "
            "a dataset first."
        )
    if champion is None:
        sentence = (
            f"Version {candidate.version} of {candidate.name} takes the place, which nobody held: nothing was tested."
        )
        return Promotion(candidate, None, True, pd.DataFrame(), {}, [sentence])
    before = {evaluated_faces(run): run for run in evaluations_of(champion)}
    common = [faces for faces in tested if faces in before]
    if not common:
        raise InputError(
            f"versions {champion.version} and {candidate.version} of {candidate.name} were not evaluated on the same "
            f"faces; evaluate both on one dataset and split."
        )
    tables: list[pd.DataFrame] = []
    runs: dict[str, tuple[str, str]] = {}
    for faces in common:
        pair = before[faces], tested[faces]
        title = f"{faces.title} ({len(runs) + 1})" if faces.title in runs else faces.title
        by = attribute or faces.attribute
        if by is None:
            raise InputError(f"the evaluation on {title} has no group; name one by attribute=.")
        runs[title] = pair[0].info.run_id, pair[1].info.run_id
        tables.append(_compared(*runs[title], by, margin, unit).assign(test=title, attribute=str(by)))
    table = pd.concat(tables, ignore_index=True)
    promoted = bool(table["shown"].all())
    lead = "takes" if promoted else "does not take"
    decision = f"Version {candidate.version} of {candidate.name} {lead} the place of version {champion.version}."
    return Promotion(candidate, champion, promoted, table, runs, [decision, *_reasons(table, margin)])


def _compared(first: str, second: str, attribute: Attribute, margin: float, unit: str) -> pd.DataFrame:
    """Return the rows of one test set, without its title."""
    before, after = (load_predictions(run).sort_values("sample_id", ignore_index=True) for run in (first, second))
    check_same_samples(before, after)
    emotions = list(dict.fromkeys([*vocabulary_of(before), *vocabulary_of(after), *before["label"].unique()]))
    found = paired_equivalence(
        before["label"].to_numpy(), before["predicted"].to_numpy(), after["predicted"].to_numpy(),
        sensitive_features=attribute.groups(before, f"the predictions of {first}").to_numpy(),
        clusters=clusters_of(before, unit).units, margin=margin / 100, labels=emotions,
    ).loc[list(TESTED)]  # fmt: skip
    difference = "difference_points"
    return pd.DataFrame(
        {
            "metric": list(TESTED),
            "champion_percent": 100 * found["first"].to_numpy(),
            "candidate_percent": 100 * found["second"].to_numpy(),
            difference: 100 * found["difference"].to_numpy(),
            companion(difference, LOW): 100 * found["low"].to_numpy(),
            companion(difference, HIGH): 100 * found["high"].to_numpy(),
            "p_no_worse": found["p_no_worse"].to_numpy(),
            "shown": (found["p_no_worse"] <= LEVEL).to_numpy(),
        }
    )


def _reasons(table: pd.DataFrame, margin: float) -> list[str]:
    low, high = (companion("difference_points", end) for end in (LOW, HIGH))
    sentences = []
    for row in table.to_dict("records"):
        what = _IN_WORDS[row["metric"]]
        values = f"{row['candidate_percent']:.1f} % after {row['champion_percent']:.1f} %"
        if row["p_no_worse"] != row["p_no_worse"]:
            sentences.append(f"On {row['test']}, {what} ({values}) cannot be compared: a group has too few clusters.")
            continue
        lead = "is no worse" if row["shown"] else "is not shown to be no worse"
        sentences.append(
            f"On {row['test']}, {what} {lead} by more than {margin:g} points: {values}, difference "
            f"{row['difference_points']:+.1f} (90 % CI {row[low]:+.1f} to {row[high]:+.1f}), "
            f"{p_value(row['p_no_worse'])}."
        )
    return sentences
