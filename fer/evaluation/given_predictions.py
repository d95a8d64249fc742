"""Predictions that were made elsewhere, as a test set and a predictions table: alone, or joined to a dataset by id."""

from dataclasses import dataclass, field, replace

import pandas as pd

from fer.data.dataset import LOST_COLUMNS, FaceDataset
from fer.data.emotions import EMOTIONS, in_order
from fer.data.lost import own_groups
from fer.data.samples import conform
from fer.errors import InputError, shown
from fer.evaluation.predictions import refuse_predicted, with_answers

NO_PREDICTION = "no prediction"
NO_PROBABILITIES = (
    "The predictions have no probabilities: loss, Brier score and calibration need them and are left out."
)
_NAMES = ("sample_id", "label", "split")


@dataclass(frozen=True)
class GivenPredictions:
    """Predictions that were made elsewhere.

    Attributes:
        samples: n rows in the order of their ids: ``sample_id`` (unique), ``label`` (an emotion; absent
            if not known), ``split`` if known, and all groups and clusters.
        predicted: n emotions.
        probabilities: n rows, a column ``p_<emotion>`` for each that is known, rows of sum 1; no column without.
        unanswered: the rows without an answer, as ``samples``, with a column ``reason``.
        remarks: sentences that readers of the results need to know.

    """

    samples: pd.DataFrame
    predicted: pd.Series
    probabilities: pd.DataFrame
    unanswered: pd.DataFrame
    remarks: list[str] = field(default_factory=list)

    def table(self, faces: FaceDataset) -> pd.DataFrame:
        """Return the predictions table of a split of :func:`as_dataset` or :func:`joined_to`."""
        places = pd.Index(self.samples["sample_id"]).get_indexer(pd.Index(faces.samples["sample_id"]))
        probabilities = self.probabilities.iloc[places].reset_index(drop=True)
        return with_answers(faces.samples, self.predicted.to_numpy()[places], probabilities)


def as_dataset(given: GivenPredictions, name: str, split: str) -> FaceDataset:
    """Return the samples of predictions as a dataset without pictures; ``split`` is that of all, unless they have one.

    Rows without an answer are its lost rows. Raises InputError if the labels are not known.
    """
    if "label" not in given.samples:
        raise InputError(
            f"{name} does not say the faces' true emotions; name their column, such as columns={{label: NAME}}, or the "
            "dataset that has them, by dataset=."
        )
    samples, lost = (table if "split" in table else table.assign(split=split) for table in _tables(given))
    known = {*given.predicted, *samples["label"], *(name.removeprefix("p_") for name in given.probabilities)}
    provenance = {} if known <= set(EMOTIONS) else {"emotions": list(in_order({*EMOTIONS, *known}))}
    return FaceDataset(name, conform(samples), {}, _lost(lost), provenance)


def joined_to(given: GivenPredictions, dataset: FaceDataset, split: str) -> tuple[FaceDataset, GivenPredictions]:
    """Return a dataset with those faces of ``split`` alone that have an answer, and the predictions under its ids.

    Faces are found by ``sample_id``, or by its part after the name of their source, which is how the raw data names
    them. Labels, groups and clusters are the dataset's; what only the predictions know is added. Rows without an answer
    are added to the lost rows. Faces of other splits are left alone. Raises InputError for ids that the dataset lacks.
    """
    refuse_predicted(dataset)
    samples, unanswered = (_under_ids(conform(table), dataset) for table in _tables(given))
    here = set(dataset.samples.loc[dataset.samples["split"] == split, "sample_id"])
    if not len(dataset.split(split)) or not here & set(samples["sample_id"]):
        raise InputError(
            f"none of the {len(samples)} predictions is of the {split} split of {dataset.name}; give split= as it was "
            "predicted."
        )
    unanswered = unanswered[unanswered["sample_id"].isin(here)]
    known = dataset.samples.merge(samples, on="sample_id", how="left", suffixes=("", _GIVEN), sort=False)
    remarks = [*given.remarks, *_missing(samples, unanswered, here, dataset, split)]
    remarks += _contradictions(known[known["sample_id"].isin(set(samples["sample_id"]) & here)], dataset)
    added = [str(name) for name in samples if name not in dataset.samples]
    stays = (known["split"] != split) | known["sample_id"].isin(samples["sample_id"])
    lost = pd.concat([dataset.lost, _lost(_of_dataset(unanswered, dataset))], ignore_index=True)
    cut = dataset.where(stays.to_numpy())
    if added:
        cut = replace(cut, samples=conform(pd.concat([cut.samples, known.loc[stays.to_numpy(), added].reset_index(
            drop=True)], axis=1)))  # fmt: skip
    return replace(cut, lost=lost), replace(given, samples=samples, remarks=remarks)


