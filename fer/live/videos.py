"""Uploaded videos, bounded and decoded from memory; nothing touches the disk."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class UploadedVideo:
    """A video that is ready to be read.

    Attributes:
        name: as it was uploaded.
        seconds: how long it is; None if the file does not say.
        size: height and width of its frames in pixels.
        rate: frames per second.
        remark: a sentence that the user must see, such as that only the first minutes are read; else empty.

    """

    name: str
    content: bytes
    seconds: float | None
    size: tuple[int, int]
    rate: float
    remark: str = ""

    def frames(self, rate: float | None = None) -> Iterator[tuple[float, np.ndarray]]:
        """Yield (seconds from the start, uint8 (h, w, 3) RGB) in order, one frame in memory at a time.

        ``rate``: at most so many frames per second; None: all. Raises InputError if the rest is damaged.
        """
        raise NotImplementedError


def read_video(content: bytes, name: str = "the video") -> UploadedVideo:
    """Return an uploaded video.

    Of one longer than 10 minutes only the first 10 are read, and ``remark`` says so. Raises InputError, one sentence
    that names the video, for a file of more than 500 MB, one that is no video, and frames of more than 9 megapixels.
    """
    raise NotImplementedError
