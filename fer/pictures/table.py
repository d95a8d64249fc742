"""The table of predictions on pictures, one row per face, and the files it is written to."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fer.errors import InputError
from fer.pictures.faces import Face
from fer.text.spreadsheets import marked

# Endings of the files by format.
FORMATS = {"csv": ".csv", "parquet": ".parquet", "jsonl": ".jsonl"}


def face_rows(
    name: str,
    faces: Sequence[Face],
    emotions: Sequence[str],
    frame: int | None,
    time: float | None,
    people: Sequence[int],
) -> list[dict[str, object]]:
    """Return the rows of the faces of one picture or frame.

    Columns: ``picture`` (its name); of a video ``frame`` (from 0), ``time`` (seconds) and ``face``, a number that the
    same face keeps from frame to frame (in a picture: from left to right, from 0); ``x``, ``y``, ``width``,
    ``height`` of the box in pixels; ``confidence`` of the detector (0..1, NaN for one without); ``emotion``, the most
    probable one, with its ``probability``; and ``p_<emotion>`` for each.
    """
    rows: list[dict[str, object]] = []
    for face, number in zip(faces, people, strict=True):
        best = int(face.probabilities.argmax())
        x, y, width, height = (round(float(value), 1) for value in face.box)
        rows.append(
            {
                "picture": name, "frame": frame, "time": time, "face": number,
                "x": x, "y": y, "width": width, "height": height, "confidence": face.confidence,
                "emotion": emotions[best], "probability": float(face.probabilities[best]),
                **{f"p_{emotion}": float(p) for emotion, p in zip(emotions, face.probabilities, strict=True)},
            }
        )  # fmt: skip
    return rows


def face_table(rows: Sequence[dict[str, object]], emotions: Sequence[str]) -> pd.DataFrame:
    """Return the table of all rows; without a row it has the columns all the same. Frames are null for pictures."""
    columns = ["picture", "frame", "time", "face", "x", "y", "width", "height", "confidence", "emotion", "probability"]
    table = pd.DataFrame(list(rows), columns=[*columns, *(f"p_{emotion}" for emotion in emotions)])
    return table.astype({"frame": "Int64", "time": "Float64", "face": "int64"})


def check_format(form: str) -> None:
    """Raise InputError for an unknown format."""
    if form not in FORMATS:
        raise InputError(f"unknown format {form!r}; use one of {', '.join(FORMATS)}.")


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as its path's ending says: CSV (safe to open in a spreadsheet), Parquet or JSON lines."""
    if path.suffix == FORMATS["parquet"]:
        table.to_parquet(path, index=False)
    elif path.suffix == FORMATS["jsonl"]:
        path.write_text(json_lines(table), encoding="utf-8")
    else:
        marked(table).to_csv(path, index=False, float_format="%.6g")


def json_lines(table: pd.DataFrame) -> str:
    """Return a table as JSON lines; what is unknown is null."""
    content: str = table.to_json(orient="records", lines=True, force_ascii=False)
    return content.replace("\\/", "/")  # pandas escapes each slash, which JSON does not ask for.


def summary_table(table: pd.DataFrame, emotions: Sequence[str]) -> pd.DataFrame:
    """Return how many faces show each emotion: ``faces``, ``percent`` and mean ``probability`` of those; then all.

    An emotion that no face shows has 0 faces and no mean (NaN).
    """
    by = table.groupby("emotion")["probability"]
    counted = pd.DataFrame({"faces": by.size(), "probability": by.mean()}).reindex(list(emotions))
    counted["faces"] = counted["faces"].fillna(0).astype(int)
    counted.loc["all"] = [len(table), table["probability"].mean()]
    counted["faces"] = counted["faces"].astype(int)
    counted.insert(1, "percent", 100 * counted["faces"] / max(len(table), 1))
    return counted.rename_axis("emotion").reset_index()
