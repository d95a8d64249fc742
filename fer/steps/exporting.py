"""The step that exports a logged model as files that run without TensorFlow, and checks what that changed."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tabulate import tabulate

from fer.data.attributes import Attribute, parse_attributes, suggested_attributes
from fer.data.dataset import FaceDataset
from fer.data.draws import shuffled
from fer.errors import InputError
from fer.evaluation.conversion_check import check_conversion
from fer.evaluation.evaluation import EvaluationSet, evaluation_set
from fer.evaluation.predictions import predict
from fer.evaluation.sentences import counted
from fer.export import (
    EXPORT_PRECISIONS,
    FORMATS,
    check_can_export,
    convert,
    description_of,
    open_exported,
    seconds_per_face,
)
from fer.progress import announce
from fer.record import DatasetInput, Record
from fer.sentinels import AUTO
from fer.steps.datasets import refuse_existing
from fer.steps.exporting_record import BATCHES, CheckedFile, exporting_record, shown_files, shown_groups
from fer.tracking import names
from fer.tracking.addresses import model_uri
from fer.tracking.datasets import open_dataset
from fer.tracking.models import common_crop_margin, load_logged, predictor
from fer.tracking.run_contents import log_record
from fer.tracking.served_models import log_served_model
from fer.tracking.training_data import located_training_datasets, model_title, training_run_id

_SPLIT, _CALIBRATION = "validation", ("train", "validation")
# From which int8 learns the range of each activation.
REPRESENTATIVE_FACES = 256


def export_step(
    model: str,
    address: str = AUTO,
    formats: Sequence[str] = tuple(FORMATS),
    precisions: Sequence[str] = EXPORT_PRECISIONS[:1],
    attributes: Sequence[Attribute] | None = None,
    cluster: str = AUTO,
    license: str | None = None,
    record_folder: Path | None = None,
) -> tuple[str, str]:
    """Export a logged model, check and log the files, the first of them also as a service; return its address and text.

    The text is the results for the terminal. The service is for ``mlflow models serve``, see :mod:`fer.serving`.

    Args:
        model: run id, ``runs:/`` or ``models:/``.
        address: the dataset whose validation split the files are checked on and whose training faces (up to 256, drawn)
            ``int8`` is calibrated on; ``auto``: the one that the model was trained on.
        formats: of :data:`fer.export.FORMATS`.
        precisions: of :data:`fer.export.EXPORT_PRECISIONS`.
        attributes: those to report by group; None: race and gender where they are known, else others.
        cluster: the independent unit of intervals, see :func:`fer.evaluation.independent_units.clusters_of`.
        license: the model's licence, for the description beside each file; None: unknown.
        record_folder: a folder that must not exist, to which the record is also written.

    Raises InputError as :func:`fer.export.convert`, for a model trained on several datasets if none is named, and for a
    dataset without validation faces or with faces that the model cannot take.

    """
    check_can_export(formats, precisions)
    refuse_existing(record_folder)
    dataset, address = _opened(model, address)
    if attributes is None:
        attributes = parse_attributes(suggested_attributes(dataset.split(_SPLIT).samples))
    test = evaluation_set(dataset, _SPLIT, attributes, None, cluster)
    network, emotions = load_logged(model)
    margin = common_crop_margin([model])
    announce(f"predicting {counted(len(test.faces), 'face')} of {test.title} by the Keras model")
    original = predict(predictor(network, model), test.faces, emotions)
    faces = _representative(dataset)
    title = model_title(model)
    source = f"{title}, run {training_run_id(model)}"
    with tempfile.TemporaryDirectory() as folder:
        checked = []
        for made in convert(network, Path(folder), formats, precisions, faces):
            announce(f"checking {made.title} against Keras, then its latency")
            classify = open_exported(made.file)
            check = check_conversion(made.title, original, predict(classify, test.faces, emotions), test)
            timed = {batch: 1000 * seconds_per_face(classify, faces, batch) for batch in BATCHES}
            name = f"{title}, {made.title}"
            about = description_of(made, emotions, dataset.face_shape, name, source, license, margin)
            checked.append(CheckedFile(made, about, check, timed, made.file.stat().st_size))
        dataset.check_unchanged()
        tags = {names.MODEL: model_uri(model), names.DATASET: dataset.name}
        resolved = {
            f"{names.RESOLVED}dataset": address,
            f"{names.RESOLVED}attributes": ",".join(map(str, test.groups)),
            f"{names.RESOLVED}cluster": test.clusters.name,
        }
        inputs = [DatasetInput(test.faces, address, _SPLIT)]
        log_record(
            exporting_record(checked, test) | Record(parameters=resolved, tags=tags, inputs=inputs), record_folder
        )
        served = log_served_model(_alone(checked[0], Path(folder)))
    return served, _text(checked, test)


def _opened(model: str, address: str) -> tuple[FaceDataset, str]:
    """Return the dataset at an address, or for ``auto`` the one that the model was trained on, and its address."""
    if address != AUTO:
        return open_dataset(address), address
    trained = located_training_datasets(model)
    if len(trained) > 1:
        named = ", ".join(one.name for one, _ in trained)
        raise InputError(
            f"model {model} was trained on {len(trained)} datasets ({named}); name the one whose validation faces "
            "check its export by dataset=."
        )
    return trained[0]


def _alone(one: CheckedFile, folder: Path) -> Path:
    """Return a new folder below ``folder`` with a file and its description."""
    alone = folder / "served"
    alone.mkdir()
    shutil.copy(one.exported.file, alone)
    (alone / f"{one.exported.file.name}.yaml").write_text(one.description, encoding="utf-8")
    return alone


def _representative(dataset: FaceDataset) -> np.ndarray:
    """Return at most 256 drawn faces of the training split, uint8 (n, h, w, c); of the validation split without one."""
    has = set(dataset.samples["split"])
    part = dataset.split(next(name for name in _CALIBRATION if name in has))
    drawn = shuffled(np.arange(len(part)), "representative faces")[:REPRESENTATIVE_FACES]
    return part.faces(np.sort(drawn))


def _text(checked: Sequence[CheckedFile], test: EvaluationSet) -> str:
    tables = [shown_files(checked), *(shown_groups(checked, attribute) for attribute in test.groups)]
    shown = [
        tabulate(rows, headers=headings, tablefmt="simple", disable_numparse=True,
                 colalign=["left", *["right"] * (len(headings) - 1)])
        for headings, rows in tables
    ]  # fmt: skip
    whole = checked[0].check.accuracy.iloc[0]
    lead = (
        f"{test.title}: {counted(int(whole['faces']), 'face')}, accuracy of the Keras model "
        f"{100 * whole['original']:.1f} %"
    )
    groups = ["Accuracy by group, in percent:"] if test.groups else []
    return "\n\n".join([lead, shown[0], *groups, *shown[1:]])
