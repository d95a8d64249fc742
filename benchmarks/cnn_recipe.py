"""What each part of the recipe of the custom CNNs brings, on validation faces only.

    python -m benchmarks.cnn_recipe --dataset fer2013 --to recipe [--backbone cnn] [--faces 10000] [--epochs 10]
                                    [--protocol scratch_long] [--recipes "no mixup,noise as well"] [--seeds 3]
                                    [--workers 1]

Trains ``cnn`` with a protocol, and with one part of it taken away or changed at a time, each with some
seeds, on the same training faces. Each row is compared with the whole recipe on the validation faces: difference in
accuracy over seeds, its 95 % interval, and p, by :func:`fer.fairness.paired_comparison` (the seeds are crossed with
the faces, so both make the interval). The test faces are not read. Finished trainings are kept in the folder, and the
command goes on with those that are missing. ``--workers``: so many at a time, each in a process of its own, for a GPU
(``KERAS_BACKEND=jax``).
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pandas as pd
from tabulate import tabulate

from fer.data.dataset import FaceDataset, load_dataset
from fer.fairness import paired_comparison
from fer.training import Protocol, adjusted, protocol_named
from fer.training.augmentation import AUGMENTATIONS, affine_uncut

_WHOLE_FACES = "affine without cutout"
AUGMENTATIONS[_WHOLE_FACES] = affine_uncut
WHOLE = "the whole recipe"
# Momentum of the weights' average: of the last 50 steps or so.
_AVERAGED = 0.98
# Protocols that follow each other, with the height and width of the network's input.
Parts = tuple[tuple[Protocol, int | None], ...]


def recipes_of(whole: Protocol) -> dict[str, Parts]:
    """Return the recipes by name, the whole one first."""
    small, full = (_cycle(whole, warmup) for warmup in (1.0, 0.0))
    return {name: ((protocol, None),) for name, protocol in variants(whole).items()} | {
        "half of the epochs at 32 pixels, then at 48": ((small, 32), (full, 48))
    }


def _cycle(whole: Protocol, warmup: float) -> Protocol:
    """Return the protocol with half of its epochs, as one part of its cycle: up to the peak, or down from it."""
    phases = tuple(replace(phase, epochs=max(1, phase.epochs // 2), warmup=warmup) for phase in whole.phases)
    return replace(whole, phases=phases)


def variants(whole: Protocol) -> dict[str, Protocol]:
    """Return the recipes of one part by name, the whole one first."""
    constant = tuple(replace(phase, schedule="constant", learning_rate=0.02) for phase in whole.phases)
    adam = tuple(replace(phase, learning_rate=2e-3) for phase in whole.phases)
    return {
        WHOLE: whole,
        "float32 in place of bfloat16": replace(whole, precision="float32"),
        "no mixup": replace(whole, mixup=0.0),
        "no label smoothing": replace(whole, label_smoothing=0.0),
        "no square cut out": replace(whole, augmentation=_WHOLE_FACES),
        "noise as well": replace(whole, augmentation="affine_noise"),
        "no augmentation": replace(whole, augmentation="none"),
        "a constant rate of 0.02 in place of one cycle": replace(whole, phases=constant),
        "AdamW (2e-3, decay 0.05) in place of SGD": replace(whole, phases=adam, optimizer="adamw", weight_decay=0.05),
        "balanced sampling": replace(whole, sampling="balanced"),
        "averaged weights as well": replace(whole, weight_averaging=_AVERAGED),
        "a constant rate of 0.02 and averaged weights": replace(whole, phases=constant, weight_averaging=_AVERAGED),
    }


def main() -> None:
    """Train what is missing and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--backbone", default="cnn")
    parser.add_argument("--protocol", default="scratch_long")
    parser.add_argument("--recipes", default="", help="some of them, beside the whole one; all by default")
    parser.add_argument("--faces", type=int, default=10_000)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", help="NUMBER_SEED: train this one, in this process")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    dataset = _some(load_dataset(asked.dataset), asked.faces)
    whole = adjusted(protocol_named(asked.protocol), epochs=[asked.epochs])
    recipes = recipes_of(whole)
    wanted = asked.recipes.split(",") if asked.recipes else list(recipes)
    if unknown := set(wanted) - set(recipes):
        parser.error(f"no recipe {min(unknown)!r}; give some of {', '.join(recipes)}")
    chosen = [name for name in recipes if name in (WHOLE, *wanted)]
    missing = [
        (number, seed)
        for seed, (number, name) in product(range(asked.seeds), enumerate(recipes))
        if name in chosen and not (asked.to / f"{number}_{seed}.npz").exists()
    ]
    if asked.only is not None:
        missing = [tuple(map(int, asked.only.split("_")))]
    if asked.workers > 1:
        with ThreadPoolExecutor(asked.workers) as pool:
            list(pool.map(lambda one: _in_a_process(*one), missing))
        missing = []
    for number, seed in missing:
        name = list(recipes)[number]
        _train(dataset, asked.backbone, recipes[name], seed, asked.to / f"{number}_{seed}.npz")
        print(f"{name}, seed {seed}: done", flush=True)
    if asked.only is None:
        print(
            tabulate(
                _table(dataset, {name: list(recipes).index(name) for name in chosen}, asked.to, asked.seeds),
                headers="keys",
                tablefmt="github",
                showindex=False,
            )
        )


