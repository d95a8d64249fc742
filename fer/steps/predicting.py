"""The step that predicts on pictures: its record for a run, and its files in a folder."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from fer.pictures.inputs import Kind
from fer.pictures.prediction import Predictions
from fer.pictures.table import FORMATS, summary_table, write_table
from fer.pictures.timeline import timeline
from fer.record import Record
from fer.storage.file_names import file_part
from fer.text.escaping import markdown, markdown_table
from fer.text.limits import MEANING

_SHOWN = 20


def prediction_record(done: Predictions, model: str) -> Record:
    """Return the record of predictions: counts, the table of faces, a timeline per video; no picture."""
    table = done.table
    summary = summary_table(table, done.emotions)
    lead = (
        f"**{len(table):,} faces** in {sum(one.pictures for one in done.seen):,} pictures and frames of "
        f"{len(done.seen):,} inputs, by {markdown(model)}. {MEANING}"
    )
    faults = [f"- {markdown(sentence)}" for sentence in done.faults[:_SHOWN]]
    rows = [
        [str(emotion), f"{faces:,}", f"{share:.1f}", "" if pd.isna(p) else f"{p:.2f}"]
        for emotion, faces, share, p in summary.itertuples(index=False)
    ]
    headings = ["emotion", "faces", "percent", "mean probability"]
    parts = [lead, markdown_table(headings, rows, [False, True, True, True])]
    parts += ["\n".join(["Not read, or not to the end:", "", *faults])] if faults else []
    figures = {f"timelines/{name}.png": figure for name, figure in _timelines(done, table)}
    return Record(
        metrics={
            "predict/faces": len(table),
            "predict/pictures": sum(one.pictures for one in done.seen),
            "predict/without_face": sum(one.pictures > 0 and one.faces == 0 for one in done.seen),
            "predict/faults": len(done.faults),
        },
        tables={"faces.parquet": table, "summary.csv": summary.set_index("emotion"), "inputs.csv": inputs_table(done)},
        figures=figures,
        description="\n\n".join(parts),
    )


def inputs_table(done: Predictions) -> pd.DataFrame:
    """Return one row per input: its kind, how many pictures or frames were read, faces found, and the fault or none."""
    rows = [(one.input.name, one.input.kind.value, one.pictures, one.faces, one.fault or None) for one in done.seen]
    return pd.DataFrame(rows, columns=["input", "kind", "pictures", "faces", "fault"]).set_index("input")


def write_predictions(done: Predictions, folder: Path, form: str) -> None:
    """Write the tables and the timelines into a folder."""
    table = done.table
    write_table(table, folder / f"faces{FORMATS[form]}")
    write_table(summary_table(table, done.emotions), folder / "summary.csv")
    write_table(inputs_table(done).reset_index(), folder / "inputs.csv")
    for name, figure in _timelines(done, table):
        (folder / "timelines").mkdir(exist_ok=True)
        figure.savefig(folder / "timelines" / f"{name}.png", dpi=150)


def _timelines(done: Predictions, table: pd.DataFrame) -> list[tuple[str, Figure]]:
    """Return (file name without ending, figure) of each video or camera in which a face was found."""
    found: list[tuple[str, Figure]] = []
    taken: set[str] = set()
    for one in done.seen:
        if one.input.kind is Kind.PICTURE or not one.faces:
            continue
        name = stem = file_part(Path(one.input.name.replace(":", "_")).stem)
        while name.casefold() in taken:
            name = f"{stem}_{len(taken) + 1}"
        taken.add(name.casefold())
        rows = table[table["picture"] == one.input.name]
        found.append((name, timeline(rows, done.emotions, one.input.name, one.step)))
    return found
