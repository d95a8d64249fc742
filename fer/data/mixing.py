"""Mix datasets: add a fraction of one to another, swap it in, or grow one by faces of its own; limit a dataset's size.

Every draw has a stream of its own, named by seed, split and emotion: one emotion's draw never depends on
another's, and for one seed a larger fraction contains the smaller one.
"""

from decimal import Decimal

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.draws import apportion, draw_count, shuffled
from fer.data.emotions import in_order
from fer.data.fractions import parse_fraction, percent
from fer.data.kept_aside import BASE_TRAINING_FACES, NOTHING, divided, own_faces
from fer.data.samples import conform
from fer.errors import InputError
from fer.text.numbers import check_seed

__all__ = [
    "ARMS", "ARM_SIGNS", "BASE", "MIXED_SPLITS", "MIXTURE", "VALIDATION_FROM", "added_first", "check_arm",
    "check_mixable", "draw_count", "drawn", "integrate", "limit", "parse_fraction", "percent",
]  # fmt: skip

# How names of mixtures and their titles show an arm.
ARM_SIGNS: dict[str, str] = {"add": "+", "swap": "~", "same": "="}
ARMS: tuple[str, ...] = tuple(ARM_SIGNS)
MIXED_SPLITS: tuple[str, ...] = ("train", "validation")
MIXTURE, BASE = "mixture", "base"
# Whose faces the validation split holds, and which splits of the addition are therefore drawn from.
VALIDATION_FROM: dict[str, tuple[str, ...]] = {MIXTURE: MIXED_SPLITS, BASE: ("train",)}


def integrate(
    base: FaceDataset,
    addition: FaceDataset,
    fraction: Decimal,
    seed: int,
    arm: str = "add",
    kept_aside: Decimal = NOTHING,
    validation_from: str = MIXTURE,
) -> FaceDataset:
    """Return ``base`` with floor(fraction x n) faces of ``addition``, drawn within each emotion and split.

    The base's test split is unchanged and the addition's is never used. No face is copied. Arms:

    - ``add``: the base grows by these faces.
    - ``swap``: as many base faces of each emotion and split are removed, so that the size is unchanged.
    - ``same``: instead of the addition's faces, the base grows by as many training faces of each emotion of its own,
      from those kept aside. Its validation split is the base's own.

    Args:
        base: the dataset that is enlarged.
        addition: the dataset to draw from; for ``same``, the one whose numbers are matched.
        fraction: share of the addition, 0..1; 0 is the base alone, without the faces kept aside.
        seed: of the draws.
        arm: one of :data:`ARMS`.
        kept_aside: how many training faces of the base no arm but ``same`` uses: :func:`fer.data.kept_aside.divided`.
        validation_from: ``mixture``: validation is mixed like training; ``base``: it is the base's own.

    Raises InputError if they are one dataset, if both hold faces of different shape, share samples, hold different data
    under one name, if the base has too few faces of an emotion to remove (``swap``) or kept aside (``same``), and for
    an unknown arm or ``validation_from``.

    """
    check_arm(arm, fraction, kept_aside, validation_from)
    check_seed(seed)
    check_mixable(base, addition)
    kept = divided(base, kept_aside, seed)
    splits = VALIDATION_FROM[validation_from]
    incoming = drawn(addition.samples, fraction, seed, splits)
    staying = kept.base.samples
    if arm == "swap":
        staying = staying.drop(index=_leaving(kept.base, incoming, seed))
    if arm == "same":
        incoming = own_faces(kept, incoming, seed)
    mixed = conform(pd.concat([staying, incoming], ignore_index=True))
    others = addition.emotions if fraction and arm != "same" else ()
    vocabulary = {*base.emotions, *others}
    parts = {
        source: part for source, part in {**base.parts, **addition.parts}.items() if (mixed["source"] == source).any()
    }
    return FaceDataset(
        name=_name(kept.base.name, addition.name, fraction, arm),
        samples=mixed,
        parts=parts,
        lost=base.lost,
        provenance={
            "made_by": "integrate",
            "emotions": list(in_order(vocabulary)),
            "arm": arm,
            "base": base.name,
            "base_digest": base.digest,
            "addition": addition.name,
            "addition_digest": addition.digest,
            "fraction": str(fraction),
            "seed": seed,
            "kept_aside": str(kept_aside),
            "faces_kept_aside": len(kept.aside),
            "validation_from": validation_from,
            BASE_TRAINING_FACES: int((kept.base.samples["split"] == "train").sum()),
        },
    )


