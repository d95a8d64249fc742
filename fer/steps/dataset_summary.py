"""What a run says about the dataset that it made: counts, what was lost, what is shared between splits, warnings."""

from collections.abc import Sequence

import pandas as pd
from tabulate import tabulate

from fer import figures
from fer.data.dataset import FaceDataset
from fer.data.quality import sharpness_by_split, sharpness_warning
from fer.data.samples import CLUSTER_COLUMNS, COUNTED_COLUMNS, GROUP_COLUMNS, SPLITS, count_table
from fer.data.split_groups import blocks, shared_groups
from fer.evaluation.audits import audit_mixture
from fer.evaluation.metric_names import metric_part
from fer.preprocessing.extraction.results import NO_FACE
from fer.steps.warnings import beware
from fer.tracking.run_contents import describe_run, log_files, log_metrics

_SHEET = 40
_MOST_PANELS = 12
_LEAST_ROWS = 20
_UNEQUAL = 0.1


def log_counts(dataset: FaceDataset) -> None:
    """Log faces by split, emotion and group as metrics, tables and figures, and what the splits share."""
    counts = count_table(dataset.samples)
    tables: dict[str, pd.DataFrame] = {"counts/split.csv": counts}
    drawn = {"counts/split.png": figures.distribution(counts, dataset.name)}
    metrics = {f"data/faces/{split}": float(total) for split, total in counts["total"].items()}
    for column in _known(dataset.samples, COUNTED_COLUMNS):
        tables[f"counts/{column}.csv"] = pd.concat(
            {split: count_table(part, column) for split, part in _by_split(dataset.samples)}, names=["split"]
        ).reset_index()
        known = dataset.samples[column].value_counts()
        if len(known) <= _MOST_PANELS:
            drawn[f"counts/{column}.png"] = figures.distribution(
                count_table(dataset.samples, column), f"{dataset.name}, by {column}"
            )
        metrics |= {f"data/{column}/{metric_part(str(group))}": float(count) for group, count in known.items()}
    clusters = _known(dataset.samples, CLUSTER_COLUMNS)
    for column in clusters:
        metrics[f"data/clusters/{column}"] = float(dataset.samples[column].nunique())
        # Of the groups that splits share, a model may know in the test what it saw in training.
        metrics[f"data/shared_between_splits/{column}"] = float(shared_groups(dataset.samples, column))
    if clusters:
        metrics["data/blocks"] = float(blocks(dataset.samples, clusters))
    log_metrics(metrics)
    log_files(tables=tables, figures=drawn)


def log_lost(dataset: FaceDataset) -> None:
    """Log the rows that gave no face: by reason and split, and by group beside the faces that were kept."""
    lost = dataset.lost
    metrics = {f"data/lost/{metric_part(why)}": float(count) for why, count in lost["reason"].value_counts().items()}
    tables = {}
    if len(lost):
        tables["lost/reason.csv"] = pd.crosstab(lost["reason"], lost["split"].fillna("none")).reset_index()
    for column in _known(lost, COUNTED_COLUMNS):
        shares = lost_by_group(dataset, column)
        tables[f"lost/{column}.csv"] = shares
        whole = shares[shares["split"] == "all"]
        metrics |= {
            f"data/lost_share/{column}/{metric_part(str(row['group']))}": row["share_lost"]
            for row in whole.dropna(subset="share_lost").to_dict("records")
        }
    log_metrics({"data/lost_rows": float(len(lost)), **metrics})
    log_files(tables=tables)


def lost_by_group(dataset: FaceDataset, column: str) -> pd.DataFrame:
    """Return what was looked for and not found, one row a split (and "all") and group.

    Columns: ``split``, ``group``, ``faces``, ``no_face``, ``share_lost`` (0..1: no_face of both; NaN if none was
    looked for) and ``other``: rows lost for reasons that are not the detector's (damage, dropped labels, a limit).
    """
    tables = {
        "faces": dataset.samples,
        "no_face": dataset.lost[dataset.lost["reason"] == NO_FACE],
        "other": dataset.lost[dataset.lost["reason"] != NO_FACE],
    }
    known = {name: table[["split", column]].fillna("unknown") for name, table in tables.items()}
    rows = []
    for split in (*SPLITS, "all"):
        counts = pd.DataFrame(
            {
                name: (table if split == "all" else table[table["split"] == split])[column].value_counts()
                for name, table in known.items()
            }
        ).reindex(columns=list(tables))
        rows.append(counts.fillna(0).astype(int).rename_axis("group").reset_index().assign(split=split))
    whole = pd.concat(rows, ignore_index=True)
    looked_for = whole["faces"] + whole["no_face"]
    whole["share_lost"] = whole["no_face"] / looked_for.where(looked_for > 0)
    return whole[["split", "group", "faces", "no_face", "share_lost", "other"]]


