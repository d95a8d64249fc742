"""Cut a model into the part that is constant per face during training (the trunk) and the rest."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from fer.training.trunk_cache.graph import Graph, configuration

# A cut that covers a smaller share of the frozen layers than this is not worth its disk space.
_LEAST_SHARE = 0.5
# These take an argument ``training`` but behave the same in either case.
_STEADY = (keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Embedding)


class NothingConstantError(Exception):
    """Raised if nothing can be cached; the message is the reason."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A model in two parts that share its weights.

    Attributes:
        graph: graph of the whole model.
        crossing: the constant tensors that are the inputs of the other part, ``rest``, in order.
        constant: ids of all constant tensors of the graph.

    """

    graph: Graph
    crossing: tuple[keras.KerasTensor, ...]
    constant: frozenset[int]

    def frozen(self, wanted: Sequence[keras.KerasTensor]) -> keras.Model:
        """Return the model from faces to a list of these constant tensors."""
        return keras.Model(self.graph.model.inputs, list(wanted), name=f"{self.graph.model.name}_frozen")

    def rest(self) -> keras.Model:
        """Return the model from the crossing tensors to the outputs; it shares its layers with the whole model."""
        rest = keras.Model(list(self.crossing), self.graph.model.output, name=f"{self.graph.model.name}_rest")
        if len(self.crossing) == 1:
            return rest
        inputs = [keras.Input(tensor.shape[1:], dtype=tensor.dtype) for tensor in self.crossing]
        return keras.Model(inputs, rest(_joined(inputs)), name=rest.name)


def cut(graph: Graph) -> Cut:
    """Cut a model where its tensors stop being constant per face, given the layers that are frozen now.

    A tensor is constant if it depends on the faces only, through operations that are not trained and do not behave
    differently in training: a frozen BatchNormalization qualifies, an active Dropout does not. Raises
    NothingConstantError if no layer with weights is frozen, or if most of the frozen ones come after layers that are
    random or trained.
    """
    constant = {id(tensor) for tensor in graph.model.inputs}
    frozen = kept = 0
    disturber = ""
    for call in graph.calls:
        weighted = bool(getattr(call.operation, "weights", ()))
        is_frozen = weighted and not call.operation.trainable_weights
        frozen += is_frozen
        if all(id(tensor) in constant for tensor in call.inputs):
            if _is_steady(call.operation):
                constant.update(id(tensor) for tensor in call.outputs)
                kept += is_frozen
            elif not weighted:
                disturber = disturber or call.operation.name
    if not frozen:
        raise NothingConstantError("no layer with weights is frozen")
    if kept < _LEAST_SHARE * frozen:
        after = f"the layer {disturber}, which is random in training" if disturber else "layers that train"
        raise NothingConstantError(f"{frozen - kept} of {frozen} frozen layers come after {after}")
    return Cut(graph, _crossing(graph, constant), frozenset(constant))


def _joined(inputs: Sequence[keras.KerasTensor]) -> list[keras.KerasTensor]:
    """Return the inputs, concatenated along the last axis and split again if their other axes are equal.

    This lets TensorFlow know that they have the same batch size, as it does in the whole model; without it, TensorFlow
    sums in another order and results differ in the last bits.
    """
    groups: dict[tuple, list[int]] = {}
    for place, tensor in enumerate(inputs):
        groups.setdefault((tensor.shape[1:-1], tensor.dtype), []).append(place)
    joined = list(inputs)
    for places in groups.values():
        if len(places) > 1:
            ends = np.cumsum([inputs[place].shape[-1] for place in places])[:-1].tolist()
            together = keras.ops.concatenate([inputs[place] for place in places], axis=-1)
            for place, tensor in zip(places, keras.ops.split(together, ends, axis=-1), strict=True):
                joined[place] = tensor
    return joined


def _crossing(graph: Graph, constant: set[int]) -> tuple[keras.KerasTensor, ...]:
    """Return, in order, the constant tensors that are inputs of calls that are not constant, and constant outputs."""
    found: dict[int, keras.KerasTensor] = {}
    for call in graph.calls:
        if any(id(tensor) not in constant for tensor in call.outputs):
            found.update({id(tensor): tensor for tensor in call.inputs if id(tensor) in constant})
    found.update({id(tensor): tensor for tensor in graph.model.outputs if id(tensor) in constant})
    return tuple(found.values())


def _is_steady(operation: keras.Operation) -> bool:
    """Return whether an operation that is not trained has the same output in every training step."""
    if not isinstance(operation, keras.Layer):
        return configuration(operation) is not None
    if operation.trainable_weights or getattr(operation, "activity_regularizer", None) is not None:
        return False
    if isinstance(operation, keras.Sequential):
        return all(_is_steady(layer) for layer in operation.layers)
    if configuration(operation) is None:
        return False
    if isinstance(operation, keras.layers.BatchNormalization):
        return not operation.trainable
    if len(operation.variables) > len(operation.weights):
        return False  # A variable that is not a weight is the state of a random stream, as in an active Dropout.
    if not operation.weights or isinstance(operation, _STEADY):
        return True
    # Any other layer with weights and an argument ``training`` may change them in training.
    return "training" not in inspect.signature(operation.call).parameters
