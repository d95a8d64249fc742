"""The source of a logged dataset input, as MLflow registers it (entry point ``mlflow.dataset_source``).

MLflow imports this module during its own import, so this module imports next to nothing, and code that uses it must
import ``mlflow`` first.
"""

from typing import TYPE_CHECKING

from mlflow.data.dataset_source import DatasetSource

from fer.errors import InputError

if TYPE_CHECKING:
    from fer.data.dataset import FaceDataset


class FaceDatasetSource(DatasetSource):
    """Where a logged dataset input came from: an address that :func:`fer.tracking.datasets.open_dataset` opens.

    MLflow cannot resolve a ``runs:/`` address as a dataset source, so the project defines its own source type.
    """

    def __init__(self, address: str):
        self._address = address

    @staticmethod
    def _get_source_type() -> str:
        return "face_dataset"

    def load(self, **kwargs: object) -> "FaceDataset":
        """Open the dataset."""
        from fer.tracking.datasets import open_dataset

        return open_dataset(self._address)

    @staticmethod
    def _can_resolve(raw_source: object) -> bool:
        return False

    @classmethod
    def _resolve(cls, raw_source: object) -> "FaceDatasetSource":
        raise InputError(f"{raw_source!r} is not the address of a face dataset; give a folder or runs:/<id>.")

    def to_dict(self) -> dict[str, str]:
        """Return the address as the server stores it."""
        return {"address": self._address}

    @classmethod
    def from_dict(cls, source_dict: dict[str, str]) -> "FaceDatasetSource":
        """Return the source that :meth:`to_dict` described."""
        return cls(source_dict["address"])
