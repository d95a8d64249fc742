"""Packed faces against image files, and mixtures against copied folders, in one run.

    python benchmarks/packing.py --fer2013 <folder with train/ and test/> --sfew <folder> --eila <folder>

Loading: shuffled batches of one epoch of FER2013's training split, from Keras' `ImageDataGenerator.flow_from_directory`
(which decodes every file in every epoch) and from the packed dataset; both give 48x48 gray faces and one-hot labels.
Mixing: the eight mixtures of Table 3 as rows that refer to three packed datasets, against copying the files
of each. Ratios matter, seconds depend on the machine. The time of packing, done once, is also printed.
"""

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from fer.data.dataset import load_dataset, write_mixture
from fer.data.mixing import integrate, parse_fraction
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.quiet_tensorflow import load_keras

BATCH = 32
FRACTIONS = ("0.1", "0.3", "0.5", "1")
BASES = ("sfew", "fer2013")


def folder_size(folder: Path) -> int:
    """Return the bytes of all files below ``folder``."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def loading(raw: Path, packed: Path) -> list[tuple[str, float, int]]:
    """Return (name, seconds, images) of one epoch for each way."""
    load_keras()
    from keras.src.legacy.preprocessing.image import ImageDataGenerator

    from fer.training.batches import Batches

    rows = []
    generator = ImageDataGenerator().flow_from_directory(
        raw / "train", target_size=(48, 48), color_mode="grayscale", batch_size=BATCH, shuffle=True, seed=0
    )
    batches = Batches(load_dataset(packed).split("train"), BATCH, seed=0)
    for way, source in (("flow_from_directory", generator), ("packed faces", batches)):
        start, images = time.perf_counter(), 0
        for number in range(len(source)):
            images += len(source[number][0])
        rows.append((way, time.perf_counter() - start, images))
    return rows


def copying(raw: dict[str, Path], target: Path) -> tuple[float, int]:
    """Copy the training and validation files of the eight mixtures, as the study's notebook does."""
    files = {name: sorted(path for path in folder.rglob("*") if is_face(path)) for name, folder in raw.items()}
    start = time.perf_counter()
    for base in BASES:
        for fraction in FRACTIONS:
            place = target / f"{base}_{fraction}"
            place.mkdir(parents=True)
            added = files["eila"][: int(float(fraction) * len(files["eila"]))]
            for number, file in enumerate([*files[base], *added]):
                shutil.copy(file, place / f"{number}{file.suffix}")
    return time.perf_counter() - start, folder_size(target)


def is_face(path: Path) -> bool:
    """Return whether a file is a face of a training or validation split."""
    return path.suffix in (".jpg", ".png") and "EiLA_test" not in path.parts


def mixing(packed: dict[str, Path], target: Path) -> tuple[float, int]:
    """Make the same mixtures as rows."""
    datasets = {name: load_dataset(folder) for name, folder in packed.items()}
    start = time.perf_counter()
    for base in BASES:
        for fraction in FRACTIONS:
            mixed = integrate(datasets[base], datasets["eila"], parse_fraction(fraction), seed=0)
            write_mixture(target / f"{base}_{fraction}", mixed)
    return time.perf_counter() - start, folder_size(target)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("fer2013", "sfew", "eila"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    raw = vars(parser.parse_args())
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["FER_CACHE"] = f"{scratch}/cache"
        packed, packing = {}, {}
        for name, folder in raw.items():
            packed[name] = Path(scratch) / name
            start = time.perf_counter()
            preprocess(Recipe(name, folder), packed[name])
            packing[name] = time.perf_counter() - start
        (_, slow, images), (_, fast, same) = loading(raw["fer2013"], packed["fer2013"])
        rows = [("flow_from_directory", images, slow, images / slow), ("packed faces", same, fast, same / fast)]
        print(tabulate(rows, headers=["loading an epoch", "images", "seconds", "images/s"], floatfmt=".1f"))
        print(f"\n{slow / fast:.1f} times as fast; packing FER2013 once took {packing['fer2013']:.1f} s.\n")
        copied = copying(raw, Path(scratch) / "copied")
        mixed = mixing(packed, Path(scratch) / "mixed")
    rows = [("copied files", copied[0], copied[1] / 1e6), ("rows", mixed[0], mixed[1] / 1e6)]
    print(tabulate(rows, headers=["the eight mixtures", "seconds", "MB"], floatfmt=".2f"))
    print(f"\n{copied[0] / mixed[0]:.1f} times as fast, {copied[1] / mixed[1]:.1f} times as small.")


if __name__ == "__main__":
    main()
