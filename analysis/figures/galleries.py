"""Faces before and after a change of the training data, by outcome: the study's Figures 10 and 11."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.experiments.paired_outcomes import OUTCOMES
from fer.figures import literal

Faces = Callable[[Sequence[str]], np.ndarray]


@literal
def change_gallery(changed: pd.DataFrame, faces: Faces, title: str = "", columns: int = 8) -> Figure:
    """Draw up to ``columns`` faces of each outcome that occurs, one row per outcome, evenly spaced over its faces.

    ``changed`` is :func:`analysis.experiments.paired_outcomes.changes`, of one group or all; ``faces`` maps sample ids
    to their faces, uint8 ``(n, h, w, 1 or 3)``. Above a face is the true emotion, below it the
    prediction before > after.
    """
    outcomes = [outcome for outcome in OUTCOMES if (changed["outcome"] == outcome).any()]
    figure = Figure(figsize=(1.5 + 1.02 * columns, 0.5 + 1.42 * len(outcomes)), layout="constrained")
    grid = figure.subplots(len(outcomes), columns, squeeze=False)
    for axes, outcome in zip(grid, outcomes, strict=True):
        rows = changed[changed["outcome"] == outcome].sort_values("sample_id")
        # Neighbours in this order are frames of one clip: evenly spaced faces show more persons.
        places = np.unique(np.linspace(0, len(rows) - 1, min(columns, len(rows))).astype(int))
        shown = rows.iloc[places]
        pictures = faces(list(shown["sample_id"]))
        for axis in axes:
            axis.set(xticks=[], yticks=[])
            axis.spines[:].set_visible(False)
        for axis, picture, (_, row) in zip(axes, pictures, shown.iterrows(), strict=False):
            axis.imshow(picture.squeeze(), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axis.set_title(row["label"], fontsize=7.5, pad=2)
            axis.set_xlabel(f"{row['predicted_before']} >\n{row['predicted_after']}", fontsize=6.5, labelpad=2)
        axes[0].set_ylabel(
            f"{outcome.replace('_', ' ')}\n{len(rows)} of {len(changed)}",
            rotation=0,
            ha="right",
            va="center",
            fontsize=8.5,
            labelpad=8,
        )
    figure.suptitle(title, fontsize=10)
    return figure
