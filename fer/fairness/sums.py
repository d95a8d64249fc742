"""Named sums over samples, of which every metric is a function."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fer.fairness.samples import Samples

# Each sample's contribution to a sum: float or bool, (n,) or (n, width).
SampleColumn = Callable[[Samples], np.ndarray]


@dataclass(frozen=True)
class Layout:
    """The columns of each name in an array of sums; the labels of the k classes."""

    columns: Mapping[str, slice]
    labels: tuple[str, ...]
    has_proba: bool


@dataclass(frozen=True)
class Sums:
    """Sums over samples, of any number of groups and replicates at once.

    Attributes:
        totals: float (..., columns).
        layout: the names of the columns.
        mix: float (k,), the class weights of standardised accuracy, see :func:`common_mix`; None if not computed.

    """

    totals: np.ndarray
    layout: Layout
    mix: np.ndarray | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        """Return the sums of one name, (..., width)."""
        return self.totals[..., self.layout.columns[name]]

    def where(self, there: np.ndarray) -> "Sums":
        """Return the sums of those groups, of (groups, columns), for which ``there``, bool (groups,), is true."""
        return replace(self, totals=self.totals[there])

    @property
    def count(self) -> np.ndarray:
        """Number of samples, (...,); with sample weights, the sum of weights."""
        return self["count"][..., 0]

    @property
    def true(self) -> np.ndarray:
        """Samples of each true class, (..., k)."""
        return self["true"]

    @property
    def predicted(self) -> np.ndarray:
        """Samples predicted as each class, (..., k)."""
        return self["predicted"]

    @property
    def hit(self) -> np.ndarray:
        """Correctly predicted samples of each class, (..., k)."""
        return self["hit"]

    @cached_property
    def recall(self) -> np.ndarray:
        """True-positive rate of each class, (..., k); NaN for a class without samples."""
        return _ratio(self.hit, self.true)

    @property
    def precision(self) -> np.ndarray:
        """Precision of each class, (..., k); NaN for a class that is never predicted."""
        return _ratio(self.hit, self.predicted)

    @cached_property
    def false_positive_rate(self) -> np.ndarray:
        """False-positive rate of each class, (..., k); NaN without samples of other classes."""
        return _ratio(self.predicted - self.hit, self.count[..., None] - self.true)

    @cached_property
    def f1(self) -> np.ndarray:
        """F1 of each class, (..., k): 2 tp / (2 tp + fp + fn); 0 for a class that does not occur."""
        return np.where(self.true > 0, _ratio(2 * self.hit, self.true + self.predicted), 0.0)


def sample_columns(samples: Samples, further: Mapping[str, SampleColumn]) -> tuple[np.ndarray, Layout]:
    """Return each sample's contribution to the sums, float (n, columns), and the names of the columns.

    ``count``, ``true``, ``predicted`` and ``hit``, and one block for each of ``further``.
    """
    count, unit = len(samples.true), np.eye(len(samples.labels))
    true, predicted = unit[samples.true], unit[samples.predicted]
    blocks = {"count": np.ones((count, 1)), "true": true, "predicted": predicted, "hit": true * predicted}
    for name, column in further.items():
        block = np.asarray(column(samples), dtype=float)
        blocks[name] = block[:, None] if block.ndim == 1 else block
    ends = np.cumsum([block.shape[1] for block in blocks.values()])
    starts = np.concatenate([[0], ends[:-1]])
    places = {name: slice(start, end) for name, start, end in zip(blocks, starts.tolist(), ends.tolist(), strict=True)}
    return np.concatenate(list(blocks.values()), axis=1), Layout(places, samples.labels, samples.proba is not None)


def common_mix(groups: Sums, minimum_count: int = 5) -> np.ndarray:
    """Return the class weights at which groups are compared, float (k,), with sum 1; all 0 if they share no class.

    ``groups``: sums of each group, (groups, columns), as observed. Classes of which every group with samples has at
    least ``minimum_count``, each weighted by its share of all groups' samples of these classes.
    """
    counts = groups.true[groups.count > 0]
    shared = (counts >= minimum_count).all(axis=0) & bool(len(counts))
    weights = np.where(shared, counts.sum(axis=0), 0.0)
    return weights / weights.sum() if weights.any() else weights


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return part / whole
