"""Ranges, lock and environments say the same, and the library stays light until a package of it is used."""

import hashlib
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from mlflow.utils.environment import _PythonEnv
from mlflow.utils.virtualenv import _get_virtualenv_name
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import analysis

ROOT = Path(__file__).parents[1]
_IN_CONDA = ("detection", "export", "app", "cluster")


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _conda_pip_lines() -> list[str]:
    conda = yaml.safe_load((ROOT / "conda.yaml").read_text())["dependencies"]
    return next(entry["pip"] for entry in conda if isinstance(entry, dict))


def _locked() -> dict[str, Version]:
    """Return the release of each package in the lock file by its normalised name."""
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.lstrip().startswith("#")]
    requirements = [Requirement(line) for line in lines if line]
    assert all(len(one.specifier) == 1 and str(one.specifier).startswith("==") for one in requirements)
    return {canonicalize_name(one.name): Version(str(one.specifier)[2:]) for one in requirements}


def test_conda_yaml_asks_for_what_pyproject_declares_in_the_releases_of_the_lock():
    extras = _project()["optional-dependencies"]
    declared = [*_project()["dependencies"], *(line for name in _IN_CONDA for line in extras[name])]
    lock, *listed = _conda_pip_lines()
    assert lock == "-c requirements.txt"
    assert listed == declared


def test_conda_yaml_changes_with_the_lock():
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes()).hexdigest()[:16]
    assert f"# lock {digest} " in (ROOT / "conda.yaml").read_text(), "run make lock"


def test_the_lock_has_every_declared_package_in_its_range():
    extras = _project()["optional-dependencies"]
    declared = [
        Requirement(line) for line in [*_project()["dependencies"], *(line for e in extras.values() for line in e)]
    ]
    locked = _locked()
    outside = [str(one) for one in declared if locked.get(canonicalize_name(one.name)) not in one.specifier]
    assert outside == [], "run make lock"


def test_the_lock_names_no_host():
    assert re.findall(r"^-|://|@ ", (ROOT / "requirements.txt").read_text(), re.MULTILINE) == []


def test_mlflow_makes_another_environment_for_another_lock(tmp_path):
    names = []
    for release in ("4.0.0", "4.0.1"):
        (tmp_path / "conda.yaml").write_text((ROOT / "conda.yaml").read_text())
        (tmp_path / "requirements.txt").write_text(f"tqdm=={release}\n")
        names.append(_get_virtualenv_name(_PythonEnv.from_conda_yaml(tmp_path / "conda.yaml"), tmp_path))
    assert names[0] != names[1]


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


def test_what_is_not_python_goes_with_the_packages():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    for package in ("fer", "analysis", "entrypoints"):
        files = (path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        others = {str(path.relative_to(ROOT / package)) for path in files if path.suffix != ".py"}
        patterns = declared.get(package, [])
        assert [name for name in others if not any(fnmatch(name, pattern) for pattern in patterns)] == []
        assert [pattern for pattern in patterns if not any(fnmatch(name, pattern) for name in others)] == []
