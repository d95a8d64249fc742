"""The process that converts: ``python -m fer.live.convert_here FOLDER``, with what is asked as JSON at its input.

See :mod:`fer.live.conversion`. The reason for a refusal is the last line of its standard error.
"""

import json
import sys
from pathlib import Path
from typing import Any

from fer.errors import InputError
from fer.export import convert, description_of
from fer.live.conversion import NAME


def main() -> None:
    """Write the ONNX file and its description."""
    asked: dict[str, Any] = json.load(sys.stdin)
    try:
        write(Path(sys.argv[1]), **asked)
    except InputError as error:
        sys.stderr.write(f"\n{error}\n")
        sys.exit(2)


def write(folder: Path, network: str, emotions: list[str], title: str, source: str, crop_margin: float | None) -> None:
    """Write a ``.keras`` file's network to a folder; errors as :func:`fer.export.convert`."""
    from dataclasses import replace

    from fer.models.loading import load_network

    model = load_network(Path(network), title)
    [made] = convert(model, folder, ["onnx"])
    made = replace(made, file=made.file.rename(folder / NAME))
    about = description_of(made, emotions, model.input_shape[1:], title, source, None, crop_margin)
    (folder / f"{NAME}.yaml").write_text(about, encoding="utf-8")


if __name__ == "__main__":
    main()
