"""Model addresses as the tracking server understands them; does not import MLflow."""

from fer.tracking import names


def model_uri(address: str) -> str:
    """Return the MLflow URI of a model given by run id, ``runs:/`` or ``models:/`` address."""
    if address.startswith("models:/"):
        return address
    return f"runs:/{address.removeprefix('runs:/').split('/')[0]}/{names.MODEL_NAME}"
