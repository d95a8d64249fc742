"""Images per second of the custom CNN on this machine: training, its parts, and prediction.

    python -m benchmarks.cnn_throughput

Each number is the median of five interleaved rounds, so that other work on the machine affects all of them equally.
``share of batches`` is the time to make a batch (read, augment) over the time of a whole training step: what a
step would wait for if nothing ran in parallel.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tabulate import tabulate

from fer.data.emotions import EMOTIONS
from fer.models import build_model
from fer.preprocessing.pipeline import Recipe, preprocess
from fer.training import protocol_named
from fer.training.augmentation import augmentation_named
from fer.training.batches import Batches

FACES = 1280
ROUNDS = 5


def main() -> None:
    """Measure and print."""
    import keras

    protocol = protocol_named("scratch")
    with tempfile.TemporaryDirectory() as folder:
        options = {"train": FACES, "validation": 7, "test": 7}
        dataset = preprocess(Recipe("synthetic", options=options), Path(folder) / "drawn").dataset
        training = dataset.split("train")
        augmented = Batches(training, protocol.batch_size, EMOTIONS, 0, augmentation_named(protocol.augmentation))
        plain = Batches(training, protocol.batch_size, EMOTIONS, 0)
        model = build_model("cnn", dataset.face_shape, len(EMOTIONS), protocol.dropout)
        model.compile("adamw", keras.losses.CategoricalCrossentropy(), jit_compile=False)
        faces = training.faces()
        work: dict[str, Callable[[], object]] = {
            "training, augmented": lambda: model.fit(augmented, verbose=0, shuffle=False),
            "training, plain": lambda: model.fit(plain, verbose=0, shuffle=False),
            "batches alone, augmented": lambda: [augmented[number] for number in range(len(augmented))],
            "batches alone, plain": lambda: [plain[number] for number in range(len(plain))],
            "prediction": lambda: model.predict(faces, batch_size=256, verbose=0),
        }
        for job in work.values():
            job()
        seconds: dict[str, list[float]] = {name: [] for name in work}
        for _ in range(ROUNDS):
            for name, job in work.items():
                began = time.perf_counter()
                job()
                seconds[name].append(time.perf_counter() - began)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    rows = [[name, f"{FACES / median:,.0f}"] for name, median in medians.items()]
    share = medians["batches alone, augmented"] / medians["training, augmented"]
    print(tabulate([*rows, ["share of batches", f"{share:.1%}"]], headers=["custom CNN, 48x48", "images/s"]))


if __name__ == "__main__":
    main()
