"""Read image files, and list the usual ``<folder>/<emotion>/<file>`` trees."""

import re
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

from fer.data.emotions import EMOTIONS, canonical_emotion
from fer.errors import InputError

# Formats of cameras, scanners and image programs that Pillow reads.
IMAGE_SUFFIXES = frozenset(
    {
        ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx", ".png", ".apng",
        ".bmp", ".dib", ".tif", ".tiff", ".webp", ".gif", ".avif", ".pgm", ".ppm", ".pbm", ".pnm", ".pcx", ".tga",
        ".ras", ".sgi", ".qoi",
    }
)  # fmt: skip
_BITS_PER_SAMPLE = 258
INTERPOLATIONS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "area": Image.Resampling.BOX,
}


def read_image(path: Path | BinaryIO) -> np.ndarray:
    """Return an image upright (EXIF rotation applied), uint8 ``(h, w)`` if gray else ``(h, w, 3)`` RGB.

    Transparency is laid on white; 16 bits are scaled to 8; of an animation the first frame counts. In 16 bits a file
    may hold 12 or 8, and seldom says so: a picture whose brightest pixel is below 4096, or 256, is taken for one of
    these, since as one of 16 bits it would be black.

    Raises OSError if the file is not an image or is truncated, and ValueError for an image above Pillow's decompression
    limit and for pixels of 32 bits, whose white level is unknown.
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
    wide = image.mode == "I" and opened.format == "PPM"  # Pillow's scale of a PGM's more than 8 bits is 65535.
    if wide or image.mode.startswith("I;16"):
        values = np.asarray(image).astype(np.uint16, copy=False)
        return (values >> (16 if wide else _depth(opened, values)) - 8).astype(np.uint8)
    if image.mode in ("I", "F"):
        raise ValueError(f"its pixels have 32 bits (mode {image.mode}); save it with 8 or 16")
    gray = image.mode in ("1", "L", "LA", "La")
    if image.mode in ("RGBA", "RGBa", "LA", "La", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)
    return np.asarray(image.convert("L" if gray else "RGB"))


def _depth(opened: Image.Image, values: np.ndarray) -> int:
    """Return how many of 16 bits an image uses: as stated in the file, else from its brightest pixel."""
    tags = getattr(opened, "tag_v2", {})
    stated = tags.get(_BITS_PER_SAMPLE, (16,))[0]
    if 8 <= stated < 16:
        return int(stated)
    brightest = int(values.max(initial=0))
    return next(bits for bits in (8, 12, 16) if brightest < 2**bits)


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
    """Return (emotion, folder) for each subfolder, in name order; InputError for a word of none of the seven."""
    found = []
    for child in sorted(path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."):
        try:
            found.append((canonical_emotion(child.name, EMOTIONS), child))
        except InputError as error:
            raise InputError(f"folder {child}: {error}") from None
    if not found:
        raise InputError(f"{folder} has no emotion folders; it must hold one folder per emotion.")
    return found


def image_files(folder: Path) -> Iterable[Path]:
    """Return the image files of a folder, sorted by the numbers in their names, then by name."""
    files = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "."]
    return sorted(files, key=lambda path: ([int(part) for part in re.findall(r"\d+", path.name)], path.name))
