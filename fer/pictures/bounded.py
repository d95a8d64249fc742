"""Pictures from outside, in memory: their size is read from the file's header before anything is decoded."""

from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from fer.errors import InputError
from fer.sources.images import read_image

MEGAPIXELS = 40
# What people send; other decoders of Pillow are not open to what comes from outside.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def bounded_picture(content: bytes, where: str) -> np.ndarray:
    """Return a picture, uint8 (h, w) gray or (h, w, 3) RGB, from the content of its file.

    Raises InputError, which names ``where``, for a file that is no picture or damaged, and for one of more than 40
    megapixels, which is not decoded.
    """
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as opened:
            width, height = opened.size
    except UnidentifiedImageError:
        raise InputError(f"{where} is no picture; give a file of one of the formats {', '.join(FORMATS)}.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError(
            f"{where} cannot be read as a picture, as it has more than {MEGAPIXELS} megapixels; make it smaller first."
        ) from None
    except (OSError, ValueError, SyntaxError) as error:
        raise _unreadable(where, error) from None
    if width * height > MEGAPIXELS * 1e6:
        raise InputError(
            f"{where} has {width} x {height} pixels, more than {MEGAPIXELS} megapixels; make it smaller first."
        )
    try:
        return read_image(BytesIO(content))
    except (OSError, ValueError) as error:
        raise _unreadable(where, error) from None


def _unreadable(where: str, error: Exception) -> InputError:
    reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
    return InputError(f"{where} cannot be read as a picture ({reason}); save it again.")
