"""The sections that tell results: overall, by group, trade-off."""

import pandas as pd

from analysis.experiments.runs_by_experiment import identified_by_mixture, tag_of, with_groups
from analysis.figures import accuracy_by_experiment, accuracy_by_fraction, seed_spread, trade_off_figure
from analysis.report.context import Findings
from analysis.report.document_model import Picture, Section, Table
from analysis.tables.clusters import cluster_choice_table
from analysis.tables.columns import keyed, keys_of
from analysis.tables.front import hypervolume_table
from analysis.tables.results import beside_published, group_table, results_table
from analysis.tables.uncertainty import with_intervals
from fer.evaluation.metric_names import metric_part
from fer.tracking import names

_INTERVAL = (
    "In brackets the 95 % interval over independent units; (n/e) cannot be estimated. After ± the sample standard "
    "deviation over seeds, where there are several."
)


def overall(findings: Findings) -> Section:
    """Table 5 with intervals, and the spread over seeds."""
    table = results_table(findings.runs, findings.split)
    if findings.trials:
        shown = {
            "f1_weighted": ("all", "f1_weighted"),
            "accuracy_percent": ("all", "accuracy"),
            "loss": ("all", "loss"),
        }
        table = with_intervals(table, findings.intervals, shown)
    section = Section("Results")
    note = f"Weighted F1 (0 to 1), accuracy in percent, cross-entropy loss. {_INTERVAL}"
    section.blocks.append(Table("results", "Results of each experiment", _beside(table), note))
    for test, trials in findings.tests.items():
        note = (
            "Faces of a clip are near copies: taken as independent they promise a certainty that is not there. The "
            "first row is what this report uses, unless another unit was asked for."
        )
        title = f"What the independent unit does to an interval ({trials[0].experiment}, tested on {test})"
        units = cluster_choice_table(trials[0], findings.attribute, findings.replicates)
        section.blocks.append(Table(f"unit_choice_{test}", title, units, note))
    if (table["seeds"] > 1).any():
        note = "A point a seed. Experiments whose points overlap are not told apart by their means."
        figure = seed_spread(findings.runs, findings.attribute, findings.split)
        section.blocks.append(Picture("seed_spread", "Spread over seeds", figure, note))
    return section


def by_group(findings: Findings) -> Section:
    """Table 6 with intervals, the signed differences, the spreads, and the bars."""
    attribute = findings.attribute
    runs = with_groups(findings.runs, attribute, findings.split)
    table = group_table(runs, attribute, split=findings.split)
    section = Section(f"Accuracy by {attribute}")
    if findings.trials:
        groups = sorted(set(findings.intervals["group"].map(metric_part)) & set(keys_of(table, "accuracy_percent")))
        columns = {keyed("accuracy_percent", group): (group, "accuracy") for group in groups}
        table = with_intervals(table, findings.intervals, columns)
    note = f"Percent; std: sample standard deviation over the groups, in points. {_INTERVAL}"
    section.blocks.append(Table("accuracy_by_group", f"Accuracy by {attribute}", _beside(table), note))
    for origin in dict.fromkeys(tag_of(runs, names.ORIGIN).fillna(names.MEASURED)):
        intervals = None
        if origin == names.MEASURED and findings.trials:
            intervals = findings.intervals[findings.intervals["metric"] == "accuracy"]
        if intervals is not None and not identified_by_mixture(runs):
            figure = accuracy_by_experiment(intervals, attribute)
            section.blocks.append(Picture("accuracy_by_experiment", f"Accuracy by {attribute}", figure))
            continue
        figure = accuracy_by_fraction(runs, attribute, findings.split, origin, intervals)
        note = "" if intervals is not None else "Without predictions there is no interval."
        section.blocks.append(
            Picture(
                f"accuracy_by_fraction_{origin}", f"Accuracy by {attribute} and share added, {origin}", figure, note
            )
        )
    if findings.trials:
        section.blocks += _uncertain(findings)
    return section


