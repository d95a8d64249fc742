"""Labels for readers: the heading of each column and the digits of its values. No logic depends on them."""

from analysis.tables.columns import PUBLISHED, quantity_and_key

# Where the heading is not the column's name without its unit and underscores.
_HEADINGS = {
    "f1_weighted": "f1",
    "p_holm": "p (Holm)",
    "p_max_t": "p (max-t)",
    "p_fdr": "p (FDR)",
    "p_no_worse": "p (no worse)",
    "p_no_worse_holm": "p (no worse)",
    "p_equal": "p (equal)",
    "p_equal_holm": "p (equal)",
    "bias_corrected": "corrected",
    "distance_to_utopia": "to utopia",
    "non_dominated": "not beaten",
    "near_duplicates": "near-duplicates",
    "run_id": "run",
}
# Headings of quantities with one column per group, test set or severity; else the key alone is the heading.
_KEYED = {"faces": "{} faces", "corrupted_accuracy_percent": "severity {}"}
_UNITS = ("_percent", "_points")

_DIGITS = {
    "f1_weighted": 3, "loss": 3, "training_loss": 3, "validation_loss": 3, "test_loss": 3, "alpha": 3,
    "distance_to_utopia": 3, "std_points": 2, "estimate": 2, "expected_under_no_difference": 2, "bias_corrected": 2,
    "upper": 2,
}  # fmt: skip
# An interval of all that is possible says as little as none.
_POSSIBLE = {"accuracy_percent": (0.0, 100.0), "modelled_percent": (0.0, 100.0), "difference_points": (-100.0, 100.0)}
# Larger than any difference: no difference is detected.
_LARGEST = {"minimum_detectable_difference_points": 100.0}
_P_VALUES = ("p", "p_holm", "p_max_t", "p_fdr", "p_no_worse", "p_no_worse_holm", "p_equal", "p_equal_holm")
_SMALLEST_P = 0.001


def heading(column: str) -> str:
    """Return the heading of a column.

    Example:
        >>> heading("std_points"), heading("p_holm"), heading("accuracy_percent_published")
        ('std', 'p (Holm)', 'accuracy published')
        >>> heading("accuracy_percent/white"), heading("faces/white"), heading("accuracy_percent_published/white")
        ('white', 'white faces', 'white published')

    """
    name, key = quantity_and_key(column)
    quantity = _without_published(name)
    after = " published" if quantity != name else ""
    if key is not None:
        return _KEYED.get(quantity, "{}").format(key) + after
    for unit in _UNITS:
        quantity = quantity.removesuffix(unit)
    return _HEADINGS.get(quantity, words(quantity)) + after


def digits_of(column: str, default: int) -> int:
    """Return the number of decimal places of a column's values."""
    name, _ = quantity_and_key(column)
    return _DIGITS.get(_without_published(name), default)


def excludes_nothing(column: str, low: float, high: float) -> bool:
    """Return whether the interval of a value contains every possible one; False for a column without known limits.

    Example:
        >>> excludes_nothing("difference_points", -100.0, 100.0), excludes_nothing("difference_points", -100.0, 61.5)
        (True, False)

    """
    name, _ = quantity_and_key(column)
    least, most = _POSSIBLE.get(name, (float("-inf"), float("inf")))
    return low <= least and high >= most


def largest_of(column: str) -> float:
    """Return the largest value of a column that is shown as it is; a larger one is shown as ``> 100``."""
    return _LARGEST.get(column, float("inf"))


def is_p_value(column: str) -> bool:
    """Return whether a column holds p-values."""
    return column in _P_VALUES


def p_value(p: float, sign: bool = False) -> str:
    """Return a p-value with three digits, ``< 0.001`` below; with ``sign`` as it follows the letter: ``= 0.012``.

    Example:
        >>> p_value(0.0123), p_value(0.0001), f"p {p_value(0.0123, sign=True)}"
        ('0.012', '< 0.001', 'p = 0.012')

    """
    if p < _SMALLEST_P:
        return f"< {_SMALLEST_P}"
    return f"= {p:.3f}" if sign else f"{p:.3f}"


def words(name: str) -> str:
    """Return a ``snake_case`` name as words."""
    return name.replace("_", " ")


def _without_published(quantity: str) -> str:
    return quantity.removesuffix(f"_{PUBLISHED}")
