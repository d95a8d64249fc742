"""Uploaded pictures, bounded before they are decoded; nothing touches the disk."""

import numpy as np

from fer.errors import InputError
from fer.pictures.bounded import bounded_picture

MEGABYTES = 30


def read_picture(content: bytes, name: str = "the picture") -> np.ndarray:
    """Return an uploaded picture, uint8 (h, w) gray or (h, w, 3) RGB, upright.

    Args:
        content: of the file.
        name: the picture's in messages, such as its file's name.

    Raises InputError, one sentence that names the picture, for an empty file and one of more than 30 MB, one that is no
    picture or damaged, and one of more than 40 megapixels: that is read in the file's header, and nothing is decoded.

    """
    if not content:
        raise InputError(f"{name} is empty; choose another picture.")
    if len(content) > MEGABYTES * 1e6:
        raise InputError(f"{name} has {len(content) / 1e6:.0f} MB, more than {MEGABYTES}; choose a smaller picture.")
    return bounded_picture(content, name)
