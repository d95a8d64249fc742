"""The whole of `preprocess` on videos against one bare decode + detect of the same frames, in one run.

    python benchmarks/preprocessing.py --weights <face_detection_yunet.onnx>

The bare side does only what is necessary: in this process and one thread it decodes each video once, cuts out the
annotated boxes and calls the detector on one after another. It is then also run with one process per core, so that both
sides use the same machine. The other side does everything: annotations, crops, faces resized, packed, digested,
counted, written and opened again. Ratios matter, seconds depend on the machine.
"""

import argparse
import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
from tabulate import tabulate

from fer.detectors import open_detector
from fer.preprocessing.cropping import percent_box
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.sources.eila_videos import Options, read
from fer.sources.rendered_videos import ClipOptions, render_clips
from fer.sources.video import frames


def bare(path: str, rows: list[tuple], detector: str, options: dict) -> int:
    """Decode one video once and detect in every box; return the number of boxes with a face."""
    cv2.setNumThreads(1)
    finder, waiting, found = open_detector(detector, options), {}, 0
    for frame, *box in rows:
        waiting.setdefault(frame, []).append(box)
    for number, picture in frames(Path(path), list(waiting), threads=1):
        for box in waiting[number]:
            left, top, right, bottom = percent_box(box, *picture.shape[:2])
            found += len(finder.detect([picture[top:bottom, left:right]])[0]) > 0
    return found


def cpu_seconds() -> float:
    """Return the CPU time of this process and its ended children."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", help="YuNet's ONNX file; without it the detector is haar")
    parser.add_argument("--raw", type=Path, help="a folder in EiLA's format; without it videos are rendered")
    parser.add_argument("--turns", type=int, default=3, help="number of measurements of each way, interleaved")
    given = parser.parse_args()
    detector, options = ("yunet", {"weights": given.weights}) if given.weights else ("haar", {})
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FER_CACHE"] = f"{scratch}/cache"
        raw = given.raw
        if raw is None:
            raw = Path(scratch) / "videos"
            render_clips(raw, ClipOptions(videos=4, shots=20, annotated=10, width=1280, height=720, face=300))
        regions = read(raw, Options()).regions
        jobs = [
            (path, [tuple(row) for row in part.drop(columns="file").to_numpy()], detector, options)
            for path, part in regions.groupby("file")
        ]
        recipe = Recipe("eila_videos", raw, detector=detector, detector_options=options, confidence=0.3)
        alone, shared, whole, used = [], [], [], []
        for turn in range(given.turns):
            start = time.perf_counter()
            found = sum(bare(*job) for job in jobs)
            alone.append(time.perf_counter() - start)
            with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
                list(pool.map(abs, range(os.cpu_count())))  # The processes are started before the clock.
                start = time.perf_counter()
                list(pool.map(bare, *zip(*jobs, strict=True)))
                shared.append(time.perf_counter() - start)
            before, start = cpu_seconds(), time.perf_counter()
            made = preprocess(recipe, Path(scratch) / f"dataset_{turn}")
            whole.append(time.perf_counter() - start)
            used.append((cpu_seconds() - before) / whole[-1])
    best = min(whole)
    rows = len(regions)
    ways = [("bare decode + detect, one process", min(alone))]
    ways += [(f"bare decode + detect, {os.cpu_count()} processes", min(shared)), ("preprocess, whole", best)]
    table = [(way, f"{seconds:.1f}", f"{rows / seconds:.1f}", f"{best / seconds:.2f}") for way, seconds in ways]
    print(tabulate(table, headers=["way", "seconds", "rows/s", "preprocess takes times"]))
    print(
        f"\n{detector}, {rows} rows; faces: bare {found}, preprocess {len(made.dataset)}; "
        f"cores used by preprocess: {max(used):.2f}; the fastest of {given.turns} turns each."
    )


if __name__ == "__main__":
    main()
