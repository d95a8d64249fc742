"""A study file to a list of cells, purely: which mixture, tested on what, trained how, with which seed.

A study file is YAML; :class:`StudyFile` declares it. Nothing here reads data or knows the tracking server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fer.errors import InputError
from fer.mixing import parse_fraction, percent
from fer.recipe import Recipe
from fer.splitting import STUDY_RATIOS

AUTO = "auto"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatasetEntry(_Strict):
    """A raw source to preprocess. ``raw`` may hold ``{data}``; ``title`` is how tables call it."""

    source: str
    title: str
    raw: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    emotions: tuple[str, ...] | None = None
    split_rule: str = AUTO
    split_ratios: tuple[float, float, float] = STUDY_RATIOS
    detector: str = AUTO
    detector_options: dict[str, Any] = Field(default_factory=dict)
    confidence: float = 0.6
    align: bool = False
    size: int = 48
    channels: int = 1
    interpolation: str = "bilinear"
    limit: int | None = None
    seed: int = 0


class MixtureEntry(_Strict):
    """A base alone, or with each of these fractions of an addition. Fractions are read as written."""

    base: str
    addition: str | None = None
    fractions: tuple[str, ...] = Field(default=("0",), min_length=1)
    arm: Literal["add", "swap"] = "add"

    @field_validator("fractions", mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:
        return tuple(str(item) for item in value) if isinstance(value, list) else value


class TrainingEntry(_Strict):
    """How every cell is trained; ``auto`` leaves a value to the backbone or the protocol."""

    backbone: str = "resnet50v2"
    head: str = AUTO
    weights: str = AUTO
    protocol: str = AUTO
    epochs: str = AUTO
    learning_rate: str = AUTO
    dropout: str = AUTO
    batch_size: str = AUTO
    monitor: str = AUTO
    augmentation: str = AUTO
    input_size: str = AUTO
    class_weights: str = AUTO
    sampling: str = AUTO

    @field_validator("*", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)


class TestEntry(_Strict):
    """What every cell is tested on, and by which group columns."""

    dataset: str
    split: str = "test"
    attributes: tuple[str, ...] = Field(default=("race",), min_length=1)


class StudyFile(_Strict):
    """An experiment matrix: every mixture x every seed.

    ``published`` names a file of results to stand beside the measured ones, relative to the study file;
    ``note`` is shown under the tables.
    """

    name: str
    about: str
    datasets: dict[str, DatasetEntry]
    mixtures: tuple[MixtureEntry, ...] = Field(min_length=1)
    test: TestEntry
    training: TrainingEntry = TrainingEntry()
    seeds: tuple[Annotated[int, Field(ge=0, lt=2**32)], ...] = (0,)
    published: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Cell:
    """One experiment of a study. ``position`` is its place in the study's tables."""

    experiment: str
    position: int
    base: str
    addition: str
    fraction: str
    arm: str
    test: str
    test_split: str
    attributes: str
    backbone: str
    head: str
    weights: str
    protocol: str
    epochs: str
    learning_rate: str
    dropout: str
    batch_size: str
    monitor: str
    augmentation: str
    input_size: str
    class_weights: str
    sampling: str
    seed: int

    def parameters(self) -> dict[str, str]:
        """Return what identifies the cell, as strings: all but its name and place."""
        return {name: str(value) for name, value in asdict(self).items() if name not in ("experiment", "position")}


def read_study(path: Path, overrides: Mapping[str, Any] | None = None) -> StudyFile:
    """Read and check a study file; ``overrides`` replace entries of ``training``, or ``seeds``, ``limit``.

    ``limit`` (see :func:`parse_limit`) caps training splits. Raises InputError, naming the
    file, the entry and what is wrong.
    """
    if not path.is_file():
        raise InputError(f"there is no study file {path}; the project's own are in studies/.")
    try:
        content = yaml.safe_load(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no YAML ({' '.join(str(error).split())}); mend it.") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} is no study: it must map name, datasets, mixtures and test.")
    changes = dict(overrides or {})
    limit, seeds = changes.pop("limit", None), changes.pop("seeds", None)
    training = content.get("training") or {}
    if not isinstance(training, dict):
        raise InputError(f"{path}, entry training: it must map names to values; see studies/eila.yaml.")
    content["training"] = {**training, **changes}
    if seeds is not None:
        content["seeds"] = seeds
    try:
        study = StudyFile.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path}, entry {place}: {first['msg'].lower()}; see studies/eila.yaml.") from None
    if limit:
        study = study.model_copy(update={"datasets": _limited(study, limit, path)})
    _check_names(study, path)
    return study


