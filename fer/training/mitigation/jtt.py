"""JTT, just train twice: faces that a first model gets wrong weigh more (Liu et al. 2021, Just train twice).

The first model is trained plainly for ``first_share`` of the epochs (T of the paper), with a schedule of its own; the
weight of the training faces that it misclassifies is ``upweight`` in the training of the model proper, which begins
anew. No group labels are needed. SubpopBench has the same weights, a first share of 0.5 (range 0.2 to 0.8) and an
upweight of 10 (range 1 to 316); there the two trainings share the steps, here as in the paper the second one has all.
"""

import numpy as np

from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment; trains the first model."""
    wrong = faces.plainly_trained(settings["first_share"]).argmax(axis=1) != faces.codes
    return Treatment(weights=np.where(wrong, settings["upweight"], 1.0).astype(np.float32))
