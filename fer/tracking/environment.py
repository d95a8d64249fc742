"""Tags that describe a run's environment: versions, the git commit, the machine. Collected once per process."""

import os
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fer.identity import code_version
from fer.tracking import names

_PACKAGES = ("fair-fer", "keras", "tensorflow", "numpy", "mlflow")
_SECONDS = 10


@cache
def environment() -> Mapping[str, str]:
    """Return the tags; what cannot be determined, such as the commit outside a checkout, is left out."""
    found = {
        f"{names.VERSION}python": platform.python_version(),
        **{f"{names.VERSION}{package}": _version(package) for package in _PACKAGES},
        f"{names.VERSION}code": code_version(),
        **_commit(),
        f"{names.HARDWARE}system": platform.platform(),
        f"{names.HARDWARE}cpu": _processor(),
        f"{names.HARDWARE}cores": str(os.cpu_count()),
        f"{names.HARDWARE}memory_gb": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f}",
        f"{names.HARDWARE}gpus": ", ".join(
            _answer("nvidia-smi", "--query-gpu=name", "--format=csv,noheader").splitlines()
        ),
    }
    return {name: value for name, value in found.items() if value}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _commit() -> Mapping[str, str]:
    """Return the commit of the checkout that holds this file, and whether tracked files differ from it."""
    here = str(Path(__file__).parent)
    commit = _answer("git", "-C", here, "rev-parse", "HEAD")
    if not commit:
        return {}
    changed = _answer("git", "-C", here, "status", "--porcelain", "--untracked-files=no")
    return {f"{names.GIT}commit": commit, f"{names.GIT}dirty": str(bool(changed)).lower()}


def _processor() -> str:
    """Return the processor's name, on Linux from /proc/cpuinfo."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _answer(*command: str) -> str:
    """Return a program's output; an empty string if the program is missing or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
