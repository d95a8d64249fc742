"""Keep OpenCV from writing to the terminal what an exception says already."""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def opencv_silenced() -> Iterator[None]:
    """Switch OpenCV's own log off within the block; its exceptions come through."""
    before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
