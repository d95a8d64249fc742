"""Which model is asked where none is named."""

import os
from pathlib import Path

from fer.errors import InputError
from fer.shipped import ADDRESS


def default_address() -> str:
    """Return the address of the one registered champion, else of the shipped model; raises InputError for several."""
    if not may_have_store():
        return ADDRESS
    from fer.tracking.registry import champions

    found = champions()
    if len(found) > 1:
        raise InputError(f"there are several champions; give one of them as the model: {', '.join(found)}.")
    return found[0] if found else ADDRESS


def may_have_store() -> bool:
    """Return whether a tracking server is named, or its file is here; without, importing MLflow would take seconds."""
    return "MLFLOW_TRACKING_URI" in os.environ or Path("mlflow.db").exists()
