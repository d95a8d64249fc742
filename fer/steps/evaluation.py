"""The step that evaluates a logged model on a split of a dataset: overall and per group, with intervals."""

from collections.abc import Sequence
from pathlib import Path

from fer.data.attributes import Attribute
from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.evaluation.evaluation import Evaluation, evaluate, evaluation_set
from fer.evaluation.perturbations import perturbations_named
from fer.evaluation.record import evaluation_record
from fer.evaluation.sentences import counted
from fer.progress import announce
from fer.record import DatasetInput, Record
from fer.sentinels import AUTO
from fer.steps.datasets import refuse_existing
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.models import open_model
from fer.tracking.run_contents import log_record
from fer.tracking.training_data import training_datasets


def evaluate_step(
    model: str,
    address: str,
    split: str,
    attributes: Sequence[Attribute],
    groups: Sequence[str] | None = None,
    cluster: str = AUTO,
    robustness: Sequence[str] = (),
    record_folder: Path | None = None,
) -> Evaluation:
    """Evaluate a model (run id or ``models:/``) on a dataset's split, log and return the results.

    The arguments are those of :func:`fer.evaluation.evaluation.evaluation_set` and
    :func:`fer.evaluation.evaluation.evaluate`. The record is also written to ``record_folder``, if given, which must
    not exist.
    """
    # Errors in the data are reported before the model is loaded.
    perturbations_named(robustness)
    refuse_existing(record_folder)
    dataset = open_dataset(address)
    test = evaluation_set(dataset, split, attributes, groups, cluster)
    classify, emotions, uri = open_model(model)
    training, unknown = _training(model, dataset)
    announce(f"predicting {counted(len(test.faces), 'face')} of {test.title}, then intervals and audits")
    done = evaluate(classify, test, emotions, training, unknown, robustness)
    dataset.check_unchanged()
    announce("drawing the figures and logging the results")
    tags = {names.MODEL: uri, names.DATASET: dataset.name, **_tags(done)}
    resolved = {f"{names.RESOLVED}cluster": test.clusters.name}
    inputs = [DatasetInput(test.faces, address, split)]
    log_record(evaluation_record(done) | Record(parameters=resolved, tags=tags, inputs=inputs), record_folder)
    return done


def _training(model: str, tested: FaceDataset) -> tuple[list[FaceDataset], str]:
    """Return the datasets that a model was trained on, or none and the reason why they are not available."""
    try:
        return training_datasets(model, [tested]), ""
    except InputError as error:
        return [], str(error)


def _tags(done: Evaluation) -> dict[str, str | None]:
    worst = {f"{names.WORST_GROUP}.{result.attribute.slug}": result.worst for result in done.results}
    return {names.CLUSTER: done.test.clusters.name, **worst}
