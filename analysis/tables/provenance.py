"""How results were made, from what the runs hold: settings of the trainings, runs, code, versions, machines, data.

``runs`` are the cells, ``steps`` all runs of their experiments with the trainings among them
(:class:`analysis.experiments.evidence.Evidence`). A value that no run holds is null: those of earlier versions lack
some.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.experiments.lone_evaluations import is_lone
from analysis.experiments.runs_by_experiment import measured_runs, tag_of
from fer.sentinels import NONE
from fer.tracking import names

# Of a training, resolved where they were left at "auto".
SETTINGS = (
    "backbone", "head", "weights", "protocol", "input_size", "optimizer", "learning_rate", "batch_size", "epochs",
    "steps_per_epoch", "targets", "method",
)  # fmt: skip
_SEED, _MEMBERS = names.param("seed"), names.param("members")
# More are shown as a range, where they follow each other.
_SEEDS_LISTED = 20
_SHOWN_METRICS = (names.metric(names.EPOCHS), names.metric(names.BEST_EPOCH))
_ROLES = ("base", "addition", "validation", "test")
_FILES = ("weights", "protocol")
_DIGEST = "_digest"
_MACHINE = {
    f"{names.VERSION}fair-fer": "fair-fer",
    f"{names.GIT}commit": "commit",
    f"{names.GIT}dirty": "uncommitted changes",
    f"{names.VERSION}code": "digest of the code",
}


def training_table(runs: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Return one row per measured experiment: ``experiment``, its SETTINGS, ``epochs_trained`` and ``seed``.

    An evaluation that no study made has a row if the run that trained its model is among ``steps``.

    All are text: values that differ between seeds, or between the members of an ensemble, are joined by semicolons,
    those of a protocol's phases by commas. ``epochs`` is how many the protocol allows.
    """
    known = _models(runs, steps)
    rows = []
    for experiment, cells in measured_runs(runs).groupby("experiment", sort=False):
        trained = [training for _, cell in cells.iterrows() for training in _trainings(cell, known)]
        if is_lone(pd.DataFrame(trained)).all():
            continue
        settings: dict[str, str | None] = {name: _joined(_setting(one, name) for one in trained) for name in SETTINGS}
        epochs = _joined(_whole(one.get(names.metric(names.EPOCHS))) for one in trained)
        seeds = _seeds(map(_text, cells.get(_SEED, ())))
        rows.append({"experiment": experiment, **settings, "epochs_trained": epochs, "seed": seeds})
    return pd.DataFrame(rows, columns=["experiment", *SETTINGS, "epochs_trained", "seed"])