_GIVEN = "\0given"


def _tables(given: GivenPredictions) -> tuple[pd.DataFrame, pd.DataFrame]:
    return given.samples, given.unanswered


def _lost(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows without an answer in the form of a dataset's lost rows."""
    return rows.reindex(columns=[*LOST_COLUMNS, *own_groups(rows)]).astype("str")


def _under_ids(table: pd.DataFrame, dataset: FaceDataset) -> pd.DataFrame:
    """Return the table with the dataset's ids; InputError for ids that the dataset lacks."""
    own = dataset.samples["sample_id"].astype("str")
    ids = table["sample_id"]
    if ids.isin(own).all():
        return table
    sources = dataset.samples["source"].astype("str")
    short = pd.Series([one.removeprefix(f"{source}/") for one, source in zip(own, sources, strict=True)])
    by_short = dict(zip(short, own, strict=True)) if short.is_unique else {}
    found = ids.where(ids.isin(own), ids.map(by_short))
    missing = ids[found.isna()]
    if len(missing):
        raise InputError(
            f"{len(missing)} of {len(table)} ids of the predictions are not in dataset {dataset.name} (the first is "
            f"{shown(missing.iloc[0])}, and one of the dataset's is {shown(own.iloc[0])}); give the dataset that was "
            "predicted, or leave dataset out."
        )
    if found.duplicated().any():
        raise InputError(
            f"two predictions are of one face of {dataset.name}, {shown(found[found.duplicated()].iloc[0])}; give each "
            "face once."
        )
    return table.assign(sample_id=found)


def _missing(
    samples: pd.DataFrame, unanswered: pd.DataFrame, here: set[str], dataset: FaceDataset, split: str
) -> list[str]:
    absent = len(here - set(samples["sample_id"]) - set(unanswered["sample_id"]))
    if not absent:
        return []
    return [
        f"{absent:,} of the {len(here):,} {split} faces of {dataset.name} are not among the predictions: they are left "
        "out, and nothing is said about them."
    ]


def _contradictions(known: pd.DataFrame, dataset: FaceDataset) -> list[str]:
    """Return a sentence per column in which predictions and dataset disagree."""
    sentences = []
    for name in [name for name in dataset.samples if f"{name}{_GIVEN}" in known]:
        pair = known[[name, f"{name}{_GIVEN}"]].astype("str").dropna()
        count = int((pair.iloc[:, 0] != pair.iloc[:, 1]).sum())
        if count and name != "split":
            sentences.append(
                f"The column {name} of the predictions is not that of {dataset.name} for {count:,} of {len(known):,} "
                "faces: the dataset's is used."
            )
    return sentences


def _of_dataset(unanswered: pd.DataFrame, dataset: FaceDataset) -> pd.DataFrame:
    """Return the rows without an answer as the dataset knows them."""
    own = [name for name in (*LOST_COLUMNS, *own_groups(dataset.samples)) if name in dataset.samples]
    added = [name for name in own_groups(unanswered) if name not in dataset.samples]
    return unanswered[["sample_id", "reason", *added]].merge(dataset.samples[own], on="sample_id", how="left")
