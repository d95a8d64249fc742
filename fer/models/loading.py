"""Read a network from a file that is not trusted."""

from pathlib import Path
from zipfile import is_zipfile

import keras

from fer.errors import InputError

_SHOWN = 200
_HDF5 = (".h5", ".hdf5")
_HDF5_BEGINS = b"\x89HDF\r\n\x1a\n"
_OURS = "log one of Keras' own layers with the entry point train"


def load_network(file: Path, name: str, safe: bool = True, remedy: str = _OURS) -> keras.Model:
    """Return the network of a ``.keras``, ``.h5`` or ``.hdf5`` file, not compiled; ``name`` is its model's in errors.

    It is read in Keras' safe mode, unless ``safe`` is false: then code in the file is run. Raises InputError if it is
    damaged or, in safe mode, has layers with code of their own; ``remedy`` is the end of that sentence.
    """
    if not _intact(file):
        raise InputError(
            f"the network of model {name} cannot be loaded, as its file {file.name} is damaged; train the model again, "
            "or restore its files."
        )
    try:
        return keras.models.load_model(file, compile=False, safe_mode=safe)
    except Exception as error:  # Keras raises errors of many kinds for a damaged file, a Lambda, an unknown layer.
        reason = (str(error) or type(error).__name__).splitlines()[0][:_SHOWN].rstrip(". ")
        also = "; layers with code of their own are not run" if safe else ""
        raise InputError(
            f"the network of model {name} cannot be loaded ({reason}){also}{':' if also else ';'} {remedy}."
        ) from error


def _intact(file: Path) -> bool:
    """Return whether a file begins and ends as its kind does; Keras' own errors for others speak of file formats."""
    if file.suffix.lower() in _HDF5:
        with open(file, "rb") as content:
            return content.read(len(_HDF5_BEGINS)) == _HDF5_BEGINS
    return is_zipfile(file)
