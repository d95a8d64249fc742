"""What is told, and when: only changes, one face at a time, never more often than the pause allows."""

import numpy as np
import pytest

from fer.live import Announcement, Announcer, Followed, Scene, place_of


def face(number, emotion, x=0.0, side=80.0):
    return Followed(number, np.array([x, 100, side, side]), emotion, 0.9 if emotion else 0.3)


def scene(time, *faces, fault=""):
    return Scene(time, (480, 640), faces, fault)


def told(announcer, scenes):
    """Return (time, announcement) of all that is told."""
    asked = ((one.time, announcer.tell(one)) for one in scenes)
    return [(time, said) for time, said in asked if said is not None]


def steady(*faces, seconds=10.0, start=0.0):
    return [scene(start + step / 10, *faces) for step in range(int(10 * seconds))]


def test_what_stays_is_told_once():
    assert told(Announcer(), steady(face(0, "happy"))) == [(0.0, Announcement(0, None, "happy", 1))]


def test_a_change_is_told_after_the_pause_and_what_changes_back_before_is_not():
    announcer = Announcer(pause=2.0)
    quick = [scene(0.0, face(0, "happy")), scene(0.5, face(0, "sad")), scene(1.5, face(0, "happy"))]
    later = [scene(2.5, face(0, "happy")), scene(3.0, face(0, "sad"))]
    assert [said.emotion for _, said in told(announcer, quick + later)] == ["happy", "sad"]


def test_several_faces_are_told_in_turn_the_nearest_first():
    faces = (face(0, "sad", 20, 60), face(1, "happy", 300, 120), face(2, "fear", 550, 80))
    said = told(Announcer(pause=1.0), steady(*faces))
    assert [(one.number, one.place, one.of) for _, one in said] == [(1, "middle", 3), (2, "right", 3), (0, "left", 3)]
    times = [time for time, _ in said]
    assert np.diff(times).min() >= 1.0
    by_place = told(Announcer("place", pause=1.0), steady(*faces))
    assert [one.place for _, one in by_place] == ["left", "middle", "right"]


def test_not_sure_is_told_once_it_lasts():
    announcer = Announcer(pause=0.5, patience=1.5)
    said = told(announcer, [*steady(face(0, None), seconds=3), *steady(face(0, "happy"), seconds=1, start=3)])
    assert [(time, one.emotion) for time, one in said] == [(1.5, None), (3.0, "happy")]
    brief = [*steady(face(0, None), seconds=1, start=4), *steady(face(0, "happy"), seconds=3, start=5)]
    assert told(announcer, brief) == []


def test_no_face_is_told_once_and_who_comes_back_is_told_again():
    announcer = Announcer(pause=0.5, patience=1.5)
    scenes = [*steady(face(0, "happy"), seconds=1), *steady(seconds=4, start=1), *steady(face(0, "happy"), start=5)]
    said = told(announcer, scenes)
    assert [(time, one.of, one.emotion) for time, one in said] == [(0.0, 1, "happy"), (2.5, 0, None), (5.0, 1, "happy")]
    assert told(Announcer(patience=1.5), steady(seconds=1)) == []
    assert [one.number for _, one in told(Announcer(patience=1.5), steady(seconds=9))] == [None]


def test_a_frame_that_could_not_be_read_is_no_empty_one():
    announcer = Announcer(patience=0.5)
    assert told(announcer, [scene(step / 10, fault="broken") for step in range(50)]) == []
    assert announcer.repeat() is None


def test_repeat_tells_at_once_how_the_face_told_last_is_now():
    announcer = Announcer(pause=2.0)
    assert announcer.repeat() is None
    announcer.tell(scene(0.0, face(0, "happy", 20, 60), face(1, "sad", 300, 120)))
    assert announcer.repeat() == Announcement(1, "middle", "sad", 2)
    announcer.tell(scene(0.1, face(0, "happy", 20, 60), face(1, None, 300, 120)))
    assert announcer.repeat() == Announcement(1, "middle", None, 2)
    announcer.tell(scene(0.2, face(0, "happy", 20, 60)))
    assert announcer.repeat() == Announcement(0, None, "happy", 1)
    announcer.tell(scene(0.3))
    assert announcer.repeat() == Announcement(None, None, None, 0)


@pytest.mark.parametrize(("x", "place"), [(0, "left"), (280, "middle"), (560, "right"), (213, "middle"), (100, "left")])
def test_the_place_is_the_third_of_the_frame(x, place):
    assert place_of(np.array([x, 0, 80, 80]), (480, 640)) == place
