"""Fetch: all that a report needs besides the runs themselves: predictions, datasets, audits, faces."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from analysis.experiments.evidence import Evidence
from analysis.experiments.lone_evaluations import with_test_sets
from analysis.experiments.runs_by_experiment import measured_runs, tag_of
from analysis.fetch.runs import load_predictions_of, load_runs, run_pages
from fer.data.attributes import Attribute, parse_attributes
from fer.data.dataset import FaceDataset
from fer.errors import InputError
from fer.evaluation.metric_names import metric_name, metric_names
from fer.evaluation.metrics import by_group, overall
from fer.evaluation.predictions import of_one_vocabulary
from fer.tracking import names
from fer.tracking.datasets import open_dataset
from fer.tracking.reading import artifact_paths, evaluated_dataset, evaluation_run, read_table
from fer.tracking.training_data import training_datasets

# Of a cell and of an evaluation.
_MODELS = (names.TRAINING_RUN, names.MODEL)
# Of more runs without predictions, for one reason, a report names the first and the last.
_NAMED_ONE_BY_ONE = 20
_ID = re.compile(r"\b[0-9a-f]{32}\b")


def gather(runs: pd.DataFrame, attributes: Sequence[Attribute | str], split: str = "test") -> Evidence:
    """Return the evidence for a report on these cells; what cannot be read is named in ``lacking``.

    ``runs`` is what :func:`load_runs` returns of one experiment or several; ``attributes`` are the attributes of the
    report: where an evaluation logged no metrics by one of them, they are computed from its predictions. See
    :class:`analysis.experiments.evidence.Evidence`.

    Example, on a server that has the experiment::

        evidence = gather(load_runs("eila"), ["race"])
        evidence.lacking  # one sentence per item that could not be read

    """
    experiments = list(runs["experiment_name"].unique())
    measured = measured_runs(runs)
    # Asked for by the run that holds them: a cell would first be asked which that is.
    held = dict(zip(measured["run_id"], tag_of(measured, names.EVALUATION_RUN).fillna(measured["run_id"]), strict=True))
    reasons: dict[str, str] = {}
    tables = load_predictions_of(held.values(), lacking=reasons)
    predictions = of_one_vocabulary({run: tables[of] for run, of in held.items() if of in tables})
    runs = with_test_sets(runs, predictions)
    measured = measured_runs(runs)
    titles = dict(zip(measured["run_id"], measured["run_name"], strict=True))
    lacking = _without_predictions(titles, {run: reasons[of] for run, of in held.items() if of in reasons})
    lacking += _drop_other_samples(measured, predictions)
    for attribute in parse_attributes(attributes):
        runs = with_attribute(runs, predictions, attribute, split)
    steps = load_runs(experiments, stage=None)
    return Evidence(runs, predictions, steps, lacking, run_pages(steps))


def with_attribute(
    runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame], attribute: Attribute, split: str = "test"
) -> pd.DataFrame:
    """Return the runs with metrics by ``attribute``, computed from the predictions where they were not logged.

    Runs that have the metrics, or whose predictions do not have the attribute, are unchanged. Of a run of an earlier
    version that logged the groups under other names, or two of them as one, the metrics are those of its predictions.
    """
    computed: dict[Hashable, dict[str, float]] = {}
    for place, run in runs["run_id"].items():
        try:
            groups = attribute.groups(predictions[run])
        except (InputError, KeyError):
            continue
        if not _has_groups(runs.loc[place], groups, attribute, split):
            computed[place] = _computed(runs.loc[place], predictions[run], attribute, split)
    new = dict.fromkeys(name for metrics in computed.values() for name in metrics if name not in runs)
    runs = runs.reindex(columns=[*runs, *new])
    for place, metrics in computed.items():
        runs.loc[place, list(metrics)] = list(metrics.values())
    return runs


def _has_groups(run: pd.Series, groups: pd.Series, attribute: Attribute, split: str) -> bool:
    """Return whether a run has the metrics of these groups, or of some of them, each of as many faces."""
    if pd.isna(run.get(names.metric(metric_name(split, "accuracy_min", attribute)))):
        return False
    counted = {
        names.metric(metric_name(split, "count", attribute, str(group))): count
        for group, count in groups.value_counts().items()
    }
    prefix = names.metric(metric_name(split, "count", attribute)) + "/"
    logged = run[[name for name in run.index if name.startswith(prefix)]].dropna()
    # A group of the dataset without a tested face has a count of 0.
    return all(counted.get(name, 0) == count for name, count in logged.items())


def _computed(run: pd.Series, predictions: pd.DataFrame, attribute: Attribute, split: str) -> dict[str, float]:
    """Return a run's metrics by ``attribute``, NaN for those of other groups, and the overall ones that it lacks."""
    results = metric_names(split, overall(predictions), [by_group(predictions, attribute)])
    columns = {names.metric(name): value for name, value in results.items()}
    of_attribute = names.metric(metric_name(split, "", attribute))
    by_name = {name.rpartition("/")[0] + "/" for name in columns if name.startswith(of_attribute)} - {of_attribute}
    former = [name for name in run.index if name.startswith(tuple(by_name))]
    lacking = {
        name: value for name, value in columns.items() if name.startswith(of_attribute) or pd.isna(run.get(name))
    }
    return {**dict.fromkeys(former, float("nan")), **lacking}


