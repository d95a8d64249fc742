"""Draw a population: persons, their clips, the frames of each, their faces and votes.

A clip shows one person with one emotion before one background; a person has several clips; no person is
in two splits. Persons, clips, frames, pixels and votes have separate random streams per
split, so that changing one option or count does not affect the rest.
"""

import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from fer.data.drawn_faces import DRAWN_FACE
from fer.data.emotions import EMOTIONS
from fer.data.samples import votes_column
from fer.storage.memory import refuse_too_large
from fer.synthetic.drawing import draw_faces
from fer.synthetic.expressions import ACTIONS, group_actions
from fer.synthetic.identity import IDENTITY_DRAWS, Identities, draw_identities
from fer.synthetic.options import SyntheticOptions
from fer.synthetic.views import Views
from fer.synthetic.votes import cast_votes, count_votes, majority

SPLITS = ("train", "validation", "test")
# Faces of FER2013's training split, in the order of EMOTIONS.
_FER2013_COUNTS = np.array([3995, 436, 4097, 7215, 4965, 4830, 3171], dtype=float)
# Of the table and the draws while faces are made.
_BYTES_A_ROW, _BYTES_A_VOTE = 2000, 40
_CLIP_NORMALS = len(ACTIONS) + 12
_FRAME_NORMALS = len(ACTIONS) + 10


@dataclass(frozen=True)
class _Plan:
    """The plan of one split: group (persons,), person and emotion (clips,), clip and frame (n,)."""

    group: np.ndarray
    person: np.ndarray
    emotion: np.ndarray
    clip: np.ndarray
    frame: np.ndarray


