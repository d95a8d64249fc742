"""Training faces that are kept aside from a base, so that it can grow by faces of its own: the arm ``same``."""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.data.draws import apportion, draw_count, shuffled, stream_seed
from fer.data.fractions import parse_fraction, percent
from fer.data.samples import CLIP, PERSON, conform, known_columns, qualified_ids
from fer.data.split_groups import deal_groups
from fer.errors import InputError
from fer.fairness import linked_clusters

NOTHING = Decimal(0)
# In a mixture's provenance: the number of training faces that its base has on its own.
BASE_TRAINING_FACES = "base_training_faces"
_LONGEST = 12
_CLUSTER = "_cluster"


class Divided(NamedTuple):
    """A base without the training faces that were kept aside, and the samples of those faces."""

    base: FaceDataset
    aside: pd.DataFrame


def parse_kept_aside(text: str | float | Decimal) -> Decimal:
    """Read how many training faces are kept aside: a share below 1 ("0.3"), a number of faces ("300"), or 0 for none.

    Raises InputError for anything else.

    Example:
        >>> parse_kept_aside("0.3"), parse_kept_aside("300")
        (Decimal('0.3'), Decimal('300'))

    """
    written = str(text).strip()
    if written.isascii() and written.isdigit() and len(written) <= _LONGEST:
        return Decimal(written)
    try:
        share = parse_fraction(written)
    except InputError:
        share = Decimal(1)
    if share == 1:
        shown = written if len(written) <= _LONGEST else f"{written[:_LONGEST]}..."
        raise InputError(
            f"kept_aside {shown!r} is neither a share of the base's training faces below 1 nor a number of faces; give "
            "one such as 0.3 or 300."
        )
    return share


def amount(kept_aside: Decimal) -> str:
    """Return how much is kept aside in words: "30%" or "300 faces"."""
    return percent(kept_aside) if kept_aside < 1 else f"{kept_aside} faces"


def divided(base: FaceDataset, kept_aside: Decimal, seed: int) -> Divided:
    """Return ``base`` without the training faces that are kept aside, and these faces.

    The faces are drawn within each emotion, in proportion to its number. Where persons or clips are known, clusters
    linked by them are drawn whole, so that no person or clip is on both sides; the number of faces is then about the
    asked one. Validation and test stay whole.

    Args:
        base: any dataset.
        kept_aside: as :func:`parse_kept_aside` returns it; 0 leaves the base unchanged.
        seed: of the draw.

    Raises InputError if no training face would be kept aside, or none be left, and if the training faces are one
    cluster.

    """
    samples = base.samples
    train = np.flatnonzero(samples["split"] == "train")
    if not kept_aside:
        return Divided(base, samples.iloc[:0])
    wanted = int(kept_aside) if kept_aside >= 1 else draw_count(kept_aside, len(train))
    if not 0 < wanted < len(train):
        raise InputError(
            f"kept_aside {kept_aside} leaves {max(len(train) - wanted, 0)} of the {len(train)} training faces of "
            f"{base.name} and keeps {min(wanted, len(train))} aside; give a share such as 0.3, or fewer faces than it "
            "has."
        )
    known = known_columns(samples.iloc[train], (PERSON, CLIP))
    draw = _by_cluster if known else _by_emotion
    chosen = np.zeros(len(samples), dtype=bool)
    chosen[train[draw(base, samples.iloc[train], wanted, seed)]] = True
    name = f"{base.name}-{amount(kept_aside)}"
    return Divided(
        replace(
            base,
            name=name,
            samples=conform(samples.loc[~chosen]),
            provenance={
                "made_by": "integrate",
                "emotions": list(base.emotions),
                "base": base.name,
                "base_digest": base.digest,
                "kept_aside": str(kept_aside),
                "faces_kept_aside": int(chosen.sum()),
                BASE_TRAINING_FACES: len(train) - int(chosen.sum()),
                "seed": seed,
            },
        ),
        samples.loc[chosen],
    )


def own_faces(divided_base: Divided, coming: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return as many faces of each emotion, of those kept aside, as ``coming`` has training faces.

    For one seed a larger draw contains a smaller one. Raises InputError, naming the emotion, if too few were kept
    aside.
    """
    base, aside = divided_base
    drawn = [np.empty(0, dtype=np.int64)]
    for emotion, count in coming.loc[coming["split"] == "train", "label"].value_counts().sort_index().items():
        rows = np.flatnonzero(aside["label"] == emotion)
        if len(rows) < count:
            raise InputError(
                f"the arm same needs {count} training faces of {emotion} kept aside, and of {base.name} there are "
                f"{len(rows)}; keep more aside (kept_aside) or take a smaller fraction."
            )
        drawn.append(shuffled(rows, f"{seed}/own/{emotion}")[:count])
    return aside.iloc[np.sort(np.concatenate(drawn))]


def _by_emotion(base: FaceDataset, training: pd.DataFrame, wanted: int, seed: int) -> np.ndarray:
    counts = training["label"].value_counts().sort_index()
    drawn = [
        shuffled(np.flatnonzero(training["label"] == emotion), f"{seed}/aside/{emotion}")[:count]
        for emotion, count in apportion(counts, wanted).items()
    ]
    return np.concatenate(drawn)


def _by_cluster(base: FaceDataset, training: pd.DataFrame, wanted: int, seed: int) -> np.ndarray:
    known = known_columns(training, (PERSON, CLIP))
    clusters = linked_clusters(*(qualified_ids(training, column) for column in known))
    if clusters.max() == 0:
        raise InputError(
            f"the training faces of {base.name} are linked by {' and '.join(known)} into one cluster, of which no part "
            "can be kept aside; take another base, or the arms add and swap."
        )
    share = wanted / len(training)
    shares = (1 - share, share, 0.0)
    sides = deal_groups(
        training.assign(**{_CLUSTER: clusters}), _CLUSTER, shares, stream_seed(f"{seed}/aside"), f" of {base.name}"
    )
    return np.flatnonzero(sides == "validation")
