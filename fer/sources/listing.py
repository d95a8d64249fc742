"""What every source returns: which faces there are, how to read one, and which were refused."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from fer.errors import InputError

REJECTED_COLUMNS = ("file", "reason")


class SourceOptions(BaseModel):
    """Options of a source: a subclass declares each with its default; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Listing:
    """Faces found but not yet read.

    Attributes:
        samples: n rows, see :mod:`fer.samples`, without ``source`` and ``row``; ``sample_id`` is unique
            within the source.
        read: image of row i (position in ``samples``), uint8 ``(h, w)`` gray or ``(h, w, 3)`` RGB of any
            size; raises OSError or ValueError if it cannot be read.
        rejected: what was refused while listing; columns ``file`` and ``reason``.

    """

    samples: pd.DataFrame
    read: Callable[[int], np.ndarray]
    rejected: pd.DataFrame = field(default_factory=lambda: rejections([]))

    def take(self, positions: np.ndarray) -> "Listing":
        """Return the listing of these positions, in this order."""
        chosen = self.samples.iloc[positions].reset_index(drop=True)
        return Listing(chosen, lambda row: self.read(int(positions[row])), self.rejected)


def rejections(rows: list[tuple[str, str]]) -> pd.DataFrame:
    """Return a table of refused files from (file, reason) pairs."""
    return pd.DataFrame(rows, columns=list(REJECTED_COLUMNS), dtype="str")


def existing_folder(folder: Path, what: str, remedy: str) -> Path:
    """Return ``folder`` if it is a folder with something in it, else raise InputError."""
    if not folder.is_dir():
        raise InputError(f"{what}: there is no folder {folder}; {remedy}.")
    if not any(folder.iterdir()):
        raise InputError(f"{what}: the folder {folder} is empty; {remedy}.")
    return folder
