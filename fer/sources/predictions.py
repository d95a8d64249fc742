"""Predictions that were made elsewhere: a CSV or Parquet file with one row per face.

Three things are looked for by name: what identifies the face, its true emotion, and the model's answer (a predicted
emotion, one probability per emotion, or both). Every other column is kept: those that the project knows (``person``,
``clip``, ``race``, ...; :mod:`fer.data.samples`) are clusters and groups, any other is a group of the user's own.
Nothing is made up: without probabilities there are none, and a row without an answer stays unanswered.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from fer.data.emotions import ALL_EMOTIONS
from fer.data.labels import answered_emotion, check_mapping, harmonise
from fer.data.samples import ORIGIN
from fer.errors import InputError, refuse_repeated, shown
from fer.evaluation.given_predictions import NO_PREDICTION, NO_PROBABILITIES, GivenPredictions
from fer.sources.answer_columns import emotions_in, probabilities_in, project_name
from fer.sources.delimited import read_delimited
from fer.sources.layouts import SPLIT_WORDS
from fer.sources.table import NUMBERS
from fer.text.yaml_text import key_text

# By the project's name, the names that are looked for, in lower case and in this order.
NAMES: Mapping[str, tuple[str, ...]] = {
    "sample_id": ("sample_id", "sample", "id", "image_id", "face_id", "file", "filename", "file_name", "image", "path"),
    "label": ("label", "truth", "true", "y_true", "true_label", "ground_truth", "target", "emotion"),
    "predicted": ("predicted", "prediction", "y_pred", "pred", "predicted_label", "predicted_emotion", "answer"),
}
# The project's own: where a face lies, and of what it was made.
_RESERVED = ("row", *ORIGIN)
_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
_NOTHING: Mapping[str, str] = {}


def read_predictions(
    path: Path, columns: Mapping[str, str] = _NOTHING, labels: Mapping[str, str] = _NOTHING
) -> GivenPredictions:
    """Return the predictions in a CSV or Parquet file.

    Args:
        path: of the file; commas, semicolons, tabs or bars separate fields, and a number may have a decimal comma
            where no comma does.
        columns: the file's column by the project's name, such as ``{label: truth, happy: p_joy, person: subject}``;
            what is not named is found by :data:`NAMES`. An emotion names the column of its probability.
        labels: the user's words for emotions, see :mod:`fer.data.labels`. A face whose true emotion is dropped is left
            out; an answer is never dropped.

    Raises InputError for a file that is none of these, and for a row that cannot be used: without id, with an id that
    occurred before, without a label where others have one, with a word of no emotion or numbers that are no
    probabilities.

    """
    check_mapping(labels, None)
    table, comma = _text_of(path, columns)
    table = _renamed(table, path, columns)
    _check_ids(table, path)
    table = table.sort_values("sample_id", ignore_index=True)
    table, remarks = _with_labels(table, path, labels)
    found = emotions_in(table, path, labels)
    probabilities = probabilities_in(table, path, found, comma)
    samples = _typed(table.drop(columns=["predicted", *found], errors="ignore"), path, comma)
    return _answered(samples, _words(table, path, labels), probabilities, path, remarks)


def _text_of(path: Path, columns: Mapping[str, str]) -> tuple[pd.DataFrame, bool]:
    """Return the file's fields as text, null where empty, columns in lower case; and if numbers may have a comma."""
    if path.suffix.lower() not in _SUFFIXES:
        raise InputError(f"{path} is no table of predictions; give a file that ends in {', '.join(_SUFFIXES)}.")
    if not path.is_file():
        raise InputError(f"there is no file {path}; give a CSV or Parquet file of predictions.")
    table, comma = (_parquet(path), False) if path.suffix.lower() == ".parquet" else _csv(path, columns)
    names = [name for name in table if name]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path} has the column {shown(twice)} twice; rename one of them.")
    if table.empty:
        raise InputError(f"{path} has no rows; give a file with one row per face.")
    return table.loc[:, names], comma  # A column without a name is the row number that pandas writes.


def _csv(path: Path, columns: Mapping[str, str]) -> tuple[pd.DataFrame, bool]:
    wanted = {*map(_key, columns.values()), *(name for known in NAMES.values() for name in known)}
    read = read_delimited(path, wanted, "save it as one: CSV in UTF-8")
    rows = []
    for line, fields in read.rows:
        if len(fields) != len(read.names):
            raise InputError(
                f"{path} line {line} has {len(fields)} fields where its header has {len(read.names)}; separate all "
                "lines by the same sign, and quote a field that holds it."
            )
        rows.append([text or None for text in fields])
    return pd.DataFrame(rows, columns=read.names, dtype="str"), read.decimal_comma


