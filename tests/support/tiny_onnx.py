"""An ONNX file of a few hundred bytes, written by hand: a YOLOv8 network that says the same of every image.

Field numbers are those of onnx.proto; nothing of the onnx package is needed.
"""

import struct

import numpy as np

_FLOAT, _INT64 = 1, 7


def constant_yolo(side, box, score, rows=5, points=()):
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
    graph = b"".join(
        [
            *(_field(1, node) for node in nodes),
            _field(2, b"constant"),
            *(_field(5, tensor) for tensor in tensors),
            _field(11, _value("images", (1, 3, side, side))),
            _field(12, _value("output", (1, rows, candidates))),
        ]
    )
    opset = _field(1, b"") + _number(2, 13)
    return _number(1, 8) + _field(7, graph) + _field(8, opset)


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


def _node(operator, inputs, outputs):
    names = [_field(1, name.encode()) for name in inputs] + [_field(2, name.encode()) for name in outputs]
    return b"".join(names) + _field(4, operator.encode())


def _tensor(name, array):
    kind = _FLOAT if array.dtype == np.float32 else _INT64
    shape = b"".join(_number(1, length) for length in array.shape)
    values = struct.pack(f"<{array.size}{'f' if kind == _FLOAT else 'q'}", *array.ravel().tolist())
    return shape + _number(2, kind) + _field(8, name.encode()) + _field(9, values)


def _value(name, shape):
    sides = b"".join(_field(1, _number(1, length)) for length in shape)
    return _field(1, name.encode()) + _field(2, _field(1, _number(1, _FLOAT) + _field(2, sides)))
