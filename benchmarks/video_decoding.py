"""Decode annotated frames of a video with distant key frames: row by row (open, seek, read) against one pass.

    pip install av            # writes H.264 with one key frame in 250; OpenCV's writer has no option for it
    python benchmarks/video_decoding.py

Both sides read the same rows (two boxes on every sixth frame) in one run, one after the other; frames are compared.
Ratios matter, seconds depend on the machine.
"""

import argparse
import tempfile
import time
from pathlib import Path

import av
import cv2
import numpy as np
from tabulate import tabulate

from fer.sources.video import frames

GROUP_OF_PICTURES = 250


def write_video(path: Path, length: int, size: tuple[int, int]) -> None:
    """Write a drifting, noisy image of ``size`` (width, height): one key frame in 250, none at scene cuts."""
    stream = np.random.default_rng(0)
    scene = cv2.resize(stream.integers(0, 255, (18, 48, 3), dtype=np.uint8), (size[0] * 2, size[1]))
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.options = {"g": str(GROUP_OF_PICTURES), "keyint_min": str(GROUP_OF_PICTURES), "sc_threshold": "0"}
        for number in range(length):
            left = 2 * number % size[0]
            picture = scene[:, left : left + size[0]].copy()
            cv2.putText(picture, str(number), (60, 120), cv2.FONT_HERSHEY_SIMPLEX, 4, (255, 255, 255), 8)
            for packet in video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                file.mux(packet)
        for packet in video.encode():
            file.mux(packet)


def row_by_row(path: Path, rows: list[int]) -> dict[int, np.ndarray]:
    """Return every row's frame, read like in the study's code: open, seek, read."""
    seen = {}
    for row in rows:
        video = cv2.VideoCapture(str(path))
        video.set(cv2.CAP_PROP_POS_FRAMES, row)
        seen[row] = video.read()[1]
        video.release()
    return seen


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=1500, help="length of the video")
    parser.add_argument("--every", type=int, default=6, help="annotated frames")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "far.mp4"
        write_video(path, given.frames, (1280, 720))
        rows = [number for number in range(0, given.frames, given.every) for _ in range(2)]
        start = time.perf_counter()
        theirs = row_by_row(path, rows)
        seeking = time.perf_counter() - start
        start = time.perf_counter()
        count = sum(1 for _ in frames(path, rows))
        passing = time.perf_counter() - start
        ours = dict(frames(path, rows))
    different = [row for row in theirs if np.abs(theirs[row][..., ::-1].astype(int) - ours[row].astype(int)).max() > 0]
    table = [
        ("open, seek, read per row", len(rows), f"{seeking:.2f}", f"{len(rows) / seeking:.0f}"),
        ("one pass, each frame once", len(rows), f"{passing:.2f}", f"{len(rows) / passing:.0f}"),
    ]
    print(tabulate(table, headers=["way", "rows", "seconds", "rows/s"]))
    print(f"\n{seeking / passing:.1f} times as fast; {count} frames, {len(different)} of them different.")


if __name__ == "__main__":
    main()
