"""The answer of a report: three sentences with the numbers of its primary comparisons.

See :mod:`analysis.report.primary` for how these are chosen.
"""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from analysis.experiments.runs_by_experiment import PERCENT, measured_runs
from analysis.report.change_words import (
    LEVEL,
    MOST_NAMED,
    capitalised,
    certainty,
    holds,
    moved,
    p_in_words,
    points_that_add_up,
    range_of,
    significant_in,
    span,
    verb_of,
)
from analysis.report.context import ReportContext
from analysis.report.effects import Change, Effect, labels_of, tested_effects, untested_effects
from analysis.report.primary import DIFFERENCE, Primary, primary_of
from analysis.tables.arms import ADD_SAME, SAME_BASE
from fer.data.attributes import EMOTION
from fer.evaluation.sentences import counted, listed

_IN_WORDS = {"accuracy": "accuracy", "accuracy_min": "the accuracy of the worst group", "accuracy_std": "std"}


def answer(context: ReportContext) -> list[str]:
    """Return three sentences: what changed, how certain it is, and what else may explain it.

    Without predictions a fourth one may say why nothing is tested.
    """
    primary = primary_of(context)
    if primary is None:
        return _without_tests(context)
    if primary.kind == "groups":
        return _between_groups(context, primary)
    effects = tested_effects(context, primary)
    about = ""
    if primary.seeds == 1:
        about = "Two trained models" if len(effects) == 1 and primary.kind != "arms" else "Trained models"
        one = "one seed each" if primary.most_seeds == 1 else "one seed on a side"
        about += f" are compared, not ways of training ({one}): "
    if len(effects) > 1:
        sentences = _several(effects, context, _subject_of_all(effects, primary))
    elif primary.kind == "arms":
        sentences = _of_arms(context, effects[0])
    else:
        subject = _added(effects[0]) if primary.kind == "base" else _exchanged(effects[0])
        sentences = [*_two(effects[0], context, subject), _not_separated(context, effects[0], primary)]
    first = sentences[0] if about else capitalised(sentences[0])
    return [about + first, *sentences[1:]]


def _of_arms(context: ReportContext, effect: Effect) -> list[str]:
    """Return the whole effect of an addition, its division into more and other faces, and the test of the latter."""
    table = context.contrasts
    here = table["metric"].eq("accuracy") & (table["added_percent"] == effect.fraction * PERCENT)
    more = table[here & (table["contrast"] == SAME_BASE) & (table["first"] == effect.baseline)]
    other = table[here & (table["contrast"] == ADD_SAME) & (table["first"] == effect.experiment)]
    if more.empty:
        subject = f"Other faces ({_share(effect)}) in place of as many further ones of {_quoted(effect.base)}"
        return [*_two(effect, context, subject), "The base alone was not run: what more faces do is not known."]
    base = _of(context, effect.baseline, SAME_BASE)
    changes = {
        metric: Change(base[metric], change.after, None) for metric, change in effect.changes.items() if metric in base
    }
    whole = replace(effect, baseline=str(more["second"].iloc[0]), changes=changes)
    by = more[DIFFERENCE].iloc[0], other[DIFFERENCE].iloc[0]
    of_more, of_other = points_that_add_up(*by)
    divided = (
        f"As many further faces of {_quoted(effect.base)} instead (arm same) change accuracy by {of_more} points; "
        f"faces of {_quoted(effect.addition)} rather than those change it by {of_other}."
    )
    verdicts = {_named(metric, context)[0]: change for metric, change in effect.changes.items()}
    return [" ".join(_two(whole, context, _added(effect), ";")), divided, _other_faces(verdicts)]


def _of(context: ReportContext, first: str, contrast: str) -> dict[str, float]:
    """Return each figure of the second side of a contrast, by the experiment on its first."""
    table = context.contrasts
    rows = table[(table["first"] == first) & (table["contrast"] == contrast)].drop_duplicates("metric")
    return dict(zip(rows["metric"], rows["second_percent"], strict=True))


def _other_faces(verdicts: dict[str, Change]) -> str:
    """Return whether the difference of other faces from more faces is significant, by figure."""
    held = {name: change for name, change in verdicts.items() if holds(change)}
    others = {name: change for name, change in verdicts.items() if not holds(change)}
    if not held:
        return f"At equal number, other faces are not shown to change {_with_p(others, 'or')}, after correction."
    shown = f"At equal number, other faces are shown to change {_with_p(held, 'and')}"
    return f"{shown}, not {_with_p(others, 'or')}, after correction." if others else f"{shown}, after correction."


