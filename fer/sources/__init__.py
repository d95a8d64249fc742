"""Raw sources of labelled faces: one module each, and the registry that names them.

A source is a function ``read(folder, options) -> Listing`` and a declared set of options; where paths contain
all metadata, a declared :class:`fer.sources.layouts.Layout` is enough. To add one, enter it in
:data:`SOURCES`; the tests over the registry then cover it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from fer.errors import InputError
from fer.options import parse
from fer.sentinels import NONE
from fer.sources import (
    affectnet,
    by_dataset,
    eila,
    eila_videos,
    fer2013,
    ferplus,
    folders,
    rafdb,
    sfew,
    synthetic,
    table,
)
from fer.sources.layouts import Layout, LayoutOptions, read_layout
from fer.sources.listing import Listing, SourceOptions


@dataclass(frozen=True)
class Source:
    """One raw source.

    Attributes:
        read: lists the faces of a folder.
        options: the class that declares its options.
        needs_folder: false for a source that makes its faces.
        words: the source's own words for emotions, to canonical ones or ``drop``; see :mod:`fer.data.labels`.
        splits: the rule of :mod:`fer.data.splitting` that ``auto`` means where the files give no split.
        names_files: whether its raw data may be a file that names others beside it.
        detector: what finds its faces by default; ``none`` where the files are faces.
        videos: whether its faces are in videos, which launchers search.

    """

    read: Callable[[Path, Any], Listing]
    options: type[SourceOptions]
    needs_folder: bool = True
    words: Mapping[str, str] = field(default_factory=dict)
    splits: str = "given"
    names_files: bool = False
    detector: str = NONE
    videos: bool = False


def _declared(layout: Layout) -> Source:
    return Source(partial(read_layout, layout), LayoutOptions, words=layout.words, splits=layout.splits)


SOURCES: dict[str, Source] = {
    "fer2013": Source(fer2013.read, fer2013.Options),
    "ferplus": Source(ferplus.read, ferplus.Options, words=ferplus.WORDS),
    "sfew": Source(sfew.read, sfew.Options),
    "eila": Source(eila.read, eila.Options),
    "eila_videos": Source(eila_videos.read, eila_videos.Options, detector="yolo", videos=True),
    "affectnet": Source(affectnet.read, affectnet.Options, words=affectnet.LAYOUT.words, splits="stratified"),
    "ckplus": _declared(folders.CKPLUS),
    "jaffe": _declared(folders.JAFFE),
    "rafdb": Source(rafdb.read, LayoutOptions, words=rafdb.LAYOUT.words),
    "by_dataset": Source(by_dataset.read, by_dataset.Options, words={"contempt": "drop"}, splits="stratified"),
    "tree": _declared(folders.TREE),
    "table": Source(table.read, table.Options, splits="stratified", names_files=True),
    "synthetic": Source(synthetic.read, synthetic.Options, needs_folder=False),
}


def source_named(name: str) -> Source:
    """Return the source of this name; InputError with the valid names for any other."""
    try:
        return SOURCES[name]
    except KeyError:
        raise InputError(f"unknown source {name!r}; use one of {', '.join(SOURCES)}.") from None


def parse_options(name: str, given: Mapping[str, Any]) -> SourceOptions:
    """Check a source's options against its declaration; InputError names the option and the remedy."""
    return parse(source_named(name).options, given, f"source {name}")
