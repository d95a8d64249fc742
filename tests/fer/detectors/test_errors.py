"""What cannot be opened is refused in one sentence that names the remedy."""

import hashlib

import pytest
from tiny_onnx import constant_yolo

from fer.detectors import DETECTORS, open_detector, parse_detector

WITH_FILE = {"yolo": ("github.com/lindevs/yolov8-face", ".onnx"), "yunet": ("github.com/opencv/opencv_zoo", ".onnx")}
BAD_VALUES = [
    ("haar", "scale_factor", 1.0),
    ("haar", "min_neighbors", -1),
    ("haar", "min_size", 0),
    ("cascade", "verify_neighbors", -1),
    ("mtcnn", "confidence", 1.1),
    ("mtcnn", "longest_side", 0),
    ("yunet", "confidence", "sure"),
    ("yolo", "image_size", 100),
    ("yolo", "iou", -0.1),
]


def test_an_unknown_detector_is_answered_with_the_known_ones(refused):
    with refused("dlib", *DETECTORS):
        open_detector("dlib")


@pytest.mark.parametrize("name", DETECTORS)
def test_an_unknown_option_is_answered_with_the_known_ones(name, refused):
    with refused(f"detector {name}", "'colour'"):
        parse_detector(name, {"colour": "red"})


@pytest.mark.parametrize(("name", "option", "value"), BAD_VALUES)
def test_a_value_out_of_range_is_refused(name, option, value, refused):
    with refused(f"detector {name}", f"'{option}'"):
        parse_detector(name, {option: value})


@pytest.mark.parametrize("name", WITH_FILE)
def test_a_missing_file_is_refused_before_any_work_with_where_to_get_one(name, tmp_path, refused):
    if name == "yolo":
        with refused(f"detector {name}", WITH_FILE[name][0], "yunet", "mtcnn", "haar", "weights="):
            parse_detector(name, {})
    missing = tmp_path / "Faces" / "Gone.onnx"  # As it is written: the name of a file must not be changed.
    with refused(f"detector {name}", str(missing), WITH_FILE[name][0], "mtcnn", "haar"):
        parse_detector(name, {"weights": str(missing)})


@pytest.mark.parametrize("name", WITH_FILE)
def test_a_file_of_another_kind_is_refused_by_its_ending(name, tmp_path, refused):
    (tmp_path / "weights.txt").write_text("weights")
    with refused(f"detector {name}", ".txt", WITH_FILE[name][1]):
        parse_detector(name, {"weights": str(tmp_path / "weights.txt")})


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x08\x08\x3a\x7f"])
@pytest.mark.parametrize("name", WITH_FILE)
def test_a_file_that_is_no_model_is_refused_and_opencv_says_nothing(name, content, tmp_path, refused, capfd):
    path = tmp_path / "weights.onnx"
    path.write_bytes(content)
    with refused(f"detector {name}", str(path), WITH_FILE[name][0]):
        open_detector(name, {"weights": str(path)})
    assert capfd.readouterr() == ("", "")


def test_a_model_of_another_kind_is_refused_and_opencv_says_nothing(tmp_path, refused, capfd):
    path = tmp_path / "yolo.onnx"
    path.write_bytes(constant_yolo(96, (32, 32, 20, 30), score=0.9))
    with refused("detector yunet", str(path), "not a YuNet model"):
        open_detector("yunet", {"weights": str(path)})
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", WITH_FILE)
def test_an_altered_file_is_refused_before_it_is_loaded(name, tmp_path, refused):
    path = tmp_path / "weights.onnx"
    path.write_bytes(b"altered")
    digest = hashlib.sha256(b"original").hexdigest()
    with refused(f"detector {name}", str(path), digest, hashlib.sha256(b"altered").hexdigest()):
        open_detector(name, {"weights": str(path), "sha256": digest})
    with refused("sha256", "64 hex digits"):
        parse_detector(name, {"weights": str(path), "sha256": "abc"})
