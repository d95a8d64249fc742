"""MLflow models of any flavour, through MLflow's general loader: it runs the code that a model brings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import mlflow
import numpy as np
import pandas as pd

from fer.errors import InputError
from fer.tracking.faults import first_line


class Pyfunc(NamedTuple):
    """A loaded model.

    Attributes:
        predict: maps an array of its input's type and shape to its answer, whatever that is.
        shape: of its input by its signature, the number of faces first, -1 where open; None without a signature.
        dtype: of its input; None without a signature.

    """

    predict: Callable[[np.ndarray], Any]
    shape: tuple[int, ...] | None
    dtype: np.dtype | None


def load_pyfunc(folder: Path, what: str) -> Pyfunc:
    """Return the model in a folder, with its code run; only for models that the user trusts.

    Raises InputError that names ``what`` if it cannot be loaded, or takes several inputs.
    """
    try:
        model = mlflow.pyfunc.load_model(str(folder), suppress_warnings=True)
    except Exception as error:  # Its own code may raise anything.
        raise InputError(
            f"{what} cannot be loaded by MLflow ({type(error).__name__}: {first_line(error)}); install what it needs "
            "(its requirements.txt), or log it again."
        ) from error
    schema = model.metadata.get_input_schema()
    if schema is None:
        return Pyfunc(model.predict, None, None)
    if schema.is_tensor_spec():
        if len(schema.inputs) != 1:
            raise InputError(f"{what} takes {len(schema.inputs)} inputs, not faces alone; it cannot be used.")
        entry = schema.inputs[0]

        def tensor(pixels: np.ndarray) -> Any:
            return model.predict(pixels if entry.name is None else {entry.name: pixels})

        return Pyfunc(tensor, tuple(entry.shape), np.dtype(entry.type))
    columns = schema.input_names() if schema.has_input_names() else list(range(len(schema.inputs)))
    types = {entry.type.to_numpy() for entry in schema.inputs}
    if len(types) != 1:
        raise InputError(f"{what} takes columns of several types, not pixels; log it on an array of faces.")

    def columnar(pixels: np.ndarray) -> Any:
        return model.predict(pd.DataFrame(pixels, columns=columns))

    return Pyfunc(columnar, (-1, len(columns)), np.dtype(types.pop()))
