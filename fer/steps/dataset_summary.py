"""Records that summarise a new dataset: counts, lost rows, overlap between splits, warnings.

They need no server: ``write_record(mixture_record(mixed), folder)``.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from fer import figures
from fer.data.attributes import Attribute, group_columns, groupable
from fer.data.consistency import conflicting_labels, label_conflict_warning, similar_groups
from fer.data.dataset import FaceDataset
from fer.data.lost import lost_by
from fer.data.quality import sharpness_by_split, sharpness_warning
from fer.data.samples import CLUSTER_COLUMNS, COUNTED_COLUMNS, SPLITS, count_table, known_columns, qualified_ids
from fer.data.split_groups import blocks, shared_groups
from fer.evaluation.audits import audit_mixture
from fer.preprocessing.pipeline import REJECTED_FILE, RESOLVED, Preprocessed
from fer.record import Record, warning_paragraphs
from fer.steps.lost_rows import lost_by_group, lost_record
from fer.storage.file_names import file_part
from fer.text.escaping import markdown, markdown_table
from fer.text.name_parts import metric_part
from fer.tracking import names

_SHEET = 40
_MOST_PANELS = 12
# What else a dataset's metrics are called, after "data/".
_OTHER_METRICS = {"faces", "clusters", "shared_between_splits", "sharpness", "lost", "lost_share", "audit"}


def preprocessing_record(made: Preprocessed) -> Record:
    """Return the record of a preprocessed dataset: counts, a sheet of faces, lost rows, sharpness, values of auto."""
    dataset = made.dataset
    resolved = dataset.provenance.get(RESOLVED, {})
    found = Record(
        metrics={"data/rejected": len(made.rejected)},
        parameters={f"{names.RESOLVED}{name}": value for name, value in resolved.items()},
        tables={REJECTED_FILE: made.rejected},
        figures={"faces.png": sample_sheet(dataset)},
        warnings=made.remarks,
    )
    found |= counts_record(dataset) | lost_record(dataset)
    found |= sharpness_record(dataset) | shared_faces_record(made.shared) | consistency_record(dataset)
    return found | Record(description=describe_dataset(dataset, found.warnings))


def mixture_record(dataset: FaceDataset) -> Record:
    """Return the record of a mixture: counts, and its audit (:func:`fer.evaluation.audits.audit_mixture`)."""
    audit = audit_mixture(dataset)
    found = (
        counts_record(dataset)
        | consistency_record(dataset)
        | Record(
            metrics={f"data/audit/{name}": value for name, value in audit.metrics.items()},
            tables={f"audit/{file_part(name)}.csv": table for name, table in audit.tables.items()},
            warnings=audit.sentences,
        )
    )
    return found | Record(description=describe_dataset(dataset, found.warnings))


def counts_record(dataset: FaceDataset) -> Record:
    """Return face counts by split, emotion and group, and the overlap between splits; name and digest as tags."""
    counts = count_table(dataset.samples, emotions=dataset.emotions)
    tables = {names.SPLIT_COUNTS_ARTIFACT: counts}
    drawn = {"counts/split.png": figures.distribution(counts, dataset.name)}
    metrics = {names.faces_in(str(split)): float(total) for split, total in counts["total"].items()}
    for column in counted_columns(dataset.samples):
        slug = Attribute((column,)).slug
        file, place = f"counts/{file_part(slug)}", f"column {slug}" if slug in _OTHER_METRICS else slug
        counted = pd.concat(
            {split: count_table(part, column, dataset.emotions) for split, part in _by_split(dataset.samples)},
            names=["split"],
        )
        # The user may name a column as one that counts.
        tables[f"{file}.csv"] = counted.rename_axis(
            ["split", column if column not in counts else "group"]
        ).reset_index()
        known = dataset.samples[column].value_counts()
        if len(known) <= _MOST_PANELS:
            by_group = count_table(dataset.samples, column, dataset.emotions)
            drawn[f"{file}.png"] = figures.distribution(by_group, f"{dataset.name}, by {column}")
        metrics |= {f"data/{place}/{metric_part(str(group))}": float(count) for group, count in known.items()}
    clusters = known_columns(dataset.samples, CLUSTER_COLUMNS)
    for column in clusters:
        metrics[names.clusters_of(column)] = float(qualified_ids(dataset.samples, column).nunique())
        # A model may recognise persons or clips in the test split that it saw in training.
        metrics[f"data/shared_between_splits/{column}"] = float(shared_groups(dataset.samples, column))
    if clusters:
        metrics["data/blocks"] = float(blocks(dataset.samples, clusters))
    tags = {names.DIGEST: dataset.digest, names.DATASET: dataset.name}
    return Record(metrics=metrics, tables=tables, figures=drawn, tags=tags)


def counted_columns(samples: pd.DataFrame) -> list[str]:
    """Return the columns by whose groups faces are counted: those that the project knows, then the user's own."""
    known = known_columns(samples, COUNTED_COLUMNS)
    return [*known, *(column for column in group_columns(samples) if column not in COUNTED_COLUMNS)]


