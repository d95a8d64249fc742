"""Choose and crop one face from an image and its detections; measure its roll and yaw.

Boxes are x, y, width, height; points are x, y; all in pixels from the upper left corner.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from fer.detectors.contract import Detections

# Distance of the nose tip in front of the line of the eyes, as a share of the distance between the pupils: a round
# figure for adults (about 30 mm of 63 mm). An error of a third in it moves a yaw of 20 degrees by some 6.
_NOSE_DEPTH = 0.48
POSES = ("frontal", "turned", "profile")
_TURNED_FROM, _PROFILE_FROM = 20.0, 50.0


@dataclass(frozen=True)
class FoundFace:
    """The face chosen in an image.

    Attributes:
        box: float64 (4,), within the image.
        confidence: 0..1, NaN for a detector without probabilities.
        method: the detector.
        others: how many further faces passed the threshold; above 0 the choice was ambiguous.
        landmarks: float64 (5, 2) or None.

    """

    box: np.ndarray
    confidence: float
    method: str
    others: int
    landmarks: np.ndarray | None

    @property
    def yaw(self) -> float:
        """Turn of the head in degrees, see :func:`yaw_of`; NaN without landmarks."""
        return math.nan if self.landmarks is None else yaw_of(self.landmarks)


def percent_box(box: np.ndarray, height: int, width: int) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom (whole pixels, half open) of a box in percent of the frame, clipped to it.

    None if nothing of the box lies within the frame.
    """
    x, y, wide, high = (float(value) / 100 for value in box)
    left, right = max(0, round(x * width)), min(width, round((x + wide) * width))
    top, bottom = max(0, round(y * height)), min(height, round((y + high) * height))
    return (left, top, right, bottom) if right > left and bottom > top else None


def choose(found: Detections, least_confidence: float, height: int, width: int) -> FoundFace | None:
    """Return the most confident face above the threshold, its box clipped to the image; None if there is none.

    The threshold does not apply to a face without a confidence (Haar): that detector's own settings decide.
    EiLA's released code took the *last* face above the threshold; its text says the most confident one.
    """
    surest, passed = None, 0
    for place in range(len(found)):
        confidence = float(found.confidences[place])
        if confidence < least_confidence:  # False for NaN.
            continue
        left, top = np.maximum(found.boxes[place, :2], 0)
        right, bottom = np.minimum(found.boxes[place, :2] + found.boxes[place, 2:], (width, height))
        if right - left < 1 or bottom - top < 1:
            continue
        passed += 1
        if surest is None:
            points = None if found.landmarks is None else found.landmarks[place]
            box = np.array([left, top, right - left, bottom - top])
            surest = (box, confidence, found.method, points)
    if surest is None:
        return None
    return FoundFace(surest[0], surest[1], surest[2], passed - 1, surest[3])


def cut(image: np.ndarray, face: FoundFace, upright: bool = False) -> np.ndarray:
    """Return the pixels of a face; with ``upright``, the image is first rotated about it to level the eyes.

    Without landmarks ``upright`` changes nothing. Pixels from outside the image repeat its edge.
    """
    left, top, wide, high = face.box
    if upright and face.landmarks is not None:
        turn = cv2.getRotationMatrix2D((left + wide / 2, top + high / 2), roll_of(face.landmarks), 1.0)
        turn[:, 2] -= (left, top)
        size = (max(1, round(wide)), max(1, round(high)))
        return cv2.warpAffine(image, turn, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    x, y = int(left), int(top)
    return image[y : max(y + 1, round(top + high)), x : max(x + 1, round(left + wide))]


def roll_of(landmarks: np.ndarray) -> float:
    """Return the slope of the line of the eyes in degrees, -180..180; positive if the image's right eye is lower."""
    across, down = landmarks[1] - landmarks[0]
    return math.degrees(math.atan2(down, across))


def yaw_of(landmarks: np.ndarray) -> float:
    """Return the yaw of a head in degrees, -90..90: to the image's right (+) or left (-); 0 is frontal.

    In parallel projection a head turned by t shows the eyes d cos(t) apart, and the nose tip, which is
    n in front of their line, n sin(t) off their middle: tan(t) = (offset / shown distance) x (d / n). Measured
    along the line of the eyes, so that roll does not count. An estimate from five points, good for bins,
    not for degrees. NaN if both eyes are at one point.
    """
    left_eye, right_eye, nose = landmarks[:3]
    line = right_eye - left_eye
    length = float(np.hypot(*line))
    if length == 0:
        return math.nan
    offset = float(np.dot(nose - (left_eye + right_eye) / 2, line)) / length
    return math.degrees(math.atan(offset / (length * _NOSE_DEPTH)))


def pose_of(yaw: float) -> str | None:
    """Return the bin of a yaw: frontal (below 20 degrees either way), turned (below 50), profile; None for NaN."""
    if math.isnan(yaw):
        return None
    turn = abs(yaw)
    return POSES[0] if turn < _TURNED_FROM else POSES[1] if turn < _PROFILE_FROM else POSES[2]
