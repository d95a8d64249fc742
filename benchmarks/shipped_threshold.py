"""Choose from which probability on the shipped model tells an emotion, and check what that promises.

    python -m benchmarks.shipped_threshold --data DATA --to FOLDER [--model FILE]

DATA is as for ``benchmarks.shipped_model``, which calls this at its end; datasets are made in ``FOLDER/datasets`` where
they are missing. The threshold is chosen on FER2013's PublicTest and EiLA's validation faces by race, and checked on
FER2013's PrivateTest, EiLA's test faces, FER+'s test faces, SFEW, CK+ and JAFFE, as far as they are at hand. All is
written beside the model, as ``<model>.live.json``, which :mod:`fer.live` reads, and printed.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from tabulate import tabulate

from benchmarks.public_models import PRIVATE, TESTS, entry_point
from benchmarks.shipped_faces import ferplus
from fer.classifiers import open_classifier
from fer.classifiers.contract import Classifier
from fer.data.attributes import parse_attributes
from fer.data.dataset import FaceDataset, load_dataset
from fer.live.choosing import TestSet, checked_promises, chosen_threshold, measured_groups
from fer.live.live_file import LiveFile, write_live_file
from fer.live.thresholds import GroupPromise
from fer.shipped import MODEL

LEFT_OUT = ("contempt",)
# By the names of benchmarks.public_models: the title, the split (all: every face), and by what the groups are.
CHOSEN_ON = {PRIVATE: ("FER2013, PublicTest", "validation", ""), "eila": ("EiLA, validation", "validation", "race")}
CHECKED_ON = {
    PRIVATE: ("FER2013, PrivateTest", "test", ""),
    "eila": ("EiLA, test", "test", "race"),
    "sfew": ("SFEW", "all", ""),
    "ckplus": ("CK+", "all", ""),
    "jaffe": ("JAFFE", "all", ""),
}
_BATCH = 256


def write_threshold(model: Path, data: Path, folder: Path) -> Path:
    """Choose, check, print, and write the file beside a model's file; return its place."""
    classifier = open_classifier(str(model))
    faces = {name: place for name in CHECKED_ON if (place := _prepared(name, data, folder)) is not None}
    chosen_on = _tests(CHOSEN_ON, faces, classifier)
    checked_on = _tests(CHECKED_ON, faces, classifier)
    votes = load_dataset(folder / "ferplus")
    checked_on.append(TestSet("FER+, test", _predicted(votes.split("test"), classifier)))
    threshold = chosen_threshold(chosen_on, left_out=LEFT_OUT)
    content = LiveFile(
        classifier.description.digest,
        threshold,
        LEFT_OUT,
        _why(_predicted(votes.split("validation"), classifier)),
        checked_promises(checked_on, threshold.value, LEFT_OUT),
        measured_groups(checked_on, LEFT_OUT),
        (f"FER2013: {int((votes.samples['split'] == 'train').sum()):,} training faces, with the votes of FER+.",),
        evaluated_by_group=True,
    )
    print(f"threshold {threshold.value:.4f} for an accuracy of {threshold.aim}\n\nchosen on:\n")
    print(_shown(threshold.groups), "\n")
    print("\n".join(threshold.not_estimated), "\n\nchecked on:\n")
    print(_shown(content.checked), "\n")
    print(content.why_left_out)
    return write_live_file(content, model)


def _prepared(name: str, data: Path, folder: Path) -> Path | None:
    test = TESTS[name]
    raw, place = data / test.raw, folder / "datasets" / test.raw
    if not raw.is_dir():
        return None
    making = {"raw": str(raw), "output": str(place), **test.preprocess}
    if not place.is_dir() and entry_point("preprocess", "data", folder, making):
        raise SystemExit(f"{raw} could not be read; its sentence is above.")
    return place


def _tests(asked: dict[str, tuple[str, str, str]], faces: dict[str, Path], classifier: Classifier) -> list[TestSet]:
    found = []
    for name, (title, split, attribute) in asked.items():
        if name in faces:
            dataset = load_dataset(faces[name])
            part = dataset if split == "all" else dataset.split(split)
            by = parse_attributes([attribute] if attribute else [])
            found.append(TestSet(title, _predicted(part, classifier), by))
    return found


def _predicted(dataset: FaceDataset, classifier: Classifier) -> pd.DataFrame:
    """Return a dataset's table with a column ``p_<emotion>`` for each emotion of a classifier."""
    starts = range(0, len(dataset), _BATCH)
    parts = [classifier.probabilities(dataset.faces(slice(start, start + _BATCH))) for start in starts]
    columns = [f"p_{emotion}" for emotion in classifier.description.emotions]
    table = pd.DataFrame(np.concatenate(parts), columns=columns)
    return pd.concat([dataset.samples.reset_index(drop=True), table], axis=1)


def _why(table: pd.DataFrame) -> str:
    """Return why the emotions are left out, of predictions with all emotions."""
    columns = [name for name in table if str(name).startswith("p_")]
    predicted = table[columns].to_numpy().argmax(axis=1)
    parts = []
    for emotion in LEFT_OUT:
        mine = (table["label"] == emotion).to_numpy()
        right = int((predicted[mine] == columns.index(f"p_{emotion}")).sum())
        parts.append(
            f"The emotion {emotion} is left out, as the model recognises too few faces of it: {right} of "
            f"{int(mine.sum())} of FER+'s validation faces."
        )
    return " ".join(parts)


def _shown(groups: Sequence[GroupPromise]) -> str:
    rows = [asdict(one) for one in groups]
    names = ["test_set", "attribute", "group", "known", "faces", "told", "coverage", "accuracy", "low", "high"]
    shown = [
        ["" if isinstance(row[name], float) and math.isnan(row[name]) else row[name] for name in names] for row in rows
    ]
    return tabulate(shown, headers=names, floatfmt=".3f", tablefmt="pipe")


def main() -> None:
    """Parse the options, make what is missing, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=MODEL)
    given = parser.parse_args()
    folder, data = given.to.absolute(), given.data.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    ferplus(data, folder)
    print(write_threshold(given.model.absolute(), data, folder))


if __name__ == "__main__":
    main()
