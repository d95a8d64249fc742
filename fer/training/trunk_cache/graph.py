"""A model as one flat list of calls to its own layers, with nested models expanded."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import keras

# Parts of a configuration that do not affect the output; weights are hashed separately.
_NAMES = ("name", "trainable")
_STARTS = ("_initializer", "_regularizer", "_constraint")


@dataclass(frozen=True, eq=False)
class Call:
    """One call of an operation: its arguments, and its symbolic input and output tensors."""

    operation: keras.Operation
    arguments: tuple[tuple[Any, ...], Mapping[str, Any]]
    inputs: tuple[keras.KerasTensor, ...]
    outputs: tuple[keras.KerasTensor, ...]


@dataclass(frozen=True, eq=False)
class Graph:
    """The calls of a model in their order of execution. ``model`` is flat and shares every layer with the original."""

    model: keras.Model
    calls: tuple[Call, ...]


def graph_of(model: keras.Model) -> Graph:
    """Return the graph of a functional model; raises ValueError if nested models have layers with the same name."""
    flat = model
    while any(_is_nested(operation) for operation in flat.operations):
        flat = _called_again(flat, _open_nested)
    calls: list[Call] = []

    def record(operation: keras.Operation, *args: Any, **kwargs: Any) -> Any:
        outputs = operation(*args, **kwargs)
        calls.append(Call(operation, (args, kwargs), _tensors((args, kwargs)), _tensors(outputs)))
        return outputs

    return Graph(_called_again(flat, record), tuple(calls))


def _called_again(model: keras.Model, call: Callable[..., Any]) -> keras.Model:
    """Return a model of the same layers, each called again by ``call``."""
    return keras.models.clone_model(model, clone_function=lambda operation: operation, call_function=call)


def _open_nested(operation: keras.Operation, *args: Any, **kwargs: Any) -> Any:
    if not _is_nested(operation):
        return operation(*args, **kwargs)
    return keras.Function(operation.input, operation.output).call(*args)


def _is_nested(operation: keras.Operation) -> bool:
    return isinstance(operation, keras.Model) and isinstance(operation, keras.Function)


def _tensors(structure: Any) -> tuple[keras.KerasTensor, ...]:
    return tuple(leaf for leaf in keras.tree.flatten(structure) if isinstance(leaf, keras.KerasTensor))


def configuration(operation: keras.Operation) -> str | None:
    """Return as text what an operation's output depends on besides its weights; None if Keras does not provide it."""
    try:
        config = operation.get_config()
    except NotImplementedError:
        return None
    kept = {name: value for name, value in config.items() if name not in _NAMES and not name.endswith(_STARTS)}
    return f"{type(operation).__module__}.{type(operation).__name__} {json.dumps(kept, sort_keys=True, default=repr)}"


def digests(graph: Graph, wanted: Iterable[keras.KerasTensor]) -> list[str]:
    """Return for each tensor the SHA-256 of everything that determines its value, except the faces.

    That is every preceding operation with its configuration (data type, sizes) and weights, their connections, and
    shape and type of the faces. Layer names are left out, as Keras numbers them in order of creation.
    """
    known: dict[int, str] = {}
    for place, faces in enumerate(graph.model.inputs):
        known[id(faces)] = hashlib.sha256(f"input {place} {faces.shape} {faces.dtype}".encode()).hexdigest()
    needed = _before(graph, wanted)
    for call in graph.calls:
        if not any(id(tensor) in needed for tensor in call.outputs):
            continue
        joined = keras.tree.map_structure(
            lambda leaf: known[id(leaf)] if isinstance(leaf, keras.KerasTensor) else repr(leaf), call.arguments
        )
        content = hashlib.sha256(f"{configuration(call.operation)} {joined}".encode())
        for weight in getattr(call.operation, "weights", ()):
            content.update(f"{weight.shape} {weight.dtype}".encode())
            content.update(keras.ops.convert_to_numpy(weight).tobytes())
        for place, tensor in enumerate(call.outputs):
            known[id(tensor)] = hashlib.sha256(f"{content.hexdigest()} {place}".encode()).hexdigest()
    return [known[id(tensor)] for tensor in wanted]


def _before(graph: Graph, wanted: Iterable[keras.KerasTensor]) -> set[int]:
    """Return the ids of the wanted tensors and of all tensors that they are computed from."""
    needed = {id(tensor) for tensor in wanted}
    for call in reversed(graph.calls):
        if any(id(tensor) in needed for tensor in call.outputs):
            needed.update(id(tensor) for tensor in call.inputs)
    return needed
