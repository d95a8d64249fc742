"""Reweighting by group: the weight of a face in the loss is n / (groups * faces of its group).

All groups then have the same total weight, and the mean weight is 1, as in SubpopBench's "ReWeight" by attribute.
"""

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment
from fer.training.weighting import balanced_weights


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(weights=balanced_weights(faces.groups))
