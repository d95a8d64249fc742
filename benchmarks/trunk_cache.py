"""Training from the trunk cache against plain Keras, in one run: study A's protocol on as many faces as SFEW has.

    python -m benchmarks.trunk_cache [--small] [--ratio]

891 + 431 drawn faces, ResNet50V2 at 224x224, 15 + 35 epochs (early stopping never ends them). Cached: the whole
training. Plain Keras: two epochs per phase, extrapolated; a cached run of the same two epochs per phase must have the
same losses. The backbone's weights are random, from a file in place of ImageNet's, so that a second seed has the same
trunk. The table also has the cost of that second seed, and the change of the losses if the cache stores 16 bits.
``--small`` is a quick look at 96x96; ``--ratio`` leaves out the second seed and 16 bits. Other work on the machine
would affect one of the two sides only, so run the benchmark alone or with a high priority (``chrt -r 5``).
"""

import argparse
import os
import tempfile
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pandas as pd
from tabulate import tabulate

from fer.data.dataset import FaceDataset
from fer.models import backbone_of, build_model
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training import Protocol, adjusted, protocol_named
from fer.training.fit import Trained, train

BACKBONE = "resnet50v2"
LOSSES = ["train/loss", "validation/loss"]
COMMON = 2


@dataclass(frozen=True)
class Size:
    """The size of the benchmark: training and validation faces, the network's input, epochs by phase."""

    faces: int
    watched: int
    pixels: int
    epochs: tuple[int, int]


FULL = Size(891, 431, 224, (15, 35))
SMALL = Size(160, 64, 96, (6, 14))


def random_trunk(dataset: FaceDataset, pixels: int, path: Path) -> Path:
    """Write random weights of the backbone to a file, from which every seed starts as it would from ImageNet's."""
    model = build_model(BACKBONE, dataset.face_shape, 7, 0.1, weights="none", input_size=pixels)
    backbone_of(model).save_weights(path)
    return path


def measured(
    dataset: FaceDataset, pixels: int, weights: Path, epochs: tuple[int, int], mode: str, seed: int = 0
) -> tuple[Trained, list[float]]:
    """Train; return the result and the wall-clock seconds of every epoch, including what precedes it."""
    ticks = [time.perf_counter()]
    trained = train(
        dataset,
        BACKBONE,
        _protocol(epochs),
        seed,
        str(weights),
        input_size=pixels,
        on_epoch=lambda *_: ticks.append(time.perf_counter()),
        trunk_cache=mode,
    )
    return trained, [after - before for before, after in pairwise(ticks)]


def _protocol(epochs: tuple[int, int]) -> Protocol:
    protocol = adjusted(protocol_named("eila"), epochs=list(epochs))
    return replace(protocol, phases=(protocol.phases[0], replace(protocol.phases[1], early_stopping=sum(epochs))))


def extrapolated(seconds: list[float], epochs: tuple[int, int]) -> tuple[float, tuple[float, float]]:
    """Return seconds of all epochs, and of one by phase: the first of each phase as it was, the second for the rest."""
    first, second = seconds[:COMMON], seconds[COMMON:]
    whole = sum(phase[0] + (count - 1) * phase[1] for phase, count in zip((first, second), epochs, strict=True))
    return whole, (first[1], second[1])


def difference(one: pd.DataFrame, other: pd.DataFrame) -> str:
    """Return the largest difference of the losses of the common epochs, as text."""
    rows = min(len(one), len(other))
    largest = (one[LOSSES].iloc[:rows] - other[LOSSES].iloc[:rows]).abs().to_numpy().max()
    return "none, to the last bit" if largest == 0 else f"{largest:.2g}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="a quick look: fewer faces, 96x96")
    parser.add_argument("--ratio", action="store_true", help="plain against cached only")
    asked = parser.parse_args()
    size = SMALL if asked.small else FULL
    few = (COMMON, COMMON)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FER_CACHE"] = f"{folder}/cache"
        options = {"train": size.faces, "validation": size.watched, "test": 7}
        dataset = preprocess(Recipe("synthetic", options=options), Path(folder) / "drawn").dataset
        weights = random_trunk(dataset, size.pixels, Path(folder) / "trunk.weights.h5")

        plain, plain_epochs = measured(dataset, size.pixels, weights, few, "off")
        cached, cached_epochs = measured(dataset, size.pixels, weights, size.epochs, "auto")
        common, _ = measured(dataset, size.pixels, weights, few, "auto")
        others = None if asked.ratio else _others(dataset, size, weights)
    whole, by_phase = extrapolated(plain_epochs, size.epochs)
    split = size.epochs[0]
    rows = [
        ["plain Keras, extrapolated", whole, *by_phase, 0, 1.0],
        _row("cached", cached, cached_epochs, split, whole),
    ]
    if others is not None:
        second = others[0]
        rows.append(["cached, second seed", second.seconds, None, None, second.trunk_seconds, whole / second.seconds])
    title = f"{size.faces} + {size.watched} faces, {size.pixels}x{size.pixels}, {split} + {size.epochs[1]} epochs"
    headers = [title, "seconds", "s/epoch, phase 1", "s/epoch, phase 2", "trunk pass, s", "times as fast"]
    print(tabulate(rows, headers=headers, floatfmt=".2f"))
    print(f"\nfaces through the trunk: first seed {cached.trunk_faces}")
    print(f"difference of losses, {COMMON} + {COMMON} epochs: {difference(plain.history, common.history)}")
    first = difference(plain.history.iloc[:COMMON], cached.history)
    print(f"the same, whole cached run against plain, the first {COMMON} epochs: {first}")
    if others is not None:
        print(f"faces through the trunk: second seed {others[0].trunk_faces}")
        print(f"difference of losses, cache at 16 bits: {difference(plain.history, others[1].history)}")


def _others(dataset: FaceDataset, size: Size, weights: Path) -> tuple[Trained, Trained]:
    """Return a whole second seed, and a few epochs from a cache at 16 bits."""
    second, _ = measured(dataset, size.pixels, weights, size.epochs, "auto", seed=1)
    half, _ = measured(dataset, size.pixels, weights, (COMMON, COMMON), "float16")
    return second, half


def _row(name: str, trained: Trained, epochs: list[float], split: int, whole: float) -> list[object]:
    """Return a line of the table; an epoch's time is the median of its phase."""
    medians = (pd.Series(epochs[:split]).median(), pd.Series(epochs[split:]).median())
    return [name, trained.seconds, *medians, trained.trunk_seconds, whole / trained.seconds]


if __name__ == "__main__":
    main()
