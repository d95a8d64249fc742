"""What the faces of a video seem to show, and when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from fer.app.texts import Texts
from fer.live import LiveModel, Scene, SceneReader, UploadedVideo

# Frames read per second of video: words are smoothed over 0.3 s, of which this is twice.
RATE = 6.0
# Rows shown; more than that nobody reads on a page. The saved table has them all.
MOST_ROWS = 200


@dataclass(frozen=True)
class Span:
    """A time in which one face seems to show one emotion (None: not sure): number of the face, seconds."""

    number: int
    emotion: str | None
    start: float
    end: float


def read_scenes(video: UploadedVideo, model: LiveModel, report: Callable[[float], None]) -> Iterator[Scene]:
    """Yield the scenes of a video; ``report`` is called with the seconds read so far.

    Raises InputError if a part of the video is damaged.
    """
    reader = SceneReader(model.reader, model.threshold)
    for seconds, frame in video.frames(RATE):
        yield reader.read(frame, seconds)
        report(seconds)


class Timeline:
    """The spans of a video, as its scenes come."""

    def __init__(self) -> None:
        self._spans: dict[int, list[Span]] = {}
        self.seconds = 0.0

    def add(self, scene: Scene) -> None:
        """Take a scene."""
        self.seconds = scene.time
        for face in scene.faces:
            mine = self._spans.setdefault(face.number, [])
            if mine and mine[-1].emotion == face.emotion:
                mine[-1] = Span(face.number, face.emotion, mine[-1].start, scene.time)
            else:
                mine.append(Span(face.number, face.emotion, scene.time, scene.time))

    @property
    def spans(self) -> list[Span]:
        """All spans, in the order of their beginnings."""
        return sorted(
            (span for spans in self._spans.values() for span in spans), key=lambda one: (one.start, one.number)
        )

    def rows(self, texts: Texts) -> list[list[str]]:
        """Return one row per span: when, which face (from 1), what it seems to show."""
        return [
            [f"{clock(span.start)} – {clock(span.end)}", str(span.number + 1), texts.emotion(span.emotion)]
            for span in self.spans
        ]

    def as_csv(self) -> str:
        """Return all spans as CSV: ``face,emotion,start,end``, in seconds; an empty emotion is "not sure"."""
        from fer.text.spreadsheets import marked

        rows = [(span.number + 1, span.emotion or "", span.start, span.end) for span in self.spans]
        table = pd.DataFrame(rows, columns=["face", "emotion", "start", "end"])
        return marked(table).to_csv(index=False, float_format="%.2f")


def clock(seconds: float) -> str:
    """Return seconds as minutes and seconds.

    Example:
        >>> clock(83.44)
        '1:23.4'

    """
    tenths = round(10 * seconds)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"
