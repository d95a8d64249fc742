"""A device that is not there, or that models of a kind cannot be run on, is refused in one sentence."""

import onnxruntime
import pytest

from fer.classifiers import open_classifier
from fer.classifiers.devices import Device, onnx_providers, parse_device
from fer.classifiers.keras_file import choose_device
from fer.classifiers.model_file import ModelFile
from fer.classifiers.request import Request
from fer.models import devices


@pytest.mark.parametrize("text", ["gpu", "cuda:", "cuda:x", "CPU", "", "cuda:1000"])
def test_an_unknown_device_is_refused(text, refused):
    with refused("unknown device", "use auto, cpu, cuda, or cuda:<number>"):
        parse_device(text)


def test_devices_are_written_as_runtimes_name_them():
    assert [parse_device(text).torch_name for text in ("auto", "cpu", "cuda", "cuda:2")] == [
        "cpu", "cpu", "cuda:0", "cuda:2",
    ]  # fmt: skip
    known = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    assert onnx_providers(Device("cuda", 2), known, "m")[0] == ("CUDAExecutionProvider", {"device_id": "2"})
    assert [name for name, _ in onnx_providers(Device("cpu"), known, "m")] == ["CPUExecutionProvider"]


def test_an_onnx_file_is_run_where_it_is_asked_or_not_at_all(onnx, gray, refused, monkeypatch):
    address = onnx()
    assert open_classifier(address, device="cpu").probabilities(gray).shape == (5, 7)
    with refused("tiny.onnx cannot be run on cuda:1", "onnxruntime-gpu"):
        open_classifier(address, device="cuda:1")
    # Built with CUDA, on a machine without a GPU: it takes the CPU by itself.
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    session = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "InferenceSession", lambda file, options, **_: session(file, options))
    with refused("tiny.onnx cannot be run on cuda:0", "CPUExecutionProvider"):
        open_classifier(address, device="cuda")


def test_absent_gpus_are_counted(refused):
    Device("cpu").refuse_absent("model m", 0, "TensorFlow")
    Device("cuda", 1).refuse_absent("model m", 2, "TensorFlow")
    with refused("model m cannot be run on cuda:0", "TensorFlow finds no GPU"):
        Device("cuda").refuse_absent("model m", 0, "TensorFlow")
    with refused("model m cannot be run on cuda:2", "finds 2 GPUs"):
        Device("cuda", 2).refuse_absent("model m", 2, "TensorFlow")


def test_a_litert_file_is_refused_a_gpu_before_it_is_read(tmp_path, refused):
    (tmp_path / "tiny.tflite").write_bytes(b"")
    with refused("LiteRT files are run on the CPU"):
        open_classifier(str(tmp_path / "tiny.tflite"), device="cuda")


def test_a_keras_model_is_shown_the_gpu_asked_for_alone(refused, monkeypatch):
    chosen = []
    monkeypatch.setattr(devices, "visible_gpus", lambda: 2)
    monkeypatch.setattr(devices, "use_gpu", chosen.append)
    for text in ("auto", "cpu", "cuda:1"):
        choose_device(Request("m.keras", None, ModelFile(), "m.yaml", False, parse_device(text)))
    assert chosen == [None, 1]
    with refused("model m.keras cannot be run on cuda:2"):
        choose_device(Request("m.keras", None, ModelFile(), "m.yaml", False, parse_device("cuda:2")))
