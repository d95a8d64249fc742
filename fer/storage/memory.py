"""Whether something has room in memory, asked before it is taken: a system out of memory ends the process unheard."""

import os
from pathlib import Path

from fer.errors import InputError

_MEMORY = Path("/proc/meminfo")
_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def refuse_too_large(needed: int, what: str, remedy: str) -> None:
    """Raise InputError, "<what>, ...; <remedy>.", if ``needed`` bytes are more than this machine has free."""
    free = free_memory()
    if needed > free:
        raise InputError(
            f"{what}, which takes about {needed / 1e9:,.1f} GB of memory where {free / 1e9:,.1f} GB are free; {remedy}."
        )


def free_memory() -> int:
    """Return the bytes of memory that this process may still take; the container's limit counts if there is one."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if _MEMORY.is_file():
        facts = dict(line.split(":", 1) for line in _MEMORY.read_text(encoding="utf-8").splitlines())
        free = int(facts.get("MemAvailable", f"{free // 1024} kB").split()[0]) * 1024
    for limit in _LIMITS:
        told = limit.read_text(encoding="utf-8").strip() if limit.is_file() else ""
        if told.isdecimal():
            free = min(free, int(told))
    return free
