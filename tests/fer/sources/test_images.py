"""Reading images: modes, rotation, damage; resizing; the order of files."""

import numpy as np
import pytest
from PIL import Image

from fer.sources.images import INTERPOLATIONS, emotion_folders, image_files, prepare_face, read_image


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (9, 7, 3), dtype=np.uint8)


def test_gray_stays_gray_and_colour_is_rgb(tmp_path, noise):
    Image.fromarray(noise).save(tmp_path / "colour.png")
    Image.fromarray(noise[..., 0]).save(tmp_path / "gray.png")
    assert np.array_equal(read_image(tmp_path / "colour.png"), noise)
    assert np.array_equal(read_image(tmp_path / "gray.png"), noise[..., 0])


def test_sixteen_bits_are_scaled_and_transparency_is_white(tmp_path, noise):
    deep = noise[..., 0].astype(np.uint16) * 257
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert np.array_equal(read_image(tmp_path / "deep.png"), noise[..., 0])
    clear = np.dstack([noise, np.zeros((9, 7), np.uint8)])
    clear[0, 0, 3] = 255
    Image.fromarray(clear).save(tmp_path / "clear.png")
    image = read_image(tmp_path / "clear.png")
    assert np.array_equal(image[0, 0], noise[0, 0])
    assert (image.reshape(-1, 3)[1:] == 255).all()


def test_a_palette_is_read_as_colour(tmp_path, noise):
    Image.fromarray(noise).quantize(200).save(tmp_path / "palette.png")
    assert np.abs(read_image(tmp_path / "palette.png").astype(int) - noise).max() < 60


def test_a_rotated_photo_is_set_upright(tmp_path, noise):
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned clockwise by 90 degrees.
    Image.fromarray(noise).save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(read_image(tmp_path / "turned.png"), np.rot90(noise, -1))


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif", "webp"])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.9])
def test_a_truncated_file_of_any_kind_is_an_error_that_is_counted(tmp_path, suffix, share):
    stream = np.random.default_rng(1)
    file = tmp_path / f"face.{suffix}"
    Image.fromarray(stream.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises((OSError, ValueError)):
        read_image(file)


def test_an_image_too_large_to_be_a_face_is_an_error_that_is_counted(tmp_path, noise, monkeypatch):
    Image.fromarray(noise).save(tmp_path / "large.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 20)
    with pytest.raises(ValueError, match="exceeds limit"):
        read_image(tmp_path / "large.png")


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize(("channels", "shape"), [(1, (5, 5)), (3, (5, 5, 3))])
def test_faces_have_the_size_and_colour_asked_for(noise, interpolation, channels, shape):
    for image in (noise, noise[..., 0]):
        face = prepare_face(image, 5, channels, interpolation)
        assert face.shape == shape
        assert face.dtype == np.uint8


def test_gray_is_luma_and_a_fitting_face_is_not_touched(noise):
    face = prepare_face(noise[:7], 7, 1)
    assert np.abs(face - noise[:7] @ np.array([0.299, 0.587, 0.114])).max() <= 1
    assert np.array_equal(prepare_face(noise[:7], 7, 3), noise[:7])


def test_area_averages_and_nearest_picks():
    halves = np.tile(np.array([[0, 200]], np.uint8), (8, 4))
    assert (prepare_face(halves, 4, 1, "area") == 100).all()
    assert set(np.unique(prepare_face(halves, 4, 1, "nearest"))) <= {0, 200}


def test_files_stand_in_the_order_of_their_numbers(tmp_path):
    for name in ("a_10.png", "a_9.png", "B_9.JPG", ".hidden_1.png", "notes_1.txt"):
        (tmp_path / name).touch()
    assert [path.name for path in image_files(tmp_path)] == ["B_9.JPG", "a_9.png", "a_10.png"]


def test_emotion_folders_are_canonical_and_hidden_ones_left_out(tmp_path):
    for name in ("Sadness", "Anger", ".git"):
        (tmp_path / name).mkdir()
    assert [emotion for emotion, _ in emotion_folders(tmp_path)] == ["angry", "sad"]
