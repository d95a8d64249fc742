"""Paired comparison of two models, or of two training procedures with several seeds each, on the same samples."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from fer.fairness.bootstrap import REPLICATES, draw_weights, values_of
from fer.fairness.cluster_errors import effective_clusters
from fer.fairness.cluster_sums import GroupSums, sum_groups
from fer.fairness.combined import Part, combine
from fer.fairness.definitions import largest_std
from fer.fairness.intervals import CONFIDENCE_LEVEL
from fer.fairness.metric_arrays import metric_names, summary_names
from fer.fairness.permutation import p_value, sign_flips
from fer.fairness.samples import class_labels, codes_of

# From sums and weights (r, clusters) to the values of the table's rows, float (r, rows).
RowsOf = Callable[[GroupSums, np.ndarray], np.ndarray]

ONE_SEED = (
    "With one seed per side this compares two trained models, not the two training procedures: "
    "another seed could reverse the result."
)
SEVERAL_SEEDS = "Seeds are crossed with clusters: this compares two training procedures, represented by these seeds."
_OVER = ("accuracy_std", "accuracy_min", "accuracy_gap")


def paired_comparison(
    y_true: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    confidence_level: float = CONFIDENCE_LEVEL,
    n_resamples: int = REPLICATES,
    random_state: int = 0,
) -> pd.DataFrame:
    """Return the differences of the second side from the first, tested on the same samples in the same order.

    With one seed per side the result is about two trained models, not about two training procedures (``ONE_SEED``).

    Indexed by ``metric``: ``accuracy``, ``f1_weighted``, ``accuracy_std``, ``accuracy_min``,
    ``accuracy_gap``, ``accuracy/<group>``, and ``accuracy/<group> - accuracy/<other>`` for each pair. Columns:

    - ``first``, ``second``: mean over seeds; ``difference`` = second - first.
    - ``low``, ``high``: t interval, clipped to the possible range (-1..1; -2..2 for a difference between groups, which
      is itself in -1..1; for the std plus and minus its largest possible value); the variance is that of the paired
      cluster bootstrap, x m / (m - 1), and with two seeds per side or more that of the means over seeds is added. NaN
      where a group has a single cluster.
    - ``p``: two-sided sign-flip permutation test: the two sides are exchanged at random in whole clusters (in all 2^m
      ways where these are few). Null hypothesis: both sides are exchangeable in every cluster. It uses the pooled
      predictions of the seeds; with several seeds, the larger p-value of it and of a t test that includes the variance
      over seeds.
    - ``seeds``: int, of the side with fewer. ``undefined``: int, replicates without a value, which are left out.

    Args:
        y_true: (n,) labels or codes.
        first: the first side's predictions, (n,) or (seeds, n).
        second: as ``first``; the number of seeds may differ.
        sensitive_features: (n,) group names; a null is in no group.
        clusters: (n,) ids; a null is a cluster of its own.
        groups: the groups to compare, in order; default: those that occur, sorted.
        labels: the class labels; default those that occur, sorted, or the codes 0 to k - 1.
        confidence_level: of the intervals.
        n_resamples: number of bootstrap replicates, and of sign flips.
        random_state: seed of the draws.

    All values are in the metric's unit, 0..1: a difference of 0.05 is 5 percentage points. Raises ValueError as
    :func:`bootstrap_metrics` does.

    Example:
        >>> stream = np.random.default_rng(0)
        >>> y_true, race = stream.integers(0, 2, 120), np.repeat(["black", "white"], [40, 80])
        >>> y_pred = np.where(stream.random(120) < 0.7, y_true, 1 - y_true)
        >>> by = {"sensitive_features": race, "clusters": np.repeat(np.arange(30), 4)}  # 30 clips of 4 frames
        >>> better = np.where(stream.random(120) < 0.4, y_true, y_pred)
        >>> table = paired_comparison(y_true, y_pred, better, **by, n_resamples=2000)
        >>> table.loc[["accuracy", "accuracy/black", "accuracy_gap"], ["first", "second", "low", "high", "p"]].round(4)
                         first  second     low    high       p
        metric
        accuracy        0.5917  0.7333  0.0743  0.2091  0.0005
        accuracy/black  0.5250  0.7250  0.0276  0.3724  0.0625
        accuracy_gap    0.1000  0.0125 -0.2838  0.1088  0.4723

    """
    classes = class_labels({"y_true": y_true, "first": first, "second": second}, labels)
    by: dict[str, Any] = {
        "sensitive_features": sensitive_features,
        "clusters": clusters,
        "groups": groups,
        "labels": classes,
    }
    sides = [[sum_groups(y_true, y_pred, **by) for y_pred in _seeds(side, classes)] for side in (first, second)]
    like = sides[0][0]
    if like.crossed:
        raise ValueError("a paired comparison takes one id per sample; link crossed clusters with linked_clusters.")
    rests_on, rows_of = _rows(like)
    values = [np.stack([rows_of(sums, np.ones((1, like.clusters)))[0] for sums in side]) for side in sides]
    means = [value.mean(axis=0) for value in values]
    blocks = []
    for weights in draw_weights(like.clusters, n_resamples, random_state):
        left, right = (np.mean([rows_of(sums, weights) for sums in side], axis=0) for side in sides)
        blocks.append(right - left)
    drawn = np.concatenate(blocks)
    p = _flipped(rows_of, _pooled(sides[0]), _pooled(sides[1]), n_resamples, random_state)
    seeds = min(len(side) for side in sides)
    rows = []
    for at, (name, places) in enumerate(rests_on.items()):
        parts = [_cluster_part(drawn[:, at], like, places)]
        if seeds > 1:
            parts += [Part(float(value[:, at].var(ddof=1)) / len(value), len(value) - 1) for value in values]
        difference = float(means[1][at] - means[0][at])
        low, high, p_seeds = combine(difference, parts, confidence_level)
        reach = _largest_change(name, len(places))
        rows.append(
            {
                "first": means[0][at],
                "second": means[1][at],
                "difference": difference,
                "low": np.maximum(low, -reach),
                "high": np.minimum(high, reach),
                "p": p[at] if seeds == 1 else np.maximum(p[at], p_seeds),
                "seeds": seeds,
                "undefined": int(np.isnan(drawn[:, at]).sum()),
            }
        )
    return pd.DataFrame(rows, pd.Index(list(rests_on), name="metric"))


def _largest_change(row: str, groups: int) -> float:
    """Return by how much a row that rests on so many groups can differ between the sides."""
    if row == "accuracy_std":
        return largest_std(groups)
    # Of a difference between groups the change is one of two differences.
    return 2.0 if groups > 1 and row not in _OVER else 1.0


def _seeds(side: ArrayLike, labels: Sequence[Any]) -> list[np.ndarray]:
    """Return the predictions of each seed, int (n,)."""
    return list(np.atleast_2d(codes_of(side, labels, "y_pred")))


def _rows(like: GroupSums) -> tuple[dict[str, list[int]], RowsOf]:
    """Return the rows' names with the places of the groups they rest on, and the function of their values."""
    groups = {name: at for at, name in enumerate(like.names) if at > 0}
    pairs = list(combinations(groups.items(), 2))
    rests_on = {"accuracy": [0], "f1_weighted": [0]}
    rests_on |= {name: [at for at in groups.values() if len(like.members[at])] for name in _OVER}
    rests_on |= {f"accuracy/{name}": [at] for name, at in groups.items()}
    rests_on |= {f"accuracy/{name} - accuracy/{second}": [at, other] for (name, at), (second, other) in pairs}
    mix = like.mix()
    accuracy_at, f1_at = (metric_names(like.layout).index(name) for name in ("accuracy", "f1_weighted"))
    places = [summary_names(like.layout).index(name) for name in _OVER]

    def rows_of(sums: GroupSums, weights: np.ndarray) -> np.ndarray:
        metrics, over = values_of(sums, weights, mix)
        accuracy = metrics[:, :, accuracy_at]
        differences = [accuracy[:, [at]] - accuracy[:, [other]] for (_, at), (_, other) in pairs]
        whole = metrics[:, 0, [accuracy_at, f1_at]]
        return np.concatenate([whole, over[:, places], accuracy[:, 1:], *differences], axis=1)

    return rests_on, rows_of


