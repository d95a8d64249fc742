"""The record of an export: the files, what a conversion changed overall and by group, latency and size."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from fer.data.attributes import ALL, Attribute
from fer.evaluation.conversion_check import ConversionCheck
from fer.evaluation.evaluation import EvaluationSet
from fer.evaluation.metric_names import metric_name
from fer.evaluation.sentences import counted
from fer.export import Exported
from fer.record import DESCRIPTION_LENGTH, Record, warning_paragraphs
from fer.text.escaping import markdown, markdown_table
from fer.tracking import names

BATCHES = (1, 32)
_NOTHING = "–"


@dataclass(frozen=True)
class CheckedFile:
    """An exported file with its check.

    Attributes:
        exported: the file.
        description: the content of the YAML file beside it.
        check: how it differs from the Keras model on the validation faces.
        milliseconds: median time per face by batch size, on one thread.
        bytes: the size of the file.

    """

    exported: Exported
    description: str
    check: ConversionCheck
    milliseconds: dict[int, float]
    bytes: int


def exporting_record(checked: Sequence[CheckedFile], test: EvaluationSet) -> Record:
    """Return the record of exported files, which must exist until it is logged."""
    metrics: dict[str, float] = {}
    for one in checked:
        metrics |= _metrics(one)
    files = {f"{names.EXPORT_ARTIFACT}/{one.exported.file.name}": one.exported.file for one in checked}
    texts = {f"{names.EXPORT_ARTIFACT}/{one.exported.file.name}.yaml": one.description for one in checked}
    accuracy = pd.concat([one.check.accuracy.assign(file=one.exported.file.name) for one in checked])
    warnings = [sentence for one in checked for sentence in one.check.warnings]
    return Record(
        metrics=metrics,
        tables={
            "export.csv": export_table(checked),
            "export_accuracy.csv": accuracy[["file", *accuracy.columns.drop("file")]],
        },
        texts=texts,
        files=files,
        warnings=warnings,
        description=_description(checked, test, warnings),
    )


def export_table(checked: Sequence[CheckedFile]) -> pd.DataFrame:
    """Return one row per file: size in bytes, milliseconds per face, and what changed, in 0..1."""
    rows = []
    for one in checked:
        whole = one.check.accuracy.iloc[0]
        rows.append(
            {
                "file": one.exported.file.name,
                "format": one.exported.format,
                "precision": one.exported.precision,
                "bytes": one.bytes,
                **{f"milliseconds_batch_{batch}": one.milliseconds[batch] for batch in BATCHES},
                "faces": whole["faces"],
                "largest_difference": one.check.largest_difference,
                "changed_predictions": one.check.changed,
                "accuracy": whole["converted"],
                "accuracy_of_keras": whole["original"],
            }
        )
    return pd.DataFrame(rows)


def shown_files(checked: Sequence[CheckedFile]) -> tuple[list[str], list[list[str]]]:
    """Return the headings and rows of :func:`export_table` as people read them."""
    headings = ["file", "size (kB)", *(f"ms per face, batch {batch}" for batch in BATCHES)]
    headings += ["largest difference", "changed", "accuracy (%)"]
    rows = [
        [
            row["file"],
            f"{row['bytes'] / 1000:,.0f}",
            *(f"{row[f'milliseconds_batch_{batch}']:.2f}" for batch in BATCHES),
            f"{row['largest_difference']:.1g}",
            f"{row['changed_predictions']:,}",
            _percent(row["accuracy"]),
        ]
        for _, row in export_table(checked).iterrows()
    ]
    return headings, rows


def shown_groups(checked: Sequence[CheckedFile], attribute: Attribute) -> tuple[list[str], list[list[str]]]:
    """Return the headings and rows of accuracy by group in percent: of the Keras model, then of each file."""
    tables = [_groups(one, str(attribute)) for one in checked]
    headings = [str(attribute), "faces", "Keras", *(one.check.title for one in checked)]
    rows = [
        [
            str(group),
            f"{row['faces']:,}",
            _percent(row["original"]),
            *(_percent(table.at[group, "converted"]) for table in tables),
        ]
        for group, row in tables[0].iterrows()
    ]
    return headings, rows


def _groups(one: CheckedFile, attribute: str) -> pd.DataFrame:
    table = one.check.accuracy
    return table[(table["attribute"] == attribute) & (table["other"] == "")].set_index("group")


def _metrics(one: CheckedFile) -> dict[str, float]:
    prefix, table = f"{names.EXPORT_STAGE}/{one.exported.name}", one.check.accuracy
    found = {
        f"{prefix}/bytes": float(one.bytes),
        f"{prefix}/largest_difference": one.check.largest_difference,
        f"{prefix}/changed_predictions": float(one.check.changed),
        **{f"{prefix}/milliseconds_batch_{batch}": one.milliseconds[batch] for batch in BATCHES},
    }
    for _, row in table[table["other"] == ""].iterrows():
        if row["attribute"] == ALL:
            found[f"{prefix}/accuracy"] = row["converted"]
        else:
            by = Attribute.parse(row["attribute"])
            found[metric_name(prefix, "accuracy", by, row["group"])] = row["converted"]
    return found


def _description(checked: Sequence[CheckedFile], test: EvaluationSet, warnings: Sequence[str]) -> str:
    whole = checked[0].check.accuracy.iloc[0]
    lead = (
        f"**{counted(len(checked), 'exported file')}**, checked against the Keras model on "
        f"{counted(int(whole['faces']), 'face')} of {markdown(test.title)} (accuracy of Keras "
        f"{_percent(whole['original'])} %)."
    )
    meaning = (
        "Largest difference: of any probability. Changed: faces predicted as another emotion. Time: median of one "
        "thread of this machine."
    )
    parts = [lead, _table(*shown_files(checked)), meaning, *warning_paragraphs(warnings)]
    parts += [_table(*shown_groups(checked, attribute)) for attribute in test.groups]
    rest = "Paired intervals of every group are in export_accuracy.csv, all warnings in warnings.csv."
    # No table is cut in the middle.
    kept = [
        part for place, part in enumerate(parts) if len("\n\n".join([*parts[: place + 1], rest])) <= DESCRIPTION_LENGTH
    ]
    return "\n\n".join([*kept, rest])


def _table(headings: list[str], rows: list[list[str]]) -> str:
    return markdown_table(headings, rows, [place > 0 for place in range(len(headings))])


def _percent(share: float) -> str:
    return _NOTHING if pd.isna(share) else f"{100 * share:.1f}"
