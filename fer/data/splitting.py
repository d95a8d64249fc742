"""Rules that split a dataset into train, validation and test.

``given`` keeps the source's split. ``carved`` keeps a given test split and draws validation from the given
training faces, for datasets that come without validation (RAF-DB). ``stratified`` draws faces by label: the
age study's 60/20/20 at seed 42. ``stratified_test`` is the rule of that study's released notebook: only the
test split is stratified, validation is drawn at random from the rest. ``person``, ``clip`` and ``video``
draw whole groups (:mod:`fer.data.split_groups`), so that none is in two splits, with sizes and emotions near the
ratios.

A column ``dataset`` with several values means several datasets in one table: each is split on its own, as
it would be alone. The order of the rows is part of the draw, as in scikit-learn.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from fer.data.samples import CLUSTER_COLUMNS, SPLITS
from fer.data.split_groups import blocks, deal_groups, shared_groups
from fer.errors import InputError

__all__ = [
    "RULES",
    "STUDY_RATIOS",
    "STUDY_SEED",
    "assign_splits",
    "auto_rule",
    "blocks",
    "check_ratios",
    "shared_groups",
]

STUDY_RATIOS = (0.6, 0.2, 0.2)
STUDY_SEED = 42
RULES: tuple[str, ...] = ("given", "carved", "stratified", "stratified_test", *CLUSTER_COLUMNS)


def auto_rule(samples: pd.DataFrame, default: str) -> str:
    """Return the rule that ``auto`` selects: ``given`` if the source has a split for any face, else its default."""
    return "given" if "split" in samples and samples["split"].notna().any() else default


def assign_splits(
    samples: pd.DataFrame, rule: str, ratios: Sequence[float] = STUDY_RATIOS, seed: int = STUDY_SEED
) -> pd.Series:
    """Return a split for each sample: a text Series named ``split`` on the index of ``samples``.

    Args:
        samples: n rows with ``label``; for ``given`` and ``carved`` with ``split``, for the rules by group
            with that column.
        rule: one of :data:`RULES`.
        ratios: shares of train, validation and test, which sum to 1; a split with 0 is left out. ``given``
            ignores them, ``carved`` uses the proportion of the first two.
        seed: of the draw.

    Raises InputError for invalid ratios, an unknown or incomplete column, too few classes or groups, and
    for a split that is empty though its ratio is not 0.

    """
    if rule not in RULES:
        raise InputError(f"unknown split rule {rule!r}; use one of {', '.join(RULES)}.")
    check_ratios(ratios)
    if rule == "given":
        return _given(samples)
    if rule == "carved":
        return _carved(samples, ratios, seed)
    if rule in CLUSTER_COLUMNS:
        _refuse_unknown_groups(samples, rule)
    place = pd.Series("", index=range(len(samples)), dtype="str", name="split")
    for name, rows in _by_dataset(samples):
        part = samples.iloc[rows]
        where = f" of dataset {name}" if name else ""
        if rule in CLUSTER_COLUMNS:
            place.iloc[rows] = deal_groups(part, rule, ratios, seed, where)
        else:
            place.iloc[rows] = _stratified(part, ratios, seed, where, both=rule == "stratified")
    _refuse_empty(place, ratios)
    return place.set_axis(samples.index)


def check_ratios(ratios: Sequence[float]) -> None:
    """Raise InputError unless these are three shares of train, validation and test that sum to 1."""
    wrong = len(ratios) != 3 or not np.isfinite(ratios).all() or min(ratios) < 0 or ratios[0] == 0
    if wrong or abs(sum(ratios) - 1) > 1e-6:
        raise InputError(
            f"ratios {list(ratios)} are not three shares of train, validation and test that add up to 1, with some "
            "for train; give such as 0.6, 0.2, 0.2."
        )


def _by_dataset(samples: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    """Return (dataset, positions); one part without a name unless a column ``dataset`` has several values."""
    if "dataset" not in samples or samples["dataset"].nunique(dropna=False) < 2:
        return [("", np.arange(len(samples)))]
    return [(str(name), rows) for name, rows in samples.groupby("dataset", dropna=False).indices.items()]


def _given(samples: pd.DataFrame) -> pd.Series:
    if "split" not in samples:
        raise InputError(
            "the source gives no split; draw one with the rule stratified, or person if persons are known."
        )
    missing = int(samples["split"].isna().sum())
    if missing:
        raise InputError(f"{missing} of {len(samples)} faces come without a split; draw one with the rule stratified.")
    wrong = samples.loc[~samples["split"].isin(SPLITS), "split"]
    if len(wrong):
        raise InputError(f"the given split {wrong.iloc[0]!r} is unknown; use {', '.join(SPLITS)}.")
    return samples["split"].astype("str").rename("split")


def _carved(samples: pd.DataFrame, ratios: Sequence[float], seed: int) -> pd.Series:
    place = _given(samples)
    present = set(place)
    if present != {"train", "test"}:
        raise InputError(
            f"the rule carved draws validation from given train and test splits, but the source gives "
            f"{', '.join(sorted(present))}; use the rule given, or stratified to draw all anew."
        )
    if ratios[1] == 0:
        raise InputError("the rule carved is to draw no validation (its ratio is 0); give it a share.")
    seen = ratios[0] + ratios[1]
    train = np.flatnonzero(place == "train")
    inner = (ratios[0] / seen, ratios[1] / seen, 0.0)
    place.iloc[train] = assign_splits(samples.iloc[train], "stratified", inner, seed).to_numpy()
    return place


def _stratified(part: pd.DataFrame, ratios: Sequence[float], seed: int, where: str, both: bool) -> np.ndarray:
    # Here, since only this rule needs it and every worker process imports this module.
    from sklearn.model_selection import train_test_split

    # One-hot rows, as the study stratifies by, are sorted as text: the last class first. The draw depends on it.
    strata = -pd.factorize(part["label"], sort=True)[0]
    place = np.full(len(part), SPLITS[0], dtype=object)
    rest = np.arange(len(part))
    try:
        if ratios[2]:
            rest, test = train_test_split(rest, test_size=ratios[2], stratify=strata, random_state=seed)
            place[test] = SPLITS[2]
        if ratios[1]:
            # Rounded: 0.2 / (0.7 + 0.2) must not ask for a face more than its exact value would.
            share = round(ratios[1] / (ratios[0] + ratios[1]), 12)
            by = strata[rest] if both else None
            place[train_test_split(rest, test_size=share, stratify=by, random_state=seed)[1]] = SPLITS[1]
    except ValueError:
        counts = part["label"].value_counts()
        raise InputError(
            f"{len(part)} faces{where} in {len(counts)} classes are too few to be split by label ({counts.index[-1]} "
            f"has {counts.iloc[-1]}; a class needs 3, and every split a face of each): drop that class or add faces."
        ) from None
    return place


def _refuse_unknown_groups(samples: pd.DataFrame, by: str) -> None:
    unknown = int(samples[by].isna().sum()) if by in samples else len(samples)
    if unknown:
        raise InputError(
            f"{unknown} of {len(samples)} faces have no known {by}, so no split can keep each {by} together; "
            "use another rule, such as stratified."
        )


def _refuse_empty(place: pd.Series, ratios: Sequence[float]) -> None:
    for split, ratio in zip(SPLITS, ratios, strict=True):
        if ratio and not (place == split).any():
            raise InputError(
                f"the {split} split of {len(place)} faces stays empty at a ratio of {ratio:g}; add faces or give it 0."
            )
