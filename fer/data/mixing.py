"""Mix datasets: add a fraction of one to another, swap it in, or limit a dataset's size.

Every draw has a stream of its own, named by seed, split and emotion: one emotion's draw never depends on
another's, and for one seed a larger fraction contains the smaller one.
"""

import zlib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.emotions import EMOTIONS
from fer.data.samples import conform
from fer.errors import InputError
from fer.numbers import check_seed, plain

ARMS: tuple[str, ...] = ("add", "swap")
_MOST_PLACES = 20
MIXED_SPLITS: tuple[str, ...] = ("train", "validation")


def parse_fraction(text: str | float | Decimal) -> Decimal:
    """Read a fraction in 0..1 exactly as written: "0.7" of 90 is 63, where binary 0.7 x 90 floors to 62."""
    written = str(text).strip()
    shown = written if len(written) <= _MOST_PLACES else f"{written[:_MOST_PLACES]}..."
    try:
        fraction = Decimal(plain(written))
    except (InvalidOperation, ValueError):
        raise InputError(f"fraction {shown!r} is not a number; give one from 0 to 1, such as 0.3.") from None
    if not fraction.is_finite() or not 0 <= fraction <= 1:
        raise InputError(f"fraction {shown} is outside 0..1; give the share of the addition, such as 0.3.")
    # Exact arithmetic and a name with all digits: 1e-400000 would take minutes, and no dataset is that large.
    if -int(fraction.as_tuple().exponent) > _MOST_PLACES:
        raise InputError(f"fraction {shown} has more than {_MOST_PLACES} decimal places; give one such as 0.3.")
    return abs(fraction)  # Decimal knows a -0.


def percent(fraction: Decimal) -> str:
    """Return a fraction as an exact percentage: 0.125 is "12.5%"."""
    return f"{(fraction * 100).normalize():f}%"


def draw_count(fraction: Decimal, available: int) -> int:
    """Return floor(fraction x available) in exact decimal arithmetic."""
    return int(fraction * available // 1)


def integrate(base: FaceDataset, addition: FaceDataset, fraction: Decimal, seed: int, arm: str = "add") -> FaceDataset:
    """Return ``base`` with floor(fraction x n) faces of ``addition``, drawn within each emotion and split.

    Train and validation are mixed alike; the base's test split is unchanged and the addition's is never
    used. No face is copied. Arm ``add`` enlarges the base; ``swap`` removes as many base faces of each emotion
    and split as are added, so that the size is unchanged.

    Raises InputError if they are one dataset, if both hold faces of different shape, share samples, hold different data
    under one name, or (``swap``) if the base has too few faces of an emotion to remove.
    """
    if arm not in ARMS:
        raise InputError(f"unknown arm {arm!r}; use one of {', '.join(ARMS)}.")
    check_seed(seed)
    check_mixable(base, addition)
    incoming = addition.samples.iloc[_draw(addition.samples, fraction, f"{seed}/in")]
    staying = base.samples
    if arm == "swap":
        staying = staying.drop(index=_leaving(base, incoming, seed))
    mixed = conform(pd.concat([staying, incoming], ignore_index=True))
    arrow = "+" if arm == "add" else "~"
    name = f"{base.name}{arrow}{percent(fraction)} {addition.name}" if fraction else base.name
    vocabulary = {*base.emotions, *(addition.emotions if fraction else ())}
    parts = {
        source: part for source, part in {**base.parts, **addition.parts}.items() if (mixed["source"] == source).any()
    }
    return FaceDataset(
        name=name,
        samples=mixed,
        parts=parts,
        lost=base.lost,
        provenance={
            "made_by": "integrate",
            "emotions": [emotion for emotion in EMOTIONS if emotion in vocabulary],
            "arm": arm,
            "base": base.name,
            "base_digest": base.digest,
            "addition": addition.name,
            "addition_digest": addition.digest,
            "fraction": str(fraction),
            "seed": seed,
        },
    )


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
        for emotion, wanted in _apportion(counts, target).items():
            rows = np.flatnonzero((samples["split"] == split) & (samples["label"] == emotion))
            kept.append(_shuffled(rows, f"{seed}/limit/{split}/{emotion}")[:wanted])
    return samples.iloc[np.sort(np.concatenate(kept))].reset_index(drop=True)


def _apportion(counts: pd.Series, total: int) -> Mapping[str, int]:
    exact = counts * (total / max(int(counts.sum()), 1))
    whole = np.floor(exact).astype(int)
    order = (whole - exact).sort_values(kind="stable").index
    whole[order[: total - int(whole.sum())]] += 1
    return whole.to_dict()


def _shuffled(rows: np.ndarray, stream: str) -> np.ndarray:
    return np.random.default_rng(zlib.crc32(stream.encode())).permutation(rows)


def _draw(samples: pd.DataFrame, fraction: Decimal, stream: str) -> np.ndarray:
    drawn = [np.empty(0, dtype=np.int64)]
    for split in MIXED_SPLITS:
        for emotion in sorted(samples["label"].unique()):
            rows = np.flatnonzero((samples["split"] == split) & (samples["label"] == emotion))
            drawn.append(_shuffled(rows, f"{stream}/{split}/{emotion}")[: draw_count(fraction, len(rows))])
    return np.sort(np.concatenate(drawn))


def _leaving(base: FaceDataset, incoming: pd.DataFrame, seed: int) -> np.ndarray:
    leaving = [np.empty(0, dtype=np.int64)]
    for (split, emotion), coming in incoming.groupby(["split", "label"]).size().items():
        rows = np.flatnonzero((base.samples["split"] == split) & (base.samples["label"] == emotion))
        if len(rows) < coming:
            raise InputError(
                f"swap needs {coming} {split} faces of {emotion} to leave {base.name}, which has {len(rows)}; "
                "take a smaller fraction or the arm add."
            )
        leaving.append(_shuffled(rows, f"{seed}/out/{split}/{emotion}")[:coming])
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
