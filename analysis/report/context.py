"""The frames of one report, each computed once: what its sections show and its conclusions are drawn from."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from analysis.experiments.evidence import Evidence
from analysis.experiments.runs_by_experiment import with_groups
from analysis.experiments.seeds import ExperimentPredictions, by_test_set, predictions_by_experiment
from analysis.fetch.evidence import training_samples
from analysis.tables.audits import overlap_table
from analysis.tables.disparities import disparity_table
from analysis.tables.dose import Series, dose_responses
from analysis.tables.front import front_table
from analysis.tables.pairwise import Pair, baseline_pairs, largest_additions, pairwise_table
from analysis.tables.uncertainty import difference_table, interval_table
from fer.data.attributes import RACE, Attribute
from fer.data.samples import CLUSTER_COLUMNS
from fer.errors import InputError
from fer.evaluation.independent_units import AUTO, Clusters, clusters_of, unit_counts
from fer.fairness import DoseResponse
from fer.fairness.bootstrap import REPLICATES


def _partly_known(samples: pd.DataFrame) -> list[str]:
    """Return the columns of persons, clips and videos that some of the samples lack and others have."""
    return [name for name in CLUSTER_COLUMNS if name in samples and 0 < samples[name].isna().sum() < len(samples)]


@dataclass
class Findings:
    """What a report by one attribute is made from.

    Attributes:
        evidence: the runs, their predictions and datasets.
        attribute: what the groups are of; text such as ``race*gender`` is read as one.
        split: which split was tested.
        baseline: the experiment that others are compared to; None: each mixture's own base alone.
        unit: what intervals are drawn over, see :mod:`fer.evaluation.independent_units`.
        replicates: of every bootstrap and permutation.
        apart: where ``evidence`` joins test sets (:func:`analysis.experiments.pooled_tests.pooled_tests`), that before.

    """

    evidence: Evidence
    attribute: Attribute = RACE
    split: str = "test"
    baseline: str | None = None
    unit: str = AUTO
    replicates: int = REPLICATES
    apart: Evidence | None = None
    lacking: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.attribute = Attribute.parse(self.attribute)

    @property
    def runs(self) -> pd.DataFrame:
        """The cells."""
        return self.evidence.runs

    @cached_property
    def trials(self) -> dict[str, ExperimentPredictions]:
        """The measured experiments whose predictions know the attribute."""
        known = {run: table for run, table in self.evidence.predictions.items() if self.attribute.known_in(table)}
        return predictions_by_experiment(self.runs, known)

    @cached_property
    def tests(self) -> dict[str, list[ExperimentPredictions]]:
        """The experiments by test set."""
        return {test: list(trials) for test, trials in by_test_set(self.trials).items()}

    @cached_property
    def clusters(self) -> dict[str, Clusters]:
        """By test set, the independent units."""
        return {test: clusters_of(trials[0].samples, self.unit) for test, trials in self.tests.items()}

    @property
    def by_emotion(self) -> bool:
        """Whether the groups are emotions, so that there is nothing to tell apart by emotion within them."""
        return self.attribute.by_emotion

    @property
    def unit_names(self) -> str:
        """What intervals are drawn over, in words; empty without predictions."""
        return ", ".join(dict.fromkeys(clusters.name for clusters in self.clusters.values()))

    @cached_property
    def counts(self) -> dict[str, pd.DataFrame]:
        """By test set, what each group rests on."""
        counted = {
            test: unit_counts(trials[0].samples, trials[0].group(self.attribute), self.clusters[test])
            for test, trials in self.tests.items()
        }
        if self.apart is None:
            return counted
        # Of joined tests one may tell its persons and another not: a count of both would make some up.
        return {
            test: table.drop(columns=[f"{name}s" for name in _partly_known(self.tests[test][0].samples)])
            for test, table in counted.items()
        }

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """Intervals of every metric and group."""
        return interval_table(self.trials.values(), self.attribute, self.unit, self.replicates)

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Signed differences of accuracy between groups."""
        return difference_table(self.trials.values(), self.attribute, self.unit, replicates=self.replicates)

    @cached_property
    def spreads(self) -> pd.DataFrame:
        """Figures over groups, with what chance gives."""
        return disparity_table(self.trials.values(), self.attribute, self.unit, self.replicates)

    @cached_property
    def front(self) -> pd.DataFrame:
        """The trade-off, with the probability of being on the front."""
        trials = list(self.trials.values())
        runs = with_groups(self.runs, self.attribute, self.split)
        return front_table(runs, trials, self.attribute, self.split, self.unit, self.replicates)

    @cached_property
    def doses(self) -> dict[Series, DoseResponse]:
        """The responses to the share added."""
        return dose_responses(self.runs, self.trials, self.attribute, self.unit, self.replicates)

    @cached_property
    def overlap(self) -> pd.DataFrame:
        """What each test shares with its training; experiments whose training data cannot be had are in ``lacking``."""
        training = {}
        for name, trial in self.trials.items():
            try:
                training[name] = training_samples(self.runs, trial.runs[0])
            except InputError as error:
                self.lacking.append(f"What {name} shares with its test: {error}")
        return overlap_table(list(self.trials.values()), training)

    @cached_property
    def pairs(self) -> list[Pair]:
        """Which experiments are compared."""
        return baseline_pairs(self.runs, self.trials, self.baseline)

    @cached_property
    def shown_pairs(self) -> list[Pair]:
        """Of which pairs confusion matrices and galleries are shown."""
        return largest_additions(self.runs, self.pairs)

    @cached_property
    def compared(self) -> pd.DataFrame:
        """The paired comparisons."""
        return pairwise_table(self.pairs, self.attribute, self.unit, self.replicates)