def _parquet(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} is no Parquet file ({str(error).splitlines()[0]}); write it again.") from error
    # A column of the index is one of the table's.
    table = table if table.index.name is None else table.reset_index()
    return table.astype("str").rename(columns=lambda name: _key(str(name)))


def _renamed(table: pd.DataFrame, path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Return the table with the project's names for the columns that the user names or that are found by name."""
    asked = {_key(ours): _key(theirs) for ours, theirs in columns.items()}
    refuse_repeated(list(asked.values()), "columns")
    missing = [theirs for theirs in asked.values() if theirs not in table]
    if missing:
        raise InputError(f"{path} has the columns {_listed(table)} and lacks {missing[0]!r}, which columns= names.")
    named = {theirs: project_name(ours) for ours, theirs in asked.items()}
    for ours, names in NAMES.items():
        if ours in asked:
            continue
        found = [name for name in names if name in table and name not in named]
        if len(found) > 1 and ours != "sample_id" and ours not in found:  # Our own name is unmistakable.
            raise InputError(
                f"{path} has the columns {' and '.join(found)}, and either may be {ours}; say which by "
                f"columns={{{ours}: {key_text(found[0])}}}."
            )
        if found:
            named[found[0]] = ours
    renamed = table.rename(columns=named)
    for name in renamed:
        if list(renamed).count(name) > 1:
            raise InputError(
                f"{path} has a column {name!r} besides the one that columns= names so; name it otherwise too: "
                f"columns={{other_{name}: {key_text(name)}}}."
            )
        if name in _RESERVED:
            raise InputError(
                f"{path} has a column {name}, which is the project's own name; rename it with "
                f"columns={{other: {key_text(name)}}}."
            )
    if "sample_id" not in renamed:
        raise InputError(
            f"{path} has the columns {_listed(table)}, and none names the faces ({', '.join(NAMES['sample_id'])}); "
            "say which does by columns={sample_id: NAME}."
        )
    return renamed


def _check_ids(table: pd.DataFrame, path: Path) -> None:
    unnamed = int(table["sample_id"].isna().sum())
    if unnamed:
        raise InputError(f"{path}: {unnamed} of {len(table)} rows do not name their face; give every face its own id.")
    twice = table.loc[table["sample_id"].duplicated(), "sample_id"]
    if len(twice):
        raise InputError(
            f"{path}: the id {twice.iloc[0]!r} occurs twice ({len(twice)} rows repeat an id); give every face its own."
        )


def _with_labels(table: pd.DataFrame, path: Path, labels: Mapping[str, str]) -> tuple[pd.DataFrame, list[str]]:
    """Return the table with canonical labels, without the faces whose label is dropped."""
    if "label" not in table:
        return table, []
    missing = int(table["label"].isna().sum())
    if missing:
        raise InputError(f"{path}: {missing} of {len(table)} faces have no label; label or remove them.")
    kept = harmonise(table, labels=labels, emotions=ALL_EMOTIONS)
    remarks = []
    if len(kept.dropped):
        reasons = "; ".join(f"{why}: {count:,}" for why, count in kept.dropped["reason"].value_counts().items())
        remarks.append(f"{len(kept.dropped):,} of {len(table):,} rows of {path.name} are left out ({reasons}).")
    return table.iloc[kept.positions].assign(label=kept.labels).reset_index(drop=True), remarks


def _words(table: pd.DataFrame, path: Path, labels: Mapping[str, str]) -> pd.Series | None:
    """Return the predicted emotions, null where a row has none; None without such a column."""
    if "predicted" not in table or table["predicted"].isna().all():
        return None
    words = table["predicted"]
    meaning = {word: answered_emotion(word, labels) for word in words.dropna().unique()}
    unknown = words[words.map(meaning).isna() & words.notna()].value_counts()
    if len(unknown):
        word, others = unknown.index[0], len(unknown) - 1
        more = f" (and {others} other word{'s' if others > 1 else ''})" if others else ""
        raise InputError(
            f"{path}: the prediction {word!r} of {unknown.iloc[0]} face{'s' if unknown.iloc[0] > 1 else ''}{more} is "
            f"no emotion; say which one it is with labels={{{key_text(str(word))}: sad}}, for instance."
        )
    return words.map(meaning)


def _typed(samples: pd.DataFrame, path: Path, comma: bool) -> pd.DataFrame:
    """Return the samples with numbers for text where the project knows numbers, and with the project's splits."""
    typed = samples.copy()
    for name in [name for name in samples if name in NUMBERS]:
        try:
            typed[name] = [None if pd.isna(text) else NUMBERS[name](str(text), comma) for text in samples[name]]
        except ValueError as error:
            raise InputError(f"{path}: the column {name} holds something else than numbers ({error}).") from None
    if "split" in samples:
        typed["split"] = samples["split"].str.lower().map(SPLIT_WORDS)
        wrong = samples.loc[typed["split"].isna(), "split"]
        if len(wrong):
            raise InputError(
                f"{path}: the split {shown(wrong.iloc[0])} is none of {', '.join(SPLIT_WORDS)}; correct it, or name "
                "the column otherwise: columns={other_split: split}."
            )
    return typed


def _answered(
    samples: pd.DataFrame, words: pd.Series | None, probabilities: pd.DataFrame, path: Path, remarks: list[str]
) -> GivenPredictions:
    """Put answers and probabilities together; of a row with both, the stated answer holds."""
    if words is None and probabilities.empty:
        raise InputError(
            f"{path} has neither predictions ({', '.join(NAMES['predicted'])}) nor probabilities (p_happy, ...); name "
            "their columns, such as columns={predicted: NAME}."
        )
    rated = probabilities.notna().all(axis=1) if len(probabilities.columns) else pd.Series(False, index=samples.index)
    answered = rated if words is None else words.notna()
    if words is not None and len(probabilities.columns) and (rated != answered).any():
        raise InputError(
            f"{path}: {int((rated != answered).sum())} rows have a prediction or probabilities, but not both; complete "
            "them, or leave one of the two out of the file."
        )
    if not answered.any():
        raise InputError(f"{path}: no row has a prediction; give a file with the model's answers.")
    here = probabilities[answered].reset_index(drop=True)
    kept = samples[answered].reset_index(drop=True)
    if words is None:
        predicted = here.idxmax(axis=1).str.removeprefix("p_")
    else:
        predicted = words[answered].reset_index(drop=True)
    if len(here.columns):
        _check_vocabulary(kept, predicted, here, path)
        remarks = [*remarks, *_remarks(kept, predicted, here, path)]
    else:
        remarks = [*remarks, NO_PROBABILITIES]
    unanswered = samples[~answered].assign(reason=NO_PREDICTION).reset_index(drop=True)
    return GivenPredictions(kept, predicted.rename("predicted"), here, unanswered, remarks)


def _check_vocabulary(samples: pd.DataFrame, predicted: pd.Series, probabilities: pd.DataFrame, path: Path) -> None:
    for what, emotions in (("label", samples.get("label", predicted)), ("prediction", predicted)):
        outside = emotions[~("p_" + emotions).isin(list(probabilities))]
        if len(outside):
            emotion = outside.iloc[0]
            raise InputError(
                f"{path}: {int((emotions == emotion).sum())} faces have the {what} {emotion}, for which there is no "
                f"column of probabilities (there are: {', '.join(probabilities)}); give p_{emotion}"
                + (f", or leave these faces out with labels={{{emotion}: drop}}." if what == "label" else ".")
            )


def _remarks(samples: pd.DataFrame, predicted: pd.Series, probabilities: pd.DataFrame, path: Path) -> list[str]:
    """Return sentences on answers that contradict their probabilities, and on true emotions with a probability of 0."""
    rows, columns, values = np.arange(len(samples)), list(probabilities), probabilities.to_numpy()
    remarks = []
    stated = values[rows, [columns.index(f"p_{emotion}") for emotion in predicted]]
    against = int((stated < values.max(axis=1) - 1e-9).sum())
    if against:
        remarks.append(
            f"The predicted emotion is not the one with the largest probability in {against:,} of {len(samples):,} "
            f"rows of {path.name}: the stated predictions are used, and accuracy is of these."
        )
    if "label" in samples:
        true = values[rows, [columns.index(f"p_{emotion}") for emotion in samples["label"]]]
        if (true == 0).any():
            remarks.append(
                f"{int((true == 0).sum()):,} of {len(samples):,} faces of {path.name} have a probability of 0 for "
                "their true emotion, perhaps by rounding: the mean loss consists mostly of these."
            )
    return remarks


def _listed(table: pd.DataFrame) -> str:
    names = list(map(str, table))
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _key(name: str) -> str:
    return str(name).strip().lower()
