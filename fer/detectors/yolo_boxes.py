"""The input and output of YOLOv8, without the network: images to its input size, its output to boxes."""

import cv2
import numpy as np

from fer.detectors.contract import Detections, no_faces

STRIDE = 32  # Sides of the network's input are multiples of it.
# Rows of the output for one class (face): a box and its score; with five points (x, y); with their visibility too.
ROWS = (5, 15, 20)
_GREY = (114, 114, 114)  # The padding of ultralytics, also in training.
_MOST = 300  # Maximum number of faces per image, as in ultralytics.


def letterbox(image: np.ndarray, side: int, square: bool) -> tuple[np.ndarray, np.ndarray]:
    """Fit an RGB image into the network's input and pad it with grey, like ultralytics.

    Returns float32 ``(1, 3, height, width)`` in 0..1, ``side`` the longer of the two (both, if ``square``; else the
    shorter is the next multiple of :data:`STRIDE`), and the way back: scale x, scale y, shift x, shift y, so that
    pixel of the image = (pixel of the input - shift) / scale.
    """
    height, width = image.shape[:2]
    scale = min(side / height, side / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    fitted = image if size == (width, height) else cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    spare = [side - length if square else -length % STRIDE for length in size]
    left, top = (round(length / 2 - 0.1) for length in spare)
    padded = cv2.copyMakeBorder(fitted, top, spare[1] - top, left, spare[0] - left, cv2.BORDER_CONSTANT, value=_GREY)
    pixels = np.ascontiguousarray(padded.transpose(2, 0, 1)[np.newaxis], dtype=np.float32) / np.float32(255)
    return pixels, np.array([size[0] / width, size[1] / height, left, top], dtype=np.float64)


def decode(output: np.ndarray, back: np.ndarray, confidence: float, overlap: float) -> Detections:
    """Turn the network's output for one image into faces in its pixels.

    Args:
        output: ``(rows, candidates)``, rows as in :data:`ROWS`: centre x, centre y, width, height, score, points.
        back: see :func:`letterbox`.
        confidence: minimum score.
        overlap: intersection over union above which the less confident of two boxes is dropped.

    """
    found = output[:, output[4] > confidence].astype(np.float64)
    has_points = len(output) > ROWS[0]
    scale, shift = back[:2], back[2:]
    size = found[2:4].T / scale
    boxes = np.concatenate([(found[:2].T - shift) / scale - size / 2, size], axis=1)
    kept = np.asarray(cv2.dnn.NMSBoxes(boxes.tolist(), found[4].tolist(), confidence, overlap), dtype=int)[:_MOST]
    if len(kept) == 0:
        return no_faces("yolo", landmarks=has_points)
    # YOLOv8-face is trained on WIDER FACE's five points, image-left eye first: the order of LANDMARKS.
    points = found[5:].T.reshape(found.shape[1], 5, -1)[kept, :, :2] if has_points else None
    landmarks = None if points is None else (points - shift) / scale
    return Detections(boxes[kept], found[4, kept].clip(0.0, 1.0), landmarks, "yolo")
