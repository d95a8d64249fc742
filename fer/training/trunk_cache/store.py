"""The store of all entries: its folder, its size limit, its contents, and its write locks.

It is the folder ``trunk_cache`` of the cache (``$FER_CACHE``), limited to ``$FER_CACHE_GB`` gigabytes.
"""

import hashlib
import json
import math
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer.errors import InputError
from fer.progress import say
from fer.storage.folders import cache_folder, locked
from fer.text.numbers import real
from fer.training.trunk_cache.entry import Entry, disk_bytes, facts_of, last_used, rows_there, unused

GIGABYTE = 10**9
DEFAULT_GIGABYTES = 50.0
# A full disk would stop everything else on the machine.
_LEFT_FREE = 2 * GIGABYTE
_REMEDY = (
    "set FER_CACHE_GB, free disk space (make cache-clean), train on fewer faces (limit), or set trunk_cache to "
    "float16 or off"
)


@dataclass(frozen=True)
class Listed:
    """An entry as ``make cache`` shows it; ``facts`` is its description, ``last_used`` in seconds since 1970."""

    key: str
    facts: Mapping[str, Any]
    rows_there: int
    disk_bytes: int
    last_used: float
    in_use: bool


def store_folder() -> Path:
    """Return the folder of the store."""
    return cache_folder() / "trunk_cache"


def key_of(**parts: object) -> str:
    """Return the key of an entry: 32 hex digits, a hash of everything that determines its values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]


def entry_at(key: str, rows: int, shape: tuple[int, ...], dtype: str) -> Entry:
    """Return the entry of a key, which need not exist yet."""
    return Entry(store_folder() / key, rows, shape, dtype)


@contextmanager
def writing(keys: Collection[str]) -> Iterator[None]:
    """Hold the write locks of these entries; report and wait while another process computes one of them."""

    def wait() -> None:
        say("trunk cache: another process is computing the needed values; waiting for it.")

    with ExitStack() as held:
        for key in sorted(keys):  # Always in the same order, so that two processes never wait for each other.
            held.enter_context(locked(store_folder() / "locks" / key, wait))
        yield


def listing() -> list[Listed]:
    """Return the entries of the store, the least recently used first."""
    found = []
    for folder in _folders():
        facts = facts_of(folder)
        if facts is not None:
            with unused(folder) as free:
                numbers = rows_there(folder), disk_bytes(folder), last_used(folder)
                found.append(Listed(folder.name, facts, *numbers, in_use=not free))
    return sorted(found, key=lambda entry: entry.last_used)


def remove(keys: Sequence[str]) -> list[str]:
    """Remove the entries that are not in use; return the keys of the removed ones."""
    gone = []
    for key in keys:
        with locked(store_folder() / "locks" / key, None) as mine, unused(store_folder() / key) as free:
            if mine and free:
                shutil.rmtree(store_folder() / key)
                gone.append(key)
    return gone


def make_room(needed: int, wanted: Collection[str], what: str) -> None:
    """Make room for ``needed`` bytes; if necessary, remove the least recently used entries except the wanted ones.

    Raises InputError, before anything is removed, if ``what`` fits neither the limit nor the disk.
    """
    root = store_folder()
    root.mkdir(parents=True, exist_ok=True)
    here = listing()
    taken = sum(entry.disk_bytes for entry in here)
    free = shutil.disk_usage(root).free - _LEFT_FREE
    over = max(taken + needed - limit_bytes(), needed - free)
    others = [entry for entry in here if entry.key not in wanted and not entry.in_use]
    if over > sum(entry.disk_bytes for entry in others):
        raise InputError(
            f"{what} needs {shown(needed)} more in {root}, where {shown(taken)} of {shown(limit_bytes())} are used "
            f"and the disk has {shown(max(free, 0))} free; {_REMEDY}."
        )
    leaving = []
    for entry in others:
        if over <= 0:
            break
        leaving.append(entry.key)
        over -= entry.disk_bytes
    if leaving:
        say(f"trunk cache: removed {len(remove(leaving))} least recently used entries to make room.")


def shown(size: float) -> str:
    """Return a size in bytes as text in GB or MB."""
    return f"{size / GIGABYTE:.3g} GB" if size >= GIGABYTE else f"{size / 10**6:.3g} MB"


def limit_bytes() -> int:
    """Return the store's size limit in bytes; raises InputError if FER_CACHE_GB is not a number above 0."""
    given = os.environ.get("FER_CACHE_GB") or str(DEFAULT_GIGABYTES)
    try:
        gigabytes = real(given)
    except ValueError:
        gigabytes = math.nan
    if not 0 < gigabytes < math.inf:
        raise InputError(f"FER_CACHE_GB {given!r} is not a number above 0; set it to gigabytes, such as 20.")
    return int(gigabytes * GIGABYTE)


def _folders() -> list[Path]:
    root = store_folder()
    return [path for path in root.iterdir() if path.is_dir() and path.name != "locks"] if root.is_dir() else []
