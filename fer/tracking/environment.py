"""What a run was made with and on: versions, the git commit, the machine. As tags; asked once a process."""

import os
import platform
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from fer.identity import code_version

_PACKAGES = ("fair-fer", "keras", "tensorflow", "numpy", "mlflow")
_SECONDS = 10


@cache
def environment() -> Mapping[str, str]:
    """Return the tags; without what the machine does not tell, such as the commit outside a checkout."""
    found = {
        "fer.version.python": platform.python_version(),
        **{f"fer.version.{package}": _version(package) for package in _PACKAGES},
        "fer.version.code": code_version(),
        **_commit(),
        "fer.hardware.system": platform.platform(),
        "fer.hardware.cpu": _processor(),
        "fer.hardware.cores": str(os.cpu_count()),
        "fer.hardware.memory_gb": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.1f}",
        "fer.hardware.gpus": ", ".join(_answer("nvidia-smi", "--query-gpu=name", "--format=csv,noheader").splitlines()),
    }
    return {name: value for name, value in found.items() if value}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _commit() -> Mapping[str, str]:
    """Return the commit of the checkout that this file is in, and whether tracked files differ from it."""
    here = str(Path(__file__).parent)
    commit = _answer("git", "-C", here, "rev-parse", "HEAD")
    if not commit:
        return {}
    changed = _answer("git", "-C", here, "status", "--porcelain", "--untracked-files=no")
    return {"fer.git.commit": commit, "fer.git.dirty": str(bool(changed)).lower()}


def _processor() -> str:
    """Return the processor's name: Linux tells it in a file, other systems themselves."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    named = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _answer(*command: str) -> str:
    """Return what a program prints; nothing if it is not there or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
