"""Frames never queue, faults do not end the reader, people keep their numbers."""

import gc
import threading
import time as clock

import numpy as np
import pytest

from fer.live import LiveReader, SceneReader, still_scene
from fer.live.carrying import carried, gray_of


def shifted(frame, x):
    return np.roll(frame, x, axis=1)


def test_a_face_is_read_and_followed(face_reader, threshold, frame, told):
    scenes = SceneReader(face_reader, threshold, every=3)
    for step in range(10):
        told.boxes = [[100 + 4 * step, 100, 80, 80]]
        seen = scenes.read(shifted(frame, 4 * step), step / 15)
        [face] = seen.faces
        assert face.number == 0
        assert face.box == pytest.approx([100 + 4 * step, 100, 80, 80], abs=1.5)
    assert face.emotion == "happy"
    assert seen.size == (480, 640)
    assert told.detected == 4, "frames 0, 3, 6 and 9"


def test_a_box_whose_pixels_are_gone_is_looked_for_by_the_detector(face_reader, threshold, frame, told):
    scenes = SceneReader(face_reader, threshold, every=100)
    scenes.read(frame, 0.0)
    told.boxes = []
    noise = np.random.default_rng(1).integers(0, 255, frame.shape, dtype=np.uint8)
    assert scenes.read(noise, 0.1).faces == ()
    assert told.detected == 2


def test_frames_of_another_size_are_read(face_reader, threshold, frame, told):
    scenes = SceneReader(face_reader, threshold, every=100)
    scenes.read(frame, 0.0)
    assert scenes.read(frame[:300, :400], 0.1).size == (300, 400)
    assert scenes.read(gray_of(frame)[:300, :400], 0.2).size == (300, 400)
    assert told.detected == 2


def test_carried_boxes_move_and_grow_with_the_picture(frame):
    import cv2

    grown = cv2.warpAffine(frame, np.array([[1.05, 0, 6.0], [0, 1.05, -3.0]]), (640, 480))
    [box] = carried(gray_of(frame), gray_of(grown), np.array([[200.0, 150, 100, 120]]))
    assert box == pytest.approx([1.05 * 200 + 6, 1.05 * 150 - 3, 105, 126], abs=2)
    assert carried(gray_of(frame), gray_of(frame), np.empty((0, 4))).shape == (0, 4)


@pytest.mark.parametrize("every", [1, 3])
def test_two_people_who_cross_keep_their_numbers(face_reader, threshold, told, every):
    plain = np.zeros((480, 640, 3), np.uint8)  # Nothing to follow by: the detector is asked for each frame.
    scenes = SceneReader(face_reader, threshold, every=every)
    for step in range(60):
        right, left = 40.0 + 8 * step, 520.0 - 8 * step
        # Where one hides the other, one box is found.
        told.boxes = [[right, 150, 80, 90], [left, 160, 80, 90]][: 1 if abs(right - left) < 24 else 2]
        seen = scenes.read(plain, step / 15)
        if step == 0:
            begun = {round(face.box[0]): face.number for face in seen.faces}
    ended = {round(face.box[0]): face.number for face in seen.faces}
    assert begun == {40: 0, 520: 1}
    assert ended == {512: 0, 48: 1}


def test_thirty_faces_are_read(face_reader, threshold, frame, told):
    told.boxes = [[20 + 100 * (at % 6), 10 + 90 * (at // 6), 60, 60] for at in range(30)]
    seen = still_scene(face_reader, threshold, frame)
    assert len(seen.faces) == 30
    assert [face.emotion for face in seen.faces] == ["happy"] * 30
    lefts = [face.box[0] for face in seen.faces]
    assert lefts == sorted(lefts)


def test_the_newest_frame_is_taken_and_the_others_are_dropped(face_reader, threshold, frame, told, monkeypatch):
    going, begun = threading.Event(), threading.Event()
    detect = told.detect

    def slow(images):
        begun.set()
        going.wait(5)
        return detect(images)

    monkeypatch.setattr(told, "detect", slow)
    with LiveReader(face_reader, threshold, every=1) as live:
        assert live.latest() is None
        live.offer(frame, 0.0)
        assert begun.wait(5)
        before = clock.perf_counter()
        for step in range(1, 100):
            live.offer(frame, step / 100)
        assert clock.perf_counter() - before < 0.5, "an offer never waits for a reading"
        going.set()
        assert live.wait(0.5, 5).time == 0.99
        known = live.statistics()
    assert (known.offered, known.read, known.dropped) == (100, 2, 98)
    assert 0 < known.p50 <= known.p95 < 5
    assert live.wait(5.0, 5) is None, "a closed reader keeps nobody waiting"


def test_a_fault_is_a_sentence_and_the_reader_lives_on(face_reader, threshold, frame, told):
    with LiveReader(face_reader, threshold, every=1) as live:
        told.fault = RuntimeError("out of order\nsecond line")
        live.offer(frame, 0.0)
        assert live.wait(-1.0, 5).fault == "this frame could not be read (out of order); the next one is tried."
        live.offer("no picture", 0.1)
        assert "str is no frame" in live.wait(0.05, 5).fault
        live.offer(frame.astype(float), 0.15)
        assert "float64 (480, 640, 3) is no frame" in live.wait(0.12, 5).fault
        told.fault = None
        live.offer(frame, 0.2)
        seen = live.wait(0.15, 5)
        assert not seen.fault
        assert len(seen.faces) == 1


def test_closing_ends_the_thread_also_where_nobody_closes(face_reader, threshold, frame):
    def running():
        return sum(thread.name == "live reader" for thread in threading.enumerate())

    live = LiveReader(face_reader, threshold)
    live.close()
    live.close()
    live.offer(frame, 0.0)
    assert running() == 0
    forgotten = LiveReader(face_reader, threshold)
    assert running() == 1
    del forgotten
    gc.collect()
    until = clock.monotonic() + 5
    while running() and clock.monotonic() < until:
        clock.sleep(0.01)
    assert running() == 0
