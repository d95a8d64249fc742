"""Frames per second and latency of the live reader on frames of 640 x 480 pixels, against PyPI's ``fer``.

    python -m benchmarks.live_speed --to FOLDER [--clips CLIPS] [--eila DATASET] [--rounds N] [--memory MINUTES]

``--clips``: rendered videos with real faces, as EiLA's clips, with ``truth.csv``; without them, drawn faces are
rendered. Each frame is fitted into 640 x 480 pixels and written to ``--to``; all variants read the same files, each in
a process of its own and in turn, with the default detector and the shipped model; of the rounds, the median by time.

frames/s: frames read one after the other, from the file to the scene. CPU ms per frame adds up all threads: a busy
machine changes it least. found: share of the true faces with a box (intersection over union of 0.5); overlap: its mean
over these. people: numbers given in all, against those that there are; more of them are people who were lost and found
again. **live**: frames offered at the camera's 30 per second; the latency is from a frame's offer to its scene.

``--eila``: also the accuracy of both networks on its validation faces, and of ours where it is sure. ``--memory``: only
the resident memory at the beginning and at the end of so many minutes of frames at 30 per second.

PyPI's ``fer`` is fetched and unpacked in ``--to``, never installed, as it has this project's import name.
"""

import argparse
import json
import os
import sys
import time
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import psutil
from tabulate import tabulate

from benchmarks.predict_speed import _NETWORK, _asked, fetch_fer, theirs
from fer.classifiers import open_classifier
from fer.data.dataset import load_dataset
from fer.live import LiveReader, SceneReader, open_live
from fer.pictures.following import overlaps
from fer.sources.rendered_videos import ClipOptions, render_clips
from fer.sources.video import frames

ROOT = Path(__file__).parents[1]
SIZE = (640, 480)
CAMERA = 30.0
# Frames of each video, in their order.
_FRAMES, _WARM, _SECONDS = 150, 10, 20.0
_LEAST_OVERLAP = 0.5
EVERY = (1, 2, 3, 5)


def write_frames(clips: Path, folder: Path) -> pd.DataFrame:
    """Return one row per frame: its file, video, number, and its true boxes (k, 4), None where they are not known."""
    truth = pd.read_csv(clips / "truth.csv")
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for video in sorted(clips.glob("*/Complete.mp4")):
        mine = truth[truth["Video Tag"] == video.parent.name]
        # From the second on: true boxes are known of each sixth from the first, at which the detector is not to look.
        for number, frame in frames(video, range(1, _FRAMES)):
            fitted, scale, shift = _fitted(frame)
            file = folder / f"{video.parent.name}_{number:04d}.bmp"
            if not file.exists():
                cv2.imwrite(str(file), cv2.cvtColor(fitted, cv2.COLOR_RGB2BGR))
            here = mine.loc[mine["Frame Number"] == number, ["x", "y", "w", "h"]].to_numpy(dtype=float)
            boxes = here * scale + np.array([*shift, 0, 0]) if len(here) else None
            rows.append((str(file), video.parent.name, number, boxes))
    return pd.DataFrame(rows, columns=["file", "video", "number", "boxes"])


def _fitted(frame: np.ndarray) -> tuple[np.ndarray, float, tuple[int, int]]:
    """Return a frame within 640 x 480 pixels, its scale, and where its corner is."""
    height, width = frame.shape[:2]
    scale = min(SIZE[0] / width, SIZE[1] / height)
    small = cv2.resize(frame, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    left, top = (SIZE[0] - small.shape[1]) // 2, (SIZE[1] - small.shape[0]) // 2
    whole = np.full((SIZE[1], SIZE[0], 3), 127, np.uint8)
    whole[top : top + small.shape[0], left : left + small.shape[1]] = small
    return whole, scale, (left, top)


def ours(asked: dict[str, Any]) -> dict[str, Any]:
    """Return what :func:`measure` finds in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.live_speed", "--measure"]
    return _asked(command, asked, {**os.environ, "PYTHONPATH": str(ROOT)})


def measure(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the measures of a variant, as ``python -m benchmarks.live_speed --measure``."""
    model = open_live("shipped")
    if asked["live"]:
        return _live(model, [_read(file) for file in asked["files"][:_FRAMES]])
    warming = SceneReader(model.reader, model.threshold)
    for at, file in enumerate(asked["files"][:_WARM]):
        warming.read(_read(file), at / CAMERA)
    found, people, latencies = [], 0, []
    wall, cpu = time.perf_counter(), time.process_time()
    for _, names in pd.Series(asked["files"]).groupby(asked["videos"], sort=False):
        scenes, numbers = SceneReader(model.reader, model.threshold, every=asked["every"]), set()
        for at, file in enumerate(names):
            began = time.perf_counter()
            seen = scenes.read(_read(file), at / 25)
            latencies.append(time.perf_counter() - began)
            numbers |= {face.number for face in seen.faces}
            found.append([face.box.tolist() for face in seen.faces])
        people += len(numbers)
    return {"boxes": found, "people": people, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu,
            "p50": float(np.median(latencies)), "p95": float(np.quantile(latencies, 0.95))}  # fmt: skip


def _read(file: str) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(file), cv2.COLOR_BGR2RGB)


def _live(model: Any, pictures: list[np.ndarray]) -> dict[str, Any]:
    with LiveReader(model.reader, model.threshold) as live:
        _offer(live, pictures, 2.0)
        before, cpu = live.statistics(), time.process_time()
        _offer(live, pictures, _SECONDS)
        known, cpu = live.statistics(), time.process_time() - cpu
    read = known.read - before.read
    return {"offered": known.offered - before.offered, "read": read, "rate": read / _SECONDS, "p50": known.p50,
            "p95": known.p95, "cpu": cpu / read}  # fmt: skip


