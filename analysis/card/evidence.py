"""Fetch: what a registered model was trained on, and what its evaluations say by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from analysis.fetch.runs import load_predictions
from fer.data.attributes import EMOTION, Attribute, parse_attributes
from fer.data.dataset import FaceDataset
from fer.data.drawn_faces import drawn_faces
from fer.errors import InputError
from fer.evaluation.independent_units import Clusters, clusters_of
from fer.evaluation.sentences import one_answer, warnings_of
from fer.evaluation.uncertainty import Uncertainty, measure
from fer.tracking import names
from fer.tracking.registry import RegisteredModel, evaluations_of
from fer.tracking.training_data import training_datasets

if TYPE_CHECKING:
    from mlflow.entities import Run


@dataclass(frozen=True)
class Evaluated:
    """An evaluation of the model by one attribute.

    Attributes:
        title: the test set, such as "EiLA, test".
        run_id: the run of the evaluation.
        known: counts, intervals, disparities.
        clusters: the clusters behind the intervals.
        warnings: one sentence per warning about small groups.
        drawn: whether all faces are drawn ones.

    """

    title: str
    run_id: str
    known: Uncertainty
    clusters: Clusters
    warnings: list[str]
    drawn: bool = False


@dataclass(frozen=True)
class CardEvidence:
    """The evidence behind a card; ``lacking`` has one sentence per item that is not available."""

    model: RegisteredModel
    trained_on: Sequence[FaceDataset] = ()
    evaluated: Sequence[Evaluated] = ()
    lacking: Sequence[str] = ()


def gather(model: RegisteredModel, attributes: Sequence[Attribute] | None) -> CardEvidence:
    """Return the server's evidence on the model by these attributes; what cannot be read is named in ``lacking``.

    None: each evaluation by those that it was made by. Without attributes it is by emotion. Raises InputError if the
    model was evaluated, but knows none of the attributes.
    """
    trained_on: list[FaceDataset] = []
    evaluated: list[Evaluated] = []
    lacking: list[str] = []
    unknown: list[InputError] = []
    try:
        if not model.version:
            raise InputError("the model is known by a table of its predictions alone.")
        trained_on = training_datasets(model.run.info.run_id)
    except InputError as error:
        lacking.append(f"The training data is not shown: {error}")
    for run in evaluations_of(model):
        title = _title(run)
        try:
            predictions = load_predictions(run.info.run_id)
        except InputError as error:
            lacking.append(f"{title}: {error}")
            continue
        by = parse_attributes(names.attributes_in(run.data.params)) if attributes is None else attributes
        for attribute in by or (EMOTION,):
            try:
                evaluated.append(_measured(run, predictions, title, attribute))
            except InputError as error:
                unknown.append(error)
                lacking.append(f"{title}, by {attribute}: {error}")
    if unknown and not evaluated:  # An empty card would replace the version's description.
        raise InputError(f"the card of {model.title} would have no groups: {unknown[0]}")
    if not evaluated:
        lacking.append("No evaluation of this version could be shown; evaluate it first.")
    return CardEvidence(model, trained_on, evaluated, lacking)


def _title(run: "Run") -> str:
    dataset = run.data.tags.get(names.DATASET, "a dataset without a name")
    return f"{dataset}, {run.data.params.get('split', 'test')}"


def _measured(run: "Run", predictions: pd.DataFrame, title: str, attribute: Attribute) -> Evaluated:
    group = attribute.groups(predictions, f"the predictions of {run.info.run_name}")
    clusters = clusters_of(predictions)
    known = measure(predictions, attribute, sorted(group.dropna().unique()), clusters)
    warnings = [*one_answer(predictions), *warnings_of(known, clusters, predictions)]
    drawn = bool(drawn_faces(predictions).all())
    return Evaluated(title, run.info.run_id, known, clusters, warnings, drawn)