def _with_p(changes: dict[str, Change], last: str) -> str:
    parts = []
    for name, change in changes.items():
        [size] = points_that_add_up(change.after - change.before)
        parts.append(f"{name} ({size} point{'' if size in ('-1', '+1') else 's'}, {p_in_words(change)})")
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def _two(effect: Effect, context: ReportContext, subject: str, between: str = ".") -> list[str]:
    """Return the changes of accuracy and of the worst group, and that of the std, each with its certainty."""
    changes = effect.changes
    parts = [moved("accuracy", changes["accuracy"])]
    pair = [changes["accuracy"]]
    if "accuracy_min" in changes:
        worst, pair = changes["accuracy_min"], [*pair, changes["accuracy_min"]]
        words = moved(f"the accuracy of the worst {'emotion' if context.by_emotion else 'group'}", worst)
        parts.append(words.removeprefix(f"{verb_of(worst)} ") if verb_of(worst) == verb_of(pair[0]) else words)
    first = f"{subject} {' and '.join(parts)}{certainty(pair)}"
    if "accuracy_std" not in changes:
        return [f"{first}."]
    std = changes["accuracy_std"]
    words = {"raised": "rose", "lowered": "fell"}.get(verb_of(std), "stayed")
    points = f"at {std.after:.0f} points" if words == "stayed" else f"{span(std)} points"
    noun = {"rose": "rise", "fell": "fall"}.get(words, "difference")
    return [f"{first}{between}", f"{'the' if between == ';' else 'The'} {_std(context)} {words} {points}"
            f"{certainty([std], noun)}."]  # fmt: skip


def _several(effects: Sequence[Effect], context: ReportContext, subject: str) -> list[str]:
    """Return one sentence per figure on all comparisons."""
    sentences = []
    for metric in _IN_WORDS:
        known = [(label, one.changes[metric]) for label, one in zip(labels_of(effects), effects, strict=True)
                 if metric in one.changes]  # fmt: skip
        if not known:
            continue
        what, unit = _named(metric, context)
        before = f"{subject} changed {what}" if metric == "accuracy" else f"{capitalised(what)} changed"
        if len(known) <= MOST_NAMED:
            spans = [f"{span(one)} {unit} ({label})" for label, one in known]
            before += f" {listed(spans)}"
        else:
            by = [one.after - one.before for _, one in known]
            before += f" by {min(by):+.0f} to {max(by):+.0f} points in {len(known)} comparisons"
        sentences.append(f"{before}{significant_in(known)}.")
    return sentences


def _between_groups(context: ReportContext, primary: Primary) -> list[str]:
    """Return accuracy, the spread over groups and its test, of one experiment or of all."""
    table = primary.table
    group = "emotion" if context.by_emotion else "group"
    held = int((table["p_holm"] < LEVEL).sum())
    differences = context.differences
    significant = int((differences["p_max_t"] < LEVEL).sum())
    count = counted(len(differences), "difference")
    pairs = f"Of {count} between two {_plural(context)}, {significant or 'none'}"
    pairs += f" {'is' if significant < 2 else 'are'} significant after correction."
    seeds = "" if primary.seeds > 1 else " (one seed: this is about the trained models)"
    if len(table) > 1:
        spans = {name: _percent_range(table[name]) for name in ("accuracy_percent", "worst_percent")}
        return [
            f"Accuracy of {counted(len(table), 'experiment')} is {spans['accuracy_percent']}, and the accuracy of the "
            f"worst {group} {spans['worst_percent']}{seeds}.",
            f"The {_std(context)} is {range_of(table['std_points'])} points; after correction it is larger than groups "
            f"without a difference would give in {held or 'none'} of {len(table)}.",
            pairs,
        ]
    row = table.iloc[0]
    accuracy = context.intervals
    accuracy = accuracy[(accuracy["metric"] == "accuracy") & (accuracy["experiment"] == row["experiment"])]
    accuracy = accuracy[accuracy["group"] != "all"].set_index("group")
    values = accuracy["estimate"].dropna()
    lowest, highest = str(values.idxmin()), str(values.idxmax())
    expected = row["expected_under_no_difference"]
    against = "" if pd.isna(expected) else f", where {expected:.0f} would be expected if groups did not differ"
    return [
        f"Accuracy of {row['experiment']} is {row['accuracy_percent']:.0f} %, from {values[lowest]:.0f} % on {lowest} "
        f"to {values[highest]:.0f} % on {highest}{seeds.replace('models', 'model')}.",
        f"The {_std(context)} is {row['std_points']:.0f} points{against}"
        f"{certainty([Change(0.0, 1.0, row['p_holm'])], 'difference')}.",
        pairs,
    ]


