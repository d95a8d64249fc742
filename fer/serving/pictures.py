"""What a request holds: pictures as base64 text or faces as nested lists, bounded before they are decoded."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np

from fer.errors import InputError
from fer.pictures.bounded import bounded_picture

ROWS = 64
# Characters of base64 of one picture: 30 MB of a file.
_LONGEST_TEXT = 40_000_000
_FACE_SIDE = 4096


def picture_of(text: str, where: str) -> np.ndarray:
    """Return a picture, uint8 (h, w) gray or (h, w, 3) RGB, from base64 text; it may begin ``data:...,``.

    Raises InputError, which names ``where``, for other text, for a file that is no picture or damaged, and for one of
    more than 40 megapixels, which is not decoded.
    """
    return bounded_picture(_decoded(text, where), where)


def _decoded(text: str, where: str) -> bytes:
    if len(text) > _LONGEST_TEXT:
        raise InputError(f"{where} has {len(text):,} characters, more than {_LONGEST_TEXT:,}; send a smaller file.")
    if text.startswith("data:"):
        text = text.partition(",")[2]
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise InputError(
            f"{where} is not base64; encode the picture's file, such as by `base64 -w0 face.jpg`."
        ) from None
    if not content:
        raise InputError(f"{where} is empty; send a picture.")
    return content


def face_of(rows: Any, where: str) -> np.ndarray:
    """Return a face, uint8 (h, w) gray or (h, w, 3) RGB, from nested lists of whole numbers from 0 to 255.

    Raises InputError, which names ``where``, for anything else.
    """
    try:
        values = np.asarray(rows.tolist() if isinstance(rows, np.ndarray) else rows)
    except ValueError:
        values = np.empty(0)
    if values.dtype == object or values.dtype.kind not in "iuf" or values.ndim not in (2, 3) or not values.size:
        raise InputError(f"{where} is no face; send rows of pixels, [[0, 255, ...], ...], or of [red, green, blue].")
    if values.ndim == 3 and values.shape[2] not in (1, 3):
        raise InputError(
            f"{where} has {values.shape[2]} values per pixel; send one (gray) or three (red, green, blue)."
        )
    if max(values.shape[:2]) > _FACE_SIDE:
        raise InputError(
            f"{where} has a side of {max(values.shape[:2])} pixels, more than {_FACE_SIDE}; send it smaller."
        )
    if not ((values >= 0) & (values <= 255) & (values == np.round(values))).all():
        raise InputError(f"{where} has values that are no whole numbers from 0 to 255; send 8 bits per channel.")
    pixels = values.astype(np.uint8)
    return pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels


def check_count(rows: Sequence[Any]) -> None:
    """Raise InputError for a request of no row, or of too many."""
    if not len(rows):
        raise InputError("the request holds no picture and no face; send at least one row with either.")
    if len(rows) > ROWS:
        raise InputError(f"the request has {len(rows)} rows, more than {ROWS}; send several requests.")
