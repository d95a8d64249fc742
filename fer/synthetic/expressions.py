"""Expressions of drawn faces: one vector of facial actions per emotion, and the dialects of groups.

An action is a FACS-like movement, 0 at rest and about 1 at its strongest; some can be negative.
"""

import numpy as np

from fer.data.emotions import EMOTIONS

UPPER_ACTIONS = ("brow_inner", "brow_outer", "brow_squeeze", "lid_upper", "lid_lower", "cheek")
LOWER_ACTIONS = ("mouth_corner", "mouth_open", "mouth_width", "lip_raise", "pout", "teeth", "nose_wrinkle")
ACTIONS = UPPER_ACTIONS + LOWER_ACTIONS

# Columns as in ACTIONS. FACS action units: brow_inner AU1, brow_outer AU2, brow_squeeze AU4,
# lid_upper AU5, lid_lower AU7, cheek AU6; mouth_corner AU12 (below 0: AU15), mouth_open AU25-27,
# mouth_width AU20, lip_raise AU10, pout AU17, nose_wrinkle AU9; teeth is both rows bared.
_ACTIONS_BY_EMOTION: dict[str, tuple[float, ...]] = {
    "angry": (-1.0, 0.45, 1.0, -0.05, 0.35, 0.0, -0.45, 0.38, 0.05, 0.25, 0.0, 1.0, 0.35),
    "disgust": (-0.55, -0.25, 0.6, -0.45, 0.75, 0.5, -0.65, 0.1, -0.15, 1.0, 0.5, 0.0, 1.0),
    "fear": (1.0, 0.15, 0.75, 0.75, 0.0, 0.0, -0.4, 0.42, 0.5, 0.0, 0.0, 0.2, 0.0),
    "happy": (0.15, 0.25, 0.0, -0.15, 0.75, 1.0, 1.0, 0.5, 0.45, 0.0, 0.0, 0.0, 0.0),
    "neutral": (0.0,) * 13,
    "sad": (0.85, -0.75, 0.5, -0.4, 0.1, 0.0, -1.0, 0.0, -0.1, 0.0, 0.8, 0.0, 0.0),
    "surprise": (1.05, 1.1, -0.2, 1.0, -0.1, 0.0, 0.0, 1.0, -0.45, 0.0, 0.0, 0.0, 0.0),
}
# How far a full dialect goes towards the borrowed emotion. Below 1, so that a trace of the own one remains
# and a model that has seen the group can learn it.
_FULL_DIALECT = 0.7

# The order in which dialects borrow: neighbours are far apart both in brows and in mouth.
_BORROWING = ("happy", "angry", "surprise", "sad", "neutral", "fear", "disgust")


def emotion_actions() -> np.ndarray:
    """Return the actions of each emotion, (7, 13), rows in the order of EMOTIONS, columns of ACTIONS."""
    return np.array([_ACTIONS_BY_EMOTION[emotion] for emotion in EMOTIONS])


def borrowed_emotion(step: int) -> np.ndarray:
    """Return, for each emotion (7,), the code of the emotion ``step`` places later in the borrowing order."""
    cycle = [EMOTIONS.index(emotion) for emotion in _BORROWING]
    borrowed = np.empty(len(EMOTIONS), dtype=int)
    for place, code in enumerate(cycle):
        borrowed[code] = cycle[(place + step) % len(cycle)]
    return borrowed


def group_actions(group: int, dialect: float) -> np.ndarray:
    """Return the actions (7, 13) with which the group at position ``group`` (0 = majority) shows each emotion.

    The majority's are :func:`emotion_actions` for any ``dialect``. Groups 1, 3, 5 keep the nose and mouth
    of an emotion and borrow the brows and eyes of another; groups 2, 4, 6 the other way round. Groups
    1 and 2 borrow from one place on in the borrowing order, 3 and 4 from two, 5 and 6 from three: no two
    groups share a combination with different meanings, so a model that saw a group can learn it.
    ``dialect`` (0 to 1) moves the borrowed half linearly from the own emotion's, at 1 most of the
    way to the other's (_FULL_DIALECT).
    """
    own = emotion_actions()
    if group == 0:
        return own
    other = own[borrowed_emotion((group + 1) // 2)]
    upper = len(UPPER_ACTIONS)
    half = slice(None, upper) if group % 2 == 1 else slice(upper, None)
    mixed = own.copy()
    part = _FULL_DIALECT * dialect
    mixed[:, half] = (1.0 - part) * own[:, half] + part * other[:, half]
    return mixed