def _pooled(side: list[GroupSums]) -> GroupSums:
    """Return the mean of the sums over seeds."""
    cells = tuple(np.mean([one.cells[at] for one in side], axis=0) for at in range(len(side[0].names)))
    return replace(side[0], cells=cells)


def _flipped(rows_of: RowsOf, first: GroupSums, second: GroupSums, flips: int, random_state: int) -> np.ndarray:
    """Return float (rows,): the two-sided p-values of the sign-flip permutation."""
    clusters = first.clusters
    blocks, exact = sign_flips(clusters, flips, random_state)
    both = replace(
        first,
        clusters=2 * clusters,
        members=tuple(np.concatenate([members, members + clusters]) for members in first.members),
        cells=tuple(np.concatenate(pair) for pair in zip(first.cells, second.cells, strict=True)),
    )

    def distance(swap: np.ndarray) -> np.ndarray:
        """Return second minus first, with the first half of ``both`` in the clusters that are not swapped."""
        own, others = (~swap).astype(float), swap.astype(float)
        left, right = np.concatenate([own, others], axis=1), np.concatenate([others, own], axis=1)
        return np.abs(rows_of(both, right) - rows_of(both, left))

    observed = distance(np.zeros((1, clusters), dtype=bool))[0]
    return p_value(np.concatenate([distance(swapped) for swapped in blocks]), observed, exact)


def _cluster_part(drawn: np.ndarray, like: GroupSums, places: list[int]) -> Part:
    """Return the variance of replicates (r,) over clusters: rescaled and with the freedom of the least group in it."""
    counts = [len(like.members[at]) for at in places]
    known = drawn[~np.isnan(drawn)]
    if min(counts, default=0) < 2 or len(known) < 2:
        return Part(float("nan"), float("nan"))
    sizes = [like.sums_of(at).count for at in places]
    shares = [size / size.sum() for size in sizes]
    degrees = min(float(effective_clusters(share)) for share in shares) - 1
    if np.isnan(degrees):
        return Part(float("nan"), float("nan"))
    return Part(float(known.var(ddof=1)) * min(counts) / (min(counts) - 1), degrees)
