"""The result of an audit: tables, metrics and sentences."""

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class AuditResult:
    """Tables by name, metrics by name (parts joined by slashes), and sentences that explain what was found."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)

    def __or__(self, other: "AuditResult") -> "AuditResult":
        sentences = [*self.sentences, *other.sentences]
        return AuditResult(self.tables | other.tables, self.metrics | other.metrics, sentences)
