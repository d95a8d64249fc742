"""Focal loss: faces that the network is sure of count less (Lin et al. 2017, Focal loss for dense object detection).

With the loss l of a face, its cross-entropy, p = exp(-l) is the probability of its label, and its focal loss is

    (1 - p)^gamma l

SubpopBench has the same form, gamma = 1 and the range 0.5 to 5. No group labels are needed. ``validation/loss`` is the
cross-entropy, as without it.
"""

from typing import Any

from keras import ops

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment
from fer.training.mitigation.objective import Objective


class Focal(Objective):
    """The weighted mean of the faces' focal losses; there is no state."""

    def __init__(self, gamma: float):
        super().__init__()
        self._gamma = gamma

    def of(self, losses: Any, weights: Any) -> Any:
        """Return the objective of a batch."""
        # A loss of exactly 0 has no derivative of (1 - p)^gamma for gamma below 1.
        focal = ops.power(ops.maximum(1 - ops.exp(-losses), 1e-7), self._gamma) * losses
        return ops.mean(focal if weights is None else focal * weights)


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(objective=Focal(settings["gamma"]))
