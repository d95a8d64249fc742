"""Readers against damage: 2,000 mutated annotation files and images; no crash, no wrong row, no wrong picture."""

import csv
import io
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fer.data.emotions import EMOTIONS
from fer.errors import InputError
from fer.sources.eila_annotations import read_annotations, read_demographics
from fer.sources.eila_videos import Options, read
from fer.sources.images import prepare_face, read_image

# The files of one test are written over one another: hypothesis may share the folder between examples.
FUZZ = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture], "print_blob": True}
NASTY = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "-1", "nan", "inf", "1e400", "1e9", "0x10", "٣", "None", "True", '"', "'", "[", "[[['Sad']]]"]
    ),
    st.sampled_from(["[['Sad'], ['Sad'], ['Sad']]", "['No annotation'] * 3", "[['Sad']]", "[" * 300, "../..", "\x00"]),
    st.floats().map(repr),
    st.integers().map(str),
)
EDIT = st.tuples(
    st.sampled_from(["replace", "insert", "delete", "copy"]),
    st.integers(0, 10**6),
    st.integers(1, 12),
    st.binary(max_size=6),
)


def edited(content, edits):
    """Apply edits to bytes: (what, where modulo the length, how much, with what)."""
    for kind, place, length, fresh in edits:
        at = place % max(len(content), 1)
        if kind == "replace":
            content = content[:at] + fresh + content[at + len(fresh) :]
        elif kind == "insert":
            content = content[:at] + fresh + content[at:]
        elif kind == "delete":
            content = content[:at] + content[at + length :]
        else:
            content = content[:at] + content[at : at + 20 * length] + content[at:]
    return content


def check_row(row):
    """Hold a row that was accepted to what a row must be."""
    assert isinstance(row["video"], str) and row["video"]
    for name in ("clip_id", "person_id", "frame"):
        assert isinstance(row[name], int) and 0 <= row[name] <= 10**9
    x, y, width, height = (row[name] for name in ("x", "y", "width", "height"))
    assert all(math.isfinite(value) for value in (x, y, width, height))
    assert width > 0 and height > 0 and x < 100 and y < 100 and x + width > 0 and y + height > 0
    assert len(row["votes"]) <= 3 and set(row["votes"]) <= set(EMOTIONS)


def one_sentence(error):
    assert "\n" not in str(error).replace("\\n", "")
    return True


@pytest.fixture(scope="module")
def annotations(clips):
    return (clips / "annotations.csv").read_bytes()


@settings(max_examples=600, **FUZZ)
@given(edits=st.lists(EDIT, min_size=1, max_size=4))
def test_mutated_bytes_of_annotations_give_good_rows_or_problems(annotations, tmp_path, edits):
    (tmp_path / "annotations.csv").write_bytes(edited(annotations, edits))
    try:
        table = read_annotations(tmp_path / "annotations.csv")
    except InputError as error:
        assert one_sentence(error)
        return
    for row in table.to_dict("records"):
        if row["problem"] is None:
            check_row(row)
        else:
            assert isinstance(row["problem"], str) and row["votes"] is None and row["frame"] is None


@settings(max_examples=500, **FUZZ)
@given(number=st.integers(0, 59), column=st.integers(0, 8), value=NASTY)
def test_a_mutated_cell_changes_no_other_row(annotations, clips, tmp_path, number, column, value):
    rows = list(csv.reader(io.StringIO(annotations.decode())))
    rows[number + 1][column] = value
    with open(tmp_path / "annotations.csv", "w", newline="", encoding="utf-8", errors="replace") as file:
        csv.writer(file).writerows(rows)
    whole = read_annotations(clips / "annotations.csv")
    try:
        table = read_annotations(tmp_path / "annotations.csv")
    except InputError as error:
        assert "\n" in value or "\r" in value or "\x00" in value, error
        return
    pd.testing.assert_frame_equal(table.drop(index=number), whole.drop(index=number))
    changed = table.loc[number]
    if changed["problem"] is None:
        check_row(changed)
        names = ["video", "clip_id", "votes", "frame", "x", "y", "width", "height", "person_id"]
        others = [name for place, name in enumerate(names) if place != column]
        assert changed[others].tolist() == whole.loc[number, others].tolist()


@settings(max_examples=300, **FUZZ)
@given(edits=st.lists(EDIT, min_size=1, max_size=4), where=st.sampled_from(["annotations.csv", "demographics.csv"]))
def test_a_mutated_release_lists_every_row_once(clips, tmp_path, edits, where):
    raw = tmp_path / "raw"
    raw.mkdir(exist_ok=True)
    for name in ("annotations.csv", "demographics.csv"):
        content = (clips / name).read_bytes()
        (raw / name).write_bytes(edited(content, edits) if name == where else content)
    for video in clips.glob("drawn_*"):
        if not (raw / video.name).exists():
            (raw / video.name).symlink_to(video)
    try:
        listing = read(raw, Options())
        count = len(read_annotations(raw / "annotations.csv"))
        people, _ = read_demographics(raw / "demographics.csv")
    except InputError as error:
        assert one_sentence(error)
        return
    assert len(listing.samples) + len(listing.rejected) == count
    assert listing.samples["sample_id"].is_unique
    assert len(listing.regions) == len(listing.samples)
    known = {who["person"] for who in people.values()}
    assert set(listing.samples.get("person", pd.Series(dtype=object)).dropna()) <= known
    if len(listing.samples):
        assert listing.samples["split"].isin(["train", "validation", "test"]).all()


def pictures():
    """Return small pictures of many kinds, as files' bytes by name."""
    stream = np.random.default_rng(0)
    gray, coloured = stream.integers(0, 256, (20, 24), np.uint8), stream.integers(0, 256, (20, 24, 3), np.uint8)
    kinds = {
        "gray.png": Image.fromarray(gray),
        "colour.png": Image.fromarray(coloured),
        "deep.png": Image.fromarray(gray.astype(np.uint16) * 257),
        "palette.png": Image.fromarray(coloured).quantize(16),
        "clear.png": Image.fromarray(coloured).convert("RGBA"),
        "colour.jpg": Image.fromarray(coloured),
        "cmyk.jpg": Image.fromarray(coloured).convert("CMYK"),
        "gray.bmp": Image.fromarray(gray),
        "colour.tif": Image.fromarray(coloured),
        "colour.webp": Image.fromarray(coloured),
    }
    files = {}
    for name, image in kinds.items():
        buffer = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6
        extra = {"exif": exif} if name == "colour.jpg" else {}
        image.save(buffer, format={"jpg": "JPEG", "tif": "TIFF"}.get(name[-3:], name.split(".")[1].upper()), **extra)
        files[name] = buffer.getvalue()
    return files


FILES = pictures()


@settings(max_examples=600, **FUZZ)
@given(name=st.sampled_from(sorted(FILES)), edits=st.lists(EDIT, min_size=1, max_size=4))
@pytest.mark.filterwarnings("ignore")  # Pillow warns of damage that it can read past.
def test_a_mutated_image_gives_a_face_or_a_reason(tmp_path, name, edits):
    (tmp_path / name).write_bytes(edited(FILES[name], edits))
    try:
        image = read_image(tmp_path / name)
    except (OSError, ValueError):
        return
    assert image.dtype == np.uint8 and image.ndim in (2, 3) and min(image.shape) >= 1
    assert prepare_face(image, 48, 1).shape == (48, 48)
    assert prepare_face(image, 48, 3).shape == (48, 48, 3)