def run_table(runs: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Return one row per measured cell: ``experiment, seed, epochs_trained, best_epoch, run_id, training_run``.

    ``best_epoch`` is the one whose weights the model has; of an ensemble both are null.
    """
    known = _models(runs, steps)
    rows = []
    for _, cell in measured_runs(runs).iterrows():
        training = _text(cell.get(names.tag(names.TRAINING_RUN)))
        trained = known[training] if training in known else pd.Series(dtype=object)
        rows.append(
            {
                "experiment": cell["experiment"], "seed": _text(cell.get(_SEED)),
                "epochs_trained": _whole(trained.get(names.metric(names.EPOCHS))),
                "best_epoch": _whole(trained.get(names.metric(names.BEST_EPOCH))),
                "run_id": cell["run_id"], "training_run": training,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def environment_table(runs: pd.DataFrame, steps: pd.DataFrame) -> pd.DataFrame:
    """Return the environments of cells and trainings, and the digests of data: ``what, value, runs``.

    ``runs`` is how many of them have the value; one that differs between runs has several rows.
    """
    known = _models(runs, steps)
    cells = measured_runs(runs)
    trainings = {
        str(one["run_id"]): one for _, cell in cells.iterrows() for one in _trainings(cell, known) if "run_id" in one
    }
    both = pd.DataFrame([*(cell for _, cell in cells.iterrows()), *trainings.values()]).drop_duplicates("run_id")
    found = [
        {"what": what, "value": value, "runs": int(count)}
        for tag, what in _environment_tags(both).items()
        for value, count in both[names.tag(tag)].value_counts(sort=False).items()
    ]
    found += [
        {"what": what, "value": digest, "runs": count}
        for (what, digest), count in _digests(cells, _full_digests(steps)).items()
    ]
    return pd.DataFrame(found, columns=["what", "value", "runs"])


def _models(runs: pd.DataFrame, steps: pd.DataFrame) -> dict[str, pd.Series]:
    """Return by id the runs that logged the cells' models, and those of the members of ensembles."""
    wanted = set(tag_of(measured_runs(runs), names.TRAINING_RUN).dropna())
    asked = steps[steps["run_id"].isin(list(wanted))]
    wanted |= {member for members in asked.get(_MEMBERS, pd.Series(dtype=object)) for member in _member_ids(members)}
    # A run may have hundreds of metrics, of which two are needed.
    columns = [name for name in steps if not str(name).startswith(names.metric("")) or name in _SHOWN_METRICS]
    return {str(row["run_id"]): row for _, row in steps.loc[steps["run_id"].isin(list(wanted)), columns].iterrows()}


def _member_ids(members: object) -> list[str]:
    text = _text(members) or NONE
    return [] if text == NONE else [member.removeprefix("runs:/").split("/")[0] for member in text.split(",")]


def _trainings(cell: pd.Series, known: Mapping[str, pd.Series]) -> list[pd.Series]:
    """Return the train runs behind a cell, an ensemble's those of its members; the cell itself if none is known."""
    run = known.get(_text(cell.get(names.tag(names.TRAINING_RUN))) or "")
    if run is None:
        return [cell]
    members = _member_ids(run.get(_MEMBERS))
    if run.get(names.tag(names.STAGE)) != names.ENSEMBLE_STAGE or not members:
        return [run]
    return [known[member] for member in members if member in known] or [cell]


def _setting(run: pd.Series, name: str) -> str | None:
    return _text(run.get(names.param(f"{names.RESOLVED}{name}"))) or _text(run.get(names.param(name)))


def _environment_tags(runs: pd.DataFrame) -> dict[str, str]:
    """Return the tags that the runs have, by name, and what they are called: code, versions, then the machine."""
    prefix = names.tag("")
    there = [str(name).removeprefix(prefix) for name in runs if str(name).startswith(prefix)]
    others = sorted(name for name in there if name.startswith((names.VERSION, names.HARDWARE)) and name not in _MACHINE)
    ordered = sorted(others, key=lambda name: name.startswith(names.HARDWARE))
    called = _MACHINE | {name: name.rpartition(".")[2].replace("_gb", " (GB)").replace("_", " ") for name in ordered}
    return {name: what for name, what in called.items() if name in there}


def _digests(cells: pd.DataFrame, full: Mapping[str, str]) -> dict[tuple[str, str], int]:
    """Return how many cells used each dataset or file: by its name and digest."""
    counts: dict[tuple[str, str], int] = {}
    for _, cell in cells.iterrows():
        used = set()
        for role in (*_ROLES, *_FILES):
            name, digest = _text(cell.get(names.param(role))), _text(cell.get(names.param(f"{role}{_DIGEST}")))
            if name and digest and name != NONE:
                kind = "digest of" if role in _ROLES else f"digest of the {role} file"
                used.add((f"{kind} {name}", full.get(digest, digest)))
        for one in sorted(used):
            counts[one] = counts.get(one, 0) + 1
    return counts


def _full_digests(steps: pd.DataFrame) -> dict[str, str]:
    """Return the whole digests of the datasets that were made here, by the beginning that cells hold."""
    column = names.tag(names.DIGEST)
    known = steps[column].dropna().astype(str).unique() if column in steps else []
    return {digest[:12]: digest for digest in known}


def _text(value: object) -> str | None:
    """Return a parameter or tag; `mlflow run` logs parameters quoted as its shell got them."""
    return value.strip("'") if isinstance(value, str) and value.strip("'") else None


def _whole(value: object) -> str | None:
    return None if value is None or pd.isna(value) else f"{float(str(value)):.0f}"


def _joined(values: Iterable[str | None], between: str = "; ") -> str | None:
    return between.join(dict.fromkeys(value for value in values if value)) or None


def _seeds(values: Iterable[str | None]) -> str | None:
    """Return seeds as a list; very many that follow each other as "0 to 99"."""
    seeds = list(dict.fromkeys(value for value in values if value))
    numbers = sorted(int(seed) for seed in seeds if seed.isdecimal())
    if len(seeds) > _SEEDS_LISTED and len(numbers) == len(seeds) == numbers[-1] - numbers[0] + 1:
        return f"{numbers[0]} to {numbers[-1]}"
    return _joined(seeds, ", ")
