"""Faces per second of ``predict`` against PyPI's ``fer``, and the time from the command to its first result.

    python -m benchmarks.predict_speed --faces FOLDER --to FOLDER --model FILE [--pictures N] [--rounds N]

``--faces``: pictures with one face each, such as FairFace's; pictures of 1 to 30 of them, in 1920 x 1080 pixels, are
composed in ``--to``. ``--model``: an exported ONNX or LiteRT file, see ``export``.

Both packages read the same JPEG files, each variant in a process of its own, in turn; the first two pictures warm up.
pictures/s and faces/s are of the median round, found faces those whose pasted square has a box; CPU s per picture adds
up all threads, so that a busy machine changes it least; ratios are to PyPI's ``fer`` as it comes, by the wall clock and
by CPU time. "boxes given": without detection, both packages with the boxes that YuNet found. First result: from the
start of ``predict`` on one picture to the line with its emotions.

PyPI's ``fer`` is fetched and unpacked in ``--to``, never installed, as it has this project's import name.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import yaml
from tabulate import tabulate

from benchmarks.composed_pictures import SIZE, compose, found_squares
from benchmarks.pypi_models import MODELS
from fer.classifiers import open_classifier
from fer.detectors import open_detector
from fer.detectors.contract import Detections
from fer.pictures.faces import CONFIDENCE, LONGEST_SIDE_OF_DETECTOR, FaceReader
from fer.pictures.inputs import inputs_of
from fer.pictures.prediction import predict_on

ROOT = Path(__file__).parents[1]
OURS, THEIRS, THEIR_NETWORK = "fair-fer", "PyPI's fer", "its own"
_NETWORK = "fer/data/emotion_model_quantized.tflite"
# The smallest face that PyPI's fer looks for, in pixels.
_HAAR = {"min_size": 50}


class GivenBoxes:
    """A detector that answers with known boxes, in the order of the pictures."""

    def __init__(self, boxes: list[list[list[float]]]) -> None:
        self._boxes = iter([np.array(some, dtype=float).reshape(-1, 4) for some in boxes])

    def detect(self, images: Any) -> list[Detections]:
        """Return the next boxes, one :class:`Detections` per image, which may have been shrunk."""
        answers = [next(self._boxes) * image.shape[1] / SIZE[0] for image in images]
        return [Detections(boxes, np.ones(len(boxes)), None, "given") for boxes in answers]


def fetch_fer(folder: Path) -> Path:
    """Return a folder with PyPI's ``fer`` and what it imports, unpacked; fetched if it is not there."""
    place, wanted = folder / "pypi_fer", f"fer=={MODELS['fer'].version}"
    if not (place / _NETWORK).is_file():
        pip = [sys.executable, "-m", "pip"]
        subprocess.run([*pip, "download", "--quiet", "--no-deps", "--dest", str(folder), wanted], check=True)
        # Of setuptools, the last releases with pkg_resources, which fer imports.
        target = ["--target", str(place), "setuptools<81"]
        subprocess.run([*pip, "install", "--quiet", "--no-deps", *target], check=True)
        [wheel] = folder.glob(f"fer-{MODELS['fer'].version}-*.whl")
        with zipfile.ZipFile(wheel) as opened:
            opened.extractall(place)
    described = {"labels": MODELS["fer"].description["labels"], "scaling": "symmetric"}
    (place / f"{_NETWORK}.yaml").write_text(yaml.safe_dump(described))
    return place


