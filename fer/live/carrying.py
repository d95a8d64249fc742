"""Carry face boxes from one frame to the next without the detector: median flow.

Points of a grid in each box are followed by Lucas and Kanade's optical flow on a pyramid (Bouguet 2000), there and
back; the half that comes back nearest to its start moves and scales the box by medians (Kalal, Mikolajczyk and Matas,
"Forward-Backward Error: Automatic Detection of Tracking Failures", 2010). A box whose points do not come back is lost.
"""

import cv2
import numpy as np

# Points along each side of a box. A box is lost if the median point comes back this share of the box's width away.
_GRID, _ASTRAY = 8, 0.1
_FLOW = {"winSize": (15, 15), "maxLevel": 2, "criteria": (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 10, 0.03)}
_FEWEST = 8


def gray_of(frame: np.ndarray) -> np.ndarray:
    """Return a frame, uint8 (h, w, 3) RGB or (h, w), as gray."""
    return cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) if frame.ndim == 3 else frame


def carried(before: np.ndarray, now: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return where the boxes of a frame are in the next, float64 (k, 4); a row of a lost one is NaN.

    Args:
        before: the frame, uint8 gray (h, w).
        now: the next frame, of the same size.
        boxes: float (k, 4): x, y, width, height in ``before``.

    """
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    if not len(boxes):
        return boxes.copy()
    inner = (np.arange(_GRID) + 0.5) / _GRID
    grid = np.stack(np.meshgrid(inner, inner), axis=-1).reshape(-1, 2)
    starts = (boxes[:, None, :2] + grid[None] * boxes[:, None, 2:]).astype(np.float32)
    flat = starts.reshape(-1, 1, 2)
    there, went, _ = cv2.calcOpticalFlowPyrLK(before, now, flat, None, **_FLOW)  # type: ignore[call-overload]
    back, came, _ = cv2.calcOpticalFlowPyrLK(now, before, there, None, **_FLOW)  # type: ignore[call-overload]
    astray = np.linalg.norm(back - flat, axis=-1).reshape(len(boxes), -1)
    astray[(np.minimum(went, came) == 0).reshape(len(boxes), -1)] = np.inf
    ends = there.reshape(len(boxes), -1, 2)
    return np.stack([_moved(*one) for one in zip(boxes, starts, ends, astray, strict=True)])


def _moved(box: np.ndarray, start: np.ndarray, end: np.ndarray, astray: np.ndarray) -> np.ndarray:
    middle = np.median(astray)
    kept = astray <= middle
    if not middle <= _ASTRAY * box[2] or kept.sum() < _FEWEST:
        return np.full(4, np.nan)
    start, end = start[kept], end[kept]
    shift = np.median(end - start, axis=0)
    apart, further = _distances(start), _distances(end)
    scale = float(np.median(further[apart > 0] / apart[apart > 0]))
    size = box[2:] * scale
    return np.concatenate([box[:2] + shift - (size - box[2:]) / 2, size])


def _distances(points: np.ndarray) -> np.ndarray:
    """Return the distances of all pairs of points, (n * (n - 1) / 2,)."""
    first, second = np.triu_indices(len(points), 1)
    return np.linalg.norm(points[first] - points[second], axis=1)
