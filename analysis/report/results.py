"""The sections that show results: overall, by group, trade-off."""

import pandas as pd

from analysis.experiments.runs_by_experiment import identified_by_mixture, tag_of
from analysis.figures import accuracy_by_experiment, accuracy_by_fraction, seed_spread, trade_off_figure
from analysis.report.context import ReportContext
from analysis.report.document_model import Picture, Section, Table
from analysis.report.margins import equality_block, equality_sentences
from analysis.report.verdicts import between_groups, front
from analysis.tables.clusters import cluster_choice_table
from analysis.tables.columns import keyed, keys_of
from analysis.tables.front import hypervolume_table
from analysis.tables.results import beside_published, group_table, results_table
from analysis.tables.uncertainty import with_intervals
from fer.data.attributes import EMOTION
from fer.data.samples import CLIP
from fer.evaluation.metric_names import group_shown
from fer.sentinels import AUTO
from fer.tracking import names

_INTERVAL = (
    "In brackets the 95 % interval over clusters; (n/e): it cannot be estimated, or excludes nothing. After ± the "
    "sample standard deviation over seeds, where there are several."
)


def overall(context: ReportContext) -> Section:
    """Table 5 with intervals, and the variation over seeds."""
    table = results_table(context.runs, context.split)
    if len(context.overall_intervals):
        shown = {
            "f1_weighted": ("all", "f1_weighted"),
            "accuracy_percent": ("all", "accuracy"),
            "loss": ("all", "loss"),
        }
        table = with_intervals(table, context.overall_intervals, shown)
    note = f"Weighted F1 (0 to 1), accuracy in percent, cross-entropy loss. {_INTERVAL}"
    blocks: list[Table | Picture] = [Table("results", "Results of each experiment", beside(table), note)]
    for test, tested in context.by_test.items():
        note = "The first row is what cluster=auto chooses"
        note += "." if context.unit == AUTO else f"; this report uses {context.clusters[test].name}."
        if CLIP in tested[0].samples:
            note += " Faces of a clip are near copies: if treated as independent, they make intervals too narrow."
        title = f"Effect of the independent unit on an interval ({tested[0].experiment}, tested on {test})"
        units = cluster_choice_table(tested[0], context.attribute, context.replicates)
        blocks.append(Table(f"unit_choice_{test}", title, units, note))
    if (table["seeds"] > 1).any():
        note = "One point per seed, on the same faces. Whether two experiments differ, their paired comparison tests."
        figure = seed_spread(context.runs, context.attribute, context.split)
        blocks.append(Picture("seed_spread", "Variation over seeds", figure, note))
    return Section("Results", blocks=blocks)


def by_group(context: ReportContext) -> Section:
    """Table 6 with intervals, the signed differences, the disparities, and the bars."""
    attribute, runs = context.attribute, context.runs_with_groups
    table = group_table(runs, attribute, split=context.split)
    if context.experiments:
        groups = sorted(set(context.intervals["group"].map(group_shown)) & set(keys_of(table, "accuracy_percent")))
        columns = {keyed("accuracy_percent", group): (group, "accuracy") for group in groups}
        table = with_intervals(table, context.intervals, columns)
    note = f"Percent; std: sample standard deviation over the groups, in points. {_INTERVAL}"
    title = f"Accuracy by {attribute}"
    blocks: list[Table | Picture] = [Table("accuracy_by_group", title, beside(table), note)]
    for origin in dict.fromkeys(tag_of(runs, names.ORIGIN).fillna(names.MEASURED)):
        blocks.append(_bars(context, runs, origin))
    if not context.experiments:
        return Section(title, blocks=blocks)
    found = between_groups(context)
    equal = equality_sentences(context.equality, context.margin, _groups(context))
    return Section(title, [*found.text, *equal], [*blocks, *_uncertain(context)], points=found.points)


def _groups(context: ReportContext) -> str:
    return "emotions" if context.attribute == EMOTION else f"groups of {context.attribute}"


def _bars(context: ReportContext, runs: pd.DataFrame, origin: str) -> Picture:
    attribute, intervals = context.attribute, None
    if origin == names.MEASURED and context.experiments:
        intervals = context.intervals[context.intervals["metric"] == "accuracy"]
    if intervals is not None and not identified_by_mixture(runs):
        figure = accuracy_by_experiment(intervals, attribute)
        return Picture("accuracy_by_experiment", f"Accuracy by {attribute}", figure)
    figure = accuracy_by_fraction(runs, attribute, context.split, origin, intervals)
    note = "" if intervals is not None else "Without predictions there is no interval."
    title = f"Accuracy by {attribute} and share added, {origin}"
    return Picture(f"accuracy_by_fraction_{origin}", title, figure, note)