def parse_limit(text: str) -> dict[str, int]:
    """Read ``4000`` (every dataset) or ``fer2013=4000,sfew=500`` as a cap by dataset; the key "" is every dataset."""
    limits = {}
    for part in text.split(","):
        name, _, number = part.rpartition("=")
        if not number.strip().isdigit() or int(number) < 1:
            raise InputError(f"limit {part!r} is no whole number of 1 or more; give 4000, or fer2013=4000.")
        limits[name.strip()] = int(number)
    return limits


def _limited(study: StudyFile, limit: Mapping[str, int], path: Path) -> dict[str, DatasetEntry]:
    unknown = sorted(set(limit) - {"", *study.datasets})
    if unknown:
        raise InputError(
            f"limit names {unknown[0]!r}, which {path} does not declare (it has: {', '.join(study.datasets)})."
        )
    return {
        name: entry.model_copy(update={"limit": limit.get(name, limit.get("", entry.limit))})
        for name, entry in study.datasets.items()
    }


def overrides(training: Mapping[str, str], limit: str | None, seeds: Sequence[str]) -> dict[str, Any]:
    """Return what the command line changes of a study: values that are not ``auto``, a limit, seeds."""
    changes: dict[str, Any] = {name: value for name, value in training.items() if value != AUTO}
    if limit is not None:
        changes["limit"] = parse_limit(limit)
    if seeds:
        changes["seeds"] = list(seeds)
    return changes


def recipes(study: StudyFile, data: Path | None) -> dict[str, Recipe]:
    """Return how each dataset is preprocessed; ``data`` takes the place of ``{data}`` in ``raw``."""
    made = {}
    for name, entry in study.datasets.items():
        if entry.raw is not None and "{data}" in entry.raw and data is None:
            raise InputError(f"study {study.name}: dataset {name} needs the folder of the data; give data=<folder>.")
        raw = None if entry.raw is None else Path(entry.raw.replace("{data}", str(data)))
        if raw is not None and "{" in str(raw):
            raise InputError(f"study {study.name}: the raw path {entry.raw} of {name} knows no place but {{data}}.")
        made[name] = Recipe(**entry.model_dump(exclude={"title", "raw"}), raw=raw, name=name)
    return made


def cells(study: StudyFile) -> list[Cell]:
    """Return the study's cells: for each seed, every mixture in the file's order."""
    mixtures = [(entry, fraction) for entry in study.mixtures for fraction in entry.fractions]
    return [
        Cell(
            experiment=_experiment(study, entry, fraction),
            position=position,
            base=entry.base,
            addition=entry.addition or "none",
            # One way to write a number, so that 0.10 is the cell that 0.1 was.
            fraction=f"{parse_fraction(fraction).normalize():f}",
            arm=entry.arm,
            test=study.test.dataset,
            test_split=study.test.split,
            attributes=",".join(study.test.attributes),
            **study.training.model_dump(),
            seed=seed,
        )
        for seed in study.seeds
        for position, (entry, fraction) in enumerate(mixtures)
    ]


def _experiment(study: StudyFile, entry: MixtureEntry, fraction: str) -> str:
    base = study.datasets[entry.base].title
    share = parse_fraction(fraction)
    if entry.addition is None or not share:
        return f"{base} only"
    sign = "+" if entry.arm == "add" else "~"
    return f"{base} {sign} {percent(share)} {study.datasets[entry.addition].title}"


def _check_names(study: StudyFile, path: Path) -> None:
    named = {entry.base for entry in study.mixtures} | {study.test.dataset}
    named |= {entry.addition for entry in study.mixtures if entry.addition is not None}
    unknown = sorted(named - set(study.datasets))
    if unknown:
        known = ", ".join(study.datasets)
        raise InputError(f"{path} uses the dataset {unknown[0]!r}, which it does not declare (it has: {known}).")
    if not study.seeds:
        raise InputError(f"{path} has no seeds; give at least one.")
    for entry in study.mixtures:
        for fraction in entry.fractions:
            try:
                share = parse_fraction(fraction)
            except InputError as error:
                raise InputError(f"{path}: {error}") from None
            if share and entry.addition is None:
                raise InputError(f"{path}: fraction {fraction} of nothing; name an addition for {entry.base}.")
    titles = [_experiment(study, entry, fraction) for entry in study.mixtures for fraction in entry.fractions]
    for title in titles:
        if titles.count(title) > 1:
            raise InputError(f"{path}: two cells are called {title!r}; give their datasets different titles.")
