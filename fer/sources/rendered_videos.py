"""Render videos of drawn faces, annotated in EiLA's own format, with the true box of every face beside them.

For tests, benchmarks and the training of a small detector, without real videos. A video is a row of shots; in each, two
persons show one emotion each and drift slowly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from fer.data.emotions import EMOTIONS
from fer.data.samples import votes_column
from fer.errors import InputError
from fer.sources.eila_annotations import GENDERS, NO_VOTE, RACES
from fer.synthetic.options import SyntheticOptions
from fer.synthetic.population import draw_population

# Where the head is in a drawn picture, as shares of its side: left, top, width, height (ears and hair left out).
FACE_IN_PICTURE = (0.22, 0.17, 0.56, 0.72)
_MOST_FACES = 160


@dataclass(frozen=True)
class ClipOptions:
    """Options of the rendered videos.

    videos, shots: how many videos, and shots in each. annotated: annotated frames of a shot.
    every: frames from one annotated frame to the next. width, height: of a frame in pixels.
    face: side of a drawn face's picture in pixels; it varies by a quarter either way.
    seed: the same options give the same frames.
    """

    videos: int = 2
    shots: int = 3
    annotated: int = 5
    every: int = 6
    width: int = 640
    height: int = 360
    face: int = 160
    seed: int = 0


def render_clips(folder: Path, options: ClipOptions | None = None) -> pd.DataFrame:
    """Write ``<tag>/Complete.mp4``, ``annotations.csv``, ``demographics.csv`` and ``truth.csv``; return the truth.

    ``truth``: video, clip, person and frame of every annotated face and its box in pixels (x, y, w, h).
    Shots have one, two and three valid votes in turn, so that all of EiLA's splits occur.
    """
    options = options or ClipOptions()
    population, pictures = _population(options)
    annotations, people, truth = [], {}, []
    for video in range(options.videos):
        tag = f"drawn_{video:02d}"
        (folder / tag).mkdir(parents=True, exist_ok=True)
        path = folder / tag / "Complete.mp4"
        size = (options.width, options.height)
        writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*"mp4v"), 25, size)
        if not writer.isOpened():
            raise InputError(f"{path} cannot be written; check the folder.")
        for frame, shot, picture, faces in _frames(options, video, pictures):
            writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
            if frame % options.every:
                continue
            for person, (row, box) in enumerate(faces):
                key = (tag, shot + 1, person)
                known = population.iloc[row]
                annotations.append(_annotation(key, frame, box, known, 1 + shot % 3, options))
                people[key] = known
                truth.append((*key, frame, *box))
        writer.release()
    pd.DataFrame(annotations).to_csv(folder / "annotations.csv", index=False)
    pd.DataFrame([_person(key, known) for key, known in people.items()]).to_csv(
        folder / "demographics.csv", index=False
    )
    table = pd.DataFrame(truth, columns=["Video Tag", "Clip Id", "Person Id", "Frame Number", "x", "y", "w", "h"])
    table.to_csv(folder / "truth.csv", index=False)
    return table


def _population(options: ClipOptions) -> tuple[pd.DataFrame, np.ndarray]:
    faces = options.videos * options.shots * 2 * options.annotated
    drawn = SyntheticOptions(
        groups=("white", "black", "mixed"), train=faces, validation=0, test=0, frames_per_clip=options.annotated,
        clips_per_person=1, size=min(options.face, _MOST_FACES), channels=3, difficulty=0.2, seed=options.seed,
    )  # fmt: skip
    return draw_population(drawn)


def _frames(
    options: ClipOptions, video: int, pictures: np.ndarray
) -> Iterator[tuple[int, int, np.ndarray, list[tuple[int, tuple[int, int, int, int]]]]]:
    """Yield (frame, shot, RGB picture, [(row of the face, its box), ...]) of every frame of a video."""
    stream = np.random.default_rng([options.seed, video])
    length, size = options.annotated * options.every, (options.width, options.height)
    for shot in range(options.shots):
        colours = stream.integers(40, 200, (5, 8, 3), dtype=np.uint8)
        scene = cv2.resize(colours, (options.width, options.height), interpolation=cv2.INTER_CUBIC)
        sides = (options.face * stream.uniform(0.75, 1.25, 2)).astype(int)
        starts = [(stream.uniform(0.02, 0.1) + 0.48 * place, stream.uniform(0.05, 0.3)) for place in range(2)]
        drift = stream.uniform(-0.02, 0.06, (2, 2))
        for frame in range(length):
            picture, faces = scene.copy(), []
            for person in range(2):
                row = ((video * options.shots + shot) * 2 + person) * options.annotated + frame // options.every
                at = [
                    int((start + move * frame / length) * side)
                    for start, move, side in zip(starts[person], drift[person], size, strict=True)
                ]
                faces.append((row, _paste(picture, pictures[row], at[0], at[1], int(sides[person]))))
            yield shot * length + frame, shot, picture, faces


def _paste(picture: np.ndarray, face: np.ndarray, x: int, y: int, side: int) -> tuple[int, int, int, int]:
    """Blend a drawn face into the picture, without the corners of its own background; return the head's box."""
    side = min(side, picture.shape[0] - y, picture.shape[1] - x)
    small = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    mask = np.zeros((side, side), dtype=np.float32)
    cv2.ellipse(mask, (side // 2, round(0.54 * side)), (round(0.40 * side), round(0.48 * side)), 0, 0, 360, 1.0, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), side / 60)[..., None]
    place = picture[y : y + side, x : x + side]
    place[:] = (soft * small + (1 - soft) * place).astype(np.uint8)
    left, top, wide, high = FACE_IN_PICTURE
    return x + round(left * side), y + round(top * side), round(wide * side), round(high * side)


def _annotation(
    key: tuple[str, int, int], frame: int, box: tuple, known: pd.Series, votes: int, options: ClipOptions
) -> dict[str, object]:
    """Return a row in EiLA's form; its box is that of the person: wider than the face, down to the shoulders."""
    x, y, wide, high = box
    left, top = x - 0.3 * wide, y - 0.25 * high
    cast = [emotion for emotion in EMOTIONS for _ in range(int(known[votes_column(emotion)]))]
    words = [["Anger" if emotion == "angry" else emotion.capitalize()] for emotion in cast[:votes]]
    return {
        "Video Tag": key[0],
        "Clip Id": key[1],
        "Labels": str([*words, *[NO_VOTE] * (3 - votes)]),
        "Frame Number": frame,
        "X": 100 * left / options.width,
        "Y": 100 * top / options.height,
        "Width": 100 * 1.6 * wide / options.width,
        "Height": 100 * 1.5 * high / options.height,
        "Person Id": key[2],
    }


def _person(key: tuple[str, int, int], known: pd.Series) -> dict[str, object]:
    races, genders = ({name: code for code, name in table.items()} for table in (RACES, GENDERS))
    return {
        "Video Tag": key[0],
        "Clip Id": key[1],
        "Person Id": key[2],
        "Person Global Id": known["person"],
        "Perceived Race": races[known["race"]],
        "Perceived Gender": genders[known["gender"]],
        "Skin Color": "#a06040",
    }
