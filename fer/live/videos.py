"""Uploaded videos, bounded and decoded from memory; nothing touches the disk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from fer.errors import InputError

if TYPE_CHECKING:
    import av.container
    import av.video

MEGABYTES, MINUTES, MEGAPIXELS = 200, 10, 9
# Formats that can name other files or addresses, which FFmpeg would open, are not among these.
_OPTIONS = {
    "format_whitelist": "mov,mp4,matroska,webm,avi,mpeg,mpegts,ogg",
    "protocol_whitelist": "none",
    "max_pixels": str(MEGAPIXELS * 1_000_000),
}
_USUAL_RATE = 25.0
# Times are stored rounded: a frame may come a little before its turn.
_SLACK = 0.05


@dataclass(frozen=True)
class UploadedVideo:
    """A video that is ready to be read.

    Attributes:
        name: as it was uploaded.
        content: of the file.
        seconds: how long it is; None if the file does not say.
        size: height and width of its frames in pixels, as they are stored.
        rate: frames per second.
        remark: a sentence that the user must see, such as that only the first minutes are read; else empty.

    """

    name: str
    content: bytes = field(repr=False)
    seconds: float | None
    size: tuple[int, int]
    rate: float
    remark: str = ""

    def frames(self, rate: float | None = None) -> Iterator[tuple[float, np.ndarray]]:
        """Yield (seconds from the start, uint8 (h, w, 3) RGB) in order and upright, one frame in memory at a time.

        ``rate``: at most so many frames per second; None: all. Raises InputError, after the frames before, where the
        video is damaged, and where a frame is larger than those that the file announces.
        """
        from av.error import FFmpegError

        turn, began = -1, None
        with _opened(self.content, self.name) as container:
            try:
                for count, frame in enumerate(container.decode(video=0)):
                    at = count / self.rate if frame.time is None else float(frame.time)
                    began = at if began is None else began
                    at -= began
                    if at > 60 * MINUTES:
                        return
                    _check_size(frame, self.name)
                    now = count if rate is None else int(at * rate + _SLACK)
                    if now > turn:
                        turn = now
                        yield at, _upright(frame)
            except FFmpegError as error:
                raise InputError(
                    f"{self.name} is damaged ({_reason(error)}); what was read before is shown, choose another video "
                    "for more."
                ) from None


def read_video(content: bytes, name: str = "the video") -> UploadedVideo:
    """Return an uploaded video.

    Args:
        content: of the file.
        name: the video's in messages, such as its file's name.

    Of one longer than 10 minutes only the first 10 are read, and ``remark`` says so. Raises InputError, one sentence
    that names the video, for an empty file, one of more than 200 MB, one that is no video (MP4, MOV, Matroska, WebM,
    AVI, MPEG or Ogg), and frames of more than 9 megapixels.

    """
    if not content:
        raise InputError(f"{name} is empty; choose another video.")
    if len(content) > MEGABYTES * 1e6:
        raise InputError(f"{name} has {len(content) / 1e6:.0f} MB, more than {MEGABYTES}; choose a shorter video.")
    with _opened(content, name) as container:
        stream = container.streams.video[0]
        _check_size(stream, name)
        seconds = _seconds(container, stream)
        rate = float(stream.average_rate or stream.guessed_rate or _USUAL_RATE)
        size = (stream.height, stream.width)
    return UploadedVideo(name, content, seconds, size, rate, _remark(name, seconds))


def _opened(content: bytes, name: str) -> "av.container.InputContainer":
    try:
        import av
    except ImportError:
        raise InputError(
            "videos need the package av, which is not installed; install it by `pip install 'fair-fer[app]'`."
        ) from None
    try:
        container = av.open(BytesIO(content), mode="r", options=_OPTIONS)
    except av.error.FFmpegError:
        raise InputError(
            f"{name} is no video that can be read; choose an MP4, MOV, Matroska, WebM, AVI, MPEG or Ogg file."
        ) from None
    if not container.streams.video:
        container.close()
        raise InputError(f"{name} has sound but no pictures; choose a video.")
    container.streams.video[0].codec_context.thread_count = 1  # The other cores are for the camera.
    return container


def _check_size(sized: Any, name: str) -> None:
    if sized.width * sized.height > MEGAPIXELS * 1e6:
        raise InputError(
            f"{name} has frames of {sized.width} x {sized.height} pixels, more than {MEGAPIXELS} megapixels; choose a "
            "smaller video."
        )


def _seconds(container: "av.container.InputContainer", stream: Any) -> float | None:
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / 1e6  # In microseconds.


def _remark(name: str, seconds: float | None) -> str:
    if seconds is None:
        return f"{name} does not say how long it is; at most its first {MINUTES} minutes are read."
    if seconds <= 60 * MINUTES:
        return ""
    hours, minutes = divmod(round(seconds / 60), 60)
    length = f"{hours} h {minutes} min" if hours else f"{minutes} minutes"
    return f"{name} is {length} long; its first {MINUTES} minutes are read."


def _upright(frame: "av.video.VideoFrame") -> np.ndarray:
    turned = np.rot90(frame.to_ndarray(format="rgb24"), k=round(frame.rotation / 90))
    return np.ascontiguousarray(turned)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0].rstrip(".")
