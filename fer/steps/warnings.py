"""Sentences that whoever reads a run's figures must see: on its page, in a tag, in a file, and aloud."""

import warnings
from collections.abc import Sequence

import pandas as pd

from fer.errors import FerWarning
from fer.tracking import names
from fer.tracking.run_contents import log_files, set_tags

MOST_SHOWN = 20


def log_warnings(sentences: Sequence[str]) -> None:
    """Put sentences on the run as a tag and a file, and say them aloud."""
    if not sentences:
        return
    more = [f"... and {len(sentences) - MOST_SHOWN} more, see warnings.csv"] if len(sentences) > MOST_SHOWN else []
    set_tags({names.WARNING: "\n".join([*sentences[:MOST_SHOWN], *more])})
    log_files(tables={"warnings.csv": pd.DataFrame({"warning": list(sentences)})})
    for sentence in [*sentences[:MOST_SHOWN], *more]:
        warnings.warn(sentence, FerWarning, stacklevel=2)


def beware(sentences: Sequence[str]) -> list[str]:
    """Return the paragraphs of a run's description that show the sentences."""
    return [f"**Beware:** {sentence}" for sentence in sentences[:MOST_SHOWN]]
