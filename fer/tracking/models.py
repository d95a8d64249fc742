"""Models on the tracking server: logged with signature, example and label vocabulary; loaded by address."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import mlflow
import numpy as np
import yaml
from mlflow.exceptions import MlflowException
from mlflow.models import Model, ModelSignature
from mlflow.models.model import MLMODEL_FILE_NAME
from mlflow.types import Schema, TensorSpec

from fer.data.dataset import CROP_MARGIN
from fer.data.emotions import ALL_EMOTIONS
from fer.errors import InputError
from fer.progress import announce_loading
from fer.tracking import names
from fer.tracking.active import active_run
from fer.tracking.addresses import model_uri
from fer.tracking.artifacts import model_files
from fer.tracking.faults import fault_of, first_line
from fer.tracking.journal import journaled
from fer.tracking.registry import RegisteredModel
from fer.tracking.uploading import uploading

if TYPE_CHECKING:
    import keras  # isort: skip

EMOTIONS_METADATA = "emotions"
_BATCH = 256
_LONGEST_NAME = 250
_LOADER = "mlflow.tensorflow"


def log_model(
    model: "keras.Model",
    emotions: tuple[str, ...],
    example: np.ndarray,
    register_as: str | None = None,
    crop_margin: float | None = None,
) -> str:
    """Log a Keras model on the open run; return its ``models:/`` address.

    ``example`` is uint8 faces ``(n, h, w, c)``; ``crop_margin`` that of the faces that the model was trained on
    (:attr:`fer.data.FaceDataset.crop_margin`), stored as metadata if it is known. The label vocabulary is stored as
    metadata, so the model can be used without this project: ``mlflow.pyfunc.load_model(...).predict(faces)`` returns
    probabilities in its order.
    Raises the errors of :func:`fer.tracking.uploading.uploading`.
    """
    shape = tuple(example.shape[1:])
    signature = ModelSignature(
        inputs=Schema([TensorSpec(np.dtype("uint8"), (-1, *shape))]),
        outputs=Schema([TensorSpec(np.dtype("float32"), (-1, len(emotions)))]),
    )
    metadata: dict[str, Any] = {EMOTIONS_METADATA: json.dumps(list(emotions))}
    metadata |= {} if crop_margin is None else {CROP_MARGIN: crop_margin}
    # mlflow.keras, which needs no TensorFlow, takes no input example: https://github.com/mlflow/mlflow/issues/16183.
    needed = [f"{package}=={version(package)}" for package in ("mlflow", "tensorflow", "keras", "numpy")]

    def log() -> str:
        logged = Model.log(
            artifact_path=None,  # Its former name, which has no default.
            name=names.MODEL_NAME,
            flavor=_Unserved,
            flavor_name=_LOADER,
            validate_serving_input=False,
            model=model,
            signature=signature,
            input_example=example[:2],
            metadata=metadata,
            registered_model_name=register_as,
            pip_requirements=needed,
            # All models have one name, which their addresses end in: what tells them apart is the run's name.
            params={"trained_as": mlflow.get_run(active_run().info.run_id).info.run_name[:_LONGEST_NAME]},
        )
        return str(logged.model_uri)

    with uploading():
        return journaled(log)


class _Unserved:
    """MLflow's TensorFlow flavour for :meth:`mlflow.models.Model.log` without a trial of the logged model.

    ``mlflow.tensorflow.log_model`` loads each model again, and traces it, to predict its example. This takes as long as
    an epoch of a small training, and an evaluation opens what was logged anyway.
    """

    @staticmethod
    def save_model(validate_serving_input: bool, **given: Any) -> None:
        """Save a model; ``Model.log`` passes on the argument that only it understands."""
        mlflow.tensorflow.save_model(**given)


class LoggedModel(NamedTuple):
    """A model's folder, and the flavours and the metadata in its description, the file MLmodel."""

    folder: Path
    flavors: Mapping[str, Any]
    metadata: Mapping[str, Any]


@contextmanager
def logged_model(address: str) -> Iterator[LoggedModel]:
    """Yield the files of a model on the server, which may be gone after the block.

    Raises InputError if there is no such model, or its description cannot be read.
    """
    with ExitStack() as held:
        try:
            folder = held.enter_context(model_files(model_uri(address)))
        except (MlflowException, OSError) as error:
            raise fault_of(error) or InputError(
                f"there is no model {address} on {mlflow.get_tracking_uri()} ({first_line(error)}); give the id of a "
                "train run or models:/<name>/<version>."
            ) from error
        yield described_model(folder, address)


def load_logged(address: str) -> tuple[Any, tuple[str, ...]]:
    """Return a logged Keras model and its emotions.

    What a tracking server holds is not trusted: the network's own file is read in Keras' safe mode, and nothing else of
    the model. Raises InputError if there is no such model, for a model of another flavour or without a vocabulary, and
    for one that brings code.
    """
    announce_loading()
    with logged_model(address) as logged:
        return load_described(logged, address)


