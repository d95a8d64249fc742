"""Compare two runs on the same faces: fetch, compute, render (the entry point ``compare``)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.experiments.paired_outcomes import SAME, SHARED, check_same_samples, shared_samples
from analysis.experiments.seeds import ExperimentPredictions
from analysis.fetch.runs import load_predictions
from analysis.render import render_table
from analysis.report import Report, Section
from analysis.report.build import with_file_names
from analysis.report.contrasts import pair_pictures, paired_blocks
from analysis.report.document_model import Conclusions, Table
from analysis.report.documents import conclusions_markdown, conclusions_text
from analysis.report.margins import no_worse_block, no_worse_sentences
from analysis.report.test_set import scope
from analysis.study_report import Options
from analysis.tables.margins import no_worse_table
from analysis.tables.pairwise import Pair, pairwise_table
from fer.data.attributes import EMOTION, Attribute
from fer.errors import InputError
from fer.evaluation.independent_units import Clusters, clusters_of, unit_counts
from fer.evaluation.predictions import of_one_vocabulary
from fer.evaluation.sentences import group_warnings, listed, one_answer, p_value
from fer.fairness import ONE_SEED, mcnemar
from fer.tracking.reading import evaluated_by, evaluation_run, run_title

LEVEL = 0.05


@dataclass(frozen=True)
class Comparison:
    """Two runs compared: ``text`` for the terminal, ``description`` (Markdown) for the run's page, the report."""

    text: str
    description: str
    report: Report


def compare_runs(first: str, second: str, attribute: Attribute | None, samples: str, options: Options) -> Comparison:
    """Compare the second run with the first.

    ``attribute``: None is the first by which one of them was evaluated and that both know, the second run's before the
    first's; else the emotion. ``samples``: ``same`` refuses runs on different faces, ``shared`` cuts both to the faces
    they share. Raises InputError for one evaluation given twice, a run without predictions, an attribute that they do
    not have, and runs without common faces.
    """
    if samples not in (SAME, SHARED):
        raise InputError(f"unknown samples {samples!r}; use {SAME} or {SHARED}.")
    runs = (first, second)
    if evaluation_run(first) == evaluation_run(second):
        raise InputError(f"{first} and {second} are one evaluation; name two runs to compare.")
    tables = list(of_one_vocabulary(dict(enumerate(map(load_predictions, runs)))).values())
    sizes = [len(table) for table in tables]
    if samples == SHARED:
        tables = list(shared_samples(*tables))
    check_same_samples(*tables)
    titles = [run_title(run) for run in runs]
    if titles[0] == titles[1]:
        titles = [f"{title} ({run[:6]})" for title, run in zip(titles, runs, strict=True)]
    sides = zip(titles, runs, tables, strict=True)
    pair = Pair(*(_one_seed(title, run, table) for title, run, table in sides))
    by, others = (attribute, []) if attribute is not None else _asked(runs, tables)
    report = pair_report(pair, by, options, _shared(len(tables[0]), sizes))
    if others:
        also = f" The runs were also evaluated by {listed(list(map(str, others)))}."
        report = replace(report, about=report.about + also)
    shown = list(report.tables())
    parts = [f"{block.title}\n\n{render_table(block.frame, options.form)}" for block in shown]
    text = "\n\n".join([report.title, conclusions_text(report.conclusions), *parts])
    description = f"{conclusions_markdown(report.conclusions)}\n\n{render_table(shown[0].frame, 'markdown')}"
    return Comparison(text, description, report)


def _asked(runs: Sequence[str], tables: Sequence[pd.DataFrame]) -> tuple[Attribute, list[Attribute]]:
    """Return the attribute by which two runs are compared, and the others by which they were evaluated."""
    named = [Attribute.parse(text) for run in reversed(runs) for text in evaluated_by(run)]
    known = [attribute for attribute in dict.fromkeys(named) if all(attribute.known_in(table) for table in tables)]
    chosen, *others = known or [EMOTION]
    return chosen, others


def pair_report(pair: Pair, attribute: Attribute, options: Options, further: Sequence[str] = ()) -> Report:
    """Return the report of two runs: paired differences, gained and lost faces, confusion, galleries.

    ``further`` are more sentences on what may not be concluded.
    """
    compared = pairwise_table([pair], attribute, options.unit, options.replicates, metrics=None)
    compared = compared.drop(columns=["experiment", "baseline"])
    held = compared.loc[compared["p_holm"] < LEVEL, "metric"]
    clusters = clusters_of(pair.before.samples, options.unit)
    counts = unit_counts(pair.before.samples, pair.before.group(attribute), clusters)
    verdict = (
        f"{len(held) or 'None'} of {len(compared)} differences {'is' if len(held) < 2 else 'are'} significant (Holm's "
        f"correction, 5 % level){': ' + ', '.join(held) if len(held) else ''}."
    )
    same = [sentence for side in pair for sentence in one_answer(*side.tables, model=f"{side.experiment}:")]
    conclusions = Conclusions(
        verdict,
        [scope("of both runs", counts, clusters), *_mcnemar(pair, clusters)],
        [*same, *group_warnings(attribute, counts, clusters, pair.before.samples), ONE_SEED, *further],
    )
    pictures, lacking = pair_pictures(pair, attribute)
    no_worse = no_worse_table([pair], attribute, options.unit, options.margin, metrics=None)
    blocks = paired_blocks(compared, [pair], attribute)
    blocks.insert(1, no_worse_block(no_worse.drop(columns=["experiment", "baseline"]), options.margin))
    text = no_worse_sentences(no_worse, options.margin, pair.before.experiment)
    section = Section("What changed", text, [*blocks, *pictures])
    title = f"{pair.after.experiment} against {pair.before.experiment}"
    about = f"Two runs on the same {len(pair.before.samples):,} faces; groups by {attribute}."
    runs = pd.DataFrame([{"experiment": side.experiment, "run_id": side.runs[0]} for side in pair])
    units = Section(
        "What was compared",
        blocks=[
            Table("runs", "The runs", runs),
            Table("units", f"What each group of {attribute} rests on", counts.reset_index()),
        ],
    )
    return Report(title, about, conclusions, with_file_names([section, units]), lacking)


def _shared(faces: int, sizes: Sequence[int]) -> list[str]:
    if faces == max(sizes):
        return []
    return [
        f"The runs are compared on the {faces} faces that both runs predict, of {sizes[0]} and {sizes[1]}: nothing is "
        "said about the others."
    ]


def _one_seed(title: str, run: str, table: pd.DataFrame) -> ExperimentPredictions:
    return ExperimentPredictions(title, "these faces", (run,), (table.sort_values("sample_id", ignore_index=True),))


def _mcnemar(pair: Pair, clusters: Clusters) -> list[str]:
    """McNemar's test assumes independent faces: it is reported only where they are."""
    faces = len(pair.before.samples)
    if len(set(clusters.ids.tolist())) < faces:
        return []
    statistic, p = mcnemar(pair.before.y_true, *(side.y_pred[0] for side in pair))
    return [f"McNemar's exact test over {faces:,} independent faces: statistic {statistic:.0f}, {p_value(p)}."]
