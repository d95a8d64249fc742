"""The kinds of exported files: formats and precisions."""

from dataclasses import dataclass

FLOAT32, FLOAT16, INT8 = "float32", "float16", "int8"
# Of the weights; int8 also of what the layers hand on. All take uint8 faces and return float32 probabilities.
EXPORT_PRECISIONS: tuple[str, ...] = (FLOAT32, FLOAT16, INT8)


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        title: its name for people.
        suffix: of its files.
        module: the module with ``write(network, folder, precisions, representative)``, which returns the files by
            precision.
        needs: the packages that a conversion imports, by the name under which they are installed.

    """

    title: str
    suffix: str
    module: str
    needs: dict[str, str]


FORMATS: dict[str, Format] = {
    "onnx": Format("ONNX", ".onnx", "fer.export.onnx_writer", {"tf2onnx": "tf2onnx", "onnx": "onnx"}),
    "litert": Format("LiteRT", ".tflite", "fer.export.litert_writer", {}),
}
