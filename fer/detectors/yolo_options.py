"""Options of YOLO, for every way to run its network."""

from typing import ClassVar

from pydantic import Field

from fer.detectors.weights import WeightsOptions
from fer.detectors.yolo_boxes import STRIDE


class Options(WeightsOptions):
    """Options of YOLO, in addition to those of its weights file.

    image_size: longer side of the network's input in pixels; an ONNX file must have been exported for it.
    confidence: minimum confidence (0..1); the caller may apply a higher threshold.
    iou: intersection over union above which the less confident of two boxes is dropped.
    device: of a checkpoint (``.pt``): cpu, cuda or cuda:<number>; ONNX files are run by OpenCV on the CPU.
    """

    detector: ClassVar[str] = "yolo"
    where: ClassVar[str] = (
        "get a YOLOv8-face model (.onnx or .pt, for instance from github.com/lindevs/yolov8-face), or train one with "
        "benchmarks/train_yolo_faces.py"
    )
    suffixes: ClassVar[tuple[str, ...]] = (".onnx", ".pt")

    image_size: int = Field(640, ge=STRIDE, multiple_of=STRIDE)
    confidence: float = Field(0.25, ge=0.0, le=1.0)
    iou: float = Field(0.7, ge=0.0, le=1.0)
    device: str = Field("cpu", pattern=r"^(cpu|cuda(:\d{1,3})?)$")
