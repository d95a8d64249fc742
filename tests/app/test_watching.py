"""What a page is told while its camera is on: messages only of what is new, in its language, and of what is missing."""

import numpy as np
import pytest

from fer.app.texts import texts_of
from fer.app.watching import LOST, START, Watch, boxes_of
from fer.live import Announcer, Followed, Scene


class Feed:
    """A camera of which the test says what it shows."""

    def __init__(self):
        self.frames, self.last, self.scene = 0, 0.0, None

    def latest(self):
        return self.scene

    def show(self, time, *faces):
        self.frames, self.last = self.frames + 1, time
        boxes = ((number, np.array(box, dtype=float), emotion) for number, box, emotion in faces)
        self.scene = Scene(
            time, (480, 640), tuple(Followed(number, box, emotion, 0.9) for number, box, emotion in boxes)
        )


@pytest.fixture
def feed():
    return Feed()


@pytest.fixture
def watch(feed):
    return Watch(feed, texts_of("es"), Announcer(), clock=lambda: feed.last)


LEFT, RIGHT = (0, (10, 100, 120, 150), "happy"), (1, (480, 100, 100, 120), "sad")


def test_a_scene_is_told_once_with_boxes_and_lines_and_only_changes_are_spoken(feed, watch):
    assert watch.message() is None
    feed.show(0.0, LEFT)
    message = watch.message()
    assert message["told"] == {"number": 1, "text": "Alegría", "emotion": "happy"}
    assert message["faces"] == ["Alegría, 90 %"]
    assert message["boxes"][0]["left"] == pytest.approx(10 / 640, abs=1e-3)
    assert watch.message() is None
    feed.show(0.1, LEFT)
    assert "told" not in watch.message()


def test_the_nearest_of_two_is_told_first_by_its_place_then_the_other(feed, watch):
    feed.show(0.0, LEFT, RIGHT)
    assert watch.message()["told"]["text"] == "Izquierda: alegría"
    feed.show(3.0, LEFT, RIGHT)
    assert watch.message()["told"]["text"] == "Derecha: tristeza"


def test_repeating_tells_how_it_is_now_under_a_new_number(feed, watch):
    feed.show(0.0, LEFT)
    watch.message()
    watch.repeat()
    assert watch.message()["told"] == {"number": 2, "text": "Alegría", "emotion": "happy"}
    assert watch.message() is None


def test_nobody_is_told_without_a_sound(feed, watch):
    feed.show(0.0, LEFT)
    watch.message()
    for time in (3.0, 6.0):
        feed.show(time)
        message = watch.message()
    assert message["told"] == {"number": 2, "text": "Ninguna cara", "emotion": ""}


def test_a_camera_that_sends_nothing_is_reported_once_and_shows_no_old_boxes(feed):
    now = [0.0]
    watch = Watch(feed, texts_of("en"), Announcer(), clock=lambda: now[0])
    now[0] = START + 1
    assert watch.message()["fault"].startswith("No picture arrived from the camera within")
    assert watch.message() is None
    feed.show(now[0], LEFT)
    assert watch.message()["fault"] == ""
    now[0] += LOST + 1
    lost = watch.message()
    assert lost["fault"].startswith("No picture has come from the camera for")
    assert (lost["boxes"], lost["faces"]) == ([], [])


def test_there_are_no_boxes_without_a_scene_or_in_one_that_could_not_be_read():
    assert boxes_of(None, texts_of("en")) == []
    assert boxes_of(Scene(0.0, (0, 0), (), "a fault."), texts_of("en")) == []
