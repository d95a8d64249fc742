"""Other faces or more faces: the arms compared with each other, in a table and in sentences."""

from collections.abc import Iterator, Sequence

import pandas as pd

from analysis.experiments.runs_by_experiment import measured_runs, tag_of
from analysis.report.context import ReportContext
from analysis.report.document_model import Conclusions, Section, Table
from analysis.tables.arms import ADD_SAME, CONTRASTS, MEANING, OVERALL, SAME_BASE, SWAP_BASE
from analysis.tables.columns import HIGH, LOW, companion
from fer.data.mixing import BASE, MIXTURE
from fer.evaluation.sentences import confidence_interval, difference, listed, p_value
from fer.fairness import ONE_SEED
from fer.tracking import names

TITLE = "Other faces or more faces"
LEVEL = 0.05
_DIFFERENCE = "difference_points"
_STEPS = names.param(f"{names.RESOLVED}steps_per_epoch")
_HELD, _VALIDATION = names.param("steps_per_epoch"), names.param("validation_from")
_ARM, _FRACTION = names.param("arm"), names.param("fraction")
_ONE_CHANGE = ["base", "addition", "added_percent"]
_ALONE = "base alone"
_NOTE = (
    "First minus second, in points; means over seeds. accuracy_min: worst group; accuracy_std: standard deviation over "
    "groups. p: by the procedure of the interval, which includes the variance over seeds where there are several. "
    "p (Holm): corrected for the p-values of the family, overall ({overall}) or groups ({groups})."
)


def other_or_more(context: ReportContext) -> Section:
    """The contrasts between arms, and what besides the faces differs between them."""
    table = context.contrasts
    if table.empty:
        return Section(TITLE)
    found = [name for name in CONTRASTS if (table["contrast"] == name).any()]
    found_here = arm_conclusions(context)
    text = [
        found_here.verdict,
        "What is compared: " + listed([f"{name} ({MEANING[name]})" for name in found]) + ".",
        *_parts(table),
        *_alike(context),
    ]
    if SWAP_BASE in found:
        text.append(
            "swap also takes faces of the base away: swap - base is what the new faces bring less what those faces did."
        )
    if ADD_SAME not in found:
        text.append("Without the arms add and same at one fraction, other faces and more faces cannot be told apart.")
    if table["seeds"].min() == 1:
        text.append(ONE_SEED)
    counts = table.loc[table["p"].notna(), "family"].value_counts()
    note = _NOTE.format(overall=counts.get(OVERALL, 0), groups=counts.sum() - counts.get(OVERALL, 0))
    shown = table.drop(columns=["first", "second"])
    block = Table("arm_contrasts", "Differences between arms", shown, note)
    return Section(TITLE, [*text, *found_here.may_not], [block], points=found_here.may)


def arm_conclusions(context: ReportContext) -> Conclusions:
    """What the contrasts between arms show, and what they cannot."""
    table = context.contrasts
    if table.empty:
        return Conclusions()
    family = table[table["family"] == OVERALL]
    known = family[family["p_holm"].notna()]
    held = known[known["p_holm"] < LEVEL]
    arms = ", ".join(dict.fromkeys(table["contrast"]))
    verdict = (
        f"{len(held) or 'None'} of {len(known)} differences between the arms ({arms}) "
        f"{'is' if len(held) < 2 else 'are'} significant (Holm's correction, 5 % level)."
        if len(known)
        else f"No difference between the arms ({arms}) can be estimated."
    )
    sentences = [_sentence(row, context) for _, row in held.iterrows()]
    unknown = len(family) - len(known)
    may_not = [f"{unknown} of {len(family)} differences between the arms cannot be estimated."] if unknown else []
    if ADD_SAME in set(known["contrast"]) - set(held["contrast"]):
        may_not.append(
            "That other faces (add) do more than as many of the base's own (same) is not shown, which does not show "
            "that they do not."
        )
    return Conclusions(verdict, sentences, may_not)


def differences_besides_faces(context: ReportContext) -> list[str]:
    """Return what else differs between the arms, one sentence each: validation faces, optimiser steps."""
    compared = {one.experiment for contrast in context.arm_contrasts for one in (contrast.first, contrast.second)}
    runs = measured_runs(context.runs)
    runs = runs[runs["experiment"].isin(compared)]
    differing = []
    if _values(runs, _VALIDATION, MIXTURE) != {BASE}:
        differing.append("Add and same also differ in their validation faces, which select the epoch.")
    if _values(runs, _HELD, "auto") == {"auto"}:
        differing.append("Both have more optimiser steps than the base alone: more faces are also more steps.")
    return differing


