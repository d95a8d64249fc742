"""Evaluations that no study made, as experiments: of a model or of a table of predictions, each of its own name."""

import hashlib
import re
from collections.abc import Hashable, Mapping

import pandas as pd

from analysis.experiments.runs_by_experiment import measured_runs, split_of, tag_of
from fer.sentinels import NONE
from fer.tracking import names

_NAME, _TEST, _DIGEST = names.tag(names.EXPERIMENT), names.param("test"), names.param("test_digest")
# Parameters of a cell's training, which no evaluation has.
_MIXTURE = tuple(names.param(name) for name in ("base", "addition", "fraction", "arm", "backbone", "head"))
_TRAINING = names.tag(names.TRAINING_RUN)
_UNNAMED = "the test faces"


def is_lone(runs: pd.DataFrame) -> pd.Series:
    """Return whether each run is an evaluation that no study made, bool (n,)."""
    return (tag_of(runs, names.STAGE) == names.EVALUATE_STAGE) & tag_of(runs, names.STUDY).isna()


def as_experiments(runs: pd.DataFrame) -> pd.DataFrame:
    """Return cells and evaluations that no study made, newest first, with what the tables need of the latter.

    Each is an experiment of its own (``tags.fer.experiment``), named as its run without the split; its ``params.test``
    is the name of the tested dataset, ``tags.fer.training_run`` the run of its model if its address names it. Of
    several of one model or table on one dataset and split the newest is kept.
    Different ones of one name, and one with the name of a cell, have part of the run's id after it. Cells are returned
    as they are.
    """
    lone = is_lone(runs)
    if not lone.any():
        return runs
    subjects = _subjects(runs[lone])
    runs = runs.drop(index=subjects.index[subjects.duplicated()]).reset_index(drop=True)
    lone = is_lone(runs)
    named = runs["run_name"].where(lone, tag_of(runs, names.EXPERIMENT)).astype("object")
    named[lone] = [
        re.sub(f"^{re.escape(split)}: ", "", str(name))
        for name, split in zip(named[lone], split_of(runs)[lone], strict=True)
    ]
    # Seeds of one experiment share their name, different evaluations do not.
    shared = lone & named.duplicated(keep=False)
    named = named.where(~shared, named + " (run " + runs["run_id"].str[:6] + ")")
    tested = tag_of(runs, names.DATASET).fillna(_UNNAMED)
    nowhere = pd.Series(None, index=runs.index, dtype="object")
    further = {name: nowhere for name in _MIXTURE if name not in runs}
    test = runs.get(_TEST, nowhere).astype("object").where(~lone, tested)
    # Copied, as pandas is slow with columns that were added one by one, and says so.
    return runs.assign(**{_NAME: named, _TEST: test, _TRAINING: _trained(runs, lone), **further}).copy()


def _trained(runs: pd.DataFrame, lone: pd.Series) -> pd.Series:
    """Return the run that trained each run's model, (n,): that of an evaluation from its model's address."""
    model = tag_of(runs, names.MODEL).astype("str").str.extract("^runs:/([^/]+)", expand=False)
    return tag_of(runs, names.TRAINING_RUN).astype("object").where(~lone, model)


def _subjects(runs: pd.DataFrame) -> pd.DataFrame:
    """Return what each run evaluated, one row per run; of an unknown model nothing is repeated."""
    subjects = pd.DataFrame({"model": tag_of(runs, names.MODEL), "predictions": tag_of(runs, names.PREDICTIONS)})
    nowhere = pd.Series(None, index=runs.index, dtype="object")
    return subjects.assign(
        dataset=tag_of(runs, names.DATASET),
        split=split_of(runs),
        path=runs.get(names.param("predictions"), nowhere),
        views=runs.get(names.param("test_time_augmentation"), nowhere).fillna(NONE),
        unknown=runs["run_id"].where(subjects.isna().all(axis=1)),
    )


def with_test_sets(runs: pd.DataFrame, predictions: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the runs with the name of what they were tested on by the faces that they predicted.

    An evaluation that no study made has the test set (``params.test``) of the cell or of the older evaluation that
    predicted the same faces, by ``sample_id`` and ``label``, so that these are compared with each other. Others have
    one of their own, even if their datasets have one name. Cells are returned as they are.
    """
    lone = is_lone(runs)
    if not lone.any():
        return runs
    keys = {run: _faces(table) for run, table in predictions.items()}
    nowhere = pd.Series(None, index=runs.index, dtype="object")
    test, digest = (runs.get(name, nowhere).astype("object") for name in (_TEST, _DIGEST))
    known: dict[Hashable, tuple[object, object]] = {}
    measured = measured_runs(runs)
    for place, run in measured.loc[~lone[measured.index], "run_id"].items():
        if run in keys:
            known.setdefault(keys[run], (test[place], digest[place]))
    taken = {name for name, _ in known.values()}
    for place, run in measured.loc[lone[measured.index], "run_id"].items():
        if run not in keys:
            continue
        if keys[run] not in known:
            name = _free(str(test[place]), len(predictions[run]), run, taken)
            taken.add(name)
            known[keys[run]] = (name, keys[run])
        test[place], digest[place] = known[keys[run]]
    # Copied, as pandas is slow with columns that were added one by one, and says so.
    return runs.assign(**{_TEST: test, _DIGEST: digest}).copy()


def _free(name: str, faces: int, run: str, taken: set[object]) -> str:
    """Return a name for a test set that no other one has."""
    for free in (name, f"{name} ({faces:,} faces)"):
        if free not in taken:
            return free
    return f"{name} (run {run[:6]})"


def _faces(predictions: pd.DataFrame) -> str:
    """Return a digest of the ids and labels of the faces, whatever their order."""
    rows = sorted(zip(predictions["sample_id"].astype(str), predictions["label"].astype(str), strict=True))
    return hashlib.sha256(repr(rows).encode()).hexdigest()
