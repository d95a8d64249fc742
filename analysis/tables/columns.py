"""How the columns of tables are named; see :mod:`analysis.tables` for the units.

``<quantity>`` or ``<quantity>/<key>``: what follows the slash is data, the name of a group or a test set, so that names
chosen by users cannot collide with columns defined here. A column may have companions, in the same unit:
``<quantity>_sd`` (standard deviation over seeds), ``_low`` and ``_high`` (ends of the 95 % interval), ``_published``.
"""

from collections.abc import Iterable

SD, LOW, HIGH, PUBLISHED = "sd", "low", "high", "published"


def keyed(quantity: str, key: object) -> str:
    """Return the column of a quantity for one group, test set or severity.

    Example:
        >>> keyed("accuracy_percent", "white")
        'accuracy_percent/white'

    """
    return f"{quantity}/{key}"


def quantity_and_key(column: str) -> tuple[str, str | None]:
    """Return a column's quantity and its key, the group, test set or severity; None without a key."""
    quantity, slash, key = column.partition("/")
    return quantity, key if slash else None


def keys_of(columns: Iterable[object], quantity: str) -> list[str]:
    """Return the keys of a quantity among columns, in their order.

    Example:
        >>> columns = ["experiment", "accuracy_percent/white", "accuracy_percent/black", "std_points"]
        >>> keys_of(columns, "accuracy_percent")
        ['white', 'black']

    """
    found = map(quantity_and_key, map(str, columns))
    return [key for name, key in found if name == quantity and key is not None]


def companion(column: str, kind: str) -> str:
    """Return the companion of a column: ``kind`` is one of SD, LOW, HIGH, PUBLISHED.

    Example:
        >>> companion("accuracy_percent/white", LOW), companion("std_points", SD)
        ('accuracy_percent_low/white', 'std_points_sd')

    """
    quantity, key = quantity_and_key(column)
    beside = f"{quantity}_{kind}"
    return beside if key is None else keyed(beside, key)