def check_arm(arm: str, fraction: Decimal, kept_aside: Decimal, validation_from: str) -> None:
    """Raise InputError for an unknown arm or choice of validation faces, and for ``same`` with no face kept aside."""
    if arm not in ARMS:
        raise InputError(f"unknown arm {arm!r}; use one of {', '.join(ARMS)}.")
    if validation_from not in VALIDATION_FROM:
        raise InputError(f"unknown validation_from {validation_from!r}; use one of {', '.join(VALIDATION_FROM)}.")
    if arm == "same" and fraction and not kept_aside:
        raise InputError(
            "the arm same grows the base by faces of its own, and none are kept aside; give kept_aside, such as 0.3, "
            "to all arms that are compared."
        )


def added_first(share: str, arm: str, base: str) -> str:
    """Return a mixture in words, with what was added first: "10% more + tiny", "10% more ~ tiny" (``swap``).

    Of the arm ``same``: "own as 10% more + tiny". ``share`` is of the addition, with its name.
    """
    return f"own as {share} + {base}" if arm == "same" else f"{share} {ARM_SIGNS.get(arm, '+')} {base}"


def _name(base: str, addition: str, fraction: Decimal, arm: str) -> str:
    return f"{base}{ARM_SIGNS[arm]}{percent(fraction)} {addition}" if fraction else base


def limit(samples: pd.DataFrame, training_faces: int, seed: int) -> pd.DataFrame:
    """Return at most ``training_faces`` training samples, stratified by emotion, in their order.

    The validation split shrinks in the same proportion, also stratified; the test split stays whole,
    since reported metrics should not depend on the limit. A dataset smaller than the limit is unchanged.
    Every emotion keeps its share, rounded by the largest remainder method.
    """
    if training_faces < 1:
        raise InputError(f"limit {training_faces} leaves no training face; give at least 1.")
    training = int((samples["split"] == "train").sum())
    if training <= training_faces:
        return samples
    share = training_faces / training
    kept = [np.flatnonzero(samples["split"] == "test")]
    for split in MIXED_SPLITS:
        counts = samples.loc[samples["split"] == split, "label"].value_counts().sort_index()
        target = training_faces if split == "train" else round(share * int(counts.sum()))
        for emotion, wanted in apportion(counts, target).items():
            rows = np.flatnonzero((samples["split"] == split) & (samples["label"] == emotion))
            kept.append(shuffled(rows, f"{seed}/limit/{split}/{emotion}")[:wanted])
    return samples.iloc[np.sort(np.concatenate(kept))].reset_index(drop=True)


def drawn(samples: pd.DataFrame, fraction: Decimal, seed: int, splits: tuple[str, ...] = MIXED_SPLITS) -> pd.DataFrame:
    """Return floor(fraction x n) of an addition's samples within each emotion and each of the splits."""
    rows = [np.empty(0, dtype=np.int64)]
    for split in splits:
        for emotion in sorted(samples["label"].unique()):
            here = np.flatnonzero((samples["split"] == split) & (samples["label"] == emotion))
            rows.append(shuffled(here, f"{seed}/in/{split}/{emotion}")[: draw_count(fraction, len(here))])
    return samples.iloc[np.sort(np.concatenate(rows))]


def _leaving(base: FaceDataset, incoming: pd.DataFrame, seed: int) -> np.ndarray:
    leaving = [np.empty(0, dtype=np.int64)]
    for (split, emotion), coming in incoming.groupby(["split", "label"]).size().items():
        rows = np.flatnonzero((base.samples["split"] == split) & (base.samples["label"] == emotion))
        if len(rows) < coming:
            raise InputError(
                f"swap needs {coming} {split} faces of {emotion} to leave {base.name}, which has {len(rows)}; "
                "take a smaller fraction or the arm add."
            )
        leaving.append(shuffled(rows, f"{seed}/out/{split}/{emotion}")[:coming])
    return np.concatenate(leaving)


def check_mixable(base: FaceDataset, addition: FaceDataset) -> None:
    """Raise InputError for two datasets that cannot be mixed, as :func:`integrate` does."""
    if base.face_shape != addition.face_shape:
        raise InputError(
            f"{base.name} has faces of {base.face_shape} and {addition.name} of {addition.face_shape} "
            "(height, width, channels); preprocess both to one size and colour."
        )
    common = base.parts.keys() & addition.parts.keys()
    for source in common:
        if base.parts[source].digest != addition.parts[source].digest:
            raise InputError(
                f"{base.name} and {addition.name} hold different faces under the one name {source}; "
                "preprocess one of them under another name."
            )
    if not common:  # Every sample's name begins with its source's: those of others cannot be the same.
        return
    shared = base.samples["sample_id"].isin(addition.samples["sample_id"])
    if shared.any():
        first = base.samples.loc[shared, "sample_id"].iloc[0]
        raise InputError(f"{base.name} and {addition.name} share samples ({first}); integrate distinct datasets.")
