"""ONNX files of a few hundred bytes, written by hand: a YOLOv8 network that says the same of every image, and a
classifier whose outputs are sums of pixels.

Field numbers are those of onnx.proto; nothing of the onnx package is needed.
"""

import struct

import numpy as np

_FLOAT, _INT64 = 1, 7
_KINDS = {"float32": _FLOAT, "uint8": 2, "int64": _INT64, "float16": 10}
_INT_ATTRIBUTE = 2


def linear_classifier(shape, weights, bias, softmax=True, batch="n", kind=np.float32, metadata=None, extra=()):
    """Return a file's bytes: faces (batch, *shape) to (batch, k), their pixels in a row times weights, plus bias.

    ``batch`` and lengths of ``shape`` are numbers, or names of what is left open; ``metadata``: texts by name;
    ``extra``: names of further outputs.
    """
    sums = "sums" if softmax else "answer"
    nodes = [
        _node("Cast", ["faces"], ["pixels"], [_attribute("to", _FLOAT)]),
        _node("Flatten", ["pixels"], ["row"]),
        _node("Gemm", ["row", "weights", "bias"], [sums]),
        *([_node("Softmax", ["sums"], ["answer"], [_attribute("axis", 1)])] if softmax else []),
        *(_node("Identity", [sums], [name]) for name in extra),
    ]
    tensors = [_tensor("weights", np.float32(weights)), _tensor("bias", np.float32(bias))]
    ends = [_field(11, _value("faces", (batch, *shape), _KINDS[np.dtype(kind).name]))]
    ends += [_field(12, _value(name, (batch, len(bias)))) for name in ("answer", *extra)]
    return _model(nodes, tensors, ends, metadata or {})


def constant_yolo(side, box, score, rows=5, points=(), metadata=None):
    """Return the file's bytes: input (1, 3, side, side), output (1, rows, candidates) with one face.

    ``box``: centre x, centre y, width, height in pixels of the input; ``points``: what follows the score.
    """
    candidates = sum((side // stride) ** 2 for stride in (8, 16, 32))
    output = np.zeros((rows, candidates), dtype=np.float32)
    output[:4] = 10.0
    said = [*box, score, *points]
    output[: len(said), 0] = said
    nodes = [
        _node("Reshape", ["images", "sides"], ["pixels"]),  # Fails for another size, as an exported network does.
        _node("GlobalAveragePool", ["pixels"], ["means"]),
        _node("Flatten", ["means"], ["flat"]),
        _node("Gemm", ["flat", "zeros", "answer"], ["line"]),
        _node("Reshape", ["line", "shape"], ["output"]),
    ]
    tensors = [
        _tensor("zeros", np.zeros((3, output.size), dtype=np.float32)),
        _tensor("answer", output.ravel()),
        _tensor("sides", np.array([1, 3, side, side], dtype=np.int64)),
        _tensor("shape", np.array([1, rows, candidates], dtype=np.int64)),
    ]
    ends = [_field(11, _value("images", (1, 3, side, side))), _field(12, _value("output", (1, rows, candidates)))]
    return _model(nodes, tensors, ends, metadata or {})


def _model(nodes, tensors, ends, metadata):
    graph = [
        *(_field(1, node) for node in nodes),
        _field(2, b"tiny"),
        *(_field(5, tensor) for tensor in tensors),
        *ends,
    ]
    opset = _field(1, b"") + _number(2, 13)
    said = [_field(14, _field(1, key.encode()) + _field(2, value.encode())) for key, value in metadata.items()]
    return _number(1, 8) + _field(7, b"".join(graph)) + _field(8, opset) + b"".join(said)


def _varint(value):
    encoded = b""
    while value > 127:
        encoded += bytes([value & 127 | 128])
        value >>= 7
    return encoded + bytes([value])


def _number(field, value):
    return _varint(field << 3) + _varint(value)


def _field(field, content):
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _node(operator, inputs, outputs, attributes=()):
    names = [_field(1, name.encode()) for name in inputs] + [_field(2, name.encode()) for name in outputs]
    return b"".join(names) + _field(4, operator.encode()) + b"".join(_field(5, one) for one in attributes)


def _attribute(name, whole):
    return _field(1, name.encode()) + _number(3, whole) + _number(20, _INT_ATTRIBUTE)


def _tensor(name, array):
    kind = _FLOAT if array.dtype == np.float32 else _INT64
    shape = b"".join(_number(1, length) for length in array.shape)
    values = struct.pack(f"<{array.size}{'f' if kind == _FLOAT else 'q'}", *array.ravel().tolist())
    return shape + _number(2, kind) + _field(8, name.encode()) + _field(9, values)


def _value(name, shape, kind=_FLOAT):
    sides = b"".join(_field(1, _length(length)) for length in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, kind) + _field(2, sides)))


def _length(length):
    return _field(2, length.encode()) if isinstance(length, str) else _number(1, length)
