"""The description of an evaluation, shown at the top of its run's page.

The UI folds it after about five lines, so the accuracy, the sample sizes and the most serious warnings come first, in
one paragraph; the tables of groups and the other warnings follow.
"""

from collections.abc import Sequence

import pandas as pd

from fer.evaluation.audits import AuditResult
from fer.evaluation.evaluation import Evaluation
from fer.evaluation.sentences import confidence_interval, largest_gap, rests_on
from fer.evaluation.uncertainty import Uncertainty, whole_accuracy
from fer.fairness import NO_ESTIMATE
from fer.record import DESCRIPTION_LENGTH
from fer.text.escaping import markdown, markdown_table

_NOTHING = "–"
_FIRST = 5


def describe_evaluation(done: Evaluation) -> str:
    """Return Markdown: the accuracy with its interval, the warnings, and a table of each attribute's groups."""
    clusters = done.test.clusters
    whole = whole_accuracy(done.predictions, clusters)
    rests = f"{len(done.predictions):,} faces"
    if done.known:
        rests = rests_on(done.known[0].counts.loc["all"])
    interval = confidence_interval(100 * whole["low"], 100 * whole["high"])
    lead = f"**Accuracy {whole['accuracy']:.1%}** ({interval}): {rests}, {whole['clusters']} clusters."
    sentences = list(map(markdown, done.warnings))
    if sentences:
        lead += f" **Warning:** {' '.join(sentences[:_FIRST])}"
    unknown = f" ({clusters.unknown:,} faces without one are each their own)" if clusters.unknown else ""
    parts = [lead]
    for result, known in zip(done.results, done.known, strict=True):
        parts += [_group_table(known, result.groups, done.content), markdown(largest_gap(known))]
    parts.insert(3, markdown(f"In brackets: 95 % intervals. Clusters are {clusters.name}{unknown}."))
    parts[4:4] = [f"**Warning:** {sentence}" for sentence in sentences[_FIRST:]]
    return _fitting(parts)


def described_below(lead: str, description: str) -> str:
    """Return a description, a line ``lead`` above it, of the length that the server accepts."""
    return _fitting([lead, *description.split("\n\n")])


def described_after(description: str, sentences: Sequence[str]) -> str:
    """Return a description with further sentences after its first paragraph, of the length that the server accepts."""
    lead, *rest = description.split("\n\n")
    return _fitting([lead, *map(markdown, sentences), *rest])


def _fitting(parts: Sequence[str]) -> str:
    """Join as many parts as the server accepts; no table is cut in the middle."""
    more = "See warnings.csv and groups/ for the rest."
    text = parts[0]
    for part in parts[1:]:
        if len(text) + len(part) + len(more) + 4 > DESCRIPTION_LENGTH:
            return f"{text}\n\n{more}"
        text += f"\n\n{part}"
    return text


def _group_table(known: Uncertainty, groups: pd.DataFrame, audited: AuditResult) -> str:
    per_group = known.table()
    table = per_group[[name for name in ("faces", "persons", "clips", "clusters", "emotions") if name in per_group]]
    table = table.assign(
        accuracy=[f"{_percent(row['accuracy'])} {_interval(row)}" for _, row in per_group.iterrows()],
        standardised=[_percent(value) for value in groups["standardised_accuracy"]],
    )
    if per_group["effective_samples"].notna().any():
        table["effective faces"] = [_NOTHING if pd.isna(n) else f"{n:.0f}" for n in per_group["effective_samples"]]
    votes = audited.tables.get(f"annotators_{known.attribute.slug}")
    if votes is not None:
        table["one vote"] = [_percent(value) for value in votes.loc[per_group.index, "ceiling"]]
    headings = [str(known.attribute), *map(str, table)]
    rows = [[str(name), *map(str, row)] for name, *row in table.itertuples()]
    return markdown_table(headings, rows, [False, *(table[name].dtype.kind in "iu" for name in table)])


def _interval(row: pd.Series) -> str:
    if row["method"] == NO_ESTIMATE:
        return "(no interval)" if pd.notna(row["accuracy"]) else ""
    return f"({100 * row['low']:.1f} to {100 * row['high']:.1f})"


def _percent(value: float) -> str:
    return _NOTHING if pd.isna(value) else f"{value:.1%}"
