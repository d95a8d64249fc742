"""The emotion model that comes with this package: ``emotion.onnx``, its description and its card.

It is built by ``python -m benchmarks.shipped_model`` from FER2013's faces and the votes of FER+ only. Its address is
``shipped``, for ``evaluate``, ``predict`` and :func:`fer.classifiers.open_classifier`, and as ``weights`` of ``train``.
"""

from pathlib import Path

ADDRESS = "shipped"
BACKBONE = "cnn"
MODEL = Path(__file__).parent / "emotion.onnx"
CARD = MODEL.with_name("MODEL_CARD.md")
