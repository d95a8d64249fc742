"""Frames of a video in order, each decoded once.

No seeking: OpenCV seeks by time, which lands beside the wanted frame where the frame rate varies, and a
seek into a video with far key frames decodes up to a whole group of pictures again for every frame
(benchmarks/video_decoding.py has the figures). A frame that nobody wants is decoded but not converted.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

VIDEO_SUFFIXES = (".mp4", ".mkv", ".webm", ".mov", ".avi")


class VideoError(ValueError):
    """A video that cannot be opened or decoded."""


def frames(path: Path, wanted: Iterable[int], threads: int = 0) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (frame number from 0, uint8 ``(h, w, 3)`` RGB) for the wanted frames, in rising order, each once.

    Memory is that of a few frames, whatever the length. A video that ends early yields what it has: the
    caller sees which numbers did not come. Decoding stops after the last wanted frame. ``threads`` of the
    decoder: 0 is OpenCV's own choice (all cores). Raises VideoError for a file that is no video.
    """
    numbers = sorted(set(wanted))
    if not numbers:
        return
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads] if threads else [])
    try:
        if not video.isOpened():
            raise VideoError(f"{path.name} cannot be opened as a video")
        at = -1
        for number in numbers:
            while at < number:
                if not video.grab():
                    return
                at += 1
            decoded, frame = video.retrieve()
            if decoded:  # A damaged picture within a video is skipped, not the rest after it.
                yield number, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    finally:
        video.release()


def find_video(folder: Path, tag: str) -> Path | None:
    """Return ``<folder>/<tag>/Complete.<suffix>`` or ``<folder>/<tag>.<suffix>``, the first there is, or None.

    A tag that would lead out of the folder has no video.
    """
    if tag in ("", ".", "..") or Path(tag).name != tag:
        return None
    places = [folder / tag / f"Complete{suffix}" for suffix in VIDEO_SUFFIXES]
    places += [folder / f"{tag}{suffix}" for suffix in VIDEO_SUFFIXES]
    return next((place for place in places if place.is_file()), None)
