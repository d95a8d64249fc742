"""Per-cluster, per-group sums over samples: a bootstrap replicate is a weighted sum over clusters.

All metrics except those of seeds and dose are functions of sums over samples. Samples are summed once per (cluster,
group) cell; the number of times that a cluster is drawn is a weight, so that the sums of all replicates are one matrix
product, (replicates, groups, columns).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from fer.fairness.clusters import cluster_codes, crossed_codes
from fer.fairness.groups import group_members
from fer.fairness.metric_arrays import columns_of
from fer.fairness.samples import same_length, samples_of
from fer.fairness.sums import Layout, Sums, common_mix

ALL = "all"


@dataclass(frozen=True)
class GroupSums:
    """Sums of each cluster's samples in each group, ``all`` first.

    Attributes:
        names: ``all`` (every sample, including those of no group) and the groups.
        clusters: number of clusters m.
        members: for each name, int (cells,): the clusters that have samples in it.
        cells: for each name, float (cells, columns): the sums over each cluster's samples.
        layout: the names of the columns.
        crossed: of two crossed kinds of clusters, such as persons and clips, for each kind int (m,): to which of its
            clusters each intersection belongs (the m clusters are then intersections). Empty for one kind.
        seeds: the sums of each seed, where several predict the same samples; ``cells`` are then their means. Empty for
            one seed. A metric is the mean of its values over seeds, which is not that of the mean sums unless it is
            linear in them: see :meth:`by_seed`.

    """

    names: tuple[str, ...]
    clusters: int
    members: tuple[np.ndarray, ...]
    cells: tuple[np.ndarray, ...]
    layout: Layout
    crossed: tuple[np.ndarray, ...] = ()
    seeds: tuple["GroupSums", ...] = ()

    def by_seed(self) -> "tuple[GroupSums, ...]":
        """Return the sums of each seed, those of one seed too."""
        return self.seeds or (self,)

    def kinds(self) -> "list[GroupSums]":
        """Return the sums over each kind of clusters: one, or of crossed clusters two."""
        return [self._over(codes) for codes in self.crossed] or [self]

    def _over(self, codes: np.ndarray) -> "GroupSums":
        parts = [_sum_clusters(cells, codes[members]) for members, cells in zip(self.members, self.cells, strict=True)]
        members, cells = zip(*parts, strict=True)
        seeds = tuple(one._over(codes) for one in self.seeds)
        return replace(self, clusters=int(codes.max()) + 1, members=members, cells=cells, crossed=(), seeds=seeds)

    def at(self, weights: np.ndarray, mix: np.ndarray | None = None) -> Sums:
        """Return the sums (replicates, names, columns) with each cluster taken ``weights`` (replicates, m) times."""
        parts = [weights[:, members] @ cells for members, cells in zip(self.members, self.cells, strict=True)]
        return Sums(np.stack(parts, axis=1), self.layout, mix)

    def observed(self, mix: np.ndarray | None = None) -> Sums:
        """Return the sums (names, columns) as observed."""
        return Sums(np.stack([cells.sum(axis=0) for cells in self.cells]), self.layout, mix)

    def sums_of(self, at: int, mix: np.ndarray | None = None) -> Sums:
        """Return the sums (cells, columns) of each cluster in the group at that position."""
        return Sums(self.cells[at], self.layout, mix)

    def mix(self) -> np.ndarray:
        """Return the class weights at which groups are compared, as observed: the same for all replicates."""
        observed = self.observed()
        return common_mix(Sums(observed.totals[1:], self.layout))


def sum_groups(
    y_true: ArrayLike,
    y_pred: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    clusters: ArrayLike,
    y_proba: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
    labels: Sequence[Any] | None = None,
    repeats: int = 1,
) -> GroupSums:
    """Return the sums of n samples; arguments as in :func:`fer.fairness.bootstrap_metrics`.

    Raises ValueError if a group is named ``all``, the arrays differ in length, there are no samples, or the samples of
    ``repeats`` seeds are not the same in the same order, seed after seed.
    """
    columns, layout = columns_of(samples_of(y_true, y_pred, y_proba, labels))
    members = group_members(sensitive_features, groups, len(columns))
    if ALL in members:
        raise ValueError(f"a group is named {ALL!r}, which is reserved for all samples; rename the group.")
    ids = np.asarray(clusters)
    crossed: tuple[np.ndarray, ...] = ()
    if ids.ndim == 2:
        codes, count, crossed = crossed_codes(ids)
    else:
        codes, count = cluster_codes(clusters)
    same_length(y_true=len(columns), clusters=len(codes))
    if not len(columns):
        raise ValueError("there are no samples; give one prediction or more.")
    rows = {ALL: np.arange(len(columns)), **members}
    samples = len(columns) // repeats
    if repeats > 1:
        _check_repeats(codes, rows, repeats)
        codes, count = codes[:samples], int(codes[:samples].max()) + 1
        rows = {name: places[places < samples] for name, places in rows.items()}
    blocks = [columns[start : start + samples] for start in range(0, len(columns), samples)]
    made = [_sums_by_group(block, codes, count, rows, layout, crossed) for block in blocks]
    if repeats == 1:
        return made[0]
    cells = tuple(np.mean(each, axis=0) for each in zip(*(one.cells for one in made), strict=True))
    return replace(made[0], cells=cells, seeds=tuple(made))


def _sums_by_group(
    columns: np.ndarray, codes: np.ndarray, count: int, rows: Mapping[str, np.ndarray], layout: Layout,
    crossed: tuple[np.ndarray, ...],
) -> GroupSums:  # fmt: skip
    parts = [_sum_clusters(columns[places], codes[places]) for places in rows.values()]
    there, cells = zip(*parts, strict=True)
    return GroupSums(tuple(rows), count, there, cells, layout, crossed)


def _check_repeats(codes: np.ndarray, rows: Mapping[str, np.ndarray], repeats: int) -> None:
    """Raise ValueError unless clusters and groups are the same in each of ``repeats`` equal blocks of the samples."""
    samples, left = divmod(len(codes), repeats)
    same = not left and (codes.reshape(repeats, -1) == codes[:samples]).all()
    for places in rows.values():
        blocks, odd = divmod(len(places), repeats)
        same = same and not odd and (places.reshape(repeats, -1) % samples == places[:blocks]).all()
    if not same:
        raise ValueError(
            f"repeats={repeats} needs the same samples in the same order from every seed, seed after seed; here their "
            "number, clusters or groups differ."
        )


def _sum_clusters(columns: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the clusters that occur, int (cells,), and the sums of each, (cells, columns)."""
    order = np.argsort(codes, kind="stable")
    members, starts = np.unique(codes[order], return_index=True)
    if not len(members):
        return members, np.zeros((0, columns.shape[1]))
    return members, np.add.reduceat(columns[order], starts, axis=0)
