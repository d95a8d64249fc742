"""Files of annotated copies, each named after its picture or video."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fer.errors import InputError
from fer.storage.file_names import file_part, short_name

_QUALITY = 90


class Copies:
    """Writes annotated copies into a folder; two pictures of one name become ``face.jpg`` and ``face_2.jpg``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def picture(self, name: str, picture: np.ndarray) -> None:
        """Write a picture, uint8 RGB, as JPEG."""
        Image.fromarray(picture).save(self._place(name, ".jpg"), quality=_QUALITY)

    def video(self, name: str, shape: tuple[int, ...], rate: float) -> "VideoCopy":
        """Return the open copy of a video with frames of this shape, so many per second."""
        return VideoCopy(self._place(name, ".mp4"), shape, rate)

    def _place(self, name: str, ending: str) -> Path:
        stem = file_part(Path(name.replace(":", "_")).stem)
        number, file = 1, short_name(f"{stem}{ending}")
        while file.casefold() in self._taken:
            number += 1
            file = short_name(f"{stem}_{number}{ending}")
        self._taken.add(file.casefold())
        return self._folder / file


class VideoCopy:
    """An annotated video that is being written."""

    def __init__(self, path: Path, shape: tuple[int, ...], rate: float) -> None:
        self._size = shape[1], shape[0]
        self._writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, self._size)
        if not self._writer.isOpened():
            raise InputError(f"{path} cannot be written as a video; leave out annotate=true for this one.")

    def add(self, picture: np.ndarray) -> None:
        """Append a frame, uint8 RGB; one of another size is resized to that of the first."""
        if (picture.shape[1], picture.shape[0]) != self._size:
            picture = cv2.resize(picture, self._size, interpolation=cv2.INTER_AREA)
        self._writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))

    def close(self) -> None:
        """Finish the file."""
        self._writer.release()