def theirs(pictures: list[str], place: Path, boxes: list[list[list[float]]] | None) -> dict[str, Any]:
    """Return boxes and seconds of PyPI's ``fer``, in a process of its own."""
    script = Path(__file__).with_name("pypi_fer_worker.py")
    environment = {**os.environ, "PYTHONPATH": str(place), "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, "-P", str(script)]
    return _asked(command, {"pictures": pictures, "boxes": boxes}, environment)


def ours(pictures: list[str], model: str, detector: str, boxes: list[list[list[float]]] | None) -> dict[str, Any]:
    """Return boxes and seconds of this project, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.predict_speed", "--measure"]
    asked = {"pictures": pictures, "model": model, "detector": detector, "boxes": boxes}
    return _asked(command, asked, {**os.environ, "PYTHONPATH": str(ROOT)})


def _asked(command: list[str], question: dict[str, Any], environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        command, input=json.dumps(question), env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def measure(asked: dict[str, Any]) -> dict[str, Any]:
    """Return boxes and seconds of ``predict``'s own loop, as ``python -m benchmarks.predict_speed --measure``."""
    pictures, boxes = asked["pictures"], asked["boxes"]
    classifier = open_classifier(asked["model"])
    if boxes is None:
        options = _HAAR if asked["detector"] == "haar" else {"longest_side": LONGEST_SIDE_OF_DETECTOR}
        detector = open_detector(asked["detector"], options)
        warming = measured = FaceReader(detector, classifier, 0.0 if asked["detector"] == "haar" else CONFIDENCE)
    else:
        warming, measured = (FaceReader(GivenBoxes(some), classifier) for some in (boxes[:2], boxes))
    predict_on(inputs_of(pictures[:2]), warming)
    wall, cpu = time.perf_counter(), time.process_time()
    done = predict_on(inputs_of(pictures), measured)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    table = done.table
    columns = ["x", "y", "width", "height"]
    found = [table.loc[table["picture"] == path, columns].to_numpy().tolist() for path in pictures]
    return {"boxes": found, "wall": wall, "cpu": cpu}


def first_result(picture: str, model: str) -> float:
    """Return the seconds from the start of the command to the line with a picture's emotions."""
    command = [sys.executable, "-m", "entrypoints.predict", picture, "--model", model]
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        for line in process.stderr or ():
            if line.startswith(f"{picture}: "):
                took = time.perf_counter() - began
                process.communicate()
                return took
    raise SystemExit(f"predict gave no result for {picture}.")


def compared(squares: dict[Path, np.ndarray], model: str, place: Path, rounds: int) -> list[dict[str, object]]:
    """Return one row per variant: pictures and faces per second, share of the faces found, ratios."""
    pictures = [str(path) for path in squares]
    network = str(place / _NETWORK)
    known = ours(pictures, model, "yunet", None)["boxes"]
    variants = {
        (THEIRS, "Haar", THEIR_NETWORK): lambda: theirs(pictures, place, None),
        (OURS, "YuNet", Path(model).name): lambda: ours(pictures, model, "yunet", None),
        (OURS, "YuNet", THEIR_NETWORK): lambda: ours(pictures, network, "yunet", None),
        (OURS, "Haar", THEIR_NETWORK): lambda: ours(pictures, network, "haar", None),
        (THEIRS, "boxes given", THEIR_NETWORK): lambda: theirs(pictures, place, known),
        (OURS, "boxes given", THEIR_NETWORK): lambda: ours(pictures, network, "yunet", known),
    }
    runs: dict[tuple[str, str, str], list[dict[str, Any]]] = {variant: [] for variant in variants}
    for _ in range(rounds):
        for variant, run in variants.items():
            runs[variant].append(run())
    faces = sum(map(len, squares.values()))
    rows: list[dict[str, object]] = []
    base: dict[str, float] = {}
    each = 0.0
    for (package, detector, classifier), some in runs.items():
        found = sum(
            found_squares(one, np.array(boxes).reshape(-1, 4))
            for one, boxes in zip(squares.values(), some[0]["boxes"], strict=True)
        )
        wall, cpu = (median(run[clock] for run in some) for clock in ("wall", "cpu"))
        speed = {"wall": found / wall, "cpu": found / cpu}
        base = base or speed
        each = each or cpu
        rows.append(
            {
                "package": package, "detector": detector, "network": classifier,
                "faces found, %": 100 * found / faces, "boxes": sum(map(len, some[0]["boxes"])),
                "pictures/s": len(pictures) / wall, "faces/s": speed["wall"], "CPU s per picture": cpu / len(pictures),
                "ratio": speed["wall"] / base["wall"], "ratio, CPU": speed["cpu"] / base["cpu"],
                "ratio of pictures, CPU": each / cpu,
            }
        )  # fmt: skip
    return rows


def main() -> None:
    """Compose, measure, print."""
    if sys.argv[1:] == ["--measure"]:
        json.dump(measure(json.load(sys.stdin)), sys.stdout)
        return
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    folder = given.to.absolute()
    squares = compose(given.faces.absolute(), folder / "pictures", given.pictures)
    model = str(given.model.absolute())
    rows = compared(squares, model, fetch_fer(folder), given.rounds)
    print(f"{len(squares)} pictures with {sum(map(len, squares.values()))} faces; load {os.getloadavg()[0]:.1f}\n")
    print(tabulate(rows, headers="keys", floatfmt=".2f", tablefmt="pipe"), "\n")
    first = str(next(iter(squares)))
    times = sorted(first_result(first, model) for _ in range(5))
    print(
        f"first result: median {median(times):.1f} s, {times[0]:.1f} to {times[-1]:.1f}; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
