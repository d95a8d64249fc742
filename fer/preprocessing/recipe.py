"""The preprocessing recipe of a packed dataset: with the raw files, it determines every pixel and every row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fer.data.dataset_names import check_name
from fer.data.emotions import written_out
from fer.data.labels import check_mapping
from fer.data.splitting import RULES, STUDY_RATIOS, check_ratios
from fer.detectors import weights_digest
from fer.errors import InputError
from fer.identity import code_version, files_fingerprint
from fer.preprocessing.extraction import Finder
from fer.sentinels import AUTO
from fer.sources import Source, parse_options, source_named
from fer.sources.images import INTERPOLATIONS
from fer.sources.listing import SourceOptions
from fer.text.numbers import check_seed


@dataclass(frozen=True)
class Recipe:
    """The parameters of preprocessing; a study file's entry of a dataset has the same fields.

    Attributes:
        source: name in :data:`fer.sources.SOURCES`.
        raw: folder (or file) of the raw data; None for a source that makes its faces.
        name: of the dataset; the source's name by default.
        options: of the source, see its ``Options``.
        labels: words of the source to an emotion or ``drop``, see :mod:`fer.data.labels`.
        emotions: the emotions to keep, ``all`` for the seven (``all, contempt``); None for the seven.
        split_rule: one of :data:`fer.data.splitting.RULES`, or ``auto``: as given, else the source's own rule.
        split_ratios: shares of train, validation and test, where a rule draws them.
        detector: name in :data:`fer.detectors.DETECTORS`; ``none``: images (annotated boxes) are faces
            already; ``auto``: the source's own, which is the protocol's.
        detector_options: of the detector.
        confidence: least confidence of a face, 0..1.
        align: turn faces until the eyes are level.
        size: height and width of a face in pixels.
        channels: 1 (gray) or 3 (RGB).
        interpolation: one of :data:`fer.sources.images.INTERPOLATIONS`.
        limit: at most that many training faces, see :func:`fer.data.mixing.limit`; None for all. Drawn before
            faces are looked for.
        seed: of the draws of splits and limit.
        max_rejected: the share of rows (0..1) that may be damaged before the whole is refused. Faces that
            a detector does not find are no damage.
        workers: processes that look for faces; None for all cores. It has no influence on the result.

    """

    source: str
    raw: Path | None = None
    name: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    emotions: tuple[str, ...] | None = None
    split_rule: str = AUTO
    split_ratios: tuple[float, float, float] = STUDY_RATIOS
    detector: str = AUTO
    detector_options: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.6
    align: bool = False
    size: int = 48
    channels: int = 1
    interpolation: str = "bilinear"
    limit: int | None = None
    seed: int = 0
    max_rejected: float = 0.01
    workers: int | None = None

    @property
    def title(self) -> str:
        """The dataset's name."""
        return self.source if self.name is None else self.name

    @property
    def finder(self) -> Finder:
        """Options of detection, with ``auto`` resolved."""
        detector = source_named(self.source).detector if self.detector == AUTO else self.detector
        return Finder(
            detector, dict(self.detector_options), self.confidence, self.align, self.size, self.channels,
            self.interpolation,
        )  # fmt: skip

    def facts(self) -> dict[str, Any]:
        """Return the facts that determine the dataset, and no others: the same facts give the same faces.

        Raw files count by name, size and time, wherever they are; weights by content; libraries by version.
        The limit of damage and the number of workers have no influence on the faces.
        """
        source, options = self.check()
        given = {name: value for name, value in self.described().items() if name not in ("raw", "max_rejected")}
        # A table names files beside it.
        raw = self.raw.parent if self.raw is not None and self.raw.is_file() and source.names_files else self.raw
        weights = weights_digest(self.finder.detector, self.detector_options)
        if weights is not None:
            given["detector_options"] = {**given["detector_options"], "weights": weights}
        return {
            **given,
            "options": options.model_dump(mode="json"),
            "files": files_fingerprint(raw),
            **_option_files(options),
            "code": code_version(),
            "libraries": self.finder.libraries(),
        }

    def described(self) -> dict[str, Any]:
        """Return the recipe as plain values, for parameters and provenance."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "workers"}
        plain = {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}
        raw = str(self.raw) if self.raw else None
        return plain | {
            "raw": raw,
            "name": self.title,
            "options": dict(self.options),
            "emotions": None if self.emotions is None else written_out(self.emotions),
            # A word may be a number, and YAML reads 7 as one.
            "labels": {str(word): target for word, target in self.labels.items()},
            "detector": self.finder.detector,
        }

    def check(self) -> tuple[Source, SourceOptions]:
        """Return the source and its options; InputError for an invalid recipe."""
        source = source_named(self.source)
        check_name(self.title)
        if self.channels not in (1, 3):
            raise InputError(f"channels {self.channels} is neither 1 (gray) nor 3 (RGB); give one of these.")
        if not 8 <= self.size <= 1024:
            raise InputError(f"size {self.size} is outside 8..1024 pixels; 48 and 224 are the studies' sizes.")
        if not 0 <= self.max_rejected <= 1:
            raise InputError(f"max_rejected {self.max_rejected} is outside 0..1; give a share such as 0.01.")
        if self.interpolation not in INTERPOLATIONS:
            raise InputError(f"unknown interpolation {self.interpolation!r}; use one of {', '.join(INTERPOLATIONS)}.")
        check_ratios(self.split_ratios)
        check_mapping(self.labels, self.emotions)
        if self.split_rule not in (AUTO, *RULES):
            raise InputError(f"unknown split rule {self.split_rule!r}; use auto or one of {', '.join(RULES)}.")
        check_seed(self.seed)
        if self.limit is not None and self.limit < 1:
            raise InputError(f"limit {self.limit} leaves no training face; give at least 1.")
        if self.workers is not None and self.workers < 1:
            raise InputError(f"workers {self.workers} do nothing; give at least 1, or none for all cores.")
        if source.needs_folder and (self.raw is None or not self.raw.exists()):
            raise InputError(f"{self.source}: there is no {self.raw or 'raw folder'}; name the raw data with raw=.")
        self.finder.check()
        given = dict(self.options)
        if not source.needs_folder:  # A source that draws its faces draws them at the size wanted.
            given = {"size": self.size, "channels": self.channels, **given}
        if "seed" in source.options.model_fields:
            given = {"seed": self.seed, **given}
        return source, parse_options(self.source, given)


def _option_files(options: SourceOptions) -> dict[str, dict[str, str]]:
    """Return the fingerprints of files that the options name, which need not be in the raw folder."""
    files = {name: files_fingerprint(value) for name, value in options if isinstance(value, Path)}
    return {"option_files": files} if files else {}
