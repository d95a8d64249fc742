"""Variance components of outcomes on faces: persons, clips, a person in a clip, frames.

The outcome of a face is standardised within its group, so that a component is a correlation: that of two faces which
share the person, the clip, or both. Estimated by the analysis of variance for unbalanced data (Henderson's method 1
after centring within groups; Searle, Casella and McCulloch 1992, chapter 5): for each factor the sum of squares between
its levels is set equal to its expectation, which is linear in the components. With equal numbers it is the classical
analysis of variance, which is also REML where no estimate is negative.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import sparse

from fer.fairness.clusters import cluster_codes
from fer.fairness.groups import group_members
from fer.fairness.samples import same_length

PERSON, CLIP, PERSON_IN_CLIP, FRAME = "person", "clip", "person in clip", "frame"
COMPONENTS = (PERSON, CLIP, PERSON_IN_CLIP, FRAME)


def variance_components(
    outcomes: ArrayLike,
    *,
    sensitive_features: ArrayLike,
    persons: ArrayLike | None = None,
    clips: ArrayLike | None = None,
    groups: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the shares of variance within groups that lie between persons, clips, persons in a clip, and frames.

    Indexed by ``component``: ``person``; ``clip``, what all faces of a clip share, those of several groups too;
    ``person in clip``, what the frames of one person in one clip share besides; ``frame``, the rest. Columns:

    - ``correlation``: share of the variance, 0..1, with the sum 1. Two frames of one person in one clip have the
      correlation 1 - that of ``frame``.
    - ``estimate``: before negative ones were set to 0, which noise makes of small components; NaN for a component that
      these faces cannot tell from another: without persons, or with one clip per person and one person per clip, all
      is the clip's.
    - ``levels``: int, number of persons, of clips, ...

    All figures are NaN where no group has variation and two clusters or more.

    Args:
        outcomes: float (n,), such as 1 for right and 0 for wrong, or the difference of two models.
        sensitive_features: (n,) group names; a null is in no group. Groups have means and variances of their own.
        persons: (n,) ids; a null is a person of its own. None if unknown.
        clips: as ``persons``.
        groups: the groups to take, default: those that occur.

    Raises ValueError if the arrays differ in length.

    Example:
        Six clips of three frames, nearly always all right or all wrong.

        >>> right = np.repeat([1, 0, 1, 0, 1, 1], 3)
        >>> right[0] = 0
        >>> clips = np.repeat(["a", "b", "c", "d", "e", "f"], 3)
        >>> found = variance_components(right, sensitive_features=["black"] * 18, clips=clips)
        >>> found.loc[["clip", "frame"], ["correlation", "levels"]].round(2)
                   correlation  levels
        component
        clip               0.8       6
        frame              0.2      18

    """
    values = np.asarray(outcomes, dtype=float)
    members = group_members(sensitive_features, groups, len(values))
    ids = {name: given for name, given in ((PERSON, persons), (CLIP, clips)) if given is not None}
    same_length(outcomes=len(values), **{f"{name}s": len(pd.Series(given)) for name, given in ids.items()})
    codes = {name: cluster_codes(given)[0] for name, given in ids.items()}
    group = np.full(len(values), -1)
    standard = np.zeros(len(values))
    for number, rows in enumerate(members.values()):
        spread = values[rows].std() if len(rows) else 0.0
        if spread > 0 and all(len(np.unique(code[rows])) > 1 for code in codes.values()):
            group[rows] = number
            standard[rows] = (values[rows] - values[rows].mean()) / spread
    kept = group >= 0
    factors = _factors({name: code[kept] for name, code in codes.items()}, group[kept])
    levels = {name: factor.shape[1] for name, factor in factors.items()}
    table = pd.DataFrame(np.nan, index=pd.Index(COMPONENTS, name="component"), columns=["correlation", "estimate"])
    table["levels"] = [levels.get(name, 0) for name in COMPONENTS]
    if not kept.any():
        return table
    squares, expected = _equations(standard[kept], factors, _indicators(group[kept]))
    names = list(factors)
    estimates = dict(zip(names, np.linalg.lstsq(expected, squares)[0], strict=True))
    shares = _not_negative(names, squares, expected)
    total = sum(shares.values())
    table["correlation"] = [shares.get(name, 0.0) / total for name in COMPONENTS]
    table["estimate"] = [estimates.get(name, np.nan) / total for name in COMPONENTS]
    return table


def _factors(codes: Mapping[str, np.ndarray], group: np.ndarray) -> dict[str, Any]:
    """Return the indicators (n, levels) of the factors that differ from each other, the finest, frames, last."""
    columns = [*codes.values(), group]
    cell = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)[1].ravel()
    found: dict[str, Any] = {}
    for name, code in ((CLIP, codes.get(CLIP)), (PERSON, codes.get(PERSON)), (PERSON_IN_CLIP, cell)):
        if code is None or len(np.unique(code)) == len(group):
            continue
        indicators = _indicators(code)
        if not any(_alike(indicators, other) for other in found.values()):
            found[name] = indicators
    if codes.keys() == {PERSON} and PERSON_IN_CLIP in found:
        del found[PERSON_IN_CLIP]
    return {name: found[name] for name in COMPONENTS if name in found} | {FRAME: sparse.eye_array(len(group)).tocsr()}


def _indicators(code: np.ndarray) -> Any:
    levels, place = np.unique(code, return_inverse=True)
    ones = np.ones(len(code))
    return sparse.csr_array((ones, (np.arange(len(code)), place.ravel())), shape=(len(code), len(levels)))


def _alike(first: Any, second: Any) -> bool:
    return first.shape == second.shape and (first.T @ second).nnz == first.shape[1]


def _equations(values: np.ndarray, factors: Mapping[str, Any], groups: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums of squares between levels, (factors,), and their expectations per unit of a component.

    With B_f the indicators of a factor, n_f its counts and M the centring within groups, the sum of squares is
    |n_f^-1/2 B_f' M y|^2, and its expectation the sum over factors k of component k x |n_f^-1/2 B_f' M B_k|^2.
    """
    squares, expected = np.zeros(len(factors)), np.zeros((len(factors), len(factors)))
    size = np.asarray(groups.sum(axis=0)).ravel()
    for row, factor in enumerate(factors.values()):
        count = np.asarray(factor.sum(axis=0)).ravel()
        squares[row] = ((factor.T @ values) ** 2 / count).sum()
        own = (factor.T @ groups).toarray() / size
        within = own.T @ (own / count[:, None])
        for column, other in enumerate(factors.values()):
            both, others = (factor.T @ other).tocsr(), (groups.T @ other).toarray()
            plain = (both.multiply(both).sum(axis=1) / count).sum()
            crossed = ((both @ others.T) * own / count[:, None]).sum()
            expected[row, column] = plain - 2 * crossed + np.einsum("gh,gk,hk->", within, others, others, optimize=True)
    return squares, expected


def _not_negative(names: Sequence[str], squares: np.ndarray, expected: np.ndarray) -> dict[str, float]:
    """Return the components with the negative ones left out, the most negative first."""
    there = list(range(len(names)))
    while True:
        found = np.linalg.lstsq(expected[np.ix_(there, there)], squares[there])[0]
        if found.min() >= 0 or len(there) == 1:
            return {names[at]: max(float(value), 0.0) for at, value in zip(there, found, strict=True)}
        there.pop(int(found.argmin()))
