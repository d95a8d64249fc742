"""Two halves of the validation split: held-out faces for a method, and those that the training is watched on."""

import numpy as np

from fer.data.dataset import FaceDataset
from fer.data.draws import apportion, shuffled, stream_seed
from fer.data.samples import CLIP, PERSON, known_columns, qualified_ids
from fer.data.split_groups import deal_groups
from fer.errors import InputError
from fer.fairness import linked_clusters

_CLUSTER = "_cluster"


def held_out_part(dataset: FaceDataset, share: float, seed: int) -> tuple[FaceDataset, FaceDataset]:
    """Return the held-out faces, about ``share`` of the validation split, and the others.

    They are drawn within each emotion; where persons or clips are known, clusters linked by them stay whole, so that
    no person and no clip is in both parts. Raises InputError if the split cannot be divided, and if an emotion of the
    training split has no held-out face.
    """
    validation = dataset.split("validation")
    samples = validation.samples
    known = known_columns(samples, (PERSON, CLIP))
    chosen = np.zeros(len(samples), dtype=bool)
    if known:
        clusters = linked_clusters(*(qualified_ids(samples, column) for column in known))
        if clusters.max() == 0:
            raise InputError(
                f"the validation faces of {validation.name} are linked by {' and '.join(known)} into one cluster, so "
                "that no part can be held out; take another dataset, or another method."
            )
        table = samples.assign(**{_CLUSTER: clusters})
        sides = deal_groups(table, _CLUSTER, (1 - share, share, 0.0), stream_seed(f"{seed}/held out"))
        chosen = sides == "validation"
    else:
        counts = samples["label"].value_counts().sort_index()
        for emotion, count in apportion(counts, round(share * len(samples))).items():
            chosen[shuffled(np.flatnonzero(samples["label"] == emotion), f"{seed}/held out/{emotion}")[:count]] = True
    if not chosen.any() or chosen.all():
        raise InputError(
            f"the {len(samples):,} validation faces of {validation.name} are too few to hold some out; take a dataset "
            "with more, or another method."
        )
    held_out = validation.where(chosen)
    missing = sorted(set(dataset.split("train").samples["label"]) - set(held_out.samples["label"]))
    if missing:
        raise InputError(
            f"of the {len(samples):,} validation faces of {validation.name} {len(held_out):,} are held out for the "
            f"method, and none of them is {' or '.join(missing)}; take a dataset with more validation faces, or "
            "another method."
        )
    return held_out, validation.where(~chosen)
