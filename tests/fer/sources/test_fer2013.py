"""FER2013: the CSV and the folders have the same content; bad rows are named; splits follow the rule."""

import numpy as np
import pytest
from PIL import Image

from fer.sources.fer2013 import CODES, Options, read

USAGES = ("Training", "PublicTest", "PrivateTest")


@pytest.fixture
def faces():
    """Return 42 faces as (code, usage, pixels): each usage and emotion twice."""
    stream = np.random.default_rng(0)
    return [(row % 7, USAGES[row // 7 % 3], stream.integers(0, 256, (48, 48), dtype=np.uint8)) for row in range(42)]


def line(code, usage, pixels):
    return f"{code},{' '.join(map(str, np.ravel(pixels)))},{usage}"


@pytest.fixture
def write(tmp_path):
    def make(lines, header="emotion,pixels,Usage", name="fer2013.csv"):
        (tmp_path / name).write_text("\n".join([header, *lines]) + "\n")
        return tmp_path / name

    return make


@pytest.fixture
def folders(tmp_path, faces):
    """Write the faces as Kaggle's folders and return the folder."""
    root = tmp_path / "folders"
    for number, (code, usage, pixels) in enumerate(faces):
        place = root / ("train" if usage == "Training" else "test") / CODES[code]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{usage}_{number}.png")
    return root


def found(listing):
    """Return what a listing says of each face, in an order that does not depend on names."""
    rows = zip(*(listing.samples[name] for name in ("label", "split", "usage")), strict=True)
    return sorted((*row, listing.read(at).tobytes()) for at, row in enumerate(rows))


def test_csv_and_folders_give_the_same_faces(write, folders, faces):
    table = read(write([line(*face) for face in faces]), Options())
    assert len(table.samples) == 42
    assert table.rejected.empty
    assert found(table) == found(read(folders, Options()))
    assert found(table) == sorted(
        (CODES[code], "train" if usage == "Training" else "validation", usage, pixels.tobytes())
        for code, usage, pixels in faces
    )


def test_a_folder_that_holds_the_csv_and_other_column_orders_are_read(write, faces, tmp_path):
    code, usage, pixels = faces[4]
    text = " ".join(map(str, pixels.ravel()))
    file = write([f"{code},{usage},{text}"], "emotion, Usage, pixels", "icml_face_data.csv")
    listing = read(tmp_path, Options())
    assert listing.samples[["sample_id", "label", "split", "usage"]].values.tolist() == [
        ["Training_00000", "sad", "train", "Training"]
    ]
    assert np.array_equal(listing.read(0), pixels)
    assert found(listing) == found(read(file, Options()))


@pytest.mark.parametrize(("splits", "private"), [("paper", "validation"), ("field", "test")])
def test_split_rules(folders, splits, private):
    samples = read(folders, Options(splits=splits)).samples
    rule = samples.groupby("usage")["split"].unique().map(list).to_dict()
    assert rule == {"Training": ["train"], "PublicTest": ["validation"], "PrivateTest": [private]}


GOOD = "0 " * 2303 + "255"
BAD_LINES = {
    "too short a row": f"3,{GOOD}",
    "too long a row": f"3,{GOOD},Training,more",
    "a pixel too few": f"3,{GOOD[2:]},Training",
    "a pixel too many": f"3,{GOOD} 0,Training",
    "a pixel above 255": f"3,{GOOD.replace('255', '256')},Training",
    "a negative pixel": f"3,{GOOD.replace('255', '-1')},Training",
    "a pixel that is a word": f"3,{GOOD.replace('255', 'dark')},Training",
    "a pixel beyond any integer": f"3,{GOOD.replace('255', '9' * 30)},Training",
    "no pixels": "3,,Training",
    "an unknown usage": f"3,{GOOD},Test",
    "an unknown emotion": f"7,{GOOD},Training",
    "a negative emotion": f"-1,{GOOD},Training",
    "an emotion that is no word for one": f"joyless,{GOOD},Training",
    "an emotion between two": f"3.5,{GOOD},Training",
    "an emotion in other digits": f"٣,{GOOD},Training",
    "a pixel between two": f"3,{GOOD.replace('255', '25.5')},Training",
    "fields without text in between": ",,",
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_row_is_named_and_the_rest_goes_on(write, bad):
    listing = read(write([f"0,{GOOD},Training", bad, f"3,{GOOD},PublicTest"]), Options())
    assert listing.samples["label"].tolist() == ["angry", "happy"]
    assert listing.rejected["file"].tolist() == ["fer2013.csv line 3"]
    assert listing.rejected["reason"].str.len().item() > 0
    assert listing.read(1)[47, 47] == 255


@pytest.mark.parametrize("emotion", ["3", "3.0", " 3", "3e0", "happy", "Happiness"])
@pytest.mark.parametrize("usage", ["Training", " training ", "TRAINING"])
def test_numbers_and_words_are_read_as_people_write_them(write, emotion, usage):
    listing = read(write([f"{emotion},{GOOD},{usage}"]), Options())
    assert listing.rejected.empty
    assert listing.samples[["label", "usage"]].values.tolist() == [["happy", "Training"]]


def test_decimal_pixels_are_the_same_pixels(write):
    listing = read(write([f"3,{GOOD},Training", f"3,{GOOD.replace('255', '255.0')},Training"]), Options())
    assert np.array_equal(listing.read(0), listing.read(1))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_blank_lines_marks_and_separators_cost_no_row(tmp_path, separator, encoding):
    lines = ["", "emotion,pixels,Usage", "", f"0,{GOOD},Training", "   ", f"3,{GOOD},PublicTest", "", ",,", ",,", ""]
    text = "\n".join(lines).replace(",", separator)
    (tmp_path / "fer2013.csv").write_text(text, encoding=encoding)
    listing = read(tmp_path, Options())
    assert listing.rejected.empty
    assert listing.samples["label"].tolist() == ["angry", "happy"]


def test_the_reason_says_what_is_wrong(write):
    listing = read(write([BAD_LINES["too short a row"], BAD_LINES["a pixel too few"], BAD_LINES["an unknown emotion"]]),
                   Options())  # fmt: skip
    assert listing.rejected["reason"][0] == "2 fields where the header has 3"
    assert listing.rejected["reason"][1] == "2303 pixels instead of 2304"
    assert "emotion" in listing.rejected["reason"][2]
    assert "7" in listing.rejected["reason"][2]


@pytest.mark.parametrize("header", ["emotion,pixels", "a,b,c", ""])
def test_another_table_is_refused(write, header, refused):
    with refused("fer2013.csv", "emotion, pixels and Usage"):
        read(write([], header), Options())


def test_a_file_that_is_no_text_is_refused(tmp_path, refused):
    (tmp_path / "fer2013.zip").write_bytes(b"PK\x03\x04\xff\xfe\x00\x9d" * 100)
    with refused("fer2013.zip", "fer2013.csv"):
        read(tmp_path / "fer2013.zip", Options())


def test_a_quote_that_never_ends_is_refused(write, refused):
    lines = [f'3,"{GOOD},Training', *[f"3,{GOOD},Training"] * 40]
    with refused("fer2013.csv"):
        read(write(lines), Options())


def test_files_of_unknown_usage_are_rejected_by_name(folders):
    (folders / "train/happy").joinpath("Somebody_1.png").write_bytes(b"x")
    (folders / "train/happy").joinpath("notes.txt").write_text("not an image")
    listing = read(folders, Options())
    assert len(listing.samples) == 42
    assert listing.rejected["file"].tolist() == ["train/happy/Somebody_1.png"]
    assert "'Somebody'" in listing.rejected["reason"][0]


def test_missing_and_empty_folders_and_unknown_emotions_are_refused(folders, tmp_path, refused):
    with refused("fer2013", str(tmp_path / "absent"), "train/ and test/"):
        read(tmp_path / "absent", Options())
    (folders / "train/contempt").mkdir()
    with refused("'contempt'", str(folders / "train/contempt")):
        read(folders, Options())
    (folders / "train/contempt").rmdir()
    (folders / "test").rename(tmp_path / "test")
    with refused(str(folders / "test"), "train/ and test/"):
        read(folders, Options())
