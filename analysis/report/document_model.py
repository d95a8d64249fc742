"""The document model of a report, independent of its format: sections of sentences, tables and figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """A table: ``name`` becomes its file's, ``note`` says how to read it.

    ``links`` are addresses by the text of the cells that link to them, in HTML.
    """

    name: str
    title: str
    frame: pd.DataFrame
    note: str = ""
    links: Mapping[str, str] = field(default_factory=dict)

    def first(self, rows: int) -> pd.DataFrame:
        """Return the first rows, at most so many: what a document shows of a long table."""
        return self.frame.head(rows)

    def left_out(self, rows: int) -> str:
        """Return a sentence that says where the other rows are; empty if there are no others."""
        if len(self.frame) <= rows:
            return ""
        return f"These are the first {rows:,} of {len(self.frame):,} rows; {self.name}.csv holds all of them."


@dataclass(frozen=True)
class Picture:
    """A figure: ``name`` becomes its file's, ``note`` is its caption; one of photographs is ``raster``."""

    name: str
    title: str
    figure: Figure
    note: str = ""
    raster: bool = False


@dataclass(frozen=True)
class Section:
    """Sentences, a list of ``points``, then tables and figures in order; ``lacking``: what was left out, and why."""

    title: str
    text: Sequence[str] = ()
    blocks: Sequence[Table | Picture] = ()
    lacking: Sequence[str] = ()
    points: Sequence[str] = ()


@dataclass(frozen=True)
class Conclusions:
    """Conclusions: the verdict in up to three sentences, then what else may be concluded, and the limits.

    Attributes:
        verdict: the answer.
        may: what else may be concluded.
        may_not: the limits of both.
        claim: what population the answer is about, in a sentence; may be empty.
        sentences: those of the verdict, where a page shows each on its own; may be empty.

    """

    verdict: str = ""
    may: Sequence[str] = ()
    may_not: Sequence[str] = ()
    claim: str = ""
    sentences: Sequence[str] = ()


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes:
        title: the title.
        about: what was compared, in one sentence.
        conclusions: the answer, and its limits.
        sections: the results.
        lacking: what could not be shown, and why.

    """

    title: str
    about: str
    conclusions: Conclusions
    sections: Sequence[Section]
    lacking: Sequence[str] = ()

    def tables(self) -> Iterator[Table]:
        """All tables, in order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Table))

    def pictures(self) -> Iterator[Picture]:
        """All figures, in order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Picture))
