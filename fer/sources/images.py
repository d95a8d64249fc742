"""Read image files, and list the usual ``<folder>/<emotion>/<file>`` trees."""

import re
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fer.data.emotions import canonical_emotion
from fer.errors import InputError

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".gif"})
INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
}


def read_image(path: Path) -> np.ndarray:
    """Return an image upright (EXIF rotation applied), uint8 ``(h, w)`` if gray else ``(h, w, 3)`` RGB.

    Transparency is laid on white; 16 bits are scaled to 8; of an animation the first frame counts. Raises
    OSError if the file is no image or is cut short, and ValueError for one too large to be a face (Pillow's
    decompression limit) and for pixels of 32 bits, of which nobody knows what white is.
    """
    try:
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened)
            image.load()
    except Image.DecompressionBombError as error:
        raise ValueError(str(error)) from error
    except (SyntaxError, EOFError, struct.error, TypeError, KeyError, IndexError, OverflowError) as error:
        # Pillow's words for a broken PNG, a cut file, damaged EXIF data.
        raise OSError(str(error)) from error
    if image.mode.startswith("I;16"):
        return (np.asarray(image).astype(np.uint16, copy=False) >> 8).astype(np.uint8)
    if image.mode in ("I", "F"):
        raise ValueError(f"its pixels have 32 bits (mode {image.mode}); save it with 8 or 16")
    gray = image.mode in ("1", "L", "LA", "La")
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return np.asarray(image.convert("L" if gray else "RGB"))


def prepare_face(image: np.ndarray, size: int, channels: int, interpolation: str = "bilinear") -> np.ndarray:
    """Return a face, uint8 ``(size, size)`` for 1 channel or ``(size, size, 3)``, from any uint8 image.

    Gray is Pillow's luma (ITU-R 601); the side ratio is not kept, as in all three studies. Bilinear and
    area average over the shrunk pixels; nearest does not.
    """
    picture = Image.fromarray(image).convert("L" if channels == 1 else "RGB")
    if picture.size != (size, size):
        picture = picture.resize((size, size), INTERPOLATIONS[interpolation])
    return np.asarray(picture)


def emotion_folders(folder: Path) -> list[tuple[str, Path]]:
    """Return (emotion, folder) for each subfolder, in name order; InputError for a word that is none."""
    found = []
    for child in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."):
        try:
            found.append((canonical_emotion(child.name), child))
        except InputError as error:
            raise InputError(f"folder {child}: {error}") from None
    if not found:
        raise InputError(f"{folder} has no emotion folders; it must hold one folder an emotion.")
    return found


def image_files(folder: Path) -> Iterable[Path]:
    """Return the image files of a folder, sorted by the numbers in their names, then by name."""
    files = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "."]
    return sorted(files, key=lambda path: ([int(part) for part in re.findall(r"\d+", path.name)], path.name))
