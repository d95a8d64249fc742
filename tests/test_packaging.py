"""pyproject.toml is the one place for versions, and the library stays light until a room is used."""

import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_conda_yaml_lists_what_pyproject_declares():
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())["dependencies"]
    listed = next(entry["pip"] for entry in conda if isinstance(entry, dict))
    declared = [*_project()["dependencies"], *_project()["optional-dependencies"]["detection"]]
    assert sorted(listed) == sorted(declared)


def test_conda_yaml_pins_the_exact_python_that_pyproject_allows():
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())["dependencies"]
    python = next(entry for entry in conda if isinstance(entry, str) and entry.startswith("python="))
    assert python == "python=3.11.7"
    assert _project()["requires-python"] == ">=3.11,<3.12"


def test_import_fer_loads_none_of_the_heavy_packages():
    heavy = ("tensorflow", "torch", "mlflow", "keras", "cv2", "ultralytics", "pandas")
    code = f"import sys, fer; print([name for name in {heavy!r} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_analysis_and_statistics_load_no_tensorflow():
    code = (
        "import sys, analysis, fer.fairness, fer.evaluation.predictions, fer.data.mixing, entrypoints.report;"
        "print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False False"


def test_mlflow_knows_the_source_of_a_dataset_input_without_a_warning():
    code = (
        "import warnings; warnings.simplefilter('error', UserWarning);"
        "import fer.tracking.dataset_logging, mlflow.data.dataset_source_registry as registry;"
        "print('FaceDatasetSource' in [source.__name__ for source in registry._dataset_source_registry.sources])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "True"
