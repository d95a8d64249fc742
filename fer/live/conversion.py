"""Convert a Keras model of the tracking server to ONNX in another process, once; the result is kept by its digest.

TensorFlow stays out of this process: it takes half a gigabyte and seconds to start.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import fer
from fer.errors import InputError
from fer.identity import file_digest
from fer.storage.folders import atomic_folder, cache_folder, locked, writable

NAME = "network.onnx"
# Of what is written; another number makes every kept file anew.
_VERSION = "1"


def converted(
    network: Path,
    emotions: Sequence[str],
    title: str,
    crop_margin: float | None,
    report: Callable[[str], None],
) -> Path:
    """Return the ONNX file, with its description beside it, of a ``.keras`` file of this project.

    Args:
        network: the file.
        emotions: in the order of its outputs.
        title: the model's name for people.
        crop_margin: of the faces that it was trained on; None: unknown.
        report: called with one sentence before a conversion begins.

    The file is in ``$FER_CACHE/live``, by the digest of ``network``. Another process that converts the same is waited
    for. Raises InputError if the model cannot be converted, with the reason.

    """
    digest = file_digest(network)
    place = writable(cache_folder() / "live") / f"{digest[:32]}-{_VERSION}"
    with locked(place.with_name(f"{place.name}.lock"), wait=lambda: report(f"waiting for the conversion of {title}")):
        if not _intact(place):
            shutil.rmtree(place, ignore_errors=True)
            report(f"converting {title} to ONNX; this is done once")
            with atomic_folder(place) as folder:
                _convert(folder, {"network": str(network.absolute()), "emotions": list(emotions), "title": title,
                                  "crop_margin": crop_margin, "source": f"{title}, SHA-256 {digest}"})  # fmt: skip
    return place / NAME


def _intact(place: Path) -> bool:
    """Return whether a kept file has the digest that its description states."""
    file, described = place / NAME, place / f"{NAME}.yaml"
    return file.is_file() and described.is_file() and file_digest(file) in described.read_text(encoding="utf-8")


def _convert(folder: Path, asked: dict[str, object]) -> None:
    root = str(Path(fer.__file__).parents[1])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    done = subprocess.run(
        [sys.executable, "-m", "fer.live.convert_here", str(folder)],
        input=json.dumps(asked),
        env={**os.environ, "PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no reason is known"]
        raise InputError(f"{asked['title']} cannot be used live: {said[-1]}")
