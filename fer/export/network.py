"""The network that is converted: in inference mode and float32, whatever it was trained in."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from fer.errors import InputError
from fer.models.precision import FLOAT32

# Runtimes add in different orders: measured are at most 1e-5. Where a layer is mistaken, it is 0.1 and more.
_TOLERANCE = 0.01
_CHECKED = 16


def inference_network(model: keras.Model) -> keras.Model:
    """Return a copy of a model, uncompiled, whose layers compute in float32 and are not trainable.

    Keras exports some networks to ONNX as in training: with the updates of BatchNormalization, of which tf2onnx drops
    more than they are, and with dropout. So nothing is left of either.
    """
    copied = type(model).from_config(_for_inference(model.get_config()))
    copied.set_weights(model.get_weights())
    copied.trainable = False
    copied(trial_faces(copied, None))  # Keras converts no network that was never called.
    return copied


def check_same(network: keras.Model, converted: Callable[[np.ndarray], np.ndarray], faces: np.ndarray, to: str) -> None:
    """Raise InputError if a converted float32 network gives other probabilities than the network.

    ``faces`` is uint8 ``(n, h, w, c)``, of which the first are asked for; ``to`` is the format's title.
    """
    asked = faces[:_CHECKED]
    apart = float(np.abs(network.predict(asked, verbose=0) - converted(asked)).max())
    if not apart <= _TOLERANCE:
        raise InputError(
            f"the {to} file would give other probabilities than the model (by up to {apart:.2f}), so it is not "
            "written; leave this format out, and report the model's backbone as one that cannot be converted."
        )


def trial_faces(network: keras.Model, representative: np.ndarray | None) -> np.ndarray:
    """Return uint8 faces to check a conversion on: the representative ones, or noise where there are none."""
    if representative is not None and len(representative):
        return representative
    shape = (_CHECKED, *network.input_shape[1:])
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def _as_rescaling(layer: dict[str, Any]) -> dict[str, Any]:
    """Return the configuration of a Normalization by stated means, as EfficientNetV2 has it, as that of a Rescaling.

    tf2onnx takes its constants for inputs of the network. One that learned its means is returned as it is.
    """
    config = layer["config"]
    mean, variance = (np.ravel(config.get(name)) for name in ("mean", "variance"))
    if config.get("invert") or None in (*mean, *variance):
        return layer
    scale = 1 / np.maximum(np.sqrt(variance), keras.config.epsilon())
    kept = {name: config[name] for name in ("name", "trainable", "dtype") if name in config}
    return {
        **layer,
        "class_name": "Rescaling",
        "config": {**kept, "scale": scale.tolist(), "offset": (-mean * scale).tolist()},
    }


def _for_inference(config: Any) -> Any:
    """Return a model's configuration in float32 for every mixed precision, and without dropout."""
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            named = config["config"]["name"]
            if str(named).startswith("mixed_"):
                return {**config, "config": {**config["config"], "name": FLOAT32}}
        if config.get("class_name") == "Normalization":
            config = _as_rescaling(config)
        if str(config.get("class_name")).endswith("Dropout"):
            config = {**config, "config": {**config["config"], "rate": 0.0}}
        return {key: _for_inference(value) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(_for_inference(value) for value in config)
    return config
