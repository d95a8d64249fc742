"""What the module of a kind is asked to open."""

from dataclasses import dataclass
from pathlib import Path

from fer.classifiers.devices import ANY_DEVICE, Device
from fer.classifiers.model_file import ModelFile
from fer.errors import InputError
from fer.identity import file_digest


@dataclass(frozen=True)
class Request:
    """A model to open.

    Attributes:
        address: as the user gave it, or ``runs:/`` or ``models:/``.
        path: the model's file or folder; None for a model on the tracking server.
        said: what the user says of it.
        where: the place of these statements, for messages.
        trust: whether code that the model brings may be run.
        device: on which it is to be run.
        threads: of its runtime, of ONNX Runtime and LiteRT; None: its own choice, all cores.

    """

    address: str
    path: Path | None
    said: ModelFile
    where: str
    trust: bool
    device: Device = ANY_DEVICE
    threads: int | None = None

    @property
    def what(self) -> str:
        """The model's name in messages."""
        return f"model {self.address}"

    @property
    def file(self) -> Path:
        """The model's file; raises InputError if it is a folder or missing, or has another digest than stated."""
        if self.path is None or not self.path.is_file():
            raise InputError(f"{self.what} is no file; give the address of one, or leave out kind in {self.where}.")
        return self.path

    def check_digest(self) -> None:
        """Raise InputError if the model's file has another SHA-256 than its user states."""
        stated = self.said.sha256
        found = None if stated is None else file_digest(self.file)
        if stated is not None and found != stated.lower():
            raise InputError(
                f"{self.what} has SHA-256 {found}, not {stated.lower()} as {self.where} says: it is another file or "
                "damaged; get it again, or correct sha256."
            )

    def needed(self, key: str, why: str, example: str) -> InputError:
        """Return the error for a statement that is lacking."""
        return InputError(f"{self.what} {why}; write {key}, such as {key}: {example}, into {self.where}.")
