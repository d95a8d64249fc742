"""What an audit found, in the three forms that a run keeps."""

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Findings:
    """Tables by name, numbers by name (parts joined by slashes), and sentences for whoever reads the figures."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)

    def __or__(self, other: "Findings") -> "Findings":
        return Findings(self.tables | other.tables, self.metrics | other.metrics, [*self.sentences, *other.sentences])