def describe_dataset(dataset: FaceDataset, sentences: Sequence[str]) -> None:
    """Show at the top of the run's page what was made, what was lost and what to beware of."""
    height, width, channels = dataset.face_shape
    kind = "gray" if channels == 1 else "RGB"
    counts = count_table(dataset.samples).reset_index()
    parts = [
        f"**{len(dataset):,} faces**, {width}x{height} {kind}.",
        tabulate(counts, headers="keys", tablefmt="github", showindex=False),
    ]
    if len(dataset.lost):
        reasons = "; ".join(f"{why}: {count:,}" for why, count in dataset.lost["reason"].value_counts().items())
        parts.append(f"**{len(dataset.lost):,} rows gave no face** ({reasons}).")
    for column in _known(dataset.lost, COUNTED_COLUMNS):
        shares = lost_by_group(dataset, column).query("split == 'all'").drop(columns="split")
        shares["share_lost"] = shares["share_lost"].map("{:.1%}".format, na_action="ignore")
        parts.append(f"By {column}:\n\n{tabulate(shares, headers='keys', tablefmt='github', showindex=False)}")
    # The UI folds a description after some lines: what to beware of stands in the first ones.
    describe_run("\n\n".join([parts[0], *beware(sentences), *parts[1:]]))


def loss_warnings(dataset: FaceDataset) -> list[str]:
    """Return a sentence for each attribute whose groups lost unequal shares of their rows.

    Unequal: ten points or more between two groups of twenty rows or more. What is measured on the faces that are
    left says nothing of those that were not found.
    """
    sentences = []
    for column in _known(dataset.lost, GROUP_COLUMNS):
        shares = lost_by_group(dataset, column)
        shares = shares[(shares["split"] == "all") & (shares["group"] != "unknown")]
        shares = shares[shares["faces"] + shares["no_face"] >= _LEAST_ROWS]
        if len(shares) < 2:
            continue
        ordered = shares.sort_values("share_lost")
        least, most = ordered.iloc[0], ordered.iloc[-1]
        if most["share_lost"] - least["share_lost"] >= _UNEQUAL:
            sentences.append(
                f"the detector found no face in {most['share_lost']:.1%} of the rows of {column} {most['group']}, of "
                f"{least['group']} in {least['share_lost']:.1%}: accuracy by {column} is that on the faces left."
            )
    return sentences


def log_mixture_audit(dataset: FaceDataset) -> list[str]:
    """Log what splits and sources share and who is in the training split; return sentences on what to beware of."""
    found = audit_mixture(dataset)
    log_metrics({f"data/audit/{name}": value for name, value in found.metrics.items()})
    log_files(tables={f"audit/{name}.csv": table for name, table in found.tables.items()})
    return found.sentences


def quality_warnings(dataset: FaceDataset) -> list[str]:
    """Log each split's sharpness; return a sentence if they are of two kinds."""
    log_metrics({f"data/sharpness/{split}": value for split, value in sharpness_by_split(dataset).dropna().items()})
    warning = sharpness_warning(dataset)
    return [] if warning is None else [warning]


def shared_face_warnings(shared: pd.DataFrame) -> list[str]:
    """Log the rows that show a face that another row of the frame also shows; return a sentence if there are any."""
    if shared.empty:
        return []
    log_metrics({"data/shared_faces": float(len(shared))})
    log_files(tables={"shared_faces.csv": shared})
    return [
        f"{len(shared)} rows show a face that another row of the same frame shows too (shared_faces.csv): one of the "
        "two labels may stand at the wrong face."
    ]


def sample_sheet(dataset: FaceDataset) -> figures.Figure:
    """Return a sheet of faces: five of each emotion, evenly spread over the dataset, with their emotion."""
    rows: list[int] = []
    for emotion in sorted(dataset.samples["label"].unique()):
        here = dataset.samples.index[dataset.samples["label"] == emotion].to_numpy()
        rows += here[:: max(1, len(here) // 5)][:5].tolist()
    rows = rows[:_SHEET]
    captions = [str(label) for label in dataset.samples["label"].iloc[rows]]
    return figures.face_sheet(dataset.faces(rows), captions, columns=5, title=dataset.name)


def _known(table: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    return [column for column in columns if column in table and table[column].notna().any()]


def _by_split(samples: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    parts = [(split, samples[samples["split"] == split]) for split in SPLITS]
    return [(split, part) for split, part in parts if len(part)]