def _uncertain(findings: Findings) -> list[Table]:
    attribute = findings.attribute
    like = findings.intervals[findings.intervals["metric"] == "standardised_accuracy"]
    wide = like[like["group"] != "all"].pivot(index="experiment", columns="group", values="estimate")
    wide = wide.rename(columns=lambda group: keyed("standardised_accuracy_percent", group)).rename_axis(columns=None)
    wide = wide.reindex(list(findings.trials)).dropna(how="all").reset_index()
    spreads = findings.spreads
    std = spreads[spreads["summary"] == "accuracy_std"].drop(columns=["summary", "unit", "lower"])
    std = std.rename(columns={"estimate": "std_points"}).dropna(subset="std_points")
    others = spreads[spreads["summary"] != "accuracy_std"].drop(columns=["lower", "upper"]).dropna(subset="estimate")
    others = others.sort_values("summary", kind="stable")
    by_emotion = findings.by_emotion
    tables = [
        Table(
            "differences", f"Signed differences in accuracy between groups of {attribute} (points)",
            findings.differences,
            "First group less second. p: of no difference; p (Holm): corrected for all p-values of this table. Minimum "
            "detectable difference: the true gap that 80 % of such tests would find at 5 %.",
        ),
        Table(
            "spread", f"Standard deviation of accuracy over {attribute} (points)", std,
            "Never negative, so noise alone makes it look large. Expected under no difference: its mean when groups "
            "are shuffled over units. Corrected: less noise, 0 where noise explains all. Upper: one-sided 95 % bound. "
            "p: against no difference between groups.",
        ),
        Table(
            "spreads_further", "Gap and ratio" + ("" if by_emotion else ", demographic parity, equalized odds, recall"),
            others, "In percentage points, but for the ratio. Of the ratio more is better, of the gap less."
            + ("" if by_emotion else " So of the other three, which are of the emotion that differs most."),
        ),
    ]  # fmt: skip
    if by_emotion:
        return tables
    return [
        *tables,
        Table(
            "standardised_accuracy", f"Accuracy by {attribute} at one mix of emotions (%)", wide,
            "Only emotions of which every group has five faces or more, weighted alike in every group.",
        ),
    ]  # fmt: skip


def trade_off(findings: Findings) -> Section:
    """Accuracy against spread, with the front."""
    intervals = findings.intervals[findings.intervals["metric"] == "accuracy"] if findings.trials else None
    runs = with_groups(findings.runs, findings.attribute, findings.split)
    figure = trade_off_figure(runs, findings.attribute, findings.split, intervals)
    title = "Trade-off, Pareto set looked up on the test faces"
    note = (
        "pareto (*): no other row of the same origin and test faces has a higher accuracy and a lower std. To utopia: "
        "0 at accuracy 100 % and std 0, 1 at accuracy 0 and std 50. On front: percentage of redrawn test sets in which "
        "the row is on the front, of those in which every group occurs."
    )
    section = Section("Accuracy against fairness")
    reached = (
        "Percentage of the box from accuracy 0 and std 50 to accuracy 100 and std 0 in which one of the base's "
        "experiments at least is better in both: how much of the trade-off they reach together. More experiments can "
        "only raise it, so compare bases that were mixed alike. Not beaten: how many no other of the base beats."
    )
    volumes = hypervolume_table(runs, findings.attribute, findings.split)
    section.blocks = [
        Table("trade_off", title, findings.front, note),
        Table("hypervolume", "Hypervolume of the trade-off, by base", volumes, reached),
    ]
    if findings.front["std_points"].notna().any():
        shown = f"Accuracy against its spread over {findings.attribute}"
        section.blocks.append(Picture("trade_off", shown, figure, "Upper left is best."))
    return section


def _beside(table: pd.DataFrame) -> pd.DataFrame:
    """Put published figures beside measured ones where there are both: the paper's form."""
    return beside_published(table) if {names.MEASURED, names.PUBLISHED} <= set(table["origin"]) else table
