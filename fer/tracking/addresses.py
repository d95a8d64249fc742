"""Model addresses as the tracking server understands them; does not import MLflow."""

from fer.tracking import names


def model_uri(address: str) -> str:
    """Return the MLflow URI of a model given by run id, ``runs:/`` or ``models:/`` address.

    A run's model is called ``model``, unless the address names another.

    Example:
        >>> model_uri("0a1b"), model_uri("runs:/0a1b"), model_uri("runs:/0a1b/pipeline"), model_uri("models:/faces/1")
        ('runs:/0a1b/model', 'runs:/0a1b/model', 'runs:/0a1b/pipeline', 'models:/faces/1')

    """
    if address.startswith("models:/"):
        return address
    run_id, _, name = address.removeprefix("runs:/").partition("/")
    return f"runs:/{run_id}/{name.strip('/') or names.MODEL_NAME}"
