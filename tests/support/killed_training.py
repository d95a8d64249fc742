"""Train in processes that are killed: ``python killed_training.py <folder of a dataset> <folder of checkpoints>``.

Imports once and forks: one child for each way to be killed, which goes on from the one before, one that ends, and one
that is never stopped. Prints JSON lines: each epoch that is done, the history and digest of the weights where a
training came to an end, the exit code of each child.
"""

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

from fer.data.dataset import load_dataset
from fer.training import Phase, Protocol, checkpoint
from fer.training.fit import train

# The frozen phase trains from the trunk cache, and early stopping and the plateau act in it.
PROTOCOL = Protocol(
    phases=(
        Phase("frozen", 4, 0.02, unfrozen=0, early_stopping=2, reduce_on_plateau=(0.5, 1, 1e-6)),
        Phase("all", 3, 1e-3, schedule="one_cycle", warmup=0.3),
    ),
    optimizer="adamw",
    batch_size=16,
    dropout=0.3,
    restore_best=True,
)


def tell(facts: dict) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_checkpoint_of(epoch: int):
    """Get killed after an epoch, before its checkpoint is written."""
    return lambda done, metrics: kill() if done == epoch else None


def half_a_checkpoint(*_) -> None:
    """Get killed while the next checkpoint is being written."""
    whole = np.savez

    def half(file, **arrays) -> None:
        whole(file, **dict(list(arrays.items())[: len(arrays) // 2]))
        file.flush()
        kill()

    checkpoint.np.savez = half


def trained(dataset: Path, folder: Path | None, on_epoch) -> None:
    tf.config.experimental.enable_op_determinism()

    def watch(epoch, metrics):
        tell({"epoch": epoch})
        on_epoch(epoch, metrics)

    done = train(load_dataset(dataset), "assistive3", PROTOCOL, 3, head="assistive", on_epoch=watch, folder=folder)
    digest = hashlib.sha256(b"".join(weight.tobytes() for weight in done.model.get_weights())).hexdigest()
    history = done.history.drop(columns="train/images_per_second").to_json(double_precision=15)
    tell({"history": history, "weights": digest, "from": done.trained_from})


def main() -> None:
    dataset, folder = Path(sys.argv[1]), Path(sys.argv[2])
    for place, on_epoch in (
        (folder, before_checkpoint_of(1)),
        (folder, half_a_checkpoint),
        (folder, before_checkpoint_of(4)),
        (folder, before_checkpoint_of(5)),
        (folder, lambda *_: None),
        (None, lambda *_: None),
    ):
        child = os.fork()
        if not child:
            trained(dataset, place, on_epoch)
            os._exit(0)
        tell({"exit": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])})


if __name__ == "__main__":
    main()
