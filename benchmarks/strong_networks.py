"""The strongest networks on FER2013: members of several kinds, trained on a GPU by Keras on JAX, and their ensemble.

    KERAS_BACKEND=jax python -m benchmarks.strong_networks --dataset fer2013 --to networks [--workers 4] [--epochs 60]
    python -m benchmarks.strong_networks --dataset fer2013 --to networks --report

The first command trains :data:`MEMBERS` side by side, each in a process of its own, on the training faces, and keeps
each one's weights (at 16 bits) and history; trainings that are finished are kept. The epoch is chosen on PublicTest.
The second command needs no GPU. It evaluates the weights: the best member by PublicTest, and the ensemble, weighted by
PublicTest, with ten crops; PrivateTest is looked at there only, and only for what was chosen. With and without the
faces of PrivateTest that have an exact copy among the training faces.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from statsmodels.stats.proportion import proportion_confint
from tabulate import tabulate

from fer.classifiers.views import VIEWS
from fer.data.dataset import FaceDataset, load_dataset
from fer.data.emotions import EMOTIONS
from fer.models.ensemble import best_weights
from fer.training import Protocol, adjusted, protocol_named

# Different networks and recipes err on different faces, which is what an ensemble lives on.
MEMBERS: tuple[tuple[str, str, int], ...] = (
    ("cnn_xlarge", "sgd", 0),
    ("vgg13", "sgd", 0),
    ("cnn_xlarge", "no mixup", 1),
    ("vgg13", "adamw", 1),
    ("cnn_xlarge", "sgd", 2),
    ("vgg13", "no mixup", 2),
)
_BATCH = 512


def recipe(name: str, epochs: int) -> Protocol:
    """Return ``scratch_long`` with this many epochs: by ``sgd``, by ``adamw``, or by SGD with ``no mixup``."""
    whole = adjusted(protocol_named("scratch_long"), epochs=[epochs])
    if name == "no mixup":
        return replace(whole, mixup=0.0)
    if name == "adamw":
        phases = tuple(replace(phase, learning_rate=2e-3) for phase in whole.phases)
        return replace(whole, phases=phases, optimizer="adamw", weight_decay=0.05)
    return whole


def train_all(dataset: Path, folder: Path, epochs: int, workers: int) -> None:
    """Train the members that are missing, so many at a time, and say how each went."""

    def run(member: int) -> None:
        command = [sys.executable, "-m", "benchmarks.strong_networks", "--dataset", dataset, "--to", folder]
        subprocess.run([*map(str, command), "--epochs", str(epochs), "--only", str(member)], check=True)

    missing = [member for member in range(len(MEMBERS)) if not _file(folder, member).exists()]
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(run, missing))


def train_one(dataset: FaceDataset, folder: Path, member: int, epochs: int) -> None:
    """Train a member and keep its weights, history and seconds."""
    from fer.training.fit import train

    backbone, name, seed = MEMBERS[member]
    began = time.perf_counter()

    def tell(epoch: int, metrics: dict[str, float]) -> None:
        if (epoch + 1) % 5 == 0 or epoch < 3:
            accuracy, speed = metrics["validation/accuracy"], metrics["train/images_per_second"]
            print(f"{member} {backbone} {name}: epoch {epoch + 1}, {100 * accuracy:.2f} %, {speed:.0f}/s", flush=True)

    trained = train(dataset, backbone, recipe(name, epochs), seed, on_epoch=tell)
    weights = {f"w{place}": value.astype(np.float16) for place, value in enumerate(trained.model.get_weights())}
    part = folder / f"{member}.part.npz"
    history = trained.history["validation/accuracy"].to_numpy()
    np.savez(part, history=history, seconds=time.perf_counter() - began, epochs=epochs, **weights)
    part.rename(_file(folder, member))
    print(f"{member} {backbone} {name}: best {100 * history.max():.2f} % of PublicTest", flush=True)


def _file(folder: Path, member: int) -> Path:
    return folder / f"{member}.npz"


def report(dataset: FaceDataset, folder: Path) -> None:
    """Print the members on PublicTest, and on PrivateTest the best of them and the ensemble."""
    public, private = dataset.split("validation"), dataset.split("test")
    of_public, rows = [], []
    for member, (backbone, name, seed) in enumerate(MEMBERS):
        kept = np.load(_file(folder, member))
        of_public.append(_answers(public, folder, member))
        plain = 100 * kept["history"].max()
        rows.append((backbone, name, seed, int(kept["epochs"]), f"{kept['seconds']:.0f}", f"{plain:.1f}",
                     f"{100 * _right(public, of_public[-1]).mean():.1f}"))  # fmt: skip
    columns = ("backbone", "recipe", "seed", "epochs", "seconds", "PublicTest", "with ten crops")
    print(tabulate(rows, columns, tablefmt="github"), end="\n\n")
    best = int(np.argmax([_right(public, one).mean() for one in of_public]))
    weights = best_weights(np.stack(of_public), public.codes())
    print(f"Weights of the ensemble, by PublicTest: {np.round(weights, 2)}", end="\n\n")
    of_private = [_answers(private, folder, member) for member in range(len(MEMBERS))]
    copies = {face.tobytes() for face in dataset.split("train").faces()}
    new = np.array([face.tobytes() not in copies for face in private.faces()])
    chosen = {
        f"best by PublicTest: {MEMBERS[best][0]}, seed {MEMBERS[best][2]}": of_private[best],
        f"ensemble of {len(MEMBERS)}": np.tensordot(weights, np.stack(of_private), 1),
    }
    rows = [(name, _percent(_right(private, one)), _percent(_right(private, one)[new])) for name, one in chosen.items()]
    print(tabulate(rows, ("ten crops", "PrivateTest", "without copies"), tablefmt="github"))


def _answers(faces: FaceDataset, folder: Path, member: int) -> np.ndarray:
    """Return a member's probabilities (n, classes), means over ten crops; kept in the folder."""
    kept = folder / f"{member}_{len(faces)}_{faces.samples['split'].iloc[0]}.npy"
    if not kept.exists():
        from fer.models import build_model

        model = build_model(MEMBERS[member][0], faces.face_shape, len(EMOTIONS), 0.4, precision="mixed_bfloat16")
        weights = np.load(_file(folder, member))
        model.set_weights([weights[f"w{place}"].astype(np.float32) for place in range(len(model.get_weights()))])
        seen = (np.stack([view(face) for face in faces.faces()]) for view in VIEWS["ten_crop"])
        np.save(kept, np.mean([model.predict(view, batch_size=_BATCH, verbose=0) for view in seen], axis=0))
    return np.load(kept)


def _right(faces: FaceDataset, probabilities: np.ndarray) -> np.ndarray:
    return probabilities.argmax(axis=1) == faces.codes()


def _percent(right: np.ndarray) -> str:
    low, high = proportion_confint(right.sum(), len(right), method="wilson")
    return f"{100 * right.mean():.1f} ({100 * low:.1f} to {100 * high:.1f})"


def main() -> None:
    """Train what is missing, or print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--only", type=int, help="train this member, in this process")
    parser.add_argument("--report", action="store_true")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    if asked.report:
        report(load_dataset(asked.dataset), asked.to)
    elif asked.only is None:
        train_all(asked.dataset, asked.to, asked.epochs, asked.workers)
    else:
        train_one(load_dataset(asked.dataset), asked.to, asked.only, asked.epochs)


if __name__ == "__main__":
    main()
