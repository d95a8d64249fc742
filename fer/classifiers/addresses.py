"""From an address of a model to its kind, its files and what its user says of it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fer.classifiers import CLASSIFIERS
from fer.classifiers.model_file import SUFFIXES, beside, checked, read_content
from fer.classifiers.request import Request
from fer.errors import InputError
from fer.shipped import ADDRESS, MODEL

_ON_SERVER = re.compile(r"(?:runs|models):/.+|[0-9a-f]{32}(?:/.*)?")
_MLMODEL = "MLmodel"
_PICKLES = (".pkl", ".pickle", ".joblib", ".pth", ".sav")
_SERVER_KINDS = ("mlflow", "pyfunc")


def on_server(address: str) -> bool:
    """Return whether an address is of a model on the tracking server: a run id, ``runs:/`` or ``models:/``."""
    return _ON_SERVER.fullmatch(address) is not None


def request_for(address: str, trust: bool, options: Mapping[str, Any]) -> tuple[str, Request]:
    """Return the kind of the model at an address, and what its module needs to open it.

    Raises InputError for an address of no kind, a missing file, and a description that is wrong.
    """
    is_description = not on_server(address) and Path(address).suffix.lower() in SUFFIXES
    if is_description:
        described = Path(address).expanduser()
        content, where = read_content(described), str(described)
        given = _named(content, described)
        path = None if on_server(given) else Path(given)
    elif on_server(address):
        content, where = {}, f"a file NAME.yaml with model: {address} in it (and give that file as the model)"
        given, path = address, None
    else:
        given, path = address, MODEL if address == ADDRESS else Path(address).expanduser()
        described = beside(path)
        content, where = read_content(described) if described.is_file() else {}, str(described)
    said = checked(content, where)
    if options:
        said = checked({**content, **options}, "options")
    request = Request(given, path, said, where, trust)
    return _kind(request), request


def _named(content: Mapping[str, Any], described: Path) -> str:
    """Return the address of the model that a description names, a file's relative to the description."""
    said = checked(content, str(described))
    if said.model is None:
        without = described.with_suffix("")
        if without.exists():
            return str(without)
        raise InputError(f"{described} names no model; write model: with a file or an address, or put it beside one.")
    return said.model if on_server(said.model) else str(described.parent / Path(said.model).expanduser())


def _kind(request: Request) -> str:
    """Return the kind of a model: the stated one, else by its address, its suffix or its files."""
    stated, path = request.said.kind, request.path
    if stated is not None:
        if stated not in CLASSIFIERS:
            raise InputError(f"{request.where} names the kind {stated!r}; use one of {', '.join(CLASSIFIERS)}.")
        if (path is None) > (stated in _SERVER_KINDS):
            raise InputError(f"{request.what} is on the tracking server, not a file of kind {stated}; leave kind out.")
        if stated in _SERVER_KINDS and path is not None and not path.is_dir():
            raise InputError(f"{request.what} is no folder of an MLflow model, of kind {stated}; leave kind out.")
        return stated
    if path is None or (path / _MLMODEL).is_file():
        return "mlflow"
    suffix = path.suffix.lower()
    if not path.exists():
        raise InputError(f"there is no model {request.address}; give {_all_kinds()}.")
    for kind, entry in CLASSIFIERS.items():
        if suffix in entry.suffixes and path.is_file():
            return kind
    if suffix in _PICKLES:
        raise InputError(
            f"{request.what} is a pickle, which runs code when it is opened; log it with MLflow (mlflow.sklearn, "
            "mlflow.pytorch) and give models:/..., or export it to ONNX."
        )
    raise InputError(f"{request.what} is of no kind that is known; give {_all_kinds()}.")


def _all_kinds() -> str:
    texts = [f"{entry.what}{_suffixes(entry.suffixes)}" for entry in CLASSIFIERS.values()]
    return f"{', '.join(texts[:-1])} or {texts[-1]}"


def _suffixes(suffixes: tuple[str, ...]) -> str:
    return f" ({', '.join(suffixes)})" if suffixes else ""
