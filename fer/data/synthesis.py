"""Make further faces of one emotion from its real ones: altered copies, or mixtures of neighbours (SMOTE).

A maker takes a dataset, the table positions of the n real faces, the number of faces to make, a seed for that emotion
and its options. It returns a table of the made faces (the caller sets ``sample_id``) and the faces themselves, uint8
``(h, w, c)``, computed block by block while they are read.
"""

from collections.abc import Iterator
from typing import Self

import cv2
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE
from pydantic import Field
from scipy import sparse
from sklearn.neighbors import NearestNeighbors

from fer.data.dataset import FaceDataset
from fer.data.samples import DETECTION
from fer.errors import InputError
from fer.options import Options

MADE_FROM = "made_from"
MIXED_FROM, MIXED_WITH = "mixed_from", "mixed_with"

FLIP = 0.5
SHIFT = 1 / 16
ROTATION = 10.0
BRIGHTNESS = 0.2
K_NEIGHBORS = 5
_BLOCK = 128
_WHITE = 255.0

Faces = Iterator[np.ndarray]


class AugmentOptions(Options):
    """Ranges of the alterations; all but ``flip`` are drawn uniformly, both ways.

    ``flip``: share mirrored; ``shift``: share of the side; ``rotation``: degrees; ``brightness``: share of
    the way to white or to black.
    """

    flip: float = Field(FLIP, ge=0, le=1)
    shift: float = Field(SHIFT, ge=0, le=0.5)
    rotation: float = Field(ROTATION, ge=0, le=180)
    brightness: float = Field(BRIGHTNESS, ge=0, le=1)


class SmoteOptions(Options):
    """``k_neighbors``: number of nearest faces of the same emotion from which a face's partner is drawn."""

    k_neighbors: int = Field(K_NEIGHBORS, ge=1)


def altered_copies(
    dataset: FaceDataset, positions: np.ndarray, count: int, seed: int, options: AugmentOptions
) -> tuple[pd.DataFrame, Faces]:
    """Make altered copies of the real faces, each used as often as the others or once more.

    A copy keeps the metadata of its parent (groups, person, clip, votes) and names it in ``made_from``; only the
    detection (box, detector, angle) is null. With one seed, a larger number of copies begins with the smaller one's.
    """
    stream = np.random.default_rng(seed)
    parents = np.resize(stream.permutation(positions), count)
    draws = stream.random((count, 5))
    untrue = ["source", "row", *(name for name in DETECTION if name in dataset.samples and name != "pose")]
    samples = dataset.samples.iloc[parents].drop(columns=untrue)

    def faces() -> Faces:
        for start in range(0, count, _BLOCK):
            block = slice(start, start + _BLOCK)
            yield from alter(dataset.faces(parents[block]), draws[block], options)

    return samples.assign(**{MADE_FROM: samples["sample_id"]}).reset_index(drop=True), faces()


def alter(faces: np.ndarray, draws: np.ndarray, options: AugmentOptions) -> np.ndarray:
    """Flip, rotate, shift and relight faces, uint8 ``(n, h, w, c)``, by ``draws`` from 0..1, float ``(n, 5)``.

    One warp per face. It is cubic, since a linear one blurs more and blur would mark the enlarged classes; edges
    are reflected. Brightness moves each level a share of its way to white or to black, so that nothing clips.
    """
    _, height, width, channels = faces.shape
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    both_ways = 2 * draws - 1
    warped = np.empty_like(faces)
    for row, face in enumerate(faces):
        mirror = -1.0 if draws[row, 0] < options.flip else 1.0
        angle = np.deg2rad(both_ways[row, 1] * options.rotation)
        cosine, sine = np.cos(angle), np.sin(angle)
        turn = np.array([[cosine * mirror, -sine], [sine * mirror, cosine]])
        move = centre + both_ways[row, 2:4] * options.shift * (width, height) - turn @ centre
        moved = cv2.warpAffine(
            face, np.column_stack([turn, move]), (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
        )
        warped[row] = moved.reshape(height, width, channels)
    light = (both_ways[:, 4] * options.brightness).astype(np.float32).reshape(-1, 1, 1, 1)
    goal = np.where(light > 0, np.float32(_WHITE), np.float32(0))
    return np.rint(warped + np.abs(light) * (goal - warped)).astype(np.uint8)


def smote_mixtures(
    dataset: FaceDataset, positions: np.ndarray, count: int, seed: int, options: SmoteOptions
) -> tuple[pd.DataFrame, Faces]:
    """Make mixtures of a face and one of its nearest by pixels, as imbalanced-learn's SMOTE on flattened pixels.

    A mixture has two parents (``mixed_from``, ``mixed_with``) and belongs to no person, clip or group: those
    are null. The search for neighbours holds the class as float32 (602 kB per face of 224x224x3, 9 kB of 48x48) and
    scikit-learn's buffers (1.2 GB at 224x224x3 on two cores). With fewer faces than ``k_neighbors`` + 1 all others
    are neighbours; InputError if there is only one.
    """
    if len(positions) < 2:
        raise InputError(
            f"smote mixes two faces of an emotion, but {dataset.name} has 1 training face of "
            f"{dataset.samples['label'].iloc[positions[0]]}; use the method augment."
        )
    first, second, share = _pairs(dataset, positions, count, seed, options.k_neighbors)
    samples = dataset.samples[["label", "split"]].iloc[first].reset_index(drop=True)
    names = dataset.samples["sample_id"].to_numpy(dtype=object)
    samples = samples.assign(**{MIXED_FROM: names[first], MIXED_WITH: names[second]})

    def faces() -> Faces:
        for start in range(0, count, _BLOCK):
            block = slice(start, start + _BLOCK)
            one, other = (dataset.faces(parents[block]).astype(np.float32) for parents in (first, second))
            yield from np.rint(other + share[block].reshape(-1, 1, 1, 1) * (one - other)).astype(np.uint8)

    return samples, faces()


def _pairs(
    dataset: FaceDataset, positions: np.ndarray, count: int, seed: int, k_neighbors: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return SMOTE's draw: table positions of both parents, int ``(count,)``, and the first one's share of the face.

    SMOTE is linear: on unit vectors instead of pixels it returns the parents' shares, two numbers per face, so that
    the mixtures need not be in memory together.
    """
    n = len(positions)
    pixels = dataset.faces(positions).reshape(n, -1).astype(np.float32)
    search = NearestNeighbors(n_neighbors=min(k_neighbors, n - 1), algorithm="brute").fit(pixels)
    neighbours = search.kneighbors(return_distance=False)
    del pixels, search
    # SMOTE needs at least two classes: the last row is a second one, which is not sampled.
    units = sparse.eye_array(n + 1, n, format="csr")
    sampler = SMOTE(
        sampling_strategy={0: n + count},
        random_state=seed,
        k_neighbors=_Found(np.column_stack([np.arange(n), neighbours])),
    )
    shares = sampler.fit_resample(units, np.append(np.zeros(n, dtype=int), 1))[0][n + 1 :]
    begin, end = shares.indptr[:-1], shares.indptr[1:] - 1
    return positions[shares.indices[begin]], positions[shares.indices[end]], shares.data[begin].astype(np.float32)


class _Found(NearestNeighbors):
    """Precomputed neighbours, int ``(n, 1 + k)``, each face itself first, as SMOTE requires."""

    def __init__(self, found: np.ndarray) -> None:
        self.found = found

    def fit(self, vectors: object, labels: object = None) -> Self:
        return self

    def kneighbors(
        self, vectors: object = None, n_neighbors: object = None, return_distance: bool = True
    ) -> np.ndarray:
        return self.found
