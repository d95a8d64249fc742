"""Study A's six training sets without FER2013, from the trunk cache against plain Keras, then with a second seed.

    python -m benchmarks.mixtures_trunk_cache [folder] [--small] [--epochs 5,8] [--second 1,2]

EiLA alone, and SFEW with 0, 10, 30, 50 and 100 % of EiLA; protocol ``eila`` on ResNet50V2 at 224x224 with 5 + 8 epochs
(early stopping never ends them), backbone weights from a file in place of ImageNet's. ``folder`` holds ``sfew/`` and
``eila/``; without it as many faces are drawn. Plain Keras is measured on 192 + 96 of SFEW's faces, 2 epochs per phase,
and extrapolated by faces; so is the table of the paper's sizes and epochs. ``--small`` is a quick look at 64x64 on few
drawn faces, 2 + 2 epochs; ``--epochs`` and ``--second`` reduce the epochs of both seeds, or of the second one. Other
work on the machine would affect one of the two sides only, so run the benchmark alone or with a high priority.
"""

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from tabulate import tabulate

from benchmarks.trunk_cache import COMMON, measured, random_trunk
from fer.data.dataset import FaceDataset
from fer.data.mixing import integrate
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training.fit import Trained

FRACTIONS = ("0", "0.1", "0.3", "0.5", "1")
EPOCHS, PAPER_EPOCHS = (5, 8), (15, 35)
SMALL_EPOCHS = (2, 2)
SEEN_PLAIN = (192, 96)
# Table 3: training and validation faces by training set, and the number of distinct faces.
PAPER_SIX = [(4852, 1362), (891, 431), (1373, 564), (2342, 837), (3316, 1111), (5743, 1793)]
PAPER_FER2013 = [(28709, 7178), (29191, 7311), (30160, 7584), (31134, 7858), (33561, 8540)]
PAPER_DISTINCT = {"six": 4852 + 1362 + 891 + 431, "eleven": 4852 + 1362 + 891 + 431 + 28709 + 7178}


@dataclass(frozen=True)
class Work:
    """The cost of one training: faces, seconds per epoch by phase (training, validation), and other seconds."""

    sizes: tuple[int, int]
    by_phase: np.ndarray
    whole: float
    trunk: float
    trunk_faces: int

    @property
    def other_seconds(self) -> float:
        """Seconds for everything except epochs and trunk pass: building, tracing."""
        return max(0.0, self.whole - self.trunk)


def datasets(folder: Path | None, small: bool, made: Path) -> tuple[FaceDataset, FaceDataset]:
    """Return SFEW and EiLA, or the same numbers of drawn faces (fewer if ``small``)."""
    if folder is not None:
        recipes = [Recipe(name, folder / name) for name in ("sfew", "eila")]
    else:
        sizes = {"sfew": (96, 42), "eila": (128, 49)} if small else {"sfew": (891, 431), "eila": (2380, 658)}
        recipes = [
            Recipe("synthetic", name=name, options={"train": train, "validation": watched, "test": 7, "seed": seed})
            for seed, (name, (train, watched)) in enumerate(sizes.items())
        ]
    sfew, eila = (preprocess(recipe, made / recipe.title).dataset for recipe in recipes)
    return sfew, eila


def mixtures(sfew: FaceDataset, eila: FaceDataset) -> Mapping[str, FaceDataset]:
    """Return the six training sets by name."""
    grown = {f"SFEW + {Decimal(share):.0%} EiLA": integrate(sfew, eila, Decimal(share), 0) for share in FRACTIONS}
    return {"EiLA only": eila, **grown}


def work(trained: Trained, seconds: Sequence[float], dataset: FaceDataset, epochs: tuple[int, int]) -> Work:
    """Return the cost of a training; a phase's first epoch, which traces, is left out of the time per epoch."""
    sizes = len(dataset.split("train")), len(dataset.split("validation"))
    rates = trained.history["train/images_per_second"].to_numpy()
    by_phase, first = [], 0
    for count in epochs:
        rows = slice(first + (count > 1), first + count)
        steps = float(np.median(sizes[0] / rates[rows]))
        by_phase.append((steps, float(np.median(seconds[rows])) - steps))
        first += count
    spent = np.array(by_phase)
    outside = trained.seconds - float((spent.sum(axis=1) * epochs).sum())
    return Work(sizes, spent, outside, trained.trunk_seconds, trained.trunk_faces)


def a_face(works: Sequence[Work]) -> np.ndarray:
    """Return seconds per face by phase (rows), for training and validation (columns)."""
    return sum(one.by_phase for one in works) / np.sum([one.sizes for one in works], axis=0)


