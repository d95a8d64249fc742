"""Datasets, from the runs that made them: the overview (Table 1) and the sizes of the mixtures (Table 3)."""

import pandas as pd

from analysis.experiments.runs_by_experiment import metric_of, tag_of
from fer.data.samples import CLIP, PERSON, SPLITS
from fer.tracking import names


def dataset_overview(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per dataset: ``dataset, format, faces``, faces by split, ``persons``, ``clips``, ``lost`` rows.

    ``runs`` are those of ``load_runs(experiment, stage="preprocess")``. Persons and clips are NaN where a dataset
    does not record them.
    """
    size, channels = (runs[names.param(name)].astype(float) for name in ("size", "channels"))
    form = [
        f"{side:.0f}x{side:.0f} {'gray' if depth == 1 else 'RGB'}" for side, depth in zip(size, channels, strict=True)
    ]
    table = pd.DataFrame({"dataset": tag_of(runs, names.DATASET), "format": form}, index=runs.index)
    by_split = {split: metric_of(runs, names.faces_in(split)) for split in SPLITS}
    table["faces"] = sum(column.fillna(0) for column in by_split.values())
    further = {"persons": names.clusters_of(PERSON), "clips": names.clusters_of(CLIP), "lost": names.LOST_ROWS}
    columns = by_split | {name: metric_of(runs, metric) for name, metric in further.items()}
    for name, column in columns.items():
        table[name] = column
    whole = [name for name in table if name not in ("dataset", "format")]
    return table.astype(dict.fromkeys(whole, "Int64")).drop_duplicates().reset_index(drop=True)


def mixture_sizes(runs: pd.DataFrame) -> pd.DataFrame:
    """Return Table 3's columns: one row per mixture, ``training`` and ``validation`` faces.

    ``runs`` are those of ``load_runs(experiment, stage="integrate")``; mixtures of several seeds with the same sizes
    are listed once.
    """
    table = pd.DataFrame({
        "experiment": tag_of(runs, names.EXPERIMENT),
        "training": metric_of(runs, names.faces_in("train")).astype("Int64"),
        "validation": metric_of(runs, names.faces_in("validation")).astype("Int64"),
    })  # fmt: skip
    return table.iloc[::-1].drop_duplicates().reset_index(drop=True)
