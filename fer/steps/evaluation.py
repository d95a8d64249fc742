"""The step that evaluates a model of any kind on a split of a dataset: overall and per group, with intervals."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fer.classifiers import ClassifierDescription, open_classifier
from fer.classifiers.addresses import on_server
from fer.classifiers.record import with_model
from fer.classifiers.views import averaged, check_views
from fer.data.attributes import Attribute, default_attributes, parse_attributes
from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.evaluation.evaluation import Evaluation, evaluate, evaluation_set
from fer.evaluation.perturbations import perturbations_named
from fer.evaluation.record import evaluation_record
from fer.evaluation.sentences import counted
from fer.progress import announce
from fer.record import DatasetInput, Record
from fer.sentinels import AUTO, NONE
from fer.steps.datasets import refuse_existing
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.run_contents import log_record
from fer.tracking.training_data import training_datasets


def evaluate_step(
    model: str,
    address: str,
    split: str,
    attributes: Sequence[Attribute] | None,
    groups: Sequence[str] | None = None,
    cluster: str = AUTO,
    robustness: Sequence[str] = (),
    record_folder: Path | None = None,
    trust: bool = False,
    views: str = NONE,
) -> Evaluation:
    """Evaluate a model on a dataset's split, log and return the results.

    ``model`` and ``trust`` are as in :func:`fer.classifiers.open_classifier`, ``views`` is a test-time augmentation of
    :data:`fer.classifiers.views.VIEWS`; the other arguments are those of
    :func:`fer.evaluation.evaluation.evaluation_set` and :func:`fer.evaluation.evaluation.evaluate`; without
    ``attributes``, None, they are those of :func:`fer.data.attributes.default_attributes`. The record is also written
    to ``record_folder``, if given, which must not exist.
    """
    # Errors in the data are reported before the model is loaded.
    perturbations_named(robustness)
    check_views(views)
    refuse_existing(record_folder)
    dataset = open_dataset(address)
    test = evaluation_set(dataset, split, attributes_of(dataset, split, attributes), groups, cluster)
    classifier = averaged(open_classifier(model, trust), views)
    what = classifier.description
    training, unknown = _training(what, dataset)
    announce(f"predicting {counted(len(test.faces), 'face')} of {test.title}, then intervals and audits")
    done = evaluate(classifier.probabilities, test, what.emotions, training, unknown, robustness)
    dataset.check_unchanged()
    announce("drawing the figures and logging the results")
    of = {names.MODEL: what.address}
    found = evaluation_record(done) | facts_record(done, of, DatasetInput(test.faces, address, split))
    log_record(with_model(found, classifier), record_folder)
    return done


def facts_record(done: Evaluation, of: Mapping[str, str], read: DatasetInput) -> Record:
    """Return what a run says of an evaluation besides its results; ``of`` are the tags that name what was evaluated."""
    by = ",".join(map(str, done.test.groups)) or NONE
    resolved = {f"{names.RESOLVED}cluster": done.test.clusters.name, f"{names.RESOLVED}attributes": by}
    return Record(parameters=resolved, tags={**of, names.DATASET: done.test.faces.name, **_tags(done)}, inputs=[read])


def attributes_of(
    dataset: FaceDataset, split: str, attributes: Sequence[Attribute | str] | None
) -> tuple[Attribute, ...]:
    """Return the attributes by which to evaluate: those given, or the default ones of the split, which are announced.

    Announced too are the columns by which it might be evaluated as well.
    """
    if attributes is not None:
        return parse_attributes(attributes)
    chosen, others = default_attributes(dataset.samples[dataset.samples["split"] == split])
    by = ", ".join(map(str, chosen)) or "no groups, as there are none"
    more = f" (attributes= can also name: {', '.join(others)})" if others else ""
    announce(f"by {by}{more}")
    return chosen


def _training(model: ClassifierDescription, tested: FaceDataset) -> tuple[list[FaceDataset], str]:
    """Return the datasets that a model was trained on, or none and the reason why they are not available."""
    if not on_server(model.address):
        return [], f"model {model.name} was not trained here."
    try:
        return training_datasets(model.address, [tested]), ""
    except InputError as error:
        return [], str(error)


def _tags(done: Evaluation) -> dict[str, str | None]:
    worst = {f"{names.WORST_GROUP}.{result.attribute.slug}": result.worst for result in done.results}
    return {names.CLUSTER: done.test.clusters.name, **worst}
