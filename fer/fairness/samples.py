"""Validation of predictions: labels or codes, converted once to checked codes."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

_SUM_TOLERANCE = 1e-3


class Samples(NamedTuple):
    """Checked predictions of n samples.

    Attributes:
        true: int (n,), position of the true class in ``labels``.
        predicted: int (n,), position of the predicted class.
        proba: float (n, k), or None where no probabilities were given.
        labels: names of the k classes.

    """

    true: np.ndarray
    predicted: np.ndarray
    proba: np.ndarray | None
    labels: tuple[str, ...]


def samples_of(
    y_true: ArrayLike, y_pred: ArrayLike, y_proba: ArrayLike | None = None, labels: Sequence[Any] | None = None
) -> Samples:
    """Return the predictions as codes; ``labels`` as in :func:`class_labels`.

    Raises ValueError for arrays of different length, a label that is not among ``labels``, and for probabilities of
    the wrong shape or outside 0..1.
    """
    proba = None if y_proba is None else np.asarray(y_proba)
    if proba is not None and proba.ndim != 2:
        raise ValueError(f"y_proba has the shape {proba.shape}; give one row per sample and one column per class.")
    count = None if proba is None else proba.shape[1]
    classes = class_labels({"y_true": y_true, "y_pred": y_pred}, labels, count)
    true, predicted = codes_of(y_true, classes, "y_true"), codes_of(y_pred, classes, "y_pred")
    lengths = {"y_true": len(true), "y_pred": len(predicted)} | ({} if proba is None else {"y_proba": len(proba)})
    same_length(**lengths)
    if proba is not None:
        _check_probabilities(proba, len(classes))
    return Samples(true, predicted, proba, tuple(str(label) for label in classes))


def class_labels(
    values: Mapping[str, ArrayLike], labels: Sequence[Any] | None = None, count: int | None = None
) -> tuple[Any, ...]:
    """Return the k class labels: those given, else the sorted ones that occur, else the codes 0 to ``count`` - 1.

    ``values``: by name, arrays of labels (strings) or of codes (whole numbers). Without ``count`` the largest code is
    the last class. Raises ValueError for labels that repeat, and for labels and codes together without ``labels``.
    """
    if labels is not None:
        if len(set(labels)) < len(labels):
            raise ValueError(f"labels has a class twice: {list(labels)}; name each class once.")
        return tuple(labels)
    arrays = [np.ravel(_array(array, name)) for name, array in values.items()]
    named = [array for array in arrays if array.dtype.kind not in "iu"]
    if named and len(named) < sum(len(array) > 0 for array in arrays):
        raise ValueError("some predictions are labels and some are codes; give labels= in the order of the codes.")
    if named:
        return tuple(sorted(set(np.concatenate(named).tolist())))
    largest = max((int(array.max()) for array in arrays if len(array)), default=-1)
    return tuple(range(largest + 1 if count is None else count))


def codes_of(values: ArrayLike, labels: Sequence[Any], what: str) -> np.ndarray:
    """Return the positions in ``labels`` of an array of labels or codes, int of the same shape.

    Whole numbers are positions already, unless the labels are whole numbers too. Raises ValueError, naming ``what``,
    for a value that is none of the labels.
    """
    array = _array(values, what)
    if array.dtype.kind in "iu" and not all(isinstance(label, int | np.integer) for label in labels):
        codes = np.where((array >= 0) & (array < len(labels)), array, -1)
    else:
        codes = pd.Index(labels, dtype=object).get_indexer(pd.Index(np.ravel(array), dtype=object))
        codes = codes.reshape(array.shape)
    if (codes < 0).any():
        unknown = np.ravel(array)[np.ravel(codes) < 0][0]
        known = ", ".join(str(label) for label in labels)
        raise ValueError(f"{what} has {unknown!s}, which is none of the classes {known}; give all of them as labels=.")
    return codes.astype(np.int64)


def same_length(**lengths: int) -> None:
    """Raise ValueError, naming each, unless all are equal."""
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(f"the arrays differ in length ({listed}); give one value per sample.")


def _array(values: ArrayLike, what: str) -> np.ndarray:
    """Return an array of whole numbers or of objects; ValueError for numbers that are not whole."""
    array = np.asarray(values)
    if array.dtype.kind == "b" or array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind == "O" and pd.api.types.infer_dtype(np.ravel(array), skipna=False) == "integer":
        return array.astype(np.int64)
    if array.dtype.kind not in "iuUO" or pd.isna(array).any():
        raise ValueError(f"{what} holds {array.dtype} values or nulls; give labels (strings) or codes (integers).")
    return array if array.dtype.kind in "iu" else array.astype(object)


def _check_probabilities(proba: np.ndarray, classes: int) -> None:
    if proba.shape[1] != classes:
        raise ValueError(
            f"y_proba has {proba.shape[1]} columns for {classes} classes; give labels= in the order of its columns."
        )
    if not ((proba >= 0) & (proba <= 1)).all() or (np.abs(proba.sum(axis=1) - 1) > _SUM_TOLERANCE).any():
        raise ValueError("y_proba has rows that are not probabilities; each row is in 0..1 and sums to 1.")
