"""The record of a balanced training split: counts, the number of generated faces, a sheet of them."""

import numpy as np

from fer import figures
from fer.data.dataset import FaceDataset
from fer.data.samples import known_columns
from fer.data.synthesis import MADE_FROM, MIXED_FROM, MIXED_WITH
from fer.record import Record
from fer.steps.dataset_summary import counts_record, describe_dataset

_SHOWN_AN_EMOTION = 3
_FAMILIES_A_ROW = 3


def balancing_record(base: FaceDataset, balanced: FaceDataset) -> Record:
    """Return the record of ``balanced``, which :func:`fer.data.balancing.make_balanced` made from ``base``."""
    counts = balanced.provenance
    made = {emotion: counts["made"].get(emotion, 0) for emotion in counts["after"]}
    return counts_record(balanced) | Record(
        metrics={f"data/made/{emotion}": count for emotion, count in made.items()},
        figures={"made.png": family_sheet(base, balanced)} if any(made.values()) else {},
        description=describe_dataset(balanced, []),
    )


def family_sheet(base: FaceDataset, balanced: FaceDataset) -> figures.Figure:
    """Return a sheet of generated faces per emotion, each preceded by the one or two real faces it was made from.

    The real faces are looked up in ``base``, as sampling may have left them out of ``balanced``.
    """
    samples = balanced.samples
    columns = known_columns(samples, (MADE_FROM, MIXED_FROM, MIXED_WITH))
    made = samples[samples["origin"].notna()]
    shown = [row for _, same in made.groupby("label") for row in same.index[:: -(-len(same) // _SHOWN_AN_EMOTION)]]
    parents = {name: row for row, name in enumerate(base.samples["sample_id"])}
    drawn, captions = [], []
    for row in shown:
        drawn += [
            *base.faces(np.array([parents[samples.at[row, name]] for name in columns])),
            *balanced.faces(np.array([row])),
        ]
        captions += ["real"] * len(columns) + [f"{samples.at[row, 'label']}, made"]
    width = _FAMILIES_A_ROW * (len(columns) + 1)
    return figures.face_sheet(np.stack(drawn), captions, columns=width, title=balanced.name)
