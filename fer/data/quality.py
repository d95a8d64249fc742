"""Sharpness of faces, to detect a damaged split before a model is trained on it."""

import numpy as np
import pandas as pd

from fer.data.dataset import FaceDataset

# Splits from one camera differ by tens of percent; a factor of three means different picture quality.
TOLERATED_RATIO = 3.0
_SAMPLED = 2000


def sharpness(faces: np.ndarray) -> np.ndarray:
    """Return each face's sharpness, float (n,): the std of the Laplacian over the std of the gray levels.

    Takes uint8 ``(n, h, w, c)``. 0 is a flat or utterly blurred face; sharp 48x48 faces lie near 0.5 to 1.
    NaN for a face of one gray level. Pech-Pacheco et al. 2000 use the Laplacian's variance; dividing by
    the contrast makes dark and bright faces comparable.
    """
    gray = faces.mean(axis=3, dtype=np.float32)
    middle = gray[:, 1:-1, 1:-1]
    laplacian = gray[:, :-2, 1:-1] + gray[:, 2:, 1:-1] + gray[:, 1:-1, :-2] + gray[:, 1:-1, 2:] - 4 * middle
    contrast = gray.std(axis=(1, 2))
    return np.divide(
        laplacian.std(axis=(1, 2)), contrast, out=np.full(len(faces), np.nan, np.float32), where=contrast > 0
    )


def sharpness_by_split(dataset: FaceDataset) -> pd.Series:
    """Return the median sharpness of each split, of at most 2,000 faces evenly spread over it."""
    medians = {}
    for split in dataset.samples["split"].unique():
        rows = np.flatnonzero(dataset.samples["split"] == split)
        medians[split] = float(np.nanmedian(sharpness(dataset.faces(rows[:: -(-len(rows) // _SAMPLED)]))))
    return pd.Series(medians, dtype=float)


def sharpness_warning(dataset: FaceDataset) -> str | None:
    """Return a sentence if one split's faces are more than three times as sharp as another's, else None."""
    medians = sharpness_by_split(dataset).dropna().sort_values()
    if len(medians) < 2 or medians.iloc[-1] <= TOLERATED_RATIO * medians.iloc[0]:
        return None
    return (
        f"{dataset.name}: the {medians.index[0]} faces are blurred (median sharpness {medians.iloc[0]:.2f}) against "
        f"the {medians.index[-1]} faces ({medians.iloc[-1]:.2f}); a model trained on one will not see the other "
        "well: check where the files come from."
    )
