"""The columns of a table that hold probabilities of emotions: found by name, read, and checked."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fer.data.emotions import ALL_EMOTIONS
from fer.data.labels import answered_emotion
from fer.errors import InputError
from fer.sources.delimited import real
from fer.text.yaml_text import key_text

_PREFIX = re.compile(r"(?:p|prob|proba|probability)[_ .-](?P<word>.+)")
# By how much a row's sum may differ from 1: seven probabilities of two decimals.
_ROUNDING = 0.05
_PERCENT = 100.0
_NOT_KNOWN = "nan"  # How programs write a missing number.


def project_name(name: str) -> str:
    """Return the project's name of a column that a user names: ``p_happy`` for ``happy`` and ``joy``, else the same."""
    emotion = answered_emotion(name)
    return name if emotion is None else f"p_{emotion}"


def emotions_in(table: pd.DataFrame, path: Path, labels: Mapping[str, str]) -> dict[str, str]:
    """Return the emotion of each column of probabilities, by the column's name; empty without any.

    They are called ``p_<emotion>`` (also ``prob_``, ``proba_``, ``probability_``) or, if there is none of these, by two
    or more emotions alone, in the words of the project or of ``labels``. Raises InputError where one of the former
    holds no emotion but others do.
    """
    prefixed = {str(name): match["word"] for name in table if (match := _PREFIX.fullmatch(str(name)))}
    words = prefixed
    if not any(answered_emotion(word, labels) for word in prefixed.values()):
        words = {str(name): str(name) for name in table if answered_emotion(str(name), labels)}
        words = words if len(words) > 1 else {}
    found = {name: answered_emotion(word, labels) for name, word in words.items()}
    unknown = [name for name, emotion in found.items() if emotion is None]
    if unknown:
        raise InputError(
            f"{path}: the column {unknown[0]!r} is the probability of no emotion; say which one it is with "
            f"labels={{{key_text(words[unknown[0]])}: sad}}, for instance, or remove the column if it is none."
        )
    return {name: emotion for name, emotion in found.items() if emotion is not None}


def probabilities_in(table: pd.DataFrame, path: Path, columns: Mapping[str, str], comma: bool) -> pd.DataFrame:
    """Return the probabilities: a column ``p_<emotion>`` for each that ``columns`` names, rows of sum 1 or null.

    Those of two columns of one emotion are added. Percentages are recognised by their sums. ``comma``: numbers may have
    a decimal comma. Raises InputError for anything that is no probability.
    """
    raw = pd.DataFrame({name: _numbers(table[name], path, comma) for name in columns}, index=table.index)
    known = raw.notna().sum(axis=1)
    partly = raw[(known > 0) & (known < len(columns))]
    if len(partly):
        raise InputError(
            f"{path}: face {_face(table, partly.index[0])} has some of its probabilities only ({len(partly)} such "
            "rows); complete them, or empty them all where the model gave no answer."
        )
    sums = raw.sum(axis=1).where(known > 0)
    if ((sums - _PERCENT).abs().dropna() <= _PERCENT * _ROUNDING).all() and known.any():
        raw, sums = raw / _PERCENT, sums / _PERCENT
    wrong = raw[((raw < 0) | (raw > 1 + _ROUNDING)).any(axis=1) | ((sums - 1).abs() > _ROUNDING)]
    if len(wrong):
        place = wrong.index[0]
        raise InputError(
            f"{path}: the probabilities of face {_face(table, place)} are not of 0 to 1 with a sum of 1, but "
            f"{', '.join(f'{value:g}' for value in raw.loc[place])} ({len(wrong)} such rows); give probabilities of "
            "all emotions, after the softmax."
        )
    by_emotion = {
        f"p_{emotion}": raw[[name for name, its in columns.items() if its == emotion]].sum(axis=1, skipna=False)
        for emotion in ALL_EMOTIONS
        if emotion in columns.values()
    }
    return pd.DataFrame(by_emotion, index=table.index).div(sums, axis=0)


def _numbers(column: pd.Series, path: Path, comma: bool) -> list[float]:
    values = []
    for text in column:
        if pd.isna(text) or str(text).lower() == _NOT_KNOWN:
            values.append(np.nan)
            continue
        try:
            values.append(real(str(text), comma))
        except ValueError:
            raise InputError(
                f"{path}: the column {column.name!r} of probabilities holds {str(text)!r}, which is no number; correct "
                "it, or name the column otherwise if it is something else."
            ) from None
    return values


def _face(table: pd.DataFrame, place: object) -> str:
    return repr(table["sample_id"].loc[place])
