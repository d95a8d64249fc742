"""What a model loses when it is converted to another format or precision: overall, and by group.

Both predict the same faces, so every difference is paired. See :mod:`fer.export`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from fer.data.attributes import ALL
from fer.evaluation.evaluation import EvaluationSet
from fer.evaluation.predictions import arrays_of
from fer.evaluation.sentences import POINTS, confidence_interval, counted
from fer.fairness import paired_comparison

# A change that no table shows with one digit is not worth a sentence.
_LEAST = 0.05 / POINTS
# A group may not be named "all".
_EVERYONE = "everyone"
_COLUMNS = ["attribute", "group", "other", "faces", "original", "converted", "difference", "low", "high", "p"]


@dataclass(frozen=True)
class ConversionCheck:
    """A converted model beside the original one, on n faces.

    Attributes:
        title: the converted model's name for people, such as "ONNX int8".
        largest_difference: of the probabilities of an emotion of a face, 0..1.
        changed: number of faces that are predicted as another emotion.
        accuracy: one row for all faces (``attribute`` and ``group`` are "all"), one per group, and one per pair of
            groups of an attribute (``other`` is the second). Columns ``faces`` (int; of a pair, of both), ``original``,
            ``converted`` (accuracy, or first group minus second, in 0..1 and -1..1), ``difference`` (converted minus
            original), ``low`` and ``high`` (its paired 95 % interval, see :func:`fer.fairness.paired_comparison`) and
            ``p``; NaN where they cannot be estimated, and for a group without faces.

    """

    title: str
    largest_difference: float
    changed: int
    accuracy: pd.DataFrame

    @property
    def warnings(self) -> list[str]:
        """Sentences: an overall loss whose interval excludes 0, and groups that change differently."""
        table = self.accuracy
        whole = table[table["attribute"] == ALL].iloc[0]
        found = []
        if whole["high"] < 0 and -whole["difference"] >= _LEAST:
            interval = confidence_interval(-POINTS * whole["high"], -POINTS * whole["low"])
            found.append(
                f"{self.title} loses {-POINTS * whole['difference']:.1f} points of accuracy (paired {interval}, "
                f"{counted(int(whole['faces']), 'face')})."
            )
        for attribute in dict.fromkeys(table.loc[table["other"] != "", "attribute"]):
            found += self._unequal(str(attribute))
        return found

    def _unequal(self, attribute: str) -> list[str]:
        """Return a sentence on the two groups of an attribute whose accuracies change most differently.

        There is none where no group loses accuracy and the difference may be chance.
        """
        rows = self.accuracy[self.accuracy["attribute"] == attribute]
        pairs = rows[(rows["other"] != "") & rows["difference"].notna()]
        if pairs.empty or pairs["difference"].abs().max() < _LEAST:
            return []
        row = pairs.loc[pairs["difference"].abs().idxmax()]
        ends = [POINTS * row["low"], POINTS * row["high"]]
        loser, other = row["group"], row["other"]
        if row["difference"] < 0:
            ends = [-ends[1], -ends[0]]
        else:
            loser, other = other, loser
        change = rows[rows["other"] == ""].set_index("group")["difference"] * POINTS
        chance = not (ends[0] > 0 or ends[1] < 0)
        if chance and -change[loser] < POINTS * _LEAST:  # No group loses anything.
            return []
        of = f", the largest of {len(pairs)} such differences" if len(pairs) > 1 else ""
        end = "; the interval includes no difference" if ends[0] <= 0 <= ends[1] else ""
        return [
            f"By {attribute}, {self.title} changes accuracy by {change[loser]:+.1f} points on {loser} and by "
            f"{change[other]:+.1f} on {other}: {loser} loses {abs(POINTS * row['difference']):.1f} points relative to "
            f"{other} (paired {confidence_interval(ends[0], ends[1], 2 * POINTS)}{of}{end})."
        ]


def check_conversion(
    title: str, original: pd.DataFrame, converted: pd.DataFrame, test: EvaluationSet
) -> ConversionCheck:
    """Return how the predictions of a converted model differ from the original's.

    ``original`` and ``converted`` are tables of :func:`fer.evaluation.predictions.predict` on the faces of ``test``, in
    the same order and of the same emotions; ``title`` is the converted model's name.
    """
    y_true, first, before = arrays_of(original)
    _, second, after = arrays_of(converted)
    if before is None or after is None:
        raise ValueError("a converted model is compared by its probabilities, which one of the tables lacks.")

    def rows(attribute: str, group: pd.Series, groups: Sequence[str]) -> pd.DataFrame:
        """Return the rows of the groups of an attribute and of their pairs."""
        found = paired_comparison(
            y_true, first, second, sensitive_features=group, clusters=test.clusters.ids, groups=groups,
            labels=range(before.shape[1]),
        )  # fmt: skip
        faces = group.value_counts().reindex(list(groups), fill_value=0)
        values = found[["first", "second", "difference", "low", "high", "p"]].astype(float)
        single = [[attribute, name, "", faces[name], *values.loc[f"accuracy/{name}"]] for name in groups]
        pairs = [
            [attribute, one, other, faces[one] + faces[other], *values.loc[f"accuracy/{one} - accuracy/{other}"]]
            for one, other in combinations(groups, 2)
        ]
        return pd.DataFrame([*single, *pairs], columns=_COLUMNS)

    parts = [rows(ALL, pd.Series(_EVERYONE, index=original.index), [_EVERYONE]).replace(_EVERYONE, ALL)]
    parts += [rows(str(attribute), attribute.groups(original), groups) for attribute, groups in test.groups.items()]
    changed = int((first != second).sum())
    return ConversionCheck(title, float(np.abs(before - after).max()), changed, pd.concat(parts, ignore_index=True))
