"""Is a confidence of 80 % right in 80 of 100 cases, and is it so for every group?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.fairness.clusters import cluster_codes, group_names
from fer.fairness.metrics import CALIBRATION_BINS, calibration_bins
from fer.fairness.sums import ALL


def reliability_table(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    proba: np.ndarray,
    group: np.ndarray | pd.Series,
    bins: int = CALIBRATION_BINS,
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the points of a reliability diagram, by group (``all`` first) and bin of the top probability.

    Indexed by ``group`` and ``bin`` (0 and up, equal in width, closed above). Columns ``low``, ``high`` (edges),
    ``count``, ``confidence`` (mean top probability), ``accuracy``; NaN in an empty bin.
    """
    top = proba.max(axis=1)
    rows = pd.DataFrame({"bin": calibration_bins(top, bins), "confidence": top, "accuracy": y_true == y_pred})
    rows["accuracy"] = rows["accuracy"].astype(float)
    names = pd.Series(group).reset_index(drop=True)
    tables = {}
    for name in (ALL, *group_names(names, groups)):
        binned = (rows if name == ALL else rows[names == name]).groupby("bin")
        table = binned[["confidence", "accuracy"]].mean().reindex(range(bins))
        table.insert(0, "count", binned.size().reindex(range(bins), fill_value=0).astype("int64"))
        table.insert(0, "high", (np.arange(bins) + 1) / bins)
        table.insert(0, "low", np.arange(bins) / bins)
        tables[name] = table
    return pd.concat(tables, names=["group", "bin"])


def debiased_calibration_error(
    y_true: np.ndarray,
    y_pred: np.ndarray,
    proba: np.ndarray,
    group: np.ndarray | pd.Series,
    cluster: np.ndarray | pd.Series,
    bins: int = CALIBRATION_BINS,
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the squared calibration error of each group (``all`` first) less what noise alone would make it.

    The plain error of a small group is too large: each bin's |accuracy - confidence| is never negative. Here the
    variance of each bin's mean is taken off its square (Kumar, Liang and Ma 2019, "Verified uncertainty calibration",
    section 4), over clusters instead of samples. Columns:

    - ``plain``: root of the sample-weighted mean of the squared (accuracy - confidence) of the bins, 0..1.
    - ``squared``: the same squared and debiased, untruncated: below 0 where the bins differ less than noise would.
    - ``root``: its root, 0 where it is negative.
    - ``left_out``: share of the samples whose bin has one cluster: of unknown noise, in none of the three.

    NaN where no bin is left. ``cluster``: (n,) ids; a null is a cluster of its own.
    """
    names = pd.Series(group).reset_index(drop=True)
    top = proba.max(axis=1)
    frame = pd.DataFrame({"bin": calibration_bins(top, bins), "cluster": cluster_codes(cluster)[0]})
    frame["off"] = (y_true == y_pred) - top
    rows = {}
    for name in (ALL, *group_names(names, groups)):
        rows[name] = _debiased(frame if name == ALL else frame[names == name])
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def _debiased(frame: pd.DataFrame) -> dict[str, float]:
    cells = frame.groupby(["bin", "cluster"])["off"].agg(["sum", "size"])
    by_bin = cells.groupby("bin").agg(total=("sum", "sum"), count=("size", "sum"), clusters=("size", "size"))
    used = by_bin[by_bin["clusters"] > 1]
    count = used["count"].sum()
    if not count:
        return {"plain": np.nan, "squared": np.nan, "root": np.nan, "left_out": 1.0 if len(frame) else np.nan}
    mean = used["total"] / used["count"]
    residual = cells["sum"] - cells["size"] * mean.reindex(cells.index.get_level_values("bin")).to_numpy()
    squares = (residual**2).groupby("bin").sum().reindex(used.index)
    noise = squares / used["count"] ** 2 * used["clusters"] / (used["clusters"] - 1)
    share = used["count"] / count
    squared = float((share * (mean**2 - noise)).sum())
    return {
        "plain": float(np.sqrt((share * mean**2).sum())),
        "squared": squared,
        "root": float(np.sqrt(max(squared, 0.0))),
        "left_out": float(1 - count / len(frame)),
    }
