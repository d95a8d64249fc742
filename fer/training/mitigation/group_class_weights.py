"""Reweighting by group and class: every combination of group and emotion that has faces has the same total weight.

SubpopBench's "ReWeight", whose groups are attributes by classes; its weights have a mean of 1 over the combinations,
here over the faces, which changes the loss by a constant factor.
"""

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment
from fer.training.weighting import balanced_weights


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(weights=balanced_weights(faces.cells))
