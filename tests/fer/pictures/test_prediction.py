"""Predictions on pictures and videos: what cannot be read is named, the rest goes on; tables and copies agree."""

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.pictures.inputs import Input, Kind, inputs_of
from fer.pictures.prediction import predict_on
from fer.pictures.table import write_table
from fer.steps.predicting import prediction_record, write_predictions
from fer.storage.record_folder import write_record


def _video(path, pictures):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (200, 100))
    for one in pictures:
        writer.write(cv2.cvtColor(one, cv2.COLOR_RGB2BGR))
    writer.release()


@pytest.fixture
def folder(tmp_path, picture):
    place = tmp_path / "in"
    place.mkdir()
    Image.fromarray(picture((20, 10, 40, 250), (120, 30, 40, 90))).save(place / "two.png")
    Image.fromarray(picture()).save(place / "none.png")
    Image.fromarray(picture(*((20 * at, 20 * (at % 3), 15, 200) for at in range(30)), width=600)).save(
        place / "many.png"
    )
    (place / "text.jpg").write_text("no picture")
    _video(place / "walk.mp4", [picture((10 + 2 * at, 10, 40, 250 if at < 12 else 80)) for at in range(20)])
    (place / "broken.mp4").write_text("no video")
    return place


def test_a_folder_goes_on_past_what_cannot_be_read(folder, reader, tmp_path):
    done = predict_on(inputs_of([str(folder)]), reader, copies=tmp_path / "copies")
    counts = {one.input.path.name: (one.pictures, one.faces) for one in done.seen}
    assert counts == {
        "broken.mp4": (0, 0), "many.png": (1, 30), "none.png": (1, 0), "text.jpg": (0, 0), "two.png": (1, 2),
        "walk.mp4": (20, 20),
    }  # fmt: skip
    assert len(done.faults) == 2
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in done.faults)
    assert {file.name for file in (tmp_path / "copies").iterdir()} == {"many.jpg", "none.jpg", "two.jpg", "walk.mp4"}


def test_a_row_says_where_and_what(folder, reader):
    table = predict_on(inputs_of([str(folder / "two.png")]), reader).table
    assert table[["face", "x", "y", "width", "height", "emotion"]].values.tolist() == [
        [0, 20, 10, 40, 40, "happy"],
        [1, 120, 30, 40, 40, "sad"],
    ]
    assert np.allclose(table["p_happy"] + table["p_sad"], 1)
    assert table["frame"].isna().all()


def test_a_face_in_a_video_keeps_its_number_and_changes_its_emotion(folder, reader):
    done = predict_on(inputs_of([str(folder / "walk.mp4")]), reader, every=2)
    table = done.table
    assert table["frame"].tolist() == list(range(0, 20, 2))
    assert table["time"].tolist() == pytest.approx([at / 10 for at in range(0, 20, 2)])
    assert table["face"].unique().tolist() == [0]
    assert table["emotion"].tolist() == ["happy"] * 6 + ["sad"] * 4
    assert done.seen[0].step == pytest.approx(0.2)


def test_a_video_that_ends_early_is_used_until_there(folder, reader):
    whole = (folder / "walk.mp4").read_bytes()
    path = folder / "cut.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (200, 100))
    for _ in range(40):
        writer.write(np.full((100, 200, 3), 200, np.uint8))
    writer.release()
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    done = predict_on(inputs_of([str(path)]), reader)
    assert whole
    assert 0 < done.seen[0].pictures < 40
    assert "ends after frame" in done.faults[0]


def test_a_camera_that_is_not_there_is_named(reader):
    done = predict_on([Input(Kind.CAMERA, "camera:99", camera=99)], reader, seconds=1)
    assert done.faults == [
        "camera:99: the camera cannot be opened: it is not there, in use, or not allowed; give another."
    ]


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_each_format_is_read_back(form, folder, reader, tmp_path):
    table = predict_on(inputs_of([str(folder / "two.png"), str(folder / "walk.mp4")]), reader).table
    write_table(table, tmp_path / f"faces.{form}")
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "jsonl": lambda path: pd.read_json(path, lines=True)}
    back = read[form](tmp_path / f"faces.{form}")
    assert list(back) == list(table)
    assert back["emotion"].tolist() == table["emotion"].tolist()
    assert np.allclose(back["p_happy"], table["p_happy"], atol=1e-6)


def test_the_folder_and_the_record_hold_tables_and_timelines_and_no_picture(folder, reader, tmp_path):
    done = predict_on(inputs_of([str(folder)]), reader)
    (tmp_path / "out").mkdir()
    write_predictions(done, tmp_path / "out", "csv")
    assert {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()} == {
        "faces.csv", "summary.csv", "inputs.csv", "walk.png",
    }  # fmt: skip
    summary = pd.read_csv(tmp_path / "out" / "summary.csv").set_index("emotion")["faces"]
    assert summary["all"] == summary["happy"] + summary["sad"] == 52
    record = prediction_record(done, "brightness")
    write_record(record, tmp_path / "record")
    assert record.metrics["predict/faults"] == 2
    assert "text.jpg" in record.description


def test_nothing_found_is_a_table_without_rows(folder, reader):
    done = predict_on(inputs_of([str(folder / "none.png")]), reader)
    assert list(done.table)[-2:] == ["p_happy", "p_sad"]
    assert len(done.table) == 0
    assert prediction_record(done, "brightness").metrics["predict/without_face"] == 1
