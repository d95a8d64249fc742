"""The forward pass through the trunk: reads rows of packed faces and writes values to the store."""

import keras
import numpy as np
from tqdm import tqdm

from fer.errors import InputError
from fer.training.trunk_cache.entry import Entry

# Faces are passed in batches of this size, the last one padded: a network's output for a face is the same to the last
# bit in every batch of this size, but not in a batch of one.
BLOCK = 32
_BLOCKS_BETWEEN_MARKS = 8


def pass_rows(
    model: keras.Model,
    array: np.ndarray,
    shape: tuple[int, int, int],
    rows: np.ndarray,
    targets: list[tuple[Entry, np.ndarray]],
    bar: tqdm,
) -> None:
    """Pass rows of a packed array through the model and write each output's missing rows to its entry.

    Args:
        model: maps faces, uint8 ``(n, *shape)``, to a list of tensors.
        array: all packed faces of one source.
        shape: shape of a face as the model takes it.
        rows: rows to pass.
        targets: for each output, its entry and the rows missing there.
        bar: progress bar that counts faces.

    """
    written: list[np.ndarray] = []
    for number, start in enumerate(range(0, len(rows), BLOCK), start=1):
        block = rows[start : start + BLOCK]
        padded = np.concatenate([block, np.repeat(block[-1:], BLOCK - len(block))])
        outputs = keras.tree.flatten(model.predict_on_batch(array[padded].reshape(BLOCK, *shape)))
        for (entry, lacking), output in zip(targets, outputs, strict=True):
            mine = np.isin(block, lacking)
            entry.write(block[mine], _as_stored(output[: len(block)][mine], entry.dtype))
        written.append(block)
        if number % _BLOCKS_BETWEEN_MARKS == 0 or start + BLOCK >= len(rows):
            for entry, lacking in targets:
                entry.believe(np.intersect1d(np.concatenate(written), lacking))
            written = []
        bar.update(len(block))


def _as_stored(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Return values in the store's data type; raises InputError if a finite value overflows."""
    if values.dtype == dtype:
        return values
    with np.errstate(over="ignore"):
        stored = values.astype(dtype)
    if not np.array_equal(np.isfinite(stored), np.isfinite(values)):
        largest = np.abs(values[np.isfinite(values)]).max()
        raise InputError(
            f"an output of the frozen part, {largest:.3g}, is too large for {dtype}; set trunk_cache to auto."
        )
    return stored
