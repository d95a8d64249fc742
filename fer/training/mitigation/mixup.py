"""Mixup: training faces and labels are blended in pairs (Zhang et al. 2018, mixup: beyond empirical risk minimization).

See :func:`fer.training.mixup.mixed`. DomainBed and SubpopBench have alpha = 0.2 and the range 0.1 to 10. SubpopBench
mixes within a batch, as here; DomainBed across domains. No group labels are needed.
"""

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(mixup=settings["alpha"])
