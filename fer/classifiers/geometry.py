"""The shape of the faces that a network takes: from its file, and from what its user says where the file is silent."""

from dataclasses import dataclass

from fer.classifiers.preparation import SCALINGS, Preparation
from fer.classifiers.request import Request
from fer.errors import InputError

CHANNELS_LAST, CHANNELS_FIRST, FLAT = "channels_last", "channels_first", "flat"
_CHANNELS = (1, 3)
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Geometry:
    """Size and channels of a network's input, and how they are arranged: channels last, channels first, flat."""

    size: tuple[int, int]
    channels: int
    layout: str


def geometry_of(shape: Shape | None, request: Request) -> Geometry:
    """Return the geometry of an input.

    ``shape`` is what the model's file states, without the number of faces, None where it leaves a length open: height,
    width and channels, channels first, or all pixels in one row. None: the file states nothing. Raises InputError for
    an input of another kind, for what neither the file nor the user says, and where the two contradict each other.
    """
    said = request.said
    layout = _layout(shape, request)
    high, wide, deep = _lengths(shape, layout)
    if said.color is not None:
        stated = 1 if said.color == "gray" else 3
        if deep is not None and deep != stated:
            raise _contradiction(request, f"color: {said.color}", f"{deep} channel{'s' if deep > 1 else ''}")
        deep = stated
    size = said.input_size
    if size is None and layout == FLAT:
        size = _square(shape, deep)
    elif size is None and high is not None and wide is not None:
        size = (high, wide)
    if deep is None and layout == FLAT and size is None:
        raise request.needed("color", "does not say whether it takes gray or RGB faces", "gray")
    if size is None:
        raise request.needed("input_size", "does not say which size of faces it takes", "48")
    if (high or size[0], wide or size[1]) != size:
        raise _contradiction(request, f"input_size: {list(size)}", f"{high or 'any'} x {wide or 'any'} pixels")
    if deep is None and layout == FLAT and shape is not None and shape[0] is not None:
        deep = shape[0] // (size[0] * size[1])
    if deep is None:
        raise request.needed("color", "does not say whether it takes gray or RGB faces", "gray")
    if deep not in _CHANNELS:
        raise InputError(f"{request.what} takes {deep} channels, not 1 (gray) or 3 (RGB); it cannot be used.")
    pixels = size[0] * size[1] * deep
    if layout == FLAT and shape is not None and shape[0] not in (None, pixels):
        raise _contradiction(request, f"input_size: {list(size)}", f"{shape[0]} numbers, not {pixels},")
    return Geometry(size, deep, layout)


def preparation_of(geometry: Geometry, takes_bytes: bool, request: Request) -> Preparation:
    """Return how faces are prepared; ``takes_bytes``: the network takes uint8 and so scales them itself.

    Raises InputError if nothing says how pixels are scaled, or if that cannot be.
    """
    color = request.said.color or ("gray" if geometry.channels == 1 else "rgb")
    scaling = request.said.scaling
    if takes_bytes:
        if scaling not in (None, SCALINGS["none"]):
            raise _contradiction(request, f"scaling: {scaling.name}", "bytes (uint8), which it scales itself,")
        scaling = SCALINGS["none"]
    if scaling is None:
        raise request.needed("scaling", "does not say how its input is scaled", "unit (0..1)")
    lengths = {len(scaling.mean), len(scaling.deviation)} - {1}
    if lengths and (geometry.channels == 1 or (scaling == SCALINGS["imagenet"] and color == "bgr")):
        raise _contradiction(request, f"scaling: {scaling.name}", f"{color} faces")
    return Preparation(geometry.size, color, scaling)


def _layout(shape: Shape | None, request: Request) -> str:
    said = request.said.layout
    if shape is None:
        if said is None:
            raise request.needed("layout", "does not say how its input is arranged", CHANNELS_LAST)
        return said
    if len(shape) == 1:
        found = [FLAT]
    elif len(shape) == 3:
        ends = ((CHANNELS_FIRST, shape[0]), (CHANNELS_LAST, shape[2]))
        # A length that is left open may be that of the channels, unless the other end is.
        found = [name for name, length in ends if length in _CHANNELS] or [
            name for name, length in ends if length is None
        ]
    else:
        found = []
    if not found:
        raise InputError(
            f"{request.what} takes {_written(shape)}, not faces of (height, width, channels) with 1 or 3 channels; it "
            "cannot be used."
        )
    if said is not None and said not in found:
        raise _contradiction(request, f"layout: {said}", _written(shape))
    if said is None and len(found) > 1:
        raise request.needed("layout", f"takes {_written(shape)}, which may be arranged in two ways", CHANNELS_LAST)
    return said or found[0]


def _lengths(shape: Shape | None, layout: str) -> tuple[int | None, int | None, int | None]:
    """Return height, width and channels as far as the file states them."""
    if shape is None or layout == FLAT:
        return None, None, None
    high, wide, deep = shape if layout == CHANNELS_LAST else (*shape[1:], shape[0])
    return high, wide, deep


def _square(shape: Shape | None, channels: int | None) -> tuple[int, int] | None:
    """Return the side of square faces in one row of known length; None if nothing says so."""
    if shape is None or shape[0] is None or channels is None:
        return None
    side = round((shape[0] / channels) ** 0.5)
    return (side, side) if side * side * channels == shape[0] else None


def _written(shape: Shape) -> str:
    return f"({', '.join('any' if length is None else str(length) for length in shape)})"


def _contradiction(request: Request, statement: str, fact: str) -> InputError:
    return InputError(f"{request.where} says {statement}, but {request.what} takes {fact.rstrip(',')}; correct it.")
