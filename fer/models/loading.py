"""Read a network from a file that is not trusted."""

from pathlib import Path
from zipfile import is_zipfile

import keras

from fer.errors import InputError

_SHOWN = 200


def load_network(file: Path, name: str) -> keras.Model:
    """Return the network of a ``.keras`` file, not compiled; ``name`` is what an error calls its model.

    It is read in Keras' safe mode. Raises InputError if it is damaged or has layers with code of their own.
    """
    if not is_zipfile(file):
        raise InputError(
            f"the network of model {name} cannot be loaded, as its file {file.name} is damaged; train the model again, "
            "or restore its files."
        )
    try:
        return keras.models.load_model(file, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises errors of many kinds for a damaged file, a Lambda, an unknown layer.
        reason = (str(error) or type(error).__name__).splitlines()[0][:_SHOWN].rstrip(". ")
        raise InputError(
            f"the network of model {name} cannot be loaded ({reason}); layers with code of their own are not run: "
            "log one of Keras' own layers with the entry point train."
        ) from error
