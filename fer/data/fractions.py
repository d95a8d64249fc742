"""Fractions, read and written exactly: "0.7" of 90 is 63, where binary 0.7 x 90 floors to 62."""

from decimal import Decimal, InvalidOperation

from fer.errors import InputError
from fer.text.numbers import plain

_MOST_PLACES = 20


def parse_fraction(text: str | float | Decimal) -> Decimal:
    """Read a fraction in 0..1 exactly as written: "0.7" of 90 is 63, where binary 0.7 x 90 floors to 62."""
    written = str(text).strip()
    shown = written if len(written) <= _MOST_PLACES else f"{written[:_MOST_PLACES]}..."
    try:
        fraction = Decimal(plain(written))
    except (InvalidOperation, ValueError):
        raise InputError(f"fraction {shown!r} is not a number; give one from 0 to 1, such as 0.3.") from None
    if not fraction.is_finite() or not 0 <= fraction <= 1:
        raise InputError(f"fraction {shown} is outside 0..1; give the share of the addition, such as 0.3.")
    # Exact arithmetic and a name with all digits: 1e-400000 would take minutes, and no dataset is that large.
    if -int(fraction.as_tuple().exponent) > _MOST_PLACES:
        raise InputError(f"fraction {shown} has more than {_MOST_PLACES} decimal places; give one such as 0.3.")
    return abs(fraction)  # Decimal knows a -0.


def percent(fraction: Decimal) -> str:
    """Return a fraction as an exact percentage: 0.125 is "12.5%"."""
    return f"{(fraction * 100).normalize():f}%"
