"""Time PyPI's ``fer`` on pictures: started by ``benchmarks.predict_speed`` as ``python -P``, with ``fer`` on its path.

A script of its own, as PyPI's ``fer`` has the import name of this project. Reads JSON from standard input:
``pictures``, and ``boxes`` of each (x, y, width, height) or null; writes ``boxes``, ``wall`` and ``cpu`` seconds.
"""

import json
import sys
import time

import cv2
import numpy as np


def main() -> None:
    """Measure once, after two pictures to warm up."""
    from fer.fer import FER  # type: ignore[attr-defined]

    asked = json.load(sys.stdin)
    given = asked["boxes"] or [None] * len(asked["pictures"])
    model = FER()
    jobs = list(zip(asked["pictures"], given, strict=True))
    for path, boxes in jobs[:2]:
        _faces(model, path, boxes)
    wall, cpu = time.perf_counter(), time.process_time()
    found = [_faces(model, path, boxes) for path, boxes in jobs]
    json.dump({"boxes": found, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}, sys.stdout)


def _faces(model: object, path: str, boxes: list[list[int]] | None) -> list[list[int]]:
    rectangles = None if boxes is None else np.array(boxes, dtype=int).reshape(-1, 4)
    answers = model.detect_emotions(cv2.imread(path), rectangles)  # type: ignore[attr-defined]
    return [[int(value) for value in answer["box"]] for answer in answers]


if __name__ == "__main__":
    main()