def _in_a_process(number: int, seed: int) -> None:
    """Train one in a process of its own, by the same command."""
    command = [sys.executable, "-m", "benchmarks.cnn_recipe", *sys.argv[1:], "--workers", "1"]
    subprocess.run([*command, "--only", f"{number}_{seed}"], check=True)


def _some(dataset: FaceDataset, faces: int) -> FaceDataset:
    """Return the dataset with this number of its training faces, drawn once, and all validation faces."""
    split = dataset.samples["split"].to_numpy()
    kept = split == "validation"
    training = np.flatnonzero(split == "train")
    kept[np.random.default_rng(0).permutation(training)[:faces]] = True
    return dataset.where(kept)


def _train(dataset: FaceDataset, backbone: str, parts: Parts, seed: int, file: Path) -> None:
    from fer.models.trained_weights import TrainedModel
    from fer.training.fit import train

    began, start = time.perf_counter(), None
    for protocol, size in parts:
        protocol = replace(protocol, restore_best=False)
        trained = train(dataset, backbone, protocol, seed, input_size=size, start=start)
        start = TrainedModel(str(file), trained.model, trained.emotions)
    seconds = time.perf_counter() - began
    faces = dataset.split("validation").faces()
    predicted = trained.model.predict(faces, batch_size=256, verbose=0).argmax(axis=1)
    speed = float(trained.history["train/images_per_second"].median())
    np.savez(file, predicted=predicted, seconds=seconds, images_per_second=speed)


def _table(dataset: FaceDataset, numbers: dict[str, int], folder: Path, seeds: int) -> pd.DataFrame:
    """Return one row per recipe: accuracy, difference from the whole recipe with interval and p, seconds."""
    validation = dataset.split("validation")
    truth = validation.codes()
    found = {
        name: [np.load(folder / f"{number}_{seed}.npz") for seed in range(seeds)] for name, number in numbers.items()
    }
    sides = {name: np.stack([one["predicted"] for one in of]) for name, of in found.items()}
    rows = []
    for name, predicted in sides.items():
        row = {"recipe": name, "accuracy": f"{100 * (predicted == truth).mean():.1f}"}
        if name != WHOLE:
            one = paired_comparison(
                truth, sides[WHOLE], predicted, sensitive_features=np.full(len(truth), "faces"),
                clusters=np.arange(len(truth)),
            ).loc["accuracy"]  # fmt: skip
            row["difference"] = f"{100 * one['difference']:+.1f} ({100 * one['low']:.1f} to {100 * one['high']:.1f})"
            row["p"] = f"{one['p']:.3f}"
        row["seconds"] = f"{np.median([one['seconds'] for one in found[name]]):.0f}"
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


if __name__ == "__main__":
    main()
