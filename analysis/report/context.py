"""The context of a report: the frames behind its sections and conclusions, each computed once."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from analysis.experiments.evidence import Evidence
from analysis.experiments.runs_by_experiment import with_groups
from analysis.experiments.seeds import ExperimentPredictions, by_test_set, predictions_by_experiment
from analysis.fetch.evidence import training_samples
from analysis.tables.arms import Contrast, arm_contrasts, contrast_table
from analysis.tables.audits import overlap_table
from analysis.tables.disparities import disparity_table
from analysis.tables.dose import Series, dose_responses
from analysis.tables.front import front_table
from analysis.tables.many_groups import flag_table, pooling_table
from analysis.tables.margins import MARGIN_POINTS, equivalence_table, no_worse_table
from analysis.tables.pairwise import Pair, baseline_pairs, largest_additions, pairwise_table
from analysis.tables.uncertainty import difference_table, interval_table
from fer.data.attributes import ALL, EMOTION, RACE, Attribute
from fer.data.samples import CLUSTER_COLUMNS
from fer.errors import InputError
from fer.evaluation.independent_units import Clusters, clusters_of, unit_counts
from fer.fairness import DoseResponse
from fer.fairness.bootstrap import REPLICATES
from fer.sentinels import AUTO

# From so many on, each group is also compared with all others.
MANY_GROUPS = 8


class Overlap(NamedTuple):
    """The overlap of tests with training (:func:`analysis.tables.audits.overlap_table`), and where it is unknown."""

    table: pd.DataFrame
    lacking: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class ReportContext:
    """The context of a report by one attribute.

    It is immutable: a frame is computed at its first use and cached, and does not depend on the order of use. Frames
    must not be modified.

    Attributes:
        evidence: the runs, their predictions and datasets.
        attribute: the attribute that defines the groups; text such as ``race*gender`` is parsed.
        split: which split was tested.
        baseline: the experiment that others are compared to; None: each mixture's own base alone.
    unit: the kind of cluster, see :mod:`fer.evaluation.independent_units`.
        replicates: of every bootstrap and permutation.
        margin: the largest difference in accuracy that does not matter, in percentage points.
        apart: where ``evidence`` pools test sets (:func:`analysis.experiments.pooled_tests.pooled_tests`), that before.

    Example:
        >>> from analysis.experiments.examples import example_predictions, example_runs
        >>> evidence = Evidence(example_runs(), example_predictions(), pd.DataFrame(columns=["run_id"]))
        >>> context = ReportContext(evidence, "race", replicates=200)
        >>> context.counts["faces"].loc["black", ["faces", "clusters"]].to_dict()
        {'faces': 40, 'clusters': 8}
        >>> from analysis.report.answer import answer
        >>> answer(context)[0].partition(" and ")[0]
        'Adding 50 % of "two" to the training faces of "one" raised accuracy from 65 to 80 %'

    """

    evidence: Evidence
    attribute: Attribute = RACE
    split: str = "test"
    baseline: str | None = None
    unit: str = AUTO
    replicates: int = REPLICATES
    apart: Evidence | None = None
    margin: float = MARGIN_POINTS

    def __post_init__(self) -> None:
        object.__setattr__(self, "attribute", Attribute.parse(self.attribute))

    @property
    def runs(self) -> pd.DataFrame:
        """The cells."""
        return self.evidence.runs

    @property
    def runs_with_groups(self) -> pd.DataFrame:
        """The cells without the published ones that report no group of the attribute."""
        return with_groups(self.runs, self.attribute, self.split)

    @cached_property
    def experiments(self) -> dict[str, ExperimentPredictions]:
        """The measured experiments whose predictions know the attribute, by name."""
        known = {run: table for run, table in self.evidence.predictions.items() if self.attribute.known_in(table)}
        return predictions_by_experiment(self.runs, known)

    @cached_property
    def by_test(self) -> dict[str, list[ExperimentPredictions]]:
        """The experiments by test set."""
        return {test: list(tested) for test, tested in by_test_set(self.experiments).items()}

    @cached_property
    def clusters(self) -> dict[str, Clusters]:
        """The clusters of each test set."""
        return {test: clusters_of(tested[0].samples, self.unit) for test, tested in self.by_test.items()}

    @property
    def by_emotion(self) -> bool:
        """Whether the groups are emotions, so that tables by emotion within groups are left out."""
        return self.attribute.by_emotion

    @property
    def unit_names(self) -> str:
        """The kind of cluster, in words; empty without predictions."""
        return ", ".join(dict.fromkeys(clusters.name for clusters in self.clusters.values()))

    @cached_property
    def counts(self) -> dict[str, pd.DataFrame]:
        """Per-group counts of each test set: :func:`fer.evaluation.independent_units.unit_counts`."""
        counted = {
            test: unit_counts(tested[0].samples, tested[0].group(self.attribute), self.clusters[test])
            for test, tested in self.by_test.items()
        }
        if self.apart is None:
            return counted
        # Of pooled tests one may record its persons and another not: a count of both would make some up.
        return {
            test: table.drop(columns=[f"{name}s" for name in _partly_known(self.by_test[test][0].samples)])
            for test, table in counted.items()
        }

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """Intervals of every metric and group."""
        return interval_table(self.experiments.values(), self.attribute, self.unit, self.replicates)

    @cached_property
    def overall_intervals(self) -> pd.DataFrame:
        """Intervals of every metric over all faces, also of experiments whose predictions do not know the attribute.

        Of a test set that lacks the column of the clusters there is none.
        """
        tables = [self.intervals] if self.experiments else []
        others = {run: table for run, table in self.evidence.predictions.items() if not self.attribute.known_in(table)}
        for name, tested in predictions_by_experiment(self.runs, others).items():
            if name in self.experiments:
                continue
            with suppress(InputError):
                tables.append(interval_table([tested], EMOTION, self.unit, self.replicates))
        found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["group"])
        return found[found["group"] == ALL]

    @cached_property
    def differences(self) -> pd.DataFrame:
        """Signed differences of accuracy between groups."""
        return difference_table(self.experiments.values(), self.attribute, self.unit, replicates=self.replicates)

    @cached_property
    def equality(self) -> pd.DataFrame:
        """Whether groups are shown to be equally accurate within the margin."""
        return equivalence_table(self.experiments.values(), self.attribute, self.unit, self.margin)

    @cached_property
    def flags(self) -> pd.DataFrame:
        """Each group against all others, with a false discovery rate; empty for an attribute of few groups."""
        table = flag_table(self.experiments.values(), self.attribute, self.unit)
        return table if table["group"].nunique() >= MANY_GROUPS else table.iloc[:0]

    @cached_property
    def pooled(self) -> pd.DataFrame:
        """Combinations of groups by a hierarchical model; empty for an attribute of one column."""
        if len(self.attribute.columns) == 1:
            return pd.DataFrame()
        return pooling_table(self.experiments.values(), self.attribute, self.unit)

    @cached_property
    def disparities(self) -> pd.DataFrame:
        """Disparities between groups, with their expectation under no difference."""
        return disparity_table(self.experiments.values(), self.attribute, self.unit, self.replicates)

    @cached_property
    def front(self) -> pd.DataFrame:
        """The trade-off, with the probability of being on the front."""
        tested = list(self.experiments.values())
        return front_table(self.runs_with_groups, tested, self.attribute, self.split, self.unit, self.replicates)

    @cached_property
    def doses(self) -> dict[Series, DoseResponse]:
        """The responses to the share added."""
        return dose_responses(self.runs, self.experiments, self.attribute, self.unit, self.replicates)

    @cached_property
    def arm_contrasts(self) -> list[Contrast]:
        """Which arms are compared with each other."""
        return arm_contrasts(self.runs, self.experiments)

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        """The differences between arms; empty where one arm alone was run."""
        return contrast_table(self.arm_contrasts, self.attribute, self.unit, self.replicates)

    @cached_property
    def overlap(self) -> Overlap:
        """The overlap of each test with its training, for experiments with available training data."""
        training, lacking = {}, []
        for name, tested in self.experiments.items():
            try:
                training[name] = training_samples(self.runs, tested.runs[0])
            except InputError as error:
                lacking.append(f"What {name} shares with its test: {error}")
        return Overlap(overlap_table(list(self.experiments.values()), training), tuple(lacking))

    @cached_property
    def pairs(self) -> list[Pair]:
        """Which experiments are compared; InputError for a baseline without predictions."""
        return baseline_pairs(self.runs, self.experiments, self.baseline)

    @cached_property
    def shown_pairs(self) -> list[Pair]:
        """The pairs for which confusion matrices and galleries are shown."""
        return largest_additions(self.runs, self.pairs)

    @cached_property
    def shown_experiments(self) -> list[str]:
        """The experiments for which recall and calibration are shown: those of the pairs shown, else all."""
        of_pairs = dict.fromkeys(one.experiment for pair in self.shown_pairs for one in pair)
        return list(of_pairs or self.experiments)

    @cached_property
    def compared(self) -> pd.DataFrame:
        """The paired comparisons; InputError without a pair."""
        return pairwise_table(self.pairs, self.attribute, self.unit, self.replicates)

    @cached_property
    def no_worse(self) -> pd.DataFrame:
        """Whether the pairs are shown to be no worse than their baseline by the margin."""
        return no_worse_table(self.pairs, self.attribute, self.unit, self.margin)


def _partly_known(samples: pd.DataFrame) -> list[str]:
    """Return the columns of persons, clips and videos that some of the samples lack and others have."""
    return [name for name in CLUSTER_COLUMNS if name in samples and 0 < samples[name].isna().sum() < len(samples)]
