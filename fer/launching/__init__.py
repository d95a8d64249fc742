"""Launchers: where cells, trials and the faces of videos are computed, and the registry that names them.

Each is a module with ``Options`` and ``open(options, workers) -> Launcher`` (:mod:`fer.launching.contract`), imported
when it is opened: Ray and submitit are installed on demand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fer.errors import InputError
from fer.launching.contract import Launcher
from fer.options import parse

__all__ = ["INLINE", "LAUNCHERS", "Launcher", "LauncherEntry", "launcher_named", "open_launcher"]

INLINE = "inline"


@dataclass(frozen=True)
class LauncherEntry:
    """One launcher of the registry.

    Attributes:
        module: module with ``Options`` (a subclass of :class:`fer.options.Options`) and ``open(options, workers)``.
        beside: whether jobs run side by side, each in a process other than the caller's.

    """

    module: str
    beside: bool


LAUNCHERS: dict[str, LauncherEntry] = {
    INLINE: LauncherEntry("fer.launching.inline", beside=False),
    "processes": LauncherEntry("fer.launching.processes", beside=True),
    "ray": LauncherEntry("fer.launching.ray_cluster", beside=True),
    "slurm": LauncherEntry("fer.launching.slurm", beside=True),
}


def launcher_named(name: str) -> LauncherEntry:
    """Return the launcher of this name; raises InputError with the valid names for an unknown one."""
    try:
        return LAUNCHERS[name]
    except KeyError:
        raise InputError(f"unknown launcher {name!r}; use one of {', '.join(LAUNCHERS)}.") from None


def open_launcher(name: str, options: Mapping[str, Any] | None = None, workers: int | None = None) -> Launcher:
    """Return a launcher that is ready to use; ``workers`` is the most jobs at a time; None: what the launcher chooses.

    Raises InputError for an unknown name or option, fewer than one worker, and a launcher whose library is not
    installed.

    Example:
        >>> tell = lambda _: None
        >>> open_launcher("inline")([1, 2], lambda job: job * 10, tell, tell, lambda job, reason: 0)
        [10, 20]

    """
    entry = launcher_named(name)
    if workers is not None and workers < 1:
        raise InputError(f"workers {workers} is less than 1; give a number such as 2, or none.")
    module = import_module(entry.module)
    opened: Launcher = module.open(parse(module.Options, options or {}, f"launcher {name}"), workers)
    return opened
