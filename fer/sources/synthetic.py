"""Drawn faces with known ground truth (:mod:`fer.synthetic`) as a source: no files, no licence, no persons."""

import dataclasses
from pathlib import Path
from typing import Any

from pydantic import create_model

from fer.sources.listing import Listing, SourceOptions
from fer.synthetic import SyntheticOptions, draw_population

# Declared once, in SyntheticOptions; here only made readable from a study file or the command line.
_FIELDS: dict[str, Any] = {field.name: (field.type, field.default) for field in dataclasses.fields(SyntheticOptions)}
Options = create_model("Options", __base__=SourceOptions, **_FIELDS)


def read(folder: Path, options: SourceOptions) -> Listing:
    """Draw the population; ``folder`` is ignored."""
    samples, faces = draw_population(SyntheticOptions(**options.model_dump()))
    return Listing(samples, faces.__getitem__)
