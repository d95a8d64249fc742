"""The groups that a method works with: a column, a product of columns, or the dataset that a face came from."""

import numpy as np
import pandas as pd

from fer.data.attributes import RACE, Attribute, group_columns
from fer.data.dataset import FaceDataset
from fer.data.samples import sources_of
from fer.errors import InputError, shown
from fer.sentinels import AUTO

DATASET = "dataset"


def training_groups(dataset: FaceDataset, groups: str = AUTO) -> pd.Series:
    """Return the group of each of n faces, text (n,).

    ``groups`` is an attribute such as ``race`` or ``race*gender`` (``label`` is the emotion: ``race*label``), or
    ``dataset``: the dataset that a face came from, as in a mixture. Several are joined by commas: of each face the
    first that is known, so that with ``race,dataset`` faces of a dataset without races are a group of their own.
    ``auto`` is ``race``.

    Raises InputError, with the remedy, for a face of which none is known, and if all faces are of one group.
    """
    found, asked = known_groups(dataset, groups), _asked(groups)
    unknown = int(found.isna().sum())
    if unknown:
        raise InputError(
            f"{unknown:,} of the {len(found):,} {_split(dataset)} faces of {dataset.name} have no known "
            f"{' or '.join(asked)}, and the method needs the group of every face; {_remedy(dataset, asked)}."
        )
    if found.nunique() < 2:
        raise InputError(
            f"all {_split(dataset)} faces of {dataset.name} are of one group by {groups_text(asked)} "
            f"({shown(found.iloc[0])}); give groups= with several, or method=erm."
        )
    return found


def known_groups(dataset: FaceDataset, groups: str = AUTO) -> pd.Series:
    """Return :func:`training_groups` with null for a face without a known group, and without its errors."""
    found = pd.Series(pd.NA, index=dataset.samples.index, dtype="str")
    for part in _asked(groups):
        if found.isna().any():
            found = found.fillna(_of(dataset, part))
    return found


def _asked(groups: str) -> list[str]:
    return [str(RACE)] if groups == AUTO else [part.strip() for part in groups.split(",")]


def groups_text(asked: list[str]) -> str:
    """Return what serves as group, in words."""
    return ", else ".join(asked)


def _of(dataset: FaceDataset, part: str) -> pd.Series:
    samples = dataset.samples
    if part == DATASET:
        sources = sources_of(samples)
        return samples[DATASET].astype("str").fillna(sources) if DATASET in samples else sources
    attribute = Attribute.parse(part)
    if not attribute.known_in(samples) or any(samples[name].isna().all() for name in attribute.columns):
        return pd.Series(pd.NA, index=samples.index, dtype="str")
    return attribute.groups(samples, f"dataset {dataset.name}").astype("str")


def _remedy(dataset: FaceDataset, asked: list[str]) -> str:
    has = [name for name in group_columns(dataset.samples) if dataset.samples[name].notna().all() and name not in asked]
    others = [f"groups={name}" for name in has if name != DATASET][:2]
    if dataset.samples["source"].nunique() > 1 and DATASET not in asked:
        both = f"groups={','.join(asked)},{DATASET}"
        return f"give groups={DATASET}, so that the dataset of a face is its group, or {both}, where it is not known"
    if others:
        return f"give {' or '.join(others)}"
    return f"give groups={DATASET} with a mixture of several datasets, or a method that needs no groups such as jtt"


def _split(dataset: FaceDataset) -> str:
    splits = dataset.samples["split"].unique()
    return {"train": "training"}.get(splits[0], str(splits[0])) if len(splits) == 1 else "training and validation"


def coded(groups: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return groups as positions in their sorted names, int (n,), and the names."""
    names = sorted(groups.unique())
    return np.asarray(pd.Categorical(groups, categories=names).codes, dtype=np.int64), tuple(map(str, names))
