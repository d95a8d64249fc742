"""Videos: the frames that were asked for, in order, each once; and what no video can be."""

import cv2
import numpy as np
import pytest

from fer.sources.video import VIDEO_SUFFIXES, VideoError, find_video, frames

LEVELS = [10, 60, 110, 160, 210, 40, 90, 140, 190, 240]


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    """Return a video of ten frames, each of one gray level."""
    path = tmp_path_factory.mktemp("video") / "levels.mp4"
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 48))
    for level in LEVELS:
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return path


@pytest.mark.parametrize("wanted", [[0], [9], [3, 4], [7, 2, 2, 5], range(10), []])
def test_each_wanted_frame_comes_once_in_order(video, wanted):
    seen = [(number, round(float(frame.mean()))) for number, frame in frames(video, wanted)]
    assert [number for number, _ in seen] == sorted(set(wanted))
    for number, level in seen:
        assert abs(level - LEVELS[number]) <= 4


def test_frames_are_rgb_of_the_videos_size(tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "red.mp4"), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 48))
    writer.write(np.full((48, 64, 3), (0, 0, 220), np.uint8))  # OpenCV writes blue first.
    writer.release()
    [(_, frame)] = frames(tmp_path / "red.mp4", [0])
    assert frame.shape == (48, 64, 3) and frame.dtype == np.uint8
    red, green, blue = frame.reshape(-1, 3).mean(axis=0)
    assert red > 180 and green < 40 and blue < 40


def test_a_video_that_ends_early_gives_what_it_has(video):
    assert [number for number, _ in frames(video, [8, 9, 10, 500])] == [8, 9]


def test_a_video_cut_short_gives_no_wrong_frame(video, tmp_path):
    whole = video.read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(VideoError, match=r"cut\.mp4"):
        list(frames(tmp_path / "cut.mp4", [0]))


def test_damage_within_a_video_costs_its_frames_and_not_the_rest(clips, tmp_path):
    path = clips / "drawn_00" / "Complete.mp4"
    whole = dict(frames(path, range(60)))
    content = bytearray(path.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 6000] = bytes(place * 7 % 256 for place in range(6000))
    (tmp_path / "damaged.mp4").write_bytes(content)
    left = dict(frames(tmp_path / "damaged.mp4", range(60)))
    assert 30 < len(left) < len(whole) == 60
    assert max(left) == 59
    for number, frame in left.items():  # Damage may smear a picture; a frame of another place would differ more.
        assert np.abs(frame.astype(int) - whole[number].astype(int)).mean() < 20


@pytest.mark.parametrize("content", [b"", b"no video", bytes(5000)])
def test_what_is_no_video_is_named(tmp_path, content):
    (tmp_path / "bad.mp4").write_bytes(content)
    with pytest.raises(VideoError, match=r"bad\.mp4"):
        list(frames(tmp_path / "bad.mp4", [0]))


@pytest.mark.parametrize("suffix", VIDEO_SUFFIXES)
def test_a_video_is_found_in_its_folder_or_flat(tmp_path, suffix):
    (tmp_path / f"flat{suffix}").touch()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / f"Complete{suffix}").touch()
    assert find_video(tmp_path, "flat") == tmp_path / f"flat{suffix}"
    assert find_video(tmp_path, "deep") == tmp_path / "deep" / f"Complete{suffix}"
    assert find_video(tmp_path, "absent") is None


def test_a_videos_name_may_be_in_capitals(tmp_path):
    (tmp_path / "tag").mkdir()
    (tmp_path / "tag" / "COMPLETE.MP4").touch()
    (tmp_path / "flat.MKV").touch()
    assert find_video(tmp_path, "tag") == tmp_path / "tag" / "COMPLETE.MP4"
    assert find_video(tmp_path, "flat") == tmp_path / "flat.MKV"


@pytest.mark.parametrize("tag", ["", ".", "..", "../outside", "/etc", "deep/down"])
def test_a_tag_never_leads_out_of_the_folder(tmp_path, tag):
    inside = tmp_path / "inside"
    (inside / "deep" / "down").mkdir(parents=True)
    for folder in (inside, tmp_path, tmp_path / "outside", inside / "deep" / "down"):
        folder.mkdir(exist_ok=True)
        (folder / "Complete.mp4").touch()
    assert find_video(inside, tag) is None


def test_a_tag_in_one_unicode_form_finds_its_video_in_the_other(tmp_path):
    short, long = "Chloé", "Chloe\u0301"
    (tmp_path / f"{long}.MP4").touch()
    assert find_video(tmp_path, short) == tmp_path / f"{long}.MP4"
    (tmp_path / short).mkdir()
    (tmp_path / short / "complete.mkv").touch()
    assert find_video(tmp_path, long) == tmp_path / short / "complete.mkv"
