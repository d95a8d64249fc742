"""YOLO models whose classes are emotions: boxes become probabilities; checkpoints are looked through, not run."""

import pickle
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from tiny_onnx import constant_yolo, linear_classifier

from fer.classifiers import open_classifier
from fer.classifiers.yolo_boxes import scores_of
from fer.detectors.pickled_calls import foreign_calls

NAMES = {0: "Happy", 1: "sad", 2: "Anger"}
with_ultralytics = pytest.mark.skipif(
    find_spec("ultralytics") is None, reason="ultralytics (AGPL-3.0) is not installed"
)


@pytest.fixture
def detector(tmp_path):
    """Return a maker of a constant YOLO detector of three classes as ultralytics exports it; its address."""

    def make(scores=(0.1, 0.6, 0.3), box=(32, 32, 30, 30), metadata=None):
        said = {"task": "detect", "names": str(NAMES)} if metadata is None else metadata
        place = tmp_path / "yolo.onnx"
        place.write_bytes(constant_yolo(64, box, scores[0], rows=7, points=scores[1:], metadata=said))
        return str(place)

    return make


def boxes(*rows):
    """Return an answer (4 + 2, boxes) from rows of x, y, width, height and two scores."""
    return np.array(rows, dtype=np.float32).T


@pytest.mark.parametrize(
    ("rows", "scores", "found"),
    [
        ([(32, 32, 30, 30, 0.2, 0.7)], [0.2, 0.7], True),
        # The best of each class, of boxes on the face; the one beside it is another face.
        ([(32, 32, 30, 30, 0.2, 0.7), (30, 30, 20, 20, 0.6, 0.1), (5, 5, 8, 8, 0.9, 0.9)], [0.6, 0.7], True),
        # None on the face: all count.
        ([(5, 5, 8, 8, 0.9, 0.1)], [0.9, 0.1], True),
        # None sure: the best guesses.
        ([(32, 32, 30, 30, 0.2, 0.1)], [0.2, 0.1], False),
        ([(32, 32, 30, 30, 0.0, 0.0)], [0.0, 0.0], False),
    ],
)
def test_boxes_give_each_class_its_best_score_on_the_face(rows, scores, found):
    got = scores_of(boxes(*rows), 2, 64, 0.25)
    assert got.values == pytest.approx(scores) and got.found is found


def test_final_boxes_are_read_as_well():
    output = np.array([(20, 20, 50, 50, 0.8, 1), (22, 20, 50, 50, 0.3, 0), (0, 0, 9, 9, 0.9, 0), (0, 0, 0, 0, 0, 7)])
    assert scores_of(output, 2, 64, 0.25).values == pytest.approx([0.3, 0.8])


def test_a_detector_gives_probabilities_in_this_projects_order(detector):
    classifier = open_classifier(detector())
    what = classifier.description
    assert (what.kind, what.emotions, what.labels) == ("yolo", ("angry", "happy", "sad"), ("Happy", "sad", "Anger"))
    assert (what.input_size, what.color, what.scaling, what.output) == ((64, 64), "rgb", "unit", "boxes")
    faces = [np.zeros((64, 64, 3), np.uint8), np.zeros((30, 20), np.uint8)]
    assert classifier.probabilities(faces) == pytest.approx(np.array([[0.3, 0.1, 0.6]] * 2), abs=1e-6)
    assert classifier.probabilities([]).shape == (0, 3)


def test_faces_without_a_box_are_counted(detector):
    classifier = open_classifier(detector(scores=(0.1, 0.05, 0.05)))
    found = classifier.probabilities(np.zeros((5, 64, 64, 3), np.uint8))
    assert found == pytest.approx(np.array([[0.25, 0.5, 0.25]] * 5), abs=1e-6)
    assert any("5 of the 5 faces" in sentence and "0.25" in sentence for sentence in classifier.remarks())