def _without_tests(context: ReportContext) -> list[str]:
    """Return the figures alone, and why they are not tested."""
    if context.experiments:
        return [f"Only one of the {_plural(context)} was tested: nothing can be said about differences."]
    nothing = (
        f"No run has predictions by {context.attribute}: the figures have no intervals, and no difference can be "
        "tested."
    )
    effects = untested_effects(context)
    if not effects:
        return [nothing]
    if len(effects) == 1:
        sentences = _two(effects[0], context, _added(effects[0]))
    else:
        sentences = _several(effects, context, _subject_of_all(effects, None))
    published = effects[0].experiment not in set(measured_runs(context.runs)["experiment"])
    first = f"In published figures, {sentences[0]}" if published else capitalised(sentences[0])
    return [first, *sentences[1:], nothing]


def _not_separated(context: ReportContext, effect: Effect, primary: Primary) -> str:
    """Return what else may explain the change."""
    if primary.kind == "baseline":
        changes = context.compared["p_holm"]
        held = int((changes < LEVEL).sum())
        return f"Of all {len(changes)} changes against {effect.baseline}, {held or 'none'} {_are(held)} significant."
    return {
        "add": f"The control (arm same: as many further faces of {_quoted(effect.base)}) was not run, so the effects "
        "of more faces and of other faces cannot be told apart.",
        "swap": "As many faces of the base left: what the new faces brought and what those did cannot be told apart.",
    }.get(effect.arm, "No faces of another kind were added: this is what more faces of the base's own kind do.")


def _added(effect: Effect) -> str:
    if effect.arm == "swap":
        return f"putting {_share(effect)} in place of as many training faces of {_quoted(effect.base)}"
    if effect.arm == "same":
        return f"adding as many further faces of {_quoted(effect.base)} as {_share(effect)}"
    return f"adding {_share(effect)} to the training faces of {_quoted(effect.base)}"


def _exchanged(effect: Effect) -> str:
    return f"going from {effect.baseline} to {effect.experiment}"


def _subject_of_all(effects: Sequence[Effect], primary: Primary | None) -> str:
    if primary is not None and primary.kind == "arms":
        return "other faces in place of as many further ones of the base's own (add - same)"
    if primary is not None and primary.kind == "baseline":
        return f"what is compared with {effects[0].baseline}"
    same = len({(one.addition, one.fraction, one.arm) for one in effects}) == 1 and effects[0].arm == "add"
    return f"adding {_share(effects[0])}" if same else "the largest share added to each base"


def _share(effect: Effect) -> str:
    return (
        f"all of {_quoted(effect.addition)}"
        if effect.fraction == 1
        else f"{effect.fraction * PERCENT:g} % of {_quoted(effect.addition)}"
    )


def _named(metric: str, context: ReportContext) -> tuple[str, str]:
    if metric == "accuracy_std":
        return f"the {_std(context)}", "points"
    return _IN_WORDS[metric].replace("group", "emotion" if context.by_emotion else "group"), "%"


def _quoted(name: str) -> str:
    """Return a dataset's name so that it is read as a name."""
    return f'"{name}"'


def _std(context: ReportContext) -> str:
    return f"standard deviation of accuracy over {_over(context)}"


def _over(context: ReportContext) -> str:
    return "emotions" if context.attribute == EMOTION else str(context.attribute)


def _plural(context: ReportContext) -> str:
    return "emotions" if context.attribute == EMOTION else f"groups of {context.attribute}"


def _percent_range(values: pd.Series) -> str:
    return f"{range_of(values)} %"


def _are(count: int) -> str:
    return "is" if count < 2 else "are"
