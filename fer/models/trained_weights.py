"""Start a model from one that was trained before: the same backbone, and its head where that fits."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from fer.errors import InputError
from fer.models.backbone_layers import LAYER_NAME, backbone_of
from fer.models.backbones import BACKBONES, left_off
from fer.models.heads import HEADS
from fer.models.preparation import PREPARATIONS, Preparation


@dataclass(frozen=True)
class TrainedModel:
    """A model that was trained before.

    Attributes:
        address: where it is, as in errors.
        network: the network, made by :func:`fer.models.build_model`.
        emotions: label vocabulary, in the order of the network's outputs.
        digest: SHA-256 of the network's file.
        run_id: id of the run that trained it.

    """

    address: str
    network: keras.Model
    emotions: tuple[str, ...]
    digest: str = ""
    run_id: str = ""

    @property
    def backbone_and_head(self) -> tuple[str, str]:
        """Names of backbone and head; raises InputError for a network that is not of these two parts."""
        parts = {f"{backbone}_{head}": (backbone, head) for backbone in BACKBONES for head in HEADS}
        named = {layer.name for layer in self.network.layers}
        if self.network.name not in parts or LAYER_NAME not in named:
            raise InputError(
                f"model {self.address} is no backbone with a head, so that no training can start from it; give a model "
                "that the entry point train has logged."
            )
        return parts[self.network.name]

    def check(self, backbone: str, head: str, preparation: str) -> None:
        """Raise InputError unless a training of this backbone, head and preparation, by name, can start from it."""
        own, own_head = self.backbone_and_head
        if own != backbone:
            raise InputError(f"model {self.address} is a {own}, not a {backbone}; give backbone={own}.")
        missing = left_off(own, own_head) - left_off(backbone, head)
        if missing > 0:
            raise InputError(
                f"model {self.address} is without the last {missing} layers of {own}, as its head is {own_head}; give "
                f"head={own_head}."
            )
        if not self._prepared_by(PREPARATIONS[preparation]):
            others = [name for name, one in PREPARATIONS.items() if self._prepared_by(one)]
            raise InputError(
                f"model {self.address} was trained with the preparation {' or '.join(others) or 'of no name'}, this "
                f"training has {preparation}; use a protocol with the same."
            )

    def _prepared_by(self, preparation: Preparation) -> bool:
        scale = self.network.get_layer("scale")
        pairs = ((scale.scale, preparation.scale), (scale.offset, preparation.offset))
        return all(np.shape(own) == np.shape(other) and np.allclose(own, other) for own, other in pairs)


def start_from(model: keras.Model, trained: TrainedModel, emotions: Sequence[str]) -> bool:
    """Give a model the weights of a trained one; return whether its head was kept, and not only its backbone.

    ``model`` has been made by :func:`fer.models.build_model` for the same backbone. The head's weights are kept if it
    is the same head with the same emotions on a map of the same size; otherwise those of ``model`` stay as they are.
    Raises InputError if the faces have another number of channels than those that the backbone was trained on.
    """
    own, given = backbone_of(model), backbone_of(trained.network)
    if own.input_shape[-1] != given.input_shape[-1]:
        raise InputError(
            f"model {trained.address} takes faces of {given.input_shape[-1]} channels, the dataset's have "
            f"{own.input_shape[-1]}; preprocess them with channels={given.input_shape[-1]}."
        )
    for layer, other in zip(own.layers, given.layers, strict=False):
        layer.set_weights(other.get_weights())
    pairs = list(zip(_head(model), _head(trained.network), strict=False))
    shapes = [[weight.shape for weight in part] == [weight.shape for weight in of] for part, of in _weights(pairs)]
    kept = model.name == trained.network.name and tuple(emotions) == trained.emotions and all(shapes)
    if kept:
        for layer, other in pairs:
            layer.set_weights(other.get_weights())
    return kept


def _head(model: keras.Model) -> list[keras.Layer]:
    names = [layer.name for layer in model.layers]
    return model.layers[names.index(LAYER_NAME) + 1 :]


def _weights(pairs: Sequence[tuple[keras.Layer, keras.Layer]]) -> list[tuple[list, list]]:
    return [(layer.get_weights(), other.get_weights()) for layer, other in pairs]
