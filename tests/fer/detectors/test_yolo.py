"""YOLO from an ONNX file, and from a checkpoint: safely, in a process without TensorFlow, as ultralytics itself."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tiny_onnx import constant_yolo

from fer.detectors import open_detector
from fer.detectors.yolo import Options, open_here

with_ultralytics = pytest.mark.skipif(
    find_spec("ultralytics") is None, reason="ultralytics (AGPL-3.0) is not installed"
)


@pytest.fixture
def onnx(tmp_path):
    """Return a maker of ONNX files of a constant network; its options."""

    def make(side=64, box=(16, 32, 20, 30), **more):
        path = tmp_path / "constant.onnx"
        path.write_bytes(constant_yolo(side, box, 0.9, **more))
        return {"weights": str(path), "image_size": side}

    return make


def test_boxes_of_an_onnx_network_are_in_the_pixels_of_the_image(onnx):
    detector = open_detector("yolo", onnx())
    tall, small = detector.detect([np.zeros((128, 64, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)])
    # 128 x 64 is halved and stands between 16 grey pixels left and right; 32 x 32 is doubled.
    assert tall.boxes == pytest.approx(np.array([[(6 - 16) * 2, 17 * 2, 40, 60]]), abs=1e-3)
    assert small.boxes == pytest.approx(np.array([[3, 8.5, 10, 15]]), abs=1e-3)
    assert (small.confidences[0], small.landmarks) == (pytest.approx(0.9), None)


def test_an_onnx_network_with_five_points_gives_landmarks(onnx):
    points = [value for number in range(5) for value in (10 + number, 20 + number, 0.5)]
    found = open_detector("yolo", onnx(rows=20, points=points)).detect([np.zeros((64, 64, 3), np.uint8)])[0]
    assert found.landmarks.tolist() == [[[10 + number, 20 + number] for number in range(5)]]


def test_unsure_faces_are_left_out_by_the_networks_own_threshold(onnx):
    assert len(open_detector("yolo", onnx() | {"confidence": 0.95}).detect([np.zeros((64, 64, 3), np.uint8)])[0]) == 0


def test_a_network_for_another_size_is_refused(onnx, refused, capfd):
    with refused("detector yolo", "image_size"):
        open_detector("yolo", onnx() | {"image_size": 96})
    assert capfd.readouterr() == ("", "")


def test_a_network_of_many_classes_is_no_face_detector(onnx, refused):
    with refused("(1, 84, 84)", "one class (face)"):
        open_detector("yolo", onnx(rows=84))


@pytest.mark.skipif(find_spec("ultralytics") is not None, reason="ultralytics is installed")
def test_a_checkpoint_without_ultralytics_is_refused_with_the_ways_out(tmp_path, refused):
    path = tmp_path / "face.pt"
    path.write_bytes(b"weights")
    with refused("ultralytics", "pip install 'fair-fer[detection]'", "ONNX", "mtcnn", "haar"):
        open_detector("yolo", {"weights": str(path)})


MAKE = """
import sys
import torch
from ultralytics.nn.tasks import DetectionModel
torch.manual_seed(0)
model = DetectionModel("yolov8n.yaml", nc=1, verbose=False).train()
# Untrained, it says nearly the same of everything: normalize its activations to those of noise, unsure around 0.5.
for layer in model.modules():
    if isinstance(layer, torch.nn.BatchNorm2d):
        layer.momentum = 1.0
with torch.no_grad():
    model(torch.rand(4, 3, 160, 160))
for branch in model.model[-1].cv3:
    branch[-1].bias.data.zero_()
torch.save({"model": model.half(), "train_args": {}}, sys.argv[1])
class Evil:
    def __reduce__(self):
        return (open, (sys.argv[3], "w"))
