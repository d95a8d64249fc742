"""The evidence behind a report: runs, predictions, and the steps that made them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd


@dataclass
class Evidence:
    """The evidence behind a report.

    Attributes:
        runs: the cells, as :func:`analysis.load_runs` returns them, with the metrics by each attribute (see
            :func:`with_attribute`).
        predictions: predictions tables by run id; all runs on one test dataset predict the same samples.
        steps: all runs of the experiment: those that made datasets, trained and evaluated.
        lacking: one sentence per item that is not available.
        pages: by run id, the address of the run's page on the server; empty for a local store, which has none.

    """

    runs: pd.DataFrame
    predictions: dict[str, pd.DataFrame]
    steps: pd.DataFrame
    lacking: list[str] = field(default_factory=list)
    pages: Mapping[str, str] = field(default_factory=dict)
