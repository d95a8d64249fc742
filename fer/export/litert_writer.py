"""Write a network as LiteRT (TFLite) by TensorFlow's converter, with LiteRT's own operators only."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fer.export.converters import quietly
from fer.export.kinds import FLOAT16, FLOAT32, FORMATS, INT8
from fer.export.network import check_same, trial_faces
from fer.export.runtimes import open_exported

if TYPE_CHECKING:
    import keras

_TITLE, _SUFFIX = FORMATS["litert"].title, FORMATS["litert"].suffix


def write(
    network: "keras.Model", folder: Path, precisions: Sequence[str], representative: np.ndarray | None
) -> dict[str, Path]:
    """Write the files of these precisions and return them; arguments and errors as :func:`fer.export.convert`."""
    import tensorflow as tf

    places = {name: folder / f"model_{name}{_SUFFIX}" for name in precisions}
    with tempfile.TemporaryDirectory() as saved:
        quietly(lambda: network.export(saved, format="tf_saved_model", verbose=False), _TITLE)

        def content(precision: str) -> bytes:
            converter = tf.lite.TFLiteConverter.from_saved_model(saved)
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
            if precision == INT8:
                return _quantized(converter, _one_by_one(representative))
            if precision == FLOAT16:
                converter.optimizations = [tf.lite.Optimize.DEFAULT]
                converter.target_spec.supported_types = [tf.float16]
            return bytes(converter.convert())

        for precision, file in places.items():
            file.write_bytes(quietly(partial(content, precision), f"{_TITLE} {precision}"))
    if FLOAT32 in places:
        opened = quietly(lambda: open_exported(places[FLOAT32]), f"{_TITLE} {FLOAT32}")
        check_same(network, opened, trial_faces(network, representative), _TITLE)
    return places


def _quantized(converter: Any, faces: Callable[[], Iterator[list[np.ndarray]]]) -> bytes:
    """Return the file of 8 bits, with a softmax of 32 bits.

    A softmax of 8 bits rounds probabilities to 1/256: they sum to 1.01 or 0.99, and of two that become equal the first
    would be the answer. ``QuantizationDebugger`` is TensorFlow's way to leave operators out.
    """
    import tensorflow as tf

    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.representative_dataset = faces
    left_out = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=["SOFTMAX"])
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter, debug_dataset=faces, debug_options=left_out
    )
    return bytes(debugger.get_nondebug_quantized_model())


def _one_by_one(representative: np.ndarray | None) -> Callable[[], Iterator[list[np.ndarray]]]:
    if representative is None:
        raise ValueError("int8 without representative faces")
    return lambda: ([face] for face in representative[:, np.newaxis])
