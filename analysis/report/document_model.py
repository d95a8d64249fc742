"""What a report holds, whatever it is rendered as: sections of sentences, tables and figures."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pandas as pd
from matplotlib.figure import Figure


@dataclass(frozen=True)
class Table:
    """A table: ``name`` is its file's, ``note`` says how to read it."""

    name: str
    title: str
    frame: pd.DataFrame
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure: ``name`` is its file's, ``note`` its caption; one of photographs is ``raster``."""

    name: str
    title: str
    figure: Figure
    note: str = ""
    raster: bool = False


@dataclass
class Section:
    """Sentences, then tables and figures in order."""

    title: str
    text: list[str] = field(default_factory=list)
    blocks: list[Table | Picture] = field(default_factory=list)


@dataclass
class Conclusions:
    """What a reader may take home: the verdict in a sentence or two, then what may and what may not be concluded."""

    verdict: str
    may: list[str] = field(default_factory=list)
    may_not: list[str] = field(default_factory=list)


@dataclass
class Report:
    """A whole report.

    Attributes:
        title: what it is of.
        about: what was compared, in one sentence.
        conclusions: what may and what may not be concluded.
        sections: the results.
        lacking: what could not be shown, and why.

    """

    title: str
    about: str
    conclusions: Conclusions
    sections: list[Section]
    lacking: list[str] = field(default_factory=list)

    def tables(self) -> Iterator[Table]:
        """All tables, in order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Table))

    def pictures(self) -> Iterator[Picture]:
        """All figures, in order."""
        return (block for section in self.sections for block in section.blocks if isinstance(block, Picture))