def draw_population(options: SyntheticOptions) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the samples table (n rows) and the faces, uint8 (n, size, size), or (..., 3) RGB.

    Rows and faces have the same order: by split, person, clip, frame. Columns: sample_id, label (the
    majority of votes), true_label (the emotion drawn), split, race (the group), gender, person, clip,
    frame (from 0), and votes_<emotion> for each of the seven.
    """
    _refuse_too_large(options)
    tables, faces = [], []
    for split in SPLITS:
        if getattr(options, split) == 0:
            continue
        plan = _plan(options, split)
        people = draw_identities(
            _stream(options, split, "identity").random((len(plan.group), IDENTITY_DRAWS)),
            plan.group,
            len(options.groups),
            options.skin_tone,
        )
        views = _views(options, split, plan)
        tables.append(_table(options, split, plan, people))
        faces.append(_finish(options, split, draw_faces(people, views, options.size)))
    return pd.concat(tables, ignore_index=True), np.concatenate(faces)


def _refuse_too_large(options: SyntheticOptions) -> None:
    count = options.train + options.validation + options.test
    face = options.size**2 * (3 + options.channels)
    canvas = 4 * (4 * options.size) ** 2
    refuse_too_large(
        count * (face + _BYTES_A_ROW + _BYTES_A_VOTE * options.annotators) + canvas,
        f"{count:,} drawn faces of size {options.size} and {options.annotators:,} votes each",
        "ask for fewer or smaller ones",
    )


def _stream(options: SyntheticOptions, split: str, name: str) -> np.random.Generator:
    return np.random.default_rng([options.seed, zlib.crc32(f"{split}/{name}".encode())])


def _plan(options: SyntheticOptions, split: str) -> _Plan:
    """Assign persons to groups and emotions to clips by quota, in random order."""
    generator = _stream(options, split, "plan")
    faces = getattr(options, split)
    clips = -(-faces // options.frames_per_clip)
    persons = -(-clips // options.clips_per_person)
    group = generator.permutation(np.repeat(np.arange(len(options.groups)), quota(options.shares, persons)))
    person = np.arange(clips) // options.clips_per_person
    balanced = np.full(len(EMOTIONS), 1.0 / len(EMOTIONS))
    like_fer2013 = _FER2013_COUNTS / _FER2013_COUNTS.sum()
    wanted = (1.0 - options.imbalance) * balanced + options.imbalance * like_fer2013
    emotion = np.empty(clips, dtype=int)
    for code in range(len(options.groups)):
        mine = np.flatnonzero(group[person] == code)
        emotion[mine] = generator.permutation(np.repeat(np.arange(len(EMOTIONS)), quota(wanted, len(mine))))
    number = np.arange(faces)
    return _Plan(group, person, emotion, number // options.frames_per_clip, number % options.frames_per_clip)


def quota(shares: np.ndarray | tuple[float, ...], total: int) -> np.ndarray:
    """Return whole numbers that sum to ``total`` in proportion to ``shares`` (largest remainders).

    Each share gets at least one if ``total`` is large enough.
    """
    exact = np.asarray(shares, dtype=float) / np.sum(shares) * total
    counts = np.floor(exact).astype(int)
    order = np.argsort(counts - exact, kind="stable")
    counts[order[: total - counts.sum()]] += 1
    while total >= len(counts) and (counts == 0).any():
        counts[counts.argmax()] -= 1
        counts[np.flatnonzero(counts == 0)[0]] += 1
    return counts


def _views(options: SyntheticOptions, split: str, plan: _Plan) -> Views:
    """Draw expressions, poses, light and background: by clip, then a little by frame."""
    clips = len(plan.person)
    by_clip = _stream(options, split, "clip").standard_normal((clips, _CLIP_NORMALS))
    scene = _stream(options, split, "scene").random((clips, 9))
    by_frame = _stream(options, split, "frame").standard_normal((len(plan.clip), _FRAME_NORMALS))
    clip, person = plan.clip, plan.person[plan.clip]
    table = np.stack([group_actions(code, options.dialect) for code in range(len(options.groups))])
    shown = table[plan.group[plan.person], plan.emotion]
    # A harder task: fainter and more mixed expressions that differ between clips.
    hard = options.difficulty
    strength = 1.0 - 0.36 * hard + (0.04 + 0.26 * hard) * np.tanh(by_clip[:, 0])
    actions = strength[:, None] * shown + (0.02 + 0.18 * hard) * by_clip[:, 1 : 1 + len(ACTIONS)]
    actions = actions[clip] * (1.0 + 0.05 * by_frame[:, :1]) + 0.03 * by_frame[:, 1 : 1 + len(ACTIONS)]
    rest, small = by_clip[:, 1 + len(ACTIONS) :][clip], by_frame[:, 1 + len(ACTIONS) :]
    pose_spread = np.array([0.16, 0.09, 0.06, 0.035, 0.016, 0.014]) * (0.6 + 0.8 * hard)
    pose = pose_spread * np.clip(rest[:, :6] + 0.12 * small[:, :6], -2.5, 2.5)
    pose[:, 3] += 1.0
    light = np.empty((len(clip), 4))
    light[:, 0] = np.tanh(0.8 * rest[:, 6] + 0.05 * small[:, 6])
    light[:, 1] = np.tanh(0.5 + 0.5 * rest[:, 7])
    light[:, 2] = 0.62 + 0.10 * np.tanh(rest[:, 8])
    light[:, 3] = 1.03 + 0.08 * np.tanh(rest[:, 9]) + 0.015 * small[:, 7]
    gaze = 0.014 * np.clip(rest[:, 9:11] + 0.3 * small[:, 7:9], -2, 2) * [1.6, 0.5]
    return Views(actions, person, pose, light, scene[clip], gaze)


def _finish(options: SyntheticOptions, split: str, faces: np.ndarray) -> np.ndarray:
    """Convert to gray if wanted and add camera noise."""
    if options.channels == 1:
        faces = np.stack([cv2.cvtColor(face, cv2.COLOR_RGB2GRAY) for face in faces])
    spread = np.float32(1.0 + 8.0 * options.difficulty)
    generator = _stream(options, split, "pixels")
    for row, face in enumerate(faces):
        noisy = face + spread * generator.standard_normal(face.shape, dtype=np.float32)
        faces[row] = np.clip(np.rint(noisy), 0, 255)
    return faces


def _table(options: SyntheticOptions, split: str, plan: _Plan, people: Identities) -> pd.DataFrame:
    truth = plan.emotion[plan.clip]
    person = plan.person[plan.clip]
    votes = cast_votes(truth, options.annotators, options.vote_error, _stream(options, split, "votes"))
    names = np.array(EMOTIONS, dtype=object)
    columns = {
        "sample_id": [f"{DRAWN_FACE}{split}-{number:06d}" for number in range(len(truth))],
        "label": names[majority(votes)],
        "true_label": names[truth],
        "split": split,
        "race": np.array(options.groups, dtype=object)[plan.group[person]],
        "gender": np.where(people.male[person], "male", "female").astype(object),
        "person": [f"{split}-person-{number:04d}" for number in person],
        "clip": [f"{split}-clip-{number:05d}" for number in plan.clip],
        "frame": plan.frame,
    }
    counted = count_votes(votes)
    columns |= {votes_column(emotion): counted[:, code] for code, emotion in enumerate(EMOTIONS)}
    return pd.DataFrame(columns)
