"""The step that tells what a model does on a dataset's split, overall and a group, and how sure that is."""

from collections.abc import Sequence

from fer.data.attributes import Attribute
from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.evaluation.independent_units import AUTO, clusters_of
from fer.evaluation.metric_names import metric_names
from fer.evaluation.metrics import by_group, overall
from fer.evaluation.perturbations import perturbations_named
from fer.evaluation.predictions import predict
from fer.evaluation.sentences import warnings_of
from fer.evaluation.uncertainty import measure
from fer.steps.evaluation_audits import log_audits
from fer.steps.evaluation_description import describe_evaluation
from fer.steps.evaluation_files import Evaluated, log_evaluation
from fer.steps.evaluation_robustness import log_robustness
from fer.steps.warnings import log_warnings
from fer.tracking import names
from fer.tracking.dataset_logging import log_dataset_input
from fer.tracking.datasets import open_dataset
from fer.tracking.models import open_model
from fer.tracking.run_contents import log_metrics, set_tags


def evaluate_step(
    model: str,
    address: str,
    split: str,
    attributes: Sequence[Attribute],
    groups: Sequence[str] | None = None,
    cluster: str = AUTO,
    robustness: Sequence[str] = (),
) -> dict[str, float]:
    """Evaluate a model (run id or ``models:/``) on a dataset's split; log everything; return the metrics.

    The groups of each attribute are those of the whole dataset, so one without a sample in this split shows with a
    count of 0; without attributes there are no group metrics. ``groups`` asks for these groups of the first attribute:
    one that has no sample is refused. ``cluster``: see :func:`fer.evaluation.independent_units.clusters_of`.
    ``robustness``: see :func:`perturbations_named`.
    """
    kinds = perturbations_named(robustness)
    dataset = open_dataset(address)
    for attribute in attributes:
        attribute.groups(dataset.samples, f"dataset {dataset.name}")
    part = dataset.split(split)
    clusters = clusters_of(part.samples, cluster, f"the {split} split of {dataset.name}")
    wanted = [
        _groups(dataset, part, attribute, groups if place == 0 else None) for place, attribute in enumerate(attributes)
    ]
    log_dataset_input(part, address, split)
    classify, emotions, uri = open_model(model)
    predictions = predict(classify, part, emotions)
    named = list(zip(attributes, wanted, strict=True))
    done = Evaluated(
        part,
        split,
        predictions,
        clusters,
        [by_group(predictions, name, of, clusters.ids) for name, of in named],
        [measure(predictions, name, of, clusters) for name, of in named],
    )
    metrics = metric_names(split, overall(predictions), done.results) | done.unit_metrics()
    log_metrics(metrics)
    worst = {f"{names.WORST_GROUP}.{result.attribute.slug}": result.worst for result in done.results}
    set_tags({"fer.model": uri, "fer.dataset": dataset.name, names.CLUSTER: clusters.name, **worst})
    log_evaluation(done)
    audited = log_audits(done, model)
    robust = log_robustness(done, classify, emotions, kinds) if kinds else {}
    thin = [warning for known in done.known for warning in warnings_of(known, clusters, predictions)]
    # The gravest of the audits first, then what the groups rest on: the page shows some five lines at once.
    sentences = [*audited.sentences[:1], *thin, *audited.sentences[1:]]
    describe_evaluation(done, audited, sentences)
    log_warnings(sentences)
    return metrics | audited.metrics | robust


def _groups(dataset: FaceDataset, part: FaceDataset, attribute: Attribute, asked: Sequence[str] | None) -> list[str]:
    here = attribute.groups(part.samples, f"the split of {dataset.name}").dropna()
    for group in asked or ():
        if not (here == group).any():
            has = ", ".join(sorted(here.unique()))
            raise InputError(
                f"group {group!r} of {attribute} has no samples in this split of {dataset.name} (it has: {has}); "
                "leave it out of groups=."
            )
    if asked:
        return list(dict.fromkeys(asked))
    return sorted(attribute.groups(dataset.samples).dropna().unique())
