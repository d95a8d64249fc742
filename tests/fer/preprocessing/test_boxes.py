"""A table's boxes are cut; one that lies outside its picture costs its row, by name."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.preprocessing.pipeline import Recipe, preprocess

COLUMNS = "file,label,face_x,face_y,face_width,face_height"


@pytest.fixture
def made(tmp_path):
    """Return a maker of a dataset from one noisy picture of 100x80 and lines of label and box."""

    def make(*lines, **recipe):
        (tmp_path / "raw").mkdir()
        picture = np.random.default_rng(0).integers(0, 256, (80, 100), dtype=np.uint8)
        for row in range(len(lines)):
            Image.fromarray(picture).save(tmp_path / "raw" / f"{row}.png")
        table = [COLUMNS, *(f"{row}.png,{line}" for row, line in enumerate(lines))]
        (tmp_path / "raw" / "faces.csv").write_text("\n".join(table))
        given = {"split_ratios": (1, 0, 0), "split_rule": "stratified", "max_rejected": 0.9, "size": 16, **recipe}
        return picture, preprocess(Recipe("table", tmp_path / "raw", **given), tmp_path / "out")

    return make


def test_the_face_is_what_the_box_holds_and_a_row_without_one_is_the_picture(made):
    picture, result = made("sad,10,20,16,16", "sad,,,,", "sad,90.0,70,50,50", "sad,-6,-6,22,22")
    faces = result.dataset.faces()[:, :, :, 0]
    assert np.array_equal(faces[0], picture[20:36, 10:26])
    assert np.array_equal(faces[1], np.asarray(Image.fromarray(picture).resize((16, 16), Image.Resampling.BILINEAR)))
    assert np.array_equal(
        faces[2], np.asarray(Image.fromarray(picture[70:, 90:]).resize((16, 16), Image.Resampling.BILINEAR))
    )
    assert np.array_equal(faces[3], picture[:16, :16])
    assert result.dataset.samples["face_x"].tolist()[0] == 10
    assert pd.isna(result.dataset.samples["face_x"][1])


@pytest.mark.parametrize("box", ["100,0,10,10", "0,80,10,10", "10,10,0,5", "10,10,5,-5", "-20,0,10,10"])
def test_a_box_outside_costs_its_row(made, box):
    _, result = made("sad,10,20,16,16", f"sad,{box}")
    assert len(result.dataset) == 1
    [row] = result.rejected.to_dict("records")
    assert (row["file"], row["kind"]) == ("1.png", "box outside")
    assert "100x80" in row["reason"]
    assert result.dataset.lost["reason"].tolist() == ["box outside"]
