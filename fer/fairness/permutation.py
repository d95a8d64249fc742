"""Random rearrangements under a null hypothesis, vectorised, and permutation p-values.

A p-value is (b + 1) / (r + 1) with b of r random rearrangements at least as extreme as the data (Phipson and Smyth
2010), or the exact share where all rearrangements are taken. ``scipy.stats.permutation_test`` would draw anew for every
statistic and does not support clusters that span groups.
"""

from collections.abc import Iterator

import numpy as np

_BLOCK = 1_000_000


def permute_labels(cluster: np.ndarray, label: np.ndarray, permutations: int, seed: int) -> Iterator[np.ndarray]:
    """Yield int (b, cells): the labels of (cluster, label) cells, permuted.

    Labels are exchanged between clusters with a single label, and within a cluster that has several. Each cluster keeps
    its number of groups, and each group its number of clusters of either kind.

    Args:
        cluster: int (cells,).
        label: int (cells,); each pair of cluster and label occurs once.
        permutations: number of permutations.
        seed: of the random permutations.

    """
    spans = np.bincount(cluster)[cluster] > 1
    block = np.where(spans, cluster + 1, 0)
    order = np.argsort(block, kind="stable")
    blocks, labels = block[order].astype(float), label[order]
    stream = np.random.default_rng(seed)
    rows = max(1, _BLOCK // max(len(label), 1))
    for start in range(0, permutations, rows):
        keys = stream.random((min(rows, permutations - start), len(label))) + blocks
        permuted = np.empty(keys.shape, dtype=label.dtype)
        permuted[:, order] = labels[np.argsort(keys, axis=1)]
        yield permuted


def p_value(values: np.ndarray, observed: np.ndarray, exact: bool = False) -> np.ndarray:
    """Return p-values, (...,): the share of ``values`` (r, ...) at or above ``observed`` (...,); NaN where it is.

    Ties, also up to rounding, count as above, and so do NaN values, which keeps the p-value conservative.
    """
    near = observed - 1e-9 * np.maximum(1.0, np.abs(np.where(np.isfinite(observed), observed, 0.0)))
    above = (~(values < near)).sum(axis=0)
    share = above / len(values) if exact else (above + 1) / (len(values) + 1)
    return np.where(np.isnan(observed), np.nan, share)