def tested_split(run: str, split: str) -> FaceDataset:
    """Return the dataset split that a cell or an evaluate run was tested on; InputError if it is not available."""
    return open_dataset(evaluated_dataset(run)).split(split)


def training_samples(runs: pd.DataFrame, run: str) -> pd.DataFrame:
    """Return the samples that a cell's model was trained on; InputError if they are not available."""
    tagged = runs.set_index("run_id").loc[run]
    if isinstance(tagged.get(names.tag(names.PREDICTIONS)), str):
        raise InputError("its predictions come from a table, so its training data are not known.")
    model = next(filter(lambda one: isinstance(one, str), map(tagged.get, map(names.tag, _MODELS))), None)
    if model is None:
        raise InputError(f"run {run} names no training run; give a measured cell.")
    parts = [dataset.samples for dataset in training_datasets(model)]
    samples = pd.concat(parts, ignore_index=True)
    return samples[samples["split"] == "train"]


def robustness_of(run: str) -> pd.DataFrame | None:
    """Return the accuracy under perturbations that a cell's evaluation measured; None if it did not."""
    evaluated = evaluation_run(run)
    path = names.ROBUSTNESS_ARTIFACT
    return read_table(evaluated, path) if path in artifact_paths(evaluated) else None


def counts_of(evidence: Evidence, stage: str = names.PREPROCESS_STAGE) -> dict[str, pd.DataFrame]:
    """Return the faces by split and emotion of each dataset that a run of ``stage`` made, by its name."""
    made = steps_of(evidence, stage)
    return {
        str(name): read_table(run, names.SPLIT_COUNTS_ARTIFACT)
        for name, run in zip(tag_of(made, names.DATASET), made["run_id"], strict=True)
        if names.SPLIT_COUNTS_ARTIFACT in artifact_paths(run)
    }


def steps_of(evidence: Evidence, stage: str) -> pd.DataFrame:
    """Return the finished runs of ``stage`` that belong to the cells' studies."""
    steps = evidence.steps[tag_of(evidence.steps, names.STAGE) == stage]
    return steps[tag_of(steps, names.STUDY).isin(tag_of(evidence.runs, names.STUDY).dropna().unique())]


def tested_faces(run: str) -> Callable[[Sequence[str]], np.ndarray]:
    """Return a function from sample ids to the faces that a run was tested on; InputError if they are not available.

    ``run`` is a cell or an evaluate run.
    """
    dataset = open_dataset(evaluated_dataset(run))
    places = pd.Series(np.arange(len(dataset)), index=dataset.samples["sample_id"])

    def faces(sample_ids: Sequence[str]) -> np.ndarray:
        if not set(sample_ids) <= set(places.index):
            raise InputError(f"dataset {dataset.name} does not hold the faces that run {run} was tested on.")
        return dataset.faces(places.loc[list(sample_ids)].to_numpy())

    return faces


def _without_predictions(titles: Mapping[str, str], reasons: Mapping[str, str]) -> list[str]:
    """Return a sentence per run that has no predictions; one for all of very many with the same reason.

    ``titles`` and ``reasons`` are by run id, and a reason names a run.
    """
    alike: dict[str, list[str]] = {}
    for run, reason in reasons.items():
        alike.setdefault(_ID.sub("", reason), []).append(run)
    sentences = []
    for runs in alike.values():
        shown = runs if len(runs) <= _NAMED_ONE_BY_ONE else runs[:1]
        sentences += [f"{titles[run]}: {reasons[run]}" for run in shown]
        if len(shown) < len(runs):
            others = len(runs) - 1
            sentences[-1] += f" The same holds for {others:,} other runs, from {titles[runs[1]]} to {titles[runs[-1]]}."
    return sentences


def _drop_other_samples(measured: pd.DataFrame, predictions: dict[str, pd.DataFrame]) -> list[str]:
    """Drop predictions of other samples than most runs of their test dataset predict; name them."""
    sentences = []
    known = measured[measured["run_id"].isin(predictions)]
    for test, rows in known.groupby(names.param("test")):
        kept: dict[frozenset[str], frozenset[str]] = {}
        samples: dict[str, frozenset[str]] = {}
        for run in rows["run_id"]:
            ids = frozenset(predictions[run]["sample_id"])
            samples[run] = kept.setdefault(ids, ids)
        usual = Counter(samples.values()).most_common(1)[0][0]
        for run, name in zip(rows["run_id"], rows["run_name"], strict=True):
            if samples[run] != usual:
                shared = len(samples[run] & usual)
                sentences.append(
                    f"{name}: it predicts other samples of {test} than the other runs ({shared} of {len(samples[run])} "
                    "shared), so it is left out of the tables of predictions; evaluate it on the same dataset."
                )
                del predictions[run]
    return sentences