def _parts(table: pd.DataFrame) -> Iterator[str]:
    """Yield, per addition, how its effect on accuracy divides into more faces and other faces."""
    accuracy = table[table["metric"] == "accuracy"]
    for (base, addition, share), rows in accuracy.groupby(_ONE_CHANGE, sort=False):
        of = rows.set_index("contrast")
        if not {ADD_SAME, SAME_BASE} <= set(of.index):
            continue
        other, more = of.loc[ADD_SAME], of.loc[SAME_BASE]
        whole = other[_DIFFERENCE] + more[_DIFFERENCE]
        yield (
            f"Adding {share:g} % of {addition} to {base} changes accuracy by {_signed(whole)} points: "
            f"{_signed(more[_DIFFERENCE])} as more faces (same - base; {_certainty(more)}) and "
            f"{_signed(other[_DIFFERENCE])} as other faces (add - same; {_certainty(other)})."
        )


def _alike(context: ReportContext) -> Iterator[str]:
    """Yield what was held and what differed between the arms: optimiser steps, validation faces, the base."""
    compared = {one.experiment for contrast in context.arm_contrasts for one in (contrast.first, contrast.second)}
    runs = measured_runs(context.runs)
    runs = runs[runs["experiment"].isin(compared)]
    yield _steps(context, runs)
    chosen = _values(runs, _VALIDATION, MIXTURE)
    if chosen == {BASE}:
        yield "In all arms validation, which selects the epoch, was on the base's own validation faces."
    else:
        yield (
            "Validation faces, which select the epoch, were mixed like the training faces: in add and swap they "
            "include faces of the addition, in same and the base alone they do not, which is part of every contrast "
            "between them (validation_from=base holds them)."
        )
    kept = _values(runs, names.param("kept_aside"), "0") - {"0"}
    if kept:
        yield (
            "All of these experiments begin with the base without the training faces kept aside "
            f"({', '.join(sorted(kept))}): the base alone is smaller than the whole dataset."
        )


def _steps(context: ReportContext, runs: pd.DataFrame) -> str:
    held = _values(runs, _HELD, "auto")
    known = context.evidence.steps
    if _STEPS in known:
        trained = known.set_index("run_id")[_STEPS]
        steps = pd.to_numeric(tag_of(runs, names.TRAINING_RUN).map(trained), errors="coerce")
    else:
        steps = pd.Series(float("nan"), index=runs.index)
    arms = runs[_ARM].where(runs[_FRACTION].astype(float) > 0, _ALONE)
    numbers = steps.groupby(arms, sort=False).agg(lambda values: _range(values.dropna().astype(int).tolist()))
    shown = ", ".join(f"{arm} {number}" for arm, number in numbers.items() if number)
    of = f" (steps per epoch: {shown})" if shown else ""
    if held == {"auto"}:
        return (
            "An epoch is one pass over the training faces, so that arms with more faces also have more optimiser "
            f"steps{of}; steps_per_epoch=base holds their number."
        )
    return f"The number of optimiser steps per epoch was held{of}."


def _range(values: Sequence[int]) -> str:
    if not values:
        return ""
    return f"{min(values):,}" if min(values) == max(values) else f"{min(values):,} to {max(values):,}"


def _values(runs: pd.DataFrame, column: str, default: str) -> set[str]:
    return set(runs[column].fillna(default).astype(str)) if column in runs else {default}


def _sentence(row: pd.Series, context: ReportContext) -> str:
    metric = {
        "accuracy_std": f"the standard deviation of accuracy over {context.attribute}",
        "accuracy_min": "accuracy of the worst group",
    }.get(row["metric"], row["metric"])
    sides = f"with {row['first']}", f"with {row['second']}"
    sentence = difference(metric, row[_DIFFERENCE], _ends(row), row["p_holm"], *sides)
    return f"{row['contrast']}: {sentence}."


def _certainty(row: pd.Series) -> str:
    return f"{confidence_interval(*_ends(row))}, Holm-corrected {p_value(row['p_holm'])}"


def _ends(row: pd.Series) -> tuple[float, float]:
    return row[companion(_DIFFERENCE, LOW)], row[companion(_DIFFERENCE, HIGH)]


def _signed(value: float) -> str:
    return f"{value:+.1f}"
