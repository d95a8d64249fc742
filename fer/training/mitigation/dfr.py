"""DFR, deep feature reweighting: the last layer is retrained on balanced held-out faces (Kirichenko et al. 2023).

The network is trained plainly. Then, with everything before its last layer fixed, the last layer is replaced by a
multinomial logistic regression with an L1 penalty on the standardised features of held-out faces: half of the
validation split, persons and clips apart; the other half is what the training is watched on. The regression is fitted
on ten draws in which every combination of group and emotion is equally often, and its coefficients are averaged (Last
layer re-training is sufficient for robustness to spurious correlations, section 6 and appendix). The paper draws as
many faces of each combination as the smallest one has. With seven emotions that can be one face; here a draw has about
as many faces as are held out, and those of small combinations repeat (:func:`fer.training.sampling.balanced`).

``c`` is the inverse strength of the penalty, scikit-learn's C; the paper searches 0.01 to 1.
"""

import warnings
from functools import partial

import keras
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from fer.data.dataset import FaceDataset
from fer.models.heads import LAST_LAYER
from fer.training.mitigation.contract import Settings, TrainingFaces, Treatment
from fer.training.sampling import balanced
from fer.training.streams import stream

HELD_OUT = 0.5
_DRAWS = 10
_ITERATIONS = 500
_STREAM = "last layer"


def treatment(faces: TrainingFaces, settings: Settings) -> Treatment:
    """Return the treatment."""
    return Treatment(held_out=HELD_OUT, retrain=partial(retrain_last_layer, faces=faces, c=settings["c"]))


def retrain_last_layer(
    model: keras.Model, held_out: FaceDataset, emotions: tuple[str, ...], seed: int, faces: TrainingFaces, c: float
) -> None:
    """Set the weights of a model's last layer from held-out faces."""
    codes = held_out.codes(emotions)
    last = model.get_layer(LAST_LAYER)
    features = keras.Model(model.inputs, last.input).predict(held_out.faces(), batch_size=256, verbose=0)
    groups = faces.groups_of(held_out)
    cells = groups * len(emotions) + codes
    kernel, bias = np.zeros((features.shape[1], len(emotions))), np.zeros(len(emotions))
    for draw in range(_DRAWS):
        rows = balanced(held_out, cells, stream(seed, _STREAM, draw))
        coefficients, intercepts = _fitted(features[rows].astype(np.float64), codes[rows], c, seed)
        present = np.unique(codes[rows])
        kernel[:, present] += coefficients.T / _DRAWS
        bias[present] += intercepts / _DRAWS
    absent = np.setdiff1d(np.arange(len(emotions)), codes)
    # An emotion without any face is never predicted, as after training without it.
    bias[absent] = bias.min() - 20
    last.set_weights([kernel.astype(np.float32), bias.astype(np.float32)])


def _fitted(features: np.ndarray, codes: np.ndarray, c: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (classes, features) and intercepts (classes,) for features that are not standardised."""
    scaler = StandardScaler().fit(features)
    regression = LogisticRegression(C=c, l1_ratio=1.0, solver="saga", max_iter=_ITERATIONS, random_state=seed)
    with warnings.catch_warnings():
        # The mean of ten fits that are nearly there is near enough.
        warnings.simplefilter("ignore", ConvergenceWarning)
        regression.fit(scaler.transform(features), codes)
    coefficients, intercepts = regression.coef_, regression.intercept_
    if len(coefficients) == 1:  # Of two classes it knows the second one's advantage only.
        coefficients, intercepts = np.vstack([-coefficients, coefficients]) / 2, np.append(-intercepts, intercepts) / 2
    coefficients = coefficients / scaler.scale_
    return coefficients, intercepts - coefficients @ scaler.mean_
