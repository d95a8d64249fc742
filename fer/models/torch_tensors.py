"""Read the tensors of a PyTorch file without torch, which cannot be loaded in TensorFlow's process.

The format is the one of ``torch.save`` before PyTorch 1.6: five pickles (a magic number, the format's version, facts
of the machine, the object, the keys of its storages), then the storages' numbers. Nothing but names, numbers and
tensors is admitted, so that no code in the file can run.
"""

import io
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from fer.errors import InputError

_MAGIC = 0x1950A86A20F9469CFC6C
_VERSION = 1001
_LENGTH = np.dtype("<i8")
_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: np.dtype
    length: int


@dataclass(frozen=True)
class _Tensor:
    """A tensor: a view of its storage, as in NumPy, but with strides in numbers instead of bytes."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def read(self, numbers: np.ndarray) -> np.ndarray:
        steps = [stride * numbers.itemsize for stride in self.strides]
        return np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, steps).copy()


def read_tensors(content: bytes, what: str) -> dict[str, np.ndarray]:
    """Return the tensors of a state dictionary by name, of float32 or int64; ``what`` is the file's name in errors.

    Raises InputError for a file that holds anything else, is damaged, or is not of this format.
    """
    stream = io.BytesIO(content)
    try:
        magic, version, _ = (_Reader(stream).load() for _ in range(3))
        if (magic, version) != (_MAGIC, _VERSION):
            raise ValueError(f"it begins with {magic}, {version}")
        state, keys = _Reader(stream).load(), _Reader(stream).load()
        tensors = {str(name): tensor for name, tensor in state.items()}
        storages = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
        numbers = {key: _numbers(stream, storages[key]) for key in keys}
        return {name: tensor.read(numbers[tensor.storage.key]) for name, tensor in tensors.items()}
    # A damaged pickle raises errors of many kinds.
    except Exception as error:
        reason = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        raise InputError(
            f"{what} is no PyTorch file of tensors alone ({reason}); delete it, so that it is fetched again."
        ) from error


def _numbers(stream: io.BytesIO, storage: _Storage) -> np.ndarray:
    """Return a storage's numbers, which follow each other in the order of the keys, each after its length."""
    [length] = np.frombuffer(stream.read(_LENGTH.itemsize), _LENGTH)
    if length != storage.length:
        raise ValueError(f"a storage holds {length} numbers and not {storage.length}")
    numbers = np.frombuffer(stream.read(storage.length * storage.dtype.itemsize), storage.dtype)
    if len(numbers) != storage.length:
        raise ValueError("it ends early")
    return numbers


class _Reader(pickle.Unpickler):
    """An unpickler that knows tensors, storages and ordered dictionaries, and refuses every other name."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "collections" and name == "OrderedDict":
            return OrderedDict
        if module == "torch._utils" and name == "_rebuild_tensor_v2":
            return _rebuilt
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"it names {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _, length, *_ = pid
        if kind != "storage" or not isinstance(dtype, np.dtype) or not isinstance(length, int):
            raise pickle.UnpicklingError("it refers to something else than numbers")
        return _Storage(str(key), dtype, length)


def _rebuilt(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    """Return a tensor, which must lie within its storage: a view that does not would read foreign memory."""
    last = offset + sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
    if min((offset, *strides)) < 0 or min((1, *shape)) < 1 or last >= storage.length:
        raise pickle.UnpicklingError(f"a tensor of shape {shape} is outside its storage")
    return _Tensor(storage, offset, shape, strides)
