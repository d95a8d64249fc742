"""Results of many simulated tables, computed by several processes and kept in files: a second start goes on."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from joblib import Parallel, delayed

Row = Mapping[str, Any]


def simulated(one: Callable[[int], Row | list[Row]], seeds: Iterable[int], jobs: int, path: Path) -> pd.DataFrame:
    """Return the rows of all seeds, in their order; those of an earlier start are read from a CSV file.

    Args:
        one: from a seed to the row, or the rows, of its table.
        seeds: one per table.
        jobs: number of processes.
        path: the file, which is written completely or not at all. It does not say what it was made of: give each
            question another one.

    """
    if not path.exists():
        found = Parallel(n_jobs=jobs)(delayed(one)(seed) for seed in seeds)
        rows = [row for several in found for row in (several if isinstance(several, list) else [several])]
        unfinished = path.with_suffix(".part")
        unfinished.write_text(pd.DataFrame(rows).to_csv(index=False))
        unfinished.rename(path)
    return pd.read_csv(path)
