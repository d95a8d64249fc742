"""What a search optimises: accuracy, and of groups the worst one or the standard deviation, on validation faces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import optuna
import pandas as pd

from fer.data.dataset import FaceDataset
from fer.errors import InputError, refuse_repeated, shown
from fer.evaluation.independent_units import clusters_of
from fer.evaluation.sentences import listed
from fer.fairness import FEW_CLUSTERS, MARGIN, group_summary
from fer.fairness.clusters import sorted_names
from fer.training.mitigation.groups import known_groups

if TYPE_CHECKING:
    from fer.training.fit import Trained

ACCURACY = "accuracy"
Direction = Literal["maximize", "minimize"]
DIRECTIONS: dict[str, Direction] = {ACCURACY: "maximize", "worst_group": "maximize", "std": "minimize"}
# Of those over groups, the row of fer.fairness.group_summary.
_OF_GROUPS = {"worst_group": "accuracy_min", "std": "accuracy_std"}
RULE = "of those whose accuracy is at most 2 points below the front's highest, the best by the first other objective"
SHOWN = {ACCURACY: "validation accuracy", "worst_group": "accuracy of the worst group", "std": "std over groups"}


@dataclass(frozen=True)
class Objectives:
    """What a search optimises.

    Attributes:
        names: of :data:`DIRECTIONS`, each once.
        by: what serves as group, as in :func:`fer.training.mitigation.groups.training_groups`.
        groups: the groups that count; empty without an objective over groups.
        warning: a sentence on the groups that do not; empty if all do.

    """

    names: tuple[str, ...]
    by: str
    groups: tuple[str, ...] = ()
    warning: str = ""

    @property
    def directions(self) -> list[Direction]:
        """``maximize`` or ``minimize`` for each."""
        return [DIRECTIONS[name] for name in self.names]

    def values(self, trained: "Trained") -> tuple[float, ...]:
        """Return the objectives of a trained model on the validation faces that it was watched on, shares 0..1."""
        faces = trained.validation
        parts = [
            trained.model.predict(faces.faces(slice(start, start + 256)), verbose=0)
            for start in range(0, len(faces), 256)
        ]
        y_pred, y_true = np.concatenate(parts).argmax(axis=1), faces.codes(trained.emotions)
        found = {ACCURACY: float((y_pred == y_true).mean())}
        if self.groups:
            groups = known_groups(faces, self.by)
            summary = group_summary(
                y_true, y_pred, sensitive_features=groups.where(groups.isin(self.groups)), groups=list(self.groups)
            )
            found |= {name: float(summary[row]) for name, row in _OF_GROUPS.items()}
        return tuple(found[name] for name in self.names)


def objectives_of(text: str, validation: FaceDataset, by: str) -> Objectives:
    """Return the objectives in ``accuracy`` or ``accuracy,worst_group``; ``validation`` are the validation faces.

    A group with fewer than ten clusters (:func:`fer.evaluation.independent_units.clusters_of`), of which an evaluation
    says that nothing is certain, does not count: its accuracy would choose trials by chance. Raises InputError for an
    unknown objective, and if fewer than two groups count.
    """
    names = tuple(part.strip() for part in text.split(","))
    refuse_repeated(list(names), f"objectives {shown(text)}")
    unknown = [name for name in names if name not in DIRECTIONS]
    if unknown:
        raise InputError(
            f"unknown objective {shown(unknown[0])}; give one or several of {', '.join(DIRECTIONS)}, joined by commas."
        )
    if not set(names) & set(_OF_GROUPS):
        return Objectives(names, by)
    groups = known_groups(validation, by)
    kinds = clusters_of(validation.samples)
    there = sorted_names(groups.dropna().unique())
    counts = pd.Series({name: len(np.unique(kinds.ids[(groups == name).to_numpy()])) for name in there}, dtype=int)
    enough, few = (counts.index[mask] for mask in (counts >= FEW_CLUSTERS, counts < FEW_CLUSTERS))
    named = listed([f"{name} ({counts[name]})" for name in few])
    if len(enough) < 2:
        raise InputError(
            f"{validation.name} has {len(enough)} groups by {by} with {FEW_CLUSTERS} or more {kinds.name} among its "
            f"validation faces, and {', '.join(names)} need two (too few: {named or 'none'}); give groups= with larger "
            "groups, or objectives=accuracy."
        )
    warning = ""
    if len(few):
        warning = f"Groups with fewer than {FEW_CLUSTERS} {kinds.name} of validation faces do not count: {named}."
    return Objectives(names, by, tuple(enough), warning)


def front(study: optuna.Study) -> list[int]:
    """Return the numbers of the trials that no other one beats in every objective, in order."""
    return sorted(trial.number for trial in study.best_trials)


def chosen_trial(study: optuna.Study, objectives: Sequence[str]) -> optuna.trial.FrozenTrial:
    """Return the trial whose values ``train -P tuned=`` takes.

    With one objective the best one. With several, of the front's trials whose accuracy is at most 2 points
    (:data:`fer.fairness.MARGIN`) below the front's best one, the best by the first other objective; if accuracy is no
    objective, the best by the first.
    """
    trials = study.best_trials
    if len(objectives) == 1:
        return study.best_trial
    if ACCURACY in objectives:
        place = objectives.index(ACCURACY)
        best = max(trial.values[place] for trial in trials)
        trials = [trial for trial in trials if trial.values[place] >= best - MARGIN]
    first = next(name for name in objectives if name != ACCURACY)
    sign = 1 if DIRECTIONS[first] == "maximize" else -1
    return max(trials, key=lambda trial: sign * trial.values[objectives.index(first)])


def trials_table(study: optuna.Study, objectives: Sequence[str]) -> pd.DataFrame:
    """Return one row per trial: ``number``, its values, parameters, state; with several objectives ``on_front``."""
    if len(objectives) == 1:
        return study.trials_dataframe(attrs=("number", "state", "value", "params", "duration"))
    table = study.trials_dataframe(attrs=("number", "state", "values", "params", "duration"))
    names = {f"values_{place}": name for place, name in enumerate(objectives)}
    table = table.rename(columns=names)
    table.insert(1, "on_front", table["number"].isin(front(study)))
    return table


def values_shown(values: Mapping[str, float]) -> str:
    """Return the values of objectives in words: accuracies in percent, a standard deviation in points."""
    return ", ".join(
        f"{SHOWN[name]} {100 * value:.1f} points" if name == "std" else f"{SHOWN[name]} {value:.1%}"
        for name, value in values.items()
    )
