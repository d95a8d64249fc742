"""pyproject.toml is the one place for versions, and the library stays light until a room is used."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

import analysis

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


def _loaded(statement: str, packages: tuple[str, ...]) -> list[str]:
    """Return which of the packages a new process has loaded after a statement."""
    code = f"import sys; {statement}; print(*[name for name in {packages!r} if name in sys.modules])"
    return subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).split()


def test_import_fer_and_analysis_loads_none_of_the_heavy_packages():
    heavy = ("tensorflow", "keras", "torch", "mlflow", "ultralytics", "cv2", "scipy", "sklearn", "matplotlib", "pandas")
    assert _loaded("import fer, analysis", heavy) == []


@pytest.mark.parametrize(
    "modules",
    [
        "fer.fairness, fer.evaluation.metrics, fer.evaluation.uncertainty, fer.evaluation.audits",
        "fer.data.dataset, fer.data.mixing, fer.data.balancing, fer.study.reading, fer.preprocessing.pipeline",
        "fer.tracking.names, analysis.tables, analysis.figures, analysis.render, analysis.experiments.pooled_tests",
        "entrypoints.report, entrypoints.train, entrypoints.study",
    ],
)
def test_what_asks_no_server_and_trains_nothing_loads_no_mlflow_and_no_keras(modules):
    assert _loaded(f"import {modules}", ("tensorflow", "keras", "torch", "mlflow")) == []


def test_analysis_with_a_server_loads_no_keras():
    statement = "import analysis.study_report, analysis.run_comparison, analysis.card"
    assert _loaded(statement, ("tensorflow", "keras", "torch", "mlflow")) == ["mlflow"]


def test_all_names_that_analysis_promises_are_there():
    assert [name for name in analysis.__all__ if not callable(getattr(analysis, name))] == []
    assert sorted(analysis.__all__) == dir(analysis)


def test_mlflow_knows_the_source_of_a_dataset_input_without_a_warning():
    code = (
        "import warnings; warnings.simplefilter('error', UserWarning);"
        "import fer.tracking.dataset_logging, mlflow.data.dataset_source_registry as registry;"
        "print('FaceDatasetSource' in [source.__name__ for source in registry._dataset_source_registry.sources])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "True"
