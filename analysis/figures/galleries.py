"""Faces before and after a change of the training data, by outcome: the study's Figures 10 and 11."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.experiments.paired_outcomes import OUTCOMES
from fer.figures import draw_face, literal

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
    # An axis per outcome: one per face would take ten times as long. Units are faces.
    for axis, outcome in zip(figure.subplots(len(outcomes), 1, squeeze=False)[:, 0], outcomes, strict=True):
        rows = changed[changed["outcome"] == outcome].sort_values("sample_id")
        # Neighbours in this order are frames of one clip: evenly spaced faces show more persons.
        places = np.unique(np.linspace(0, len(rows) - 1, min(columns, len(rows))).astype(int))
        shown = rows.iloc[places]
        pictures = faces(list(shown["sample_id"]))
        for place, (picture, (_, row)) in enumerate(zip(pictures, shown.iterrows(), strict=True)):
            top = draw_face(axis, picture, place + 0.5, 1.1, 0.9)
            axis.text(place + 0.5, top - 0.03, row["label"], fontsize=7.5, ha="center", va="bottom")
            said = f"{row['predicted_before']} >\n{row['predicted_after']}"
            axis.text(place + 0.5, 1.15, said, fontsize=6.5, ha="center", va="top")
        axis.set(xticks=[], yticks=[], xlim=(0, columns), ylim=(1.42, 0), aspect="equal")
        axis.spines[:].set_visible(False)
        axis.set_ylabel(
            f"{outcome.replace('_', ' ')}\n{len(rows)} of {len(changed)}",
            rotation=0,
            ha="right",
            va="center",
            fontsize=8.5,
            labelpad=8,
        )
    figure.suptitle(title, fontsize=10)
    return figure
