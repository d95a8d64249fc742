"""How the trunk cache may be used. Importing this loads no Keras."""

from fer.errors import InputError
from fer.sentinels import AUTO

HALF, OFF = "float16", "off"
MODES = {
    AUTO: "what the frozen part gives is kept as it is: training is the same to the last bit",
    HALF: "float32 is kept at 16 bits: half the disk space, losses differ in the fourth digit",
    OFF: "every step computes the frozen part again",
}


def check_mode(mode: str) -> None:
    """Raise InputError for a word that is no mode."""
    if mode not in MODES:
        raise InputError(f"unknown trunk_cache {mode!r}; use one of {', '.join(MODES)}.")