def load_described(logged: LoggedModel, address: str) -> tuple[Any, tuple[str, ...]]:
    """Return the Keras model and the emotions of a logged model's files, as :func:`load_logged`."""
    from fer.models.loading import load_network  # Keras takes seconds.

    file = network_file(logged.folder, logged.flavors, address)
    emotions = emotions_of(logged.metadata, address)
    network = load_network(file, address)
    _check_shapes(network, emotions, address)
    return network, emotions


def described_model(folder: Path, address: str) -> LoggedModel:
    """Return a model's folder with its description; raises InputError if that cannot be read."""
    return LoggedModel(folder, *_described(folder, address))


def _described(folder: Path, address: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the flavours and the metadata in a model's description, the file MLmodel."""
    file = folder / MLMODEL_FILE_NAME
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError("it is no mapping")
        parts = [content.get(name) or {} for name in ("flavors", "metadata")]
        if not all(isinstance(part, dict) for part in parts):
            raise ValueError("flavors or metadata is no mapping")
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise InputError(
            f"the description {file.name} of model {address} cannot be read ({first_line(error)}); train the model "
            "again, or restore its files."
        ) from error
    return parts[0], parts[1]


def emotions_of(metadata: Mapping[str, Any], address: str) -> tuple[str, ...]:
    """Return the label vocabulary in a model's metadata; raises InputError for a model without one."""
    try:
        named = json.loads(metadata[EMOTIONS_METADATA])
    except KeyError:
        raise InputError(f"model {address} names no label vocabulary; log it with the entry point train.") from None
    except (ValueError, TypeError):
        named = None
    if not isinstance(named, list) or not named or not set(map(str, named)) <= set(ALL_EMOTIONS):
        raise InputError(
            f"the label vocabulary of model {address} holds something else than {', '.join(ALL_EMOTIONS)}; log it with "
            "the entry point train."
        )
    return tuple(named)


def crop_margin_of(metadata: Mapping[str, Any]) -> float | None:
    """Return the margin of the crops that a logged model was trained on, as a share of the box; None: unknown."""
    margin = metadata.get(CROP_MARGIN)
    if not isinstance(margin, (int, float)) or not 0 <= margin < float("inf"):
        return None
    return float(margin)


def common_crop_margin(addresses: Sequence[str]) -> float | None:
    """Return the margin of the crops that several logged models were trained on; None: unknown, or not one."""
    margins = set()
    for address in addresses:
        with logged_model(address) as logged:
            margins.add(crop_margin_of(logged.metadata))
    return margins.pop() if len(margins) == 1 else None


def _check_shapes(network: "keras.Model", emotions: Sequence[str], address: str) -> None:
    """Raise InputError for a network that does not map faces to one probability for each emotion."""
    taken, given = network.input_shape, network.output_shape
    if not isinstance(taken, tuple) or len(taken) != 4 or not isinstance(given, tuple) or given[1:] != (len(emotions),):
        raise InputError(
            f"the network of model {address} maps {taken} to {given}, not faces (n, height, width, channels) to "
            f"{len(emotions)} emotions; log it with the entry point train."
        )


def network_file(folder: Path, flavors: Mapping[str, Any], address: str) -> Path:
    """Return the ``.keras`` file of a logged model's folder; InputError for a model that is more than its network."""
    again = "log it with the entry point train"
    flavor = flavors.get("tensorflow")
    if not isinstance(flavor, dict) or flavor.get("model_type") != "keras":
        raise InputError(f"model {address} is no Keras model (it is {', '.join(flavors) or 'nothing'}); {again}.")
    code = code_in(folder, flavors)
    if code:
        raise InputError(f"model {address} brings code of its own ({code[0]}), which is not run; {again}.")
    file = folder / "data" / "model.keras"
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise InputError(f"model {address} has no file data/{file.name}; {again}.")
    return file


def code_in(folder: Path, flavors: Mapping[str, Any], loaders: Collection[str] = (_LOADER,)) -> list[str]:
    """Return what in a logged model is code that MLflow's loader would run: settings and files, by name.

    ``loaders`` are the loader modules that are none.
    """
    named = {name: settings if isinstance(settings, dict) else {} for name, settings in flavors.items()}
    code = [name for name, settings in named.items() if settings.get("code")]
    loader = named.get("python_function", {}).get("loader_module", _LOADER)
    code += [str(loader)] if loader not in loaders else []
    return code + [file.name for file in sorted(folder.rglob("*")) if file.suffix in (".cloudpickle", ".pkl", ".py")]


def predictor(model: "keras.Model", name: str) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function from uint8 faces ``(n, h, w, c)`` to probabilities ``(n, k)``; ``name`` is used in errors."""

    def predict(faces: np.ndarray) -> np.ndarray:
        expected = model.input_shape[1:]
        if faces.shape[1:] != expected:
            raise InputError(
                f"model {name} takes faces of {expected}, the dataset has {faces.shape[1:]} (height, width, "
                "channels); preprocess the dataset to the model's size and colour."
            )
        return model.predict(faces, batch_size=_BATCH, verbose=0)

    return predict


def describe_version(model: RegisteredModel, markdown: str) -> None:
    """Set the description of a model version, which the UI shows on the version's page."""
    mlflow.MlflowClient().update_model_version(model.name, model.version, markdown)
