"""The faces of practice: drawn ones of any strength, and where on a face to look."""

from dataclasses import dataclass

import numpy as np

from fer.app.practice.scheduling import STRENGTHS, Question
from fer.data.emotions import EMOTIONS
from fer.synthetic.drawing import draw_faces, feature_outlines
from fer.synthetic.expressions import ACTIONS, UPPER_ACTIONS, emotion_actions
from fer.synthetic.identity import IDENTITY_DRAWS, draw_identities
from fer.synthetic.views import Views

PARTS = ("brows", "eyes", "mouth")
SIZE = 400
_GROUPS = 7
_PARTS_OF_ACTIONS = {
    "brows": ("brow_inner", "brow_outer", "brow_squeeze"),
    "eyes": ("lid_upper", "lid_lower", "cheek"),
    "mouth": tuple(name for name in ACTIONS if name not in UPPER_ACTIONS),
}


@dataclass(frozen=True, eq=False)
class PracticeFace:
    """A face to be read.

    Attributes:
        picture: uint8 (h, w, 3) RGB.
        regions: of each part in :data:`PARTS`, boxes (x, y, width, height) in pixels, float64 (k, 4).

    """

    picture: np.ndarray
    regions: dict[str, np.ndarray]


def drawn_face(question: Question, seed: int, size: int = SIZE) -> PracticeFace:
    """Return a drawn face of a made-up person, who differs with the seed as does the light.

    Example:
        >>> face = drawn_face(Question("fear", "surprise", "slight"), seed=3, size=120)
        >>> face.picture.shape, face.regions["brows"].shape
        ((120, 120, 3), (2, 4))

    """
    chance = np.random.default_rng(seed)
    tone = int(chance.integers(_GROUPS))
    people = draw_identities(chance.random((1, IDENTITY_DRAWS)), np.array([tone]), _GROUPS, 1.0)
    actions = STRENGTHS[question.strength] * emotion_actions()[[EMOTIONS.index(question.shown)]]
    pose = np.clip(chance.standard_normal((1, 6)), -2, 2) * [0.08, 0.05, 0.03, 0.02, 0.008, 0.008]
    pose[:, 3] += 1.0
    light = np.column_stack([chance.uniform(-0.6, 0.6, 1), [0.5], [0.62], chance.uniform(0.97, 1.08, 1)])
    gaze = 0.01 * chance.standard_normal((1, 2))
    views = Views(actions, np.array([0]), pose, light, chance.random((1, 9)), gaze)
    outlines = feature_outlines(people, views, size)
    regions = {part: np.stack([_box(outline[0]) for outline in outlines[part]]) for part in PARTS}
    return PracticeFace(draw_faces(people, views, size)[0], regions)


def most_telling(shown: str, answered: str) -> list[str]:
    """Return the parts of a face by which two emotions differ most, the first most; one or two of them.

    Example:
        >>> most_telling("fear", "surprise")
        ['mouth', 'brows']
        >>> most_telling("happy", "sad")
        ['mouth']

    """
    if shown not in EMOTIONS or answered not in EMOTIONS:
        return []
    table = emotion_actions()
    apart = np.abs(table[EMOTIONS.index(shown)] - table[EMOTIONS.index(answered)])
    differing = {
        part: float(sum(apart[ACTIONS.index(name)] for name in names)) for part, names in _PARTS_OF_ACTIONS.items()
    }
    order = sorted(PARTS, key=lambda part: -differing[part])
    return [part for part in order[:2] if differing[part] >= 0.75 * differing[order[0]]]


def _box(outline: np.ndarray) -> np.ndarray:
    low, high = outline.min(axis=0), outline.max(axis=0)
    return np.concatenate([low, high - low])
