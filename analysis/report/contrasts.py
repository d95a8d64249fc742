"""Two experiments on the same faces: paired differences, gained and lost faces, confusion matrices, galleries."""

from collections.abc import Sequence

import pandas as pd

from analysis.experiments.paired_outcomes import changes
from analysis.fetch.evidence import tested_faces
from analysis.figures import change_gallery, confusion_difference
from analysis.report.context import ReportContext
from analysis.report.document_model import Picture, Section, Table
from analysis.report.margins import no_worse_block, no_worse_sentences
from analysis.report.verdicts import against_baseline as verdict_against_baseline
from analysis.tables.classes import confusion_shares
from analysis.tables.pairwise import Pair, change_table
from fer.data.attributes import Attribute
from fer.errors import InputError

_PAIRED = (
    "Points; weighted F1 x 100; accuracy_min: worst group.{between} (n/e): the interval cannot be estimated, or "
    "excludes nothing from -100 to 100. p: by the procedure of the interval; p (Holm): corrected for the family of the "
    "{family} p-values of this table."
)
# Each model has a difference between two groups, from -100 to 100; their change can be twice that.
_BETWEEN = (
    " accuracy/a - accuracy/b: the difference between two groups; it is between -100 and 100 points, and its change "
    "from one model to the other between -200 and 200."
)


def paired_blocks(compared: pd.DataFrame, pairs: Sequence[Pair], attribute: Attribute) -> list[Table]:
    """Return the table of paired differences and that of gained and lost faces."""
    between = _BETWEEN if compared["metric"].str.contains(" - ", regex=False).any() else ""
    note = _PAIRED.format(family=compared["p"].notna().sum(), between=between)
    return [
        Table("pairwise", "Paired differences", compared, note),
        Table("before_after", f"Faces gained and lost, by {attribute}", change_table(pairs, attribute),
              "The first seed that both sides have. Net: gained less lost, in percent of the faces."),
    ]  # fmt: skip


def against_baseline(context: ReportContext) -> Section:
    """Paired comparisons of all pairs; confusion matrices and galleries of the largest additions."""
    found = verdict_against_baseline(context)
    if not context.pairs:
        return Section("Against the baseline", found.text)
    against = "its own base alone, trained in the same way" if context.baseline is None else context.baseline
    no_worse = no_worse_sentences(
        context.no_worse, context.margin, against.partition(",")[0] if context.baseline is None else against
    )
    blocks: list[Table | Picture] = [*paired_blocks(context.compared, context.pairs, context.attribute)]
    blocks.insert(1, no_worse_block(context.no_worse, context.margin))
    lacking: list[str] = []
    for pair in context.shown_pairs:
        pictures, missing = pair_pictures(pair, context.attribute, galleries=context.apart is None)
        blocks += pictures
        lacking += missing
    text = (
        f"Each experiment is compared with {against}, on the same faces. Confusion matrices and galleries are shown "
        "for the largest share added to each base: a choice made without looking at results."
    )
    return Section("Against the baseline", [*found.text, *no_worse, text], blocks, lacking, found.points)


def pair_pictures(pair: Pair, attribute: Attribute, galleries: bool = True) -> tuple[list[Picture], list[str]]:
    """Return confusion matrices and, if wanted, a gallery per group of the first seeds, and what could not be shown."""
    first, second = pair.before.experiment, pair.after.experiment
    figure = confusion_difference(confusion_shares(pair.before), confusion_shares(pair.after), first, second)
    note = "Percent of the true emotion's faces. On the diagonal of the difference blue is better."
    pictures = [Picture(f"confusion_{first}_{second}", f"Confusion: {first}, then {second}", figure, note)]
    if not galleries:
        return pictures, []
    changed = changes(*pair.of_one_seed(), attribute)
    note = "True emotion above, predicted before > after below. Evenly spaced over the faces of each outcome."
    try:
        faces = tested_faces(pair.after.runs[0])
        for group, rows in changed.groupby("group"):
            title = f"{group}: {first}, then {second}"
            pictures.append(Picture(f"gallery_{second}_{group}", title, change_gallery(rows, faces), note, raster=True))
    except InputError as error:
        return pictures, [f"Galleries of {second}: {error}"]
    return pictures, []
