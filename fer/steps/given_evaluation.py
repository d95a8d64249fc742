"""The step that evaluates predictions that were made elsewhere: a table, alone or joined to a dataset by sample id."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fer.data.attributes import Attribute
from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.evaluation.evaluation import Evaluation, evaluate_given, evaluation_set
from fer.evaluation.given_predictions import GivenPredictions, as_dataset, joined_to
from fer.evaluation.record import evaluation_record
from fer.evaluation.sentences import counted
from fer.progress import announce
from fer.record import DatasetInput
from fer.sentinels import AUTO
from fer.sources.predictions import read_predictions
from fer.steps.datasets import refuse_existing
from fer.steps.evaluation import attributes_of, facts_record
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record

_NOTHING: Mapping[str, str] = {}


def evaluate_predictions_step(
    predictions: Path,
    address: str | None = None,
    split: str = "test",
    attributes: Sequence[Attribute] | None = None,
    groups: Sequence[str] | None = None,
    cluster: str = AUTO,
    columns: Mapping[str, str] = _NOTHING,
    labels: Mapping[str, str] = _NOTHING,
    name: str | None = None,
    record_folder: Path | None = None,
) -> Evaluation:
    """Evaluate a table of predictions, log and return the results.

    Args:
        predictions: the table.
        address: of the dataset whose faces were predicted; None: the table holds all that is known.
        split: of the dataset, or of the table if it has a column ``split``; else the name of what was tested.
        attributes: None: see :func:`fer.data.attributes.default_attributes`.
        groups: as ``cluster``, see :func:`fer.evaluation.evaluation.evaluation_set`.
        cluster: as there.
        columns: as ``labels``, see :func:`fer.sources.predictions.read_predictions`.
        labels: as there.
        name: of the model in tables; None: the file's name.
        record_folder: a folder, which must not exist, to which the record is written too.

    """
    refuse_existing(record_folder)
    given = read_predictions(predictions, columns, labels)
    title = name or predictions.stem
    dataset, given = _tested(given, title, address, split)
    test = evaluation_set(dataset, split, attributes_of(dataset, split, attributes), groups, cluster)
    announce(f"evaluating {counted(len(test.faces), 'prediction')} of {test.title}: intervals and audits")
    done = evaluate_given(given, test)
    dataset.check_unchanged()
    read = DatasetInput(test.faces, address or str(predictions), split)
    announce("drawing the figures and logging the results")
    log_record(evaluation_record(done) | facts_record(done, {names.PREDICTIONS: title}, read), record_folder)
    return done


def _tested(
    given: GivenPredictions, title: str, address: str | None, split: str
) -> tuple[FaceDataset, GivenPredictions]:
    """Return the faces that were predicted, and the predictions under their ids."""
    if address is not None:
        return joined_to(given, open_dataset(address), split)
    alone = as_dataset(given, f"faces of {title}", split)
    if not (alone.samples["split"] == split).any():
        has = ", ".join(alone.samples["split"].unique())
        raise InputError(f"the predictions have no {split} faces (they have: {has}); give split= one of these.")
    return alone, given
