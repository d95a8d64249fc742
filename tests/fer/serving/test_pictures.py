"""What cannot be a picture or a face is refused in one sentence, before memory is spent on it."""

import base64
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from fer.pictures.bounded import MEGAPIXELS
from fer.serving.pictures import check_count, face_of, picture_of


def _chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content) & 0xFFFFFFFF)


def _png(width, height, *more):
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = _chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + pixels + _chunk(b"IEND", b"")


def _saved(size=(20, 10), form="PNG", mode="RGB"):
    file = BytesIO()
    Image.new(mode, size, 200 if mode == "L" else (200, 100, 50)).save(file, form)
    return file.getvalue()


def _text(content):
    return base64.b64encode(content).decode()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP"])
def test_a_picture_comes_back_as_its_pixels(form):
    picture = picture_of(_text(_saved(form=form)), "it")
    assert picture.shape == (10, 20, 3)
    assert np.abs(picture.astype(int) - [200, 100, 50]).max() < 6


def test_lines_and_the_beginning_of_a_data_address_are_no_fault():
    text = _text(_saved())
    wrapped = "\n".join(text[at : at + 60] for at in range(0, len(text), 60))
    assert picture_of(f"data:image/png;base64,{wrapped}\n", "it").shape == (10, 20, 3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not base64 !", "base64 -w0"),
        ("", "is empty"),
        (_text(b"some text"), "is no picture"),
        (_text(_saved((200, 200))[:200]), "cannot be read as a picture"),
        (_text(_png(10_000, 10_000)), f"more than {MEGAPIXELS} megapixels"),
        (_text(_png(100_000, 100_000)), "cannot be read as a picture"),
        (_text(_png(10, 10, _chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100_000_000))))), "cannot be read"),
        ("A" * 40_000_001, "send a smaller file"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_is_no_picture_or_too_large_is_refused(text, words, refused):
    with refused("the picture of row 3", words):
        picture_of(text, "the picture of row 3")


@pytest.mark.parametrize(
    ("rows", "shape"),
    [
        ([[0, 255, 7]], (1, 3)),
        (np.zeros((4, 5, 3), int).tolist(), (4, 5, 3)),
        (np.zeros((4, 5, 1), int).tolist(), (4, 5)),
        ([[1.0, 2.0]], (1, 2)),
    ],
)
def test_a_face_is_gray_or_rgb_of_any_size(rows, shape):
    face = face_of(rows, "it")
    assert (face.shape, face.dtype) == (shape, np.uint8)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [[]],
        [[1, 2], [3]],
        "face",
        5,
        None,
        [[1, 256]],
        [[-1, 2]],
        [[0.5, 2]],
        [["a"]],
        [[[1, 2]]],
        [[float("nan")]],
    ],
)
def test_what_is_no_face_is_refused(rows, refused):
    with refused("the face of row 1"):
        face_of(rows, "the face of row 1")


def test_a_request_has_between_one_and_64_rows(refused):
    with refused("at least one row"):
        check_count([])
    with refused("65 rows", "several requests"):
        check_count(range(65))
    check_count(range(64))