def test_a_detector_that_sees_nothing_at_all_says_so_evenly(detector):
    found = open_classifier(detector(scores=(0.0, 0.0, 0.0))).probabilities(np.zeros((1, 64, 64, 3), np.uint8))
    assert found == pytest.approx(np.full((1, 3), 1 / 3))


def test_what_the_file_and_the_user_say_must_agree(detector, refused):
    with refused("'sad'", "'Happy'", "leave labels out"):
        open_classifier(detector(), options={"labels": ["sad", "happy", "angry"]})
    with refused("3 classes", "2 labels"):
        open_classifier(detector(), options={"labels": ["sad", "happy"]})
    with refused("to detect, not to classify"):
        open_classifier(detector(), options={"task": "classify"})
    with refused("to segment"):
        open_classifier(detector(metadata={"task": "segment", "names": str(NAMES)}))
    with refused("names", "cannot be read"):
        open_classifier(detector(metadata={"task": "detect", "names": "{0: open('x')}"}))
    with refused("7, 84)", "4 classes"):
        open_classifier(detector(metadata={"task": "detect", "names": str({**NAMES, 3: "fear"})}))


def test_an_exported_file_without_metadata_needs_them_said(detector, refused):
    address = detector(metadata={})
    said = {"kind": "yolo", "labels": ["happy", "sad", "angry"]}
    with refused("task", "detect"):
        open_classifier(address, options=said)
    assert open_classifier(address, options={**said, "task": "detect"}).description.kind == "yolo"


def test_a_classifier_takes_the_middle_of_a_face_scaled_to_its_side(tmp_path, linear, softmax):
    place = tmp_path / "cls.onnx"
    weights, bias = linear((3, 8, 8), 3)
    metadata = {"task": "classify", "names": str(NAMES)}
    place.write_bytes(linear_classifier((3, 8, 8), weights, bias, metadata=metadata, batch=1))
    faces = np.random.default_rng(0).integers(0, 256, (2, 8, 12, 3), dtype=np.uint8)
    rows = (faces[:, :, 2:10] / 255).transpose(0, 3, 1, 2).reshape(2, -1)
    found = open_classifier(str(place)).probabilities(faces)
    assert found == pytest.approx(softmax(rows @ weights + bias)[:, [2, 0, 1]], abs=1e-5)


class Evil:
    """Writes a file when it is unpickled."""

    def __init__(self, written):
        self.written = written

    def __reduce__(self):
        return open, (str(self.written), "w")


def zipped(place, content, protocol):
    """Write a pickle as PyTorch does, in a zip."""
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(content, protocol))
        archive.writestr("archive/version", "3")


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("way", ["zip", "plain", "second"])
def test_a_malicious_checkpoint_is_refused_and_not_run(tmp_path, refused, protocol, way):
    place, written = tmp_path / "evil.pt", tmp_path / "written"
    content = {"model": Evil(written), "epoch": 3}
    if way == "zip":
        zipped(place, content, protocol)
    else:
        harmless = pickle.dumps({"a": 1}, protocol) if way == "second" else b""
        place.write_bytes(harmless + pickle.dumps(content, protocol))
    with refused("evil.pt", "would run code of its own", "io.open", "trust=true"):
        open_classifier(str(place))
    assert not written.exists()


def test_names_that_are_hidden_in_the_memo_or_computed_are_found(tmp_path):
    place = tmp_path / "hidden.pt"
    place.write_bytes(pickle.dumps(["os", "system", Evil("x"), Evil("y")], 4))
    assert set(foreign_calls(place)) == {"io.open"}
    # Both texts from the memo; then a name that is made by a call, not written.
    stored = b"\x8c\x02os\x94\x8c\x06system\x94"
    place.write_bytes(b"\x80\x04" + stored + b"00h\x00h\x01\x93.")
    assert foreign_calls(place) == ["os.system"]
    place.write_bytes(b"\x80\x04" + b"K\x01K\x02\x93.")
    assert foreign_calls(place) == ["?.?"]


