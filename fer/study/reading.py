"""Read and check a study file: YAML, as :mod:`fer.study.schema` declares it. Data is not read.

:mod:`fer.study.matrix` lists the study's cells.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from fer.data.dataset_names import check_name, check_title
from fer.data.fractions import parse_fraction
from fer.data.kept_aside import parse_kept_aside
from fer.data.mixing import check_arm
from fer.errors import InputError, refuse_repeated, shown
from fer.preprocessing.recipe import Recipe
from fer.sentinels import AUTO
from fer.study.cells import Ensemble
from fer.study.matrix import cells
from fer.study.mistakes import mistake
from fer.study.schema import DatasetEntry, MixtureEntry, StudyFile
from fer.text.numbers import whole
from fer.text.yaml_text import read_yaml
from fer.training.mitigation.choice import SETTINGS, check_setting, read_settings
from fer.training.mitigation.registry import ERM, method_named
from fer.training.updates import BASE

__all__ = ["StudyFile", "cells", "overrides", "parse_limit", "read_study", "recipes"]

_WITH_DATA = "with_data"


def read_study(path: Path, overrides: Mapping[str, Any] | None = None, with_data: bool = False) -> StudyFile:
    """Read and check a study file; ``overrides`` replace entries of ``training``, or ``seeds``, ``limit``.

    ``limit`` (see :func:`parse_limit`) caps training splits. ``with_data``: whether the folder of the raw data is
    given; the entries of the file's own ``with_data`` then replace those of the same names. Raises InputError, naming
    the file, the entry and what is wrong.
    """
    if not path.is_file():
        raise InputError(f"there is no study file {path}; the project's own are in studies/.")
    try:
        content = read_yaml(path.read_text(encoding="utf-8"), str(path))
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not valid YAML ({error}); save it as UTF-8.") from error
    if not isinstance(content, dict):
        raise InputError(
            f"{path} is not a study: it must map name, datasets, mixtures and test; see docs/study_files.md."
        )
    replaced = content.get(_WITH_DATA) if with_data else None
    inside: dict[str, tuple[str, ...]] = {}
    if isinstance(replaced, dict):
        content |= replaced
        inside = dict.fromkeys(map(str, replaced), (_WITH_DATA,))
    changes = dict(overrides or {})
    limit, seeds = changes.pop("limit", None), changes.pop("seeds", None)
    training = content.get("training") or {}
    if not isinstance(training, dict):
        raise InputError(
            f"{path}, entry training: it must be a mapping, such as {{backbone: cnn}}; see docs/study_files.md."
        )
    content["training"] = {**training, **changes}
    if seeds is not None:
        content["seeds"] = seeds
    try:
        study = StudyFile.model_validate(content)
    except ValidationError as error:
        raise mistake(error, path, {} if seeds is None else {"seeds": seeds}, inside) from None
    if limit:
        study = study.model_copy(update={"datasets": _limited(study, limit, path)})
    _check_names(study, path)
    return study


def parse_limit(text: str) -> dict[str, int]:
    """Return the caps by dataset in ``4000`` or ``fer2013=4000,sfew=500``; the key "" stands for every dataset."""
    limits: dict[str, int] = {}
    for part in text.split(","):
        name, _, number = part.rpartition("=")
        try:
            faces = whole(number)
        except ValueError:
            faces = 0
        if faces < 1:
            raise InputError(f"limit {shown(part)} is not a whole number of 1 or more; give 4000, or fer2013=4000.")
        if name.strip() in limits:
            whose = f"to {name.strip()} " if name.strip() else ""
            raise InputError(f"limit {shown(text)} gives a number {whose}twice; keep one of them.")
        limits[name.strip()] = faces
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
    """Return what the command line changes in a study: training values other than ``auto``, a limit, seeds."""
    changes: dict[str, Any] = {name: value for name, value in training.items() if value != AUTO}
    if limit is not None:
        changes["limit"] = parse_limit(limit)
    for seed in seeds:
        try:
            whole(seed)
        except ValueError:
            raise InputError(f"seeds {shown(seed)} is not a whole number; give such as 0,1,2.") from None
    if seeds:
        changes["seeds"] = list(seeds)
    return changes


def recipes(study: StudyFile, data: Path | None) -> dict[str, Recipe]:
    """Return the preprocessing recipe of each dataset; ``data`` replaces ``{data}`` in ``raw`` and in options."""
    made = {}
    for name, entry in study.datasets.items():
        given = entry.model_dump(exclude={"title"})
        for place in (given, given["options"], given["detector_options"]):
            for key, value in place.items():
                if isinstance(value, str) and key != "source":
                    place[key] = _placed(value, study.name, name, data, raw=key == "raw")
        made[name] = Recipe(**{**given, "raw": None if given["raw"] is None else Path(given["raw"]), "name": name})
    return made


def _placed(value: str, study: str, dataset: str, data: Path | None, raw: bool) -> str:
    if "{data}" in value and data is None:
        raise InputError(f"study {study}: dataset {dataset} needs the folder of the raw data; give data=<folder>.")
    if raw and "{" in value.replace("{data}", ""):
        raise InputError(f"study {study}: {value} of {dataset} has an unknown placeholder; use only {{data}}.")
    return value.replace("{data}", str(data))


def _check_names(study: StudyFile, path: Path) -> None:
    try:
        check_title(study.name, "the study's name", "eila")
        for name, dataset in study.datasets.items():
            check_name(name)
            check_title(dataset.title, f"the title of the dataset {name}", "FER2013")
        for ensemble in study.ensembles:
            check_title(ensemble.title, "the title of an ensemble", "all backbones")
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    _check_given_once(study, path)
    _check_methods(study, path)
    named = {entry.base for entry in study.mixtures} | {*study.test.dataset}
    named |= {name for entry in study.mixtures for name in (entry.addition, entry.pretrained_on) if name is not None}
    named |= {name for entry in study.ensembles for name in (*entry.bases, entry.validation) if name is not None}
    unknown = sorted(named - set(study.datasets))
    if unknown:
        known = ", ".join(study.datasets)
        raise InputError(f"{path} uses the dataset {unknown[0]!r}, which it does not declare (it has: {known}).")
    other = sorted(study.pretraining.model_fields_set & {"backbone", "head"})
    if other:
        raise InputError(f"{path}, entry pretraining: the network is that of training; leave {other[0]} out.")
    if study.pretraining.model_fields_set and not any(entry.pretrained_on for entry in study.mixtures):
        raise InputError(
            f"{path}, entry pretraining: no entry of mixtures is pretrained; give one pretrained_on, or leave this out."
        )
    if not study.seeds:
        raise InputError(f"{path} has no seeds; give at least one.")
    for entry in study.mixtures:
        kept_aside = _kept_aside(entry, path)
        for fraction in entry.fractions:
            try:
                share = parse_fraction(fraction)
            except InputError as error:
                raise InputError(f"{path}: {error}") from None
            if share and entry.addition is None:
                raise InputError(f"{path}: fraction {fraction} without an addition; name an addition for {entry.base}.")
            try:
                for arm in entry.arm:
                    check_arm(arm, share, kept_aside, entry.validation_from)
            except InputError as error:
                raise InputError(f"{path}, mixtures of {entry.base}: {error}") from None
        _check_mixture(study, entry, path)
        refuse_repeated(list(map(parse_fraction, entry.fractions)), f"{path}, fractions of {entry.base}")
    given = [entry.title for entry in study.datasets.values()]
    titles = [cell.experiment for cell in cells(study) if cell.seed == study.seeds[0]]
    for title in titles:
        if titles.count(title) > 1:
            if len(set(given)) < len(given):
                raise InputError(f"{path}: two cells are called {title!r}; give their datasets different titles.")
            raise InputError(f"{path} has the cell {title!r} twice; keep one of the entries that make it.")
    _check_ensembles(study, path)


def _check_methods(study: StudyFile, path: Path) -> None:
    """Refuse an unknown method, and a setting that none of the methods has."""
    methods = [ERM if name == AUTO else name for name in study.training.method.split(",")]
    try:
        settings = read_settings(study.training.method_settings)
        known = {setting: method for method in methods for setting in method_named(method).settings}
        for setting, value in settings.items():
            if setting not in known:
                raise InputError(
                    f"{SETTINGS}: none of {', '.join(methods)} has a setting {shown(setting)} (they have: "
                    f"{', '.join(known) or 'none'}); leave it out."
                )
            check_setting(known[setting], setting, value)
    except InputError as error:
        raise InputError(f"{path}, entry training: {error}") from None


def _kept_aside(entry: MixtureEntry, path: Path) -> Decimal:
    try:
        return parse_kept_aside(entry.kept_aside)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _check_given_once(study: StudyFile, path: Path) -> None:
    """Refuse an entry that a list of the study holds twice: its cells would be one cell."""
    training, test = study.training, study.test
    lists: dict[str, Sequence[object]] = {
        "seeds": study.seeds,
        "training.backbone": training.backbone.split(","),
        "training.head": training.head.split(","),
        "training.targets": training.targets.split(","),
        "training.method": training.method.split(","),
        "test.dataset": test.dataset,
        "test.attributes": test.attributes,
        "test.robustness": test.robustness,
    }
    for number, mixture in enumerate(study.mixtures):
        lists[f"mixtures.{number}.arm"] = mixture.arm
    for number, ensemble in enumerate(study.ensembles):
        lists[f"ensembles.{number}.backbones"] = ensemble.backbones
        lists[f"ensembles.{number}.bases"] = ensemble.bases
    for place, values in lists.items():
        refuse_repeated(values, f"{path}, entry {place}")


def _check_mixture(study: StudyFile, entry: MixtureEntry, path: Path) -> None:
    """What would be found out when it is mixed, after the datasets were read, or trained, is found out here."""
    if entry.addition == entry.base:
        raise InputError(f"{path}: {entry.base} cannot be mixed with itself; name another addition.")
    validations = (ensemble.validation for ensemble in study.ensembles)
    for name in filter(None, (entry.addition, entry.pretrained_on, *study.test.dataset, *validations)):
        first, second = (study.datasets[one].model_dump(include={"size", "channels"}) for one in (entry.base, name))
        if first != second:
            raise InputError(
                f"{path}: {entry.base} has faces of size {first['size']} and channels {first['channels']}, "
                f"{name} of {second['size']} and {second['channels']}; give both datasets the same."
            )
    if entry.balance is not None and study.training.steps_per_epoch == BASE:
        raise InputError(
            f"{path}: steps_per_epoch: base is not known of a balanced mixture of {entry.base}; give a number of steps."
        )
    if entry.balance is not None:
        from fer.data.balancing import check_balance  # SMOTE's libraries take seconds to load.

        try:
            check_balance(entry.balance.method, entry.balance.target, entry.balance.options)
        except InputError as error:
            raise InputError(f"{path}: {error}") from None


def _check_ensembles(study: StudyFile, path: Path) -> None:
    trained = study.training.backbone.split(",")
    for entry in study.ensembles:
        unknown = sorted(set(entry.backbones) - set(trained))
        if unknown:
            raise InputError(
                f"{path}: ensemble {entry.title} takes {unknown[0]!r}, which the study does not train (it trains: "
                f"{', '.join(trained)})."
            )
    asked = [cell.training for cell in cells(study) if isinstance(cell.training, Ensemble)]
    empty = {entry.title for entry in study.ensembles} - {ensemble.title for ensemble in asked}
    small = next((ensemble.title for ensemble in asked if len(ensemble.members) < 2), next(iter(empty), None))
    if small is not None:
        raise InputError(
            f"{path}: ensemble {small} has fewer than two members; name more backbones or bases of the study."
        )
