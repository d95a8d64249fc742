"""What people upload: bounded before it is decoded, in memory alone, one clear sentence for what cannot be used."""

import io
import struct
import tempfile
import tracemalloc
import zlib
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from fer.errors import InputError
from fer.live import read_picture, read_video
from fer.live.videos import MINUTES


def saved(picture, form="PNG", **options):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, form, **options)
    return buffer.getvalue()


def png_of(width, height, data):
    """Return a PNG that says it has so many gray pixels, with ``data`` as its compressed content."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def video(times, size=(96, 64), form="matroska", codec="mjpeg", draw=lambda at: 128):
    """Return a video with gray frames at these seconds."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for at in times:
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), draw(at), np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(1000 * at), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.fixture
def no_files(monkeypatch, tmp_path):
    """Let temporary files be made nowhere."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))


def test_a_picture_is_read_upright(no_files):
    picture = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    assert np.array_equal(read_picture(saved(picture)), picture)
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_picture(saved(picture, "JPEG", exif=exif)).shape == (30, 20, 3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "face.jpg is empty"),
        (b"this is a text, not a picture\n" * 100, "face.jpg is no picture"),
        (png_of(10_000, 10_000, zlib.compress(bytes(100))), "more than 40 megapixels"),
        (png_of(60_000, 60_000, zlib.compress(bytes(100))), "more than 40 megapixels"),
        (png_of(8_000, 6_000, zlib.compress(bytes(100))), "8000 x 6000 pixels, more than 40 megapixels"),
        (saved(np.zeros((50, 50, 3), np.uint8))[:60], "cannot be read as a picture"),
        (bytes(31_000_000), "has 31 MB, more than 30"),
    ],
    ids=["empty", "text", "100 megapixels", "beyond Pillow's limit", "48 megapixels", "cut", "31 MB"],
)
def test_what_is_no_picture_or_too_large_is_refused_in_one_sentence(content, reason, no_files):
    with pytest.raises(InputError, match=reason) as refused:
        read_picture(content, "face.jpg")
    assert str(refused.value).startswith("face.jpg ")
    assert "\n" not in str(refused.value)


def test_a_png_that_unpacks_to_more_than_it_says_takes_no_more_memory_than_it_says(no_files):
    bomb = png_of(100, 100, zlib.compress(bytes(50_000_000), 9))
    tracemalloc.start()
    try:
        read_picture(bomb)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000


def test_a_video_is_read_in_its_order_and_at_the_asked_rate(no_files):
    content = video([step / 25 for step in range(50)], draw=lambda at: int(100 * at))
    found = read_video(content, "clip.mkv")
    assert (found.size, found.rate, found.remark) == ((64, 96), 25, "")
    assert found.seconds == pytest.approx(2, abs=0.1)
    frames = list(found.frames())
    assert [at for at, _ in frames] == pytest.approx([step / 25 for step in range(50)], abs=1e-3)
    assert all(frame.shape == (64, 96, 3) and frame.dtype == np.uint8 for _, frame in frames)
    assert [frame.mean() for _, frame in frames] == pytest.approx([100 * at for at, _ in frames], abs=6)
    assert len(list(found.frames(5))) == 10
    assert len(list(found.frames(10))) == 20
    assert len(list(found.frames(1000))) == 50
    assert "content" not in repr(found)


def test_of_a_video_of_four_hours_the_first_minutes_are_read_and_that_is_said(no_files):
    found = read_video(video(range(0, 4 * 3600 + 1, 60)), "long.mkv")
    assert found.remark == f"long.mkv is 4 h 0 min long; its first {MINUTES} minutes are read."
    assert [round(at) for at, _ in found.frames()] == [60 * minute for minute in range(MINUTES + 1)]


@pytest.mark.parametrize("form", ["mp4", "avi", "matroska", "mpegts"])
def test_usual_forms_are_read(form, no_files):
    found = read_video(video([step / 25 for step in range(10)], form=form, codec="mpeg4"))
    assert len(list(found.frames())) == 10


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "clip.mp4 is empty"),
        (b"no video at all\n" * 1000, "clip.mp4 is no video that can be read"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "clip.mp4 is no video that can be read"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "clip.mp4 is no video that can be read"),
        (saved(np.zeros((50, 50, 3), np.uint8)), "clip.mp4 is no video that can be read"),
        (video([0.0], size=(4000, 3000)), "more than 9 megapixels"),
        (video([0.0, 0.04])[:200], "clip.mp4 "),
    ],
    ids=["empty", "text", "playlist", "list of files", "picture", "12 megapixels", "cut"],
)
def test_what_is_no_video_or_too_large_is_refused_in_one_sentence(content, reason, no_files):
    with pytest.raises(InputError, match=reason) as refused:
        list(read_video(content, "clip.mp4").frames())
    assert "\n" not in str(refused.value)


def test_a_video_of_too_many_bytes_is_refused(monkeypatch):
    monkeypatch.setattr("fer.live.videos.MEGABYTES", 0.001)
    with pytest.raises(InputError, match="choose a shorter video"):
        read_video(bytes(3000))


def test_sound_alone_is_refused():
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(InputError, match="has sound but no pictures"):
        read_video(buffer.getvalue())


def test_a_damaged_video_gives_what_is_before_the_damage(no_files):
    whole = video([step / 25 for step in range(50)])
    found = read_video(whole[: len(whole) // 2])
    assert 10 < len(list(found.frames())) < 50
