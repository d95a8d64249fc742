"""A face keeps its number from frame to frame."""

import numpy as np

from fer.pictures.following import Follower, overlaps


def _box(x, y=10, side=40):
    return [x, y, side, side]


def test_two_people_who_pass_each_other_keep_their_numbers():
    follower = Follower()
    for step in range(20):
        left, right = _box(10 + 8 * step, 10), _box(170 - 8 * step, 60)
        boxes = [left, right] if step % 2 else [right, left]
        numbers = follower.follow(boxes, step / 25)
        assert numbers == ([1, 0] if step % 2 else [0, 1]), step


def test_a_face_that_is_lost_for_a_moment_keeps_its_number_and_not_for_longer():
    follower = Follower(patience=0.5)
    assert follower.follow([_box(10)], 0.0) == [0]
    assert follower.follow([], 0.2) == []
    assert follower.follow([_box(12)], 0.4) == [0]
    assert follower.follow([_box(12)], 1.0) == [1]


def test_no_number_is_given_twice():
    follower = Follower()
    numbers = [
        number for step in range(5) for number in follower.follow([_box(300 * step), _box(300 * step + 100)], step)
    ]
    assert sorted(numbers) == list(range(10))


def test_overlap_is_intersection_over_union():
    shared = overlaps(np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 0, 10, 10], [20, 20, 5, 5], [0, 0, 10, 10]]))
    assert np.allclose(shared, [[1 / 3, 0, 1]])
