"""Views of faces: the properties that change from frame to frame, as opposed to a person's."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Views:
    """Views of n faces. actions: (n, 13). person: (n,) rows of the identities.

    pose: (n, 6) yaw, pitch, roll in radians, scale (a factor), shift right and down (shares of the picture);
    light: (n, 4) direction right, direction up (-1..1), strength of the shading 0..1, brightness (a factor);
    scene: (n, 9) uniform 0..1, the background's colours; gaze: (n, 2) in units of half a head's height.
    """

    actions: np.ndarray
    person: np.ndarray
    pose: np.ndarray
    light: np.ndarray
    scene: np.ndarray
    gaze: np.ndarray