torch.save({"model": model, "more": Evil()}, sys.argv[2])
"""

COMPARE = """
import sys
import numpy as np
from fer.detectors.yolo import Options, open_here
stream = np.random.default_rng(0)
images = [stream.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((100, 160), (333, 90), (128, 128), (40, 30))]
found = open_here(Options(weights=sys.argv[1], image_size=160, confidence=0.5)).detect(images)
from ultralytics import YOLO
model, counts = YOLO(sys.argv[1]), []
for image, ours in zip(images, found):
    theirs = model.predict(image[..., ::-1], imgsz=160, conf=0.5, iou=0.7, verbose=False)[0].boxes
    corners = np.concatenate([ours.boxes[:, :2], ours.boxes[:, :2] + ours.boxes[:, 2:]], axis=1)
    corners = corners.clip(0, np.tile(image.shape[1::-1], 2))  # They clip.
    assert len(ours) == len(theirs), (len(ours), len(theirs))
    assert np.abs(corners - theirs.xyxy.numpy()).max() < 0.5
    assert np.abs(ours.confidences - theirs.conf.numpy()).max() < 1e-3
    counts.append(len(ours))
assert min(counts) > 0, counts
"""

PLACES = """
import sys
from loky.process_executor import ProcessPoolExecutor
from fer.detectors import open_detector
def opened(path):
    found = type(open_detector("yolo", {"weights": path, "image_size": 64})).__name__
    return found, "torch" in sys.modules
def opened_beside(path):
    sys.modules["tensorflow"] = object()
    return opened(path)
print(*opened(sys.argv[1]))
for job in (opened, opened_beside):
    print(*ProcessPoolExecutor(max_workers=1).submit(job, sys.argv[1]).result())
"""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Return an untrained checkpoint, one with a foreign object in it, and the file that object would write."""
    folder = tmp_path_factory.mktemp("checkpoint")
    paths = [folder / "face.pt", folder / "evil.pt", folder / "written"]
    run(MAKE, *paths)
    return paths


def run(code, *arguments):
    """Run code in a fresh process (torch must not meet the TensorFlow of this one); return what it printed."""
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", code, *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=root, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@with_ultralytics
def test_a_checkpoint_sees_what_ultralytics_sees(checkpoint):
    run(COMPARE, checkpoint[0])


@with_ultralytics
def test_a_checkpoint_has_its_own_process_unless_this_is_one_without_tensorflow(checkpoint):
    assert run(PLACES, checkpoint[0]).split("\n")[:3] == ["YoloProcess False", "YoloDetector True", "YoloProcess False"]


@with_ultralytics
def test_a_checkpoint_runs_beside_tensorflow_and_says_nothing(checkpoint, capfd, monkeypatch, tmp_path):
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "settings"))
    detector = open_detector("yolo", {"weights": str(checkpoint[0]), "image_size": 64, "confidence": 0.3})
    found = detector.detect([np.zeros((50, 70, 3), np.uint8), np.zeros((1, 1, 3), np.uint8)])
    assert [each.method for each in found] == ["yolo", "yolo"]
    assert detector.detect([]) == []
    assert "torch" not in sys.modules
    assert capfd.readouterr() == ("", "")
    assert not (tmp_path / "settings").exists()


@with_ultralytics
def test_a_checkpoint_that_would_run_code_is_refused_and_nothing_of_it_runs(checkpoint, refused):
    with refused("detector yolo", str(checkpoint[1]), "weights only", "ONNX", "mtcnn"):
        open_detector("yolo", {"weights": str(checkpoint[1])})
    assert not checkpoint[2].exists()


@with_ultralytics
@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
def test_a_file_that_is_no_checkpoint_is_refused(content, tmp_path, refused):
    path = tmp_path / "face.pt"
    path.write_bytes(content)
    with refused("detector yolo", str(path)):
        open_detector("yolo", {"weights": str(path)})


def test_an_onnx_file_is_opened_in_this_process(onnx):
    assert type(open_here(Options(**onnx()))) is type(open_detector("yolo", onnx()))
