"""Attributes, by which samples are grouped: a column such as ``race`` or a product such as ``race*gender``."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from fer.data.samples import COUNTED_COLUMNS, GROUP_COLUMNS, KNOWN, PREDICTED
from fer.errors import InputError, refuse_repeated, shown
from fer.sentinels import AUTO, NONE
from fer.text.name_parts import code, decoded, metric_part, shortened

ALL = "all"
_PRODUCT = "*"
# Between the columns of a product, in names on the server and of files, and what of a column could be taken for it: of
# one column and of several.
_BY = "_x_"
_LIKE_BY = re.compile("_(?=x_)"), re.compile("_(?=x(?:_|$))|(?<=^x)_")
_MOST_GROUPS = 12
# With 60 groups there are 1,770 pairs, which take a minute and 2 GB; with 84 it took 160 seconds and 3.3 GB.
MOST_GROUPS = 60
# So many groups, half of them or more of a single sample, are no groups but something like an id.
MANY_GROUPS = 20
_MOST_DEFAULTS = 3


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
        """Read ``race`` or ``race*gender``; an attribute is returned as it is.

        Raises InputError for a column that is given twice.
        """
        if isinstance(text, Attribute):
            return text
        columns = tuple(name.strip() for name in text.split(_PRODUCT))
        refuse_repeated([column for column in columns if column], f"attribute {shown(text)}")
        return cls(columns)

    def __str__(self) -> str:
        """The form in which users write it: ``race*gender``."""
        return _PRODUCT.join(self.columns)

    @classmethod
    def of_slug(cls, slug: str) -> "Attribute":
        """Return the attribute of a slug; the slug as a column where no attribute has this one."""
        attribute = cls(tuple(map(decoded, slug.split(_BY))))
        return attribute if attribute.slug == slug else cls((slug,))

    @property
    def slug(self) -> str:
        """The form in names on the server: ``race_x_gender``; different attributes have different slugs."""
        like_by = _LIKE_BY[len(self.columns) > 1]
        return shortened(_BY.join(like_by.sub(code("_"), metric_part(column)) for column in self.columns))

    @property
    def by_emotion(self) -> bool:
        """Whether the true emotion is one of its columns, so that its groups cannot be compared emotion by emotion."""
        return EMOTION.columns[0] in self.columns

    def known_in(self, table: pd.DataFrame) -> bool:
        """Return whether a table has all columns of the attribute."""
        return set(self.columns) <= set(table)

    def groups(self, table: pd.DataFrame, where: str = "the test dataset") -> pd.Series:
        """Return the group of each of n rows, str or null (n,), named as the attribute is written.

        A group of a product is named as :func:`combination`. Raises InputError, naming ``where``, if a column is
        missing or holds no value at all, for a column whose name reads as a product, and for a column or a group named
        ``all``, which is reserved for all samples.
        """
        written = str(self)
        if written in table and (written == ALL or not self.known_in(table)):
            why = "is reserved for all samples" if written == ALL else "reads as a product of columns"
            raise InputError(f"{where} has a column named {written!r}, which {why}; to evaluate by it, rename it.")
        for name in self.columns:
            if name not in table or table[name].isna().all():
                has = ", ".join(_askable(table)) or "none"
                raise InputError(
                    f"{where} has no group column {name!r} with values; evaluate by one that it has ({has}) "
                    "or on a dataset that knows it."
                )
        values = _joined([table[name].astype("str") for name in self.columns])
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
    """Return several attributes, in their order; raises InputError for one that is given twice."""
    attributes = tuple(Attribute.parse(text) for text in texts)
    refuse_repeated(attributes, "attributes")
    return attributes


def combination(groups: Sequence[str]) -> str:
    """Return the name of a combination of groups, one of each column; different combinations have different names.

    They are joined by ``_``, and where that could be another combination's name, by `` x ``.

    Example:
        >>> combination(["group_a", "female"]), combination(["a_b", "c"]), combination(["a", "b_c"])
        ('group_a_female', 'a_b_c', 'a x b_c')

    """
    # Read from its end: only the first may hold an underscore.
    by = " x " if any("_" in group for group in groups[1:]) else "_"
    unclear = any(" x " in f" {group} " or '"' in group for group in groups)
    return " x ".join(json.dumps(group, ensure_ascii=False) for group in groups) if unclear else by.join(groups)


def groupable(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold groups: the known ones with a value, and whatever a user's own data brought."""
    ours = {*KNOWN, *PREDICTED} - set(COUNTED_COLUMNS)
    return [str(name) for name in table if name not in ours and table[name].notna().any()]


