"""Modes of the trunk cache. Importing this does not load Keras."""

from fer.errors import InputError
from fer.sentinels import AUTO

HALF, OFF = "float16", "off"
MODES = {
    AUTO: "the frozen part's output is stored exactly: training is the same to the last bit",
    HALF: "float32 is stored as 16 bits: half the disk space, losses differ in the fourth digit",
    OFF: "the frozen part is computed in every step",
}


def check_mode(mode: str) -> None:
    """Raise InputError for an unknown mode."""
    if mode not in MODES:
        raise InputError(f"unknown trunk_cache {mode!r}; use one of {', '.join(MODES)}.")
