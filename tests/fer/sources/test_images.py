"""Reading images: modes, rotation, damage; resizing; the order of files."""

import struct
import zlib

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


def test_sixteen_bit_colour_is_scaled(tmp_path, noise):
    """Written by hand: Pillow writes no PNG of 3 x 16 bits."""
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).astype(">u2").tobytes() for row in noise)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 7, 9, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    content = b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    (tmp_path / "deep.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    assert np.array_equal(read_image(tmp_path / "deep.png"), noise)


@pytest.mark.parametrize("kind", [np.int32, np.float32])
def test_pixels_of_32_bits_are_an_error_and_not_a_black_face(tmp_path, noise, kind):
    Image.fromarray(noise[..., 0].astype(kind)).save(tmp_path / "deep.tif")
    with pytest.raises(ValueError, match="32 bits"):
        read_image(tmp_path / "deep.tif")


def test_gray_stays_gray_with_transparency_and_with_one_bit(tmp_path, noise):
    alpha = np.where(np.arange(7) < 3, 255, 0).astype(np.uint8)
    layer = Image.merge("LA", [Image.fromarray(noise[..., 0]), Image.fromarray(np.tile(alpha, (9, 1)))])
    layer.save(tmp_path / "clear.png")
    image = read_image(tmp_path / "clear.png")
    assert np.array_equal(image[:, :3], noise[:, :3, 0])
    assert (image[:, 3:] == 255).all()
    Image.fromarray(noise[..., 0] > 100).save(tmp_path / "bits.png")
    assert np.array_equal(read_image(tmp_path / "bits.png"), np.where(noise[..., 0] > 100, 255, 0))


def test_a_palettes_clear_colour_is_white(tmp_path):
    picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    picture.putpalette([10, 20, 30, 200, 0, 0, 0, 0, 0])
    picture.save(tmp_path / "palette.png", transparency=1)
    assert read_image(tmp_path / "palette.png").tolist() == [[[10, 20, 30], [255, 255, 255], [0, 0, 0]]]


def test_printers_colours_become_rgb(tmp_path):
    for ink, colour in (((0, 255, 255, 0), (255, 0, 0)), ((0, 0, 0, 255), (0, 0, 0)), ((0, 0, 0, 0), (255, 255, 255))):
        Image.new("CMYK", (16, 16), ink).save(tmp_path / "ink.jpg", quality=95)
        assert np.abs(read_image(tmp_path / "ink.jpg").astype(int) - colour).max() <= 3


@pytest.mark.parametrize("suffix", ["gif", "webp", "tif", "png"])
def test_of_an_animation_the_first_frame_counts(tmp_path, suffix):
    frames = [Image.fromarray(np.full((9, 7), value, np.uint8)) for value in (10, 120, 240)]
    frames[0].save(
        tmp_path / f"moving.{suffix}",
        save_all=True,
        append_images=frames[1:],
        **{"lossless": True} if suffix == "webp" else {},
    )
    image = read_image(tmp_path / f"moving.{suffix}")
    assert image.shape[:2] == (9, 7)
    assert (image == 10).all()


def test_the_smallest_and_a_very_large_image_are_faces_too(tmp_path):
    Image.new("L", (1, 1), 77).save(tmp_path / "dot.png")
    assert prepare_face(read_image(tmp_path / "dot.png"), 48, 3).tolist() == [[[77] * 3] * 48] * 48
    Image.new("L", (8000, 8000), 77).save(tmp_path / "wall.png")
    assert (prepare_face(read_image(tmp_path / "wall.png"), 48, 1) == 77).all()


def test_a_palette_is_read_as_colour(tmp_path, noise):
    Image.fromarray(noise).quantize(200).save(tmp_path / "palette.png")
    assert np.abs(read_image(tmp_path / "palette.png").astype(int) - noise).max() < 60


def test_a_rotated_photo_is_set_upright(tmp_path, noise):
    exif = Image.Exif()
    exif[0x0112] = 6  # To be turned clockwise by 90 degrees.
    Image.fromarray(noise).save(tmp_path / "turned.png", exif=exif)
    assert np.array_equal(read_image(tmp_path / "turned.png"), np.rot90(noise, -1))
    Image.fromarray(noise[..., 0]).save(tmp_path / "turned.jpg", exif=exif)
    assert read_image(tmp_path / "turned.jpg").shape == (7, 9)


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tif", "webp", "gif"])
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


def test_files_are_in_the_order_of_their_numbers(tmp_path):
    for name in ("a_10.png", "a_9.png", "B_9.JPG", ".hidden_1.png", "notes_1.txt", "c_11.gif"):
        (tmp_path / name).touch()
    assert [path.name for path in image_files(tmp_path)] == ["B_9.JPG", "a_9.png", "a_10.png", "c_11.gif"]


def test_emotion_folders_are_canonical_and_hidden_ones_left_out(tmp_path):
    for name in ("Sadness", "Anger", ".git"):
        (tmp_path / name).mkdir()
    assert [emotion for emotion, _ in emotion_folders(tmp_path)] == ["angry", "sad"]


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("form", ["tiff", "png"])
def test_a_picture_of_fewer_bits_in_16_comes_out_as_bright_as_it_is(tmp_path, bits, form):
    levels = np.linspace(0, 2**bits - 1, 48 * 48).reshape(48, 48).astype(np.uint16)
    Image.fromarray(levels).save(tmp_path / f"a.{form}")
    read = read_image(tmp_path / f"a.{form}")
    assert (read.min(), read.max()) == (0, 255)
    assert np.array_equal(read, levels >> (bits - 8))


@pytest.mark.parametrize("white", [255, 4095, 65535])
def test_a_pgm_of_any_depth_is_read(tmp_path, white):
    levels = np.linspace(0, white, 64).astype(np.uint16).reshape(8, 8)
    pixels = levels.astype(">u2").tobytes() if white > 255 else levels.astype(np.uint8).tobytes()
    (tmp_path / "a.pgm").write_bytes(f"P5 8 8 {white}\n".encode() + pixels)
    read = read_image(tmp_path / "a.pgm")
    assert (read.min(), read.max()) == (0, 255)
    assert np.abs(read.astype(int) - levels.astype(int) * 255 // white).max() <= 1