def _offer(live: LiveReader, pictures: list[np.ndarray], seconds: float) -> None:
    """Offer frames as a camera does, forth and back so that nothing jumps."""
    began = time.monotonic()
    for count, picture in enumerate(cycle([*pictures, *pictures[-2:0:-1]])):
        due = began + count / CAMERA
        if due - began > seconds:
            return
        time.sleep(max(0.0, due - time.monotonic()))
        live.offer(picture, time.monotonic())


def memory(files: list[str], minutes: float) -> None:
    """Print the resident memory each half minute of frames at 30 per second."""
    model, process = open_live("shipped"), psutil.Process()
    pictures = [_read(file) for file in islice(files, _FRAMES)]
    with LiveReader(model.reader, model.threshold) as live:
        for half in range(round(2 * minutes) + 1):
            known = live.statistics()
            print(f"{half / 2:.1f} min: {process.memory_info().rss / 1e6:.1f} MB, {known.read} frames read", flush=True)
            if half < round(2 * minutes):
                _offer(live, pictures, 30.0)


def found_faces(boxes: list[list[list[float]]], truth: pd.Series) -> tuple[float, float]:
    """Return the share of the true faces that have a box, and the mean overlap of these."""
    best = [
        overlaps(true, np.array(mine, dtype=float)).max(axis=1) if mine else np.zeros(len(true))
        for mine, true in zip(boxes, truth, strict=True)
        if true is not None
    ]
    shared = np.concatenate(best)
    found = shared >= _LEAST_OVERLAP
    return float(found.mean()), float(shared[found].mean())


def accuracies(dataset: Path, place: Path) -> list[tuple[str, float, float, float]]:
    """Return (network, accuracy of all answers, coverage and accuracy where it is sure) on validation faces."""
    faces = load_dataset(dataset).split("validation")
    label, pixels = faces.samples["label"].to_numpy(), faces.faces()
    model = open_live("shipped")
    whole = np.array([[0.0, 0, *pixels.shape[2:0:-1]]])
    rows = []
    for title, answers, threshold in (
        (
            "the shipped one",
            np.concatenate([model.reader.classify(one, whole) for one in pixels]),
            model.threshold.value,
        ),
        ("that of fer", open_classifier(str(place / _NETWORK)).probabilities(pixels), 0.0),
    ):
        emotions = model.reader.emotions
        right, sure = np.array(emotions)[answers.argmax(axis=1)] == label, answers.max(axis=1) > threshold
        rows.append((title, 100 * right.mean(), 100 * sure.mean(), 100 * right[sure].mean()))
    return rows


def _wall(run: dict[str, Any]) -> float:
    return float(run["wall"])


def main() -> None:
    """Write the frames, measure, print."""
    if sys.argv[1:] == ["--measure"]:
        json.dump(measure(json.load(sys.stdin)), sys.stdout)
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--clips", type=Path)
    parser.add_argument("--eila", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=float)
    given = parser.parse_args()
    folder = given.to.absolute()
    clips = folder / "clips" if given.clips is None else given.clips.absolute()
    if given.clips is None and not clips.is_dir():
        render_clips(clips, ClipOptions(videos=1, annotated=20, width=SIZE[0], height=SIZE[1]))
    table = write_frames(clips, folder / "frames")
    files = table["file"].tolist()
    if given.memory is not None:
        memory(files, given.memory)
        return
    place = fetch_fer(folder)
    asked = {"files": files, "videos": table["video"].tolist(), "live": False}
    people = len(pd.read_csv(clips / "truth.csv").query(f"`Frame Number` < {_FRAMES}")
                 [["Video Tag", "Clip Id", "Person Id"]].drop_duplicates())  # fmt: skip
    print(f"{len(files)} frames with {people} people; load {os.getloadavg()[0]:.1f}\n")
    variants = {f"every {every}": partial(ours, {**asked, "every": every}) for every in EVERY}
    variants["PyPI's fer"] = partial(theirs, files, place, None)
    # In turn, so that what else the machine does falls on all alike.
    rounds = [{name: run() for name, run in variants.items()} for _ in range(given.rounds)]
    runs = {name: sorted((one[name] for one in rounds), key=_wall)[given.rounds // 2] for name in variants}
    base = runs["PyPI's fer"]
    rows = [
        {
            "variant": name, "frames/s": len(files) / run["wall"], "CPU ms per frame": 1000 * run["cpu"] / len(files),
            "p50, ms": 1000 * run.get("p50", np.nan), "p95, ms": 1000 * run.get("p95", np.nan),
            "found, %": 100 * found_faces(run["boxes"], table["boxes"])[0],
            "overlap, %": 100 * found_faces(run["boxes"], table["boxes"])[1], "people": run.get("people"),
            "ratio": base["wall"] / run["wall"], "ratio, CPU": base["cpu"] / run["cpu"],
        }
        for name, run in runs.items()
    ]  # fmt: skip
    print(tabulate(rows, headers="keys", floatfmt=".1f", tablefmt="pipe"), "\n")
    live = ours({**asked, "live": True})
    print(
        f"live, {live['offered']} frames offered at {CAMERA:.0f} per second: {live['rate']:.1f} read per second, "
        f"latency p50 {1000 * live['p50']:.0f} ms, p95 {1000 * live['p95']:.0f} ms; {1000 * live['cpu']:.1f} CPU ms per"
        " frame\n"
    )
    if given.eila is not None:
        headings = ["network", "accuracy, %", "told, %", "accuracy of what is told, %"]
        print(
            tabulate(accuracies(given.eila.absolute(), place), headers=headings, floatfmt=".1f", tablefmt="pipe"), "\n"
        )
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
