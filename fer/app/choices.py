"""Which models can be chosen: the one that the app was started with, the registered champions, and the shipped one."""

import os
from functools import cache
from pathlib import Path

from fer.errors import InputError
from fer.sentinels import AUTO
from fer.shipped import ADDRESS


@cache
def champions() -> tuple[str, ...]:
    """Return the addresses of the registered champions; none without a store, or if the server does not answer."""
    # Without a store there is nothing registered, and importing MLflow would take seconds.
    if "MLFLOW_TRACKING_URI" not in os.environ and not Path("mlflow.db").exists():
        return ()
    from fer.tracking import registry
    from fer.tracking.server import answering

    try:
        return tuple(answering(registry.champions))
    except InputError:
        return ()


def model_addresses(started_with: str) -> list[str]:
    """Return the addresses among which one can switch, the first one first used.

    Only these: a page that takes any address would let those who reach it read files of this machine.
    """
    registered = champions()
    first = [started_with] if started_with != AUTO else [registered[0]] if len(registered) == 1 else [ADDRESS]
    return list(dict.fromkeys([*first, *registered, ADDRESS]))


def model_label(address: str) -> str:
    """Return what is shown for an address: of a file its name only, of any other the address.

    Example:
        >>> model_label("/home/ada/models/faces.onnx"), model_label("models:/fer@champion"), model_label("shipped")
        ('faces.onnx', 'models:/fer@champion', 'shipped')

    """
    return address if ":/" in address else Path(address).name
