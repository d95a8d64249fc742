"""Group-balanced sampling: an epoch has faces of every group equally often, and about as many as without it.

Faces of a small group are repeated, of a large one every epoch draws others. DomainBed's minibatches are balanced over
domains in the same way; SubpopBench's "ReSample" over groups by classes (``groups=race*label``).
"""

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(balance_by=faces.groups)
