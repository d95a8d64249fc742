"""Predict the emotions of all faces in pictures, videos and at a camera, a batch at a time."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from fer.errors import InputError
from fer.pictures.annotating import annotated
from fer.pictures.copies import Copies, VideoCopy
from fer.pictures.faces import Face, FaceReader
from fer.pictures.following import Follower
from fer.pictures.inputs import Input, Kind
from fer.pictures.table import face_rows, face_table
from fer.sources.images import read_image
from fer.sources.video import MOST_FRAMES, VideoError, frames, video_length

# Pictures in one batch: of 12 megapixels they take 600 MB.
_BATCH = 16
_RATE = 25.0  # Frames per second of a video that does not say.


@dataclass(frozen=True)
class Seen:
    """What became of one input: how many pictures or frames were read, how many faces found, and what went wrong.

    ``step`` is the seconds from one predicted frame to the next, NaN for a picture. ``fault`` is a sentence, empty
    where all was read.
    """

    input: Input
    pictures: int
    faces: int
    step: float = float("nan")
    fault: str = ""


@dataclass
class Predictions:
    """The results: one row per face, and what became of each input."""

    emotions: tuple[str, ...]
    rows: list[dict[str, object]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    @property
    def table(self) -> pd.DataFrame:
        """See :func:`fer.pictures.table.face_rows`."""
        return face_table(self.rows, self.emotions)

    @property
    def faults(self) -> list[str]:
        """The sentences on what could not be read."""
        return [one.fault for one in self.seen if one.fault]


def predict_on(
    inputs: Sequence[Input],
    reader: FaceReader,
    every: int = 1,
    seconds: float = 10.0,
    copies: Path | None = None,
    report: Callable[[Seen, list[dict[str, object]]], None] = lambda seen, rows: None,
) -> Predictions:
    """Return the predictions on all inputs; what cannot be read is named in the result, and the rest goes on.

    Args:
        inputs: see :func:`fer.pictures.inputs.inputs_of`.
        reader: finds and classifies the faces.
        every: of a video or camera every which frame is read.
        seconds: how long a camera is read; Ctrl-C ends it earlier, with what it has.
        copies: a folder for annotated copies, None for none.
        report: called with each finished input and its rows.

    """
    done = Predictions(reader.emotions)
    written = None if copies is None else Copies(copies)

    def finished(seen: Seen, rows: list[dict[str, object]]) -> None:
        done.rows += rows
        done.seen.append(seen)
        report(seen, rows)

    pictures: list[Input] = []
    for one in inputs:
        if one.kind is Kind.PICTURE:
            pictures.append(one)
            # The first picture alone, so that its result comes at once.
            if len(pictures) == _BATCH or not done.seen:
                _pictures(pictures, reader, written, finished)
                pictures = []
            continue
        _pictures(pictures, reader, written, finished)
        pictures = []
        finished(*_moving(one, reader, every, seconds, written))
    _pictures(pictures, reader, written, finished)
    return done


def _pictures(
    inputs: Sequence[Input],
    reader: FaceReader,
    copies: Copies | None,
    finished: Callable[[Seen, list[dict[str, object]]], None],
) -> None:
    read: list[np.ndarray | str] = [_picture(one) for one in inputs]
    faces = iter(reader.read([picture for picture in read if not isinstance(picture, str)]))
    for one, picture in zip(inputs, read, strict=True):
        if isinstance(picture, str):
            finished(Seen(one, 0, 0, fault=picture), [])
            continue
        found = next(faces)
        if copies is not None:
            copies.picture(one.name, annotated(picture, [face.box for face in found], _labels(found, reader.emotions)))
        rows = face_rows(one.name, found, reader.emotions, None, None, range(len(found)))
        finished(Seen(one, 1, len(found)), rows)


def _picture(one: Input) -> np.ndarray | str:
    """Return a picture's pixels, or the sentence that says why there are none."""
    try:
        return read_image(Path(one.name) if one.path is None else one.path)
    except (OSError, ValueError, MemoryError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        return f"{one.name} cannot be read as a picture ({reason})."


def _labels(faces: Sequence[Face], emotions: Sequence[str]) -> list[str]:
    return [f"{emotions[int(face.probabilities.argmax())]} {face.probabilities.max():.0%}" for face in faces]


def _moving(
    one: Input, reader: FaceReader, every: int, seconds: float, copies: Copies | None
) -> tuple[Seen, list[dict[str, object]]]:
    """Return what became of a video or camera and its rows."""
    follower, rows, count, fault = Follower(), [], 0, ""
    length: int | None = None
    stream: Iterator[tuple[int, float, np.ndarray]]
    step, last = every / _RATE, -1
    copy: VideoCopy | None = None
    try:
        if one.path is not None:
            length, rate = video_length(one.path)
            step = every / rate
            wanted = range(0, MOST_FRAMES if length is None else length, every)
            stream = ((number, number / rate, picture) for number, picture in frames(one.path, wanted))
        else:
            stream = _camera(one, every, seconds)
        for batch in _batches(stream, _BATCH if one.path is not None else 1):
            found = reader.read([picture for _, _, picture in batch])
            for (number, at, picture), faces in zip(batch, found, strict=True):
                people = follower.follow([face.box for face in faces], at)
                rows += face_rows(one.name, faces, reader.emotions, number, round(at, 3), people)
                count, last = count + 1, number
                if copies is not None:
                    copy = copy or copies.video(one.name, picture.shape, 1 / step)
                    labels = zip(people, _labels(faces, reader.emotions), strict=True)
                    numbered = [f"{who}: {label}" for who, label in labels]
                    copy.add(annotated(picture, [face.box for face in faces], numbered))
    except VideoError as error:
        fault = f"{one.name}: {error}; give another."
    except KeyboardInterrupt:
        if one.kind is not Kind.CAMERA:
            raise
    finally:
        if copy is not None:
            copy.close()
    if not fault and length is not None and last + every < length:
        fault = f"{one.name} ends after frame {last} of the {length:,} that it announces; those until there are used."

    if one.kind is Kind.CAMERA and count > 1:
        step = max(step, float(rows[-1]["time"]) / count) if rows else step  # type: ignore[arg-type]
    return Seen(one, count, len(rows), step, fault), rows


def _batches(
    stream: Iterator[tuple[int, float, np.ndarray]], size: int
) -> Iterator[list[tuple[int, float, np.ndarray]]]:
    batch = []
    for one in stream:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _camera(one: Input, every: int, seconds: float) -> Iterator[tuple[int, float, np.ndarray]]:
    """Yield (frame, seconds since the start, uint8 RGB) of a camera: the newest frame, older ones are dropped."""
    camera = cv2.VideoCapture(one.camera or 0)
    try:
        if not camera.isOpened():
            raise VideoError("the camera cannot be opened: it is not there, in use, or not allowed")
        camera.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        began, number = time.monotonic(), 0
        while time.monotonic() - began < seconds:
            read, picture = camera.read()
            if not read:
                raise VideoError(f"the camera gave no picture after frame {number}")
            if number % every == 0:
                yield number, time.monotonic() - began, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
            number += 1
    finally:
        camera.release()


def check_numbers(every: int, seconds: float) -> None:
    """Raise InputError for numbers out of range."""
    if every < 1:
        raise InputError(f"every is {every}; give 1 for all frames of a video, 5 for each fifth.")
    if not 0 < seconds < float("inf"):
        raise InputError(f"seconds is {seconds}; give how long the camera is read, such as 10.")
