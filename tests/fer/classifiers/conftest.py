"""A tiny classifier whose answers can be computed by hand, as ONNX, with its description beside it."""

import numpy as np
import pytest
import yaml
from tiny_onnx import linear_classifier

WORDS = ["Angry", "Disgust", "Fear", "Happy", "Sad", "Surprise", "Neutral"]


@pytest.fixture(scope="session")
def linear():
    """Return weights (h w c, k) and bias (k,) for a shape, drawn once for each."""

    def make(shape=(8, 8, 1), outputs=7):
        stream = np.random.default_rng(int(np.prod(shape)) + outputs)
        return stream.normal(0, 0.5, (int(np.prod(shape)), outputs)).astype(np.float32), np.linspace(-1, 1, outputs)

    return make


@pytest.fixture(scope="session")
def softmax():
    """Return the softmax over the last axis, by its definition."""

    def of(values):
        exponentials = np.exp(values - values.max(axis=-1, keepdims=True))
        return exponentials / exponentials.sum(axis=-1, keepdims=True)

    return of


@pytest.fixture
def onnx(tmp_path, linear):
    """Return a maker of ONNX files with a description beside them (none for ``said=None``); their addresses."""

    def make(shape=(8, 8, 1), said=(), outputs=7, name="tiny.onnx", sides=None, **more):
        place = tmp_path / name
        place.write_bytes(linear_classifier(sides or shape, *linear(shape, outputs), **more))
        if said is not None:
            content = {"labels": WORDS[:outputs], "scaling": "unit", **dict(said)}
            entries = {key: value for key, value in content.items() if value is not None}
            place.with_name(f"{name}.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
        return str(place)

    return make


@pytest.fixture(scope="session")
def gray():
    """Return five gray faces of 8 x 8 pixels, uint8 (5, 8, 8, 1)."""
    return np.random.default_rng(0).integers(0, 256, (5, 8, 8, 1), dtype=np.uint8)
