"""Pictures of many faces, composed from a folder of pictures with one face each, for the benchmarks of ``predict``.

They hold faces of real people where the folder does: they stay in a scratch folder.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

_ENDINGS = (".jpg", ".jpeg", ".png")
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 92]


@dataclass(frozen=True)
class Layout:
    """How many faces a picture has, in how many columns and rows of cells, and the sides of the pasted pictures."""

    columns: int
    rows: int
    least: int
    most: int


# From a portrait to a class of schoolchildren, in 1920 x 1080 pixels.
LAYOUTS = (Layout(1, 1, 400, 700), Layout(2, 2, 250, 480), Layout(4, 3, 180, 340), Layout(6, 5, 100, 200))
SIZE = (1920, 1080)


def compose(
    faces: Path, folder: Path, count: int, layouts: Sequence[Layout] = LAYOUTS, size: tuple[int, int] = SIZE
) -> dict[Path, np.ndarray]:
    """Write ``count`` JPEG pictures of ``size`` (width, height) to a folder; return where the faces are.

    Args:
        faces: a folder, also with subfolders, of pictures with one face in the middle.
        folder: is created; pictures that an earlier call made with the same arguments are taken as they are.
        count: number of pictures; the layouts take turns.
        layouts: see :class:`Layout`.
        size: of the pictures.

    Returns:
        Of each picture the pasted squares ``(n, 3)``: x, y, side in pixels. The face fills the middle of a square.

    """
    asked = [str(faces), count, [[*vars(one).values()] for one in layouts], list(size)]
    record = folder / "squares.json"
    if record.is_file():
        known = json.loads(record.read_text())
        if known["asked"] == asked:
            return {folder / name: np.array(squares) for name, squares in known["squares"].items()}
        shutil.rmtree(folder)
    sources = sorted(path for path in faces.rglob("*") if path.suffix.lower() in _ENDINGS)
    if not sources:
        raise SystemExit(f"{faces} holds no picture of a face; give another folder by --faces.")
    folder.mkdir(parents=True, exist_ok=True)
    stream = np.random.default_rng(0)
    squares = {}
    for number in range(count):
        name = f"{number:03}.jpg"
        picture, squares[name] = _picture(sources, layouts[number % len(layouts)], size, stream)
        cv2.imwrite(str(folder / name), picture, _QUALITY)
    record.write_text(json.dumps({"asked": asked, "squares": squares}))
    return {folder / name: np.array(some) for name, some in squares.items()}


def _picture(
    sources: Sequence[Path], layout: Layout, size: tuple[int, int], stream: np.random.Generator
) -> tuple[np.ndarray, list[list[int]]]:
    """Return a picture, uint8 BGR, of a soft background with a face at a random place of each cell."""
    width, height = size
    coarse = stream.integers(60, 200, (9, 16, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    wide, high = width / layout.columns, height / layout.rows
    squares = []
    for cell in range(layout.columns * layout.rows):
        row, column = divmod(cell, layout.columns)
        side = min(int(stream.integers(layout.least, layout.most + 1)), int(min(wide, high)))
        x = int(column * wide + stream.uniform(0, wide - side))
        y = int(row * high + stream.uniform(0, high - side))
        face = cv2.imread(str(sources[stream.integers(len(sources))]))
        way = cv2.INTER_AREA if side < face.shape[0] else cv2.INTER_LINEAR
        picture[y : y + side, x : x + side] = cv2.resize(face, (side, side), interpolation=way)
        squares.append([x, y, side])
    return picture, squares


def found_squares(squares: np.ndarray, boxes: np.ndarray) -> int:
    """Return how many squares (n, 3) have a box (k, 4) that holds their middle and covers 10 to 110 % of them."""
    if not len(boxes):
        return 0
    x, y, side = squares.T[:, :, np.newaxis]
    left, top, wide, high = boxes.T[:, np.newaxis, :]
    middle_x, middle_y = x + side / 2, y + side / 2
    holds = (left <= middle_x) & (middle_x <= left + wide) & (top <= middle_y) & (middle_y <= top + high)
    share = wide * high / side**2
    return int((holds & (share >= 0.1) & (share <= 1.1)).any(axis=1).sum())
