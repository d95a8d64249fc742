"""A camera of drawn faces: a clip for Chromium's fake camera, and a small model that was trained on such faces.

In the upper left corner of each frame a gray square says which emotion is drawn, so that a test reads from the page
what is shown and what is told at the same moment.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from fer.app.practice.faces import drawn_face
from fer.app.practice.scheduling import Question
from fer.data.emotions import EMOTIONS
from fer.synthetic import SyntheticOptions, draw_population

WIDTH, HEIGHT = 640, 480
_FACE, _CODE = 300, 40
_SIDE = 48
# YuNet's box of a drawn face, as shares of its picture: x, y, width, height.
_BOX = (0.207, 0.147, 0.603, 0.833)
_RATE = 30  # Chromium plays a .mjpeg file at 30 frames per second.


def gray_of(emotion):
    """Return the gray, 0..255, of an emotion's square."""
    return 20 + 35 * EMOTIONS.index(emotion)


def emotion_of(gray):
    """Return the emotion of a square's gray."""
    return EMOTIONS[min(max(round((gray - 20) / 35), 0), len(EMOTIONS) - 1)]


@cache
def _face(emotion, seed, strength):
    return drawn_face(Question(emotion, emotion, strength), seed, _FACE).picture


def frame_of(emotion, seed, left=170, top=90, strength="full"):
    """Return a frame, uint8 (480, 640, 3) RGB, with one drawn face."""
    frame = np.full((HEIGHT, WIDTH, 3), (150, 160, 170), dtype=np.uint8)
    face = _face(emotion, seed, strength)
    frame[top : top + _FACE, left : left + _FACE] = face
    frame[:_CODE, :_CODE] = gray_of(emotion)
    return frame


def write_clip(path, seconds, seed=8):
    """Write a clip: each emotion for so many seconds, by one person who moves a little."""
    chance = np.random.default_rng(seed)
    held = 5  # Frames that are the same: drawing and encoding take time.
    with open(path, "wb") as file:
        for emotion in EMOTIONS:
            for _ in range(seconds * _RATE // held):
                left, top = 170 + int(chance.integers(-4, 5)), 90 + int(chance.integers(-3, 4))
                frame = frame_of(emotion, seed, left, top)
                jpeg = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
                file.write(jpeg * held)


def train_model(folder, faces=1000):
    """Train a small model on drawn faces and write it as an ONNX file with its description; return the file.

    Edges in eight directions, averaged over squares of 4 pixels and normalised, then linear discriminant analysis:
    made in a few seconds, less than TensorFlow needs to start.
    """
    drawn = SyntheticOptions(
        groups=tuple("abcdefg"), shares=(1,) * 7, train=faces, validation=0, test=0, frames_per_clip=1,
        clips_per_person=1, dialect=0.0, difficulty=0.12, size=64, seed=5,
    )  # fmt: skip
    table, pictures = draw_population(drawn)
    chance = np.random.default_rng(0)
    cuts = np.stack([_cut(picture, chance) for picture in pictures for _ in range(2)])
    labels = np.repeat(table["true_label"].to_numpy(), 2)
    numbers = [EMOTIONS.index(label) for label in labels]
    edges = onnxruntime.InferenceSession(_network(None).SerializeToString()).run(None, {"faces": cuts[..., None]})[0]
    fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.2).fit(edges, numbers)
    path = Path(folder) / "drawn.onnx"
    path.write_bytes(_network(fitted).SerializeToString())
    path.with_name("drawn.onnx.yaml").write_text(
        f"model: drawn.onnx\nkind: onnx\nname: drawn faces\nlabels: [{', '.join(EMOTIONS)}]\n"
        f"input_size: [{_SIDE}, {_SIDE}]\ncolor: gray\nscaling: none\nlayout: channels_last\n"
        "output: probabilities\ncrop_margin: 0.0\n"
    )
    return path


def _cut(picture, chance):
    """Return the part of a drawn face (square, gray) that YuNet's box has, a little moved and scaled."""
    side = picture.shape[0]
    x, y, wide, high = side * (np.array(_BOX) + chance.normal(0, 0.015, 4))
    onto = np.array([[wide / _SIDE, 0, x], [0, high / _SIDE, y]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(picture, onto, (_SIDE, _SIDE), flags=how, borderMode=cv2.BORDER_REPLICATE)


def _network(fitted):
    """Return the network of a fitted discriminant analysis; without one, its edges."""
    across = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], dtype=np.float32) / 255
    angles = np.pi / 4 * np.arange(8)
    filters = np.stack([np.cos(angle) * across + np.sin(angle) * across.T for angle in angles])[:, None]
    node, fixed = helper.make_node, numpy_helper.from_array
    nodes = [
        node("Cast", ["faces"], ["gray"], to=TensorProto.FLOAT),
        node("Transpose", ["gray"], ["turned"], perm=[0, 3, 1, 2]),
        node("Conv", ["turned", "filters"], ["slopes"], pads=[1, 1, 1, 1]),
        node("Relu", ["slopes"], ["strong"]),
        node("AveragePool", ["strong"], ["pooled"], kernel_shape=[4, 4], strides=[4, 4]),
        node("Flatten", ["pooled"], ["row"]),
        node("ReduceL2", ["row"], ["length"], axes=[1], keepdims=1),
        node("Add", ["length", "little"], ["divisor"]),
        node("Div", ["row", "divisor"], ["shares"]),
        node("Mul", ["shares", "scale"], ["edges"]),
    ]
    length = 8 * (_SIDE // 4) ** 2
    tensors = [
        fixed(filters.astype(np.float32), "filters"),
        fixed(np.float32(1e-3), "little"),
        fixed(np.float32(length**0.5), "scale"),
    ]
    last, width = "edges", length
    if fitted is not None:
        nodes += [node("Gemm", ["edges", "weights", "bias"], ["sums"]), node("Softmax", ["sums"], ["answer"], axis=1)]
        tensors += [fixed(np.float32(fitted.coef_.T), "weights"), fixed(np.float32(fitted.intercept_), "bias")]
        last, width = "answer", len(EMOTIONS)
    given = helper.make_tensor_value_info("faces", TensorProto.UINT8, ["n", _SIDE, _SIDE, 1])
    answer = helper.make_tensor_value_info(last, TensorProto.FLOAT, ["n", width])
    graph = helper.make_graph(nodes, "drawn", [given], [answer], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
