"""What a reader of an exported file must know and the file does not say, as YAML beside it."""

from collections.abc import Sequence

import yaml

from fer.export.conversion import Exported
from fer.identity import file_digest


def description_of(
    exported: Exported,
    emotions: Sequence[str],
    face_shape: tuple[int, int, int],
    name: str,
    source: str,
    license: str | None = None,
    crop_margin: float | None = None,
) -> str:
    """Return the content of ``<file>.yaml`` beside an exported file.

    Args:
        exported: the file, which must exist: its SHA-256 is part of the description.
        emotions: the labels in the order of the outputs.
        face_shape: height, width and channels (1 or 3) of the faces.
        name: the model's name for people.
        source: where it comes from: the run that trained it.
        license: its licence; None: unknown, and left out.
        crop_margin: what its training faces had around a detector's box, as a share of it; None: unknown, and left out.

    """
    height, width, channels = face_shape
    content = {
        "model": exported.file.name,
        "kind": exported.format,
        "name": name,
        "labels": list(emotions),
        "input_size": [height, width],
        "color": "gray" if channels == 1 else "rgb",
        # The network takes bytes and scales them itself.
        "scaling": "none",
        "layout": "channels_last",
        "output": "probabilities",
        "source": source,
        "license": license,
        "crop_margin": crop_margin,
        "sha256": file_digest(exported.file),
    }
    known = {key: value for key, value in content.items() if value is not None}
    return yaml.safe_dump(known, sort_keys=False, allow_unicode=True, width=120)