def sharpness_record(dataset: FaceDataset) -> Record:
    """Return each split's median sharpness, with a warning if the splits differ in sharpness."""
    warning = sharpness_warning(dataset)
    return Record(
        metrics={f"data/sharpness/{split}": value for split, value in sharpness_by_split(dataset).items()},
        warnings=[] if warning is None else [warning],
    )


def shared_faces_record(shared: pd.DataFrame) -> Record:
    """Return the rows whose face another row of the same frame also shows, with a warning; empty if there are none."""
    if shared.empty:
        return Record()
    return Record(
        metrics={"data/shared_faces": float(len(shared))},
        tables={"shared_faces.csv": shared},
        warnings=[
            f"{len(shared)} rows show a face that another row of the same frame also shows (shared_faces.csv): one of "
            "the two labels may belong to another face."
        ],
    )


def consistency_record(dataset: FaceDataset) -> Record:
    """Return the images with two different labels, and warnings about these and about groups that may be the same."""
    conflicts = conflicting_labels(dataset)
    warning = label_conflict_warning(conflicts)
    alike = similar_groups(dataset.samples, groupable(dataset.samples))
    if warning is None:
        return Record(warnings=alike)
    return Record(
        metrics={"data/conflicting_labels": float(len(conflicts))},
        tables={"conflicting_labels.csv": conflicts},
        warnings=[warning, *alike],
    )


def describe_dataset(dataset: FaceDataset, warnings: Sequence[str]) -> str:
    """Return Markdown for the top of the run's page: what was made, the warnings, the lost rows."""
    height, width, channels = dataset.face_shape
    kind = "gray" if channels == 1 else "RGB"
    counts = count_table(dataset.samples, emotions=dataset.emotions).reset_index()
    parts = [_markdown(counts)]
    if len(dataset.lost):
        reasons = "; ".join(f"{why}: {count:,}" for why, count in dataset.lost["reason"].value_counts().items())
        parts.append(f"**{len(dataset.lost):,} rows gave no face** ({markdown(reasons)}).")
    for column in lost_by(dataset.samples, dataset.lost):
        shares = lost_by_group(dataset, column).query("split == 'all'").drop(columns="split")
        shares["share_lost"] = shares["share_lost"].map("{:.1%}".format, na_action="ignore")
        parts.append(f"By {markdown(column)}:\n\n{_markdown(shares)}")
    # The UI folds a description after a few lines, so the warnings come first.
    lead = f"**{len(dataset):,} faces**, {width}x{height} {kind}."
    return "\n\n".join([lead, *warning_paragraphs(warnings), *parts])


def sample_sheet(dataset: FaceDataset) -> figures.Figure:
    """Return a sheet of faces with captions: five per emotion, evenly spread over the dataset."""
    rows: list[int] = []
    for emotion in sorted(dataset.samples["label"].unique()):
        here = dataset.samples.index[dataset.samples["label"] == emotion].to_numpy()
        rows += here[:: max(1, len(here) // 5)][:5].tolist()
    rows = rows[:_SHEET]
    captions = [str(label) for label in dataset.samples["label"].iloc[rows]]
    return figures.face_sheet(dataset.faces(np.array(rows)), captions, columns=5, title=dataset.name)


def _markdown(table: pd.DataFrame) -> str:
    numeric = [table[name].dtype.kind in "iuf" for name in table]
    rows = [["–" if pd.isna(cell) else str(cell) for cell in row] for row in table.itertuples(index=False)]
    return markdown_table(list(map(str, table)), rows, numeric)


def _by_split(samples: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for split in SPLITS:
        part = samples[samples["split"] == split]
        if len(part):
            yield split, part
