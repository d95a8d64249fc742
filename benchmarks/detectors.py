"""How well and how fast the detectors find faces in the annotated boxes of a folder in EiLA's format.

    python -m benchmarks.detectors [FOLDER] [--detector NAME] [--detector NAME:OPTION=VALUE,...] ...

The folder holds ``<video tag>/Complete.mp4``, ``annotations.csv`` and ``truth.csv`` (Video Tag, Clip Id, Person Id,
Frame Number, x, y, w, h: the true box in pixels of the frame). As in study A, the annotated box is cut from its frame
and the most confident face in it counts, with a confidence of at least 0.6 if it is a probability.

recall: rows with a face / rows. right of found: first faces that overlap the truth by at least half / rows with a face.
precision: boxes that do / boxes reported. crops/s: one thread, detection alone, after a first batch.
No image is kept.
"""

import argparse
import csv
import os
import time
from pathlib import Path

# One thread for every library; read when the library is loaded.
os.environ |= {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

import cv2
import numpy as np
from tabulate import tabulate

from fer.detectors import open_detector
from fer.preprocessing.cropping import percent_box

DEFAULT = Path(__file__).parents[2] / "shared" / "data" / "eila_clips"
KEY = ("Video Tag", "Clip Id", "Person Id", "Frame Number")
_BATCH = 16
_RIGHT = 0.5


def crops_of(folder: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each annotated row's crop, uint8 RGB, and the true box (x, y, width, height) in the crop's pixels."""
    with open(folder / "annotations.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    with open(folder / "truth.csv", newline="") as file:
        truth = {
            tuple(row[name] for name in KEY): [float(row[side]) for side in "xywh"] for row in csv.DictReader(file)
        }
    crops = []
    for video in sorted({row["Video Tag"] for row in rows}):
        wanted: dict[int, list[dict[str, str]]] = {}
        for row in rows:
            if row["Video Tag"] == video:
                wanted.setdefault(int(row["Frame Number"]), []).append(row)
        reader = cv2.VideoCapture(str(folder / video / "Complete.mp4"))
        for number in range(max(wanted) + 1):
            read, frame = reader.read()
            if not read:
                raise SystemExit(f"{folder / video}: the video ends before frame {number}, which is annotated.")
            for row in wanted.get(number, ()):
                percent = np.array([float(row[name]) for name in ("X", "Y", "Width", "Height")])
                left, top, right, bottom = percent_box(percent, *frame.shape[:2])
                crop = cv2.cvtColor(frame[top:bottom, left:right], cv2.COLOR_BGR2RGB)
                crops.append((crop, np.array(truth[tuple(row[name] for name in KEY)]) - [left, top, 0, 0]))
    return crops


def overlaps(boxes: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return the intersection over union of boxes (k, 4) with one, (k,)."""
    sides = np.minimum(boxes[:, :2] + boxes[:, 2:], true[:2] + true[2:]) - np.maximum(boxes[:, :2], true[:2])
    shared = sides.clip(0).prod(axis=1)
    return shared / (boxes[:, 2:].prod(axis=1) + true[2:].prod() - shared)


def measure(wanted: str, crops: list[tuple[np.ndarray, np.ndarray]], confidence: float) -> list[str]:
    """Return one row of the table."""
    name, _, given = wanted.partition(":")
    detector = open_detector(name, dict(option.split("=", 1) for option in given.split(",") if option))
    images = [crop for crop, _ in crops]
    detector.detect(images[:_BATCH])
    began = time.perf_counter()
    answers = [found for at in range(0, len(images), _BATCH) for found in detector.detect(images[at : at + _BATCH])]
    seconds = time.perf_counter() - began
    found_rows = right_rows = boxes = right_boxes = 0
    for found, (_, true) in zip(answers, crops, strict=True):
        kept = np.isnan(found.confidences) | (found.confidences >= confidence)
        right = overlaps(found.boxes[kept], true) >= _RIGHT
        found_rows += bool(kept.any())
        right_rows += bool(right[:1].any())
        boxes += int(kept.sum())
        right_boxes += int(right.sum())
    shares = [found_rows / len(crops), right_rows / max(found_rows, 1), right_boxes / max(boxes, 1)]
    return [name, str(found_rows), *(f"{share:.1%}" for share in shares), f"{len(crops) / seconds:.1f}"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--detector", action="append", help="NAME or NAME:OPTION=VALUE,...; default: all but yolo")
    parser.add_argument("--confidence", type=float, default=0.6)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    crops = crops_of(given.folder)
    table = [measure(each, crops, given.confidence) for each in given.detector or ["yunet", "mtcnn", "haar", "cascade"]]
    headers = ["detector", f"faces in {len(crops)} rows", "recall", "right of found", "precision", "crops/s"]
    print(tabulate(table, headers=headers))


if __name__ == "__main__":
    main()
