"""Frames of a video in order, each decoded once.

No seeking: OpenCV seeks by time, which lands beside the wanted frame where the frame rate varies, and a
seek into a video with far key frames decodes up to a whole group of pictures again for every frame
(benchmarks/video_decoding.py has the figures). A frame that nobody wants is decoded but not converted.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from fer.sources.files import FilesBelow, same_name

_MOST_FAILURES = 300
_USUAL_RATE = 25.0
# 92 hours at 30 frames per second.
MOST_FRAMES = 10_000_000
# FFmpeg's remarks on each damaged packet; what they cost is counted instead.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
VIDEO_SUFFIXES = (".mp4", ".mkv", ".webm", ".mov", ".avi")


class VideoError(ValueError):
    """A video that cannot be opened or decoded."""


def frames(path: Path, wanted: Iterable[int], threads: int = 0) -> Iterator[tuple[int, np.ndarray]]:
    """Yield (frame number from 0, uint8 ``(h, w, 3)`` RGB) for the wanted frames, in rising order, each once.

    Memory is that of a few frames, whatever the length. A video that ends early yields what it has: the
    caller sees which numbers did not come. Decoding stops after the last wanted frame. ``threads`` of the
    decoder: 0 is OpenCV's own choice (all cores). Raises VideoError for a file that is no video.
    """
    # A range may be longer than any video.
    numbers = wanted if isinstance(wanted, range) and wanted.step > 0 else sorted(set(wanted))
    if not numbers:
        return
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, threads] if threads else [])
    try:
        if not video.isOpened():
            raise VideoError(f"{path.name} cannot be opened as a video")
        yield from _in_order(video, numbers)
    finally:
        video.release()


def video_length(path: Path) -> tuple[int | None, float]:
    """Return how many frames a video announces, None if it does not, and how many it shows per second (else 25).

    Raises VideoError for a file that is no video.
    """
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if not video.isOpened():
            raise VideoError(f"{path.name} cannot be opened as a video")
        count, rate = video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)
    finally:
        video.release()
    return int(count) if 0 < count < MOST_FRAMES else None, rate if 0 < rate < float("inf") else _USUAL_RATE


def _in_order(video: cv2.VideoCapture, numbers: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
    """Step through the video; a damaged picture costs itself, not the rest after it.

    A lost packet may have held one frame or several: after damage only frames whose own time agrees with their
    number are given, and none of a video whose frame rate varied before.
    """
    length, start, grabbed = video.get(cv2.CAP_PROP_FRAME_COUNT), 0.0, False
    at, failed, damaged, steady = -1, 0, False, True
    for number in numbers:
        while at < number:
            grabbed = video.grab()
            at += 1
            # The container's own count tells the end from damage; where it is wrong, a long silence does.
            failed = 0 if grabbed else failed + 1
            if not grabbed and (at >= length or failed > _MOST_FAILURES or not steady):
                return
            damaged |= not grabbed
            start = _place(video) if at == 0 else start
            if not damaged:
                steady &= abs(_place(video) - start - at) < 0.5
        decoded, frame = video.retrieve() if grabbed else (False, None)
        if decoded and frame is not None and (not damaged or abs(_place(video) - start - number) < 0.5):
            yield number, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)


def _place(video: cv2.VideoCapture) -> float:
    """Return the time of the current picture, in frames."""
    return video.get(cv2.CAP_PROP_POS_MSEC) * video.get(cv2.CAP_PROP_FPS) / 1000


def find_video(folder: Path, tag: str) -> Path | None:
    """Return ``<folder>/<tag>/Complete.<suffix>`` or ``<folder>/<tag>.<suffix>``, the first there is, or None.

    A tag that would lead out of the folder has no video.
    """
    if tag in ("", ".", "..") or Path(tag).name != tag:
        return None
    files = FilesBelow(folder)
    for place, stem in ((files.place(tag), "Complete"), (folder, tag)):
        if not place.is_dir():
            continue
        named = {same_name(path.name.lower()): path for path in sorted(place.iterdir(), reverse=True)}
        for suffix in VIDEO_SUFFIXES:
            path = named.get(same_name(f"{stem}{suffix}".lower()))
            if path is not None and path.is_file():
                return path
    return None