def seconds_of(sizes: Sequence[tuple[int, int]], epochs: tuple[int, int], rates: np.ndarray) -> float:
    """Return the seconds of all epochs of these training sets."""
    return float((np.sum(sizes, axis=0) * rates * np.array(epochs)[:, None]).sum())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="folder of sfew/ and eila/; without it faces are drawn")
    parser.add_argument("--small", action="store_true", help="a quick look: few drawn faces, 64x64")
    parser.add_argument("--epochs", help="by phase, 5,8")
    parser.add_argument("--second", help="epochs by phase of the second seed, 1,2; as the first without it")
    given = parser.parse_args()
    pixels, epochs = (64, SMALL_EPOCHS) if given.small else (224, EPOCHS)
    epochs = _counts(given.epochs, epochs)
    second = _counts(given.second, epochs)
    with tempfile.TemporaryDirectory() as place:
        os.environ["FER_CACHE"] = f"{place}/cache"
        sfew, eila = datasets(given.folder, given.small, Path(place))
        sets = mixtures(sfew, eila)
        weights = random_trunk(sfew, pixels, Path(place) / "trunk.weights.h5")
        few = _few(sfew)
        plain = work(*measured(few, pixels, weights, (COMMON, COMMON), "off"), few, (COMMON, COMMON))
        rates, first = a_face([plain]), []
        for seed, count in enumerate((epochs, second)):
            works = {
                name: work(*measured(one, pixels, weights, count, "auto", seed), one, count)
                for name, one in sets.items()
            }  # fmt: skip
            first = first or list(works.values())
            print(_table(works, count, rates, f"seed {seed}, {count[0]} + {count[1]} epochs"), flush=True)
    print(_extrapolated(rates, a_face(first), first, pixels))


def _counts(given: str | None, default: tuple[int, int]) -> tuple[int, int]:
    return tuple(int(part) for part in given.split(",")) if given else default


def _few(sfew: FaceDataset) -> FaceDataset:
    """Return the faces that plain Keras is measured on."""
    samples = sfew.samples
    place = samples.groupby("split").cumcount()
    most = samples["split"].map({"train": SEEN_PLAIN[0], "validation": SEEN_PLAIN[1]}).fillna(0)
    return sfew.where(place < most)


def _table(works: Mapping[str, Work], epochs: tuple[int, int], plain: np.ndarray, title: str) -> str:
    rows = []
    for name, one in works.items():
        spent = float((one.by_phase.sum(axis=1) * epochs).sum())
        rows.append([name, *one.sizes, one.trunk_faces, one.trunk, spent, one.other_seconds,
                     seconds_of([one.sizes], epochs, plain)])  # fmt: skip
    table = pd.DataFrame(rows)
    rows.append(["together", *table[[1, 2, 3, 4, 5, 6, 7]].sum()])
    for row in rows:
        row.append(row[7] / sum(row[4:7]))
    headers = [title, "train", "validation", "faces passed", "trunk pass, s", "epochs, s", "building, s",
               "plain, extrapolated, s", "times as fast"]  # fmt: skip
    return tabulate(rows, headers=headers, floatfmt=".1f", intfmt=",")


def _extrapolated(plain: np.ndarray, cached: np.ndarray, first: Sequence[Work], pixels: int) -> str:
    passed = sum(one.trunk_faces for one in first)
    a_pass = sum(one.trunk for one in first) / passed
    besides = float(np.mean([one.other_seconds for one in first]))
    here = [one.sizes for one in first]
    cases = [
        ("these six", here, EPOCHS, passed),
        ("the paper's six", PAPER_SIX, PAPER_EPOCHS, PAPER_DISTINCT["six"]),
        ("the paper's eleven", PAPER_SIX + PAPER_FER2013, PAPER_EPOCHS, PAPER_DISTINCT["eleven"]),
    ]
    rows = []
    for name, sizes, epochs, distinct in cases:
        alone, trunk = seconds_of(sizes, epochs, plain), distinct * a_pass
        rest = seconds_of(sizes, epochs, cached) + len(sizes) * besides
        rows.append([f"{name}, {epochs[0]} + {epochs[1]} epochs", alone / 3600, trunk / 3600, rest / 3600,
                     alone / (trunk + rest), alone / rest])  # fmt: skip
    headers = [f"extrapolated, {pixels}x{pixels}", "plain, h", "trunk pass, h", "training, h", "times as fast",
               "a second seed"]  # fmt: skip
    rates = [[f"phase {phase + 1}", *1000 * plain[phase], *1000 * cached[phase]] for phase in range(2)]
    columns = ["ms per face", "plain, training", "plain, validation", "cached, training", "cached, validation"]
    speed = f"trunk pass: {1 / a_pass:.1f} faces/s, {passed:,} faces"
    by_face, whole = tabulate(rates, headers=columns, floatfmt=".2f"), tabulate(rows, headers=headers, floatfmt=".2f")
    return f"\n{by_face}\n{speed}\n\n{whole}"


if __name__ == "__main__":
    main()
