"""What a report is made from: runs, predictions, the steps that made them."""

from dataclasses import dataclass, field

import pandas as pd


@dataclass
class Evidence:
    """What a report is made from.

    Attributes:
        runs: the cells, as :func:`analysis.load_runs` returns them, with the metrics by each attribute (see
            :func:`with_attribute`).
        predictions: tables by run id; all runs of one test dataset predict the same samples.
        steps: all runs of the experiment: those that made datasets, trained and evaluated.
        lacking: what could not be had, a sentence each.

    """

    runs: pd.DataFrame
    predictions: dict[str, pd.DataFrame]
    steps: pd.DataFrame
    lacking: list[str] = field(default_factory=list)
