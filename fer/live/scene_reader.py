"""From frames in their order to scenes: faces found or carried on, followed, classified and smoothed."""

import numpy as np

from fer.live.carrying import carried, gray_of
from fer.live.scenes import Followed, Scene
from fer.live.smoothing import CONSTANT, HOLD, Smoother
from fer.live.thresholds import Threshold
from fer.pictures.faces import FaceReader
from fer.pictures.following import Follower

# Measured, see docs/live.md.
EVERY = 3


class SceneReader:
    """Reads frames one after the other, each to its end; :class:`fer.live.LiveReader` does so in a thread.

    Args:
        reader: finds and classifies faces.
        threshold: from which probability on an emotion is told.
        every: the detector looks at every so manyth frame, and at each in which a face was lost or none is known;
            between them boxes are carried on (:mod:`fer.live.carrying`).
        constant: of the smoothing, in seconds, see :mod:`fer.live.smoothing`.
        hold: how long another emotion must be the answer to become the word, in seconds.

    """

    def __init__(
        self,
        reader: FaceReader,
        threshold: Threshold,
        every: int = EVERY,
        constant: float = CONSTANT,
        hold: float = HOLD,
    ) -> None:
        if every < 1:
            raise ValueError(f"every {every} is less than 1")
        self._reader, self._every = reader, every
        self._smoother = Smoother(reader.emotions, threshold, constant, hold)
        self._follower = Follower(motion=True)
        self._before = np.empty((0, 0), np.uint8)
        self._boxes, self._numbers = np.empty((0, 4)), list[int]()
        self._since = 0

    def read(self, frame: np.ndarray, time: float) -> Scene:
        """Return the scene of a frame, uint8 (h, w, 3) RGB or (h, w), at ``time`` in seconds, never less than before.

        Raises ValueError for another array.
        """
        check_frame(frame)
        gray = gray_of(frame)
        if not self._carry(gray, time):
            self._boxes, _ = self._reader.find(frame)
            self._numbers, self._since = self._follower.follow(self._boxes, time), 0
        self._since += 1
        self._before = gray
        # Of faces that share a box, such as at the frame's edge, each is read as it stands.
        answers = self._reader.classify(frame, self._boxes)
        faces = [
            Followed(number, box, *self._smoother.smooth(number, row, time))
            for number, box, row in zip(self._numbers, self._boxes, answers, strict=True)
        ]
        self._smoother.forget(time)
        ordered = sorted(faces, key=lambda face: float(face.box[0]))
        return Scene(time, (frame.shape[0], frame.shape[1]), tuple(ordered))

    def _carry(self, gray: np.ndarray, time: float) -> bool:
        """Carry the boxes on to this frame; return whether that could be done for all, and was due."""
        if self._since >= self._every or not len(self._boxes) or gray.shape != self._before.shape:
            return False
        moved = _within(carried(self._before, gray, self._boxes), gray.shape)
        if np.isnan(moved).any():
            return False
        self._boxes = moved
        self._follower.move(self._numbers, moved, time)
        return True


def still_scene(reader: FaceReader, threshold: Threshold, picture: np.ndarray) -> Scene:
    """Return the scene of a single picture, uint8 (h, w, 3) RGB or (h, w), at time 0, without smoothing."""
    return SceneReader(reader, threshold, constant=0.0, hold=0.0).read(picture, 0.0)


def check_frame(frame: np.ndarray) -> None:
    """Raise ValueError for what is no frame."""
    fits = isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.ndim in (2, 3) and frame.size
    if not fits or (frame.ndim == 3 and frame.shape[2] != 3):
        what = f"{frame.dtype} {frame.shape}" if isinstance(frame, np.ndarray) else type(frame).__name__
        raise ValueError(f"{what} is no frame; give uint8 (height, width, 3) RGB or (height, width)")


def _within(boxes: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """Return the boxes cut to a frame; NaN for one of which less than a pixel is in it."""
    height, width = size[:2]
    corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1).clip(0, [width, height] * 2)
    inside = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    inside[~(inside[:, 2:] >= 1).all(axis=1)] = np.nan
    return inside
