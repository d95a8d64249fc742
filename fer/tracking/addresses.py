"""Addresses of models as the tracking server understands them; needs no MLflow."""

from fer.tracking import names


def model_uri(address: str) -> str:
    """Return the address that MLflow knows of a model by run id, ``runs:/`` or ``models:/``."""
    if address.startswith("models:/"):
        return address
    return f"runs:/{address.removeprefix('runs:/').split('/')[0]}/{names.MODEL_NAME}"
