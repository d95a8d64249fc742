"""Numbers as users write them in options, files and environment variables: ASCII digits, without underscores.

Python also takes ``1_0`` for 10 and the digits of other scripts; here they are mistakes.
"""

from fer.errors import InputError

SEEDS = 2**32


def plain(text: str) -> str:
    """Return the text unchanged if it may be a number; ValueError for an underscore or a character outside ASCII."""
    if "_" in text or not text.isascii():
        raise ValueError(f"{text!r} is not a number")
    return text


def whole(text: str) -> int:
    """Return a whole number; ValueError for any other text.

    Example:
        >>> whole("-15"), whole("007")
        (-15, 7)

    """
    return int(plain(text))


def real(text: str) -> float:
    """Return a number, which may be infinite or NaN; ValueError for any other text."""
    return float(plain(text))


def check_seed(seed: int) -> None:
    """Raise InputError for a seed outside the range that every random number generator accepts, 32 bits."""
    if not 0 <= seed < SEEDS:
        raise InputError(f"seed {seed} is outside 0..{SEEDS - 1}; give a whole number in this range.")