def group_columns(table: pd.DataFrame) -> list[str]:
    """Return the columns by which samples can be counted: :func:`groupable` ones with groups, not ids or numbers.

    They have at most 60 groups, and of more than 20 not half with a single sample; see
    :func:`fer.data.group_limits.check_group_count`.

    Example:
        >>> group_columns(pd.DataFrame({"sample_id": ["1", "2"], "race": ["x", "x"], "skin tone": ["I", "VI"]}))
        ['race', 'skin tone']

    """
    return [name for name in groupable(table) if are_groups(table[name].astype("str"))]


def are_groups(groups: pd.Series) -> bool:
    """Return whether the values of n samples are so few that they can be groups; nulls do not count."""
    sizes = groups.value_counts()
    return len(sizes) <= MOST_GROUPS and not (len(sizes) > MANY_GROUPS and 2 * int((sizes == 1).sum()) >= len(sizes))


def _askable(table: pd.DataFrame) -> list[str]:
    """Return the columns that hold groups and whose names can be written in a list of attributes."""
    reserved = {"", ALL, AUTO, NONE}
    return [
        name
        for name in groupable(table)
        if name not in reserved and not set(name) & {",", _PRODUCT} and name == name.strip()
    ]


def _joined(columns: Sequence[pd.Series]) -> pd.Series:
    """Return the combinations of each row, (n,); null where one of the columns is."""
    if len(columns) == 1:
        return columns[0]
    rows = pd.DataFrame(dict(enumerate(column.array for column in columns)))
    known = rows.dropna().drop_duplicates()
    named = {row: combination(row) for row in known.itertuples(index=False, name=None)}
    joined = [named.get(row) for row in rows.itertuples(index=False, name=None)]
    return pd.Series(joined, index=columns[0].index, dtype="str")


def default_attributes(table: pd.DataFrame) -> tuple[tuple[Attribute, ...], list[str]]:
    """Return the attributes by which samples are evaluated if none are named, and the other columns with groups.

    That is ``race`` where it is known. Without it, a user who brings ``ethnicity`` and ``sex`` wants both: it is
    ``gender`` and ``age_group`` where known and the user's own columns with 2 to 12 groups, in alphabetical order, at
    most three. Empty where there is nothing of the kind. Columns whose names cannot be written in a list of attributes,
    or that have a group ``all``, are left out.

    Example:
        >>> chosen, others = default_attributes(pd.DataFrame({"sex": ["f", "m"], "ethnicity": ["x", "y"]}))
        >>> list(map(str, chosen)), others
        (['ethnicity', 'sex'], [])
        >>> default_attributes(pd.DataFrame({"race": ["x", "y"], "sex": ["f", "m"]}))
        ((Attribute(columns=('race',)),), ['sex'])

    """
    named = [name for name in _askable(table) if not table[name].astype("str").eq(ALL).any()]
    several = sorted(name for name in named if 2 <= table[name].nunique() <= _MOST_GROUPS)
    people = [name for name in GROUP_COLUMNS if name in named]
    own = [name for name in several if name not in COUNTED_COLUMNS]
    chosen = people[:1] if str(RACE) in people else [*people, *own][:_MOST_DEFAULTS]
    others = [name for name in dict.fromkeys([*people, *own]) if name not in chosen]
    return tuple(Attribute((name,)) for name in chosen), others


def suggested_attributes(table: pd.DataFrame) -> list[str]:
    """Return at most two columns with 2 to 12 groups, by which to evaluate: race, gender and age group, else others.

    Columns whose names cannot be written in a list of attributes are left out.
    """
    named = [name for name in _askable(table) if not table[name].astype("str").eq(ALL).any()]
    known = [name for name in named if 2 <= table[name].nunique() <= _MOST_GROUPS]
    people = [name for name in GROUP_COLUMNS if name in known]
    return (people or known)[:2]