def _uncertain(context: ReportContext) -> list[Table]:
    attribute = context.attribute
    like = context.intervals[context.intervals["metric"] == "standardised_accuracy"]
    wide = like[like["group"] != "all"].pivot(index="experiment", columns="group", values="estimate")
    wide = wide.rename(columns=lambda group: keyed("standardised_accuracy_percent", group)).rename_axis(columns=None)
    wide = wide.reindex(list(context.experiments)).dropna(how="all").reset_index()
    disparities = context.disparities
    std = disparities[disparities["summary"] == "accuracy_std"].drop(columns=["summary", "unit", "lower"])
    std = std.rename(columns={"estimate": "std_points"}).dropna(subset="std_points")
    others = disparities[disparities["summary"] != "accuracy_std"].drop(columns=["lower", "upper"])
    others = others.dropna(subset="estimate").sort_values("summary", kind="stable")
    by_emotion = context.by_emotion
    tables = [
        Table(
            "differences", f"Signed differences in accuracy between groups of {attribute} (points)",
            context.differences.drop(columns="p_holm"),
            "First group minus second, with the 95 % interval; (n/e): it cannot be estimated, or excludes nothing from "
            "-100 to 100. p: of no difference; p (max-t): corrected for all p-values of the table and their "
            "correlation, so that fewer are missed than by Holm. Minimum detectable difference: the true difference "
            "that such a test detects with 80 % power at 5 % after Holm's correction.",
        ),
        equality_block(context),
        Table(
            "spread", f"Standard deviation of accuracy over {attribute} (points)", std,
            "Never negative, so noise alone makes it look large. Expected under no difference: its mean when groups "
            "are permuted over clusters. Corrected: without noise, 0 where noise explains all. Upper: one-sided 95 % "
            "bound. Means over seeds. p: of no difference between groups of two clusters or more in the seeds' mean "
            "accuracies.",
        ),
        Table(
            "spreads_further", "Gap and ratio" + ("" if by_emotion else ", demographic parity, equalized odds, recall"),
            others, "In percentage points, but for the ratio. Corrected: without the bias that the bootstrap "
            "estimates, not cut at 0 or 100. Of the ratio more is better, of the gap less."
            + ("" if by_emotion else " So of the other three, which are of the emotion that differs most."),
        ),
    ]  # fmt: skip
    tables += _many(context)
    if by_emotion:
        return tables
    return [
        *tables,
        Table(
            "standardised_accuracy", f"Accuracy by {attribute} at one mix of emotions (%)", wide,
            "Only emotions of which every group has five faces or more, weighted alike in every group.",
        ),
    ]  # fmt: skip


def _many(context: ReportContext) -> list[Table]:
    attribute = context.attribute
    return [
        Table(
            "flags", f"Groups of {attribute} that differ from all others", context.flags,
            "Percent, differences in points with their 95 % intervals. p (FDR): adjusted over the groups of an "
            "experiment for the false discovery rate (Benjamini and Hochberg). Flagged (*): up to 0.05, so that on "
            "average 5 % of the flags are false.",
        ),
        Table(
            "pooled", f"Accuracy by {attribute}, raw and modelled (%)", context.pooled,
            "Modelled: estimated by a hierarchical model, not measured. Main effects of "
            f"{' and '.join(attribute.columns)}, random effects of their combinations and of clusters; a combination "
            "of few clusters is drawn towards what its groups have elsewhere, also where it truly differs. In brackets "
            "95 % intervals, of the model Bayesian ones.",
        ),
    ]  # fmt: skip


def trade_off(context: ReportContext) -> Section:
    """Accuracy against its standard deviation over groups, with the front."""
    attribute, runs = context.attribute, context.runs_with_groups
    accuracy = context.intervals[context.intervals["metric"] == "accuracy"] if context.experiments else None
    note = (
        "pareto (*): no other row of the same origin and test faces is as good in both accuracy and std, and better in "
        "one. To utopia: 0 at accuracy 100 % and std 0, 1 at accuracy 0 and std 50. On front: probability, in percent, "
        "that these models put the row on the front of another test set of this kind and size; nothing where a group "
        "has a single cluster."
    )
    reached = (
        "Percentage of the box from accuracy 0 and std 50 to accuracy 100 and std 0 in which one of the base's "
        "experiments at least is better in both: how much of the trade-off they reach together. More experiments can "
        "only raise it, so compare bases that were mixed alike. Not beaten: how many no other of the base beats."
    )
    volumes = hypervolume_table(runs, attribute, context.split)
    blocks: list[Table | Picture] = [
        Table("trade_off", "Trade-off, Pareto front determined on the test faces", context.front, note),
        Table("hypervolume", "Hypervolume of the trade-off, by base", volumes, reached),
    ]
    if context.front["std_points"].notna().any():
        title = f"Accuracy against its standard deviation over {attribute}"
        figure = trade_off_figure(runs, attribute, context.split, accuracy)
        blocks.append(Picture("trade_off", title, figure, "Upper left is best."))
    return Section("Accuracy against fairness", front(context) if context.experiments else (), blocks)


def beside(table: pd.DataFrame) -> pd.DataFrame:
    """Put published figures beside measured ones where a table has both: the paper's form."""
    return beside_published(table) if {names.MEASURED, names.PUBLISHED} <= set(table["origin"]) else table