def test_a_checkpoint_of_pytorch_names_nothing_foreign(tmp_path):
    from collections import OrderedDict
    from pathlib import PosixPath

    zipped(tmp_path / "fine.pt", {"a": OrderedDict(), "b": PosixPath("x"), "c": {1, 2}, "d": np.float64(1)}, 2)
    assert foreign_calls(tmp_path / "fine.pt") == []
    (tmp_path / "none.pt").write_bytes(b"weights")
    assert foreign_calls(tmp_path / "none.pt") == []


@pytest.mark.skipif(find_spec("ultralytics") is not None, reason="ultralytics is installed")
def test_a_checkpoint_without_ultralytics_is_refused_with_the_way_out(tmp_path, refused):
    zipped(tmp_path / "face.pt", {}, 2)
    with refused("face.pt", "ultralytics", "pip install 'fair-fer[detection]'", "ONNX"):
        open_classifier(str(tmp_path / "face.pt"))


MAKE = """
import sys
import torch
from ultralytics.nn.tasks import ClassificationModel, DetectionModel
torch.manual_seed(0)
kinds = {"yolov8n.yaml": DetectionModel, "yolov8n-cls.yaml": ClassificationModel}
for (file, kind), path in zip(kinds.items(), sys.argv[1:3]):
    model = kind(file, nc=3, verbose=False).train()
    # Untrained, it says nearly the same of everything: normalize its activations to those of noise.
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    with torch.no_grad():
        model(torch.rand(4, 3, 64, 64))
    model.task = "classify" if "cls" in file else "detect"  # As a training does.
    model.names = {0: "Happy", 1: "sad", 2: "Anger"}
    torch.save({"model": model.half(), "train_args": {"imgsz": 64}}, path)
class Evil:
    def __reduce__(self):
        return (open, (sys.argv[4], "w"))
torch.save({"model": model, "more": Evil()}, sys.argv[3])
"""
COMPARE = """
import sys
import numpy as np
from fer.classifiers import open_classifier
stream = np.random.default_rng(0)
faces = [stream.integers(0, 256, (h, w, 3), dtype=np.uint8) for h, w in ((64, 64), (90, 70), (40, 30))]
ours = [open_classifier(path) for path in sys.argv[1:3]]
found = [one.probabilities(faces) for one in ours]
assert [one.description.kind for one in ours] == ["yolo", "yolo"] and "torch" not in sys.modules
try:
    open_classifier(sys.argv[3])
except ValueError as error:
    assert "io.open" in str(error), error
import pathlib
assert not pathlib.Path(sys.argv[4]).exists()
from ultralytics import YOLO
theirs = [YOLO(sys.argv[2]).predict(face[..., ::-1], imgsz=64, verbose=False)[0].probs.data.numpy() for face in faces]
assert np.abs(found[1][:, [1, 2, 0]] - np.stack(theirs)).max() < 0.02, (found[1], theirs)
for face, row in zip(faces, found[0]):
    options = dict(imgsz=64, conf=1e-9, iou=1.0, max_det=3000, rect=False, verbose=False)
    boxes = YOLO(sys.argv[1]).predict(face[..., ::-1], **options)[0].boxes
    middle = np.array(face.shape[1::-1]) / 2
    corners = boxes.xyxy.numpy()
    on_it = (corners[:, :2] <= middle).all(axis=1) & (corners[:, 2:] >= middle).all(axis=1)
    assert on_it.any()
    best = int(boxes.cls.numpy()[on_it][boxes.conf.numpy()[on_it].argmax()])
    assert row.argmax() == [1, 2, 0][best], (row, best)
"""


@with_ultralytics
def test_checkpoints_see_what_ultralytics_sees(tmp_path):
    root = Path(__file__).parents[3]
    paths = [str(tmp_path / name) for name in ("detect.pt", "classify.pt", "evil.pt", "written")]
    for code in (MAKE, COMPARE):
        ran = subprocess.run(
            [sys.executable, "-c", code, *paths], capture_output=True, text=True, cwd=root, timeout=120
        )
        assert ran.returncode == 0, ran.stderr
