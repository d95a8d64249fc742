"""Class-balanced sampling: an epoch has every emotion equally often, as with ``sampling=balanced``.

The method "ReSample" of SubpopBench by class, and "oversampling" of Idrissi et al. 2022 (Simple data balancing achieves
competitive worst-group-accuracy).
"""

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(balance_by=faces.codes)
