"""Attributes, by which samples are grouped: a column such as ``race`` or a product such as ``race*gender``."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from fer.data.emotions import EMOTIONS
from fer.data.samples import COUNTED_COLUMNS, GROUP_COLUMNS, KNOWN
from fer.errors import InputError

ALL = "all"
_PRODUCT = "*"
_MOST_GROUPS = 12


@dataclass(frozen=True)
class Attribute:
    """An attribute by which samples are grouped: one column, or several whose combinations are the groups.

    A user's text is converted once, by :meth:`parse`; all functions take the object.

    Example:
        >>> by = Attribute.parse("race*gender")
        >>> by.columns, str(by), by.slug
        (('race', 'gender'), 'race*gender', 'race_x_gender')
        >>> by.groups(pd.DataFrame({"race": ["black", "white"], "gender": ["female", None]})).tolist()
        ['black_female', nan]

    """

    columns: tuple[str, ...]

    @classmethod
    def parse(cls, text: "str | Attribute") -> "Attribute":
        """Read ``race`` or ``race*gender``; an attribute is returned as it is."""
        if isinstance(text, Attribute):
            return text
        return cls(tuple(name.strip() for name in text.split(_PRODUCT)))

    def __str__(self) -> str:
        """The form in which users write it: ``race*gender``."""
        return _PRODUCT.join(self.columns)

    @property
    def slug(self) -> str:
        """The form in paths and in names on the server: ``race_x_gender``."""
        return "_x_".join(self.columns)

    @property
    def by_emotion(self) -> bool:
        """Whether the true emotion is one of its columns, so that its groups cannot be compared emotion by emotion."""
        return EMOTION.columns[0] in self.columns

    def known_in(self, table: pd.DataFrame) -> bool:
        """Return whether a table has all columns of the attribute."""
        return set(self.columns) <= set(table)

    def groups(self, table: pd.DataFrame, where: str = "the test dataset") -> pd.Series:
        """Return the group of each of n rows, str or null (n,), named as the attribute is written.

        Raises InputError, naming ``where``, if a column is missing or holds no value at all, and for a group named
        ``all``, which is reserved for all samples.
        """
        for name in self.columns:
            if name not in table or table[name].isna().all():
                has = ", ".join(groupable(table)) or "none"
                raise InputError(
                    f"{where} has no group column {name!r} with values; evaluate by one that it has ({has}) "
                    "or on a dataset that knows it."
                )
        first, *others = self.columns
        values = table[first].astype("str")
        for name in others:
            values = values + "_" + table[name].astype("str")
        if (values == ALL).any():
            raise InputError(
                f"{where} has a group of {self} named 'all', which is reserved for all samples; rename it."
            )
        if values.isna().all():
            raise InputError(
                f"{where} has no sample that knows all of {', '.join(self.columns)}; evaluate by one of them."
            )
        return values.rename(str(self))


RACE, GENDER, AGE_GROUP = (Attribute((column,)) for column in GROUP_COLUMNS)
POSE = Attribute(("pose",))
# The attribute of a test without groups: accuracy by it is each emotion's recall.
EMOTION = Attribute(("label",))


def parse_attributes(texts: "Iterable[str | Attribute]") -> tuple[Attribute, ...]:
    """Return several attributes, in their order."""
    return tuple(Attribute.parse(text) for text in texts)


def groupable(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold groups: the known ones with a value, and whatever a user's own data brought."""
    ours = {*KNOWN, "predicted", *(f"p_{emotion}" for emotion in EMOTIONS)} - set(COUNTED_COLUMNS)
    return [str(name) for name in table if name not in ours and table[name].notna().any()]


def suggested_attributes(table: pd.DataFrame) -> list[str]:
    """Return at most two columns with 2 to 12 groups, by which to evaluate: race, gender and age group, else others.

    Columns whose names cannot be written in a list of attributes are left out.
    """
    named = [name for name in groupable(table) if not set(name) & {",", _PRODUCT} and name == name.strip()]
    known = [name for name in named if 2 <= table[name].nunique() <= _MOST_GROUPS]
    people = [name for name in GROUP_COLUMNS if name in known]
    return (people or known)[:2]
