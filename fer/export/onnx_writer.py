"""Write a network as ONNX: by Keras and tf2onnx, then 16 bits and 8 bits by ONNX Runtime's own tools."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fer.export.converters import quietly
from fer.export.kinds import FLOAT16, FLOAT32, FORMATS, INT8
from fer.export.network import check_same, trial_faces
from fer.export.runtimes import open_exported

if TYPE_CHECKING:
    import keras

_TITLE, _SUFFIX = FORMATS["onnx"].title, FORMATS["onnx"].suffix
INPUT, OUTPUT = "faces", "probabilities"
_BATCH = "n"
_OPSET = 17
_SOFTMAX = "Softmax"


def write(
    network: "keras.Model", folder: Path, precisions: Sequence[str], representative: np.ndarray | None
) -> dict[str, Path]:
    """Write the files of these precisions and return them; arguments and errors as :func:`fer.export.convert`."""
    with tempfile.TemporaryDirectory() as scratch:
        places = {name: folder / f"model_{name}{_SUFFIX}" for name in precisions}
        whole = places.get(FLOAT32, Path(scratch) / f"whole{_SUFFIX}")
        quietly(lambda: _write_whole(network, whole), f"{_TITLE} {FLOAT32}")
        opened = quietly(lambda: open_exported(whole), f"{_TITLE} {FLOAT32}")
        check_same(network, opened, trial_faces(network, representative), _TITLE)
        if FLOAT16 in places:
            quietly(lambda: _write_half(whole, places[FLOAT16]), f"{_TITLE} {FLOAT16}")
        if INT8 in places:
            if representative is None:
                raise ValueError("int8 without representative faces")
            quietly(lambda: _write_int8(whole, places[INT8], representative, Path(scratch)), f"{_TITLE} {INT8}")
    return places


def _write_whole(network: "keras.Model", file: Path) -> None:
    """Write the network in float32, with plain names of input and output."""
    import onnx

    network.export(file, format="onnx", verbose=False, opset_version=_OPSET)
    model = onnx.load(file)
    _modernize_resizing(model)
    [taken], [given] = model.graph.input, model.graph.output
    renamed = {taken.name: INPUT, given.name: OUTPUT}
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [renamed.get(name, name) for name in names]
    for value in (taken, given):
        value.name = renamed[value.name]
        value.type.tensor_type.shape.dim[0].dim_param = _BATCH
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _modernize_resizing(model: Any) -> None:
    """Replace tf2onnx's way to resize by nearest neighbour, deprecated since opset 13, by one of the same result.

    Both take floor((i + 0.5) x scale) of the input: ``half_pixel`` rounds (i + 0.5) x scale - 0.5, ends upwards.
    """
    for node in model.graph.node:
        named = {attribute.name: attribute for attribute in node.attribute}
        mode = named.get("coordinate_transformation_mode")
        if node.op_type == "Resize" and mode is not None and mode.s == b"tf_half_pixel_for_nn":
            mode.s = b"half_pixel"
            named["nearest_mode"].s = b"round_prefer_ceil"


def _write_half(whole: Path, file: Path) -> None:
    import onnx
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

    # In 16 bits probabilities would not sum to 1.
    blocked = [*DEFAULT_OP_BLOCK_LIST, _SOFTMAX]
    onnx.save(convert_float_to_float16(onnx.load(whole), keep_io_types=True, op_block_list=blocked), file)


def _write_int8(whole: Path, file: Path, representative: np.ndarray, scratch: Path) -> None:
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class OneByOne(CalibrationDataReader):
        """Representative faces one at a time, so that the activations of one are in memory."""

        def __init__(self) -> None:
            self._faces = iter(representative[:, np.newaxis])

        def get_next(self) -> dict[str, np.ndarray] | None:
            face = next(self._faces, None)
            return None if face is None else {INPUT: face}

    prepared = scratch / f"prepared{_SUFFIX}"
    # Folds BatchNormalization into convolutions, which would otherwise be rounded one after the other.
    quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
    kept = [node.name for node in onnx.load(prepared).graph.node if node.op_type == _SOFTMAX]
    quantize_static(
        str(prepared),
        str(file),
        OneByOne(),
        quant_format=QuantFormat.QDQ,
        # Three times as fast as signed activations on x86. There some processors add two products of such eight-bit
        # numbers in 16 bits, which may overflow: with weights of seven bits the file computes the same on all.
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        reduce_range=True,
        per_channel=True,
        nodes_to_exclude=kept,
    )
