"""Keep OpenCV from printing what an exception already says."""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def opencv_silenced() -> Iterator[None]:
    """Switch OpenCV's log off within the block; exceptions are raised as usual."""
    before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
