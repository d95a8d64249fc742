"""The device that a model is run on: ``auto``, ``cpu``, ``cuda`` or ``cuda:<number>``.

``auto`` is what a runtime takes by itself: the CPU, except that TensorFlow takes a GPU that it sees.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from fer.errors import InputError, shown
from fer.sentinels import AUTO

CPU, CUDA = "cpu", "cuda"
_WRITTEN = re.compile(r"auto|cpu|cuda(?::(?P<number>\d{1,3}))?")


@dataclass(frozen=True)
class Device:
    """A device: ``kind`` is ``auto``, ``cpu`` or ``cuda``, ``number`` that of a GPU, from 0."""

    kind: str = AUTO
    number: int = 0

    def __str__(self) -> str:
        """The form in which users write it."""
        return f"{self.kind}:{self.number}" if self.kind == CUDA else self.kind

    @property
    def torch_name(self) -> str:
        """PyTorch's name of the device; the CPU for ``auto``."""
        return str(self) if self.kind == CUDA else CPU

    def refuse_absent(self, what: str, gpus: int | None, remedy: str) -> None:
        """Raise InputError, naming ``what``, if the device is a GPU that is none of ``gpus``; None: number unknown."""
        if self.kind == CUDA and gpus is not None and self.number >= gpus:
            count = f"{gpus} GPU{'s' if gpus > 1 else ''}" if gpus else "no GPU"
            raise InputError(f"{what} cannot be run on {self}, as {remedy} finds {count}; give another device.")

    def refuse_gpu(self, what: str, why: str) -> None:
        """Raise InputError if the device is a GPU."""
        if self.kind == CUDA:
            raise InputError(f"{what} cannot be run on {self}: {why}; leave device out.")


ANY_DEVICE = Device()


def parse_device(text: "str | Device") -> Device:
    """Return the device that a user names; a device is returned as it is. Raises InputError for another text.

    Example:
        >>> str(parse_device("cuda")), str(parse_device("cpu"))
        ('cuda:0', 'cpu')

    """
    if isinstance(text, Device):
        return text
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise InputError(f"unknown device {shown(text)}; use auto, cpu, cuda, or cuda:<number>.")
    return Device(text.partition(":")[0], int(found["number"] or 0))


def onnx_providers(device: Device, available: Iterable[str], what: str) -> list[tuple[str, dict[str, str]]]:
    """Return ONNX Runtime's execution providers for a device; raises InputError if this ONNX Runtime has none for it.

    Example:
        >>> onnx_providers(Device(), ["CPUExecutionProvider"], "model a.onnx")
        [('CPUExecutionProvider', {})]

    """
    processor: tuple[str, dict[str, str]] = ("CPUExecutionProvider", {})
    if device.kind != CUDA:
        return [processor]
    if "CUDAExecutionProvider" not in available:
        raise InputError(
            f"{what} cannot be run on {device}, as this ONNX Runtime has no CUDA; install onnxruntime-gpu in its "
            "place, or leave device out."
        )
    return [("CUDAExecutionProvider", {"device_id": str(device.number)}), processor]
